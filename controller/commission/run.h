/* One step of commissioning while it is done: fed with snapshots and with its operator's answers, it says what it wants
 * next and how it ends. Pure: no clock, no I/O; it never moves anything, at most it asks for a stop.
 */
#ifndef BELAY_CONTROLLER_COMMISSION_RUN_H
#define BELAY_CONTROLLER_COMMISSION_RUN_H

#include "controller/commission/commission.h"

enum commission_wants { WANTS_NOTHING, WANTS_YES, WANTS_NUMBER, WANTS_JOG };
enum commission_end { RUN_GOES_ON, RUN_PASSED, RUN_FAILED };

/* Mean of readings while the line stands. */
struct commission_mean {
    int64_t since_us;
    int count;                 /* 0 = it does not stand */
    double position_m, cell_n; /* sums */
    double least_n, most_n;
};

struct commission_run {
    const struct rig *rig;
    int axis;
    enum commission_step step;
    int brake;

    /* For the client. */
    enum commission_wants wants;
    double jog_m_s;
    enum commission_end end;
    char text[COMMISSION_TEXT_MAX]; /* what to do now; at the end the figures, or why it failed */
    bool stop;                      /* every motion is to be stopped; whoever carries that out takes it back */

    /* Of the step itself. */
    int stage;
    int64_t now_us, stage_us; /* of the last snapshot, of the first one of this stage; 0 = none yet */
    bool answered;
    double answer;
    struct commission_mean mean;
    double before_m, before_n; /* settled, before something is done */
    double hung_m;             /* where the drum stood when the test load was said to hang */
    int64_t before_us;         /* of the snapshot before, while a way is added up */
    double sensor_m;           /* what a motion sensor read before it was raised */
    double motor_m;            /* way by the motor's speed */
    double asked_m;            /* way that the setpoints asked for */
    double setpoint_m_s;       /* of the snapshot before */
    double behind_m;           /* sum of what the drum was behind that way, at full jog speed */
    int64_t steady_us;         /* since when the jog is at its full speed; 0 = it is not */
    int behind_count;
    double falls_at_m;         /* where the drum was when the setpoint began to fall */
    bool falls;
    double known_kg[2], cell_n[2];
    double mark_m[2], taped_m[2];
    uint32_t opened, closed_again; /* stations, bits */
    int64_t opened_us, off_us;     /* when the last chain opened; longest time to torque off */
    char figures[RECORD_FIGURES_MAX];
};

/* Begins the step from nothing. `axis`, `step`, `brake` are ones that the rig has. */
void commission_begin(struct commission_run *run, const struct rig *rig, int axis, enum commission_step step,
                      int brake);
/* Takes the next snapshot; one that was seen before counts once. Nothing after the end. */
void commission_watch(struct commission_run *run, const struct snapshot *snapshot);
/* The operator's answer. Returns false when none is wanted. */
bool commission_answer(struct commission_run *run, double value);
/* "nothing", "yes", "number", "jog". Never NULL. */
const char *commission_wants_name(enum commission_wants wants);

#endif
