/* The seven calls of cycle_step() and the state that they share. Private to controller/cycle*.c. */
#ifndef BELAY_CONTROLLER_CYCLE_PARTS_H
#define BELAY_CONTROLLER_CYCLE_PARTS_H

#include "controller/cycle.h"
#include "controller/cycle_limits.h"
#include "controller/drive/cia402.h"
#include "controller/motion/belay.h"
#include "controller/motion/cable.h"
#include "controller/motion/course.h"
#include "controller/motion/stop_path.h"
#include "controller/motion/timed.h"
#include "controller/motion/track.h"
#include "controller/safety/clamp.h"
#include "controller/safety/group.h"
#include "controller/safety/judge.h"

#define CYCLE_PLACE_M 0.001 /* nearer than this a drum is at its goal */
#define OVERRUN_BEATS 2 /* late beats in a row that trip */

struct press_of {
    uint32_t session, press;
};

/* One operator holds, until `expires_us`. A press that died stays dead: the operator must let go and press again. */
struct permission {
    bool alive;
    uint32_t session, press;
    int64_t expires_us;
    struct press_of dead[SESSIONS_MAX], waiting[SESSIONS_MAX]; /* waiting: last one refused beside a live one */
};

/* Moving a person out without one failed sensor. Two people: one moves, the other one looks and gives clear. */
struct recovery {
    enum bypass bypass;
    int64_t ends_us;
    uint32_t session;      /* who asked for it */
    int64_t clear_until_us;
    uint32_t clear_session;
};

/* The fault that came first. */
struct first_out {
    enum fault_id fault; /* FAULT_NONE = nothing is latched */
    int axis;            /* -1 = not of one axis */
    int station;         /* -1 = of none */
    int64_t us;
};

/* Beside a drum that a fault stops: its travel since, and the own. */
struct follow {
    int mate; /* index of its axis; -1 = none is followed */
    bool blind;      /* nobody knew where that drum was at the beginning: a reading that comes back says nothing */
    double travel_m; /* of that drum; */
    double speed_m_s, blind_s; /* its speed and for how long, where its encoder is not read */
    double mate_from_m, own_from_m;
};

/* A flight of a point: it begins when all of its lines run, and stops on its path. */
struct flying {
    const struct cue *cue; /* NULL = none is under way */
    bool begun, stops;
    struct otg_state at; /* along the path */
    double drum_m[POINT_LINES_MAX], mean_m_s[POINT_LINES_MAX]; /* of its present cycle: at its end, and in it */
    struct course line[POINT_LINES_MAX]; /* what each drum shows of the plan */
    struct course_drum drum[POINT_LINES_MAX];
    double wanted_m_s[POINT_LINES_MAX];
    struct follow astray[POINT_LINES_MAX]; /* lines that a fault stops in a way of their own, off the path */
};

struct axis {
    struct judge_limits judge_limits;
    struct clamp_limits clamp_limits;
    const struct stop_table *stops;
    struct judge_axis judge;
    struct guard_limits guard_limits;
    struct guard guard;
    struct load_limits load_limits;
    struct cable cable;
    struct load load;
    int64_t load_read_us; /* when the reading was taken that it saw last */
    struct duty_limits duty_limits;
    struct duty duty;
    struct pull_limits pull_limits;
    struct pull pull;
    struct landing landing;

    /* Readings of this cycle. */
    struct image_value status, speed, position_steps, tension, torque;
    bool cell_reads, encoder_reads; /* good, whatever a recovery does without */
    double position_m, speed_m_s, tension_n;
    enum cia402_state drive;
    bool unclear;  /* no state fits the status words, two in a row */
    bool odd_word; /* the last status word fits no pattern; read first at: */
    int64_t odd_word_us;
    enum drive_want told; /* in the last cycle */
    int drive_fault_code; /* -1 = not known */
    bool brake_ok, sto_off;
    bool brake_open, brake_closed; /* one of the brakes reads so, at least */
    int brake_odd;                 /* the one that reads open while another reads closed; -1 = none */
    struct judge_in judge_in;
    struct guard_in guard_in;
    uint64_t guard_faults; /* of this cycle; those of load and duty too */
    uint64_t group_faults; /* of this cycle, of the group that it is in */

    /* What it does, and under whose hold: that one's end is its end, and no other hold keeps it moving. */
    enum axis_mode mode;
    uint32_t session, press;
    uint32_t spent_session, spent_press; /* held elsewhere while this axis alone was reset or armed: not for it */
    struct first_out first_out;
    bool stopped_rig; /* a fault of it that is latched stopped the whole rig */
    int32_t gone_cycles[FAULT_COUNT]; /* since the cause of each was last there */
    int cue;        /* -1 = none */
    uint64_t begun; /* cycle in which the cue began */
    double jog_m_s;
    /* All that its motion moves, bits of axes, and the first of them: they begin, stay and end together. */
    uint32_t mates;
    int lead;
    uint64_t fresh;       /* faults that latched in this cycle, RIG_STOP aside; and its mates then */
    uint32_t fresh_mates;
    bool lay; /* in a fault and behind its closed brake before this cycle */
    struct follow follow; /* while it stops */
    double level_m_s;     /* of its ramp beside mates that are not stopped by a fault */
    bool under_way; /* of the lead: its plan has begun */
    bool there;     /* at its goal, and told to stand */
    bool flies;     /* a line of a flight, until it rests on its brake again or does something else */
    bool on_path;   /* a line of a flight that stops on its path */
    double move_to_m, move_speed_m_s, move_acceleration_m_s2;
    struct course course;    /* of the move; of several that of the lead is the plan of all, */
    struct course_drum drum; /* and each has its own part */
    struct course_pace pace; /* of the lead: its plan's present cycle */
    struct speed_course jog_course; /* of a jog, and in recovery */
    struct cue_load cue_load; /* of the move */
    double trim_m; /* in a move of several: by so much this drum is ahead, so that its line carries its share */
    struct track_limits track_limits;
    struct snapshot_value reference_m; /* as read */
    struct track track;           /* what moves under the winch, where the rig has a sensor of it */
    struct track_drum track_drum; /* of a motion that tracks it */
    bool tracks;                  /* this move does */
    bool timed;                   /* or it goes through places at times: */
    struct timed_source timed_source;
    struct timed_follow timed_follow;
    double belay_reference_n;
    struct belay belay;
    bool caught;       /* set by the plan, judged in the next cycle */
    bool finished;     /* the motion is over: arrived, touched down, or the weight came on while jogging */
    bool loaded;       /* the weight was on the line when this jog began, or between two bounces of who hangs on it */
    int32_t light_cycles;  /* since the weight was last on the line */
    int32_t heavy_cycles;  /* with the weight of somebody who hangs on the line, without a break */
    int32_t bounce_cycles; /* within which who hangs on the rope has bounced onto it again */
    int slack_cycles;
    int32_t still_cycles; /* of a motion, at setpoint 0 */
    bool line_locked, fall_caught;
    enum refusal clearance; /* REFUSED_NOT: commissioned and tested, or no line of a person */
    bool slips; /* the closed brake was seen to slip: the drive holds beside it, until the unlock */
    bool sticks; /* the brake still read open when its time was over, and the drive has held ever since */
    bool keeps_quick_stop; /* the drive was seen not to leave it as its profile says, since the start */
    bool stays_open; /* the brake read open when its closing time was over, and has not read closed since */
    bool slip_held, slip_lost; /* of these two: the drive made torque; and had none since, or the chain was open */
    bool tension_found;          /* a good reading since the start of the controller */
    bool torque_was_asked;       /* since the start of the controller */
    bool found;             /* with torque at the start, in the last cycle */
    int32_t found_closed_cycles; /* with the brake reading closed, since the drive was found with torque */
    bool rests;                  /* without torque, behind a brake that had its time */
    bool rest_known;             /* the drum's place when it last had torque, or was seen to have moved: */
    int64_t rest_um;
    int32_t rest_cycles;         /* since the drive last made torque */
    uint64_t rest_faults;        /* of this cycle */
    bool takes_limits;           /* the drive: of its torque */
    double ramp_from;            /* share of the full limits at which a hand-over began */
    int32_t ramp_cycles;         /* for which it was told to hand over; anew when it is asked for torque again */
    int32_t handover_cycles;     /* of that ramp, and for which the drive then waits one step from torque; beyond: */
    int64_t handover_um;
    int drive_reset_cycles; /* > 0 while a drive fault is being reset */
    struct recovery recovery;
    int32_t setup_um_s, snatch_um_s;
    int32_t creep_um_s; /* counts as standing, and no band forbids it */
    int run_cue, run_rung; /* the rung on which that cue runs; -1: none that has a ladder */
    bool run_far;    /* it reaches the speed of its cue, or flies all of its path: else it shows nothing of the cue */
    float run_top_m_s; /* of a cue with a place for each axis: what this one reaches from there at full speed */
    bool run_clean;  /* it came to its end, with no stop and no fault so far */
    struct stop_ways stop_ways;     /* of a stop of category 1 or 2 */
    struct stop_course stop_course; /* that is flown */
    struct stop_path stop_path;     /* from the present state; of it where it ends and turns count */
    bool stop_known;                /* there is one */
    bool stops_at_once; /* somebody's weight ended the motion: by the ramp, with no jerk time */
    double wanted_m_s;      /* the plan's setpoint */
    int32_t setpoint_um_s;  /* after the clamp, as sent */
    bool clamped;
    int32_t closed_cycles;  /* since the brake was last told to be open */
    int32_t still_cycles_max;
    int32_t io_loss_cycles; /* for as long its I/O block may release it without hearing from us */
    enum axis_state noted_state; /* last one in the event log */
    int noted_cue;
    bool noted_lock;
};

/* A safety I/O block shows that its program runs by echoing the heartbeat; its front end alone would answer too. */
struct echo {
    bool known;          /* `last` was read */
    uint16_t last;
    int64_t followed_us; /* when it last changed to a number that was written just before; 0 = never */
};

/* An E-stop station as it reads in this cycle. */
struct station {
    struct monitor_chain chain;
    bool a_closed, b_closed;
    bool open; /* a channel is; false while the I/O block is silent, which stops by itself */
    uint64_t faults;
};

struct cycle {
    const struct rig *rig;
    double dt_s;
    uint64_t number;
    int64_t now_us;
    struct axis axis[RIG_AXES_MAX];

    struct group_limits group_limits[RIG_GROUPS_MAX];
    struct group group[RIG_GROUPS_MAX];
    uint32_t group_compared[RIG_GROUPS_MAX]; /* its axes whose places were compared in the last cycle */
    struct flying flying[RIG_POINTS_MAX];
    uint32_t group_alone[RIG_GROUPS_MAX];    /* the one that is lowered alone, beside mates that stand; 0 = none */
    struct station station[RIG_STATIONS_MAX];
    int32_t discrepancy_cycles, touchdown_cycles, again_cycles;
    int32_t pulse_cycles_max; /* from edge to edge */
    int64_t late_us_trips; /* a single start so late trips */
    bool io_seen, io_ok;
    uint64_t shared_faults; /* of the whole machine */
    uint32_t generation[RIG_LINKS_MAX];
    bool link_lost[RIG_LINKS_MAX];       /* in this cycle */
    uint64_t link_faults[RIG_LINKS_MAX]; /* of this cycle, for the axes with a device on the link */
    enum link_state link_state[RIG_LINKS_MAX];
    int overruns_in_row;
    uint32_t overruns;
    int64_t late_us_max;

    struct permission permission;
    bool shutting_down, disarming;
    const struct show *show;
    int standby_cue;
    enum operating operating;
    int rung;                    /* of walk-through, and the last one in show */
    char ladder_hash[RIG_HASH_MAX]; /* of the show that was run; empty = none */
    uint8_t clean[SHOW_CUES_MAX];   /* rungs from the first on which the cue ran clean */
    float shown_m_s[SHOW_CUES_MAX][RIG_AXES_MAX][RIG_RUNGS_MAX]; /* the most run_top_m_s of clean runs on each rung */
    enum stop_cause stop_cause; /* of the last motion that ended, */
    uint32_t stop_session;      /* and who ended it */

    struct first_out first_out; /* the oldest of the axes' */
    bool estop_open; /* a station of whatever zone, in the last image */
    uint32_t estop_count;
    uint64_t estop_cycle;
    uint32_t estop_pending; /* axes whose stop words are not yet out */
    int32_t estop_reaction_cycles;
    bool pulse;                          /* level of the safety relay's pulse */
    int32_t pulse_cycles;                /* since its last edge */
    uint16_t heartbeat;                  /* last number written to the safety I/O blocks */
    struct echo echo[RIG_DEVICES_MAX];   /* theirs */
};

/* In order of cycle_step(). */
void cycle_take_inputs(struct cycle *cycle, const struct cycle_in *in, struct cycle_out *out);
void cycle_judge(struct cycle *cycle, struct cycle_out *out);
void cycle_commands(struct cycle *cycle, const struct cycle_in *in, struct cycle_out *out);
void cycle_plan(struct cycle *cycle, struct cycle_out *out);
void cycle_clamp(struct cycle *cycle);
void cycle_give_outputs(struct cycle *cycle, struct cycle_out *out);
void cycle_publish(const struct cycle *cycle, const struct cycle_in *in, struct cycle_out *out);

/* Belayd's own last means against a drive that does not confirm a stop: no pulse until the reset, so that the safety
 * relay, where the rig has one, opens the chain. */
bool cycle_opens_chain(const struct cycle *cycle);

/* The inputs of a safety I/O block: good only while its program follows the heartbeat. */
struct image_value cycle_read_inputs(const struct cycle *cycle, const struct image_in *image, int device);

/* Reads the axis's limit switches; then, with its other readings there, its guards' faults of this cycle. */
void axis_take_switches(struct cycle *cycle, const struct image_in *image, int index);
void axis_guard(const struct cycle *cycle, struct axis *axis);
/* After the readings of all axes: are those of a group apart? */
void cycle_watch_groups(struct cycle *cycle);
/* The first axis that is in recovery in the group of this one, be it itself; -1 = none is, or it is in no group. */
int group_mate_recovers(const struct cycle *cycle, int index);
/* Before the judge: inside its landing window, and as slowly as that asks for, the axis's rope may be light. */
void axis_let_land(struct axis *axis);

/* Does a limit switch block motion in this direction? Its sign counts; positive pays out, 0 is no motion. */
bool axis_switch_blocks(const struct axis *axis, double direction);

/* Is there next to no motion left in this direction, as far as the position tells: would the clamp let it go no faster
 * than what counts as standing? Its sign counts; false at 0 and without a good position. */
bool axis_at_end(const struct axis *axis, double direction);

/* Does the axis's recovery do without this? */
bool axis_bypasses(const struct axis *axis, enum bypass bypass);
bool axis_recovers(const struct axis *axis);
/* Is a second person's clear alive? */
bool axis_clear(const struct cycle *cycle, const struct axis *axis);
/* Takes the bypassed sensor out of use: after the readings of the cycle, before anybody looks at them. */
void axis_take_bypass(struct axis *axis);
/* A recovery whose time is over ends as soon as the axis stands. After the judge. */
void axis_end_recovery(struct cycle *cycle, int index);

/* Fastest that the operating mode lets the axis go in this direction, um/s: a move at the rung's share of the axis's
 * speed, which is 0 in set-up; a jog so fast too, and at set-up speed always, so that a low rung leaves nobody hanging.
 * INT32_MAX where belaying has its own speeds: a slower rope would hang slack. */
int32_t axis_speed_cap(const struct cycle *cycle, const struct axis *axis, enum clamp_direction direction);
/* Fastest that a jog or a move takes rope in now, um/s: a load that lies, or is held up, is not to be snatched, so that
 * slack rope is taken in slowly until it pulls again. INT32_MAX = as fast as ever; belaying has a speed of its own. */
int32_t axis_snatch_um_s(const struct cycle *cycle, int index);
/* What stands against a person on this line; a line for things has nothing against it. */
enum refusal axis_person_refused(const struct cycle *cycle, int index);
/* Fastest jog that the axis takes now, whichever way, m/s. */
double axis_jog_max_m_s(const struct cycle *cycle, int index);
bool axis_only_lowers(const struct cycle *cycle, int index); /* by a jog */
double rig_lowering_max_m_s(const struct rig_axis *from);
/* What check_mode() accepted. */
void mode_select(struct cycle *cycle, enum operating operating, int32_t percent);
/* The share of its speed at which a cue runs now, 0 to 1. */
double cycle_share(const struct cycle *cycle);
/* The axis begins a cue; it came to its end; its motion is over. The ladder's account of it. */
void ladder_begin(const struct cycle *cycle, struct axis *axis, const struct cue *cue);
void ladder_arrived(struct axis *axis);
void ladder_end(struct cycle *cycle, struct axis *axis);
/* A show was taken: what another one ran counts for nothing, and the mode is set-up again. */
void ladder_take_show(struct cycle *cycle);
/* A part of the axis was replaced: what its moves ran clean with the old one counts for nothing. */
void ladder_forget(struct cycle *cycle, int index);
/* The highest rung that may be selected now, and on which a cue may run; -1 = it has no ladder. */
int ladder_offered(const struct cycle *cycle);
int ladder_of_cue(const struct cycle *cycle, int cue);

/* May the drive begin a motion: it waits to be enabled, or holds torque for a brake that slipped. */
bool axis_drive_ready(const struct cycle *cycle, const struct axis *axis);

/* Does the drive show the torque without which no brake is released? */
bool axis_shows_torque(const struct cycle *cycle, const struct axis *axis);
/* Was the drive asked for torque in the last cycle? */
bool axis_asks_torque(const struct axis *axis);

/* Does the drive's status say that it makes torque? */
bool axis_makes_torque(const struct axis *axis);

/* May the drive hold torque at zero speed behind a brake that is told to close? Only while the chain is not seen open,
 * in sight of the drive, and with nothing latched that doubts chain or drive or takes the torque. */
bool axis_may_hold(const struct cycle *cycle, const struct axis *axis);

/* After the readings: has the drum moved although it has neither torque nor a motion? */
void axis_watch_rest(struct axis *axis);

/* Is the drive, which holds behind the brake that just closed, to hand the load over by a ramp of its torque limits? */
bool axis_ramps_torque(const struct cycle *cycle, const struct axis *axis);
/* After what the drive is told: the ramp goes on, from the torque that the drive showed at its begin, or from the full
 * limits where it shows none. One that was broken off begins anew, when the drive had its full limits again. */
void axis_step_ramp(struct axis *axis, double full);
/* Share of the full torque limits that the drive is to have now, 0..1: 1 unless it hands over. */
double axis_torque_share(const struct axis *axis);

/* Is the drive, which has just given up its torque, to wait one step from it? */
bool axis_hands_over(const struct cycle *cycle, const struct axis *axis);

/* Does what hangs there hang on the drive: the closed brake slipped, or does not read closed? */
bool axis_on_drive(const struct axis *axis);

/* Before the judge: does the brake stick open behind a drive that never let go? It lasts until the brake reads closed
 * or the torque is gone; a brake that is lifted at rest is none. */
void axis_watch_stick(struct axis *axis);

/* Is the drive to hold torque behind the closed brake, because what hangs there hangs on it? As long as it may. */
bool axis_holds_slip(const struct cycle *cycle, const struct axis *axis);

/* Does its run word take the drive out of its quick stop without a break of torque, as far as was seen? */
bool axis_leaves_quick_stop(const struct cycle *cycle, const struct axis *axis);

/* Ends the live permission for good. */
void permission_kill(struct permission *permission);
/* Ends the presses of the hands that wait behind it: they saw a stop. */
void permission_bury_waiting(struct permission *permission);

/* Notes what ended motion, if any is under way: the last one is what clients are told. */
void cycle_note_stop(struct cycle *cycle, enum stop_cause cause, uint32_t session);

/* The questions of cycle_checks.c: may this be done now? They answer commands, and tell clients beforehand what a
 * command would be answered; `asker` is then NULL, which leaves out whether somebody holds. */
struct verdict check_press(const struct cycle *cycle, const struct command *asker);
struct verdict check_reset(const struct cycle *cycle, uint32_t axes);
struct verdict check_arm(const struct cycle *cycle, uint32_t axes);
/* Cycles in a row, with this one: 0 when it does not go on. */
int32_t cycle_counted(int32_t cycles, bool goes_on);
/* Is this axis one of those that a command is for? 0 = all are. */
bool axis_of(uint32_t axes, int index);
/* What may be done for this axis although not for the whole machine. */
enum alone axis_alone(const struct cycle *cycle, int index);
/* After a reset: the first-out of what is still latched. */
void cycle_next_first_out(struct cycle *cycle);
struct verdict check_go(const struct cycle *cycle, const struct command *asker, int cue);
struct verdict check_jog(const struct cycle *cycle, const struct command *asker, int axis, double speed_m_s);
/* The same for all of `axes`, which are jogged together. */
struct verdict check_jogs(const struct cycle *cycle, const struct command *asker, uint32_t axes, double speed_m_s);
struct verdict check_recover(const struct cycle *cycle, const struct command *asker);
struct verdict check_mode(const struct cycle *cycle, enum operating operating, int32_t percent);
/* May this cue of the show run in the operating mode? And may each axis that it would move from where it stands? */
struct verdict check_ladder(const struct cycle *cycle, int cue);
struct verdict check_ladder_of_axes(const struct cycle *cycle, int cue);
struct verdict check_clear(const struct cycle *cycle, const struct command *asker);
/* In recovery: may this axis be jogged by `asker`, at this speed, as far as the two people and the sensor say? */
struct verdict check_recovery_jog(const struct cycle *cycle, const struct command *asker, int axis, double speed_m_s);
struct verdict check_unlock(const struct cycle *cycle, int axis);
struct verdict check_show(const struct cycle *cycle);
struct verdict check_standby(const struct cycle *cycle, int cue);
/* True while the axis runs a jog whose speed another jog of the same hold may change. */
bool axis_jogs(const struct cycle *cycle, const struct axis *axis);
/* Presses of one session only grow: everything up to its last dead one is dead. */
bool press_is_dead(const struct permission *permission, uint32_t session, uint32_t press);
bool any_latched(const struct cycle *cycle);
/* Does anything hang on a drive? */
bool any_on_drive(const struct cycle *cycle);

#define ACCEPTED ((struct verdict){.refusal = REFUSED_NOT, .axis = -1})
#define REFUSED(refusal_) ((struct verdict){.refusal = (refusal_), .axis = -1})
#define REFUSED_AXIS(refusal_, axis_) ((struct verdict){.refusal = (refusal_), .axis = (axis_)})

/* With what is left of its stop time a ramp is due: behind that its torque would be taken while it moves. Then the
 * clamp ramps, whatever a plan says. */
bool axis_ramp_is_due(const struct cycle *cycle, int index);

/* On what was an empty rope: weight at once, or that of somebody who hangs there at rest, when it lasts; the rope's own
 * jolts do not. */
bool axis_weight_came_on(const struct cycle *cycle, int index);
/* Whoever may hang on what was an empty rope is moved no further until that lasts, or was a jolt: by the ramp of any
 * stop. True while it is so, and then `*speed_m_s` is the next speed. */
bool axis_waits_for_weight(const struct cycle *cycle, int index, double last_m_s, double *speed_m_s);
/* The motion of one axis is over for a reason of its own; STOPPED_NOT: it is not. */
void axis_finish(struct cycle *cycle, struct axis *axis, enum stop_cause cause);
/* Reads the motion sensor of the axis, where it has one. */
void axis_take_reference(struct cycle *cycle, const struct image_in *image, int index);
void axis_reference_limits(struct cycle *cycle, int index);
/* Would a motion that tracks know what to go by? */
bool axis_reference_ready(const struct axis *axis);
/* The next speed of a move that tracks. */
double axis_plan_tracking(struct cycle *cycle, int index, double last_m_s);
/* A cue that goes through places at times: does its axis stand where it begins? What its axis
 * may do; and its next speed. */
struct verdict check_timed(const struct cycle *cycle, const struct cue *cue);
void timed_limits(const struct cycle *cycle, struct axis *axis);
double axis_plan_timed(struct cycle *cycle, int index, double last_m_s);
/* What the move of an axis may do, and what its plan is told of its drum. */
struct course_limits move_limits(const struct cycle *cycle, int index);
struct course_reading move_reading(const struct cycle *cycle, int index);
/* The next speed of a move. */
double axis_plan_move(struct cycle *cycle, int index, double last_m_s);
/* Bits of the axes that a cue moves now, of a move those that have a way to go: what stands at its place already is
 * left on its brakes. */
uint32_t cue_moves(const struct cycle *cycle, const struct cue *cue);
/* The speed that each axis reaches in this cue from where it stands, on the last rung; 0 = it is not moved. */
void move_tops_m_s(const struct cycle *cycle, const struct cue *cue, double *top_m_s);
/* Of what moves with this axis, itself too: is it one, are all so, has one ended, do all run with their brakes open? */
bool axis_is_mate(const struct axis *axis, int index);
bool moves_alone(const struct axis *axis);
bool mates_are(const struct cycle *cycle, const struct axis *axis, bool (*so)(const struct axis *));
bool mates_end(const struct cycle *cycle, const struct axis *axis);
bool mates_run(const struct cycle *cycle, const struct axis *axis);
/* What all of them can do in a jog: the least acceleration and the least jerk. */
void mates_least(const struct cycle *cycle, const struct axis *axis, double *acceleration_m_s2, double *jerk_m_s3);
/* As axis_snatch_um_s(), of all of them. */
double mates_snatch_m_s(const struct cycle *cycle, int index);
/* The slowest of their setpoints, of which `last_m_s` is one. */
double mates_slowest_m_s(const struct cycle *cycle, const struct axis *axis, double last_m_s);
/* An axis with a latched fault in the same safe or locked group, be it itself; -1 = none has. */
int group_mate_faulted(const struct cycle *cycle, int index);
/* Difference of rope between the axes of a group, most and least; NAN: one has no position. */
double group_level_m(const struct cycle *cycle, int group);
double group_load_level_m(const struct cycle *cycle, int group); /* with each rope's stretch under its tension */
/* A locked group of which all are among `axes` begins no move farther apart than it may get in one. */
struct verdict group_out_of_level(const struct cycle *cycle, uint32_t axes);
/* After all were judged: index of the axis whose fault stops this one with it; -1 = none. */
int axis_stopped_by(const struct cycle *cycle, int index);
/* It is stopped by the fault of `mate`, and has to follow that drum if they carry one thing. */
void axis_begin_following(struct cycle *cycle, int index, int mate);
/* Is the drum's encoder read and believed; and where is the drum by now? */
bool axis_place_known(const struct axis *axis);
double axis_place_now_m(const struct axis *axis);
/* A cycle of a drum that nobody reads: it stops as the rig declares of its fault's reaction. */
void follow_declared(struct follow *follow, const struct axis *mate, double dt_s);
/* It stops beside others, and not by its ramp alone: at this speed. The clamp lets through what is slower to stop. */
bool axis_stops_in_level(const struct cycle *cycle, int index);
double axis_plan_stop_in_level(struct cycle *cycle, int index);
/* Does it stop because its motion is over, or its hold: with nothing latched and nobody's weight, as it is planned? */
bool axis_stops_as_planned(const struct cycle *cycle, int index);
/* Flights: one cycle of all of them, before the axes plan; and the next speed of a line of one. */
void cycle_fly(struct cycle *cycle);
double axis_plan_flight(struct cycle *cycle, int index);
/* A new flight of this cue: nothing of the last one counts. */
void flight_take(struct cycle *cycle, const struct cue *cue);
/* Does the flight of this point, just taken, begin where its path begins? */
bool flight_is_whole(const struct cycle *cycle, const struct cue *cue);
/* Is the point near enough to its path? */
struct verdict check_flight(const struct cycle *cycle, const struct cue *cue);
/* All that move together have come to their goal. */
void axis_arrive(struct cycle *cycle, struct axis *axis);

/* True when the axis is on its way to, in or out of motion: not disabled. */
bool axis_active(const struct axis *axis);
/* True while a station whose zone holds the axis is open. */
bool axis_estop_open(const struct cycle *cycle, int index);
/* True on the way into motion and in it, false from the stop on. */
bool axis_in_motion(enum axis_state state);
/* True while the hold under which the axis's motion began is alive. */
bool axis_held(const struct cycle *cycle, const struct axis *axis);
/* True when the brake was told to close for its whole closing time and does not say that it is open; nor did when it
 * was last heard after that time. */
bool axis_brake_holds(const struct axis *axis);
/* True when a fresh reading says that the drum stands, and the brake has had its closing time, or the drive holds in
 * its place. */
bool axis_stands(const struct cycle *cycle, int index);
/* Why not, REFUSED_NOT when it does: a drum that nobody reads is not called moving. */
enum refusal axis_stands_not(const struct cycle *cycle, int index);
/* True when all of the axis's inputs are good. */
bool axis_inputs_good(const struct axis *axis);
/* True when a belay axis carries at least the weight-on-line tension. */
bool axis_weight_on_line(const struct cycle *cycle, int index);
/* True when the tension, at rest, is that of somebody who hangs on a person's line. */
bool axis_person_hangs(const struct cycle *cycle, int index);
/* The same of a belay line: a line that flies people hangs somebody in every move. */
bool axis_climber_hangs(const struct cycle *cycle, int index);

void cycle_event(struct cycle *cycle, struct cycle_out *out, struct event event);

#endif
