/* Sessions over real sockets: greeting, roles, bounds, slow readers, shows. Behind them the real cycle. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "controller/base/clock.h"
#include "tests/serve_bench.h"

#define EMPTY(method) "{\"v\":1,\"id\":5,\"method\":\"" method "\",\"params\":{}}"

static struct serve_bench *bench;

static void setup(void) {
    bench = serve_bench_new();
}

static void teardown(void) {
    serve_bench_free(bench);
}

TestSuite(serve_sessions, .init = setup, .fini = teardown);

Test(serve_sessions, greeting_tells_rig_limits_and_who_we_are) {
    struct belay_connection *connection;
    cr_assert_eq(belay_connect(bench->path, MSG_ROLE_OPERATE, &connection), 0);
    const struct msg_meta_hello hello = {.major = MSG_MAJOR, .minor = 77, .client = "test"};
    const struct belay_message *message = client_ask(bench, connection, MSG_META_HELLO, &hello);
    cr_assert_eq(message->kind, BELAY_RESULT);
    const struct msg_meta_hello_result *result = &message->result.meta_hello;
    cr_expect_eq(result->major, MSG_MAJOR);
    cr_expect_eq(result->session, 1);
    cr_expect_eq(result->role, MSG_ROLE_OPERATE);
    cr_expect_eq(result->permission_ms, 200);
    cr_expect_eq(result->cycle_ms, 10);
    cr_expect(result->rehearsal);
    cr_expect_str_eq(result->rig, "bench");
    cr_expect_str_eq(result->server, "belayd " BELAY_VERSION);
    cr_assert_eq(result->axes_count, 1);
    cr_expect_str_eq(result->axes[0].name, "climber");
    cr_expect_eq(result->axes[0].position_max_m, 26.5);
    cr_expect_eq(result->axes[0].weight_on_line_n, 250);
    cr_expect_eq(bench->serve->session[0].uid, getuid(), "the kernel says who connects");
    cr_expect_eq(bench->serve->session[0].pid, getpid());
    belay_close(connection);
}

Test(serve_sessions, greeting_comes_first_but_for_a_stop) {
    int fd = raw_connect(bench, MSG_ROLE_OPERATE);
    cr_expect_str_eq(raw_ask(bench, fd, EMPTY("Safety.Arm")), "hello_first");
    cr_expect_str_eq(raw_ask(bench, fd, EMPTY("State.Get")), "hello_first");
    cr_expect_str_eq(raw_ask(bench, fd, EMPTY("Safety.Stop")), "");
    cr_expect_eq(bench->taken[COMMAND_ARM], 0);
    cr_expect_eq(bench->taken[COMMAND_STOP], 1);
    cr_expect_str_eq(raw_ask(bench, fd, "{\"v\":1,\"id\":1,\"method\":\"Meta.Hello\",\"params\":"
                                        "{\"major\":2,\"minor\":0,\"client\":\"new\"}}"), "version");
    cr_expect_str_eq(raw_ask(bench, fd, EMPTY("Safety.Arm")), "hello_first");
    raw_hello(bench, fd);
    cr_expect_str_eq(raw_ask(bench, fd, EMPTY("Safety.Arm")), "");
    close(fd);
}

Test(serve_sessions, view_socket_looks_and_never_commands) {
    struct belay_connection *view = client_new(bench, MSG_ROLE_VIEW);
    union msg_params params = {.axis_jog = {.press = 1, .axis = "climber", .speed_m_s = 0.1}};
    for (int method = 0; method < MSG_METHOD_COUNT; method++) {
        if (msg_methods[method].view)
            continue;
        memset(&params, 0, sizeof params);
        if (method == MSG_AXIS_JOG)
            params.axis_jog = (struct msg_axis_jog){.press = 1, .axis = "climber", .speed_m_s = 0.1};
        if (method == MSG_PERMISSION_HOLD)
            params.permission_hold = (struct msg_permission_hold){.press = 1, .t_us = clock_now_us()};
        if (method == MSG_PERMISSION_END)
            params.permission_end.press = 1;
        if (method == MSG_CUE_GO)
            params.cue_go = (struct msg_cue_go){.press = 1, .cue = "1"};
        if (method == MSG_CUE_STANDBY)
            params.cue_standby = (struct msg_cue_standby){.cue = "1"};
        if (method == MSG_LINE_UNLOCK)
            params.line_unlock = (struct msg_line_unlock){.axis = "climber"};
        if (method == MSG_AXIS_RESET)
            params.axis_reset = (struct msg_axis_reset){.axis = "climber"};
        if (method == MSG_AXIS_ARM)
            params.axis_arm = (struct msg_axis_arm){.axis = "climber"};
        if (method == MSG_MODE_SELECT)
            params.mode_select = (struct msg_mode_select){.mode = MSG_OPERATING_MODE_WALK_THROUGH, .percent = 10};
        if (method == MSG_RECOVERY_BEGIN)
            params.recovery_begin =
                (struct msg_recovery_begin){.axis = "climber", .without = MSG_SENSOR_ENCODER};
        if (method == MSG_RECOVERY_CLEAR)
            params.recovery_clear = (struct msg_recovery_clear){.axis = "climber"};
        if (method == MSG_RECOVERY_END)
            params.recovery_end = (struct msg_recovery_end){.axis = "climber"};
        if (method == MSG_COMMISSION_BEGIN)
            params.commission_begin =
                (struct msg_commission_begin){.axis = "climber", .step = "tare", .operator = "A Rigger"};
        if (method == MSG_COMMISSION_CHANGED)
            params.commission_changed =
                (struct msg_commission_changed){.axis = "climber", .part = "cell", .operator = "A Rigger"};
        if (method == MSG_SHOW_LOAD)
            params.show_load = (struct msg_show_load){.name = "x", .text = "y"};
        cr_expect_str_eq(client_code(client_ask(bench, view, (enum msg_method)method, &params)), "role", "%s",
                         msg_methods[method].name);
    }
    for (int kind = 0; kind < COMMAND_KIND_COUNT; kind++)
        cr_expect(bench->taken[kind] == 0 || kind == COMMAND_CLEARANCE,
            /* belayd's own */ "command %d reached the cycle from the view socket", kind);
    const struct belay_message *message = client_ask(bench, view, MSG_STATE_GET, NULL);
    cr_assert_eq(message->kind, BELAY_RESULT);
    cr_expect_str_eq(message->result.state_get.state, "disarmed");
    cr_expect_eq(client_ask(bench, view, MSG_META_DESCRIBE, NULL)->kind, BELAY_RESULT);
    belay_close(view);
}

Test(serve_sessions, socket_modes_are_operate_0660_view_0666) {
    struct stat file;
    cr_assert_eq(stat(bench->serve->listening.operate_path, &file), 0);
    cr_expect_eq(file.st_mode & 0777, 0660, "%o", file.st_mode & 0777);
    cr_assert_eq(stat(bench->serve->listening.view_path, &file), 0);
    cr_expect_eq(file.st_mode & 0777, 0666, "%o", file.st_mode & 0777);
}

Test(serve_sessions, bad_packets_are_answered_and_the_session_goes_on) {
    int fd = raw_connect(bench, MSG_ROLE_OPERATE);
    raw_hello(bench, fd);
    cr_expect_str_eq(raw_ask(bench, fd, "stop!"), "not_json");
    cr_expect_str_eq(raw_ask(bench, fd, "{\"v\":1,\"id\":5,\"method\":\"Safety.Arm\",\"params\":{\"now\":true}}"),
                     "unknown_field");
    cr_expect_str_eq(raw_ask(bench, fd, "{\"v\":1,\"id\":5,\"method\":\"Axis.Jog\",\"params\":"
                                        "{\"press\":1,\"axis\":\"nobody\",\"speed_m_s\":0.1}}"), "unknown_axis");
    cr_expect_str_eq(raw_ask(bench, fd, "{\"v\":1,\"id\":5,\"method\":\"Axis.Reset\",\"params\":"
                                        "{\"axis\":\"nobody\"}}"), "unknown_axis");
    cr_expect_str_eq(raw_ask(bench, fd, "{\"v\":1,\"id\":5,\"method\":\"Mode.Select\",\"params\":"
                                        "{\"mode\":\"setup\",\"percent\":10}}"), "range", "only walk_through has one");
    cr_expect_str_eq(raw_ask(bench, fd, "{\"v\":1,\"id\":5,\"method\":\"Mode.Select\",\"params\":"
                                        "{\"mode\":\"fast\",\"percent\":0}}"), "range");
    cr_expect_eq(bench->taken[COMMAND_MODE], 0);
    static char big[MSG_PACKET_BYTES_MAX + 100];
    memset(big, 'x', sizeof big - 1);
    cr_expect_str_eq(raw_ask(bench, fd, big), "too_long");
    cr_expect_eq(bench->taken[COMMAND_ARM] + bench->taken[COMMAND_JOG], 0);
    cr_expect_str_eq(raw_ask(bench, fd, EMPTY("Safety.Arm")), "");
    close(fd);
}

Test(serve_sessions, one_axis_is_reset_and_armed_by_its_name) {
    struct belay_connection *client = client_new(bench, MSG_ROLE_OPERATE);
    const struct msg_axis_reset reset = {.axis = "climber"};
    const struct msg_axis_arm arm = {.axis = "climber"};
    cr_expect_str_eq(client_code(client_ask(bench, client, MSG_AXIS_RESET, &reset)), "");
    cr_expect(bench->last.kind == COMMAND_RESET && bench->last.axes == 1);
    cr_expect_str_eq(client_code(client_ask(bench, client, MSG_AXIS_ARM, &arm)), "");
    cr_expect(bench->last.kind == COMMAND_ARM && bench->last.axes == 1);
    cr_expect_str_eq(client_code(client_ask(bench, client, MSG_AXIS_ARM, &arm)), "already_armed");
    belay_close(client);
}

Test(serve_sessions, refusals_of_the_cycle_come_with_its_name_and_text) {
    struct belay_connection *client = client_new(bench, MSG_ROLE_OPERATE);
    bench->bench->estop_b_closed = false;
    serve_bench_run(bench, 40);
    const struct belay_message *message = client_ask(bench, client, MSG_SAFETY_ARM, NULL);
    cr_assert_eq(message->kind, BELAY_ERROR);
    cr_expect_str_eq(message->error.code, cycle_refusal_name(REFUSED_ESTOP_OPEN));
    cr_expect_str_eq(message->error.message, cycle_refusal_text(REFUSED_ESTOP_OPEN));
    message = client_ask(bench, client, MSG_STATE_GET, NULL);
    cr_expect_str_eq(message->result.state_get.state, "fault");
    cr_assert(message->result.state_get.has_first_out);
    cr_expect_str_eq(message->result.state_get.first_out.fault, "estop");
    belay_close(client);
}

Test(serve_sessions, every_refusal_is_a_code_of_the_schema) {
    for (int refusal = 1; refusal < REFUSED_COUNT; refusal++) {
        const char *name = cycle_refusal_name((enum refusal)refusal);
        int i = 0;
        while (msg_error_codes[i] && strcmp(msg_error_codes[i], name) != 0)
            i++;
        cr_expect_not_null(msg_error_codes[i], "%s is missing in schema.json", name);
    }
}

/* --- telemetry -------------------------------------------------------------------------------------------------- */

static int count_events(struct belay_connection *connection, int64_t *last_seq) {
    const struct belay_message *message;
    int count = 0;
    while (belay_dispatch(connection, &message) == 1) {
        if (message->kind != BELAY_EVENT)
            continue;
        cr_assert_eq(message->seq, *last_seq + 1);
        cr_assert_eq(message->t_us, message->event_params.state_telemetry.t_us);
        *last_seq = message->seq;
        count++;
    }
    return count;
}

Test(serve_sessions, telemetry_comes_at_each_sessions_own_period) {
    struct belay_connection *fast = client_new(bench, MSG_ROLE_VIEW), *slow = client_new(bench, MSG_ROLE_OPERATE);
    client_ask(bench, fast, MSG_STATE_SUBSCRIBE, &(struct msg_state_subscribe){.period_ms = 20});
    client_ask(bench, slow, MSG_STATE_SUBSCRIBE, &(struct msg_state_subscribe){.period_ms = 200});
    int64_t fast_seq = -1, slow_seq = -1;
    count_events(fast, &fast_seq);
    count_events(slow, &slow_seq);
    serve_bench_run(bench, 1000);
    int fast_count = count_events(fast, &fast_seq), slow_count = count_events(slow, &slow_seq);
    cr_expect(fast_count >= 35 && fast_count <= 51, "%d at 20 ms", fast_count);
    cr_expect(slow_count >= 4 && slow_count <= 6, "%d at 200 ms", slow_count);
    bench->frozen = true;
    serve_bench_run(bench, 100);
    count_events(fast, &fast_seq);
    serve_bench_run(bench, 100);
    cr_expect_eq(count_events(fast, &fast_seq), 0, "an old snapshot is not sent as news");
    belay_close(fast);
    belay_close(slow);
}

/* Somebody who never reads: telemetry is skipped, then the connection dropped; the others notice nothing. */
Test(serve_sessions, a_client_that_does_not_read_is_dropped_not_waited_for, .timeout = 30) {
    struct belay_connection *good = client_new(bench, MSG_ROLE_VIEW);
    int deaf = raw_connect(bench, MSG_ROLE_OPERATE);
    raw_hello(bench, deaf);
    raw_ask(bench, deaf, "{\"v\":1,\"id\":1,\"method\":\"State.Subscribe\",\"params\":{\"period_ms\":20}}");
    client_ask(bench, good, MSG_STATE_SUBSCRIBE, &(struct msg_state_subscribe){.period_ms = 20});
    int64_t end_us = clock_now_us() + 15000000, turn_us_max = 0, last_seq = -1;
    while (session_find(bench->serve, 2) && clock_now_us() < end_us) {
        int64_t before_us = clock_now_us();
        serve_turn(bench->serve, 0);
        int64_t turn_us = clock_now_us() - before_us;
        turn_us_max = turn_us > turn_us_max ? turn_us : turn_us_max;
        serve_bench_run(bench, 3);
        count_events(good, &last_seq);
    }
    cr_expect_null(session_find(bench->serve, 2), "still there");
    cr_expect_not_null(session_find(bench->serve, 1));
    cr_expect_lt(turn_us_max, 500000, "a turn took %lld us", (long long)turn_us_max);
    cr_expect_eq(client_ask(bench, good, MSG_STATE_GET, NULL)->kind, BELAY_RESULT);
    belay_close(good);
    close(deaf);
}

/* A flood of requests without reading the replies ends the flooder, not the server. */
Test(serve_sessions, a_flood_is_bounded, .timeout = 30) {
    struct belay_connection *good = client_new(bench, MSG_ROLE_OPERATE);
    int flood = raw_connect(bench, MSG_ROLE_OPERATE);
    const char *stop = EMPTY("Meta.Nothing");
    for (int i = 0; i < 100000 && session_find(bench->serve, 2) == NULL; i++)
        serve_bench_turn(bench);
    int sent = 0;
    while (session_find(bench->serve, 2) && sent < 200000) {
        if (send(flood, stop, strlen(stop), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
            sent++;
        else
            serve_bench_turn(bench);
        if (sent % 64 == 0)
            serve_bench_turn(bench);
    }
    cr_expect_null(session_find(bench->serve, 2), "%d requests without reading a reply", sent);
    cr_expect_str_eq(client_code(client_ask(bench, good, MSG_SAFETY_STOP, NULL)), "");
    close(flood);
    belay_close(good);
}

Test(serve_sessions, too_many_clients_are_turned_away_and_viewers_leave_room_for_operators) {
    int view[SESSIONS_MAX - OPERATE_SESSIONS_MAX];
    for (int i = 0; i < SESSIONS_MAX - OPERATE_SESSIONS_MAX; i++) {
        view[i] = raw_connect(bench, MSG_ROLE_VIEW);
        raw_hello(bench, view[i]);
    }
    int one_more = raw_connect(bench, MSG_ROLE_VIEW);
    json_t *reply = raw_reply(bench, one_more);
    cr_assert_not_null(reply);
    cr_expect_str_eq(json_string_value(json_object_get(json_object_get(reply, "error"), "code")), "sessions");
    json_decref(reply);
    cr_expect_null(raw_reply(bench, one_more), "closed");
    struct belay_connection *operator= client_new(bench, MSG_ROLE_OPERATE);
    belay_close(operator);
    close(view[0]);
    serve_bench_run(bench, 20);
    int again = raw_connect(bench, MSG_ROLE_VIEW);
    raw_hello(bench, again);
    close(again);
    close(one_more);
    for (int i = 1; i < SESSIONS_MAX - OPERATE_SESSIONS_MAX; i++)
        close(view[i]);
}

/* --- shows ------------------------------------------------------------------------------------------------------ */

static const char show_text[] = "format: 1\nshow: One\nrig: bench\ncues:\n  - id: 7\n    name: Down\n    move:\n"
                                "      axis: climber\n      position_m: 12\n      speed_m_s: 0.5\n"
                                "      acceleration_m_s2: 0.5\n";

static struct msg_show_load load_of(const char *text) {
    struct msg_show_load load = {.name = "one.yaml"};
    snprintf(load.text, sizeof load.text, "%s", text);
    return load;
}

Test(serve_sessions, a_show_is_taken_whole_or_not_at_all) {
    struct belay_connection *client = client_new(bench, MSG_ROLE_OPERATE);
    const struct belay_message *message = client_ask(bench, client, MSG_SHOW_GET, NULL);
    cr_expect_not(message->result.show_get.loaded);
    cr_expect_str_eq(client_code(client_ask(bench, client, MSG_CUE_STANDBY, &(struct msg_cue_standby){.cue = "7"})),
                     "no_show");
    static struct msg_show_load load;
    load = load_of(show_text);
    message = client_ask(bench, client, MSG_SHOW_LOAD, &load);
    cr_assert_eq(message->kind, BELAY_RESULT, "%s", message->error.message);
    cr_expect_str_eq(message->result.show_load.name, "One");
    cr_assert_eq(message->result.show_load.cues_count, 1);
    cr_expect_str_eq(message->result.show_load.cues[0].id, "7");
    cr_expect_eq(message->result.show_load.cues[0].kind, MSG_CUE_KIND_MOVE);
    cr_expect_str_eq(message->result.show_load.cues[0].axis, "climber");
    cr_expect_eq(message->result.show_load.cues[0].position_m, 12);
    cr_expect_not(message->result.show_load.cues[0].has_tension_n);

    load = load_of("format: 1\nshow: Two\nrig: bench\ncues:\n  - id: 7\n    name: Down\n    move:\n"
                   "      axis: climber\n      position_m: 99\n      speed_m_s: 1,5\n      acceleration_m_s2: 0.5\n");
    message = client_ask(bench, client, MSG_SHOW_LOAD, &load);
    cr_assert_str_eq(client_code(message), "show");
    cr_expect_not_null(strstr(message->error.message, "one.yaml:9:19: cues[0].move.position_m"));
    cr_expect_not_null(strstr(message->error.message, "one.yaml:10:18: cues[0].move.speed_m_s"));
    cr_expect_not_null(strchr(message->error.message, '\n'), "all lines: %s", message->error.message);
    message = client_ask(bench, client, MSG_SHOW_GET, NULL);
    cr_expect(message->result.show_get.loaded);
    cr_expect_str_eq(message->result.show_get.name, "One", "the one before stays");
    cr_expect_str_eq(client_code(client_ask(bench, client, MSG_CUE_STANDBY, &(struct msg_cue_standby){.cue = "8"})),
                     "unknown_cue");
    belay_close(client);
}

/* The cycle reads the old show until it takes the new one, so its place is never written before. */
Test(serve_sessions, a_show_on_its_way_is_never_overwritten) {
    struct belay_connection *client = client_new(bench, MSG_ROLE_OPERATE);
    static struct msg_show_load load;
    load = load_of(show_text);
    cr_assert_eq(client_ask(bench, client, MSG_SHOW_LOAD, &load)->kind, BELAY_RESULT);
    const struct show *first = bench->bench->out.snapshot.show;
    cr_assert_not_null(first);
    struct show copy = *first;
    bench->frozen = true;
    cr_assert_gt(belay_send_show_load(client, &load), 0);
    serve_bench_run(bench, 20);
    cr_expect_str_eq(client_code(client_ask(bench, client, MSG_SHOW_LOAD, &load)), "busy");
    cr_expect_str_eq(client_code(client_ask(bench, client, MSG_CUE_STANDBY, &(struct msg_cue_standby){.cue = "7"})),
                     "busy", "a cue's index could be that of the other show");
    cr_expect_eq(memcmp(&copy, first, sizeof copy), 0);
    bench->frozen = false;
    serve_bench_run(bench, 30);
    cr_expect_neq(bench->bench->out.snapshot.show, first);
    belay_close(client);
}

/* A session that asked for a show and left does not block the next load. */
Test(serve_sessions, a_load_survives_its_client) {
    struct belay_connection *client = client_new(bench, MSG_ROLE_OPERATE);
    static struct msg_show_load load;
    load = load_of(show_text);
    bench->frozen = true;
    cr_assert_gt(belay_send_show_load(client, &load), 0);
    serve_bench_run(bench, 20);
    belay_close(client);
    serve_bench_run(bench, 20);
    bench->frozen = false;
    client = client_new(bench, MSG_ROLE_OPERATE);
    cr_expect(client_ask(bench, client, MSG_SHOW_GET, NULL)->result.show_get.loaded);
    cr_expect_eq(client_ask(bench, client, MSG_SHOW_LOAD, &load)->kind, BELAY_RESULT);
    belay_close(client);
}
