/* Modbus TCP server, stage socket and real-time stepping of the world in one poll loop. A peer that does
 * not read its replies is not read from either; it never makes anybody wait. */
#include "sim/server.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "sim/mbap.h"
#include "sim/stage.h"

#define STEP_US 1000
#define PEERS_MAX 48
#define INPUT_MAX (4 * MBAP_FRAME_MAX)
#define REPLIES_MAX 32 /* that wait for their time or for the peer to read */

enum peer_kind { PEER_NONE, PEER_MODBUS, PEER_STAGE };

struct reply {
    int64_t due_us;
    int length, sent;
    uint8_t bytes[MBAP_FRAME_MAX];
};

struct peer {
    enum peer_kind kind;
    int fd;
    int port;                         /* index in server_options.port */
    uint8_t input[INPUT_MAX];
    int input_length;
    struct reply reply[REPLIES_MAX]; /* ring */
    int reply_first, reply_count;
};

/* Places in the poll set. */
enum {
    WATCH_SIGNAL,
    WATCH_PORT,
    WATCH_STAGE = WATCH_PORT + SERVER_PORTS,
    WATCH_PEER,
    WATCH_COUNT = WATCH_PEER + PEERS_MAX
};

struct server {
    struct sim_world *world;
    const struct server_options *options;
    int listen_fd[SERVER_PORTS], stage_fd; /* -1 = none */
    bool stage_bound;
    int64_t start_us, stepped_us; /* CLOCK_MONOTONIC; the world's state is that of stepped_us */
    struct peer peer[PEERS_MAX];
    struct pollfd watch[WATCH_COUNT];
};

/* Units that each port leads to: the drives of all winches, and everything else. */
static bool leads_to(int port, uint8_t unit) {
    return (port == 0) == (unit % SIM_WINCH_UNITS == 1);
}

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void advance(struct server *server, int64_t until_us) {
    while (server->stepped_us + STEP_US <= until_us) {
        sim_world_step(server->world, STEP_US);
        server->stepped_us += STEP_US;
        if (server->options->truth)
            truth_add(server->options->truth, server->stepped_us, server->world);
    }
}

static void drop(struct peer *peer) {
    close(peer->fd);
    peer->kind = PEER_NONE;
}

static void seat(struct server *server, int fd, enum peer_kind kind, int port) {
    for (int i = 0; i < PEERS_MAX; i++) {
        struct peer *peer = &server->peer[i];
        if (peer->kind != PEER_NONE)
            continue;
        *peer = (struct peer){.kind = kind, .fd = fd, .port = port};
        if (kind == PEER_MODBUS)
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        return;
    }
    close(fd); /* full */
}

static void take_in(struct server *server, int listen_fd, enum peer_kind kind, int port) {
    int fd;
    while ((fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
        seat(server, fd, kind, port);
}

static void answer(struct server *server, struct peer *peer, const struct mbap_frame *frame) {
    assert(peer->reply_count < REPLIES_MAX);
    struct reply *reply = &peer->reply[(peer->reply_first + peer->reply_count) % REPLIES_MAX];
    if (!leads_to(peer->port, frame->unit))
        return;
    uint8_t *pdu = reply->bytes + MBAP_HEADER;
    int length = sim_world_request(server->world, frame->unit, frame->pdu, frame->pdu_length, pdu);
    if (length == 0)
        return;
    reply->length = mbap_wrap(reply->bytes, frame->transaction, frame->unit, length);
    reply->sent = 0;
    reply->due_us = server->stepped_us + sim_world_delay_us(server->world, frame->unit);
    peer->reply_count++;
}

/* Answers the complete requests of the input while there is room for replies. False ends the connection. */
static bool work_off(struct server *server, struct peer *peer) {
    int used = 0, taken = 0;
    while (peer->reply_count < REPLIES_MAX) {
        struct mbap_frame frame;
        taken = mbap_take(peer->input + used, peer->input_length - used, &frame);
        if (taken <= 0)
            break;
        answer(server, peer, &frame);
        used += taken;
    }
    peer->input_length -= used;
    memmove(peer->input, peer->input + used, (size_t)peer->input_length);
    return taken >= 0;
}

/* Sends what is due. False ends the connection. */
static bool send_due(const struct server *server, struct peer *peer) {
    while (peer->reply_count > 0) {
        struct reply *reply = &peer->reply[peer->reply_first];
        if (reply->due_us > server->stepped_us)
            return true;
        ssize_t sent = send(peer->fd, reply->bytes + reply->sent, (size_t)(reply->length - reply->sent), MSG_NOSIGNAL);
        if (sent < 0)
            return errno == EAGAIN || errno == EINTR;
        reply->sent += (int)sent;
        if (reply->sent < reply->length)
            return true;
        peer->reply_first = (peer->reply_first + 1) % REPLIES_MAX;
        peer->reply_count--;
    }
    return true;
}

/* True while the connection lives. */
static bool read_modbus(struct peer *peer) {
    size_t room = (size_t)(INPUT_MAX - peer->input_length);
    if (room == 0)
        return true; /* full of requests: the peer has to read replies first */
    ssize_t got = recv(peer->fd, peer->input + peer->input_length, room, 0);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    peer->input_length += (int)got;
    return got > 0;
}

static bool serve_stage(struct server *server, struct peer *peer) {
    char packet[STAGE_PACKET_MAX], reply[STAGE_PACKET_MAX];
    ssize_t got = recv(peer->fd, packet, sizeof packet, 0);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    if (got == 0)
        return false;
    int length = stage_answer(server->world, server->stepped_us, packet, (size_t)got, reply);
    return send(peer->fd, reply, (size_t)length, MSG_NOSIGNAL) == length;
}

static bool serve_modbus(struct server *server, struct peer *peer, short events) {
    if ((events & (POLLIN | POLLHUP | POLLERR)) && !read_modbus(peer))
        return false;
    return work_off(server, peer) && send_due(server, peer);
}

static void serve_peers(struct server *server) {
    for (int i = 0; i < PEERS_MAX; i++) {
        struct peer *peer = &server->peer[i];
        short events = server->watch[WATCH_PEER + i].revents;
        bool lives = true;
        if (peer->kind == PEER_MODBUS && (events || peer->reply_count > 0 || peer->input_length > 0))
            lives = serve_modbus(server, peer, events);
        else if (peer->kind == PEER_STAGE && events)
            lives = serve_stage(server, peer);
        if (!lives)
            drop(peer);
    }
}

static void watch_peers(struct server *server) {
    for (int i = 0; i < PEERS_MAX; i++) {
        const struct peer *peer = &server->peer[i];
        struct pollfd *watch = &server->watch[WATCH_PEER + i];
        *watch = (struct pollfd){.fd = peer->kind == PEER_NONE ? -1 : peer->fd};
        if (peer->kind == PEER_STAGE || peer->input_length < INPUT_MAX)
            watch->events |= POLLIN;
        if (peer->reply_count > 0 && peer->reply[peer->reply_first].due_us <= server->stepped_us)
            watch->events |= POLLOUT;
    }
}

static void accept_new(struct server *server) {
    for (int i = 0; i < SERVER_PORTS; i++)
        if (server->watch[WATCH_PORT + i].revents)
            take_in(server, server->listen_fd[i], PEER_MODBUS, i);
    if (server->watch[WATCH_STAGE].revents)
        take_in(server, server->stage_fd, PEER_STAGE, 0);
}

int server_run(struct server *server) {
    server->start_us = server->stepped_us = now_us();
    for (;;) {
        watch_peers(server);
        int64_t wait_us = server->stepped_us + STEP_US - now_us();
        struct timespec wait = {.tv_nsec = (wait_us > 0 ? wait_us : 0) * 1000};
        int ready = ppoll(server->watch, WATCH_COUNT, &wait, NULL);
        if (ready < 0 && errno != EINTR)
            return -errno;
        advance(server, now_us());
        if (ready < 0)
            continue;
        if (server->watch[WATCH_SIGNAL].revents)
            return 0;
        serve_peers(server);
        accept_new(server);
    }
}

static int listen_tcp(const char *bind_to, uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (inet_pton(AF_INET, bind_to, &address.sin_addr) != 1)
        return -EINVAL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, PEERS_MAX) == 0)
        return fd;
    int error = errno;
    close(fd);
    return -error;
}

static int listen_stage(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, strlen(path) + 1);
    struct stat left;
    if (lstat(path, &left) == 0 && S_ISSOCK(left.st_mode))
        unlink(path); /* left by a simulator that was killed */
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && chmod(path, 0600) == 0 && listen(fd, 4) == 0)
        return fd;
    int error = errno;
    close(fd);
    return -error;
}

static int open_all(struct server *server) {
    const struct server_options *options = server->options;
    for (int i = 0; i < options->port_count; i++) {
        server->listen_fd[i] = listen_tcp(options->bind, options->port[i]);
        if (server->listen_fd[i] < 0) {
            fprintf(stderr, "belay-sim: %s:%u: %s\n", options->bind, options->port[i], strerror(-server->listen_fd[i]));
            return server->listen_fd[i];
        }
        server->watch[WATCH_PORT + i] = (struct pollfd){.fd = server->listen_fd[i], .events = POLLIN};
    }
    if (options->stage_path) {
        server->stage_fd = listen_stage(options->stage_path);
        if (server->stage_fd < 0) {
            fprintf(stderr, "belay-sim: %s: %s\n", options->stage_path, strerror(-server->stage_fd));
            return server->stage_fd;
        }
        server->stage_bound = true;
    }
    server->watch[WATCH_STAGE] = (struct pollfd){.fd = server->stage_fd, .events = POLLIN};
    server->watch[WATCH_SIGNAL] = (struct pollfd){.fd = options->signal_fd, .events = POLLIN};
    return 0;
}

struct server *server_open(struct sim_world *world, const struct server_options *options) {
    struct server *server = calloc(1, sizeof *server);
    if (!server) {
        fputs("belay-sim: not enough memory\n", stderr);
        return NULL;
    }
    *server = (struct server){.world = world, .options = options, .stage_fd = -1};
    for (int i = 0; i < SERVER_PORTS; i++)
        server->listen_fd[i] = server->watch[WATCH_PORT + i].fd = -1;
    if (open_all(server) == 0)
        return server;
    server_close(server);
    return NULL;
}

void server_close(struct server *server) {
    for (int i = 0; i < PEERS_MAX; i++)
        if (server->peer[i].kind != PEER_NONE)
            drop(&server->peer[i]);
    for (int i = 0; i < SERVER_PORTS; i++)
        if (server->listen_fd[i] >= 0)
            close(server->listen_fd[i]);
    if (server->stage_fd >= 0)
        close(server->stage_fd);
    if (server->stage_bound)
        unlink(server->options->stage_path);
    free(server);
}
