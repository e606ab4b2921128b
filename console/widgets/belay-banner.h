/* The state banner: live or rehearsal, E-stop chain, armed, who holds, link age, field links, show and rig. Always at
 * the top. Main thread. */
#ifndef BELAY_CONSOLE_WIDGETS_BELAY_BANNER_H
#define BELAY_CONSOLE_WIDGETS_BELAY_BANNER_H

#include <gtk/gtk.h>
#include <stdbool.h>
#include <stdint.h>

#include "console/model/belay-units.h"

G_DECLARE_FINAL_TYPE(BelayBanner, belay_banner, BELAY, BANNER, GtkWidget)
#define BELAY_TYPE_BANNER (belay_banner_get_type())

struct belay_banner_state {
    bool connected; /* greeted, and telemetry has come; the rest is read only then */
    bool may_operate;
    bool rehearsal;
    bool estop_known, a_closed, b_closed;
    const char *stations;   /* names of the E-stop stations that are open */
    const char *operation;  /* the operating mode: "SET-UP", "WALK 10 %", "SHOW" */
    const char *state;      /* the controller's word: "armed" */
    const char *permission; /* "nobody", "this console", "another console" */
    int64_t age_ms;         /* of the newest telemetry */
    enum belay_freshness freshness; /* of all of it */
    const char *links;      /* the field bus links: "2 up" */
    bool links_good;
    const char *show;       /* NULL = none loaded */
    const char *rig;
};

/* Shows it; ten times a second is plenty. */
void belay_banner_set(BelayBanner *self, const struct belay_banner_state *state);

#endif
