/* Values of commissioning that do not fit their axis: every row is one mistake in free-climb's rig. */
#include "tests/badinput/bad_rig.h"

#define C "axes[0].commissioning"

static const struct bad_row rows[] = {
    {"    commissioning:",
     "    commissoning:",
     {"axes[0].commissoning: unknown key, did you mean commissioning?",
      C ": missing, expected it on a line that carries a person: see docs/commissioning.md"}},
    {"brake_test_percent: 125",
     "brake_test_percent: 90",
     {C ".brake_test_percent: 90 is out of range, expected load that each brake must hold alone"}},
    {"      tare_n_max: 10",
     "      tare_n_max: 50",
     {C ".tare_n_max: 50 is too much, expected less than 15 = belay.slack_n (a taut rope must not be tared away)",
      C ".tare_n_max: 50 is too much, expected at most 49.03 = 0.4903 x load.rated_mass_kg (a large tare hides a "
        "person)"}},
    {"      speed_max_m_s: 0.2",
     "      speed_max_m_s: 0.01",
     {C ".bump_speed_m_s: 0.02 is too much, expected at most 0.01 = commissioning.speed_max_m_s (the bump is a jog of "
        "commissioning)"}},
    {"bump_tension_n: 10",
     "bump_tension_n: 101",
     {C ".bump_tension_n: 101 is too much, expected at most"}},
    {"      brake_hold_s: 5\n", "", {C ".brake_hold_s: missing"}},
};

TestSuite(badinput_rig_commissioning, .init = bad_rig_set_up, .fini = bad_rig_tear_down);

Test(badinput_rig_commissioning, each_mistake_is_named_with_its_place) {
    bad_rig_check(rows, sizeof rows / sizeof rows[0]);
}
