/* Recovery: an axis does without one failed sensor, or without a way down, so that a person can be moved out. Two
 * people, slow, for a time. */
#include <math.h>

#include "controller/cycle_parts.h"

bool axis_bypasses(const struct axis *axis, enum bypass bypass) {
    return axis->recovery.bypass == bypass;
}

bool axis_recovers(const struct axis *axis) {
    return axis->recovery.bypass != BYPASS_NOTHING;
}

bool axis_clear(const struct cycle *cycle, const struct axis *axis) {
    return cycle->now_us < axis->recovery.clear_until_us;
}

/* --- the sensor ------------------------------------------------------------------------------------------------- */

static const uint64_t faults_of[BYPASS_COUNT] = {
    [BYPASS_LOAD_CELL] = FAULT_BIT(TENSION_STALE) | FAULT_BIT(TENSION_FROZEN) | FAULT_BIT(TENSION_IMPLAUSIBLE) |
                         FAULT_BIT(TENSION_MISMATCH),
    [BYPASS_ENCODER] = FAULT_BIT(POSITION_STALE) | FAULT_BIT(POSITION_FROZEN) | FAULT_BIT(POSITION_MISMATCH),
    [BYPASS_LIMIT_SWITCH] = FAULT_BIT(END_SWITCH) | FAULT_BIT(ULTIMATE_SWITCH) | FAULT_BIT(SWITCH_IMPLAUSIBLE) |
                            FAULT_BIT(DEAD_TURNS) | FAULT_BIT(OVERWRAP),
};

/* A sensor that reads well and is under no suspicion is not done without. */
static bool sensor_good(const struct axis *axis, enum bypass bypass) {
    uint64_t suspected = axis->judge.latched | axis->judge.causes | axis->judge.tolerated;
    if ((suspected & faults_of[bypass]) != 0)
        return false;
    if (bypass == BYPASS_LOAD_CELL)
        return axis->tension.quality == QUALITY_GOOD;
    if (bypass == BYPASS_ENCODER)
        return axis->position_steps.quality == QUALITY_GOOD;
    return guard_all_read(&axis->guard_limits, &axis->guard_in) && !axis_switch_blocks(axis, 1) &&
           !axis_switch_blocks(axis, -1);
}

/* One failed sensor is done without. With another one gone too nothing would move: the way out is to mend the link. */
static bool another_missing(const struct cycle *cycle, const struct axis *axis, enum bypass bypass) {
    const bool cell = axis->cell_reads || bypass == BYPASS_LOAD_CELL;
    const bool encoder = axis->encoder_reads || bypass == BYPASS_ENCODER;
    const bool switches = guard_all_read(&axis->guard_limits, &axis->guard_in) || bypass == BYPASS_LIMIT_SWITCH;
    return !cycle->io_ok || !axis->brake_ok || axis->unclear || !cell || !encoder || !switches;
}

void axis_take_bypass(struct axis *axis) {
    if (axis_bypasses(axis, BYPASS_LOAD_CELL))
        axis->tension.quality = QUALITY_MISSING;
    if (axis_bypasses(axis, BYPASS_ENCODER))
        axis->position_steps.quality = QUALITY_MISSING;
}

/* Who hangs at the end of pay-out of a locked line has no way but up. He is taken there only with everything alive: the
 * load cell that feels what he is caught in, the position, and brakes that hold without the drive. */
static enum refusal raises_not(const struct cycle *cycle, int index) {
    const struct axis *axis = &cycle->axis[index];
    const uint64_t suspected = axis->judge.latched | axis->judge.causes | axis->judge.tolerated;
    const uint64_t doubts = faults_of[BYPASS_ENCODER] | FAULT_BIT(SWITCH_IMPLAUSIBLE) | FAULT_BIT(IO_STALE);
    const bool again = axis_bypasses(axis, BYPASS_WAY_DOWN); /* on the way up */
    const bool locked = axis->line_locked || axis_climber_hangs(cycle, index);
    if (axis_recovers(axis) && !again)
        return REFUSED_RECOVERY;
    if (axis->tension.quality != QUALITY_GOOD || (suspected & faults_of[BYPASS_LOAD_CELL]) != 0)
        return REFUSED_UNFELT;
    if (!axis_inputs_good(axis) || (suspected & doubts) != 0)
        return REFUSED_INPUTS;
    if (axis_on_drive(axis))
        return REFUSED_BRAKE_OPEN;
    return again || (locked && (axis_at_end(axis, 1) || axis_switch_blocks(axis, 1))) ? REFUSED_NOT : REFUSED_DOWN_OPEN;
}

/* --- beginning and end ------------------------------------------------------------------------------------------- */

struct verdict check_recover(const struct cycle *cycle, const struct command *asker) {
    const struct axis *axis = &cycle->axis[asker->axis];
    if (asker->bypass == BYPASS_NOTHING)
        return ACCEPTED;
    if (axis_active(axis))
        return REFUSED_AXIS(REFUSED_BUSY, asker->axis);
    if (axis->judge.state == STATE_ARMED)
        return REFUSED_AXIS(REFUSED_ARMED, asker->axis);
    if (!axis_stands(cycle, asker->axis))
        return REFUSED_AXIS(axis_stands_not(cycle, asker->axis), asker->axis);
    if (asker->bypass == BYPASS_WAY_DOWN)
        return REFUSED_AXIS(raises_not(cycle, asker->axis), asker->axis);
    if (sensor_good(axis, asker->bypass))
        return REFUSED_AXIS(REFUSED_SENSOR_GOOD, asker->axis);
    return another_missing(cycle, axis, asker->bypass) ? REFUSED_AXIS(REFUSED_INPUTS, asker->axis) : ACCEPTED;
}

void axis_end_recovery(struct cycle *cycle, int index) {
    struct axis *axis = &cycle->axis[index];
    if (axis_recovers(axis) && cycle->now_us >= axis->recovery.ends_us && !axis_active(axis))
        axis->recovery = (struct recovery){0};
}

/* --- two people -------------------------------------------------------------------------------------------------- */

struct verdict check_clear(const struct cycle *cycle, const struct command *asker) {
    const struct axis *axis = &cycle->axis[asker->axis];
    if (!axis_recovers(axis))
        return REFUSED_AXIS(REFUSED_NO_RECOVERY, asker->axis);
    bool moves_it = axis_in_motion(axis->judge.state) && axis->session == asker->session;
    return moves_it || axis->recovery.session == asker->session ? REFUSED_AXIS(REFUSED_SAME_PERSON, asker->axis)
                                                                : ACCEPTED;
}

struct verdict check_recovery_jog(const struct cycle *cycle, const struct command *asker, int index,
                                  double speed_m_s) {
    const struct axis *axis = &cycle->axis[index];
    if (!axis_clear(cycle, axis))
        return REFUSED_AXIS(REFUSED_NO_CLEAR, index);
    if (asker && asker->session == axis->recovery.clear_session)
        return REFUSED_AXIS(REFUSED_SAME_PERSON, index);
    if (speed_m_s < 0 && axis->tension.quality != QUALITY_GOOD)
        return REFUSED_AXIS(REFUSED_UNFELT, index);
    if (speed_m_s < 0 && axis_bypasses(axis, BYPASS_WAY_DOWN) && axis_on_drive(axis))
        return REFUSED_AXIS(REFUSED_BRAKE_OPEN, index);
    const struct rig_axis *from = &cycle->rig->axis[index];
    const struct rig_motion *most = &from->modes.recovery;
    double lowering_m_s = from->belay.present ? fmin(most->payout_speed_max_m_s, from->belay.lowering_speed_max_m_s)
                                              : most->payout_speed_max_m_s;
    bool fast = speed_m_s > lowering_m_s || -speed_m_s > most->takein_speed_max_m_s;
    struct verdict verdict = fast ? REFUSED_AXIS(REFUSED_LIMIT, index) : ACCEPTED;
    verdict.detail.limit_m_s = !fast ? 0 : speed_m_s > 0 ? lowering_m_s : most->takein_speed_max_m_s;
    return verdict;
}
