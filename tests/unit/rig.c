/* The rig file of free-climb as the struct that the controller works with. tests/property/rig_file.c holds every single
 * value against the text. */
#include "controller/rig/rig.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RIG BELAY_SOURCE_DIR "/sim/scenarios/free-climb/rig.yaml"
#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"

static struct rig rig;
static struct yaml_errors errors;

static void set_up(void) {
    memset(&errors, 0, sizeof errors);
    cr_assert_eq(rig_load(RIG, PROFILES, &rig, &errors), 0, "%s", errors.text[0]);
}

TestSuite(rig, .init = set_up);

Test(rig, names_become_indices) {
    cr_expect_str_eq(rig.name, "free-climb");
    cr_expect(rig.rehearsal);
    cr_expect(rig.link_count == 2 && rig.device_count == 4 && rig.axis_count == 1 && rig.profile_count == 4);
    const struct rig_axis *const axis = &rig.axis[0];
    cr_expect_str_eq(rig.device[axis->drive].name, "winch-drive");
    cr_expect_str_eq(rig.device[axis->load_cell].name, "load-cell");
    cr_expect_str_eq(rig.device[axis->encoder].name, "encoder");
    cr_expect_str_eq(rig.device[axis->brake.io].name, "safety-io");
    cr_expect_str_eq(rig.device[rig.safety.io].name, "safety-io");
    cr_expect_str_eq(rig.profile[rig.device[axis->drive].profile].id, "sim-drive");
    cr_expect_str_eq(rig.link[rig.device[axis->drive].link].name, "drive");
    cr_expect_str_eq(rig.link[rig.device[axis->encoder].link].name, "sensors");
    cr_expect_eq(rig.device[axis->encoder].unit, 3);
    cr_expect(axis->drum.motor_sign == 1 && axis->drum.encoder_sign == 1);
    cr_expect_eq(rig_axis_find(&rig, "climber"), 0);
    cr_expect_eq(rig_axis_find(&rig, "rider"), -ENOENT);
}

/* What the belaying law takes from elsewhere in the file. */
Test(rig, the_belaying_law_has_the_axis_s_rope_and_speeds) {
    const struct rig_axis *const axis = &rig.axis[0];
    cr_expect_eq(axis->belay.payout_speed_max_m_s, axis->modes.follow.payout_speed_max_m_s);
    cr_expect_eq(axis->belay.takein_speed_max_m_s, axis->modes.follow.takein_speed_max_m_s);
    cr_expect(axis->belay.rope_ea_n == axis->rope.ea_n && axis->belay.rope_lead_m == axis->rope.lead_m);
}

/* Somebody hanging still must never be lowered, and normal excursions must not lock the line. */
Test(rig, the_person_line_keeps_its_proportions) {
    const struct rig_belay *const belay = &rig.axis[0].belay;
    cr_expect(belay->present && rig.axis[0].carries_person);
    cr_expect_leq(belay->weight_on_line_n, 0.4 * belay->person_mass_kg * 9.80665);
    cr_expect_leq(belay->band_max_n, 0.6 * belay->weight_on_line_n + 1e-9);
}

/* The hash is what a rigger can compute with coreutils, so that it can be checked without Belay. */
Test(rig, hash_is_that_of_sha256sum) {
    FILE *const pipe =
        popen("cd '" PROFILES "' && sha256sum '" RIG "' sim-drive.yaml sim-load-cell.yaml sim-encoder.yaml "
              "sim-safety-io.yaml | cut -c1-64 | sha256sum",
              "r");
    char wanted[80] = "";
    cr_assert_not_null(pipe);
    cr_assert_not_null(fgets(wanted, sizeof wanted, pipe));
    cr_assert_eq(pclose(pipe), 0);
    wanted[64] = '\0';
    cr_expect_str_eq(rig.hash, wanted);
}

static const char axis_format[] =
    "  - name: axis-%c\n    carries_person: false\n    drive: drive-%c\n    load_cell: cell-%c\n    encoder: "
    "steps-%c\n"
    "    drum: {circumference_m: 1, gear_ratio: 20, motor_sign: -1, encoder_steps_per_turn: 8192,\n"
    "      encoder_sign: -1, encoder_zero_steps: -5, encoder_absolute: false}\n"
    "    brake: {io: io-%c, units: [{name: a, output: 1}, {name: b, output: 2}], hold_ms_max: 30000, "
    "open_ms_max: 250, close_ms_max: 250, deceleration_m_s2: 3, torque_min_percent: 20, "
    "handover_ms: 500, handover_mm: 4}\n"
    "    hardwired: {off_delay_ms: 0, sto_response_ms: 12, on_delay_ms: 900}\n"
    "    drive_stop: {deceleration_m_s2: 6}\n"
    "    stops: %s\n"
    "    limits: {position_min_m: 0, position_max_m: 9, payout_speed_max_m_s: 2, takein_speed_max_m_s: 1.9,\n"
    "      stop_payout_deceleration_m_s2: 5, stop_takein_deceleration_m_s2: 4,\n"
    "      stop_time_max_ms: 700, overspeed_m_s: 2.5, following_error_max_m_s: 0.5, following_error_ms: 200,\n"
    "      tension_max_n: 12000, setup_speed_m_s: 0.3,\n"
    "      standstill_speed_m_s: 0.02, enable_ms_max: 500, reaction_ms: 80, jerk_max_m_s3: 20}\n"
    "    ultimate: {position_min_m: -1, position_max_m: 12}\n"
    "    modes: {jog: {payout_speed_max_m_s: 0.5, takein_speed_max_m_s: 0.4, acceleration_m_s2: 1},\n"
    "      move: {payout_speed_max_m_s: 2, takein_speed_max_m_s: 1.9, acceleration_m_s2: 3},\n"
    "      recovery: {payout_speed_max_m_s: 0.2, takein_speed_max_m_s: 0.1, acceleration_m_s2: 0.5}}\n"
    "    bands:\n"
    "      - {from_m: 0, to_m: 1, payout_speed_max_m_s: 1, takein_speed_max_m_s: 0.5, why: the grid}\n"
    "      - {from_m: 7, to_m: 9, payout_speed_max_m_s: 0.7, takein_speed_max_m_s: 1.5, why: water}\n"
    "    load: {rated_mass_kg: 500, rated_dynamic_tension_n: 20000, overload_percent_up: 110,\n"
    "      overload_percent_both: 130, underload_n: 300, slack_n: 50, snatch_speed_m_s: 0.15}\n"
    "    landing: {from_m: 8, to_m: 8.5, speed_m_s: 0.1}\n"
    "    rope: {ea_n: 2000000, lead_m: 10, jerk_ms: 100}\n"
    "    monitors: {window_ms: 200, dead_ms: 20, lag_ms: 30, following_base_mm: 20, following_slack_ms: 80,\n"
    "      mismatch_base_mm: 20, mismatch_slack_ms: 81, frozen_mm: 30, unintended_mm: 20, moved_mm: 20,\n"
    "      moved_ms: 50, tension_low_n: -200, tension_high_n: 25000, tension_rate_n_s: 60000, load_ms: 100}\n"
    "    winding: {rope_m: 20, dead_turns: 3.5, turns_per_layer: 25}\n"
    "    switches: []\n";

static void write_tables(FILE *file, const char *scope) {
    fputs(
        "stop_tables:\n"
        "  - {name: hard, rows: [{faults: any, modes: any, directions: any, reaction: off, scope: axis, allows: []}]}\n"
        "  - name: relieving\n    rows:\n"
        "      - {faults: overload, modes: any, directions: any, reaction: off, scope: axis, allows: payout}\n"
        "      - {faults: underload, modes: [jog, move], directions: payout, reaction: off, scope: rig, allows: "
        "[takein]}\n",
        file);
    fputs("      - {faults: [estop", file);
    for (int fault = 2; fault < FAULT_COUNT; fault++)
        if (fault != FAULT_OVERLOAD && fault != FAULT_UNDERLOAD)
            fprintf(file, ", %s", fault_text((enum fault_id)fault)->name);
    fprintf(file, "],\n         modes: any, directions: any, reaction: off, scope: %s, allows: []}\n", scope);
    fputs("      - {faults: underload, modes: [jog, move], directions: [standing, takein], reaction: off, scope: axis, "
          "allows: []}\n"
          "      - {faults: underload, modes: [none, follow, catch, recovery], directions: any, reaction: off, scope: "
          "axis, "
          "allows: []}\n"
          "axes:\n",
          file);
}

/* Two axes that share profiles, links and the E-stop block, each with a brake block of its own. */
static int load_two(const char *stations, const char *scope) {
    static const char *const kinds[] = {"drive", "load-cell", "encoder", "safety-io"};
    static const char *const times[] = {", comm_loss_ms_max: 100, hold_ms_min: 450", "", "", ", comm_loss_ms_max: 200"};
    static const char *const names[] = {"drive", "cell", "steps", "io"};
    char path[] = "/tmp/belay-rig-XXXXXX";
    FILE *const file = fdopen(mkstemp(path), "w");
    cr_assert_not_null(file);
    fprintf(
        file,
        "format: 1\nrig: two\ncycle_ms: 20\npermission_ms: 200\nladder_percent: [20, 100]\n"
        "safety:\n  io: io-b\n  estop_discrepancy_ms: 300\n"
        "  stations:\n%s  recovery: {expires_s: 600, clear_s: 30}\nlinks:\n"
        "  - {name: bus, host: 127.0.0.1, port: 1502, connect_timeout_ms: 500, response_timeout_ms: 40}\ndevices:\n",
        stations);
    for (int i = 0; i < 8; i++)
        fprintf(file, "  - {name: %s-%c, link: bus, unit: %d, profile: sim-%s, stale_after_ms: 80%s}\n", names[i % 4],
                i < 4 ? 'a' : 'b', i, kinds[i % 4], times[i % 4]);
    write_tables(file, scope);
    for (char c = 'a'; c <= 'b'; c++)
        fprintf(file, axis_format, c, c, c, c, c, c == 'a' ? "relieving" : "hard");
    fputs("groups:\n  - {name: truss, kind: locked, axes: any, deviation_m: 0.25, drop_m: 5}\n", file);
    cr_assert_eq(fclose(file), 0);
    memset(&errors, 0, sizeof errors);
    const int status = rig_load(path, PROFILES, &rig, &errors);
    unlink(path);
    return status;
}

Test(rig, two_axes) {
    cr_assert_eq(load_two("    - {name: grid platform, pair: 2, axes: [axis-b]}\n"
                          "    - {name: desk, pair: 1, axes: any}\n",
                          "axis"),
                 0, "%s", errors.text[0]);
    cr_expect(rig.axis_count == 2 && rig.device_count == 8 && rig.profile_count == 4);
    cr_expect_eq(rig.device[0].profile, rig.device[4].profile);
    cr_expect(rig.safety.io == 7 && rig.axis[0].brake.io == 3 && rig.axis[1].brake.io == 7);
    cr_expect(rig.ladder.rung_count == 2 && rig.ladder.percent[0] == 20 && rig.ladder.percent[1] == 100);
    cr_expect_eq(rig.axis[1].limits.setup_speed_m_s, 0.3);
    cr_expect_eq(rig.safety.station_count, 2);
    cr_expect_str_eq(rig.safety.station[0].name, "grid platform");
    cr_expect(rig.safety.station[0].pair == 1 && rig.safety.station[0].axes == 2);
    cr_expect(rig.safety.station[1].pair == 0 && rig.safety.station[1].axes == 3);
    cr_expect(rig.axis[1].drum.motor_sign == -1 && rig.axis[1].drum.encoder_sign == -1);
    cr_expect_eq(rig.axis[1].drum.encoder_zero_steps, -5);
    cr_expect(rig.group_count == 1 && rig.group[0].axes == 3 && rig.group[0].deviation_m == 0.25);
    cr_expect_not(rig.axis[1].belay.present);
    cr_expect(rig.axis[1].band_count == 2 && rig.axis[1].band[1].takein_speed_max_m_s == 1.5);
    cr_expect_str_eq(rig.axis[1].band[1].why, "water");
    cr_expect(rig.axis[0].landing.present && rig.axis[0].landing.from_m == 8 && rig.axis[0].landing.to_m == 8.5 &&
              rig.axis[0].landing.speed_m_s == 0.1);
    cr_expect(rig.axis[0].load.has_slack && rig.axis[0].load.slack_n == 50 && rig.axis[0].brake.has_torque_min);
    cr_expect(rig.axis[0].load.has_snatch_speed && rig.axis[0].load.snatch_speed_m_s == 0.15);
    cr_expect_not(rig.axis[0].monitors.has_tension_frozen);
    cr_expect(rig.axis[0].stops == 1 && rig.axis[1].stops == 0);
    const struct stop_table *const table = &rig.stop_table[1].cells;
    cr_expect(table->cell[FAULT_OVERLOAD][MODE_CATCH][DIRECTION_STANDING].allows_payout);
    cr_expect_not(table->cell[FAULT_OVERLOAD][MODE_CATCH][DIRECTION_STANDING].allows_takein);
    cr_expect_eq(table->cell[FAULT_UNDERLOAD][MODE_MOVE][DIRECTION_PAYOUT].scope, STOP_RIG);
    cr_expect_eq(table->cell[FAULT_UNDERLOAD][MODE_MOVE][DIRECTION_TAKEIN].scope, STOP_AXIS);
    cr_expect_eq(table->cell[FAULT_ESTOP][MODE_JOG][DIRECTION_PAYOUT].reaction, STOP_OFF);
    for (int i = 0; i < 2; i++)
        cr_expect_eq(stop_table_check(&rig.stop_table[i].cells).fault, FAULT_NONE);
}

Test(rig, an_axis_that_no_station_stops_is_refused) {
    cr_assert_eq(load_two("    - {name: grid platform, pair: 2, axes: axis-b}\n", "axis"), -EINVAL);
    cr_assert_eq(errors.count, 1, "%s", errors.text[1]);
    cr_expect_not_null(strstr(errors.text[0], ":34:11: axes[0].name: no E-stop station stops axis-a, expected it in "
                                              "axes of one of safety.stations"),
                       "%s", errors.text[0]);
}

Test(rig, a_stop_table_that_makes_a_zone_the_whole_rig_is_refused) {
    static const char desk[] = "    - {name: desk, pair: 1, axes: any}\n";
    char stations[160];
    snprintf(stations, sizeof stations, "%s    - {name: pit, pair: 3, axes: [axis-a]}\n", desk);
    cr_assert_eq(load_two(stations, "rig"), -EINVAL);
    cr_assert_eq(errors.count, 1, "%s", errors.text[1]);
    cr_expect_not_null(strstr(errors.text[0], ":11:34: safety.stations[1].axes: a zone, but table relieving answers "
                                              "estop of axis-a with scope rig, expected scope axis there or axes: any"),
                       "%s", errors.text[0]);
    cr_expect_eq(load_two(desk, "rig"), 0, "%s", errors.text[0]);
}
