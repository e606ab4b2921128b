/* The witness sees a computer that stands still: here a process that is stopped for a while. */
#include <criterion/criterion.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "controller/base/clock.h"
#include "sim/cli/witness.h"

#define STOPPED_US 100000

static void sleep_us(int64_t duration_us) {
    clock_sleep_until_us(clock_now_us() + duration_us);
}

/* The pause that a witness in a process of its own reports, which is stopped in between. */
static int64_t reported(bool above) {
    int ask[2], tell[2];
    char byte = 0;
    int64_t pause_us = -1;
    cr_assert(pipe(ask) == 0 && pipe(tell) == 0);
    pid_t child = fork();
    if (child == 0) {
        witness_start(above);
        sleep_us(20000);
        witness_take();
        bool good = write(tell[1], &byte, 1) == 1 && read(ask[0], &byte, 1) == 1;
        pause_us = witness_end();
        _exit(good && write(tell[1], &pause_us, sizeof pause_us) == sizeof pause_us ? 0 : 1);
    }
    cr_assert(child > 0 && read(tell[0], &byte, 1) == 1);
    kill(child, SIGSTOP);
    cr_assert_eq(waitpid(child, NULL, WUNTRACED), child);
    sleep_us(STOPPED_US);
    kill(child, SIGCONT);
    cr_assert_eq(write(ask[1], &byte, 1), 1);
    cr_assert_eq(read(tell[0], &pause_us, sizeof pause_us), (ssize_t)sizeof pause_us);
    cr_assert_eq(waitpid(child, NULL, 0), child);
    return pause_us;
}

Test(witness, a_pause_is_seen_from_above_and_from_beside, .timeout = 30) {
    for (int above = 0; above < 2; above++) {
        int64_t pause_us = reported(above);
        cr_expect_geq(pause_us, STOPPED_US - 2000, "%lld us", (long long)pause_us);
    }
}

/* Waits until the witness has something to tell: on a busy computer its threads begin late. */
static bool measures(void) {
    for (int i = 0; i < 1000; i++) {
        if (witness_take() > 0)
            return true;
        sleep_us(10000);
    }
    return false;
}

Test(witness, one_that_still_lasts_counts_and_is_told_once, .timeout = 30) {
    witness_start(false);
    cr_expect(measures());
    sleep_us(30000);
    cr_expect_gt(witness_end(), 0);
    cr_expect_eq(witness_take(), -1, "nobody measures any more");
    witness_start(false);
    cr_expect(measures(), "and again");
    cr_expect_geq(witness_end(), 0);
}

/* As the director of a rehearsal, who is above others himself, where that is permitted. */
Test(witness, measures_for_one_who_is_above_others, .timeout = 30) {
    sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &(struct sched_param){.sched_priority = 20});
    witness_start(true);
    cr_expect(measures());
    cr_expect_geq(witness_end(), 0);
}
