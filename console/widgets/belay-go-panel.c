/* Operating mode, arm, disarm and GO. */
#include "console/widgets/belay-go-panel.h"

struct _BelayGoPanel {
    GtkWidget parent_instance;
    GtkWidget *modes, *back, *setup, *first, *walk, *show, *arm, *disarm, *go;
    GtkWidget *arm_row, *mode_row; /* the latter in its place, while a mode is chosen */
    GtkLabel *reason, *title, *line;
};

enum { SIGNAL_SETUP, SIGNAL_FIRST, SIGNAL_WALK, SIGNAL_SHOW, SIGNAL_ARM, SIGNAL_DISARM, SIGNAL_GO, SIGNAL_COUNT };
static guint signals[SIGNAL_COUNT];

G_DEFINE_FINAL_TYPE(BelayGoPanel, belay_go_panel, GTK_TYPE_WIDGET)

static void show_modes(BelayGoPanel *self, gboolean shown) {
    gtk_widget_set_visible(self->mode_row, shown);
    gtk_widget_set_visible(self->arm_row, !shown);
}

static void on_modes_clicked(GtkButton *button, BelayGoPanel *self) {
    (void)button;
    g_assert(BELAY_IS_GO_PANEL(self));
    show_modes(self, TRUE);
}

static void on_mode_clicked(GtkButton *button, BelayGoPanel *self) {
    g_assert(BELAY_IS_GO_PANEL(self));
    const GtkWidget *const clicked = GTK_WIDGET(button);
    show_modes(self, FALSE);
    g_signal_emit(self, signals[clicked == self->setup   ? SIGNAL_SETUP
                                : clicked == self->first ? SIGNAL_FIRST
                                : clicked == self->walk  ? SIGNAL_WALK
                                                         : SIGNAL_SHOW], 0);
}

static void on_back_clicked(GtkButton *button, BelayGoPanel *self) {
    (void)button;
    g_assert(BELAY_IS_GO_PANEL(self));
    show_modes(self, FALSE);
}

static void on_arm_clicked(GtkButton *button, BelayGoPanel *self) {
    (void)button;
    g_assert(BELAY_IS_GO_PANEL(self));
    g_signal_emit(self, signals[SIGNAL_ARM], 0);
}

static void on_disarm_clicked(GtkButton *button, BelayGoPanel *self) {
    (void)button;
    g_assert(BELAY_IS_GO_PANEL(self));
    g_signal_emit(self, signals[SIGNAL_DISARM], 0);
}

static void on_go_clicked(GtkButton *button, BelayGoPanel *self) {
    (void)button;
    g_assert(BELAY_IS_GO_PANEL(self));
    g_signal_emit(self, signals[SIGNAL_GO], 0);
}

static void belay_go_panel_dispose(GObject *object) {
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child(GTK_WIDGET(object))) != NULL) {
        gtk_widget_unparent(child);
    }
    G_OBJECT_CLASS(belay_go_panel_parent_class)->dispose(object);
}

static void belay_go_panel_class_init(BelayGoPanelClass *klass) {
    static const char *const names[SIGNAL_COUNT] = {"mode-setup", "mode-first", "mode-walk", "mode-show",
                                                     "arm",        "disarm",     "go"};
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = belay_go_panel_dispose;
    for (int i = 0; i < SIGNAL_COUNT; i++) {
        signals[i] =
            g_signal_new(names[i], G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    }
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
    gtk_widget_class_set_css_name(widget_class, "gopanel");
    gtk_widget_class_set_template_from_resource(widget_class, "/org/belay/Console/belay-go-panel.ui");
    gtk_widget_class_bind_template_child(widget_class, BelayGoPanel, arm_row);
    gtk_widget_class_bind_template_child(widget_class, BelayGoPanel, mode_row);
    gtk_widget_class_bind_template_child(widget_class, BelayGoPanel, modes);
    gtk_widget_class_bind_template_child(widget_class, BelayGoPanel, setup);
    gtk_widget_class_bind_template_child(widget_class, BelayGoPanel, back);
    gtk_widget_class_bind_template_child(widget_class, BelayGoPanel, first);
    gtk_widget_class_bind_template_child(widget_class, BelayGoPanel, walk);
    gtk_widget_class_bind_template_child(widget_class, BelayGoPanel, show);
    gtk_widget_class_bind_template_child(widget_class, BelayGoPanel, arm);
    gtk_widget_class_bind_template_child(widget_class, BelayGoPanel, disarm);
    gtk_widget_class_bind_template_child(widget_class, BelayGoPanel, go);
    gtk_widget_class_bind_template_child(widget_class, BelayGoPanel, reason);
    gtk_widget_class_bind_template_child(widget_class, BelayGoPanel, title);
    gtk_widget_class_bind_template_child(widget_class, BelayGoPanel, line);
    gtk_widget_class_bind_template_callback(widget_class, on_modes_clicked);
    gtk_widget_class_bind_template_callback(widget_class, on_mode_clicked);
    gtk_widget_class_bind_template_callback(widget_class, on_back_clicked);
    gtk_widget_class_bind_template_callback(widget_class, on_arm_clicked);
    gtk_widget_class_bind_template_callback(widget_class, on_disarm_clicked);
    gtk_widget_class_bind_template_callback(widget_class, on_go_clicked);
}

static void belay_go_panel_init(BelayGoPanel *self) {
    gtk_widget_init_template(GTK_WIDGET(self));
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, "Arm and go", -1);
}

static void offer(GtkWidget *button, const char *reason) {
    gtk_widget_set_sensitive(button, reason == NULL);
    gtk_widget_set_tooltip_text(button, reason);
}

static void offer_walk(GtkWidget *button, int percent, const char *name) {
    char *label = g_strdup_printf("WALK\n%d %%", percent);
    if (g_strcmp0(label, gtk_button_get_label(GTK_BUTTON(button))) != 0) {
        gtk_button_set_label(GTK_BUTTON(button), label); /* which takes the name away */
        gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    }
    gtk_widget_set_visible(button, percent > 0);
    g_free(label);
}

void belay_go_panel_set_mode(BelayGoPanel *self, int first_percent, int walk_percent, const char *reason,
                             const char *show_reason) {
    g_return_if_fail(BELAY_IS_GO_PANEL(self));
    offer(self->modes, reason);
    offer(self->show, show_reason);
    if (reason != NULL) {
        show_modes(self, FALSE);
    }
    offer_walk(self->first, first_percent, "Walk-through, first rung");
    offer_walk(self->walk, walk_percent, "Walk-through");
    if (gtk_widget_get_visible(self->mode_row)) {
        char *text = show_reason != NULL ? g_strdup_printf("SHOW: %s", show_reason) : g_strdup("SHOW: full speed.");
        gtk_label_set_text(self->reason, text);
        g_free(text);
    }
}

void belay_go_panel_set_arm(BelayGoPanel *self, const char *arm_reason, const char *disarm_reason,
                            const char *axis) {
    g_return_if_fail(BELAY_IS_GO_PANEL(self));
    char *reason = gtk_widget_get_visible(self->mode_row) ? g_strdup(gtk_label_get_text(self->reason))
                   : arm_reason == NULL && axis != NULL   ? g_strdup_printf("ARM: %s alone.", axis)
                   : arm_reason == NULL                   ? g_strdup("ARM: the brakes stay closed.")
                   : disarm_reason == NULL                ? g_strdup("DISARM: stops first when moving.")
                                                          : g_strdup_printf("ARM: %s", arm_reason);
    offer(self->arm, arm_reason);
    offer(self->disarm, disarm_reason);
    gtk_label_set_text(self->reason, reason);
    g_free(reason);
}

void belay_go_panel_set_go(BelayGoPanel *self, bool offered, bool loaded, const char *line) {
    g_return_if_fail(BELAY_IS_GO_PANEL(self));
    gtk_widget_set_sensitive(self->go, offered);
    gtk_widget_set_tooltip_text(self->go, offered ? NULL : line);
    gtk_label_set_text(self->title, loaded ? "\u25b6 LOADED" : "GO  [G]");
    gtk_label_set_text(self->line, line);
    (loaded ? gtk_widget_add_css_class : gtk_widget_remove_css_class)(self->go, "loaded");
}
