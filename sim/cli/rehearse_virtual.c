/* A rehearsal in virtual time: the controller's cycle and the simulated world in this program, on one clock that only
 * the harness moves. No bus, no socket, no process, no scheduling: the same seed is the same run. */
#include "sim/cli/rehearse_parts.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controller/cue/show.h"
#include "controller/safety/fault.h"
#include "sim/harness/harness.h"
#include "sim/truth.h"

#define STILL_M_S 0.02
#define ROWS_FIRST 65536
#define TERMINATE_S 10.0

struct virtual_machine {
    struct harness harness;
    struct show show;
    struct truth *truth; /* with --out */
    size_t room;         /* rows of the trace */
    int64_t tripped_us;  /* first-out that was noted last */
};

static struct virtual_machine machine; /* the director's; harness calls back with no other context */

/* ---- what is seen ---- */

static int64_t virtual_now_us(const struct director *director) {
    return director->virtual_machine->harness.now_us;
}

static const struct snapshot *belayd(const struct director *director) {
    return &director->virtual_machine->harness.out.snapshot;
}

static bool make_room(struct director *director) {
    struct report_trace *trace = &director->in.trace;
    if (trace->count < machine.room)
        return true;
    machine.room = machine.room ? 2 * machine.room : ROWS_FIRST;
    struct report_row *row = realloc(trace->row, machine.room * sizeof *row);
    trace->row = row ? row : trace->row;
    struct report_winch *winch = realloc(trace->winch, machine.room * (size_t)trace->winch_count * sizeof *winch);
    trace->winch = winch ? winch : trace->winch;
    if (!row || !winch)
        director_fail(director, "no memory for %zu rows of the truth", machine.room);
    return row && winch;
}

/* Every millisecond; in a window a row of the trace. */
static void watch(void *context, const struct harness *harness) {
    struct director *director = context;
    struct report_trace *trace = &director->in.trace;
    if (machine.truth)
        truth_add(machine.truth, harness->now_us, harness->world);
    if (!director->recording || !make_room(director))
        return;
    const struct sim_truth truth = sim_world_truth(harness->world);
    for (int i = 0; i < trace->winch_count; i++) {
        const struct sim_winch winch = sim_world_winch(harness->world, i);
        trace->winch[trace->count * (size_t)trace->winch_count + (size_t)i] =
            (struct report_winch){.rope_out_m = winch.rope_out_m, .tension_n = (float)winch.tension_n,
                                  .slack_m = (float)winch.slack_m, .rope_speed_m_s = (float)winch.rope_speed_m_s,
                                  .torque = (float)winch.motor_torque, .drive_enabled = winch.drive_enabled,
                                  .brake_closed = winch.brake_closed};
    }
    trace->row[trace->count++] = (struct report_row){
        .t_us = harness->now_us, .height_m = truth.height_m, .person_speed_m_s = truth.person_speed_m_s,
        .person_accel_m_s2 = truth.person_accel_m_s2, .tension_n = truth.tension_n, .slack_m = truth.slack_m,
        .rope_out_m = truth.rope_out_m, .rope_speed_m_s = truth.rope_speed_m_s, .tilt_mm = truth.tilt_mm,
        .x_m = truth.x_m, .y_m = truth.y_m,
        .falling = truth.act == ACT_FALL, .drive_enabled = truth.drive_enabled, .brake_closed = truth.brake_closed,
        .estop_pressed = truth.estop_pressed, .on_ground = truth.on_ground};
}

/* What only belayd can tell the report. The first fall and the first E-stop count; every trip does. */
static void note_facts(struct director *director) {
    const struct snapshot *now = belayd(director);
    struct report_facts *facts = &director->in.facts;
    if (now->first_out == FAULT_FALL_CAUGHT && facts->fall_latched_us == 0)
        facts->fall_latched_us = now->first_out_us;
    if (now->first_out == FAULT_ESTOP && facts->estop_latched_us == 0)
        facts->estop_latched_us = now->first_out_us;
    if (now->estop_count > 0)
        facts->estop_reaction_cycles = now->estop_reaction_cycles;
    if (now->first_out == FAULT_NONE || now->first_out_us == machine.tripped_us)
        return;
    machine.tripped_us = now->first_out_us;
    struct report_in *in = &director->in;
    if (in->trip_count < REPORT_TRIPS_MAX)
        in->trip[in->trip_count] =
            (struct report_trip){.t_us = now->first_out_us, .fault = fault_text(now->first_out)->name};
    in->trip_count++;
}

static void look(struct director *director) {
    const struct harness *harness = &machine.harness;
    director->stage = (struct stage_truth){.known = true, .t_us = harness->now_us,
                                           .truth = sim_world_truth(harness->world)};
    note_facts(director);
    if (director_interrupted())
        director_fail(director, "interrupted");
    if (director->strike_us == 0 || harness->now_us < director->strike_us || director->failed)
        return;
    director->strike_us = 0;
    director->struck = true;
    director_fail(director, "struck");
}

static void virtual_pass(struct director *director, int64_t until_us) {
    if (virtual_now_us(director) < until_us)
        harness_step(&machine.harness);
    look(director);
}

/* ---- conditions ---- */

static bool in_mode(const struct director *director, enum axis_mode mode) {
    const struct snapshot_axis *axis = &belayd(director)->axis[0];
    return axis->state == STATE_RUNNING && axis->mode == mode;
}

static bool ready(const struct director *director) {
    const struct snapshot *now = belayd(director);
    int32_t close_ms = 0;
    for (int i = 0; i < director->rig.axis_count; i++) {
        const struct snapshot_axis *axis = &now->axis[i];
        if (axis->position_m.quality != QUALITY_GOOD || axis->speed_m_s.quality != QUALITY_GOOD ||
            axis->tension_n.quality != QUALITY_GOOD)
            return false;
        close_ms = director->rig.axis[i].brake.close_ms_max > close_ms ? director->rig.axis[i].brake.close_ms_max
                                                                       : close_ms;
    }
    for (int i = 0; i < director->rig.link_count; i++)
        if (now->link[i].state != LINK_UP)
            return false;
    return now->estop_known && (int64_t)now->cycle * director->rig.cycle_ms > close_ms;
}

static bool following(const struct director *director) {
    return in_mode(director, MODE_FOLLOW);
}

static bool taut(const struct director *director) {
    return following(director) &&
           belayd(director)->axis[0].tension_n.value >= director->rig.axis[0].belay.band_min_n;
}

static bool jogging(const struct director *director) {
    return in_mode(director, MODE_JOG);
}

static bool caught(const struct director *director) {
    const struct snapshot_axis *axis = &belayd(director)->axis[0];
    return axis->fall_caught && axis->state == STATE_FAULT && truth_stopped(director);
}

static bool moving(const struct director *director) {
    for (int i = 0; i < director->rig.axis_count; i++)
        if (belayd(director)->axis[i].state == STATE_RUNNING)
            return true;
    return false;
}

static bool faulted(const struct director *director) {
    return belayd(director)->first_out != FAULT_NONE;
}

/* The brakes are closed again too: before that no other motion may begin. */
static bool arrived(const struct director *director) {
    for (int i = 0; i < director->rig.axis_count; i++)
        if (belayd(director)->axis[i].state > STATE_ARMED)
            return false;
    return belayd(director)->stop_cause == STOPPED_ARRIVED && !faulted(director);
}

static bool standing(const struct director *director) {
    const struct sim_world *world = director->virtual_machine->harness.world;
    for (int i = 0; i < sim_world_winches(world); i++) {
        const struct sim_winch winch = sim_world_winch(world, i);
        if (!winch.brake_closed || winch.drive_enabled || fabs(winch.rope_speed_m_s) > STILL_M_S)
            return false;
    }
    return true;
}

static condition_function *const conditions[WHEN_COUNT] = {
    [WHEN_READY] = ready,         [WHEN_FOLLOWING] = following,   [WHEN_TAUT] = taut,
    [WHEN_JOGGING] = jogging,     [WHEN_STOPPED] = truth_stopped, [WHEN_CAUGHT] = caught,
    [WHEN_CLEAR] = truth_clear,   [WHEN_GROUND] = truth_ground,   [WHEN_MOVING] = moving,
    [WHEN_ARRIVED] = arrived,     [WHEN_FAULTED] = faulted,       [WHEN_STANDING] = standing,
};

static void say_state(const struct director *director, char *out, size_t size) {
    const struct snapshot *now = belayd(director);
    int n = 0;
    for (int i = 0; i < director->rig.axis_count && n >= 0 && (size_t)n < size; i++)
        n += snprintf(out + n, size - (size_t)n, "; %s %s", director->rig.axis[i].name, state_name(now->axis[i].state));
    if (now->first_out != FAULT_NONE && n >= 0 && (size_t)n < size)
        n += snprintf(out + n, size - (size_t)n, ", %s", fault_text(now->first_out)->name);
    if (now->stop_cause != STOPPED_NOT && n >= 0 && (size_t)n < size)
        snprintf(out + n, size - (size_t)n, "; last stop: %s", cycle_stop_name(now->stop_cause));
}

/* ---- verbs ---- */

static bool ask(struct director *director, const char *what, struct command command) {
    if (machine.harness.controller_dead) {
        director_fail(director, "%s: belayd is dead; start it first", what);
        return false;
    }
    const enum refusal refusal = harness_ask(&machine.harness, command);
    look(director);
    if (refusal != REFUSED_NOT)
        director_fail(director, "belayd refused %s: %s: %s", what, cycle_refusal_name(refusal),
                      cycle_refusal_text(refusal));
    return refusal == REFUSED_NOT;
}

/* Bits of the axis or group that the step names; 0 = all. False when there is none of that name. */
static bool axes_of(struct director *director, const struct script_step *step, uint32_t *axes) {
    *axes = 0;
    if (!step->has_axis)
        return true;
    const int group = rig_group_find(&director->rig, step->axis), axis = rig_axis_find(&director->rig, step->axis);
    if (group >= 0)
        *axes = director->rig.group[group].axes;
    else if (axis >= 0)
        *axes = UINT32_C(1) << axis;
    else
        director_fail(director, "the rig has no axis and no group %s", step->axis);
    return *axes != 0;
}

static bool winch_of(struct director *director, const struct script_step *step, int *winch) {
    *winch = step->has_winch ? sim_world_winch_find(machine.harness.world, step->winch) : 0;
    if (*winch < 0)
        director_fail(director, "the world has no winch %s", step->winch);
    return *winch >= 0;
}

static bool do_act(struct director *director, const struct script_step *step) {
    if (sim_world_act(machine.harness.world, (enum sim_act)step->act, step->value) != 0)
        director_fail(director, "a load of the kind %s does not %s", sim_world_load(machine.harness.world),
                      sim_act_name((enum sim_act)step->act));
    return !director->failed;
}

static bool do_estop(struct director *director, const struct script_step *step) {
    const char *name;
    for (int i = 0; (name = sim_world_station(machine.harness.world, i, NULL)) != NULL; i++) {
        if (strcmp(name, step->station) != 0)
            continue;
        sim_world_estop(machine.harness.world, i, step->pressed);
        return true;
    }
    director_fail(director, "the world has no station %s", step->station);
    return false;
}

static bool do_load(struct director *director, const struct script_step *step) {
    (void)step;
    return ask(director, "the show", (struct command){.kind = COMMAND_SHOW, .show = &machine.show});
}

static bool select_mode(struct director *director, enum operating operating, int32_t percent) {
    return ask(director, "the mode",
               (struct command){.kind = COMMAND_MODE, .operating = operating, .percent = percent});
}

static bool do_walk(struct director *director, const struct script_step *step) {
    return select_mode(director, OPERATING_WALK_THROUGH, step->percent);
}

static bool do_next_rung(struct director *director, const struct script_step *step) {
    (void)step;
    return select_mode(director, OPERATING_WALK_THROUGH, belayd(director)->offer_percent);
}

static bool do_show_mode(struct director *director, const struct script_step *step) {
    (void)step;
    return select_mode(director, OPERATING_SHOW, 0);
}

static bool do_set_up(struct director *director, const struct script_step *step) {
    (void)step;
    return select_mode(director, OPERATING_SETUP, 0);
}

static bool do_reset(struct director *director, const struct script_step *step) {
    uint32_t axes;
    return axes_of(director, step, &axes) &&
           ask(director, "reset", (struct command){.kind = COMMAND_RESET, .axes = axes});
}

static bool do_unlock(struct director *director, const struct script_step *step) {
    uint32_t axes;
    return axes_of(director, step, &axes) &&
           ask(director, "unlock", (struct command){.kind = COMMAND_UNLOCK, .axis = axes ? __builtin_ctz(axes) : 0});
}

static bool do_arm(struct director *director, const struct script_step *step) {
    uint32_t axes;
    return axes_of(director, step, &axes) && ask(director, "arm", (struct command){.kind = COMMAND_ARM, .axes = axes});
}

static bool do_disarm(struct director *director, const struct script_step *step) {
    (void)step;
    return ask(director, "disarm", (struct command){.kind = COMMAND_DISARM});
}

static bool do_hold(struct director *director, const struct script_step *step) {
    (void)step;
    harness_hold(&machine.harness);
    return director_pump(director, virtual_now_us(director) + 1);
}

static bool do_let_go(struct director *director, const struct script_step *step) {
    (void)step;
    harness_let_go(&machine.harness);
    return director_pump(director, virtual_now_us(director) + 1);
}

static bool standby(struct director *director, const struct script_step *step, int *cue) {
    *cue = show_cue_find(&machine.show, step->cue);
    if (*cue < 0)
        director_fail(director, "the show has no cue %s", step->cue);
    return *cue >= 0 && ask(director, "standby", (struct command){.kind = COMMAND_STANDBY, .cue = *cue});
}

static bool do_standby(struct director *director, const struct script_step *step) {
    int cue;
    return standby(director, step, &cue);
}

static bool do_go(struct director *director, const struct script_step *step) {
    int cue;
    return standby(director, step, &cue) && ask(director, "GO", (struct command){.kind = COMMAND_GO, .cue = cue});
}

static bool do_jog(struct director *director, const struct script_step *step) {
    uint32_t axes;
    return axes_of(director, step, &axes) &&
           ask(director, "the jog", (struct command){.kind = COMMAND_JOG, .axis = axes ? __builtin_ctz(axes) : 0,
                                                     .axes = axes & (axes - 1) ? axes : 0,
                                                     .speed_m_s = step->speed_m_s});
}

static bool do_stop(struct director *director, const struct script_step *step) {
    (void)step;
    return ask(director, "stop", (struct command){.kind = COMMAND_STOP});
}

static bool do_terminate(struct director *director, const struct script_step *step) {
    (void)step;
    return ask(director, "the end", (struct command){.kind = COMMAND_SHUTDOWN}) &&
           director_need(director, WHEN_STANDING, TERMINATE_S);
}

static bool do_defect(struct director *director, const struct script_step *step) {
    int winch;
    if (!winch_of(director, step, &winch))
        return false;
    sim_world_defect(machine.harness.world, winch, (enum sim_defect)step->defect, step->there);
    return true;
}

static bool do_fault(struct director *director, const struct script_step *step) {
    const int32_t ms = step->has_ms ? step->ms : SIM_FAULT_STAYS;
    if (sim_world_fault(machine.harness.world, (uint8_t)step->unit, (enum sim_fault_kind)step->kind, ms) != 0)
        director_fail(director, "the world has no unit %d", (int)step->unit);
    return !director->failed;
}

static bool do_switch(struct director *director, const struct script_step *step) {
    int winch;
    const char *name;
    if (!winch_of(director, step, &winch))
        return false;
    for (int i = 0; (name = sim_world_switch(machine.harness.world, winch, i, NULL)) != NULL; i++) {
        if (strcmp(name, step->switch_name) != 0)
            continue;
        sim_world_wire(machine.harness.world, winch, i, (enum sim_wire)step->wire);
        return true;
    }
    director_fail(director, "that winch has no limit switch %s", step->switch_name);
    return false;
}

static bool do_link(struct director *director, const struct script_step *step) {
    for (int i = 0; i < director->rig.link_count; i++) {
        if (strcmp(director->rig.link[i].name, step->link) != 0)
            continue;
        machine.harness.link_cut[i] = step->verb == VERB_CUT_LINK;
        return true;
    }
    director_fail(director, "the rig has no link %s", step->link);
    return false;
}

static bool do_draw(struct director *director, const struct script_step *step) {
    (void)step;
    if (sim_world_draw(machine.harness.world, (uint32_t)director_random(director, 0, UINT32_MAX)) != 0)
        director_fail(director, "world.yaml has no section variation");
    return !director->failed;
}

static bool do_kill(struct director *director, const struct script_step *step) {
    (void)director;
    (void)step;
    harness_kill(&machine.harness);
    return true;
}

static bool do_start(struct director *director, const struct script_step *step) {
    (void)step;
    harness_start(&machine.harness, &machine.show);
    look(director);
    return true;
}

static verb_function *const verbs[VERB_COUNT] = {
    [VERB_WAIT] = step_wait,         [VERB_RUN] = step_run,          [VERB_ACT] = do_act,
    [VERB_ESTOP] = do_estop,         [VERB_LOAD] = do_load,          [VERB_WALK] = do_walk,
    [VERB_RESET] = do_reset,         [VERB_UNLOCK] = do_unlock,      [VERB_ARM] = do_arm,
    [VERB_DISARM] = do_disarm,       [VERB_HOLD] = do_hold,          [VERB_LET_GO] = do_let_go,
    [VERB_GO] = do_go,               [VERB_JOG] = do_jog,            [VERB_TERMINATE] = do_terminate,
    [VERB_NEXT_RUNG] = do_next_rung, [VERB_SHOW_MODE] = do_show_mode, [VERB_SET_UP] = do_set_up,
    [VERB_STANDBY] = do_standby,     [VERB_STOP] = do_stop,          [VERB_DEFECT] = do_defect,
    [VERB_FAULT] = do_fault,         [VERB_SWITCH] = do_switch,      [VERB_CUT_LINK] = do_link,
    [VERB_RESTORE_LINK] = do_link,   [VERB_DRAW] = do_draw,          [VERB_KILL_BELAYD] = do_kill,
    [VERB_START_BELAYD] = do_start,  [VERB_REPEAT] = step_repeat,    [VERB_AGAIN] = step_repeat,
};

const struct flight_kind flight_virtual = {virtual_now_us, virtual_pass, verbs, conditions, say_state, true};

/* ---- begin and end ---- */

static bool failed_with(struct director *director, const struct yaml_errors *errors, const char *what) {
    for (int i = 0; i < errors->count; i++)
        fprintf(stderr, "%s\n", errors->text[i]);
    director_fail(director, "the %s of this scenario is wrong", what);
    return false;
}

static bool load_files(struct director *director) {
    static struct yaml_errors errors;
    places_join(director->rig_path, director->places.scenario, "rig.yaml");
    places_join(director->show_path, director->places.scenario, "show.yaml");
    if (rig_load(director->rig_path, director->places.profiles, &director->rig, &errors) != 0)
        return failed_with(director, &errors, "rig");
    if (show_load(director->show_path, &director->rig, &machine.show, &errors) != 0)
        return failed_with(director, &errors, "show");
    return true;
}

/* The world with this run's seed. */
static bool copy_world(struct director *director) {
    char from[PATH_SIZE];
    places_join(from, director->places.scenario, "world.yaml");
    places_join(director->world_path, director->files_dir, "world.yaml");
    struct change change = {.key = "seed"};
    snprintf(change.value, sizeof change.value, "%u", (unsigned)(director->options->seed % 1000000));
    return machine_copy(director, from, director->world_path, &change, 1);
}

static bool open_truth(struct director *director) {
    places_join(director->truth_path, director->files_dir, "truth.csv");
    const int status = director->options->out ? truth_open(director->truth_path, machine.harness.world, &machine.truth)
                                              : 0;
    if (status != 0)
        director_fail(director, "%s: %s", director->truth_path, strerror(-status));
    return status == 0;
}

bool virtual_prepare(struct director *director) {
    static char errors[4000];
    machine = (struct virtual_machine){0};
    if (!directory_make(director) || !load_files(director) || !copy_world(director))
        return false;
    if (harness_open(&machine.harness, &director->rig, &machine.show, director->world_path, errors,
                     sizeof errors) != 0) {
        fputs(errors, stderr);
        director_fail(director, "the world of this scenario is wrong");
        return false;
    }
    director->virtual_machine = &machine;
    struct report_in *in = &director->in;
    in->virtual_time = true;
    in->cycle_ms = director->rig.cycle_ms;
    in->trace.winch_count = sim_world_winches(machine.harness.world);
    assert(in->trace.winch_count <= REPORT_WINCHES_MAX);
    for (int i = 0; i < in->trace.winch_count; i++)
        snprintf(in->trace.winch_name[i], REPORT_NAME_MAX, "%s", sim_world_winch(machine.harness.world, i).name);
    machine.harness.watch = watch;
    machine.harness.context = director;
    director->began_us = machine.harness.now_us;
    look(director);
    return open_truth(director);
}

struct harness *virtual_harness(struct director *director) {
    return &director->virtual_machine->harness;
}

void virtual_end(struct director *director) {
    if (!director->virtual_machine)
        return;
    const int status = machine.truth ? truth_close(machine.truth) : 0;
    if (status != 0)
        director_fail(director, "%s: %s", director->truth_path, strerror(-status));
    harness_close(&machine.harness);
    director->virtual_machine = NULL;
}
