/* Loads a rig file and its profiles: reads, resolves names to indices, checks, converts. */
#include "controller/rig/rig.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controller/rig/rig_schema.h"

#define PATH_MAX_BYTES 96
#define FILE_MAX_BYTES 4096

/* ---- names ---- */

/* Index of `name` among `count` names that stand `stride` bytes apart, or -1. */
static int find_name(const char *name, const void *names, int count, size_t stride) {
    for (int i = 0; i < count; i++) {
        if (strcmp((const char *)names + (size_t)i * stride, name) == 0)
            return i;
    }
    return -1;
}

static void list_names(const void *names, int count, size_t stride, char *text, size_t size) {
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i == 0 ? "" : ", ",
                                 (const char *)names + (size_t)i * stride);
}

/* Index of what the value at `path` calls by name, or -1 with an error. */
static int resolve(const struct rig_loader *loader, const char *path, const char *name, const char *what,
                   const void *names, int count, size_t stride) {
    if (!yaml_find_valid(loader->doc, path))
        return -1;
    const int index = find_name(name, names, count, stride);
    if (index < 0) {
        char known[160];
        list_names(names, count, stride, known, sizeof known);
        yaml_error_at(loader->errors, loader->doc, path, "no %s is called %s, expected one of %s", what, name, known);
    }
    return index;
}

static int resolve_device(const struct rig_loader *loader, const char *path, const char *name) {
    const struct raw_rig *const raw = loader->raw;
    return resolve(loader, path, name, "device", raw->devices, raw->devices_count, sizeof raw->devices[0]);
}

static void check_unique(const struct rig_loader *loader, const char *list, const void *names, int count,
                         size_t stride) {
    for (int i = 0; i < count; i++) {
        const char *const name = (const char *)names + (size_t)i * stride;
        char path[PATH_MAX_BYTES];
        snprintf(path, sizeof path, "%s[%d].name", list, i);
        const int first = find_name(name, names, i, stride);
        if (first >= 0 && yaml_find_valid(loader->doc, path))
            yaml_error_at(loader->errors, loader->doc, path,
                          "%s is the name of %s[%d] already, expected one of its own", name, list, first);
    }
}

/* ---- profiles ---- */

/* Index of the profile called `name`, loaded on first use; -1 with errors. */
static int load_profile(const struct rig_loader *loader, const char *path, const char *name, const char *profile_dir) {
    struct rig *const rig = loader->rig;
    const int known = find_name(name, rig->profile, rig->profile_count, sizeof rig->profile[0]);
    if (known >= 0)
        return known;
    char file[FILE_MAX_BYTES];
    if (snprintf(file, sizeof file, "%s/%s.yaml", profile_dir, name) >= (int)sizeof file || access(file, F_OK) != 0) {
        yaml_error_at(loader->errors, loader->doc, path, "no profile %s.yaml in %s, expected the name of a file there",
                      name, profile_dir);
        return -1;
    }
    assert(rig->profile_count < RIG_DEVICES_MAX); /* at most one for each device */
    struct profile *const profile = &rig->profile[rig->profile_count];
    if (profile_load(file, profile, loader->errors) != 0)
        return -1;
    if (strcmp(profile->id, name) != 0) {
        yaml_error_at(loader->errors, loader->doc, path, "file %s calls itself %s, expected the same name", file,
                      profile->id);
        return -1;
    }
    return rig->profile_count++;
}

/* A broken profile is reported once, not for each device that uses it. */
static bool tried_before(const struct raw_rig *raw, int device) {
    for (int i = 0; i < device; i++) {
        if (strcmp(raw->devices[i].profile, raw->devices[device].profile) == 0)
            return true;
    }
    return false;
}

/* ---- building ---- */

static void build_links(const struct rig_loader *loader) {
    const struct raw_rig *const raw = loader->raw;
    loader->rig->link_count = raw->links_count;
    for (int i = 0; i < raw->links_count; i++) {
        const struct raw_link *const from = &raw->links[i];
        struct rig_link *const to = &loader->rig->link[i];
        char path[PATH_MAX_BYTES];
        snprintf(path, sizeof path, "links[%d].host", i);
        struct in_addr address;
        if (yaml_find_valid(loader->doc, path) &&
            (inet_pton(AF_INET, from->host, &address) != 1 || address.s_addr == 0))
            yaml_error_at(loader->errors, loader->doc, path,
                          "%s is not an address, expected a numeric IPv4 address like 192.168.1.10", from->host);
        memcpy(to->name, from->name, sizeof to->name);
        memcpy(to->host, from->host, sizeof to->host);
        to->port = (uint16_t)from->port;
        to->connect_timeout_ms = from->connect_timeout_ms;
        to->response_timeout_ms = from->response_timeout_ms;
    }
    check_unique(loader, "links", raw->links, raw->links_count, sizeof raw->links[0]);
}

static void build_devices(const struct rig_loader *loader, const char *profile_dir) {
    const struct raw_rig *const raw = loader->raw;
    loader->rig->device_count = raw->devices_count;
    for (int i = 0; i < raw->devices_count; i++) {
        const struct raw_device *const from = &raw->devices[i];
        struct rig_device *const to = &loader->rig->device[i];
        char path[PATH_MAX_BYTES];
        memcpy(to->name, from->name, sizeof to->name);
        to->unit = (uint8_t)from->unit;
        to->stale_after_ms = from->stale_after_ms;
        to->comm_loss_ms_max = from->comm_loss_ms_max;
        to->hold_ms_min = from->hold_ms_min;
        snprintf(path, sizeof path, "devices[%d].link", i);
        to->link = resolve(loader, path, from->link, "link", raw->links, raw->links_count, sizeof raw->links[0]);
        snprintf(path, sizeof path, "devices[%d].profile", i);
        to->profile =
            find_name(from->profile, loader->rig->profile, loader->rig->profile_count, sizeof(struct profile));
        if (to->profile < 0 && yaml_find_valid(loader->doc, path) && !tried_before(raw, i))
            to->profile = load_profile(loader, path, from->profile, profile_dir);
    }
    check_unique(loader, "devices", raw->devices, raw->devices_count, sizeof raw->devices[0]);
}

static void build_drum(const struct raw_drum *from, struct rig_drum *to) {
    *to = (struct rig_drum){
        .circumference_m = from->circumference_m,
        .gear_ratio = from->gear_ratio,
        .motor_sign = from->motor_sign == SIGN_PLUS ? 1 : -1,
        .encoder_steps_per_turn = from->encoder_steps_per_turn,
        .encoder_sign = from->encoder_sign == SIGN_PLUS ? 1 : -1,
        .encoder_zero_steps = from->encoder_zero_steps,
        .encoder_absolute = from->encoder_absolute,
    };
}

/* Values that were not taken make no drum: the load fails by them. */
static void build_layers(const struct raw_axis *from, struct rig_drum *to) {
    const struct rig_winding *const rope = &from->winding;
    const struct winding drum = winding_around(from->drum.circumference_m, rope->layers.diameter_m,
                                               rope->turns_per_layer, rope->layers.nesting, rope->layers.count);
    if (!rope->layers.present || !winding_can_be(&drum))
        return;
    to->winding = drum;
    to->rope_m = rope->rope_m;
    to->turns = winding_turns(&drum, rope->rope_m);
}

static void build_values(const struct raw_axis *from, struct rig_axis *to) {
    to->hardwired = from->hardwired;
    to->drive_stop = from->drive_stop;
    to->limits = from->limits;
    to->ultimate = from->ultimate;
    to->modes = from->modes;
    to->band_count = from->bands_count;
    memcpy(to->band, from->bands, sizeof to->band);
    to->load = from->load;
    to->landing = from->landing;
    to->rope = from->rope;
    to->monitors = from->monitors;
    to->winding = from->winding;
    to->belay = from->belay;
    to->commissioning = from->commissioning;
    to->person = from->person;
    to->belay.payout_speed_max_m_s = from->modes.follow.payout_speed_max_m_s;
    to->belay.takein_speed_max_m_s = from->modes.follow.takein_speed_max_m_s;
    to->belay.rope_ea_n = from->rope.ea_n;
    to->belay.rope_lead_m = from->rope.lead_m;
    to->belay.rope_spring = from->rope.spring;
}

static void build_brake(const struct rig_loader *loader, const char *path, const struct raw_brake *from,
                        struct rig_brake *to) {
    *to = (struct rig_brake){.io = resolve_device(loader, path, from->io),
                             .unit_count = from->units_count,
                             .open_ms_max = from->open_ms_max,
                             .close_ms_max = from->close_ms_max,
                             .deceleration_m_s2 = from->deceleration_m_s2,
                             .hold_ms_max = from->hold_ms_max,
                             .handover_ms = from->handover_ms,
                             .handover_mm = from->handover_mm,
                             .has_torque_min = from->has_torque_min,
                             .torque_min_percent = from->torque_min_percent};
    for (int i = 0; i < from->units_count; i++) {
        memcpy(to->unit[i].name, from->units[i].name, sizeof to->unit[i].name);
        to->unit[i].output = from->units[i].output - 1;
    }
}

static void build_switches(const struct rig_loader *loader, int axis) {
    const struct raw_axis *const raw = &loader->raw->axes[axis];
    loader->rig->axis[axis].switch_count = raw->switches_count;
    for (int i = 0; i < raw->switches_count; i++) {
        const struct raw_switch *const from = &raw->switches[i];
        char path[PATH_MAX_BYTES];
        snprintf(path, sizeof path, "axes[%d].switches[%d].io", axis, i);
        loader->rig->axis[axis].limit_switch[i] = (struct rig_switch){.kind = (enum guard_switch)from->kind,
                                                                      .io = resolve_device(loader, path, from->io),
                                                                      .contact = from->contact - 1,
                                                                      .has_place = from->has_opens_at,
                                                                      .opens_at_m = from->opens_at_m,
                                                                      .within_m = from->within_m};
    }
}

static void build_reference(const struct rig_loader *loader, int axis) {
    const struct raw_reference *const from = &loader->raw->axes[axis].reference;
    char path[PATH_MAX_BYTES];
    if (!from->present)
        return;
    snprintf(path, sizeof path, "axes[%d].reference.device", axis);
    loader->rig->axis[axis].reference = (struct rig_reference){.present = true,
                                                               .device = resolve_device(loader, path, from->device),
                                                               .sign = from->sign == SIGN_PLUS ? 1 : -1,
                                                               .latency_ms = from->latency_ms,
                                                               .smoothing_ms = from->smoothing_ms,
                                                               .low_mm = from->low_mm,
                                                               .high_mm = from->high_mm,
                                                               .jump_mm = from->jump_mm,
                                                               .silent_ms = from->silent_ms,
                                                               .error_max_mm = from->error_max_mm,
                                                               .check_mm = from->check_mm};
}

static void build_axes(const struct rig_loader *loader) {
    const struct raw_rig *const raw = loader->raw;
    loader->rig->axis_count = raw->axes_count;
    for (int i = 0; i < raw->axes_count; i++) {
        const struct raw_axis *const from = &raw->axes[i];
        struct rig_axis *const to = &loader->rig->axis[i];
        char path[PATH_MAX_BYTES];
        memcpy(to->name, from->name, sizeof to->name);
        to->carries_person = from->carries_person;
        snprintf(path, sizeof path, "axes[%d].drive", i);
        to->drive = resolve_device(loader, path, from->drive);
        snprintf(path, sizeof path, "axes[%d].load_cell", i);
        to->load_cell = resolve_device(loader, path, from->load_cell);
        snprintf(path, sizeof path, "axes[%d].encoder", i);
        to->encoder = resolve_device(loader, path, from->encoder);
        snprintf(path, sizeof path, "axes[%d].brake.io", i);
        build_brake(loader, path, &from->brake, &to->brake);
        build_drum(&from->drum, &to->drum);
        build_layers(from, &to->drum);
        build_switches(loader, i);
        build_reference(loader, i);
        build_values(from, to);
        snprintf(path, sizeof path, "axes[%d].stops", i);
        to->stops = resolve(loader, path, from->stops, "stop table", raw->stop_tables, raw->stop_tables_count,
                            sizeof raw->stop_tables[0]);
    }
    check_unique(loader, "axes", raw->axes, raw->axes_count, sizeof raw->axes[0]);
}

/* Bits of the axes that are named at `list`[`index`].axes. */
static uint32_t axes_of(const struct rig_loader *loader, const char *list, int index, const struct yaml_names *axes) {
    const struct raw_rig *const raw = loader->raw;
    uint32_t bits = axes->any ? (UINT32_C(1) << raw->axes_count) - 1 : 0;
    for (int i = 0; i < axes->count; i++) {
        char path[PATH_MAX_BYTES];
        snprintf(path, sizeof path, "%s[%d].axes", list, index);
        const int axis =
            resolve(loader, path, axes->name[i], "axis", raw->axes, raw->axes_count, sizeof raw->axes[0]);
        if (axis >= 0)
            bits |= UINT32_C(1) << axis;
    }
    return bits;
}

static void build_groups(const struct rig_loader *loader) {
    const struct raw_rig *const raw = loader->raw;
    struct rig *const rig = loader->rig;
    rig->group_count = raw->groups_count;
    for (int i = 0; i < raw->groups_count; i++) {
        memcpy(rig->group[i].name, raw->groups[i].name, sizeof rig->group[i].name);
        rig->group[i].kind = (enum rig_group_kind)raw->groups[i].kind;
        rig->group[i].axes = axes_of(loader, "groups", i, &raw->groups[i].axes);
        rig->group[i].deviation_m = raw->groups[i].deviation_m;
        rig->group[i].drop_m = raw->groups[i].drop_m;
        rig->group[i].share_trim_m = raw->groups[i].share_trim_m;
        rig->group[i].mass_kg = raw->groups[i].mass_kg;
    }
    check_unique(loader, "groups", raw->groups, raw->groups_count, sizeof raw->groups[0]);
}

static void build_points(const struct rig_loader *loader) {
    const struct raw_rig *const raw = loader->raw;
    struct rig *const rig = loader->rig;
    rig->point_count = raw->points_count;
    for (int i = 0; i < raw->points_count; i++) {
        const struct raw_point *const from = &raw->points[i];
        struct rig_point *const to = &rig->point[i];
        *to = (struct rig_point){.line_count = from->lines_count, .tension_n = from->tension_n,
                                 .mass_min_kg = from->mass_min_kg, .mass_max_kg = from->mass_max_kg,
                                 .volume_min_m = {from->x_min_m, from->y_min_m, from->z_min_m},
                                 .volume_max_m = {from->x_max_m, from->y_max_m, from->z_max_m},
                                 .stop_m_s2 = from->stop_m_s2, .start_within_m = from->start_within_m};
        memcpy(to->name, from->name, sizeof to->name);
        for (int j = 0; j < from->lines_count; j++) {
            const struct raw_point_line *const line = &from->lines[j];
            char path[PATH_MAX_BYTES];
            snprintf(path, sizeof path, "points[%d].lines[%d].axis", i, j);
            to->line[j] = (struct rig_point_line){
                resolve(loader, path, line->axis, "axis", raw->axes, raw->axes_count, sizeof raw->axes[0]),
                {line->x_m, line->y_m, line->z_m}, line->tension_min_n, line->tension_max_n};
        }
    }
    check_unique(loader, "points", raw->points, raw->points_count, sizeof raw->points[0]);
}

static void build_stations(const struct rig_loader *loader) {
    const struct raw_safety *const raw = &loader->raw->safety;
    struct rig_safety *const safety = &loader->rig->safety;
    safety->station_count = raw->stations_count;
    for (int i = 0; i < raw->stations_count; i++) {
        memcpy(safety->station[i].name, raw->stations[i].name, sizeof safety->station[i].name);
        safety->station[i].pair = raw->stations[i].pair - 1;
        safety->station[i].axes = axes_of(loader, "safety.stations", i, &raw->stations[i].axes);
    }
    check_unique(loader, "safety.stations", raw->stations, raw->stations_count, sizeof raw->stations[0]);
}

static void build(const struct rig_loader *loader, const char *profile_dir) {
    const struct raw_rig *const raw = loader->raw;
    struct rig *const rig = loader->rig;
    memcpy(rig->name, raw->rig, sizeof rig->name);
    rig->cycle_ms = raw->cycle_ms;
    rig->permission_ms = raw->permission_ms;
    build_links(loader);
    build_devices(loader, profile_dir);
    rig->safety.io = resolve_device(loader, "safety.io", raw->safety.io);
    rig->safety.estop_discrepancy_ms = raw->safety.estop_discrepancy_ms;
    rig->safety.relay = raw->safety.relay;
    rig->safety.recovery = raw->safety.recovery;
    rig->ladder.rung_count = raw->ladder_percent.count;
    memcpy(rig->ladder.percent, raw->ladder_percent.value, sizeof rig->ladder.percent);
    rig->stop_table_count = raw->stop_tables_count;
    for (int i = 0; i < raw->stop_tables_count; i++)
        memcpy(rig->stop_table[i].name, raw->stop_tables[i].name, sizeof rig->stop_table[i].name);
    check_unique(loader, "stop_tables", raw->stop_tables, raw->stop_tables_count, sizeof raw->stop_tables[0]);
    build_axes(loader);
    build_stations(loader);
    build_groups(loader);
    build_points(loader);
}

/* Lines as `sha256sum | cut -c1-64` prints them, hashed again. */
static void hash_rig(const char *text, size_t length, struct rig *rig) {
    char lines[(RIG_DEVICES_MAX + 1) * HASH_HEX_SIZE];
    char file_hash[HASH_HEX_SIZE];
    hash_hex(text, length, file_hash);
    size_t used = (size_t)snprintf(lines, sizeof lines, "%s\n", file_hash);
    for (int i = 0; i < rig->profile_count; i++)
        used += (size_t)snprintf(lines + used, sizeof lines - used, "%s\n", rig->profile[i].hash);
    assert(used <= sizeof lines);
    hash_hex(lines, used, rig->hash);
}

int rig_load(const char *path, const char *profile_dir, struct rig *rig, struct yaml_errors *errors) {
    assert(path != NULL && profile_dir != NULL && rig != NULL && errors != NULL);
    memset(rig, 0, sizeof *rig);
    const int errors_before = errors->count + errors->dropped;
    char *text = NULL;
    size_t length = 0;
    if (yaml_read(path, &text, &length, errors) != 0)
        return -EINVAL;
    struct raw_rig raw = {0};
    struct yaml_doc *doc = NULL;
    yaml_load_text(path, text, length, rig_fields(), &raw, &doc, errors);
    if (doc != NULL) {
        const struct rig_loader loader = {.doc = doc, .raw = &raw, .rig = rig, .errors = errors};
        build(&loader, profile_dir);
        rig_check(&loader);
    }
    const bool clean = errors->count + errors->dropped == errors_before;
    if (clean) {
        rig->rehearsal = rig->profile[rig->device[0].profile].simulated;
        hash_rig(text, length, rig);
    } else {
        memset(rig, 0, sizeof *rig); /* nothing half-checked leaves this file */
    }
    yaml_doc_free(doc);
    free(text);
    return clean ? 0 : -EINVAL;
}

int rig_group_find(const struct rig *rig, const char *name) {
    for (int i = 0; i < rig->group_count; i++)
        if (strcmp(rig->group[i].name, name) == 0)
            return i;
    return -ENOENT;
}

int rig_point_find(const struct rig *rig, const char *name) {
    for (int i = 0; i < rig->point_count; i++)
        if (strcmp(rig->point[i].name, name) == 0)
            return i;
    return -ENOENT;
}

int rig_point_of(const struct rig *rig, int axis) {
    for (int p = 0; p < rig->point_count; p++)
        for (int i = 0; i < rig->point[p].line_count; i++)
            if (rig->point[p].line[i].axis == axis)
                return p;
    return -1;
}

int rig_group_of(const struct rig *rig, int axis) {
    for (int i = 0; i < rig->group_count; i++)
        if ((rig->group[i].axes >> axis & 1) != 0)
            return i;
    return -1;
}

int rig_axis_find(const struct rig *rig, const char *name) {
    assert(rig != NULL && name != NULL);
    const int index = find_name(name, rig->axis, rig->axis_count, sizeof rig->axis[0]);
    return index < 0 ? -ENOENT : index;
}

bool rig_axis_on_link(const struct rig *rig, int axis, int link) {
    assert(rig != NULL && axis >= 0 && axis < rig->axis_count);
    const struct rig_axis *from = &rig->axis[axis];
    const int devices[] = {from->drive, from->load_cell, from->encoder, from->brake.io};
    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++)
        if (rig->device[devices[i]].link == link)
            return true;
    if (from->reference.present && rig->device[from->reference.device].link == link)
        return true;
    for (int i = 0; i < from->switch_count; i++)
        if (rig->device[from->limit_switch[i].io].link == link)
            return true;
    return false;
}
