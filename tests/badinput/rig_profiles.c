/* Rigs whose devices do not go together: with one another, or with their profiles. */
#include "tests/badinput/rig_good.h"

TestSuite(badinput_rig_profiles, .init = set_up, .fini = tear_down);

/* A second axis on the devices of the first: one winch, two masters. */
Test(badinput_rig_profiles, two_axes_share_no_device) {
    const char *const axis = strstr(good, "  - name: climber\n");
    const struct bad_row row = {
        "the good file",
        "its axis twice",
        {"rig.yaml:115:12: axes[1].drive: drive is used twice as drive, expected one of its own",
         "rig.yaml:116:16: axes[1].load_cell: cell is used twice as load cell",
         "rig.yaml:117:14: axes[1].encoder: steps is used twice as encoder",
         "rig.yaml:126:17: axes[1].brake.io: io is used twice as brake output"}};
    char *text = NULL;
    cr_assert_gt(asprintf(&text, "%s  - name: rider\n%s", good, axis + strlen("  - name: climber\n")), 0);
    cr_expect_eq(load(text), -EINVAL);
    bad_expect(&errors, &row);
    free(text);
}

/* Profiles of one's own: in the folder of the rig file here. */
Test(badinput_rig_profiles, profiles_that_do_not_fit) {
    char profile_path[80];
    char *drive = NULL;
    size_t length = 0;
    snprintf(profile_path, sizeof profile_path, "%s/own.yaml", folder);
    const struct bad_row renamed = {"profile: sim-drive", "profile: own", {"unused"}};
    const struct bad_row slow = {"reply_typical_ms: 1", "reply_typical_ms: 5", {"unused"}};
    const struct bad_row refused[] = {
        {"profile: sim-drive",
         "profile: own",
         {"rig.yaml:19:50: devices[0].profile: file ", "no profile sim-load-cell", "no profile sim-encoder",
          "no profile sim-safety-io"}},
        {"response_timeout_ms: 40",
         "response_timeout_ms: 4",
         {"rig.yaml:12:26: links[0].response_timeout_ms: 4 ms are less than a reply of drive takes, expected at least "
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

/* A torque that must be proved before the brake opens, and a drive that can't prove it. */
Test(badinput_rig_profiles, a_drive_that_tells_no_torque_proves_none) {
    char profile_path[80];
    char *drive = NULL;
    size_t length = 0;
    snprintf(profile_path, sizeof profile_path, "%s/own.yaml", folder);
    const struct bad_row renamed = {"profile: sim-drive", "profile: own", {"unused"}};
    const struct bad_row silent = {
        "  torque: {printed: 0x0112, wire: 0x0112, type: s16, scale: 0.001}\n", "", {"unused"}};
    const struct bad_row proved = {"torque_min_percent: 10",
                                   "torque_min_percent: 20",
                                   {"rig.yaml:43:174: axes[0].brake.torque_min_percent: profile own reads no torque, "
                                    "expected a drive that tells it",
                                    "axes[0].monitors.pull: profile own reads no torque",
                                    "no profile sim-load-cell", "no profile sim-encoder", "no profile sim-safety-io"}};
    memset(&errors, 0, sizeof errors);
    cr_assert_eq(yaml_read(PROFILES "/sim-drive.yaml", &drive, &length, &errors), 0);
    char *const named = bad_text(drive, &renamed), *const own = bad_text(named, &silent);
    char *const own_rig = bad_text(good, &renamed), *const rig_text = bad_text(own_rig, &proved);
    bad_write(profile_path, own);
    bad_write(path, rig_text);
    cr_expect_eq(rig_load(path, folder, &rig, &errors), -EINVAL);
    bad_expect(&errors, &proved);
    unlink(profile_path);
    free(drive);
    free(named);
    free(own);
    free(own_rig);
    free(rig_text);
}
