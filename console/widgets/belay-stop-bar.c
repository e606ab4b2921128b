/* The STOP button. */
#include "console/widgets/belay-stop-bar.h"

struct _BelayStopBar {
    GtkWidget parent_instance;
    GtkWidget *button;
};

enum { SIGNAL_STOP, SIGNAL_COUNT };
static guint signals[SIGNAL_COUNT];

G_DEFINE_FINAL_TYPE(BelayStopBar, belay_stop_bar, GTK_TYPE_WIDGET)

/* A press stops at once; the click that follows stops again, which costs nothing and serves keys and screen readers. */
static void on_pressed(GtkGestureClick *click, int presses, double x, double y, BelayStopBar *self) {
    (void)click;
    (void)presses;
    (void)x;
    (void)y;
    g_assert(BELAY_IS_STOP_BAR(self));
    g_signal_emit(self, signals[SIGNAL_STOP], 0);
}

static void on_clicked(GtkButton *button, BelayStopBar *self) {
    (void)button;
    g_assert(BELAY_IS_STOP_BAR(self));
    g_signal_emit(self, signals[SIGNAL_STOP], 0);
}

static void belay_stop_bar_dispose(GObject *object) {
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child(GTK_WIDGET(object))) != NULL) {
        gtk_widget_unparent(child);
    }
    G_OBJECT_CLASS(belay_stop_bar_parent_class)->dispose(object);
}

static void belay_stop_bar_class_init(BelayStopBarClass *klass) {
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = belay_stop_bar_dispose;
    signals[SIGNAL_STOP] =
        g_signal_new("stop", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    gtk_widget_class_set_css_name(widget_class, "stopbar");
    gtk_widget_class_set_template_from_resource(widget_class, "/org/belay/Console/belay-stop-bar.ui");
    gtk_widget_class_bind_template_child(widget_class, BelayStopBar, button);
    gtk_widget_class_bind_template_callback(widget_class, on_clicked);
}

static void belay_stop_bar_init(BelayStopBar *self) {
    gtk_widget_init_template(GTK_WIDGET(self));
    GtkGesture *press = gtk_gesture_click_new();
    gtk_gesture_single_set_button(GTK_GESTURE_SINGLE(press), 0); /* any button of the mouse stops */
    gtk_event_controller_set_propagation_phase(GTK_EVENT_CONTROLLER(press), GTK_PHASE_CAPTURE);
    g_signal_connect(press, "pressed", G_CALLBACK(on_pressed), self);
    gtk_widget_add_controller(self->button, GTK_EVENT_CONTROLLER(press));
}
