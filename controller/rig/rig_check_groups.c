/* Groups: two axes at least, and each axis in one at most. */
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

void rig_check_groups(const struct rig_loader *loader) {
    for (int i = 0; i < loader->rig->group_count; i++) {
        if (!rig_valid_of(loader, "groups", i, "axes"))
            continue;
        if (count_of(loader->rig->group[i].axes) < 2)
            rig_fail(loader, "groups", i, "axes", "fewer than two axes, expected those that carry one thing together");
        check_apart(loader, i);
    }
}
