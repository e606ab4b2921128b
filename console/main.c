/* belay-console: the operator's window on belayd. */
#include <glib.h>

#include "console/belay-application.h"

int main(int argc, char **argv) {
    /* GTK 4.8 takes GL even when GL is software, at six times the cost; whoever has a GPU may say GSK_RENDERER=gl. */
    g_setenv("GSK_RENDERER", "cairo", FALSE);
    g_set_application_name("Belay");
    g_set_prgname("belay-console");
    return belay_application_main(argc, argv);
}
