/* Tables of what fails, and of what is next. */
#include "console/model/belay-recovery.h"

#include <stdio.h>
#include <string.h>

#define BIT(sensor) (1u << MSG_SENSOR_##sensor)
#define END_M 0.25 /* this near to it a jog may have ended before the limit */

static const struct {
    const char *fault;
    unsigned sensor;
} failures[] = {
    {"tension_stale", BIT(LOAD_CELL)},      {"tension_frozen", BIT(LOAD_CELL)},
    {"tension_mismatch", BIT(LOAD_CELL)},
    {"tension_implausible", BIT(LOAD_CELL)}, {"position_stale", BIT(ENCODER)},
    {"position_frozen", BIT(ENCODER)},      {"position_mismatch", BIT(ENCODER)},
    {"end_switch", BIT(LIMIT_SWITCH)},      {"ultimate_switch", BIT(LIMIT_SWITCH)},
    {"switch_implausible", BIT(LIMIT_SWITCH)}, {"dead_turns", BIT(LIMIT_SWITCH)},
    {"overwrap", BIT(LIMIT_SWITCH)},
};

static unsigned failed(const char *fault) {
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        if (strcmp(failures[i].fault, fault) == 0) {
            return failures[i].sensor;
        }
    }
    return 0;
}

static bool good(const struct msg_value *value) {
    return value->has_value && value->quality == MSG_QUALITY_GOOD;
}

/* A locked line where rope ends, and all that is needed to feel who is taken up. */
static bool no_way_down(const struct belay_axis_view *axis, const struct msg_telemetry *telemetry, unsigned broken) {
    bool ends = axis->now.position_m.value >= axis->limits.position_max_m - END_M || (broken & BIT(LIMIT_SWITCH)) != 0;
    for (int i = 0; i < telemetry->remaining_count; i++) {
        const struct msg_remaining *remaining = &telemetry->remaining[i];
        ends = ends || (strcmp(remaining->axis, axis->limits.name) == 0 && !remaining->payout);
    }
    return axis->now.line_locked && ends && (broken & (BIT(LOAD_CELL) | BIT(ENCODER))) == 0;
}

unsigned belay_recovery_offers(const struct belay_axis_view *axis, const struct msg_telemetry *telemetry) {
    const bool rests = strcmp(axis->now.state, "fault") == 0 || strcmp(axis->now.state, "disarmed") == 0;
    if (axis->t_us == 0 || !rests || axis->now.has_recovery) {
        return 0;
    }
    unsigned offers = 0;
    for (int i = 0; i < axis->now.faults_count; i++) {
        offers |= failed(axis->now.faults[i]);
    }
    for (int i = 0; i < telemetry->remaining_count; i++) {
        const struct msg_remaining *remaining = &telemetry->remaining[i];
        offers |= strcmp(remaining->axis, axis->limits.name) == 0 ? failed(remaining->fault) : 0;
    }
    offers |= good(&axis->now.tension_n) ? 0 : BIT(LOAD_CELL);
    offers |= good(&axis->now.position_m) ? 0 : BIT(ENCODER);
    return offers | (no_way_down(axis, telemetry, offers) ? BIT(WAY_DOWN) : 0);
}

static const struct {
    const char *name, *without, *then;
} sensors[BELAY_RECOVERY_SENSORS] = {
    [MSG_SENSOR_UNKNOWN] = {"?", "something this console does not know", "ask at the command line"},
    [MSG_SENSOR_LOAD_CELL] = {"LOAD CELL", "load cell", "down only"},
    [MSG_SENSOR_ENCODER] = {"ENCODER", "encoder", "no position limit: look"},
    [MSG_SENSOR_LIMIT_SWITCH] = {"LIMIT SWITCH", "limit switches", "no switch stops it"},
    [MSG_SENSOR_WAY_DOWN] = {"WAY DOWN", "way down", "up, to where one can stand"},
};

static enum msg_sensor known(enum msg_sensor sensor) {
    return (unsigned)sensor < BELAY_RECOVERY_SENSORS ? sensor : MSG_SENSOR_UNKNOWN;
}

const char *belay_recovery_name(enum msg_sensor sensor) {
    return sensors[known(sensor)].name;
}

char *belay_recovery_headline(const struct belay_axis_view *axis, char *text, size_t size) {
    const struct msg_recovery *recovery = &axis->now.recovery;
    const enum msg_sensor without = known(recovery->without);
    char speed[BELAY_TEXT_MAX];
    belay_units_number(QUANTITY_SPEED, belay_axis_jog_max_m_s(axis), speed, sizeof speed);
    snprintf(text, size, "RECOVERY %s without %s: %lld min %02lld s left, at most %s m/s, %s", axis->limits.name,
             sensors[without].without, (long long)(recovery->left_s / 60), (long long)(recovery->left_s % 60), speed,
             sensors[without].then);
    return text;
}

char *belay_recovery_next(const struct belay_axis_view *axis, bool chosen, char *text, size_t size) {
    const char *state = axis->now.state;
    const char *name = axis->limits.name;
    const long long clear_s = (long long)axis->now.recovery.clear_s;
    const int choose = chosen ? 0 : snprintf(text, size, "Choose %s in its row. ", name);
    const size_t used = choose > 0 && (size_t)choose < size ? (size_t)choose : 0;
    text += used;
    size -= used;
    if (strcmp(state, "fault") == 0) {
        snprintf(text, size, "Step 1 of 4: RESET. What failed stays out of use, and its fault lets go.");
    } else if (strcmp(state, "disarmed") == 0) {
        snprintf(text, size, "Step 2 of 4: ARM. The brake stays closed.");
    } else if (clear_s == 0) {
        snprintf(text, size, "Step 3 of 4: a second person, who sees the load, gives CLEAR at another console, or "
                             "types belay clear %s.", name);
    } else {
        snprintf(text, size, "Step 4 of 4: choose the way, then hold. Clear for %lld s: the second person gives it "
                             "again before that. END when the load is safe.", clear_s);
    }
    return text - used;
}
