/* What the command line says of several faults: the first keeps its place, and a later one is not lost behind it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"

#define REMEDY "             Remedy: Mend the "

static struct msg_telemetry telemetry;
static struct msg_meta_hello_result hello;
static char *said;

static void add_fault(const char *name, const char *text, bool there) {
    struct msg_fault *fault = &telemetry.faults[telemetry.faults_count++];
    snprintf(fault->fault, sizeof fault->fault, "%s", name);
    snprintf(fault->text, sizeof fault->text, "%s", text);
    snprintf(fault->remedy, sizeof fault->remedy, "Mend the %s.", name);
    fault->has_there = true;
    fault->there = there;
}

static void axis_with(int index, const char *name, const char *fault) {
    struct msg_telemetry_axis *axis = &telemetry.axes[index];
    telemetry.axes_count = index + 1;
    snprintf(axis->name, sizeof axis->name, "%s", name);
    snprintf(axis->state, sizeof axis->state, "fault");
    snprintf(axis->mode, sizeof axis->mode, "none");
    snprintf(axis->faults[axis->faults_count++], sizeof axis->faults[0], "%s", fault);
}

/* A drive's trip of the first axis, that came first. */
static void setup(void) {
    telemetry = (struct msg_telemetry){.has_first_out = true};
    snprintf(telemetry.first_out.fault, sizeof telemetry.first_out.fault, "drive_fault");
    snprintf(telemetry.first_out.text, sizeof telemetry.first_out.text, "Drive tripped");
    telemetry.first_out.has_axis = true;
    snprintf(telemetry.first_out.axis, sizeof telemetry.first_out.axis, "left");
    add_fault("drive_fault", "Drive tripped", false);
    axis_with(0, "left", "drive_fault");
    said = NULL;
}

static void teardown(void) {
    free(said);
}

TestSuite(cli_text, .init = setup, .fini = teardown);

static const char *status(void) {
    size_t size = 0;
    free(said);
    FILE *out = open_memstream(&said, &size);
    cr_assert(out);
    text_status(&hello, &telemetry, NULL, 0, out);
    fclose(out);
    return said;
}

static const char *line(void) {
    static char out[CLI_LINE_MAX];
    text_line(&telemetry, out);
    return out;
}

Test(cli_text, an_outage_behind_an_older_fault_is_said) {
    add_fault("drive_stale", "Drive silent", true);
    cr_expect_not_null(strstr(status(), "First fault  Drive tripped, axis left; its cause has gone\n"), "%s", said);
    cr_expect_not_null(strstr(said, "Also         Drive silent, there now\n" REMEDY "drive_stale.\n"), "%s", said);
    cr_expect_not_null(strstr(line(), "| Drive tripped, now also Drive silent |"), "%s", line());
    telemetry.faults[1].there = false;
    cr_expect_not_null(strstr(status(), "Also         Drive silent\n" REMEDY "drive_stale.\n"), "%s", said);
    cr_expect_null(strstr(line(), "now also"), "%s", line());
}

Test(cli_text, the_same_fault_of_another_axis_is_said) {
    axis_with(1, "right", "drive_fault");
    cr_expect_not_null(strstr(status(), "Also         Drive tripped, axis right\n" REMEDY "drive_fault.\n"), "%s",
                       said);
    telemetry.first_out.has_axis = false; /* of the whole machine, like its E-stop: said once */
    cr_expect_null(strstr(status(), "Also"), "%s", said);
}

Test(cli_text, a_jog_ended_by_a_drive_that_stays_in_its_quick_stop_is_no_fault) {
    char why[CLI_WHY_MAX];
    text_stop(&(struct msg_last_stop){.what = "quick_stop", .session = 7}, why);
    cr_expect_not_null(strstr(why, "the drive stays in its quick stop"), "%s", why);
    cr_expect_not_null(strstr(why, "secure the load first"), "cut: %s", why);
    text_stop(&(struct msg_last_stop){.what = "torque", .session = 7}, why);
    cr_expect_not_null(strstr(why, "did not show the torque"), "%s", why);
    cr_expect_not_null(strstr(why, "secure the load"), "cut: %s", why);
}

Test(cli_text, the_first_fault_says_whether_its_cause_is_there) {
    telemetry.faults[0].there = true;
    cr_expect_not_null(strstr(status(), "axis left; its cause is there now\n"), "%s", said);
    cr_expect_null(strstr(said, "Also"), "%s", said);
    telemetry.faults[0].has_there = false; /* an older belayd does not tell */
    cr_expect_not_null(strstr(status(), "First fault  Drive tripped, axis left\n"), "%s", said);
}

Test(cli_text, of_what_moves_it_says_where_it_would_stand) {
    struct msg_telemetry_axis *axis = &telemetry.axes[0];
    hello.axes_count = 1;
    axis->has_stop_at_m = true;
    axis->stop_at_m = 12.3456;
    cr_expect_null(strstr(status(), "ended now"), "%s", said);
    snprintf(axis->mode, sizeof axis->mode, "move");
    cr_expect_not_null(strstr(status(), "  stop       at 12.346 m, were it ended now\n"), "%s", said);
    axis->has_stop_at_m = false;
    cr_expect_null(strstr(status(), "ended now"), "%s", said);
}

/* An end that the controller gives and this program has no words for would be shown as nothing. */
Test(cli_text, the_end_of_a_path_that_was_missed_says_what_to_do) {
    char why[CLI_WHY_MAX];
    text_stop(&(struct msg_last_stop){.what = "off_path", .session = 7}, why);
    cr_expect_not_null(strstr(why, "move it to where the path begins"), "cut: %s", why);
}
