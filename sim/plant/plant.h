/* The mechanics of one rig: its lines (winch, brakes, rope) and the load that hangs on them, in SI units on doubles.
 * Pure: no clock, no I/O, no allocation. Nothing of the controller is known here.
 */
#ifndef BELAY_SIM_PLANT_PLANT_H
#define BELAY_SIM_PLANT_PLANT_H

#include <stdbool.h>

#include "sim/plant/line.h"
#include "sim/plant/load.h"

#define PLANT_STEP_S_MAX 0.001 /* longest step; stiff ropes need 250 us */

struct plant_config {
    struct load_config load;
    int line_count;
    struct line_config line[PLANT_LINES_MAX];
};

struct plant {
    int line_count;
    struct line line[PLANT_LINES_MAX];
    struct load load;
};

/* The load as its kind begins, drums at rest, brakes closed. The config's number of lines is one the kind can have. */
void plant_init(struct plant *plant, const struct plant_config *config);

/* What the load does from now on, one of the acts of its kind, with the value that sim_act_value() names. */
void plant_act(struct plant *plant, enum sim_act act, double value);

/* Takes the lines to be held where the load holds them now: after a change from outside. */
void plant_hold(struct plant *plant);

/* Advances by `dt_s`, at most PLANT_STEP_S_MAX; one input for each line. */
void plant_step(struct plant *plant, const struct line_input *input, double dt_s);

#endif
