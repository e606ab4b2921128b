/* What work does to ropes and motors: bends are counted and kept across restarts, the rest before the next GO is told.
 * It only tells: nothing moves or stops by it. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "controller/serve/serve_parts.h"
#include "controller/wear/bends_file.h"

#define KEEP_US 10000000 /* a power failure loses so much of the count */

static const struct rig_axis *rig_axis_at(const struct serve *serve, int axis) {
    return &serve->config.rig->axis[axis];
}

static bool counts(const struct serve *serve, int axis) {
    return rig_axis_at(serve, axis)->rope.bends.present;
}

static void begin(struct serve *serve, int axis) {
    const struct rig_axis *from = rig_axis_at(serve, axis);
    bends_begin(&serve->wear.bends[axis], from->limits.position_min_m, from->limits.position_max_m, from->rope.lead_m,
                from->rope.bends.sheaves);
}

/* Beside the commissioning record, for it is of the same ropes. False without one: then nothing is kept. */
static bool file_of(const struct serve *serve, char path[RECORD_PATH_MAX]) {
    const char *record = serve->config.record_path;
    return record && snprintf(path, RECORD_PATH_MAX, "%s.bends", record) < RECORD_PATH_MAX;
}

/* Kept beside, so that nobody loses what a person can still read in it. */
static void set_aside(struct serve *serve, const char *path, int error) {
    char aside[RECORD_PATH_MAX + 16];
    snprintf(aside, sizeof aside, "%s.damaged", path);
    bool moved = rename(path, aside) == 0;
    eventlog_say(&serve->log, LOG_ERROR,
                 "%s can't be used: %s. The bends of the ropes are counted from 0: mind those from before%s%s", path,
                 error == -EINVAL ? "it is damaged, edited or another rig's" : strerror(-error),
                 moved ? ", in " : "", moved ? aside : "");
}

void wear_open(struct serve *serve) {
    char path[RECORD_PATH_MAX];
    bool any = false;
    for (int i = 0; i < serve->config.rig->axis_count; i++) {
        begin(serve, i);
        any = any || counts(serve, i);
    }
    if (!any || !file_of(serve, path))
        return;
    int error = bends_load(path, serve->config.rig, serve->wear.bends);
    if (error == -ENOENT)
        eventlog_say(&serve->log, LOG_NOTICE, "there is no %s yet: the bends of the ropes are counted from 0", path);
    else if (error)
        set_aside(serve, path, error);
}

/* --- bends ------------------------------------------------------------------------------------------------------ */

static void say_worn(struct serve *serve, int axis) {
    struct bends_worst worst = bends_worst(&serve->wear.bends[axis]);
    const uint32_t bit = UINT32_C(1) << axis;
    serve->wear.worst[axis] = worst;
    if (worst.bends < (uint32_t)rig_axis_at(serve, axis)->rope.bends.worn || (serve->wear.said_worn & bit) != 0)
        return;
    serve->wear.said_worn |= bit;
    eventlog_say(&serve->log, LOG_ERROR,
                 "%s: its rope was bent %u times at %.2f m, and is worn: replace it, then say belay commission %s "
                 "--changed rope --operator NAME",
                 rig_axis_at(serve, axis)->name, worst.bends, worst.place_m, rig_axis_at(serve, axis)->name);
}

static void see_rope(struct serve *serve, int axis) {
    const struct snapshot_value *position_m = &serve->snapshot->axis[axis].position_m;
    struct bends *bends = &serve->wear.bends[axis];
    double was_m = bends->at_m;
    if (position_m->quality != QUALITY_GOOD) {
        bends_lose(bends);
        return;
    }
    bends_see(bends, position_m->value);
    serve->wear.save_owed = serve->wear.save_owed || fabs(bends->at_m - was_m) > bends->step_m;
}

static void save(struct serve *serve) {
    char path[RECORD_PATH_MAX];
    serve->wear.save_owed = false;
    if (!file_of(serve, path))
        return;
    int error = bends_save(path, serve->config.rig, serve->wear.bends);
    if (error && !serve->wear.saved_badly)
        eventlog_say(&serve->log, LOG_ERROR,
                     "the bends of the ropes could not be written to %s: %s. What is counted since is lost with the "
                     "end of belayd",
                     path, strerror(-error));
    serve->wear.saved_badly = error != 0;
}

void wear_rope_changed(struct serve *serve, int axis) {
    if (!counts(serve, axis))
        return;
    eventlog_say(&serve->log, LOG_NOTICE, "%s: the old rope was bent %u times; those of the new one are counted from 0",
                 rig_axis_at(serve, axis)->name, bends_worst(&serve->wear.bends[axis]).bends);
    begin(serve, axis);
    serve->wear.worst[axis] = bends_worst(&serve->wear.bends[axis]);
    serve->wear.said_worn &= ~(UINT32_C(1) << axis);
    save(serve);
}

/* --- warmth ----------------------------------------------------------------------------------------------------- */

static bool works_for_cue(const struct snapshot *now, int axis) {
    enum axis_mode mode = now->axis[axis].mode;
    return now->running_cue >= 0 && (mode == MODE_MOVE || mode == MODE_FOLLOW || mode == MODE_CATCH) &&
           (now->show->cue[now->running_cue].axes & UINT32_C(1) << axis) != 0;
}

static void see_motor(struct serve *serve, int axis) {
    const struct snapshot *now = serve->snapshot;
    double duty = now->axis[axis].duty;
    int cue = now->show && works_for_cue(now, axis) ? now->running_cue : -1;
    if (duty >= 0)
        warmth_see(&serve->wear.warmth[axis], cue, duty * duty, now->t_us,
                   rig_axis_at(serve, axis)->monitors.duty.time_s);
}

/* --- turn ------------------------------------------------------------------------------------------------------- */

void wear_turn(struct serve *serve, int64_t now_us) {
    struct wear *this = &serve->wear;
    if (serve->snapshot->cycle == 0 || !serve->fresh)
        return;
    for (int i = 0; i < serve->config.rig->axis_count; i++) {
        if (serve->snapshot->show != this->show)
            warmth_forget(&this->warmth[i]);
        see_motor(serve, i);
        if (counts(serve, i))
            see_rope(serve, i);
    }
    this->show = serve->snapshot->show;
    bool due = now_us - this->looked_us >= KEEP_US || this->looked_us == 0;
    for (int i = 0; due && i < serve->config.rig->axis_count; i++)
        if (counts(serve, i))
            say_worn(serve, i);
    if (due)
        this->looked_us = now_us;
    if (due && this->save_owed && !serve->snapshot->permission_alive) /* a write waits for the disk */
        save(serve);
}

void wear_close(struct serve *serve) {
    if (serve->wear.save_owed)
        save(serve);
}

static void fill_rest(const struct serve *serve, int axis, struct msg_telemetry_axis *to) {
    const struct snapshot *now = serve->snapshot;
    const struct warmth *warmth = &serve->wear.warmth[axis];
    int cue = now->standby_cue;
    double duty = now->axis[axis].duty;
    to->has_rest_s = duty >= 0 && now->show && now->show == serve->wear.show && cue >= 0 &&
                     cue < now->show->cue_count && warmth_knows(warmth, cue);
    if (to->has_rest_s)
        to->rest_s = (int64_t)ceil(
            warmth_rest_s(warmth, cue, duty * duty, rig_axis_at(serve, axis)->monitors.duty.time_s));
}

void wear_fill(const struct serve *serve, struct msg_telemetry *out) {
    for (int i = 0; i < serve->config.rig->axis_count; i++) {
        struct msg_telemetry_axis *to = &out->axes[i];
        fill_rest(serve, i, to);
        to->has_bends = to->has_bends_place_m = to->has_bends_worn = counts(serve, i);
        if (!to->has_bends)
            continue;
        to->bends = serve->wear.worst[i].bends;
        to->bends_place_m = serve->wear.worst[i].place_m;
        to->bends_worn = rig_axis_at(serve, i)->rope.bends.worn;
    }
}
