/* Two panes of traces, rasterised by belay-plot-raster.c into a cairo image. */
#include "console/widgets/belay-plot.h"

#include <math.h>

#include "console/model/belay-units.h"
#include "console/widgets/belay-colours.h"
#include "console/widgets/belay-plot-raster.h"

#define PLOT_SPAN_US 30000000
#define PLOT_LABELS_PX 52 /* width of the value labels at the left */
#define PLOT_FOOT_PX 20   /* height of the time labels */
#define PLOT_HEAD_PX 20   /* height of a pane's title */
#define OPAQUE 0xff000000u

struct _BelayPlot {
    GtkWidget parent_instance;
    char *name;
    const struct belay_history *history;
    struct belay_plot_scale scale;
    cairo_surface_t *surface[QUANTITY_COUNT]; /* reused while the size stays */
    PangoLayout *layout;
};

/* One pane while it is drawn. */
struct pane {
    enum belay_quantity quantity;
    graphene_rect_t area; /* of the traces */
    struct belay_raster_scale scale;
    uint32_t colour;
};

G_DEFINE_FINAL_TYPE(BelayPlot, belay_plot, GTK_TYPE_WIDGET)

static double sample_value(const struct belay_sample *sample, enum belay_quantity quantity) {
    return quantity == QUANTITY_TENSION ? sample->tension_n : sample->position_m;
}

/* A round number above everything shown, so that the scale seldom changes and never creeps. */
static double tension_top(const BelayPlot *self, int64_t left_us) {
    double highest = self->scale.has_band ? 1.2 * self->scale.weight_on_line_n : self->scale.tension_max_n / 10;
    for (size_t i = belay_history_find(self->history, left_us); i < belay_history_count(self->history); i++) {
        const double tension_n = belay_history_at(self->history, i)->tension_n;
        highest = isfinite(tension_n) ? fmax(highest, 1.1 * tension_n) : highest;
    }
    const double step = belay_raster_step(fmax(highest, 1), 3);
    return step * ceil(highest / step - 1e-9);
}

static void text(BelayPlot *self, GtkSnapshot *snapshot, const char *words, float x, float y, float align) {
    int width, height;
    pango_layout_set_text(self->layout, words, -1);
    pango_layout_get_pixel_size(self->layout, &width, &height);
    gtk_snapshot_save(snapshot);
    gtk_snapshot_translate(snapshot, &GRAPHENE_POINT_INIT(x - align * (float)width, y - (float)height / 2));
    gtk_snapshot_append_layout(snapshot, self->layout, COLOUR_RGBA(COLOUR_TEXT, 1.0f));
    gtk_snapshot_restore(snapshot);
}

static void draw_values(BelayPlot *self, GtkSnapshot *snapshot, const struct pane *pane) {
    const double span = pane->scale.top - pane->scale.bottom;
    const int lines = (int)(pane->area.size.height / 32) > 1 ? (int)(pane->area.size.height / 32) : 1;
    const double step = belay_raster_step(span, lines);
    for (double value = ceil(pane->scale.bottom / step) * step; value <= pane->scale.top + step / 1000; value += step) {
        const float y = pane->area.origin.y +
                        (float)((pane->scale.top - value) / span) * (pane->area.size.height - 1);
        char number[BELAY_TEXT_MAX];
        text(self, snapshot, belay_units_tick(value, step, number, sizeof number), pane->area.origin.x - 6, y, 1);
        gtk_snapshot_append_color(snapshot, COLOUR_RGBA(COLOUR_GRID, 1.0f),
                                  &GRAPHENE_RECT_INIT(pane->area.origin.x, roundf(y), pane->area.size.width, 1));
    }
}

static void draw_level(GtkSnapshot *snapshot, const struct pane *pane, double value, uint32_t rgb) {
    const float share = (float)((pane->scale.top - value) / (pane->scale.top - pane->scale.bottom));
    if (share >= 0 && share <= 1) {
        const float y = roundf(pane->area.origin.y + share * (pane->area.size.height - 1));
        gtk_snapshot_append_color(snapshot, COLOUR_RGBA(rgb, 0.9f),
                                  &GRAPHENE_RECT_INIT(pane->area.origin.x, y, pane->area.size.width, 1));
    }
}

static void draw_band(const BelayPlot *self, GtkSnapshot *snapshot, const struct pane *pane) {
    const double span = pane->scale.top - pane->scale.bottom;
    const float top = (float)((pane->scale.top - self->scale.band_max_n) / span) * pane->area.size.height;
    const float height = (float)((self->scale.band_max_n - self->scale.band_min_n) / span) * pane->area.size.height;
    gtk_snapshot_append_color(snapshot, COLOUR_RGBA(COLOUR_BAND, 0.6f),
                              &GRAPHENE_RECT_INIT(pane->area.origin.x, pane->area.origin.y + fmaxf(top, 0),
                                                  pane->area.size.width, height));
    draw_level(snapshot, pane, self->scale.weight_on_line_n, COLOUR_VERMILLION);
}

/* The reused image of a pane, cleared, in device pixels. */
static struct belay_raster take_surface(BelayPlot *self, const struct pane *pane, int scale_factor) {
    cairo_surface_t **surface = &self->surface[pane->quantity];
    const int width = (int)pane->area.size.width * scale_factor, height = (int)pane->area.size.height * scale_factor;
    if (*surface != NULL && (cairo_image_surface_get_width(*surface) != width ||
                             cairo_image_surface_get_height(*surface) != height)) {
        g_clear_pointer(surface, cairo_surface_destroy);
    }
    if (*surface == NULL) {
        *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
    }
    cairo_surface_set_device_scale(*surface, scale_factor, scale_factor);
    cairo_surface_flush(*surface);
    const struct belay_raster raster = {
        .pixels = (uint32_t *)(void *)cairo_image_surface_get_data(*surface),
        .width = width,
        .height = height,
        .stride_px = cairo_image_surface_get_stride(*surface) / 4,
    };
    belay_raster_clear(&raster, 0);
    return raster;
}

static void draw_trace(BelayPlot *self, GtkSnapshot *snapshot, const struct pane *pane) {
    const int scale_factor = gtk_widget_get_scale_factor(GTK_WIDGET(self));
    const struct belay_raster raster = take_surface(self, pane, scale_factor);
    struct belay_trace trace;
    belay_trace_begin(&trace, &raster, &pane->scale, OPAQUE | pane->colour, 2 * scale_factor);
    size_t first = belay_history_find(self->history, pane->scale.left_us);
    for (size_t i = first > 0 ? first - 1 : 0; i < belay_history_count(self->history); i++) {
        const struct belay_sample *sample = belay_history_at(self->history, i);
        belay_trace_add(&trace, sample->t_us, sample_value(sample, pane->quantity));
    }
    belay_trace_end(&trace);
    cairo_surface_mark_dirty(self->surface[pane->quantity]);
    cairo_t *cairo = gtk_snapshot_append_cairo(snapshot, &pane->area);
    cairo_set_source_surface(cairo, self->surface[pane->quantity], (double)pane->area.origin.x,
                             (double)pane->area.origin.y);
    cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_NEAREST);
    cairo_paint(cairo);
    cairo_destroy(cairo);
}

static void draw_pane(BelayPlot *self, GtkSnapshot *snapshot, const struct pane *pane) {
    char *title = g_strdup_printf("%s %s [%s]", self->name, belay_units_name(pane->quantity),
                                  belay_units_symbol(pane->quantity));
    text(self, snapshot, title, pane->area.origin.x, pane->area.origin.y - PLOT_HEAD_PX / 2, 0);
    g_free(title);
    gtk_snapshot_append_color(snapshot, COLOUR_RGBA(COLOUR_PLOT, 1.0f), &pane->area);
    if (pane->quantity == QUANTITY_TENSION && self->scale.has_band) {
        draw_band(self, snapshot, pane);
    }
    draw_values(self, snapshot, pane);
    draw_trace(self, snapshot, pane);
}

static void draw_times(BelayPlot *self, GtkSnapshot *snapshot, const graphene_rect_t *area, float y) {
    for (int s = 0; s <= PLOT_SPAN_US / 1000000; s += 5) {
        const float share = 1 - (float)s * 1e6f / (float)PLOT_SPAN_US;
        const float x = roundf(area->origin.x + share * (area->size.width - 1));
        char words[BELAY_TEXT_MAX];
        g_snprintf(words, sizeof words, s == 0 ? "now" : "-%d s", s);
        if (s % 10 == 0) {
            text(self, snapshot, words, x, y + PLOT_FOOT_PX / 2, s == 0 ? 1 : share < 0.02f ? 0 : 0.5f);
        }
        gtk_snapshot_append_color(snapshot, COLOUR_RGBA(COLOUR_GRID, 1.0f), &GRAPHENE_RECT_INIT(x, y - 1, 1, 4));
    }
}

static void belay_plot_snapshot(GtkWidget *widget, GtkSnapshot *snapshot) {
    BelayPlot *self = BELAY_PLOT(widget);
    const float width = (float)gtk_widget_get_width(widget) - PLOT_LABELS_PX;
    const float rest = (float)gtk_widget_get_height(widget) - 2 * PLOT_HEAD_PX - PLOT_FOOT_PX;
    if (self->history == NULL || width < 16 || rest < 32) {
        text(self, snapshot, "Nothing to draw yet", (width + PLOT_LABELS_PX) / 2, rest / 2 + PLOT_HEAD_PX, 0.5f);
        return;
    }
    const int64_t now_us = g_get_monotonic_time();
    const float upper = floorf(rest * 0.6f), lower = floorf(rest - upper);
    struct pane panes[] = {
        {.quantity = QUANTITY_TENSION,
         .area = GRAPHENE_RECT_INIT(PLOT_LABELS_PX, PLOT_HEAD_PX, width, upper),
         .scale = {now_us - PLOT_SPAN_US, now_us, 0, 1},
         .colour = COLOUR_SKY},
        {.quantity = QUANTITY_POSITION,
         .area = GRAPHENE_RECT_INIT(PLOT_LABELS_PX, 2 * PLOT_HEAD_PX + upper, width, lower),
         .scale = {now_us - PLOT_SPAN_US, now_us, self->scale.position_min_m, self->scale.position_max_m},
         .colour = COLOUR_ORANGE},
    };
    panes[0].scale.top = tension_top(self, panes[0].scale.left_us);
    for (size_t i = 0; i < G_N_ELEMENTS(panes); i++) {
        draw_pane(self, snapshot, &panes[i]);
    }
    draw_times(self, snapshot, &panes[1].area, 2 * PLOT_HEAD_PX + upper + lower);
}

static void belay_plot_measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                               int *minimum_baseline, int *natural_baseline) {
    (void)widget;
    (void)for_size;
    (void)minimum_baseline;
    (void)natural_baseline;
    *minimum = orientation == GTK_ORIENTATION_VERTICAL ? 100 : 200;
    *natural = orientation == GTK_ORIENTATION_VERTICAL ? 100 : 400;
}

static void belay_plot_finalize(GObject *object) {
    BelayPlot *self = BELAY_PLOT(object);
    for (size_t i = 0; i < G_N_ELEMENTS(self->surface); i++) {
        g_clear_pointer(&self->surface[i], cairo_surface_destroy);
    }
    g_clear_object(&self->layout);
    g_clear_pointer(&self->name, g_free);
    G_OBJECT_CLASS(belay_plot_parent_class)->finalize(object);
}

static void belay_plot_class_init(BelayPlotClass *klass) {
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->finalize = belay_plot_finalize;
    widget_class->snapshot = belay_plot_snapshot;
    widget_class->measure = belay_plot_measure;
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_IMG);
    gtk_widget_class_set_css_name(widget_class, "plot");
}

static void belay_plot_init(BelayPlot *self) {
    self->layout = gtk_widget_create_pango_layout(GTK_WIDGET(self), NULL);
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, "Plot of tension and position",
                                   -1);
}

void belay_plot_set_axis(BelayPlot *self, const char *name, const struct belay_history *history,
                         const struct belay_plot_scale *scale) {
    g_return_if_fail(BELAY_IS_PLOT(self));
    g_free(self->name);
    self->name = g_strdup(name);
    self->history = history;
    if (history != NULL) {
        g_assert(scale->position_min_m < scale->position_max_m);
        self->scale = *scale;
    }
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

void belay_plot_refresh(BelayPlot *self) {
    g_return_if_fail(BELAY_IS_PLOT(self));
    gtk_widget_queue_draw(GTK_WIDGET(self));
}
