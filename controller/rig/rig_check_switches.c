/* What the limit switches of an axis must be: inputs of their own, one of each kind, places between the working range
 * and the ultimate one. */
#include <math.h>
#include <string.h>

#include "controller/rig/rig_check_parts.h"

#define KEY_MAX 48

/* Path of a key of a switch, inside its axis. */
static void key_of(char key[static KEY_MAX], int index, const char *member) {
    snprintf(key, KEY_MAX, "switches[%d].%s", index, member);
}

static bool taken(const struct rig_loader *loader, int axis, int index, const char *member) {
    char key[KEY_MAX];
    key_of(key, index, member);
    return rig_valid_of(loader, "axes", axis, key);
}

/* ---- inputs ---- */

static void check_input(const struct rig_loader *loader, int axis, int index) {
    const int io = loader->rig->axis[axis].limit_switch[index].io;
    const int contact = loader->raw->axes[axis].switches[index].contact;
    const struct profile *const profile = rig_profile_of(loader, io);
    char key[KEY_MAX];
    key_of(key, index, "io");
    if (profile != NULL && profile->kind != DEVICE_SAFETY_IO)
        rig_fail(loader, "axes", axis, key, "%s is a %s, expected a %s", loader->raw->devices[io].name,
                 profile_kind_name(profile->kind), profile_kind_name(DEVICE_SAFETY_IO));
    key_of(key, index, "contact");
    if (profile != NULL && profile->kind == DEVICE_SAFETY_IO && taken(loader, axis, index, "contact") &&
        contact > profile->io.contact_count)
        rig_fail(loader, "axes", axis, key, "%s has no contact %d, expected 1 to %d", profile->id, contact,
                 profile->io.contact_count);
}

/* Does a switch before this one have the same input? */
static void check_shared(const struct rig_loader *loader, int axis, int index) {
    const struct rig_switch *const mine = &loader->rig->axis[axis].limit_switch[index];
    char key[KEY_MAX];
    key_of(key, index, "contact");
    if (mine->io < 0 || !taken(loader, axis, index, "contact"))
        return;
    for (int other = 0; other <= axis; other++) {
        const int count = other < axis ? loader->raw->axes[other].switches_count : index;
        for (int i = 0; i < count; i++) {
            const struct rig_switch *const theirs = &loader->rig->axis[other].limit_switch[i];
            if (theirs->io == mine->io && theirs->contact == mine->contact && taken(loader, other, i, "contact"))
                rig_fail(loader, "axes", axis, key, "%d is wired to %s of %s already, expected one of its own",
                         mine->contact + 1, rig_switch_words[theirs->kind], loader->raw->axes[other].name);
        }
    }
}

/* ---- kinds ---- */

static int find_kind(const struct rig_loader *loader, int axis, int count, enum guard_switch kind) {
    for (int i = 0; i < count; i++)
        if (taken(loader, axis, i, "kind") && loader->raw->axes[axis].switches[i].kind == (int)kind)
            return i;
    return -1;
}

static void check_once(const struct rig_loader *loader, int axis, int index) {
    const enum guard_switch kind = loader->rig->axis[axis].limit_switch[index].kind;
    char key[KEY_MAX];
    key_of(key, index, "kind");
    if (find_kind(loader, axis, index, kind) >= 0)
        rig_fail(loader, "axes", axis, key, "%s stands here twice, expected one of each kind", rig_switch_words[kind]);
}

static void check_given(const struct rig_loader *loader, int axis, int index, const char *member, bool given) {
    const enum guard_switch kind = loader->rig->axis[axis].limit_switch[index].kind;
    const bool wanted = kind != GUARD_OVERWRAP;
    char key[KEY_MAX];
    key_of(key, index, member);
    if (wanted && !given)
        rig_fail(loader, "axes", axis, key, "missing, expected this key for %s", rig_switch_words[kind]);
    if (!wanted && given)
        rig_fail(loader, "axes", axis, key, "%s has no place, expected it to be left out", rig_switch_words[kind]);
}

/* ---- places ---- */

/* The side on which a switch opens: what it must lie beyond, and what it must not reach. */
struct side {
    bool out;
    const char *inner, *outer, *speed;
};

static struct side side_of(enum guard_switch kind) {
    if (kind == GUARD_END_TAKEIN || kind == GUARD_ULTIMATE_TAKEIN)
        return (struct side){false, "limits.position_min_m", "ultimate.position_min_m", "limits.takein_speed_max_m_s"};
    return (struct side){true, "limits.position_max_m", "ultimate.position_max_m", "limits.payout_speed_max_m_s"};
}

/* Closed in the whole working range and open before the ultimate one. */
static void check_place(const struct rig_loader *loader, int axis, int index) {
    const struct raw_switch *const raw = &loader->raw->axes[axis].switches[index];
    const struct side side = side_of((enum guard_switch)raw->kind);
    const double sign = side.out ? 1 : -1;
    char key[KEY_MAX];
    double inner = 0, outer = 0;
    key_of(key, index, "opens_at_m");
    if (rig_number_of(loader, "axes", axis, side.inner, &inner) &&
        sign * (raw->opens_at_m - inner) < raw->within_m * (1 - 1e-9))
        rig_fail(loader, "axes", axis, key,
                 "%.10g %s %.10g may open in the working range, expected at %s %.10g = %s %s within_m", raw->opens_at_m,
                 side.out ? "-" : "+", raw->within_m, side.out ? "least" : "most", inner + sign * raw->within_m,
                 side.inner, side.out ? "+" : "-");
    if (rig_number_of(loader, "axes", axis, side.outer, &outer) &&
        sign * (outer - raw->opens_at_m) < raw->within_m * (1 - 1e-9))
        rig_fail(loader, "axes", axis, key, "%.10g %s %.10g may open too late, expected at %s %.10g = %s %s within_m",
                 raw->opens_at_m, side.out ? "+" : "-", raw->within_m, side.out ? "most" : "least",
                 outer - sign * raw->within_m, side.outer, side.out ? "-" : "+");
}

/* Switch and encoder are read at different moments, and the drum moves in between. */
static void check_age(const struct rig_loader *loader, int axis, int index) {
    const struct raw_switch *const raw = &loader->raw->axes[axis].switches[index];
    const struct rig_axis *const built = &loader->rig->axis[axis];
    const struct side side = side_of((enum guard_switch)raw->kind);
    double speed_m_s = 0, io_ms = 0, encoder_ms = 0;
    char key[KEY_MAX];
    key_of(key, index, "within_m");
    if (built->encoder < 0 || built->limit_switch[index].io < 0 ||
        !rig_number_of(loader, "axes", axis, side.speed, &speed_m_s) ||
        !rig_number_of(loader, "devices", built->limit_switch[index].io, "stale_after_ms", &io_ms) ||
        !rig_number_of(loader, "devices", built->encoder, "stale_after_ms", &encoder_ms))
        return;
    const double age_ms = fmax(io_ms, encoder_ms);
    const double least_m = speed_m_s * age_ms / 1000;
    if (raw->within_m < least_m * (1 - 1e-9))
        rig_fail(loader, "axes", axis, key,
                 "%.10g m are less than the drum travels while a reading ages: %.4g m/s x %.0f ms (stale_after_ms), "
                 "expected at least %.4g",
                 raw->within_m, speed_m_s, age_ms, least_m);
}

/* The end switch stops before the ultimate one has to. */
static void check_order(const struct rig_loader *loader, int axis, enum guard_switch end, enum guard_switch ultimate) {
    const struct raw_axis *const raw = &loader->raw->axes[axis];
    const int first = find_kind(loader, axis, raw->switches_count, end);
    const int last = find_kind(loader, axis, raw->switches_count, ultimate);
    if (first < 0 || last < 0 || !taken(loader, axis, first, "opens_at_m") || !taken(loader, axis, last, "opens_at_m"))
        return;
    const double first_m = raw->switches[first].opens_at_m, last_m = raw->switches[last].opens_at_m;
    char key[KEY_MAX];
    key_of(key, last, "opens_at_m");
    if (side_of(end).out ? last_m <= first_m : last_m >= first_m)
        rig_fail(loader, "axes", axis, key, "%.10g does not lie beyond %s, expected %s than %.10g", last_m,
                 rig_switch_words[end], side_of(end).out ? "more" : "less", first_m);
}

void rig_check_switches(const struct rig_loader *loader, int axis) {
    if (!rig_valid_of(loader, "axes", axis, "switches"))
        return;
    for (int i = 0; i < loader->raw->axes[axis].switches_count; i++) {
        const struct raw_switch *const raw = &loader->raw->axes[axis].switches[i];
        check_input(loader, axis, i);
        check_shared(loader, axis, i);
        if (!taken(loader, axis, i, "kind"))
            continue;
        check_once(loader, axis, i);
        check_given(loader, axis, i, "opens_at_m", raw->has_opens_at);
        check_given(loader, axis, i, "within_m", raw->has_within);
        const bool placed = taken(loader, axis, i, "opens_at_m") && taken(loader, axis, i, "within_m");
        if (!placed || raw->kind == GUARD_OVERWRAP)
            continue;
        check_place(loader, axis, i);
        check_age(loader, axis, i);
    }
    check_order(loader, axis, GUARD_END_PAYOUT, GUARD_ULTIMATE_PAYOUT);
    check_order(loader, axis, GUARD_END_TAKEIN, GUARD_ULTIMATE_TAKEIN);
}
