/* The cycle: cycle_step() is the table of contents of the controller. Pure apart from its own struct: no clock, no
 * I/O, no allocation. The same function runs in belayd on the real clock and in sim/harness on a virtual one.
 */
#ifndef BELAY_CONTROLLER_CYCLE_H
#define BELAY_CONTROLLER_CYCLE_H

#include <stdbool.h>
#include <stdint.h>

#include "controller/cue/show.h"
#include "controller/image/image.h"
#include "controller/rig/rig.h"
#include "controller/safety/fault.h"
#include "controller/safety/state.h"

#define CYCLE_COMMANDS_MAX 32 /* taken per cycle; more wait in the ring */

/* Why a command was refused. cycle_refusal_text() gives the operator's sentence with its remedy. */
enum refusal {
    REFUSED_NOT = 0,          /* accepted */
    REFUSED_FAULT_LATCHED,    /* reset first */
    REFUSED_ESTOP_OPEN,
    REFUSED_NOT_STANDING,
    REFUSED_LIMIT_REMAINS,    /* after a reset: a tolerated cause is still there in this direction */
    REFUSED_CAUSE_REMAINS,    /* reset: at least one fault's cause is still there */
    REFUSED_NOT_ARMED,
    REFUSED_ALREADY_ARMED,
    REFUSED_NO_PERMISSION,    /* press unknown, expired or of another session */
    REFUSED_PRESS_USED,       /* this press died at a stop; release and press again */
    REFUSED_BUSY,             /* another motion runs */
    REFUSED_NO_SHOW,
    REFUSED_NO_CUE,
    REFUSED_LINE_LOCKED,      /* only lowering by jog, until it is unlocked */
    REFUSED_WEIGHT,           /* somebody hangs on the line */
    REFUSED_BOUNCE,           /* unlock, GO, take-in: the weight left the line so lately that it may be a bounce */
    REFUSED_SWITCH,           /* a limit switch is open, or can't be read, in this direction */
    REFUSED_LIMIT,            /* the position is at or beyond the limit in this direction */
    REFUSED_INPUTS,           /* an input needed is stale, missing or bad */
    REFUSED_STOP_PENDING,     /* the drive has not yet confirmed the last stop for as long as a reply may take */
    REFUSED_DRIVE_NOT_READY,  /* the drive is in fault, being reset, or the chain keeps it off */
    REFUSED_QUICK_STOP,       /* what hangs there hangs on the drive's quick stop, which it can't leave with torque */
    REFUSED_BRAKE_OPEN,       /* arm: a brake that should be closed reports open */
    REFUSED_ARMED,            /* show, recovery, mode: disarm first */
    REFUSED_SENSOR_GOOD,      /* recovery: the sensor reads well and has no fault */
    REFUSED_DOWN_OPEN,        /* recovery without a way down: it has one, or the line is not locked */
    REFUSED_RECOVERY,         /* GO: an axis in recovery is jogged and nothing else */
    REFUSED_NO_RECOVERY,      /* clear: nobody recovers this axis */
    REFUSED_NO_CLEAR,         /* jog in recovery: no second person's clear, or it ran out */
    REFUSED_SAME_PERSON,      /* clear, or jog, by the wrong one of the two */
    REFUSED_SLACK,            /* pay-out on a locked line: nothing hangs there to be lowered */
    REFUSED_UNFELT,           /* take-in in recovery without a live load cell */
    REFUSED_SETUP,            /* GO: in set-up the axes are jogged and nothing else */
    REFUSED_LADDER,           /* GO or mode: no clean run yet on the rung before */
    REFUSED_RUNG,             /* mode: the rig's ladder has no such rung */
    REFUSED_SHUTTING_DOWN,
    REFUSED_NOT_COMMISSIONED, /* a step of commissioning is missing, void or failed */
    REFUSED_DAILY_DUE,        /* a daily step is due */
    REFUSED_PLACE,            /* GO: the point is too far from the path of its flight, or its place is not known */
    REFUSED_LEVEL,            /* GO: the axes of a locked group are farther apart than a move may get them */
    REFUSED_START,            /* GO: the axis does not stand where its path in time begins */
    REFUSED_REFERENCE,        /* GO: the motion sensor is not heard, or not for long enough */
    REFUSED_POINT_LINE,       /* jog: a line of a point moves by itself in set-up only */
    REFUSED_COUNT
};

/* What a client asks for, validated and with indices instead of names (serve/ does that). */
enum command_kind {
    COMMAND_STOP,        /* controlled stop of all axes; always taken */
    COMMAND_RESET,       /* clears latched faults of `axes` whose cause is gone; they must stand */
    COMMAND_UNLOCK,      /* clears the line lock of `axis`: nobody hangs on its rope */
    COMMAND_RECOVER,     /* `axis` does without the failed sensor `bypass`, for a time; BYPASS_NOTHING ends that */
    COMMAND_CLEAR,       /* the second person says that the recovery of `axis` may move, for a time */
    COMMAND_ARM,         /* `axes`: ready to take a permission */
    COMMAND_DISARM,      /* all axes; stops first when moving */
    COMMAND_PERMIT,      /* renews permission `press` until `expires_us` */
    COMMAND_PERMIT_END,  /* the press is over: button released, or `gone` */
    COMMAND_GO,          /* runs `cue` under `press` */
    COMMAND_JOG,         /* moves `axis` at `speed_m_s` under `press` */
    COMMAND_SHOW,        /* takes `show` (stays valid until another one was taken) */
    COMMAND_STANDBY,     /* makes `cue` the standby cue */
    COMMAND_SHUTDOWN,    /* controlled stop, then stay disabled for good */
    COMMAND_MODE,        /* selects `operating`; `percent` of the ladder in walk-through */
    COMMAND_CHANGED,     /* a part of `axis` was replaced: its moves were not run clean with this one */
    COMMAND_CLEARANCE,   /* what stands against a person on `axis`: `clearance`; only serve gives it */
    COMMAND_KIND_COUNT
};

/* What a recovery does without: one of these and nothing else. The last one takes out of use no sensor. */
enum bypass {
    BYPASS_NOTHING,
    BYPASS_LOAD_CELL,    /* down only */
    BYPASS_ENCODER,      /* no position: within no position limit */
    BYPASS_LIMIT_SWITCH, /* all of the axis's */
    BYPASS_WAY_DOWN,     /* no sensor: a locked line at its end of pay-out, whose load is taken up with all of them */
    BYPASS_COUNT
};

/* How the machine is operated: what may move, and how fast (docs/decisions/0010-modes.md). */
enum operating {
    OPERATING_SETUP,        /* jogs alone, at set-up speed */
    OPERATING_WALK_THROUGH, /* cues too, all at one rung of the ladder */
    OPERATING_SHOW,         /* at full speed, when every move ran clean on the whole ladder */
    OPERATING_COUNT
};

/* Sessions that hold or held a press and have not ended with a PERMIT_END `gone`: never more at a time. */
#define SESSIONS_MAX 32

struct command {
    enum command_kind kind;
    uint32_t session; /* who: set by serve, no number twice, 0 = belayd itself */
    uint32_t ticket;  /* echoed in the reply; 0 = no reply wanted */
    uint32_t press;   /* permission number, unique per session and increasing; PERMIT, PERMIT_END, GO, JOG */
    int64_t expires_us;
    bool gone;        /* PERMIT_END: the client's connection closed; nothing more of this session follows */
    int axis;
    uint32_t axes; /* bit = index of an axis. RESET, ARM: 0 = all. JOG: all of a group; 0 = `axis` alone */
    int cue;
    double speed_m_s; /* JOG: positive pays out */
    enum bypass bypass; /* RECOVER */
    enum operating operating; /* MODE */
    int32_t percent;          /* MODE, walk-through */
    const struct show *show;
    enum refusal clearance; /* CLEARANCE: REFUSED_NOT = nothing stands against it */
};

/* Figures of a refusal, for its sentence. */
struct verdict_detail {
    int percent;      /* LADDER: the rung to be run clean first; 0 = not told */
    int cue;          /* LADDER: by this cue of the show; -1 = by any */
    double limit_m_s; /* LIMIT: the most in that direction; 0 = the position is at its limit */
    double place_m;   /* START: where the path begins */
};

/* An answer: why not, and for which axis when it is one axis's matter. */
struct verdict {
    enum refusal refusal;
    int axis; /* -1 = not of one axis */
    struct verdict_detail detail;
};

/* What may be done for one axis by itself although another one's fault or another zone's station keeps the whole
 * machine from it. */
enum alone {
    ALONE_NOTHING,
    ALONE_RESET,
    ALONE_ARM,
    ALONE_HOLD, /* armed by itself: a press for it is taken */
    ALONE_COUNT
};

struct command_reply {
    uint32_t session, ticket;
    enum refusal refusal;
    int axis; /* as in struct verdict */
    struct verdict_detail detail;
    double jog_m_s; /* JOG: the speed at which it runs, which the operating mode or slack rope may have lowered */
};

/* What ended the last motion. */
enum stop_cause {
    STOPPED_NOT, /* nothing ended since the last motion began */
    STOPPED_BY_STOP,
    STOPPED_RELEASED,
    STOPPED_EXPIRED,  /* the hold was not renewed in time */
    STOPPED_GONE,     /* the holder's connection closed */
    STOPPED_DISARM,
    STOPPED_SHUTDOWN,
    STOPPED_ARRIVED,  /* a move's end */
    STOPPED_SLACK,    /* a lowering: the rope went slack, so the load stands or is held */
    STOPPED_WEIGHT,   /* weight came on the rope of a jog or a move */
    STOPPED_CLEAR,    /* the second person's clear ran out */
    STOPPED_RECOVERED, /* the recovery's time is over, or it was ended */
    STOPPED_HELD,     /* stood still in a motion for the longest time: the brakes take the load */
    STOPPED_PAYOUT_END, /* a jog came to where its limits let it pay out no further; */
    STOPPED_TAKEIN_END, /* take in no further */
    STOPPED_TORQUE,     /* the drive that holds beside a brake in doubt did not show enough: nothing was released */
    STOPPED_QUICK_STOP, /* the drive stayed in its quick stop, against its profile: the load hangs on that */
    STOPPED_REFERENCE,  /* the motion sensor is silent, stands still, jumps or reads what can't be */
    STOPPED_BEHIND,     /* the drum did not keep up with what its winch moves with */
    STOPPED_OFF_PATH,   /* farther from its place on a path in time than its cue allows */
    STOPPED_FAULT,
    STOP_CAUSE_COUNT
};

/* A value as clients see it. */
struct snapshot_value {
    double value;
    int64_t age_us;
    enum quality quality;
};

struct snapshot_axis {
    enum axis_state state; /* safety/state.h */
    enum axis_mode mode;
    struct snapshot_value position_m, speed_m_s, tension_n;
    bool tension_doubted; /* the monitors do not believe the load cell, whatever its quality */
    double setpoint_m_s; /* after the clamp */
    double stop_at_m;    /* where it would stand, were its motion ended now; NAN: not known */
    double jog_max_m_s;  /* the fastest jog of the mode and the axis, whichever way */
    bool brake_known, brake_open; /* known = the feedback is fresh; open = of one brake at least */
    double duty;   /* mean torque of the motor, 1 = what it may give without end; -1 = not watched */
    int brake_odd; /* index of the brake that reads open while another reads closed; -1 = none */
    bool drive_enabled;
    bool drive_holds;       /* torque, and no fresh reading says that the brake is closed, or it slipped closed */
    struct verdict payout, takein; /* what a jog at the least speed would answer now, the hold left aside */
    int drive_fault_code;   /* the maker's code, 0 = none; -1 = not known now */
    bool line_locked;       /* a person may be on the rope, which stopped or was found taut: only lowering is offered */
    bool fall_caught;       /* since the last reset */
    bool slack;
    bool ground_fall;       /* a fall from here would reach the ground; belay axes only */
    double height_m;        /* estimated height of the person; belay axes only; NAN: the rope is slack */
    bool clamped;           /* the clamp changed the plan's setpoint in this cycle */
    double cell_n;          /* the load cell's reading as it is; tension_n without what lies below zero */
    bool torque_off;        /* the safety I/O says that the chain keeps the drive's torque off */
    uint32_t switch_known, switch_closed; /* limit switches that are read, and read closed; bit = enum guard_switch */
    enum refusal clearance; /* what stands against a person on this line, or against following its motion sensor */
    struct snapshot_value reference_m; /* what its motion sensor asks of the drum, as read: more pays out */
    enum alone alone;
    enum bypass bypass;     /* of its recovery; then: */
    int64_t recovery_left_us, clear_left_us; /* 0 = no clear */
    uint64_t fault_mask;    /* latched faults of this axis, bit = enum fault_id; of these: */
    uint64_t there_mask;    /* whose cause is there in this cycle */
    uint64_t tolerated_mask; /* causes that a reset left; with the directions that each allows: */
    uint64_t allow_payout, allow_takein;
};

/* How far the axes of a group are apart, the most of any less the least of any; NAN: not known. */
struct snapshot_group {
    double level_m;      /* of rope paid out */
    double load_level_m; /* with each rope's stretch under its tension */
};

struct snapshot {
    uint64_t cycle;
    int64_t t_us; /* tick time of this cycle, CLOCK_MONOTONIC */
    bool estop_known; /* the stations' values are fresh */
    bool estop_a_closed[RIG_STATIONS_MAX], estop_b_closed[RIG_STATIONS_MAX]; /* in the order of the rig's stations */
    bool armed, shutting_down, stopped; /* armed = one axis is; stopped = every one disabled with the brake closed */
    bool permission_alive;
    uint32_t permission_session; /* 0 = none */
    uint32_t permission_press;
    enum fault_id first_out;  /* FAULT_NONE when nothing is latched */
    int first_out_axis;       /* -1 = not of one axis */
    int first_out_station;    /* the E-stop station that it came from; -1 = from none */
    int64_t first_out_us;
    uint64_t fault_mask;      /* all latched faults */
    uint32_t overruns;        /* cycles that began late by a period or more */
    int64_t late_us_max;      /* worst start of a cycle after its tick, since start */
    uint32_t estop_count;     /* E-stops seen */
    /* Of the last E-stop: cycles from the image that held it to the stop word; -1 = none yet. */
    int32_t estop_reaction_cycles;
    const struct show *show;
    int standby_cue, running_cue; /* -1 = none; running: of several, the last begun */
    enum operating operating;
    int32_t percent;       /* of the speeds: walk-through's rung, 100 in show, 0 in set-up, which has its own speed */
    int32_t offer_percent; /* the highest rung that may be selected now */
    struct verdict offer_show; /* what selecting show would answer now */
    int32_t standby_percent; /* the highest rung on which the standby cue may run; 0: no ladder, or no cue */
    struct verdict go;            /* what a GO of the standby cue would answer now, the hold left aside */
    enum stop_cause stop_cause;
    uint32_t stop_session;        /* who; 0 = belayd itself */
    struct image_link link[RIG_LINKS_MAX];
    struct snapshot_axis axis[RIG_AXES_MAX];
    struct snapshot_group group[RIG_GROUPS_MAX];
};

/* One line of the event log, in the order of happening. */
enum event_kind {
    EVENT_STATE, EVENT_FAULT, EVENT_COMMAND, EVENT_CUE, EVENT_LOCK, EVENT_LINK, EVENT_OVERRUN, EVENT_EXPIRED,
    EVENT_AGAIN /* the cause of a latched fault had been gone for a while, and is there again */
};
struct event {
    enum event_kind kind;
    uint64_t cycle;
    int64_t t_us;
    int axis;      /* -1 = none */
    /* STATE: states; FAULT, AGAIN: E-stop station, or -1, and id; COMMAND: kind and refusal; CUE, LINK: index and
     * state; LOCK: to = the line is locked now */
    int from, to;
    uint32_t session;
};

#define CYCLE_EVENTS_MAX 64 /* per cycle; more are counted as lost */

/* Inputs of one step besides the time. */
struct cycle_in {
    const struct image_in *image;
    const struct command *commands;
    int command_count;
    int64_t late_us; /* how late this step began */
};

/* Outputs of one step. */
struct cycle_out {
    struct image_out image;
    struct snapshot snapshot;
    struct command_reply replies[CYCLE_COMMANDS_MAX];
    int reply_count;
    struct event events[CYCLE_EVENTS_MAX];
    int event_count, events_lost;
};

struct cycle; /* controller state */

/* Bytes to allocate for a struct cycle; then cycle_init() on that memory. `rig` must outlive it. All axes disabled. */
size_t cycle_size(void);
void cycle_init(struct cycle *cycle, const struct rig *rig);

/* One control cycle at tick time `now_us`. Bounded time, no allocation, no system call. `*out` is written
 * completely. */
void cycle_step(struct cycle *cycle, const struct cycle_in *in, int64_t now_us, struct cycle_out *out);

/* Sentence for the operator, with its remedy. Never NULL. */
const char *cycle_refusal_text(enum refusal refusal);
/* Short stable name, "not_armed". Never NULL. */
const char *cycle_refusal_name(enum refusal refusal);
/* "stop", "released", ... Never NULL; not for STOPPED_NOT. */
const char *cycle_stop_name(enum stop_cause cause);
/* "reset"; NULL of ALONE_NOTHING. */
const char *cycle_alone_name(enum alone alone);
/* "nothing", "load_cell", "encoder", "limit_switch", "way_down". Never NULL. */
const char *cycle_bypass_name(enum bypass bypass);
/* "none", "jog", "move", "follow", "catch", "recovery". Never NULL. */
const char *cycle_mode_name(enum axis_mode mode);

#endif
