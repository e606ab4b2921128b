/* Steps in which somebody walks: limits, E-stop stations, silence. */
#include <math.h>

#include "controller/commission/run_parts.h"

/* --- limits ----------------------------------------------------------------------------------------------------- */

#define BEYOND_M 0.05 /* no further beyond the limit */
#define SHORT_M 0.25  /* the clamp leaves room for a stop: so much before the limit at most */

static void say_to_limit(struct commission_run *run, int sign) {
    const struct rig_limits *limits = &run_axis(run)->limits;
    run->jog_m_s = sign * run_asks(run)->speed_max_m_s;
    run_say(run,
            "Nobody on the rope. Hold: it %s to its limit at %.2f m and must stop there by itself. WATCH IT, let go "
            "when it does not.",
            sign > 0 ? "pays out" : "takes in", sign > 0 ? limits->position_max_m : limits->position_min_m);
}

static void say_out(struct commission_run *run) {
    say_to_limit(run, 1);
}

static void say_in(struct commission_run *run) {
    say_to_limit(run, -1);
}

static enum stage_end watch_limit(struct commission_run *run, const struct snapshot_axis *axis,
                                  const struct snapshot *snapshot) {
    (void)snapshot;
    enum stage_end end = run_no_fault(run, axis);
    if (end != STAGE_GOES_ON || axis->position_m.quality != QUALITY_GOOD)
        return end;
    bool out = run->jog_m_s > 0;
    double limit_m = out ? run_axis(run)->limits.position_max_m : run_axis(run)->limits.position_min_m;
    double left_m = out ? limit_m - axis->position_m.value : axis->position_m.value - limit_m;
    if (left_m < -BEYOND_M) {
        run->stop = true;
        return run_fail(run, "Stopped: it is %.2f m beyond its limit.", -left_m);
    }
    bool jogs = axis->state == STATE_RUNNING && axis->mode == MODE_JOG;
    bool held = jogs && axis->clamped && fabs(axis->setpoint_m_s) < HELD_M_S;
    bool refused = (out ? axis->payout : axis->takein).refusal == REFUSED_LIMIT;
    if (left_m > SHORT_M || !(held || refused))
        return STAGE_GOES_ON;
    run->stop = jogs;
    run_figure(run, "%s: held at %.3f m", out ? "out" : "in", axis->position_m.value);
    return STAGE_DONE;
}

static enum stage_end watch_rest(struct commission_run *run, const struct snapshot_axis *axis,
                                 const struct snapshot *snapshot) {
    double position_m = 0, cell_n = 0;
    (void)snapshot;
    enum stage_end end = run_no_fault(run, axis);
    return end == STAGE_GOES_ON && run_settled(run, axis, &position_m, &cell_n) ? STAGE_DONE : end;
}

/* As the rig file calls them: so they should be labelled. */
static const char *switch_name(int kind) {
    static const char *const names[GUARD_SWITCH_COUNT] = {
        [GUARD_END_PAYOUT] = "end_payout",           [GUARD_END_TAKEIN] = "end_takein",
        [GUARD_ULTIMATE_PAYOUT] = "ultimate_payout", [GUARD_ULTIMATE_TAKEIN] = "ultimate_takein",
        [GUARD_DEAD_TURNS] = "dead_turns",           [GUARD_OVERWRAP] = "overwrap",
    };
    return names[kind];
}

static uint32_t fitted_of(const struct commission_run *run) {
    uint32_t fitted = 0;
    for (int i = 0; i < run_axis(run)->switch_count; i++)
        fitted |= UINT32_C(1) << run_axis(run)->limit_switch[i].kind;
    return fitted;
}

/* The one to be opened now: the first that was not yet seen open and closed again; -1 when all were. */
static int switch_asked(const struct commission_run *run) {
    uint32_t left = fitted_of(run) & ~run->closed_again;
    return left == 0 ? -1 : __builtin_ctz(left);
}

static void say_switch(struct commission_run *run) {
    int asked = switch_asked(run);
    if (asked < 0)
        run_say(run, "No switches are left to be opened.");
    else
        run_say(run,
                "At the switches. Open %s by hand for a second, and no other, then let it close. %d to open. Each "
                "makes a fault: reset that at the end.",
                switch_name(asked), __builtin_popcount(fitted_of(run) & ~run->closed_again));
}

/* One by one, so that two that are exchanged are found. */
static enum stage_end watch_switches(struct commission_run *run, const struct snapshot_axis *axis,
                                     const struct snapshot *snapshot) {
    (void)snapshot;
    int asked = switch_asked(run);
    if (asked < 0) {
        run_figure(run, "%d switches opened and closed", __builtin_popcount(run->closed_again));
        return STAGE_DONE;
    }
    uint32_t bit = UINT32_C(1) << asked, open = axis->switch_known & ~axis->switch_closed;
    if ((open & ~bit) != 0)
        return run_fail(run, "%s reads open, and %s was to be opened: exchanged, stuck, or a broken wire.",
                        switch_name(__builtin_ctz(open & ~bit)), switch_name(asked));
    run->opened |= open & bit;
    if ((run->opened & axis->switch_closed & bit) == 0)
        return STAGE_GOES_ON;
    run->closed_again |= bit;
    say_switch(run);
    return STAGE_GOES_ON;
}

const struct stage limits_stages[STAGES_MAX] = {
    {WANTS_JOG, say_out, watch_limit},           {WANTS_NOTHING, run_say_settle, watch_rest},
    {WANTS_JOG, say_in, watch_limit},            {WANTS_NOTHING, run_say_settle, watch_rest},
    {WANTS_NOTHING, say_switch, watch_switches},
};

/* --- E-stop stations -------------------------------------------------------------------------------------------- */

#define READ_MARGIN_MS 100 /* what the readings of chain and torque may be late */

static uint32_t zone_of(const struct commission_run *run) {
    uint32_t zone = 0;
    for (int i = 0; i < run->rig->safety.station_count; i++)
        if ((run->rig->safety.station[i].axes >> run->axis & 1) != 0)
            zone |= UINT32_C(1) << i;
    return zone;
}

static void say_stations(struct commission_run *run) {
    uint32_t left = zone_of(run) & ~run->closed_again;
    const char *next = left == 0 ? "none" : run->rig->safety.station[__builtin_ctz(left)].name;
    run_say(run,
            "Press each station of the line, one after the other; keep it pressed for two seconds, then release it. %d "
            "to press, next: %s. The stop stays latched: reset it at the end.",
            __builtin_popcount(left), next);
}

/* One station: both channels open and the torque off, then both closed. */
static void watch_station(struct commission_run *run, int index, const struct snapshot_axis *axis,
                          const struct snapshot *snapshot) {
    uint32_t bit = UINT32_C(1) << index;
    bool open = !snapshot->estop_a_closed[index] && !snapshot->estop_b_closed[index];
    bool closed = snapshot->estop_a_closed[index] && snapshot->estop_b_closed[index];
    if (open && run->opened_us == 0)
        run->opened_us = axis->torque_off ? run->now_us - 1 : run->now_us;
    if (open && axis->torque_off && (run->opened & bit) == 0) {
        int64_t took_us = run->now_us - run->opened_us;
        run->off_us = took_us > run->off_us ? took_us : run->off_us;
        run->opened |= bit;
    }
    if (closed && (run->opened & bit) != 0)
        run->closed_again |= bit;
}

static bool all_closed(const struct commission_run *run, const struct snapshot *snapshot) {
    for (int i = 0; i < run->rig->safety.station_count; i++)
        if (!snapshot->estop_a_closed[i] || !snapshot->estop_b_closed[i])
            return false;
    return true;
}

static enum stage_end watch_stations(struct commission_run *run, const struct snapshot_axis *axis,
                                     const struct snapshot *snapshot) {
    const struct rig_hardwired *chain = &run_axis(run)->hardwired;
    int64_t most_us = (int64_t)(chain->off_delay_ms + chain->sto_response_ms + READ_MARGIN_MS) * 1000;
    if ((axis->fault_mask & (FAULT_BIT(ESTOP_DISCREPANCY) | FAULT_BIT(ESTOP_WELDED))) != 0)
        return run_fail(run, "Only one channel of a station opened or closed: its contact, or its wire.");
    if (!snapshot->estop_known)
        return STAGE_GOES_ON;
    for (int i = 0; i < run->rig->safety.station_count; i++)
        if ((zone_of(run) >> i & 1) != 0)
            watch_station(run, i, axis, snapshot);
    if (run->opened_us > 0 && !axis->torque_off && run->now_us - run->opened_us > most_us && !all_closed(run, snapshot))
        return run_fail(run, "The chain is open for %.0f ms and the drive has still torque: %d ms are declared.",
                        (double)(run->now_us - run->opened_us) / 1e3,
                        (int)(chain->off_delay_ms + chain->sto_response_ms));
    if (all_closed(run, snapshot))
        run->opened_us = 0;
    say_stations(run);
    if (run->closed_again != zone_of(run))
        return STAGE_GOES_ON;
    run_figure(run, "%d stations, torque off within %.0f ms", __builtin_popcount(zone_of(run)),
               (double)run->off_us / 1e3);
    return STAGE_DONE;
}

const struct stage estop_stages[STAGES_MAX] = {
    {WANTS_NOTHING, say_stations, watch_stations},
};

/* --- silence ---------------------------------------------------------------------------------------------------- */

#define SILENT_US 1000000 /* so long at least: a drive that went on would be seen */
#define NOISE_M 0.003

static int link_of(const struct commission_run *run, bool of_drive) {
    const struct rig_axis *axis = run_axis(run);
    return run->rig->device[of_drive ? axis->drive : axis->brake.io].link;
}

static void say_pull(struct commission_run *run, bool of_drive) {
    run->jog_m_s = run_asks(run)->bump_speed_m_s;
    run_say(run,
            "Nobody on the rope. Reset and arm if need be, hold: it pays out at %.0f mm/s. While it runs, pull the "
            "network cable of %s (link %s).",
            run->jog_m_s * 1e3, of_drive ? "the drive" : "the safety I/O", run->rig->link[link_of(run, of_drive)].name);
}

static void say_pull_drive(struct commission_run *run) {
    say_pull(run, true);
}

static void say_pull_io(struct commission_run *run) {
    say_pull(run, false);
}

static enum stage_end watch_pull(struct commission_run *run, const struct snapshot_axis *axis,
                                 const struct snapshot *snapshot, bool of_drive) {
    bool up = snapshot->link[link_of(run, of_drive)].state == LINK_UP;
    bool runs = axis->state == STATE_RUNNING && fabs(axis->setpoint_m_s) > run->jog_m_s / 2;
    if (up && runs && axis->position_m.quality == QUALITY_GOOD) {
        run->before_m = axis->position_m.value;
        run->before_us = run->now_us;
    }
    if (up)
        return STAGE_GOES_ON;
    if (run->before_us == 0 || run->now_us - run->before_us > SILENT_US / 2)
        return run_fail(run, "The link was lost while nothing ran: hold first, then pull.");
    return STAGE_DONE;
}

static enum stage_end watch_pull_drive(struct commission_run *run, const struct snapshot_axis *axis,
                                       const struct snapshot *snapshot) {
    return watch_pull(run, axis, snapshot, true);
}

static enum stage_end watch_pull_io(struct commission_run *run, const struct snapshot_axis *axis,
                                    const struct snapshot *snapshot) {
    return watch_pull(run, axis, snapshot, false);
}

static void say_drive_silent(struct commission_run *run) {
    run_say(run, "The cable is out. Look at it: the drum stands. Yes when it does; after that plug the cable in "
                 "again.");
}

static void say_io_silent(struct commission_run *run) {
    run_say(run, "The cable is out. Look at it: every brake of the line has closed, though nobody told it to. Yes when "
                 "so; after that plug the cable in again.");
}

/* Silent for long enough: only then the yes counts. */
static enum stage_end watch_silent(struct commission_run *run, const struct snapshot_axis *axis,
                                   const struct snapshot *snapshot, bool of_drive) {
    if (snapshot->link[link_of(run, of_drive)].state == LINK_UP)
        return run_fail(run, "The cable was plugged in again too soon: leave it out until that was answered.");
    return run->now_us - run->stage_us < SILENT_US ? STAGE_GOES_ON : run_yes(run, axis, snapshot);
}

static enum stage_end watch_drive_silent(struct commission_run *run, const struct snapshot_axis *axis,
                                         const struct snapshot *snapshot) {
    return watch_silent(run, axis, snapshot, true);
}

static enum stage_end watch_io_silent(struct commission_run *run, const struct snapshot_axis *axis,
                                      const struct snapshot *snapshot) {
    return watch_silent(run, axis, snapshot, false);
}

static void say_plug(struct commission_run *run) {
    run_say(run, "Plug the cable in again.");
}

/* The drum may go on for the drive's watchdog time and its ramp, and no further: measured by the encoder. */
static enum stage_end judge_silence(struct commission_run *run, const struct snapshot_axis *axis, bool of_drive) {
    double position_m = 0, cell_n = 0, speed_m_s = run_asks(run)->bump_speed_m_s;
    if (!run_settled(run, axis, &position_m, &cell_n))
        return STAGE_GOES_ON;
    const struct rig_axis *from = run_axis(run);
    int32_t silent_ms = run->rig->device[of_drive ? from->drive : from->brake.io].comm_loss_ms_max;
    double most_m = speed_m_s * (silent_ms / 1e3 + speed_m_s / from->drive_stop.deceleration_m_s2) + NOISE_M;
    double way_m = position_m - run->before_m;
    if (fabs(way_m) > most_m)
        return run_fail(run, "It went on for %.0f mm after the silence began, %.0f mm are let pass: %s's own watchdog.",
                        way_m * 1e3, most_m * 1e3, of_drive ? "the drive" : "the safety I/O");
    run_figure(run, "%s silent: %.1f mm", of_drive ? "drive" : "safety I/O", way_m * 1e3);
    return STAGE_DONE;
}

static enum stage_end judge_drive_silence(struct commission_run *run, const struct snapshot_axis *axis,
                                          const struct snapshot *snapshot) {
    (void)snapshot;
    return judge_silence(run, axis, true);
}

static enum stage_end judge_io_silence(struct commission_run *run, const struct snapshot_axis *axis,
                                       const struct snapshot *snapshot) {
    (void)snapshot;
    return judge_silence(run, axis, false);
}

const struct stage silence_stages[STAGES_MAX] = {
    {WANTS_JOG, say_pull_drive, watch_pull_drive},  {WANTS_YES, say_drive_silent, watch_drive_silent},
    {WANTS_NOTHING, say_plug, judge_drive_silence}, {WANTS_JOG, say_pull_io, watch_pull_io},
    {WANTS_YES, say_io_silent, watch_io_silent},    {WANTS_NOTHING, say_plug, judge_io_silence},
};
