/* The seven calls of cycle_step() and the state that they share. Private to controller/cycle*.c. */
#ifndef BELAY_CONTROLLER_CYCLE_PARTS_H
#define BELAY_CONTROLLER_CYCLE_PARTS_H

#include "controller/cycle.h"
#include "controller/cycle_limits.h"
#include "controller/drive/cia402.h"
#include "controller/motion/belay.h"
#include "controller/safety/clamp.h"
#include "controller/safety/judge.h"

#define PERMISSION_SESSIONS_MAX 32 /* sessions whose last dead press is remembered */

/* One operator holds, until `expires_us`. A press that died stays dead: the operator must let go and press again. */
struct permission {
    bool alive;
    uint32_t session, press;
    int64_t expires_us;
    struct {
        uint32_t session, press;
    } dead[PERMISSION_SESSIONS_MAX];
    int dead_next;
};

struct axis {
    struct judge_limits judge_limits;
    struct clamp_limits clamp_limits;
    const struct stop_table *stops;
    struct judge_axis judge;

    /* Readings of this cycle. */
    struct image_value status, speed, position_steps, tension, torque;
    double position_m, speed_m_s, tension_n;
    enum cia402_state drive;
    bool brake_open, brake_ok, sto_off;
    struct judge_in judge_in;

    /* What it does. */
    enum axis_mode mode;
    double jog_m_s;
    double move_to_m, move_speed_m_s, move_acceleration_m_s2;
    double belay_reference_n;
    struct belay belay;
    bool caught;       /* set by the plan, judged in the next cycle */
    bool finished;     /* the motion is over: arrived, touched down, or the weight came on while jogging */
    bool loaded;       /* the weight was on the line when this jog began */
    int slack_cycles;
    bool line_locked, fall_caught;
    int drive_reset_cycles; /* > 0 while a drive fault is being reset */
    double wanted_m_s;      /* the plan's setpoint */
    int32_t setpoint_um_s;  /* after the clamp, as sent */
    bool clamped;
    enum axis_state noted_state; /* last one in the event log */
};

struct cycle {
    const struct rig *rig;
    double dt_s;
    uint64_t number;
    int64_t now_us;
    struct axis axis[RIG_AXES_MAX];

    struct monitor_chain chain;
    int32_t discrepancy_cycles;
    bool io_seen, io_ok, estop_a, estop_b;
    uint64_t shared_faults;
    uint32_t generation[RIG_LINKS_MAX];
    enum link_state link_state[RIG_LINKS_MAX];
    int overruns_in_row;
    uint32_t overruns;
    int64_t late_us_max;

    struct permission permission;
    bool shutting_down, disarming;
    const struct show *show;
    int standby_cue, running_cue;
    int noted_cue; /* last running_cue in the event log */

    enum fault_id first_out;
    int first_out_axis;
    int64_t first_out_us;
    bool estop_open; /* in the last image */
    uint32_t estop_count;
    uint64_t estop_cycle;
    bool estop_pending; /* stop words not yet out */
    int32_t estop_reaction_cycles;
    uint16_t heartbeat;
};

/* In order of cycle_step(). */
void cycle_take_inputs(struct cycle *cycle, const struct cycle_in *in, struct cycle_out *out);
void cycle_judge(struct cycle *cycle, struct cycle_out *out);
void cycle_commands(struct cycle *cycle, const struct cycle_in *in, struct cycle_out *out);
void cycle_plan(struct cycle *cycle, struct cycle_out *out);
void cycle_clamp(struct cycle *cycle);
void cycle_give_outputs(struct cycle *cycle, struct cycle_out *out);
void cycle_publish(const struct cycle *cycle, const struct cycle_in *in, struct cycle_out *out);

/* Ends the live permission for good. */
void permission_kill(struct permission *permission);

/* True when the axis is on its way to, in or out of motion: not disabled. */
bool axis_active(const struct axis *axis);
/* True on the way into motion and in it, false from the stop on. */
bool axis_in_motion(enum axis_state state);
/* True when all of the axis's inputs are good. */
bool axis_inputs_good(const struct axis *axis);
/* True when a belay axis carries at least the weight-on-line tension. */
bool axis_weight_on_line(const struct cycle *cycle, int index);

void cycle_event(struct cycle *cycle, struct cycle_out *out, struct event event);

#endif
