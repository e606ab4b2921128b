/* The server bench: one thread, real sockets, real cycle, ideal machine. */
#include "tests/serve_bench.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "controller/base/clock.h"

#define ANSWER_WAIT_US 2000000

static void publish(struct serve_bench *bench) {
    memcpy(tbuf_write_slot(&bench->snapshots), &bench->bench->out.snapshot, sizeof(struct snapshot));
    tbuf_publish(&bench->snapshots);
}

struct serve_bench *serve_bench_new(void) {
    struct serve_bench *bench = calloc(1, sizeof *bench);
    cr_assert_not_null(bench);
    bench->bench = bench_new();
    tbuf_init(&bench->snapshots, bench->snapshot_slots, sizeof(struct snapshot));
    spsc_init(&bench->commands, bench->command_slots, sizeof(struct command), SERVE_BENCH_SLOTS);
    spsc_init(&bench->replies, bench->reply_slots, sizeof(struct command_reply), SERVE_BENCH_SLOTS);
    spsc_init(&bench->events, bench->event_slots, sizeof(struct event), SERVE_BENCH_SLOTS);
    snprintf(bench->directory, sizeof bench->directory, "/tmp/belay-serve-XXXXXX");
    cr_assert_not_null(mkdtemp(bench->directory));
    snprintf(bench->path, sizeof bench->path, "%s/operate", bench->directory);
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    struct serve_config config = {.rig = &bench->bench->rig, .socket_path = bench->path, .snapshots = &bench->snapshots,
                                  .commands = &bench->commands, .replies = &bench->replies, .events = &bench->events};
    cr_assert_eq(serve_open(&config, &bench->serve), 0);
    publish(bench);
    bench->bench->now_us = clock_now_us();
    serve_bench_run(bench, 30);
    return bench;
}

void serve_bench_free(struct serve_bench *bench) {
    char lock[96];
    snprintf(lock, sizeof lock, "%s.lock", bench->path);
    serve_close(bench->serve);
    unlink(lock);
    cr_expect_eq(rmdir(bench->directory), 0, "something was left in %s", bench->directory);
    bench_free(bench->bench);
    free(bench);
}

static int take_commands(struct serve_bench *bench, struct command *commands) {
    int count = 0;
    while (count < CYCLE_COMMANDS_MAX && spsc_pop(&bench->commands, &commands[count])) {
        bench->last = commands[count];
        bench->taken[commands[count].kind]++;
        count++;
    }
    return count;
}

/* The machine answers in bench_step(), which gives commands of its own only; the server's go into a second step at the
 * same tick. */
static void cycle(struct serve_bench *bench) {
    struct command commands[CYCLE_COMMANDS_MAX];
    struct bench *machine = bench->bench;
    bench_step(machine, NULL);
    int count = take_commands(bench, commands);
    struct cycle_in in = {.image = &machine->image, .commands = commands, .command_count = count};
    cycle_step(machine->cycle, &in, machine->now_us, &machine->out);
    publish(bench);
    for (int i = 0; i < machine->out.reply_count; i++)
        cr_assert(spsc_push(&bench->replies, &machine->out.replies[i]));
    for (int i = 0; i < machine->out.event_count; i++)
        spsc_push(&bench->events, &machine->out.events[i]);
}

void serve_bench_cycle(struct serve_bench *bench) {
    while (!bench->frozen && bench->bench->now_us + 10000 <= clock_now_us())
        cycle(bench);
}

void serve_bench_turn(struct serve_bench *bench) {
    serve_turn(bench->serve, 0);
    serve_bench_cycle(bench);
    serve_turn(bench->serve, 0);
}

void serve_bench_run(struct serve_bench *bench, int ms) {
    int64_t end_us = clock_now_us() + (int64_t)ms * 1000;
    while (clock_now_us() < end_us) {
        serve_bench_turn(bench);
        clock_sleep_until_us(clock_now_us() + 2000);
    }
}

/* --- raw clients ------------------------------------------------------------------------------------------------ */

int raw_connect(const struct serve_bench *bench, enum msg_role role) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", bench->directory, msg_role_name(role));
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    cr_assert_eq(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

void raw_send(int fd, const char *text) {
    cr_assert_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

json_t *raw_reply(struct serve_bench *bench, int fd) {
    static char packet[MSG_PACKET_BYTES_MAX];
    int64_t end_us = clock_now_us() + ANSWER_WAIT_US;
    while (clock_now_us() < end_us) {
        ssize_t length = recv(fd, packet, sizeof packet, MSG_DONTWAIT);
        if (length == 0)
            return NULL;
        if (length > 0) {
            json_t *json = json_loadb(packet, (size_t)length, 0, NULL);
            cr_assert_not_null(json, "not JSON: %.*s", (int)length, packet);
            if (!json_object_get(json, "event"))
                return json;
            json_decref(json);
        } else {
            serve_bench_run(bench, 3);
        }
    }
    cr_assert_fail("no reply came");
    return NULL;
}

const char *raw_ask(struct serve_bench *bench, int fd, const char *text) {
    static char code[64];
    raw_send(fd, text);
    json_t *reply = raw_reply(bench, fd);
    cr_assert_not_null(reply, "the connection was closed");
    const char *found = json_string_value(json_object_get(json_object_get(reply, "error"), "code"));
    cr_assert((found == NULL) == (json_object_get(reply, "result") != NULL));
    snprintf(code, sizeof code, "%s", found ? found : "");
    json_decref(reply);
    return code;
}

void raw_hello(struct serve_bench *bench, int fd) {
    cr_assert_str_eq(raw_ask(bench, fd, "{\"v\":1,\"id\":1,\"method\":\"Meta.Hello\",\"params\":"
                                        "{\"major\":1,\"minor\":0,\"client\":\"raw\"}}"), "");
}

/* --- libbelay clients ------------------------------------------------------------------------------------------- */

const struct belay_message *client_ask(struct serve_bench *bench, struct belay_connection *connection,
                                       enum msg_method method, const void *params) {
    int64_t end_us = clock_now_us() + ANSWER_WAIT_US, id = belay_send(connection, method, params);
    cr_assert_gt(id, 0, "sending: %s", strerror((int)-id));
    while (clock_now_us() < end_us) {
        const struct belay_message *message;
        int taken = belay_dispatch(connection, &message);
        cr_assert_neq(taken, -EPROTO, "%s", belay_protocol_error(connection));
        if (taken < 0)
            return NULL;
        if (taken == 1 && message->kind != BELAY_EVENT && message->id == id)
            return message;
        if (taken == 0)
            serve_bench_run(bench, 3);
    }
    cr_assert_fail("no reply to %s came", msg_methods[method].name);
    return NULL;
}

struct belay_connection *client_new(struct serve_bench *bench, enum msg_role role) {
    struct belay_connection *connection;
    cr_assert_eq(belay_connect(bench->path, role, &connection), 0);
    const struct msg_meta_hello hello = {.major = MSG_MAJOR, .minor = MSG_MINOR, .client = "test"};
    const struct belay_message *message = client_ask(bench, connection, MSG_META_HELLO, &hello);
    cr_assert(message && message->kind == BELAY_RESULT);
    return connection;
}

const char *client_code(const struct belay_message *message) {
    if (!message)
        return "closed";
    return message->kind == BELAY_ERROR ? message->error.code : "";
}

const char *client_hold(struct serve_bench *bench, struct belay_connection *connection, int64_t press, int64_t t_us) {
    const struct msg_permission_hold hold = {.press = press, .t_us = t_us};
    const struct belay_message *message = client_ask(bench, connection, MSG_PERMISSION_HOLD, &hold);
    if (!message || message->kind == BELAY_ERROR)
        return client_code(message);
    return message->result.permission_hold.alive ? "alive" : "dead";
}
