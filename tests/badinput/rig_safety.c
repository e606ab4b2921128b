/* Recovery's times, a load cell that may repeat itself, a relay beside a second winch: each row is one mistake in the
 * rig of free-climb. */
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
    {"      setup_speed_m_s: 0.4\n", "", {"axes[0].limits.setup_speed_m_s: missing"}},
    {"setup_speed_m_s: 0.4",
     "setup_speed_m_s: 2.01",
     {"axes[0].limits.setup_speed_m_s: 2.01 is too much, expected at most 2 = limits.payout_speed_max_m_s (set-up is "
      "slower than all else)",
      "axes[0].limits.setup_speed_m_s: 2.01 is too much, expected at most 2 = limits.takein_speed_max_m_s"}},
    {"setup_speed_m_s: 0.4",
     "setup_speed_m_s: 0.02",
     {"axes[0].limits.standstill_speed_m_s: 0.02 is too much, expected less than 0.02 = limits.setup_speed_m_s",
      "axes[0].commissioning.speed_max_m_s: 0.2 is too much, expected at most 0.02 = limits.setup_speed_m_s "
      "(commissioning is done in set-up)"}},
    {"[10, 25, 50, 75, 100]", "[]", {"rig.yaml:7:17: ladder_percent: an empty list, expected rungs of walk-through"}},
    {"[10, 25, 50, 75, 100]", "100", {"rig.yaml:7:17: ladder_percent: a single value stands here, expected"}},
    {"[10, 25, 50, 75, 100]",
     "[10, 25, 25, 100]",
     {"rig.yaml:7:26: ladder_percent[2]: 25 is not more than the 25 before it, expected rungs of walk-through"}},
    {"[10, 25, 50, 75, 100]", "[50, 10, 100]", {"ladder_percent[1]: 10 is not more than the 50 before it"}},
    {"[10, 25, 50, 75, 100]", "[0, 100]", {"ladder_percent[0]: 0 is out of range"}},
    {"[10, 25, 50, 75, 100]", "[10, 101]", {"ladder_percent[1]: 101 is out of range"}},
    {"[10, 25, 50, 75, 100]", "[10, 2.5, 100]", {"ladder_percent[1]: 2.5 is not a whole number"}},
    {"[10, 25, 50, 75, 100]", "[10, [25], 100]", {"ladder_percent[1]: a list or map stands inside the list"}},
    {"[10, 25, 50, 75, 100]", "[1, 2, 3, 4, 5, 6, 7, 8, 100]", {"ladder_percent[8]: more than 8 numbers"}},
    {"[10, 25, 50, 75, 100]",
     "[10, 25, 50, 75]",
     {"ladder_percent: ends at 75, expected 100 as the last rung (a show runs at full speed)"}},
};

TestSuite(badinput_rig_safety, .init = bad_rig_set_up, .fini = bad_rig_tear_down);

Test(badinput_rig_safety, each_mistake_is_named_with_its_place) {
    bad_rig_check(rows, sizeof rows / sizeof rows[0]);
}

/* The pulse is one for all: a drive that does not confirm its stop may not take the others' chain unannounced. */
Test(badinput_rig_safety, a_relay_asks_for_a_stop_of_the_whole_rig) {
    cr_expect_eq(bad_rig_errors_of_two_axes("answers stop_unconfirmed with scope axis, expected scope rig"), 2);
}
