/* The misbehaving Modbus TCP server. One thread; a fault that takes time holds everything up, as a slow device does. */
#include "tests/pair/field.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "controller/base/clock.h"

#define CONNECTIONS_MAX 8
#define FRAME_MAX 260
#define HEADER 7 /* MBAP */

struct connection {
    int fd, number;
    uint8_t data[4 * FRAME_MAX];
    size_t length;
};

struct field {
    pthread_t thread;
    pthread_mutex_t lock; /* everything below but `end` */
    atomic_bool end;
    int wake_fd, listen_fd;
    uint16_t port;
    bool up;
    struct connection connection[CONNECTIONS_MAX];
    uint16_t registers[BUS_DEVICES + 1][BUS_REGISTERS];
    enum field_fault fault;
    int fault_ms, fault_requests;
    uint16_t echo_before;
    int connections, resets, requests, overlaps, write_count;
    struct field_write writes[FIELD_WRITES_MAX];
};

static uint16_t get16(const uint8_t *bytes) {
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static void put16(uint8_t *bytes, unsigned value) {
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

static void pause_ms(struct field *field, int ms) {
    pthread_mutex_unlock(&field->lock);
    clock_sleep_until_us(clock_now_us() + (int64_t)ms * 1000);
    pthread_mutex_lock(&field->lock);
}

/* ---- the device ---- */

static void note_write(struct field *field, int connection, uint8_t unit, uint16_t wire, uint16_t count,
                       const uint8_t *data) {
    assert(field->write_count < FIELD_WRITES_MAX && count <= PROFILE_WORDS_MAX);
    struct field_write *write = &field->writes[field->write_count++];
    *write = (struct field_write){.t_us = clock_now_us(), .connection = connection, .unit = unit, .wire = wire,
                                  .count = count};
    for (uint16_t i = 0; i < count; i++)
        field->registers[unit][wire + i] = write->word[i] = get16(data + 2 * i);
    uint16_t *drive = field->registers[BUS_DRIVE + 1];
    uint16_t sequence = drive[BUS_DRIVE_SEQUENCE];
    if (unit == BUS_DRIVE + 1 && field->fault != FIELD_ECHO_STUCK)
        drive[BUS_DRIVE_ECHO] = field->fault == FIELD_ECHO_LAGS ? field->echo_before : sequence;
    if (unit == BUS_DRIVE + 1)
        field->echo_before = sequence;
    if (unit == BUS_IO + 1)
        field->registers[unit][BUS_IO_INPUTS + 1] = field->registers[unit][BUS_IO_HEARTBEAT];
}

static size_t exception(uint8_t *reply, uint8_t function, int code) {
    reply[0] = function | 0x80;
    reply[1] = (uint8_t)code;
    return 2;
}

static size_t read_block(const struct field *field, uint8_t unit, uint8_t function, uint16_t wire, uint16_t count,
                         uint8_t *reply) {
    if (wire + count > BUS_REGISTERS || count == 0 || count > 125)
        return exception(reply, function, 2);
    reply[0] = function;
    reply[1] = (uint8_t)(2 * count);
    for (uint16_t i = 0; i < count; i++)
        put16(reply + 2 + 2 * i, field->registers[unit][wire + i]);
    return 2 + 2 * (size_t)count;
}

/* Request PDU to reply PDU; returns its length. */
static size_t serve(struct field *field, int connection, uint8_t unit, const uint8_t *pdu, size_t length,
                    uint8_t *reply) {
    if (unit < 1 || unit > BUS_DEVICES || length < 5)
        return exception(reply, pdu[0], 11);
    if (field->fault == FIELD_EXCEPTION)
        return exception(reply, pdu[0], field->fault_ms);
    if (pdu[0] == 23 && length >= 10) {
        uint16_t wire = get16(pdu + 5), count = get16(pdu + 7);
        if (wire + count > BUS_REGISTERS || length != 10 + 2 * (size_t)count)
            return exception(reply, 23, 2);
        note_write(field, connection, unit, wire, count, pdu + 10);
    } else if (pdu[0] != 3 && pdu[0] != 4) {
        return exception(reply, pdu[0], 1);
    }
    uint8_t source = field->fault == FIELD_OTHER_UNIT ? (uint8_t)field->fault_ms : unit;
    uint16_t count = (uint16_t)(get16(pdu + 3) - (field->fault == FIELD_SHORT));
    return read_block(field, source, pdu[0], get16(pdu + 1), count, reply);
}

/* ---- the wire ---- */

static void drop(struct connection *connection) {
    close(connection->fd);
    connection->fd = -1;
}

static void put(struct connection *connection, const uint8_t *bytes, size_t length) {
    if (connection->fd >= 0 && send(connection->fd, bytes, length, MSG_NOSIGNAL) != (ssize_t)length)
        drop(connection);
}

static void reply_with_fault(struct field *field, struct connection *connection, uint8_t *frame, size_t length) {
    enum field_fault fault = field->fault;
    int ms = field->fault_ms;
    if (fault == FIELD_LATE)
        pause_ms(field, ms);
    if (fault == FIELD_WRONG_TID)
        frame[1] ^= 0x40;
    if (fault == FIELD_WRONG_FUNCTION)
        frame[HEADER] ^= 0x01;
    if (fault == FIELD_TRAILER) {
        memset(frame + length, 0, 4);
        length += 4;
    }
    for (size_t i = 0; fault == FIELD_DRIBBLE && i < length; i++) {
        put(connection, frame + i, 1);
        pause_ms(field, ms);
    }
    if (fault == FIELD_CUT)
        put(connection, frame, length / 2);
    if ((fault == FIELD_CUT || fault == FIELD_CLOSE) && connection->fd >= 0)
        drop(connection);
    if (fault != FIELD_CUT && fault != FIELD_CLOSE && fault != FIELD_DRIBBLE && fault != FIELD_MUTE)
        put(connection, frame, length);
    if (fault == FIELD_TWICE)
        put(connection, frame, length);
}

static void answer(struct field *field, struct connection *connection, const uint8_t *request, size_t length) {
    uint8_t frame[FRAME_MAX + 4];
    field->requests++;
    memcpy(frame, request, HEADER);
    size_t body = serve(field, connection->number, request[6], request + HEADER, length - HEADER, frame + HEADER);
    put16(frame + 4, (unsigned)body + 1);
    reply_with_fault(field, connection, frame, HEADER + body);
    if (field->fault_requests > 0 && --field->fault_requests == 0)
        field->fault = FIELD_FINE;
}

static void take_frames(struct field *field, struct connection *connection) {
    while (connection->fd >= 0 && connection->length >= HEADER) {
        size_t length = 6 + (size_t)get16(connection->data + 4);
        if (connection->length < length)
            return;
        uint8_t request[FRAME_MAX];
        assert(length >= HEADER + 5 && length <= FRAME_MAX);
        memcpy(request, connection->data, length);
        connection->length -= length;
        memmove(connection->data, connection->data + length, connection->length);
        field->overlaps += connection->length > 0;
        answer(field, connection, request, length);
    }
}

static void receive(struct field *field, struct connection *connection) {
    if (field->fault == FIELD_STALL) {
        field->fault = FIELD_FINE;
        pause_ms(field, field->fault_ms);
    }
    size_t room = sizeof connection->data - connection->length;
    ssize_t count = recv(connection->fd, connection->data + connection->length, room, MSG_DONTWAIT);
    if (count > 0) {
        connection->length += (size_t)count;
        take_frames(field, connection);
    } else if (count == 0 || errno != EAGAIN) {
        field->resets += count < 0 && errno == ECONNRESET;
        drop(connection);
    }
}

static void take_connection(struct field *field) {
    int fd = accept4(field->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (int i = 0; i < CONNECTIONS_MAX; i++)
        if (field->connection[i].fd < 0) {
            field->connection[i] = (struct connection){.fd = fd, .number = ++field->connections};
            return;
        }
    assert(false && "the client leaks connections");
}

/* Devices keep their pace whatever else the machine does: real-time priority, where permitted. */
static void *run(void *argument) {
    struct field *field = argument;
    pthread_setschedparam(pthread_self(), SCHED_FIFO, &(struct sched_param){.sched_priority = 60});
    pthread_mutex_lock(&field->lock);
    while (!atomic_load(&field->end)) {
        struct pollfd fds[2 + CONNECTIONS_MAX] = {{field->wake_fd, POLLIN, 0}, {field->listen_fd, POLLIN, 0}};
        for (int i = 0; i < CONNECTIONS_MAX; i++)
            fds[2 + i] = (struct pollfd){field->connection[i].fd, POLLIN, 0};
        pthread_mutex_unlock(&field->lock);
        poll(fds, 2 + CONNECTIONS_MAX, -1);
        uint64_t count;
        if (fds[0].revents && read(field->wake_fd, &count, sizeof count) < 0)
            abort();
        pthread_mutex_lock(&field->lock);
        for (int i = 0; i < CONNECTIONS_MAX; i++)
            if (fds[2 + i].revents && field->connection[i].fd == fds[2 + i].fd)
                receive(field, &field->connection[i]);
        if (fds[1].revents && field->listen_fd == fds[1].fd)
            take_connection(field);
    }
    pthread_mutex_unlock(&field->lock);
    return NULL;
}

/* ---- interface ---- */

static void wake(struct field *field) {
    const uint64_t one = 1;
    if (write(field->wake_fd, &one, sizeof one) < 0)
        abort();
}

static void start_listening(struct field *field) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(field->port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    const int on = 1;
    field->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    setsockopt(field->listen_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (field->listen_fd < 0 || bind(field->listen_fd, (struct sockaddr *)&address, size) < 0 ||
        listen(field->listen_fd, CONNECTIONS_MAX) < 0 ||
        getsockname(field->listen_fd, (struct sockaddr *)&address, &size) < 0)
        abort();
    field->port = ntohs(address.sin_port);
}

struct field *field_new(void) {
    struct field *field = calloc(1, sizeof *field);
    assert(field);
    pthread_mutex_init(&field->lock, NULL);
    for (int i = 0; i < CONNECTIONS_MAX; i++)
        field->connection[i].fd = -1;
    for (int i = 0; i < BUS_DEVICES; i++)
        bus_rig_registers(i, field->registers[i + 1]);
    field->wake_fd = eventfd(0, EFD_CLOEXEC);
    start_listening(field);
    if (pthread_create(&field->thread, NULL, run, field) != 0)
        abort();
    return field;
}

static void drop_all(struct field *field) {
    for (int i = 0; i < CONNECTIONS_MAX; i++)
        if (field->connection[i].fd >= 0)
            drop(&field->connection[i]);
}

void field_free(struct field *field) {
    atomic_store(&field->end, true);
    wake(field);
    pthread_join(field->thread, NULL);
    drop_all(field);
    if (field->listen_fd >= 0)
        close(field->listen_fd);
    close(field->wake_fd);
    pthread_mutex_destroy(&field->lock);
    free(field);
}

uint16_t field_port(const struct field *field) {
    return field->port;
}

void field_power(struct field *field, bool up) {
    pthread_mutex_lock(&field->lock);
    drop_all(field);
    if (field->listen_fd >= 0)
        close(field->listen_fd);
    field->listen_fd = -1;
    if (up)
        start_listening(field);
    pthread_mutex_unlock(&field->lock);
    wake(field);
}

void field_fault(struct field *field, enum field_fault fault, int ms, int requests) {
    assert(fault < FIELD_FAULTS);
    pthread_mutex_lock(&field->lock);
    field->fault = fault;
    field->fault_ms = ms;
    field->fault_requests = requests;
    pthread_mutex_unlock(&field->lock);
}

uint16_t field_get(struct field *field, int unit, uint16_t wire) {
    pthread_mutex_lock(&field->lock);
    uint16_t value = field->registers[unit][wire];
    pthread_mutex_unlock(&field->lock);
    return value;
}

void field_set(struct field *field, int unit, uint16_t wire, uint16_t value) {
    pthread_mutex_lock(&field->lock);
    field->registers[unit][wire] = value;
    pthread_mutex_unlock(&field->lock);
}

int field_writes(struct field *field, struct field_write *out) {
    pthread_mutex_lock(&field->lock);
    int count = field->write_count;
    memcpy(out, field->writes, sizeof *out * (size_t)count);
    pthread_mutex_unlock(&field->lock);
    return count;
}

static int locked(struct field *field, const int *counter) {
    pthread_mutex_lock(&field->lock);
    int value = *counter;
    pthread_mutex_unlock(&field->lock);
    return value;
}

int field_connections(struct field *field) {
    return locked(field, &field->connections);
}

int field_resets(struct field *field) {
    return locked(field, &field->resets);
}

int field_requests(struct field *field) {
    return locked(field, &field->requests);
}

int field_overlaps(struct field *field) {
    return locked(field, &field->overlaps);
}
