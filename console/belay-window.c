/* Layout, keys, and the refresh of everything shown. */
#include "console/belay-window.h"

#include "console/belay-recover.h"
#include "console/model/belay-cue.h"
#include "console/model/belay-group.h"
#include "console/model/belay-links.h"
#include "console/model/belay-mode.h"
#include "console/model/belay-operation.h"
#include "console/model/belay-stop.h"
#include "console/widgets/belay-axis-row.h"
#include "console/widgets/belay-banner.h"
#include "console/widgets/belay-colours.h"
#include "console/widgets/belay-cue-view.h"
#include "console/widgets/belay-fault-bar.h"
#include "console/widgets/belay-go-panel.h"
#include "console/widgets/belay-hold-button.h"
#include "console/widgets/belay-jog-panel.h"
#include "console/widgets/belay-load-button.h"
#include "console/widgets/belay-plot.h"
#include "console/widgets/belay-readout.h"
#include "console/widgets/belay-show-errors.h"
#include "console/widgets/belay-stop-bar.h"
#include "console/widgets/belay-tile.h"

#define BORDER_PX 6    /* as in style.css */
#define REFRESH_MS 100 /* words and numbers: nobody reads faster */

struct _BelayWindow {
    GtkApplicationWindow parent_instance;
    GtkWidget *frame, *axes, *groups; /* groups: owned by the axes box, above the rows */
    BelayBanner *banner;
    BelayFaultBar *faults;
    BelayPlot *plot;
    BelayShowErrors *show_errors; /* in the plot's place, */
    BelayRecoveryPanel *recovery; /* and so is this */
    struct belay_recover recover; /* what it shows */
    BelayLoadButton *load;
    char *show_file; /* name of the file sent last */
    BelayCueView *cues;
    BelayJogPanel *jog;
    BelayGoPanel *go;
    BelayStopBar *stop;
    BelayTile *next, *message;
    GtkToggleButton *space_anywhere;
    BelayHoldButton *hold;

    BelaySession *session;
    BelayOperation *operation;
    struct belay_links links;
    BelayAxisRow *row[SESSION_AXES_MAX]; /* owned by the axes box */
    int rows;
    guint refresher, surface_event;
    gulong esc_hook;
};

G_DEFINE_FINAL_TYPE(BelayWindow, belay_window, GTK_TYPE_APPLICATION_WINDOW)

static void show_plot(BelayWindow *self, const struct belay_axis_view *axis) {
    const struct msg_hello_axis *limits = &axis->limits;
    const struct belay_plot_scale scale = {
        .position_min_m = limits->position_min_m,
        .position_max_m = limits->position_max_m,
        .tension_max_n = limits->tension_max_n,
        .has_band = limits->belay,
        .band_min_n = limits->band_min_n,
        .band_max_n = limits->band_max_n,
        .weight_on_line_n = limits->weight_on_line_n,
    };
    belay_plot_set_axis(self->plot, axis->limits.name, axis->history, &scale);
}

/* --- the operator ---------------------------------------------------------------------------------------------- */

static void on_stop(GtkWidget *stop, BelayWindow *self) {
    (void)stop;
    belay_operation_stop(self->operation);
}

static void on_reset(GtkWidget *faults, BelayWindow *self) {
    (void)faults;
    belay_session_reset(self->session, belay_operation_reset_name(self->operation));
}

static void on_arm(GtkWidget *panel, BelayWindow *self) {
    (void)panel;
    belay_session_arm(self->session, belay_operation_arm_name(self->operation));
}

static void on_disarm(GtkWidget *panel, BelayWindow *self) {
    (void)panel;
    belay_session_disarm(self->session);
}

static void on_setup(GtkWidget *panel, BelayWindow *self) {
    (void)panel;
    belay_session_mode(self->session, MSG_OPERATING_MODE_SETUP, 0);
}

static void on_walk(GtkWidget *panel, BelayWindow *self) {
    (void)panel;
    const struct msg_operation *operation = &belay_session_state(self->session)->telemetry.operation;
    belay_session_mode(self->session, MSG_OPERATING_MODE_WALK_THROUGH, belay_mode_walk_percent(operation));
}

static void on_first(GtkWidget *panel, BelayWindow *self) {
    (void)panel;
    const struct msg_operation *operation = &belay_session_state(self->session)->telemetry.operation;
    belay_session_mode(self->session, MSG_OPERATING_MODE_WALK_THROUGH, belay_mode_first_percent(operation));
}

static void on_show_mode(GtkWidget *panel, BelayWindow *self) {
    (void)panel;
    belay_session_mode(self->session, MSG_OPERATING_MODE_SHOW, 0);
}

static void on_go(GtkWidget *panel, BelayWindow *self) {
    (void)panel;
    belay_operation_go(self->operation);
}

static void on_standby(GtkWidget *cues, const char *cue, BelayWindow *self) {
    (void)cues;
    belay_session_standby(self->session, cue);
}

/* The plot is where neither of these is. */
static void make_room(BelayWindow *self) {
    gtk_widget_set_visible(GTK_WIDGET(self->plot), !gtk_widget_get_visible(GTK_WIDGET(self->show_errors)) &&
                                                       !gtk_widget_get_visible(GTK_WIDGET(self->recovery)));
}

static void show_wrong(BelayWindow *self, const char *lines) {
    belay_show_errors_set(self->show_errors, self->show_file, lines);
    gtk_widget_set_visible(GTK_WIDGET(self->show_errors), TRUE);
    make_room(self);
}

static void on_show_chosen(GtkWidget *load, const char *name, GBytes *bytes, BelayWindow *self) {
    (void)load;
    g_free(self->show_file);
    self->show_file = g_strdup(name);
    belay_session_load(self->session, name, bytes);
}

static void on_show_unreadable(GtkWidget *load, const char *name, const char *why, BelayWindow *self) {
    (void)load;
    g_free(self->show_file);
    self->show_file = g_strdup(name);
    show_wrong(self, why);
}

static void on_show_wrong(BelaySession *session, const char *lines, BelayWindow *self) {
    (void)session;
    show_wrong(self, lines);
}

static void close_show_errors(BelayWindow *self) {
    gtk_widget_set_visible(GTK_WIDGET(self->show_errors), FALSE);
    make_room(self);
}

static void on_show_loaded(BelaySession *session, BelayWindow *self) {
    (void)session;
    close_show_errors(self);
}

static void on_show_errors_closed(GtkWidget *errors, BelayWindow *self) {
    (void)errors;
    close_show_errors(self);
}

static void on_jog_changed(BelayJogPanel *jog, BelayWindow *self) {
    belay_operation_jog(self->operation, belay_jog_panel_way(jog), belay_jog_panel_speed_m_s(jog));
}

static void on_held(GtkWidget *hold, int source, BelayWindow *self) {
    (void)hold;
    belay_operation_press(self->operation, (enum hold_source)source);
}

static void on_let_go(GtkWidget *hold, int source, BelayWindow *self) {
    (void)hold;
    if (self->operation != NULL) { /* the last release may come from dispose */
        belay_operation_let_go(self->operation, (enum hold_source)source);
    }
}

static void on_space_anywhere(GtkToggleButton *button, BelayWindow *self) {
    belay_hold_button_set_space_anywhere(self->hold, gtk_toggle_button_get_active(button));
}

static void on_row_chosen(BelayAxisRow *row, BelayWindow *self) {
    for (int i = 0; i < self->rows; i++) {
        if (self->row[i] == row) {
            belay_operation_choose_axis(self->operation, i);
            show_plot(self, &belay_session_state(self->session)->axis[i]);
        }
    }
}

static void on_row_unlock(BelayAxisRow *row, BelayWindow *self) {
    for (int i = 0; i < self->rows; i++) {
        if (self->row[i] == row) {
            belay_session_unlock(self->session, belay_session_state(self->session)->axis[i].limits.name);
        }
    }
}

static gboolean on_verify(BelayOperation *operation, BelayWindow *self) {
    (void)operation;
    return belay_hold_button_verify(self->hold);
}

/* Esc stops, whatever else is pressed or locked, in every window, dialog and popover of this program: a popover keeps
 * its keys from the window it belongs to, so a key controller there would not hear them. The key then goes its way:
 * what Esc closes elsewhere, it closes here. */
static gboolean on_surface_event(GSignalInvocationHint *hint, guint count, const GValue *values, gpointer data) {
    (void)hint;
    g_assert(count >= 2);
    GdkEvent *event = g_value_peek_pointer(&values[1]);
    if (gdk_event_get_event_type(event) == GDK_KEY_PRESS && gdk_key_event_get_keyval(event) == GDK_KEY_Escape) {
        on_stop(NULL, BELAY_WINDOW(data));
    }
    return TRUE; /* stay */
}

static gboolean key_load(GtkWidget *widget, GVariant *args, gpointer data) {
    (void)args;
    (void)data;
    belay_load_button_open(BELAY_WINDOW(widget)->load);
    return TRUE;
}

static gboolean key_go(GtkWidget *widget, GVariant *args, gpointer data) {
    (void)args;
    (void)data;
    on_go(widget, BELAY_WINDOW(widget));
    return TRUE;
}

/* --- what is shown --------------------------------------------------------------------------------------------- */

static void set_css(GtkWidget *widget, const char *css, bool there) {
    (there ? gtk_widget_add_css_class : gtk_widget_remove_css_class)(widget, css);
}

/* Names of the stations that are open. */
static void open_stations(const struct msg_estop *estop, char *text, gsize size) {
    text[0] = '\0';
    for (int i = 0; i < estop->stations_count; i++) {
        const struct msg_station *station = &estop->stations[i];
        if (!station->a_closed || !station->b_closed) {
            g_strlcat(text, text[0] != '\0' ? ", " : "", size);
            g_strlcat(text, station->name, size);
        }
    }
}

static void refresh_banner(BelayWindow *self, const struct belay_state *state, gint64 now_us) {
    const struct msg_telemetry *telemetry = &state->telemetry;
    const enum belay_freshness freshness = belay_session_freshness(self->session, now_us);
    const bool ours = telemetry->permission.session == state->hello.session;
    char links[2 * SESSION_TEXT_MAX], stations[SESSION_TEXT_MAX];
    open_stations(&telemetry->estop, stations, sizeof stations);
    char operation[32];
    belay_mode_words(&telemetry->operation, operation, sizeof operation);
    struct belay_banner_state banner = {
        .connected = state->fresh,
        .may_operate = state->hello.role == MSG_ROLE_OPERATE,
        .rehearsal = telemetry->rehearsal,
        .estop_known = telemetry->estop.known && freshness != GONE,
        .a_closed = telemetry->estop.a_closed,
        .b_closed = telemetry->estop.b_closed,
        .stations = stations,
        .operation = operation,
        .state = freshness != GONE ? telemetry->state : "unknown",
        .permission = !telemetry->permission.alive ? "nobody" : ours ? "this console" : "another console",
        .age_ms = belay_session_age_ms(self->session, now_us),
        .freshness = freshness,
        .links = links,
        .show = telemetry->has_show ? telemetry->show : NULL,
        .rig = state->hello.rig,
    };
    belay_links_words(telemetry, links, sizeof links, &banner.links_good);
    belay_banner_set(self->banner, &banner);
    const bool rehearsal = state->fresh && telemetry->rehearsal;
    if (rehearsal != gtk_widget_has_css_class(self->frame, "rehearsal")) {
        set_css(self->frame, "rehearsal", rehearsal);
        gtk_widget_queue_draw(GTK_WIDGET(self));
    }
    set_css(self->frame, "live", state->fresh && !rehearsal);
}

/* Time of day of a moment of CLOCK_MONOTONIC. */
static void clock_text(gint64 t_us, char *text, gsize size) {
    const gint64 real_us = g_get_real_time() - (g_get_monotonic_time() - t_us);
    GDateTime *moment = g_date_time_new_from_unix_local(real_us / 1000000);
    char *words = moment != NULL ? g_date_time_format(moment, "%H:%M:%S") : NULL;
    g_strlcpy(text, words != NULL ? words : "", size);
    g_free(words);
    g_clear_pointer(&moment, g_date_time_unref);
}

static void add_words(GString *list, const char *words) {
    g_string_append_printf(list, "%s%s", list->len > 0 ? "; " : "", words);
}

/* A cause that a reset left, and the way that leads out of it. */
static void remaining_text(const struct msg_remaining *remaining, char *text, gsize size) {
    const char *way = remaining->payout && remaining->takein ? "a jog either way leads out"
                      : remaining->payout                    ? "only pay-out leads out"
                      : remaining->takein                    ? "only take-in leads out"
                                                             : "no motion";
    g_snprintf(text, size, "STILL THERE: %s (%s), %s", remaining->text, remaining->axis, way);
}

/* What stands beside the first fault: the drives' own codes, the other faults, and who stopped what before. */
static void other_words(const struct msg_telemetry *telemetry, const char *stop, GString *list) {
    const bool latched = telemetry->has_first_out;
    char words[SESSION_TEXT_MAX];
    for (int i = 0; i < telemetry->axes_count; i++) {
        const struct msg_telemetry_axis *axis = &telemetry->axes[i];
        if (axis->has_drive_fault_code) {
            const long long code = (long long)axis->drive_fault_code;
            g_snprintf(words, sizeof words, "%s drive fault code %lld (0x%llX)", axis->name, code,
                       (unsigned long long)code);
            add_words(list, words);
        }
    }
    for (int i = 0; i < telemetry->faults_count; i++) {
        const struct msg_fault *fault = &telemetry->faults[i];
        if (!latched || !g_str_equal(fault->fault, telemetry->first_out.fault)) {
            g_snprintf(words, sizeof words, "also: %s%s", fault->text,
                       fault->has_there && fault->there ? ", there now" : "");
            add_words(list, words);
        }
    }
    for (int i = latched ? 0 : 1; i < telemetry->remaining_count; i++) { /* the first one is the headline itself */
        remaining_text(&telemetry->remaining[i], words, sizeof words);
        add_words(list, words);
    }
    if (latched && stop != NULL && !g_str_equal(telemetry->last_stop.what, "fault")) {
        g_snprintf(words, sizeof words, "last motion: %s", stop);
        add_words(list, words);
    }
}

static void refresh_faults(BelayWindow *self, const struct belay_state *state,
                           const struct belay_situation *situation) {
    const struct msg_telemetry *telemetry = &state->telemetry;
    const struct msg_first_out *first = &telemetry->first_out;
    const bool known = situation->connected && situation->freshness != GONE;
    const bool latched = situation->connected && telemetry->has_first_out;
    char when[32] = "", text[SESSION_TEXT_MAX];
    const char *stop = known && telemetry->has_last_stop
                           ? belay_stop_text(&telemetry->last_stop, state->hello.session, text, sizeof text)
                           : NULL;
    GString *others = g_string_new(NULL);
    if (situation->connected) {
        other_words(telemetry, stop, others);
    }
    if (latched) {
        clock_text(first->t_us, when, sizeof when);
    }
    const bool limited = known && !latched && telemetry->remaining_count > 0;
    char remaining[SESSION_TEXT_MAX];
    if (limited) {
        remaining_text(&telemetry->remaining[0], remaining, sizeof remaining);
    }
    const struct belay_fault_view view = {
        .known = known,
        .first = latched ? first->text : NULL,
        .remaining = limited ? remaining : NULL,
        .axis = first->has_axis ? first->axis : NULL,
        .when = when,
        .cause = latched ? first->cause : situation->connected ? NULL : state->link,
        .remedy = latched                ? first->remedy
                  : limited              ? telemetry->remaining[0].remedy
                  : situation->connected ? NULL
                                         : "If anything moves: USE THE E-STOP.",
        .others = others->len > 0 ? others->str : NULL,
        .stop = stop,
    };
    belay_fault_bar_set(self->faults, &view);
    belay_fault_bar_set_reset(self->faults, belay_interlock_reason(situation, CONTROL_RESET),
                              belay_operation_reset_name(self->operation));
    g_string_free(others, TRUE);
}

/* The newest message; without one, what is wrong with a field link; without that, quietly, what was. */
static void refresh_message(BelayWindow *self, const struct msg_telemetry *telemetry) {
    const char *message = belay_operation_message(self->operation);
    char text[2 * SESSION_TEXT_MAX];
    bool down;
    belay_links_trouble(&self->links, telemetry, text, sizeof text, &down);
    if (*message != '\0') {
        g_strlcpy(text, message, sizeof text);
    }
    belay_tile_set(self->message, *message != '\0' || down ? TONE_WARN : TONE_PLAIN, *text != '\0' ? text : "none");
}

/* When HOLD turns up it takes the focus, so that Space means it and not the button pressed before. */
static void offer_hold(BelayWindow *self, bool offered) {
    const bool before = gtk_widget_get_sensitive(GTK_WIDGET(self->hold));
    gtk_widget_set_sensitive(GTK_WIDGET(self->hold), offered);
    if (offered && !before) {
        gtk_widget_grab_focus(GTK_WIDGET(self->hold));
    }
}

/* What GO would start, whole: "cue 2: Top of the ledge", and below that what moves where, how fast. */
static void standby_words(BelayWindow *self, const char *id, char *text, gsize size) {
    const struct msg_cue *cue = belay_session_cue(self->session, id);
    char detail[CUE_TEXT_MAX];
    g_snprintf(text, size, "cue %s: %s\n%s", id, cue != NULL ? cue->name : "",
               cue != NULL ? belay_cue_text(cue, detail, sizeof detail) : "");
}

static void refresh_mode(BelayWindow *self, const struct msg_operation *operation,
                         const struct belay_situation *situation) {
    belay_go_panel_set_mode(self->go, belay_mode_first_percent(operation), belay_mode_walk_percent(operation),
                            belay_interlock_reason(situation, CONTROL_MODE),
                            operation->has_show_refusal ? operation->show_refusal.text : NULL);
}

static void refresh_controls(BelayWindow *self, const struct msg_telemetry *telemetry,
                             const struct belay_situation *situation) {
    const struct belay_hold *hold = belay_operation_hold(self->operation);
    const char *go_reason = belay_interlock_reason(situation, CONTROL_GO);
    const char *hold_reason = belay_interlock_reason(situation, CONTROL_HOLD);
    char line[SESSION_TEXT_MAX], standby[SESSION_TEXT_MAX];
    belay_operation_line(self->operation, line, sizeof line);
    standby_words(self, telemetry->standby_cue, standby, sizeof standby);
    refresh_mode(self, &telemetry->operation, situation);
    belay_go_panel_set_arm(self->go, belay_interlock_reason(situation, CONTROL_ARM),
                           belay_interlock_reason(situation, CONTROL_DISARM),
                           belay_operation_arm_name(self->operation));
    belay_go_panel_set_go(self->go, go_reason == NULL, hold->intent == INTENT_CUE,
                          go_reason != NULL ? go_reason : standby);
    belay_jog_panel_set_reasons(self->jog, belay_interlock_reason(situation, CONTROL_PAY_OUT),
                                belay_interlock_reason(situation, CONTROL_TAKE_IN));
    belay_jog_panel_set_way(self->jog, hold->intent);
    belay_load_button_set_reason(self->load, belay_interlock_reason(situation, CONTROL_LOAD));
    if (situation->armed) {
        close_show_errors(self); /* who flies wants the plot, and nothing in front of it */
        belay_load_button_close(self->load);
    }
    offer_hold(self, hold_reason == NULL);
    belay_hold_button_show(self->hold, hold->state, line);
    belay_tile_set(self->next,
                   hold->state == HOLD_HELD ? TONE_GOOD
                   : hold_reason != NULL    ? TONE_PLAIN
                                            : TONE_WARN,
                   line);
    refresh_message(self, telemetry);
}

static void refresh_axes(BelayWindow *self, const struct belay_state *state, const struct belay_situation *situation,
                         gint64 now_us) {
    const char *no_unlock = belay_interlock_reason(situation, CONTROL_UNLOCK);
    const int chosen = belay_operation_axis(self->operation);
    for (int i = 0; i < self->rows; i++) {
        belay_axis_row_refresh_text(self->row[i], now_us, state->fresh);
        belay_axis_row_refresh_bars(self->row[i], now_us);
        belay_axis_row_set_unlock(self->row[i],
                                  no_unlock != NULL ? no_unlock : belay_axis_unlock_reason(&state->axis[i]));
    }
    if (self->groups != NULL) {
        char text[GROUPS_TEXT_MAX];
        const bool fresh = state->fresh && belay_session_freshness(self->session, now_us) == FRESH;
        gtk_label_set_text(GTK_LABEL(self->groups), belay_groups_text(&state->telemetry, fresh, text, sizeof text));
        gtk_widget_set_visible(self->groups, text[0] != '\0');
    }
    if (chosen < state->axis_count) {
        const struct belay_axis_view *axis = &state->axis[chosen];
        belay_jog_panel_set_axis(self->jog, axis->limits.name, belay_axis_jog_max_m_s(axis));
    }
}

static void refresh(BelayWindow *self) {
    const struct belay_state *state = belay_session_state(self->session);
    const struct msg_telemetry *telemetry = &state->telemetry;
    const gint64 now_us = g_get_monotonic_time();
    belay_operation_refresh(self->operation);
    const struct belay_situation situation = belay_operation_situation(self->operation, now_us);
    refresh_banner(self, state, now_us);
    refresh_faults(self, state, &situation);
    refresh_axes(self, state, &situation, now_us);
    belay_recover_refresh(&self->recover, &situation);
    make_room(self);
    refresh_controls(self, telemetry, &situation);
    const bool known = situation.connected && situation.freshness != GONE;
    belay_cue_view_mark(self->cues, known && telemetry->has_standby_cue ? telemetry->standby_cue : NULL,
                        known && telemetry->has_running_cue ? telemetry->running_cue : NULL);
    belay_cue_view_set_reason(self->cues, belay_interlock_reason(&situation, CONTROL_STANDBY));
}

static gboolean on_refresh(gpointer data) {
    BelayWindow *self = BELAY_WINDOW(data);
    refresh(self);
    belay_plot_refresh(self->plot);
    return G_SOURCE_CONTINUE;
}

static void on_operation_changed(BelayOperation *operation, BelayWindow *self) {
    (void)operation;
    refresh(self);
}

static void on_telemetry(BelaySession *session, BelayWindow *self) {
    belay_links_note(&self->links, &belay_session_state(session)->telemetry);
    const gint64 now_us = g_get_monotonic_time();
    for (int i = 0; i < self->rows; i++) {
        belay_axis_row_refresh_bars(self->row[i], now_us);
    }
    belay_plot_refresh(self->plot);
}

/* Another controller, or the same one again: build the axis rows anew. */
static void on_greeted(BelaySession *session, BelayWindow *self) {
    const struct belay_state *state = belay_session_state(session);
    GtkWidget *child;
    belay_links_init(&self->links);
    while ((child = gtk_widget_get_first_child(self->axes)) != NULL) {
        gtk_box_remove(GTK_BOX(self->axes), child);
    }
    self->groups = gtk_label_new("");
    gtk_label_set_xalign(GTK_LABEL(self->groups), 0);
    gtk_box_append(GTK_BOX(self->axes), self->groups);
    for (int i = 0; i < state->axis_count; i++) {
        GtkWidget *row = belay_axis_row_new(&state->axis[i], i > 0 ? self->row[0] : NULL, state->axis_count > 1);
        self->row[i] = BELAY_AXIS_ROW(row);
        g_signal_connect(row, "chosen", G_CALLBACK(on_row_chosen), self);
        g_signal_connect(row, "unlock", G_CALLBACK(on_row_unlock), self);
        gtk_box_append(GTK_BOX(self->axes), row);
    }
    self->rows = state->axis_count;
    belay_operation_choose_axis(self->operation, 0);
    if (state->axis_count > 0) {
        show_plot(self, &state->axis[0]);
    }
    refresh(self);
}

static void on_cues(BelaySession *session, BelayWindow *self) {
    const struct msg_show_get_result *show = &belay_session_state(session)->show;
    belay_cue_view_clear(self->cues);
    for (int i = 0; i < show->cues_count; i++) {
        const struct msg_cue *cue = &show->cues[i];
        char detail[CUE_TEXT_MAX];
        belay_cue_view_add(self->cues, cue->id, cue->name, belay_cue_text(cue, detail, sizeof detail));
    }
    refresh(self);
}

/* --- life ------------------------------------------------------------------------------------------------------ */

static void add_key(GtkEventController *shortcuts, guint key, GdkModifierType modifiers, GtkShortcutFunc function) {
    GtkShortcut *shortcut =
        gtk_shortcut_new(gtk_keyval_trigger_new(key, modifiers), gtk_callback_action_new(function, NULL, NULL));
    gtk_shortcut_controller_add_shortcut(GTK_SHORTCUT_CONTROLLER(shortcuts), shortcut);
}

/* Heard before any focused widget sees the key. */
static void add_keys(BelayWindow *self) {
    GtkEventController *shortcuts = gtk_shortcut_controller_new();
    gtk_event_controller_set_propagation_phase(shortcuts, GTK_PHASE_CAPTURE);
    gtk_shortcut_controller_set_scope(GTK_SHORTCUT_CONTROLLER(shortcuts), GTK_SHORTCUT_SCOPE_GLOBAL);
    add_key(shortcuts, GDK_KEY_g, 0, key_go);
    add_key(shortcuts, GDK_KEY_o, GDK_CONTROL_MASK, key_load);
    gtk_widget_add_controller(GTK_WIDGET(self), shortcuts);
}

/* The striped border of a rehearsal. As a background in CSS it would be composed under every change of the plot. */
static void belay_window_snapshot(GtkWidget *widget, GtkSnapshot *snapshot) {
    BelayWindow *self = BELAY_WINDOW(widget);
    GTK_WIDGET_CLASS(belay_window_parent_class)->snapshot(widget, snapshot);
    graphene_rect_t frame;
    if (!gtk_widget_has_css_class(self->frame, "rehearsal") ||
        !gtk_widget_compute_bounds(self->frame, widget, &frame)) {
        return;
    }
    const float left = frame.origin.x, top = frame.origin.y, width = frame.size.width, height = frame.size.height;
    const graphene_rect_t edges[] = {
        GRAPHENE_RECT_INIT(left, top, width, BORDER_PX),
        GRAPHENE_RECT_INIT(left, top + height - BORDER_PX, width, BORDER_PX),
        GRAPHENE_RECT_INIT(left, top, BORDER_PX, height),
        GRAPHENE_RECT_INIT(left + width - BORDER_PX, top, BORDER_PX, height),
    };
    const GdkRGBA light = *COLOUR_RGBA(COLOUR_SKY, 1.0f), dark = *COLOUR_RGBA(COLOUR_PLOT, 1.0f);
    const GskColorStop stops[] = {{0, light}, {0.5f, light}, {0.5f, dark}, {1, dark}};
    for (size_t i = 0; i < G_N_ELEMENTS(edges); i++) {
        gtk_snapshot_append_repeating_linear_gradient(snapshot, &edges[i], &GRAPHENE_POINT_INIT(0, 0),
                                                      &GRAPHENE_POINT_INIT(16, 16), stops, G_N_ELEMENTS(stops));
    }
}

static void belay_window_dispose(GObject *object) {
    BelayWindow *self = BELAY_WINDOW(object);
    if (self->esc_hook != 0) {
        g_signal_remove_emission_hook(self->surface_event, self->esc_hook);
        self->esc_hook = 0;
    }
    if (self->refresher != 0) {
        g_source_remove(self->refresher);
        self->refresher = 0;
    }
    if (self->session != NULL) {
        g_signal_handlers_disconnect_by_data(self->session, self);
    }
    g_clear_object(&self->operation); /* ends a press */
    if (self->plot != NULL) {
        belay_plot_set_axis(self->plot, "", NULL, NULL);
    }
    g_clear_pointer(&self->show_file, g_free);
    g_clear_object(&self->session);
    G_OBJECT_CLASS(belay_window_parent_class)->dispose(object);
}

static void ensure_types(void) {
    g_type_ensure(BELAY_TYPE_BANNER);
    g_type_ensure(BELAY_TYPE_FAULT_BAR);
    g_type_ensure(BELAY_TYPE_PLOT);
    g_type_ensure(BELAY_TYPE_RECOVERY_PANEL);
    g_type_ensure(BELAY_TYPE_SHOW_ERRORS);
    g_type_ensure(BELAY_TYPE_LOAD_BUTTON);
    g_type_ensure(BELAY_TYPE_CUE_VIEW);
    g_type_ensure(BELAY_TYPE_JOG_PANEL);
    g_type_ensure(BELAY_TYPE_GO_PANEL);
    g_type_ensure(BELAY_TYPE_STOP_BAR);
    g_type_ensure(BELAY_TYPE_TILE);
    g_type_ensure(BELAY_TYPE_HOLD_BUTTON);
}

static void bind_callbacks(GtkWidgetClass *widget_class) {
    gtk_widget_class_bind_template_callback(widget_class, on_stop);
    gtk_widget_class_bind_template_callback(widget_class, on_reset);
    gtk_widget_class_bind_template_callback(widget_class, on_setup);
    gtk_widget_class_bind_template_callback(widget_class, on_first);
    gtk_widget_class_bind_template_callback(widget_class, on_walk);
    gtk_widget_class_bind_template_callback(widget_class, on_show_mode);
    gtk_widget_class_bind_template_callback(widget_class, on_arm);
    gtk_widget_class_bind_template_callback(widget_class, on_disarm);
    gtk_widget_class_bind_template_callback(widget_class, on_go);
    gtk_widget_class_bind_template_callback(widget_class, on_standby);
    gtk_widget_class_bind_template_callback(widget_class, on_show_chosen);
    gtk_widget_class_bind_template_callback(widget_class, on_show_unreadable);
    gtk_widget_class_bind_template_callback(widget_class, on_show_errors_closed);
    gtk_widget_class_bind_template_callback(widget_class, on_jog_changed);
    gtk_widget_class_bind_template_callback(widget_class, on_held);
    gtk_widget_class_bind_template_callback(widget_class, on_let_go);
    gtk_widget_class_bind_template_callback(widget_class, on_space_anywhere);
}

static void belay_window_class_init(BelayWindowClass *klass) {
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = belay_window_dispose;
    widget_class->snapshot = belay_window_snapshot;
    ensure_types();
    gtk_widget_class_set_template_from_resource(widget_class, "/org/belay/Console/belay-window.ui");
    gtk_widget_class_bind_template_child(widget_class, BelayWindow, frame);
    gtk_widget_class_bind_template_child(widget_class, BelayWindow, axes);
    gtk_widget_class_bind_template_child(widget_class, BelayWindow, banner);
    gtk_widget_class_bind_template_child(widget_class, BelayWindow, faults);
    gtk_widget_class_bind_template_child(widget_class, BelayWindow, plot);
    gtk_widget_class_bind_template_child(widget_class, BelayWindow, show_errors);
    gtk_widget_class_bind_template_child(widget_class, BelayWindow, recovery);
    gtk_widget_class_bind_template_child(widget_class, BelayWindow, load);
    gtk_widget_class_bind_template_child(widget_class, BelayWindow, cues);
    gtk_widget_class_bind_template_child(widget_class, BelayWindow, jog);
    gtk_widget_class_bind_template_child(widget_class, BelayWindow, go);
    gtk_widget_class_bind_template_child(widget_class, BelayWindow, stop);
    gtk_widget_class_bind_template_child(widget_class, BelayWindow, next);
    gtk_widget_class_bind_template_child(widget_class, BelayWindow, message);
    gtk_widget_class_bind_template_child(widget_class, BelayWindow, space_anywhere);
    gtk_widget_class_bind_template_child(widget_class, BelayWindow, hold);
    bind_callbacks(widget_class);
}

static void belay_window_init(BelayWindow *self) {
    gtk_widget_init_template(GTK_WIDGET(self));
    add_keys(self);
    self->surface_event = g_signal_lookup("event", GDK_TYPE_SURFACE);
    self->esc_hook = g_signal_add_emission_hook(self->surface_event, 0, on_surface_event, self, NULL);
}

GtkWidget *belay_window_new(GtkApplication *application, BelaySession *session) {
    BelayWindow *self = g_object_new(BELAY_TYPE_WINDOW, "application", application, NULL);
    self->session = g_object_ref(session);
    self->operation = belay_operation_new(session);
    belay_recover_init(&self->recover, session, self->operation, self->recovery, self->faults);
    g_signal_connect(session, "greeted", G_CALLBACK(on_greeted), self);
    g_signal_connect(session, "telemetry", G_CALLBACK(on_telemetry), self);
    g_signal_connect(session, "show-wrong", G_CALLBACK(on_show_wrong), self);
    g_signal_connect(session, "show-loaded", G_CALLBACK(on_show_loaded), self);
    g_signal_connect(session, "cues", G_CALLBACK(on_cues), self);
    g_signal_connect(self->operation, "changed", G_CALLBACK(on_operation_changed), self);
    g_signal_connect(self->operation, "verify", G_CALLBACK(on_verify), self);
    self->refresher = g_timeout_add(REFRESH_MS, on_refresh, self);
    refresh(self);
    return GTK_WIDGET(self);
}

gboolean belay_window_save_png(BelayWindow *self, const char *path) {
    g_return_val_if_fail(BELAY_IS_WINDOW(self), FALSE);
    GdkPaintable *paintable = gtk_widget_paintable_new(GTK_WIDGET(self));
    const int width = gdk_paintable_get_intrinsic_width(paintable);
    const int height = gdk_paintable_get_intrinsic_height(paintable);
    GtkSnapshot *snapshot = gtk_snapshot_new();
    gdk_paintable_snapshot(paintable, snapshot, width, height);
    GskRenderNode *node = gtk_snapshot_free_to_node(snapshot);
    GskRenderer *renderer = gtk_native_get_renderer(GTK_NATIVE(self));
    gboolean saved = FALSE;
    if (node != NULL && renderer != NULL && width > 0 && height > 0) {
        GdkTexture *texture =
            gsk_renderer_render_texture(renderer, node, &GRAPHENE_RECT_INIT(0, 0, (float)width, (float)height));
        saved = gdk_texture_save_to_png(texture, path);
        g_object_unref(texture);
    }
    g_clear_pointer(&node, gsk_render_node_unref);
    g_object_unref(paintable);
    return saved;
}
