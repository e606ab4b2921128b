/* Random drums, ropes and moves. Round trips; lengths against the helix walked in small steps; and a mass on a spring
 * that is integrated behind the planner's own moves: its pull never differs from the expected tension by more than the
 * model says, and comes near to that. */
#include "controller/motion/cable.h"
#include "controller/motion/otg.h"
#include "controller/rig/winding.h"
#include "sim/plant/winch.h"
#include "tests/property/random.h"
#include "tests/property/runs.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>

#define G 9.80665
#define DRUMS RUNS_OF(20000)
#define ROPES RUNS_OF(100000)
#define MOVES RUNS_OF(1500)
#define STEPS_A_PERIOD 400

static uint64_t state;

static double uniform(double low, double high) {
    return low + (high - low) * (double)(random_next(&state) >> 11) * 0x1p-53;
}

static double spread(double low, double high) { /* as much in each decade */
    return exp(uniform(log(low), log(high)));
}

static struct winding random_drum(void) {
    struct winding drum = {.core_m = spread(0.05, 2)};
    drum.rope_m = drum.core_m * uniform(0.005, 0.08);
    drum.turns_per_layer = uniform(3, 60);
    drum.nesting = uniform(WINDING_NESTED, WINDING_ON_TOP);
    drum.layers = 1 + (int)(random_next(&state) % 8);
    return drum;
}

/* A turn of the layer in which each small piece of a turn lies, by its own reckoning. */
static long double walked_m(const struct winding *drum, double turns) {
    const int pieces = 2000;
    long double sum_m = 0;
    for (int i = 0; i < pieces; i++) {
        long double at = (i + 0.5L) * turns / pieces;
        long double layer = fminl(floorl(at / drum->turns_per_layer), drum->layers - 1);
        long double r_m = drum->core_m / 2 + drum->rope_m / 2 + layer * drum->nesting * drum->rope_m;
        sum_m += sqrtl(4 * (long double)M_PI * (long double)M_PI * r_m * r_m +
                       (long double)drum->rope_m * drum->rope_m) * turns / pieces;
    }
    return sum_m;
}

Test(cable, rope_and_turns_of_any_drum) {
    state = 1;
    for (int i = 0; i < DRUMS; i++) {
        const struct winding drum = random_drum();
        const double turns = uniform(0, drum.layers * drum.turns_per_layer);
        const double rope_m = winding_rope_m(&drum, turns);
        cr_assert_float_eq(winding_turns(&drum, rope_m), turns, 1e-13 * (1 + turns), "%d", i);
        const double more_m = winding_rope_m(&drum, turns + 1e-3), turn_m = winding_turn_m(&drum, drum.layers - 1);
        cr_assert(more_m > rope_m && more_m - rope_m <= 1.0001e-3 * turn_m, "%d", i);
        if (i % 20 != 0)
            continue;
        const double piece_m = turn_m * turns / 2000; /* each border of layers lies somewhere in a piece */
        cr_assert_float_eq(rope_m, (double)walked_m(&drum, turns), drum.layers * piece_m * 0.5, "%d", i);
    }
}

/* The simulated drum walks its rope off turn by turn; it climbs around the flange, where the broken line has a corner,
 * and its helix has no pitch. */
Test(cable, the_simulated_drum_lays_its_rope_alike) {
    state = 7;
    for (int i = 0; i < DRUMS / 20; i++) {
        struct winding drum = random_drum();
        drum.layers = 32;
        const double turn_m = winding_turn_m(&drum, 0), turns = uniform(1, 5 * drum.turns_per_layer);
        const struct winch_config winch = {
            .circumference_m = turn_m,
            .has_layers = true,
            .layers = {turns, drum.turns_per_layer, drum.nesting * drum.rope_m},
        };
        const double rope_m = winding_rope_m(&drum, turns), out_m = uniform(0, rope_m);
        struct winch paid;
        winch_init(&paid, &winch, out_m);
        const double left = winding_turns(&drum, rope_m - out_m), wide = winding_turn_m(&drum, 5) - turn_m;
        const double pitch = pow(drum.rope_m / turn_m, 2) * turns; /* a share of each turn */
        cr_assert_float_eq(turns - paid.turns_out, left, 2 * wide / 5 / 16 / turn_m + pitch + 1e-9, "%d: %g", i, turns);
    }
}

static struct cable random_rope(void) {
    struct cable rope = {.ea_n = spread(5e3, 5e7)};
    rope.lead_m = uniform(0, 20);
    rope.weight_n_m = spread(0.1, 50);
    rope.friction = uniform(0, 0.1);
    rope.sheaves = (int)(random_next(&state) % 4);
    rope.parts = 1 + (int)(random_next(&state) % 6);
    return rope;
}

Test(cable, place_and_rope_of_any_load) {
    state = 2;
    for (int i = 0; i < ROPES; i++) {
        const struct cable rope = random_rope();
        const double paid_m = uniform(0, 300), force_n = spread(10, 2) * rope.ea_n / 100;
        const double place_m = cable_place_m(&rope, paid_m, force_n);
        cr_assert_float_eq(cable_paid_m(&rope, place_m, force_n), paid_m, 1e-11 * (1 + paid_m), "%d", i);
        cr_assert_gt(cable_place_m(&rope, paid_m, 1.01 * force_n), place_m);
        cr_assert_gt(cable_place_m(&rope, paid_m + 0.01, force_n), place_m);
        const double in = cable_friction_factor(&rope, CABLE_TAKES_IN);
        const double out = cable_friction_factor(&rope, CABLE_PAYS_OUT);
        cr_assert(in >= 1 - 1e-15 && out <= 1 + 1e-15, "%d", i);
    }
}

/* ---- a mass on a spring ---- */

struct swing {
    double worst_n, share; /* share: of what is allowed */
};

static enum cable_way way_of(double speed_m_s) {
    return speed_m_s > 0 ? CABLE_PAYS_OUT : speed_m_s < 0 ? CABLE_TAKES_IN : CABLE_STANDS;
}

/* Flies the move with a mass on a spring without damping, by velocity Verlet; friction and lateness as drawn. */
static struct swing fly(const struct cable *rope, double mass_kg, double paid_m, const struct otg_plan *plan,
                        double friction, double late_s, double allowed_n) {
    const double k_n_m = cable_stiffness_n_m(rope, paid_m);
    const double period_s = 2 * M_PI * sqrt(mass_kg / k_n_m);
    const double dt_s = period_s / STEPS_A_PERIOD;
    struct cable real = *rope;
    real.friction = friction;
    struct swing swing = {0};
    double x_m = 0, v_m_s = 0, a_m_s2 = 0; /* of the mass, from where it hangs at rest */
    for (double t_s = 0; t_s < plan->duration_s + period_s; t_s += dt_s) {
        v_m_s += a_m_s2 * dt_s / 2;
        x_m += v_m_s * dt_s;
        const struct otg_state drum = otg_at(plan, t_s + dt_s), planned = otg_at(plan, fmax(0, t_s + dt_s - late_s));
        a_m_s2 = k_n_m / mass_kg * (drum.position_m - x_m);
        v_m_s += a_m_s2 * dt_s / 2;
        const bool over = t_s + dt_s >= plan->duration_s; /* it stands, and friction may hold either way */
        const double reads_n = mass_kg * (G - a_m_s2) *
                               cable_friction_factor(&real, over ? CABLE_TAKES_IN : way_of(drum.speed_m_s));
        const double a = t_s + dt_s - late_s >= plan->duration_s ? 0 : planned.acceleration_m_s2;
        const double off_n = fabs(reads_n - cable_tension_n(rope, mass_kg, paid_m, a,
                                                            over ? CABLE_STANDS : way_of(drum.speed_m_s)));
        swing.worst_n = fmax(swing.worst_n, off_n);
    }
    swing.share = swing.worst_n / allowed_n;
    return swing;
}

static double random_move(struct otg_limits *limits, struct otg_plan *plan) {
    const struct otg_state start = {0};
    *limits = (struct otg_limits){.position_min_m = -HUGE_VAL, .position_max_m = HUGE_VAL};
    limits->acceleration_max_m_s2 = spread(0.05, 2);
    limits->jerk_max_m_s3 = limits->acceleration_max_m_s2 / spread(0.02, 3);
    limits->speed_max_m_s = spread(0.1, 3);
    limits->speed_min_m_s = -limits->speed_max_m_s;
    const double way_m = spread(0.01, 5);
    const struct otg_goal goal = {random_next(&state) % 2 ? way_m : -way_m, 0};
    cr_assert_eq(otg_plan(&start, &goal, limits, plan), OTG_PLANNED);
    return limits->acceleration_max_m_s2;
}

Test(cable, no_move_swings_more_than_is_said) {
    state = 3;
    double nearest = 0;
    for (int i = 0; i < MOVES; i++) {
        struct otg_limits limits;
        struct otg_plan plan;
        struct cable rope = {.ea_n = spread(2e4, 1e7)};
        rope.lead_m = uniform(0, 10);
        rope.friction = uniform(0, 0.05);
        rope.sheaves = 1;
        rope.parts = 1;
        const double mass_kg = spread(50, 4000), paid_m = uniform(2, 60);
        const double a_m_s2 = random_move(&limits, &plan), late_s = uniform(0, 0.1);
        const double allowed_n = cable_unexplained_n(&rope, mass_kg, paid_m, a_m_s2, limits.jerk_max_m_s3, late_s);
        const double friction = uniform(0, 1) * rope.friction;
        const struct swing swing = fly(&rope, mass_kg, paid_m, &plan, friction, late_s, allowed_n);
        cr_assert_leq(swing.share, 1.001, "%d: %g N of %g N", i, swing.worst_n, allowed_n);
        nearest = fmax(nearest, swing.share);
    }
    cr_expect_gt(nearest, 0.7, "%g: it says far too much", nearest);
}

/* One ramp alone: the load swings on with exactly that share. */
Test(cable, a_ramp_leaves_what_is_said) {
    state = 4;
    for (int i = 0; i < MOVES / 10; i++) {
        const double omega = spread(1, 30), ramp_s = spread(0.01, 3), a = 1, dt_s = 0.002 / omega;
        double x_m = 0, v_m_s = 0, load_m_s2 = 0, most = 0;
        for (double t_s = 0; t_s < ramp_s + 7 / omega; t_s += dt_s) {
            const double t = t_s + dt_s, past = fmax(0, t - ramp_s), j = a / ramp_s;
            const double drum_m = j * (t * t * t - past * past * past) / 6;
            v_m_s += load_m_s2 * dt_s / 2;
            x_m += v_m_s * dt_s;
            load_m_s2 = omega * omega * (drum_m - x_m);
            v_m_s += load_m_s2 * dt_s / 2;
            if (past > 0)
                most = fmax(most, fabs(load_m_s2 - a));
        }
        cr_assert_float_eq(most, cable_left_swinging(ramp_s * omega / (2 * M_PI)), 2e-3, "%d", i);
    }
}
