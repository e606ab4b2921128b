/* A bench for bad-input tables on a rig whose text stands here, line by line: the good text, a place to write a changed
 * one, and what the loader says of that. For one test program each; the suite takes set_up and tear_down. */
#ifndef BELAY_TESTS_BADINPUT_RIG_GOOD_H
#define BELAY_TESTS_BADINPUT_RIG_GOOD_H

#include <errno.h>

#include "controller/rig/rig.h"
#include "tests/badinput/bad_rows.h"

#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"

#define RECOVERY "recovery: {expires_s: 600, clear_s: 30}"
#define SAFETY_AND(more) \
    "safety: {io: io, estop_discrepancy_ms: 300, stations: [{name: the desk, pair: 1, axes: any}], " more "}"
#define SAFETY SAFETY_AND(RECOVERY)

static const char good[] =
    "format: 1\n" /* 1 */
    "rig: cliff\n" /* 2 */
    "cycle_ms: 10\n" /* 3 */
    "permission_ms: 200\n" /* 4 */
    "ladder_percent: [10, 25, 100]\n" /* 5 */
    SAFETY "\n" /* 6 */
    "links:\n" /* 7 */
    "  - name: motor\n" /* 8 */
    "    host: 127.0.0.1\n" /* 9 */
    "    port: 1502\n" /* 10 */
    "    connect_timeout_ms: 500\n" /* 11 */
    "    response_timeout_ms: 40\n" /* 12 */
    "  - name: sensors\n" /* 13 */
    "    host: 127.0.0.2\n" /* 14 */
    "    port: 1503\n" /* 15 */
    "    connect_timeout_ms: 400\n" /* 16 */
    "    response_timeout_ms: 30\n" /* 17 */
    "devices:\n" /* 18 */
    "  - {name: drive, link: motor, unit: 1, profile: sim-drive, stale_after_ms: 80, "
    "comm_loss_ms_max: 150, hold_ms_min: 551}\n" /* 19 */
    "  - {name: cell, link: sensors, unit: 2, profile: sim-load-cell, stale_after_ms: 81}\n" /* 20 */
    "  - {name: steps, link: sensors, unit: 3, profile: sim-encoder, stale_after_ms: 82}\n" /* 21 */
    "  - {name: io, link: sensors, unit: 4, profile: sim-safety-io, stale_after_ms: 83, "
    "comm_loss_ms_max: 300}\n" /* 22 */
    "stop_tables:\n" /* 23 */
    "  - name: line\n" /* 24 */
    "    rows:\n" /* 25 */
    "      - {faults: [estop, estop_discrepancy, io_stale, tension_stale, position_stale, "
    "position_limit, overtension, brake_open, brake_close, fall_caught, cycle_overrun, setting_changed, "
    "following_error, position_mismatch, position_frozen, tension_frozen, tension_implausible, tension_mismatch, "
    "tension_rate, peak_tension, overload, overload_both, underload, slack_payout, "
    "load_unexpected, duty, end_switch, switch_implausible, dead_turns, overwrap, estop_welded, "
    "rig_stop], modes: any, directions: any, reaction: ramp, scope: rig, allows: []}\n" /* 26 */
    "      - {faults: [drive_stale, link_lost, movement, ultimate_limit, drive_unclear], modes: any, directions: any, "
    "reaction: drive, scope: rig, allows: []}\n" /* 27 */
    "      - {faults: [drive_fault, drive_disobeys, overspeed, stop_time, group_deviation, "
    "unintended_motion, ultimate_switch, chain_off, stop_unconfirmed], modes: any, directions: any, "
    "reaction: off, scope: axis, allows: []}\n" /* 28 */
    "axes:\n" /* 29 */
    "  - name: climber\n" /* 30 */
    "    carries_person: true\n" /* 31 */
    "    drive: drive\n" /* 32 */
    "    load_cell: cell\n" /* 33 */
    "    encoder: steps\n" /* 34 */
    "    drum:\n" /* 35 */
    "      circumference_m: 1.25\n" /* 36 */
    "      gear_ratio: 20\n" /* 37 */
    "      motor_sign: -1\n" /* 38 */
    "      encoder_steps_per_turn: 8192\n" /* 39 */
    "      encoder_sign: 1\n" /* 40 */
    "      encoder_zero_steps: -1000000\n" /* 41 */
    "      encoder_absolute: true\n" /* 42 */
    "    brake: {io: io, open_ms_max: 250, close_ms_max: 251, units: [{name: a, output: 1}, {name: b, output: 2}], "
    "hold_ms_max: 30000, deceleration_m_s2: 25, torque_min_percent: 10, handover_ms: 1000, handover_mm: 4}\n" /* 43 */
    "    hardwired: {off_delay_ms: 950, sto_response_ms: 20, on_delay_ms: 1000}\n" /* 44 */
    "    drive_stop: {deceleration_m_s2: 9}\n" /* 45 */
    "    stops: line\n" /* 46 */
    "    limits:\n" /* 47 */
    "      position_min_m: 1.0\n" /* 48 */
    "      position_max_m: 26.5\n" /* 49 */
    "      payout_speed_max_m_s: 2.15\n" /* 50 */
    "      takein_speed_max_m_s: 2.0\n" /* 51 */
    "      stop_payout_deceleration_m_s2: 8.0\n" /* 52 */
    "      stop_takein_deceleration_m_s2: 4.9\n" /* 53 */
    "      stop_time_max_ms: 1250\n" /* 54 */
    "      overspeed_m_s: 2.5\n" /* 55 */
    "      following_error_max_m_s: 0.4\n" /* 56 */
    "      following_error_ms: 201\n" /* 57 */
    "      tension_max_n: 4500\n" /* 58 */
    "      standstill_speed_m_s: 0.02\n" /* 59 */
    "      setup_speed_m_s: 0.25\n" /* 60 */
    "      enable_ms_max: 501\n" /* 61 */
    "      reaction_ms: 79\n" /* 62 */
    "      jerk_max_m_s3: 21\n" /* 63 */
    "    ultimate: {position_min_m: 0.2, position_max_m: 28.5}\n" /* 64 */
    "    modes:\n" /* 65 */
    "      jog: {payout_speed_max_m_s: 0.7, takein_speed_max_m_s: 0.5, acceleration_m_s2: 1}\n" /* 66 */
    "      move: {payout_speed_max_m_s: 2.1, takein_speed_max_m_s: 2, acceleration_m_s2: 4}\n" /* 67 */
    "      recovery: {payout_speed_max_m_s: 0.3, takein_speed_max_m_s: 0.1, acceleration_m_s2: 0.5}\n" /* 68 */
    "      follow: {payout_speed_max_m_s: 1.3, takein_speed_max_m_s: 1.8, acceleration_m_s2: 6}\n" /* 69 */
    "      catch: {payout_speed_max_m_s: 1.4, takein_speed_max_m_s: 1.9, acceleration_m_s2: 6.5}\n" /* 70 */
    "    bands:\n" /* 71 */
    "      - {from_m: 1, to_m: 3, payout_speed_max_m_s: 0.9, takein_speed_max_m_s: 0.4, why: the "
    "overhang}\n" /* 72 */
    "    load: {rated_mass_kg: 100, rated_dynamic_tension_n: 6000, overload_percent_up: 110, "
    "overload_percent_both: 130}\n" /* 73 */
    "    rope: {ea_n: 20000, lead_m: 5.5, jerk_ms: 40}\n" /* 74 */
    "    monitors:\n" /* 75 */
    "      window_ms: 200\n" /* 76 */
    "      dead_ms: 20\n" /* 77 */
    "      lag_ms: 41\n" /* 78 */
    "      following_base_mm: 20\n" /* 79 */
    "      following_slack_ms: 82\n" /* 80 */
    "      mismatch_base_mm: 21\n" /* 81 */
    "      mismatch_slack_ms: 83\n" /* 82 */
    "      frozen_mm: 30\n" /* 83 */
    "      unintended_mm: 22\n" /* 84 */
    "      moved_mm: 23\n" /* 85 */
    "      moved_ms: 50\n" /* 86 */
    "      tension_low_n: -100\n" /* 87 */
    "      tension_high_n: 8000\n" /* 88 */
    "      tension_rate_n_s: 50000\n" /* 89 */
    "      tension_frozen_ms: 150\n" /* 90 */
    "      load_ms: 100\n" /* 91 */
    "      pull: {rated_n: 2000, mass_kg: 40, tolerance_n: 44, tolerance_percent: 10, window_ms: 90}\n" /* 92 */
    "    belay:\n" /* 93 */
    "      person_mass_kg: 80\n" /* 94 */
    "      tension_n: 90\n" /* 95 */
    "      band_min_n: 31\n" /* 96 */
    "      band_max_n: 150\n" /* 97 */
    "      weight_on_line_n: 250\n" /* 98 */
    "      slack_n: 15\n" /* 99 */
    "      slack_max_m: 0.2\n" /* 100 */
    "      slack_takein_speed_max_m_s: 0.3\n" /* 101 */
    "      catch_deceleration_m_s2: 7.9\n" /* 102 */
    "      fall_speed_m_s: 1.9\n" /* 103 */
    "      lowering_speed_max_m_s: 0.6\n" /* 104 */
    "      restart_speed_max_m_s: 0.2\n" /* 105 */
    "      drive_lag_ms: 41\n" /* 106 */
    "      cell_lag_ms: 21\n" /* 107 */
    "      anchor_height_m: 26.0\n" /* 108 */
    "    winding: {rope_m: 34, dead_turns: 3, turns_per_layer: 28}\n" /* 109 */
    "    switches: []\n" /* 110 */
    "    commissioning: {daily_h: 24, speed_max_m_s: 0.1, reeving_ratio: 1, marks_mm: 20, bump_mm: 50, "
    "bump_speed_m_s: 0.02, bump_tension_n: 10, tare_n_max: 11, span_percent: 3, brake_test_percent: 125, "
    "brake_hold_s: 5, brake_hold_mm: 2}\n" /* 111 */
    "    person: {lightest_kg: 64, hangs_n: 170}\n"; /* 112 */

static char folder[] = "/tmp/belay-badinput-XXXXXX";
static char path[64];
static struct rig rig;
static struct yaml_errors errors;

static inline void set_up(void) {
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/rig.yaml", folder);
}

static inline void tear_down(void) {
    unlink(path);
    rmdir(folder);
}

static inline int load(const char *text) {
    memset(&errors, 0, sizeof errors);
    bad_write(path, text);
    return rig_load(path, PROFILES, &rig, &errors);
}

#endif
