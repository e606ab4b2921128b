/* Every fault that the simulated machine can have, in virtual time: brought in while the climber is belayed, lowered or
 * the winch stands, and seen by the controller as its own fault id. The table that comes of it (cause, reaction,
 * travel, peak) is docs/reports/faults.md. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/harness/harness.h"

#define SCENARIO BELAY_SOURCE_DIR "/sim/scenarios/free-climb/"
#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"
#define REPORT BELAY_SOURCE_DIR "/docs/reports/faults.md"
#define AFTER_S 4

enum unit { DRIVE = 1, CELL, ENCODER, IO };
enum phase { STANDS, CLIMBS, PAYS_OUT, HANGS, LOWERS, PHASE_COUNT };
static const char *const phase_names[PHASE_COUNT] = {"stands", "belays", "pays out", "holds by brake", "lowers"};

static struct rig rig;
static struct show show;

static void load(void) {
    static struct yaml_errors errors;
    cr_assert_eq(rig_load(SCENARIO "rig.yaml", PROFILES, &rig, &errors), 0, "%s", errors.text[0]);
    rig.ladder = (struct rig_ladder){1, {100}};
    cr_assert_eq(show_load(SCENARIO "show.yaml", &rig, &show, &errors), 0, "%s", errors.text[0]);
}

TestSuite(virtual_faults, .init = load, .timeout = 100);

/* --- causes --------------------------------------------------------------------------------------------------- */

static void press(struct harness *h) { sim_world_estop(h->world, 0, true); }
static void silence_drive(struct harness *h) { sim_world_fault(h->world, DRIVE, SIM_FAULT_SILENT, SIM_FAULT_STAYS); }
static void garble_drive(struct harness *h) { sim_world_fault(h->world, DRIVE, SIM_FAULT_GARBLED, SIM_FAULT_STAYS); }
static void silence_cell(struct harness *h) { sim_world_fault(h->world, CELL, SIM_FAULT_SILENT, SIM_FAULT_STAYS); }
static void silence_encoder(struct harness *h) {
    sim_world_fault(h->world, ENCODER, SIM_FAULT_SILENT, SIM_FAULT_STAYS);
}
static void silence_io(struct harness *h) { sim_world_fault(h->world, IO, SIM_FAULT_SILENT, SIM_FAULT_STAYS); }
static void freeze_cell(struct harness *h) { sim_world_fault(h->world, CELL, SIM_FAULT_FROZEN, SIM_FAULT_STAYS); }
static void freeze_encoder(struct harness *h) {
    sim_world_fault(h->world, ENCODER, SIM_FAULT_FROZEN, SIM_FAULT_STAYS);
}
static void let_fall(struct harness *h) { sim_world_act(h->world, ACT_FALL, 0); }
static void cut(struct harness *h) { h->link_cut[0] = true; }

#define DEFECT(function, defect) \
    static void function(struct harness *h) { sim_world_defect(h->world, 0, defect, true); }
DEFECT(open_channel, SIM_DEFECT_CHANNEL_OPEN)
DEFECT(cut_sto_wire, SIM_DEFECT_STO_WIRE)
DEFECT(close_a_brake, SIM_DEFECT_FIRST_BRAKE_CLOSED)
DEFECT(slip, SIM_DEFECT_BRAKES_SLIP)
DEFECT(slip_encoder, SIM_DEFECT_ENCODER_SLIPS)
DEFECT(trip, SIM_DEFECT_DRIVE_TRIPS)
DEFECT(weaken, SIM_DEFECT_DRIVE_WEAK)
DEFECT(deafen, SIM_DEFECT_DRIVE_DEAF)
DEFECT(race, SIM_DEFECT_DRIVE_RACES)
DEFECT(lower_cell, SIM_DEFECT_CELL_LOW)
DEFECT(short_cell, SIM_DEFECT_CELL_SHORTED)
DEFECT(halve_cell, SIM_DEFECT_CELL_HALF)
DEFECT(drift_cell, SIM_DEFECT_CELL_DRIFTS)

static void stick_open_and_let_go(struct harness *h) {
    sim_world_defect(h->world, 0, SIM_DEFECT_SECOND_BRAKE_OPEN, true);
    harness_let_go(h);
}

static void deafen_and_let_go(struct harness *h) {
    deafen(h);
    harness_let_go(h);
}

static void weld_and_press(struct harness *h) {
    sim_world_defect(h->world, 0, SIM_DEFECT_CHANNEL_WELDED, true);
    press(h);
}

/* A welded contact shows when the station is released: only one channel had opened. */
static void weld_press_release(struct harness *h) {
    weld_and_press(h);
    harness_run(h, 1);
    sim_world_estop(h->world, 0, false);
}

/* The order of world.yaml. */
enum wire { END_PAYOUT, END_TAKEIN, ULTIMATE_PAYOUT, ULTIMATE_TAKEIN, DEAD_TURNS, OVERWRAP };
#define BREAK(function, wire) \
    static void function(struct harness *h) { sim_world_wire(h->world, 0, wire, SIM_WIRE_BROKEN); }
BREAK(open_end_payout, END_PAYOUT)
BREAK(open_end_takein, END_TAKEIN)
BREAK(open_ultimate_payout, ULTIMATE_PAYOUT)
BREAK(open_ultimate_takein, ULTIMATE_TAKEIN)
BREAK(open_dead_turns, DEAD_TURNS)
BREAK(open_overwrap, OVERWRAP)

static void reconnect(struct harness *h) {
    cut(h);
    harness_run(h, 0.03);
    h->link_cut[0] = false;
}

/* --- the machine, up to the phase -------------------------------------------------------------------------------- */

static bool running(const struct harness *h) {
    return h->out.snapshot.axis[0].state == STATE_RUNNING;
}

static void arm(struct harness *h) {
    cr_assert_eq(harness_ask(h, (struct command){.kind = COMMAND_ARM}), REFUSED_NOT);
    harness_hold(h);
}

static void belay_on(struct harness *h) {
    arm(h);
    cr_assert_eq(harness_ask(h, (struct command){.kind = COMMAND_GO, .cue = show_cue_find(&show, "1")}), REFUSED_NOT);
    cr_assert(harness_until(h, running, 3));
    harness_run(h, 2);
    sim_world_act(h->world, ACT_ASCEND, 0.8);
    harness_run(h, 8);
}

static void jog(struct harness *h, double speed_m_s) {
    arm(h);
    cr_assert_eq(harness_ask(h, (struct command){.kind = COMMAND_JOG, .speed_m_s = speed_m_s}), REFUSED_NOT);
    cr_assert(harness_until(h, running, 3));
    harness_run(h, 1);
}

/* After a fall. */
static void hang(struct harness *h) {
    belay_on(h);
    sim_world_act(h->world, ACT_FALL, 0);
    harness_run(h, 8);
    harness_let_go(h);
    harness_step(h);
}

static void lower(struct harness *h) {
    hang(h);
    cr_assert_eq(harness_ask(h, (struct command){.kind = COMMAND_RESET}), REFUSED_NOT);
    jog(h, 0.4);
}

static void bring_to(struct harness *h, enum phase phase) {
    char errors[1024];
    cr_assert_eq(harness_open(h, &rig, &show, SCENARIO "world.yaml", errors, sizeof errors), 0, "%s", errors);
    switch (phase) {
    case STANDS:
        harness_run(h, 1);
        break;
    case CLIMBS:
        belay_on(h);
        break;
    case PAYS_OUT:
        jog(h, 0.3);
        break;
    case HANGS:
        hang(h);
        break;
    case LOWERS:
        lower(h);
        break;
    case PHASE_COUNT:
        break;
    }
}

/* --- what is seen ------------------------------------------------------------------------------------------------ */

struct notes {
    enum fault_id awaited;
    int64_t began_us, latched_us, stopped_us;
    double from_m, travel_m, peak_n, lowest_m;
};

static bool in_motion(const struct snapshot_axis *axis) {
    return axis->state == STATE_RUNNING || axis->state == STATE_OPENING || axis->state == STATE_ENABLING;
}

static void watch(void *context, const struct harness *h) {
    struct notes *n = context;
    const struct sim_truth t = sim_world_truth(h->world);
    const struct snapshot_axis *axis = &h->out.snapshot.axis[0];
    bool latched = (axis->fault_mask & UINT64_C(1) << n->awaited) != 0;
    n->peak_n = fmax(n->peak_n, t.tension_n);
    n->lowest_m = fmin(n->lowest_m, t.height_m);
    n->travel_m = fmax(n->travel_m, fabs(t.rope_out_m - n->from_m));
    if (latched && n->latched_us == 0)
        n->latched_us = h->now_us;
    if (!in_motion(axis) && n->stopped_us == 0)
        n->stopped_us = h->now_us;
}

struct row {
    enum fault_id fault;
    enum phase phase;
    void (*cause)(struct harness *h);
    const char *what;
    double travel_max_m; /* of the drum, from the cause until it stands */
    int within_ms;       /* from the cause until it is latched */
};

static const struct row rows[] = {
    {FAULT_ESTOP, CLIMBS, press, "E-stop station pressed", 0.2, 20},
    {FAULT_ESTOP, LOWERS, press, "E-stop station pressed", 0.1, 20},
    {FAULT_ESTOP_DISCREPANCY, CLIMBS, open_channel, "one channel opens", 0.2, 330},
    {FAULT_ESTOP_DISCREPANCY, CLIMBS, weld_and_press, "pressed, one channel welded", 0.2, 330},
    {FAULT_ESTOP_WELDED, STANDS, weld_press_release, "pressed and released, one channel welded", 0.001, 1030},
    {FAULT_IO_STALE, CLIMBS, silence_io, "safety I/O silent", 0.3, 100},
    {FAULT_DRIVE_STALE, CLIMBS, silence_drive, "drive silent", 0.3, 100},
    {FAULT_DRIVE_STALE, LOWERS, silence_drive, "drive silent", 0.15, 100},
    {FAULT_DRIVE_STALE, CLIMBS, cut, "link of the drive cut", 0.2, 100},
    {FAULT_DRIVE_UNCLEAR, CLIMBS, garble_drive, "drive answers nonsense", 0.3, 60},
    {FAULT_DRIVE_UNCLEAR, LOWERS, garble_drive, "drive answers nonsense", 0.15, 60},
    {FAULT_LINK_LOST, CLIMBS, reconnect, "link of the drive cut for 30 ms", 0.2, 60},
    {FAULT_TENSION_STALE, CLIMBS, silence_cell, "load cell silent", 0.3, 100},
    {FAULT_POSITION_STALE, LOWERS, silence_encoder, "encoder silent", 0.15, 100},
    {FAULT_POSITION_FROZEN, LOWERS, freeze_encoder, "encoder frozen", 0.15, 300},
    {FAULT_POSITION_MISMATCH, LOWERS, slip_encoder, "encoder turns by half of the drum's way", 0.25, 500},
    {FAULT_TENSION_FROZEN, LOWERS, freeze_cell, "load cell frozen", 0.2, 200},
    {FAULT_TENSION_FROZEN, CLIMBS, freeze_cell, "load cell frozen", 0.4, 200},
    {FAULT_TENSION_IMPLAUSIBLE, CLIMBS, lower_cell, "load cell reads 300 N too little", 0.2, 60},
    {FAULT_TENSION_MISMATCH, CLIMBS, halve_cell, "load cell reads half", 0.6, 500},
    {FAULT_TENSION_MISMATCH, CLIMBS, drift_cell, "load cell drifts by 50 N a second", 1.6, 2500},
    {FAULT_TENSION_MISMATCH, LOWERS, halve_cell, "load cell reads half", 0.25, 500},
    {FAULT_TENSION_IMPLAUSIBLE, LOWERS, short_cell, "load cell reads 9 kN", 0.1, 100},
    {FAULT_PEAK_TENSION, LOWERS, short_cell, "load cell reads 9 kN", 0.1, 60},
    {FAULT_OVERTENSION, LOWERS, short_cell, "load cell reads 9 kN", 0.1, 60},
    {FAULT_BRAKE_OPEN, CLIMBS, close_a_brake, "one brake falls in", 0.2, 160},
    {FAULT_BRAKE_CLOSE, LOWERS, stick_open_and_let_go, "let go, one brake stays open", 0.1, 600},
    {FAULT_MOVEMENT, HANGS, slip, "both brakes slip under a hanging person", 0.3, 300},
    {FAULT_DRIVE_FAULT, CLIMBS, trip, "drive trips", 0.2, 30},
    {FAULT_DRIVE_FAULT, LOWERS, trip, "drive trips", 0.3, 30},
    {FAULT_CHAIN_OFF, STANDS, cut_sto_wire, "safety input of the drive without voltage", 0.001, 1100},
    {FAULT_DRIVE_DISOBEYS, LOWERS, cut_sto_wire, "safety input of the drive without voltage", 0.3, 60},
    {FAULT_DRIVE_DISOBEYS, LOWERS, weaken, "drive has no torque left", 0.8, 400},
    {FAULT_FOLLOWING_ERROR, PAYS_OUT, race, "drive races", 0.5, 200},
    {FAULT_STOP_UNCONFIRMED, LOWERS, deafen_and_let_go, "let go, drive deaf", 0.3, 1000},
    {FAULT_END_SWITCH, LOWERS, open_end_payout, "end switch of pay-out opens", 0.1, 30},
    {FAULT_SWITCH_IMPLAUSIBLE, LOWERS, open_end_takein, "end switch of take-in opens far from the end", 0.1, 30},
    {FAULT_END_SWITCH, CLIMBS, open_end_takein, "end switch of take-in opens", 0.2, 30},
    {FAULT_ULTIMATE_SWITCH, LOWERS, open_ultimate_payout, "ultimate switch of pay-out opens", 0.1, 30},
    {FAULT_ULTIMATE_SWITCH, CLIMBS, open_ultimate_takein, "ultimate switch of take-in opens", 0.2, 30},
    {FAULT_DEAD_TURNS, LOWERS, open_dead_turns, "switch of the dead turns opens", 0.1, 30},
    {FAULT_OVERWRAP, LOWERS, open_overwrap, "overwrap switch opens", 0.1, 30},
    {FAULT_OVERWRAP, CLIMBS, open_overwrap, "overwrap switch opens", 0.2, 30},
    {FAULT_FALL_CAUGHT, CLIMBS, let_fall, "climber falls", 0.3, 300},
};
#define ROWS ((int)(sizeof rows / sizeof rows[0]))

struct run {
    struct notes notes;
    double fall_m, after_m; /* travel in a second after it stood */
    bool torque_by_itself;
};

static struct run fly(const struct row *row) {
    struct harness h;
    bring_to(&h, row->phase);
    struct sim_truth t = sim_world_truth(h.world);
    struct run run = {.notes = {.awaited = row->fault, .began_us = h.now_us, .from_m = t.rope_out_m,
                                .lowest_m = t.height_m}};
    h.watch = watch;
    h.context = &run.notes;
    row->cause(&h);
    harness_run(&h, AFTER_S);
    double stood_m = sim_world_truth(h.world).rope_out_m;
    harness_run(&h, 1);
    run.after_m = fabs(sim_world_truth(h.world).rope_out_m - stood_m);
    run.fall_m = t.height_m - run.notes.lowest_m;
    run.torque_by_itself = in_motion(&h.out.snapshot.axis[0]);
    harness_close(&h);
    return run;
}

static double ms_since(int64_t from_us, int64_t us) {
    return us ? (double)(us - from_us) / 1e3 : -1;
}

static void print_row(FILE *to, const struct row *row, const struct run *run) {
    const struct notes *n = &run->notes;
    int cycle_ms = rig.cycle_ms;
    fprintf(to, "| `%s` | %s | %s | %.0f | %.0f | %.3f | %.0f |\n", fault_text(row->fault)->name, row->what,
            phase_names[row->phase], ceil(ms_since(n->began_us, n->latched_us) / cycle_ms),
            ceil(ms_since(n->began_us, n->stopped_us) / cycle_ms), n->travel_m, n->peak_n);
}

static void print_report(FILE *to, const struct run runs[ROWS]) {
    fputs("# Faults, flown\n\n"
          "Each cause below is brought into the simulated machine of free-climb in virtual time\n"
          "(`scenario-virtual_faults`, the same figures in every run): the climber is belayed and goes up at 0.8 m/s,\n"
          "or hangs on the rope after a fall, or is lowered at 0.4 m/s, or an empty rope is paid out at 0.3 m/s.\n"
          "Cycles are counted from the cause: until the fault of that name is latched, and until the axis is out of\n"
          "motion (another fault may have stopped it before). Travel is the drum's, in any direction, within 4 s of\n"
          "the cause; the peak is the pull at the harness.\n\n"
          "| fault | cause | the winch | latched, cycles | stop, cycles | travel, m | peak, N |\n"
          "|---|---|---|---|---|---|---|\n", to);
    for (int i = 0; i < ROWS; i++)
        print_row(to, &rows[i], &runs[i]);
}

/* The committed report is what is flown; BELAY_WRITE_DOCS writes it. */
static void compare_report(const struct run runs[ROWS]) {
    char *now = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&now, &size);
    print_report(memory, runs);
    fclose(memory);
    if (getenv("BELAY_WRITE_DOCS")) {
        FILE *file = fopen(REPORT, "w");
        cr_assert(file && fputs(now, file) >= 0 && fclose(file) == 0);
    }
    static char committed[16384];
    FILE *file = fopen(REPORT, "r");
    cr_assert(file, REPORT);
    committed[fread(committed, 1, sizeof committed - 1, file)] = '\0';
    fclose(file);
    cr_expect(strcmp(committed, now) == 0, "docs/reports/faults.md is not what was flown:\n%s", now);
    free(now);
}

Test(virtual_faults, each_is_seen_as_itself_and_stops_in_time) {
    static struct run runs[ROWS];
    for (int i = 0; i < ROWS; i++) {
        const struct row *row = &rows[i];
        runs[i] = fly(row);
        const struct notes *n = &runs[i].notes;
        const char *name = fault_text(row->fault)->name;
        double latched_ms = ms_since(n->began_us, n->latched_us);
        cr_expect(latched_ms >= 0 && latched_ms <= row->within_ms, "%s, %s: latched after %.0f ms, allowed %d", name,
                  row->what, latched_ms, row->within_ms);
        cr_expect(n->stopped_us != 0, "%s, %s: goes on", name, row->what);
        cr_expect_leq(n->travel_m, row->travel_max_m, "%s, %s: %.3f m", name, row->what, n->travel_m);
        cr_expect_lt(runs[i].after_m, 0.005, "%s, %s: still moves", name, row->what);
        cr_expect_not(runs[i].torque_by_itself, "%s, %s: moves by itself", name, row->what);
        cr_expect_lt(n->peak_n, 6000, "%s, %s", name, row->what);
        cr_expect_gt(n->lowest_m, 0.5, "%s, %s: the person reaches the ground", name, row->what);
    }
    compare_report(runs);
}
