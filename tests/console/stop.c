/* Who stopped us, in words. */
#include "console/model/belay-stop.h"

#include <criterion/criterion.h>
#include <stdio.h>

Test(stop, one_sentence_a_cause) {
    static const struct {
        const char *what, *client;
        int64_t session;
        const char *text;
    } cases[] = {
        {"stop", "camera 2", 7, "Stopped: the operator of camera 2 (session 7) pressed STOP."},
        {"stop", "belay-console", 3, "Stopped: the operator of this console pressed STOP."},
        {"stop", NULL, 9, "Stopped: the operator of session 9 pressed STOP."},
        {"stop", NULL, 0, "Stopped: belayd did it."},
        {"released", "camera 2", 7, "Stopped: the operator of camera 2 (session 7) let go."},
        {"expired", "camera 2", 7, "Stopped: the hold of camera 2 (session 7) was not renewed in time."},
        {"gone", "camera 2", 7, "Stopped: the connection to camera 2 (session 7) was lost while it held."},
        {"disarm", "camera 2", 7, "Stopped: the operator of camera 2 (session 7) disarmed."},
        {"shutdown", NULL, 0, "Stopped: belayd was shutting down."},
        {"arrived", "camera 2", 7, "Ended by itself: it arrived."},
        {"slack", "camera 2", 7, "Ended by itself: the rope went slack. The load stands, or is held."},
        {"weight", "camera 2", 7, "Stopped: weight came on the rope."},
        {"payout_end", "camera 2", 7, "Ended by itself: it came to its end of pay-out."},
        {"takein_end", "camera 2", 7, "Ended by itself: it came to its end of take-in."},
        {"torque", NULL, 7,
         "Stopped: the drive did not show the torque that holds the load; no brake was released, it holds on. "
         "Secure it."},
        {"quick_stop", NULL, 7,
         "Stopped: the drive stays in its quick stop, against its profile, and the load hangs on that. "
         "Secure it first."},
        {"fault", NULL, 0, "Stopped: a fault."},
        {"moonlight", "camera 2", 7, "Stopped: moonlight."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct msg_last_stop stop = {.session = cases[i].session, .has_client = cases[i].client != NULL};
        char text[256];
        snprintf(stop.what, sizeof stop.what, "%s", cases[i].what);
        snprintf(stop.client, sizeof stop.client, "%s", cases[i].client != NULL ? cases[i].client : "");
        cr_expect_str_eq(belay_stop_text(&stop, 3, text, sizeof text), cases[i].text);
    }
}
