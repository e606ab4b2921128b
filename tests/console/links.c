/* What is told of the links, and until when. */
#include "console/model/belay-links.h"

#include <criterion/criterion.h>
#include <string.h>

static struct msg_telemetry frame; /* large */
static struct belay_links links;

static void setup(void) {
    memset(&frame, 0, sizeof frame);
    frame.links_count = 2;
    for (int i = 0; i < 2; i++) {
        strcpy(frame.links[i].name, i == 0 ? "drive" : "sensors");
        frame.links[i].state = MSG_LINK_STATE_UP;
    }
    belay_links_init(&links);
}

TestSuite(links, .init = setup);

static const char *told(bool down) {
    static char text[400];
    bool is_down;
    belay_links_note(&links, &frame);
    belay_links_trouble(&links, &frame, text, sizeof text, &is_down);
    cr_expect_eq(is_down, down);
    return text;
}

static void lose(int link) {
    frame.armed = false;
    frame.links[link].state = MSG_LINK_STATE_DOWN;
    frame.links[link].has_loss = true;
    strcpy(frame.links[link].loss, "no reply in time");
}

static void latch(const char *fault) {
    frame.has_first_out = true;
    frame.faults_count = 1;
    strcpy(frame.faults[0].fault, fault);
}

static void reset(void) {
    frame.has_first_out = false;
    frame.faults_count = 0;
}

#define OVER "Up again, lost before: sensors: no reply in time"

Test(links, a_loss_is_told_until_the_next_arming) {
    cr_expect_str_eq(told(false), "");
    lose(1);
    cr_expect_str_eq(told(true), "sensors: no reply in time");
    frame.links[1].state = MSG_LINK_STATE_UP;
    cr_expect_str_eq(told(false), OVER);
    frame.armed = true;
    cr_expect_str_eq(told(false), "");
    frame.armed = false;
    cr_expect_str_eq(told(false), "", "nor afterwards");
    lose(1);
    (void)told(true);
    frame.links[1].state = MSG_LINK_STATE_UP;
    cr_expect_str_eq(told(false), OVER, "the next one is another one");
}

Test(links, a_loss_is_told_until_the_reset_of_its_fault) {
    lose(1);
    latch("io_stale");
    (void)told(true);
    reset(); /* of nothing that helps: the link is still away */
    cr_expect_str_eq(told(true), "sensors: no reply in time");
    latch("io_stale");
    frame.links[1].state = MSG_LINK_STATE_UP;
    cr_expect_str_eq(told(false), OVER);
    reset();
    cr_expect_str_eq(told(false), "");
}

Test(links, a_loss_between_two_frames_is_told) {
    frame.armed = true;
    (void)told(false);
    lose(1);
    frame.links[1].state = MSG_LINK_STATE_UP;
    latch("link_lost");
    cr_expect_str_eq(told(false), OVER);
}

Test(links, another_controller_tells_what_it_lost) {
    lose(1);
    frame.links[1].state = MSG_LINK_STATE_UP;
    frame.armed = true;
    cr_expect_str_eq(told(false), "");
    frame.armed = false;
    belay_links_init(&links);
    cr_expect_str_eq(told(false), OVER);
}

Test(links, words) {
    char text[200];
    bool good;
    cr_expect_str_eq(belay_links_words(&frame, text, sizeof text, &good), "2 up");
    cr_expect(good);
    lose(1);
    cr_expect_str_eq(belay_links_words(&frame, text, sizeof text, &good), "sensors down: no reply in time");
    cr_expect_not(good);
}
