/* Bad rig files: every row is one mistake that a rigger can make, and the exact place and words of the answer. */
#include "tests/badinput/bad_rows.h"

#include <errno.h>

#include "controller/rig/rig.h"

#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"

static const char good[] = "format: 1\n" /* 1 */
                           "rig: cliff\n" /* 2 */
                           "cycle_ms: 10\n" /* 3 */
                           "permission_ms: 200\n" /* 4 */
                           "safety: {io: io, estop_discrepancy_ms: 300}\n" /* 5 */
                           "links:\n" /* 6 */
                           "  - name: motor\n" /* 7 */
                           "    host: 127.0.0.1\n" /* 8 */
                           "    port: 1502\n" /* 9 */
                           "    connect_timeout_ms: 500\n" /* 10 */
                           "    response_timeout_ms: 40\n" /* 11 */
                           "  - name: sensors\n" /* 12 */
                           "    host: 127.0.0.2\n" /* 13 */
                           "    port: 1503\n" /* 14 */
                           "    connect_timeout_ms: 400\n" /* 15 */
                           "    response_timeout_ms: 30\n" /* 16 */
                           "devices:\n" /* 17 */
                           "  - {name: drive, link: motor, unit: 1, profile: sim-drive, stale_after_ms: 80, "
                           "comm_loss_ms_max: 150, hold_ms_min: 551}\n"
                           "  - {name: cell, link: sensors, unit: 2, profile: sim-load-cell, stale_after_ms: 81}\n"
                           "  - {name: steps, link: sensors, unit: 3, profile: sim-encoder, stale_after_ms: 82}\n"
                           "  - {name: io, link: sensors, unit: 4, profile: sim-safety-io, stale_after_ms: 83, "
                           "comm_loss_ms_max: 300}\n"
                           "axes:\n" /* 22 */
                           "  - name: climber\n" /* 23 */
                           "    carries_person: true\n" /* 24 */
                           "    drive: drive\n" /* 25 */
                           "    load_cell: cell\n" /* 26 */
                           "    encoder: steps\n" /* 27 */
                           "    drum:\n" /* 28 */
                           "      circumference_m: 1.25\n" /* 29 */
                           "      gear_ratio: 20\n" /* 30 */
                           "      motor_sign: -1\n" /* 31 */
                           "      encoder_steps_per_turn: 8192\n" /* 32 */
                           "      encoder_sign: 1\n" /* 33 */
                           "      encoder_zero_steps: -1000000\n" /* 34 */
                           "    brake: {io: io, open_ms_max: 250, close_ms_max: 251}\n" /* 35 */
                           "    limits:\n" /* 36 */
                           "      position_min_m: 1.0\n" /* 37 */
                           "      position_max_m: 26.5\n" /* 38 */
                           "      payout_speed_max_m_s: 2.1\n" /* 39 */
                           "      takein_speed_max_m_s: 2.0\n" /* 40 */
                           "      jog_speed_max_m_s: 0.5\n" /* 41 */
                           "      jog_acceleration_m_s2: 1.0\n" /* 42 */
                           "      acceleration_max_m_s2: 7.5\n" /* 43 */
                           "      stop_deceleration_m_s2: 8.0\n" /* 44 */
                           "      stop_time_max_ms: 600\n" /* 45 */
                           "      overspeed_m_s: 2.5\n" /* 46 */
                           "      following_error_max_m_s: 0.4\n" /* 47 */
                           "      following_error_ms: 201\n" /* 48 */
                           "      tension_max_n: 6000\n" /* 49 */
                           "      standstill_speed_m_s: 0.02\n" /* 50 */
                           "      enable_ms_max: 501\n" /* 51 */
                           "      reaction_ms: 79\n" /* 52 */
                           "    belay:\n" /* 53 */
                           "      person_mass_kg: 80\n" /* 54 */
                           "      tension_n: 90\n" /* 55 */
                           "      band_min_n: 31\n" /* 56 */
                           "      band_max_n: 150\n" /* 57 */
                           "      weight_on_line_n: 250\n" /* 58 */
                           "      slack_n: 15\n" /* 59 */
                           "      payout_speed_max_m_s: 1.3\n" /* 60 */
                           "      takein_speed_max_m_s: 1.8\n" /* 61 */
                           "      slack_takein_speed_max_m_s: 0.3\n" /* 62 */
                           "      acceleration_m_s2: 6.0\n" /* 63 */
                           "      catch_deceleration_m_s2: 7.9\n" /* 64 */
                           "      fall_speed_m_s: 1.9\n" /* 65 */
                           "      lowering_speed_max_m_s: 0.6\n" /* 66 */
                           "      restart_speed_max_m_s: 0.2\n" /* 67 */
                           "      rope_ea_n: 20000\n" /* 68 */
                           "      rope_lead_m: 5.5\n" /* 69 */
                           "      drive_lag_ms: 41\n" /* 70 */
                           "      cell_lag_ms: 21\n" /* 71 */
                           "      anchor_height_m: 26.0\n"; /* 72 */

static const struct bad_row rows[] = {
    /* numbers */
    {"jog_speed_max_m_s: 0.5",
     "jog_speed_max_m_s: 0,5",
     {"rig.yaml:41:26: axes[0].limits.jog_speed_max_m_s: 0,5 is not a number (did you mean 0.5?), expected greatest "
      "speed of a jog, m/s (0.01 to 2)"}},
    {"tension_max_n: 6000",
     "tension_max_n: 6,000",
     {"rig.yaml:49:22: axes[0].limits.tension_max_n: 6,000 is not a "
      "number (did you mean 6.000 or 6000?), expected"}},
    {"tension_max_n: 6000",
     "tension_max_n: 6 kN",
     {"rig.yaml:49:22: axes[0].limits.tension_max_n: 6 kN is not a number; the unit belongs in the key name"}},
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
    {"tension_max_n: 6000",
     "tension_max_n: .inf",
     {"rig.yaml:49:22: axes[0].limits.tension_max_n: .inf is not a number; "
      "there is no 'unlimited'"}},
    {"tension_max_n: 6000", "tension_max_n: nan", {"axes[0].limits.tension_max_n: nan is not a number; every value"}},
    {"tension_max_n: 6000", "tension_max_n: 6e3", {"axes[0].limits.tension_max_n: 6e3 has an exponent"}},
    {"tension_max_n: 6000",
     "tension_max_n:",
     {"rig.yaml:49:21: axes[0].limits.tension_max_n: no value, expected rope "
      "tension that trips, N (50 to 50000)"}},
    {"tension_max_n: 6000", "tension_max_n: ~", {"rig.yaml:49:22: axes[0].limits.tension_max_n: no value, expected"}},
    {"slack_n: 15", "slack_n: -15", {"rig.yaml:59:16: axes[0].belay.slack_n: -15 is out of range"}},
    {"motor_sign: -1",
     "motor_sign: 0",
     {"rig.yaml:31:19: axes[0].drum.motor_sign: 0 is not one of the words, expected "
      "1 for a motor whose positive rpm pays out, -1 for one whose positive rpm takes "
      "in (-1 or 1)"}},
    {"permission_ms: 200", "permission_ms: 251", {"rig.yaml:4:16: permission_ms: 251 is out of range"}},
    {"permission_ms: 200", "permission_ms: 149", {"rig.yaml:4:16: permission_ms: 149 is out of range"}},
    {"open_ms_max: 250",
     "open_ms_max: 25,0",
     {"rig.yaml:35:37: axes[0].brake.0: unknown key; inside braces a comma ends a value, expected decimals behind a "
      "point"}},
    /* words */
    {"carries_person: true",
     "carries_person: yes",
     {"rig.yaml:24:21: axes[0].carries_person: yes is not true or false, write one of these two words, expected "
      "whether a "
      "person hangs on this rope (true or false)"}},
    {"rig: cliff", "rig: the cliff", {"rig.yaml:2:6: rig: \"the cliff\" is not a name"}},
    {"rig: cliff", "rig: \"\"", {"rig.yaml:2:6: rig: empty text"}},
    {"rig: cliff", "rig: a-name-of-more-than-thirty-one-characters", {"rig.yaml:2:6: rig: 41 bytes are too long"}},
    {"host: 127.0.0.1",
     "host: localhost",
     {"rig.yaml:8:11: links[0].host: localhost is not an address, expected a numeric "
      "IPv4 address"}},
    {"host: 127.0.0.1", "host: 127.0.0.256", {"rig.yaml:8:11: links[0].host: 127.0.0.256 is not an address"}},
    {"host: 127.0.0.1", "host: 0.0.0.0", {"rig.yaml:8:11: links[0].host: 0.0.0.0 is not an address"}},
    /* keys */
    {"      overspeed_m_s: 2.5\n",
     "",
     {"rig.yaml:37:7: axes[0].limits.overspeed_m_s: missing, expected measured speed that "
      "trips, either direction, m/s (0.01 to 25)"}},
    {"      overspeed_m_s: 2.5\n",
     "      overspeed: 2.5\n",
     {"rig.yaml:46:7: axes[0].limits.overspeed: unknown key, did you mean overspeed_m_s?",
      "rig.yaml:37:7: axes[0].limits.overspeed_m_s: missing"}},
    {"cycle_ms: 10\n",
     "cycle_ms: 10\ncycle_ms: 20\n",
     {"rig.yaml:4:1: cycle_ms: duplicate key (first in line 3), expected it once"}},
    {"cycle_ms: 10\n",
     "cycle_ms: 10\ncolour: red\n",
     {"rig.yaml:4:1: colour: unknown key, expected one of format, rig, "}},
    {"format: 1\n", "format: 2\n", {"rig.yaml:1:9: format: 2 is out of range"}},
    {"safety: {io: io, estop_discrepancy_ms: 300}",
     "safety: 3",
     {"rig.yaml:5:9: safety: a single value stands here, "
      "expected the E-stop chain"}},
    {"safety: {io: io, estop_discrepancy_ms: 300}", "safety: []", {"rig.yaml:5:9: safety: a list stands here"}},
    /* what a file of limits has no use for */
    {"gear_ratio: 20", "gear_ratio: &g 20", {"rig.yaml:30:19: axes[0].drum.gear_ratio: an anchor (&) is not allowed"}},
    {"gear_ratio: 20", "gear_ratio: !!float 20", {"rig.yaml:30:19: axes[0].drum.gear_ratio: a tag (!) is not allowed"}},
    {"gear_ratio: 20", "gear_ratio: *g", {"rig.yaml:30:19: axes[0].drum.gear_ratio: an alias (*) is not allowed"}},
    {"      gear_ratio: 20\n",
     "      gear_ratio: 20\n      <<: {}\n",
     {"rig.yaml:31:7: axes[0].drum.<<: a merge key (<<)"}},
    {"anchor_height_m: 26.0\n", "anchor_height_m: 26.0\n---\nformat: 1\n", {"rig.yaml:73:1: file: a second document"}},
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
     {"rig.yaml:25:12: axes[0].drive: no device is called winch, expected one of drive, "
      "cell, steps, io"}},
    {"drive: drive",
     "drive: cell",
     {"rig.yaml:25:12: axes[0].drive: cell is a load_cell, expected a drive",
      "rig.yaml:18:12: devices[0].name: no axis uses drive"}},
    {"link: motor",
     "link: moter",
     {"rig.yaml:18:25: devices[0].link: no link is called moter, expected one of motor, "
      "sensors"}},
    {"name: sensors",
     "name: motor",
     {"rig.yaml:12:11: links[1].name: motor is the name of links[0] already",
      "rig.yaml:19:24: devices[1].link: no link is called sensors", "devices[2].link: no", "devices[3].link: no"}},
    {"name: cell, link: sensors, unit: 2",
     "name: cell, link: sensors, unit: 3",
     {"rig.yaml:20:40: devices[2].unit: 3 is the unit of cell on this link already"}},
    {"host: 127.0.0.2\n    port: 1503",
     "host: 127.0.0.1\n    port: 1502",
     {"rig.yaml:14:11: links[1].port: 127.0.0.1:1502 is the address of link motor already"}},
    {"    response_timeout_ms: 30\n",
     "    response_timeout_ms: 30\n"
     "  - {name: spare, host: 127.0.0.3, port: 1504, connect_timeout_ms: 500, response_timeout_ms: 40}\n",
     {"rig.yaml:17:12: links[2].name: no device is on this link, expected at least one"}},
    {"profile: sim-drive", "profile: sim-driv", {"rig.yaml:18:50: devices[0].profile: no profile sim-driv.yaml in "}},
    {"profile: sim-drive",
     "profile: altivar-rpm",
     {"rig.yaml:7:11: links[0].name: the requests of a cycle take 10 + 10 (one setting) = 20 ms, expected at most 8",
      "rig.yaml:19:51: devices[1].profile: sim-load-cell is simulated but altivar-rpm is real, expected all simulated "
      "or "
      "all real",
      "rig.yaml:20:52: devices[2].profile: sim-encoder is simulated",
      "rig.yaml:21:49: devices[3].profile: sim-safety-io",
      "rig.yaml:25:12: axes[0].drive: profile altivar-rpm does not hold a load at speed 0"}},
    /* the devices' own watchdogs */
    {", comm_loss_ms_max: 150",
     "",
     {"rig.yaml:18:5: devices[0].comm_loss_ms_max: missing, expected this key for a drive"}},
    {", comm_loss_ms_max: 300", "", {"devices[3].comm_loss_ms_max: missing, expected this key for a safety_io"}},
    {", hold_ms_min: 551", "", {"rig.yaml:18:5: devices[0].hold_ms_min: missing, expected this key for a drive"}},
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
    /* timing */
    {"cycle_ms: 10",
     "cycle_ms: 2",
     {"rig.yaml:7:11: links[0].name: the requests of a cycle take 1 + 1 (one setting) = 2 ms, expected at most 1.6",
      "rig.yaml:12:11: links[1].name: the requests of a cycle take 1 + 1 + 1 + 1 (one setting) = 4 ms, expected at "
      "most 1.6 (80 % of cycle_ms)",
      "rig.yaml:48:27: axes[0].limits.following_error_ms: 201 ms are too long, expected at most 128 (64 x cycle_ms)"}},
    {"cycle_ms: 10",
     "cycle_ms: 41",
     {"rig.yaml:18:77: devices[0].stale_after_ms: 80 ms trip in normal running, expected at least 2 x cycle_ms = 82",
      "rig.yaml:19:82: devices[1].stale_after_ms: 81 ms",
      "rig.yaml:52:20: axes[0].limits.reaction_ms: 79 ms are too few, "
      "expected at least 82 (cycle_ms + drive lag)"}},
    {"response_timeout_ms: 40",
     "response_timeout_ms: 81",
     {"rig.yaml:11:26: links[0].response_timeout_ms: 81 ms outlast the 80 ms of drive"}},
    {"stop_time_max_ms: 600",
     "stop_time_max_ms: 250",
     {"rig.yaml:45:25: axes[0].limits.stop_time_max_ms: a stop from full speed takes 263 ms, expected at least that"}},
    {"following_error_ms: 201",
     "following_error_ms: 641",
     {"rig.yaml:48:27: axes[0].limits.following_error_ms: 641 ms are too long, expected at most 640 (64 x cycle_ms)"}},
    {"reaction_ms: 79",
     "reaction_ms: 50",
     {"rig.yaml:52:20: axes[0].limits.reaction_ms: 50 ms are too few, expected at "
      "least 51"}},
    /* order of limits: every rule of rig_check.c */
    {"position_min_m: 1.0",
     "position_min_m: 26.5",
     {"rig.yaml:37:23: axes[0].limits.position_min_m: 26.5 is too much, expected less than 26.5 = "
      "limits.position_max_m"}},
    {"jog_speed_max_m_s: 0.5",
     "jog_speed_max_m_s: 2.0001",
     {"rig.yaml:41:26: axes[0].limits.jog_speed_max_m_s: 2.0001 is out of range"}},
    {"takein_speed_max_m_s: 2.0",
     "takein_speed_max_m_s: 0.4",
     {"jog_speed_max_m_s: 0.5 is too much, expected at most 0.4 = limits.takein_speed_max_m_s",
      "axes[0].belay.takein_speed_max_m_s: 1.8 is too much"}},
    {"jog_acceleration_m_s2: 1.0",
     "jog_acceleration_m_s2: 7.6",
     {"rig.yaml:42:30: axes[0].limits.jog_acceleration_m_s2: 7.6 is too much, expected at most 7.5"}},
    {"acceleration_max_m_s2: 7.5",
     "acceleration_max_m_s2: 8.1",
     {"rig.yaml:43:30: axes[0].limits.acceleration_max_m_s2: 8.1 is too much, expected at most 8 = "
      "limits.stop_deceleration_m_s2 (a stop must beat every motion)"}},
    {"payout_speed_max_m_s: 2.1",
     "payout_speed_max_m_s: 2.5",
     {"rig.yaml:39:29: axes[0].limits.payout_speed_max_m_s: 2.5 is too much, expected less than 2.5"}},
    {"takein_speed_max_m_s: 2.0",
     "takein_speed_max_m_s: 2.5",
     {"rig.yaml:40:29: axes[0].limits.takein_speed_max_m_s: 2.5 is too much, expected less than 2.5"}},
    {"jog_speed_max_m_s: 0.5",
     "jog_speed_max_m_s: 0.02",
     {"rig.yaml:50:29: axes[0].limits.standstill_speed_m_s: 0.02 is too much, expected less than 0.02"}},
    {"slack_n: 15", "slack_n: 31", {"rig.yaml:59:16: axes[0].belay.slack_n: 31 is too much, expected less than 31"}},
    {"band_min_n: 31",
     "band_min_n: 90",
     {"rig.yaml:56:19: axes[0].belay.band_min_n: 90 is too much, expected less than 90"}},
    {"      tension_n: 90",
     "      tension_n: 150",
     {"rig.yaml:55:18: axes[0].belay.tension_n: 150 is too much, expected less than 150"}},
    {"band_max_n: 150",
     "band_max_n: 150.1",
     {"rig.yaml:57:19: axes[0].belay.band_max_n: 150.1 is too much, expected at most 150 = 0.6 x "
      "belay.weight_on_line_n"}},
    {"person_mass_kg: 80",
     "person_mass_kg: 63",
     {"rig.yaml:58:25: axes[0].belay.weight_on_line_n: 250 is too much, expected at most 247.1 = 3.923 x "
      "belay.person_mass_kg (0.4 of the person's weight"}},
    {"tension_max_n: 6000",
     "tension_max_n: 250",
     {"rig.yaml:58:25: axes[0].belay.weight_on_line_n: 250 is too much, expected less than 250 = "
      "limits.tension_max_n"}},
    {"weight_on_line_n: 250",
     "weight_on_line_n: 301",
     {"rig.yaml:58:25: axes[0].belay.weight_on_line_n: 301 is out of range"}},
    {"payout_speed_max_m_s: 1.3",
     "payout_speed_max_m_s: 2.2",
     {"rig.yaml:60:29: axes[0].belay.payout_speed_max_m_s: 2.2 is too much, expected at most 2.1",
      "rig.yaml:60:29: axes[0].belay.payout_speed_max_m_s: 2.2 is too much, expected less than 1.9 = "
      "belay.fall_speed_m_s"}},
    {"takein_speed_max_m_s: 1.8",
     "takein_speed_max_m_s: 2.1",
     {"rig.yaml:61:29: axes[0].belay.takein_speed_max_m_s: 2.1 is too much, expected at most 2 "}},
    {"takein_speed_max_m_s: 1.8",
     "takein_speed_max_m_s: 0.1",
     {"rig.yaml:62:35: axes[0].belay.slack_takein_speed_max_m_s: 0.3 is too much, expected at most 0.1",
      "rig.yaml:67:30: axes[0].belay.restart_speed_max_m_s: 0.2 is too much, expected at most 0.1"}},
    {"payout_speed_max_m_s: 2.1",
     "payout_speed_max_m_s: 0.55",
     {"rig.yaml:60:29: axes[0].belay.payout_speed_max_m_s: 1.3 is too much, expected at most 0.55",
      "rig.yaml:66:31: axes[0].belay.lowering_speed_max_m_s: 0.6 is too much, expected at most 0.55"}},
    {"payout_speed_max_m_s: 2.1",
     "payout_speed_max_m_s: 0.4",
     {"rig.yaml:41:26: axes[0].limits.jog_speed_max_m_s: 0.5 is too much, expected at most 0.4",
      "rig.yaml:60:29: axes[0].belay.payout_speed_max_m_s", "rig.yaml:66:31: axes[0].belay.lowering_speed_max_m_s"}},
    {"acceleration_m_s2: 6.0",
     "acceleration_m_s2: 7.6",
     {"rig.yaml:63:26: axes[0].belay.acceleration_m_s2: 7.6 is too much, expected at most 7.5"}},
    {"catch_deceleration_m_s2: 7.9",
     "catch_deceleration_m_s2: 8.1",
     {"rig.yaml:64:32: axes[0].belay.catch_deceleration_m_s2: 8.1 is too much, expected at most 8 "}},
    {"carries_person: true",
     "carries_person: false",
     {"rig.yaml:24:21: axes[0].carries_person: false beside a belay section, expected true"}},
};

static char folder[] = "/tmp/belay-badinput-XXXXXX";
static char path[64];
static struct rig rig;
static struct yaml_errors errors;

static void set_up(void) {
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/rig.yaml", folder);
}

static void tear_down(void) {
    unlink(path);
    rmdir(folder);
}

TestSuite(badinput_rig, .init = set_up, .fini = tear_down);

static int load(const char *text) {
    memset(&errors, 0, sizeof errors);
    bad_write(path, text);
    return rig_load(path, PROFILES, &rig, &errors);
}

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

/* A second axis on the devices of the first: one winch, two masters. */
Test(badinput_rig, two_axes_share_no_device) {
    const char *const axis = strstr(good, "  - name: climber\n");
    const struct bad_row row = {"the good file",
                                "its axis twice",
                                {"rig.yaml:75:12: axes[1].drive: drive is used twice as drive, expected one of its own",
                                 "rig.yaml:76:16: axes[1].load_cell: cell is used twice as load cell",
                                 "rig.yaml:77:14: axes[1].encoder: steps is used twice as encoder",
                                 "rig.yaml:85:17: axes[1].brake.io: io is used twice as brake output"}};
    char *text = NULL;
    cr_assert_gt(asprintf(&text, "%s  - name: rider\n%s", good, axis + strlen("  - name: climber\n")), 0);
    cr_expect_eq(load(text), -EINVAL);
    bad_expect(&errors, &row);
    free(text);
}

/* Profiles of one's own: in the folder of the rig file here. */
Test(badinput_rig, profiles_that_do_not_fit) {
    char profile_path[80];
    char *drive = NULL;
    size_t length = 0;
    snprintf(profile_path, sizeof profile_path, "%s/own.yaml", folder);
    const struct bad_row renamed = {"profile: sim-drive", "profile: own", {"unused"}};
    const struct bad_row slow = {"reply_typical_ms: 1", "reply_typical_ms: 5", {"unused"}};
    const struct bad_row refused[] = {
        {"profile: sim-drive",
         "profile: own",
         {"rig.yaml:18:50: devices[0].profile: file ", "no profile sim-load-cell", "no profile sim-encoder",
          "no profile sim-safety-io"}},
        {"response_timeout_ms: 40",
         "response_timeout_ms: 4",
         {"rig.yaml:11:26: links[0].response_timeout_ms: 4 ms are less than a reply of drive takes, expected at least "
          "5",
          "links[0].name: the requests of a cycle take 5 + 5 (one setting) = 10 ms, expected at most 8",
          "no profile sim-load-cell", "no profile sim-encoder", "no profile sim-safety-io"}},
    };
    memset(&errors, 0, sizeof errors);
    cr_assert_eq(yaml_read(PROFILES "/sim-drive.yaml", &drive, &length, &errors), 0);
    char *const own_rig = bad_text(good, &refused[0]);

    bad_write(profile_path, drive); /* still calls itself sim-drive */
    bad_write(path, own_rig);
    cr_expect_eq(rig_load(path, folder, &rig, &errors), -EINVAL);
    bad_expect(&errors, &refused[0]);

    char *const own = bad_text(drive, &renamed);
    char *const own_slow = bad_text(own, &slow);
    char *const hasty_rig = bad_text(own_rig, &refused[1]);
    bad_write(profile_path, own_slow);
    bad_write(path, hasty_rig);
    memset(&errors, 0, sizeof errors);
    cr_expect_eq(rig_load(path, folder, &rig, &errors), -EINVAL);
    bad_expect(&errors, &refused[1]);

    unlink(profile_path);
    free(drive);
    free(own);
    free(own_slow);
    free(own_rig);
    free(hasty_rig);
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
    cr_assert_eq(lines, 72);
}

Test(badinput_rig, all_errors_come_in_one_run) {
    cr_assert_neq(load("format: 1\nrig: a b\ncycle_ms: 1,5\nsafety: {}\nlinks: []\ndevices: 4\n"), 0);
    static const char *const wanted[] = {"rig.yaml:2:6: rig:",          "rig.yaml:3:11: cycle_ms:",
                                         "rig.yaml:4:9: safety.io:",    "rig.yaml:4:9: safety.estop_discrepancy_ms:",
                                         "rig.yaml:5:8: links: 0 ent",  "rig.yaml:6:10: devices: a single value",
                                         "rig.yaml:1:1: axes: missing", "rig.yaml:1:1: permission_ms: missing"};
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
