/* The clamp: what is wanted goes through when it is checked and good; else the fastest that is; else a ramp to zero. */
#include "controller/safety/clamp.h"

#define US_PER_S INT64_C(1000000)
#define POSITION_MAX_UM INT64_C(10000000000)
#define SANE_MAX_UM INT64_C(20000000000) /* a position reading beyond is none */
#define SPEED_MAX_UM_S 50000000
#define RATE_MAX_UM_S2 100000000
#define DELAY_MAX_US 10000000

/*@ requires min <= max;
    assigns \nothing;
    ensures min <= \result <= max;
    ensures min <= value <= max ==> \result == value;
    ensures value < min ==> \result == min;
    ensures value > max ==> \result == max;
*/
static int32_t bounded(int32_t value, int32_t min, int32_t max) {
    return value < min ? min : value > max ? max : value;
}

/*@ assigns \nothing;
    ensures \result == \min(a, b);
*/
static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/*@ assigns \nothing;
    ensures \result == \max(a, b);
*/
static int64_t larger(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/*@ requires 0 <= rate <= 2000000000 && 0 <= us <= 20000000;
    assigns \nothing;
    ensures \result == rate * us / 1000000;
    ensures 0 <= \result <= 40000000000;
*/
static int64_t per(int64_t rate, int64_t us) {
    //@ assert 0 <= rate * us <= 2000000000 * 20000000;
    return rate * us / US_PER_S;
}

/*@ requires clamp_rate_valid(rate_um_s2, cycle_us) && 1000 <= cycle_us <= 100000;
    assigns \nothing;
    ensures \result == clamp_step_of(rate_um_s2, cycle_us);
    ensures 1 <= \result <= 10000000;
*/
static int32_t step_of(int32_t rate_um_s2, int32_t cycle_us) {
    return (int32_t)per(rate_um_s2, cycle_us);
}

/*@ requires clamp_rate_valid(rate_um_s2, cycle_us) && 1000 <= cycle_us <= 100000;
    assigns \nothing;
    ensures \result == clamp_stop_step_of(rate_um_s2, cycle_us);
    ensures 1 <= \result <= 10000000;
*/
static int32_t stop_step_of(int32_t rate_um_s2, int32_t cycle_us) {
    //@ assert 1000000 <= rate_um_s2 * cycle_us <= 10000000000000;
    return (int32_t)(((int64_t)rate_um_s2 * cycle_us + US_PER_S - 1) / US_PER_S);
}

/*@ requires 1000 <= cycle_us <= 100000 && 0 <= reaction_us <= 2000000;
    assigns \nothing;
    ensures \result == reaction_us / cycle_us + 2;
    ensures 2 <= \result <= 2002;
*/
static int64_t lag_cycles(int64_t reaction_us, int64_t cycle_us) {
    int64_t whole = reaction_us / cycle_us;
    //@ assert 0 <= whole;
    //@ assert whole * cycle_us <= reaction_us;
    //@ assert whole * 1000 <= whole * cycle_us;
    return whole + 2;
}

/*@ requires 1 <= step_um_s <= 10000000 && 2 <= cycles <= 2002;
    assigns \nothing;
    ensures \result == step_um_s * cycles;
    ensures 0 <= \result <= 20020000000;
*/
static int64_t lead(int64_t step_um_s, int64_t cycles) {
    //@ assert 0 <= step_um_s * cycles <= 10000000 * 2002;
    return step_um_s * cycles;
}

/*@ requires \valid_read(limits) && (d == CLAMP_OUT || d == CLAMP_IN);
    requires 1000 <= limits->cycle_us <= 100000 && 0 <= limits->reaction_us <= 2000000;
    requires clamp_rate_valid(limits->stop_deceleration_um_s2[d], limits->cycle_us);
    requires clamp_rate_valid(limits->catch_deceleration_um_s2[d], limits->cycle_us);
    requires 0 <= speed_um_s <= limits->speed_max_um_s[d] <= 50000000;
    assigns \nothing;
    ensures \result == clamp_drum(limits, d, speed_um_s);
    ensures speed_um_s <= \result <= limits->speed_max_um_s[d];
*/
static int64_t drum_speed(const struct clamp_limits *limits, enum clamp_direction d, int64_t speed_um_s) {
    int64_t hardest = larger(limits->stop_deceleration_um_s2[d], limits->catch_deceleration_um_s2[d]);
    int64_t step = stop_step_of((int32_t)hardest, limits->cycle_us);
    /*@ assert step == clamp_stop_step_of(
          \max(limits->stop_deceleration_um_s2[d], limits->catch_deceleration_um_s2[d]), limits->cycle_us); */
    int64_t more = lead(step, lag_cycles(limits->reaction_us, limits->cycle_us));
    //@ assert more == clamp_lead(limits, d);
    return smaller(speed_um_s + more, limits->speed_max_um_s[d]);
}

/*@ requires \valid_read(path) && clamp_path_valid(path);
    assigns \nothing;
    ensures \result == clamp_grown(path);
    ensures 0 <= \result <= 1000000000;
*/
static int64_t grown_speed(const struct clamp_path *path) {
    //@ assert 0 <= path->growth_um_s2 * path->delay_us <= 1000000000000000;
    return ((int64_t)path->growth_um_s2 * path->delay_us + US_PER_S - 1) / US_PER_S;
}

/*@ requires 0 <= speed_um_s <= 1050000000 && 0 <= us <= 10000000;
    assigns \nothing;
    ensures \result == speed_um_s * us / 2000000;
    ensures 0 <= \result <= 5250000000;
*/
/* Travel while a speed builds up or falls evenly. */
static int64_t half(int64_t speed_um_s, int64_t us) {
    //@ assert 0 <= speed_um_s * us <= 1050000000 * 10000000;
    return speed_um_s * us / (2 * US_PER_S);
}

/*@ requires 0 <= drum_um_s <= 50000000 && 0 <= grown_um_s <= 1000000000 && 10 <= deceleration_um_s2 <= 100000000;
    assigns \nothing;
    ensures \result == (2 * drum_um_s + grown_um_s) * grown_um_s / (2 * deceleration_um_s2);
    ensures 0 <= \result <= 1100000000000000000;
*/
/* (drum + grown)^2 / 2a without the drum^2. */
static int64_t growth_travel(int64_t drum_um_s, int64_t grown_um_s, int64_t deceleration_um_s2) {
    int64_t sum = 2 * drum_um_s + grown_um_s;
    //@ assert 0 <= sum * grown_um_s <= 1100000000 * 1000000000;
    int64_t square = sum * grown_um_s;
    return square / (2 * deceleration_um_s2);
}

/*@ requires \valid_read(path) && clamp_path_valid(path);
    requires 0 <= wait_us <= 2200000 && 0 <= drum_um_s <= 50000000;
    assigns \nothing;
    ensures \result == clamp_run(path, wait_us, drum_um_s);
    ensures 4 <= \result <= 1200000000000000000;
*/
static int64_t run_of(const struct clamp_path *path, int64_t wait_us, int64_t drum_um_s) {
    int64_t grown = grown_speed(path);
    int64_t coast = per(drum_um_s, wait_us + path->delay_us);
    int64_t growing = half(grown, path->delay_us);
    int64_t building = half(drum_um_s + grown, path->jerk_us);
    return coast + growing + building + growth_travel(drum_um_s, grown, path->deceleration_um_s2) + 4;
}

/*@ requires 0 <= speed_um_s <= 50000000;
    assigns \nothing;
    ensures \result == speed_um_s * speed_um_s;
    ensures 0 <= \result <= 2500000000000000;
*/
static int64_t square(int64_t speed_um_s) {
    //@ assert 0 <= speed_um_s * speed_um_s <= 50000000 * 50000000;
    return speed_um_s * speed_um_s;
}

/*@ requires 10 <= slow_um_s2 <= 100000000 && 0 <= distance_um <= 30000000000;
    assigns \nothing;
    ensures \result == 2 * slow_um_s2 * distance_um;
    ensures 0 <= \result <= 6000000000000000000;
*/
/* The square of the speed that is gone after that distance. */
static int64_t square_lost(int64_t slow_um_s2, int64_t distance_um) {
    //@ assert 0 <= slow_um_s2 * distance_um <= 100000000 * 30000000000;
    return 2 * (slow_um_s2 * distance_um);
}

/*@ requires \valid_read(path) && clamp_path_valid(path) && 10 <= slow_um_s2 <= 100000000;
    requires 0 <= wait_us <= 2200000 && 0 <= drum_um_s <= 50000000;
    requires 0 <= from_um_s <= 50000000 && 0 <= to_um_s <= 50000000;
    requires -30000000000 <= distance_um <= 30000000000;
    assigns \nothing;
    ensures \result <==> clamp_slows(path, slow_um_s2, wait_us, drum_um_s, from_um_s, to_um_s, distance_um);
*/
static bool slows(const struct clamp_path *path, int64_t slow_um_s2, int64_t wait_us, int64_t drum_um_s,
                  int64_t from_um_s, int64_t to_um_s, int64_t distance_um) {
    int64_t run_um = run_of(path, wait_us, drum_um_s);
    if (run_um > distance_um)
        return false;
    return square(from_um_s) - square(to_um_s) <= square_lost(slow_um_s2, distance_um - run_um);
}

/*@ requires \valid_read(path) && clamp_path_valid(path) && \valid_read(ramp) && clamp_path_valid(ramp);
    requires 0 <= wait_us <= 2200000 && 0 <= drum_um_s <= 50000000;
    requires -30000000000 <= distance_um <= 30000000000;
    assigns \nothing;
    ensures \result <==> clamp_stop_ends(path, ramp, wait_us, drum_um_s, distance_um);
*/
static bool stop_ends(const struct clamp_path *path, const struct clamp_path *ramp, int64_t wait_us,
                      int64_t drum_um_s, int64_t distance_um) {
    int64_t slow_um_s2 = smaller(path->deceleration_um_s2, ramp->deceleration_um_s2);
    return slows(path, slow_um_s2, wait_us, drum_um_s, drum_um_s, 0, distance_um);
}

/*@ requires \valid_read(limits) && clamp_positions_valid(limits) && (d == CLAMP_OUT || d == CLAMP_IN);
    requires -20000000000 <= position_um <= 20000000000;
    assigns \nothing;
    ensures \result == clamp_room(limits, d, position_um);
    ensures -30000000000 <= \result <= 30000000000;
*/
static int64_t room(const struct clamp_limits *limits, enum clamp_direction d, int64_t position_um) {
    return d == CLAMP_OUT ? limits->position_max_um - position_um : position_um - limits->position_min_um;
}

/*@ requires \valid_read(limits) && clamp_positions_valid(limits) && (d == CLAMP_OUT || d == CLAMP_IN);
    requires -20000000000 <= position_um <= 20000000000;
    assigns \nothing;
    ensures \result == clamp_last_room(limits, d, position_um);
    ensures -30000000000 <= \result <= 30000000000;
*/
static int64_t last_room(const struct clamp_limits *limits, enum clamp_direction d, int64_t position_um) {
    return d == CLAMP_OUT ? limits->ultimate_max_um - position_um : position_um - limits->ultimate_min_um;
}

/*@ requires \valid_read(limits) && (d == CLAMP_OUT || d == CLAMP_IN) && clamp_paths_valid(limits, d);
    requires 0 <= wait_us <= 2200000 && 0 <= drum_um_s <= 50000000;
    requires -30000000000 <= last_um <= 30000000000;
    assigns \nothing;
    ensures \result <==> clamp_hard_stops(limits, d, wait_us, drum_um_s, last_um);
*/
static bool hard_stops(const struct clamp_limits *limits, enum clamp_direction d, int64_t wait_us, int64_t drum_um_s,
                       int64_t last_um) {
    bool link = stop_ends(&limits->path[CLAMP_LINK_LOST][d], &limits->path[CLAMP_RAMP][d], wait_us, drum_um_s, last_um);
    bool off = stop_ends(&limits->path[CLAMP_TORQUE_OFF][d], &limits->path[CLAMP_RAMP][d], wait_us, drum_um_s, last_um);
    return link && off;
}

/*@ requires \valid_read(limits) && clamp_positions_valid(limits) && (d == CLAMP_OUT || d == CLAMP_IN);
    requires clamp_paths_valid(limits, d);
    requires 0 <= wait_us <= 2200000 && 0 <= speed_um_s <= drum_um_s <= 50000000;
    requires -20000000000 <= position_um <= 20000000000;
    assigns \nothing;
    ensures \result <==> clamp_stops(limits, d, wait_us, drum_um_s, speed_um_s, position_um);
*/
static bool stops(const struct clamp_limits *limits, enum clamp_direction d, int64_t wait_us, int64_t drum_um_s,
                  int64_t speed_um_s, int64_t position_um) {
    int64_t slow_um_s2 = limits->path[CLAMP_RAMP][d].deceleration_um_s2;
    int64_t room_um = room(limits, d, position_um);
    bool ramped = slows(&limits->path[CLAMP_RAMP][d], slow_um_s2, wait_us, drum_um_s, speed_um_s, 0, room_um);
    return ramped && hard_stops(limits, d, wait_us, drum_um_s, last_room(limits, d, position_um));
}

/*@ requires \valid_read(band) && clamp_band_valid(band) && (d == CLAMP_OUT || d == CLAMP_IN);
    requires \valid_read(ramp) && clamp_path_valid(ramp);
    requires 0 <= wait_us <= 2200000 && 0 <= speed_um_s <= drum_um_s <= 50000000;
    requires -20000000000 <= position_um <= 20000000000;
    assigns \nothing;
    ensures \result <==> clamp_band_keeps(band, d, ramp, wait_us, drum_um_s, speed_um_s, position_um);
*/
static bool band_keeps(const struct clamp_band *band, enum clamp_direction d, const struct clamp_path *ramp,
                       int64_t wait_us, int64_t drum_um_s, int64_t speed_um_s, int64_t position_um) {
    bool behind = d == CLAMP_OUT ? position_um > band->to_um : position_um < band->from_um;
    if (behind || speed_um_s <= band->speed_um_s[d])
        return true;
    int64_t distance_um = d == CLAMP_OUT ? band->from_um - position_um : position_um - band->to_um;
    return slows(ramp, ramp->deceleration_um_s2, wait_us, drum_um_s, speed_um_s, band->speed_um_s[d], distance_um);
}

/*@ requires \valid_read(limits) && clamp_bands_valid(limits) && (d == CLAMP_OUT || d == CLAMP_IN);
    requires clamp_path_valid(&limits->path[CLAMP_RAMP][d]);
    requires 0 <= wait_us <= 2200000 && 0 <= speed_um_s <= drum_um_s <= 50000000;
    requires -20000000000 <= position_um <= 20000000000;
    assigns \nothing;
    ensures \result <==>
      clamp_bands_keep(limits, limits->band_count, d, wait_us, drum_um_s, speed_um_s, position_um);
*/
static bool bands_keep(const struct clamp_limits *limits, enum clamp_direction d, int64_t wait_us, int64_t drum_um_s,
                       int64_t speed_um_s, int64_t position_um) {
    /*@ loop invariant 0 <= i <= limits->band_count;
        loop invariant clamp_bands_keep(limits, i, d, wait_us, drum_um_s, speed_um_s, position_um);
        loop assigns i;
        loop variant limits->band_count - i;
    */
    for (int32_t i = 0; i < limits->band_count; i++)
        if (!band_keeps(&limits->band[i], d, &limits->path[CLAMP_RAMP][d], wait_us, drum_um_s, speed_um_s, position_um))
            return false;
    return true;
}

/*@ requires \valid_read(limits) && 1000 <= limits->cycle_us <= 100000 && 0 <= limits->reaction_us <= 2000000;
    assigns \nothing;
    ensures \result == clamp_wait(limits);
    ensures 0 <= \result <= 2200000;
*/
static int64_t wait_of(const struct clamp_limits *limits) {
    return (int64_t)limits->reaction_us + 2 * (int64_t)limits->cycle_us;
}

/*@ requires \valid_read(limits) && clamp_limits_valid(limits) && (d == CLAMP_OUT || d == CLAMP_IN);
    requires 0 <= speed_um_s <= limits->speed_max_um_s[d];
    requires -20000000000 <= position_um <= 20000000000;
    assigns \nothing;
    ensures \result <==> clamp_fits(limits, d, speed_um_s, position_um);
*/
static bool fits(const struct clamp_limits *limits, enum clamp_direction d, int64_t speed_um_s, int64_t position_um) {
    //@ assert clamp_direction_valid(limits, d);
    int64_t wait_us = wait_of(limits);
    int64_t drum_um_s = drum_speed(limits, d, speed_um_s);
    bool ending = stops(limits, d, wait_us, drum_um_s, speed_um_s, position_um);
    bool slow = bands_keep(limits, d, wait_us, drum_um_s, speed_um_s, position_um);
    return ending && slow;
}

/*@ requires \valid_read(limits) && \valid_read(in) && (d == CLAMP_OUT || d == CLAMP_IN);
    assigns \nothing;
    ensures \result <==> clamp_forbids(limits, in, d);
*/
static bool forbids(const struct clamp_limits *limits, const struct clamp_in *in, enum clamp_direction d) {
    bool weight = in->belaying && in->tension_mn >= limits->weight_on_line_mn;
    bool unfelt = in->mode == MODE_RECOVERY && !in->tension_ok;
    return in->blocked[d] || (d == CLAMP_OUT ? weight : unfelt);
}

/*@ requires \valid_read(in);
    assigns \nothing;
    ensures \result <==> clamp_waived(in);
*/
static bool waived(const struct clamp_in *in) {
    return in->mode == MODE_RECOVERY && in->position_waived;
}

/*@ requires \valid_read(limits) && \valid_read(in) && clamp_limits_valid(limits) && clamp_in_valid(in);
    requires d == CLAMP_OUT || d == CLAMP_IN;
    assigns \nothing;
    ensures \result == \min(limits->speed_um_s[in->mode][d], in->speed_cap_um_s[d]);
    ensures 0 <= \result <= limits->speed_max_um_s[d];
*/
/* The fastest that axis and operating mode have, wherever the drum is. */
static int64_t speed_limit(const struct clamp_limits *limits, const struct clamp_in *in, enum clamp_direction d) {
    return smaller(limits->speed_um_s[in->mode][d], in->speed_cap_um_s[d]);
}

/*@ requires \valid_read(limits) && \valid_read(in) && clamp_limits_valid(limits) && clamp_in_valid(in);
    requires clamp_waived(in) || clamp_position_sane(in);
    requires (d == CLAMP_OUT || d == CLAMP_IN) && 0 < speed_um_s <= 2147483648;
    assigns \nothing;
    ensures \result <==> clamp_admits(limits, in, d, speed_um_s);
*/
static bool admits(const struct clamp_limits *limits, const struct clamp_in *in, enum clamp_direction d,
                   int64_t speed_um_s) {
    if (forbids(limits, in, d) || speed_um_s > speed_limit(limits, in, d))
        return false;
    //@ assert speed_um_s <= limits->speed_max_um_s[d];
    return waived(in) || fits(limits, d, speed_um_s, in->position_um);
}

bool clamp_allows(const struct clamp_limits *limits, const struct clamp_in *in, int32_t setpoint_um_s) {
    if (setpoint_um_s > 0)
        return admits(limits, in, CLAMP_OUT, setpoint_um_s);
    return setpoint_um_s == 0 || admits(limits, in, CLAMP_IN, -(int64_t)setpoint_um_s);
}

/*@ requires \valid_read(limits) && \valid_read(in) && clamp_limits_valid(limits) && clamp_in_valid(in);
    requires clamp_waived(in) || clamp_position_sane(in);
    requires (d == CLAMP_OUT || d == CLAMP_IN) && 0 <= most_um_s <= 60000000;
    assigns \nothing;
    ensures 0 <= \result <= most_um_s;
    ensures \result == 0 || clamp_admits(limits, in, d, \result);
*/
/* The fastest that is admitted. The check alone decides: a search that went wrong could only be slow. */
static int32_t fastest(const struct clamp_limits *limits, const struct clamp_in *in, enum clamp_direction d,
                       int32_t most_um_s) {
    if (forbids(limits, in, d))
        return 0;
    int32_t good = 0;
    int32_t bad = (int32_t)smaller(most_um_s, speed_limit(limits, in, d)) + 1;
    /*@ loop invariant 0 <= good < bad <= most_um_s + 1;
        loop invariant good == 0 || clamp_admits(limits, in, d, good);
        loop assigns good, bad;
        loop variant bad - good;
    */
    while (bad - good > 1) {
        int32_t middle = good + (bad - good) / 2;
        if (admits(limits, in, d, middle))
            good = middle;
        else
            bad = middle;
    }
    return good;
}

/*@ requires \valid_read(limits) && clamp_limits_valid(limits) && (d == CLAMP_OUT || d == CLAMP_IN);
    assigns \nothing;
    ensures \result == clamp_faster(limits, d);
    ensures 1 <= \result <= 10000000;
*/
static int32_t faster(const struct clamp_limits *limits, enum clamp_direction d) {
    return step_of(limits->acceleration_um_s2[d], limits->cycle_us);
}

/*@ requires \valid_read(limits) && clamp_limits_valid(limits) && (d == CLAMP_OUT || d == CLAMP_IN);
    assigns \nothing;
    ensures \result == clamp_stop_step(limits, mode, d);
    ensures 1 <= \result <= 10000000;
*/
static int32_t stop_step(const struct clamp_limits *limits, enum axis_mode mode, enum clamp_direction d) {
    int32_t rate =
        mode == MODE_CATCH ? limits->catch_deceleration_um_s2[d] : limits->stop_deceleration_um_s2[d];
    return stop_step_of(rate, limits->cycle_us);
}

/*@ requires \valid_read(limits) && clamp_limits_valid(limits) && (d == CLAMP_OUT || d == CLAMP_IN);
    assigns \nothing;
    ensures \result == clamp_slower(limits, mode, d);
    ensures 1 <= \result <= 10000000;
*/
static int32_t slower(const struct clamp_limits *limits, enum axis_mode mode, enum clamp_direction d) {
    return (int32_t)smaller(faster(limits, d), stop_step(limits, mode, d));
}

/*@ requires \valid_read(limits) && clamp_limits_valid(limits) && -50000000 <= last_um_s <= 50000000;
    assigns \nothing;
    ensures \result == clamp_high(limits, mode, last_um_s);
    ensures last_um_s < \result <= 60000000;
    ensures \result > 0 ==> \result <= clamp_faster(limits, CLAMP_OUT) || last_um_s > 0;
*/
static int32_t highest(const struct clamp_limits *limits, enum axis_mode mode, int32_t last_um_s) {
    int32_t out = faster(limits, CLAMP_OUT);
    if (last_um_s >= 0)
        return last_um_s + out;
    return (int32_t)smaller(last_um_s + slower(limits, mode, CLAMP_IN), out);
}

/*@ requires \valid_read(limits) && clamp_limits_valid(limits) && -50000000 <= last_um_s <= 50000000;
    assigns \nothing;
    ensures \result == clamp_low(limits, mode, last_um_s);
    ensures -60000000 <= \result < last_um_s;
*/
static int32_t lowest(const struct clamp_limits *limits, enum axis_mode mode, int32_t last_um_s) {
    int32_t in = faster(limits, CLAMP_IN);
    if (last_um_s <= 0)
        return last_um_s - in;
    return (int32_t)larger(last_um_s - slower(limits, mode, CLAMP_OUT), -in);
}

/*@ requires \valid_read(limits) && clamp_limits_valid(limits) && -50000000 <= last_um_s <= 50000000;
    assigns \nothing;
    ensures \result == clamp_ramped(limits, mode, last_um_s);
    ensures 0 <= \result <= last_um_s || last_um_s <= \result <= 0;
*/
static int32_t ramped(const struct clamp_limits *limits, enum axis_mode mode, int32_t last_um_s) {
    if (last_um_s >= 0)
        return (int32_t)larger(0, last_um_s - stop_step(limits, mode, CLAMP_OUT));
    return (int32_t)smaller(0, last_um_s + stop_step(limits, mode, CLAMP_IN));
}

/*@ requires \valid_read(limits) && \valid_read(in) && clamp_limits_valid(limits) && clamp_in_valid(in);
    requires clamp_waived(in) || clamp_position_sane(in);
    assigns \nothing;
    ensures in_range: -50000000 <= \result <= 50000000;
    ensures held: clamp_allowed(limits, in, \result) ||
      \result == clamp_ramped(limits, in->mode, in->setpoint_um_s);
    ensures change:
      clamp_low(limits, in->mode, in->setpoint_um_s) <= \result <= clamp_high(limits, in->mode, in->setpoint_um_s) ||
      clamp_ramped(limits, in->mode, in->setpoint_um_s) <= \result <= in->setpoint_um_s ||
      in->setpoint_um_s <= \result <= clamp_ramped(limits, in->mode, in->setpoint_um_s);
    ensures transparent: clamp_allowed(limits, in, wanted_um_s) &&
      clamp_low(limits, in->mode, in->setpoint_um_s) <= wanted_um_s <=
        clamp_high(limits, in->mode, in->setpoint_um_s) ==> \result == wanted_um_s;
*/
static int32_t held(const struct clamp_limits *limits, const struct clamp_in *in, int32_t wanted_um_s) {
    int32_t last = in->setpoint_um_s;
    int32_t near = bounded(wanted_um_s, lowest(limits, in->mode, last), highest(limits, in->mode, last));
    if (clamp_allows(limits, in, near))
        return near;
    /* Should even the fastest be out of reach at the acceleration, the ramp of a stop is nearer to it. */
    int32_t stop = ramped(limits, in->mode, last);
    if (near > 0)
        return (int32_t)larger(fastest(limits, in, CLAMP_OUT, near), stop);
    return (int32_t)smaller(-fastest(limits, in, CLAMP_IN, -near), stop);
}

/*@ requires \valid_read(in);
    assigns \nothing;
    ensures \result <==> clamp_blind(in);
*/
static bool blind(const struct clamp_in *in) {
    bool lost = !in->position_ok || in->position_um < -SANE_MAX_UM || in->position_um > SANE_MAX_UM;
    bool unweighed = in->belaying && !in->tension_ok;
    return (lost && !waived(in)) || unweighed;
}

/* As slow to stop as is wanted, from the ramp up to no slowing at all. */
/*@ requires \valid_read(limits) && \valid_read(in) && clamp_limits_valid(limits) && clamp_in_valid(in);
    requires clamp_waived(in) || clamp_position_sane(in);
    assigns \nothing;
    ensures in_range: -50000000 <= \result <= 50000000;
    ensures following: clamp_allowed(limits, in, \result) ||
      \result == clamp_ramped(limits, in->mode, in->setpoint_um_s);
    ensures never_rising:
      clamp_ramped(limits, in->mode, in->setpoint_um_s) <= \result <= in->setpoint_um_s ||
      in->setpoint_um_s <= \result <= clamp_ramped(limits, in->mode, in->setpoint_um_s);
*/
static int32_t followed(const struct clamp_limits *limits, const struct clamp_in *in, int32_t wanted_um_s) {
    int32_t last = in->setpoint_um_s;
    int32_t stop = ramped(limits, in->mode, last);
    int32_t near = last >= 0 ? bounded(wanted_um_s, stop, last) : bounded(wanted_um_s, last, stop);
    return clamp_allows(limits, in, near) ? near : stop;
}

int32_t clamp_setpoint(const struct clamp_limits *limits, const struct clamp_in *in, int32_t wanted_um_s) {
    if (in->state != STATE_RUNNING && in->state != STATE_STOPPING)
        return 0;
    if (blind(in) || (in->state == STATE_STOPPING && !in->follows))
        return ramped(limits, in->mode, in->setpoint_um_s);
    if (in->state == STATE_STOPPING)
        return followed(limits, in, wanted_um_s);
    return held(limits, in, wanted_um_s);
}

/*@ assigns \nothing;
    ensures \result <==> min <= value <= max;
*/
static bool within(int64_t value, int64_t min, int64_t max) {
    return value >= min && value <= max;
}

/*@ requires 1000 <= cycle_us <= 100000;
    assigns \nothing;
    ensures \result <==> clamp_rate_valid(rate_um_s2, cycle_us);
*/
/* At least 1 um/s a cycle: a slower ramp would not move in integers. */
static bool rate_good(int32_t rate_um_s2, int32_t cycle_us) {
    if (!within(rate_um_s2, 10, RATE_MAX_UM_S2))
        return false;
    return (int64_t)rate_um_s2 * cycle_us >= US_PER_S;
}

/*@ requires \valid_read(path);
    assigns \nothing;
    ensures \result <==> clamp_path_valid(path);
*/
static bool path_good(const struct clamp_path *path) {
    return within(path->delay_us, 0, DELAY_MAX_US) && within(path->growth_um_s2, 0, RATE_MAX_UM_S2) &&
           within(path->deceleration_um_s2, 10, RATE_MAX_UM_S2) && within(path->jerk_us, 0, DELAY_MAX_US);
}

/*@ requires \valid_read(limits) && (d == CLAMP_OUT || d == CLAMP_IN);
    assigns \nothing;
    ensures \result <==> clamp_paths_valid(limits, d);
*/
static bool paths_good(const struct clamp_limits *limits, enum clamp_direction d) {
    return path_good(&limits->path[CLAMP_RAMP][d]) && path_good(&limits->path[CLAMP_LINK_LOST][d]) &&
           path_good(&limits->path[CLAMP_TORQUE_OFF][d]);
}

/*@ requires \valid_read(limits) && (d == CLAMP_OUT || d == CLAMP_IN);
    assigns \nothing;
    ensures \result <==>
      (\forall integer m; 0 <= m < MODE_COUNT ==> 0 <= limits->speed_um_s[m][d] <= limits->speed_max_um_s[d]);
*/
static bool speeds_good(const struct clamp_limits *limits, enum clamp_direction d) {
    /*@ loop invariant 0 <= m <= MODE_COUNT;
        loop invariant \forall integer k; 0 <= k < m ==> 0 <= limits->speed_um_s[k][d] <= limits->speed_max_um_s[d];
        loop assigns m;
        loop variant MODE_COUNT - m;
    */
    for (int m = 0; m < MODE_COUNT; m++)
        if (!within(limits->speed_um_s[m][d], 0, limits->speed_max_um_s[d]))
            return false;
    return true;
}

/*@ requires \valid_read(limits) && (d == CLAMP_OUT || d == CLAMP_IN) && 1000 <= limits->cycle_us <= 100000;
    assigns \nothing;
    ensures \result <==> clamp_direction_valid(limits, d);
*/
static bool direction_good(const struct clamp_limits *limits, enum clamp_direction d) {
    int32_t ramp = limits->path[CLAMP_RAMP][d].deceleration_um_s2;
    return within(limits->speed_max_um_s[d], 0, SPEED_MAX_UM_S) && speeds_good(limits, d) && paths_good(limits, d) &&
           rate_good(limits->acceleration_um_s2[d], limits->cycle_us) &&
           rate_good(limits->stop_deceleration_um_s2[d], limits->cycle_us) &&
           rate_good(limits->catch_deceleration_um_s2[d], limits->cycle_us) &&
           ramp <= limits->stop_deceleration_um_s2[d] && ramp <= limits->catch_deceleration_um_s2[d];
}

/*@ requires \valid_read(band);
    assigns \nothing;
    ensures \result <==> clamp_band_valid(band);
*/
static bool band_good(const struct clamp_band *band) {
    return within(band->from_um, -POSITION_MAX_UM, POSITION_MAX_UM) &&
           within(band->to_um, band->from_um, POSITION_MAX_UM) &&
           within(band->speed_um_s[CLAMP_OUT], 0, SPEED_MAX_UM_S) &&
           within(band->speed_um_s[CLAMP_IN], 0, SPEED_MAX_UM_S);
}

/*@ requires \valid_read(limits);
    assigns \nothing;
    ensures \result <==> clamp_bands_valid(limits);
*/
static bool bands_good(const struct clamp_limits *limits) {
    if (!within(limits->band_count, 0, CLAMP_BANDS_MAX))
        return false;
    /*@ loop invariant 0 <= i <= limits->band_count;
        loop invariant \forall integer k; 0 <= k < i ==> clamp_band_valid(&limits->band[k]);
        loop assigns i;
        loop variant limits->band_count - i;
    */
    for (int32_t i = 0; i < limits->band_count; i++)
        if (!band_good(&limits->band[i]))
            return false;
    return true;
}

/*@ requires \valid_read(limits);
    assigns \nothing;
    ensures \result <==> clamp_positions_valid(limits);
*/
static bool positions_good(const struct clamp_limits *limits) {
    return limits->ultimate_min_um >= -POSITION_MAX_UM && limits->ultimate_min_um <= limits->position_min_um &&
           limits->position_min_um <= limits->position_max_um && limits->position_max_um <= limits->ultimate_max_um &&
           limits->ultimate_max_um <= POSITION_MAX_UM;
}

bool clamp_limits_good(const struct clamp_limits *limits) {
    if (!within(limits->cycle_us, 1000, 100000))
        return false;
    return within(limits->reaction_us, 0, 2000000) && limits->weight_on_line_mn >= 0 && positions_good(limits) &&
           direction_good(limits, CLAMP_OUT) && direction_good(limits, CLAMP_IN) && bands_good(limits);
}
