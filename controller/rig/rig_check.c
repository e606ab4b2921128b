/* What the values of a rig file must be to each other: devices and links here, axes in rig_check_*.c. */
#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "controller/rig/rig_check_parts.h"

/* Part of a cycle that the requests of one link may take, so that a slow reply is not a late one. */
#define BUS_SHARE_MAX 0.8

void rig_path_join(char path[static RIG_PATH_MAX], const char *list, int index, const char *key) {
    const int length = snprintf(path, RIG_PATH_MAX, "%s[%d].%s", list, index, key);
    assert(length > 0 && length < RIG_PATH_MAX);
}

bool rig_number_of(const struct rig_loader *loader, const char *list, int index, const char *key, double *value) {
    char path[RIG_PATH_MAX];
    rig_path_join(path, list, index, key);
    return yaml_find_number(loader->doc, path, value);
}

bool rig_valid_of(const struct rig_loader *loader, const char *list, int index, const char *key) {
    char path[RIG_PATH_MAX];
    rig_path_join(path, list, index, key);
    return yaml_find_valid(loader->doc, path);
}

void rig_fail(const struct rig_loader *loader, const char *list, int index, const char *key, const char *format, ...) {
    char path[RIG_PATH_MAX];
    char text[YAML_ERROR_TEXT_MAX];
    rig_path_join(path, list, index, key);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    yaml_error_at(loader->errors, loader->doc, path, "%s", text);
}

const struct profile *rig_profile_of(const struct rig_loader *loader, int device) {
    if (device < 0)
        return NULL;
    assert(device < loader->rig->device_count);
    const int profile = loader->rig->device[device].profile;
    return profile < 0 ? NULL : &loader->rig->profile[profile];
}

/* When the controller or the network dies, the I/O block's watchdog lets the brake close; until its pads hold, the load
 * hangs on the drive's torque. */
static void check_hold(const struct rig_loader *loader, int axis) {
    const int drive = loader->rig->axis[axis].drive, io = loader->rig->axis[axis].brake.io;
    double hold_ms = 0, loss_ms = 0, close_ms = 0;
    if (drive < 0 || io < 0 || !rig_number_of(loader, "devices", drive, "hold_ms_min", &hold_ms) ||
        !rig_number_of(loader, "devices", io, "comm_loss_ms_max", &loss_ms) ||
        !rig_number_of(loader, "axes", axis, "brake.close_ms_max", &close_ms) || hold_ms >= loss_ms + close_ms)
        return;
    rig_fail(loader, "devices", drive, "hold_ms_min",
             "%.0f ms let the load of %s go before its brake holds, expected at least comm_loss_ms_max of %s + "
             "brake.close_ms_max = %.0f + %.0f = %.0f",
             hold_ms, loader->raw->axes[axis].name, loader->raw->devices[io].name, loss_ms, close_ms,
             loss_ms + close_ms);
}

/* ---- devices ---- */

/* A key that devices of some kinds must have and no other may. */
static void check_key_of_kind(const struct rig_loader *loader, int device, const char *key, bool wanted, bool given) {
    const struct profile *const profile = rig_profile_of(loader, device);
    char path[RIG_PATH_MAX];
    rig_path_join(path, "devices", device, key);
    if (wanted && !given)
        yaml_error_at(loader->errors, loader->doc, path, "missing, expected this key for a %s",
                      profile_kind_name(profile->kind));
    if (!wanted && given)
        yaml_error_at(loader->errors, loader->doc, path, "a %s has no such time, expected it to be left out",
                      profile_kind_name(profile->kind));
}

static void check_watchdog(const struct rig_loader *loader, int device) {
    const struct profile *const profile = rig_profile_of(loader, device);
    const struct raw_device *const raw = &loader->raw->devices[device];
    if (profile == NULL)
        return;
    const bool is_drive = profile->kind == DEVICE_DRIVE;
    check_key_of_kind(loader, device, "comm_loss_ms_max", is_drive || profile->kind == DEVICE_SAFETY_IO,
                      raw->has_comm_loss);
    check_key_of_kind(loader, device, "hold_ms_min", is_drive, raw->has_hold);
    double loss_ms = 0;
    for (int i = 0; i < profile->check_count; i++) {
        const struct profile_check *const check = &profile->check[i];
        const int least_ms = check->min * check->comm_loss_ms_per_count;
        if (check->comm_loss_ms_per_count > 0 &&
            rig_number_of(loader, "devices", device, "comm_loss_ms_max", &loss_ms) && loss_ms < least_ms)
            rig_fail(loader, "devices", device, "comm_loss_ms_max",
                     "%.0f ms are less than %s can be set to, expected at "
                     "least %d",
                     loss_ms, profile->id, least_ms);
    }
}

/* Counts device `device` as used at `path` and reports a wrong kind or a second use. */
static void use(const struct rig_loader *loader, int device, enum device_kind kind, const char *path,
                const char *user[static RIG_DEVICES_MAX], const char *role) {
    if (device < 0)
        return; /* reported where the name was resolved */
    assert(device < RIG_DEVICES_MAX);
    const struct profile *const profile = rig_profile_of(loader, device);
    const char *const name = loader->raw->devices[(unsigned)device].name;
    if (profile != NULL && profile->kind != kind)
        yaml_error_at(loader->errors, loader->doc, path, "%s is a %s, expected a %s", name,
                      profile_kind_name(profile->kind), profile_kind_name(kind));
    if (user[device] != NULL && strcmp(user[device], role) == 0)
        yaml_error_at(loader->errors, loader->doc, path, "%s is used twice as %s, expected one of its own", name, role);
    user[device] = role;
}

/* A safety I/O block may read the switches of many axes, beside whatever else hangs on it. False when one is not
 * known. */
static bool use_for_switches(const struct rig_loader *loader, const char *user[static RIG_DEVICES_MAX]) {
    bool all_known = true;
    for (int i = 0; i < loader->raw->axes_count; i++) {
        for (int j = 0; j < loader->raw->axes[i].switches_count; j++) {
            const int io = loader->rig->axis[i].limit_switch[j].io;
            all_known = all_known && io >= 0;
            if (io >= 0 && user[io] == NULL)
                user[io] = "switch input";
        }
    }
    return all_known;
}

static void check_uses(const struct rig_loader *loader) {
    const char *user[RIG_DEVICES_MAX] = {NULL};
    const char *const estop = "E-stop input", *const brake = "brake output";
    bool all_known = loader->rig->safety.io >= 0;
    use(loader, loader->rig->safety.io, DEVICE_SAFETY_IO, "safety.io", user, estop);
    for (int i = 0; i < loader->raw->axes_count; i++) {
        const struct rig_axis *const axis = &loader->rig->axis[i];
        char path[RIG_PATH_MAX];
        rig_path_join(path, "axes", i, "drive");
        use(loader, axis->drive, DEVICE_DRIVE, path, user, "drive");
        rig_path_join(path, "axes", i, "load_cell");
        use(loader, axis->load_cell, DEVICE_LOAD_CELL, path, user, "load cell");
        rig_path_join(path, "axes", i, "encoder");
        use(loader, axis->encoder, DEVICE_ENCODER, path, user, "encoder");
        rig_path_join(path, "axes", i, "brake.io");
        use(loader, axis->brake.io, DEVICE_SAFETY_IO, path, user, brake);
        rig_path_join(path, "axes", i, "reference.device");
        if (axis->reference.present) {
            use(loader, axis->reference.device, DEVICE_MOTION_SENSOR, path, user, "motion sensor");
            all_known = all_known && axis->reference.device >= 0;
        }
        all_known = all_known && axis->drive >= 0 && axis->load_cell >= 0 && axis->encoder >= 0 && axis->brake.io >= 0;
    }
    all_known = use_for_switches(loader, user) && all_known;
    if (!all_known || !yaml_find_valid(loader->doc, "axes"))
        return; /* a name that leads nowhere may have meant any device */
    for (int i = 0; i < loader->raw->devices_count; i++) {
        if (user[i] == NULL && rig_valid_of(loader, "devices", i, "name"))
            rig_fail(loader, "devices", i, "name", "no axis uses %s, expected every device to be used",
                     loader->raw->devices[i].name);
    }
}

/* Simulated and real devices in one rig would let a rehearsal move a real winch, or a real show trust a simulated
 * brake. */
static void check_rehearsal(const struct rig_loader *loader) {
    int first = -1;
    for (int i = 0; i < loader->raw->devices_count; i++) {
        const struct profile *const profile = rig_profile_of(loader, i);
        if (profile == NULL)
            continue;
        if (first < 0)
            first = i;
        const bool simulated = rig_profile_of(loader, first)->simulated;
        if (profile->simulated != simulated)
            rig_fail(loader, "devices", i, "profile", "%s is %s but %s is %s, expected all simulated or all real",
                     profile->id, profile->simulated ? "simulated" : "real", loader->raw->devices[first].profile,
                     simulated ? "simulated" : "real");
    }
}

static void check_units(const struct rig_loader *loader) {
    for (int i = 0; i < loader->raw->devices_count; i++) {
        for (int j = 0; j < i; j++) {
            const int link = loader->rig->device[i].link;
            if (link < 0 || link != loader->rig->device[j].link || !rig_valid_of(loader, "devices", i, "unit") ||
                !rig_valid_of(loader, "devices", j, "unit") ||
                loader->raw->devices[i].unit != loader->raw->devices[j].unit)
                continue;
            rig_fail(loader, "devices", i, "unit", "%d is the unit of %s on this link already, expected one of its own",
                     loader->raw->devices[i].unit, loader->raw->devices[j].name);
        }
    }
}

/* ---- links ---- */

static void check_staleness(const struct rig_loader *loader, int device) {
    const int link = loader->rig->device[device].link;
    double stale_ms = 0, timeout_ms = 0, cycle_ms = 0;
    if (!rig_number_of(loader, "devices", device, "stale_after_ms", &stale_ms))
        return;
    if (yaml_find_number(loader->doc, "cycle_ms", &cycle_ms) && stale_ms < 2 * cycle_ms)
        rig_fail(loader, "devices", device, "stale_after_ms",
                 "%.0f ms trip in normal running, expected at least 2 x cycle_ms = %.0f", stale_ms, 2 * cycle_ms);
    if (link >= 0 && rig_number_of(loader, "links", link, "response_timeout_ms", &timeout_ms) && timeout_ms > stale_ms)
        rig_fail(loader, "links", link, "response_timeout_ms",
                 "%.0f ms outlast the %.0f ms of %s, expected at most its stale_after_ms", timeout_ms, stale_ms,
                 loader->raw->devices[device].name);
    const struct profile *const profile = rig_profile_of(loader, device);
    if (link >= 0 && profile != NULL && rig_number_of(loader, "links", link, "response_timeout_ms", &timeout_ms) &&
        timeout_ms < profile->reply_typical_ms)
        rig_fail(loader, "links", link, "response_timeout_ms",
                 "%.0f ms are less than a reply of %s takes, expected at least %.4g", timeout_ms,
                 loader->raw->devices[device].name, profile->reply_typical_ms);
}

/* One link asks its devices one after the other: their reply times add up. Beside them it reads one setting again. */
static void check_bus_time(const struct rig_loader *loader, int link) {
    double cycle_ms = 0, needed_ms = 0, setting_ms = 0;
    int count = 0;
    bool all_known = yaml_find_valid(loader->doc, "devices");
    char sum[128] = "";
    for (int i = 0; i < loader->raw->devices_count; i++) {
        const struct profile *const profile = rig_profile_of(loader, i);
        all_known = all_known && loader->rig->device[i].link >= 0;
        if (loader->rig->device[i].link != link)
            continue;
        count++;
        if (profile == NULL)
            continue;
        const size_t used = strlen(sum);
        snprintf(sum + used, sizeof sum - used, "%s%.4g", used == 0 ? "" : " + ", profile->reply_typical_ms);
        needed_ms += profile->reply_typical_ms;
        if (profile->check_count > 0)
            setting_ms = fmax(setting_ms, profile->reply_typical_ms);
    }
    if (count == 0 && all_known)
        rig_fail(loader, "links", link, "name", "no device is on this link, expected at least one");
    needed_ms += setting_ms;
    if (yaml_find_number(loader->doc, "cycle_ms", &cycle_ms) && needed_ms > BUS_SHARE_MAX * cycle_ms)
        rig_fail(loader, "links", link, "name",
                 "the requests of a cycle take %s + %.4g (one setting) = %.4g ms, expected at most %.4g (80 %% of "
                 "cycle_ms)",
                 sum, setting_ms, needed_ms, BUS_SHARE_MAX * cycle_ms);
}

static void check_link_addresses(const struct rig_loader *loader) {
    for (int i = 0; i < loader->raw->links_count; i++) {
        for (int j = 0; j < i; j++) {
            if (!rig_valid_of(loader, "links", i, "host") || !rig_valid_of(loader, "links", i, "port") ||
                strcmp(loader->raw->links[i].host, loader->raw->links[j].host) != 0 ||
                loader->raw->links[i].port != loader->raw->links[j].port)
                continue;
            rig_fail(loader, "links", i, "port", "%s:%d is the address of link %s already, expected one of its own",
                     loader->raw->links[i].host, loader->raw->links[i].port, loader->raw->links[j].name);
        }
    }
}

/* A show runs at full speed: somebody has seen that before. */
static void check_ladder(const struct rig_loader *loader) {
    const struct yaml_rising *const ladder = &loader->raw->ladder_percent;
    if (yaml_find_valid(loader->doc, "ladder_percent") && ladder->value[ladder->count - 1] != 100)
        yaml_error_at(loader->errors, loader->doc, "ladder_percent",
                      "ends at %d, expected 100 as the last rung (a show runs at full speed)",
                      ladder->value[ladder->count - 1]);
}

void rig_check(const struct rig_loader *loader) {
    assert(loader != NULL && loader->doc != NULL && loader->raw != NULL && loader->rig != NULL);
    check_ladder(loader);
    check_link_addresses(loader);
    check_units(loader);
    for (int i = 0; i < loader->raw->devices_count; i++)
        check_staleness(loader, i);
    for (int i = 0; i < loader->raw->devices_count; i++)
        check_watchdog(loader, i);
    for (int i = 0; i < loader->raw->links_count; i++)
        check_bus_time(loader, i);
    check_uses(loader);
    check_rehearsal(loader);
    rig_check_stops(loader);
    rig_check_stations(loader);
    rig_check_groups(loader);
    rig_check_points(loader);
    for (int i = 0; i < loader->raw->axes_count; i++) {
        rig_check_axis(loader, i);
        rig_check_physics(loader, i);
        rig_check_winding(loader, i);
        rig_check_switches(loader, i);
        rig_check_reference(loader, i);
        check_hold(loader, i);
    }
}
