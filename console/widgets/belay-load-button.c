/* The button, its file dialog, and the reading. */
#include "console/widgets/belay-load-button.h"

#include <string.h>

#include "console/model/belay-show.h"
#include "console/widgets/belay-stop-bar.h"

#define DIALOG_WIDTH 760
#define DIALOG_HEIGHT 520

struct _BelayLoadButton {
    GtkWidget parent_instance;
    GtkWidget *button, *dialog;
    GtkLabel *reason;
    GFile *folder; /* of the file chosen last */
};

enum { SIGNAL_CHOSEN, SIGNAL_UNREADABLE, SIGNAL_STOP, SIGNAL_COUNT };
static guint signals[SIGNAL_COUNT];

G_DEFINE_FINAL_TYPE(BelayLoadButton, belay_load_button, GTK_TYPE_WIDGET)

static void close_dialog(BelayLoadButton *self) {
    if (self->dialog != NULL) {
        gtk_window_destroy(GTK_WINDOW(g_steal_pointer(&self->dialog)));
    }
}

static gboolean wants_more(const char *contents, goffset size, gpointer data) {
    (void)contents;
    (void)data;
    return size < (goffset)SHOW_READ_MAX;
}

static void on_read(GObject *object, GAsyncResult *result, gpointer data) {
    BelayLoadButton *self = BELAY_LOAD_BUTTON(data);
    char *name = g_file_get_basename(G_FILE(object)), *contents = NULL;
    gsize length = 0;
    GError *error = NULL;
    if (g_file_load_partial_contents_finish(G_FILE(object), result, &contents, &length, NULL, &error)) {
        GBytes *bytes = g_bytes_new_take(contents, length);
        g_signal_emit(self, signals[SIGNAL_CHOSEN], 0, name, bytes);
        g_bytes_unref(bytes);
    } else {
        g_signal_emit(self, signals[SIGNAL_UNREADABLE], 0, name, error->message);
        g_error_free(error);
    }
    g_free(name);
    g_object_unref(self);
}

static void on_response(GtkDialog *dialog, int response, BelayLoadButton *self) {
    if (response == GTK_RESPONSE_ACCEPT) {
        GFile *file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(dialog));
        g_clear_object(&self->folder);
        self->folder = g_file_get_parent(file);
        g_file_load_partial_contents_async(file, NULL, wants_more, on_read, g_object_ref(self));
        g_object_unref(file);
    }
    close_dialog(self);
}

static void on_stop(GtkWidget *stop, BelayLoadButton *self) {
    (void)stop;
    g_signal_emit(self, signals[SIGNAL_STOP], 0);
}

static void add_filter(GtkFileChooser *chooser, const char *name, const char *pattern) {
    GtkFileFilter *filter = gtk_file_filter_new();
    gtk_file_filter_set_name(filter, name);
    gtk_file_filter_add_pattern(filter, pattern);
    gtk_file_chooser_add_filter(chooser, filter);
    g_object_unref(filter);
}

/* Not the native dialog: that one may belong to another program, and Esc in it would stop nothing. */
static GtkWidget *new_dialog(BelayLoadButton *self) {
    GtkWidget *dialog = gtk_file_chooser_dialog_new(
        "Load a show", GTK_WINDOW(gtk_widget_get_root(GTK_WIDGET(self))), GTK_FILE_CHOOSER_ACTION_OPEN, "Cancel",
        GTK_RESPONSE_CANCEL, "Load", GTK_RESPONSE_ACCEPT, NULL);
    GFile *here = self->folder != NULL ? g_object_ref(self->folder) : g_file_new_for_path(".");
    GtkWidget *stop = g_object_new(BELAY_TYPE_STOP_BAR, NULL);
    gtk_dialog_set_default_response(GTK_DIALOG(dialog), GTK_RESPONSE_ACCEPT);
    gtk_window_set_default_size(GTK_WINDOW(dialog), DIALOG_WIDTH, DIALOG_HEIGHT);
    gtk_file_chooser_set_current_folder(GTK_FILE_CHOOSER(dialog), here, NULL);
    add_filter(GTK_FILE_CHOOSER(dialog), "Show files (*.yaml)", "*.yaml");
    add_filter(GTK_FILE_CHOOSER(dialog), "All files", "*");
    gtk_widget_set_halign(stop, GTK_ALIGN_START);
    gtk_box_append(GTK_BOX(gtk_dialog_get_content_area(GTK_DIALOG(dialog))), stop);
    g_signal_connect_object(stop, "stop", G_CALLBACK(on_stop), self, 0);
    g_signal_connect_object(dialog, "response", G_CALLBACK(on_response), self, 0);
    g_object_unref(here);
    return dialog;
}

static void on_clicked(GtkButton *button, BelayLoadButton *self) {
    (void)button;
    belay_load_button_open(self);
}

static void belay_load_button_dispose(GObject *object) {
    BelayLoadButton *self = BELAY_LOAD_BUTTON(object);
    GtkWidget *child;
    close_dialog(self);
    while ((child = gtk_widget_get_first_child(GTK_WIDGET(self))) != NULL) {
        gtk_widget_unparent(child);
    }
    g_clear_object(&self->folder);
    G_OBJECT_CLASS(belay_load_button_parent_class)->dispose(object);
}

static void belay_load_button_class_init(BelayLoadButtonClass *klass) {
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = belay_load_button_dispose;
    signals[SIGNAL_CHOSEN] = g_signal_new("chosen", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_BYTES);
    signals[SIGNAL_UNREADABLE] = g_signal_new("unreadable", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                              NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
    signals[SIGNAL_STOP] =
        g_signal_new("stop", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    gtk_widget_class_set_css_name(widget_class, "loadshow");
    gtk_widget_class_set_template_from_resource(widget_class, "/org/belay/Console/belay-load-button.ui");
    gtk_widget_class_bind_template_child(widget_class, BelayLoadButton, button);
    gtk_widget_class_bind_template_child(widget_class, BelayLoadButton, reason);
    gtk_widget_class_bind_template_callback(widget_class, on_clicked);
}

static void belay_load_button_init(BelayLoadButton *self) {
    gtk_widget_init_template(GTK_WIDGET(self));
}

void belay_load_button_set_reason(BelayLoadButton *self, const char *reason) {
    g_return_if_fail(BELAY_IS_LOAD_BUTTON(self));
    gtk_widget_set_sensitive(self->button, reason == NULL);
    gtk_widget_set_tooltip_text(self->button, reason);
    const char *colon = reason != NULL ? strchr(reason, ':') : NULL; /* there is room for what is wrong alone */
    char *text = colon != NULL ? g_strndup(reason, (gsize)(colon - reason)) : g_strdup(reason);
    gtk_label_set_text(self->reason, text != NULL ? text : "Ctrl+O");
    g_free(text);
}

void belay_load_button_close(BelayLoadButton *self) {
    g_return_if_fail(BELAY_IS_LOAD_BUTTON(self));
    close_dialog(self);
}

void belay_load_button_open(BelayLoadButton *self) {
    g_return_if_fail(BELAY_IS_LOAD_BUTTON(self));
    if (!gtk_widget_is_sensitive(self->button)) {
        return;
    }
    if (self->dialog == NULL) {
        self->dialog = new_dialog(self);
    }
    gtk_window_present(GTK_WINDOW(self->dialog));
}
