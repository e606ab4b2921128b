/* Random rig files: what the loader takes becomes limits that the kernel takes, and an axis that can move; what it
 * refuses says why. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controller/cycle_limits.h"
#include "tests/property/random.h"
#include "tests/property/runs.h"

#define SCENARIO BELAY_SOURCE_DIR "/sim/scenarios/free-climb"
#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"
#define RUNS RUNS_OF(4000)
#define FAR_UM INT64_C(10000000000)

static struct rig rig;
static struct yaml_errors errors;
static uint64_t state;

static double uniform(double low, double high) {
    return low + (high - low) * ((double)(random_next(&state) >> 11) * 0x1p-53);
}

/* Everything before the axes is free-climb's but for the cycle. */
static void write_head(FILE *file, const char *good, int cycle_ms) {
    const char *const at = strstr(good, "cycle_ms: 10\n"), *const axes = strstr(good, "\naxes:\n");
    cr_assert(at != NULL && axes != NULL);
    fprintf(file, "%.*scycle_ms: %d%.*s", (int)(at - good), good, cycle_ms,
            (int)(axes - at) - (int)strlen("cycle_ms: 10"), at + strlen("cycle_ms: 10"));
}

static void write_motion(FILE *file, const char *mode, double share, double payout, double takein, double most_m_s2) {
    fprintf(file, "      %s: {payout_speed_max_m_s: %.4f, takein_speed_max_m_s: %.4f, acceleration_m_s2: %.4f}\n", mode,
            share * payout, share * takein, uniform(0.3, most_m_s2));
}

static void write_speeds(FILE *file, double min, double max, bool belays) {
    const double payout = uniform(0.5, 3), takein = uniform(0.5, 3), stop = uniform(2, 9),
                 catch = uniform(0.7, 1) * stop, fastest = payout > takein ? payout : takein;
    fprintf(
        file,
        "    limits: {position_min_m: %.6f, position_max_m: %.6f, payout_speed_max_m_s: %.4f, takein_speed_max_m_s: "
        "%.4f,\n      stop_payout_deceleration_m_s2: %.4f, stop_takein_deceleration_m_s2: %.4f, stop_time_max_ms: %d,\n"
        "      overspeed_m_s: %.4f, following_error_max_m_s: 0.2, following_error_ms: %d, tension_max_n: %.3f,\n"
        "      setup_speed_m_s: 0.25, standstill_speed_m_s: 0.02, enable_ms_max: 500, reaction_ms: %d,\n"
        "      jerk_max_m_s3: 20}\n",
        min, max, payout, takein, stop, uniform(1, 5.1), (int)uniform(800, 4000), uniform(1.05, 1.32) * fastest,
        (int)uniform(50, 320),
        uniform(3000, 9000), (int)uniform(70, 150));
    fprintf(file, "    modes:\n");
    write_motion(file, "jog", uniform(0.1, 0.6), payout, takein, 2);
    write_motion(file, "move", uniform(0.5, 1), payout, takein, 4);
    write_motion(file, "recovery", uniform(0.05, 0.3), payout, takein, 1);
    if (belays) {
        write_motion(file, "follow", 0.6, payout, takein, 2);
        write_motion(file, "catch", 0.6, payout, takein, 2);
        fprintf(
            file,
            "    belay: {person_mass_kg: 80, tension_n: 90, band_min_n: 30, band_max_n: 150, weight_on_line_n: 250,\n"
            "      slack_n: 15, slack_max_m: 0.2, slack_takein_speed_max_m_s: 0.2, catch_deceleration_m_s2: %.4f,\n"
            "      fall_speed_m_s: 2, lowering_speed_max_m_s: 0.05, restart_speed_max_m_s: 0.2, drive_lag_ms: 40,\n"
            "      cell_lag_ms: 20, anchor_height_m: 26}\n",
            catch);
    }
    if (uniform(0, 1) < 0.5)
        fputs("    bands: []\n", file);
    else
        fprintf(
            file,
            "    bands:\n      - {from_m: %.6f, to_m: %.6f, payout_speed_max_m_s: 0.5, takein_speed_max_m_s: 0.4, why: "
            "there}\n",
            min, min + uniform(0.1, 0.5) * (max - min));
}

/* None, or an end switch on each side, somewhere outside. */
static void write_switches(FILE *file, double min, double max) {
    if (uniform(0, 1) < 0.6)
        fputs("    switches: []\n", file);
    else
        fprintf(file,
                "    switches: [{kind: end_payout, io: safety-io, contact: 1, opens_at_m: %.6f, within_m: %.4f},\n"
                "      {kind: end_takein, io: safety-io, contact: 2, opens_at_m: %.6f, within_m: %.4f}]\n",
                max + uniform(0.1, 2), uniform(0.1, 0.4), min - uniform(0.1, 1), uniform(0.1, 0.4));
}

static void write_axis(FILE *file, bool person) {
    const double min = uniform(-2, 3), max = min + uniform(0.2, 30);
    const double ultimate_min = min - uniform(0.1, 2), ultimate_max = max + uniform(0.2, 5);
    const double rope = ultimate_max + uniform(2.5, 8);
    const bool belays = person && uniform(0, 1) < 0.7;
    fprintf(
        file,
        "\naxes:\n  - name: climber\n    carries_person: %s\n    drive: winch-drive\n    load_cell: load-cell\n"
        "    encoder: encoder\n    stops: climbing-line\n"
        "    drum: {circumference_m: 1, gear_ratio: 20, motor_sign: 1, encoder_steps_per_turn: 8192, encoder_sign: 1,\n"
        "      encoder_zero_steps: 0, encoder_absolute: true}\n"
        "    brake: {io: safety-io, units: [{name: a, output: 1}, {name: b, output: 2}], hold_ms_max: 30000, "
        "open_ms_max: 250, close_ms_max: %d, deceleration_m_s2: %.4f, torque_min_percent: 10, "
        "handover_ms: 1000, handover_mm: 4}\n"
        "    hardwired: {off_delay_ms: %d, sto_response_ms: %d, on_delay_ms: 900}\n"
        "    drive_stop: {deceleration_m_s2: %.4f}\n",
        person ? "true" : "false", (int)uniform(50, 300), uniform(2, 40), (int)uniform(1000, 4000), (int)uniform(1, 50),
        uniform(2, 12));
    write_speeds(file, min, max, belays);
    fprintf(
        file,
        "    ultimate: {position_min_m: %.6f, position_max_m: %.6f}\n"
        "    load: {rated_mass_kg: %.3f, rated_dynamic_tension_n: 9000, overload_percent_up: %.3f,\n"
        "      overload_percent_both: 130%s}\n    rope: {ea_n: %.2f, lead_m: %.3f, jerk_ms: %.3f}\n"
        "    monitors: {window_ms: %d, dead_ms: %d, lag_ms: 40, following_base_mm: %.3f, following_slack_ms: %.3f,\n"
        "      mismatch_base_mm: 20, mismatch_slack_ms: 80, frozen_mm: 30, unintended_mm: 20, moved_mm: 20,\n"
        "      moved_ms: 50, tension_low_n: %.3f, tension_high_n: 9500, tension_rate_n_s: %.2f, "
        "tension_frozen_ms: 150, load_ms: %d}\n"
        "    commissioning: {daily_h: 24, speed_max_m_s: 0.02, reeving_ratio: 1,\n"
        "      marks_mm: 20, bump_mm: 50, bump_speed_m_s: 0.02, bump_tension_n: 10, tare_n_max: 1, span_percent: 3,\n"
        "      brake_test_percent: 125, brake_hold_s: 5, brake_hold_mm: 2}\n",
        ultimate_min, ultimate_max, uniform(80, 120), uniform(100, 130),
        person && !belays ? ", slack_n: 20, snatch_speed_m_s: 0.1" : "", uniform(5000, 60000),
        uniform(0, 20), uniform(0, 300), (int)uniform(20, 700), (int)uniform(0, 30), uniform(1, 50), uniform(80, 120),
        uniform(-200, 0), uniform(1000, 900000), (int)uniform(10, 500));
    if (person)
        fputs("    person: {lightest_kg: 65, hangs_n: 170}\n", file);
    fprintf(file, "    winding: {rope_m: %.6f, dead_turns: 3, turns_per_layer: %.4f}\n", rope,
            rope - ultimate_min + uniform(-0.5, 5));
    write_switches(file, min, max);
}

static bool allows(const struct clamp_limits *limits, int sign, int64_t position_um, int32_t speed_um_s) {
    const struct clamp_in in = {.state = STATE_RUNNING,
                                .mode = MODE_RECOVERY,
                                .position_ok = true,
                                .tension_ok = true,
                                .speed_cap_um_s = {INT32_MAX, INT32_MAX},
                                .position_um = position_um};
    return clamp_allows(limits, &in, sign * speed_um_s);
}

/* At the speed of recovery the axis comes as near to its operating limit as the ramp lets it: none of the other stops,
 * which must end before the ultimate limit, takes anything of the range away. */
static void expect_use_of_the_range(const struct clamp_limits *limits, enum clamp_direction d, uint64_t seed) {
    const int sign = d == CLAMP_OUT ? 1 : -1;
    const int32_t speed_um_s = limits->speed_um_s[MODE_RECOVERY][d];
    struct clamp_limits ramp = *limits;
    ramp.band_count = 0;
    struct clamp_limits all = ramp;
    ramp.ultimate_min_um = -FAR_UM;
    ramp.ultimate_max_um = FAR_UM;
    int64_t good = d == CLAMP_OUT ? limits->position_min_um : limits->position_max_um;
    int64_t bad = d == CLAMP_OUT ? limits->position_max_um : limits->position_min_um;
    cr_assert(allows(&ramp, sign, good - sign * 10, speed_um_s), "seed %" PRIu64 ": no ramp fits into the range", seed);
    while (llabs(bad - good) > 1) {
        const int64_t middle = good + (bad - good) / 2;
        *(allows(&ramp, sign, middle, speed_um_s) ? &good : &bad) = middle;
    }
    cr_assert(allows(&all, sign, good - sign * 200, speed_um_s),
              "seed %" PRIu64 ": another stop does not end before the ultimate limit", seed);
}

/* A switch says nothing wrong in the working range, and has opened before the ultimate limit. */
static int expect_good_switches(const struct clamp_limits *clamp, uint64_t seed) {
    static struct guard_limits guard;
    cycle_guard_limits(&guard, &rig.axis[0]);
    const struct guard_place *const out = &guard.place[GUARD_END_PAYOUT], *const in = &guard.place[GUARD_END_TAKEIN];
    cr_assert_eq(out->fitted, rig.axis[0].switch_count == 2);
    if (!out->fitted)
        return 0;
    cr_assert(out->closed_max_um >= clamp->position_max_um && out->closed_max_um < out->open_above_um, "%" PRIu64,
              seed);
    cr_assert(in->closed_min_um <= clamp->position_min_um && in->closed_min_um > in->open_below_um, "%" PRIu64, seed);
    cr_assert(out->open_above_um <= clamp->ultimate_max_um + 1 && in->open_below_um >= clamp->ultimate_min_um - 1,
              "seed %" PRIu64, seed);
    return 1;
}

/* Returns 1 when the axis has limit switches. */
static int expect_good_limits(uint64_t seed) {
    static struct clamp_limits clamp;
    static struct judge_limits judge;
    const struct rig_axis *const axis = &rig.axis[0];
    cycle_clamp_limits(&clamp, &rig, axis);
    cycle_judge_limits(&judge, &rig, axis);
    cr_assert(clamp_limits_good(&clamp), "seed %" PRIu64, seed);
    cr_assert_eq(stop_table_check(&rig.stop_table[axis->stops].cells).fault, FAULT_NONE);
    const struct monitor_limits *const m = &judge.monitor;
    cr_assert(m->following_cycles >= 1 && m->following_cycles <= MONITOR_WINDOW_MAX, "seed %" PRIu64, seed);
    cr_assert(m->window_cycles >= 1 && m->window_cycles <= MONITOR_WINDOW_MAX, "seed %" PRIu64, seed);
    cr_assert(m->dead_cycles >= 0 && m->dead_cycles < MONITOR_WINDOW_MAX, "seed %" PRIu64, seed);
    cr_assert(m->moved_cycles >= 1 && m->load_cycles >= 1 && m->chain_cycles >= 1 && judge.stop_cycles_max >= 1);
    cr_assert(m->tension_low_mn <= 0 && m->tension_max_mn < m->tension_high_mn && m->tension_rate_mn >= 1);
    cr_assert(m->tension_max_mn <= m->tension_peak_mn && m->overload_clear_mn <= m->overload_mn &&
              m->overload_mn <= m->overload_both_mn);
    const struct rig_winding *const winding = &axis->winding;
    cr_assert(winding->rope_m - axis->ultimate.position_max_m >= 3 - 1e-6, "seed %" PRIu64, seed);
    cr_assert(winding->rope_m - axis->ultimate.position_min_m <= winding->turns_per_layer + 1e-6, "seed %" PRIu64,
              seed);
    cr_assert(m->position_min_um > m->ultimate_min_um && m->position_max_um < m->ultimate_max_um);
    expect_use_of_the_range(&clamp, CLAMP_OUT, seed);
    expect_use_of_the_range(&clamp, CLAMP_IN, seed);
    return expect_good_switches(&clamp, seed);
}

Test(rig_limits, what_the_loader_takes_the_kernel_takes, .timeout = 100) {
    char *good = NULL;
    size_t length = 0;
    cr_assert_eq(yaml_read(SCENARIO "/rig.yaml", &good, &length, &errors), 0);
    char path[] = "/tmp/belay-rig-XXXXXX";
    close(mkstemp(path));
    int taken = 0, switched = 0;
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        state = seed;
        FILE *const file = fopen(path, "w");
        cr_assert_not_null(file);
        write_head(file, good, (int)uniform(5, 16)); /* above 12 the relay's pulse is too short */
        write_axis(file, uniform(0, 1) < 0.5);
        cr_assert_eq(fclose(file), 0);
        memset(&errors, 0, sizeof errors);
        if (rig_load(path, PROFILES, &rig, &errors) == 0) {
            switched += expect_good_limits(seed);
            taken++;
        } else {
            cr_assert_gt(errors.count, 0);
        }
    }
    cr_expect(taken > RUNS / 20 && taken < RUNS * 19 / 20, "%d of %d taken: too one-sided to mean anything", taken,
              RUNS);
    cr_expect_gt(switched, RUNS / 400, "%d with switches: too few to mean anything", switched);
    unlink(path);
    free(good);
}
