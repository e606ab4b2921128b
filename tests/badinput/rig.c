/* Bad rig files: every row is one mistake that a rigger can make, and the exact place and words of the answer. */
#include "tests/badinput/rig_good.h"

#define UNWATCHED \
    "axes[0].winding.layers: several layers on a line that carries a person, expected an overwrap switch: nothing " \
    "else sees a wrong layer"

static const struct bad_row rows[] = {
    /* numbers */
    {"overspeed_m_s: 2.5",
     "overspeed_m_s: 2,5",
     {"rig.yaml:55:22: axes[0].limits.overspeed_m_s: 2,5 is not a number (did you mean 2.5?), expected measured "
      "speed that trips, either direction, m/s (0.01 to 25)"}},
    {"tension_max_n: 4500",
     "tension_max_n: 6,000",
     {"rig.yaml:58:22: axes[0].limits.tension_max_n: 6,000 is not a "
      "number (did you mean 6.000 or 6000?), expected"}},
    {"tension_max_n: 4500",
     "tension_max_n: 6 kN",
     {"rig.yaml:58:22: axes[0].limits.tension_max_n: 6 kN is not a number; the unit belongs in the key name"}},
    {"cycle_ms: 10",
     "cycle_ms: 10ms",
     {"rig.yaml:3:11: cycle_ms: 10ms is not a number; the unit belongs in the key name"}},
    {"cycle_ms: 10", "cycle_ms: 10.0", {"rig.yaml:3:11: cycle_ms: 10.0 is not a whole number"}},
    {"cycle_ms: 10", "cycle_ms: 0xA", {"rig.yaml:3:11: cycle_ms: 0xA is hexadecimal; write it in decimal"}},
    {"cycle_ms: 10", "cycle_ms: 010", {"rig.yaml:3:11: cycle_ms: 010 has a leading zero"}},
    {"cycle_ms: 10", "cycle_ms: +10", {"rig.yaml:3:11: cycle_ms: +10 has a leading +"}},
    {"cycle_ms: 10", "cycle_ms: \"10\"", {"rig.yaml:3:11: cycle_ms: \"10\" is text, write the number without quotes"}},
    {"cycle_ms: 10",
     "cycle_ms: 0",
     {"rig.yaml:3:11: cycle_ms: 0 is out of range, expected control cycle, ms (whole "
      "number, 2 to 50)"}},
    {"tension_max_n: 4500",
     "tension_max_n: .inf",
     {"rig.yaml:58:22: axes[0].limits.tension_max_n: .inf is not a number; "
      "there is no 'unlimited'"}},
    {"tension_max_n: 4500", "tension_max_n: nan", {"axes[0].limits.tension_max_n: nan is not a number; every value"}},
    {"tension_max_n: 4500", "tension_max_n: 6e3", {"axes[0].limits.tension_max_n: 6e3 has an exponent"}},
    {"tension_max_n: 4500",
     "tension_max_n:",
     {"rig.yaml:58:21: axes[0].limits.tension_max_n: no value, expected rope "
      "tension that trips, N (50 to 50000)"}},
    {"tension_max_n: 4500", "tension_max_n: ~", {"rig.yaml:58:22: axes[0].limits.tension_max_n: no value, expected"}},
    {"slack_n: 15", "slack_n: -15", {"rig.yaml:99:16: axes[0].belay.slack_n: -15 is out of range"}},
    {"motor_sign: -1",
     "motor_sign: 0",
     {"rig.yaml:38:19: axes[0].drum.motor_sign: 0 is not one of the words, expected "
      "1 for a motor whose positive rpm pays out, -1 for one whose positive rpm takes "
      "in (-1 or 1)"}},
    {"permission_ms: 200", "permission_ms: 251", {"rig.yaml:4:16: permission_ms: 251 is out of range"}},
    {"permission_ms: 200", "permission_ms: 149", {"rig.yaml:4:16: permission_ms: 149 is out of range"}},
    {"open_ms_max: 250",
     "open_ms_max: 25,0",
     {"rig.yaml:43:37: axes[0].brake.0: unknown key; inside braces a comma ends a value, expected decimals behind a "
      "point"}},
    /* words */
    {"carries_person: true",
     "carries_person: yes",
     {"rig.yaml:31:21: axes[0].carries_person: yes is not true or false, write one of these two words, expected "
      "whether a "
      "person hangs on this rope (true or false)"}},
    {"rig: cliff", "rig: the cliff", {"rig.yaml:2:6: rig: \"the cliff\" is not a name"}},
    {"rig: cliff", "rig: \"\"", {"rig.yaml:2:6: rig: empty text"}},
    {"rig: cliff", "rig: a-name-of-more-than-thirty-one-characters", {"rig.yaml:2:6: rig: 41 bytes are too long"}},
    {"host: 127.0.0.1",
     "host: localhost",
     {"rig.yaml:9:11: links[0].host: localhost is not an address, expected a numeric "
      "IPv4 address"}},
    {"host: 127.0.0.1", "host: 127.0.0.256", {"rig.yaml:9:11: links[0].host: 127.0.0.256 is not an address"}},
    {"host: 127.0.0.1", "host: 0.0.0.0", {"rig.yaml:9:11: links[0].host: 0.0.0.0 is not an address"}},
    /* keys */
    {"      overspeed_m_s: 2.5\n",
     "",
     {"rig.yaml:48:7: axes[0].limits.overspeed_m_s: missing, expected measured speed that "
      "trips, either direction, m/s (0.01 to 25)"}},
    {"      overspeed_m_s: 2.5\n",
     "      overspeed: 2.5\n",
     {"rig.yaml:55:7: axes[0].limits.overspeed: unknown key, did you mean overspeed_m_s?",
      "rig.yaml:48:7: axes[0].limits.overspeed_m_s: missing"}},
    {"cycle_ms: 10\n",
     "cycle_ms: 10\ncycle_ms: 20\n",
     {"rig.yaml:4:1: cycle_ms: duplicate key (first in line 3), expected it once"}},
    {"cycle_ms: 10\n",
     "cycle_ms: 10\ncolour: red\n",
     {"rig.yaml:4:1: colour: unknown key, expected one of format, rig, "}},
    {"format: 1\n", "format: 2\n", {"rig.yaml:1:9: format: 2 is out of range"}},
    {SAFETY,
     "safety: 3",
     {"rig.yaml:6:9: safety: a single value stands here, "
      "expected the E-stop chain"}},
    {SAFETY, "safety: []", {"rig.yaml:6:9: safety: a list stands here"}},
    /* E-stop stations */
    {"pair: 1, axes: any",
     "pair: 4, axes: any",
     {"rig.yaml:6:79: safety.stations[0].pair: sim-safety-io has no pair 4 of E-stop "
      "inputs, expected 1 to 3"}},
    {"axes: any}]",
     "axes: []}]",
     {"rig.yaml:6:88: safety.stations[0].axes: an empty list, expected its zone: the axes "
      "that it stops (`any` or a list of names)"}},
    {"axes: any}]",
     "axes: [climb]}]",
     {"rig.yaml:6:88: safety.stations[0].axes: no axis is called climb, expected one of "
      "climber"}},
    {"axes: any}]", "axes: [climber, climber]}]",
     {"rig.yaml:6:98: safety.stations[0].axes[1]: climber stands here twice"}},
    {"axes: any}]", "axes: [a b]}]", {"rig.yaml:6:89: safety.stations[0].axes[0]: \"a b\" is not a name"}},
    {", axes: any}]", "}]", {"rig.yaml:6:56: safety.stations[0].axes: missing"}},
    {"pair: 1, axes: any}]", "pair: 1, axes: any}, {name: the desk, pair: 1, axes: any}]",
     {"rig.yaml:6:117: safety.stations[1].pair: 1 is the pair of the desk already, expected one of its own",
      "rig.yaml:6:101: safety.stations[1].name: the desk is the name of safety.stations[0] already"}},
    {"[{name: the desk, pair: 1, axes: any}]", "[]", {"rig.yaml:6:55: safety.stations: 0 entries"}},
    /* what a file of limits has no use for */
    {"gear_ratio: 20", "gear_ratio: &g 20", {"rig.yaml:37:19: axes[0].drum.gear_ratio: an anchor (&) is not allowed"}},
    {"gear_ratio: 20", "gear_ratio: !!float 20", {"rig.yaml:37:19: axes[0].drum.gear_ratio: a tag (!) is not allowed"}},
    {"gear_ratio: 20", "gear_ratio: *g", {"rig.yaml:37:19: axes[0].drum.gear_ratio: an alias (*) is not allowed"}},
    {"      gear_ratio: 20\n",
     "      gear_ratio: 20\n      <<: {}\n",
     {"rig.yaml:38:7: axes[0].drum.<<: a merge key (<<)"}},
    {"hangs_n: 170}\n", "hangs_n: 170}\n---\nformat: 1\n", {"rig.yaml:113:1: file: a second document"}},
    {"format: 1\n", "%YAML 1.1\n---\nformat: 1\n", {"rig.yaml:1:1: file: a % directive is not allowed"}},
    {"cycle_ms: 10", "cycle_ms:\t10", {"rig.yaml:3:10: file: a tab, expected spaces"}},
    {"cycle_ms: 10", "cycle_ms:\u00A010", {"rig.yaml:3:10: file: hidden character U+00A0"}},
    {"rig: cliff", "rig: cl\xFFiff", {"rig.yaml:2:8: file: byte 0xFF is not UTF-8"}},
    {"rig: cliff", "rig: |\n  cliff", {"rig.yaml:2:6: rig: a value over several lines"}},
    {"rig: cliff",
     "rig: [[[[[[[[1]]]]]]]]",
     {"rig.yaml:2:13: rig[0][0][0][0][0][0][0]: lists and maps are nested too deep"}},
    {"rig: cliff", "rig: 'cliff", {"file: not valid YAML"}},
    /* names */
    {"drive: drive",
     "drive: winch",
     {"rig.yaml:32:12: axes[0].drive: no device is called winch, expected one of drive, "
      "cell, steps, io"}},
    {"drive: drive",
     "drive: cell",
     {"rig.yaml:32:12: axes[0].drive: cell is a load_cell, expected a drive",
      "rig.yaml:19:12: devices[0].name: no axis uses drive"}},
    {"link: motor",
     "link: moter",
     {"rig.yaml:19:25: devices[0].link: no link is called moter, expected one of motor, "
      "sensors"}},
    {"name: sensors",
     "name: motor",
     {"rig.yaml:13:11: links[1].name: motor is the name of links[0] already",
      "rig.yaml:20:24: devices[1].link: no link is called sensors", "devices[2].link: no", "devices[3].link: no"}},
    {"name: cell, link: sensors, unit: 2",
     "name: cell, link: sensors, unit: 3",
     {"rig.yaml:21:40: devices[2].unit: 3 is the unit of cell on this link already"}},
    {"host: 127.0.0.2\n    port: 1503",
     "host: 127.0.0.1\n    port: 1502",
     {"rig.yaml:15:11: links[1].port: 127.0.0.1:1502 is the address of link motor already"}},
    {"    response_timeout_ms: 30\n",
     "    response_timeout_ms: 30\n"
     "  - {name: spare, host: 127.0.0.3, port: 1504, connect_timeout_ms: 500, response_timeout_ms: 40}\n",
     {"rig.yaml:18:12: links[2].name: no device is on this link, expected at least one"}},
    {"profile: sim-drive", "profile: sim-driv", {"rig.yaml:19:50: devices[0].profile: no profile sim-driv.yaml in "}},
    {"profile: sim-drive",
     "profile: altivar-rpm",
     {"rig.yaml:8:11: links[0].name: the requests of a cycle take 10 + 10 (one setting) = 20 ms, expected at most 8",
      "rig.yaml:20:51: devices[1].profile: sim-load-cell is simulated but altivar-rpm is real, expected all simulated "
      "or "
      "all real",
      "rig.yaml:21:52: devices[2].profile: sim-encoder is simulated",
      "rig.yaml:22:49: devices[3].profile: sim-safety-io",
      "rig.yaml:32:12: axes[0].drive: profile altivar-rpm does not hold a load at speed 0",
      "axes[0].brake.torque_min_percent: profile altivar-rpm reads no torque",
      "axes[0].monitors.pull: profile altivar-rpm reads no torque"}},
    /* the devices' own watchdogs */
    {", comm_loss_ms_max: 150",
     "",
     {"rig.yaml:19:5: devices[0].comm_loss_ms_max: missing, expected this key for a drive"}},
    {", comm_loss_ms_max: 300", "", {"devices[3].comm_loss_ms_max: missing, expected this key for a safety_io"}},
    {", hold_ms_min: 551", "", {"rig.yaml:19:5: devices[0].hold_ms_min: missing, expected this key for a drive"}},
    {"stale_after_ms: 81",
     "stale_after_ms: 81, comm_loss_ms_max: 300",
     {"devices[1].comm_loss_ms_max: a load_cell has no such time, expected it to be left out"}},
    {"comm_loss_ms_max: 300",
     "comm_loss_ms_max: 300, hold_ms_min: 551",
     {"devices[3].hold_ms_min: a safety_io has no such time, expected it to be left out"}},
    {"comm_loss_ms_max: 150", "comm_loss_ms_max: 0", {"devices[0].comm_loss_ms_max: 0 is out of range"}},
    {"comm_loss_ms_max: 300",
     "comm_loss_ms_max: 49",
     {"devices[3].comm_loss_ms_max: 49 ms are less than sim-safety-io can be set to, expected at least 50"}},
    {"hold_ms_min: 551",
     "hold_ms_min: 550",
     {"devices[0].hold_ms_min: 550 ms let the load of climber go before its brake holds, expected at least "
      "comm_loss_ms_max of io + brake.close_ms_max = 300 + 251 = 551"}},
    /* brakes, relay */
    {"units: [{name: a, output: 1}, {name: b, output: 2}]",
     "units: [{name: a, output: 1}]",
     {"axes[0].brake.units: one brake on a line that carries a person, expected two: each must hold alone"}},
    {"{name: b, output: 2}",
     "{name: b, output: 1}",
     {"axes[0].brake.units[1].output: 1 is the output of a already, expected one of its own"}},
    {"{name: b, output: 2}", "{name: b, output: 3}", {"axes[0].brake.units[1].output: 3 is out of range"}},
    {"{name: b, output: 2}", "{name: b, output: 2}, {name: c, output: 2}", {"axes[0].brake.units: 3 entries"}},
    {"hold_ms_max: 30000", "hold_ms_max: 0", {"axes[0].brake.hold_ms_max: 0 is out of range"}},
    {"hold_ms_max: 30000, ", "", {"axes[0].brake.hold_ms_max: missing"}},
    {SAFETY,
     SAFETY_AND(RECOVERY ", relay: {pulse_ms: 39, timeout_ms: 161}"),
     {"safety.relay.pulse_ms: 39 is shorter than 4 cycles, expected at least 40"}},
    {SAFETY,
     SAFETY_AND(RECOVERY ", relay: {pulse_ms: 40, timeout_ms: 162}"),
     {"safety.relay.timeout_ms: 162 ms open the chain for one late write, expected at least 2 pulse_ms + "
      "stale_after_ms of io = 163"}},
    {SAFETY,
     SAFETY_AND(RECOVERY ", relay: {pulse_ms: 40}"),
     {"safety.relay.timeout_ms: missing"}},
    /* timing */
    {"cycle_ms: 10",
     "cycle_ms: 2",
     {"rig.yaml:8:11: links[0].name: the requests of a cycle take 1 + 1 (one setting) = 2 ms, expected at most 1.6",
      "rig.yaml:13:11: links[1].name: the requests of a cycle take 1 + 1 + 1 + 1 (one setting) = 4 ms, expected at "
      "most 1.6 (80 % of cycle_ms)",
      "rig.yaml:76:18: axes[0].monitors.window_ms: window_ms 200 and dead_ms 20",
      "rig.yaml:57:27: axes[0].limits.following_error_ms: 201 ms are more than 64 cycles of 2 ms"}},
    {"cycle_ms: 10",
     "cycle_ms: 41",
     {"rig.yaml:19:77: devices[0].stale_after_ms: 80 ms trip in normal running, expected at least 2 x cycle_ms = 82",
      "rig.yaml:20:82: devices[1].stale_after_ms: 81 ms",
      "rig.yaml:62:20: axes[0].limits.reaction_ms: 79 ms are too few, expected at least cycle_ms 41 + monitors.dead_ms "
      "20 + "
      "monitors.lag_ms 41 = 102"}},
    {"response_timeout_ms: 40",
     "response_timeout_ms: 81",
     {"rig.yaml:12:26: links[0].response_timeout_ms: 81 ms outlast the 80 ms of drive"}},
    {"stop_time_max_ms: 1250",
     "stop_time_max_ms: 527",
     {"rig.yaml:54:25: axes[0].limits.stop_time_max_ms: a stop from full speed takes 79 ms of reaction + 2 / 4.9 m/s2 "
      "+ 40 of jerk = 528 ms, expected at least that",
      "axes[0].limits.stop_time_max_ms: 80 kg"}},
    {"stop_time_max_ms: 1250",
     "stop_time_max_ms: 1202",
     {"rig.yaml:54:25: axes[0].limits.stop_time_max_ms: 80 kg that fall into a rope of 625 N/m load it for 1203 ms, "
      "reaction included"}},
    {"drive_stop: {deceleration_m_s2: 9}",
     "drive_stop: {deceleration_m_s2: 1.9}",
     {"axes[0].drive_stop.deceleration_m_s2: the drive's own stop from full speed takes 79 ms of reaction + 2.15 / 1.9 "
      "m/s2 + 40 of jerk = 1251 ms, expected at most limits.stop_time_max_ms = 1250"}},
    {"reaction_ms: 79",
     "reaction_ms: 70",
     {"rig.yaml:62:20: axes[0].limits.reaction_ms: 70 ms are too few, expected at least cycle_ms 10 + monitors.dead_ms "
      "20 + monitors.lag_ms 41 = 71"}},
    {"window_ms: 200",
     "window_ms: 641",
     {"rig.yaml:76:18: axes[0].monitors.window_ms: window_ms 641 and dead_ms 20 are remembered for 64 cycles of 10 ms, "
      "expected at most 640 and 630"}},
    {"following_error_ms: 201",
     "following_error_ms: 641",
     {"rig.yaml:57:27: axes[0].limits.following_error_ms: 641 ms are more than 64 cycles of 10 ms"}},
    {"following_slack_ms: 82",
     "following_slack_ms: 81",
     {"rig.yaml:80:27: axes[0].monitors.following_slack_ms: 81 ms are too few: a reading of drive or encoder may be 82 "
      "ms "
      "old (stale_after_ms), expected at least that"}},
    {"mismatch_slack_ms: 83",
     "mismatch_slack_ms: 81.5",
     {"rig.yaml:82:26: axes[0].monitors.mismatch_slack_ms: 81.5 ms are too few"}},
    /* physics: every rule of rig_check_physics.c */
    {"off_delay_ms: 950",
     "off_delay_ms: 798",
     {"rig.yaml:44:31: axes[0].hardwired.off_delay_ms: the worst ramp and the brake take 79 ms of reaction + 2 / 4.9 "
      "m/s2 + 40 of jerk + 2 cycles + 251 of closing = 799 ms, expected at least that: the chain would take the torque "
      "before the brake holds (or 0 for a chain of category 0)"}},
    {"off_delay_ms: 950",
     "off_delay_ms: 0",
     {"rig.yaml:46:12: axes[0].stops: table line answers estop in mode none with ramp, but hardwired.off_delay_ms 0 "
      "takes "
      "the torque off at once, expected off"}},
    {"stop_takein_deceleration_m_s2: 4.9",
     "stop_takein_deceleration_m_s2: 4.91",
     {"rig.yaml:53:38: axes[0].limits.stop_takein_deceleration_m_s2: 4.91 m/s2 lets a rising load fly into slack rope, "
      "expected less: 100 kg on 32 m of rope bounce in 2.51 s, a jerk of 40 ms gives q 1.000: at most g / (1 + q) = "
      "4.904 m/s2"}},
    {"acceleration_m_s2: 4}",
     "acceleration_m_s2: 5}",
     {"rig.yaml:67:85: axes[0].modes.move.acceleration_m_s2: starting down with 5 m/s2 makes slack, expected less: "
      "100 kg on 32 m"}},
    {"rope: {ea_n: 20000",
     "rope: {ea_n: 20000000",
     {"rig.yaml:66:62: axes[0].modes.jog.takein_speed_max_m_s: torque off at 0.5 m/s upwards tosses 100 kg by 0.0127 "
      "m, "
      "and the rope of 3.077e+06 N/m catches it again with 9806 N, expected at most load.rated_dynamic_tension_n 6000",
      "rig.yaml:67:63: axes[0].modes.move.takein_speed_max_m_s: torque off at 2 m/s",
      "rig.yaml:58:22: axes[0].limits.tension_max_n: a fall of 100 kg out of 1.3 m/s and 0.2 m of slack (2.37 m/s) "
      "into a "
      "rope of 3.077e+06 N/m peaks at",
      "rig.yaml:112:27: axes[0].person.lightest_kg: 64 kg fall into a rope of 3.077e+06 N/m"}},
    {"tension_max_n: 4500",
     "tension_max_n: 2580",
     {"rig.yaml:58:22: axes[0].limits.tension_max_n: a fall of 100 kg out of 1.3 m/s and 0.2 m of slack (2.37 m/s) "
      "into a "
      "rope of 3077 N/m peaks at 2620 N, expected more than that",
      "rig.yaml:58:22: axes[0].limits.tension_max_n: a stop of the lowered rated load pulls up to 100 kg x (9.81 + 2 x "
      "8 "
      "m/s2) = 2581 N, expected more than that"}},
    {"position_max_m: 28.5",
     "position_max_m: 27.1",
     {"rig.yaml:64:53: axes[0].ultimate.position_max_m: torque off and brake at 0.3 m/s, 271 ms late, ends after 1.0"}},
    {"drive_stop: {deceleration_m_s2: 9}",
     "drive_stop: {deceleration_m_s2: 0.2}",
     {"axes[0].drive_stop.deceleration_m_s2: the drive's own stop from full speed takes 79 ms of reaction + 2.15 / 0.2",
      "rig.yaml:64:53: axes[0].ultimate.position_max_m: the drive's stop after lost communication at 0.3 m/s, 150 ms "
      "late",
      "rig.yaml:64:32: axes[0].ultimate.position_min_m: the drive's stop after lost communication at 0.1 m/s, 150 ms "
      "late"}},
    {"hold_ms_max: 30000, deceleration_m_s2: 25,",
     "hold_ms_max: 30000, deceleration_m_s2: 0.1,",
     {"axes[0].ultimate.position_max_m: torque off and brake",
      "axes[0].ultimate.position_min_m: torque off and brake"}},
    /* order of limits: every rule of rig_check_axis.c */
    {"position_min_m: 1.0",
     "position_min_m: 26.5",
     {"rig.yaml:48:23: axes[0].limits.position_min_m: 26.5 is too much, expected less than 26.5 = "
      "limits.position_max_m",
      "rig.yaml:72:18: axes[0].bands[0].from_m: 1 lies outside the axis's, expected at least 26.5 = "
      "limits.position_min_m"}},
    {"position_min_m: 1.0",
     "position_min_m: 26.49",
     {"rig.yaml:72:18: axes[0].bands[0].from_m: 1 lies outside the axis's, expected at least 26.49 = "
      "limits.position_min_m",
      "rig.yaml:49:23: axes[0].limits.position_max_m: a ramp from 0.3 m/s needs 0.127 m and the range has 0.01 m: the "
      "axis could never move",
      "rig.yaml:48:23: axes[0].limits.position_min_m: a ramp from 0.1 m/s needs 0.0654 m"}},
    {"position_min_m: 0.2",
     "position_min_m: 1",
     {"rig.yaml:64:32: axes[0].ultimate.position_min_m: 1 is too much, expected less than 1 = limits.position_min_m",
      "rig.yaml:64:32: axes[0].ultimate.position_min_m: the drive's stop after lost communication at 0.1 m/s, 150 ms "
      "late, ends after 0.175 m, a ramp after 0.0654 m: expected at least 0.11 m between the operating limit 1 and",
      "rig.yaml:64:32: axes[0].ultimate.position_min_m: torque off and brake at 0.1 m/s, 271 ms late, ends after 0.23 "
      "m"}},
    {"position_max_m: 28.5",
     "position_max_m: 26.5",
     {"rig.yaml:49:23: axes[0].limits.position_max_m: 26.5 is too much, expected less than 26.5 = "
      "ultimate.position_max_m"}},
    {"takein_speed_max_m_s: 0.5",
     "takein_speed_max_m_s: 2.0001",
     {"rig.yaml:66:62: axes[0].modes.jog.takein_speed_max_m_s: 2.0001 is too much, expected at most 2 = "
      "limits.takein_speed_max_m_s (modes keep inside the axis's speeds)"}},
    {"payout_speed_max_m_s: 1.4",
     "payout_speed_max_m_s: 2.2",
     {"rig.yaml:70:37: axes[0].modes.catch.payout_speed_max_m_s: 2.2 is too much, expected at most 2.15"}},
    {"acceleration_m_s2: 6}",
     "acceleration_m_s2: 8.1}",
     {"rig.yaml:69:89: axes[0].modes.follow.acceleration_m_s2: 8.1 is too much, expected at most 8 = "
      "limits.stop_payout_deceleration_m_s2 (a stop must beat every motion)"}},
    {"payout_speed_max_m_s: 2.15",
     "payout_speed_max_m_s: 2.5",
     {"rig.yaml:50:29: axes[0].limits.payout_speed_max_m_s: 2.5 is too much, expected less than 2.5"}},
    {"takein_speed_max_m_s: 2.0",
     "takein_speed_max_m_s: 2.5",
     {"rig.yaml:51:29: axes[0].limits.takein_speed_max_m_s: 2.5 is too much, expected less than 2.5"}},
    {"takein_speed_max_m_s: 0.1",
     "takein_speed_max_m_s: 0.02",
     {"rig.yaml:59:29: axes[0].limits.standstill_speed_m_s: 0.02 is too much, expected less than 0.02 = "
      "modes.recovery.takein_speed_max_m_s"}},
    {"rated_dynamic_tension_n: 6000",
     "rated_dynamic_tension_n: 4400",
     {"rig.yaml:58:22: axes[0].limits.tension_max_n: 4500 is too much, expected at most 4400 = "
      "load.rated_dynamic_tension_n"}},
    {"tension_high_n: 8000",
     "tension_high_n: 4500",
     {"rig.yaml:58:22: axes[0].limits.tension_max_n: 4500 is too much, expected less than 4500 = "
      "monitors.tension_high_n"}},
    {"overload_percent_up: 110",
     "overload_percent_up: 131",
     {"rig.yaml:73:84: axes[0].load.overload_percent_up: 131 is too much, expected at most 130"}},
    {"overload_percent_both: 130}",
     "overload_percent_both: 130, underload_n: 981}",
     {"rig.yaml:73:130: axes[0].load.underload_n: 981 is too much, expected less than 980.7 = 9.807 x "
      "load.rated_mass_kg"}},
    {"slack_n: 15", "slack_n: 31", {"rig.yaml:99:16: axes[0].belay.slack_n: 31 is too much, expected less than 31"}},
    {"band_min_n: 31",
     "band_min_n: 90",
     {"rig.yaml:96:19: axes[0].belay.band_min_n: 90 is too much, expected less than 90"}},
    {"      tension_n: 90",
     "      tension_n: 150",
     {"rig.yaml:95:18: axes[0].belay.tension_n: 150 is too much, expected less than 150"}},
    {"band_max_n: 150",
     "band_max_n: 150.1",
     {"rig.yaml:97:19: axes[0].belay.band_max_n: 150.1 is too much, expected at most 150 = 0.6 x "
      "belay.weight_on_line_n"}},
    {"person_mass_kg: 80",
     "person_mass_kg: 101",
     {"rig.yaml:94:23: axes[0].belay.person_mass_kg: 101 is too much, expected at most 100 = load.rated_mass_kg",
      "axes[0].limits.stop_time_max_ms: 101 kg"}},
    {"weight_on_line_n: 250",
     "weight_on_line_n: 301",
     {"rig.yaml:98:25: axes[0].belay.weight_on_line_n: 301 is too much, expected at most 300 where nobody runs",
      "rig.yaml:98:25: axes[0].belay.weight_on_line_n: 301 is too much, expected at most 251.1 = 3.923 x"}},
    {"jerk_ms: 40}",
     "jerk_ms: 40, spring: {stiffness_n_m: 300, stroke_m: 0.3}}",
     {"axes[0].rope.spring.stroke_m: 0.3 m are used up at 90 N, expected at least 0.36",
      "axes[0].limits.stop_time_max_ms: 80 kg that fall into a rope of 625 N/m load it for 1466 ms"}},
    {"slack_max_m: 0.2", "slack_max_m: 1.7", {"axes[0].person.lightest_kg: 64 kg fall into a rope of"}},
    {"anchor_height_m: 26.0",
     "anchor_height_m: 26.0\n      runner: {speed_max_m_s: 1.3, acceleration_max_m_s2: 4.1}",
     {"axes[0].belay.runner.speed_max_m_s: 1.3 is too much, expected at most 1.235",
      "axes[0].belay.runner.acceleration_max_m_s2: 4.1 is too much, expected at most 4 "}},
    {"weight_on_line_n: 250",
     "weight_on_line_n: 134\n      runner: {speed_max_m_s: 1.2, acceleration_max_m_s2: 4}",
     {"axes[0].belay.tension_n: 90 is too much, expected at most 89.33",
      "axes[0].belay.band_max_n: 150 is too much, expected less than 134",
      "axes[0].person.hangs_n: 170 is too much, expected at most 134",
      "axes[0].monitors.pull: a cell that lies could hide a pull of 216 N, expected at most weight_on_line_n, 134"}},
    {"payout_speed_max_m_s: 1.3",
     "payout_speed_max_m_s: 1.9",
     {"rig.yaml:69:38: axes[0].modes.follow.payout_speed_max_m_s: 1.9 is too much, expected less than 1.9 = "
      "belay.fall_speed_m_s"}},
    {"takein_speed_max_m_s: 1.8",
     "takein_speed_max_m_s: 0.15",
     {"rig.yaml:101:35: axes[0].belay.slack_takein_speed_max_m_s: 0.3 is too much, expected at most 0.15",
      "rig.yaml:105:30: axes[0].belay.restart_speed_max_m_s: 0.2 is too much, expected at most 0.15"}},
    {"lowering_speed_max_m_s: 0.6",
     "lowering_speed_max_m_s: 0.71",
     {"rig.yaml:104:31: axes[0].belay.lowering_speed_max_m_s: 0.71 is too much, expected at most 0.7"}},
    {"catch_deceleration_m_s2: 7.9",
     "catch_deceleration_m_s2: 8.1",
     {"rig.yaml:102:32: axes[0].belay.catch_deceleration_m_s2: 8.1 is too much, expected at most 8 "}},
    {"stop_payout_deceleration_m_s2: 8.0",
     "stop_payout_deceleration_m_s2: 4.8",
     {"axes[0].limits.stop_takein_deceleration_m_s2: 4.9 is too much, expected at most 4.8",
      "axes[0].modes.follow.acceleration_m_s2: 6 is too much", "axes[0].modes.catch.acceleration_m_s2: 6.5 is too much",
      "axes[0].belay.catch_deceleration_m_s2: 7.9 is too much"}},
    /* bands */
    {"from_m: 1, to_m: 3",
     "from_m: 3, to_m: 3",
     {"rig.yaml:72:27: axes[0].bands[0].to_m: 3 is too little, expected more than 3 = from_m"}},
    {"to_m: 3,",
     "to_m: 27,",
     {"rig.yaml:72:27: axes[0].bands[0].to_m: 27 lies outside the axis's, expected at most 26.5 = "
      "limits.position_max_m"}},
    {"takein_speed_max_m_s: 0.4",
     "takein_speed_max_m_s: 2.1",
     {"rig.yaml:72:79: axes[0].bands[0].takein_speed_max_m_s: 2.1 lies outside the axis's, expected at most 2 = "
      "limits.takein_speed_max_m_s"}},
    {"    load: {",
     "      - {from_m: 2.9, to_m: 4, payout_speed_max_m_s: 1, takein_speed_max_m_s: 1, why: a bush}\n    load: {",
     {"rig.yaml:73:18: axes[0].bands[1].from_m: 2.9 lies before the end of the band above, expected at least its to_m "
      "3"}},
    /* modes */
    {"      catch: {payout_speed_max_m_s: 1.4, takein_speed_max_m_s: 1.9, acceleration_m_s2: 6.5}\n",
     "",
     {"axes[0].modes.catch: missing, expected its speeds: the axis has a belay section"}},
    /* the winding: (34 m - 28.5 m) / 1.25 m are left, (34 m - 0.2 m) / 1.25 m are there */
    {"rope_m: 34", "rope_m: 32.2",
     {"rig.yaml:109:23: axes[0].winding.rope_m: 2.96 turns are left at ultimate.position_max_m, expected at least 3 = "
      "winding.dead_turns: 0.05 m more rope, or a nearer limit"}},
    {"dead_turns: 3", "dead_turns: 4.41", {"axes[0].winding.rope_m: 4.4 turns are left at ultimate.position_max_m"}},
    {"dead_turns: 3", "dead_turns: 0", {"axes[0].winding.dead_turns: 0 is out of range"}},
    {"turns_per_layer: 28", "turns_per_layer: 27",
     {"axes[0].winding.turns_per_layer: 27.04 turns lie on the drum at ultimate.position_min_m, expected at most 27, a "
      "layer: in the next one a turn is longer than drum.circumference_m"}},
    {"circumference_m: 1.25", "circumference_m: 1.2",
     {"axes[0].winding.turns_per_layer: 28.17 turns lie on the drum at ultimate.position_min_m, expected at most 28"}},
    /* several layers: C is 1.25 m, so that d is 1.25 m / pi / 8 at most. (34 m - 0.2 m - 12 x 1.25 m) / 1.376 m lie in
     * the second one. The good rig carries a person and has no switch. */
    {"turns_per_layer: 28",
     "turns_per_layer: 14, layers: {count: 1, diameter_m: 0.01, nesting: 1}",
     {"axes[0].winding.layers.count: 1 is out of range", UNWATCHED}},
    {"turns_per_layer: 28",
     "turns_per_layer: 14, layers: {count: 2, diameter_m: 0.01, nesting: 0.8}",
     {"axes[0].winding.layers.nesting: 0.8 is out of range", UNWATCHED}},
    {"turns_per_layer: 28",
     "turns_per_layer: 14, layers: {count: 2, nesting: 1}",
     {"axes[0].winding.layers.diameter_m: missing", UNWATCHED}},
    {"turns_per_layer: 28",
     "turns_per_layer: 14, layers: {count: 2, diameter_m: 0.05, nesting: 1}",
     {"axes[0].winding.layers.diameter_m: 0.05 m on a drum of 0.3979 m, expected at most 0.04974 m: the drum has 8 "
      "diameters of its rope at least",
      UNWATCHED}},
    {"turns_per_layer: 28",
     "turns_per_layer: 12, layers: {count: 2, diameter_m: 0.02, nesting: 1}",
     {"axes[0].winding.layers.count: 25.67 turns lie on the drum at ultimate.position_min_m, expected at most 24, 2 "
      "layers of 12",
      UNWATCHED}},
    {"dead_turns: 3, turns_per_layer: 28",
     "dead_turns: 3, turns_per_layer: 2.5, layers: {count: 20, diameter_m: 0.01, nesting: 1}",
     {"axes[0].winding.dead_turns: 3 is more than the first layer, 2.5 turns", UNWATCHED}},
    {"turns_per_layer: 28",
     "turns_per_layer: 14, layers: {count: 2, diameter_m: 0.02, nesting: 1}",
     {UNWATCHED}},
    /* the person */
    {"encoder_absolute: true",
     "encoder_absolute: false",
     {"rig.yaml:42:25: axes[0].drum.encoder_absolute: false on a line that carries a person, expected an absolute "
      "encoder on the drum"}},
    /* stop tables */
    {"stops: line",
     "stops: lane",
     {"rig.yaml:46:12: axes[0].stops: no stop table is called lane, expected one of line"}},
    {"estop_welded, rig_stop]",
     "estop_welded, rigstop]",
     {"rig.yaml:26:462: stop_tables[0].rows[0].faults[31]: rigstop is not one of the words"}},
    {", estop_welded, rig_stop]",
     "]",
     {"rig.yaml:26:7: stop_tables[0].rows: add - {faults: [estop_welded, rig_stop], modes: any, directions: any, "
      "reaction: ramp, scope: rig, allows: []}"}},
    {"drive_stale, link_lost, movement, ultimate_limit, drive_unclear], modes: any, directions: any",
     "drive_stale, link_lost, movement, ultimate_limit, drive_unclear], modes: [none, jog, move, follow, catch], "
     "directions: [payout, takein]",
     {"stop_tables[0].rows: add - {faults: [drive_stale, drive_unclear, link_lost, movement, ultimate_limit], "
      "modes: [none, jog, move, follow, catch], directions: [standing], reaction: drive, scope: rig, allows: []}",
      "stop_tables[0].rows: add - {faults: [drive_stale, drive_unclear, link_lost, movement, ultimate_limit], "
      "modes: [recovery], directions: any, "
      "reaction: drive, scope: rig, allows: []}"}},
    {"[drive_fault, drive_disobeys",
     "[link_lost, drive_fault, drive_disobeys",
     {"rig.yaml:28:9: stop_tables[0].rows[2]: link_lost in mode none, direction standing, is decided in line 27 "
      "already, "
      "expected each once"}},
    {"reaction: drive",
     "reaction: ramp",
     {"rig.yaml:27:124: stop_tables[0].rows[1].reaction: ramp is too gentle for drive_stale, drive_unclear, link_lost, "
      "movement, ultimate_limit, expected drive or off"}},
    {"reaction: off",
     "reaction: drive",
     {"stop_tables[0].rows[2].reaction: drive is too gentle for drive_fault, drive_disobeys, overspeed, "
      "stop_time, stop_unconfirmed, unintended_motion, chain_off, expected off"}},
    {"reaction: drive, scope: rig, allows: []",
     "reaction: drive, scope: rig, allows: [takein]",
     {"stop_tables[0].rows[1].allows: nothing may move while the cause of drive_stale, drive_unclear, link_lost "
      "remains, expected []"}},
    {"axes:\n",
     "  - {name: other, rows: [{faults: any, modes: any, directions: any, reaction: off, scope: axis, allows: []}]}\n"
     "axes:\n",
     {"rig.yaml:29:12: stop_tables[1].name: no axis uses other, expected every table to be used"}},
    {"link_lost, movement, ultimate_limit, drive_unclear], modes: any, directions: any, reaction: drive",
     "link_lost, movement, ultimate_limit, drive_unclear], modes: any, directions: any, reaction: off",
     {"axes[0].stops: its table answers movement with off, expected drive: behind a brake that slips, a person hangs "
      "on the drive",
      "axes[0].stops: its table answers drive_unclear with off, expected drive: two words of noise would let go"}},
    {"carries_person: true",
     "carries_person: false",
     {"rig.yaml:31:21: axes[0].carries_person: false beside a belay section, expected true",
      "axes[0].person: on a line that carries nobody, expected it to be left out"}},
};

TestSuite(badinput_rig, .init = set_up, .fini = tear_down);

Test(badinput_rig, the_good_file_is_good) {
    cr_assert_eq(load(good), 0, "%s", errors.text[0]);
    cr_assert_eq(errors.count, 0);
}

Test(badinput_rig, each_mistake_is_named_with_its_place) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *const text = bad_text(good, &rows[i]);
        cr_expect_neq(load(text), 0, "%s -> %s was taken", rows[i].find, rows[i].replace);
        cr_expect_eq(rig.axis_count, 0, "a refused file must leave nothing behind");
        bad_expect(&errors, &rows[i]);
        free(text);
    }
}

/* No limit may be left out, whatever it is: each line of the file is removed once. Lines that hold a list or map
 * together make other errors, but never a rig. */
Test(badinput_rig, no_line_can_be_left_out) {
    int lines = 0;
    for (const char *line = good; *line != '\0'; line = strchr(line, '\n') + 1, lines++) {
        const char *const next = strchr(line, '\n') + 1;
        char *text = NULL;
        cr_assert_gt(asprintf(&text, "%.*s%s", (int)(line - good), good, next), 0);
        cr_expect_neq(load(text), 0, "taken without line %d: %.*s", lines + 1, (int)(next - line), line);
        free(text);
    }
    cr_assert_eq(lines, 112);
}

Test(badinput_rig, all_errors_come_in_one_run) {
    cr_assert_neq(load("format: 1\nrig: a b\ncycle_ms: 1,5\nsafety: {}\nlinks: []\ndevices: 4\n"), 0);
    static const char *const wanted[] = {"rig.yaml:1:1: stop_tables: missing",
                                         "rig.yaml:2:6: rig:",
                                         "rig.yaml:3:11: cycle_ms:",
                                         "rig.yaml:4:9: safety.io:",
                                         "rig.yaml:4:9: safety.estop_discrepancy_ms:",
                                         "rig.yaml:4:9: safety.stations: missing",
                                         "rig.yaml:4:9: safety.recovery: missing",
                                         "rig.yaml:5:8: links: 0 ent", "rig.yaml:6:10: devices: a single value",
                                         "rig.yaml:1:1: axes: missing",
                                         "rig.yaml:1:1: permission_ms: missing",
                                         "rig.yaml:1:1: ladder_percent: missing"};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        bool found = false;
        for (int j = 0; j < errors.count; j++)
            found = found || strstr(errors.text[j], wanted[i]) != NULL;
        cr_expect(found, "%s", wanted[i]);
    }
    cr_expect_eq(errors.count, sizeof wanted / sizeof wanted[0]);
}

Test(badinput_rig, files_that_are_none) {
    memset(&errors, 0, sizeof errors);
    cr_expect_eq(rig_load("/nonexistent/rig.yaml", PROFILES, &rig, &errors), -EINVAL);
    cr_expect_str_eq(errors.text[0],
                     "/nonexistent/rig.yaml:1:1: file: can't be opened: No such file or directory, expected "
                     "a readable file");
    memset(&errors, 0, sizeof errors);
    cr_expect_eq(rig_load("/tmp", PROFILES, &rig, &errors), -EINVAL);
    cr_expect_not_null(strstr(errors.text[0], "is not a regular file"));
    cr_expect_neq(load(""), 0);
    cr_expect_not_null(strstr(errors.text[0], "rig.yaml:1:1: file: the file is empty"));
    cr_expect_neq(load("- 1\n"), 0);
    cr_expect_not_null(strstr(errors.text[0], "rig.yaml:1:1: file: no keys, expected a map"));
    cr_expect_neq(load("# only a remark\n"), 0);
}
