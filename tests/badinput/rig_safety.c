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
