/* The director: lets time pass while everything goes on, knows what holds now, and says what happens. */
#include "sim/cli/rehearse_parts.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "controller/base/clock.h"

#define PASS_MS 5            /* longest wait between two looks at everything */
#define TRUTH_US 20000       /* between two looks at the truth */
#define LIVE_US 200000       /* between two live lines */
#define STILL_M_S 0.02
#define GRAVITY_M_S2 9.80665
#define CLEAR_MARGIN_M 1.0
#define FALL_FIXED_M 0.6

void director_fail(struct director *director, const char *format, ...) {
    if (director->failed)
        return;
    director->failed = true;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(director->failure, sizeof director->failure, format, arguments);
    va_end(arguments);
}

void director_init(struct director *director, const struct rehearse_options *options) {
    *director = (struct director){.options = options, .lock_fd = -1};
    director->kind = options->in_virtual_time ? &flight_virtual : &flight_real;
    director->random = options->seed;
    director->stage_fd = -1;
    director->in.facts = (struct report_facts){.estop_reaction_cycles = -1, .overruns = -1};
}

/* splitmix64 (Steele, Lea, Flood 2014) */
static double next_share(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return (double)(z >> 11) / (double)(UINT64_C(1) << 53);
}

double director_share(uint64_t seed) {
    uint64_t state = seed ^ UINT64_C(0x5851f42d4c957f2d);
    return next_share(&state);
}

double director_random(struct director *director, double least, double most) {
    assert(least <= most);
    return least + (most - least) * next_share(&director->random);
}

/* ---- what holds ---- */

static bool axis_does(const struct director *director, const char *mode) {
    const struct msg_telemetry_axis *axis = operator_axis(director);
    return axis && strcmp(axis->mode, mode) == 0 && strcmp(axis->state, "running") == 0;
}

static bool ready(const struct director *director) {
    const struct msg_telemetry_axis *axis = operator_axis(director);
    const struct msg_telemetry *telemetry = &director->operator.telemetry;
    if (!axis || axis->position_m.quality != MSG_QUALITY_GOOD || axis->speed_m_s.quality != MSG_QUALITY_GOOD ||
        axis->tension_n.quality != MSG_QUALITY_GOOD || !telemetry->estop.known)
        return false;
    for (int i = 0; i < telemetry->links_count; i++)
        if (telemetry->links[i].state != MSG_LINK_STATE_UP)
            return false;
    /* belayd arms nothing before the brakes have had their closing time since its start. */
    return telemetry->cycle * director->rig.cycle_ms > director->rig.axis[0].brake.close_ms_max;
}

static bool following(const struct director *director) {
    return axis_does(director, "follow");
}

static bool taut(const struct director *director) {
    const struct msg_telemetry_axis *axis = operator_axis(director);
    return following(director) && axis->tension_n.value >= director->rig.axis[0].belay.band_min_n;
}

static bool jogging(const struct director *director) {
    return axis_does(director, "jog");
}

bool truth_stopped(const struct director *director) {
    const struct sim_truth *truth = &director->stage.truth;
    return director->stage.known && truth->brake_closed && !truth->drive_enabled &&
           fabs(truth->rope_speed_m_s) <= STILL_M_S;
}

static bool caught(const struct director *director) {
    const struct msg_telemetry_axis *axis = operator_axis(director);
    return axis && axis->fall_caught && strcmp(axis->state, "fault") == 0 && truth_stopped(director);
}

bool truth_clear(const struct director *director) {
    const struct rig_belay *belay = &director->rig.axis[0].belay;
    const struct sim_truth *truth = &director->stage.truth;
    double stiffness_n_m = belay->rope_ea_n / (truth->rope_out_m + belay->rope_lead_m);
    double fall_m = FALL_FIXED_M + truth->slack_m + 2 * belay->person_mass_kg * GRAVITY_M_S2 / stiffness_n_m;
    return director->stage.known && truth->height_m >= fall_m + CLEAR_MARGIN_M;
}

bool truth_ground(const struct director *director) {
    return director->stage.known && director->stage.truth.on_ground;
}

static bool moving(const struct director *director) {
    const struct msg_telemetry *telemetry = &director->operator.telemetry;
    for (int i = 0; director->operator.heard && i < telemetry->axes_count; i++)
        if (strcmp(telemetry->axes[i].state, "running") == 0)
            return true;
    return false;
}

static bool faulted(const struct director *director) {
    return director->operator.heard && director->operator.telemetry.has_first_out;
}

/* The brakes are closed again too: before that no other motion may begin. */
static bool arrived(const struct director *director) {
    const struct msg_telemetry *telemetry = &director->operator.telemetry;
    for (int i = 0; director->operator.heard && i < telemetry->axes_count; i++)
        if (strcmp(telemetry->axes[i].state, "armed") != 0 && strcmp(telemetry->axes[i].state, "disarmed") != 0)
            return false;
    return director->operator.heard && telemetry->has_last_stop && strcmp(telemetry->last_stop.what, "arrived") == 0 &&
           !faulted(director);
}

static condition_function *const real_conditions[WHEN_COUNT] = {
    [WHEN_READY] = ready,           [WHEN_FOLLOWING] = following, [WHEN_TAUT] = taut,
    [WHEN_JOGGING] = jogging,       [WHEN_STOPPED] = truth_stopped, [WHEN_CAUGHT] = caught,
    [WHEN_CLEAR] = truth_clear,     [WHEN_GROUND] = truth_ground, [WHEN_MOVING] = moving,
    [WHEN_ARRIVED] = arrived,       [WHEN_FAULTED] = faulted,
};

static const char *const condition_texts[WHEN_COUNT] = {
    [WHEN_READY] = "every link up, every reading good and the brake closed for its time",
    [WHEN_FOLLOWING] = "the winch following the climber",
    [WHEN_TAUT] = "the winch following and the rope's tension in the band",
    [WHEN_JOGGING] = "the winch jogging",
    [WHEN_STOPPED] = "a drum that stands, without torque and with the brake closed",
    [WHEN_CAUGHT] = "the fall latched and the drum held by the brake",
    [WHEN_CLEAR] = "the climber so high that a fall ends above the ground",
    [WHEN_GROUND] = "the load on the ground",
    [WHEN_MOVING] = "an axis that runs",
    [WHEN_ARRIVED] = "the motion at its end, and no fault",
    [WHEN_FAULTED] = "a fault latched",
    [WHEN_STANDING] = "every drum standing, without torque and with its brakes closed",
};

bool director_holds(const struct director *director, enum script_condition condition) {
    assert(condition >= 0 && condition < WHEN_COUNT && director->kind->conditions[condition]);
    return director->kind->conditions[condition](director);
}

static void say_telemetry(const struct director *director, char *out, size_t size) {
    const struct msg_telemetry_axis *axis = operator_axis(director);
    const struct msg_telemetry *telemetry = &director->operator.telemetry;
    if (axis)
        snprintf(out, size, "; winch %s%s%s%s%s", axis->state, strcmp(axis->mode, "none") == 0 ? "" : ", ",
                 strcmp(axis->mode, "none") == 0 ? "" : axis->mode, telemetry->has_first_out ? ", " : "",
                 telemetry->has_first_out ? telemetry->first_out.text : "");
}

void director_now_text(const struct director *director, char *out, size_t size) {
    const struct sim_truth *truth = &director->stage.truth;
    int n = 0;
    if (director->stage.known)
        n = snprintf(out, size, "height %5.2f m, %4.0f N, slack %.2f m, drum %+5.2f m/s", truth->height_m,
                     truth->tension_n, truth->slack_m, truth->rope_speed_m_s);
    else
        n = snprintf(out, size, "nothing known of the simulator");
    if (n > 0 && (size_t)n < size)
        director->kind->say_state(director, out + n, size - (size_t)n);
}

/* ---- passing time ---- */

static void look_at_truth(struct director *director, int64_t now_us) {
    if (director->stage_fd < 0 || director->sim_blind || now_us < director->truth_due_us)
        return;
    director->truth_due_us = now_us + TRUTH_US;
    char error[FAILURE_MAX / 2];
    if (stage_look(director->stage_fd, &director->stage, error, sizeof error) == 0)
        return;
    if (director->sim.may_end)
        machine_lose_sim(director); /* a reply that comes later would answer another question */
    else
        director_fail(director, "the simulator's stage does not answer: %s", error);
}

static void watch(struct director *director, struct child *child) {
    if (child->pid == 0 || child_runs(child) || child->may_end)
        return;
    char how[96];
    child_end_text(child, how, sizeof how);
    director_fail(director, "%s ended by itself: %s", child->name, how);
}

static void live_line(struct director *director, int64_t now_us) {
    if (now_us < director->live_due_us || !director->doing || !isatty(STDOUT_FILENO))
        return;
    director->live_due_us = now_us + LIVE_US;
    char text[400];
    director_now_text(director, text, sizeof text);
    printf("\r\033[K  %6.1f s  %.160s", (double)(now_us - director->began_us) / 1e6, text);
    fflush(stdout);
}

static void clear_live_line(void) {
    if (isatty(STDOUT_FILENO))
        printf("\r\033[K");
}

static void real_pass(struct director *director, int64_t until_us) {
    int64_t now_us = clock_now_us(), left_us = until_us - now_us;
    int wait_ms = left_us <= 0 ? 0 : left_us < PASS_MS * 1000 ? (int)((left_us + 999) / 1000) : PASS_MS;
    struct pollfd wait = {.fd = director->operator.connection ? belay_fd(director->operator.connection) : -1,
                          .events = POLLIN};
    poll(&wait, 1, wait_ms);
    operator_pump(director);
    now_us = clock_now_us();
    watch(director, &director->sim);
    watch(director, &director->belayd);
    look_at_truth(director, now_us);
    live_line(director, now_us);
    if (director_interrupted())
        director_fail(director, "interrupted");
}

static int64_t real_now_us(const struct director *director) {
    (void)director;
    return clock_now_us();
}

const struct flight_kind flight_real = {real_now_us, real_pass, real_verbs, real_conditions, say_telemetry, false};

int64_t director_now_us(const struct director *director) {
    return director->kind->now_us(director);
}

bool director_pump(struct director *director, int64_t until_us) {
    do
        director->kind->pass(director, until_us);
    while (!director->failed && director_now_us(director) < until_us);
    return !director->failed;
}

bool director_await(struct director *director, enum script_condition condition, double within_s) {
    int64_t until_us = director_now_us(director) + (int64_t)(within_s * 1e6);
    while (!director_holds(director, condition)) {
        if (director_now_us(director) >= until_us || !director_pump(director, director_now_us(director) + 1000))
            return false;
    }
    return !director->failed;
}

bool director_need(struct director *director, enum script_condition condition, double within_s) {
    if (director_await(director, condition, within_s))
        return true;
    char text[400];
    director_now_text(director, text, sizeof text);
    director_fail(director, "waited %.1f s for %s; now: %s", within_s, condition_texts[condition], text);
    return false;
}

/* ---- stage directions and steps ---- */

bool director_act(struct director *director, enum sim_act act, double value) {
    char error[FAILURE_MAX / 2];
    if (stage_act(director->stage_fd, act, value, error, sizeof error) != 0)
        director_fail(director, "the simulator refused the act %s: %s", sim_act_name(act), error);
    return !director->failed;
}

bool director_estop(struct director *director, const char *station, bool pressed) {
    char error[FAILURE_MAX / 2];
    if (stage_estop(director->stage_fd, station, pressed, error, sizeof error) != 0)
        director_fail(director, "the simulator refused the E-stop: %s", error);
    return !director->failed;
}

void director_say(const struct director *director, const char *text) {
    if (director->quiet)
        return;
    clear_live_line();
    printf("[%6.1f s] %s\n", (double)(director_now_us(director) - director->began_us) / 1e6, text);
    fflush(stdout);
}

void director_step_begin(struct director *director, const char *name) {
    director->doing = name;
    director_say(director, name);
}

bool director_step_end(struct director *director, int64_t begun_us, bool ok) {
    clear_live_line();
    if (director->note_count < NOTES_MAX) {
        struct step_note *note = &director->note[director->note_count++];
        snprintf(note->name, sizeof note->name, "%s", director->doing);
        note->duration_s = (double)(director_now_us(director) - begun_us) / 1e6;
        note->ok = ok;
    }
    if (!ok && !director->quiet && !director_interrupted())
        fprintf(stderr, "FAILED: %s: %s\n", director->doing, director->failure);
    director->doing = NULL;
    return ok;
}
