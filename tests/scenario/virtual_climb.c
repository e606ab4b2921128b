/* free-climb in virtual time: the real cycle_step and the simulated world on one clock. Falls at seeded instants,
 * heights and ways of losing hold; each must keep the numbers of the scenario (sim/scenarios/free-climb/README.md). */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controller/safety/monitor.h"
#include "sim/harness/harness.h"

#define SCENARIO BELAY_SOURCE_DIR "/sim/scenarios/free-climb/"
#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"
#define GRAVITY_M_S2 9.80665
#define FALLS 40
#define DECELERATION_WINDOW 20 /* ms over which a deceleration is averaged: what a body feels, not rope noise */

static struct rig rig;
static struct show show;

/* What an observer with a stop-watch and a tape notes down. */
struct notes {
    bool fell, caught;
    int64_t fell_us, detected_us, lowest_us;
    double height_m, slack_m, rope_m;       /* when the hold was lost */
    double lowest_m, below_lowest_m;        /* and how far below the first lowest point later */
    double rope_at_lowest_m, rope_later_m;  /* pay-out after the lowest point */
    double peak_n, peak_deceleration_m_s2;
    double window[DECELERATION_WINDOW], sum;
    int at;
    double tension_min_n, tension_max_n, slack_max_m;
    long ms, in_band_ms;
};

static void note_fall(struct notes *n, const struct harness *h, const struct sim_truth *t) {
    if (!n->caught && h->out.snapshot.fault_mask & FAULT_BIT(FALL_CAUGHT)) {
        n->caught = true;
        n->detected_us = h->now_us;
    }
    n->sum += t->person_accel_m_s2 - n->window[n->at];
    n->window[n->at] = t->person_accel_m_s2;
    n->at = (n->at + 1) % DECELERATION_WINDOW;
    n->peak_deceleration_m_s2 = fmax(n->peak_deceleration_m_s2, n->sum / DECELERATION_WINDOW);
    n->peak_n = fmax(n->peak_n, t->tension_n);
    if (n->lowest_us == 0) {
        n->lowest_m = fmin(n->lowest_m, t->height_m);
        bool rising = t->person_speed_m_s > 0 && n->height_m - t->height_m > 0.1;
        n->lowest_us = rising ? h->now_us : 0;
        n->rope_at_lowest_m = n->rope_later_m = t->rope_out_m;
    }
    n->below_lowest_m = fmax(n->below_lowest_m, n->lowest_m - t->height_m);
    n->rope_later_m = fmax(n->rope_later_m, t->rope_out_m);
}

static void watch(void *context, const struct harness *h) {
    struct notes *n = context;
    struct sim_truth t = sim_world_truth(h->world);
    if (n->fell) {
        note_fall(n, h, &t);
        return;
    }
    if (h->out.snapshot.axis[0].state != STATE_RUNNING || t.act != ACT_CLIMB)
        return;
    n->ms++;
    n->in_band_ms += t.tension_n >= 30 && t.tension_n <= 150;
    n->tension_min_n = fmin(n->tension_min_n, t.tension_n);
    n->tension_max_n = fmax(n->tension_max_n, t.tension_n);
    n->slack_max_m = fmax(n->slack_max_m, t.slack_m);
}

static void let_go(struct notes *n, struct harness *h, enum sim_act act) {
    struct sim_truth t = sim_world_truth(h->world);
    n->fell = true;
    n->fell_us = h->now_us;
    n->height_m = n->lowest_m = t.height_m;
    n->slack_m = t.slack_m;
    n->rope_m = t.rope_out_m;
    sim_world_act(h->world, act, 0);
}

static bool running(const struct harness *h) {
    return h->out.snapshot.axis[0].state == STATE_RUNNING;
}

static bool standing(const struct harness *h) {
    return h->out.snapshot.axis[0].state == STATE_FAULT;
}

static void load(void) {
    static struct yaml_errors errors;
    cr_assert_eq(rig_load(SCENARIO "rig.yaml", PROFILES, &rig, &errors), 0, "%s", errors.text[0]);
    rig.ladder = (struct rig_ladder){1, {100}};
    cr_assert_eq(show_load(SCENARIO "show.yaml", &rig, &show, &errors), 0, "%s", errors.text[0]);
}

TestSuite(virtual_climb, .init = load, .timeout = 100);

static double world_ea_n; /* of the rope; 0: that of the file */

/* The scenario's world with another seed: another climber, other noise. Seed 0 is the file as it stands. */
static void open_world(struct harness *h, unsigned seed) {
    char errors[1024], path[] = "/tmp/belay-world-XXXXXX", line[256];
    FILE *from = fopen(SCENARIO "world.yaml", "r");
    int fd = mkstemp(path);
    FILE *to = fdopen(fd, "w");
    cr_assert(from && to);
    while (fgets(line, sizeof line, from)) {
        if (seed && strncmp(line, "seed:", 5) == 0)
            fprintf(to, "seed: %u\n", seed);
        else if (world_ea_n > 0 && strstr(line, " ea_n:"))
            fprintf(to, "      ea_n: %.0f\n", world_ea_n);
        else
            fputs(line, to);
    }
    fclose(from);
    fclose(to);
    int error = harness_open(h, &rig, &show, path, errors, sizeof errors);
    unlink(path);
    cr_assert_eq(error, 0, "%s", errors);
}

/* Arms and belays: the climber stands until the line is live, then climbs up to the range where falls are flown. */
static void belay_on(struct harness *h) {
    cr_assert_eq(harness_ask(h, (struct command){.kind = COMMAND_ARM}), REFUSED_NOT);
    harness_hold(h);
    enum refusal refusal = harness_ask(h, (struct command){.kind = COMMAND_GO, .cue = show_cue_find(&show, "1")});
    cr_assert_eq(refusal, REFUSED_NOT, "%s", cycle_refusal_text(refusal));
    cr_assert(harness_until(h, running, 3));
    harness_run(h, 2);
}

static double climb_to(struct harness *h, double height_m) {
    sim_world_act(h->world, ACT_ASCEND, 0.8);
    for (int i = 0; i < 4000 && sim_world_truth(h->world).height_m < height_m; i++)
        harness_step(h);
    return sim_world_truth(h->world).height_m;
}

static void climb_for(unsigned seed, double seconds) {
    struct harness h;
    struct notes n = {.tension_min_n = INFINITY};
    open_world(&h, seed);
    belay_on(&h);
    cr_assert_gt(climb_to(&h, 7), 6.9);
    h.watch = watch;
    h.context = &n;
    sim_world_act(h.world, ACT_CLIMB, 0);
    harness_run(&h, seconds);
    printf("# seed %u, %.0f s of climbing: %.0f..%.0f N, %.2f %% of the time in 30..150 N, slack at most %.0f mm\n",
           seed, seconds, n.tension_min_n, n.tension_max_n, 100.0 * (double)n.in_band_ms / (double)n.ms,
           n.slack_max_m * 1000);
    cr_expect(running(&h), "seed %u: a false catch", seed);
    cr_expect_gt(n.ms, (long)(seconds * 980));
    cr_expect_lt(n.slack_max_m, 0.2);
    cr_expect_leq(n.tension_max_n, 250.0);
    cr_expect_gt(n.in_band_ms, n.ms / 1000 * 995);
    harness_close(&h);
}

Test(virtual_climb, an_hour_of_climbing_stays_in_the_band_without_a_false_catch) {
    for (unsigned seed = 1; seed <= 6; seed++)
        climb_for(seed, 600);
}

static bool armed(const struct harness *h) {
    return h->out.snapshot.axis[0].state == STATE_ARMED;
}

static bool taut(const struct harness *h) {
    return running(h) && sim_world_truth(h->world).tension_n > 60;
}

/* The operator let go, the climber went on for a while: the rope hangs. The next GO takes it in gently, without a
 * catch. */
static void restart_with_slack(unsigned seed, double climbed_m) {
    struct harness h;
    open_world(&h, seed);
    belay_on(&h);
    climb_to(&h, 7);
    sim_world_act(h.world, ACT_STAND, 0);
    harness_run(&h, 1);
    harness_let_go(&h);
    cr_assert(harness_until(&h, armed, 3));
    climb_to(&h, 7 + climbed_m);
    sim_world_act(h.world, ACT_STAND, 0);
    harness_run(&h, 1);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_UNLOCK}), REFUSED_NOT);
    harness_hold(&h);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_GO, .cue = show_cue_find(&show, "1")}), REFUSED_NOT);
    cr_expect(harness_until(&h, taut, 3 + climbed_m / 0.15), "seed %u, %.2f m of slack", seed, climbed_m);
    harness_run(&h, 5);
    cr_expect(running(&h), "seed %u, %.2f m of slack: %s", seed, climbed_m, fault_text(h.out.snapshot.first_out)->text);
    harness_close(&h);
}

Test(virtual_climb, a_restart_on_a_slack_rope_takes_it_in_without_a_catch) {
    for (unsigned seed = 1; seed <= 8; seed++)
        for (double climbed_m = 0.1; climbed_m < 1.6; climbed_m += 0.23)
            restart_with_slack(seed, climbed_m);
}

static void fly_fall(int number, uint64_t *state) {
    static const enum sim_act ways[] = {ACT_FALL, ACT_FALL, ACT_FALL, ACT_SLUMP};
    struct harness h;
    struct notes n = {0};
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    double climbing_s = 3 + (double)(*state >> 40) / (1 << 24) * 12;
    enum sim_act way = ways[number % 4];
    open_world(&h, (unsigned)number + 100);
    belay_on(&h);
    climb_to(&h, 6.5 + number % 5 * 0.8);
    if (number % 8 == 5)
        sim_world_act(h.world, ACT_DESCEND, 1.0);
    else if (number % 8 != 6) /* 6: falls while ascending, the winch taking in */
        sim_world_act(h.world, ACT_CLIMB, 0);
    harness_run(&h, number % 8 == 5 ? 0.8 : number % 8 == 6 ? 0.01 : climbing_s);
    cr_assert(running(&h), "fall %d: the line is not live", number);
    h.watch = watch;
    h.context = &n;
    let_go(&n, &h, way);
    cr_assert(harness_until(&h, standing, 10), "fall %d never came to rest", number);
    harness_let_go(&h);
    harness_run(&h, 60);

    double k = 20000.0 / (n.rope_m + 5);
    double limit_m = 0.6 + n.slack_m + 2 * 80 * GRAVITY_M_S2 / k;
    double fall_m = n.height_m - n.lowest_m, detected_s = (double)(n.detected_us - n.fell_us) / 1e6;
    printf(
        "# fall %2d %-5s from %.2f m: seen after %3.0f ms, fell %.2f of %.2f m, %.2f kN, %.1f g, later %.0f mm lower, "
        "%.0f mm paid out\n",
        number, sim_act_name(way), n.height_m, detected_s * 1000, fall_m, limit_m, n.peak_n / 1000,
        n.peak_deceleration_m_s2 / GRAVITY_M_S2, n.below_lowest_m * 1000, (n.rope_later_m - n.rope_at_lowest_m) * 1000);
    cr_expect(n.caught);
    if (way == ACT_FALL)
        cr_expect_leq(detected_s, 0.3, "fall %d", number);
    cr_expect_leq(fall_m, limit_m, "fall %d", number);
    cr_expect_leq(n.peak_n, 6000.0, "fall %d", number);
    cr_expect_leq(n.peak_deceleration_m_s2, 4 * GRAVITY_M_S2, "fall %d", number);
    cr_expect_leq(n.below_lowest_m, 0.05, "fall %d", number);
    cr_expect_leq(n.rope_later_m - n.rope_at_lowest_m, 0.02, "fall %d", number);
    harness_close(&h);
}

Test(virtual_climb, falls_are_seen_caught_and_held) {
    uint64_t state = 20261121;
    for (int number = 0; number < FALLS; number++)
        fly_fall(number, &state);
}

/* A stiff rope at the quickest cycle: 3.2 to 4 kN/m over the climb. */
Test(virtual_climb, at_two_milliseconds_four_kilonewtons_a_metre_stay_in_the_band) {
    rig.cycle_ms = 2;
    rig.axis[0].limits.following_error_ms = rig.axis[0].monitors.window_ms = MONITOR_WINDOW_MAX * 2;
    rig.axis[0].rope.ea_n = rig.axis[0].belay.rope_ea_n = world_ea_n = 84000;
    for (unsigned seed = 1; seed <= 3; seed++)
        climb_for(seed, 120);
    world_ea_n = 0;
}

/* The law in virtual time at other cycle times: same climber, same fall. */
static void climb_and_fall_at(int cycle_ms) {
    struct harness h;
    struct notes n = {.tension_min_n = INFINITY};
    rig.cycle_ms = cycle_ms;
    const int32_t longest_ms = MONITOR_WINDOW_MAX * cycle_ms; /* what this cycle permits */
    rig.axis[0].limits.following_error_ms = (int32_t)fmin(200, longest_ms);
    rig.axis[0].monitors.window_ms = (int32_t)fmin(200, longest_ms);
    open_world(&h, 3);
    belay_on(&h);
    climb_to(&h, 8);
    h.watch = watch;
    h.context = &n;
    sim_world_act(h.world, ACT_CLIMB, 0);
    harness_run(&h, 120);
    cr_assert(running(&h), "cycle %d ms: a false catch", cycle_ms);
    double share = (double)n.in_band_ms / (double)n.ms;
    let_go(&n, &h, ACT_FALL);
    cr_assert(harness_until(&h, standing, 10));
    harness_let_go(&h);
    harness_run(&h, 10);
    double detected_s = (double)(n.detected_us - n.fell_us) / 1e6, fall_m = n.height_m - n.lowest_m;
    double limit_m = 0.6 + n.slack_m + 2 * 80 * GRAVITY_M_S2 / (20000.0 / (n.rope_m + 5));
    printf("# cycle %2d ms: %.0f..%.0f N, %.2f %% in the band; fall seen after %.0f ms, %.2f of %.2f m, %.2f kN\n",
           cycle_ms, n.tension_min_n, n.tension_max_n, 100 * share, detected_s * 1000, fall_m, limit_m,
           n.peak_n / 1000);
    cr_expect_gt(share, 0.995, "cycle %d ms", cycle_ms);
    cr_expect_leq(n.tension_max_n, 250.0, "cycle %d ms", cycle_ms);
    cr_expect(n.caught);
    cr_expect_leq(detected_s, 0.3, "cycle %d ms", cycle_ms);
    cr_expect_leq(fall_m, limit_m, "cycle %d ms", cycle_ms);
    cr_expect_leq(n.peak_n, 6000.0, "cycle %d ms", cycle_ms);
    harness_close(&h);
}

Test(virtual_climb, belaying_is_alike_at_every_cycle_time) {
    static const int cycle_times_ms[] = {2, 4, 5, 10, 15, 20};
    for (size_t i = 0; i < sizeof cycle_times_ms / sizeof cycle_times_ms[0]; i++)
        climb_and_fall_at(cycle_times_ms[i]);
}

Test(virtual_climb, the_same_run_twice_is_the_same_run) {
    double heights[2];
    for (int i = 0; i < 2; i++) {
        struct harness h;
        open_world(&h, 0);
        belay_on(&h);
        climb_to(&h, 5);
        sim_world_act(h.world, ACT_CLIMB, 0);
        harness_run(&h, 20);
        heights[i] = sim_world_truth(h.world).height_m + sim_world_truth(h.world).rope_out_m;
        harness_close(&h);
    }
    cr_assert_eq(heights[0], heights[1]);
}

Test(virtual_climb, a_dead_controller_leaves_a_standing_winch_that_holds_a_fall) {
    struct harness h;
    struct notes n = {0};
    open_world(&h, 0);
    belay_on(&h);
    climb_to(&h, 9);
    sim_world_act(h.world, ACT_ASCEND, 0.5);
    harness_run(&h, 0.5);
    h.controller_dead = true;
    double rope_m = sim_world_truth(h.world).rope_out_m;
    harness_run(&h, 2);
    double stopped_m = sim_world_truth(h.world).rope_out_m;
    cr_expect_lt(fabs(stopped_m - rope_m), 0.5, "the drive's own watchdog stops the drum");
    cr_expect(sim_world_truth(h.world).brake_closed);
    h.watch = watch;
    h.context = &n;
    let_go(&n, &h, ACT_FALL);
    harness_run(&h, 20);
    double k = 20000.0 / (n.rope_m + 5);
    printf("# dead controller: %.2f m of slack, fell %.2f m, %.2f kN\n", n.slack_m, n.height_m - n.lowest_m,
           n.peak_n / 1000);
    /* A fall through the slack s into a rope that is held: m g (s + x) = k x^2 / 2. */
    double sag_m = 80 * GRAVITY_M_S2 / k;
    double limit_m = 0.6 + n.slack_m + sag_m + sqrt(sag_m * sag_m + 2 * sag_m * n.slack_m);
    cr_expect_leq(n.height_m - n.lowest_m, limit_m);
    cr_expect_leq(n.peak_n, 6000.0);
    cr_expect_float_eq(sim_world_truth(h.world).rope_out_m, stopped_m, 0.02, "the brake holds");
    harness_close(&h);
}

/* Somebody hangs on the winch, which lowers slowly with the brake open. */
static void lower_slowly(struct harness *h) {
    open_world(h, 0);
    belay_on(h);
    climb_to(h, 9);
    sim_world_act(h->world, ACT_FALL, 0);
    cr_assert(harness_until(h, standing, 10));
    harness_let_go(h);
    harness_run(h, 10);
    cr_assert_eq(harness_ask(h, (struct command){.kind = COMMAND_RESET}), REFUSED_NOT);
    cr_assert_eq(harness_ask(h, (struct command){.kind = COMMAND_ARM}), REFUSED_NOT);
    harness_hold(h);
    cr_assert_eq(harness_ask(h, (struct command){.kind = COMMAND_JOG, .speed_m_s = 0.05}), REFUSED_NOT);
    cr_assert(harness_until(h, running, 3));
    harness_run(h, 0.5);
}

/* The drive's link is away for the time of a bad contact. */
static double sag_after_a_blip_m(double seconds) {
    struct harness h;
    lower_slowly(&h);
    double rope_m = sim_world_truth(h.world).rope_out_m;
    h.link_cut[rig.device[rig.axis[0].drive].link] = true;
    harness_run(&h, seconds);
    h.link_cut[rig.device[rig.axis[0].drive].link] = false;
    harness_run(&h, 5);
    cr_expect(sim_world_truth(h.world).brake_closed && !sim_world_truth(h.world).drive_enabled);
    cr_expect_eq(h.out.snapshot.axis[0].state, STATE_FAULT);
    double sag_m = sim_world_truth(h.world).rope_out_m - rope_m;
    harness_close(&h);
    return sag_m;
}

Test(virtual_climb, a_blip_of_the_drive_link_drops_nobody) {
    for (int ms = 10; ms <= 320; ms *= 2) {
        double sag_m = sag_after_a_blip_m(ms / 1000.0);
        printf("# drive link away for %d ms: %.3f m\n", ms, sag_m);
        cr_expect_lt(sag_m, 0.02, "away for %d ms: %.3f m", ms, sag_m);
    }
}

/* It comes back before the drive's watchdog has noticed that it was gone. */
Test(virtual_climb, a_quick_restart_of_the_controller_drops_nobody) {
    for (int ms = 20; ms <= 320; ms *= 2) {
        struct harness h;
        lower_slowly(&h);
        double rope_m = sim_world_truth(h.world).rope_out_m;
        h.controller_dead = true;
        harness_let_go(&h);
        harness_run(&h, ms / 1000.0);
        cycle_init(h.cycle, &rig);
        memset(&h.image, 0, sizeof h.image);
        h.controller_dead = false;
        harness_run(&h, 5);
        cr_expect(sim_world_truth(h.world).brake_closed && !sim_world_truth(h.world).drive_enabled);
        double sag_m = sim_world_truth(h.world).rope_out_m - rope_m;
        printf("# controller away for %d ms: %.3f m\n", ms, sag_m);
        cr_expect_lt(sag_m, 0.02, "away for %d ms: %.3f m", ms, sag_m);
        harness_close(&h);
    }
}

/* Its program hangs while its Modbus front end goes on answering: the chain opens behind a reading that says closed. */
Test(virtual_climb, an_estop_behind_a_frozen_io_block_stops_in_the_time_of_a_stale_value) {
    struct harness h;
    open_world(&h, 0);
    belay_on(&h);
    climb_to(&h, 9);
    cr_assert_eq(sim_world_fault(h.world, 4, SIM_FAULT_FROZEN, SIM_FAULT_STAYS), 0);
    sim_world_estop(h.world, 0, true);
    harness_run(&h, (rig.device[rig.safety.io].stale_after_ms + 2 * rig.cycle_ms) / 1000.0);
    cr_expect_neq(h.out.snapshot.axis[0].state, STATE_RUNNING);
    cr_expect_eq(h.out.snapshot.first_out, FAULT_IO_STALE);
    cr_assert(harness_until(&h, standing, 3));
    cr_expect_neq(harness_ask(&h, (struct command){.kind = COMMAND_RESET}), REFUSED_NOT);
    harness_close(&h);
}

Test(virtual_climb, after_a_catch_the_person_is_lowered_to_the_ground_by_hold_to_run) {
    struct harness h;
    open_world(&h, 0);
    belay_on(&h);
    climb_to(&h, 9);
    sim_world_act(h.world, ACT_FALL, 0);
    cr_assert(harness_until(&h, standing, 10));
    harness_let_go(&h);
    harness_run(&h, 10);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_RESET}), REFUSED_NOT);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_ARM}), REFUSED_NOT);
    harness_hold(&h);
    double rope_m = sim_world_truth(h.world).rope_out_m;
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_JOG, .speed_m_s = 0.4}), REFUSED_NOT);
    cr_assert(harness_until(&h, running, 3));
    cr_expect_lt(sim_world_truth(h.world).rope_out_m - rope_m, 0.05, "opening the brake drops nobody");
    cr_assert(harness_until(&h, armed, 60), "the lowering ends by itself on the ground");
    cr_expect(sim_world_truth(h.world).on_ground);
    cr_expect_lt(sim_world_truth(h.world).slack_m, 0.3, "no rope is piled up");
    harness_close(&h);
}

Test(virtual_climb, an_estop_at_any_instant_of_a_fall_drops_nobody) {
    for (int after_ms = 0; after_ms <= 1200; after_ms += 80) {
        struct harness h;
        struct notes n = {0};
        open_world(&h, 0);
        belay_on(&h);
        climb_to(&h, 9);
        h.watch = watch;
        h.context = &n;
        let_go(&n, &h, ACT_FALL);
        harness_run(&h, after_ms / 1000.0);
        sim_world_estop(h.world, 0, true);
        harness_run(&h, 20);
        double k = 20000.0 / (n.rope_m + 5);
        double limit_m = 0.6 + n.slack_m + 2 * 80 * GRAVITY_M_S2 / k + 0.7;
        cr_expect_leq(n.height_m - n.lowest_m, limit_m, "E-stop %d ms into the fall", after_ms);
        cr_expect_leq(n.peak_n, 6000.0);
        cr_expect_leq(n.below_lowest_m, 0.05, "E-stop %d ms into the fall", after_ms);
        cr_expect(sim_world_truth(h.world).brake_closed && !sim_world_truth(h.world).drive_enabled);
        harness_close(&h);
    }
}
