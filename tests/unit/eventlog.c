/* The log's lines, and that a log which nobody reads holds nobody up. */
#include "controller/serve/eventlog.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench_rig.h"

static struct bench *bench;
static struct snapshot snapshot;
static char line[EVENTLOG_LINE_MAX];
static enum log_priority priority;

static void setup(void) {
    bench = bench_new();
    snapshot = bench->out.snapshot;
    snprintf(bench->rig.link[0].name, sizeof bench->rig.link[0].name, "drive");
    snprintf(bench->rig.link[0].host, sizeof bench->rig.link[0].host, "10.0.0.5");
    bench->rig.link[0].port = 502;
}

static void teardown(void) {
    bench_free(bench);
}

TestSuite(eventlog, .init = setup, .fini = teardown);

static const char *text_of(struct event event) {
    *line = '\0';
    cr_assert(eventlog_text(&bench->rig, &snapshot, &event, "session 3 (belay-console, uid 1000)", &priority, line));
    return line;
}

Test(eventlog, says_who_commanded_and_why_not) {
    struct event event = {.kind = EVENT_COMMAND, .axis = -1, .from = COMMAND_ARM, .to = REFUSED_NOT};
    cr_expect_str_eq(text_of(event), "session 3 (belay-console, uid 1000): arm");
    cr_expect_eq(priority, LOG_NOTICE);
    event.to = REFUSED_ESTOP_OPEN;
    cr_expect_not_null(strstr(text_of(event), "uid 1000): arm refused: The E-stop"), "%s", line);
    cr_expect_eq(priority, LOG_WARNING);
    for (int kind = 0; kind < COMMAND_KIND_COUNT; kind++) {
        event.from = kind;
        cr_expect_null(strstr(text_of(event), "(null)"), "command %d has no word", kind);
    }
}

Test(eventlog, faults_carry_cause_and_remedy_and_the_first_is_marked) {
    for (int id = 1; id < FAULT_COUNT; id++) {
        struct event event = {.kind = EVENT_FAULT, .axis = 0, .to = id, .t_us = 500};
        snapshot.first_out = (enum fault_id)id;
        snapshot.first_out_us = 500;
        cr_expect_not_null(strstr(text_of(event), "climber: FIRST FAULT: "), "%s", line);
        cr_expect_not_null(strstr(line, fault_text((enum fault_id)id)->remedy), "cut: %s", line);
        cr_expect_eq(priority, LOG_ERROR);
        snapshot.first_out_us = 400;
        cr_expect_not_null(strstr(text_of(event), "climber: fault: "), "%s", line);
    }
}

Test(eventlog, a_cause_that_is_there_again_is_no_new_fault) {
    snapshot.first_out = FAULT_DRIVE_STALE;
    snapshot.first_out_us = 500;
    struct event event = {.kind = EVENT_AGAIN, .axis = 0, .from = -1, .to = FAULT_DRIVE_STALE, .t_us = 500};
    cr_expect_not_null(strstr(text_of(event), "climber: again: Drive silent."), "%s", line);
    cr_expect_eq(priority, LOG_ERROR);
}

Test(eventlog, a_fault_names_the_setting_and_the_drives_code) {
    struct profile *drive = &bench->rig.profile[BENCH_DRIVE];
    drive->check_count = 2;
    snprintf(drive->check[1].text, sizeof drive->check[1].text, "The watchdog is off.");
    snprintf(bench->rig.device[BENCH_DRIVE].name, sizeof bench->rig.device[BENCH_DRIVE].name, "winch-drive");
    snapshot.link[0] = (struct image_link){.setting_changed = true, .refused_device = BENCH_DRIVE, .refused_check = 1};
    cr_expect_not_null(strstr(text_of((struct event){.kind = EVENT_FAULT, .to = FAULT_SETTING_CHANGED}),
                              " winch-drive: The watchdog is off. "), "%s", line);
    snapshot.axis[0].drive_fault_code = 0x7510;
    cr_expect_not_null(strstr(text_of((struct event){.kind = EVENT_FAULT, .to = FAULT_DRIVE_FAULT}), " Code 0x7510. "),
                       "%s", line);
    snapshot.axis[0].drive_fault_code = -1;
    cr_expect_null(strstr(text_of((struct event){.kind = EVENT_FAULT, .to = FAULT_DRIVE_FAULT}), " Code "), "%s", line);
}

/* Each winch on a link of its own, and both were changed in the same cycle. */
Test(eventlog, a_changed_setting_is_that_of_the_axis_with_the_fault) {
    struct bench *pair = bench_new_pair();
    struct rig *rig = &pair->rig;
    rig->link_count = 2;
    for (int i = 0; i < BENCH_DEVICES; i++)
        rig->device[BENCH_SECOND(i)].link = 1;
    rig->profile[BENCH_DRIVE].check_count = rig->profile[BENCH_CELL].check_count = 1;
    snprintf(rig->profile[BENCH_DRIVE].check[0].text, sizeof rig->profile[0].check[0].text, "The watchdog is off.");
    snprintf(rig->device[BENCH_DRIVE].name, sizeof rig->device[0].name, "first-drive");
    snprintf(rig->device[BENCH_SECOND(BENCH_DRIVE)].name, sizeof rig->device[0].name, "second-drive");
    snapshot = pair->out.snapshot;
    snapshot.link[0] = (struct image_link){.setting_changed = true, .refused_device = BENCH_DRIVE};
    snapshot.link[1] = (struct image_link){.setting_changed = true, .refused_device = BENCH_SECOND(BENCH_DRIVE)};
    static const char *const named[] = {" first-drive: The watchdog", " second-drive: The watchdog"};
    for (int axis = 0; axis < 2; axis++) {
        struct event event = {.kind = EVENT_FAULT, .axis = axis, .from = -1, .to = FAULT_SETTING_CHANGED};
        cr_assert(eventlog_text(rig, &snapshot, &event, "", &priority, line));
        cr_expect_not_null(strstr(line, named[axis]), "axis %d: %s", axis, line);
    }
    snapshot.link[1].setting_changed = false; /* behind the first is the chain, which is everybody's */
    struct event event = {.kind = EVENT_FAULT, .axis = 1, .from = -1, .to = FAULT_SETTING_CHANGED};
    cr_assert(eventlog_text(rig, &snapshot, &event, "", &priority, line));
    cr_expect_not_null(strstr(line, named[0]), "%s", line);
    snapshot.link[0].setting_changed = false; /* gone again in the same cycle: nothing to name */
    cr_assert(eventlog_text(rig, &snapshot, &event, "", &priority, line));
    cr_expect_null(strstr(line, "is off"), "%s", line);
    bench_free(pair);
}

Test(eventlog, a_lost_link_says_why) {
    struct event down = {.kind = EVENT_LINK, .axis = -1, .from = 0, .to = LINK_DOWN};
    snprintf(bench->rig.device[BENCH_CELL].name, sizeof bench->rig.device[BENCH_CELL].name, "load-cell");
    for (int loss = LOSS_CONNECT; loss < LOSS_COUNT; loss++) {
        snapshot.link[0] = (struct image_link){.loss = (enum link_loss)loss, .loss_device = BENCH_CELL};
        cr_expect_not_null(strstr(text_of(down), link_loss_text((enum link_loss)loss)), "%s", line);
        cr_expect_not_null(strstr(line, "(load-cell)"), "%s", line);
        snapshot.link[0].loss_device = -1;
        cr_expect_null(strstr(text_of(down), "load-cell"), "%s", line);
    }
}

Test(eventlog, states_links_cues_and_late_cycles) {
    cr_expect_str_eq(text_of((struct event){.kind = EVENT_STATE, .from = STATE_ARMED, .to = STATE_ENABLING}),
                     "climber: armed -> enabling");
    cr_expect_str_eq(text_of((struct event){.kind = EVENT_LINK, .axis = -1, .from = 0, .to = LINK_DOWN}),
                     "link drive (10.0.0.5:502): down");
    cr_expect_eq(priority, LOG_WARNING);
    text_of((struct event){.kind = EVENT_LINK, .axis = -1, .from = 0, .to = LINK_UP});
    cr_expect_eq(priority, LOG_NOTICE);
    cr_expect_str_eq(text_of((struct event){.kind = EVENT_OVERRUN, .axis = -1, .cycle = 42, .to = 13}),
                     "cycle 42 began 13 ms late");
    cr_expect_str_eq(text_of((struct event){.kind = EVENT_LOCK, .to = 1}),
                     "climber: LINE LOCKED: a person may hang on it");
    cr_expect_eq(priority, LOG_WARNING);
    cr_expect_str_eq(text_of((struct event){.kind = EVENT_LOCK}), "climber: line unlocked");
    cr_expect_str_eq(text_of((struct event){.kind = EVENT_CUE, .from = 1, .to = 1}), "cue 2 \"Down\" runs");
    struct event gone = {.kind = EVENT_CUE, .from = 7, .to = 0}; /* of a show that was replaced meanwhile */
    cr_expect_not(eventlog_text(&bench->rig, &snapshot, &gone, "", &priority, line));
    snapshot.show = NULL;
    gone.from = 0;
    cr_expect_not(eventlog_text(&bench->rig, &snapshot, &gone, "", &priority, line));
}

/* A pager that is not paged must not stop the thread that takes STOP. */
Test(eventlog, never_waits_for_a_reader_of_stderr, .timeout = 5) {
    struct eventlog log = {0};
    int ends[2], kept = dup(STDERR_FILENO);
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    cr_assert_neq(dup2(ends[1], STDERR_FILENO), -1);
    for (int i = 0; i < 5000; i++)
        eventlog_say(&log, LOG_NOTICE, "a line of about fifty bytes, again and again %d", i);
    dup2(kept, STDERR_FILENO);
    cr_expect_gt(log.lost, 1000);
    unsigned lost = log.lost;
    char drain[65536];
    cr_assert_gt(read(ends[0], drain, sizeof drain), 0);
    cr_assert_neq(dup2(ends[1], STDERR_FILENO), -1);
    eventlog_say(&log, LOG_NOTICE, "after");
    dup2(kept, STDERR_FILENO);
    ssize_t length = read(ends[0], drain, sizeof drain - 1);
    cr_assert_gt(length, 0);
    drain[length] = '\0';
    char wanted[64];
    snprintf(wanted, sizeof wanted, "%u lines are missing here", lost);
    cr_expect_not_null(strstr(drain, wanted), "%s", drain);
    cr_expect_not_null(strstr(drain, "after"));
    cr_expect_eq(log.lost, 0);
}
