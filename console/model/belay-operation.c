/* Turns the hold's decisions into requests. */
#include "console/model/belay-operation.h"

#include <string.h>

/* Below the priority of the toolkit's events: a release that waits in the queue is heard before the next token goes
 * out. */
#define TOKEN_PRIORITY (G_PRIORITY_DEFAULT + 10)
#define TICK_MS 20
#define MESSAGE_US 8000000

struct _BelayOperation {
    GObject parent_instance;
    BelaySession *session;
    struct belay_hold hold;
    int axis;
    double speed_m_s;
    guint ticker; /* runs while pressed */
    gboolean seen; /* what this press asked for was seen running */
    char message[SESSION_TEXT_MAX];
    gint64 message_us;
    struct { /* in which what a refusal says was true; "" = the message is none */
        char state[sizeof ((struct msg_telemetry *)NULL)->state];
        int faults;
    } refused;
};

enum { SIGNAL_CHANGED, SIGNAL_VERIFY, SIGNAL_COUNT };
static guint signals[SIGNAL_COUNT];

G_DEFINE_FINAL_TYPE(BelayOperation, belay_operation, G_TYPE_OBJECT)

static void changed(BelayOperation *self) {
    g_signal_emit(self, signals[SIGNAL_CHANGED], 0);
}

static void say(BelayOperation *self, const char *message) {
    *self->refused.state = '\0';
    g_strlcpy(self->message, message, sizeof self->message);
    self->message_us = g_get_monotonic_time();
}

static const struct belay_axis_view *chosen_axis(BelayOperation *self) {
    const struct belay_state *state = belay_session_state(self->session);
    return self->axis < state->axis_count ? &state->axis[self->axis] : NULL;
}

static void send_jog(BelayOperation *self) {
    const struct belay_axis_view *axis = chosen_axis(self);
    if (axis != NULL) {
        const double sign = self->hold.running == INTENT_TAKE_IN ? -1 : 1;
        belay_session_jog(self->session, self->hold.press, axis->limits.name, sign * self->speed_m_s);
    }
}

static void act(BelayOperation *self, unsigned send, gint64 now_us) {
    if ((send & SEND_HOLD) != 0) {
        belay_session_hold(self->session, self->hold.press, now_us);
    }
    if ((send & SEND_GO) != 0) {
        self->seen = FALSE;
        belay_session_go(self->session, self->hold.press, self->hold.cue);
    }
    if ((send & SEND_JOG) != 0) {
        self->seen = FALSE;
        send_jog(self);
    }
    if ((send & SEND_END) != 0) {
        belay_session_end(self->session, self->hold.press);
    }
}

static void kill_press(BelayOperation *self) {
    act(self, belay_hold_kill(&self->hold), g_get_monotonic_time());
}

static gboolean on_tick(gpointer data) {
    BelayOperation *self = BELAY_OPERATION(data);
    gboolean held = FALSE;
    if (self->hold.state == HOLD_HELD) {
        g_signal_emit(self, signals[SIGNAL_VERIFY], 0, &held); /* may let go */
    }
    const gint64 now_us = g_get_monotonic_time();
    const enum hold_state before = self->hold.state;
    act(self, belay_hold_tick(&self->hold, now_us), now_us);
    if (before == HOLD_HELD && self->hold.state == HOLD_SPENT) {
        say(self, "The console was busy for a moment: let go, then GO or choose a jog again.");
        changed(self);
    }
    if (self->hold.state == HOLD_FREE) {
        self->ticker = 0;
        return G_SOURCE_REMOVE;
    }
    return G_SOURCE_CONTINUE;
}

static void on_lost(BelaySession *session, BelayOperation *self) {
    (void)session;
    (void)belay_hold_kill(&self->hold); /* the socket is gone, and the press with it */
    changed(self);
}

static void on_refused(BelaySession *session, const char *text, BelayOperation *self) {
    const struct msg_telemetry *telemetry = &belay_session_state(session)->telemetry;
    say(self, text);
    g_strlcpy(self->refused.state, telemetry->state, sizeof self->refused.state);
    self->refused.faults = telemetry->faults_count;
    changed(self);
}

/* Its reason is gone, or is another one. */
static void forget_refusal(BelayOperation *self, const struct msg_telemetry *telemetry) {
    const gboolean same = strcmp(self->refused.state, telemetry->state) == 0 &&
                          self->refused.faults == telemetry->faults_count;
    if (*self->refused.state != '\0' && !same) {
        say(self, "");
    }
}

static void on_press_dead(BelaySession *session, guint press, BelayOperation *self) {
    (void)session;
    if (press == self->hold.press && self->hold.state == HOLD_HELD) {
        kill_press(self);
        changed(self);
    }
}

static void on_telemetry(BelaySession *session, BelayOperation *self) {
    const struct msg_telemetry *telemetry = &belay_session_state(session)->telemetry;
    const struct belay_axis_view *axis = chosen_axis(self);
    forget_refusal(self, telemetry);
    belay_hold_standby(&self->hold, telemetry->has_standby_cue ? telemetry->standby_cue : NULL);
    if (self->hold.running == INTENT_NOTHING) {
        return;
    }
    const bool runs = self->hold.running == INTENT_CUE ? telemetry->has_running_cue
                                                       : axis != NULL && belay_axis_moving(axis);
    if (runs) {
        self->seen = TRUE;
    } else if (self->seen) { /* it came to its own end; the hold is still true and moves nothing any more */
        belay_hold_done(&self->hold);
        self->seen = FALSE;
    }
}

static void belay_operation_dispose(GObject *object) {
    BelayOperation *self = BELAY_OPERATION(object);
    if (self->session != NULL) {
        kill_press(self);
        g_signal_handlers_disconnect_by_data(self->session, self);
    }
    if (self->ticker != 0) {
        g_source_remove(self->ticker);
        self->ticker = 0;
    }
    g_clear_object(&self->session);
    G_OBJECT_CLASS(belay_operation_parent_class)->dispose(object);
}

static void belay_operation_class_init(BelayOperationClass *klass) {
    G_OBJECT_CLASS(klass)->dispose = belay_operation_dispose;
    signals[SIGNAL_CHANGED] =
        g_signal_new("changed", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    signals[SIGNAL_VERIFY] =
        g_signal_new("verify", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_BOOLEAN, 0);
}

static void belay_operation_init(BelayOperation *self) {
    belay_hold_init(&self->hold);
}

BelayOperation *belay_operation_new(BelaySession *session) {
    BelayOperation *self = g_object_new(BELAY_TYPE_OPERATION, NULL);
    self->session = g_object_ref(session);
    g_signal_connect(session, "lost", G_CALLBACK(on_lost), self);
    g_signal_connect(session, "refused", G_CALLBACK(on_refused), self);
    g_signal_connect(session, "press-dead", G_CALLBACK(on_press_dead), self);
    g_signal_connect(session, "telemetry", G_CALLBACK(on_telemetry), self);
    return self;
}

void belay_operation_press(BelayOperation *self, enum hold_source source) {
    const struct belay_situation situation = belay_operation_situation(self, g_get_monotonic_time());
    if (belay_interlock_reason(&situation, CONTROL_HOLD) != NULL) {
        return;
    }
    const gint64 now_us = g_get_monotonic_time();
    act(self, belay_hold_press(&self->hold, source, now_us), now_us);
    if (self->ticker == 0) {
        self->ticker = g_timeout_add_full(TOKEN_PRIORITY, TICK_MS, on_tick, self, NULL);
    }
    changed(self);
}

void belay_operation_let_go(BelayOperation *self, enum hold_source source) {
    act(self, belay_hold_release(&self->hold, source), g_get_monotonic_time());
    changed(self);
}

void belay_operation_go(BelayOperation *self) {
    static const char *const answers[] = {
        [GO_LOADED] = "",
        [GO_RUNS] = "",
        [GO_TOO_SOON] = "GO ignored: too soon after the last one.",
        [GO_RUNNING] = "GO ignored: this hold already moves something.",
        [GO_LET_GO_FIRST] = "GO ignored: let go of HOLD first.",
    };
    const struct belay_situation situation = belay_operation_situation(self, g_get_monotonic_time());
    const char *reason = belay_interlock_reason(&situation, CONTROL_GO);
    if (reason != NULL) {
        char text[SESSION_TEXT_MAX];
        g_snprintf(text, sizeof text, "GO ignored: %s", reason);
        say(self, text);
    } else {
        unsigned send;
        const gint64 now_us = g_get_monotonic_time();
        const char *standby = belay_session_state(self->session)->telemetry.standby_cue;
        say(self, answers[belay_hold_go(&self->hold, standby, now_us, &send)]);
        act(self, send, now_us);
    }
    changed(self);
}

void belay_operation_jog(BelayOperation *self, enum hold_intent way, double speed_m_s) {
    self->speed_m_s = speed_m_s;
    if (way != INTENT_NOTHING || self->hold.intent != INTENT_CUE) { /* another speed alone does not unload a cue */
        act(self, belay_hold_select(&self->hold, way), g_get_monotonic_time());
    }
    if (self->hold.state == HOLD_HELD &&
        (self->hold.running == INTENT_PAY_OUT || self->hold.running == INTENT_TAKE_IN)) {
        send_jog(self); /* another speed, same way */
    }
    changed(self);
}

void belay_operation_choose_axis(BelayOperation *self, int axis) {
    g_assert(axis >= 0);
    if (axis != self->axis) {
        kill_press(self);
        self->axis = axis;
        changed(self);
    }
}

void belay_operation_stop(BelayOperation *self) {
    belay_session_stop(self->session);
    kill_press(self);
    changed(self);
}

void belay_operation_refresh(BelayOperation *self) {
    const struct belay_situation situation = belay_operation_situation(self, g_get_monotonic_time());
    const gint64 now_us = g_get_monotonic_time();
    /* While something moves, most refusals last only until it stands: that is no reason to choose anew. */
    const bool lost =
        !situation.moving && belay_interlock_intent_reason(&situation, self->hold.intent) != NULL;
    if (lost || belay_interlock_reason(&situation, CONTROL_HOLD) != NULL) {
        kill_press(self);
    }
    if (self->hold.state != HOLD_HELD) {
        (void)belay_hold_tick(&self->hold, now_us);
    }
    if (*self->message != '\0' && now_us - self->message_us > MESSAGE_US) {
        *self->message = '\0';
    }
}

const struct belay_hold *belay_operation_hold(BelayOperation *self) {
    return &self->hold;
}

/* In belayd's words. An axis armed by itself is disarmed too. */
static unsigned alone(const struct belay_axis_view *axis) {
    static const struct {
        const char *word;
        unsigned controls;
    } rows[] = {{"reset", 1u << CONTROL_RESET},
                {"arm", 1u << CONTROL_ARM},
                {"hold", 1u << CONTROL_HOLD | 1u << CONTROL_DISARM}};
    for (size_t i = 0; axis != NULL && axis->now.has_alone && i < G_N_ELEMENTS(rows); i++) {
        if (strcmp(axis->now.alone, rows[i].word) == 0) {
            return rows[i].controls;
        }
    }
    return 0;
}

static const char *alone_name(BelayOperation *self, enum belay_control control) {
    const struct belay_axis_view *axis = chosen_axis(self);
    return (alone(axis) & (1u << control)) != 0 ? axis->limits.name : NULL;
}

const char *belay_operation_reset_name(BelayOperation *self) {
    return alone_name(self, CONTROL_RESET);
}

const char *belay_operation_arm_name(BelayOperation *self) {
    return alone_name(self, CONTROL_ARM);
}

static bool all_armed(const struct msg_telemetry *telemetry) {
    for (int i = 0; i < telemetry->axes_count; i++) {
        const char *const state = telemetry->axes[i].state;
        if (strcmp(state, "disarmed") == 0 || strcmp(state, "fault") == 0) {
            return false;
        }
    }
    return telemetry->axes_count > 0;
}

static void find_rest(const struct belay_state *state, struct belay_situation *situation) {
    for (int i = 0; i < state->axis_count; i++) {
        const struct belay_axis_view *axis = &state->axis[i];
        const int64_t rest_s = axis->now.has_rest_s ? axis->now.rest_s : 0;
        const bool longer = rest_s < 0 || (situation->rest_s >= 0 && rest_s > situation->rest_s);
        if (longer) {
            situation->rest_s = rest_s;
            situation->rest_axis = axis->limits.name;
        }
    }
}

struct belay_situation belay_operation_situation(BelayOperation *self, int64_t now_us) {
    const struct belay_state *state = belay_session_state(self->session);
    const struct msg_telemetry *telemetry = &state->telemetry;
    const struct belay_axis_view *axis = chosen_axis(self);
    struct belay_situation situation = {
        .connected = state->fresh,
        .may_operate = state->hello.role == MSG_ROLE_OPERATE,
        .freshness = belay_session_freshness(self->session, now_us),
        .shut_down = strcmp(telemetry->state, "stopped") == 0,
        .estop_known = telemetry->estop.known,
        .estop_closed = telemetry->estop.a_closed && telemetry->estop.b_closed,
        .fault = telemetry->has_first_out || telemetry->faults_count > 0,
        .armed = telemetry->armed,
        .all_armed = all_armed(telemetry),
        .alone = alone(axis),
        .other_holds = telemetry->permission.alive && telemetry->permission.session != state->hello.session,
        .has_show = telemetry->has_show,
        .cue_shown = belay_session_cue_shown(self->session, telemetry->standby_cue),
        .recovers = axis != NULL && axis->now.has_recovery,
        .clear = axis != NULL && axis->now.has_recovery && axis->now.recovery.clear_s > 0,
        .line_locked = (axis != NULL && axis->now.line_locked) ||
                       (telemetry->has_go_refusal && strcmp(telemetry->go_refusal.name, "line_locked") == 0),
        .go_refusal = telemetry->has_go_refusal ? telemetry->go_refusal.text : NULL,
        .pay_out_refusal = axis != NULL && axis->now.has_payout_refusal ? axis->now.payout_refusal.text : NULL,
        .take_in_refusal = axis != NULL && axis->now.has_takein_refusal ? axis->now.takein_refusal.text : NULL,
    };
    for (int i = 0; i < state->axis_count; i++) {
        situation.moving = situation.moving || belay_axis_moving(&state->axis[i]);
    }
    find_rest(state, &situation);
    return situation;
}

int belay_operation_axis(BelayOperation *self) {
    return self->axis;
}

char *belay_operation_line(BelayOperation *self, char *text, size_t size) {
    const struct belay_situation situation = belay_operation_situation(self, g_get_monotonic_time());
    const struct belay_axis_view *axis = chosen_axis(self);
    char number[BELAY_TEXT_MAX], speed[BELAY_TEXT_MAX + 8], cue[128];
    belay_units_number(QUANTITY_SPEED, self->speed_m_s, number, sizeof number);
    g_snprintf(speed, sizeof speed, "%s m/s", number);
    g_snprintf(cue, sizeof cue, "cue %s: %s", self->hold.cue, belay_session_cue_name(self->session, self->hold.cue));
    return belay_interlock_line(&situation, &self->hold, g_get_monotonic_time(), cue,
                                axis != NULL ? axis->limits.name : "--", speed, text, size);
}

const char *belay_operation_message(BelayOperation *self) {
    return self->message;
}
