/* Socket, greeting, state and commands. */
#include "console/model/belay-session.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>

#include "console/model/belay-show.h"
#include "protocol/belay.h"

#define PERIOD_MS 40           /* telemetry */
#define RETRY_MS_MIN 250       /* pause before the next attempt to connect, doubled each time */
#define RETRY_MS_MAX 2000
#define GREETING_MS_MAX 2000   /* a belayd that does not answer Meta.Hello for so long is left */
#define STOP_CONFIRM_MS 500    /* a STOP not confirmed by then is said aloud */
#define SHOW_MS 2000           /* the cue list is asked for again this often: somebody else may load a show */
#define WATCH_MS 50
#define HISTORY_SAMPLES 1024   /* 40 s at 40 ms */
#define PRESSES (2 * BELAY_PENDING_MAX)

struct _BelaySession {
    GObject parent_instance;
    char *path;
    struct belay_connection *connection;
    struct belay_state *state; /* large */
    enum msg_role role;        /* of the socket to try next */
    guint reader, retry, watch;
    guint retry_ms;
    gint64 connected_us, show_us;
    int64_t cues_id;           /* only its answer, or a later one, tells the cues in force */
    bool stop_wanted;          /* could not be sent yet */
    int64_t stop_id;           /* waits for its reply; 0 = none */
    gint64 stop_us;
    struct {
        int64_t id;
        uint32_t press;
    } asked[PRESSES];          /* which press a request was about */
    int asked_next;
    char begins[32], began[32]; /* axis of the recovery that was asked for, and that this session began */
};

enum {
    SIGNAL_GREETED,
    SIGNAL_TELEMETRY,
    SIGNAL_LOST,
    SIGNAL_CUES,
    SIGNAL_REFUSED,
    SIGNAL_PRESS_DEAD,
    SIGNAL_SHOW_LOADED,
    SIGNAL_SHOW_WRONG,
    SIGNAL_COUNT
};
static guint signals[SIGNAL_COUNT];

G_DEFINE_FINAL_TYPE(BelaySession, belay_session, G_TYPE_OBJECT)

static gboolean on_retry(gpointer data);

static void refuse(BelaySession *self, const char *text) {
    g_signal_emit(self, signals[SIGNAL_REFUSED], 0, text);
}

static void set_link(BelaySession *self, const char *text) {
    g_strlcpy(self->state->link, text, sizeof self->state->link);
}

/* --- the connection -------------------------------------------------------------------------------------------- */

static void try_again(BelaySession *self) {
    if (self->retry == 0) {
        self->retry = g_timeout_add(self->retry_ms, on_retry, self);
        self->retry_ms = MIN(2 * self->retry_ms, RETRY_MS_MAX);
    }
}

/* Forgets what is not true any more. Axes and cues stay, so that the screen does not jump; their values grow old. */
static void lose(BelaySession *self, int error) {
    const bool stop_waits = self->stop_wanted || self->stop_id != 0;
    char text[SESSION_TEXT_MAX];
    belay_errno_text(error, self->path, text, sizeof text);
    set_link(self, text);
    if (self->reader != 0) {
        g_source_remove(self->reader);
        self->reader = 0;
    }
    g_clear_pointer(&self->connection, belay_close);
    self->state->greeted = false;
    self->state->fresh = false;
    self->state->cues_read = false;
    self->stop_wanted = false;
    self->stop_id = 0;
    memset(self->asked, 0, sizeof self->asked);
    self->began[0] = '\0';
    g_signal_emit(self, signals[SIGNAL_LOST], 0);
    if (stop_waits) {
        refuse(self, "Connection lost before STOP was confirmed: press an E-stop station.");
    }
    try_again(self);
}

static bool sent(BelaySession *self, int64_t id, const char *what) {
    if (id > 0) {
        return true;
    }
    if (id != -EAGAIN) {
        lose(self, (int)id);
    }
    char *text = g_strdup_printf("%s was not sent: belayd does not listen.", what);
    refuse(self, text);
    g_free(text);
    return false;
}

static bool ready(BelaySession *self, const char *what) {
    if (self->connection != NULL && self->state->greeted) {
        return true;
    }
    char *text = g_strdup_printf("%s was not sent: not connected to belayd.", what);
    refuse(self, text);
    g_free(text);
    return false;
}

/* --- what comes in --------------------------------------------------------------------------------------------- */

static void ask_cues(BelaySession *self) {
    const int64_t id = belay_send_show_get(self->connection); /* not sent: asked again next time */
    self->show_us = g_get_monotonic_time();
    if (!self->state->cues_read && self->cues_id <= 0) {
        self->cues_id = id;
    }
}

/* What was read before is not relied on any more. */
static void ask_cues_anew(BelaySession *self) {
    self->state->cues_read = false;
    self->cues_id = 0;
    ask_cues(self);
}

static void take_hello(BelaySession *self, const struct msg_meta_hello_result *hello) {
    struct belay_state *state = self->state;
    state->hello = *hello;
    state->axis_count = hello->axes_count;
    for (int i = 0; i < state->axis_count; i++) {
        struct belay_axis_view *axis = &state->axis[i];
        axis->limits = hello->axes[i];
        axis->t_us = 0;
        belay_history_clear(axis->history);
    }
    state->greeted = true;
    self->retry_ms = RETRY_MS_MIN;
    set_link(self, "connected");
    g_signal_emit(self, signals[SIGNAL_GREETED], 0);
    const struct msg_state_subscribe subscribe = {.period_ms = PERIOD_MS};
    if (sent(self, belay_send_state_subscribe(self->connection, &subscribe), "The subscription")) {
        ask_cues_anew(self);
    }
}

/* Whether the cues may be others than before: a show is loaded while nothing is armed only, so that a list asked for
 * after the arming is the one in force. */
static bool cues_may_differ(const struct belay_state *state, const struct msg_telemetry *telemetry) {
    const struct msg_telemetry *before = &state->telemetry;
    return !state->fresh || telemetry->armed != before->armed || telemetry->has_show != before->has_show ||
           (telemetry->has_show && strcmp(telemetry->show, before->show) != 0);
}

static void take_telemetry(BelaySession *self, const struct msg_telemetry *telemetry) {
    struct belay_state *state = self->state;
    if (!state->greeted || telemetry->axes_count != state->axis_count) {
        return; /* of a rig that was not introduced */
    }
    if (cues_may_differ(state, telemetry)) {
        ask_cues_anew(self);
    }
    state->telemetry = *telemetry;
    state->fresh = true;
    for (int i = 0; i < state->axis_count; i++) {
        struct belay_axis_view *axis = &state->axis[i];
        if (axis->now.has_recovery && !telemetry->axes[i].has_recovery && strcmp(self->began, axis->limits.name) == 0) {
            self->began[0] = '\0'; /* the next one may be somebody else's */
        }
        axis->now = telemetry->axes[i];
        axis->step = telemetry->commission;
        axis->has_step = telemetry->has_commission && !telemetry->commission.ended &&
                         strcmp(telemetry->commission.axis, axis->limits.name) == 0;
        axis->t_us = telemetry->t_us;
        belay_axis_note_faults(axis, telemetry->faults, telemetry->faults_count);
        const struct belay_sample sample = belay_axis_sample(axis);
        (void)belay_history_push(axis->history, &sample);
    }
    g_signal_emit(self, signals[SIGNAL_TELEMETRY], 0);
}

static void take_show(BelaySession *self, const struct msg_show_get_result *show, int64_t id) {
    self->state->cues_read = self->state->cues_read || (self->cues_id > 0 && id >= self->cues_id);
    const bool same = self->state->show.loaded == show->loaded && strcmp(self->state->show.hash, show->hash) == 0;
    self->state->show = *show;
    if (!same) {
        g_signal_emit(self, signals[SIGNAL_CUES], 0);
    }
}

/* Press of request `id`, 0 when it was about none. */
static uint32_t press_of(const BelaySession *self, int64_t id) {
    for (int i = 0; i < PRESSES; i++) {
        if (self->asked[i].id == id) {
            return self->asked[i].press;
        }
    }
    return 0;
}

static void press_dead(BelaySession *self, int64_t id) {
    const uint32_t press = press_of(self, id);
    if (press != 0) {
        g_signal_emit(self, signals[SIGNAL_PRESS_DEAD], 0, press);
    }
}

static void take_result(BelaySession *self, const struct belay_message *message) {
    switch (message->method) {
    case MSG_META_HELLO: take_hello(self, &message->result.meta_hello); break;
    case MSG_SHOW_GET: take_show(self, &message->result.show_get, message->id); break;
    case MSG_SHOW_LOAD:
        ask_cues_anew(self);
        g_signal_emit(self, signals[SIGNAL_SHOW_LOADED], 0);
        break;
    case MSG_PERMISSION_HOLD:
        if (!message->result.permission_hold.alive) {
            press_dead(self, message->id);
        }
        break;
    case MSG_META_DESCRIBE:
    case MSG_STATE_GET:
    case MSG_STATE_SUBSCRIBE:
    case MSG_SAFETY_STOP:
    case MSG_SAFETY_RESET:
    case MSG_SAFETY_ARM:
    case MSG_SAFETY_DISARM:
    case MSG_AXIS_RESET:
    case MSG_AXIS_ARM:
    case MSG_LINE_UNLOCK:
    case MSG_MODE_SELECT:
    case MSG_RECOVERY_BEGIN: g_strlcpy(self->began, self->begins, sizeof self->began); break;
    case MSG_RECOVERY_CLEAR:
    case MSG_RECOVERY_END:
    case MSG_CUE_STANDBY:
    case MSG_PERMISSION_END:
    case MSG_CUE_GO:
    case MSG_AXIS_JOG:
    case MSG_COMMISSION_GET:
    case MSG_COMMISSION_BEGIN:
    case MSG_COMMISSION_ANSWER:
    case MSG_COMMISSION_END:
    case MSG_COMMISSION_CHANGED:
    case MSG_METHOD_COUNT: break;
    }
}

static void take_error(BelaySession *self, const struct belay_message *message) {
    if (message->method == MSG_SHOW_LOAD && g_str_equal(message->error.code, "show")) {
        char *lines = g_strdup(message->error.message); /* many lines; a copy as below */
        g_signal_emit(self, signals[SIGNAL_SHOW_WRONG], 0, lines);
        g_free(lines);
        return;
    }
    char text[SESSION_TEXT_MAX]; /* a copy: what follows may close the connection, and the message with it */
    g_strlcpy(text, message->error.message, sizeof text);
    if (message->method == MSG_META_HELLO) { /* another version: nothing else will be understood either */
        lose(self, -EPROTO);
        set_link(self, text);
        return;
    }
    if (message->method == MSG_PERMISSION_HOLD || message->method == MSG_CUE_GO || message->method == MSG_AXIS_JOG) {
        press_dead(self, message->id);
    }
    refuse(self, text);
}

static void take(BelaySession *self, const struct belay_message *message) {
    if (message->kind != BELAY_EVENT && message->id == self->stop_id) {
        self->stop_id = 0;
    }
    switch (message->kind) {
    case BELAY_RESULT: take_result(self, message); break;
    case BELAY_ERROR: take_error(self, message); break;
    case BELAY_EVENT:
        if (message->event == MSG_STATE_TELEMETRY) {
            take_telemetry(self, &message->event_params.state_telemetry);
        }
        break;
    }
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer data) {
    BelaySession *self = BELAY_SESSION(data);
    const struct belay_message *message;
    int error = 0;
    (void)fd;
    (void)condition;
    g_object_ref(self);
    while (self->connection != NULL &&
           ((error = belay_dispatch(self->connection, &message)) == 1 || error == -EPROTO)) {
        if (error == 1) {
            take(self, message);
        } else {
            char text[SESSION_TEXT_MAX];
            g_snprintf(text, sizeof text, "belayd is not understood: %s", belay_protocol_error(self->connection));
            g_warning("%s", text);
            refuse(self, text);
        }
    }
    if (self->connection != NULL && error < 0) {
        lose(self, error);
    }
    const gboolean go_on = self->connection != NULL;
    g_object_unref(self);
    return go_on ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* --- going out ------------------------------------------------------------------------------------------------- */

static void greet(BelaySession *self) {
    const struct msg_meta_hello hello = {.major = MSG_MAJOR, .minor = MSG_MINOR, .client = "belay-console"};
    self->connected_us = g_get_monotonic_time();
    self->reader = g_unix_fd_add(belay_fd(self->connection), G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, self);
    const int64_t id = belay_send_meta_hello(self->connection, &hello);
    if (id < 0) {
        lose(self, (int)id);
    }
}

static gboolean on_retry(gpointer data) {
    BelaySession *self = BELAY_SESSION(data);
    self->retry = 0;
    int error = belay_connect(self->path, self->role, &self->connection);
    if (error == -EACCES && self->role == MSG_ROLE_OPERATE) {
        self->role = MSG_ROLE_VIEW; /* who may not operate may still look */
        error = belay_connect(self->path, self->role, &self->connection);
    }
    if (error == 0) {
        set_link(self, "greeting");
        greet(self);
    } else {
        char text[SESSION_TEXT_MAX];
        self->connection = NULL;
        self->role = MSG_ROLE_OPERATE;
        belay_errno_text(error, self->path, text, sizeof text);
        set_link(self, text);
        try_again(self);
    }
    return G_SOURCE_REMOVE;
}

static void send_stop(BelaySession *self) {
    const int64_t id = belay_send_safety_stop(self->connection);
    self->stop_wanted = id == -EAGAIN;
    if (id > 0) {
        self->stop_id = id;
    } else if (!self->stop_wanted) {
        self->stop_wanted = true; /* for the words of lose() */
        lose(self, (int)id);
    }
}

/* What has to happen by time: a greeting that does not come, a STOP that is not confirmed, the cue list. */
static gboolean on_watch(gpointer data) {
    BelaySession *self = BELAY_SESSION(data);
    const gint64 now_us = g_get_monotonic_time();
    if (self->connection == NULL) {
        return G_SOURCE_CONTINUE;
    }
    if (self->stop_wanted) {
        send_stop(self);
    }
    if ((self->stop_wanted || self->stop_id != 0) && self->stop_us != 0 &&
        now_us - self->stop_us > STOP_CONFIRM_MS * 1000) {
        self->stop_us = 0; /* once */
        refuse(self, "belayd does not confirm STOP: press an E-stop station.");
    }
    if (self->connection != NULL && !self->state->greeted && now_us - self->connected_us > GREETING_MS_MAX * 1000) {
        lose(self, -ETIMEDOUT);
    }
    if (self->state->greeted && now_us - self->show_us > SHOW_MS * 1000) {
        ask_cues(self);
    }
    return G_SOURCE_CONTINUE;
}

void belay_session_stop(BelaySession *self) {
    g_return_if_fail(BELAY_IS_SESSION(self));
    if (self->connection == NULL) {
        refuse(self, "STOP was not sent: not connected. Press an E-stop station.");
        return;
    }
    self->stop_us = g_get_monotonic_time();
    send_stop(self);
}

void belay_session_reset(BelaySession *self, const char *axis) {
    struct msg_axis_reset params = {.axis = ""};
    g_strlcpy(params.axis, axis != NULL ? axis : "", sizeof params.axis);
    if (ready(self, "Reset")) {
        (void)sent(self, axis != NULL ? belay_send_axis_reset(self->connection, &params)
                                      : belay_send_safety_reset(self->connection), "Reset");
    }
}

void belay_session_unlock(BelaySession *self, const char *axis) {
    struct msg_line_unlock params = {.axis = ""};
    g_strlcpy(params.axis, axis, sizeof params.axis);
    if (ready(self, "Unlock")) {
        (void)sent(self, belay_send_line_unlock(self->connection, &params), "Unlock");
    }
}

void belay_session_recover(BelaySession *self, const char *axis, enum msg_sensor without) {
    struct msg_recovery_begin params = {.without = without};
    g_strlcpy(params.axis, axis, sizeof params.axis);
    if (ready(self, "Recover")) {
        g_strlcpy(self->begins, axis, sizeof self->begins);
        (void)sent(self, belay_send_recovery_begin(self->connection, &params), "Recover");
    }
}

void belay_session_clear(BelaySession *self, const char *axis) {
    struct msg_recovery_clear params = {.axis = ""};
    g_strlcpy(params.axis, axis, sizeof params.axis);
    if (ready(self, "Clear")) {
        (void)sent(self, belay_send_recovery_clear(self->connection, &params), "Clear");
    }
}

void belay_session_recovery_end(BelaySession *self, const char *axis) {
    struct msg_recovery_end params = {.axis = ""};
    g_strlcpy(params.axis, axis, sizeof params.axis);
    if (ready(self, "The end of the recovery")) {
        (void)sent(self, belay_send_recovery_end(self->connection, &params), "The end of the recovery");
    }
}

bool belay_session_began_recovery(BelaySession *self, const struct belay_axis_view *axis) {
    return axis->now.has_recovery && strcmp(self->began, axis->limits.name) == 0;
}

void belay_session_mode(BelaySession *self, enum msg_operating_mode mode, int percent) {
    const struct msg_mode_select params = {.mode = mode, .percent = percent};
    if (ready(self, "Mode")) {
        (void)sent(self, belay_send_mode_select(self->connection, &params), "Mode");
    }
}

void belay_session_arm(BelaySession *self, const char *axis) {
    struct msg_axis_arm params = {.axis = ""};
    g_strlcpy(params.axis, axis != NULL ? axis : "", sizeof params.axis);
    if (ready(self, "Arm")) {
        (void)sent(self, axis != NULL ? belay_send_axis_arm(self->connection, &params)
                                      : belay_send_safety_arm(self->connection), "Arm");
    }
}

void belay_session_disarm(BelaySession *self) {
    if (ready(self, "Disarm")) {
        (void)sent(self, belay_send_safety_disarm(self->connection), "Disarm");
    }
}

void belay_session_standby(BelaySession *self, const char *cue) {
    struct msg_cue_standby params = {.cue = ""};
    g_strlcpy(params.cue, cue, sizeof params.cue);
    if (ready(self, "Standby")) {
        (void)sent(self, belay_send_cue_standby(self->connection, &params), "Standby");
    }
}

void belay_session_load(BelaySession *self, const char *name, GBytes *bytes) {
    struct msg_show_load *params = g_new0(struct msg_show_load, 1); /* large */
    const char *wrong = belay_show_prepare(name, bytes, params);
    if (wrong != NULL) {
        char *line = g_strdup_printf("%s: %s", name, wrong);
        g_signal_emit(self, signals[SIGNAL_SHOW_WRONG], 0, line);
        g_free(line);
    } else if (ready(self, "The show")) {
        (void)sent(self, belay_send_show_load(self->connection, params), "The show");
    }
    g_free(params);
}

/* Remembers which press request `id` was about; a request that did not go out kills it. */
static void about_press(BelaySession *self, int64_t id, uint32_t press, const char *what) {
    if (sent(self, id, what)) {
        self->asked[self->asked_next].id = id;
        self->asked[self->asked_next].press = press;
        self->asked_next = (self->asked_next + 1) % PRESSES;
    } else {
        g_signal_emit(self, signals[SIGNAL_PRESS_DEAD], 0, press);
    }
}

void belay_session_hold(BelaySession *self, uint32_t press, int64_t t_us) {
    const struct msg_permission_hold params = {.press = press, .t_us = t_us};
    if (ready(self, "The hold")) {
        about_press(self, belay_send_permission_hold(self->connection, &params), press, "The hold");
    }
}

void belay_session_end(BelaySession *self, uint32_t press) {
    const struct msg_permission_end params = {.press = press};
    if (self->connection != NULL && self->state->greeted) { /* else it ended with the connection */
        (void)sent(self, belay_send_permission_end(self->connection, &params), "The release");
    }
}

void belay_session_go(BelaySession *self, uint32_t press, const char *cue) {
    struct msg_cue_go params = {.press = press};
    g_strlcpy(params.cue, cue, sizeof params.cue);
    if (ready(self, "GO")) {
        about_press(self, belay_send_cue_go(self->connection, &params), press, "GO");
    }
}

void belay_session_jog(BelaySession *self, uint32_t press, const char *axis, double speed_m_s) {
    struct msg_axis_jog params = {.press = press, .speed_m_s = speed_m_s};
    g_strlcpy(params.axis, axis, sizeof params.axis);
    if (ready(self, "Jog")) {
        about_press(self, belay_send_axis_jog(self->connection, &params), press, "Jog");
    }
}

/* --- life ------------------------------------------------------------------------------------------------------ */

static void belay_session_finalize(GObject *object) {
    BelaySession *self = BELAY_SESSION(object);
    const guint sources[] = {self->reader, self->retry, self->watch};
    for (size_t i = 0; i < G_N_ELEMENTS(sources); i++) {
        if (sources[i] != 0) {
            g_source_remove(sources[i]);
        }
    }
    belay_close(self->connection);
    for (int i = 0; i < SESSION_AXES_MAX; i++) {
        belay_history_free(self->state->axis[i].history);
    }
    g_free(self->state);
    g_free(self->path);
    G_OBJECT_CLASS(belay_session_parent_class)->finalize(object);
}

static void belay_session_class_init(BelaySessionClass *klass) {
    static const struct {
        const char *name;
        GType param;
    } rows[SIGNAL_COUNT] = {
        [SIGNAL_GREETED] = {"greeted", 0},        [SIGNAL_TELEMETRY] = {"telemetry", 0},
        [SIGNAL_LOST] = {"lost", 0},              [SIGNAL_CUES] = {"cues", 0},
        [SIGNAL_REFUSED] = {"refused", G_TYPE_STRING}, [SIGNAL_PRESS_DEAD] = {"press-dead", G_TYPE_UINT},
        [SIGNAL_SHOW_LOADED] = {"show-loaded", 0}, [SIGNAL_SHOW_WRONG] = {"show-wrong", G_TYPE_STRING},
    };
    G_OBJECT_CLASS(klass)->finalize = belay_session_finalize;
    for (int i = 0; i < SIGNAL_COUNT; i++) {
        signals[i] = rows[i].param == 0
                         ? g_signal_new(rows[i].name, G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 0)
                         : g_signal_new(rows[i].name, G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 1, rows[i].param);
    }
}

static void belay_session_init(BelaySession *self) {
    self->state = g_new0(struct belay_state, 1);
    self->role = MSG_ROLE_OPERATE;
    self->retry_ms = RETRY_MS_MIN;
    for (int i = 0; i < SESSION_AXES_MAX; i++) {
        self->state->axis[i].history = belay_history_new(HISTORY_SAMPLES);
    }
    set_link(self, "connecting");
}

BelaySession *belay_session_new(const char *path) {
    BelaySession *self = g_object_new(BELAY_TYPE_SESSION, NULL);
    self->path = g_strdup(path);
    return self;
}

void belay_session_start(BelaySession *self) {
    g_return_if_fail(BELAY_IS_SESSION(self));
    if (self->watch == 0) {
        self->watch = g_timeout_add(WATCH_MS, on_watch, self);
        self->retry = g_timeout_add(0, on_retry, self);
    }
}

const struct belay_state *belay_session_state(BelaySession *self) {
    return self->state;
}

int64_t belay_session_age_ms(BelaySession *self, int64_t now_us) {
    if (!self->state->fresh) {
        return INT64_MAX;
    }
    return now_us > self->state->telemetry.t_us ? (now_us - self->state->telemetry.t_us) / 1000 : 0;
}

enum belay_freshness belay_session_freshness(BelaySession *self, int64_t now_us) {
    return belay_units_freshness(belay_session_age_ms(self, now_us));
}

const struct msg_cue *belay_session_cue(BelaySession *self, const char *id) {
    const struct msg_show_get_result *show = &self->state->show;
    for (int i = 0; i < show->cues_count; i++) {
        if (strcmp(show->cues[i].id, id) == 0) {
            return &show->cues[i];
        }
    }
    return NULL;
}

const char *belay_session_cue_name(BelaySession *self, const char *id) {
    const struct msg_cue *cue = belay_session_cue(self, id);
    return cue != NULL ? cue->name : "";
}

bool belay_session_cue_shown(BelaySession *self, const char *id) {
    return self->state->cues_read && belay_session_cue(self, id) != NULL;
}
