/* A titled word with a shape. */
#include "console/widgets/belay-tile.h"

#include "console/widgets/belay-readout.h"

#define DESCRIBE_US 500000

struct _BelayTile {
    GtkWidget parent_instance;
    GtkLabel *title, *shape, *text;
    enum belay_tone tone;
    bool old;
    gint64 described_us;
};

enum { PROP_TITLE = 1, PROP_LINES };

static const struct {
    const char *shape, *css;
} tones[TONE_COUNT] = {
    [TONE_PLAIN] = {"", "plain"},   [TONE_GOOD] = {"\u25cf", "good"},   [TONE_WARN] = {"\u25b2", "warn"},
    [TONE_BAD] = {"\u25a0", "bad"}, [TONE_UNKNOWN] = {"?", "unknown"},
};

G_DEFINE_FINAL_TYPE(BelayTile, belay_tile, GTK_TYPE_WIDGET)

const char *belay_tone_shape(enum belay_tone tone) {
    g_assert(tone < TONE_COUNT);
    return tones[tone].shape;
}

const char *belay_tone_css(enum belay_tone tone) {
    g_assert(tone < TONE_COUNT);
    return tones[tone].css;
}

static void belay_tile_set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec) {
    if (id == PROP_TITLE) {
        belay_tile_set_title(BELAY_TILE(object), g_value_get_string(value));
    } else if (id == PROP_LINES) {
        gtk_label_set_lines(BELAY_TILE(object)->text, g_value_get_int(value));
        gtk_label_set_wrap(BELAY_TILE(object)->text, g_value_get_int(value) > 1);
    } else {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

static void belay_tile_snapshot(GtkWidget *widget, GtkSnapshot *snapshot) {
    if (BELAY_TILE(widget)->old) { /* beneath the words, which must be read */
        const int width = gtk_widget_get_width(widget), height = gtk_widget_get_height(widget);
        belay_readout_hatch(snapshot, &GRAPHENE_RECT_INIT(0, 0, (float)width, (float)height));
    }
    GTK_WIDGET_CLASS(belay_tile_parent_class)->snapshot(widget, snapshot);
}

static void belay_tile_dispose(GObject *object) {
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child(GTK_WIDGET(object))) != NULL) {
        gtk_widget_unparent(child);
    }
    G_OBJECT_CLASS(belay_tile_parent_class)->dispose(object);
}

static void belay_tile_class_init(BelayTileClass *klass) {
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    object_class->dispose = belay_tile_dispose;
    widget_class->snapshot = belay_tile_snapshot;
    object_class->set_property = belay_tile_set_property;
    g_object_class_install_property(
        object_class, PROP_TITLE,
        g_param_spec_string("title", NULL, NULL, "", (GParamFlags)(G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS)));
    g_object_class_install_property(
        object_class, PROP_LINES,
        g_param_spec_int("lines", NULL, NULL, 1, 4, 1, (GParamFlags)(G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS)));
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
    gtk_widget_class_set_css_name(widget_class, "tile");
    gtk_widget_class_set_template_from_resource(widget_class, "/org/belay/Console/belay-tile.ui");
    gtk_widget_class_bind_template_child(widget_class, BelayTile, title);
    gtk_widget_class_bind_template_child(widget_class, BelayTile, shape);
    gtk_widget_class_bind_template_child(widget_class, BelayTile, text);
}

static void belay_tile_init(BelayTile *self) {
    gtk_widget_init_template(GTK_WIDGET(self));
    gtk_widget_add_css_class(GTK_WIDGET(self), tones[TONE_PLAIN].css);
    gtk_widget_set_visible(GTK_WIDGET(self->shape), FALSE);
}

void belay_tile_set_title(BelayTile *self, const char *title) {
    g_return_if_fail(BELAY_IS_TILE(self));
    gtk_label_set_text(self->title, title);
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
}

void belay_tile_set_old(BelayTile *self, bool old) {
    g_return_if_fail(BELAY_IS_TILE(self));
    if (old != self->old) {
        self->old = old;
        self->described_us = 0;
        gtk_widget_queue_draw(GTK_WIDGET(self));
    }
}

void belay_tile_set(BelayTile *self, enum belay_tone tone, const char *text) {
    g_return_if_fail(BELAY_IS_TILE(self));
    g_assert(tone < TONE_COUNT);
    const gint64 now_us = g_get_monotonic_time();
    gtk_label_set_text(self->text, text);
    if (tone != self->tone) {
        gtk_widget_remove_css_class(GTK_WIDGET(self), tones[self->tone].css);
        gtk_widget_add_css_class(GTK_WIDGET(self), tones[tone].css);
        gtk_label_set_text(self->shape, tones[tone].shape);
        gtk_widget_set_visible(GTK_WIDGET(self->shape), *tones[tone].shape != '\0');
        self->tone = tone;
        self->described_us = 0;
    }
    if (self->described_us == 0 || now_us - self->described_us >= DESCRIBE_US) {
        char *words = g_strdup_printf("%s%s", text, self->old ? ", old" : "");
        gtk_widget_set_tooltip_text(GTK_WIDGET(self), text); /* for what does not fit; takes the description away */
        gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words, -1);
        self->described_us = now_us;
        g_free(words);
    }
}
