/* What moves under an axis: what the loader asks of its motion sensor. */
#include <criterion/criterion.h>

#include "tests/unit/rig_changed.h"

#define RIG BELAY_SOURCE_DIR "/sim/scenarios/moving-deck/rig.yaml"

static void refused(const char *from, const char *to, const char *error) {
    refused_in(RIG, from, to, error);
}

Test(rig_reference, a_good_one_is_taken) {
    cr_assert_eq(rig_load(RIG, PROFILES, &rig, &errors), 0, "%s", errors.text[0]);
    const struct rig_reference *const reference = &rig.axis[0].reference;
    cr_assert(reference->present && reference->device >= 0);
    cr_expect_str_eq(rig.device[reference->device].name, "deck-sensor");
    cr_expect(reference->sign == 1 && reference->latency_ms == 20 && reference->smoothing_ms == 100);
    cr_expect(reference->low_mm == -3000 && reference->high_mm == 3000 && reference->jump_mm == 200);
    cr_expect(reference->silent_ms == 60 && reference->error_max_mm == 300);
    cr_expect(rig_axis_on_link(&rig, 0, rig.device[reference->device].link));
}

Test(rig_reference, a_wrong_one_is_refused_with_its_place) {
    refused("device: deck-sensor", "device: encoder", "encoder is a encoder, expected a motion_sensor");
    refused("device: deck-sensor", "device: sensor", "axes[0].reference.device");
    refused("high_mm: 3000", "high_mm: -3000", "axes[0].reference.low_mm: -3000 is not below high_mm");
    refused("check_mm: 500", "check_mm: 3001", "axes[0].reference.check_mm: 3001 mm is more than half of low_mm to");
    refused("silent_ms: 60", "silent_ms: 20", "expected at least 3 x cycle_ms = 30");
    refused("jump_mm: 200", "jump_mm: 150", "axes[0].reference.jump_mm: 150 mm are less than the speed of a move");
    refused("error_max_mm: 300", "error_max_mm: 100", "axes[0].reference.error_max_mm: 100 mm are less");
    refused("sign: 1 # the deck", "sign: 2 # the deck", "axes[0].reference.sign");
    refused("      latency_ms: 20\n", "", "axes[0].reference.latency_ms: missing");
    refused("unit: 34\n    profile: sim-motion-sensor", "unit: 34\n    profile: sim-encoder",
            "expected a motion_sensor");
}
