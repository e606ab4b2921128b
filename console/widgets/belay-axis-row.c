/* State, marks and readouts of one axis. */
#include "console/widgets/belay-axis-row.h"

#include <math.h>

#include "console/model/belay-confirm.h"
#include "console/widgets/belay-readout.h"
#include "console/widgets/belay-tile.h"

#define DESCRIBE_US 500000
#define NBSP "\u00a0" /* a number stays on the line of its word */
#define SPEED_WAYS "in \u25c2 \u25b8 out"

enum mark { MARK_FALL, MARK_LOCK, MARK_SLACK, MARK_GROUND, MARK_COUNT };

struct _BelayAxisRow {
    GtkWidget parent_instance;
    GtkToggleButton *choose;
    GtkLabel *name, *state, *parts, *status, *unlock_text, *unlock_why;
    GtkWidget *marks, *unlock;
    enum belay_tone tone; /* of the status line */
    struct belay_confirm confirm; /* of unlock */
    GtkLabel *mark[MARK_COUNT];
    BelayReadout *position, *speed, *tension;
    const struct belay_axis_view *axis;
    gint64 described_us;
};

enum { SIGNAL_CHOSEN, SIGNAL_UNLOCK, SIGNAL_COUNT };
static guint signals[SIGNAL_COUNT];

G_DEFINE_FINAL_TYPE(BelayAxisRow, belay_axis_row, GTK_TYPE_WIDGET)

static void on_choose_toggled(GtkToggleButton *button, BelayAxisRow *self) {
    g_assert(BELAY_IS_AXIS_ROW(self));
    if (gtk_toggle_button_get_active(button)) {
        g_signal_emit(self, signals[SIGNAL_CHOSEN], 0);
    }
}

static void show_unlock(BelayAxisRow *self) {
    const bool asks = belay_confirm_asks(&self->confirm, g_get_monotonic_time());
    const char *text = asks ? "NOBODY HANGS?\nPress again" : "UNLOCK";
    if (!g_str_equal(text, gtk_label_get_text(self->unlock_text))) {
        gtk_label_set_text(self->unlock_text, text);
        (asks ? gtk_widget_add_css_class : gtk_widget_remove_css_class)(self->unlock, "asks");
        gtk_accessible_update_property(GTK_ACCESSIBLE(self->unlock), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
    }
}

/* A text that may not fit is whole in its tooltip. */
static void set_words(GtkLabel *label, const char *text) {
    if (!g_str_equal(text, gtk_label_get_text(label))) {
        gtk_label_set_text(label, text);
        gtk_widget_set_tooltip_text(GTK_WIDGET(label), *text != '\0' ? text : NULL);
    }
}

static void on_unlock_clicked(GtkButton *button, BelayAxisRow *self) {
    (void)button;
    g_assert(BELAY_IS_AXIS_ROW(self));
    if (belay_confirm_press(&self->confirm, g_get_monotonic_time())) {
        g_signal_emit(self, signals[SIGNAL_UNLOCK], 0);
    }
    show_unlock(self);
}

void belay_axis_row_set_unlock(BelayAxisRow *self, const char *reason) {
    g_return_if_fail(BELAY_IS_AXIS_ROW(self));
    const bool locked = gtk_widget_get_visible(GTK_WIDGET(self->mark[MARK_LOCK]));
    if (!locked || reason != NULL) {
        belay_confirm_forget(&self->confirm);
    }
    gtk_widget_set_visible(self->unlock, locked);
    gtk_widget_set_sensitive(self->unlock, reason == NULL);
    set_words(self->unlock_why, reason != NULL ? reason : "");
    gtk_widget_set_visible(GTK_WIDGET(self->unlock_why), reason != NULL);
    show_unlock(self);
}

static void belay_axis_row_dispose(GObject *object) {
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child(GTK_WIDGET(object))) != NULL) {
        gtk_widget_unparent(child);
    }
    G_OBJECT_CLASS(belay_axis_row_parent_class)->dispose(object);
}

static void belay_axis_row_class_init(BelayAxisRowClass *klass) {
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = belay_axis_row_dispose;
    signals[SIGNAL_CHOSEN] =
        g_signal_new("chosen", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    signals[SIGNAL_UNLOCK] =
        g_signal_new("unlock", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    g_type_ensure(BELAY_TYPE_READOUT);
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
    gtk_widget_class_set_css_name(widget_class, "axis");
    gtk_widget_class_set_template_from_resource(widget_class, "/org/belay/Console/belay-axis-row.ui");
    gtk_widget_class_bind_template_child(widget_class, BelayAxisRow, choose);
    gtk_widget_class_bind_template_child(widget_class, BelayAxisRow, name);
    gtk_widget_class_bind_template_child(widget_class, BelayAxisRow, state);
    gtk_widget_class_bind_template_child(widget_class, BelayAxisRow, parts);
    gtk_widget_class_bind_template_child(widget_class, BelayAxisRow, marks);
    gtk_widget_class_bind_template_child(widget_class, BelayAxisRow, status);
    gtk_widget_class_bind_template_child(widget_class, BelayAxisRow, unlock);
    gtk_widget_class_bind_template_child(widget_class, BelayAxisRow, unlock_text);
    gtk_widget_class_bind_template_child(widget_class, BelayAxisRow, unlock_why);
    gtk_widget_class_bind_template_callback(widget_class, on_unlock_clicked);
    gtk_widget_class_bind_template_child(widget_class, BelayAxisRow, position);
    gtk_widget_class_bind_template_child(widget_class, BelayAxisRow, speed);
    gtk_widget_class_bind_template_child(widget_class, BelayAxisRow, tension);
    gtk_widget_class_bind_template_callback(widget_class, on_choose_toggled);
}

static void belay_axis_row_init(BelayAxisRow *self) {
    gtk_widget_init_template(GTK_WIDGET(self));
    for (int i = 0; i < MARK_COUNT; i++) {
        self->mark[i] = GTK_LABEL(gtk_label_new(""));
        gtk_widget_add_css_class(GTK_WIDGET(self->mark[i]), "mark");
        gtk_box_append(GTK_BOX(self->marks), GTK_WIDGET(self->mark[i]));
    }
    gtk_label_set_ellipsize(self->mark[MARK_GROUND], PANGO_ELLIPSIZE_END); /* the longest and the last */
}

static void set_tension_limits(BelayAxisRow *self) {
    const struct msg_hello_axis *limits = &self->axis->limits;
    struct belay_bar_scale scale = {.min = 0, .max = limits->tension_max_n};
    if (!limits->belay) {
        belay_readout_set_limits(self->tension, self->axis->limits.name, QUANTITY_TENSION, &scale, NULL);
        return;
    }
    scale.has_band = true;
    scale.band_min = limits->band_min_n;
    scale.band_max = limits->band_max_n;
    scale.has_mark = true;
    scale.mark = limits->weight_on_line_n;
    scale.knee = 1.25 * limits->weight_on_line_n; /* what matters while belaying is far below what the rope may bear */
    scale.has_knee = scale.knee < limits->tension_max_n;
    char *note = g_strdup_printf("%.0f..%.0f, weight" NBSP "%.0f+", limits->band_min_n, limits->band_max_n,
                                 limits->weight_on_line_n);
    belay_readout_set_limits(self->tension, self->axis->limits.name, QUANTITY_TENSION, &scale, note);
    g_free(note);
}

GtkWidget *belay_axis_row_new(const struct belay_axis_view *axis, BelayAxisRow *group, bool choosable) {
    BelayAxisRow *self = g_object_new(BELAY_TYPE_AXIS_ROW, NULL);
    const struct msg_hello_axis *limits = &axis->limits;
    self->axis = axis;
    set_words(self->name, limits->name);
    gtk_widget_set_visible(GTK_WIDGET(self->choose), choosable);
    if (!choosable) { /* the only row has more room */
        gtk_widget_add_css_class(GTK_WIDGET(self), "only");
        gtk_label_set_lines(self->status, 4);
    }
    if (group != NULL) {
        gtk_toggle_button_set_group(self->choose, group->choose);
    } else {
        gtk_toggle_button_set_active(self->choose, TRUE);
    }
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, limits->name, -1);
    char *choose = g_strdup_printf("Choose %s", limits->name);
    gtk_accessible_update_property(GTK_ACCESSIBLE(self->choose), GTK_ACCESSIBLE_PROPERTY_LABEL, choose, -1);
    g_free(choose);
    char *unlock = g_strdup_printf("Unlock %s", limits->name);
    gtk_accessible_update_property(GTK_ACCESSIBLE(self->unlock), GTK_ACCESSIBLE_PROPERTY_LABEL, unlock, -1);
    g_free(unlock);
    const struct belay_bar_scale position = {.min = limits->position_min_m, .max = limits->position_max_m};
    belay_readout_set_limits(self->position, limits->name, QUANTITY_POSITION, &position, NULL);
    const struct belay_bar_scale speed = {.min = -limits->takein_speed_max_m_s, .max = limits->payout_speed_max_m_s};
    belay_readout_set_limits(self->speed, limits->name, QUANTITY_SPEED, &speed, SPEED_WAYS);
    set_tension_limits(self);
    return GTK_WIDGET(self);
}

/* What is asked of the drive; and where the axis would stand, were its motion ended now. */
static double tick_of(const struct msg_telemetry_axis *now, enum belay_quantity quantity) {
    if (quantity == QUANTITY_SPEED)
        return now->setpoint_m_s;
    return quantity == QUANTITY_POSITION && now->has_stop_at_m ? now->stop_at_m : (double)NAN;
}

void belay_axis_row_refresh_bars(BelayAxisRow *self, int64_t now_us) {
    g_return_if_fail(BELAY_IS_AXIS_ROW(self));
    BelayReadout *const readouts[QUANTITY_COUNT] = {self->position, self->speed, self->tension};
    const char *band = belay_axis_band_word(self->axis);
    const bool out_of_band = band != NULL && !g_str_equal(band, "in band");
    for (int i = 0; i < QUANTITY_COUNT; i++) {
        const enum belay_quantity quantity = (enum belay_quantity)i;
        const struct belay_reading reading = belay_axis_reading(self->axis, quantity, now_us);
        belay_readout_set_bar(readouts[i], &reading, tick_of(&self->axis->now, quantity),
                              quantity == QUANTITY_TENSION && out_of_band);
    }
}

/* A mark's tone is its shape and colour. */
static void set_mark(BelayAxisRow *self, enum mark mark, bool there, bool old) {
    static const struct {
        enum belay_tone tone;
        const char *words;
    } looks[MARK_COUNT] = {
        [MARK_FALL] = {TONE_BAD, "FALL CAUGHT"},
        [MARK_LOCK] = {TONE_BAD, "LINE LOCKED"},
        [MARK_SLACK] = {TONE_WARN, "SLACK"},
        [MARK_GROUND] = {TONE_WARN, "GROUND FALL HEIGHT"},
    };
    GtkLabel *label = self->mark[mark];
    char text[64];
    g_snprintf(text, sizeof text, "%s %s%s", belay_tone_shape(looks[mark].tone), looks[mark].words, old ? ", old" : "");
    if (there) {
        set_words(label, text);
        gtk_widget_add_css_class(GTK_WIDGET(label), belay_tone_css(looks[mark].tone));
    }
    gtk_widget_set_visible(GTK_WIDGET(label), there);
}

/* A rope that must carry nobody, or a test that is due. */
static enum belay_tone commission_words(const BelayAxisRow *self, GString *text) {
    const bool not = belay_axis_not_commissioned(self->axis), due = belay_axis_test_due(self->axis);
    char words[BELAY_COMMISSIONING_MAX];
    belay_axis_commissioning(self->axis, g_get_real_time() / G_USEC_PER_SEC, words, sizeof words);
    if (*words == '\0') {
        return TONE_PLAIN;
    }
    const enum belay_tone tone = not ? TONE_BAD : due ? TONE_WARN : TONE_PLAIN;
    g_string_append_printf(text, "%s%s%s%s", text->len > 0 ? "; " : "", belay_tone_shape(tone),
                           not ? " NOT COMMISSIONED: " : due ? " DAILY TEST: " : "", words);
    return tone;
}

/* The line that is always there: what belayd asks of whoever commissions the line, for they stand at the rope and
 * this screen may be nearer; a recovery, on every client for as long as it lasts; the axis's faults; what is to be
 * tested. */
static enum belay_tone status_words(const BelayAxisRow *self, GString *text) {
    const struct msg_commission_run *step = &self->axis->step;
    char recovery[BELAY_RECOVERY_MAX];
    enum belay_tone tone = TONE_PLAIN;
    if (self->axis->has_step) {
        g_string_append_printf(text, "Commissioning, %s: %s", step->step, step->text);
    }
    if (*belay_axis_recovery(self->axis, recovery, sizeof recovery) != '\0') {
        tone = TONE_BAD;
        g_string_append_printf(text, "%s%s %s", text->len > 0 ? "; " : "", belay_tone_shape(tone), recovery);
    }
    if (*self->axis->faults != '\0') {
        tone = TONE_BAD;
        g_string_append_printf(text, "%s%s %s", text->len > 0 ? "; " : "", belay_tone_shape(tone), self->axis->faults);
    }
    const struct msg_telemetry_axis *now = &self->axis->now;
    if (now->has_bends && now->bends >= now->bends_worn) {
        tone = TONE_BAD;
        g_string_append_printf(text, "%s%s Rope worn: replace it", text->len > 0 ? "; " : "", belay_tone_shape(tone));
    }
    const enum belay_tone test = commission_words(self, text);
    return tone != TONE_PLAIN ? tone : test;
}

static void set_status(BelayAxisRow *self, bool known) {
    GString *text = g_string_new(NULL);
    const enum belay_tone tone = known ? status_words(self, text) : TONE_PLAIN;
    set_words(self->status, text->str);
    if (tone != self->tone) {
        gtk_widget_remove_css_class(GTK_WIDGET(self->status), belay_tone_css(self->tone));
        gtk_widget_add_css_class(GTK_WIDGET(self->status), belay_tone_css(tone));
        self->tone = tone;
    }
    g_string_free(text, TRUE);
}

/* Nothing to act on, so that it is there for who asks. */
static void set_wear(BelayAxisRow *self, bool known) {
    const struct msg_telemetry_axis *now = &self->axis->now;
    GString *text = g_string_new(NULL);
    if (known && now->has_duty_percent) {
        g_string_append_printf(text, "motor at %.0f %% of its duty", now->duty_percent);
    }
    if (known && now->has_bends) {
        g_string_append_printf(text, "%srope bent %d of %d times at %.2f m", text->len > 0 ? "\n" : "",
                               (int)now->bends, (int)now->bends_worn, now->bends_place_m);
    }
    gtk_widget_set_tooltip_text(GTK_WIDGET(self->parts), text->len > 0 ? text->str : NULL);
    g_string_free(text, TRUE);
}

static void set_parts(BelayAxisRow *self, bool known) {
    const struct msg_telemetry_axis *now = &self->axis->now;
    char *parts = known ? g_strdup_printf("brake %s\ndrive %s",
                                          !now->has_brake_open ? "not known"
                                          : now->brake_open    ? "open"
                                                               : "closed",
                                          !belay_axis_drive_known(self->axis) ? "not known"
                                          : now->drive_enabled                ? "on"
                                                                              : "off")
                        : g_strdup("\n");
    gtk_label_set_text(self->parts, parts);
    g_free(parts);
    set_wear(self, known);
}

static void set_marks(BelayAxisRow *self, bool known) {
    const struct msg_telemetry_axis *now = &self->axis->now;
    const bool there[MARK_COUNT] = {
        [MARK_FALL] = known && now->fall_caught,
        [MARK_LOCK] = now->line_locked, /* who hangs there hangs there still */
        [MARK_SLACK] = known && now->slack,
        [MARK_GROUND] = known && now->ground_fall,
    };
    for (int i = 0; i < MARK_COUNT; i++) {
        set_mark(self, (enum mark)i, there[i], !known);
    }
}

static void describe(BelayAxisRow *self, const char *words) {
    GString *text = g_string_new(words);
    for (int i = 0; i < MARK_COUNT; i++) {
        if (gtk_widget_get_visible(GTK_WIDGET(self->mark[i]))) {
            g_string_append_printf(text, ", %s", gtk_label_get_text(self->mark[i]));
        }
    }
    const char *const rest[] = {gtk_label_get_text(self->status), gtk_label_get_text(self->parts)};
    for (size_t i = 0; i < G_N_ELEMENTS(rest); i++) {
        g_string_append_printf(text, "%s%s", *rest[i] != '\0' ? ", " : "", rest[i]);
    }
    g_string_replace(text, "\n", ", ", 0);
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text->str, -1);
    g_string_free(text, TRUE);
}

/* The bar is as wide as the rig's limits, and the operating mode lets a jog go slower. */
static void set_speed_note(BelayAxisRow *self, bool known) {
    char number[BELAY_TEXT_MAX], note[BELAY_TEXT_MAX + 32] = SPEED_WAYS;
    const double most_m_s = belay_axis_jog_max_m_s(self->axis);
    if (known && most_m_s > 0) {
        belay_units_number(QUANTITY_SPEED, most_m_s, number, sizeof number);
        g_snprintf(note, sizeof note, "%s, jog \u2264" NBSP "%s", SPEED_WAYS, number);
    }
    belay_readout_set_note(self->speed, note);
}

void belay_axis_row_refresh_text(BelayAxisRow *self, int64_t now_us, bool connected) {
    g_return_if_fail(BELAY_IS_AXIS_ROW(self));
    BelayReadout *const readouts[QUANTITY_COUNT] = {self->position, self->speed, self->tension};
    const int64_t silent_ms = (now_us - self->axis->t_us) / 1000;
    const bool known = connected && self->axis->t_us != 0 && belay_units_freshness(silent_ms) != GONE;
    if (self->axis->limits.belay) {
        char number[BELAY_TEXT_MAX], height[BELAY_TEXT_MAX + 16];
        belay_units_tick(self->axis->now.height_m, 0.1, number, sizeof number);
        g_snprintf(height, sizeof height, "person at %s%s", self->axis->now.height_m > 0 ? number : "the ground",
                   self->axis->now.height_m > 0 ? NBSP "m" : "");
        const char *unknown = self->axis->now.slack ? "slack: height unknown" : "height unknown";
        belay_readout_set_note(self->position, known && self->axis->now.has_height_m ? height : unknown);
    }
    set_speed_note(self, known);
    for (int i = 0; i < QUANTITY_COUNT; i++) {
        const struct belay_reading reading = belay_axis_reading(self->axis, (enum belay_quantity)i, now_us);
        belay_readout_set_text(readouts[i], &reading, i == QUANTITY_TENSION ? belay_axis_band_word(self->axis) : NULL);
    }
    const char *words = known ? belay_axis_words(self->axis) : "STATE UNKNOWN";
    set_words(self->state, words);
    set_marks(self, known);
    set_status(self, known);
    set_parts(self, known);
    if (now_us - self->described_us >= DESCRIBE_US) {
        describe(self, words);
        self->described_us = now_us;
    }
}
