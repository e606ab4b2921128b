/* Which axis a recovery is about, what is shown of it, and what is asked for. */
#include "console/belay-recover.h"

#include "console/model/belay-recovery.h"

/* The axis that it is about: one that recovers, else one that may, the chosen one first; -1 = none. */
static int find_axis(const struct belay_recover *self) {
    const struct belay_state *state = belay_session_state(self->session);
    const int chosen = belay_operation_axis(self->operation);
    for (int runs = 1; runs >= 0; runs--) {
        for (int i = -1; i < state->axis_count; i++) {
            const int index = i < 0 ? chosen : i;
            if (index < state->axis_count &&
                (runs ? state->axis[index].now.has_recovery
                      : belay_recovery_offers(&state->axis[index], &state->telemetry) != 0)) {
                return index;
            }
        }
    }
    return -1;
}

static const char *axis_name(const struct belay_recover *self) {
    const int index = find_axis(self);
    return index >= 0 ? belay_session_state(self->session)->axis[index].limits.name : NULL;
}

static void on_recover(BelayFaultBar *faults, gboolean open, struct belay_recover *self) {
    (void)faults;
    self->open = open;
}

static void on_begin(BelayRecoveryPanel *panel, int sensor, struct belay_recover *self) {
    (void)panel;
    const char *name = axis_name(self);
    if (name != NULL) {
        belay_session_recover(self->session, name, (enum msg_sensor)sensor);
    }
}

static void on_clear(BelayRecoveryPanel *panel, struct belay_recover *self) {
    (void)panel;
    const char *name = axis_name(self);
    if (name != NULL) {
        belay_session_clear(self->session, name);
    }
}

static void on_end(BelayRecoveryPanel *panel, struct belay_recover *self) {
    (void)panel;
    const char *name = axis_name(self);
    if (name != NULL) {
        belay_session_recovery_end(self->session, name);
    }
}

static void on_closed(BelayRecoveryPanel *panel, struct belay_recover *self) {
    (void)panel;
    self->open = false;
}

void belay_recover_init(struct belay_recover *self, BelaySession *session, BelayOperation *operation,
                        BelayRecoveryPanel *panel, BelayFaultBar *faults) {
    *self = (struct belay_recover){.session = session, .operation = operation, .panel = panel, .faults = faults};
    g_signal_connect(faults, "recover", G_CALLBACK(on_recover), self);
    g_signal_connect(panel, "begin", G_CALLBACK(on_begin), self);
    g_signal_connect(panel, "clear", G_CALLBACK(on_clear), self);
    g_signal_connect(panel, "end", G_CALLBACK(on_end), self);
    g_signal_connect(panel, "closed", G_CALLBACK(on_closed), self);
}

/* belayd tells the two people apart by their connections: what this one must not, it does not offer. */
static const char *no_clear(const struct belay_recover *self, const struct belay_axis_view *axis) {
    const struct belay_state *state = belay_session_state(self->session);
    const struct msg_permission *permission = &state->telemetry.permission;
    if (belay_session_began_recovery(self->session, axis)) {
        return "You began this: somebody else, elsewhere.";
    }
    return permission->alive && permission->session == state->hello.session ? "You hold: somebody else, elsewhere."
                                                                             : NULL;
}

static void show(struct belay_recover *self, int index, const struct belay_situation *situation) {
    const struct belay_state *state = belay_session_state(self->session);
    const struct belay_axis_view *axis = &state->axis[index];
    const bool runs = axis->now.has_recovery;
    char headline[BELAY_RECOVERY_TEXT_MAX], next[BELAY_RECOVERY_TEXT_MAX];
    g_snprintf(headline, sizeof headline, "Recovery of %s: does somebody hang there?", axis->limits.name);
    const struct belay_recovery_view view = {
        .axis = axis->limits.name,
        .runs = runs,
        .headline = runs ? belay_recovery_headline(axis, headline, sizeof headline) : headline,
        .next = runs ? belay_recovery_next(axis, index == belay_operation_axis(self->operation), next, sizeof next)
                     : "Two people move them out, slowly: one begins it here, resets, arms and holds; the other one "
                       "sees the load and gives CLEAR at another console.",
        .offers = runs ? 0 : belay_recovery_offers(axis, &state->telemetry),
        .reason = belay_interlock_reason(situation, CONTROL_RECOVER),
        .no_clear = runs ? no_clear(self, axis) : NULL,
        .clear_s = runs ? axis->now.recovery.clear_s : 0,
    };
    belay_recovery_panel_set(self->panel, &view);
}

void belay_recover_refresh(struct belay_recover *self, const struct belay_situation *situation) {
    const bool known = situation->connected && situation->freshness != GONE;
    const int index = known ? find_axis(self) : -1;
    const bool runs = index >= 0 && belay_session_state(self->session)->axis[index].now.has_recovery;
    self->open = self->open && index >= 0 && !runs;
    belay_fault_bar_set_recover(self->faults, index >= 0 && !runs, self->open);
    if (index >= 0) {
        show(self, index, situation);
    }
    gtk_widget_set_visible(GTK_WIDGET(self->panel), runs || self->open);
}
