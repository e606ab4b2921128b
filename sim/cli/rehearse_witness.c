/* Witnesses of the computer itself: one thread a processor, above everything that Belay runs, that only sleeps a
 * millisecond at a time and measures how late it wakes. A program of Belay that takes too long does not delay them; a
 * computer that was taken away does.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>

#include "controller/base/clock.h"
#include "sim/cli/rehearse_parts.h"

#define WITNESSES_MAX 64
#define SLEEP_US 1000
#define PRIORITY 95

static struct {
    pthread_t thread[WITNESSES_MAX];
    int count;
    atomic_bool end;
    _Atomic int64_t pause_us_max;
} witness;

static void *watch_processor(void *argument) {
    (void)argument;
    int64_t due_us = clock_now_us() + SLEEP_US;
    while (!atomic_load(&witness.end)) {
        clock_sleep_until_us(due_us);
        int64_t now_us = clock_now_us(), late_us = now_us - due_us, worst_us = atomic_load(&witness.pause_us_max);
        while (late_us > worst_us && !atomic_compare_exchange_weak(&witness.pause_us_max, &worst_us, late_us))
            ;
        due_us = now_us + SLEEP_US;
    }
    return NULL;
}

void witness_start(void) {
    cpu_set_t permitted, one;
    atomic_store(&witness.end, false);
    atomic_store(&witness.pause_us_max, 0);
    if (sched_getaffinity(0, sizeof permitted, &permitted) != 0)
        return;
    for (size_t cpu = 0; cpu < CPU_SETSIZE && witness.count < WITNESSES_MAX; cpu++) {
        pthread_t *thread = &witness.thread[witness.count];
        if (!CPU_ISSET(cpu, &permitted) || pthread_create(thread, NULL, watch_processor, NULL) != 0)
            continue;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        pthread_setaffinity_np(*thread, sizeof one, &one);
        pthread_setschedparam(*thread, SCHED_FIFO, &(struct sched_param){.sched_priority = PRIORITY});
        witness.count++;
    }
}

int64_t witness_end(void) {
    atomic_store(&witness.end, true);
    while (witness.count > 0)
        pthread_join(witness.thread[--witness.count], NULL);
    return atomic_load(&witness.pause_us_max);
}
