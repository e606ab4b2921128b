/* Bends of the rope and the rest of the motor as a client sees them, and what of it outlives belayd. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "controller/base/clock.h"
#include "controller/wear/bends_file.h"
#include "tests/serve_bench.h"

static struct serve_bench *bench;
static char record[96], path[104];
static struct bends kept[RIG_AXES_MAX];

static void setup(void) {
    bench = serve_bench_new();
    bench->bench->rig.axis[0].rope.bends = (struct rig_bends){.present = true, .sheaves = 0, .worn = 3};
    snprintf(record, sizeof record, "%s/record.yaml", bench->directory);
    snprintf(path, sizeof path, "%s.bends", record);
    bench->serve->config.record_path = record;
    wear_open(bench->serve);
    serve_bench_run(bench, 20);
}

static void teardown(void) {
    unlink(record);
    unlink(path);
    serve_bench_free(bench);
}

TestSuite(serve_wear, .init = setup, .fini = teardown, .timeout = 30);

static void moved_to(double position_m) {
    bench->bench->position_m = position_m;
    serve_bench_run(bench, 10);
}

/* As a client sees it at the next look for the worst place. */
static const struct msg_telemetry_axis *seen(void) {
    static struct msg_telemetry telemetry;
    bench->serve->wear.looked_us = 0;
    serve_bench_run(bench, 10);
    memset(&telemetry, 0, sizeof telemetry);
    session_fill(bench->serve, &telemetry);
    return &telemetry.axes[0];
}

Test(serve_wear, bends_are_counted_shown_and_outlive_belayd) {
    cr_expect(seen()->has_bends && seen()->bends == 0 && seen()->bends_worn == 3);
    for (int i = 0; i < 2; i++) {
        moved_to(11);
        moved_to(10);
    }
    cr_expect_eq(seen()->bends, 2);
    cr_expect(seen()->bends_place_m > 10 && seen()->bends_place_m < 10.1, "%g", seen()->bends_place_m);
    cr_expect_eq(bench->serve->wear.said_worn, 0);
    moved_to(11);
    cr_expect_eq(seen()->bends, 3);
    cr_expect_eq(bench->serve->wear.said_worn, 1, "the rope is worn, and it is said");
    moved_to(10);
    wear_close(bench->serve);
    memset(&bench->serve->wear, 0, sizeof bench->serve->wear);
    wear_open(bench->serve);
    cr_expect_eq(seen()->bends, 3, "%lld", (long long)seen()->bends);
}

Test(serve_wear, a_new_rope_counts_from_0_in_the_file_too) {
    moved_to(11);
    moved_to(10);
    cr_expect_eq(seen()->bends, 1);
    struct belay_connection *client = client_new(bench, MSG_ROLE_OPERATE);
    struct msg_commission_changed changed = {.axis = "climber", .part = "rope", .operator= "A. Rigger"};
    cr_assert_str_eq(client_code(client_ask(bench, client, MSG_COMMISSION_CHANGED, &changed)), "");
    cr_expect_eq(seen()->bends, 0);
    bends_begin(&kept[0], 0, 20, 0, 0);
    cr_assert_eq(bends_load(path, &bench->bench->rig, kept), 0);
    cr_expect_eq(bends_worst(&kept[0]).bends, 0);
    belay_close(client);
}

Test(serve_wear, what_is_turned_unseen_is_not_counted) {
    bench->bench->silent[BENCH_ENCODER] = true;
    serve_bench_run(bench, 300);
    cr_assert_neq(bench->serve->snapshot->axis[0].position_m.quality, QUALITY_GOOD);
    bench->bench->position_m = 12;
    bench->bench->silent[BENCH_ENCODER] = false;
    serve_bench_run(bench, 100);
    cr_assert_float_eq(bench->serve->snapshot->axis[0].position_m.value, 12, 0.01);
    cr_expect_eq(seen()->bends, 0);
}

Test(serve_wear, a_damaged_count_is_said_so_and_kept_beside) {
    char aside[128];
    FILE *out = fopen(path, "w");
    cr_assert(out && fputs("bends 1\n", out) >= 0 && fclose(out) == 0);
    wear_open(bench->serve);
    snprintf(aside, sizeof aside, "%s.damaged", path);
    cr_expect_eq(access(path, F_OK), -1);
    cr_expect_eq(unlink(aside), 0, "the damaged one is beside");
}

/* The first second of a run says nothing of the next one; when it is over the rest is told, and with it time passes. */
Test(serve_wear, the_rest_before_the_standby_cue_is_told) {
    struct rig_axis *axis = &bench->bench->rig.axis[0];
    struct snapshot now = *bench->serve->snapshot;
    static struct show show = {.cue_count = 2, .cue = {{.axes = 1}, {.axes = 1}}};
    axis->monitors.duty = (struct rig_duty){.present = true, .continuous_percent = 100, .time_s = 60};
    now.show = &show;
    now.standby_cue = 1;
    now.running_cue = -1;
    now.axis[0].duty = 0;
    bench->serve->snapshot = &now;
    struct msg_telemetry out = {0};
    for (int second = 0; second <= 40; second++) { /* 20 s of cue 1, in which the duty gets to 0.8; 20 s of rest */
        now.t_us += 1000000;
        now.running_cue = second < 20 ? 1 : -1;
        now.axis[0].mode = second < 20 ? MODE_MOVE : MODE_NONE;
        now.axis[0].duty = second < 20 ? 0.04 * second : 0.8;
        bench->serve->fresh = true;
        wear_fill(bench->serve, &out);
        cr_expect_eq(out.axes[0].has_rest_s, second > 0, "%d s", second);
        wear_turn(bench->serve, now.t_us);
    }
    /* At 0.76 x 0.76 = 0.5776 of its duty the run has made all of it: 60 s ln(0.64 / 0.4224) = 24.9 s. */
    wear_fill(bench->serve, &out);
    cr_expect_eq(out.axes[0].rest_s, 25);
    now.standby_cue = 0;
    wear_fill(bench->serve, &out);
    cr_expect_not(out.axes[0].has_rest_s, "that cue has not run");
}
