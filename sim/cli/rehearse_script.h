/* script.yaml: what the load, the operator and the machine do in a scripted rehearsal, step by step. */
#ifndef BELAY_SIM_CLI_REHEARSE_SCRIPT_H
#define BELAY_SIM_CLI_REHEARSE_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>

#include "controller/base/yaml.h"
#include "sim/cli/report.h"
#include "sim/sim.h"

#define SCRIPT_STEPS_MAX 192
#define SCRIPT_NAME_MAX 32 /* of an axis, a group, a winch, a link */

enum script_verb {
    VERB_WAIT,      /* until a condition holds, at most `within_s` */
    VERB_RUN,       /* time passes: seconds, or a random time in seconds..seconds_max; `during` must hold all along */
    VERB_ACT,       /* the load does `act` */
    VERB_ESTOP,     /* an E-stop station is pressed or released */
    VERB_LOAD,      /* loads the scenario's show */
    VERB_WALK,      /* selects walk-through at `percent` of the speeds */
    VERB_RESET,
    VERB_UNLOCK,    /* clears the line lock: the person stands */
    VERB_ARM,
    VERB_DISARM,
    VERB_HOLD,      /* a fresh press of the hold-to-run control, held from now on */
    VERB_LET_GO,    /* the end of that press */
    VERB_GO,        /* puts `cue` on standby and runs it */
    VERB_JOG,       /* moves the axis at `speed_m_s` */
    VERB_TERMINATE, /* SIGTERM to belayd, which must end in a controlled stop */
    /* From here on in virtual time only. */
    VERB_NEXT_RUNG, /* selects walk-through at the highest rung that is open now */
    VERB_SHOW_MODE, /* selects show: full speed */
    VERB_SET_UP,    /* selects set-up: jogs alone */
    VERB_STANDBY,   /* puts `cue` on standby and no more */
    VERB_STOP,      /* the operator's stop */
    VERB_DEFECT,    /* a defect of `winch` comes in or is mended */
    VERB_FAULT,     /* the device `unit` is silent, late, frozen or garbled */
    VERB_SWITCH,    /* the wire of a limit switch */
    VERB_CUT_LINK,
    VERB_RESTORE_LINK,
    VERB_DRAW,      /* the plant is drawn anew within the world's variation, as between two takes */
    VERB_KILL_BELAYD,  /* nothing is computed and nothing sent any more */
    VERB_START_BELAYD, /* a fresh belayd, its show loaded, on the lowest rung */
    VERB_REPEAT,    /* the steps up to `again`, `times` times in all */
    VERB_AGAIN,
    VERB_COUNT
};

/* What a step can wait for, or ask to hold. Truth of the simulator unless it says telemetry. */
enum script_condition {
    WHEN_READY,     /* telemetry: links up, every reading good, the brake closed for its time */
    WHEN_FOLLOWING, /* telemetry: the axis runs a belay cue */
    WHEN_TAUT,      /* telemetry: following, and the tension has reached the band */
    WHEN_JOGGING,   /* telemetry: the axis runs a jog */
    WHEN_STOPPED,   /* brake closed, drive without torque, drum still */
    WHEN_CAUGHT,    /* telemetry: a fall is latched; and stopped as above */
    WHEN_CLEAR,     /* high enough that a fall from here would not reach the ground */
    WHEN_GROUND,    /* the load stands on the ground */
    WHEN_MOVING,    /* telemetry: an axis runs */
    WHEN_ARRIVED,   /* telemetry: the last motion ended at its goal, none runs, and nothing is latched */
    WHEN_FAULTED,   /* telemetry: a fault is latched */
    WHEN_STANDING,  /* as stopped, every winch */
    WHEN_COUNT
};

struct script_step {
    char name[64];
    int verb, act, until, during, defect, kind, wire; /* enum script_verb, sim_act, script_condition, sim_... */
    bool has_act, has_until, has_during, has_window, has_seconds, has_seconds_max, has_within, has_speed, has_cue,
        has_pressed, has_station, has_percent, has_axis, has_winch, has_defect, has_there, has_unit, has_kind, has_ms,
        has_switch, has_wire, has_link, has_times, has_stiffness;
    int32_t percent, unit, ms, times;
    double seconds, seconds_max, within_s, speed_m_s, stiffness_n_m;
    double value; /* act: what sim_act_value() names */
    char window[REPORT_WINDOW_MAX];
    char cue[16];
    char station[SIM_STATION_NAME_MAX], switch_name[SIM_STATION_NAME_MAX];
    char axis[SCRIPT_NAME_MAX], winch[SCRIPT_NAME_MAX], link[SCRIPT_NAME_MAX];
    bool pressed, there;
};

struct script {
    int format;
    char scenario[32];
    int steps_count;
    struct script_step steps[SCRIPT_STEPS_MAX];
};

/* Reads a script. Returns 0, or -EINVAL or -errno with errors added. Blocking file I/O. */
int script_load(const char *path, struct script *script, struct yaml_errors *errors);

/* Do script and expectations belong together: each window of the one is known to the other? Returns 0, or -EINVAL with
 * a sentence. */
int script_match(const struct script *script, const struct report_expect *expect, char *error, size_t error_size);

/* Index of the first step at or behind `from` with this verb, -1 when there is none. */
int script_find(const struct script *script, enum script_verb verb, int from);

/* "wait", ... Never NULL. */
const char *script_verb_name(enum script_verb verb);

/* The schema, for the manual. */
const struct yaml_field *script_fields(void);

#endif
