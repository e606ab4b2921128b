/* The monitors. What each must and must not say is its contract. */
#include "controller/safety/monitor.h"

#include <assert.h>

#include "controller/safety/integer.h"
#include "controller/safety/travel.h"

#define NM_PER_UM INT64_C(1000)

static int32_t counted(int32_t count, bool counts) {
    if (!counts)
        return 0;
    return count < INT32_MAX ? count + 1 : count;
}

/* Counted often enough? What was not seen at all has not lasted. */
static bool lasted(int32_t count, int32_t cycles) {
    return count > 0 && count >= cycles;
}

static uint64_t fault_if(bool there, uint64_t fault) {
    return there ? fault : 0;
}

/* --- one reading against its limit -------------------------------------------------------------------------------- */

static bool overspeed(const struct monitor_limits *limits, const struct monitor_in *in) {
    return in->drive_ok && integer_magnitude(in->speed_um_s) > limits->overspeed_um_s;
}

static bool moves(const struct monitor_limits *limits, const struct monitor_in *in) {
    return in->drive_ok && integer_magnitude(in->speed_um_s) > limits->standstill_um_s;
}

static bool overtension(const struct monitor_limits *limits, const struct monitor_in *in) {
    return in->tension_ok && in->tension_mn > limits->tension_max_mn;
}

static bool peak_tension(const struct monitor_limits *limits, const struct monitor_in *in) {
    return in->tension_ok && in->tension_mn > limits->tension_peak_mn;
}

static bool tension_implausible(const struct monitor_limits *limits, const struct monitor_in *in) {
    if (!in->tension_ok)
        return false;
    return in->tension_mn < limits->tension_low_mn || in->tension_mn > limits->tension_high_mn;
}

static bool drive_fault(const struct monitor_in *in) {
    return in->drive_ok && in->drive_fault;
}

/* Beyond the working range only motion further out is a fault: the way back stays open. */
static bool position_limit(const struct monitor_limits *limits, const struct monitor_in *in,
                           const struct monitor_duty *duty) {
    if (!in->position_ok || !in->drive_ok || !duty->obeys)
        return false;
    bool past_max = in->position_um > limits->position_max_um && in->speed_um_s > limits->standstill_um_s;
    bool past_min = in->position_um < limits->position_min_um && in->speed_um_s < -limits->standstill_um_s;
    return past_max || past_min;
}

static bool ultimate_limit(const struct monitor_limits *limits, const struct monitor_in *in) {
    if (!in->position_ok)
        return false;
    return in->position_um > limits->ultimate_max_um || in->position_um < limits->ultimate_min_um;
}

/* A drive that gave up its torque is never enabled again from here: it may have restarted. */
static bool torque_lost(const struct monitor_in *in, const struct monitor_duty *duty) {
    bool stops_as_told = duty->stops_itself && in->drive_stops;
    return in->drive_ok && duty->needs_torque && !in->drive_enabled && !in->drive_fault && !stops_as_told;
}

static bool brake_lost(const struct monitor_in *in, const struct monitor_duty *duty) {
    return duty->released && in->brake_ok && in->brake_closed;
}

static uint64_t readings(const struct monitor_limits *limits, const struct monitor_in *in,
                         const struct monitor_duty *duty) {
    return fault_if(overspeed(limits, in), FAULT_BIT(OVERSPEED)) |
           fault_if(overtension(limits, in), FAULT_BIT(OVERTENSION)) |
           fault_if(peak_tension(limits, in), FAULT_BIT(PEAK_TENSION)) |
           fault_if(tension_implausible(limits, in), FAULT_BIT(TENSION_IMPLAUSIBLE)) |
           fault_if(drive_fault(in), FAULT_BIT(DRIVE_FAULT)) |
           fault_if(position_limit(limits, in, duty), FAULT_BIT(POSITION_LIMIT)) |
           fault_if(ultimate_limit(limits, in), FAULT_BIT(ULTIMATE_LIMIT)) |
           fault_if(torque_lost(in, duty), FAULT_BIT(DRIVE_DISOBEYS)) |
           fault_if(brake_lost(in, duty), FAULT_BIT(BRAKE_OPEN));
}

/* --- missing readings --------------------------------------------------------------------------------------------- */

static bool all_good(const struct monitor_in *in) {
    return in->drive_ok && in->position_ok && in->tension_ok && in->brake_ok;
}

static uint64_t stale(struct monitor *monitor, const struct monitor_in *in) {
    if (all_good(in))
        monitor->seen_good = true;
    if (!monitor->seen_good)
        return 0;
    return fault_if(!in->drive_ok, FAULT_BIT(DRIVE_STALE)) | fault_if(!in->position_ok, FAULT_BIT(POSITION_STALE)) |
           fault_if(!in->tension_ok, FAULT_BIT(TENSION_STALE)) | fault_if(!in->brake_ok, FAULT_BIT(IO_STALE));
}

/* --- the drive against the setpoint ------------------------------------------------------------------------------- */

static int32_t ring_index(int32_t newest, int32_t back) {
    return (newest + MONITOR_WINDOW_MAX - back) % MONITOR_WINDOW_MAX;
}

static void remember_setpoint(struct monitor *monitor, int32_t setpoint_um_s) {
    monitor->setpoint_next = (monitor->setpoint_next + 1) % MONITOR_WINDOW_MAX;
    monitor->setpoint_um_s[monitor->setpoint_next] = (int32_t)integer_bounded(setpoint_um_s, MONITOR_SPEED_MAX_UM_S);
}

/* The speed that the drum should have: the setpoint behind dead time and first-order lag. */
static void plan_speed(struct monitor *monitor, const struct monitor_limits *limits) {
    int64_t aim_nm_s = monitor->setpoint_um_s[ring_index(monitor->setpoint_next, limits->dead_cycles)] * NM_PER_UM;
    int64_t missing_nm_s = aim_nm_s - monitor->planned_nm_s;
    monitor->planned_before_nm_s = monitor->planned_nm_s;
    monitor->planned_nm_s += missing_nm_s * limits->cycle_us / ((int64_t)limits->lag_us + limits->cycle_us);
}

static int32_t slowest(const struct monitor *monitor, int32_t cycles) {
    int32_t low_um_s = monitor->setpoint_um_s[monitor->setpoint_next];
    for (int32_t back = 1; back < cycles; back++)
        if (monitor->setpoint_um_s[ring_index(monitor->setpoint_next, back)] < low_um_s)
            low_um_s = monitor->setpoint_um_s[ring_index(monitor->setpoint_next, back)];
    return low_um_s;
}

static int32_t fastest(const struct monitor *monitor, int32_t cycles) {
    int32_t high_um_s = monitor->setpoint_um_s[monitor->setpoint_next];
    for (int32_t back = 1; back < cycles; back++)
        if (monitor->setpoint_um_s[ring_index(monitor->setpoint_next, back)] > high_um_s)
            high_um_s = monitor->setpoint_um_s[ring_index(monitor->setpoint_next, back)];
    return high_um_s;
}

static bool outside(int64_t speed_um_s, int64_t low_um_s, int64_t high_um_s, int64_t allowed_um_s) {
    return speed_um_s < low_um_s - allowed_um_s || speed_um_s > high_um_s + allowed_um_s;
}

/* A drive that lags lies between the setpoints of the last cycles, one that disobeys does not. */
static bool disobeys(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                     const struct monitor_duty *duty) {
    int32_t low_um_s = slowest(monitor, limits->following_cycles);
    int32_t high_um_s = fastest(monitor, limits->following_cycles);
    bool away = outside(in->speed_um_s, low_um_s, high_um_s, limits->following_um_s);
    monitor->disobeys_cycles = counted(monitor->disobeys_cycles, duty->obeys && in->drive_ok && away);
    return lasted(monitor->disobeys_cycles, limits->following_cycles);
}

/* --- the drive against a stop word -------------------------------------------------------------------------------- */

/* A drive that was told to let go must say a state without torque, one in its own quick stop must say so or stand. */
static bool stop_unconfirmed(struct monitor *monitor, const struct monitor_limits *limits,
                             const struct monitor_in *in) {
    bool holds_on = in->asked_off && !in->drive_off;
    bool runs_on = in->asked_stop && in->drive_enabled && moves(limits, in);
    monitor->unconfirmed_cycles = counted(monitor->unconfirmed_cycles, in->drive_ok && (holds_on || runs_on));
    return monitor->unconfirmed_cycles > limits->confirm_cycles;
}

/* --- the closed brake --------------------------------------------------------------------------------------------- */

/* The drum's place when the brake came to hold. */
static void remember_hold(struct monitor *monitor, const struct monitor_in *in, bool relies) {
    if (!relies)
        monitor->held = false;
    else if (!monitor->held && in->position_ok) {
        monitor->held = true;
        monitor->held_um = in->position_um;
    }
}

/* Away from where the brake came to hold; from then on that is the place. */
static bool moved_away(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in) {
    int64_t way_um = integer_magnitude(in->position_um - monitor->held_um);
    bool away = monitor->held && in->position_ok && way_um > limits->moved_um;
    if (away)
        monitor->held_um = in->position_um;
    return away;
}

/* Movement is said only of a brake that reads closed: the fault takes the torque off, and behind one that is open or
 * not known the drive may be all that holds. */
static uint64_t closed_brake(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                             const struct monitor_duty *duty) {
    monitor->closed_cycles = counted(monitor->closed_cycles, duty->asks_closed);
    bool relies = duty->relies_on_brake && monitor->closed_cycles > limits->brake_close_cycles;
    bool reads_open = in->brake_ok && in->brake_open;
    bool reads_closed = in->brake_ok && !in->brake_open;
    remember_hold(monitor, in, relies && !reads_open);
    monitor->moving_cycles = counted(monitor->moving_cycles, relies && reads_closed && moves(limits, in));
    bool away = reads_closed && moved_away(monitor, limits, in);
    bool moved = away || lasted(monitor->moving_cycles, limits->moved_cycles);
    monitor->open_cycles = counted(monitor->open_cycles, relies && reads_open);
    bool open = lasted(monitor->open_cycles, limits->brake_close_cycles);
    return fault_if(moved, FAULT_BIT(MOVEMENT)) | fault_if(open, FAULT_BIT(BRAKE_CLOSE));
}

/* --- the load ----------------------------------------------------------------------------------------------------- */

/* Upward acceleration that the setpoint asks for, at most g and at least -g/2: so the limit never vanishes. */
static int64_t lifting_acceleration(const struct monitor *monitor, const struct monitor_limits *limits) {
    int64_t up_nm_s = monitor->planned_before_nm_s - monitor->planned_nm_s;
    int64_t up_um_s2 = integer_bounded(up_nm_s * NM_PER_UM / limits->cycle_us, MONITOR_GRAVITY_UM_S2);
    return up_um_s2 < -MONITOR_GRAVITY_UM_S2 / 2 ? -MONITOR_GRAVITY_UM_S2 / 2 : up_um_s2;
}

/* Does the tension mean more than a load whose weight is `weight_mn`? T > m (g + a). */
static bool heavier(int64_t tension_mn, int64_t weight_mn, int64_t up_um_s2) {
    return tension_mn * MONITOR_GRAVITY_UM_S2 > weight_mn * (MONITOR_GRAVITY_UM_S2 + up_um_s2);
}

static bool lifts(const struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in) {
    return in->setpoint_um_s < 0 || monitor->planned_nm_s < -limits->standstill_um_s * NM_PER_UM;
}

/* Once an overload, it is one until the load is back under the rated one. */
static bool still(bool was, bool trips, bool cleared) {
    if (trips)
        return true;
    return was && !cleared;
}

static uint64_t overload(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in) {
    bool watched = in->tension_ok && limits->overload_watched[in->mode];
    int64_t up_um_s2 = lifting_acceleration(monitor, limits);
    bool up = watched && lifts(monitor, limits, in) && heavier(in->tension_mn, limits->overload_mn, up_um_s2);
    bool both = watched && heavier(in->tension_mn, limits->overload_both_mn, up_um_s2);
    bool cleared = in->tension_ok && in->tension_mn < limits->overload_clear_mn;
    monitor->overload_cycles = counted(monitor->overload_cycles, up);
    monitor->overload_both_cycles = counted(monitor->overload_both_cycles, both);
    monitor->overloaded = still(monitor->overloaded, lasted(monitor->overload_cycles, limits->load_cycles), cleared);
    monitor->overloaded_both =
        still(monitor->overloaded_both, lasted(monitor->overload_both_cycles, limits->load_cycles), cleared);
    return fault_if(monitor->overloaded, FAULT_BIT(OVERLOAD)) |
           fault_if(monitor->overloaded_both, FAULT_BIT(OVERLOAD_BOTH));
}

static bool underload(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                      const struct monitor_duty *duty) {
    bool light = in->tension_ok && limits->underload_watched[in->mode] && duty->obeys && in->setpoint_um_s != 0 &&
                 in->tension_mn < limits->underload_mn;
    monitor->underload_cycles = counted(monitor->underload_cycles, light);
    return lasted(monitor->underload_cycles, limits->load_cycles);
}

static bool slack_payout(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in) {
    bool slack =
        in->tension_ok && limits->slack_watched[in->mode] && in->setpoint_um_s > 0 && in->tension_mn < limits->slack_mn;
    monitor->slack_cycles = counted(monitor->slack_cycles, slack);
    return lasted(monitor->slack_cycles, limits->load_cycles);
}

static bool tension_jumped(const struct monitor *monitor, const struct monitor_limits *limits,
                           const struct monitor_in *in) {
    if (!in->tension_ok || !monitor->tension_known || !limits->tension_rate_watched[in->mode])
        return false;
    return integer_magnitude((int64_t)in->tension_mn - monitor->tension_mn) > limits->tension_rate_mn;
}

static bool tension_frozen(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in) {
    bool same = limits->tension_same_watched && in->tension_ok && monitor->tension_known &&
                in->cell_raw == monitor->cell_raw && moves(limits, in);
    monitor->same_cycles = counted(monitor->same_cycles, same);
    return lasted(monitor->same_cycles, limits->tension_same_cycles);
}

static void remember_tension(struct monitor *monitor, const struct monitor_in *in) {
    monitor->tension_known = in->tension_ok;
    monitor->tension_mn = in->tension_mn;
    monitor->cell_raw = in->cell_raw;
}

static uint64_t loads(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                      const struct monitor_duty *duty) {
    uint64_t faults = overload(monitor, limits, in) |
                      fault_if(underload(monitor, limits, in, duty), FAULT_BIT(UNDERLOAD)) |
                      fault_if(slack_payout(monitor, limits, in), FAULT_BIT(SLACK_PAYOUT)) |
                      fault_if(tension_jumped(monitor, limits, in), FAULT_BIT(TENSION_RATE)) |
                      fault_if(tension_frozen(monitor, limits, in), FAULT_BIT(TENSION_FROZEN));
    remember_tension(monitor, in);
    return faults;
}

/* --- the chain ---------------------------------------------------------------------------------------------------- */

static bool chain_off(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in) {
    bool off = limits->sto_watched && in->sto_off && in->chain_closed;
    monitor->chain_cycles = counted(monitor->chain_cycles, off);
    return monitor->chain_cycles > limits->chain_cycles;
}

uint64_t monitor_step(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                      const struct monitor_duty *duty) {
    assert(limits->following_cycles >= 1 && limits->following_cycles <= MONITOR_WINDOW_MAX);
    assert(limits->window_cycles >= 1 && limits->window_cycles <= MONITOR_WINDOW_MAX);
    remember_setpoint(monitor, in->setpoint_um_s);
    plan_speed(monitor, limits);
    return stale(monitor, in) | readings(limits, in, duty) |
           fault_if(disobeys(monitor, limits, in, duty), FAULT_BIT(DRIVE_DISOBEYS)) |
           fault_if(stop_unconfirmed(monitor, limits, in), FAULT_BIT(STOP_UNCONFIRMED)) |
           travel_step(monitor, limits, in, duty) | closed_brake(monitor, limits, in, duty) |
           loads(monitor, limits, in, duty) | fault_if(chain_off(monitor, limits, in), FAULT_BIT(CHAIN_OFF));
}

uint64_t monitor_chain(struct monitor_chain *chain, bool io_ok, bool a_closed, bool b_closed,
                       int32_t discrepancy_cycles) {
    if (!io_ok) {
        chain->differ_cycles = 0;
        return FAULT_BIT(IO_STALE);
    }
    chain->differ_cycles = counted(chain->differ_cycles, a_closed != b_closed);
    bool differs = chain->differ_cycles >= discrepancy_cycles;
    if (differs)
        chain->welded = true;
    if (!a_closed && !b_closed)
        chain->welded = false;
    bool closed = a_closed && b_closed;
    return fault_if(!closed, FAULT_BIT(ESTOP)) | fault_if(differs, FAULT_BIT(ESTOP_DISCREPANCY)) |
           fault_if(closed && chain->welded, FAULT_BIT(ESTOP_WELDED));
}
