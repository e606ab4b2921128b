/* Random limits, random plans, a drive that is as slow as declared, with a dead time or with a first-order lag: the
 * drum never passes the operating limit, and wherever the link were lost or the torque taken off, never the ultimate
 * one.
 * The drum is integrated here, in doubles, from the setpoints as they take effect; nothing of the clamp is used for
 * that. */
#include "controller/safety/clamp.h"
#include "tests/property/random.h"
#include "tests/property/runs.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#define RUNS RUNS_OF(20000)
#define CYCLES 500
#define DELAY_MAX 16
#define TOLERANCE_UM 1.0 /* positions are handed over in whole micrometres */

static uint64_t state;

static uint64_t next(void) {
    return random_next(&state);
}

static int64_t between(int64_t low, int64_t high) {
    return low + (int64_t)(next() % (uint64_t)(high - low + 1));
}

static int32_t between32(int32_t low, int32_t high) {
    return (int32_t)between(low, high);
}

static bool chance(int one_in) {
    return next() % (uint64_t)one_in == 0;
}

/* Travel of torque off at speed `speed`, from the declared path. */
static double torque_off(const struct clamp_path *path, double speed_um_s) {
    double delay_s = path->delay_us / 1e6;
    double end = speed_um_s + path->growth_um_s2 * delay_s;
    return (speed_um_s + end) / 2 * delay_s + end * path->jerk_us / 2e6 + end * end / (2.0 * path->deceleration_um_s2);
}

static void draw_direction(struct clamp_limits *limits, int d) {
    limits->speed_max_um_s[d] = between32(100000, 8000000);
    for (int mode = MODE_JOG; mode < MODE_COUNT; mode++)
        limits->speed_um_s[mode][d] = between32(limits->speed_max_um_s[d] / 4, limits->speed_max_um_s[d]);
    limits->acceleration_um_s2[d] = between32(500000, 12000000);
    limits->stop_deceleration_um_s2[d] = between32(1500000, 15000000);
    limits->catch_deceleration_um_s2[d] = between32(1500000, 15000000);
    int32_t stop = limits->stop_deceleration_um_s2[d], caught = limits->catch_deceleration_um_s2[d];
    limits->path[CLAMP_RAMP][d] = (struct clamp_path){.deceleration_um_s2 = stop < caught ? stop : caught};
    limits->path[CLAMP_LINK_LOST][d] = (struct clamp_path){between32(0, 400000), 0, between32(1000000, 20000000), 0};
    limits->path[CLAMP_TORQUE_OFF][d] = (struct clamp_path){between32(20000, 400000), d == CLAMP_OUT ? 9810000 : 0,
                                                            between32(2000000, 30000000), between32(0, 60000)};
}

static void draw_bands(struct clamp_limits *limits) {
    limits->band_count = chance(2) ? 0 : between32(1, CLAMP_BANDS_MAX);
    for (int i = 0; i < limits->band_count; i++) {
        int64_t from = between(limits->position_min_um, limits->position_max_um);
        int32_t most = limits->speed_max_um_s[CLAMP_OUT] / 2;
        int64_t to = from + between(0, 2000000);
        limits->band[i] = (struct clamp_band){from, to, {between32(0, most), between32(0, most)}};
    }
}

static struct clamp_limits draw(void) {
    struct clamp_limits limits = {
        .position_min_um = between(-5000000, 0),
        .position_max_um = between(1000000, 30000000),
        .weight_on_line_mn = 250000,
        .cycle_us = between32(2, 10) * 2000,
    };
    limits.reaction_us = limits.cycle_us * between32(0, 8) + (chance(2) ? 0 : between32(0, limits.cycle_us - 1));
    draw_direction(&limits, CLAMP_OUT);
    draw_direction(&limits, CLAMP_IN);
    draw_bands(&limits);
    double gap_um = torque_off(&limits.path[CLAMP_TORQUE_OFF][CLAMP_OUT], 0);
    limits.ultimate_max_um = limits.position_max_um + (int64_t)(gap_um * (double)between(0, 200) / 100);
    limits.ultimate_min_um = limits.position_min_um - between(0, 2000000);
    cr_assert(clamp_limits_good(&limits));
    return limits;
}

/* A drum behind a drive: dead time of whole cycles, or a first-order lag. */
struct drum {
    bool lags;
    double cycle_s, lag_s, keep; /* keep = what a lag leaves of a difference after one cycle */
    int delay, at;
    double sent[DELAY_MAX];
    double position_um, speed_um_s, setpoint_um_s;
    int since_turn; /* cycles since the setpoint last changed its direction */
};

static struct drum drum_of(const struct clamp_limits *limits, bool lags) {
    struct drum drum = {.lags = lags, .cycle_s = limits->cycle_us / 1e6, .lag_s = limits->reaction_us / 1e6,
                        .delay = limits->reaction_us / limits->cycle_us};
    drum.keep = limits->reaction_us > 0 ? exp(-drum.cycle_s / drum.lag_s) : 0;
    return drum;
}

static void drum_step(struct drum *drum, double setpoint_um_s) {
    drum->since_turn = drum->setpoint_um_s * setpoint_um_s < 0 ? 0 : drum->since_turn + 1;
    drum->setpoint_um_s = setpoint_um_s;
    if (drum->lags) {
        double difference = drum->speed_um_s - setpoint_um_s;
        drum->position_um += setpoint_um_s * drum->cycle_s + difference * drum->lag_s * (1 - drum->keep);
        drum->speed_um_s = setpoint_um_s + difference * drum->keep;
        return;
    }
    drum->sent[drum->at % DELAY_MAX] = setpoint_um_s;
    drum->speed_um_s = drum->at >= drum->delay ? drum->sent[(drum->at - drum->delay) % DELAY_MAX] : 0;
    drum->position_um += drum->speed_um_s * drum->cycle_s;
    drum->at++;
}

/* Travel in direction `sign` before the last setpoint shows: what is still on its way. */
static double on_its_way(const struct drum *drum, double sign) {
    double travel_um = 0;
    for (int i = 1; !drum->lags && i <= drum->delay && i <= drum->at; i++)
        travel_um += fmax(sign * drum->sent[(drum->at - i) % DELAY_MAX], 0) * drum->cycle_s;
    return travel_um;
}

/* Where the drum ends, in direction `sign`, when nothing more is sent: the drive keeps the last setpoint until its
 * watchdog acts and then ramps, from its setpoint through its lag or from its speed, whichever is farther. */
static double link_lost(const struct clamp_path *path, const struct drum *drum, double sign) {
    double last = fmax(sign * drum->setpoint_um_s, 0), delay_s = path->delay_us / 1e6;
    double deceleration = path->deceleration_um_s2;
    if (!drum->lags)
        return on_its_way(drum, sign) + last * delay_s + last * last / (2 * deceleration);
    double more = fmax(sign * drum->speed_um_s - last, 0);
    double left = drum->lag_s > 0 ? more * exp(-delay_s / drum->lag_s) : 0;
    double by_setpoint = last * delay_s + more * drum->lag_s + last * last / (2 * deceleration);
    double by_speed = last * delay_s + (more - left) * drum->lag_s + pow(last + left, 2) / (2 * deceleration);
    return fmax(by_setpoint, by_speed);
}

struct outcome {
    double beyond_um, beyond_lost_um, beyond_off_um; /* farthest beyond a limit: reached, or if stopped that way */
    double band_um_s;                                /* most above a band's speed */
    int clamped;                                     /* cycles in which the clamp changed the plan */
    int near; /* cycles begun within 1.2 times the stopping distance of a limit */
};

static void judge(struct outcome *outcome, const struct clamp_limits *limits, const struct drum *drum) {
    double min = (double)limits->position_min_um, max = (double)limits->position_max_um;
    outcome->beyond_um = fmax(outcome->beyond_um, fmax(drum->position_um - max, min - drum->position_um));
    for (int d = 0; d < CLAMP_DIRECTIONS; d++) {
        double sign = d == CLAMP_OUT ? 1 : -1;
        double room_um = d == CLAMP_OUT ? (double)limits->ultimate_max_um - drum->position_um
                                        : drum->position_um - (double)limits->ultimate_min_um;
        if (sign * drum->speed_um_s <= 0)
            continue;
        double lost = link_lost(&limits->path[CLAMP_LINK_LOST][d], drum, sign) - room_um;
        double off = torque_off(&limits->path[CLAMP_TORQUE_OFF][d], sign * drum->speed_um_s) - room_um;
        outcome->beyond_lost_um = fmax(outcome->beyond_lost_um, lost);
        outcome->beyond_off_um = fmax(outcome->beyond_off_um, off);
        bool told = !drum->lags && drum->since_turn > drum->delay + 1;
        for (int i = 0; i < limits->band_count && told; i++)
            if (drum->position_um > (double)limits->band[i].from_um + 1 &&
                drum->position_um < (double)limits->band[i].to_um - 1)
                outcome->band_um_s =
                    fmax(outcome->band_um_s, sign * drum->speed_um_s - limits->band[i].speed_um_s[d]);
    }
}

/* Is the drum within 1.2 stopping distances of a limit? With what may be on its way, as the limits declare it. */
static bool near(const struct clamp_limits *limits, const struct drum *drum) {
    double speed = fabs(drum->setpoint_um_s), wait_s = drum->lag_s + 2 * drum->cycle_s;
    int d = drum->setpoint_um_s > 0 ? CLAMP_OUT : CLAMP_IN;
    double room_um = d == CLAMP_OUT ? (double)limits->position_max_um - drum->position_um
                                    : drum->position_um - (double)limits->position_min_um;
    double last_um = d == CLAMP_OUT ? (double)limits->ultimate_max_um - drum->position_um
                                    : drum->position_um - (double)limits->ultimate_min_um;
    double hardest = fmax(limits->stop_deceleration_um_s2[d], limits->catch_deceleration_um_s2[d]);
    double most = fmin(speed + hardest * wait_s, limits->speed_max_um_s[d]);
    double stop_um = most * wait_s + speed * speed / (2.0 * limits->path[CLAMP_RAMP][d].deceleration_um_s2);
    double off_um = most * wait_s + torque_off(&limits->path[CLAMP_TORQUE_OFF][d], most);
    return speed > 0 && (room_um < 1.2 * stop_um || last_um < 1.2 * off_um);
}

struct plan {
    enum clamp_direction first; /* the limit at which it begins and that it pushes against */
    int left;                   /* cycles until it changes its mind */
    int32_t wanted_um_s;
    struct clamp_in in;
};

static void change_mind(struct plan *plan, const struct clamp_limits *limits, bool begin) {
    bool out = begin || !chance(4) ? plan->first == CLAMP_OUT : chance(2);
    int32_t most = limits->speed_max_um_s[out ? CLAMP_OUT : CLAMP_IN];
    int32_t speed = between32(most / 4, most + most / 4);
    plan->wanted_um_s = out ? speed : -speed;
    plan->left = begin ? CYCLES / 2 : between32(10, 80);
    plan->in.state = !begin && chance(12) ? STATE_STOPPING : STATE_RUNNING;
    plan->in.position_ok = begin || !chance(20);
    plan->in.tension_mn = chance(8) ? 300000 : 90000;
    for (int d = 0; d < CLAMP_DIRECTIONS; d++)
        plan->in.speed_cap_um_s[d] = !begin && chance(10) ? between32(0, most) : INT32_MAX;
    plan->in.blocked[CLAMP_OUT] = !begin && chance(16);
    plan->in.blocked[CLAMP_IN] = !begin && chance(16);
}

/* One run: a plan that pushes towards one limit and changes its mind now and then. `guard` false leaves the clamp
 * out. */
static struct outcome fly(const struct clamp_limits *limits, bool guard) {
    struct outcome outcome = {0};
    struct drum drum = drum_of(limits, chance(2));
    struct plan plan = {.first = chance(2) ? CLAMP_OUT : CLAMP_IN};
    plan.in.mode = (enum axis_mode)between32(MODE_JOG, MODE_COUNT - 1);
    plan.in.tension_ok = true;
    plan.in.speed_cap_um_s[CLAMP_OUT] = plan.in.speed_cap_um_s[CLAMP_IN] = INT32_MAX;
    plan.in.belaying = chance(2);
    double fast = limits->speed_max_um_s[plan.first];
    double away_um = fast * CYCLES / 8 * drum.cycle_s * (double)between(1, 20) / 20; /* it has time to go there */
    double min = (double)limits->position_min_um, max = (double)limits->position_max_um;
    drum.position_um = plan.first == CLAMP_OUT ? fmax(max - away_um, min) : fmin(min + away_um, max);
    for (int cycle = 0; cycle < CYCLES; cycle++, plan.left--) {
        if (plan.left == 0)
            change_mind(&plan, limits, cycle == 0);
        plan.in.position_um = llround(drum.position_um);
        outcome.near += near(limits, &drum);
        int32_t given = guard ? clamp_setpoint(limits, &plan.in, plan.wanted_um_s) : plan.wanted_um_s;
        outcome.clamped += given != plan.wanted_um_s;
        plan.in.setpoint_um_s = given;
        drum_step(&drum, given);
        judge(&outcome, limits, &drum);
    }
    return outcome;
}

Test(clamp, no_plan_passes_a_limit_however_it_is_stopped, .timeout = 300) {
    state = 20261127;
    long clamped = 0, near = 0, unguarded = 0;
    for (int run = 0; run < RUNS; run++) {
        struct clamp_limits limits = draw();
        unsigned long long seed = state;
        struct outcome outcome = fly(&limits, true);
        cr_assert_leq(outcome.beyond_um, TOLERANCE_UM, "seed %llu: %.1f um beyond", seed, outcome.beyond_um);
        cr_assert_leq(outcome.beyond_lost_um, TOLERANCE_UM, "seed %llu: link lost ends %.1f um beyond", seed,
                      outcome.beyond_lost_um);
        cr_assert_leq(outcome.beyond_off_um, TOLERANCE_UM, "seed %llu: torque off ends %.1f um beyond", seed,
                      outcome.beyond_off_um);
        cr_assert_leq(outcome.band_um_s, 1.0, "seed %llu: %.0f um/s too fast in a band", seed, outcome.band_um_s);
        clamped += outcome.clamped;
        near += outcome.near;
        state = seed;
        unguarded += fly(&limits, false).beyond_um > TOLERANCE_UM;
    }
    double cycles = (double)RUNS * CYCLES;
    cr_log_info("%.0f cycles, clamped %.3f, near a limit %.3f; without the clamp %ld of %d runs pass a limit", cycles,
                (double)clamped / cycles, (double)near / cycles, unguarded, RUNS);
    cr_assert_gt((double)clamped / cycles, 0.10, "the clamp had too little to do: %.3f", (double)clamped / cycles);
    cr_assert_gt((double)near / cycles, 0.20, "the plans came too rarely near a limit: %.3f", (double)near / cycles);
    cr_assert_gt(unguarded, RUNS / 10 * 9, "without the clamp the same plans must pass a limit: %ld", unguarded);
}
