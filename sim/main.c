/* belay-sim: the simulated rig on real Modbus TCP. Command line, signals, scheduling. */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>

#include "sim/server.h"
#include "sim/sim.h"
#include "sim/truth.h"

#define ERRORS_MAX 16384
#define FIFO_PRIORITY 60
#define EXIT_USAGE 2

struct arguments {
    const char *world, *truth;
    struct server_options server;
};

static const char usage[] =
    "Usage: belay-sim --world FILE [--bind ADDRESS] [--ports P1,P2,...] [--stage SOCKET] [--truth FILE.csv]\n"
    "Simulates a rig: Modbus TCP devices, and the winches, ropes and load behind them.\n"
    "\n"
    "  --world FILE     what is simulated (sim/scenarios/NAME/world.yaml)\n"
    "  --bind ADDRESS   IPv4 address to listen on; default 127.0.0.1\n"
    "  --ports P1,P2,...  TCP port of the drives (unit 1, and 5, 9, ... of further winches), and one or more of the\n"
    "                   sensors (all other units, each at each of them); default 1502,1503\n"
    "  --stage SOCKET   takes stage directions here: JSON packets, see sim/stage.h\n"
    "  --truth FILE     writes what really happened, one CSV row a millisecond\n"
    "  --help, --version\n"
    "\n"
    "Says \"belay-sim: ready\" when it listens. SIGTERM or Ctrl-C ends it.\n";

/* How many there are; 0: it is no list of two at least. */
static int read_ports(const char *text, uint16_t *ports) {
    for (int i = 0; i < SERVER_PORTS; i++) {
        char *end;
        errno = 0;
        unsigned long port = strtoul(text, &end, 10);
        if (*text < '0' || *text > '9' || errno != 0 || port < 1 || port > UINT16_MAX)
            return 0;
        ports[i] = (uint16_t)port;
        if (*end == '\0')
            return i > 0 ? i + 1 : 0;
        if (*end != ',')
            return 0;
        text = end + 1;
    }
    return 0;
}

/* Returns -1 to go on, else the exit code. */
static int read_arguments(int argc, char **argv, struct arguments *arguments) {
    static const struct option options[] = {
        {"world", required_argument, NULL, 'w'}, {"bind", required_argument, NULL, 'b'},
        {"ports", required_argument, NULL, 'p'}, {"stage", required_argument, NULL, 's'},
        {"truth", required_argument, NULL, 't'}, {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},     {0}};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'w': arguments->world = optarg; break;
        case 'b': arguments->server.bind = optarg; break;
        case 's': arguments->server.stage_path = optarg; break;
        case 't': arguments->truth = optarg; break;
        case 'p':
            arguments->server.port_count = read_ports(optarg, arguments->server.port);
            if (arguments->server.port_count > 0)
                break;
            fprintf(stderr, "belay-sim: --ports %s: expected two ports like 1502,1503, or up to %d\n", optarg,
                    SERVER_PORTS);
            return EXIT_USAGE;
        case 'h': fputs(usage, stdout); return EXIT_SUCCESS;
        case 'v': puts("belay-sim " BELAY_VERSION); return EXIT_SUCCESS;
        default: fputs("Try: belay-sim --help\n", stderr); return EXIT_USAGE;
        }
    }
    if (arguments->world && optind == argc)
        return -1;
    fputs(arguments->world ? "belay-sim: too many arguments\n" : "belay-sim: --world FILE is missing\n", stderr);
    fputs("Try: belay-sim --help\n", stderr);
    return EXIT_USAGE;
}

static int signal_fd_open(void) {
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    return signalfd(-1, &ends, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* A simulated device answers as promptly as a real one if it may. Without the right to it, it still works. */
static void ask_for_real_time(void) {
    sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = FIFO_PRIORITY});
}

static int serve(struct sim_world *world, const struct arguments *arguments) {
    struct server *server = server_open(world, &arguments->server);
    if (!server)
        return EXIT_FAILURE;
    ask_for_real_time();
    puts("belay-sim: ready");
    fflush(stdout);
    int status = server_run(server);
    server_close(server);
    if (status != 0)
        fprintf(stderr, "belay-sim: %s\n", strerror(-status));
    return status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run(struct arguments *arguments) {
    char errors[ERRORS_MAX];
    struct sim_world *world = sim_world_new(arguments->world, errors, sizeof errors);
    if (!world) {
        fprintf(stderr, "%s\n", errors);
        return EXIT_FAILURE;
    }
    arguments->server.signal_fd = signal_fd_open();
    int status = arguments->truth ? truth_open(arguments->truth, world, &arguments->server.truth) : 0;
    int code = EXIT_FAILURE;
    if (status == 0) {
        code = serve(world, arguments);
        if (arguments->server.truth)
            status = truth_close(arguments->server.truth);
    }
    if (status != 0) {
        fprintf(stderr, "belay-sim: %s: %s\n", arguments->truth, strerror(-status));
        code = EXIT_FAILURE;
    }
    sim_world_free(world);
    return code;
}

int main(int argc, char **argv) {
    struct arguments arguments = {.server = {.bind = "127.0.0.1", .port_count = 2, .port = {1502, 1503}}};
    int code = read_arguments(argc, argv, &arguments);
    return code >= 0 ? code : run(&arguments);
}
