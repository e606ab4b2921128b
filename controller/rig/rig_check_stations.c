/* What the E-stop stations of a rig must be: inputs of their own, zones that cover every axis, stop tables that keep to
 * the zones. */
#include <assert.h>

#include "controller/rig/rig_check_parts.h"

#define STATIONS "safety.stations"
#define PULSE_CYCLES_MIN 4 /* a bus worker may skip an image */

static void check_pair(const struct rig_loader *loader, int station) {
    const struct raw_safety *const safety = &loader->raw->safety;
    const struct profile *const profile = rig_profile_of(loader, loader->rig->safety.io);
    if (!rig_valid_of(loader, STATIONS, station, "pair"))
        return;
    const int pair = safety->stations[station].pair;
    if (profile != NULL && profile->kind == DEVICE_SAFETY_IO && pair > profile->io.station_count)
        rig_fail(loader, STATIONS, station, "pair", "%s has no pair %d of E-stop inputs, expected 1 to %d", profile->id,
                 pair, profile->io.station_count);
    for (int i = 0; i < station; i++) {
        if (rig_valid_of(loader, STATIONS, i, "pair") && safety->stations[i].pair == pair)
            rig_fail(loader, STATIONS, station, "pair", "%d is the pair of %s already, expected one of its own", pair,
                     safety->stations[i].name);
    }
}

/* Nothing is said of an axis while a zone is not known. */
static void check_covered(const struct rig_loader *loader) {
    uint32_t covered = 0;
    if (!yaml_find_valid(loader->doc, STATIONS) || !yaml_find_valid(loader->doc, "axes"))
        return;
    for (int i = 0; i < loader->raw->safety.stations_count; i++) {
        if (!rig_valid_of(loader, STATIONS, i, "axes"))
            return;
        const struct yaml_names *const axes = &loader->raw->safety.stations[i].axes;
        const uint32_t zone = loader->rig->safety.station[i].axes;
        if (!axes->any && __builtin_popcount(zone) != axes->count)
            return;
        covered |= zone;
    }
    for (int i = 0; i < loader->raw->axes_count; i++) {
        if ((covered >> i & 1) == 0 && rig_valid_of(loader, "axes", i, "name"))
            rig_fail(loader, "axes", i, "name", "no E-stop station stops %s, expected it in axes of one of " STATIONS,
                     loader->raw->axes[i].name);
    }
}

static bool stops_rig(const struct stop_table *table, enum fault_id fault) {
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
            const struct stop_cell *const cell = &table->cell[fault][mode][direction];
            if (cell->reaction != STOP_NONE && cell->scope == STOP_RIG) /* no reaction: a hole, reported as such */
                return true;
        }
    }
    return false;
}

/* A table that stops the whole rig would make the zone a word without meaning. */
static void check_scope(const struct rig_loader *loader, int station, int axis) {
    static const enum fault_id of_station[] = {FAULT_ESTOP, FAULT_ESTOP_DISCREPANCY, FAULT_ESTOP_WELDED};
    const int table = loader->rig->axis[axis].stops;
    if (table < 0)
        return;
    for (size_t i = 0; i < sizeof of_station / sizeof of_station[0]; i++) {
        if (!stops_rig(&loader->rig->stop_table[table].cells, of_station[i]))
            continue;
        rig_fail(loader, STATIONS, station, "axes",
                 "a zone, but table %s answers %s of %s with scope rig, expected scope axis there or axes: any",
                 loader->rig->stop_table[table].name, fault_text(of_station[i])->name, loader->raw->axes[axis].name);
        return;
    }
}

/* The pulse ends for every winch when one drive does not confirm a stop: the others are stopped before. */
static void check_relay_scope(const struct rig_loader *loader, int axis) {
    const int table = loader->rig->axis[axis].stops;
    if (table < 0 || loader->raw->axes_count < 2 ||
        stops_rig(&loader->rig->stop_table[table].cells, FAULT_STOP_UNCONFIRMED))
        return;
    rig_fail(loader, "axes", axis, "stops",
             "table %s answers stop_unconfirmed with scope axis, expected scope rig: safety.relay then opens the chain "
             "of every axis",
             loader->rig->stop_table[table].name);
}

/* A relay must time edges that come: each is held long enough to be written, and a late one is not a lost one. */
static void check_relay(const struct rig_loader *loader) {
    const struct rig_relay *const relay = &loader->raw->safety.relay;
    const struct profile *const profile = rig_profile_of(loader, loader->rig->safety.io);
    const char *const pulse = "safety.relay.pulse_ms", *const timeout = "safety.relay.timeout_ms";
    if (!relay->present)
        return;
    if (profile != NULL && profile->kind == DEVICE_SAFETY_IO && profile->io.pulse == 0)
        yaml_error_at(loader->errors, loader->doc, "safety.relay",
                      "%s has no output for a pulse, expected a block that has one or this key left out", profile->id);
    for (int i = 0; i < loader->raw->axes_count; i++)
        check_relay_scope(loader, i);
    if (!yaml_find_valid(loader->doc, pulse))
        return;
    const int32_t cycle_ms = loader->raw->cycle_ms;
    if (yaml_find_valid(loader->doc, "cycle_ms") && relay->pulse_ms < PULSE_CYCLES_MIN * cycle_ms)
        yaml_error_at(loader->errors, loader->doc, pulse, "%d is shorter than %d cycles, expected at least %d",
                      relay->pulse_ms, PULSE_CYCLES_MIN, PULSE_CYCLES_MIN * cycle_ms);
    const int io = loader->rig->safety.io;
    double stale_ms = 0;
    if (io < 0 || !rig_number_of(loader, "devices", io, "stale_after_ms", &stale_ms) ||
        !yaml_find_valid(loader->doc, timeout) || relay->timeout_ms >= 2 * relay->pulse_ms + stale_ms)
        return;
    yaml_error_at(loader->errors, loader->doc, timeout,
                  "%d ms open the chain for one late write, expected at least 2 pulse_ms + stale_after_ms of %s = %.0f",
                  relay->timeout_ms, loader->raw->devices[io].name, 2 * relay->pulse_ms + stale_ms);
}

void rig_check_stations(const struct rig_loader *loader) {
    assert(loader->raw->axes_count <= RIG_AXES_MAX);
    check_relay(loader);
    const uint32_t all = (UINT32_C(1) << loader->raw->axes_count) - 1;
    for (int i = 0; i < loader->raw->safety.stations_count; i++) {
        const uint32_t zone = loader->rig->safety.station[i].axes;
        check_pair(loader, i);
        for (int axis = 0; axis < loader->raw->axes_count && zone != all; axis++) {
            if (zone >> axis & 1)
                check_scope(loader, i, axis);
        }
    }
    check_covered(loader);
}
