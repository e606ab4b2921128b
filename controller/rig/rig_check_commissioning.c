/* What the values of commissioning must be to the axis's. */
#include "controller/rig/rig_check_parts.h"

static void check_test_load(const struct rig_loader *loader, int axis) {
    double percent = 0, mass_kg = 0, rated_n = 0;
    if (!rig_number_of(loader, "axes", axis, "commissioning.brake_test_percent", &percent) ||
        !rig_number_of(loader, "axes", axis, "load.rated_mass_kg", &mass_kg) ||
        !rig_number_of(loader, "axes", axis, "load.rated_dynamic_tension_n", &rated_n))
        return;
    const double test_n = percent / 100 * mass_kg * GRAVITY_M_S2;
    if (test_n > rated_n)
        rig_fail(loader, "axes", axis, "commissioning.brake_test_percent",
                 "a test load of %.4g N hurts the line, expected at most load.rated_dynamic_tension_n = %.4g N", test_n,
                 rated_n);
}

void rig_check_commissioning(const struct rig_loader *loader, int axis) {
    const struct raw_axis *const raw = &loader->raw->axes[axis];
    if (raw->carries_person && !raw->commissioning.present && rig_valid_of(loader, "axes", axis, "carries_person"))
        rig_fail(loader, "axes", axis, "commissioning",
                 "missing, expected it on a line that carries a person: see docs/commissioning.md");
    check_test_load(loader, axis);
}
