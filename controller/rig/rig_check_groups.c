/* Groups: two axes at least, each axis in one at most, and none that belays. */
#include "controller/rig/rig_check_parts.h"

static int count_of(uint32_t axes) {
    int count = 0;
    for (; axes != 0; axes >>= 1)
        count += (int)(axes & 1);
    return count;
}

static void check_apart(const struct rig_loader *loader, int group) {
    const struct rig *const rig = loader->rig;
    for (int i = 0; i < group; i++)
        if ((rig->group[i].axes & rig->group[group].axes) != 0)
            rig_fail(loader, "groups", group, "axes",
                     "one of them is in group %s already, expected each axis in one group at most", rig->group[i].name);
}

/* The rope of a belaying line follows its climber, and how far it goes is his to say. */
static void check_belays(const struct rig_loader *loader, int group) {
    const struct rig *const rig = loader->rig;
    for (int i = 0; i < rig->axis_count; i++)
        if ((rig->group[group].axes >> i & 1) != 0 && loader->raw->axes[i].belay.present)
            rig_fail(loader, "groups", group, "axes",
                     "%s has a belay section, expected axes that belay nobody: a belaying line follows its climber, "
                     "and would get ahead of the others with him",
                     rig->axis[i].name);
}

void rig_check_groups(const struct rig_loader *loader) {
    for (int i = 0; i < loader->rig->group_count; i++) {
        if (!rig_valid_of(loader, "groups", i, "axes"))
            continue;
        if (count_of(loader->rig->group[i].axes) < 2)
            rig_fail(loader, "groups", i, "axes", "fewer than two axes, expected those that carry one thing together");
        check_apart(loader, i);
        check_belays(loader, i);
    }
}
