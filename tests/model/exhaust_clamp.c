/* Every state of tiny axes, with the real clamp: from all positions at rest, whatever is wanted in each cycle, the drum
 * stays inside its limits, and a lost link or torque off in any cycle ends before the ultimate limit. On the way every
 * answer is compared with what is said here in other words.
 *
 * A cycle of 0.1 s, so that 1 um/s is 0.1 um a cycle: positions are counted in tenths and are exact. What is said here
 * is worked out once for each axis and then looked up.
 *
 * usage: exhaust_clamp PART PARTS: every PARTS-th axis. Prints the number of transitions; on the first violation says
 * which and exits with 1.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controller/safety/clamp.h"

#define POSITIONS 120 /* um */
#define TENTHS (10 * POSITIONS)
#define MOST 60     /* um/s */
#define SPEEDS (2 * MOST + 1)
#define AXES 64
#define NEARBY 12 /* um/s: beyond the hardest change of a cycle */

struct tiny {
    struct clamp_limits limits;
    int delay; /* cycles from a setpoint to the drum: 0 or 1 */
};

/* What is said here of the axis that is searched. */
static struct {
    signed char room[POSITIONS][SPEEDS];         /* a setpoint has it (1), or not (-1), or within the rounding (0) */
    bool gentle[2][SPEEDS][SPEEDS];              /* [catching][last][next] */
    double lost[CLAMP_DIRECTIONS][MOST + 1], off[CLAMP_DIRECTIONS][MOST + 1]; /* um that such a stop takes */
} said;

static bool reached[TENTHS][SPEEDS];
static int queue[TENTHS * SPEEDS];
static int queued;
static long long transitions;

static void fail(const struct tiny *tiny, const struct clamp_in *in, int wanted, int given, const char *what) {
    printf("# %s: position %lld um, last %d, wanted %d, given %d, mode %d, delay %d\n", what,
           (long long)in->position_um, in->setpoint_um_s, wanted, given, (int)in->mode, tiny->delay);
    exit(1);
}

static int step_of(int32_t rate_um_s2) {
    return rate_um_s2 / 10; /* all rates here are multiples of 10 um/s2: no rounding */
}

static int fall_of(const struct tiny *tiny, const struct clamp_in *in, int d) {
    const struct clamp_limits *limits = &tiny->limits;
    return step_of(in->mode == MODE_CATCH ? limits->catch_deceleration_um_s2[d] : limits->stop_deceleration_um_s2[d]);
}

static int ramped(const struct tiny *tiny, const struct clamp_in *in) {
    int last = in->setpoint_um_s, fall = fall_of(tiny, in, last > 0 ? CLAMP_OUT : CLAMP_IN);
    return abs(last) <= fall ? 0 : last > 0 ? last - fall : last + fall;
}

/* The drum's greatest speed behind a setpoint `speed`. */
static double drum_of(const struct tiny *tiny, int d, double speed) {
    const struct clamp_limits *limits = &tiny->limits;
    double hardest = fmax(step_of(limits->stop_deceleration_um_s2[d]), step_of(limits->catch_deceleration_um_s2[d]));
    return fmin(speed + hardest * (tiny->delay + 2), limits->speed_max_um_s[d]);
}

static double travel(const struct clamp_path *path, double wait_s, double drum, double end, double to, double slow) {
    double delay_s = path->delay_us / 1e6, grown = path->growth_um_s2 * delay_s;
    return drum * (wait_s + delay_s) + grown * delay_s / 2 + (drum + grown) * path->jerk_us / 2e6 +
           (2 * drum + grown) * grown / (2.0 * path->deceleration_um_s2) + (end * end - to * to) / (2 * slow);
}

/* Rooms that the setpoint needs and has; the least difference. Positive: it fits. */
static double spare(const struct tiny *tiny, const struct clamp_in *in, int setpoint) {
    const struct clamp_limits *limits = &tiny->limits;
    int d = setpoint > 0 ? CLAMP_OUT : CLAMP_IN;
    double position = (double)in->position_um, speed = abs(setpoint), drum = drum_of(tiny, d, speed);
    double wait_s = 0.1 * (tiny->delay + 2), sign = d == CLAMP_OUT ? 1 : -1;
    double operating = sign * ((double)(d == CLAMP_OUT ? limits->position_max_um : limits->position_min_um) - position);
    double ultimate = sign * ((double)(d == CLAMP_OUT ? limits->ultimate_max_um : limits->ultimate_min_um) - position);
    const struct clamp_path *ramp = &limits->path[CLAMP_RAMP][d];
    double least = operating - travel(ramp, wait_s, drum, speed, 0, ramp->deceleration_um_s2);
    for (int stop = CLAMP_LINK_LOST; stop <= CLAMP_TORQUE_OFF; stop++) {
        const struct clamp_path *path = &limits->path[stop][d];
        double slow = fmin(path->deceleration_um_s2, ramp->deceleration_um_s2);
        least = fmin(least, ultimate - travel(path, wait_s, drum, drum, 0, slow));
    }
    for (int i = 0; i < limits->band_count; i++) {
        const struct clamp_band *band = &limits->band[i];
        double ahead = d == CLAMP_OUT ? (double)band->from_um - position : position - (double)band->to_um;
        bool behind = d == CLAMP_OUT ? position > (double)band->to_um : position < (double)band->from_um;
        double to = band->speed_um_s[d];
        if (!behind && speed > to)
            least = fmin(least, ahead - travel(ramp, wait_s, drum, speed, to, ramp->deceleration_um_s2));
    }
    return least;
}

static bool recovers(const struct clamp_in *in) {
    return in->mode == MODE_RECOVERY;
}

/* Allowed for sure (1), forbidden for sure (-1), or within the 5 um that rounding may take (0). */
static int verdict(const struct tiny *tiny, const struct clamp_in *in, int setpoint) {
    int d = setpoint > 0 ? CLAMP_OUT : CLAMP_IN;
    if (setpoint == 0)
        return 1;
    bool weight = in->belaying && in->tension_mn >= tiny->limits.weight_on_line_mn && d == CLAMP_OUT;
    bool unfelt = recovers(in) && !in->tension_ok && setpoint < 0;
    if (in->blocked[d] || weight || unfelt || abs(setpoint) > tiny->limits.speed_um_s[in->mode][d] ||
        abs(setpoint) > in->speed_cap_um_s[d])
        return -1;
    if (recovers(in) && in->position_waived)
        return 1;
    return said.room[in->position_um][setpoint + MOST];
}

/* Is the change one that a plan may ask for? */
static bool gentle_change(const struct tiny *tiny, const struct clamp_in *in, int setpoint) {
    int last = in->setpoint_um_s;
    for (int d = 0; d < CLAMP_DIRECTIONS; d++) {
        int sign = d == CLAMP_OUT ? 1 : -1, was = sign * last, is = sign * setpoint;
        int rise = step_of(tiny->limits.acceleration_um_s2[d]), fall = fall_of(tiny, in, d);
        fall = fall < rise ? fall : rise;
        if (is > 0 && is - (was > 0 ? was : 0) > rise)
            return false;
        if (was > 0 && was - is > fall)
            return false;
    }
    return true;
}

static bool gentle(const struct clamp_in *in, int setpoint) {
    return said.gentle[in->mode == MODE_CATCH][in->setpoint_um_s + MOST][setpoint + MOST];
}

static void say_rooms(const struct tiny *tiny) {
    for (int position = 0; position < POSITIONS; position++)
        for (int setpoint = -MOST; setpoint <= MOST; setpoint++) {
            struct clamp_in in = {.position_um = position};
            double room = spare(tiny, &in, setpoint);
            said.room[position][setpoint + MOST] = room >= 5 ? 1 : room < 0 ? -1 : 0;
        }
}

static void say_changes(const struct tiny *tiny) {
    for (int catching = 0; catching < 2; catching++)
        for (int last = -MOST; last <= MOST; last++)
            for (int next = -MOST; next <= MOST; next++) {
                struct clamp_in in = {.mode = catching ? MODE_CATCH : MODE_MOVE, .setpoint_um_s = last};
                said.gentle[catching][last + MOST][next + MOST] = gentle_change(tiny, &in, next);
            }
}

static void say_stops(const struct tiny *tiny) {
    for (int d = 0; d < CLAMP_DIRECTIONS; d++)
        for (int speed = 1; speed <= MOST; speed++) {
            const struct clamp_path *lost = &tiny->limits.path[CLAMP_LINK_LOST][d];
            const struct clamp_path *off = &tiny->limits.path[CLAMP_TORQUE_OFF][d];
            said.lost[d][speed] = travel(lost, 0, speed, speed, 0, lost->deceleration_um_s2);
            said.off[d][speed] = travel(off, 0, speed, speed, 0, off->deceleration_um_s2);
        }
}

static int answer(const struct tiny *tiny, const struct clamp_in *in, int wanted) {
    int given = clamp_setpoint(&tiny->limits, in, wanted);
    int stop = ramped(tiny, in), last = in->setpoint_um_s;
    transitions++;
    if (abs(given) > MOST)
        fail(tiny, in, wanted, given, "faster than ever allowed");
    bool lost = !in->position_ok && !(recovers(in) && in->position_waived);
    bool must = in->state == STATE_STOPPING || lost || (in->belaying && !in->tension_ok);
    if (in->state != STATE_RUNNING && in->state != STATE_STOPPING)
        must = true, stop = 0;
    if (must && given != stop)
        fail(tiny, in, wanted, given, "must ramp");
    if (must)
        return given;
    int allowed = verdict(tiny, in, given);
    if (allowed < 0 && given != stop)
        fail(tiny, in, wanted, given, "neither allowed nor a ramp");
    bool falls = (stop <= given && given <= last) || (last <= given && given <= stop);
    if (!gentle(in, given) && !falls)
        fail(tiny, in, wanted, given, "changes too hard");
    if (given != wanted && gentle(in, wanted) && verdict(tiny, in, wanted) > 0)
        fail(tiny, in, wanted, given, "not transparent");
    return given;
}

/* The drum at `tenths` with `speed`, the last setpoint `given`: in each direction, would the hard stops end in time? */
static void judge(const struct tiny *tiny, const struct clamp_in *in, int wanted, int given, int tenths, int speed) {
    const struct clamp_limits *limits = &tiny->limits;
    if (tenths > 10 * limits->position_max_um || tenths < 10 * limits->position_min_um)
        fail(tiny, in, wanted, given, "beyond a limit");
    for (int d = 0; d < CLAMP_DIRECTIONS; d++) {
        int sign = d == CLAMP_OUT ? 1 : -1;
        int64_t end = d == CLAMP_OUT ? limits->ultimate_max_um : limits->ultimate_min_um;
        double room = sign * ((double)end - tenths / 10.0);
        int next = sign * given, now = sign * speed;
        if (next > 0 && said.lost[d][next] > room + 1e-9)
            fail(tiny, in, wanted, given, "a lost link ends beyond");
        if (now > 0 && said.off[d][now] > room + 1e-9)
            fail(tiny, in, wanted, given, "torque off ends beyond");
    }
}

static void reach(int tenths, int setpoint) {
    bool *seen = &reached[tenths][setpoint + MOST];
    if (!*seen)
        queue[queued++] = tenths * SPEEDS + setpoint + MOST;
    *seen = true;
}

/* Readings and verdicts that an axis may meet in any state. */
static void odd_inputs(const struct tiny *tiny, const struct clamp_in *normal) {
    struct clamp_in in = *normal;
    static const int wanted[] = {-MOST, 0, MOST};
    for (int i = 0; i < 12; i++) {
        in = *normal;
        in.state = i == 0 ? STATE_STOPPING : i == 1 ? STATE_OPENING : STATE_RUNNING;
        in.position_ok = i != 2;
        in.belaying = i >= 3 && i <= 5;
        in.tension_ok = i != 3;
        in.tension_mn = i == 4 ? 100 : 99;
        in.blocked[CLAMP_OUT] = i == 6 || i == 8;
        in.blocked[CLAMP_IN] = i == 7 || i == 8;
        in.mode = i == 9 ? MODE_JOG : i == 10 ? MODE_CATCH : i == 11 ? MODE_NONE : MODE_MOVE;
        for (int k = 0; k < 3; k++)
            answer(tiny, &in, wanted[k]);
    }
    for (int cap = 0; cap <= MOST; cap += MOST / 6) { /* of the operating mode, lowered below the last setpoint too */
        in = *normal;
        in.speed_cap_um_s[CLAMP_OUT] = cap;
        in.speed_cap_um_s[CLAMP_IN] = MOST - cap;
        for (int k = 0; k < 3; k++)
            answer(tiny, &in, wanted[k]);
        answer(tiny, &in, cap);
        answer(tiny, &in, cap - MOST - 1);
    }
    for (int bits = 0; bits < 16; bits++) {
        in = *normal;
        in.mode = bits & 8 ? MODE_RECOVERY : MODE_JOG; /* which waives nothing */
        in.position_ok = (bits & 1) != 0;
        in.position_waived = (bits & 2) != 0;
        in.tension_ok = (bits & 4) != 0;
        for (int change = -5; change <= 6; change += 5)
            answer(tiny, &in, in.setpoint_um_s + change);
    }
}

static void move(const struct tiny *tiny, const struct clamp_in *in, int tenths, int wanted) {
    int given = answer(tiny, in, wanted);
    int speed = tiny->delay ? in->setpoint_um_s : given;
    judge(tiny, in, wanted, given, tenths + speed, speed);
    reach(tenths + speed, given);
}

/* Whatever is wanted: all that a cycle can reach, and what it can't. */
static void explore(const struct tiny *tiny) {
    memset(reached, 0, sizeof reached);
    queued = 0;
    for (int tenths = (int)tiny->limits.position_min_um * 10; tenths <= tiny->limits.position_max_um * 10; tenths++)
        reach(tenths, 0);
    for (int next = 0; next < queued; next++) {
        int tenths = queue[next] / SPEEDS, last = queue[next] % SPEEDS - MOST;
        struct clamp_in in = {.state = STATE_RUNNING, .mode = MODE_MOVE, .position_ok = true, .tension_ok = true,
                              .speed_cap_um_s = {MOST, MOST}, .position_um = (tenths + 5) / 10,
                              .setpoint_um_s = last};
        move(tiny, &in, tenths, -MOST);
        move(tiny, &in, tenths, MOST);
        for (int wanted = last - NEARBY; wanted <= last + NEARBY; wanted++)
            if (abs(wanted) < MOST)
                move(tiny, &in, tenths, wanted);
        reach(tenths + (tiny->delay ? last : ramped(tiny, &in)), ramped(tiny, &in));
    }
}

/* From everywhere, outside too: what it must answer, if not where that leads. */
static void ask_everywhere(const struct tiny *tiny) {
    for (int position = 0; position < POSITIONS; position++)
        for (int last = -MOST; last <= MOST; last++) {
            struct clamp_in in = {.state = STATE_RUNNING, .mode = MODE_MOVE, .position_ok = true, .tension_ok = true,
                                  .speed_cap_um_s = {MOST, MOST}, .position_um = position,
                                  .setpoint_um_s = last};
            for (int wanted = -MOST; wanted <= MOST; wanted += 10)
                answer(tiny, &in, wanted);
            odd_inputs(tiny, &in);
        }
}

/* Number `index` of the tiny axes: the bits choose. */
static struct tiny tiny_of(int index) {
    struct tiny tiny = {.delay = index & 1};
    int32_t brake = index & 2 ? 100 : 300, slow = index & 4 ? 70 : 100, gap = index & 8 ? 30 : 12;
    int32_t lost = index & 16 ? 600000 : 200000;
    struct clamp_limits *limits = &tiny.limits;
    *limits = (struct clamp_limits){
        .position_min_um = 20, .position_max_um = 100 - (index & 8 ? 12 : 0),
        .speed_um_s = {[MODE_JOG] = {20, 10}, [MODE_MOVE] = {55, 45}, [MODE_CATCH] = {40, 30},
                       [MODE_RECOVERY] = {15, 8}},
        .speed_max_um_s = {55, 45},
        .acceleration_um_s2 = {60, index & 16 ? 110 : 50},
        .stop_deceleration_um_s2 = {100, slow}, .catch_deceleration_um_s2 = {130, slow},
        .path = {[CLAMP_RAMP] = {{0, 0, 100, 0}, {0, 0, slow, 0}},
                 [CLAMP_LINK_LOST] = {{lost, 0, brake, 0}, {lost, 0, brake, 0}},
                 [CLAMP_TORQUE_OFF] = {{150000, 60, brake, 300000}, {150000, 0, brake, 0}}},
        .weight_on_line_mn = 100, .cycle_us = 100000, .reaction_us = 100000 * tiny.delay,
    };
    limits->ultimate_min_um = limits->position_min_um - gap / 2;
    limits->ultimate_max_um = limits->position_max_um + gap;
    limits->band_count = index & 32 ? 2 : 0;
    limits->band[0] = (struct clamp_band){50, 60, {20, 15}};
    limits->band[1] = (struct clamp_band){40, 55, {35, 10}};
    return tiny;
}

int main(int argc, char **argv) {
    int part = argc == 3 ? atoi(argv[1]) : 0, parts = argc == 3 ? atoi(argv[2]) : 0;
    if (parts < 1 || part < 0 || part >= parts)
        return fprintf(stderr, "usage: exhaust_clamp PART PARTS   (0 <= PART < PARTS)\n"), 2;
    for (int i = part; i < AXES; i += parts) {
        struct tiny tiny = tiny_of(i * 37 % AXES); /* neighbours differ in much: a violation is met early */
        if (!clamp_limits_good(&tiny.limits))
            return printf("# limits %d are refused\n", i), 1;
        say_rooms(&tiny);
        say_changes(&tiny);
        say_stops(&tiny);
        explore(&tiny);
        ask_everywhere(&tiny);
    }
    printf("# %lld transitions\n", transitions);
    return 0;
}
