/* The thread of one link: carries out the orders of link.c over libmodbus, and trades images with the cycle thread. */
#include "controller/bus/bus.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <modbus.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "controller/base/clock.h"
#include "controller/base/tbuf.h"
#include "controller/bus/link.h"

#define STACK_BYTES (128 * 1024)
#define STACK_USED_BYTES (48 * 1024) /* touched before the first request */

struct worker {
    struct bus *bus;
    struct link link; /* the worker thread's own */
    modbus_t *modbus;
    pthread_t thread;
    bool started;
    struct tbuf reports; /* worker -> cycle: struct link_report */
    struct tbuf words;   /* cycle -> worker: struct link_words */
    struct link_report report_slots[3];
    struct link_words word_slots[3];
};

struct bus {
    const struct rig *rig;
    struct image_out stop; /* const once the workers run */
    atomic_bool end;
    uint64_t writes; /* cycle thread */
    int count;
    struct worker worker[RIG_LINKS_MAX];
};

/* ---- over libmodbus ---- */

static int set_timeout(modbus_t *modbus, int32_t timeout_ms) {
    return modbus_set_response_timeout(modbus, (uint32_t)timeout_ms / 1000, (uint32_t)timeout_ms % 1000 * 1000);
}

/* Ends the connection with RST at once: what still waits in the kernel's send queue never reaches a device. Not through
 * modbus_close(), whose shutdown() would try to send it. */
static void reset(struct worker *worker) {
    int fd = modbus_get_socket(worker->modbus);
    modbus_set_socket(worker->modbus, -1);
    if (fd >= 0)
        close(fd);
}

/* Set right after the connect, so that the kernel resets too when this process dies. */
static bool guard_socket(int fd, int32_t response_timeout_ms) {
    const struct linger none = {.l_onoff = 1, .l_linger = 0};
    const unsigned unacknowledged_ms = (unsigned)response_timeout_ms;
    return setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none) == 0 &&
           setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms, sizeof unacknowledged_ms) == 0;
}

/* A refused connect and one that timed out (errno EINPROGRESS in libmodbus 3.1.6) are alike: not connected. */
static enum link_outcome connect_link(struct worker *worker) {
    const struct rig_link *from = &worker->link.rig->link[worker->link.index];
    set_timeout(worker->modbus, from->connect_timeout_ms);
    bool connected = modbus_connect(worker->modbus) == 0;
    set_timeout(worker->modbus, from->response_timeout_ms);
    if (!connected)
        return OUTCOME_FAILED;
    if (guard_socket(modbus_get_socket(worker->modbus), from->response_timeout_ms))
        return OUTCOME_DONE;
    reset(worker);
    return OUTCOME_FAILED;
}

static enum link_loss loss_of(int error) {
    if (error == ETIMEDOUT)
        return LOSS_TIMEOUT;
    return error > MODBUS_ENOBASE ? LOSS_REPLY : LOSS_PEER;
}

static void request(struct worker *worker, const struct link_order *order, struct link_reply *reply) {
    modbus_t *modbus = worker->modbus;
    modbus_set_slave(modbus, order->unit);
    int count;
    if (order->function == 23)
        count = modbus_write_and_read_registers(modbus, order->write_wire, order->write_count, order->word,
                                                order->read_wire, order->read_count, reply->word);
    else if (order->function == 4)
        count = modbus_read_input_registers(modbus, order->read_wire, order->read_count, reply->word);
    else
        count = modbus_read_registers(modbus, order->read_wire, order->read_count, reply->word);
    reply->count = count;
    reply->loss = count < 0 ? loss_of(errno) : LOSS_NONE;
    bool exception = count < 0 && errno > MODBUS_ENOBASE && errno < MODBUS_ENOBASE + MODBUS_EXCEPTION_MAX;
    reply->outcome = count >= 0 ? OUTCOME_DONE : exception ? OUTCOME_EXCEPTION : OUTCOME_FAILED;
}

static void carry_out(struct worker *worker, const struct link_order *order) {
    struct link_reply reply = {.count = 0};
    switch (order->kind) {
    case ORDER_WAIT:
        clock_sleep_until_us(order->until_us);
        return;
    case ORDER_RESET:
        reset(worker);
        return;
    case ORDER_CONNECT:
        reply.outcome = connect_link(worker);
        break;
    case ORDER_REQUEST:
        request(worker, order, &reply);
        break;
    case ORDER_KIND_COUNT:
        assert(false);
    }
    link_done(&worker->link, &reply, clock_now_us());
}

/* ---- the thread ---- */

static void publish(struct worker *worker) {
    const struct link_report *from = &worker->link.report;
    struct link_report *to = tbuf_write_slot(&worker->reports);
    to->link = from->link;
    for (int i = 0; i < worker->link.device_count; i++)
        to->frame[worker->link.device[i]] = from->frame[worker->link.device[i]];
    tbuf_publish(&worker->reports);
}

/* Shown by ps -L and top -H. */
static void name_thread(const struct worker *worker) {
    char name[16];
    snprintf(name, sizeof name, "bus-%.11s", worker->bus->rig->link[worker->link.index].name);
    prctl(PR_SET_NAME, name, 0UL, 0UL, 0UL);
}

static void touch_stack(void) {
    volatile unsigned char used[STACK_USED_BYTES];
    for (size_t i = 0; i < sizeof used; i += 1024)
        used[i] = 0;
}

/* Publishing comes before the words are read: words handed over after the cycle could see a connect are counted from
 * there (`resume` in link.h). */
static void *run(void *argument) {
    struct worker *worker = argument;
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    name_thread(worker);
    touch_stack();
    while (!link_ended(&worker->link)) {
        if (atomic_load_explicit(&worker->bus->end, memory_order_acquire))
            link_end(&worker->link);
        publish(worker);
        const struct link_words *words = tbuf_read(&worker->words, NULL);
        struct link_order order = link_next(&worker->link, words, clock_now_us());
        carry_out(worker, &order);
    }
    publish(worker);
    return NULL;
}

/* ---- the cycle thread's side ---- */

void bus_read(struct bus *bus, struct image_in *in) {
    for (int i = 0; i < bus->count; i++) {
        struct worker *worker = &bus->worker[i];
        const struct link_report *report = tbuf_read(&worker->reports, NULL);
        in->link[i] = report->link;
        for (int k = 0; k < worker->link.device_count; k++)
            in->frame[worker->link.device[k]] = report->frame[worker->link.device[k]];
    }
}

void bus_write(struct bus *bus, const struct image_out *out, int64_t tick_us) {
    bus->writes++;
    for (int i = 0; i < bus->count; i++) {
        struct worker *worker = &bus->worker[i];
        struct link_words *words = tbuf_write_slot(&worker->words);
        words->number = bus->writes;
        words->tick_us = tick_us;
        for (int k = 0; k < worker->link.device_count; k++) {
            int device = worker->link.device[k];
            memcpy(words->word[device], out->word[device], sizeof words->word[device]);
        }
        tbuf_publish(&worker->words);
    }
}

/* ---- start and stop, on the main thread ---- */

static int init_worker(struct bus *bus, int index) {
    struct worker *worker = &bus->worker[index];
    const struct rig_link *from = &bus->rig->link[index];
    struct in_addr address;
    if (inet_pton(AF_INET, from->host, &address) != 1) /* libmodbus would ask a name server, for as long as it takes */
        return -EINVAL;
    worker->bus = bus;
    link_init(&worker->link, bus->rig, index, &bus->stop, clock_now_us());
    tbuf_init(&worker->reports, worker->report_slots, sizeof worker->report_slots[0]);
    tbuf_init(&worker->words, worker->word_slots, sizeof worker->word_slots[0]);
    for (int i = 0; i < 3; i++)
        worker->report_slots[i].link = worker->link.report.link;
    worker->modbus = modbus_new_tcp(from->host, from->port);
    if (!worker->modbus)
        return errno == ENOMEM ? -ENOMEM : -EINVAL;
    /* 0: the response timeout bounds the whole reply, not each byte of it. */
    if (modbus_set_byte_timeout(worker->modbus, 0, 0) < 0 ||
        modbus_set_error_recovery(worker->modbus, MODBUS_ERROR_RECOVERY_NONE) < 0)
        return -errno;
    return 0;
}

static int create_thread(struct worker *worker, int fifo_priority) {
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error)
        return -error;
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    if (fifo_priority > 0) {
        const struct sched_param priority = {.sched_priority = fifo_priority};
        pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
        pthread_attr_setschedpolicy(&attributes, SCHED_FIFO);
        pthread_attr_setschedparam(&attributes, &priority);
    }
    error = pthread_create(&worker->thread, &attributes, run, worker);
    pthread_attr_destroy(&attributes);
    worker->started = error == 0;
    return -error;
}

/* A signal would end a connect early: the thread is born with all of them blocked. */
static int start_worker(struct worker *worker, int fifo_priority) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int error = create_thread(worker, fifo_priority);
    if (error == -EPERM)
        error = create_thread(worker, 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

int bus_start(const struct rig *rig, int fifo_priority, struct bus **started) {
    assert(rig->link_count <= RIG_LINKS_MAX && fifo_priority >= 0);
    struct bus *bus = calloc(1, sizeof *bus);
    if (!bus)
        return -ENOMEM;
    bus->rig = rig;
    image_out_stop(rig, &bus->stop);
    atomic_init(&bus->end, false);
    int error = 0;
    for (; bus->count < rig->link_count && !error; bus->count++)
        error = init_worker(bus, bus->count);
    for (int i = 0; i < bus->count && !error; i++)
        error = start_worker(&bus->worker[i], fifo_priority);
    if (error)
        bus_stop(bus);
    else
        *started = bus;
    return error;
}

void bus_stop(struct bus *bus) {
    atomic_store_explicit(&bus->end, true, memory_order_release);
    for (int i = 0; i < bus->count; i++)
        if (bus->worker[i].started)
            pthread_join(bus->worker[i].thread, NULL);
    for (int i = 0; i < bus->count; i++)
        modbus_free(bus->worker[i].modbus);
    free(bus);
}
