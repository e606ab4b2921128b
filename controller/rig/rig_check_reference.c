/* What moves by itself under an axis: what the figures of its motion sensor must be to each other. */
#include <math.h>

#include "controller/rig/rig_check_parts.h"

/* The number of `of`, in its unit; false when it was not taken. */
static bool number(const struct rig_loader *loader, int axis, const char *key, double *value) {
    return rig_number_of(loader, "axes", axis, key, value);
}

static void check_range(const struct rig_loader *loader, int axis) {
    double low_mm = 0, high_mm = 0;
    if (number(loader, axis, "reference.low_mm", &low_mm) && number(loader, axis, "reference.high_mm", &high_mm) &&
        low_mm >= high_mm)
        rig_fail(loader, "axes", axis, "reference.low_mm", "%.10g is not below high_mm, expected less than %.10g",
                 low_mm, high_mm);
}

/* Raised by so much, wherever in its range it was, it must still be read. */
static void check_way(const struct rig_loader *loader, int axis) {
    double low_mm = 0, high_mm = 0, check_mm = 0;
    if (number(loader, axis, "reference.low_mm", &low_mm) && number(loader, axis, "reference.high_mm", &high_mm) &&
        number(loader, axis, "reference.check_mm", &check_mm) && low_mm < high_mm && 2 * check_mm > high_mm - low_mm)
        rig_fail(loader, "axes", axis, "reference.check_mm",
                 "%.10g mm is more than half of low_mm to high_mm, expected at most %.10g", check_mm,
                 (high_mm - low_mm) / 2);
}

/* Between two cycles the register must have had the time to change. */
static void check_silence(const struct rig_loader *loader, int axis) {
    double silent_ms = 0, cycle_ms = 0;
    if (number(loader, axis, "reference.silent_ms", &silent_ms) &&
        yaml_find_number(loader->doc, "cycle_ms", &cycle_ms) && silent_ms < 3 * cycle_ms)
        rig_fail(loader, "axes", axis, "reference.silent_ms",
                 "%.10g ms trip in normal running, expected at least 3 x cycle_ms = %.10g", silent_ms, 3 * cycle_ms);
}

/* When the sensor comes on, the reference may move at any speed that the drum has: the estimate is off by that speed
 * for as long as it smoothes. */
static void check_jump(const struct rig_loader *loader, int axis) {
    double jump_mm = 0, smoothing_ms = 0, payout_m_s = 0, takein_m_s = 0;
    if (!number(loader, axis, "reference.jump_mm", &jump_mm) ||
        !number(loader, axis, "reference.smoothing_ms", &smoothing_ms) ||
        !number(loader, axis, "modes.move.payout_speed_max_m_s", &payout_m_s) ||
        !number(loader, axis, "modes.move.takein_speed_max_m_s", &takein_m_s))
        return;
    const double least_mm = fmax(payout_m_s, takein_m_s) * smoothing_ms;
    if (jump_mm < least_mm)
        rig_fail(loader, "axes", axis, "reference.jump_mm",
                 "%.10g mm are less than the speed of a move times smoothing_ms, expected at least %.10g", jump_mm,
                 least_mm);
}

/* What a reading that is believed does to the drum is no reason to give up. */
static void check_error(const struct rig_loader *loader, int axis) {
    double error_mm = 0, jump_mm = 0;
    if (number(loader, axis, "reference.error_max_mm", &error_mm) &&
        number(loader, axis, "reference.jump_mm", &jump_mm) && error_mm < jump_mm)
        rig_fail(loader, "axes", axis, "reference.error_max_mm",
                 "%.10g mm are less than a reading that is believed may be off, expected at least jump_mm = %.10g",
                 error_mm, jump_mm);
}

void rig_check_reference(const struct rig_loader *loader, int axis) {
    if (!loader->raw->axes[axis].reference.present)
        return;
    if (loader->raw->axes[axis].carries_person || loader->raw->axes[axis].belay.present)
        rig_fail(loader, "axes", axis, "reference.device",
                 "a motion sensor on a line that carries a person, expected none: nobody is moved with a deck");
    check_range(loader, axis);
    check_way(loader, axis);
    check_silence(loader, axis);
    check_jump(loader, axis);
    check_error(loader, axis);
}
