/* Where the drums stand, in the record's file: no place in it may outlive the arm that made it false, nor the end. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "controller/base/clock.h"
#include "tests/serve_bench.h"

#define NOTED_MS 1200 /* once a second */

static struct serve_bench *bench;
static char path[96];

static void setup(void) {
    bench = serve_bench_new();
    snprintf(path, sizeof path, "%s/record.yaml", bench->directory);
    bench->serve->config.record_path = path;
    serve_bench_run(bench, NOTED_MS);
}

static void teardown(void) {
    unlink(path);
    serve_bench_free(bench);
}

TestSuite(serve_places, .init = setup, .fini = teardown, .timeout = 30);

/* Of the one axis, in the file; -1 = none. */
static double place_m(void) {
    static struct commission_record record;
    struct yaml_errors errors = {0};
    cr_assert_eq(record_load(path, &bench->bench->rig, &record, &errors), 0, "%s", errors.text[0]);
    const struct record_place *place = record_place_find(&record, "climber");
    return place ? place->position_m : -1;
}

Test(serve_places, an_arm_leaves_no_place_behind_though_a_hold_is_alive) {
    cr_assert_float_eq(place_m(), 10, 0.01);
    struct belay_connection *client = client_new(bench, MSG_ROLE_OPERATE);
    cr_assert_str_eq(client_hold(bench, client, 1, clock_now_us()), "alive");
    bench->frozen = true; /* the cycle has not answered yet */
    cr_assert_gt(belay_send(client, MSG_SAFETY_ARM, NULL), 0);
    serve_bench_run(bench, 20);
    cr_expect_eq(place_m(), -1, "before the drum may move");
    bench->frozen = false;
    serve_bench_run(bench, NOTED_MS);
    cr_assert_eq(bench->bench->out.snapshot.axis[0].state, STATE_ARMED);
    cr_expect_eq(place_m(), -1);
    belay_close(client);
}

Test(serve_places, the_end_writes_the_last_place_though_a_hold_is_alive) {
    struct belay_connection *client = client_new(bench, MSG_ROLE_OPERATE);
    cr_assert_str_eq(client_hold(bench, client, 1, clock_now_us()), "alive");
    bench->bench->position_m += 0.005;
    for (int i = 0; i < 10; i++) {
        cr_assert_str_eq(client_hold(bench, client, 1, clock_now_us()), "alive");
        serve_bench_run(bench, 20);
    }
    cr_assert(bench->serve->snapshot->permission_alive);
    commission_close(bench->serve);
    cr_expect_float_eq(place_m(), 10.005, 0.001);
    belay_close(client);
}
