/* The whole machine in virtual time: the controller's cycle_step against the simulated world, on one clock that only
 * this file moves. Deterministic: the same rig, world and calls give the same run, hundreds of times faster than
 * real time.
 */
#ifndef BELAY_SIM_HARNESS_HARNESS_H
#define BELAY_SIM_HARNESS_HARNESS_H

#include <stdbool.h>
#include <stdint.h>

#include "controller/cycle.h"
#include "sim/sim.h"

#define HARNESS_COMMANDS_MAX CYCLE_COMMANDS_MAX

struct harness {
    const struct rig *rig;
    struct sim_world *world;
    struct cycle *cycle;
    struct cycle_out out;   /* of the last cycle */
    struct image_in image;
    int64_t now_us;
    struct command queue[HARNESS_COMMANDS_MAX];
    int queued;
    uint32_t ticket;
    bool holding;           /* the operator holds: the permission is renewed every cycle */
    uint32_t press;
    bool controller_dead;   /* nothing is computed and nothing is sent, as after SIGKILL */
    bool link_cut[RIG_LINKS_MAX];
    struct harness_reply {
        int64_t due_us; /* 0 = none is on its way */
        uint16_t word[PROFILE_WORDS_MAX];
    } late[RIG_DEVICES_MAX]; /* replies of devices that answer late; nothing is asked of them meanwhile */
    int first_images[RIG_LINKS_MAX]; /* stop words still to send after a connect */
    struct image_out stop;
    /* Called after every simulated millisecond, when set. */
    void (*watch)(void *context, const struct harness *harness);
    void *context;
};

/* Builds the machine from a rig and a world file, on the lowest rung of walk-through. `show` may be NULL. Errors as
 * text into `errors`. 0 or -EINVAL. */
int harness_open(struct harness *harness, const struct rig *rig, const struct show *show, const char *world_path,
                 char *errors, int errors_size);
void harness_close(struct harness *harness);

/* Queues a command of the one operator (session 1), unless it says another, for the next cycle; returns its ticket. */
uint32_t harness_command(struct harness *harness, struct command command);

/* One cycle: the bus moves its frames, the world moves on, the controller steps. */
void harness_step(struct harness *harness);

/* Cycles for `seconds`. */
void harness_run(struct harness *harness, double seconds);

/* Cycles until `holds` says so, at most `seconds`; false when it never did. */
bool harness_until(struct harness *harness, bool (*holds)(const struct harness *), double seconds);

/* Gives the command, steps once, returns the controller's answer. */
enum refusal harness_ask(struct harness *harness, struct command command);

/* As SIGKILL to belayd: nothing is computed and nothing is sent. */
void harness_kill(struct harness *harness);

/* A fresh belayd, as harness_open() makes it; nobody holds. The world goes on as it is. */
void harness_start(struct harness *harness, const struct show *show);

/* The operator's ways: a fresh press held from now on, and its end. */
void harness_hold(struct harness *harness);
void harness_let_go(struct harness *harness);

#endif
