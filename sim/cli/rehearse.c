/* `belay rehearse`: options, and the course of one rehearsal from start to report. */
#include "sim/cli/rehearse.h"

#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controller/base/clock.h"
#include "sim/cli/rehearse_parts.h"
#include "sim/cli/witness.h"

#define PRIORITY 20 /* below belay-sim: an operator's hand does not wait for the machine's other work */
#define RUNS_MAX 1000
#define JOBS_MAX 16
#define TRIES_MAX 10
#define EXIT_PAUSED 3 /* it failed each time, and each time this computer itself had paused */
#define CALM_US 3000000 /* without a pause so long: calm */
#define CALM_TRIES 30
#define PAUSE_US 10000 /* one control cycle: a beat that is missed by more stops the show, as it should */

static const char usage[] =
    "usage: belay rehearse [SCENARIO] [--headless | --virtual] [--out DIR] [--keep] [--ports P1,P2] [--seed N]\n"
    "       belay rehearse [SCENARIO] --virtual --campaign always [--runs N] [--only TEXT] [--out DIR] [--seed N]\n"
    "       belay rehearse [SCENARIO] --campaign kill [--runs N] [--jobs N] [--only TEXT] [--out DIR] [--seed N]\n"
    "\n"
    "Flies a scenario in the simulator through the real programs: belay-sim, belayd, and belay-console or, with\n"
    "--headless, the scenario's script. Moves nothing real.\n"
    "\n"
    "  SCENARIO       a name (free-climb), or a directory when it has a slash\n"
    "  --headless     without a display; ends with a report; exit code 0 = every judged limit held\n"
    "  --virtual      as --headless, on a virtual clock: the controller's cycle and the simulated world in this\n"
    "                 program, in seconds; the same seed is the same run. No bus and no scheduling are tested by it\n"
    "  --out DIR      keeps report.json, the truth and the logs there\n"
    "  --keep         leaves the run directory for a look\n"
    "  --ports P1,P2  TCP ports of the simulated devices (headless: free ones; else those of the rig)\n"
    "  --seed N       another N is another climb and another instant of the fall (a random one, shown)\n"
    "  --tries N      flies it again, up to N times in all, when it failed and this computer itself had paused for\n"
    "                 10 ms (a control cycle) or longer (2)\n"
    "  --kill P:V     headless, one run of the kill campaign: phase P is follow, catch or lowering;\n"
    "                 victim V is belayd, client, client-hang, sim or sim-hang\n"
    "  --client PROGRAM  holds in place of `belay go` and `belay jog`; the process whose number it prints as\n"
    "                 \"holder N\" is struck; $BELAY_SOCKET and $BELAY_CONSOLE tell it where it is\n"
    "  --campaign always  with --virtual: struck by each fault in turn, --runs N times each (1), at random instants\n"
    "                 of the script; --out DIR keeps always-SCENARIO.md; --only TEXT: faults whose name contains it\n"
    "  --campaign kill  all of them, --runs N each (1), --jobs N at a time (1), --only those whose P:V contains\n"
    "                 one of the words in TEXT, which stand between commas\n";

enum { OPT_HEADLESS = 256, OPT_OUT, OPT_KEEP, OPT_PORTS, OPT_SEED, OPT_KILL, OPT_CAMPAIGN, OPT_RUNS, OPT_JOBS, OPT_ONLY,
       OPT_CLIENT, OPT_TRIES, OPT_VIRTUAL, OPT_HELP };

static volatile sig_atomic_t interrupted;

static void on_signal(int number) {
    (void)number;
    interrupted = 1;
}

bool director_interrupted(void) {
    return interrupted != 0;
}

/* ---- options ---- */

static bool take_whole(const char *text, long least, long most, long *value) {
    char *end;
    errno = 0;
    *value = strtol(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *value >= least && *value <= most;
}

static bool take_ports(struct rehearse_options *options, const char *text) {
    char copy[32];
    long first, second;
    snprintf(copy, sizeof copy, "%s", text);
    char *comma = strchr(copy, ',');
    if (!comma)
        return false;
    *comma = '\0';
    options->has_ports = take_whole(copy, 1, 65535, &first) && take_whole(comma + 1, 1, 65535, &second) &&
                         first != second;
    if (options->has_ports) {
        options->port[0] = (int)first;
        options->port[1] = (int)second;
    }
    return options->has_ports;
}

/* False with a message when the value is wrong. */
static bool take_option(struct rehearse_options *options, int option, const char *value) {
    long number = 0;
    bool ok = true;
    switch (option) {
    case OPT_HEADLESS: options->headless = true; break;
    case OPT_VIRTUAL: options->in_virtual_time = options->headless = true; break;
    case OPT_OUT: options->out = value; break;
    case OPT_KEEP: options->keep = true; break;
    case OPT_PORTS: ok = take_ports(options, value); break;
    case OPT_SEED:
        ok = options->has_seed = take_whole(value, 0, INT32_MAX, &number);
        options->seed = (uint64_t)number;
        break;
    case OPT_KILL: ok = kill_known(value), options->kill = value; break;
    case OPT_CAMPAIGN:
        ok = strcmp(value, "kill") == 0 || strcmp(value, "always") == 0;
        options->campaign = value;
        break;
    case OPT_RUNS: ok = take_whole(value, 1, RUNS_MAX, &number), options->runs = (int)number; break;
    case OPT_JOBS: ok = take_whole(value, 1, JOBS_MAX, &number), options->jobs = (int)number; break;
    case OPT_ONLY: options->only = value; break;
    case OPT_TRIES: ok = take_whole(value, 1, TRIES_MAX, &number), options->tries = (int)number; break;
    case OPT_CLIENT: options->client = value; break;
    default: return false;
    }
    if (!ok)
        fprintf(stderr, "belay rehearse: '%s' is not a value of that option; see belay rehearse --help\n", value);
    return ok;
}

/* Returns -1 to go on, else the exit code. */
static int parse(int argc, char **argv, struct rehearse_options *options) {
    static const struct option names[] = {
        {"headless", no_argument, NULL, OPT_HEADLESS}, {"out", required_argument, NULL, OPT_OUT},
        {"keep", no_argument, NULL, OPT_KEEP},         {"virtual", no_argument, NULL, OPT_VIRTUAL},
        {"ports", required_argument, NULL, OPT_PORTS},
        {"seed", required_argument, NULL, OPT_SEED},   {"kill", required_argument, NULL, OPT_KILL},
        {"campaign", required_argument, NULL, OPT_CAMPAIGN}, {"runs", required_argument, NULL, OPT_RUNS},
        {"jobs", required_argument, NULL, OPT_JOBS},   {"only", required_argument, NULL, OPT_ONLY},
        {"tries", required_argument, NULL, OPT_TRIES},
        {"client", required_argument, NULL, OPT_CLIENT},
        {"help", no_argument, NULL, OPT_HELP},         {NULL, 0, NULL, 0},
    };
    *options = (struct rehearse_options){.scenario = "free-climb", .runs = 1, .jobs = 1, .tries = 2};
    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        if (c == OPT_HELP) {
            fputs(usage, stdout);
            return 0;
        }
        if (!take_option(options, c, optarg))
            return 2;
    }
    if (optind + 1 < argc) {
        fprintf(stderr, "belay rehearse: one scenario at a time, not '%s' too\n", argv[optind + 1]);
        return 2;
    }
    if (optind < argc)
        options->scenario = argv[optind];
    const bool is_kill = options->campaign && strcmp(options->campaign, "kill") == 0;
    if (options->in_virtual_time && (options->kill || is_kill || options->client || options->has_ports)) {
        fprintf(stderr, "belay rehearse: virtual time has no programs and no ports: leave out --kill, --client, "
                        "--ports, --campaign kill\n");
        return 2;
    }
    if (options->campaign && !is_kill && !options->in_virtual_time) {
        fprintf(stderr, "belay rehearse: the campaign always is flown in virtual time: add --virtual\n");
        return 2;
    }
    options->headless = options->headless || options->kill;
    if (!options->has_seed)
        options->seed = (uint64_t)(clock_now_us() / 1000 % 1000000);
    if (!options->headless && !options->campaign && !getenv("DISPLAY") && !getenv("WAYLAND_DISPLAY")) {
        fprintf(stderr, "belay rehearse: no display for the console: add --headless\n");
        return 2;
    }
    return -1;
}

/* ---- one rehearsal ---- */

static bool load_expect(struct director *director) {
    static struct yaml_errors errors;
    const char *kill = director->options->kill;
    char path[PATH_SIZE];
    bool world_lost = kill && kill_ends_world(kill);
    places_join(path, director->places.scenario,
                !kill ? "expect.yaml" : world_lost ? "expect-kill-sim.yaml" : "expect-kill.yaml");
    if (report_expect_load(path, &director->expect, &errors) == 0)
        return true;
    for (int i = 0; i < errors.count; i++)
        fprintf(stderr, "%s\n", errors.text[i]);
    director_fail(director, "the expectations of this scenario are wrong");
    return false;
}

static bool play(struct director *director) {
    if (director->options->kill)
        return kill_play(director);
    if (!director->options->headless)
        return session_play(director);
    director_step_begin(director, "The simulator and the controller start.");
    int64_t begun_us = clock_now_us();
    bool started = machine_start_sim(director) && machine_start_belayd(director);
    return director_step_end(director, begun_us, started) && script_play(director);
}

static void print_failure(struct director *director) {
    if (director_interrupted()) {
        fprintf(stderr, "\nInterrupted; every program has ended.\n");
        return;
    }
    fprintf(stderr, "\nThe rehearsal failed: %s\n", director->failure);
    child_print_log(&director->belayd);
    child_print_log(&director->sim);
    child_print_log(&director->console);
}

static struct director director; /* of some 100 kB */

/* The same in virtual time: the files are kept only with --out. */
static int rehearse_virtual(void) {
    const struct rehearse_options *options = director.options;
    const int64_t begun_us = clock_now_us();
    director.in.facts.machine_us_max = -1;
    const bool prepared = virtual_prepare(&director) && load_expect(&director);
    if (prepared) {
        printf("Scenario %s, seed %llu, cycle %d ms, in virtual time.\n", options->scenario,
               (unsigned long long)options->seed, (int)director.rig.cycle_ms);
        script_play(&director);
    }
    const double flown_s = prepared ? (double)(director_now_us(&director) - director.began_us) / 1e6 : 0;
    virtual_end(&director);
    const bool held = prepared && !director_interrupted() && result_report(&director);
    if (prepared)
        printf("%.1f s of virtual time took %.1f s.\n", flown_s, (double)(clock_now_us() - begun_us) / 1e6);
    if (director_interrupted())
        fprintf(stderr, "\nInterrupted.\n");
    else if (director.failed)
        fprintf(stderr, "\nThe rehearsal failed: %s\n", director.failure);
    else
        printf("%s\n", held ? "Every step succeeded and every judged limit held." : "A limit was exceeded.");
    if (options->out || options->keep)
        printf("Kept: %s\n", director.files_dir);
    directory_clean(&director);
    return director.failed || !held ? 1 : 0;
}

/* Flies it once, with all that is to know of it in `director`. */
static int rehearse(const struct rehearse_options *options) {
    director_init(&director, options);
    director.began_us = clock_now_us();
    char error[PATH_SIZE + 80];
    if (places_find(&director.places, options->scenario, options->in_virtual_time, error, sizeof error) != 0) {
        fprintf(stderr, "belay rehearse: %s\n", error);
        return 2;
    }
    if (options->in_virtual_time)
        return rehearse_virtual();
    witness_start(true);
    bool prepared = machine_prepare(&director) && (!options->headless || load_expect(&director));
    if (prepared) {
        printf("Scenario %s, seed %llu, devices on TCP ports %d and %d.\n", options->scenario,
               (unsigned long long)options->seed, director.port[0], director.port[1]);
        play(&director);
    }
    machine_end(&director);
    director.in.facts.machine_us_max = witness_end();
    director.paused = director.in.facts.machine_us_max >= PAUSE_US;
    bool ended = !options->headless && director_interrupted(); /* Ctrl-C is as good as closing the console */
    bool measured = options->headless && prepared && !director_interrupted();
    bool held = measured ? result_report(&director) : !options->headless;
    if (director.failed && !ended)
        print_failure(&director);
    else if (!director.no_display)
        printf("%s\n", !held              ? "A limit was exceeded."
                       : options->headless ? "Every step succeeded and every judged limit held."
                                           : "Everything has ended.");
    if (options->out || options->keep)
        printf("Kept: %s\n", director.files_dir);
    directory_clean(&director);
    return (director.failed && !ended) || !held ? 1 : 0;
}

/* What is set and dead, for the user to find. */
static const char *display_name(void) {
    static char text[300];
    const char *wayland = getenv("WAYLAND_DISPLAY"), *x11 = getenv("DISPLAY");
    snprintf(text, sizeof text, "%s is %.200s", wayland && *wayland ? "WAYLAND_DISPLAY" : "DISPLAY",
             wayland && *wayland ? wayland : x11 ? x11 : "empty");
    return text;
}

static void prepare_process(void) {
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    /* Where it is permitted; the programs started do not inherit it. */
    sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &(struct sched_param){.sched_priority = PRIORITY});
}

/* Until this computer kept time for a while, if it ever does: the next flight would end as the last one. */
static void wait_for_calm(void) {
    for (int i = 0; i < CALM_TRIES && !interrupted; i++) {
        witness_start(true);
        clock_sleep_until_us(clock_now_us() + CALM_US);
        if (witness_end() < PAUSE_US)
            return;
    }
}

int rehearse_main(int argc, char **argv) {
    struct rehearse_options options;
    int code = parse(argc, argv, &options);
    if (code >= 0)
        return code;
    prepare_process();
    if (options.campaign && !options.in_virtual_time)
        return campaign_run(&options);
    char absolute[PLACE_MAX], error[FAILURE_MAX];
    if (options.out && !directory_out(options.out, absolute, error, sizeof error)) {
        fprintf(stderr, "belay rehearse: %s\n", error);
        return 2;
    }
    if (options.campaign)
        return always_run(&options, &director);
    code = rehearse(&options);
    if (options.in_virtual_time)
        return code;
    if (director.no_display) {
        printf("\nThe console cannot open its display (%s): rehearsing headless, without the console.\n\n",
               display_name());
        options.headless = true;
        code = rehearse(&options);
    }
    for (int tries = 1; code == 1 && director.paused && options.headless && !options.kill && tries < options.tries;
         tries++) {
        if (interrupted)
            break;
        printf("\nThis computer itself stood still for a while, longer than a control cycle: once more.\n\n");
        wait_for_calm();
        code = rehearse(&options);
    }
    bool excused = code == 1 && director.paused && options.headless && !options.kill && !interrupted;
    return excused ? EXIT_PAUSED : code;
}
