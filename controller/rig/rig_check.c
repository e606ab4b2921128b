/* What the values of a rig file must be to each other. */
#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "controller/rig/rig_schema.h"

#define PATH_MAX_BYTES 96
#define GRAVITY_M_S2 9.80665
/* Part of a cycle that the requests of one link may take, so that a slow reply is not a late one. */
#define BUS_SHARE_MAX 0.8
#define ROUNDING 1e-9 /* relative: 0.6 x 250 must not refuse 150 */

/* `low` must be at most (or, when strict, below) `factor` x `high`; all values of one axis. */
static const struct order_rule {
    const char *low, *high;
    double factor;
    bool strict;
    const char *why;
} order_rules[] = {
    {"limits.position_min_m", "limits.position_max_m", 1, true, "the range must have a length"},
    {"limits.jog_speed_max_m_s", "limits.payout_speed_max_m_s", 1, false, "a jog keeps inside the axis's speeds"},
    {"limits.jog_speed_max_m_s", "limits.takein_speed_max_m_s", 1, false, "a jog keeps inside the axis's speeds"},
    {"limits.jog_acceleration_m_s2", "limits.acceleration_max_m_s2", 1, false, "a jog keeps inside the acceleration"},
    {"limits.acceleration_max_m_s2", "limits.stop_deceleration_m_s2", 1, false, "a stop must beat every motion"},
    {"limits.payout_speed_max_m_s", "limits.overspeed_m_s", 1, true, "a permitted speed must not trip"},
    {"limits.takein_speed_max_m_s", "limits.overspeed_m_s", 1, true, "a permitted speed must not trip"},
    {"limits.standstill_speed_m_s", "limits.jog_speed_max_m_s", 1, true, "a jog is motion"},
    {"belay.slack_n", "belay.band_min_n", 1, true, "the band must not count as slack"},
    {"belay.band_min_n", "belay.tension_n", 1, true, "the reference lies inside the band"},
    {"belay.tension_n", "belay.band_max_n", 1, true, "the reference lies inside the band"},
    {"belay.band_max_n", "belay.weight_on_line_n", 0.6, false, "normal excursions must not lock the line"},
    {"belay.weight_on_line_n", "belay.person_mass_kg", 0.4 * GRAVITY_M_S2, false,
     "0.4 of the person's weight: somebody hanging still must never be lowered"},
    {"belay.weight_on_line_n", "limits.tension_max_n", 1, true, "the line locks long before the tension trips"},
    {"belay.payout_speed_max_m_s", "limits.payout_speed_max_m_s", 1, false, "belaying keeps inside the axis's speeds"},
    {"belay.takein_speed_max_m_s", "limits.takein_speed_max_m_s", 1, false, "belaying keeps inside the axis's speeds"},
    {"belay.slack_takein_speed_max_m_s", "belay.takein_speed_max_m_s", 1, false,
     "slack is taken in no faster than rope"},
    {"belay.restart_speed_max_m_s", "belay.takein_speed_max_m_s", 1, false, "a restart is no faster than belaying"},
    {"belay.lowering_speed_max_m_s", "limits.payout_speed_max_m_s", 1, false,
     "lowering keeps inside the axis's speeds"},
    {"belay.payout_speed_max_m_s", "belay.fall_speed_m_s", 1, true, "following a climber is not a fall"},
    {"belay.acceleration_m_s2", "limits.acceleration_max_m_s2", 1, false, "belaying keeps inside the acceleration"},
    {"belay.catch_deceleration_m_s2", "limits.stop_deceleration_m_s2", 1, false,
     "a stop never brakes less than a catch"},
};

static void join(char path[static PATH_MAX_BYTES], const char *list, int index, const char *key) {
    const int length = snprintf(path, PATH_MAX_BYTES, "%s[%d].%s", list, index, key);
    assert(length > 0 && length < PATH_MAX_BYTES);
}

/* The number at list[index].key, when it was taken. */
static bool number_of(const struct rig_loader *loader, const char *list, int index, const char *key, double *value) {
    char path[PATH_MAX_BYTES];
    join(path, list, index, key);
    return yaml_find_number(loader->doc, path, value);
}

static bool valid_of(const struct rig_loader *loader, const char *list, int index, const char *key) {
    char path[PATH_MAX_BYTES];
    join(path, list, index, key);
    return yaml_find_valid(loader->doc, path);
}

__attribute__((format(printf, 5, 6))) static void fail(const struct rig_loader *loader, const char *list, int index,
                                                       const char *key, const char *format, ...) {
    char path[PATH_MAX_BYTES];
    char text[YAML_ERROR_TEXT_MAX];
    join(path, list, index, key);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    yaml_error_at(loader->errors, loader->doc, path, "%s", text);
}

/* Profile of a device, or NULL when the device or its profile is not known. */
static const struct profile *profile_of(const struct rig_loader *loader, int device) {
    if (device < 0)
        return NULL;
    assert(device < loader->rig->device_count);
    const int profile = loader->rig->device[device].profile;
    return profile < 0 ? NULL : &loader->rig->profile[profile];
}

/* ---- one axis ---- */

static void check_orders(const struct rig_loader *loader, int axis) {
    for (size_t i = 0; i < sizeof order_rules / sizeof order_rules[0]; i++) {
        const struct order_rule *const rule = &order_rules[i];
        double low = 0, high = 0;
        if (!number_of(loader, "axes", axis, rule->low, &low) || !number_of(loader, "axes", axis, rule->high, &high))
            continue;
        const double most = rule->factor * high;
        if (rule->strict ? low < most : low <= most + fabs(most) * ROUNDING)
            continue;
        char factor[32] = "";
        if (rule->factor != 1)
            snprintf(factor, sizeof factor, "%.4g x ", rule->factor);
        fail(loader, "axes", axis, rule->low, "%.10g is too much, expected %s %.4g = %s%s (%s)", low,
             rule->strict ? "less than" : "at most", most, factor, rule->high, rule->why);
    }
}

/* The controller remembers so many setpoints; a window cut short would trip earlier than the rig says. */
static void check_following(const struct rig_loader *loader, int axis, double cycle_ms) {
    double following_ms = 0;
    if (number_of(loader, "axes", axis, "limits.following_error_ms", &following_ms) &&
        following_ms > RIG_FOLLOWING_CYCLES_MAX * cycle_ms)
        fail(loader, "axes", axis, "limits.following_error_ms",
             "%.0f ms are too long, expected at most %.0f (%d x cycle_ms)", following_ms,
             RIG_FOLLOWING_CYCLES_MAX * cycle_ms, RIG_FOLLOWING_CYCLES_MAX);
}

static void check_times(const struct rig_loader *loader, int axis) {
    double payout = 0, takein = 0, deceleration = 0, stop_ms = 0, cycle_ms = 0, reaction_ms = 0, drive_lag_ms = 0;
    if (number_of(loader, "axes", axis, "limits.payout_speed_max_m_s", &payout) &&
        number_of(loader, "axes", axis, "limits.takein_speed_max_m_s", &takein) &&
        number_of(loader, "axes", axis, "limits.stop_deceleration_m_s2", &deceleration) &&
        number_of(loader, "axes", axis, "limits.stop_time_max_ms", &stop_ms)) {
        const double needed_ms = 1000 * fmax(payout, takein) / deceleration;
        if (needed_ms > stop_ms)
            fail(loader, "axes", axis, "limits.stop_time_max_ms",
                 "a stop from full speed takes %.0f ms, expected at least that (speed / limits.stop_deceleration_m_s2)",
                 ceil(needed_ms));
    }
    if (!yaml_find_number(loader->doc, "cycle_ms", &cycle_ms))
        return;
    check_following(loader, axis, cycle_ms);
    if (!number_of(loader, "axes", axis, "belay.drive_lag_ms", &drive_lag_ms))
        drive_lag_ms = 0;
    if (number_of(loader, "axes", axis, "limits.reaction_ms", &reaction_ms) && reaction_ms < cycle_ms + drive_lag_ms)
        fail(loader, "axes", axis, "limits.reaction_ms",
             "%.0f ms are too few, expected at least %.0f (cycle_ms + drive lag)", reaction_ms,
             ceil(cycle_ms + drive_lag_ms));
}

static void check_person(const struct rig_loader *loader, int axis) {
    const struct raw_axis *const raw = &loader->raw->axes[axis];
    if (!valid_of(loader, "axes", axis, "carries_person"))
        return;
    const struct profile *const drive = profile_of(loader, loader->rig->axis[axis].drive);
    if (raw->belay.present && !raw->carries_person)
        fail(loader, "axes", axis, "carries_person",
             "false beside a belay section, expected true: belaying holds a person");
    if (raw->carries_person && drive != NULL && drive->kind == DEVICE_DRIVE && !drive->holds_zero_speed_with_torque)
        fail(loader, "axes", axis, "drive",
             "profile %s does not hold a load at speed 0, expected a drive that does for a person", drive->id);
}

/* When the controller or the network dies, the I/O block's watchdog lets the brake close; until its pads hold, the load
 * hangs on the drive's torque. */
static void check_hold(const struct rig_loader *loader, int axis) {
    const int drive = loader->rig->axis[axis].drive, io = loader->rig->axis[axis].brake.io;
    double hold_ms = 0, loss_ms = 0, close_ms = 0;
    if (drive < 0 || io < 0 || !number_of(loader, "devices", drive, "hold_ms_min", &hold_ms) ||
        !number_of(loader, "devices", io, "comm_loss_ms_max", &loss_ms) ||
        !number_of(loader, "axes", axis, "brake.close_ms_max", &close_ms) || hold_ms >= loss_ms + close_ms)
        return;
    fail(loader, "devices", drive, "hold_ms_min",
         "%.0f ms let the load of %s go before its brake holds, expected at least comm_loss_ms_max of %s + "
         "brake.close_ms_max = %.0f + %.0f = %.0f",
         hold_ms, loader->raw->axes[axis].name, loader->raw->devices[io].name, loss_ms, close_ms, loss_ms + close_ms);
}

/* ---- devices ---- */

/* A key that devices of some kinds must have and no other may. */
static void check_key_of_kind(const struct rig_loader *loader, int device, const char *key, bool wanted, bool given) {
    const struct profile *const profile = profile_of(loader, device);
    char path[PATH_MAX_BYTES];
    join(path, "devices", device, key);
    if (wanted && !given)
        yaml_error_at(loader->errors, loader->doc, path, "missing, expected this key for a %s",
                      profile_kind_name(profile->kind));
    if (!wanted && given)
        yaml_error_at(loader->errors, loader->doc, path, "a %s has no such time, expected it to be left out",
                      profile_kind_name(profile->kind));
}

static void check_watchdog(const struct rig_loader *loader, int device) {
    const struct profile *const profile = profile_of(loader, device);
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
        if (check->comm_loss_ms_per_count > 0 && number_of(loader, "devices", device, "comm_loss_ms_max", &loss_ms) &&
            loss_ms < least_ms)
            fail(loader, "devices", device, "comm_loss_ms_max", "%.0f ms are less than %s can be set to, expected at "
                 "least %d", loss_ms, profile->id, least_ms);
    }
}

/* Counts device `device` as used at `path` and reports a wrong kind or a second use. */
static void use(const struct rig_loader *loader, int device, enum device_kind kind, const char *path,
                const char *user[static RIG_DEVICES_MAX], const char *role) {
    if (device < 0)
        return; /* reported where the name was resolved */
    assert(device < RIG_DEVICES_MAX);
    const struct profile *const profile = profile_of(loader, device);
    const char *const name = loader->raw->devices[(unsigned)device].name;
    if (profile != NULL && profile->kind != kind)
        yaml_error_at(loader->errors, loader->doc, path, "%s is a %s, expected a %s", name,
                      profile_kind_name(profile->kind), profile_kind_name(kind));
    if (user[device] != NULL && strcmp(user[device], role) == 0)
        yaml_error_at(loader->errors, loader->doc, path, "%s is used twice as %s, expected one of its own", name, role);
    user[device] = role;
}

static void check_uses(const struct rig_loader *loader) {
    const char *user[RIG_DEVICES_MAX] = {NULL};
    const char *const estop = "E-stop input", *const brake = "brake output";
    bool all_known = loader->rig->safety.io >= 0;
    use(loader, loader->rig->safety.io, DEVICE_SAFETY_IO, "safety.io", user, estop);
    for (int i = 0; i < loader->raw->axes_count; i++) {
        const struct rig_axis *const axis = &loader->rig->axis[i];
        char path[PATH_MAX_BYTES];
        join(path, "axes", i, "drive");
        use(loader, axis->drive, DEVICE_DRIVE, path, user, "drive");
        join(path, "axes", i, "load_cell");
        use(loader, axis->load_cell, DEVICE_LOAD_CELL, path, user, "load cell");
        join(path, "axes", i, "encoder");
        use(loader, axis->encoder, DEVICE_ENCODER, path, user, "encoder");
        join(path, "axes", i, "brake.io");
        use(loader, axis->brake.io, DEVICE_SAFETY_IO, path, user, brake);
        all_known = all_known && axis->drive >= 0 && axis->load_cell >= 0 && axis->encoder >= 0 && axis->brake.io >= 0;
    }
    if (!all_known || !yaml_find_valid(loader->doc, "axes"))
        return; /* a name that leads nowhere may have meant any device */
    for (int i = 0; i < loader->raw->devices_count; i++) {
        if (user[i] == NULL && valid_of(loader, "devices", i, "name"))
            fail(loader, "devices", i, "name", "no axis uses %s, expected every device to be used",
                 loader->raw->devices[i].name);
    }
}

/* Simulated and real devices in one rig would let a rehearsal move a real winch, or a real show trust a simulated
 * brake. */
static void check_rehearsal(const struct rig_loader *loader) {
    int first = -1;
    for (int i = 0; i < loader->raw->devices_count; i++) {
        const struct profile *const profile = profile_of(loader, i);
        if (profile == NULL)
            continue;
        if (first < 0)
            first = i;
        const bool simulated = profile_of(loader, first)->simulated;
        if (profile->simulated != simulated)
            fail(loader, "devices", i, "profile", "%s is %s but %s is %s, expected all simulated or all real",
                 profile->id, profile->simulated ? "simulated" : "real", loader->raw->devices[first].profile,
                 simulated ? "simulated" : "real");
    }
}

static void check_units(const struct rig_loader *loader) {
    for (int i = 0; i < loader->raw->devices_count; i++) {
        for (int j = 0; j < i; j++) {
            const int link = loader->rig->device[i].link;
            if (link < 0 || link != loader->rig->device[j].link || !valid_of(loader, "devices", i, "unit") ||
                !valid_of(loader, "devices", j, "unit") || loader->raw->devices[i].unit != loader->raw->devices[j].unit)
                continue;
            fail(loader, "devices", i, "unit", "%d is the unit of %s on this link already, expected one of its own",
                 loader->raw->devices[i].unit, loader->raw->devices[j].name);
        }
    }
}

/* ---- links ---- */

static void check_staleness(const struct rig_loader *loader, int device) {
    const int link = loader->rig->device[device].link;
    double stale_ms = 0, timeout_ms = 0, cycle_ms = 0;
    if (!number_of(loader, "devices", device, "stale_after_ms", &stale_ms))
        return;
    if (yaml_find_number(loader->doc, "cycle_ms", &cycle_ms) && stale_ms < 2 * cycle_ms)
        fail(loader, "devices", device, "stale_after_ms",
             "%.0f ms trip in normal running, expected at least 2 x cycle_ms = %.0f", stale_ms, 2 * cycle_ms);
    if (link >= 0 && number_of(loader, "links", link, "response_timeout_ms", &timeout_ms) && timeout_ms > stale_ms)
        fail(loader, "links", link, "response_timeout_ms",
             "%.0f ms outlast the %.0f ms of %s, expected at most its stale_after_ms", timeout_ms, stale_ms,
             loader->raw->devices[device].name);
    const struct profile *const profile = profile_of(loader, device);
    if (link >= 0 && profile != NULL && number_of(loader, "links", link, "response_timeout_ms", &timeout_ms) &&
        timeout_ms < profile->reply_typical_ms)
        fail(loader, "links", link, "response_timeout_ms",
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
        const struct profile *const profile = profile_of(loader, i);
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
        fail(loader, "links", link, "name", "no device is on this link, expected at least one");
    needed_ms += setting_ms;
    if (yaml_find_number(loader->doc, "cycle_ms", &cycle_ms) && needed_ms > BUS_SHARE_MAX * cycle_ms)
        fail(loader, "links", link, "name",
             "the requests of a cycle take %s + %.4g (one setting) = %.4g ms, expected at most %.4g (80 %% of "
             "cycle_ms)",
             sum, setting_ms, needed_ms, BUS_SHARE_MAX * cycle_ms);
}

static void check_link_addresses(const struct rig_loader *loader) {
    for (int i = 0; i < loader->raw->links_count; i++) {
        for (int j = 0; j < i; j++) {
            if (!valid_of(loader, "links", i, "host") || !valid_of(loader, "links", i, "port") ||
                strcmp(loader->raw->links[i].host, loader->raw->links[j].host) != 0 ||
                loader->raw->links[i].port != loader->raw->links[j].port)
                continue;
            fail(loader, "links", i, "port", "%s:%d is the address of link %s already, expected one of its own",
                 loader->raw->links[i].host, loader->raw->links[i].port, loader->raw->links[j].name);
        }
    }
}

void rig_check(const struct rig_loader *loader) {
    assert(loader != NULL && loader->doc != NULL && loader->raw != NULL && loader->rig != NULL);
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
    for (int i = 0; i < loader->raw->axes_count; i++) {
        check_orders(loader, i);
        check_times(loader, i);
        check_person(loader, i);
        check_hold(loader, i);
    }
}

void rig_rules_print(FILE *out) {
    assert(out != NULL);
    fputs("| value | | | because |\n|---|---|---|---|\n", out);
    for (size_t i = 0; i < sizeof order_rules / sizeof order_rules[0]; i++) {
        const struct order_rule *const rule = &order_rules[i];
        char factor[32] = "";
        if (rule->factor != 1)
            snprintf(factor, sizeof factor, "%.4g x ", rule->factor);
        fprintf(out, "| `%s` | %s | %s`%s` | %s |\n", rule->low, rule->strict ? "less than" : "at most", factor,
                rule->high, rule->why);
    }
}
