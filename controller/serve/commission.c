/* Commissioning for clients: begins a step, feeds it, signs its end into the record, tells the cycle who may fly. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "controller/base/clock.h"
#include "controller/serve/serve_parts.h"

#define LOOK_US 1000000 /* so often it is worked out what is due */
#define TEXT(out, text) snprintf(out, sizeof(out), "%s", text)

static int64_t wall_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

/* UTC, as the record has it. */
static void write_time(int64_t time_s, char out[RECORD_TIME_MAX]) {
    time_t time = (time_t)time_s;
    struct tm utc = {0};
    gmtime_r(&time, &utc);
    strftime(out, RECORD_TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

struct commission_change commission_change_now(const char *what, const char *operator) {
    struct commission_change change = {.time_s = wall_s()};
    TEXT(change.what, what);
    TEXT(change.operator, operator);
    write_time(change.time_s, change.time);
    return change;
}

static bool asked_of(const struct serve *serve, int axis) {
    const struct rig_axis *from = &serve->config.rig->axis[axis];
    const bool person = from->carries_person && from->commissioning.present;
    return serve->config.record_path && (person || from->reference.present);
}

/* --- record ----------------------------------------------------------------------------------------------------- */

/* Kept beside, so that nobody loses what a person can still read in it. */
static void set_aside(struct serve *serve) {
    char aside[RECORD_PATH_MAX + 16];
    const char *path = serve->config.record_path;
    for (int i = 0; i < serve->errors.count; i++)
        eventlog_say(&serve->log, LOG_ERROR, "%s", serve->errors.text[i]);
    snprintf(aside, sizeof aside, "%s.damaged", path);
    bool moved = rename(path, aside) == 0;
    eventlog_say(&serve->log, LOG_ERROR, "the commissioning record counts as none: every step is to be done again%s%s",
                 moved ? "; the old one is kept as " : "", moved ? aside : "");
}

void commission_open(struct serve *serve) {
    const char *path = serve->config.record_path;
    memset(&serve->errors, 0, sizeof serve->errors);
    if (!path) {
        eventlog_say(&serve->log, LOG_WARNING, "no commissioning record is asked for: a rehearsal, and nothing else");
        return;
    }
    int error = record_load(path, serve->config.rig, &serve->commissioning.record, &serve->errors);
    if (error == -ENOENT)
        eventlog_say(&serve->log, LOG_WARNING, "there is no commissioning record %s yet: see belay commission", path);
    else if (error)
        set_aside(serve);
    else if (serve->commissioning.record.placeless)
        places_missed(serve);
}

void commission_save(struct serve *serve) {
    struct commissioning *this = &serve->commissioning;
    if (!this->save_owed || !serve->config.record_path)
        return;
    int error = record_save(serve->config.record_path, serve->config.rig, &this->record);
    if (error && !this->saved_badly)
        eventlog_say(&serve->log, LOG_ERROR,
                     "the commissioning record %s could not be written: %s. What was done since is lost with the end "
                     "of belayd",
                     serve->config.record_path, strerror(-error));
    this->saved_badly = error != 0;
    this->save_owed = error != 0;
}

static void sign(struct serve *serve, struct commission_run *run) {
    struct commissioning *this = &serve->commissioning;
    const struct rig *rig = serve->config.rig;
    struct record_entry entry = {.step = (int)run->step, .brake = run->brake, .passed = run->end == RUN_PASSED};
    TEXT(entry.axis, rig->axis[run->axis].name);
    TEXT(entry.operator, this->operator);
    TEXT(entry.rig_hash, rig->hash);
    snprintf(entry.figures, sizeof entry.figures, "%.*s", RECORD_FIGURES_MAX - 1,
             run->text[0] ? run->text : "confirmed");
    entry.time_s = wall_s();
    write_time(entry.time_s, entry.time);
    commission_parts_hash(rig, run->axis, run->step, entry.parts);
    record_put(&this->record, rig, &entry);
    this->save_owed = true;
    this->looked_us = 0;
    eventlog_say(&serve->log, entry.passed ? LOG_NOTICE : LOG_ERROR, "%s: commissioning, %s %s, by %s: %s", entry.axis,
                 commission_step_names[entry.step], entry.passed ? "passed" : "FAILED", entry.operator, entry.figures);
}

/* --- turn ------------------------------------------------------------------------------------------------------- */

static void give_up(struct serve *serve, const char *why) {
    struct commissioning *this = &serve->commissioning;
    this->session = 0;
    this->run.end = RUN_FAILED;
    this->run.wants = WANTS_NOTHING;
    this->run.jog_m_s = 0;
    snprintf(this->run.text, sizeof this->run.text, "Given up: %s. The record keeps what it had.", why);
}

static void advance(struct serve *serve) {
    struct commissioning *this = &serve->commissioning;
    struct session *session = session_find(serve, this->session);
    if (!session) {
        give_up(serve, "its session ended");
        return;
    }
    commission_watch(&this->run, serve->snapshot);
    if (this->run.stop)
        this->run.stop = !command_give(serve, &(struct command){.kind = COMMAND_STOP, .session = session->number});
    if (this->run.end == RUN_GOES_ON)
        return;
    sign(serve, &this->run);
    this->session = 0;
}

static void look(struct serve *serve, int64_t now_us) {
    struct commissioning *this = &serve->commissioning;
    if (this->looked_us != 0 && now_us - this->looked_us < LOOK_US)
        return;
    int64_t now_s = wall_s();
    for (int i = 0; i < serve->config.rig->axis_count; i++)
        this->standing[i] = commission_standing(serve->config.rig, i, &this->record, now_s);
    this->looked_us = now_us;
}

/* Again and again until the ring takes it. */
static void give_clearances(struct serve *serve) {
    struct commissioning *this = &serve->commissioning;
    for (int i = 0; i < serve->config.rig->axis_count; i++) {
        enum refusal refusal = asked_of(serve, i) ? commission_clearance(&this->standing[i]) : REFUSED_NOT;
        uint32_t bit = UINT32_C(1) << i;
        struct command command = {.kind = COMMAND_CLEARANCE, .axis = i, .clearance = refusal};
        if ((this->given & bit) != 0 && this->clearance[i] == refusal)
            continue;
        this->given = command_give(serve, &command) ? this->given | bit : this->given & ~bit;
        this->clearance[i] = refusal;
    }
}

void commission_turn(struct serve *serve, int64_t now_us) {
    if (serve->commissioning.session != 0)
        advance(serve);
    places_turn(serve, now_us);
    if (!serve->snapshot->permission_alive) /* a write waits for the disk: never while a hold is to be renewed */
        commission_save(serve);
    look(serve, now_us);
    give_clearances(serve);
}

void commission_close(struct serve *serve) {
    serve->commissioning.noted_us = 0;
    places_turn(serve, clock_now_us());
    commission_save(serve);
}

/* --- requests --------------------------------------------------------------------------------------------------- */

static void refuse(struct serve *serve, struct session *session, const char *code, const char *field,
                   const char *message) {
    session_error(serve, session, serve->request.id, code, field, message);
}

/* Index of an axis that has commissioning; answers by itself when there is none. */
static int find_axis(struct serve *serve, struct session *session, const char *name) {
    int axis = rig_axis_find(serve->config.rig, name);
    if (axis < 0)
        request_no_axis(serve, session);
    return axis;
}

static void fill_step(const struct serve *serve, int axis, int step, int brake, struct msg_commission_step *to) {
    const struct commissioning *this = &serve->commissioning;
    const struct rig *rig = serve->config.rig;
    const struct commission_step_row *row = commission_step_row((enum commission_step)step);
    const struct record_entry *entry =
        record_find(&this->record, rig->axis[axis].name, (enum commission_step)step, brake);
    *to = (struct msg_commission_step){.brake = brake, .daily = row->daily};
    TEXT(to->step, row->name);
    TEXT(to->title, row->title);
    const enum commission_state state =
        commission_state_of(rig, axis, (enum commission_step)step, brake, &this->record, wall_s());
    TEXT(to->state, commission_state_name(state));
    if (!entry)
        return;
    TEXT(to->operator, entry->operator);
    TEXT(to->time, entry->time);
    const bool otherwise = state == COMMISSION_VOID && !entry->changed;
    snprintf(to->figures, sizeof to->figures, "%s%.*s",
             otherwise ? "rig file or profile read otherwise since; then: " : "",
             (int)(sizeof to->figures - sizeof "rig file or profile read otherwise since; then: "), entry->figures);
}

static void get(struct serve *serve, struct session *session) {
    int axis = find_axis(serve, session, serve->request.params.commission_get.axis);
    if (axis < 0)
        return;
    const struct rig_axis *from = &serve->config.rig->axis[axis];
    struct msg_commission_get_result *to = &serve->result.commission_get;
    memset(to, 0, sizeof *to);
    to->daily_h = from->commissioning.daily_h;
    snprintf(to->record, sizeof to->record, "%.255s", serve->config.record_path ? serve->config.record_path : "");
    const int room = sizeof to->steps / sizeof to->steps[0];
    for (int step = 0; step < COMMISSION_STEPS; step++) {
        bool each = commission_step_row((enum commission_step)step)->per_brake;
        int times = commission_times(from, (enum commission_step)step);
        for (int i = 0; i < times && to->steps_count < room; i++)
            fill_step(serve, axis, step, each ? i + 1 : 0, &to->steps[to->steps_count++]);
    }
    session_result(serve, session, serve->request.id, serve->request.method, &serve->result);
}

static bool has_step(const struct rig_axis *axis, int step, int64_t brake) {
    if (step < 0 || commission_times(axis, (enum commission_step)step) == 0)
        return false;
    bool each = commission_step_row((enum commission_step)step)->per_brake;
    return each ? brake >= 1 && brake <= commission_brakes(axis) : brake == 0;
}

/* A fault ends these: one from before would fail a step that nobody has begun. */
static bool wants_no_fault(int step) {
    return step == STEP_DIRECTION || step == STEP_LIMITS || step == STEP_RESPONSE || step == STEP_REFERENCE;
}

/* Name as given, and the uid that the kernel tells. */
static void name_operator(const struct session *session, const char *name, char out[RECORD_OPERATOR_MAX]) {
    snprintf(out, RECORD_OPERATOR_MAX, "%.46s, uid %u", name, (unsigned)session->uid);
}

/* The log has it too: who asks for a step in vain is somebody in front of a line. */
static void refuse_step(struct serve *serve, struct session *session, const char *code, const char *path,
                        const char *text) {
    const struct msg_commission_begin *params = &serve->request.params.commission_begin;
    session_say(serve, session, "commissioning of %s, %s, refused: %s: %s", params->axis, params->step, code, text);
    refuse(serve, session, code, path, text);
}

static void begin(struct serve *serve, struct session *session) {
    const struct msg_commission_begin *params = &serve->request.params.commission_begin;
    struct commissioning *this = &serve->commissioning;
    int axis = find_axis(serve, session, params->axis), step = commission_step_find(params->step);
    if (axis < 0)
        return;
    if (!has_step(&serve->config.rig->axis[axis], step, params->brake)) {
        refuse_step(serve, session, "unknown_step", "params.step",
               "No such step: belay commission AXIS lists those of an axis; brake_hold takes the brake's number.");
        return;
    }
    if (this->session != 0) {
        char text[256];
        snprintf(text, sizeof text, "The step %s of %s runs, by %s: wait, or end it there.",
                 commission_step_names[this->run.step], serve->config.rig->axis[this->run.axis].name, this->operator);
        refuse_step(serve, session, "step_runs", "", text);
        return;
    }
    if (wants_no_fault(step) && serve->snapshot->axis[axis].fault_mask != 0) {
        refuse_step(serve, session, "fault_latched", "",
               "A fault is latched, and this step jogs: mend its cause, reset, arm, then begin the step.");
        return;
    }
    name_operator(session, params->operator, this->operator);
    commission_begin(&this->run, serve->config.rig, axis, (enum commission_step)step, (int)params->brake);
    this->begun = true;
    this->session = session->number;
    session_say(serve, session, "%s begins commissioning of %s: %s", this->operator, params->axis, params->step);
    session_result(serve, session, serve->request.id, serve->request.method, &serve->result);
}

static bool runs_it(const struct serve *serve, const struct session *session) {
    return serve->commissioning.session != 0 && serve->commissioning.session == session->number;
}

static void answer(struct serve *serve, struct session *session) {
    double value = serve->request.params.commission_answer.value;
    if (!runs_it(serve, session) || !commission_answer(&serve->commissioning.run, value)) {
        refuse(serve, session, "step_runs", "", "No step of this session waits for an answer.");
        return;
    }
    session_result(serve, session, serve->request.id, serve->request.method, &serve->result);
}

static void end(struct serve *serve, struct session *session) {
    if (runs_it(serve, session))
        give_up(serve, "its operator ended it");
    session_result(serve, session, serve->request.id, serve->request.method, &serve->result);
}

static void changed(struct serve *serve, struct session *session) {
    const struct msg_commission_changed *params = &serve->request.params.commission_changed;
    int axis = find_axis(serve, session, params->axis), part = commission_part_find(params->part);
    if (axis < 0)
        return;
    if (part < 0) {
        refuse(serve, session, "unknown_part", "params.part",
               "Parts are rope, cell, encoder, drive, brake, estop, switch and sensor.");
        return;
    }
    char operator[RECORD_OPERATOR_MAX], what[64];
    name_operator(session, params->operator, operator);
    snprintf(what, sizeof what, "%.31s was changed", params->part);
    const struct commission_change change = commission_change_now(what, operator);
    commission_void(serve->config.rig, axis, (enum commission_part)part, &change, &serve->commissioning.record);
    serve->commissioning.save_owed = true;
    serve->commissioning.looked_us = 0;
    if (part == PART_ROPE)
        wear_rope_changed(serve, axis);
    session_say(serve, session, "%s says that the %s of %s has changed: its steps are void", params->operator,
                params->part, params->axis);
    command_ask(serve, session, (struct command){.kind = COMMAND_CHANGED, .axis = axis});
}

void commission_request(struct serve *serve, struct session *session) {
    typedef void handler(struct serve * serve, struct session * session);
    static handler *const handlers[MSG_METHOD_COUNT] = {[MSG_COMMISSION_GET] = get,
                                                        [MSG_COMMISSION_BEGIN] = begin,
                                                        [MSG_COMMISSION_ANSWER] = answer,
                                                        [MSG_COMMISSION_END] = end,
                                                        [MSG_COMMISSION_CHANGED] = changed};
    assert(handlers[serve->request.method]);
    handlers[serve->request.method](serve, session);
}

/* --- for clients ------------------------------------------------------------------------------------------------ */

static void fill_run(const struct serve *serve, struct msg_telemetry *out) {
    const struct commissioning *this = &serve->commissioning;
    const struct commission_run *run = &this->run;
    out->has_commission = this->begun;
    if (!this->begun)
        return;
    out->commission = (struct msg_commission_run){.brake = run->brake,
                                                  .session = this->session,
                                                  .jog_m_s = run->jog_m_s,
                                                  .ended = run->end != RUN_GOES_ON,
                                                  .passed = run->end == RUN_PASSED};
    TEXT(out->commission.axis, serve->config.rig->axis[run->axis].name);
    TEXT(out->commission.step, commission_step_names[run->step]);
    TEXT(out->commission.wants, commission_wants_name(run->wants));
    TEXT(out->commission.text, run->text);
}

static void fill_standing(const struct serve *serve, int axis, struct msg_telemetry_axis *to) {
    const struct commission_standing *standing = &serve->commissioning.standing[axis];
    if (!asked_of(serve, axis))
        return;
    to->has_commissioning = true;
    TEXT(to->commissioning.state, commission_state_name(standing->state));
    TEXT(to->commissioning.step, commission_step_names[standing->step]);
    to->commissioning.brake = standing->brake;
    to->commissioning.has_due_s = standing->state == COMMISSION_OK;
    to->commissioning.due_s = to->commissioning.has_due_s ? standing->due_s : 0;
}

void commission_fill(const struct serve *serve, struct msg_telemetry *out) {
    const struct snapshot *from = serve->snapshot;
    fill_run(serve, out);
    for (int i = 0; i < serve->config.rig->axis_count; i++) {
        fill_standing(serve, i, &out->axes[i]);
        commission_explain(serve, from->axis[i].payout, out->axes[i].payout_refusal.text,
                           sizeof out->axes[i].payout_refusal.text);
        commission_explain(serve, from->axis[i].takein, out->axes[i].takein_refusal.text,
                           sizeof out->axes[i].takein_refusal.text);
    }
    commission_explain(serve, from->go, out->go_refusal.text, sizeof out->go_refusal.text);
}

void commission_explain(const struct serve *serve, struct verdict verdict, char *out, size_t size) {
    bool about = verdict.refusal == REFUSED_NOT_COMMISSIONED || verdict.refusal == REFUSED_DAILY_DUE;
    if (!about || verdict.axis < 0)
        return;
    const struct commission_standing *standing = &serve->commissioning.standing[verdict.axis];
    if (standing->state != COMMISSION_OK) /* else it was done since that cycle */
        commission_say(serve->config.rig, verdict.axis, standing, out, size);
}
