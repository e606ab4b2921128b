/* Draws one bar as plain colour nodes. */
#include "console/widgets/belay-bar.h"

#include <math.h>

#include "console/widgets/belay-colours.h"

#define BAR_HEIGHT_PX 20
#define BAR_KNEE 0.7 /* share of the bar below the knee */
#define BAR_EDGE_PX 3.0f /* height by which marks stand out above and below the track */

struct _BelayBar {
    GtkWidget parent_instance;
    struct belay_bar_scale scale;
    double value, setpoint;
    bool strange;
};

G_DEFINE_FINAL_TYPE(BelayBar, belay_bar, GTK_TYPE_WIDGET)

/* Pixel of a value, clipped to the bar. */
static float place(const BelayBar *self, double value, float width) {
    const struct belay_bar_scale *scale = &self->scale;
    double share = (value - scale->min) / (scale->max - scale->min);
    if (scale->has_knee && value <= scale->knee) {
        share = BAR_KNEE * (value - scale->min) / (scale->knee - scale->min);
    } else if (scale->has_knee) {
        share = BAR_KNEE + (1 - BAR_KNEE) * (value - scale->knee) / (scale->max - scale->knee);
    }
    return (float)(share < 0 ? 0 : share > 1 ? 1 : share) * width;
}

static void box(GtkSnapshot *snapshot, uint32_t rgb, float left, float top, float right, float bottom) {
    if (right > left) {
        const graphene_rect_t area = GRAPHENE_RECT_INIT(left, top, right - left, bottom - top);
        gtk_snapshot_append_color(snapshot, COLOUR_RGBA(rgb, 1.0f), &area);
    }
}

/* A vertical line of `thick` pixels at a value, kept inside the bar. */
static void line(BelayBar *self, GtkSnapshot *snapshot, uint32_t rgb, double value, float thick, float top,
                 float bottom) {
    const float width = (float)gtk_widget_get_width(GTK_WIDGET(self));
    float left = roundf(place(self, value, width) - thick / 2);
    left = left < 0 ? 0 : left + thick > width ? width - thick : left;
    box(snapshot, rgb, left, top, left + thick, bottom);
}

static void belay_bar_snapshot(GtkWidget *widget, GtkSnapshot *snapshot) {
    BelayBar *self = BELAY_BAR(widget);
    const struct belay_bar_scale *scale = &self->scale;
    const float width = (float)gtk_widget_get_width(widget), height = (float)gtk_widget_get_height(widget);
    const float top = BAR_EDGE_PX, bottom = height - BAR_EDGE_PX;
    if (!(scale->max > scale->min)) {
        return; /* no limits known yet */
    }
    box(snapshot, COLOUR_TRACK, 0, top, width, bottom);
    if (scale->has_band) {
        box(snapshot, COLOUR_BAND, place(self, scale->band_min, width), top, place(self, scale->band_max, width),
            bottom);
    }
    if (isfinite(self->value)) {
        const double zero = scale->min > 0 ? scale->min : scale->max < 0 ? scale->max : 0;
        const float from = place(self, zero, width), to = place(self, self->value, width);
        box(snapshot, self->strange ? COLOUR_ORANGE : COLOUR_FILL, fminf(from, to), top + 4, fmaxf(from, to),
            bottom - 4);
    }
    if (scale->has_knee) { /* a gap says that the scale changes here */
        line(self, snapshot, COLOUR_PLOT, scale->knee, 4, top, bottom);
    }
    if (scale->min < 0 && scale->max > 0) {
        line(self, snapshot, COLOUR_TEXT, 0, 1, top, bottom);
    }
    if (scale->has_band) {
        line(self, snapshot, COLOUR_GREEN, scale->band_min, 2, top, bottom);
        line(self, snapshot, COLOUR_GREEN, scale->band_max, 2, top, bottom);
    }
    if (scale->has_mark) {
        line(self, snapshot, COLOUR_VERMILLION, scale->mark, 2, top, bottom);
    }
    if (isfinite(self->setpoint)) {
        line(self, snapshot, COLOUR_SKY, self->setpoint, 3, 0, top + 5);
    }
    if (isfinite(self->value)) {
        line(self, snapshot, COLOUR_MARK, self->value, 4, 0, height);
    }
}

static void belay_bar_measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                              int *minimum_baseline, int *natural_baseline) {
    (void)widget;
    (void)for_size;
    (void)minimum_baseline;
    (void)natural_baseline;
    *minimum = orientation == GTK_ORIENTATION_VERTICAL ? BAR_HEIGHT_PX : 60;
    *natural = *minimum;
}

static void belay_bar_class_init(BelayBarClass *klass) {
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    widget_class->snapshot = belay_bar_snapshot;
    widget_class->measure = belay_bar_measure;
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
    gtk_widget_class_set_css_name(widget_class, "bar");
}

static void belay_bar_init(BelayBar *self) {
    self->value = (double)NAN;
    self->setpoint = (double)NAN;
}

void belay_bar_set_scale(BelayBar *self, const struct belay_bar_scale *scale) {
    g_return_if_fail(BELAY_IS_BAR(self));
    g_assert(scale->min < scale->max);
    g_assert(!scale->has_knee || (scale->min < scale->knee && scale->knee < scale->max));
    self->scale = *scale;
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

static bool same(double a, double b) {
    return (isnan(a) && isnan(b)) || fabs(a - b) < 1e-9;
}

void belay_bar_set(BelayBar *self, double value, double setpoint, bool strange) {
    g_return_if_fail(BELAY_IS_BAR(self));
    if (same(value, self->value) && same(setpoint, self->setpoint) && strange == self->strange) {
        return;
    }
    self->value = value;
    self->setpoint = setpoint;
    self->strange = strange;
    gtk_widget_queue_draw(GTK_WIDGET(self));
}
