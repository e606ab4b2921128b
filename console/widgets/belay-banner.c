/* The tiles of the banner and the words in them. */
#include "console/widgets/belay-banner.h"

#include "console/widgets/belay-tile.h"

struct _BelayBanner {
    GtkWidget parent_instance;
    BelayTile *mode, *operation, *estop, *armed, *permission, *link, *links, *show;
};

G_DEFINE_FINAL_TYPE(BelayBanner, belay_banner, GTK_TYPE_WIDGET)

static void belay_banner_dispose(GObject *object) {
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child(GTK_WIDGET(object))) != NULL) {
        gtk_widget_unparent(child);
    }
    G_OBJECT_CLASS(belay_banner_parent_class)->dispose(object);
}

static void belay_banner_class_init(BelayBannerClass *klass) {
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = belay_banner_dispose;
    g_type_ensure(BELAY_TYPE_TILE);
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
    gtk_widget_class_set_css_name(widget_class, "banner");
    gtk_widget_class_set_template_from_resource(widget_class, "/org/belay/Console/belay-banner.ui");
    gtk_widget_class_bind_template_child(widget_class, BelayBanner, mode);
    gtk_widget_class_bind_template_child(widget_class, BelayBanner, operation);
    gtk_widget_class_bind_template_child(widget_class, BelayBanner, estop);
    gtk_widget_class_bind_template_child(widget_class, BelayBanner, armed);
    gtk_widget_class_bind_template_child(widget_class, BelayBanner, permission);
    gtk_widget_class_bind_template_child(widget_class, BelayBanner, link);
    gtk_widget_class_bind_template_child(widget_class, BelayBanner, show);
    gtk_widget_class_bind_template_child(widget_class, BelayBanner, links);
}

static void belay_banner_init(BelayBanner *self) {
    gtk_widget_init_template(GTK_WIDGET(self));
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, "State banner", -1);
}

static void show_estop(BelayBanner *self, const struct belay_banner_state *state) {
    if (!state->estop_known) {
        belay_tile_set(self->estop, TONE_UNKNOWN, "UNKNOWN");
    } else if (state->a_closed && state->b_closed) {
        belay_tile_set(self->estop, TONE_GOOD, "CLOSED");
    } else {
        const char *const what = state->a_closed ? "B OPEN" : state->b_closed ? "A OPEN" : "OPEN";
        char text[BELAY_TEXT_MAX];
        g_snprintf(text, sizeof text, "%s: %s", what, state->stations);
        belay_tile_set(self->estop, TONE_BAD, text);
    }
}

static void show_controller(BelayBanner *self, const char *state) {
    static const struct {
        const char *state, *words;
        enum belay_tone tone;
    } looks[] = {
        {"fault", "FAULT", TONE_BAD},         {"disarmed", "DISARMED", TONE_PLAIN}, {"armed", "ARMED", TONE_WARN},
        {"running", "RUNNING", TONE_GOOD},    {"stopping", "STOPPING", TONE_WARN},  {"stopped", "SHUT DOWN", TONE_BAD},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(looks); i++) {
        if (g_str_equal(looks[i].state, state)) {
            belay_tile_set(self->armed, looks[i].tone, looks[i].words);
            return;
        }
    }
    belay_tile_set(self->armed, TONE_UNKNOWN, g_str_equal(state, "unknown") ? "UNKNOWN" : state);
}

static void show_disconnected(BelayBanner *self) {
    BelayTile *const unknown[] = {self->mode,       self->operation, self->estop, self->armed,
                                  self->permission, self->links,     self->show};
    for (size_t i = 0; i < G_N_ELEMENTS(unknown); i++) {
        belay_tile_set_old(unknown[i], true);
        belay_tile_set(unknown[i], TONE_UNKNOWN, "UNKNOWN");
    }
    belay_tile_set(self->link, TONE_BAD, "NO LINK");
}

void belay_banner_set(BelayBanner *self, const struct belay_banner_state *state) {
    g_return_if_fail(BELAY_IS_BANNER(self));
    if (!state->connected) {
        show_disconnected(self);
        return;
    }
    BelayTile *const said[] = {self->mode,       self->operation, self->estop, self->armed,
                                  self->permission, self->links,     self->show};
    for (size_t i = 0; i < G_N_ELEMENTS(said); i++) {
        belay_tile_set_old(said[i], state->freshness != FRESH);
    }
    char age[BELAY_TEXT_MAX];
    belay_units_age(state->age_ms, age, sizeof age);
    belay_tile_set(self->mode, state->rehearsal ? TONE_PLAIN : TONE_WARN, state->rehearsal ? "REHEARSAL" : "LIVE");
    belay_tile_set(self->operation, TONE_PLAIN, state->operation);
    show_estop(self, state);
    show_controller(self, state->state);
    belay_tile_set(self->link, state->freshness != FRESH ? TONE_BAD : TONE_GOOD, age);
    if (state->freshness == GONE) {
        belay_tile_set(self->permission, TONE_UNKNOWN, "UNKNOWN");
        belay_tile_set(self->links, TONE_UNKNOWN, "UNKNOWN");
    } else {
        belay_tile_set(self->permission, TONE_PLAIN, state->may_operate ? state->permission : "view only");
        belay_tile_set(self->links, state->links_good ? TONE_GOOD : TONE_BAD, state->links);
    }
    char *show = g_strdup_printf("%s on %s", state->show != NULL ? state->show : "no show", state->rig);
    belay_tile_set(self->show, TONE_PLAIN, show);
    g_free(show);
}
