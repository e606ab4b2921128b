/* script.yaml: what climber and operator do in a scripted rehearsal, step by step. */
#ifndef BELAY_SIM_CLI_REHEARSE_SCRIPT_H
#define BELAY_SIM_CLI_REHEARSE_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>

#include "controller/base/yaml.h"
#include "sim/sim.h"

#define SCRIPT_STEPS_MAX 96

enum script_verb {
    VERB_WAIT,      /* until a condition holds, at most `within_s` */
    VERB_RUN,       /* time passes: seconds, or a random time in seconds..seconds_max; `during` must hold all along */
    VERB_ACT,       /* the climber does `act` */
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
    WHEN_GROUND,    /* the person stands on the ground */
    WHEN_COUNT
};

struct script_step {
    char name[64];
    int verb, act, until, during, window; /* enum script_verb, sim_act, script_condition, report_window */
    bool has_act, has_until, has_during, has_window, has_seconds, has_seconds_max, has_within, has_speed, has_cue,
        has_pressed, has_station, has_percent;
    int32_t percent;
    double seconds, seconds_max, within_s, speed_m_s;
    char cue[16];
    char station[SIM_STATION_NAME_MAX];
    bool pressed;
};

struct script {
    int format;
    char scenario[32];
    int steps_count;
    struct script_step steps[SCRIPT_STEPS_MAX];
};

/* Reads a script. Returns 0, or -EINVAL or -errno with errors added. Blocking file I/O. */
int script_load(const char *path, struct script *script, struct yaml_errors *errors);

/* The schema, for the manual. */
const struct yaml_field *script_fields(void);

#endif
