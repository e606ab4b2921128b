/* libbelay against a server played by the test: silence, garbage, the future, and the end. */
#include "protocol/belay.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char directory[64], path[80], view_path[80];
static int listening, server;
static struct belay_connection *client;

static int listen_at(const char *at) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", at);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listen(fd, 4), 0);
    return fd;
}

static void setup(void) {
    snprintf(directory, sizeof directory, "/tmp/belay-client-XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/operate", directory);
    snprintf(view_path, sizeof view_path, "%s/view", directory);
    listening = listen_at(path);
    cr_assert_eq(belay_connect(path, MSG_ROLE_OPERATE, &client), 0);
    server = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    cr_assert_geq(server, 0);
}

static void teardown(void) {
    belay_close(client);
    close(server);
    close(listening);
    unlink(path);
    unlink(view_path);
    rmdir(directory);
}

TestSuite(client, .init = setup, .fini = teardown, .timeout = 20);

static void say(const char *packet) {
    cr_assert_eq(send(server, packet, strlen(packet), MSG_NOSIGNAL), (ssize_t)strlen(packet));
}

static const char *heard(void) {
    static char packet[MSG_PACKET_BYTES_MAX + 1];
    ssize_t length = recv(server, packet, sizeof packet - 1, 0);
    packet[length > 0 ? length : 0] = '\0';
    return packet;
}

static int next(const struct belay_message **message) {
    *message = NULL;
    return belay_dispatch(client, message);
}

Test(client, sends_one_packet_a_request_and_matches_the_replies) {
    const struct belay_message *message;
    cr_expect_eq(next(&message), 0);
    cr_expect_eq(belay_send_safety_arm(client), 1);
    const struct msg_permission_hold hold = {.press = 4, .t_us = 1234567890123};
    cr_expect_eq(belay_send_permission_hold(client, &hold), 2);
    cr_expect_str_eq(heard(), "{\"v\":1,\"id\":1,\"method\":\"Safety.Arm\",\"params\":{}}");
    cr_expect_str_eq(heard(), "{\"v\":1,\"id\":2,\"method\":\"Permission.Hold\",\"params\":"
                              "{\"press\":4,\"t_us\":1234567890123}}");
    say("{\"v\":1,\"id\":2,\"result\":{\"alive\":true,\"from_the_future\":{}}}");
    say("{\"v\":1,\"id\":1,\"error\":{\"code\":\"estop_open\",\"field\":\"\",\"message\":\"Release it.\"}}");
    cr_assert_eq(next(&message), 1);
    cr_expect_eq(message->kind, BELAY_RESULT);
    cr_expect_eq(message->id, 2);
    cr_expect_eq(message->method, MSG_PERMISSION_HOLD);
    cr_expect(message->result.permission_hold.alive);
    cr_assert_eq(next(&message), 1);
    cr_expect_eq(message->kind, BELAY_ERROR);
    cr_expect_eq(message->method, MSG_SAFETY_ARM);
    cr_expect_str_eq(message->error.code, "estop_open");
    cr_expect_str_eq(message->error.message, "Release it.");
    cr_expect_eq(next(&message), 0);
}

Test(client, goes_on_after_what_it_does_not_understand) {
    const char *packets[] = {
        "garbage", "[]", "{\"v\":1,\"event\":\"State.Dreams\",\"seq\":1,\"t_us\":1,\"params\":{}}",
        "{\"v\":1,\"event\":\"State.Telemetry\",\"seq\":1,\"t_us\":1,\"params\":{\"cycle\":1}}",
        "{\"v\":1,\"event\":\"State.Telemetry\",\"seq\":1,\"t_us\":1}", "{\"v\":1,\"id\":77,\"result\":{}}",
        "{\"v\":1,\"id\":1}", "{\"v\":1,\"id\":2,\"result\":{\"alive\":\"yes\"}}", "{}",
    };
    const struct belay_message *message;
    belay_send_safety_arm(client);
    belay_send_permission_hold(client, &(struct msg_permission_hold){.press = 1});
    for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++) {
        say(packets[i]);
        cr_expect_eq(next(&message), -EPROTO, "%s", packets[i]);
        cr_expect_gt(strlen(belay_protocol_error(client)), 5);
    }
    int64_t id = belay_send_safety_disarm(client);
    char reply[64];
    snprintf(reply, sizeof reply, "{\"v\":1,\"id\":%d,\"result\":{}}", (int)id);
    say(reply);
    cr_assert_eq(next(&message), 1);
    cr_expect_eq(message->method, MSG_SAFETY_DISARM);
}

Test(client, tells_a_closed_connection) {
    const struct belay_message *message;
    close(server);
    server = -1;
    cr_expect_eq(next(&message), -ECONNRESET);
    int64_t sent = belay_send_safety_stop(client);
    cr_expect(sent == -EPIPE || sent == -ECONNRESET, "%lld", (long long)sent);
    const struct belay_message *answer;
    cr_expect_lt(belay_call(client, MSG_SAFETY_ARM, NULL, 100, &answer), 0);
}

Test(client, a_call_waits_no_longer_than_asked_and_passes_over_events) {
    const struct belay_message *message;
    int64_t before_us = belay_now_us();
    cr_expect_eq(belay_call(client, MSG_SAFETY_ARM, NULL, 150, &message), -ETIMEDOUT);
    int64_t took_us = belay_now_us() - before_us;
    cr_expect(took_us >= 150000 && took_us < 1500000, "%lld us", (long long)took_us);
    say("{\"v\":1,\"id\":1,\"result\":{}}"); /* the late reply belongs to the first call */
    say("{\"v\":1,\"id\":2,\"result\":{}}");
    cr_expect_eq(belay_call(client, MSG_SAFETY_DISARM, NULL, 1000, &message), 0);
    cr_expect_eq(message->id, 2);
    cr_expect_eq(message->method, MSG_SAFETY_DISARM);
}

/* A belayd that hangs: requests are bounded, a stop still goes out. */
Test(client, bounds_what_is_unanswered_but_never_a_stop) {
    for (int i = 0; i < BELAY_PENDING_MAX; i++)
        cr_assert_gt(belay_send_safety_arm(client), 0);
    cr_expect_eq(belay_send_safety_arm(client), -EAGAIN);
    cr_expect_gt(belay_send_safety_stop(client), 0);
    for (int i = 0; i < BELAY_PENDING_MAX; i++)
        heard();
    cr_expect_not_null(strstr(heard(), "Safety.Stop"));
    for (int i = 0; i < 100000 && belay_send_safety_stop(client) > 0; i++)
        continue;
    cr_expect_eq(belay_send_safety_stop(client), -EAGAIN, "a full socket is told, never waited for");
}

Test(client, refuses_to_send_what_is_no_number) {
    const struct msg_axis_jog jog = {.press = 1, .axis = "a", .speed_m_s = NAN};
    cr_expect_eq(belay_send_axis_jog(client, &jog), -EINVAL);
}

Test(client, view_socket_stands_beside_the_operate_socket) {
    struct belay_connection *view;
    cr_expect_eq(belay_connect(path, MSG_ROLE_VIEW, &view), -ENOENT);
    int fd = listen_at(view_path);
    cr_assert_eq(belay_connect(path, MSG_ROLE_VIEW, &view), 0);
    belay_close(view);
    close(fd);
    cr_expect_eq(belay_connect(path, MSG_ROLE_VIEW, &view), -ECONNREFUSED);
    cr_expect_null(view);
    belay_close(NULL);
}

Test(client, every_error_has_a_sentence_with_the_path) {
    const int errors[] = {-ENOENT, -ECONNREFUSED, -EACCES, -ENAMETOOLONG, -EAGAIN, -ETIMEDOUT,
                          -ECONNRESET, -EPIPE, -EMSGSIZE, -EPROTO, -EIO};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        char text[256];
        belay_errno_text(errors[i], "/run/belay/operate", text, sizeof text);
        cr_expect_not_null(strstr(text, "/run/belay/operate"), "%s", text);
        cr_expect_null(strstr(text, "%s"), "%s", text);
        cr_expect_gt(strlen(text), 25);
    }
}
