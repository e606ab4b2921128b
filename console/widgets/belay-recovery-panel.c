/* Buttons and words of a recovery. */
#include "console/widgets/belay-recovery-panel.h"

#include "console/model/belay-confirm.h"
#include "console/model/belay-recovery.h"

#define ACTS (BELAY_RECOVERY_SENSORS + 1) /* to begin without each of them, and to end */
#define ACT_END BELAY_RECOVERY_SENSORS

struct _BelayRecoveryPanel {
    GtkWidget parent_instance;
    GtkLabel *headline, *next, *clear_why;
    GtkWidget *acts, *clear, *close;
    GtkWidget *act[ACTS];
    struct belay_confirm confirm[ACTS];
    char *axis, *said;
};

enum { SIGNAL_BEGIN, SIGNAL_CLEAR, SIGNAL_END, SIGNAL_CLOSED, SIGNAL_COUNT };
static guint signals[SIGNAL_COUNT];

G_DEFINE_FINAL_TYPE(BelayRecoveryPanel, belay_recovery_panel, GTK_TYPE_WIDGET)

static char *act_words(int act, bool asks) {
    if (act == ACT_END) {
        return g_strdup(asks ? "LOAD IS SAFE?\nPress again" : "END\nRECOVERY");
    }
    return asks ? g_strdup("TWO PEOPLE THERE?\nPress again")
                : g_strdup_printf("WITHOUT\n%s", belay_recovery_name((enum msg_sensor)act));
}

static void name_act(GtkWidget *button, int act) {
    char *name = act == ACT_END ? g_strdup("End recovery")
                                : g_strdup_printf("Recover without %s", belay_recovery_name((enum msg_sensor)act));
    gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    g_free(name);
}

static void show_act(BelayRecoveryPanel *self, int act) {
    GtkWidget *button = self->act[act];
    const bool asks = belay_confirm_asks(&self->confirm[act], g_get_monotonic_time());
    char *words = act_words(act, asks);
    if (g_strcmp0(words, gtk_button_get_label(GTK_BUTTON(button))) != 0) {
        gtk_button_set_label(GTK_BUTTON(button), words); /* which takes the name away */
        gtk_label_set_justify(GTK_LABEL(gtk_button_get_child(GTK_BUTTON(button))), GTK_JUSTIFY_CENTER);
        name_act(button, act);
        (asks ? gtk_widget_add_css_class : gtk_widget_remove_css_class)(button, "asks");
    }
    g_free(words);
}

/* Who looks away is asked anew. */
static void on_unmap(BelayRecoveryPanel *self, gpointer data) {
    (void)data;
    for (int act = 0; act < ACTS; act++) {
        belay_confirm_forget(&self->confirm[act]);
    }
}

static void on_act_clicked(GtkButton *button, BelayRecoveryPanel *self) {
    g_assert(BELAY_IS_RECOVERY_PANEL(self));
    for (int act = 0; act < ACTS; act++) {
        if (self->act[act] != GTK_WIDGET(button)) {
            belay_confirm_forget(&self->confirm[act]);
        } else if (belay_confirm_press(&self->confirm[act], g_get_monotonic_time())) {
            if (act == ACT_END) {
                g_signal_emit(self, signals[SIGNAL_END], 0);
            } else {
                g_signal_emit(self, signals[SIGNAL_BEGIN], 0, act);
            }
        }
        show_act(self, act);
    }
}

static void on_clear_clicked(GtkButton *button, BelayRecoveryPanel *self) {
    (void)button;
    g_assert(BELAY_IS_RECOVERY_PANEL(self));
    g_signal_emit(self, signals[SIGNAL_CLEAR], 0);
}

static void on_close_clicked(GtkButton *button, BelayRecoveryPanel *self) {
    (void)button;
    g_assert(BELAY_IS_RECOVERY_PANEL(self));
    g_signal_emit(self, signals[SIGNAL_CLOSED], 0);
}

static void belay_recovery_panel_dispose(GObject *object) {
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child(GTK_WIDGET(object))) != NULL) {
        gtk_widget_unparent(child);
    }
    g_clear_pointer(&BELAY_RECOVERY_PANEL(object)->said, g_free);
    g_clear_pointer(&BELAY_RECOVERY_PANEL(object)->axis, g_free);
    G_OBJECT_CLASS(belay_recovery_panel_parent_class)->dispose(object);
}

static void belay_recovery_panel_class_init(BelayRecoveryPanelClass *klass) {
    static const char *const names[SIGNAL_COUNT] = {"begin", "clear", "end", "closed"};
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = belay_recovery_panel_dispose;
    for (int i = 0; i < SIGNAL_COUNT; i++) {
        signals[i] = i == SIGNAL_BEGIN
                         ? g_signal_new(names[i], G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 1, G_TYPE_INT)
                         : g_signal_new(names[i], G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 0);
    }
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
    gtk_widget_class_set_css_name(widget_class, "recovery");
    gtk_widget_class_set_template_from_resource(widget_class, "/org/belay/Console/belay-recovery-panel.ui");
    gtk_widget_class_bind_template_child(widget_class, BelayRecoveryPanel, headline);
    gtk_widget_class_bind_template_child(widget_class, BelayRecoveryPanel, next);
    gtk_widget_class_bind_template_child(widget_class, BelayRecoveryPanel, acts);
    gtk_widget_class_bind_template_child(widget_class, BelayRecoveryPanel, clear);
    gtk_widget_class_bind_template_child(widget_class, BelayRecoveryPanel, clear_why);
    gtk_widget_class_bind_template_child(widget_class, BelayRecoveryPanel, close);
    gtk_widget_class_bind_template_callback(widget_class, on_clear_clicked);
    gtk_widget_class_bind_template_callback(widget_class, on_close_clicked);
}

static void belay_recovery_panel_init(BelayRecoveryPanel *self) {
    gtk_widget_init_template(GTK_WIDGET(self));
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, "Recovery", -1);
    g_signal_connect(self, "unmap", G_CALLBACK(on_unmap), NULL);
    for (int act = 0; act < ACTS; act++) {
        self->act[act] = gtk_button_new();
        gtk_widget_add_css_class(self->act[act], "unlock");
        gtk_widget_set_focus_on_click(self->act[act], FALSE);
        gtk_widget_set_hexpand(self->act[act], TRUE);
        gtk_widget_set_visible(self->act[act], FALSE);
        g_signal_connect(self->act[act], "clicked", G_CALLBACK(on_act_clicked), self);
        gtk_box_append(GTK_BOX(self->acts), self->act[act]);
    }
}

static void describe(BelayRecoveryPanel *self) {
    char *whole = g_strjoin(" ", gtk_label_get_text(self->headline), gtk_label_get_text(self->next), NULL);
    if (g_strcmp0(whole, self->said) != 0) {
        gtk_widget_set_tooltip_text(GTK_WIDGET(self->headline), gtk_label_get_text(self->headline));
        gtk_widget_set_tooltip_text(GTK_WIDGET(self->next), gtk_label_get_text(self->next));
        gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, whole, -1);
        g_free(self->said);
        self->said = g_steal_pointer(&whole);
    }
    g_free(whole);
}

static void set_clear(BelayRecoveryPanel *self, const struct belay_recovery_view *view) {
    const char *reason = view->reason != NULL ? view->reason : view->no_clear;
    char *words = reason != NULL       ? g_strdup(reason)
                  : view->clear_s == 0 ? g_strdup("Second person: I see the load, it may move.")
                                       : g_strdup_printf("Clear for %d s: press again before.", (int)view->clear_s);
    gtk_widget_set_visible(self->clear, view->runs);
    gtk_widget_set_sensitive(self->clear, reason == NULL);
    if (!g_str_equal(words, gtk_label_get_text(self->clear_why))) {
        gtk_label_set_text(self->clear_why, words);
        gtk_widget_set_tooltip_text(self->clear, words);
    }
    g_free(words);
}

void belay_recovery_panel_set(BelayRecoveryPanel *self, const struct belay_recovery_view *view) {
    g_return_if_fail(BELAY_IS_RECOVERY_PANEL(self));
    const bool other = g_strcmp0(view->axis, self->axis) != 0; /* a first press was about another axis */
    if (other) {
        g_free(self->axis);
        self->axis = g_strdup(view->axis);
    }
    gtk_label_set_text(self->headline, view->headline);
    gtk_label_set_text(self->next, view->next);
    for (int act = 0; act < ACTS; act++) {
        const bool there = act == ACT_END ? view->runs : !view->runs && (view->offers & (1u << act)) != 0;
        if (!there || other || view->reason != NULL) {
            belay_confirm_forget(&self->confirm[act]);
        }
        gtk_widget_set_visible(self->act[act], there);
        gtk_widget_set_sensitive(self->act[act], view->reason == NULL);
        gtk_widget_set_tooltip_text(self->act[act], view->reason);
        show_act(self, act);
    }
    gtk_widget_set_visible(self->close, !view->runs);
    (view->runs ? gtk_widget_add_css_class : gtk_widget_remove_css_class)(GTK_WIDGET(self), "runs");
    set_clear(self, view);
    describe(self);
}
