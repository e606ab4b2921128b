/* Free-climb's files with other numbers, written anew for each flight, and the flight in virtual time. */
#include "tests/falls.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controller/safety/monitor.h"
#include "sim/harness/harness.h"

#define SCENARIO BELAY_SOURCE_DIR "/sim/scenarios/free-climb/"
#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"
#define LEAD_M 150.0 /* so much rope lies between drum and sheave that one stiffness does for the climb */
#define ANCHOR_M 26.0
#define HEIGHT_M 14.0 /* of a fall, a little more or less */
#define SLACK_M 0.2
#define LONG_SLACK_M 0.3 /* at the start, before the winch has taken in */
#define WEIGHT_N 250.0   /* of the file: the other newtons are in proportion to it */
#define SLACK_N_MIN 12.0 /* of a light person: below, the noise of the cell would read taut */
#define BODY_MS 20       /* over which a deceleration is averaged: what a body feels, not rope noise */
#define STOP_MS_MIN 530  /* of a stop from full speed */
#define SLUMP_S_MAX 10.0
#define SETTLE_S 1.0   /* on a taut rope, before the climb begins */
#define CLIMB_M_S 1.0  /* who sinks slower climbs down, for all that the rope can tell */
#define LONGEST_M 26.5 /* rope out, by the file */
#define SCALED_MAX 24
#define CATEGORY_0_M 0.7 /* allowed beyond the rest when the torque is taken in the catch */

static const struct falls_kind kinds[] = {
    {"standing", FALLS_RESTING, 1, 0, FALLS_DROPS, 0, FALLS_NOTHING, 0},
    {"climbing", FALLS_CLIMBING, 6, 0, FALLS_DROPS, 0, FALLS_NOTHING, 0},
    {"going up", FALLS_UP, 1.5, 1, FALLS_DROPS, 0, FALLS_NOTHING, 0},
    {"starting up", FALLS_UP, 0.25, 1, FALLS_DROPS, 0, FALLS_NOTHING, 0},
    {"going down", FALLS_DOWN, 1.5, 1, FALLS_DROPS, 0, FALLS_NOTHING, 0},
    {"0.2 m of slack", FALLS_SLACK, 0, 0, FALLS_DROPS, 0, FALLS_NOTHING, 0},
    {"after a lock", FALLS_RELOCKED, 2, 0, FALLS_DROPS, 0, FALLS_NOTHING, 0},
    {"slump 0.05 m/s", FALLS_RESTING, 1, 0, FALLS_SLUMPS, 0.05, FALLS_NOTHING, 0},
    {"slump 0.15 m/s", FALLS_RESTING, 1, 0, FALLS_SLUMPS, 0.15, FALLS_NOTHING, 0},
    {"slump 0.5 m/s", FALLS_CLIMBING, 5, 0, FALLS_SLUMPS, 0.5, FALLS_NOTHING, 0},
    {"E-stop after 0.1 s", FALLS_RESTING, 1, 0, FALLS_DROPS, 0, FALLS_ESTOP, 0.1},
    {"E-stop after 0.25 s", FALLS_DOWN, 1.5, 1, FALLS_DROPS, 0, FALLS_ESTOP, 0.25},
    {"E-stop after 0.5 s", FALLS_DOWN, 1.5, 1, FALLS_DROPS, 0, FALLS_ESTOP, 0.5},
    {"link cut after 0.15 s", FALLS_RESTING, 1, 0, FALLS_DROPS, 0, FALLS_LINK, 0.15},
    {"link cut after 0.35 s", FALLS_DOWN, 1.5, 1, FALLS_DROPS, 0, FALLS_LINK, 0.35},
    {"torque off after 0.2 s", FALLS_RESTING, 1, 0, FALLS_DROPS, 0, FALLS_TRIP, 0.2},
    {"torque off after 0.4 s", FALLS_DOWN, 1.5, 1, FALLS_DROPS, 0, FALLS_TRIP, 0.4},
    {"hop of 30 ms", FALLS_RESTING, 1, 0, FALLS_HOPS, 0.030, FALLS_NOTHING, 0},
    {"hop of 59 ms", FALLS_RESTING, 1, 0, FALLS_HOPS, 0.059, FALLS_NOTHING, 0},
    {"hop of 59 ms, climbing", FALLS_CLIMBING, 6, 0, FALLS_HOPS, 0.059, FALLS_NOTHING, 0},
    {"hop of 201 ms", FALLS_RESTING, 1, 0, FALLS_HOPS, 0.201, FALLS_NOTHING, 0},
    {"hop of 201 ms, going up", FALLS_UP, 1.5, 1, FALLS_HOPS, 0.201, FALLS_NOTHING, 0},
};

const struct falls_kind *falls_kinds(int *count) {
    *count = (int)(sizeof kinds / sizeof kinds[0]);
    return kinds;
}

/* --- files with other numbers --------------------------------------------------------------------------------- */

struct change {
    const char *key;
    double value;
};

/* Copies the file; the first line of each key gets the new value. Returns the copy's path in `path`. */
static void rewrite(const char *from_path, const struct change *change, int count, char path[static 64]) {
    bool done[SCALED_MAX] = {false};
    char line[256];
    strcpy(path, "/tmp/belay-falls-XXXXXX");
    FILE *from = fopen(from_path, "r");
    FILE *to = fdopen(mkstemp(path), "w");
    assert(from && to && count <= SCALED_MAX);
    while (fgets(line, sizeof line, from)) {
        const char *key = line + strspn(line, " -");
        int i = 0;
        while (i < count && (done[i] || strncmp(key, change[i].key, strlen(change[i].key)) != 0 ||
                             key[strlen(change[i].key)] != ':'))
            i++;
        if (i == count) {
            fputs(line, to);
            continue;
        }
        fprintf(to, "%.*s%s: %.10g\n", (int)(key - line), line, change[i].key, change[i].value);
        done[i] = true;
    }
    for (int i = 0; i < count; i++)
        assert(done[i]); /* the file has the key */
    fclose(from);
    fclose(to);
}

struct flight {
    struct rig rig;
    struct show show;
    struct harness harness;
    const struct falls_rig *of;
    const struct falls_kind *kind;
    struct falls_notes *notes;
    double weight_on_line_n, ea_n;
    bool fell, sinks;
    int64_t fell_us, sinking_us, loaded_us, lowest_us;
    int64_t hangs_us; /* from when on nothing but the rope holds him */
    double slump_s, sinking_m;
    double height_m, lowest_m, rope_lowest_m;
    double window[BODY_MS], sum;
    int at;
    long ms, in_band_ms;
    double rope_before_m;
};

static struct flight flight;

static double weight_on_line_n(double mass_kg) {
    return floor(fmin(WEIGHT_N, 0.4 * mass_kg * GRAVITY_M_S2));
}

/* True, or the loader's reason in the notes. */
static bool load_rig(struct flight *f) {
    static struct yaml_errors errors;
    const double share = f->weight_on_line_n / WEIGHT_N, kg = f->of->mass_kg;
    const double softest_n_m = f->ea_n * f->of->told / (LEAD_M + LONGEST_M);
    const struct change change[] = {
        {"rated_mass_kg", kg},
        {"tension_max_n", 5900},
        {"ea_n", f->ea_n * f->of->told},
        {"lead_m", LEAD_M},
        {"person_mass_kg", kg},
        {"tension_n", 90 * share},
        {"band_min_n", 30 * share},
        {"band_max_n", 150 * share},
        {"weight_on_line_n", f->weight_on_line_n},
        {"slack_n", 15 * share},
        {"lightest_kg", kg},
        {"hangs_n", 170 * share},
        {"tolerance_n", fmin(45, floor(0.9 * f->weight_on_line_n - 150 * share))}, /* of monitors.pull */
        {"tare_n_max", 10 * share},
        {"stop_time_max_ms", fmax(STOP_MS_MIN, ceil(100 + 1000 * M_PI * sqrt(kg / softest_n_m)))},
    };
    const struct change cue[] = {{"tension_n", 90 * share}};
    char path[64];
    rewrite(SCENARIO "rig.yaml", change, (int)(sizeof change / sizeof change[0]), path);
    int failed = rig_load(path, PROFILES, &f->rig, &errors);
    unlink(path);
    if (failed) {
        const char *at = strstr(errors.text[0], "line ");
        snprintf(f->notes->refused, sizeof f->notes->refused, "%s", at ? at : errors.text[0]);
        return false;
    }
    f->rig.ladder = (struct rig_ladder){1, {100}};
    /* The loader wants 10 ms for as many requests as this: another cycle is flown on a bus that is quick enough. */
    f->rig.cycle_ms = f->of->cycle_ms;
    const int longest_ms = MONITOR_WINDOW_MAX * f->of->cycle_ms; /* what this cycle permits */
    f->rig.axis[0].limits.following_error_ms = longest_ms < 200 ? longest_ms : 200;
    f->rig.axis[0].monitors.window_ms = longest_ms < 200 ? longest_ms : 200;
    rewrite(SCENARIO "show.yaml", cue, 1, path);
    failed = show_load(path, &f->rig, &f->show, &errors);
    unlink(path);
    assert(failed == 0);
    return true;
}

static void open_world(struct flight *f, unsigned seed) {
    const struct falls_kind *kind = f->kind;
    const double sag_m = f->of->mass_kg * GRAVITY_M_S2 / f->of->k_n_m;
    f->slump_s = kind && kind->way == FALLS_SLUMPS ? fmax(0.1, fmin(sag_m / kind->value, SLUMP_S_MAX)) : 1;
    const struct change change[] = {
        {"seed", seed},           {"mass_kg", f->of->mass_kg},
        {"height_m", HEIGHT_M},   {"slack_m", kind && kind->before == FALLS_SLACK ? LONG_SLACK_M : 0.05},
        {"slump_s", f->slump_s},  {"low_m", HEIGHT_M - 3},
        {"high_m", HEIGHT_M + 3}, {"ea_n", f->ea_n},
        {"lead_m", LEAD_M},
    };
    char errors[1024], path[64];
    rewrite(SCENARIO "world.yaml", change, (int)(sizeof change / sizeof change[0]), path);
    int failed = harness_open(&f->harness, &f->rig, &f->show, path, errors, sizeof errors);
    unlink(path);
    if (failed)
        fputs(errors, stderr);
    assert(failed == 0);
}

/* --- the observer --------------------------------------------------------------------------------------------- */

static void note_body(struct flight *f, const struct sim_truth *t) {
    f->sum += t->person_accel_m_s2 - f->window[f->at];
    f->window[f->at] = t->person_accel_m_s2;
    f->at = (f->at + 1) % BODY_MS;
    f->notes->body_g = fmax(f->notes->body_g, f->sum / BODY_MS / GRAVITY_M_S2);
}

/* Until the brakes hold a drum without torque, nothing has come to its lowest point. */
static void note_torque_off(struct flight *f, const struct sim_truth *t) {
    struct falls_notes *n = f->notes;
    if (t->drive_enabled || (t->brake_closed && t->rope_speed_m_s == 0))
        return;
    n->category_0 = true;
    f->sinks = false;
    f->lowest_us = 0;
    n->below_m = n->paid_m = 0;
}

static void note_fall(struct flight *f, const struct harness *h, const struct sim_truth *t) {
    struct falls_notes *n = f->notes;
    note_body(f, t);
    note_torque_off(f, t);
    n->peak_n = fmax(n->peak_n, t->tension_n);
    if (f->sinking_us == 0 &&
        (f->kind->way != FALLS_SLUMPS || t->person_speed_m_s < -CLIMB_M_S || t->tension_n >= f->weight_on_line_n)) {
        f->sinking_us = h->now_us;
        f->sinking_m = t->height_m;
    }
    if (f->loaded_us == 0 && t->tension_n >= f->weight_on_line_n)
        f->loaded_us = h->now_us;
    /* Another fault may stop the drum first: then nothing is left to be seen. */
    bool seen = h->out.snapshot.fault_mask & FAULT_BIT(FALL_CAUGHT) || h->out.snapshot.axis[0].state != STATE_RUNNING;
    if (!n->caught && seen) {
        n->caught = true;
        int64_t since_us = f->fell_us;
        if (f->kind->way == FALLS_SLUMPS)
            since_us = f->loaded_us ? f->loaded_us : h->now_us;
        const int64_t cycle_us = f->of->cycle_ms * INT64_C(1000); /* what is seen now was latched in the last cycle */
        n->seen_s = fmax(0, (double)((h->now_us - 1) / cycle_us * cycle_us - since_us) / 1e6);
    }
    if (f->lowest_us == 0) {
        f->lowest_m = fmin(f->lowest_m, t->height_m);
        f->sinks = f->sinks || (h->now_us > f->hangs_us && t->person_speed_m_s < 0);
        bool turned = f->sinks && t->person_speed_m_s > 0 && f->height_m - t->height_m > 0.05 && n->caught;
        f->lowest_us = turned ? h->now_us : 0;
        f->rope_lowest_m = t->rope_out_m;
    }
    n->below_m = fmax(n->below_m, f->lowest_m - t->height_m);
    n->paid_m = fmax(n->paid_m, t->rope_out_m - f->rope_lowest_m);
}

static void note_climb(struct flight *f, const struct harness *h, const struct sim_truth *t) {
    if (h->out.snapshot.axis[0].state != STATE_RUNNING || t->act != ACT_CLIMB)
        return;
    const struct rig_belay *belay = &f->rig.axis[0].belay;
    f->ms++;
    f->in_band_ms += t->tension_n >= belay->band_min_n && t->tension_n <= belay->band_max_n;
    f->notes->most_n = fmax(f->notes->most_n, t->tension_n);
}

static void watch(void *context, const struct harness *h) {
    struct flight *f = context;
    struct sim_truth t = sim_world_truth(h->world);
    if (f->fell)
        note_fall(f, h, &t);
    else
        note_climb(f, h, &t);
}

/* --- the flight ----------------------------------------------------------------------------------------------- */

static bool running(const struct harness *h) {
    return h->out.snapshot.axis[0].state == STATE_RUNNING;
}
static bool armed(const struct harness *h) {
    return h->out.snapshot.axis[0].state == STATE_ARMED;
}
static bool faulted(const struct harness *h) {
    return h->out.snapshot.axis[0].state == STATE_FAULT;
}
static bool taut(const struct harness *h) {
    return running(h) && sim_world_truth(h->world).tension_n > h->rig->axis[0].belay.band_min_n * 2;
}
static bool hangs_less(const struct harness *h) {
    return running(h) && sim_world_truth(h->world).slack_m <= SLACK_M;
}

static void ask(struct harness *h, struct command command) {
    enum refusal refusal = harness_ask(h, command);
    if (refusal != REFUSED_NOT)
        fprintf(stderr, "%s\n", cycle_refusal_text(refusal));
    assert(refusal == REFUSED_NOT);
}

/* A start may have taken the cell's noise for a taut rope, and locked the line. */
static void belay_on(struct flight *f) {
    harness_ask(&f->harness, (struct command){.kind = COMMAND_UNLOCK});
    harness_hold(&f->harness);
    ask(&f->harness, (struct command){.kind = COMMAND_GO, .cue = show_cue_find(&f->show, "1")});
}

static void settle(struct harness *h) {
    harness_until(h, taut, 5);
    harness_run(h, SETTLE_S);
}

static void lock_and_restart(struct flight *f) {
    struct harness *h = &f->harness;
    settle(h);
    harness_let_go(h);
    if (!harness_until(h, armed, 3))
        return;                               /* an early catch */
    sim_world_act(h->world, ACT_ASCEND, 0.3); /* a step up, so that nothing hangs on the rope */
    harness_run(h, 0.6);
    sim_world_act(h->world, ACT_STAND, 0);
    harness_run(h, 5);
    belay_on(f);
}

static void climb_before(struct flight *f) {
    struct harness *h = &f->harness;
    static const enum sim_act acts[] = {
        [FALLS_RESTING] = ACT_STAND, [FALLS_CLIMBING] = ACT_CLIMB, [FALLS_UP] = ACT_ASCEND,
        [FALLS_DOWN] = ACT_DESCEND,  [FALLS_SLACK] = ACT_STAND,    [FALLS_RELOCKED] = ACT_STAND};
    if (f->kind->before == FALLS_RELOCKED)
        lock_and_restart(f);
    if (f->kind->before == FALLS_SLACK)
        harness_until(h, hangs_less, 5);
    else
        settle(h);
    sim_world_act(h->world, acts[f->kind->before], f->kind->speed_m_s);
    harness_run(h, f->kind->before_s);
}

static void let_go(struct flight *f) {
    struct harness *h = &f->harness;
    struct sim_truth t = sim_world_truth(h->world);
    const double k_n_m = f->ea_n / (LEAD_M + t.rope_out_m);
    f->notes->early = !running(h);
    f->fell = true;
    f->fell_us = h->now_us;
    f->hangs_us = h->now_us + (f->kind->way == FALLS_SLUMPS ? llrint(f->slump_s * 1e6) : 0);
    f->height_m = f->lowest_m = t.height_m;
    f->rope_lowest_m = t.rope_out_m;
    f->notes->allowed_m = 0.6 + t.slack_m + 2 * f->of->mass_kg * GRAVITY_M_S2 / k_n_m;
    sim_world_act(h->world, f->kind->way == FALLS_SLUMPS ? ACT_SLUMP : ACT_FALL, 0);
}

/* Stage directions fall between two cycles, so a hop ends by steps of the world and not of the cycle. */
static void hop(struct flight *f) {
    struct harness *h = &f->harness;
    const int64_t end_us = f->fell_us + llrint(f->kind->value * 1e6);
    const int64_t whole_us = (end_us - h->now_us) / (f->of->cycle_ms * 1000) * (f->of->cycle_ms * 1000);
    harness_run(h, (double)whole_us / 1e6);
    sim_world_act(h->world, ACT_STAND, 0);
    harness_run(h, 2);
}

static void event(struct flight *f) {
    struct harness *h = &f->harness;
    if (f->kind->event == FALLS_NOTHING)
        return;
    harness_run(h, f->kind->event_s);
    if (f->kind->event == FALLS_ESTOP)
        sim_world_estop(h->world, 0, true);
    if (f->kind->event == FALLS_LINK)
        h->link_cut[f->rig.device[f->rig.axis[0].drive].link] = true;
    if (f->kind->event == FALLS_TRIP)
        sim_world_defect(h->world, 0, SIM_DEFECT_DRIVE_TRIPS, true);
}

static bool begin(const struct falls_rig *rig, const struct falls_kind *kind, unsigned seed,
                  struct falls_notes *notes) {
    memset(&flight, 0, sizeof flight);
    *notes = (struct falls_notes){0};
    flight.of = rig;
    flight.kind = kind;
    flight.notes = notes;
    flight.weight_on_line_n = weight_on_line_n(rig->mass_kg);
    flight.ea_n = rig->k_n_m * (LEAD_M + ANCHOR_M - HEIGHT_M);
    if (!load_rig(&flight))
        return false;
    open_world(&flight, seed);
    flight.harness.watch = watch;
    flight.harness.context = &flight;
    ask(&flight.harness, (struct command){.kind = COMMAND_ARM});
    belay_on(&flight);
    return true;
}

void falls_fly(const struct falls_rig *rig, const struct falls_kind *kind, unsigned seed, double after_s,
               struct falls_notes *notes) {
    if (!begin(rig, kind, seed, notes))
        return;
    struct harness *h = &flight.harness;
    climb_before(&flight);
    let_go(&flight);
    if (kind->way == FALLS_HOPS) {
        hop(&flight);
    } else {
        event(&flight);
        harness_until(h, faulted, kind->way == FALLS_SLUMPS ? 100 : 10);
        harness_let_go(h);
        harness_run(h, after_s);
    }
    notes->fall_m = flight.sinking_m - flight.lowest_m;
    notes->allowed_m += notes->category_0 ? CATEGORY_0_M : 0;
    notes->before_m = flight.height_m - flight.sinking_m;
    harness_close(h);
}

void falls_climb(const struct falls_rig *rig, unsigned seed, double seconds, struct falls_notes *notes) {
    if (!begin(rig, NULL, seed, notes))
        return;
    struct harness *h = &flight.harness;
    settle(h);
    sim_world_act(h->world, ACT_CLIMB, 0);
    harness_run(h, seconds);
    notes->early = !running(h);
    notes->band_share = (double)flight.in_band_ms / (double)flight.ms;
    harness_close(h);
}

/* --- the scenario's lines --------------------------------------------------------------------------------------- */

#define SEEN_S 0.3
#define PEAK_N 6000
#define BODY_G 4
#define BELOW_M 0.05
#define PAID_M 0.02
#define HOP_S_NEVER 0.06
#define CYCLE_MS_QUICK 2
#define K_QUICK 4000.0
#define K_SLOW 1000.0

bool falls_promised(const struct falls_rig *rig) {
    const double k_n_m = rig->cycle_ms <= CYCLE_MS_QUICK ? K_QUICK : K_SLOW;
    return rig->told >= 0.75 && rig->told <= 1.34 && rig->k_n_m <= k_n_m * weight_on_line_n(rig->mass_kg) / WEIGHT_N;
}

static const char *broken_hop(const struct falls_rig *rig, const struct falls_kind *kind,
                              const struct falls_notes *notes) {
    if (!falls_promised(rig))
        return NULL;
    if (kind->value < HOP_S_NEVER)
        return notes->caught ? "a hop trips" : NULL;
    return notes->caught ? NULL : "a flight does not trip";
}

const char *falls_broken(const struct falls_rig *rig, const struct falls_kind *kind, const struct falls_notes *notes) {
    if (notes->refused[0] != '\0')
        return NULL;
    if (notes->early) /* the climber of the simulator has gone on, and pulled at the locked rope */
        return falls_promised(rig) ? "caught before the fall" : NULL;
    if (kind->way == FALLS_HOPS)
        return broken_hop(rig, kind, notes);
    const struct {
        bool broken;
        const char *text;
    } lines[] = {
        {!notes->caught, "not caught"},
        {notes->seen_s > SEEN_S + 1e-9, "seen late"},
        {notes->fall_m > notes->allowed_m, "too far"},
        {notes->peak_n > PEAK_N, "peak above 6 kN"},
        {notes->body_g > BODY_G, "above 4 g"},
        {notes->below_m > BELOW_M, "sinks afterwards"},
        {notes->paid_m > PAID_M, "pays out afterwards"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (lines[i].broken)
            return lines[i].text;
    return NULL;
}
