/* Operating modes: set-up, walk-through on a ladder of speeds, show. What each lets move, how fast; what was run. */
#include <math.h>
#include <string.h>

#include "controller/cycle_parts.h"

#define SHOWN 1.1 /* places differ a little from take to take: who showed a speed may reach a tenth more */

/* --- speeds ------------------------------------------------------------------------------------------------------ */

static int32_t percent_of(const struct cycle *cycle) {
    return cycle->operating == OPERATING_SETUP ? 0 : cycle->rig->ladder.percent[cycle->rung];
}

double cycle_share(const struct cycle *cycle) {
    return percent_of(cycle) / 100.0;
}

static int32_t cap_of(const struct cycle *cycle, const struct axis *axis, enum axis_mode mode, enum clamp_direction d) {
    const bool tracks = mode == MODE_MOVE && axis->tracks; /* a slower drum would let the hook go with the deck */
    if (mode == MODE_FOLLOW || mode == MODE_CATCH || tracks)
        return INT32_MAX;
    int32_t share = (int32_t)((int64_t)axis->clamp_limits.speed_max_um_s[d] * percent_of(cycle) / 100);
    bool by_hand = mode == MODE_JOG || mode == MODE_RECOVERY;
    return by_hand && share < axis->setup_um_s ? axis->setup_um_s : share;
}

int32_t axis_speed_cap(const struct cycle *cycle, const struct axis *axis, enum clamp_direction direction) {
    return cap_of(cycle, axis, axis->mode, direction);
}

static double by_hand_max_m_s(const struct cycle *cycle, const struct axis *axis, enum axis_mode mode,
                              enum clamp_direction d) {
    return fmin(axis->clamp_limits.speed_um_s[mode][d], cap_of(cycle, axis, mode, d)) / 1e6;
}

double axis_jog_max_m_s(const struct cycle *cycle, int index) {
    const struct axis *axis = &cycle->axis[index];
    const enum axis_mode mode = axis_recovers(axis) ? MODE_RECOVERY : MODE_JOG;
    const double out_m_s = by_hand_max_m_s(cycle, axis, mode, CLAMP_OUT);
    const double in_m_s = by_hand_max_m_s(cycle, axis, mode, CLAMP_IN);
    if (mode == MODE_RECOVERY)
        return axis->tension.quality != QUALITY_GOOD ? out_m_s : fmin(out_m_s, in_m_s); /* unfelt only down */
    if (axis_only_lowers(cycle, index))
        return fmin(out_m_s, rig_lowering_max_m_s(&cycle->rig->axis[index]));
    const double free_m_s = fmin(out_m_s, in_m_s);
    const bool cleared = axis_person_refused(cycle, index) == REFUSED_NOT;
    return cleared ? free_m_s : fmin(free_m_s, cycle->rig->axis[index].commissioning.speed_max_m_s);
}

/* --- what was run ------------------------------------------------------------------------------------------------ */

static bool has_ladder(const struct cue *cue) {
    return cue->kind != CUE_BELAY && cue->kind != CUE_COMPENSATE; /* what they follow has its own speed */
}

int ladder_of_cue(const struct cycle *cycle, int cue) {
    int last = cycle->rig->ladder.rung_count - 1;
    if (!cycle->show || cue < 0 || cue >= cycle->show->cue_count || !has_ladder(&cycle->show->cue[cue]))
        return -1;
    return cycle->clean[cue] < last ? cycle->clean[cue] : last;
}

/* A show without moves has no ladder: jogs alone would climb it. */
int ladder_offered(const struct cycle *cycle) {
    int highest = 0;
    bool moves = !cycle->show;
    for (int i = 0; cycle->show && i < cycle->show->cue_count; i++) {
        int rung = ladder_of_cue(cycle, i);
        moves = moves || rung >= 0;
        highest = rung > highest ? rung : highest;
    }
    return moves ? highest : cycle->rig->ladder.rung_count - 1;
}

/* Both ramps of a move that reaches its speed fit into its way. */
static bool reaches_its_speed(const struct cycle *cycle, const struct axis *axis, const struct cue *cue) {
    const int index = (int)(axis - cycle->axis);
    const double way_m = fabs(cue_goal_m(cue, index) - axis->position_m);
    const double speed_m_s = cue->speed_m_s * cycle_share(cycle);
    const double a = cue->acceleration_m_s2, jerk = cycle->rig->axis[index].limits.jerk_max_m_s3;
    return way_m >= speed_m_s * (speed_m_s / a + a / jerk);
}

void ladder_begin(const struct cycle *cycle, struct axis *axis, const struct cue *cue) {
    double top_m_s[RIG_AXES_MAX] = {0};
    if (cue->has_to)
        move_tops_m_s(cycle, cue, top_m_s);
    axis->run_cue = (int)(cue - cycle->show->cue);
    axis->run_rung = has_ladder(cue) ? cycle->rung : -1;
    axis->run_far = cue->kind == CUE_TIMED || (cue->kind == CUE_FLY ? flight_is_whole(cycle, cue)
                                                                    : reaches_its_speed(cycle, axis, cue));
    axis->run_top_m_s = (float)top_m_s[axis - cycle->axis];
    axis->run_clean = false;
}

void ladder_arrived(struct axis *axis) {
    axis->run_clean = true;
}

static bool mates_faulted(const struct cycle *cycle, const struct axis *axis) {
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if ((axis->mates >> i & 1) != 0 && cycle->axis[i].judge.latched)
            return true;
    return false;
}

/* Nothing is shown of this rung and of those above. */
static void forget_from(struct cycle *cycle, int cue, int rung) {
    cycle->clean[cue] = (uint8_t)rung;
    for (int i = 0; i < RIG_AXES_MAX; i++)
        for (int r = rung; r < RIG_RUNGS_MAX; r++)
            cycle->shown_m_s[cue][i][r] = 0;
}

/* A fault says that the rung was not safe, so the one before is run again; a stop says nothing. */
void ladder_end(struct cycle *cycle, struct axis *axis) {
    if (axis->run_rung < 0)
        return;
    uint8_t *clean = &cycle->clean[axis->run_cue];
    float *shown_m_s = &cycle->shown_m_s[axis->run_cue][axis - cycle->axis][axis->run_rung];
    if (axis->judge.latched || mates_faulted(cycle, axis)) {
        forget_from(cycle, axis->run_cue, axis->run_rung > 0 ? axis->run_rung - 1 : 0);
    } else if (axis->run_clean) {
        *shown_m_s = fmaxf(*shown_m_s, axis->run_top_m_s);
        if (axis->run_far && axis->run_rung >= *clean)
            *clean = (uint8_t)(axis->run_rung + 1);
    }
    axis->run_rung = -1;
}

void ladder_take_show(struct cycle *cycle) {
    if (strcmp(cycle->ladder_hash, cycle->show->hash) == 0)
        return;
    memcpy(cycle->ladder_hash, cycle->show->hash, sizeof cycle->ladder_hash);
    memset(cycle->clean, 0, sizeof cycle->clean);
    memset(cycle->shown_m_s, 0, sizeof cycle->shown_m_s);
    cycle->operating = OPERATING_SETUP;
    cycle->rung = 0;
}

void ladder_forget(struct cycle *cycle, int index) {
    cycle->axis[index].run_rung = -1;
    for (int i = 0; cycle->show && i < cycle->show->cue_count; i++)
        if ((cycle->show->cue[i].axes >> index & 1) != 0)
            forget_from(cycle, i, 0);
}

/* --- questions --------------------------------------------------------------------------------------------------- */

static int rung_of(const struct cycle *cycle, int32_t percent) {
    for (int i = 0; i < cycle->rig->ladder.rung_count; i++)
        if (cycle->rig->ladder.percent[i] == percent)
            return i;
    return -1;
}

/* With the rung that is to be run clean next, by `cue`, or by any when it is -1. */
static struct verdict refuse_ladder(const struct cycle *cycle, int axis, int cue, int rung) {
    struct verdict verdict = REFUSED_AXIS(REFUSED_LADDER, axis);
    verdict.detail.cue = cue;
    verdict.detail.percent = cycle->rig->ladder.percent[rung];
    return verdict;
}

static struct verdict check_whole_ladder(const struct cycle *cycle) {
    for (int i = 0; i < cycle->show->cue_count; i++)
        if (has_ladder(&cycle->show->cue[i]) && cycle->clean[i] < cycle->rig->ladder.rung_count)
            return refuse_ladder(cycle, -1, i, cycle->clean[i]);
    return ACCEPTED;
}

struct verdict check_mode(const struct cycle *cycle, enum operating operating, int32_t percent) {
    struct verdict disarmed = check_show(cycle);
    if (disarmed.refusal != REFUSED_NOT)
        return disarmed;
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if (!axis_stands(cycle, i))
            return REFUSED_AXIS(axis_stands_not(cycle, i), i);
    if (operating == OPERATING_SETUP)
        return ACCEPTED;
    if (operating == OPERATING_SHOW && !cycle->show)
        return REFUSED(REFUSED_NO_SHOW);
    if (operating == OPERATING_SHOW)
        return check_whole_ladder(cycle);
    int rung = rung_of(cycle, percent);
    if (rung < 0)
        return REFUSED(REFUSED_RUNG);
    int offered = ladder_offered(cycle);
    return rung <= offered ? ACCEPTED : refuse_ladder(cycle, -1, -1, offered);
}

void mode_select(struct cycle *cycle, enum operating operating, int32_t percent) {
    cycle->operating = operating;
    cycle->rung = operating == OPERATING_SHOW           ? cycle->rig->ladder.rung_count - 1
                  : operating == OPERATING_WALK_THROUGH ? rung_of(cycle, percent)
                                                        : 0;
}

static int rungs_needed(const struct cycle *cycle) {
    return cycle->operating == OPERATING_SHOW ? cycle->rig->ladder.rung_count : cycle->rung;
}

struct verdict check_ladder(const struct cycle *cycle, int cue) {
    if (cycle->operating == OPERATING_SETUP)
        return REFUSED(REFUSED_SETUP);
    if (!has_ladder(&cycle->show->cue[cue]))
        return ACCEPTED;
    return cycle->clean[cue] >= rungs_needed(cycle)
               ? ACCEPTED
               : refuse_ladder(cycle, cycle->show->cue[cue].axis, cue, cycle->clean[cue]);
}

/* Each for itself: one that stood at its place while the others ran the ladder has shown nothing, and one that was slow
 * beside a longer way than today's has not shown its speed of today. */
struct verdict check_ladder_of_axes(const struct cycle *cycle, int cue) {
    const struct cue *of = &cycle->show->cue[cue];
    double top_m_s[RIG_AXES_MAX];
    if (!of->has_to)
        return ACCEPTED;
    move_tops_m_s(cycle, of, top_m_s);
    for (int i = 0; i < cycle->rig->axis_count; i++)
        for (int rung = 0; rung < rungs_needed(cycle); rung++)
            if (top_m_s[i] > SHOWN * (double)cycle->shown_m_s[cue][i][rung])
                return refuse_ladder(cycle, i, cue, rung);
    return ACCEPTED;
}
