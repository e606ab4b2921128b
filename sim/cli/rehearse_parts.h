/* What the files of `belay rehearse` share. One thread: the director. Everything that waits goes through
 * director_pump(), which renews the operator's permission, reads telemetry and watches the programs meanwhile. */
#ifndef BELAY_SIM_CLI_REHEARSE_PARTS_H
#define BELAY_SIM_CLI_REHEARSE_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "controller/rig/rig.h"
#include "protocol/belay.h"
#include "sim/cli/rehearse_script.h"
#include "sim/cli/report.h"
#include "sim/sim.h"

#define PLACE_MAX 400 /* a path that still takes a file name behind it */
#define PATH_SIZE 512
#define PORT_COUNT 2
#define FAILURE_MAX 1024

/* ---- places: where programs and files are, in a build tree or installed ---- */

struct places {
    char belay[PATH_SIZE], belayd[PATH_SIZE], sim[PATH_SIZE], console[PATH_SIZE];
    char profiles[PATH_SIZE], scenario[PLACE_MAX];
};

/* Finds everything for `scenario` (a name, or a directory when it has a slash); virtual time needs no belayd and no
 * belay-sim. 0, or -ENOENT with a sentence. */
int places_find(struct places *places, const char *scenario, bool in_virtual_time, char *error, size_t error_size);

/* `directory`/`name`; asserts that it fits. */
void places_join(char out[static PATH_SIZE], const char *directory, const char *name);

/* ---- children ---- */

struct child {
    const char *name; /* of the program, for messages */
    pid_t pid;        /* 0 = not running */
    bool may_end;     /* its end is expected */
    int status;       /* of waitpid, once it ended */
    char log[PATH_SIZE]; /* its standard output and error */
};

/* Starts argv[0] with output appended to child->log. It ends with this program, however this one ends. 0 or -errno. */
int child_start(struct child *child, const char *const *argv, const char *socket_path);

/* True while it runs; reaps it otherwise. */
bool child_runs(struct child *child);

/* Ended by itself with exit code 0? */
bool child_ended_well(const struct child *child);

/* "exit code 1", "signal 9 (Killed)" into `out`. */
void child_end_text(const struct child *child, char *out, size_t size);

/* SIGTERM, at most `grace_ms`, then SIGKILL. True when SIGTERM sufficed. Blocks. NULL-safe for one never started. */
bool child_end(struct child *child, int grace_ms);

/* Sends the signal, when it runs. */
void child_signal(const struct child *child, int signal_number);

/* Prints the last lines of its log to standard error. */
void child_print_log(const struct child *child);

/* Do the last lines of its log hold these words? */
bool child_said(const struct child *child, const char *words);

/* ---- stage: the simulator's socket for stage directions ---- */

/* What the director wants to know of the truth at once. */
struct stage_truth {
    bool known;
    int station_count;
    struct stage_station {
        char name[SIM_STATION_NAME_MAX];
        bool pressed;
    } station[SIM_STATIONS_MAX];
    int64_t t_us;
    struct sim_truth truth;
};

/* Connects. Returns the descriptor or -errno. */
int stage_connect(const char *path);

/* Stage directions. 0, -ETIMEDOUT, -EPROTO (refused; the reason goes into `error`), another -errno. */
int stage_act(int fd, enum sim_act act, double value, char *error, size_t error_size);
int stage_estop(int fd, const char *station, bool pressed, char *error, size_t error_size);
int stage_look(int fd, struct stage_truth *truth, char *error, size_t error_size);

/* ---- the operator at libbelay ---- */

struct operator {
    struct belay_connection *connection;
    struct msg_meta_hello_result hello;
    struct msg_telemetry telemetry;
    bool heard;       /* telemetry has come at least once on this connection */
    bool holding;     /* renew the press, stubbornly: even a dead one, which must stay dead */
    bool alive;       /* as the last reply about the press said */
    int64_t press, renew_us, renewed_us, heard_us;
    int64_t wait_id;  /* of the request whose reply is awaited, 0 = none */
    bool answered, refused;
    char refusal[FAILURE_MAX];
};

/* ---- the director ---- */

struct rehearse_options {
    const char *scenario;
    const char *out;  /* directory for what remains, or NULL */
    bool headless, keep;
    bool in_virtual_time;
    bool has_ports;
    int port[PORT_COUNT];
    bool has_seed;
    uint64_t seed;
    const char *kill;     /* "PHASE:VICTIM": one run of the kill campaign, or NULL */
    const char *client;   /* program that holds in place of `belay go` and `belay jog`, or NULL */
    const char *campaign; /* "kill" or NULL */
    const char *only;     /* parts of "PHASE:VICTIM" with commas between them, or NULL = all */
    int runs, jobs;
    int tries; /* of a headless rehearsal that fails on a computer that did not keep time */
};

struct step_note {
    char name[64];
    double duration_s;
    bool ok;
};

#define NOTES_MAX 2048

struct director;

typedef bool verb_function(struct director *director, const struct script_step *step);
typedef bool condition_function(const struct director *director);

/* How it is flown: through the real programs in real time, or on the machine in virtual time. */
struct flight_kind {
    int64_t (*now_us)(const struct director *director);
    /* Lets time pass once, at most until `until_us` and a little: everything goes on and is looked at. */
    void (*pass)(struct director *director, int64_t until_us);
    verb_function *const *verbs;           /* [VERB_COUNT]; NULL = not in this kind */
    condition_function *const *conditions; /* [WHEN_COUNT]; likewise */
    void (*say_state)(const struct director *director, char *out, size_t size); /* as belayd says */
    bool axis_alone; /* arm and reset may name an axis */
};

extern const struct flight_kind flight_real, flight_virtual;
extern verb_function *const real_verbs[VERB_COUNT];

struct virtual_machine; /* rehearse_virtual.c */

struct director {
    const struct rehearse_options *options;
    const struct flight_kind *kind;
    struct virtual_machine *virtual_machine; /* NULL in real time */
    bool recording;            /* a step with a window runs */
    bool quiet;                /* a campaign's run says nothing of its steps */
    bool unmatched;            /* the expectations are a campaign's, and not of the script's windows */
    int64_t strike_us;         /* the script is left at this time, by a failure that is none; 0 = never */
    struct places places;
    struct rig rig;
    int lock_fd;               /* of the run directory's lock; -1 = none */
    char run_dir[PLACE_MAX];   /* sockets; and the files too when there is no --out */
    char files_dir[PLACE_MAX]; /* logs, rig copy, truth, report */
    char socket[PATH_SIZE], stage_path[PATH_SIZE], rig_path[PATH_SIZE], world_path[PATH_SIZE], show_path[PATH_SIZE],
        truth_path[PATH_SIZE];
    int port[PORT_COUNT];
    uint64_t random; /* state of the director's random numbers */

    struct child sim, belayd, console;
    pid_t holder_pid; /* of the process that holds the permission in a run of the kill campaign */
    int stage_fd; /* -1 = none */
    bool sim_blind; /* the simulator is stopped: do not ask it */
    struct stage_truth stage;
    struct operator operator;

    struct report_in in;
    struct report_expect expect;

    bool struck;      /* a run of a campaign got as far as its fault */
    int64_t began_us;
    struct step_note note[NOTES_MAX];
    int note_count;
    const char *doing; /* name of the step for the live line */
    bool failed;
    bool paused;      /* this computer itself stood still, as long as a control cycle */
    bool no_display;  /* the console could not open the display that is set */
    char failure[FAILURE_MAX];
    int64_t truth_due_us, live_due_us;
};

/* At its begin, before anything is known. */
void director_init(struct director *director, const struct rehearse_options *options);

/* A share of 0 to 1 that a seed stands for. */
double director_share(uint64_t seed);

/* Remembers the first failure, printf style. */
void director_fail(struct director *director, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The time on the rehearsal's clock. */
int64_t director_now_us(const struct director *director);

/* Lets time pass until `until_us` or a failure, keeping everything going. False after a failure. */
bool director_pump(struct director *director, int64_t until_us);

/* Lets time pass until `condition` holds, at most `within_s`. False when it did not, or after a failure. */
bool director_await(struct director *director, enum script_condition condition, double within_s);

/* As director_await(), and fails with what was awaited and what is instead. */
bool director_need(struct director *director, enum script_condition condition, double within_s);

/* Does it hold now, as far as is known? */
bool director_holds(const struct director *director, enum script_condition condition);

/* A random number of the run, evenly between the two. */
double director_random(struct director *director, double least, double most);

/* Prints one line with the time since the start. */
void director_say(const struct director *director, const char *text);

/* A step begins: prints it. It ends: notes it with its duration since `begun_us`; returns ok. */
void director_step_begin(struct director *director, const char *name);
bool director_step_end(struct director *director, int64_t begun_us, bool ok);

/* Stage directions that fail the run when they fail. */
bool director_act(struct director *director, enum sim_act act, double value);
bool director_estop(struct director *director, const char *station, bool pressed);

/* "4.2 m, 87 N, following" and the like into `out`. */
void director_now_text(const struct director *director, char *out, size_t size);

/* True once the user asked for the end by Ctrl-C or SIGTERM. */
bool director_interrupted(void);

/* ---- the machine: run directory, files, programs ---- */

/* Makes the run directory and the files in it. */
bool machine_prepare(struct director *director);

/* What a copy changes: each row replaces the value of the next `key:` of that name in the file. */
struct change {
    const char *key;
    char value[24];
    bool done;
};

/* Copies a YAML file with changes. Whether the copy is right is found by those who read it. */
bool machine_copy(struct director *director, const char *from, const char *to, struct change *change, int count);

/* Starts belay-sim and connects to its stage. */
bool machine_start_sim(struct director *director);

/* Connects to the stage of a simulator that runs. What became of the connection before is the caller's to know. */
bool machine_connect_sim(struct director *director);

/* The simulator is gone, or does not answer: nothing is known of it, and nobody is connected. */
void machine_lose_sim(struct director *director);

/* Starts belayd with the show loaded, and waits until its socket answers. */
bool machine_start_belayd(struct director *director);

/* Ends every program in order; the simulator's truth is complete afterwards. */
void machine_end(struct director *director);

/* ---- the run directory ---- */

/* Makes `out`, when it is not there, and its absolute path into `absolute`. False with a sentence when nothing could be
 * written there. */
bool directory_out(const char *out, char absolute[static PLACE_MAX], char *error, size_t error_size);

/* Makes the run directory, locked as long as this program lives, and fills in the places in it. Those that killed
 * rehearsals left behind are removed. */
bool directory_make(struct director *director);

/* The process of another rehearsal of this user that is running, 0 when there is none. */
pid_t directory_other(const struct director *director);

/* Removes the run directory, unless --keep was given. */
void directory_clean(struct director *director);

/* ---- the operator ---- */

/* Connects, says hello and subscribes; retries for `within_s`. */
bool operator_open(struct director *director, enum msg_role role, double within_s);
void operator_close(struct director *director);

/* Renews the press when due and takes what has come. */
void operator_pump(struct director *director);

/* Sends one request and waits for its reply. A refusal fails the run. */
bool operator_ask(struct director *director, enum msg_method method, const void *params);

/* The operator's ways. */
bool operator_hold(struct director *director);
bool operator_let_go(struct director *director);
bool operator_load(struct director *director, const char *path);
bool operator_walk(struct director *director, int32_t percent);
bool operator_go(struct director *director, const char *cue);
bool operator_jog(struct director *director, const char *axis, double speed_m_s);

/* The one axis that the rehearsal watches, or NULL before the first telemetry. */
const struct msg_telemetry_axis *operator_axis(const struct director *director);

/* ---- what is flown ---- */

/* Executes script.yaml. */
bool script_play(struct director *director);

/* Verbs that are the same however it is flown. */
verb_function step_wait, step_run, step_repeat;

/* Conditions of the truth, which are the same too. */
condition_function truth_stopped, truth_clear, truth_ground;

/* ---- virtual time ---- */

/* Reads the scenario's files and builds the machine. */
bool virtual_prepare(struct director *director);

/* Frees the machine; what was measured stays in director->in. */
void virtual_end(struct director *director);

/* The machine's inside, for a campaign that strikes it. */
struct harness *virtual_harness(struct director *director);

/* The campaign "always"; `director` is for its runs. Returns the exit code. */
int always_run(const struct rehearse_options *options, struct director *director);

/* The climber while a person sits at the console. */
enum climber_scene { SCENE_WAITS, SCENE_CLIMBS, SCENE_HANGS };

struct climber {
    enum climber_scene scene;
    int64_t fall_us; /* when he will let go */
};

/* He stands at the foot of the cliff. */
void climber_begin(struct climber *climber);

/* What he does by himself now: climbs while the rope follows, holds on when it does not, falls now and then. */
void climber_pass(struct director *director, struct climber *climber);

/* What an assistant asks him to do; says so, or why not. */
void climber_falls(struct director *director, struct climber *climber);
void climber_sits(struct director *director, struct climber *climber);
void climber_stands(struct director *director, struct climber *climber);

/* A person at the console, an assistant at the keys of the terminal. Until the console is closed or `q` was pressed.
 * False after a failure; director->no_display tells that the console had no display to open. */
bool session_play(struct director *director);

/* One run of the kill campaign: director->options->kill. */
bool kill_play(struct director *director);

/* True when "PHASE:VICTIM" names a run of the campaign. */
bool kill_known(const char *text);

/* True when the victim of this run is the simulator for good: nobody is left to fall. */
bool kill_ends_world(const char *text);

/* "PHASE:VICTIM" number `index`, from 0; false behind the last. */
#define KILL_NAME_MAX 32
bool kill_name(int index, char out[static KILL_NAME_MAX]);

/* The whole campaign; returns the exit code. */
int campaign_run(const struct rehearse_options *options);

/* Measures, prints and writes report.json. False when a judged limit did not hold. */
bool result_report(struct director *director);

/* What the rig says of its first axis's rope and person; all zero for one that does not belay. */
struct report_rope result_rope(const struct director *director);

#endif
