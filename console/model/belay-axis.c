/* Words and ages of one axis. */
#include "console/model/belay-axis.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const struct msg_value *value_of(const struct belay_axis_view *axis, enum belay_quantity quantity) {
    const struct msg_value *const values[QUANTITY_COUNT] = {
        [QUANTITY_POSITION] = &axis->now.position_m,
        [QUANTITY_SPEED] = &axis->now.speed_m_s,
        [QUANTITY_TENSION] = &axis->now.tension_n,
    };
    assert(quantity < QUANTITY_COUNT);
    return values[quantity];
}

void belay_axis_note_faults(struct belay_axis_view *axis, const struct msg_fault *faults, int count) {
    size_t used = 0;
    axis->faults[0] = '\0';
    for (int i = 0; i < axis->now.faults_count && used < sizeof axis->faults; i++) {
        const char *words = axis->now.faults[i];
        for (int k = 0; k < count; k++) {
            words = strcmp(faults[k].fault, axis->now.faults[i]) == 0 ? faults[k].text : words;
        }
        const int more =
            snprintf(axis->faults + used, sizeof axis->faults - used, "%s%s", used > 0 ? "; " : "", words);
        used += more > 0 ? (size_t)more : 0;
    }
}

/* A word that this console does not know counts as bad. */
static enum belay_quality quality_of(const struct msg_value *value) {
    if (!value->has_value || value->quality == MSG_QUALITY_MISSING) {
        return BELAY_MISSING;
    }
    if (value->quality == MSG_QUALITY_GOOD) {
        return BELAY_GOOD;
    }
    return value->quality == MSG_QUALITY_STALE ? BELAY_STALE : BELAY_BAD;
}

struct belay_reading belay_axis_reading(const struct belay_axis_view *axis, enum belay_quantity quantity,
                                        int64_t now_us) {
    const struct msg_value *value = value_of(axis, quantity);
    if (axis->t_us == 0) {
        return (struct belay_reading){.quality = BELAY_MISSING};
    }
    const double said_ms = fmin(fmax(value->age_ms, 0), 1e12);
    const int64_t since_ms = now_us > axis->t_us ? (now_us - axis->t_us) / 1000 : 0;
    return (struct belay_reading){
        .value = value->value,
        .said_ms = (int64_t)said_ms,
        .silent_ms = since_ms,
        .quality = quality_of(value),
    };
}

struct belay_sample belay_axis_sample(const struct belay_axis_view *axis) {
    const struct msg_value *position = &axis->now.position_m, *tension = &axis->now.tension_n;
    return (struct belay_sample){
        .t_us = axis->t_us,
        .position_m = quality_of(position) == BELAY_GOOD ? position->value : (double)NAN,
        .tension_n = quality_of(tension) == BELAY_GOOD ? tension->value : (double)NAN,
    };
}

static const struct {
    const char *state, *mode; /* NULL mode = any */
    bool moving;
    const char *words;
} states[] = {
    {"fault", NULL, false, "FAULT"},
    {"disarmed", NULL, false, "DISARMED"},
    {"armed", NULL, false, "ARMED"},
    {"enabling", NULL, true, "ENABLING DRIVE"},
    {"opening", NULL, true, "OPENING BRAKE"},
    {"running", "jog", true, "JOGGING"},
    {"running", "move", true, "MOVING"},
    {"running", "follow", true, "FOLLOWING"},
    {"running", "catch", true, "CATCHING"},
    {"running", "recovery", true, "RECOVERING"},
    {"running", NULL, true, "RUNNING"},
    {"stopping", NULL, true, "STOPPING"},
    {"closing", NULL, true, "CLOSING BRAKE"},
    {"releasing", NULL, true, "RELEASING DRIVE"},
};

const char *belay_axis_words(const struct belay_axis_view *axis) {
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (strcmp(states[i].state, axis->now.state) == 0 &&
            (states[i].mode == NULL || strcmp(states[i].mode, axis->now.mode) == 0)) {
            return states[i].words;
        }
    }
    return axis->now.state;
}

/* An unknown state counts as moving: better a control withheld than one offered too early. */
bool belay_axis_moving(const struct belay_axis_view *axis) {
    if (axis->t_us == 0) {
        return false;
    }
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (strcmp(states[i].state, axis->now.state) == 0) {
            return states[i].moving;
        }
    }
    return true;
}

double belay_axis_jog_max_m_s(const struct belay_axis_view *axis) {
    const struct msg_hello_axis *limits = &axis->limits;
    const double now_m_s = axis->now.jog_speed_max_m_s; /* 0 before the first telemetry */
    const double most_m_s = now_m_s > 0 ? now_m_s : limits->jog_speed_max_m_s;
    const bool lowering = axis->now.line_locked && limits->lowering_speed_max_m_s < most_m_s;
    return lowering ? limits->lowering_speed_max_m_s : most_m_s;
}

const char *belay_axis_band_word(const struct belay_axis_view *axis) {
    const struct msg_value *tension = &axis->now.tension_n;
    if (!axis->limits.belay || strcmp(axis->now.mode, "follow") != 0 || quality_of(tension) != BELAY_GOOD) {
        return NULL;
    }
    if (tension->value < axis->limits.band_min_n) {
        return "below band";
    }
    return tension->value > axis->limits.band_max_n ? "above band" : "in band";
}

/* Its status comes with its speed. */
bool belay_axis_drive_known(const struct belay_axis_view *axis) {
    return quality_of(&axis->now.speed_m_s) == BELAY_GOOD;
}

static bool coming_to_rest(const struct belay_axis_view *axis) {
    static const char *const resting[] = {"stopping", "closing", "releasing"};
    for (size_t i = 0; i < sizeof resting / sizeof resting[0]; i++) {
        if (strcmp(axis->now.state, resting[i]) == 0) {
            return true;
        }
    }
    return false;
}

const char *belay_axis_unlock_reason(const struct belay_axis_view *axis) {
    const struct msg_value *tension = &axis->now.tension_n;
    if (coming_to_rest(axis)) {
        return "Coming to rest: wait.";
    }
    if (belay_axis_moving(axis)) {
        return "Moving: stop first.";
    }
    if (axis->now.faults_count > 0) {
        return "Fault: mend it, then reset.";
    }
    if (quality_of(tension) != BELAY_GOOD) {
        return "Tension not known.";
    }
    return tension->value >= axis->limits.weight_on_line_n ? "Weight on the line." : NULL;
}

static bool commissioning_is(const struct belay_axis_view *axis, const char *state) {
    return axis->now.has_commissioning && strcmp(axis->now.commissioning.state, state) == 0;
}

bool belay_axis_test_due(const struct belay_axis_view *axis) {
    return commissioning_is(axis, "due");
}

/* A state that this console does not know keeps persons off, as far as it can say. */
bool belay_axis_not_commissioned(const struct belay_axis_view *axis) {
    return axis->now.has_commissioning && !commissioning_is(axis, "ok") && !commissioning_is(axis, "due");
}

char *belay_axis_recovery(const struct belay_axis_view *axis, char *text, size_t size) {
    const struct msg_recovery *from = &axis->now.recovery;
    char clear[32] = "no clear";
    text[0] = '\0';
    if (!axis->now.has_recovery) {
        return text;
    }
    if (from->clear_s > 0) {
        snprintf(clear, sizeof clear, "clear for %lld s", (long long)from->clear_s);
    }
    snprintf(text, size, "RECOVERY without %s: %lld min %02lld s left, %s", msg_sensor_name(from->without),
             (long long)(from->left_s / 60), (long long)(from->left_s % 60), clear);
    return text;
}

char *belay_axis_commissioning(const struct belay_axis_view *axis, int64_t now_s, char *text, size_t size) {
    static const struct {
        const char *state, *words;
    } looks[] = {
        {"due", "is due"}, {"missing", "was never done"}, {"void", "is void: a part changed"}, {"failed", "failed"},
    };
    const struct msg_commissioning *from = &axis->now.commissioning;
    text[0] = '\0';
    if (!axis->now.has_commissioning) {
        return text;
    }
    if (commissioning_is(axis, "ok")) {
        const time_t due = (time_t)(now_s + (from->has_due_s ? from->due_s : 0));
        struct tm local;
        strftime(text, size, "daily test by %a %H:%M", localtime_r(&due, &local));
        return text;
    }
    char brake[24] = "";
    if (from->brake > 0) {
        snprintf(brake, sizeof brake, " %lld", (long long)from->brake);
    }
    const char *words = from->state;
    for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++) {
        words = commissioning_is(axis, looks[i].state) ? looks[i].words : words;
    }
    snprintf(text, size, "%s%s %s", from->step, brake, words);
    return text;
}
