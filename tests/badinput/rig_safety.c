/* Recovery's times, a load cell that may repeat itself, torque before the brake opens, a relay beside a second winch:
 * each row is one mistake in the rig of free-climb. */
#include "tests/badinput/bad_rig.h"

static const struct bad_row rows[] = {
    {"    clear_s: 30\n", "", {"safety.recovery.clear_s: missing"}},
    {"    clear_s: 30", "    clear_s: 4", {"safety.recovery.clear_s: 4 is out of range"}},
    {"    expires_s: 600", "    expires_s: 3601", {"safety.recovery.expires_s: 3601 is out of range"}},
    {"      tension_frozen_ms: 150 #",
     "      #",
     {"axes[0].monitors: no tension_frozen_ms on a line that belays, expected one of at most 200"}},
    {"tension_frozen_ms: 150",
     "tension_frozen_ms: 201",
     {"axes[0].monitors.tension_frozen_ms: 201 on a line that belays, expected at most 200"}},
    {"      hangs_n: 170\n", "", {"axes[0].person.hangs_n: missing"}},
    {"    person: #", "    persn: #", {"axes[0].persn: unknown key, did you mean person?",
     "axes[0].person: missing, expected it on a line that carries a person: who hangs there must be felt"}},
    {"      hangs_n: 170",
     "      hangs_n: 251",
     {"axes[0].person.hangs_n: 251 is too much, expected at most 250 = belay.weight_on_line_n"}},
    {"      hangs_n: 170",
     "      hangs_n: 150",
     {"axes[0].belay.band_max_n: 150 is too much, expected less than 150 = person.hangs_n (the taut rope of a person "
      "who stands can be unlocked)"}},
    {"      lightest_kg: 65",
     "      lightest_kg: 81",
     {"axes[0].person.lightest_kg: 81 is too much, expected at most 80 = belay.person_mass_kg"}},
    {"      lightest_kg: 65",
     "      lightest_kg: 63",
     {"axes[0].belay.weight_on_line_n: 250 is too much, expected at most 247.1 = 3.923 x person.lightest_kg (0.4 of "
      "the lightest person's weight"}},
    {"      lightest_kg: 65",
     "      lightest_kg: 40",
     {"axes[0].person.hangs_n: 170 is too much, expected at most 156.9 = 3.923 x person.lightest_kg (0.4 of the weight",
      "axes[0].belay.weight_on_line_n: 250 is too much, expected at most 156.9 = 3.923 x person.lightest_kg"}},
    {"      torque_min_percent: 8 #",
     "      #",
     {"axes[0].brake: no torque_min_percent on a line that carries a person, expected one: a drive that is enabled and "
      "makes no torque drops whoever hangs there when the brake opens"}},
};

TestSuite(badinput_rig_safety, .init = bad_rig_set_up, .fini = bad_rig_tear_down);

Test(badinput_rig_safety, each_mistake_is_named_with_its_place) {
    bad_rig_check(rows, sizeof rows / sizeof rows[0]);
}

/* The pulse is one for all: a drive that does not confirm its stop may not take the others' chain unannounced. */
Test(badinput_rig_safety, a_relay_asks_for_a_stop_of_the_whole_rig) {
    cr_expect_eq(bad_rig_errors_of_two_axes("answers stop_unconfirmed with scope axis, expected scope rig"), 2);
}
