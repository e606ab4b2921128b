/* Rows are flat buttons, so that pointer, key and screen reader choose a cue alike. */
#include "console/widgets/belay-cue-view.h"

#include <stdbool.h>

#define LABEL_CHARS 20 /* what a label asks for; it gets the width of the column */

struct _BelayCueView {
    GtkWidget parent_instance;
    GtkLabel *header;
    GtkScrolledWindow *scroller;
    GtkWidget *rows;
    char *standby, *running;
    graphene_rect_t seen; /* where the marked row was when it was brought into view */
};

enum { SIGNAL_STANDBY, SIGNAL_COUNT };
static guint signals[SIGNAL_COUNT];

G_DEFINE_FINAL_TYPE(BelayCueView, belay_cue_view, GTK_TYPE_WIDGET)

static void on_row_clicked(GtkButton *row, BelayCueView *self) {
    g_assert(BELAY_IS_CUE_VIEW(self));
    g_signal_emit(self, signals[SIGNAL_STANDBY], 0, g_object_get_data(G_OBJECT(row), "cue"));
}

static void belay_cue_view_dispose(GObject *object) {
    BelayCueView *self = BELAY_CUE_VIEW(object);
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child(GTK_WIDGET(self))) != NULL) {
        gtk_widget_unparent(child);
    }
    g_clear_pointer(&self->standby, g_free);
    g_clear_pointer(&self->running, g_free);
    G_OBJECT_CLASS(belay_cue_view_parent_class)->dispose(object);
}

static void belay_cue_view_class_init(BelayCueViewClass *klass) {
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = belay_cue_view_dispose;
    signals[SIGNAL_STANDBY] = g_signal_new("standby", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                           G_TYPE_NONE, 1, G_TYPE_STRING);
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
    gtk_widget_class_set_css_name(widget_class, "cues");
    gtk_widget_class_set_template_from_resource(widget_class, "/org/belay/Console/belay-cue-view.ui");
    gtk_widget_class_bind_template_child(widget_class, BelayCueView, header);
    gtk_widget_class_bind_template_child(widget_class, BelayCueView, scroller);
    gtk_widget_class_bind_template_child(widget_class, BelayCueView, rows);
}

static void belay_cue_view_init(BelayCueView *self) {
    gtk_widget_init_template(GTK_WIDGET(self));
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, "Cue list", -1);
}

void belay_cue_view_clear(BelayCueView *self) {
    g_return_if_fail(BELAY_IS_CUE_VIEW(self));
    GtkWidget *row;
    while ((row = gtk_widget_get_first_child(self->rows)) != NULL) {
        gtk_box_remove(GTK_BOX(self->rows), row);
    }
    g_clear_pointer(&self->standby, g_free);
    g_clear_pointer(&self->running, g_free);
}

/* Whole, in as many lines as it needs: half a target is none. */
static GtkWidget *label(const char *text, const char *css) {
    GtkWidget *widget = gtk_label_new(text);
    gtk_label_set_xalign(GTK_LABEL(widget), 0);
    gtk_label_set_wrap(GTK_LABEL(widget), TRUE);
    gtk_label_set_wrap_mode(GTK_LABEL(widget), PANGO_WRAP_WORD_CHAR);
    gtk_label_set_max_width_chars(GTK_LABEL(widget), LABEL_CHARS);
    gtk_widget_set_hexpand(widget, TRUE);
    gtk_widget_add_css_class(widget, css);
    return widget;
}

/* Says the cue and its mark to a screen reader. */
static void name_row(GtkWidget *row, const char *mark) {
    char *name =
        g_strdup_printf("Cue %s: %s%s%s", (const char *)g_object_get_data(G_OBJECT(row), "cue"),
                        (const char *)g_object_get_data(G_OBJECT(row), "name"), *mark != '\0' ? ", " : "", mark);
    gtk_accessible_update_property(GTK_ACCESSIBLE(row), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    g_free(name);
}

void belay_cue_view_add(BelayCueView *self, const char *id, const char *name, const char *detail) {
    g_return_if_fail(BELAY_IS_CUE_VIEW(self));
    GtkWidget *row = gtk_button_new(), *line = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 4);
    GtkWidget *words = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0), *above = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
    GtkWidget *number = gtk_label_new(id), *mark = gtk_label_new("");
    g_object_set_data_full(G_OBJECT(row), "cue", g_strdup(id), g_free);
    g_object_set_data_full(G_OBJECT(row), "name", g_strdup(name), g_free);
    g_object_set_data(G_OBJECT(row), "mark", mark);
    gtk_label_set_xalign(GTK_LABEL(number), 0);
    gtk_widget_add_css_class(number, "cue-id");
    gtk_widget_add_css_class(mark, "mark");
    gtk_widget_set_valign(mark, GTK_ALIGN_START);
    gtk_widget_set_valign(words, GTK_ALIGN_CENTER);
    gtk_box_append(GTK_BOX(words), above);
    gtk_box_append(GTK_BOX(above), label(name, "title"));
    gtk_box_append(GTK_BOX(above), mark);
    gtk_box_append(GTK_BOX(words), label(detail, "header"));
    gtk_box_append(GTK_BOX(line), number);
    gtk_box_append(GTK_BOX(line), words);
    gtk_button_set_child(GTK_BUTTON(row), line);
    gtk_widget_set_focus_on_click(row, FALSE);
    gtk_widget_add_css_class(row, "cue");
    name_row(row, "");
    g_signal_connect(row, "clicked", G_CALLBACK(on_row_clicked), self);
    gtk_box_append(GTK_BOX(self->rows), row);
}

/* Scrolls so that the standby row, or else the running one, is whole in view: whenever it is another one or elsewhere,
 * for a mark may take its words to one more line. */
static void bring_into_view(BelayCueView *self) {
    const char *wanted = self->standby != NULL ? self->standby : self->running;
    GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment(self->scroller);
    for (GtkWidget *row = gtk_widget_get_first_child(self->rows); row != NULL; row = gtk_widget_get_next_sibling(row)) {
        graphene_rect_t area;
        if (g_strcmp0(g_object_get_data(G_OBJECT(row), "cue"), wanted) == 0 &&
            gtk_widget_compute_bounds(row, self->rows, &area) && !graphene_rect_equal(&area, &self->seen)) {
            const double top = (double)area.origin.y;
            gtk_adjustment_clamp_page(adjustment, top, top + (double)area.size.height);
            self->seen = area;
        }
    }
}

static void mark_row(BelayCueView *self, GtkWidget *row) {
    const char *id = g_object_get_data(G_OBJECT(row), "cue");
    const bool standby = g_strcmp0(id, self->standby) == 0, running = g_strcmp0(id, self->running) == 0;
    gtk_label_set_text(g_object_get_data(G_OBJECT(row), "mark"),
                       running ? "\u25cf RUNNING" : standby ? "\u25b6 STANDBY" : "");
    (running ? gtk_widget_add_css_class : gtk_widget_remove_css_class)(row, "running");
    (standby ? gtk_widget_add_css_class : gtk_widget_remove_css_class)(row, "standby");
    name_row(row, running ? "running" : standby ? "standby" : "");
}

void belay_cue_view_mark(BelayCueView *self, const char *standby, const char *running) {
    g_return_if_fail(BELAY_IS_CUE_VIEW(self));
    if (g_strcmp0(standby, self->standby) == 0 && g_strcmp0(running, self->running) == 0) {
        bring_into_view(self);
        return;
    }
    g_free(self->standby);
    g_free(self->running);
    self->standby = g_strdup(standby);
    self->running = g_strdup(running);
    for (GtkWidget *row = gtk_widget_get_first_child(self->rows); row != NULL; row = gtk_widget_get_next_sibling(row)) {
        mark_row(self, row);
    }
    bring_into_view(self);
}

void belay_cue_view_set_reason(BelayCueView *self, const char *reason) {
    g_return_if_fail(BELAY_IS_CUE_VIEW(self));
    char *header = reason != NULL ? g_strdup_printf("Cues: %s", reason) : g_strdup("Cues: choose the standby cue");
    gtk_label_set_text(self->header, header);
    gtk_widget_set_sensitive(self->rows, reason == NULL);
    g_free(header);
}
