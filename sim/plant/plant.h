/* The mechanics of one rig: winch, rope and person, in SI units on doubles. Pure: no clock, no I/O, no allocation.
 * Nothing of the controller is known here.
 */
#ifndef BELAY_SIM_PLANT_PLANT_H
#define BELAY_SIM_PLANT_PLANT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/plant/brake.h"
#include "sim/plant/climber.h"
#include "sim/plant/rope.h"
#include "sim/plant/winch.h"

#define PLANT_GRAVITY_M_S2 9.81
#define PLANT_BRAKES_MAX 2
#define PLANT_STEP_S_MAX 0.001 /* longest step; stiff ropes need 250 us */

struct plant_config {
    double person_kg;
    double height_m;   /* of the person at the start */
    double slack_m;    /* rope that hangs loose at the start */
    double slump_s;    /* time over which a slump shifts the weight from the wall to the rope */
    uint64_t seed;
    struct climber_config climber;
    struct rope_config rope;
    struct winch_config winch;
    int brake_count;
    struct brake_config brake[PLANT_BRAKES_MAX];
};

/* What acts on the mechanics from outside. */
struct plant_input {
    bool torque_on;      /* the drive's power stage */
    double setpoint_rpm; /* of the motor, behind the drive's ramps; positive pays out */
    double torque_lost;  /* share of its torque limit that the drive has not, 0..1 */
    double brakes_lost;  /* share of the brakes' force that is not there, 0..1 */
    bool brake_release[PLANT_BRAKES_MAX]; /* the brakes' coils */
};

struct plant {
    struct plant_config config;
    struct climber climber; /* while he holds on to the wall */
    struct winch winch;
    struct brake brake[PLANT_BRAKES_MAX];
    enum sim_act act;
    double act_speed_m_s;
    double height_m, speed_m_s, accel_m_s2; /* of the person, upward positive */
    double support_n, support_left_s, support_start_n; /* a slump: what hands and feet still carry */
    double ground_n;  /* what the ground carries of a free mass */
    double tension_n; /* of the rope as things stand now */
};

/* Person standing, drum at rest, brakes closed. */
void plant_init(struct plant *plant, const struct plant_config *config);

/* What the person does from now on. `speed_m_s`, not negative, is for ACT_ASCEND and ACT_DESCEND. */
void plant_act(struct plant *plant, enum sim_act act, double speed_m_s);

/* Advances by `dt_s`, at most PLANT_STEP_S_MAX. */
void plant_step(struct plant *plant, const struct plant_input *input, double dt_s);

/* Rope between last sheave and harness that hangs loose; 0 when taut. */
double plant_slack_m(const struct plant *plant);
/* The pads of every brake touch. */
bool plant_brakes_closed(const struct plant *plant);
/* The person stands or lies on the ground. */
bool plant_on_ground(const struct plant *plant);

#endif
