/* Watches one hand: pointer, finger or Space. */
#include "console/widgets/belay-hold-button.h"

#include "console/widgets/belay-readout.h"

struct _BelayHoldButton {
    GtkWidget parent_instance;
    GtkLabel *title, *line;
    GtkGesture *click;
    GtkEventController *window_keys; /* on the window; owned by it */
    GtkWidget *window;
    gulong active_handler;
    GdkDevice *device; /* of a mouse hold, to ask it */
    enum hold_source source;
    enum hold_state shown;
    bool space_anywhere, space_down;
};

enum { SIGNAL_HELD, SIGNAL_LET_GO, SIGNAL_COUNT };
static guint signals[SIGNAL_COUNT];

G_DEFINE_FINAL_TYPE(BelayHoldButton, belay_hold_button, GTK_TYPE_WIDGET)

static void begin(BelayHoldButton *self, enum hold_source source) {
    if (self->source != HOLD_BY_NONE || !gtk_widget_is_sensitive(GTK_WIDGET(self))) {
        return;
    }
    self->source = source;
    g_signal_emit(self, signals[SIGNAL_HELD], 0, (int)source);
}

/* The one way out of a hold. */
static void end(BelayHoldButton *self) {
    const enum hold_source source = self->source;
    if (source == HOLD_BY_NONE) {
        return;
    }
    self->source = HOLD_BY_NONE;
    g_clear_object(&self->device);
    g_signal_emit(self, signals[SIGNAL_LET_GO], 0, (int)source);
}

static void on_pressed(GtkGestureClick *click, int presses, double x, double y, BelayHoldButton *self) {
    (void)presses;
    (void)x;
    (void)y;
    g_assert(BELAY_IS_HOLD_BUTTON(self));
    gtk_widget_grab_focus(GTK_WIDGET(self));
    GdkDevice *device = gtk_gesture_get_device(GTK_GESTURE(click));
    if (self->source == HOLD_BY_NONE && device != NULL && gdk_device_get_source(device) == GDK_SOURCE_MOUSE) {
        g_set_object(&self->device, device); /* a finger has no button to ask for */
    }
    begin(self, HOLD_BY_POINTER);
}

/* "end" comes for release, cancel, unmap and grab alike; "cancel" must not be connected as well, or the toolkit's own
 * bookkeeping breaks when the widget turns insensitive inside it. */
static void on_end(GtkGesture *gesture, GdkEventSequence *sequence, BelayHoldButton *self) {
    (void)gesture;
    (void)sequence;
    if (self->source == HOLD_BY_POINTER) {
        end(self);
    }
}

static void on_update(GtkGesture *gesture, GdkEventSequence *sequence, BelayHoldButton *self) {
    double x, y;
    if (self->source == HOLD_BY_POINTER && gtk_gesture_get_point(gesture, sequence, &x, &y) &&
        !gtk_widget_contains(GTK_WIDGET(self), x, y)) {
        end(self);
    }
}

static gboolean on_key_pressed(GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state,
                               BelayHoldButton *self) {
    (void)keys;
    (void)code;
    const GdkModifierType chords = GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK | GDK_META_MASK;
    if ((key != GDK_KEY_space && key != GDK_KEY_KP_Space) || (state & chords) != 0) {
        return FALSE;
    }
    if (!self->space_anywhere && !gtk_widget_has_focus(GTK_WIDGET(self))) {
        return FALSE;
    }
    if (!self->space_down) { /* auto-repeat is no new press */
        self->space_down = true;
        begin(self, HOLD_BY_KEY);
    }
    return TRUE;
}

static void on_key_released(GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state,
                            BelayHoldButton *self) {
    (void)keys;
    (void)code;
    (void)state;
    if (key == GDK_KEY_space || key == GDK_KEY_KP_Space) {
        self->space_down = false;
        if (self->source == HOLD_BY_KEY) {
            end(self);
        }
    }
}

static void on_focus_leave(GtkEventControllerFocus *focus, BelayHoldButton *self) {
    (void)focus;
    end(self);
}

static void on_window_active(GtkWindow *window, GParamSpec *spec, BelayHoldButton *self) {
    (void)spec;
    if (!gtk_window_is_active(window)) {
        /* Space stays down until its release is seen here: when the window comes back, a key that was never let go
         * repeats, and looks like a new press. One that was let go elsewhere has to be pressed twice. */
        end(self);
    }
}

static void watch_window(BelayHoldButton *self) {
    GtkRoot *root = gtk_widget_get_root(GTK_WIDGET(self));
    if (root == NULL || !GTK_IS_WINDOW(root)) {
        return;
    }
    self->window = GTK_WIDGET(root);
    self->window_keys = gtk_event_controller_key_new();
    gtk_event_controller_set_propagation_phase(self->window_keys, GTK_PHASE_CAPTURE);
    g_signal_connect(self->window_keys, "key-pressed", G_CALLBACK(on_key_pressed), self);
    g_signal_connect(self->window_keys, "key-released", G_CALLBACK(on_key_released), self);
    gtk_widget_add_controller(self->window, self->window_keys);
    self->active_handler = g_signal_connect(root, "notify::is-active", G_CALLBACK(on_window_active), self);
}

static void belay_hold_button_root(GtkWidget *widget) {
    GTK_WIDGET_CLASS(belay_hold_button_parent_class)->root(widget);
    watch_window(BELAY_HOLD_BUTTON(widget));
}

static void belay_hold_button_unroot(GtkWidget *widget) {
    BelayHoldButton *self = BELAY_HOLD_BUTTON(widget);
    end(self);
    if (self->window != NULL) {
        g_signal_handler_disconnect(self->window, self->active_handler);
        gtk_widget_remove_controller(self->window, self->window_keys);
        self->window_keys = NULL;
        self->window = NULL;
    }
    GTK_WIDGET_CLASS(belay_hold_button_parent_class)->unroot(widget);
}

static void belay_hold_button_unmap(GtkWidget *widget) {
    end(BELAY_HOLD_BUTTON(widget));
    GTK_WIDGET_CLASS(belay_hold_button_parent_class)->unmap(widget);
}

static void belay_hold_button_state_flags_changed(GtkWidget *widget, GtkStateFlags previous) {
    if (!gtk_widget_is_sensitive(widget)) {
        end(BELAY_HOLD_BUTTON(widget));
    }
    GTK_WIDGET_CLASS(belay_hold_button_parent_class)->state_flags_changed(widget, previous);
}

static void belay_hold_button_snapshot(GtkWidget *widget, GtkSnapshot *snapshot) {
    BelayHoldButton *self = BELAY_HOLD_BUTTON(widget);
    if (self->shown == HOLD_SPENT) {
        const int width = gtk_widget_get_width(widget), height = gtk_widget_get_height(widget);
        belay_readout_hatch(snapshot, &GRAPHENE_RECT_INIT(0, 0, (float)width, (float)height));
    }
    GTK_WIDGET_CLASS(belay_hold_button_parent_class)->snapshot(widget, snapshot);
}

static void belay_hold_button_dispose(GObject *object) {
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child(GTK_WIDGET(object))) != NULL) {
        gtk_widget_unparent(child);
    }
    g_clear_object(&BELAY_HOLD_BUTTON(object)->device);
    G_OBJECT_CLASS(belay_hold_button_parent_class)->dispose(object);
}

static void belay_hold_button_class_init(BelayHoldButtonClass *klass) {
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = belay_hold_button_dispose;
    widget_class->root = belay_hold_button_root;
    widget_class->unroot = belay_hold_button_unroot;
    widget_class->unmap = belay_hold_button_unmap;
    widget_class->state_flags_changed = belay_hold_button_state_flags_changed;
    widget_class->snapshot = belay_hold_button_snapshot;
    signals[SIGNAL_HELD] = g_signal_new("held", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 1, G_TYPE_INT);
    signals[SIGNAL_LET_GO] = g_signal_new("let-go", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, G_TYPE_INT);
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
    gtk_widget_class_set_css_name(widget_class, "hold");
    gtk_widget_class_set_template_from_resource(widget_class, "/org/belay/Console/belay-hold-button.ui");
    gtk_widget_class_bind_template_child(widget_class, BelayHoldButton, title);
    gtk_widget_class_bind_template_child(widget_class, BelayHoldButton, line);
}

static void belay_hold_button_init(BelayHoldButton *self) {
    gtk_widget_init_template(GTK_WIDGET(self));
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, "Hold to run", -1);
    self->click = gtk_gesture_click_new();
    gtk_gesture_single_set_button(GTK_GESTURE_SINGLE(self->click), GDK_BUTTON_PRIMARY);
    g_signal_connect(self->click, "pressed", G_CALLBACK(on_pressed), self);
    g_signal_connect(self->click, "update", G_CALLBACK(on_update), self);
    g_signal_connect(self->click, "end", G_CALLBACK(on_end), self);
    gtk_widget_add_controller(GTK_WIDGET(self), GTK_EVENT_CONTROLLER(self->click));
    GtkEventController *focus = gtk_event_controller_focus_new();
    g_signal_connect(focus, "leave", G_CALLBACK(on_focus_leave), self);
    gtk_widget_add_controller(GTK_WIDGET(self), focus);
}

void belay_hold_button_show(BelayHoldButton *self, enum hold_state state, const char *line) {
    static const struct {
        const char *title, *css;
    } looks[HOLD_STATE_COUNT] = {
        [HOLD_FREE] = {"HOLD TO RUN", "free"},
        [HOLD_HELD] = {"HOLDING", "held"},
        [HOLD_SPENT] = {"LET GO", "spent"},
    };
    g_return_if_fail(BELAY_IS_HOLD_BUTTON(self));
    g_assert(state < HOLD_STATE_COUNT);
    gtk_label_set_text(self->line, line);
    if (state != self->shown || !gtk_widget_has_css_class(GTK_WIDGET(self), looks[state].css)) {
        gtk_label_set_text(self->title, looks[state].title);
        gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, looks[state].title,
                                       -1);
        gtk_widget_remove_css_class(GTK_WIDGET(self), looks[self->shown].css);
        gtk_widget_add_css_class(GTK_WIDGET(self), looks[state].css);
        self->shown = state;
        gtk_widget_queue_draw(GTK_WIDGET(self));
    }
}

void belay_hold_button_set_space_anywhere(BelayHoldButton *self, bool on) {
    g_return_if_fail(BELAY_IS_HOLD_BUTTON(self));
    if (self->space_anywhere != on && self->source == HOLD_BY_KEY) {
        end(self);
    }
    self->space_anywhere = on;
}

bool belay_hold_button_verify(BelayHoldButton *self) {
    g_return_val_if_fail(BELAY_IS_HOLD_BUTTON(self), false);
    GtkNative *native = gtk_widget_get_native(GTK_WIDGET(self));
    if (self->source == HOLD_BY_POINTER && self->device != NULL && native != NULL) {
        double x, y;
        GdkModifierType mask = 0;
        gdk_surface_get_device_position(gtk_native_get_surface(native), self->device, &x, &y, &mask);
        if ((mask & GDK_BUTTON1_MASK) == 0) {
            end(self);
        }
    }
    return self->source != HOLD_BY_NONE;
}
