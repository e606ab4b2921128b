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

/* Two axes that share profiles, links and the E-stop block, each with a brake block of its own. */
Test(rig, two_axes) {
    static const char axis_format[] =
        "  - name: axis-%c\n    carries_person: false\n    drive: drive-%c\n    load_cell: cell-%c\n    encoder: "
        "steps-%c\n"
        "    drum: {circumference_m: 1, gear_ratio: 20, motor_sign: -1, encoder_steps_per_turn: 8192, encoder_sign: "
        "-1, "
        "encoder_zero_steps: -5}\n"
        "    brake: {io: io-%c, open_ms_max: 250, close_ms_max: 250}\n"
        "    limits: {position_min_m: 0, position_max_m: 9, payout_speed_max_m_s: 2, takein_speed_max_m_s: 2,\n"
        "      jog_speed_max_m_s: 0.5, jog_acceleration_m_s2: 1, acceleration_max_m_s2: 4, stop_deceleration_m_s2: 5,\n"
        "      stop_time_max_ms: 500, overspeed_m_s: 2.5, following_error_max_m_s: 0.5, following_error_ms: 200,\n"
        "      tension_max_n: 900, standstill_speed_m_s: 0.02, enable_ms_max: 500, reaction_ms: 60}\n";
    static const char *const kinds[] = {"drive", "load-cell", "encoder", "safety-io"};
    static const char *const times[] = {", comm_loss_ms_max: 100, hold_ms_min: 450", "", "", ", comm_loss_ms_max: 200"};
    static const char *const names[] = {"drive", "cell", "steps", "io"};
    char path[] = "/tmp/belay-rig-XXXXXX";
    FILE *const file = fdopen(mkstemp(path), "w");
    cr_assert_not_null(file);
    fputs(
        "format: 1\nrig: two\ncycle_ms: 20\npermission_ms: 200\nsafety: {io: io-b, estop_discrepancy_ms: 300}\nlinks:\n"
        "  - {name: bus, host: 127.0.0.1, port: 1502, connect_timeout_ms: 500, response_timeout_ms: 40}\ndevices:\n",
        file);
    for (int i = 0; i < 8; i++)
        fprintf(file, "  - {name: %s-%c, link: bus, unit: %d, profile: sim-%s, stale_after_ms: 80%s}\n", names[i % 4],
                i < 4 ? 'a' : 'b', i, kinds[i % 4], times[i % 4]);
    fputs("axes:\n", file);
    for (char c = 'a'; c <= 'b'; c++)
        fprintf(file, axis_format, c, c, c, c, c);
    cr_assert_eq(fclose(file), 0);
    cr_assert_eq(rig_load(path, PROFILES, &rig, &errors), 0, "%s", errors.text[0]);
    unlink(path);
    cr_expect(rig.axis_count == 2 && rig.device_count == 8 && rig.profile_count == 4);
    cr_expect_eq(rig.device[0].profile, rig.device[4].profile);
    cr_expect(rig.safety.io == 7 && rig.axis[0].brake.io == 3 && rig.axis[1].brake.io == 7);
    cr_expect(rig.axis[1].drum.motor_sign == -1 && rig.axis[1].drum.encoder_sign == -1);
    cr_expect_eq(rig.axis[1].drum.encoder_zero_steps, -5);
    cr_expect_not(rig.axis[1].belay.present);
}
