/* Number, bar and age of one quantity. */
#include "console/widgets/belay-readout.h"

#include <math.h>

#include "console/widgets/belay-colours.h"

#define DESCRIBE_US 500000 /* the accessible description changes twice a second at most */

struct _BelayReadout {
    GtkWidget parent_instance;
    GtkLabel *header, *age, *number, *word, *min, *note, *max;
    BelayBar *bar;
    enum belay_quantity quantity;
    enum belay_freshness freshness;
    gint64 described_us;
    char *range; /* "of 0.000..30.000 m" */
};

G_DEFINE_FINAL_TYPE(BelayReadout, belay_readout, GTK_TYPE_WIDGET)

void belay_readout_hatch(GtkSnapshot *snapshot, const graphene_rect_t *area) {
    const GdkRGBA clear = {0, 0, 0, 0}, dark = {0.05f, 0.05f, 0.05f, 0.6f};
    const GskColorStop stops[] = {{0.0f, dark}, {0.3f, dark}, {0.3f, clear}, {1.0f, clear}};
    gtk_snapshot_append_repeating_linear_gradient(snapshot, area, &GRAPHENE_POINT_INIT(0, 0),
                                                  &GRAPHENE_POINT_INIT(8, 8), stops, G_N_ELEMENTS(stops));
}

static void belay_readout_snapshot(GtkWidget *widget, GtkSnapshot *snapshot) {
    BelayReadout *self = BELAY_READOUT(widget);
    graphene_rect_t bar;
    if (self->freshness != FRESH) { /* beneath the digits, which must be read, and over the bar */
        const int width = gtk_widget_get_width(widget), height = gtk_widget_get_height(widget);
        belay_readout_hatch(snapshot, &GRAPHENE_RECT_INIT(0, 0, (float)width, (float)height));
    }
    GTK_WIDGET_CLASS(belay_readout_parent_class)->snapshot(widget, snapshot);
    if (self->freshness != FRESH && gtk_widget_compute_bounds(GTK_WIDGET(self->bar), widget, &bar)) {
        belay_readout_hatch(snapshot, &bar);
    }
}

static void belay_readout_dispose(GObject *object) {
    BelayReadout *self = BELAY_READOUT(object);
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child(GTK_WIDGET(self))) != NULL) {
        gtk_widget_unparent(child);
    }
    g_clear_pointer(&self->range, g_free);
    G_OBJECT_CLASS(belay_readout_parent_class)->dispose(object);
}

static void belay_readout_class_init(BelayReadoutClass *klass) {
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = belay_readout_dispose;
    widget_class->snapshot = belay_readout_snapshot;
    g_type_ensure(BELAY_TYPE_BAR);
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
    gtk_widget_class_set_css_name(widget_class, "readout");
    gtk_widget_class_set_template_from_resource(widget_class, "/org/belay/Console/belay-readout.ui");
    gtk_widget_class_bind_template_child(widget_class, BelayReadout, header);
    gtk_widget_class_bind_template_child(widget_class, BelayReadout, age);
    gtk_widget_class_bind_template_child(widget_class, BelayReadout, number);
    gtk_widget_class_bind_template_child(widget_class, BelayReadout, word);
    gtk_widget_class_bind_template_child(widget_class, BelayReadout, min);
    gtk_widget_class_bind_template_child(widget_class, BelayReadout, note);
    gtk_widget_class_bind_template_child(widget_class, BelayReadout, max);
    gtk_widget_class_bind_template_child(widget_class, BelayReadout, bar);
}

static void belay_readout_init(BelayReadout *self) {
    gtk_widget_init_template(GTK_WIDGET(self));
    self->freshness = GONE;
}

void belay_readout_set_limits(BelayReadout *self, const char *axis, enum belay_quantity quantity,
                              const struct belay_bar_scale *scale, const char *note) {
    g_return_if_fail(BELAY_IS_READOUT(self));
    char low[BELAY_TEXT_MAX], high[BELAY_TEXT_MAX];
    const double step = quantity == QUANTITY_TENSION ? 1 : 0.01;
    belay_units_tick(scale->min, step, low, sizeof low);
    belay_units_tick(scale->max, step, high, sizeof high);
    self->quantity = quantity;
    g_free(self->range);
    self->range = g_strdup_printf("of %s..%s %s", low, high, belay_units_symbol(quantity));
    char *header = g_strdup_printf("%s [%s]", belay_units_name(quantity), belay_units_symbol(quantity));
    char *name = g_strdup_printf("%s %s", axis, belay_units_name(quantity));
    gtk_label_set_text(self->header, header);
    gtk_label_set_width_chars(self->number, quantity == QUANTITY_POSITION ? 6 : 5);
    gtk_label_set_text(self->min, low);
    gtk_label_set_text(self->max, high);
    belay_readout_set_note(self, note != NULL ? note : "");
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    belay_bar_set_scale(self->bar, scale);
    g_free(header);
    g_free(name);
}

void belay_readout_set_note(BelayReadout *self, const char *note) {
    g_return_if_fail(BELAY_IS_READOUT(self));
    if (!g_str_equal(note, gtk_label_get_text(self->note))) {
        gtk_label_set_text(self->note, note);
        gtk_widget_set_tooltip_text(GTK_WIDGET(self->note), *note != '\0' ? note : NULL);
    }
}

void belay_readout_set_bar(BelayReadout *self, const struct belay_reading *reading, double setpoint, bool strange) {
    g_return_if_fail(BELAY_IS_READOUT(self));
    const bool gone = belay_units_reading_freshness(reading) == GONE;
    belay_bar_set(self->bar, gone ? (double)NAN : reading->value, gone ? (double)NAN : setpoint, strange && !gone);
}

/* What is wrong with a reading, for the eye and for the screen reader. */
static const char *age_text(const struct belay_reading *reading, enum belay_freshness freshness, char *text,
                            size_t size) {
    if (freshness == FRESH) {
        return "";
    }
    if (reading->quality == BELAY_MISSING) {
        return "no value";
    }
    if (reading->quality == BELAY_BAD) {
        return "bad value";
    }
    char age[BELAY_TEXT_MAX];
    g_snprintf(text, size, "%s old", belay_units_age(reading->said_ms + reading->silent_ms, age, sizeof age));
    return text;
}

void belay_readout_set_text(BelayReadout *self, const struct belay_reading *reading, const char *word) {
    g_return_if_fail(BELAY_IS_READOUT(self));
    char number[BELAY_TEXT_MAX], age[BELAY_TEXT_MAX + 8];
    const enum belay_freshness freshness = belay_units_reading_freshness(reading);
    belay_units_reading(self->quantity, reading, number, sizeof number);
    const char *old = age_text(reading, freshness, age, sizeof age);
    const char *shown = freshness == FRESH && word != NULL ? word : "";
    gtk_label_set_text(self->number, number);
    gtk_label_set_text(self->age, old);
    gtk_label_set_text(self->word, shown);
    if (freshness != self->freshness) {
        self->freshness = freshness;
        self->described_us = 0;
        gtk_widget_queue_draw(GTK_WIDGET(self));
    }
    const gint64 now_us = g_get_monotonic_time();
    if (self->described_us == 0 || now_us - self->described_us >= DESCRIBE_US) {
        char *text = g_strdup_printf("%s %s %s%s%s%s%s", number, belay_units_symbol(self->quantity),
                                     self->range != NULL ? self->range : "", *shown != '\0' ? ", " : "", shown,
                                     *old != '\0' ? ", " : "", old);
        gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
        self->described_us = now_us;
        g_free(text);
    }
}
