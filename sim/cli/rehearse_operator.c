/* The operator of a scripted rehearsal: a client like any other, through libbelay. */
#include "sim/cli/rehearse_parts.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controller/base/clock.h"

#define RENEW_US 40000
#define TELEMETRY_MS 20
#define REPLY_WAIT_US 2000000
#define RETRY_US 50000

const struct msg_telemetry_axis *operator_axis(const struct director *director) {
    const struct operator *operator = &director->operator;
    return operator->heard && operator->telemetry.axes_count > 0 ? &operator->telemetry.axes[0] : NULL;
}

/* What only belayd can tell the report. The first fall and the first E-stop count. */
static void note_facts(struct report_facts *facts, const struct msg_telemetry *telemetry) {
    const struct msg_first_out *first = &telemetry->first_out;
    if (telemetry->has_first_out && strcmp(first->fault, "fall_caught") == 0 && facts->fall_latched_us == 0)
        facts->fall_latched_us = first->t_us;
    if (telemetry->has_first_out && strcmp(first->fault, "estop") == 0 && facts->estop_latched_us == 0)
        facts->estop_latched_us = first->t_us;
    if (telemetry->estop_count > 0)
        facts->estop_reaction_cycles = (int)telemetry->estop_reaction_cycles;
    facts->overruns = telemetry->overruns;
    facts->late_us_max = telemetry->late_us_max;
}

static void take_telemetry(struct director *director, const struct belay_message *message) {
    struct operator *operator = &director->operator;
    operator->telemetry = message->event_params.state_telemetry;
    int64_t now_us = belay_now_us(), age_us = now_us - operator->telemetry.t_us;
    struct report_facts *facts = &director->in.facts;
    if (operator->heard && now_us - operator->heard_us > facts->telemetry_gap_us_max)
        facts->telemetry_gap_us_max = now_us - operator->heard_us;
    operator->heard_us = now_us;
    operator->heard = true;
    facts->telemetry_us_max = age_us > facts->telemetry_us_max ? age_us : facts->telemetry_us_max;
    note_facts(facts, &operator->telemetry);
}

static void take_reply(struct operator *operator, const struct belay_message *message) {
    if (message->method == MSG_META_HELLO && message->kind == BELAY_RESULT)
        operator->hello = message->result.meta_hello;
    if (message->method == MSG_PERMISSION_HOLD)
        operator->alive = message->kind == BELAY_RESULT && message->result.permission_hold.alive;
    if (message->id != operator->wait_id)
        return;
    operator->wait_id = 0;
    operator->answered = true;
    operator->refused = message->kind == BELAY_ERROR;
    if (operator->refused)
        snprintf(operator->refusal, sizeof operator->refusal, "%s: %.900s", message->error.code,
                 message->error.message);
}

static void renew(struct director *director) {
    struct operator *operator = &director->operator;
    int64_t now_us = belay_now_us();
    if (!operator->holding || now_us < operator->renew_us)
        return;
    if (now_us - operator->renewed_us > director->in.facts.renewal_us_max)
        director->in.facts.renewal_us_max = now_us - operator->renewed_us;
    operator->renew_us = now_us + RENEW_US;
    operator->renewed_us = now_us;
    int64_t sent = belay_send_permission_hold(
        operator->connection, &(struct msg_permission_hold){.press = operator->press, .t_us = now_us});
    if (sent < 0 && !director->belayd.may_end)
        director_fail(director, "the press could not be renewed: %s", strerror((int)-sent));
}

void operator_pump(struct director *director) {
    struct operator *operator = &director->operator;
    if (!operator->connection)
        return;
    renew(director);
    const struct belay_message *message;
    int got;
    while ((got = belay_dispatch(operator->connection, &message)) == 1) {
        if (message->kind == BELAY_EVENT)
            take_telemetry(director, message);
        else
            take_reply(operator, message);
    }
    if (got == 0)
        return;
    if (got == -EPROTO) {
        director_fail(director, "a message of belayd is not understood: %s",
                      belay_protocol_error(operator->connection));
    } else {
        belay_close(operator->connection);
        operator->connection = NULL;
        operator->holding = operator->heard = false;
        if (!director->belayd.may_end)
            director_fail(director, "belayd closed the connection: %s", strerror(-got));
    }
}

/* Waits for the reply to `id` without letting the rest stand still. */
static bool await_reply(struct director *director, int64_t id) {
    struct operator *operator = &director->operator;
    if (id < 0) {
        director_fail(director, "a request could not be sent to belayd: %s", strerror((int)-id));
        return false;
    }
    operator->wait_id = id;
    operator->answered = operator->refused = false;
    int64_t until_us = clock_now_us() + REPLY_WAIT_US;
    while (!operator->answered && operator->connection && clock_now_us() < until_us)
        if (!director_pump(director, clock_now_us() + 1000))
            return false;
    if (!operator->answered)
        director_fail(director, "belayd did not answer a request within %d ms", REPLY_WAIT_US / 1000);
    return operator->answered;
}

bool operator_ask(struct director *director, enum msg_method method, const void *params) {
    struct operator *operator = &director->operator;
    if (!operator->connection) {
        director_fail(director, "there is no connection to belayd");
        return false;
    }
    if (!await_reply(director, belay_send(operator->connection, method, params)))
        return false;
    if (operator->refused)
        director_fail(director, "belayd refused %s: %s", msg_methods[method].name, operator->refusal);
    return !operator->refused;
}

bool operator_open(struct director *director, enum msg_role role, double within_s) {
    struct operator *operator = &director->operator;
    assert(!operator->connection);
    int64_t until_us = clock_now_us() + (int64_t)(within_s * 1e6);
    int error;
    while ((error = belay_connect(director->socket, role, &operator->connection)) != 0 && clock_now_us() < until_us)
        if (!director_pump(director, clock_now_us() + RETRY_US))
            return false;
    if (error != 0) {
        char text[FAILURE_MAX];
        operator->connection = NULL;
        belay_errno_text(error, director->socket, text, sizeof text);
        director_fail(director, "%s", text);
        return false;
    }
    operator->holding = operator->heard = false;
    struct msg_meta_hello hello = {.major = MSG_MAJOR, .minor = MSG_MINOR, .client = "belay rehearse"};
    return operator_ask(director, MSG_META_HELLO, &hello) &&
           operator_ask(director, MSG_STATE_SUBSCRIBE, &(struct msg_state_subscribe){.period_ms = TELEMETRY_MS});
}

void operator_close(struct director *director) {
    belay_close(director->operator.connection);
    director->operator.connection = NULL;
    director->operator.holding = director->operator.heard = false;
}

bool operator_hold(struct director *director) {
    struct operator *operator = &director->operator;
    operator->press++;
    int64_t now_us = belay_now_us();
    struct msg_permission_hold hold = {.press = operator->press, .t_us = now_us};
    operator->renew_us = now_us + RENEW_US;
    operator->renewed_us = now_us;
    operator->holding = true;
    if (!operator_ask(director, MSG_PERMISSION_HOLD, &hold))
        return operator->holding = false;
    if (!operator->alive)
        director_fail(director, "belayd did not take the new press");
    return operator->alive;
}

bool operator_let_go(struct director *director) {
    struct operator *operator = &director->operator;
    operator->holding = false;
    return operator_ask(director, MSG_PERMISSION_END, &(struct msg_permission_end){.press = operator->press});
}

bool operator_load(struct director *director, const char *path) {
    static struct yaml_errors errors;
    char *text = NULL;
    size_t length = 0;
    if (yaml_read(path, &text, &length, &errors) != 0) {
        director_fail(director, "%s", errors.text[0]);
        return false;
    }
    struct msg_show_load *load = calloc(1, sizeof *load);
    assert(load);
    bool fits = length < sizeof load->text;
    if (fits) {
        memcpy(load->text, text, length + 1);
        snprintf(load->name, sizeof load->name, "%.200s", path);
        fits = operator_ask(director, MSG_SHOW_LOAD, load);
    } else {
        director_fail(director, "%s: %zu bytes, more than a show may have", path, length);
    }
    free(load);
    free(text);
    return fits;
}

bool operator_walk(struct director *director, int32_t percent) {
    struct msg_mode_select mode = {.mode = MSG_OPERATING_MODE_WALK_THROUGH, .percent = percent};
    return operator_ask(director, MSG_MODE_SELECT, &mode);
}

bool operator_go(struct director *director, const char *cue) {
    struct msg_cue_standby standby = {0};
    struct msg_cue_go go = {.press = director->operator.press};
    snprintf(standby.cue, sizeof standby.cue, "%s", cue);
    snprintf(go.cue, sizeof go.cue, "%s", cue);
    return operator_ask(director, MSG_CUE_STANDBY, &standby) && operator_ask(director, MSG_CUE_GO, &go);
}

bool operator_jog(struct director *director, const char *axis, double speed_m_s) {
    struct msg_axis_jog jog = {.press = director->operator.press, .speed_m_s = speed_m_s};
    snprintf(jog.axis, sizeof jog.axis, "%s", axis);
    return operator_ask(director, MSG_AXIS_JOG, &jog);
}
