/* Lines to read and copy. */
#include "console/widgets/belay-show-errors.h"

struct _BelayShowErrors {
    GtkWidget parent_instance;
    GtkLabel *headline;
    GtkTextView *lines;
};

enum { SIGNAL_CLOSED, SIGNAL_COUNT };
static guint signals[SIGNAL_COUNT];

G_DEFINE_FINAL_TYPE(BelayShowErrors, belay_show_errors, GTK_TYPE_WIDGET)

static void on_close_clicked(GtkButton *button, BelayShowErrors *self) {
    (void)button;
    g_assert(BELAY_IS_SHOW_ERRORS(self));
    g_signal_emit(self, signals[SIGNAL_CLOSED], 0);
}

static void belay_show_errors_dispose(GObject *object) {
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child(GTK_WIDGET(object))) != NULL) {
        gtk_widget_unparent(child);
    }
    G_OBJECT_CLASS(belay_show_errors_parent_class)->dispose(object);
}

static void belay_show_errors_class_init(BelayShowErrorsClass *klass) {
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = belay_show_errors_dispose;
    signals[SIGNAL_CLOSED] =
        g_signal_new("closed", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
    gtk_widget_class_set_css_name(widget_class, "showerrors");
    gtk_widget_class_set_template_from_resource(widget_class, "/org/belay/Console/belay-show-errors.ui");
    gtk_widget_class_bind_template_child(widget_class, BelayShowErrors, headline);
    gtk_widget_class_bind_template_child(widget_class, BelayShowErrors, lines);
    gtk_widget_class_bind_template_callback(widget_class, on_close_clicked);
}

static void belay_show_errors_init(BelayShowErrors *self) {
    gtk_widget_init_template(GTK_WIDGET(self));
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, "Show file errors", -1);
}

void belay_show_errors_set(BelayShowErrors *self, const char *name, const char *lines) {
    g_return_if_fail(BELAY_IS_SHOW_ERRORS(self));
    char *headline = g_strdup_printf("%s %s was not loaded; the show of before stays.", "\u25a0", name);
    gtk_label_set_text(self->headline, headline);
    gtk_text_buffer_set_text(gtk_text_view_get_buffer(self->lines), lines, -1);
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, headline, -1);
    g_free(headline);
}
