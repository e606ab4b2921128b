/* Where the drums stand, across power-off: a drum that was turned meanwhile, or an encoder that was, is seen at the
 * next start. While the rig is armed the record names no place, so that a belayd killed in motion leaves no
 * false one. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "controller/base/clock.h"
#include "controller/serve/serve_parts.h"

#define NOTE_US 1000000 /* so often, so that a drum that creeps does not keep the disk busy */
#define NOTED_M 0.001   /* changes below are not worth a write */

static const struct rig_axis *rig_axis_at(const struct serve *serve, int axis) {
    return &serve->config.rig->axis[axis];
}

static bool reads(const struct serve *serve, int axis) {
    return serve->snapshot->cycle > 0 && serve->snapshot->axis[axis].position_m.quality == QUALITY_GOOD;
}

/* What the record says of it no longer holds: whoever hangs there would hang on a wrong position. */
static void was_turned(struct serve *serve, int axis, double stood_m, double stands_m) {
    const struct rig_axis *from = rig_axis_at(serve, axis);
    bool commissioned = from->carries_person && from->commissioning.present;
    eventlog_say(&serve->log, LOG_ERROR,
                 "%s: belayd left its drum at %.3f m and finds it at %.3f m: the drum or its encoder was turned. %s",
                 from->name, stood_m, stands_m,
                 commissioned ? "What commissioning knows of the encoder is void: verify the marks"
                              : "Verify the position at a mark before the first cue");
    if (commissioned) {
        char what[64];
        snprintf(what, sizeof what, "left at %.3f m, found at %.3f m", stood_m, stands_m);
        const struct commission_change change = commission_change_now(what, "belayd");
        commission_void(serve->config.rig, axis, PART_ENCODER, &change, &serve->commissioning.record);
    }
    serve->commissioning.save_owed = true;
    serve->commissioning.looked_us = 0;
}

static void compare(struct serve *serve, int axis) {
    struct commissioning *this = &serve->commissioning;
    const struct record_place *place = record_place_find(&this->record, rig_axis_at(serve, axis)->name);
    double stands_m = serve->snapshot->axis[axis].position_m.value;
    double let_m = rig_axis_at(serve, axis)->monitors.moved_mm / 1000; /* as behind a closed brake */
    if (place && fabs(stands_m - place->position_m) > let_m)
        was_turned(serve, axis, place->position_m, stands_m);
    this->placed |= UINT32_C(1) << axis;
}

static bool may_move(const struct snapshot *now, int axes) {
    bool moves = now->armed;
    for (int i = 0; i < axes; i++)
        moves = moves || (now->axis[i].state != STATE_DISARMED && now->axis[i].state != STATE_FAULT) ||
                now->axis[i].drive_holds;
    return moves;
}

/* Of one axis: as it reads, else as it was. */
static void note(const struct serve *serve, int axis, struct record_place *to, int *count) {
    const struct rig_axis *from = rig_axis_at(serve, axis);
    const struct record_place *was = record_place_find(&serve->commissioning.record, from->name);
    bool seen = reads(serve, axis) && (serve->commissioning.placed & UINT32_C(1) << axis) != 0;
    if (!seen && !was)
        return;
    struct record_place *place = &to[(*count)++];
    memset(place, 0, sizeof *place);
    memcpy(place->axis, from->name, sizeof place->axis);
    place->position_m = seen ? serve->snapshot->axis[axis].position_m.value : was->position_m;
}

static bool differ(const struct commission_record *record, const struct record_place *now, int count) {
    bool changed = count != record->places_count;
    for (int i = 0; i < count && !changed; i++)
        changed = strcmp(now[i].axis, record->places[i].axis) != 0 ||
                  fabs(now[i].position_m - record->places[i].position_m) > NOTED_M;
    return changed;
}

void places_turn(struct serve *serve, int64_t now_us) {
    struct commissioning *this = &serve->commissioning;
    struct record_place places[RIG_AXES_MAX];
    int count = 0, axes = serve->config.rig->axis_count;
    if (!serve->config.record_path || serve->snapshot->cycle == 0)
        return;
    for (int i = 0; i < axes; i++)
        if (reads(serve, i) && (this->placed & UINT32_C(1) << i) == 0)
            compare(serve, i);
    bool moves = may_move(serve->snapshot, axes);
    if (!moves && this->noted_us != 0 && now_us - this->noted_us < NOTE_US)
        return;
    for (int i = 0; i < axes && !moves; i++)
        note(serve, i, places, &count);
    this->noted_us = moves ? 0 : now_us;
    if (!differ(&this->record, places, count))
        return;
    this->record.places_count = count;
    memcpy(this->record.places, places, (size_t)count * sizeof places[0]);
    this->save_owed = true;
}

/* The snapshots know nothing of the arm for a while: until then nothing is noted. */
void places_leave(struct serve *serve) {
    struct commissioning *this = &serve->commissioning;
    this->noted_us = clock_now_us();
    if (this->record.places_count == 0)
        return;
    this->record.places_count = 0;
    this->save_owed = true;
    commission_save(serve);
}

void places_missed(struct serve *serve) {
    struct commissioning *this = &serve->commissioning;
    for (int i = 0; i < serve->config.rig->axis_count; i++) {
        const struct rig_axis *from = rig_axis_at(serve, i);
        if (!from->carries_person || !from->commissioning.present)
            continue;
        eventlog_say(&serve->log, LOG_WARNING,
                     "%s: the commissioning record is of an older version, which did not note where the drum stood: "
                     "whether it was turned since is not known. Its other steps stand; verify the marks: belay "
                     "commission %s marks --operator NAME", from->name, from->name);
        const struct commission_change change =
            commission_change_now("older record, where the drum stood is not known", "belayd");
        commission_void_step(serve->config.rig, i, STEP_MARKS, &change, &this->record);
    }
    this->record.placeless = false;
    this->save_owed = true;
}
