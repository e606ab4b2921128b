/* Limit switches that do not fit their axis: every row is one mistake in the switches of free-climb's rig. */
#include "tests/badinput/bad_rig.h"

#define S "axes[0].switches"

static const struct bad_row rows[] = {
    {"    switches: #", "    switched: #", {"axes[0].switched: unknown key, did you mean switches?", S ": missing"}},
    {"kind: overwrap", "kind: underwrap", {S "[5].kind: underwrap is not one of the words"}},
    {"kind: overwrap\n        io: safety-io", "kind: overwrap\n        io: encoder",
     {S "[5].io: encoder is a encoder, expected a safety_io"}},
    {"kind: overwrap\n        io: safety-io", "kind: overwrap\n        io: safety",
     {S "[5].io: no device is called safety, expected one of"}},
    {"contact: 6", "contact: 7", {S "[5].contact: sim-safety-io has no contact 7, expected 1 to 6"}},
    {"contact: 6", "contact: 9", {S "[5].contact: 9 is out of range"}},
    {"contact: 6", "contact: 4",
     {S "[5].contact: 4 is wired to ultimate_takein of climber already, expected one of its own"}},
    {"contact: 6\n", "contact: 6\n        opens_at_m: 9\n        within_m: 0.2\n",
     {S "[5].opens_at_m: overwrap has no place, expected it to be left out",
      S "[5].within_m: overwrap has no place, expected it to be left out"}},
    {"kind: overwrap", "kind: dead_turns",
     {S "[5].kind: dead_turns stands here twice, expected one of each kind",
      S "[5].opens_at_m: missing, expected this key for dead_turns",
      S "[5].within_m: missing, expected this key for dead_turns"}},
    {"opens_at_m: 26.8", "opens_at_m: 26.69",
     {S "[0].opens_at_m: 26.69 - 0.2 may open in the working range, expected at least 26.7 = limits.position_max_m + "
      "within_m"}},
    {"opens_at_m: 27.6", "opens_at_m: 27.81",
     {S "[2].opens_at_m: 27.81 + 0.2 may open too late, expected at most 27.8 = ultimate.position_max_m - within_m"}},
    {"opens_at_m: 27.5", "opens_at_m: 27.81",
     {S "[4].opens_at_m: 27.81 + 0.2 may open too late, expected at most 27.8 = ultimate.position_max_m - within_m"}},
    {"opens_at_m: 0.8", "opens_at_m: 0.81",
     {S "[1].opens_at_m: 0.81 + 0.2 may open in the working range, expected at most 0.8 = limits.position_min_m - "
      "within_m"}},
    {"opens_at_m: 0.4", "opens_at_m: 0.39",
     {S "[3].opens_at_m: 0.39 - 0.2 may open too late, expected at least 0.4 = ultimate.position_min_m + within_m"}},
    {"opens_at_m: 27.6", "opens_at_m: 26.8",
     {S "[2].opens_at_m: 26.8 does not lie beyond end_payout, expected more than 26.8"}},
    {"opens_at_m: 0.4", "opens_at_m: 0.8",
     {S "[3].opens_at_m: 0.8 does not lie beyond end_takein, expected less than 0.8"}},
    {"opens_at_m: 26.8\n        within_m: 0.2", "opens_at_m: 26.8\n        within_m: 0.159",
     {S "[0].within_m: 0.159 m are less than the drum travels while a reading ages: 2 m/s x 80 ms (stale_after_ms), "
      "expected at least 0.16"}},
    {"opens_at_m: 0.8\n        within_m: 0.2", "opens_at_m: 0.8\n        within_m: 0.159",
     {S "[1].within_m: 0.159 m are less than the drum travels while a reading ages"}},
};

TestSuite(badinput_rig_switches, .init = bad_rig_set_up, .fini = bad_rig_tear_down);

Test(badinput_rig_switches, each_mistake_is_named_with_its_place) {
    bad_rig_check(rows, sizeof rows / sizeof rows[0]);
}

/* One contact, two axes: whose switch is it? */
Test(badinput_rig_switches, two_axes_share_no_contact) {
    cr_expect_eq(bad_rig_errors_of_two_axes("of climber already, expected one of its own"), GUARD_SWITCH_COUNT);
}
