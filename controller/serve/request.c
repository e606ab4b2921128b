/* Requests: one handler a method. Each answers at once, or hands a command to the cycle whose answer is the reply. */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "controller/base/clock.h"
#include "controller/serve/serve_parts.h"
#include "protocol/belay.h"

#define TEXT(out, text) snprintf(out, sizeof(out), "%s", text)

typedef void handler(struct serve *serve, struct session *session);

static void done(struct serve *serve, struct session *session) {
    session_result(serve, session, serve->request.id, serve->request.method, &serve->result);
}

static void refuse(struct serve *serve, struct session *session, const char *code, const char *field,
                   const char *message) {
    session_error(serve, session, serve->request.id, code, field, message);
}

/* --- Meta, State ------------------------------------------------------------------------------------------------ */

static void fill_hello_axis(const struct rig_axis *from, struct msg_hello_axis *to) {
    *to = (struct msg_hello_axis){
        .carries_person = from->carries_person,
        .belay = from->belay.present,
        .position_min_m = from->limits.position_min_m,
        .position_max_m = from->limits.position_max_m,
        .payout_speed_max_m_s = from->limits.payout_speed_max_m_s,
        .takein_speed_max_m_s = from->limits.takein_speed_max_m_s,
        .jog_speed_max_m_s = fmin(from->modes.jog.payout_speed_max_m_s, from->modes.jog.takein_speed_max_m_s),
        .tension_max_n = from->limits.tension_max_n,
    };
    TEXT(to->name, from->name);
    if (!from->belay.present)
        return;
    to->band_min_n = from->belay.band_min_n;
    to->band_max_n = from->belay.band_max_n;
    to->weight_on_line_n = from->belay.weight_on_line_n;
    to->slack_n = from->belay.slack_n;
    to->lowering_speed_max_m_s = from->belay.lowering_speed_max_m_s;
}

static void hello(struct serve *serve, struct session *session) {
    const struct msg_meta_hello *params = &serve->request.params.meta_hello;
    const struct rig *rig = serve->config.rig;
    if (params->major != MSG_MAJOR) {
        char message[96];
        snprintf(message, sizeof message, "This belayd speaks version %d.%d: use a client of that version.", MSG_MAJOR,
                 MSG_MINOR);
        refuse(serve, session, "version", "params.major", message);
        return;
    }
    session->greeted = true;
    TEXT(session->client, params->client);
    eventlog_say(&serve->log, LOG_INFORMATION, "session %u is %s", session->number, session->client);
    struct msg_meta_hello_result *result = &serve->result.meta_hello;
    *result = (struct msg_meta_hello_result){
        .major = MSG_MAJOR,
        .minor = MSG_MINOR,
        .session = session->number,
        .rehearsal = rig->rehearsal,
        .cycle_ms = rig->cycle_ms,
        .permission_ms = rig->permission_ms,
        .role = session->role,
        .axes_count = rig->axis_count,
    };
    TEXT(result->server, "belayd " BELAY_VERSION);
    TEXT(result->rig, rig->name);
    TEXT(result->rig_hash, rig->hash);
    for (int i = 0; i < rig->axis_count; i++)
        fill_hello_axis(&rig->axis[i], &result->axes[i]);
    done(serve, session);
}

static void state_get(struct serve *serve, struct session *session) {
    if (serve->snapshot->cycle == 0) {
        refuse(serve, session, "no_answer", "", "The control cycle has not run yet: ask again.");
        return;
    }
    session_fill(serve, &serve->result.state_get);
    done(serve, session);
}

static void subscribe(struct serve *serve, struct session *session) {
    session->period_us = serve->request.params.state_subscribe.period_ms * 1000;
    session->due_us = clock_now_us();
    done(serve, session);
}

/* --- Safety ----------------------------------------------------------------------------------------------------- */

static void simple(struct serve *serve, struct session *session) {
    if (serve->request.method == MSG_SAFETY_ARM)
        places_leave(serve);
    static const enum command_kind kinds[MSG_METHOD_COUNT] = {
        [MSG_SAFETY_RESET] = COMMAND_RESET, [MSG_SAFETY_ARM] = COMMAND_ARM, [MSG_SAFETY_DISARM] = COMMAND_DISARM};
    command_ask(serve, session, (struct command){.kind = kinds[serve->request.method]});
}

/* --- Show, Cue -------------------------------------------------------------------------------------------------- */

static void fill_cues(const struct show *show, int *count, struct msg_cue *cues) {
    *count = show->cue_count;
    for (int i = 0; i < show->cue_count; i++) {
        const struct cue *from = &show->cue[i];
        static const enum msg_cue_kind kinds[] = {
            [CUE_MOVE] = MSG_CUE_KIND_MOVE, [CUE_BELAY] = MSG_CUE_KIND_BELAY, [CUE_FLY] = MSG_CUE_KIND_FLY,
            [CUE_COMPENSATE] = MSG_CUE_KIND_COMPENSATE, [CUE_TIMED] = MSG_CUE_KIND_TIMED};
        const bool belay = from->kind == CUE_BELAY, move = from->kind == CUE_MOVE;
        cues[i] = (struct msg_cue){
            .kind = kinds[from->kind],
            .has_position_m = move && !from->has_to,
            .position_m = from->position_m,
            .has_speed_m_s = move,
            .speed_m_s = from->speed_m_s,
            .has_tension_n = belay,
            .tension_n = from->tension_n,
        };
        TEXT(cues[i].id, from->id);
        TEXT(cues[i].name, from->name);
    }
}

static void name_axes(const struct serve *serve, const struct show *show, struct msg_cue *cues) {
    const struct rig *const rig = serve->config.rig;
    for (int i = 0; i < show->cue_count; i++) {
        const struct cue *cue = &show->cue[i];
        TEXT(cues[i].axis, cue->kind == CUE_FLY ? rig->point[cue->point].name : rig->axis[cue->axis].name);
        cues[i].has_group = cue->group >= 0;
        if (cue->group >= 0)
            TEXT(cues[i].group, rig->group[cue->group].name);
    }
}

int request_offer_show(struct serve *serve, uint32_t session, int64_t id, const char *name, const char *text,
                       size_t length) {
    struct show_swap *swap = &serve->swap;
    if (swap->coming >= 0)
        return -EBUSY;
    int place = swap->current == 0 ? 1 : 0;
    memset(&serve->errors, 0, sizeof serve->errors);
    memset(&swap->place[place], 0, sizeof swap->place[place]);
    if (show_load_text(name, text, length, serve->config.rig, &swap->place[place], &serve->errors) < 0)
        return -EINVAL;
    serve->tickets += serve->tickets == UINT32_MAX ? 2 : 1;
    struct command offer = {.kind = COMMAND_SHOW, .session = session, .ticket = serve->tickets,
                            .show = &swap->place[place]};
    if (!command_give(serve, &offer))
        return -EAGAIN;
    swap->coming = place;
    swap->ticket = offer.ticket;
    swap->session = session;
    swap->id = id;
    return 0;
}

void request_show_answered(struct serve *serve, struct verdict verdict) {
    struct show_swap *swap = &serve->swap;
    assert(swap->coming >= 0);
    const struct show *show = &swap->place[swap->coming];
    if (verdict.refusal == REFUSED_NOT)
        swap->current = swap->coming;
    swap->coming = -1;
    struct session *session = session_find(serve, swap->session);
    if (!session) {
        if (swap->session == 0 && verdict.refusal != REFUSED_NOT)
            eventlog_say(&serve->log, LOG_ERROR, "show \"%s\" was not taken: %s", show->name,
                         cycle_refusal_text(verdict.refusal));
        return;
    }
    if (verdict.refusal != REFUSED_NOT) {
        session_refuse(serve, session, swap->id, verdict);
        return;
    }
    struct msg_show *result = &serve->result.show_load;
    TEXT(result->name, show->name);
    TEXT(result->hash, show->hash);
    fill_cues(show, &result->cues_count, result->cues);
    name_axes(serve, show, result->cues);
    session_result(serve, session, swap->id, MSG_SHOW_LOAD, result);
}

static void refuse_show(struct serve *serve, struct session *session) {
    session_say(serve, session, "its show %s is refused: %d errors, the first: %s",
                serve->request.params.show_load.name, serve->errors.count + serve->errors.dropped,
                serve->errors.count > 0 ? serve->errors.text[0] : "none kept");
    static char lines[BELAY_ERROR_TEXT_MAX];
    size_t used = 0;
    const struct yaml_errors *errors = &serve->errors;
    for (int i = 0; i < errors->count && used < sizeof lines; i++)
        used += (size_t)snprintf(lines + used, sizeof lines - used, "%s%s", i ? "\n" : "", errors->text[i]);
    if (errors->dropped > 0 && used < sizeof lines)
        snprintf(lines + used, sizeof lines - used, "\nand %d more", errors->dropped);
    refuse(serve, session, "show", "params.text", lines);
}

static void show_load_request(struct serve *serve, struct session *session) {
    const struct msg_show_load *params = &serve->request.params.show_load;
    int error = request_offer_show(serve, session->number, serve->request.id, params->name, params->text,
                                   strlen(params->text));
    if (error == -EINVAL)
        refuse_show(serve, session);
    else if (error == -EBUSY)
        refuse(serve, session, "busy", "", "Another show is being taken: try again.");
    else if (error)
        refuse(serve, session, "overloaded", "", "Too many commands wait for the control cycle: try again.");
}

static void show_get(struct serve *serve, struct session *session) {
    struct msg_show_get_result *result = &serve->result.show_get;
    memset(result, 0, sizeof *result);
    result->loaded = serve->swap.current >= 0;
    if (result->loaded) {
        const struct show *show = &serve->swap.place[serve->swap.current];
        TEXT(result->name, show->name);
        TEXT(result->hash, show->hash);
        fill_cues(show, &result->cues_count, result->cues);
        name_axes(serve, show, result->cues);
    }
    done(serve, session);
}

/* Index of a cue of the current show; answers by itself when there is none. A show on its way would change the index.
 */
static int find_cue(struct serve *serve, struct session *session, const char *id) {
    const struct show_swap *swap = &serve->swap;
    int index = -1;
    if (swap->coming >= 0)
        refuse(serve, session, "busy", "", "A new show is being taken: try again.");
    else if (swap->current < 0)
        session_refuse(serve, session, serve->request.id, (struct verdict){.refusal = REFUSED_NO_SHOW, .axis = -1});
    else if ((index = show_cue_find(&swap->place[swap->current], id)) < 0)
        refuse(serve, session, "unknown_cue", "params.cue",
               "The loaded show has no cue of this id; belay status and the console list its cues.");
    else
        session_say(serve, session, "asks %s for cue %s \"%s\"", msg_methods[serve->request.method].name, id,
                    swap->place[swap->current].cue[index].name);
    return index;
}

static void standby(struct serve *serve, struct session *session) {
    int cue = find_cue(serve, session, serve->request.params.cue_standby.cue);
    if (cue >= 0)
        command_ask(serve, session, (struct command){.kind = COMMAND_STANDBY, .cue = cue});
}

/* --- Permission, motion ----------------------------------------------------------------------------------------- */

static void hold(struct serve *serve, struct session *session) {
    const struct msg_permission_hold *params = &serve->request.params.permission_hold;
    int64_t now_us = clock_now_us(), lasts_us = (int64_t)serve->config.rig->permission_ms * 1000;
    uint32_t press = (uint32_t)params->press;
    if (params->t_us > now_us + CLOCK_AHEAD_MAX_US || params->t_us < now_us - lasts_us) {
        refuse(serve, session, "clock", "params.t_us",
               "The time of this hold is not now: it came too late, or from another clock.");
        return;
    }
    if (press > session->press) { /* a new press: the hand has let go of the old one */
        command_end_press(serve, session);
        session->press = press;
        session->press_begun = session->press_over = false;
        session->expires_us = now_us + lasts_us;
    }
    if (now_us >= session->expires_us) /* nothing later brings it back, whatever the cycle still remembers */
        command_end_press(serve, session);
    if (press < session->press || session->press_over) {
        serve->result.permission_hold.alive = false;
        done(serve, session);
        return;
    }
    session->expires_us = params->t_us + lasts_us;
    command_ask(serve, session,
                (struct command){.kind = COMMAND_PERMIT, .press = press, .expires_us = session->expires_us});
}

static void end(struct serve *serve, struct session *session) {
    uint32_t press = (uint32_t)serve->request.params.permission_end.press;
    if (press >= session->press) {
        command_end_press(serve, session);
        session->press = press;
        session->press_over = true;
    }
    done(serve, session);
}

static void go(struct serve *serve, struct session *session) {
    const struct msg_cue_go *params = &serve->request.params.cue_go;
    int cue = find_cue(serve, session, params->cue);
    if (cue >= 0)
        command_ask(serve, session,
                    (struct command){.kind = COMMAND_GO, .press = (uint32_t)params->press, .cue = cue});
}

void request_no_axis(struct serve *serve, struct session *session) {
    const struct rig *rig = serve->config.rig;
    char message[64 + RIG_AXES_MAX * (RIG_NAME_MAX + 2)] = "The rig has no axis of this name. It has: ";
    for (int i = 0; i < rig->axis_count; i++) {
        size_t used = strlen(message);
        snprintf(message + used, sizeof message - used, "%s%s", rig->axis[i].name,
                 i + 1 < rig->axis_count ? ", " : ".");
    }
    session_say(serve, session, "asks for an axis that the rig does not have");
    refuse(serve, session, "unknown_axis", "params.axis", message);
}

/* Index of an axis; answers by itself when there is none. */
static int find_axis(struct serve *serve, struct session *session, const char *name) {
    int axis = rig_axis_find(serve->config.rig, name);
    if (axis < 0)
        request_no_axis(serve, session);
    return axis;
}

static void simple_of_axis(struct serve *serve, struct session *session) {
    const bool arms = serve->request.method == MSG_AXIS_ARM;
    const union msg_params *params = &serve->request.params;
    int axis = find_axis(serve, session, arms ? params->axis_arm.axis : params->axis_reset.axis);
    if (axis < 0)
        return;
    if (arms)
        places_leave(serve);
    command_ask(serve, session, (struct command){.kind = arms ? COMMAND_ARM : COMMAND_RESET,
                                                 .axis = axis,
                                                 .axes = UINT32_C(1) << axis});
}

static void unlock(struct serve *serve, struct session *session) {
    int axis = find_axis(serve, session, serve->request.params.line_unlock.axis);
    if (axis >= 0)
        command_ask(serve, session, (struct command){.kind = COMMAND_UNLOCK, .axis = axis});
}

static void select_mode(struct serve *serve, struct session *session) {
    static const enum operating modes[] = {[MSG_OPERATING_MODE_SETUP] = OPERATING_SETUP,
                                           [MSG_OPERATING_MODE_WALK_THROUGH] = OPERATING_WALK_THROUGH,
                                           [MSG_OPERATING_MODE_SHOW] = OPERATING_SHOW};
    const struct msg_mode_select *params = &serve->request.params.mode_select;
    bool walks = params->mode == MSG_OPERATING_MODE_WALK_THROUGH;
    if (!walks && params->percent != 0) {
        refuse(serve, session, "range", "percent", "Only walk_through has a percent: give 0.");
        return;
    }
    session_say(serve, session, "selects %s, %d %%", msg_operating_mode_name(params->mode), (int)params->percent);
    command_ask(serve, session,
                (struct command){.kind = COMMAND_MODE,
                                 .operating = modes[params->mode],
                                 .percent = (int32_t)params->percent});
}

static void recover(struct serve *serve, struct session *session) {
    static const enum bypass bypasses[] = {[MSG_SENSOR_LOAD_CELL] = BYPASS_LOAD_CELL,
                                           [MSG_SENSOR_ENCODER] = BYPASS_ENCODER,
                                           [MSG_SENSOR_LIMIT_SWITCH] = BYPASS_LIMIT_SWITCH,
                                           [MSG_SENSOR_WAY_DOWN] = BYPASS_WAY_DOWN};
    const struct msg_recovery_begin *params = &serve->request.params.recovery_begin;
    int axis = find_axis(serve, session, params->axis);
    if (axis < 0)
        return;
    session_say(serve, session, "asks for a recovery of %s without its %s", params->axis,
                msg_sensor_name(params->without));
    command_ask(serve, session,
                (struct command){.kind = COMMAND_RECOVER, .axis = axis, .bypass = bypasses[params->without]});
}

static void recover_end(struct serve *serve, struct session *session) {
    int axis = find_axis(serve, session, serve->request.params.recovery_end.axis);
    if (axis >= 0)
        command_ask(serve, session, (struct command){.kind = COMMAND_RECOVER, .axis = axis});
}

static void give_clear(struct serve *serve, struct session *session) {
    int axis = find_axis(serve, session, serve->request.params.recovery_clear.axis);
    if (axis >= 0)
        command_ask(serve, session, (struct command){.kind = COMMAND_CLEAR, .axis = axis});
}

static void jog(struct serve *serve, struct session *session) {
    const struct msg_axis_jog *params = &serve->request.params.axis_jog;
    const int group = rig_group_find(serve->config.rig, params->axis);
    const uint32_t axes = group >= 0 ? serve->config.rig->group[group].axes : 0;
    int axis = group >= 0 ? __builtin_ctz(axes) : find_axis(serve, session, params->axis);
    if (axis < 0)
        return;
    if (session->jogged != params->press) /* once, not with each change of speed */
        session_say(serve, session, "asks to jog %s at %.2f m/s", params->axis, params->speed_m_s);
    session->jogged = (uint32_t)params->press;
    command_ask(serve, session,
                (struct command){.kind = COMMAND_JOG, .press = (uint32_t)params->press, .axis = axis,
                                 .axes = axes, .speed_m_s = params->speed_m_s});
}

static handler *const handlers[MSG_METHOD_COUNT] = {
    [MSG_META_HELLO] = hello,          [MSG_META_DESCRIBE] = done,     [MSG_STATE_GET] = state_get,
    [MSG_STATE_SUBSCRIBE] = subscribe, [MSG_SAFETY_STOP] = command_stop, [MSG_SAFETY_RESET] = simple,
    [MSG_SAFETY_ARM] = simple,         [MSG_SAFETY_DISARM] = simple,   [MSG_SHOW_LOAD] = show_load_request,
    [MSG_SHOW_GET] = show_get,         [MSG_CUE_STANDBY] = standby,    [MSG_PERMISSION_HOLD] = hold,
    [MSG_PERMISSION_END] = end,        [MSG_CUE_GO] = go,              [MSG_AXIS_JOG] = jog,
    [MSG_RECOVERY_BEGIN] = recover,    [MSG_RECOVERY_CLEAR] = give_clear, [MSG_RECOVERY_END] = recover_end,
    [MSG_MODE_SELECT] = select_mode,   [MSG_AXIS_RESET] = simple_of_axis, [MSG_AXIS_ARM] = simple_of_axis,
    [MSG_LINE_UNLOCK] = unlock,        [MSG_COMMISSION_GET] = commission_request,
    [MSG_COMMISSION_BEGIN] = commission_request, [MSG_COMMISSION_ANSWER] = commission_request,
    [MSG_COMMISSION_END] = commission_request,   [MSG_COMMISSION_CHANGED] = commission_request,
};

void request_handle(struct serve *serve, struct session *session) {
    enum msg_method method = serve->request.method;
    assert(method >= 0 && method < MSG_METHOD_COUNT && handlers[method]);
    handlers[method](serve, session);
}
