/* Command line, style and start-up. */
#include "console/belay-application.h"

#include <stdlib.h>

#include "console/belay-window.h"
#include "console/model/belay-session.h"

#define SCREENSHOT_RETRY_MS 100
#define SCREENSHOT_TRIES 100

struct _BelayApplication {
    GtkApplication parent_instance;
    BelaySession *session;
    BelayWindow *window; /* owned by the toolkit */
    char *socket, *screenshot;
    double after_s;
    int tries, status;
};

G_DEFINE_FINAL_TYPE(BelayApplication, belay_application, GTK_TYPE_APPLICATION)

static void load_style(void) {
    GtkCssProvider *provider = gtk_css_provider_new();
    GdkDisplay *display = gdk_display_get_default();
    g_object_set(gtk_settings_get_default(), "gtk-application-prefer-dark-theme", TRUE, "gtk-enable-animations", FALSE,
                 NULL);
    gtk_css_provider_load_from_resource(provider, "/org/belay/Console/style.css");
    gtk_style_context_add_provider_for_display(display, GTK_STYLE_PROVIDER(provider),
                                               GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
    g_object_unref(provider);
}

/* As large as the first screen: an operator's console has it to itself. */
static void fit_screen(GtkWindow *window) {
    GListModel *monitors = gdk_display_get_monitors(gdk_display_get_default());
    GdkMonitor *monitor = g_list_model_get_item(monitors, 0);
    if (monitor != NULL) {
        GdkRectangle area;
        gdk_monitor_get_geometry(monitor, &area);
        gtk_window_set_default_size(window, area.width, area.height);
        g_object_unref(monitor);
    }
    gtk_window_maximize(window);
}

/* Photographs the window and quits; tries again while nothing has been drawn yet. */
static gboolean on_screenshot(gpointer data) {
    BelayApplication *self = BELAY_APPLICATION(data);
    if (belay_window_save_png(self->window, self->screenshot)) {
        g_application_quit(G_APPLICATION(self));
    } else if (++self->tries >= SCREENSHOT_TRIES) {
        g_printerr("belay-console: cannot write %s\n", self->screenshot);
        self->status = EXIT_FAILURE;
        g_application_quit(G_APPLICATION(self));
    } else {
        g_timeout_add(SCREENSHOT_RETRY_MS, on_screenshot, self);
    }
    return G_SOURCE_REMOVE;
}

static void belay_application_activate(GApplication *application) {
    BelayApplication *self = BELAY_APPLICATION(application);
    if (self->window == NULL) {
        load_style();
        self->session = belay_session_new(self->socket);
        self->window = BELAY_WINDOW(belay_window_new(GTK_APPLICATION(self), self->session));
        fit_screen(GTK_WINDOW(self->window));
        g_object_add_weak_pointer(G_OBJECT(self->window), (gpointer *)&self->window);
        /* The screen must not blank while somebody hangs on the rope. */
        gtk_application_inhibit(GTK_APPLICATION(self), GTK_WINDOW(self->window),
                                GTK_APPLICATION_INHIBIT_IDLE | GTK_APPLICATION_INHIBIT_SUSPEND, "Operating winches");
        belay_session_start(self->session);
        if (self->screenshot != NULL) {
            g_timeout_add((guint)(self->after_s * 1000), on_screenshot, self);
        }
    }
    gtk_window_present(GTK_WINDOW(self->window));
}

static int belay_application_handle_local_options(GApplication *application, GVariantDict *options) {
    BelayApplication *self = BELAY_APPLICATION(application);
    if (g_variant_dict_contains(options, "version")) {
        g_print("belay-console %s\n", BELAY_VERSION);
        return EXIT_SUCCESS;
    }
    g_variant_dict_lookup(options, "socket", "^ay", &self->socket);
    g_variant_dict_lookup(options, "screenshot", "^ay", &self->screenshot);
    self->after_s = 1;
    if (g_variant_dict_lookup(options, "after", "d", &self->after_s) &&
        !(self->after_s >= 0 && self->after_s <= 86400)) {
        g_printerr("belay-console: --after wants 0..86400 seconds\n");
        return EXIT_FAILURE;
    }
    return -1; /* go on */
}

static void belay_application_finalize(GObject *object) {
    BelayApplication *self = BELAY_APPLICATION(object);
    g_clear_object(&self->session);
    g_clear_pointer(&self->socket, g_free);
    g_clear_pointer(&self->screenshot, g_free);
    G_OBJECT_CLASS(belay_application_parent_class)->finalize(object);
}

static void belay_application_class_init(BelayApplicationClass *klass) {
    GApplicationClass *application_class = G_APPLICATION_CLASS(klass);
    G_OBJECT_CLASS(klass)->finalize = belay_application_finalize;
    application_class->activate = belay_application_activate;
    application_class->handle_local_options = belay_application_handle_local_options;
}

static void belay_application_init(BelayApplication *self) {
    const GOptionEntry options[] = {
        {"socket", 0, 0, G_OPTION_ARG_FILENAME, NULL, "Socket of belayd (else BELAY_SOCKET, else found)", "PATH"},
        {"screenshot", 0, 0, G_OPTION_ARG_FILENAME, NULL, "Write the window to FILE.png, then quit", "FILE.png"},
        {"after", 0, 0, G_OPTION_ARG_DOUBLE, NULL, "Wait this long before the screenshot (default 1)", "SECONDS"},
        {"version", 0, 0, G_OPTION_ARG_NONE, NULL, "Say the version", NULL},
        {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
    };
    g_application_add_main_option_entries(G_APPLICATION(self), options);
    g_application_set_option_context_summary(
        G_APPLICATION(self), "Operator console of Belay: shows what belayd says, stops it, and holds to run.");
}

int belay_application_main(int argc, char **argv) {
    BelayApplication *self = g_object_new(BELAY_TYPE_APPLICATION, "application-id", "org.belay.Console", "flags",
                                          G_APPLICATION_NON_UNIQUE, NULL);
    const int status = g_application_run(G_APPLICATION(self), argc, argv);
    const int own = self->status;
    g_object_unref(self);
    return status != EXIT_SUCCESS ? status : own;
}
