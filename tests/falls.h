/* Falls of anybody on any rope in virtual time: free-climb's rig and world with the numbers of another person, rope and
 * cycle, loaded like any rig file; one kind of fall; and what an observer with a stop-watch and a tape notes down.
 */
#ifndef BELAY_TESTS_FALLS_H
#define BELAY_TESTS_FALLS_H

#include <stdbool.h>

/* The person on the rope, and the rope as it is and as the controller is told. */
struct falls_rig {
    double mass_kg;
    double k_n_m; /* of the rope at the height of the fall */
    double told;  /* stiffness in the rig file, times the true one */
    int cycle_ms;
};

struct falls_kind {
    const char *name;
    enum {
        FALLS_RESTING,  /* stands still on a taut rope */
        FALLS_CLIMBING, /* at random, for before_s */
        FALLS_UP,       /* steadily up at speed_m_s, for before_s */
        FALLS_DOWN,
        FALLS_SLACK,    /* as soon as the slack that is taken in is down to 0.2 m */
        FALLS_RELOCKED, /* the line was locked, and is live again */
    } before;
    double before_s, speed_m_s;
    enum { FALLS_DROPS, FALLS_SLUMPS, FALLS_HOPS } way;
    double value; /* slump: sag of the hanging person over its time, m/s; hop: free flight, s */
    enum { FALLS_NOTHING, FALLS_ESTOP, FALLS_LINK, FALLS_TRIP } event; /* in the middle of it */
    double event_s;                                                    /* after the start of the fall */
};

struct falls_notes {
    char refused[512]; /* the loader's reason: such a rig is not flown; else empty */
    bool early;        /* a catch before the fall */
    bool caught, category_0;
    double seen_s; /* from letting go, or of a slump from the weight on the line, to the catch */
    double fall_m, allowed_m, peak_n, body_g;
    double before_m;   /* a slump: sunk slower than a climber before that */
    double below_m;    /* later, below the first lowest point */
    double paid_m;     /* paid out after it */
    double band_share; /* of falls_climb() */
    double most_n;
};

/* The kinds of falls; `count` gets how many. */
const struct falls_kind *falls_kinds(int *count);

/* Flies one fall, and `after_s` seconds of hanging. */
void falls_fly(const struct falls_rig *rig, const struct falls_kind *kind, unsigned seed, double after_s,
               struct falls_notes *notes);

/* Climbs at random for `seconds`: `early`, `band_share` and `most_n` of the notes. */
void falls_climb(const struct falls_rig *rig, unsigned seed, double seconds, struct falls_notes *notes);

/* Is the climb one that the law promises to follow without a false catch? Up to 1 kN/m at a cycle of 10 ms and
 * 4 kN/m at 2 ms, in proportion to the weight on the line, with the stiffness told within -25 and +33 %. */
bool falls_promised(const struct falls_rig *rig);

/* The first line of the scenario that this flight breaks, or NULL. */
const char *falls_broken(const struct falls_rig *rig, const struct falls_kind *kind, const struct falls_notes *notes);

#endif
