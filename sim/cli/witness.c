/* Threads that only sleep, or only ask each other over loopback, and measure how late that comes. */
#include "sim/cli/witness.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include "controller/base/clock.h"

#define PROCESSORS_MAX 64
#define SLEEP_US 2000
#define PRIORITY 95
#define ENDS 2 /* of the loopback connection: who asks, who answers */

/* One that measures: by `due_us` it should have come as far as to set the next one. */
struct measure {
    pthread_t thread;
    _Atomic int64_t due_us;
};

static struct {
    struct measure processor[PROCESSORS_MAX], asks;
    pthread_t answers;
    int cpu[PROCESSORS_MAX], count, end_fd[ENDS];
    bool above, has_loopback;
    atomic_bool end;
    _Atomic int64_t pause_us_max;
} witness;

static void note(int64_t pause_us) {
    int64_t worst_us = atomic_load(&witness.pause_us_max);
    while (pause_us > worst_us && !atomic_compare_exchange_weak(&witness.pause_us_max, &worst_us, pause_us))
        ;
}

/* Sleeps, and notes how late it woke. */
static void nap(struct measure *measure) {
    int64_t due_us = clock_now_us() + SLEEP_US;
    atomic_store(&measure->due_us, due_us);
    clock_sleep_until_us(due_us);
    note(clock_now_us() - due_us);
}

static void *watch_processor(void *argument) {
    while (!atomic_load(&witness.end))
        nap(argument);
    return NULL;
}

static void *ask(void *argument) {
    struct measure *measure = argument;
    char byte = 0;
    while (!atomic_load(&witness.end)) {
        nap(measure);
        int64_t asked_us = clock_now_us();
        atomic_store(&measure->due_us, asked_us);
        if (send(witness.end_fd[0], &byte, 1, MSG_NOSIGNAL) != 1 || recv(witness.end_fd[0], &byte, 1, 0) != 1)
            break;
        note(clock_now_us() - asked_us);
    }
    atomic_store(&measure->due_us, INT64_MAX);
    shutdown(witness.end_fd[0], SHUT_RDWR);
    return NULL;
}

static void *answer(void *argument) {
    char byte;
    while (recv(witness.end_fd[1], &byte, 1, 0) == 1 && send(witness.end_fd[1], &byte, 1, MSG_NOSIGNAL) == 1)
        ;
    return argument;
}

/* Starts `run` on that processor. False when it could not be. */
static bool start(pthread_t *thread, int cpu, void *(*run)(void *argument), void *argument) {
    pthread_attr_t attributes;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET((size_t)cpu, &one);
    pthread_attr_init(&attributes);
    pthread_attr_setaffinity_np(&attributes, sizeof one, &one);
    /* Said, not inherited: who starts the witnesses may be above others itself. */
    pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
    pthread_attr_setschedpolicy(&attributes, SCHED_OTHER);
    pthread_attr_setschedparam(&attributes, &(struct sched_param){.sched_priority = 0});
    bool started = pthread_create(thread, &attributes, run, argument) == 0;
    pthread_attr_destroy(&attributes);
    if (started && witness.above)
        pthread_setschedparam(*thread, SCHED_FIFO, &(struct sched_param){.sched_priority = PRIORITY});
    return started;
}

/* Both ends of a TCP connection over 127.0.0.1 into witness.end_fd. */
static bool connect_ends(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    const int on = 1;
    int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int asks = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool connected = listening >= 0 && asks >= 0 && bind(listening, (struct sockaddr *)&address, size) == 0 &&
                     listen(listening, 1) == 0 && getsockname(listening, (struct sockaddr *)&address, &size) == 0 &&
                     connect(asks, (struct sockaddr *)&address, size) == 0;
    int answers = connected ? accept4(listening, NULL, NULL, SOCK_CLOEXEC) : -1;
    if (listening >= 0)
        close(listening);
    witness.end_fd[0] = asks;
    witness.end_fd[1] = answers;
    for (int i = 0; i < ENDS && answers >= 0; i++)
        setsockopt(witness.end_fd[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return answers >= 0;
}

static void disconnect_ends(void) {
    for (int i = 0; i < ENDS; i++)
        if (witness.end_fd[i] >= 0)
            close(witness.end_fd[i]);
}

static void start_loopback(void) {
    bool connected = connect_ends();
    bool answers = connected && start(&witness.answers, witness.cpu[witness.count - 1], answer, NULL);
    witness.has_loopback = answers && start(&witness.asks.thread, witness.cpu[0], ask, &witness.asks);
    if (answers && !witness.has_loopback) {
        shutdown(witness.end_fd[0], SHUT_RDWR);
        pthread_join(witness.answers, NULL);
    }
    if (!witness.has_loopback)
        disconnect_ends();
}

void witness_start(bool above) {
    cpu_set_t permitted;
    atomic_store(&witness.end, false);
    atomic_store(&witness.pause_us_max, 0);
    atomic_store(&witness.asks.due_us, INT64_MAX);
    witness.above = above;
    witness.count = 0;
    witness.has_loopback = false;
    if (sched_getaffinity(0, sizeof permitted, &permitted) != 0)
        return;
    for (int cpu = 0; cpu < CPU_SETSIZE && witness.count < PROCESSORS_MAX; cpu++) {
        struct measure *measure = &witness.processor[witness.count];
        atomic_store(&measure->due_us, INT64_MAX);
        if (!CPU_ISSET((size_t)cpu, &permitted) || !start(&measure->thread, cpu, watch_processor, measure))
            continue;
        witness.cpu[witness.count++] = cpu;
    }
    if (witness.count > 0)
        start_loopback();
}

int64_t witness_take(void) {
    if (witness.count == 0)
        return -1;
    int64_t now_us = clock_now_us();
    for (int i = 0; i < witness.count; i++)
        note(now_us - atomic_load(&witness.processor[i].due_us));
    if (witness.has_loopback)
        note(now_us - atomic_load(&witness.asks.due_us));
    return atomic_exchange(&witness.pause_us_max, 0);
}

int64_t witness_end(void) {
    bool measured = witness.count > 0;
    atomic_store(&witness.end, true);
    for (int i = 0; i < witness.count; i++)
        pthread_join(witness.processor[i].thread, NULL);
    if (witness.has_loopback) {
        pthread_join(witness.asks.thread, NULL);
        pthread_join(witness.answers, NULL);
        disconnect_ends();
    }
    witness.count = 0;
    witness.has_loopback = false;
    return measured ? atomic_exchange(&witness.pause_us_max, 0) : -1;
}
