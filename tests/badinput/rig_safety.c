/* Recovery's times, a load cell that may repeat itself, torque before the brake opens, monitors, who hangs, a relay
 * beside a second winch: each row is one mistake in the rig of free-climb. */
#include "tests/badinput/bad_rig.h"

static const struct bad_row rows[] = {
    {"    clear_s: 30\n", "", {"safety.recovery.clear_s: missing"}},
    {"    clear_s: 30", "    clear_s: 4", {"safety.recovery.clear_s: 4 is out of range"}},
    {"    expires_s: 600", "    expires_s: 3601", {"safety.recovery.expires_s: 3601 is out of range"}},
    {"      pull: # the gear rubs with 20 N; 45 N and the cell's own 150 N can hide a pull of 217 N, "
     "less than hangs there\n"
     "        rated_n: 2000\n        mass_kg: 40\n        tolerance_n: 45\n        tolerance_percent: 10\n"
     "        window_ms: 100\n",
     "",
     {"axes[0].monitors: no pull on a line that belays, expected one"}},
    {"        tolerance_n: 45",
     "        tolerance_n: 76",
     {"axes[0].monitors.pull: a cell that lies could hide a pull of 251 N, expected at most weight_on_line_n, 250"}},
    {"        window_ms: 100",
     "        window_ms: 101",
     {"axes[0].monitors.pull.window_ms: 101 on a line that belays, expected at most 100"}},
    {"        window_ms: 100", "        window_ms: 19", {"axes[0].monitors.pull.window_ms: 19 is out of range"}},
    {"      tension_frozen_ms: 150 #",
     "      #",
     {"axes[0].monitors: no tension_frozen_ms on a line that belays, expected one of at most 200"}},
    {"tension_frozen_ms: 150",
     "tension_frozen_ms: 201",
     {"axes[0].monitors.tension_frozen_ms: 201 on a line that belays, expected at most 200"}},
    {"      - {faults: duty, modes: any, directions: any, reaction: ramp, scope: axis, allows: [payout, takein]}",
     "      - {faults: duty, modes: any, directions: any, reaction: ramp, scope: axis, allows: [takein]}",
     {"axes[0].stops: table climbing-line answers duty in mode none with off or without payout, but the line carries"}},
    {"      - {faults: duty, modes: any, directions: any, reaction: ramp, scope: axis, allows: [payout, takein]}",
     "      - {faults: duty, modes: any, directions: any, reaction: off, scope: axis, allows: [payout, takein]}",
     {"axes[0].stops: table climbing-line answers duty in mode none with off or without payout"}},
    {"    rope:\n",
     "    landing:\n      from_m: 0.5\n      to_m: 27\n      speed_m_s: 0.41\n    rope:\n",
     {"axes[0].limits.position_min_m: 1 is too much, expected at most 0.5 = landing.from_m (the load is set down",
      "axes[0].landing.to_m: 27 is too much, expected at most 26.5 = limits.position_max_m",
      "axes[0].landing.speed_m_s: 0.41 is too much, expected at most 0.4 = limits.setup_speed_m_s",
      "axes[0].landing: beside a belay section, expected it to be left out",
      "axes[0].landing: neither load.slack_n nor load.underload_n is there, expected one of them"}},
    {"    rope:\n",
     "    landing:\n      from_m: 25\n      to_m: 25\n      speed_m_s: 0.02\n    rope:\n",
     {"axes[0].landing.from_m: 25 is too much, expected less than 25 = landing.to_m (the window must have a length)",
      "axes[0].limits.standstill_speed_m_s: 0.02 is too much, expected less than 0.02 = landing.speed_m_s",
      "axes[0].landing: beside a belay section",
      "axes[0].landing: neither load.slack_n"}},
    {"    rope:\n",
     "    landing: {from_m: 25, to_m: 26}\n    rope:\n",
     {"axes[0].landing.speed_m_s: missing", "axes[0].landing: beside", "axes[0].landing: neither"}},
    /* slack rope */
    {"    belay:\n      person_mass_kg: 80\n      tension_n: 90\n      band_min_n: 30\n      band_max_n: 150\n"
     "      weight_on_line_n: 250\n      slack_n: 15\n      slack_max_m: 0.2\n      slack_takein_speed_max_m_s: 0.3\n"
     "      catch_deceleration_m_s2: 8.0\n      fall_speed_m_s: 1.6\n      lowering_speed_max_m_s: 0.5\n"
     "      restart_speed_max_m_s: 0.2\n      drive_lag_ms: 40\n      cell_lag_ms: 20\n      anchor_height_m: 26.0\n",
     "",
     {"axes[0].load: no slack_n on a line that carries a person, expected one: else rope is paid out to somebody",
      "axes[0].modes.follow: an axis without a belay section", "axes[0].modes.catch: an axis without a belay section"}},
    {"      overload_percent_both: 130",
     "      overload_percent_both: 130\n      slack_n: 20",
     {"axes[0].load: no snatch_speed_m_s beside slack_n, expected one: slack rope would come taut"}},
    {"      overload_percent_both: 130",
     "      overload_percent_both: 130\n      snatch_speed_m_s: 0.1",
     {"axes[0].load.snatch_speed_m_s: there is no load.slack_n, expected it too: it says which rope is slack"}},
    {"      overload_percent_both: 130",
     "      overload_percent_both: 130\n      slack_n: 20\n      snatch_speed_m_s: 0",
     {"axes[0].load.snatch_speed_m_s: 0 is out of range"}},
    {"      overload_percent_both: 130",
     "      overload_percent_both: 130\n      slack_n: 20\n      snatch_speed_m_s: 0.41",
     {"axes[0].load.snatch_speed_m_s: 0.41 is too much, expected at most 0.4 = limits.setup_speed_m_s (slack rope"}},
    {"      overload_percent_both: 130",
     "      overload_percent_both: 130\n      slack_n: 20\n      snatch_speed_m_s: 0.02",
     {"axes[0].limits.standstill_speed_m_s: 0.02 is too much, expected less than 0.02 = load.snatch_speed_m_s"}},
    {"axes:\n  - name: climber\n",
     "groups:\n  - name: truss\n    kind: locked\n    axes: [climber]\n    deviation_m: 0\naxes:\n  - name: climber\n",
     {"groups[0].axes: fewer than two axes, expected those that belong together",
      "groups[0].axes: climber has a belay section, expected axes that belay nobody: a belaying line follows its",
      "groups[0].kind: locked, with lines that carry people, and no mass_kg, expected it",
      "groups[0].kind: locked without drop_m, expected how far",
      "groups[0].deviation_m: 0 is out of range"}},
    {"axes:\n  - name: climber\n",
     "groups:\n  - name: climber\n    kind: free\n    axes: any\n    deviation_m: 0.1\n"
     "    drop_m: 1\naxes:\n  - name: climber\n",
     {"groups[0].axes: fewer than two axes, expected those that belong together",
      "groups[0].name: climber is the name of an axis, expected one of its own",
      "groups[0].deviation_m: there, expected it of a locked group only",
      "groups[0].drop_m: there, expected it of a locked group only"}},
    {"axes:\n  - name: climber\n",
     "groups:\n  - name: truss\n    kind: locked\n    axes: any\n    mass_kg: 90\naxes:\n  - name: climber\n",
     {"groups[0].axes: fewer than two axes, expected those that belong together",
      "groups[0].axes: climber has a belay section",
      "groups[0].kind: locked without deviation_m, expected how far they may get apart",
      "groups[0].kind: locked without drop_m"}},
    {"axes:\n  - name: climber\n",
     "groups:\n  - name: truss\n    kind: safe\n    axes: [climber, nobody]\n  - name: truss\n"
     "    kind: free\n    axes: any\naxes:\n  - name: climber\n",
     {"groups[0].axes: no axis is called nobody", "groups[0].axes: fewer than two axes",
      "groups[1].axes: fewer than two axes", "groups[1].axes: one of them is in group truss already",
      "groups[1].name"}},
    {"handover_ms: 1000",
     "handover_ms: 2001",
     {"axes[0].brake.handover_ms: 2001 is too long, expected at most 2000: a brake that does not hold shows it"}},
    {"torque_min_percent: 8", "torque_min_percent: 4", {"axes[0].brake.torque_min_percent: 4 is out of range"}},
    /* monitors that would see nothing */
    {"overspeed_m_s: 2.5",
     "overspeed_m_s: 2.61",
     {"axes[0].limits.overspeed_m_s: 2.61 is too much, expected at most 2.6 = 1.3 x the fastest permitted 2 m/s"}},
    {"following_error_max_m_s: 0.5",
     "following_error_max_m_s: 1.01",
     {"axes[0].limits.following_error_max_m_s: 1.01 is too much, expected at most 1 = 0.5 x the fastest permitted"}},
    {"following_base_mm: 20",
     "following_base_mm: 641",
     {"axes[0].monitors.following_base_mm: 641 mm + 80 ms x 2 m/s lets 801 mm pass unseen, expected at most 800 "
      "between the operating limits and the ultimate ones"}},
    {"mismatch_slack_ms: 80",
     "mismatch_slack_ms: 391",
     {"axes[0].monitors.mismatch_base_mm: 20 mm + 391 ms x 2 m/s lets 802 mm pass unseen"}},
    {"frozen_mm: 30",
     "frozen_mm: 801",
     {"axes[0].monitors.frozen_mm: it lets 801 mm pass unseen, expected at most 800"}},
    {"unintended_mm: 20",
     "unintended_mm: 319",
     {"axes[0].monitors.unintended_mm: 319 is too much, expected at most 318.7: a load that falls so far is as fast as "
      "limits.overspeed_m_s 2.5"}},
    {"      moved_mm: 20",
     "      moved_mm: 319",
     {"axes[0].monitors.moved_mm: 319 is too much, expected at most 318.7"}},
    {"moved_ms: 50",
     "moved_ms: 255",
     {"axes[0].monitors.moved_ms: 255 is too much, expected at most 254.9: a load that falls so long is as fast"}},
    {"tension_rate_n_s: 50000",
     "tension_rate_n_s: 810001",
     {"axes[0].monitors.tension_rate_n_s: 810001 is too much, expected at most 810000: from tension_low_n"}},
    {"tension_high_n: 8000",
     "tension_high_n: 12001",
     {"axes[0].monitors.tension_high_n: 12001 is too much, expected at most 1.2e+04 = 2 x "
      "load.rated_dynamic_tension_n"}},
    {"load_ms: 1000",
     "load_ms: 2494",
     {"axes[0].monitors.load_ms: 2494 is too much, expected at most 2494"}},
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

/* What the drive's own stop leaves of the chain's delay counts where it is the answer to an E-stop. */
Test(badinput_rig_safety, the_drives_own_stop_ends_before_the_chain_takes_the_torque) {
    const struct bad_row by_drive = {
        "cycle_overrun, setting_changed],\n         modes: any, directions: any, reaction: ramp",
        "cycle_overrun, setting_changed],\n         modes: any, directions: any, reaction: drive", {"unused"}};
    const struct bad_row weak = {
        "      deceleration_m_s2: 9.0\n    stops",
        "      deceleration_m_s2: 3.9\n    stops",
        {"axes[0].hardwired.off_delay_ms: estop is answered with the drive's own stop, which takes 80 ms of reaction + "
         "2 / 3.9 m/s2 of drive_stop + 2 cycles + 250 of brake closing = 863 ms, expected at least that"}};
    char *const strong = bad_text(bad_rig_good, &by_drive), *const both = bad_text(strong, &weak);
    cr_expect_eq(bad_rig_load(strong), 0, "%s", errors.text[0]);
    cr_expect_eq(bad_rig_load(both), -EINVAL);
    bad_expect(&errors, &weak);
    free(strong);
    free(both);
}
