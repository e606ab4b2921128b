/* The server's life: sockets of the dead replaced, those of the living respected, and the end by a signal. */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "controller/base/clock.h"
#include "tests/serve_bench.h"

static struct listening listening;
static char directory[64], path[80], file[96];

static void setup(void) {
    snprintf(directory, sizeof directory, "/tmp/belay-listen-XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/operate", directory);
}

static const char *in_directory(const char *name) {
    snprintf(file, sizeof file, "%s/%s", directory, name);
    return file;
}

static void teardown(void) {
    unlink(in_directory("operate.lock"));
    unlink(in_directory("operate"));
    unlink(in_directory("view"));
    cr_expect_eq(rmdir(directory), 0);
}

TestSuite(serve_run, .init = setup, .fini = teardown, .timeout = 30);

Test(serve_run, sockets_of_a_dead_one_are_replaced) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int left = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    cr_assert_eq(bind(left, (const struct sockaddr *)&address, sizeof address), 0);
    close(left); /* the file stays, as after SIGKILL */
    cr_assert_eq(access(path, F_OK), 0);
    cr_assert_eq(listen_open(path, &listening), 0);
    struct belay_connection *client;
    cr_expect_eq(belay_connect(path, MSG_ROLE_OPERATE, &client), 0);
    belay_close(client);
    listen_close(&listening);
    cr_expect_eq(access(path, F_OK), -1, "removed at the end");
}

Test(serve_run, a_second_one_is_refused_and_takes_nothing_away) {
    cr_assert_eq(listen_open(path, &listening), 0);
    struct listening second;
    cr_expect_eq(listen_open(path, &second), -EADDRINUSE);
    struct belay_connection *client;
    cr_expect_eq(belay_connect(path, MSG_ROLE_OPERATE, &client), 0);
    belay_close(client);
    listen_close(&listening);
    cr_expect_eq(listen_open(path, &listening), 0, "free again");
    listen_close(&listening);
}

Test(serve_run, a_file_that_is_no_socket_is_left_alone) {
    FILE *mine = fopen(path, "w");
    cr_assert_not_null(mine);
    fputs("mine", mine);
    fclose(mine);
    cr_expect_eq(listen_open(path, &listening), -EEXIST);
    struct stat now;
    cr_assert_eq(stat(path, &now), 0);
    cr_expect(S_ISREG(now.st_mode));
    cr_expect_eq(now.st_size, 4);
}

Test(serve_run, paths_come_from_option_environment_and_runtime_directory) {
    char found[BELAY_SOCKET_PATH_MAX];
    setenv("XDG_RUNTIME_DIR", directory, 1);
    setenv("BELAY_SOCKET", "/somewhere/operate", 1);
    cr_assert_eq(belay_socket_find("/else/operate", true, found), 0);
    cr_expect_str_eq(found, "/else/operate");
    cr_assert_eq(belay_socket_find(NULL, true, found), 0);
    cr_expect_str_eq(found, "/somewhere/operate");
    unsetenv("BELAY_SOCKET");
    char own[80];
    snprintf(own, sizeof own, "%s/belay", directory);
    if (access("/run/belay", F_OK) < 0) { /* a machine with the packaged unit has it, and rightly prefers it */
        cr_assert_eq(listen_open(NULL, &listening), 0);
        struct stat made;
        cr_assert_eq(stat(own, &made), 0);
        cr_expect_eq(made.st_mode & 0777, 0700);
        cr_assert_eq(belay_socket_find(NULL, false, found), 0);
        cr_expect_str_eq(found, listening.operate_path);
        struct belay_connection *client;
        cr_expect_eq(belay_connect(NULL, MSG_ROLE_VIEW, &client), 0);
        belay_close(client);
        listen_close(&listening);
        unlink(strcat(strcpy(found, own), "/operate.lock"));
        rmdir(own);
        unsetenv("XDG_RUNTIME_DIR");
        cr_expect_eq(listen_open(NULL, &listening), -ENOENT);
    }
    char longer[200] = "/";
    memset(longer + 1, 'x', sizeof longer - 2);
    cr_expect_eq(listen_open(longer, &listening), -ENAMETOOLONG);
    cr_expect_eq(belay_socket_view("/run/belay/operate", found), 0);
    cr_expect_str_eq(found, "/run/belay/view");
    cr_expect_eq(listen_open(in_directory("view"), &listening), -EINVAL);
}

/* --- the end ---------------------------------------------------------------------------------------------------- */

static atomic_bool cycle_ends;

/* Plays the cycle thread. */
static void *run_cycle(void *argument) {
    struct serve_bench *bench = argument;
    while (!atomic_load(&cycle_ends)) {
        serve_bench_cycle(bench);
        clock_sleep_until_us(clock_now_us() + 2000);
    }
    return NULL;
}

static void end_by(int number, bool frozen, int wait_ms, int wanted) {
    struct serve_bench *bench = serve_bench_new();
    struct belay_connection *client = client_new(bench, MSG_ROLE_OPERATE);
    cr_assert_str_eq(client_code(client_ask(bench, client, MSG_SAFETY_ARM, NULL)), "");
    bench->frozen = frozen;
    pthread_t thread;
    atomic_store(&cycle_ends, false);
    cr_assert_eq(pthread_create(&thread, NULL, run_cycle, bench), 0);
    kill(getpid(), number);
    cr_expect_eq(serve_run(bench->serve, wait_ms), wanted);
    atomic_store(&cycle_ends, true);
    pthread_join(thread, NULL);
    cr_expect_eq(bench->taken[COMMAND_SHUTDOWN], frozen ? 0 : 1);
    if (!frozen)
        cr_expect(bench->bench->out.snapshot.shutting_down && bench->bench->out.snapshot.stopped);
    belay_close(client);
    serve_bench_free(bench);
}

Test(serve_run, sigterm_stops_the_machine_first) {
    end_by(SIGTERM, false, 5000, 0);
}

Test(serve_run, sigint_stops_the_machine_first) {
    end_by(SIGINT, false, 5000, 0);
}

Test(serve_run, a_machine_that_does_not_stop_is_reported) {
    end_by(SIGTERM, true, 200, -ETIMEDOUT);
}

/* --- the end, while a drive holds what its brake does not ------------------------------------------------------- */

#define SHORT_WAIT_MS 100

/* A climber on the rope, the brake stuck open: the drive holds. */
static struct serve_bench *fly_with_a_stuck_brake(pthread_t *thread) {
    struct serve_bench *bench = serve_bench_new();
    bench_go(bench->bench, 0);
    bench->bench->brake_stuck_open = true;
    bench->bench->now_us = clock_now_us();
    atomic_store(&cycle_ends, false);
    cr_assert_eq(pthread_create(thread, NULL, run_cycle, bench), 0);
    return bench;
}

struct later {
    struct serve_bench *bench;
    bool repaired; /* else a second signal */
};

/* Long after the wait is over. */
static void *do_later(void *argument) {
    const struct later *later = argument;
    clock_sleep_until_us(clock_now_us() + 1500000);
    cr_expect(later->bench->bench->out.snapshot.axis[0].drive_holds, "the cycle still runs and the drive still holds");
    if (later->repaired)
        later->bench->bench->brake_stuck_open = false;
    else
        kill(getpid(), SIGTERM);
    return NULL;
}

static void end_while_held(bool repaired, int wanted) {
    pthread_t cycle, thread;
    struct later later = {fly_with_a_stuck_brake(&cycle), repaired};
    kill(getpid(), SIGTERM);
    cr_assert_eq(pthread_create(&thread, NULL, do_later, &later), 0);
    int64_t from_us = clock_now_us();
    cr_expect_eq(serve_run(later.bench->serve, repaired ? 1000 : SHORT_WAIT_MS), wanted);
    cr_expect_gt(clock_now_us() - from_us, 1400000, "it did not stay");
    pthread_join(thread, NULL);
    atomic_store(&cycle_ends, true);
    pthread_join(cycle, NULL);
    serve_bench_free(later.bench);
}

Test(serve_run, it_stays_while_a_drive_holds_what_the_brake_does_not) {
    end_while_held(true, 0);
}

Test(serve_run, a_second_signal_ends_it_all_the_same) {
    end_while_held(false, -ETIMEDOUT);
}

/* The signal finds the ring full: the shutdown is owed until it fits. */
Test(serve_run, a_shutdown_is_never_lost) {
    struct serve_bench *bench = serve_bench_new();
    bench->frozen = true;
    while (spsc_push(&bench->commands, &(struct command){.kind = COMMAND_PERMIT_END, .session = 9, .press = 1}))
        continue;
    kill(getpid(), SIGTERM);
    serve_bench_run(bench, 50);
    cr_expect(bench->serve->shutdown_owed);
    bench->frozen = false;
    serve_bench_run(bench, 200);
    cr_expect_not(bench->serve->shutdown_owed);
    cr_expect_eq(bench->taken[COMMAND_SHUTDOWN], 1);
    serve_bench_free(bench);
}
