/* Two ways and four speeds. */
#include "console/widgets/belay-jog-panel.h"

#include <math.h>

#include "console/model/belay-units.h"

#define SPEEDS 4
#define WHY_LINES 3 /* as in style.css: the room is there before the reasons are */

struct _BelayJogPanel {
    GtkWidget parent_instance;
    GtkLabel *header, *take_in_why, *pay_out_why;
    GtkToggleButton *take_in, *pay_out;
    GtkToggleButton *slowest, *slow, *fast, *fastest;
    double speed_max_m_s;
    char *axis;
    gboolean silent; /* a selection is being shown, not made */
};

/* Parts of the axis's jog limit; the slowest is the one chosen at the start. */
static const double shares[SPEEDS] = {0.1, 0.25, 0.5, 1};

enum { SIGNAL_CHANGED, SIGNAL_COUNT };
static guint signals[SIGNAL_COUNT];

G_DEFINE_FINAL_TYPE(BelayJogPanel, belay_jog_panel, GTK_TYPE_WIDGET)

static GtkToggleButton *speed_button(BelayJogPanel *self, int index) {
    GtkToggleButton *const buttons[SPEEDS] = {self->slowest, self->slow, self->fast, self->fastest};
    g_assert(index >= 0 && index < SPEEDS);
    return buttons[index];
}

static void on_way_toggled(GtkToggleButton *button, BelayJogPanel *self) {
    g_assert(BELAY_IS_JOG_PANEL(self));
    if (self->silent) {
        return;
    }
    if (gtk_toggle_button_get_active(button)) {
        self->silent = TRUE; /* one way at a time, or none */
        gtk_toggle_button_set_active(button == self->take_in ? self->pay_out : self->take_in, FALSE);
        self->silent = FALSE;
    }
    g_signal_emit(self, signals[SIGNAL_CHANGED], 0);
}

static void on_speed_toggled(GtkToggleButton *button, BelayJogPanel *self) {
    g_assert(BELAY_IS_JOG_PANEL(self));
    if (gtk_toggle_button_get_active(button)) {
        g_signal_emit(self, signals[SIGNAL_CHANGED], 0);
    }
}

static void belay_jog_panel_dispose(GObject *object) {
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child(GTK_WIDGET(object))) != NULL) {
        gtk_widget_unparent(child);
    }
    g_clear_pointer(&BELAY_JOG_PANEL(object)->axis, g_free);
    G_OBJECT_CLASS(belay_jog_panel_parent_class)->dispose(object);
}

static void belay_jog_panel_class_init(BelayJogPanelClass *klass) {
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = belay_jog_panel_dispose;
    signals[SIGNAL_CHANGED] =
        g_signal_new("changed", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
    gtk_widget_class_set_css_name(widget_class, "jogpanel");
    gtk_widget_class_set_template_from_resource(widget_class, "/org/belay/Console/belay-jog-panel.ui");
    gtk_widget_class_bind_template_child(widget_class, BelayJogPanel, header);
    gtk_widget_class_bind_template_child(widget_class, BelayJogPanel, take_in_why);
    gtk_widget_class_bind_template_child(widget_class, BelayJogPanel, pay_out_why);
    gtk_widget_class_bind_template_child(widget_class, BelayJogPanel, take_in);
    gtk_widget_class_bind_template_child(widget_class, BelayJogPanel, pay_out);
    gtk_widget_class_bind_template_child(widget_class, BelayJogPanel, slowest);
    gtk_widget_class_bind_template_child(widget_class, BelayJogPanel, slow);
    gtk_widget_class_bind_template_child(widget_class, BelayJogPanel, fast);
    gtk_widget_class_bind_template_child(widget_class, BelayJogPanel, fastest);
    gtk_widget_class_bind_template_callback(widget_class, on_way_toggled);
    gtk_widget_class_bind_template_callback(widget_class, on_speed_toggled);
}

static void belay_jog_panel_init(BelayJogPanel *self) {
    gtk_widget_init_template(GTK_WIDGET(self));
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, "Jog", -1);
    belay_jog_panel_set_axis(self, "--", 0); /* none yet */
}

void belay_jog_panel_set_axis(BelayJogPanel *self, const char *axis, double speed_max_m_s) {
    g_return_if_fail(BELAY_IS_JOG_PANEL(self));
    if (g_strcmp0(axis, self->axis) == 0 && !(speed_max_m_s < self->speed_max_m_s) &&
        !(speed_max_m_s > self->speed_max_m_s)) {
        return;
    }
    g_free(self->axis);
    self->axis = g_strdup(axis);
    self->speed_max_m_s = speed_max_m_s;
    for (int i = 0; i < SPEEDS; i++) {
        char number[BELAY_TEXT_MAX];
        const double speed_m_s = speed_max_m_s > 0 ? speed_max_m_s * shares[i] : (double)NAN;
        belay_units_number(QUANTITY_SPEED, speed_m_s, number, sizeof number);
        gtk_widget_set_sensitive(GTK_WIDGET(speed_button(self, i)), speed_max_m_s > 0);
        char *name = g_strdup_printf("Jog speed %s m/s", number);
        gtk_button_set_label(GTK_BUTTON(speed_button(self, i)), number);
        gtk_accessible_update_property(GTK_ACCESSIBLE(speed_button(self, i)), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
        g_free(name);
    }
}

void belay_jog_panel_set_way(BelayJogPanel *self, enum hold_intent way) {
    g_return_if_fail(BELAY_IS_JOG_PANEL(self));
    self->silent = TRUE;
    gtk_toggle_button_set_active(self->pay_out, way == INTENT_PAY_OUT);
    gtk_toggle_button_set_active(self->take_in, way == INTENT_TAKE_IN);
    self->silent = FALSE;
}

/* The text under the ways. */
static void show_why(GtkLabel *label, const char *way, const char *reason, int lines) {
    char *text = reason != NULL ? g_strdup_printf("%s: %s", way, reason) : g_strdup("");
    gtk_label_set_lines(label, lines);
    gtk_label_set_text(label, text);
    gtk_widget_set_visible(GTK_WIDGET(label), reason != NULL);
    g_free(text);
}

void belay_jog_panel_set_reasons(BelayJogPanel *self, const char *pay_out, const char *take_in) {
    g_return_if_fail(BELAY_IS_JOG_PANEL(self));
    const bool same = pay_out != NULL && take_in != NULL && g_str_equal(pay_out, take_in);
    const bool shared = !same && pay_out != NULL && take_in != NULL; /* paying out matters more: somebody may hang */
    char *header = g_strdup_printf("Jog %s [m/s]: way, then hold", self->axis);
    gtk_label_set_text(self->header, header);
    show_why(self->take_in_why, same ? "Both ways" : "TAKE IN", take_in, shared ? 1 : WHY_LINES);
    show_why(self->pay_out_why, "PAY OUT", same ? NULL : pay_out, shared ? WHY_LINES - 1 : WHY_LINES);
    gtk_widget_set_sensitive(GTK_WIDGET(self->pay_out), pay_out == NULL);
    gtk_widget_set_sensitive(GTK_WIDGET(self->take_in), take_in == NULL);
    gtk_widget_set_tooltip_text(GTK_WIDGET(self->pay_out), pay_out);
    gtk_widget_set_tooltip_text(GTK_WIDGET(self->take_in), take_in);
    g_free(header);
}

enum hold_intent belay_jog_panel_way(BelayJogPanel *self) {
    g_return_val_if_fail(BELAY_IS_JOG_PANEL(self), INTENT_NOTHING);
    if (gtk_toggle_button_get_active(self->pay_out)) {
        return INTENT_PAY_OUT;
    }
    return gtk_toggle_button_get_active(self->take_in) ? INTENT_TAKE_IN : INTENT_NOTHING;
}

double belay_jog_panel_speed_m_s(BelayJogPanel *self) {
    g_return_val_if_fail(BELAY_IS_JOG_PANEL(self), 0);
    for (int i = 0; i < SPEEDS; i++) {
        if (gtk_toggle_button_get_active(speed_button(self, i))) {
            return self->speed_max_m_s * shares[i];
        }
    }
    return self->speed_max_m_s * shares[0];
}
