/* From the snapshot of a cycle to what clients see. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "controller/serve/serve_parts.h"

#define TEXT(out, text) snprintf(out, sizeof(out), "%s", text)

/* A value that is no number can't cross the socket; it would be a bug, and must not end the controller. */
static struct msg_value value_of(const struct snapshot_value *from) {
    static const enum msg_quality quality[] = {
        [QUALITY_MISSING] = MSG_QUALITY_MISSING,
        [QUALITY_STALE] = MSG_QUALITY_STALE,
        [QUALITY_BAD] = MSG_QUALITY_BAD,
        [QUALITY_GOOD] = MSG_QUALITY_GOOD,
    };
    bool present = from->quality != QUALITY_MISSING && isfinite(from->value);
    return (struct msg_value){
        .has_value = present,
        .value = present ? from->value : 0,
        .age_ms = (double)from->age_us / 1000,
        .quality = present ? quality[from->quality] : MSG_QUALITY_MISSING,
    };
}

static double finite_or_zero(double value) {
    return isfinite(value) ? value : 0;
}

static bool any_in(const struct rig *rig, const struct snapshot *snapshot, enum axis_state from, enum axis_state to) {
    for (int i = 0; i < rig->axis_count; i++)
        if (snapshot->axis[i].state >= from && snapshot->axis[i].state <= to)
            return true;
    return false;
}

static const char *machine_state(const struct rig *rig, const struct snapshot *snapshot) {
    if (snapshot->shutting_down && snapshot->stopped)
        return "stopped";
    if (snapshot->fault_mask)
        return "fault";
    if (any_in(rig, snapshot, STATE_STOPPING, STATE_RELEASING))
        return "stopping";
    if (any_in(rig, snapshot, STATE_ENABLING, STATE_RUNNING))
        return "running";
    return snapshot->armed ? "armed" : "disarmed";
}

_Static_assert(FAULT_COUNT - 1 <= sizeof((struct msg_telemetry *)0)->faults / sizeof(struct msg_fault),
               "telemetry holds every fault: lists faults in protocol/schema.json");

static void fill_faults(const struct rig *rig, const struct snapshot *snapshot, struct msg_telemetry *to) {
    uint64_t there = 0;
    for (int i = 0; i < rig->axis_count; i++)
        there |= snapshot->axis[i].there_mask;
    for (int id = 1; id < FAULT_COUNT; id++) {
        if (!(snapshot->fault_mask & (UINT64_C(1) << id)))
            continue;
        const struct fault_text *text = fault_text((enum fault_id)id);
        struct msg_fault *fault = &to->faults[to->faults_count++];
        TEXT(fault->fault, text->name);
        TEXT(fault->text, text->text);
        TEXT(fault->remedy, text->remedy);
        fault->has_there = true;
        fault->there = fault_has(there, id);
    }
}

/* A list is as long as the protocol says; eight causes at once are enough to look after. */
static void fill_remaining(const struct rig *rig, int index, const struct snapshot_axis *from,
                           struct msg_telemetry *to) {
    const int room = sizeof to->remaining / sizeof to->remaining[0];
    for (int id = 1; id < FAULT_COUNT && to->remaining_count < room; id++) {
        const uint64_t bit = UINT64_C(1) << id;
        if (!(from->tolerated_mask & bit))
            continue;
        const struct fault_text *text = fault_text((enum fault_id)id);
        struct msg_remaining *remaining = &to->remaining[to->remaining_count++];
        TEXT(remaining->axis, rig->axis[index].name);
        TEXT(remaining->fault, text->name);
        TEXT(remaining->text, text->text);
        TEXT(remaining->remedy, text->remedy);
        remaining->payout = from->allow_payout & bit;
        remaining->takein = from->allow_takein & bit;
    }
}

static void fill_first_out(const struct rig *rig, const struct snapshot *snapshot, struct msg_telemetry *to) {
    if (snapshot->first_out == FAULT_NONE)
        return;
    const struct fault_text *text = fault_text(snapshot->first_out);
    to->has_first_out = true;
    to->first_out.t_us = snapshot->first_out_us;
    TEXT(to->first_out.fault, text->name);
    to->first_out.has_station = snapshot->first_out_station >= 0;
    if (to->first_out.has_station)
        TEXT(to->first_out.station, rig->safety.station[snapshot->first_out_station].name);
    snprintf(to->first_out.text, sizeof to->first_out.text, "%s%s%s", text->text,
             to->first_out.has_station ? ": " : "", to->first_out.station);
    TEXT(to->first_out.cause, text->cause);
    TEXT(to->first_out.remedy, text->remedy);
    to->first_out.has_axis = snapshot->first_out_axis >= 0;
    if (to->first_out.has_axis)
        TEXT(to->first_out.axis, rig->axis[snapshot->first_out_axis].name);
}

_Static_assert(RIG_STATIONS_MAX <= sizeof((struct msg_estop *)0)->stations / sizeof(struct msg_station),
               "telemetry holds every station: lists stations in protocol/schema.json");

static void fill_estop(const struct rig *rig, const struct snapshot *snapshot, struct msg_estop *to) {
    *to = (struct msg_estop){.known = snapshot->estop_known, .a_closed = true, .b_closed = true};
    to->stations_count = rig->safety.station_count;
    for (int i = 0; i < rig->safety.station_count; i++) {
        struct msg_station *station = &to->stations[i];
        TEXT(station->name, rig->safety.station[i].name);
        station->a_closed = snapshot->estop_a_closed[i];
        station->b_closed = snapshot->estop_b_closed[i];
        to->a_closed = to->a_closed && station->a_closed;
        to->b_closed = to->b_closed && station->b_closed;
    }
}

/* Which cue has to be run at which rung. */
static void ladder_words(const struct show *show, struct verdict_detail detail, char *out, size_t size) {
    if (detail.percent > 0 && detail.cue < 0)
        snprintf(out, size, "No move has run clean at %d %% yet: run one there to its end first.", detail.percent);
    else if (detail.percent > 0 && show && detail.cue < show->cue_count)
        snprintf(out, size,
                 "Cue %s has not run clean at %d %% yet: disarm, select walk-through %d %%, run it to its end.",
                 show->cue[detail.cue].id, detail.percent, detail.percent);
}

static void rung_words(const struct rig_ladder *ladder, char *out, size_t size) {
    snprintf(out, size, "The rig's ladder has no such rung: choose ");
    for (int i = 0; i < ladder->rung_count; i++) {
        size_t used = strlen(out);
        snprintf(out + used, size - used, "%d%s", ladder->percent[i],
                 i + 2 < ladder->rung_count ? ", " : i + 1 < ladder->rung_count ? " or " : " %.");
    }
}

static void limit_words(const struct rig_axis *axis, struct verdict_detail detail, char *out, size_t size) {
    if (detail.limit_m_s > 0)
        snprintf(out, size, "Faster than it may jog that way: at most %.2f m/s.", detail.limit_m_s);
    else
        snprintf(out, size, "At the end of its travel, %.2f to %.2f m: only the other way; on a locked line first "
                            "unlock, when nobody hangs.",
                 axis->limits.position_min_m, axis->limits.position_max_m);
}

static void lowering_words(const struct rig_axis *axis, enum refusal refusal, char *out, size_t size) {
    double most_m_s =
        axis->belay.present ? axis->belay.lowering_speed_max_m_s : axis->modes.jog.payout_speed_max_m_s;
    if (refusal == REFUSED_LINE_LOCKED)
        snprintf(out, size, "The line is locked, a person may hang on it: only lowering by jog, at most %.2f m/s; "
                            "unlock when nobody hangs there.",
                 most_m_s);
    else
        snprintf(out, size, "Somebody hangs on the line: only lowering by jog, at most %.2f m/s.", most_m_s);
}

/* In place of the general sentence, where figures of the rig or of the verdict make it plainer. */
static void detail_words(const struct rig *rig, const struct show *show, struct verdict verdict, char *out,
                         size_t size) {
    if (verdict.refusal == REFUSED_LADDER)
        ladder_words(show, verdict.detail, out, size);
    else if (verdict.refusal == REFUSED_RUNG)
        rung_words(&rig->ladder, out, size);
    else if (verdict.refusal == REFUSED_START)
        snprintf(out, size, "Not where its path begins, at %.3f m of rope: move or jog it there first.",
                 verdict.detail.place_m);
    else if (verdict.refusal == REFUSED_LIMIT && verdict.axis >= 0)
        limit_words(&rig->axis[verdict.axis], verdict.detail, out, size);
    else if ((verdict.refusal == REFUSED_LINE_LOCKED || verdict.refusal == REFUSED_WEIGHT) && verdict.axis >= 0)
        lowering_words(&rig->axis[verdict.axis], verdict.refusal, out, size);
}

void telemetry_refusal(const struct rig *rig, const struct show *show, struct verdict verdict, char *out, size_t size) {
    assert(rig && out && verdict.axis < rig->axis_count);
    bool one = verdict.axis >= 0;
    char words[256];
    TEXT(words, cycle_refusal_text(verdict.refusal));
    detail_words(rig, show, verdict, words, sizeof words);
    snprintf(out, size, "%s%s%s", one ? rig->axis[verdict.axis].name : "", one ? ": " : "", words);
}

static bool fill_verdict(const struct rig *rig, const struct show *show, struct verdict verdict,
                         struct msg_refusal *to) {
    if (verdict.refusal == REFUSED_NOT)
        return false;
    TEXT(to->name, cycle_refusal_name(verdict.refusal));
    telemetry_refusal(rig, show, verdict, to->text, sizeof to->text);
    return true;
}

static void fill_operation(const struct rig *rig, const struct snapshot *snapshot, struct msg_operation *to) {
    static const enum msg_operating_mode modes[OPERATING_COUNT] = {
        [OPERATING_SETUP] = MSG_OPERATING_MODE_SETUP,
        [OPERATING_WALK_THROUGH] = MSG_OPERATING_MODE_WALK_THROUGH,
        [OPERATING_SHOW] = MSG_OPERATING_MODE_SHOW,
    };
    to->mode = modes[snapshot->operating];
    to->percent = snapshot->percent;
    to->has_first_percent = rig->ladder.rung_count > 0;
    to->first_percent = to->has_first_percent ? rig->ladder.percent[0] : 0;
    to->offer_percent = snapshot->offer_percent;
    to->standby_percent = snapshot->standby_percent;
    to->has_show_refusal = fill_verdict(rig, snapshot->show, snapshot->offer_show, &to->show_refusal);
}

static void fill_stop(const struct snapshot *snapshot, const char *stopper, struct msg_telemetry *to) {
    to->has_last_stop = snapshot->stop_cause != STOPPED_NOT;
    if (!to->has_last_stop)
        return;
    TEXT(to->last_stop.what, cycle_stop_name(snapshot->stop_cause));
    to->last_stop.session = snapshot->stop_session;
    to->last_stop.has_client = stopper != NULL;
    TEXT(to->last_stop.client, stopper ? stopper : "");
}

static void fill_refusal(const struct rig *rig, const struct image_link *from, struct msg_link *to) {
    assert(from->refused_device >= 0 && from->refused_device < rig->device_count);
    const struct rig_device *device = &rig->device[from->refused_device];
    const struct profile *profile = &rig->profile[device->profile];
    bool identity = from->refused_check < 0 || from->refused_check >= profile->check_count;
    to->has_refusal = true;
    snprintf(to->refusal, sizeof to->refusal, "%s (unit %u): %s", device->name, (unsigned)device->unit,
             identity ? "another device answers there; check its unit number and the wiring"
                      : profile->check[from->refused_check].text);
}

static void fill_links(const struct rig *rig, const struct snapshot *snapshot, struct msg_telemetry *to) {
    static const enum msg_link_state states[] = {
        [LINK_DOWN] = MSG_LINK_STATE_DOWN,
        [LINK_CONNECTING] = MSG_LINK_STATE_CONNECTING,
        [LINK_REFUSED] = MSG_LINK_STATE_REFUSED,
        [LINK_UP] = MSG_LINK_STATE_UP,
    };
    to->links_count = rig->link_count;
    for (int i = 0; i < rig->link_count; i++) {
        const struct image_link *from = &snapshot->link[i];
        struct msg_link *link = &to->links[i];
        TEXT(link->name, rig->link[i].name);
        link->state = states[from->state];
        link->errors = from->errors;
        link->round_trip_us = from->round_trip_us;
        if (from->state == LINK_REFUSED || from->setting_changed)
            fill_refusal(rig, from, link);
        eventlog_loss(rig, from, link->loss, sizeof link->loss);
        link->has_loss = link->loss[0] != '\0';
    }
}

static void fill_show(const struct snapshot *snapshot, struct msg_telemetry *to) {
    const struct show *show = snapshot->show;
    if (!show)
        return;
    to->has_show = true;
    TEXT(to->show, show->name);
    to->has_standby_cue = snapshot->standby_cue >= 0 && snapshot->standby_cue < show->cue_count;
    if (to->has_standby_cue)
        TEXT(to->standby_cue, show->cue[snapshot->standby_cue].id);
    to->has_running_cue = snapshot->running_cue >= 0 && snapshot->running_cue < show->cue_count;
    if (to->has_running_cue)
        TEXT(to->running_cue, show->cue[snapshot->running_cue].id);
}

static int64_t seconds_up(int64_t us) {
    return (us + 999999) / 1000000;
}

static void fill_recovery(const struct snapshot_axis *from, struct msg_telemetry_axis *to) {
    static const enum msg_sensor sensors[BYPASS_COUNT] = {[BYPASS_LOAD_CELL] = MSG_SENSOR_LOAD_CELL,
                                                          [BYPASS_ENCODER] = MSG_SENSOR_ENCODER,
                                                          [BYPASS_LIMIT_SWITCH] = MSG_SENSOR_LIMIT_SWITCH,
                                                          [BYPASS_WAY_DOWN] = MSG_SENSOR_WAY_DOWN};
    to->has_recovery = from->bypass != BYPASS_NOTHING;
    if (!to->has_recovery)
        return;
    to->recovery.without = sensors[from->bypass];
    to->recovery.left_s = seconds_up(from->recovery_left_us);
    to->recovery.clear_s = seconds_up(from->clear_left_us);
}

static void fill_axis(const struct rig *rig, const struct rig_axis *axis, const struct snapshot_axis *from,
                      struct msg_telemetry_axis *to) {
    TEXT(to->name, axis->name);
    TEXT(to->state, state_name(from->state));
    TEXT(to->mode, cycle_mode_name(from->mode));
    to->position_m = value_of(&from->position_m);
    to->speed_m_s = value_of(&from->speed_m_s);
    to->tension_n = value_of(&from->tension_n);
    if (from->tension_doubted && to->tension_n.quality == MSG_QUALITY_GOOD)
        to->tension_n.quality = MSG_QUALITY_BAD;
    to->setpoint_m_s = finite_or_zero(from->setpoint_m_s);
    to->has_stop_at_m = to->position_m.quality == MSG_QUALITY_GOOD && isfinite(from->stop_at_m);
    to->stop_at_m = to->has_stop_at_m ? from->stop_at_m : 0;
    to->jog_speed_max_m_s = finite_or_zero(from->jog_max_m_s);
    to->has_brake_open = from->brake_known;
    to->brake_open = from->brake_known && from->brake_open;
    to->has_brake_odd = from->brake_known && from->brake_odd >= 0;
    if (to->has_brake_odd)
        TEXT(to->brake_odd, axis->brake.unit[from->brake_odd].name);
    to->drive_enabled = from->drive_enabled;
    to->has_drive_fault_code = from->drive_fault_code > 0;
    to->drive_fault_code = to->has_drive_fault_code ? from->drive_fault_code : 0;
    to->has_duty_percent = from->duty >= 0;
    to->duty_percent = to->has_duty_percent ? from->duty * 100 : 0;
    to->has_payout_refusal = fill_verdict(rig, NULL, from->payout, &to->payout_refusal);
    to->has_takein_refusal = fill_verdict(rig, NULL, from->takein, &to->takein_refusal);
    to->line_locked = from->line_locked;
    to->fall_caught = from->fall_caught;
    to->slack = from->slack;
    to->ground_fall = from->ground_fall;
    to->has_height_m = axis->belay.present && to->position_m.quality == MSG_QUALITY_GOOD &&
                       to->tension_n.quality == MSG_QUALITY_GOOD && isfinite(from->height_m);
    to->height_m = to->has_height_m ? from->height_m : 0;
    to->clamped = from->clamped;
    to->has_alone = from->alone != ALONE_NOTHING;
    if (to->has_alone)
        TEXT(to->alone, cycle_alone_name(from->alone));
    fill_recovery(from, to);
    for (int id = 1; id < FAULT_COUNT; id++)
        if (from->fault_mask & (UINT64_C(1) << id))
            TEXT(to->faults[to->faults_count++], fault_text((enum fault_id)id)->name);
}

static void fill_groups(const struct rig *rig, const struct snapshot *snapshot, struct msg_telemetry *telemetry) {
    telemetry->groups_count = rig->group_count;
    for (int i = 0; i < rig->group_count; i++) {
        const struct snapshot_group *const from = &snapshot->group[i];
        struct msg_telemetry_group *const to = &telemetry->groups[i];
        TEXT(to->name, rig->group[i].name);
        TEXT(to->kind, rig_group_kind_name(rig->group[i].kind));
        TEXT(to->axis, rig->axis[__builtin_ctz(rig->group[i].axes)].name);
        to->has_level_m = isfinite(from->level_m);
        to->level_m = to->has_level_m ? from->level_m : 0;
        to->has_load_level_m = isfinite(from->load_level_m);
        to->load_level_m = to->has_load_level_m ? from->load_level_m : 0;
    }
}

void telemetry_fill(const struct rig *rig, const struct snapshot *snapshot, const char *stopper,
                    struct msg_telemetry *telemetry) {
    assert(rig && snapshot && telemetry && rig->axis_count <= RIG_AXES_MAX);
    memset(telemetry, 0, sizeof *telemetry);
    telemetry->cycle = (int64_t)snapshot->cycle;
    telemetry->t_us = snapshot->t_us;
    TEXT(telemetry->state, machine_state(rig, snapshot));
    telemetry->rehearsal = rig->rehearsal;
    fill_estop(rig, snapshot, &telemetry->estop);
    fill_operation(rig, snapshot, &telemetry->operation);
    telemetry->armed = snapshot->armed;
    telemetry->permission = (struct msg_permission){snapshot->permission_alive, snapshot->permission_session,
                                                    snapshot->permission_press};
    telemetry->overruns = snapshot->overruns;
    telemetry->late_us_max = snapshot->late_us_max;
    telemetry->estop_count = snapshot->estop_count;
    telemetry->estop_reaction_cycles = snapshot->estop_reaction_cycles;
    fill_first_out(rig, snapshot, telemetry);
    fill_faults(rig, snapshot, telemetry);
    fill_links(rig, snapshot, telemetry);
    fill_show(snapshot, telemetry);
    telemetry->has_go_refusal = fill_verdict(rig, snapshot->show, snapshot->go, &telemetry->go_refusal);
    fill_stop(snapshot, stopper, telemetry);
    telemetry->axes_count = rig->axis_count;
    for (int i = 0; i < rig->axis_count; i++) {
        fill_axis(rig, &rig->axis[i], &snapshot->axis[i], &telemetry->axes[i]);
        fill_remaining(rig, i, &snapshot->axis[i], telemetry);
    }
    fill_groups(rig, snapshot, telemetry);
}
