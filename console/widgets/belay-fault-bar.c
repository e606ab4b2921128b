/* First-out fault, its text and the reset button. */
#include "console/widgets/belay-fault-bar.h"

struct _BelayFaultBar {
    GtkWidget parent_instance;
    GtkLabel *first, *others, *cause, *remedy, *reason;
    GtkWidget *reset;
    GtkToggleButton *recover;
    char *said;
};

enum { SIGNAL_RESET, SIGNAL_RECOVER, SIGNAL_COUNT };
static guint signals[SIGNAL_COUNT];

G_DEFINE_FINAL_TYPE(BelayFaultBar, belay_fault_bar, GTK_TYPE_WIDGET)

static void on_reset_clicked(GtkButton *button, BelayFaultBar *self) {
    (void)button;
    g_assert(BELAY_IS_FAULT_BAR(self));
    g_signal_emit(self, signals[SIGNAL_RESET], 0);
}

static void on_recover_toggled(GtkToggleButton *button, BelayFaultBar *self) {
    g_assert(BELAY_IS_FAULT_BAR(self));
    g_signal_emit(self, signals[SIGNAL_RECOVER], 0, gtk_toggle_button_get_active(button));
}

static void belay_fault_bar_dispose(GObject *object) {
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child(GTK_WIDGET(object))) != NULL) {
        gtk_widget_unparent(child);
    }
    g_clear_pointer(&BELAY_FAULT_BAR(object)->said, g_free);
    G_OBJECT_CLASS(belay_fault_bar_parent_class)->dispose(object);
}

static void belay_fault_bar_class_init(BelayFaultBarClass *klass) {
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = belay_fault_bar_dispose;
    signals[SIGNAL_RESET] =
        g_signal_new("reset", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    signals[SIGNAL_RECOVER] = g_signal_new("recover", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                           G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
    gtk_widget_class_set_css_name(widget_class, "faults");
    gtk_widget_class_set_template_from_resource(widget_class, "/org/belay/Console/belay-fault-bar.ui");
    gtk_widget_class_bind_template_child(widget_class, BelayFaultBar, first);
    gtk_widget_class_bind_template_child(widget_class, BelayFaultBar, others);
    gtk_widget_class_bind_template_child(widget_class, BelayFaultBar, cause);
    gtk_widget_class_bind_template_child(widget_class, BelayFaultBar, remedy);
    gtk_widget_class_bind_template_child(widget_class, BelayFaultBar, reset);
    gtk_widget_class_bind_template_child(widget_class, BelayFaultBar, reason);
    gtk_widget_class_bind_template_child(widget_class, BelayFaultBar, recover);
    gtk_widget_class_bind_template_callback(widget_class, on_reset_clicked);
    gtk_widget_class_bind_template_callback(widget_class, on_recover_toggled);
}

static void belay_fault_bar_init(BelayFaultBar *self) {
    gtk_widget_init_template(GTK_WIDGET(self));
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, "Faults", -1);
}

/* What a screen reader says; renewed only when it changed. */
static void describe(BelayFaultBar *self, const char *first, const char *others, const char *cause) {
    char *whole = g_strjoin(" ", first, others, cause, NULL);
    if (g_strcmp0(whole, self->said) != 0) {
        gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, whole, -1);
        g_free(self->said);
        self->said = g_steal_pointer(&whole);
    }
    g_free(whole);
}

/* For what does not fit. */
static void set_tooltips(BelayFaultBar *self, const struct belay_fault_view *view) {
    gtk_widget_set_tooltip_text(GTK_WIDGET(self->first), gtk_label_get_text(self->first));
    gtk_widget_set_tooltip_text(GTK_WIDGET(self->others), view->others);
    gtk_widget_set_tooltip_text(GTK_WIDGET(self->cause), gtk_label_get_text(self->cause));
    gtk_widget_set_tooltip_text(GTK_WIDGET(self->remedy), view->remedy);
}

void belay_fault_bar_set(BelayFaultBar *self, const struct belay_fault_view *view) {
    g_return_if_fail(BELAY_IS_FAULT_BAR(self));
    char *first;
    if (view->first == NULL && view->remaining != NULL) {
        first = g_strdup_printf("\u25b2 %s", view->remaining);
    } else if (view->first == NULL) {
        first = g_strdup(view->known ? "No faults" : "Faults unknown");
    } else if (view->axis != NULL) {
        first = g_strdup_printf("\u25a0 FIRST: %s (%s) %s", view->first, view->axis, view->when);
    } else {
        first = g_strdup_printf("\u25a0 FIRST: %s %s", view->first, view->when);
    }
    const char *others = view->others != NULL ? view->others : "";
    const char *cause = view->cause != NULL ? view->cause : view->stop != NULL ? view->stop : "";
    (view->first != NULL ? gtk_widget_add_css_class : gtk_widget_remove_css_class)(GTK_WIDGET(self), "latched");
    (view->remaining != NULL ? gtk_widget_add_css_class : gtk_widget_remove_css_class)(GTK_WIDGET(self), "remaining");
    gtk_label_set_text(self->first, first);
    gtk_label_set_text(self->others, others);
    gtk_label_set_text(self->cause, cause);
    gtk_label_set_text(self->remedy, view->remedy != NULL ? view->remedy : "");
    set_tooltips(self, view);
    describe(self, first, others, cause);
    g_free(first);
}

void belay_fault_bar_set_reset(BelayFaultBar *self, const char *reason, const char *axis) {
    g_return_if_fail(BELAY_IS_FAULT_BAR(self));
    gtk_widget_set_sensitive(self->reset, reason == NULL);
    gtk_widget_set_tooltip_text(self->reset, reason);
    char *alone = axis == NULL ? g_strdup("Clears what is mended.") : g_strdup_printf("Clears %s alone.", axis);
    gtk_label_set_text(self->reason, reason != NULL ? reason : alone);
    g_free(alone);
}

void belay_fault_bar_set_recover(BelayFaultBar *self, bool offered, bool open) {
    g_return_if_fail(BELAY_IS_FAULT_BAR(self));
    gtk_widget_set_visible(GTK_WIDGET(self->recover), offered);
    gtk_toggle_button_set_active(self->recover, open);
}
