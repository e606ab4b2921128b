/* The guards by worked examples: each limit switch says so on its side of the place and not on the other. */
#include "controller/safety/guard.h"

#include <criterion/criterion.h>

#include "controller/safety/fault.h"

#define FITTED_OUT(at_mm) \
    { .fitted = true, .closed_min_um = INT64_MIN, .closed_max_um = ((at_mm)-200) * INT64_C(1000), \
      .open_below_um = INT64_MIN, .open_above_um = ((at_mm) + 200) * INT64_C(1000) }
#define FITTED_IN(at_mm) \
    { .fitted = true, .closed_min_um = ((at_mm) + 200) * INT64_C(1000), .closed_max_um = INT64_MAX, \
      .open_below_um = ((at_mm)-200) * INT64_C(1000), .open_above_um = INT64_MAX }

/* Working range 1 to 26.5 m. */
static const struct guard_limits all_fitted = {
    .standstill_um_s = 20000,
    .place = {[GUARD_END_PAYOUT] = FITTED_OUT(26800),
              [GUARD_END_TAKEIN] = FITTED_IN(800),
              [GUARD_ULTIMATE_PAYOUT] = FITTED_OUT(27600),
              [GUARD_ULTIMATE_TAKEIN] = FITTED_IN(400),
              [GUARD_DEAD_TURNS] = FITTED_OUT(27500),
              [GUARD_OVERWRAP] = {true, INT64_MAX, INT64_MIN, INT64_MIN, INT64_MAX}},
};
static const struct guard_limits none_fitted = {.standstill_um_s = 20000};

static struct guard_limits limits;
static struct guard_in in;
static struct guard guard;

/* Everything read, closed and standing at 10 m. */
static void setup(void) {
    limits = all_fitted;
    guard = (struct guard){.seen = true};
    in = (struct guard_in){.drive_ok = true, .position_ok = true, .position_um = 10000000};
    for (int i = 0; i < GUARD_SWITCH_COUNT; i++)
        in.read_ok[i] = in.closed[i] = true;
}

TestSuite(guard, .init = setup);

/* As the faults that the cycle makes of it. */
static uint64_t step(void) {
    struct guard_causes is = guard_step(&guard, &limits, &in);
    return (is.end_switch ? FAULT_BIT(END_SWITCH) : 0) | (is.ultimate_switch ? FAULT_BIT(ULTIMATE_SWITCH) : 0) |
           (is.dead_turns ? FAULT_BIT(DEAD_TURNS) : 0) | (is.overwrap ? FAULT_BIT(OVERWRAP) : 0) |
           (is.switch_implausible ? FAULT_BIT(SWITCH_IMPLAUSIBLE) : 0) | (is.silent ? FAULT_BIT(IO_STALE) : 0);
}

static void opens(enum guard_switch which, int64_t position_um) {
    in.closed[which] = false;
    in.position_um = position_um;
}

Test(guard, closed_switches_say_and_block_nothing) {
    for (in.speed_um_s = -2000000; in.speed_um_s <= 2000000; in.speed_um_s += 500000)
        cr_expect_eq(step(), 0);
    cr_expect_not(guard_blocks_payout(&limits, &in) || guard_blocks_takein(&limits, &in));
}

Test(guard, an_axis_without_switches_says_and_blocks_nothing) {
    limits = none_fitted;
    memset(in.read_ok, 0, sizeof in.read_ok);
    memset(in.closed, 0, sizeof in.closed);
    in.speed_um_s = 2000000;
    cr_expect_eq(step(), 0);
    cr_expect(guard_all_read(&limits, &in));
    cr_expect_not(guard_blocks_payout(&limits, &in) || guard_blocks_takein(&limits, &in));
}

Test(guard, an_end_switch_stops_motion_further_out_only) {
    opens(GUARD_END_PAYOUT, 26800000);
    cr_expect_eq(step(), 0, "standing beyond it is no fault");
    in.speed_um_s = 20000;
    cr_expect_eq(step(), 0, "at standstill speed");
    in.speed_um_s = 20001;
    cr_expect_eq(step(), FAULT_BIT(END_SWITCH));
    in.speed_um_s = -2000000;
    cr_expect_eq(step(), 0, "the way back");
    cr_expect(guard_blocks_payout(&limits, &in) && !guard_blocks_takein(&limits, &in));
    in.drive_ok = false;
    in.speed_um_s = 2000000;
    cr_expect_eq(step(), 0, "a speed that is not known is no motion; the drive's own faults stop it");
}

Test(guard, the_end_switch_of_the_other_side_likewise) {
    opens(GUARD_END_TAKEIN, 800000);
    in.speed_um_s = -20000;
    cr_expect_eq(step(), 0);
    in.speed_um_s = -20001;
    cr_expect_eq(step(), FAULT_BIT(END_SWITCH));
    in.speed_um_s = 20001;
    cr_expect_eq(step(), 0);
    cr_expect(!guard_blocks_payout(&limits, &in) && guard_blocks_takein(&limits, &in));
    in.drive_ok = false;
    in.speed_um_s = -20001;
    cr_expect_eq(step(), 0);
}

Test(guard, an_ultimate_switch_stops_whatever_moves) {
    opens(GUARD_ULTIMATE_PAYOUT, 27600000);
    in.closed[GUARD_END_PAYOUT] = in.closed[GUARD_DEAD_TURNS] = false;
    cr_expect_eq(step(), FAULT_BIT(ULTIMATE_SWITCH));
    in.speed_um_s = -100000;
    cr_expect_eq(step(), FAULT_BIT(ULTIMATE_SWITCH));
    in.drive_ok = in.position_ok = false;
    cr_expect_eq(step(), FAULT_BIT(ULTIMATE_SWITCH));
    cr_expect(guard_blocks_payout(&limits, &in) && !guard_blocks_takein(&limits, &in));
    setup();
    opens(GUARD_ULTIMATE_TAKEIN, 400000);
    in.closed[GUARD_END_TAKEIN] = false;
    cr_expect_eq(step(), FAULT_BIT(ULTIMATE_SWITCH));
    cr_expect(!guard_blocks_payout(&limits, &in) && guard_blocks_takein(&limits, &in));
}

Test(guard, an_ultimate_switch_alone_blocks_its_way) {
    opens(GUARD_ULTIMATE_PAYOUT, 27600000);
    cr_expect(guard_blocks_payout(&limits, &in) && !guard_blocks_takein(&limits, &in));
    setup();
    opens(GUARD_ULTIMATE_TAKEIN, 400000);
    cr_expect(!guard_blocks_payout(&limits, &in) && guard_blocks_takein(&limits, &in));
}

Test(guard, the_last_turns_are_not_paid_out) {
    opens(GUARD_DEAD_TURNS, 27500000);
    in.closed[GUARD_END_PAYOUT] = false;
    in.speed_um_s = 20001;
    cr_expect_eq(step(), FAULT_BIT(DEAD_TURNS) | FAULT_BIT(END_SWITCH));
    in.closed[GUARD_END_PAYOUT] = true;
    in.position_um = 27000000; /* too early for the one, and still in time for the other */
    cr_expect_eq(step(), FAULT_BIT(DEAD_TURNS) | FAULT_BIT(SWITCH_IMPLAUSIBLE));
    in.speed_um_s = 20000;
    cr_expect_eq(step(), FAULT_BIT(SWITCH_IMPLAUSIBLE));
    cr_expect(guard_blocks_payout(&limits, &in) && !guard_blocks_takein(&limits, &in));
}

Test(guard, rope_that_lies_wrong_stops_anywhere) {
    opens(GUARD_OVERWRAP, 10000000);
    cr_expect_eq(step(), FAULT_BIT(OVERWRAP));
    cr_expect(!guard_blocks_payout(&limits, &in) && guard_blocks_takein(&limits, &in), "winding on makes it worse");
}

/* Place of a switch +- 200 mm: closed before it, open behind it, and either in between. */
Test(guard, a_switch_that_is_not_what_its_place_says_is_found) {
    static const struct {
        enum guard_switch which;
        int64_t closed_to_um, open_from_um; /* last places of what must be */
        int64_t outward;
    } rows[] = {{GUARD_END_PAYOUT, 26600000, 27000001, 1},
                {GUARD_DEAD_TURNS, 27300000, 27700001, 1},
                {GUARD_ULTIMATE_PAYOUT, 27400000, 27800001, 1},
                {GUARD_END_TAKEIN, 1000000, 599999, -1},
                {GUARD_ULTIMATE_TAKEIN, 600000, 199999, -1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        setup();
        for (int which = 0; which < GUARD_SWITCH_COUNT; which++)
            limits.place[which].fitted = which == (int)rows[i].which;
        opens(rows[i].which, rows[i].closed_to_um);
        cr_expect(guard_switch_implausible(&limits, &in), "row %zu: open too early", i);
        in.position_um += rows[i].outward;
        cr_expect_not(guard_switch_implausible(&limits, &in), "row %zu: may be open", i);
        in.closed[rows[i].which] = true;
        in.position_um = rows[i].open_from_um;
        cr_expect(guard_switch_implausible(&limits, &in), "row %zu: closed too late", i);
        in.position_um -= rows[i].outward;
        cr_expect_not(guard_switch_implausible(&limits, &in), "row %zu: may be closed", i);
    }
}

Test(guard, a_place_counts_only_with_a_good_position_and_a_read_switch) {
    opens(GUARD_END_PAYOUT, 10000000);
    cr_expect_eq(step(), FAULT_BIT(SWITCH_IMPLAUSIBLE));
    in.position_ok = false;
    cr_expect_eq(step(), 0);
    in.position_ok = true;
    in.read_ok[GUARD_END_PAYOUT] = false;
    cr_expect_eq(step(), FAULT_BIT(IO_STALE));
}

Test(guard, switches_open_at_both_ends_contradict_each_other) {
    static const enum guard_switch outward[] = {GUARD_END_PAYOUT, GUARD_ULTIMATE_PAYOUT, GUARD_DEAD_TURNS};
    static const enum guard_switch inward[] = {GUARD_END_TAKEIN, GUARD_ULTIMATE_TAKEIN};
    for (size_t i = 0; i < sizeof outward / sizeof outward[0]; i++)
        for (size_t j = 0; j < sizeof inward / sizeof inward[0]; j++) {
            setup();
            in.position_ok = false; /* nothing else tells */
            in.closed[outward[i]] = false;
            cr_expect_not(guard_switch_implausible(&limits, &in));
            in.closed[inward[j]] = false;
            cr_expect(step() & FAULT_BIT(SWITCH_IMPLAUSIBLE), "%zu and %zu", i, j);
            in.closed[outward[i]] = true;
            cr_expect_not(guard_switch_implausible(&limits, &in));
        }
}

Test(guard, a_switch_that_falls_silent_is_a_fault_and_counts_as_open) {
    for (int which = 0; which < GUARD_SWITCH_COUNT; which++) {
        setup();
        guard.seen = false;
        in.read_ok[which] = false;
        cr_expect_eq(step(), 0, "not before it was there once");
        cr_expect_not(guard.seen || guard_all_read(&limits, &in));
        in.read_ok[which] = true;
        cr_expect_eq(step(), 0);
        cr_expect(guard.seen && guard_all_read(&limits, &in));
        in.read_ok[which] = false;
        cr_expect_eq(step(), FAULT_BIT(IO_STALE));
        bool out = which == GUARD_END_PAYOUT || which == GUARD_ULTIMATE_PAYOUT || which == GUARD_DEAD_TURNS;
        cr_expect_eq(guard_blocks_payout(&limits, &in), out);
        cr_expect_eq(guard_blocks_takein(&limits, &in), !out);
    }
}
