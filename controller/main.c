/* belayd: reads the rig, starts bus, cycle and sockets, and ends in a controlled stop. */
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "controller/base/clock.h"
#include "controller/base/log.h"
#include "controller/base/spsc.h"
#include "controller/base/tbuf.h"
#include "controller/bus/bus.h"
#include "controller/commission/record.h"
#include "controller/cycle.h"
#include "controller/serve/serve.h"

#define CYCLE_PRIORITY 80 /* above the bus workers, which are above everything else */
#define BUS_PRIORITY 70
#define SERVE_PRIORITY 20 /* below both: permissions must be taken in time on a busy computer too */
#define RING_SLOTS 256
#define EVENT_SLOTS 1024
#define STACK_BYTES (512 * 1024)
#define MEMORY_BYTES (64 * 1024 * 1024) /* more than a belayd with all axes and clients takes */
#define STOP_WAIT_MARGIN_MS 2000
#define LAST_WORDS_CYCLES 3 /* after two the workers know that the cycle is gone */
#define FD_MAX 1024 /* libmodbus uses select(): a descriptor of 1024 or more would abort */

struct options {
    const char *rig, *profiles, *show, *socket, *record;
    bool no_record;
};

/* What the cycle thread and the main thread share; each ring has one writer and one reader. */
struct shared {
    const struct rig *rig;
    struct bus *bus;
    struct cycle *cycle;
    struct tbuf snapshots;
    struct spsc commands, replies, events;
    struct image_in image;
    struct cycle_out out;
    struct command batch[CYCLE_COMMANDS_MAX];
    atomic_bool end;
};

static const char usage[] =
    "usage: belayd --rig FILE [--profiles DIR] [--show FILE] [--socket PATH] [--record FILE]\n"
    "\n"
    "Flies the winches of one rig. Runs until SIGTERM or SIGINT, which stop every axis first.\n"
    "\n"
    "  --rig FILE      what is built, wired and permitted\n"
    "  --profiles DIR  device profiles (" BELAY_PROFILE_DIR ")\n"
    "  --show FILE     show to load at start; clients can load another\n"
    "  --socket PATH   operate socket; the view socket stands beside it\n"
    "                  ($BELAY_SOCKET, else /run/belay/operate, or belay/operate in $XDG_RUNTIME_DIR)\n"
    "  --record FILE   commissioning record of the rig (RIG.commissioning.yaml in $STATE_DIRECTORY,\n"
    "                  $XDG_STATE_HOME/belay or ~/.local/state/belay)\n"
    "  --no-record     ask for none; only a rig of simulated devices on this computer takes that\n"
    "  --help          this text\n"
    "  --version       the version\n"
    "\n"
    "belayd is the operational layer, not the safety function: hardwired stop, brakes and\n"
    "dual-channel monitoring must protect people without it.\n";

/* Returns -1 to go on, else the exit code. */
static int parse(int argc, char **argv, struct options *options) {
    static const struct option names[] = {
        {"rig", required_argument, NULL, 'r'},    {"profiles", required_argument, NULL, 'p'},
        {"show", required_argument, NULL, 's'},   {"socket", required_argument, NULL, 'k'},
        {"record", required_argument, NULL, 'c'}, {"no-record", no_argument, NULL, 'n'},
        {"help", no_argument, NULL, 'h'},         {"version", no_argument, NULL, 'v'},
        {NULL, 0, NULL, 0},
    };
    *options = (struct options){.profiles = BELAY_PROFILE_DIR, .socket = getenv("BELAY_SOCKET")};
    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        const char **text = c == 'r' ? &options->rig : c == 'p' ? &options->profiles : c == 's' ? &options->show
                                                   : c == 'k'   ? &options->socket
                                                   : c == 'c'   ? &options->record : NULL;
        if (c == 'n') {
            options->no_record = true;
            continue;
        }
        if (c == 'h' || c == 'v') {
            fputs(c == 'h' ? usage : "belayd " BELAY_VERSION "\n", stdout);
            return 0;
        }
        if (!text)
            return 2;
        *text = optarg;
    }
    if (optind < argc)
        fprintf(stderr, "belayd: '%s' is not an option; see belayd --help\n", argv[optind]);
    else if (!options->rig)
        fprintf(stderr, "belayd: no rig given: add --rig FILE; see belayd --help\n");
    else if (options->record && options->no_record)
        fprintf(stderr, "belayd: --record and --no-record exclude each other\n");
    return optind < argc || !options->rig || (options->record && options->no_record) ? 2 : -1;
}

/* Simulated devices alone do not say where they are: a link that leaves this computer may lead to a winch. */
static bool stays_here(const struct rig *rig) {
    for (int i = 0; i < rig->link_count; i++)
        if (strncmp(rig->link[i].host, "127.", 4) != 0)
            return false;
    return rig->rehearsal;
}

/* Where the record is, into options->record: NULL = none is asked for. Returns 0, or -errno with the reason said. */
static int find_record(const struct rig *rig, struct options *options) {
    static char path[RECORD_PATH_MAX];
    if (options->no_record && !stays_here(rig)) {
        log_line(LOG_ERROR, "--no-record is for rehearsals: rig %s has real devices, or a link that leaves this "
                "computer. "
                            "Leave it out, and commission the rig: belay commission", rig->name);
        return -EINVAL;
    }
    if (options->no_record || options->record)
        return 0;
    int error = record_path_find(rig, path);
    if (error)
        log_line(LOG_ERROR, "no place for the commissioning record: give --record FILE, or set XDG_STATE_HOME or HOME");
    options->record = path;
    return error;
}

static struct shared machine;
static struct timespec last_words; /* how long a failed process stays for its bus workers */

/* An assertion failed, in whichever thread: no more words come from the cycle, so each worker sends the stop words by
 * itself and then ceases to feed the drives' watchdogs. Only then the process ends. Async-signal-safe. */
static void on_abort(int number) {
    atomic_store(&machine.end, true);
    struct timespec left = last_words;
    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        ;
    signal(number, SIG_DFL);
    raise(number);
}

static void catch_abort(const struct rig *rig) {
    int64_t longest_ms = (LAST_WORDS_CYCLES + 1) * (int64_t)rig->cycle_ms;
    for (int i = 0; i < rig->link_count; i++)
        longest_ms = rig->link[i].response_timeout_ms > longest_ms ? rig->link[i].response_timeout_ms : longest_ms;
    longest_ms += LAST_WORDS_CYCLES * (int64_t)rig->cycle_ms;
    last_words = (struct timespec){.tv_sec = longest_ms / 1000, .tv_nsec = longest_ms % 1000 * 1000000};
    const struct sigaction action = {.sa_handler = on_abort};
    sigaction(SIGABRT, &action, NULL);
}

static void print_errors(const struct yaml_errors *errors) {
    for (int i = 0; i < errors->count; i++)
        log_line(LOG_ERROR, "%s", errors->text[i]);
    if (errors->dropped > 0)
        log_line(LOG_ERROR, "and %d more", errors->dropped);
}

/* One abstract socket per link, held until the process ends however it ends: two belayd never drive the same winch from
 * one machine, whatever their files and sockets are called. */
static int claim_links(const struct rig *rig) {
    for (int i = 0; i < rig->link_count; i++) {
        struct sockaddr_un name = {.sun_family = AF_UNIX};
        int length = snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "belay/link/%s:%u", rig->link[i].host,
                              (unsigned)rig->link[i].port);
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
        if (fd < 0 || bind(fd, (struct sockaddr *)&name, size) < 0) {
            int error = errno;
            log_line(LOG_ERROR, "link %s (%s:%u) is in use by another belayd: end that one first",
                    rig->link[i].name, rig->link[i].host, (unsigned)rig->link[i].port);
            if (fd >= 0)
                close(fd);
            return -error;
        }
    }
    return 0;
}

/* All memory, now and later, or none: with a small limit (8 MB for a user on Debian 12) mlockall() succeeds and every
 * later allocation fails, so room for what is still to come is proved first. False with errno set. */
static bool lock_memory(void) {
    if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
        return false;
    void *room = mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room != MAP_FAILED)
        return munmap(room, MEMORY_BYTES) == 0;
    int error = errno;
    munlockall();
    errno = error;
    return false;
}

/* Asks the kernel for what a fixed beat needs; says in a plain line what was not given, and goes on. */
static bool prepare_realtime(void) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur > FD_MAX) {
        files.rlim_cur = FD_MAX;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    mallopt(M_TRIM_THRESHOLD, -1);
    mallopt(M_MMAP_MAX, 0);
    if (!lock_memory())
        log_line(LOG_WARNING, "memory is not locked (%s): a page fault can make a cycle late; "
                                   "give LimitMEMLOCK=infinity or run the packaged unit", strerror(errno));
    struct sched_param fifo = {.sched_priority = CYCLE_PRIORITY}, normal = {.sched_priority = 0};
    bool permitted = sched_setscheduler(0, SCHED_FIFO, &fifo) == 0;
    if (permitted)
        sched_setscheduler(0, SCHED_OTHER, &normal);
    else
        log_line(LOG_WARNING, "no real-time scheduling (%s): cycles can be late under load; "
                                   "give LimitRTPRIO=90 or run the packaged unit", strerror(errno));
    return permitted;
}

static int take_commands(struct shared *shared) {
    int count = 0;
    while (count < CYCLE_COMMANDS_MAX && spsc_pop(&shared->commands, &shared->batch[count]))
        count++;
    return count;
}

static void hand_out(struct shared *shared, int64_t tick_us) {
    const struct cycle_out *out = &shared->out;
    bus_write(shared->bus, &out->image, tick_us);
    memcpy(tbuf_write_slot(&shared->snapshots), &out->snapshot, sizeof out->snapshot);
    tbuf_publish(&shared->snapshots);
    for (int i = 0; i < out->reply_count; i++)
        spsc_push(&shared->replies, &out->replies[i]);
    for (int i = 0; i < out->event_count; i++)
        spsc_push(&shared->events, &out->events[i]);
}

/* The cycle thread: one wait a beat, no other system call. Missed beats are skipped and counted, never made up for. */
static void *run_cycle(void *argument) {
    struct shared *shared = argument;
    int64_t period_us = (int64_t)shared->rig->cycle_ms * 1000;
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    int64_t tick_us = clock_now_us() + period_us;
    while (!atomic_load_explicit(&shared->end, memory_order_acquire)) {
        clock_sleep_until_us(tick_us);
        int64_t now_us = clock_now_us();
        bus_read(shared->bus, &shared->image);
        struct cycle_in in = {.image = &shared->image,
                              .commands = shared->batch,
                              .command_count = take_commands(shared),
                              .late_us = now_us - tick_us};
        cycle_step(shared->cycle, &in, now_us, &shared->out);
        hand_out(shared, tick_us);
        tick_us += period_us * (1 + (now_us - tick_us) / period_us);
    }
    return NULL;
}

static int start_cycle(struct shared *shared, bool realtime, pthread_t *thread) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    if (realtime) {
        struct sched_param priority = {.sched_priority = CYCLE_PRIORITY};
        pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
        pthread_attr_setschedpolicy(&attributes, SCHED_FIFO);
        pthread_attr_setschedparam(&attributes, &priority);
    }
    int error = pthread_create(thread, &attributes, run_cycle, shared);
    pthread_attr_destroy(&attributes);
    return -error;
}

static int shared_init(struct shared *shared, const struct rig *rig) {
    shared->rig = rig;
    shared->cycle = calloc(1, cycle_size());
    void *snapshots = calloc(3, sizeof(struct snapshot));
    void *commands = calloc(RING_SLOTS, sizeof(struct command));
    void *replies = calloc(RING_SLOTS, sizeof(struct command_reply));
    void *events = calloc(EVENT_SLOTS, sizeof(struct event));
    if (!shared->cycle || !snapshots || !commands || !replies || !events)
        return -ENOMEM;
    cycle_init(shared->cycle, rig);
    tbuf_init(&shared->snapshots, snapshots, sizeof(struct snapshot));
    spsc_init(&shared->commands, commands, sizeof(struct command), RING_SLOTS);
    spsc_init(&shared->replies, replies, sizeof(struct command_reply), RING_SLOTS);
    spsc_init(&shared->events, events, sizeof(struct event), EVENT_SLOTS);
    return 0;
}

/* Longest time that all axes may need from any state to disabled with the brake closed. */
static int stop_wait_ms(const struct rig *rig) {
    int longest = 0;
    for (int i = 0; i < rig->axis_count; i++) {
        const struct rig_axis *axis = &rig->axis[i];
        int time = axis->limits.stop_time_max_ms + axis->brake.close_ms_max + axis->limits.enable_ms_max +
                   2 * axis->brake.handover_ms;
        longest = time > longest ? time : longest;
    }
    return longest + STOP_WAIT_MARGIN_MS;
}

static int fly(struct shared *shared, struct serve *serve, const struct options *options, bool realtime) {
    int error = bus_start(shared->rig, realtime ? BUS_PRIORITY : 0, &shared->bus);
    if (error)
        return log_line(LOG_ERROR, "field bus: %s", strerror(-error)), error;
    pthread_t thread;
    error = start_cycle(shared, realtime, &thread);
    if (error) {
        bus_stop(shared->bus);
        return log_line(LOG_ERROR, "cycle thread: %s", strerror(-error)), error;
    }
    struct sched_param priority = {.sched_priority = SERVE_PRIORITY};
    if (realtime)
        sched_setscheduler(0, SCHED_FIFO, &priority);
    if (!options->show || serve_load_show(serve, options->show) == 0) {
        sd_notify(0, "READY=1");
        error = serve_run(serve, stop_wait_ms(shared->rig));
        sd_notify(0, "STOPPING=1");
    } else {
        error = -EINVAL;
    }
    if (error == -ETIMEDOUT)
        log_line(LOG_CRITICAL, "the winches did not report a completed stop in time: look at them");
    atomic_store_explicit(&shared->end, true, memory_order_release);
    pthread_join(thread, NULL);
    bus_stop(shared->bus);
    return error;
}

int main(int argc, char **argv) {
    struct options options;
    int code = parse(argc, argv, &options);
    if (code >= 0)
        return code;
    static struct rig rig;
    static struct yaml_errors errors;
    if (rig_load(options.rig, options.profiles, &rig, &errors) < 0) {
        print_errors(&errors);
        return 1;
    }
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stops, NULL);
    signal(SIGPIPE, SIG_IGN);
    catch_abort(&rig);

    if (find_record(&rig, &options) < 0 || claim_links(&rig) < 0 || shared_init(&machine, &rig) < 0)
        return 1;
    struct serve_config config = {.rig = &rig,
                                  .socket_path = options.socket,
                                  .record_path = options.record,
                                  .snapshots = &machine.snapshots,
                                  .commands = &machine.commands,
                                  .replies = &machine.replies,
                                  .events = &machine.events};
    struct serve *serve;
    bool realtime = prepare_realtime();
    int error = serve_open(&config, &serve);
    if (error) {
        log_line(LOG_ERROR, "sockets: %s", error == -EADDRINUSE ? "another belayd serves there: end it first"
                                                                     : strerror(-error));
        return 1;
    }
    error = fly(&machine, serve, &options, realtime);
    serve_close(serve);
    return error ? 1 : 0;
}
