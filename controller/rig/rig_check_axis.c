/* What the values of one axis must be to each other. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "controller/rig/rig_check_parts.h"

#define FROZEN_MS_MAX 200 /* of a belaying line's load cell */
#define WEIGHT_N_MAX 300 /* on the line of a climber, of whatever weight */
#define HANDOVER_MS_MAX 2000 /* pads that do not hold let go at once; whoever reaches for the drum comes later */
#define ROUNDING 1e-9 /* relative: 0.6 x 250 must not refuse 150 */

/* `low` must be at most (or, when strict, below) `factor` x `high`; all values of one axis. A `*` stands for each mode
 * that the axis has. */
static const struct order_rule {
    const char *low, *high;
    double factor;
    bool strict;
    const char *why;
} order_rules[] = {
    {"limits.position_min_m", "limits.position_max_m", 1, true, "the range must have a length"},
    {"ultimate.position_min_m", "limits.position_min_m", 1, true, "a stop needs room beyond the limit"},
    {"limits.position_max_m", "ultimate.position_max_m", 1, true, "a stop needs room beyond the limit"},
    {"modes.*.payout_speed_max_m_s", "limits.payout_speed_max_m_s", 1, false, "modes keep inside the axis's speeds"},
    {"modes.*.takein_speed_max_m_s", "limits.takein_speed_max_m_s", 1, false, "modes keep inside the axis's speeds"},
    {"modes.*.acceleration_m_s2", "limits.stop_payout_deceleration_m_s2", 1, false, "a stop must beat every motion"},
    {"limits.stop_takein_deceleration_m_s2", "limits.stop_payout_deceleration_m_s2", 1, false,
     "gravity helps to stop a rising load"},
    {"limits.payout_speed_max_m_s", "limits.overspeed_m_s", 1, true, "a permitted speed must not trip"},
    {"limits.takein_speed_max_m_s", "limits.overspeed_m_s", 1, true, "a permitted speed must not trip"},
    {"limits.standstill_speed_m_s", "modes.*.payout_speed_max_m_s", 1, true, "motion must not count as standing"},
    {"limits.standstill_speed_m_s", "modes.*.takein_speed_max_m_s", 1, true, "motion must not count as standing"},
    {"limits.setup_speed_m_s", "limits.payout_speed_max_m_s", 1, false, "set-up is slower than all else"},
    {"limits.setup_speed_m_s", "limits.takein_speed_max_m_s", 1, false, "set-up is slower than all else"},
    {"limits.standstill_speed_m_s", "limits.setup_speed_m_s", 1, true, "motion must not count as standing"},
    {"commissioning.speed_max_m_s", "limits.setup_speed_m_s", 1, false, "commissioning is done in set-up"},
    {"limits.tension_max_n", "load.rated_dynamic_tension_n", 1, false, "the tension trips before the line is hurt"},
    {"monitors.tension_high_n", "load.rated_dynamic_tension_n", 2, false, "what tears the line is no reading"},
    {"load.overload_percent_up", "load.overload_percent_both", 1, false, "lifting stops first"},
    {"limits.tension_max_n", "monitors.tension_high_n", 1, true, "the limit must be a plausible reading"},
    {"brake.handover_mm", "monitors.moved_mm", 1, false, "what is watched closer moves less"},
    {"load.underload_n", "load.rated_mass_kg", GRAVITY_M_S2, true, "the rated load's weight is no underload"},
    {"limits.standstill_speed_m_s", "load.snatch_speed_m_s", 1, true, "motion must not count as standing"},
    {"load.snatch_speed_m_s", "limits.setup_speed_m_s", 1, false, "slack rope is taken in as slowly as in set-up"},
    {"landing.from_m", "landing.to_m", 1, true, "the window must have a length"},
    {"limits.position_min_m", "landing.from_m", 1, false, "the load is set down inside the range"},
    {"landing.to_m", "limits.position_max_m", 1, false, "the load is set down inside the range"},
    {"limits.standstill_speed_m_s", "landing.speed_m_s", 1, true, "motion must not count as standing"},
    {"landing.speed_m_s", "limits.setup_speed_m_s", 1, false, "a load is set down as slowly as in set-up"},
    {"belay.person_mass_kg", "load.rated_mass_kg", 1, false, "the person is a load that the line is rated for"},
    {"belay.slack_n", "belay.band_min_n", 1, true, "the band must not count as slack"},
    {"belay.band_min_n", "belay.tension_n", 1, true, "the reference lies inside the band"},
    {"belay.tension_n", "belay.band_max_n", 1, true, "the reference lies inside the band"},
    {"person.lightest_kg", "load.rated_mass_kg", 1, false, "the person is a load that the line is rated for"},
    {"person.lightest_kg", "belay.person_mass_kg", 1, false, "nobody registered is lighter than the lightest"},
    {"person.hangs_n", "belay.weight_on_line_n", 1, false, "what locks a moving line hangs on a standing one"},
    {"belay.band_max_n", "person.hangs_n", 1, true, "the taut rope of a person who stands can be unlocked"},
    {"belay.weight_on_line_n", "limits.tension_max_n", 1, true, "the line locks long before the tension trips"},
    {"belay.slack_takein_speed_max_m_s", "modes.follow.takein_speed_max_m_s", 1, false,
     "slack is taken in no faster than rope"},
    {"belay.restart_speed_max_m_s", "modes.follow.takein_speed_max_m_s", 1, false,
     "a restart is no faster than belaying"},
    {"belay.lowering_speed_max_m_s", "modes.jog.payout_speed_max_m_s", 1, false, "lowering is a jog"},
    {"modes.follow.payout_speed_max_m_s", "belay.fall_speed_m_s", 1, true, "following a climber is not a fall"},
    {"commissioning.bump_speed_m_s", "commissioning.speed_max_m_s", 1, false, "the bump is a jog of commissioning"},
    {"commissioning.speed_max_m_s", "modes.jog.payout_speed_max_m_s", 1, false, "it is a jog"},
    {"commissioning.speed_max_m_s", "modes.jog.takein_speed_max_m_s", 1, false, "it is a jog"},
    {"commissioning.tare_n_max", "belay.slack_n", 1, true, "a taut rope must not be tared away"},
    {"commissioning.tare_n_max", "load.rated_mass_kg", 0.05 * GRAVITY_M_S2, false, "a large tare hides a person"},
    {"commissioning.bump_tension_n", "belay.weight_on_line_n", 0.4, false, "the bump must not lock the line"},
    {"belay.catch_deceleration_m_s2", "limits.stop_payout_deceleration_m_s2", 1, false,
     "a stop never brakes less than a catch"},
};

/* On a line that belays a climber, and on one that unweights a runner. */
static const struct order_rule climber_rules[] = {
    {"belay.band_max_n", "belay.weight_on_line_n", 0.6, false, "normal excursions must not lock the line"},
    {"belay.weight_on_line_n", "person.lightest_kg", 0.4 * GRAVITY_M_S2, false,
     "0.4 of the lightest person's weight: somebody hanging still must never be lowered"},
    {"person.hangs_n", "person.lightest_kg", 0.4 * GRAVITY_M_S2, false,
     "0.4 of the weight: who holds on to something hangs there with a part of it"},
};
static const struct order_rule runner_rules[] = {
    {"belay.tension_n", "belay.weight_on_line_n", 2 / 3.0, false, "a runner's stride must not lock the line"},
    {"belay.band_max_n", "belay.weight_on_line_n", 1, true, "a runner's stride must not lock the line"},
    {"belay.weight_on_line_n", "person.lightest_kg", 0.7 * GRAVITY_M_S2, false,
     "0.7 of the weight, where a runner is unweighted: who stumbles must never be lowered"},
    {"belay.runner.speed_max_m_s", "modes.follow.payout_speed_max_m_s", 0.95, false, "the rope keeps up with a runner"},
    {"belay.runner.acceleration_max_m_s2", "modes.follow.acceleration_m_s2", 2 / 3.0, false,
     "the rope keeps up with a runner"},
    {"person.hangs_n", "person.lightest_kg", 0.7 * GRAVITY_M_S2, false, "0.7 of the weight, of a runner"},
};

/* `key` with its `*`, if it has one, as the mode's name. */
static void for_mode(const char *key, const char *mode, char text[static RIG_PATH_MAX]) {
    const char *const star = strchr(key, '*');
    const int before = star == NULL ? (int)strlen(key) : (int)(star - key);
    snprintf(text, RIG_PATH_MAX, "%.*s%s%s", before, key, star == NULL ? "" : mode, star == NULL ? "" : star + 1);
}

static void check_order(const struct rig_loader *loader, int axis, const struct order_rule *rule, const char *mode) {
    char low_key[RIG_PATH_MAX], high_key[RIG_PATH_MAX];
    double low = 0, high = 0;
    for_mode(rule->low, mode, low_key);
    for_mode(rule->high, mode, high_key);
    if (!rig_number_of(loader, "axes", axis, low_key, &low) || !rig_number_of(loader, "axes", axis, high_key, &high))
        return;
    const double most = rule->factor * high;
    if (rule->strict ? low < most : low <= most + fabs(most) * ROUNDING)
        return;
    char factor[32] = "";
    if (rule->factor != 1)
        snprintf(factor, sizeof factor, "%.4g x ", rule->factor);
    rig_fail(loader, "axes", axis, low_key, "%.10g is too much, expected %s %.4g = %s%s (%s)", low,
             rule->strict ? "less than" : "at most", most, factor, high_key, rule->why);
}

static void check_rules(const struct rig_loader *loader, int axis, const struct order_rule *rules, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const bool each = strchr(rules[i].low, '*') != NULL || strchr(rules[i].high, '*') != NULL;
        for (int mode = 0; mode < (each ? RIG_MODES : 1); mode++)
            check_order(loader, axis, &rules[i], rig_mode_words[mode]);
    }
}

static bool runs(const struct rig_loader *loader, int axis) {
    const struct rig_belay *const belay = &loader->raw->axes[axis].belay;
    return belay->present && belay->runner.present;
}

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static void check_orders(const struct rig_loader *loader, int axis) {
    check_rules(loader, axis, order_rules, COUNT(order_rules));
    if (runs(loader, axis))
        check_rules(loader, axis, runner_rules, COUNT(runner_rules));
    else
        check_rules(loader, axis, climber_rules, COUNT(climber_rules));
}

/* ---- bands ---- */

static void check_band(const struct rig_loader *loader, int axis, int band) {
    static const struct {
        const char *key;
        bool above; /* the band's value must be at least the axis's */
        const char *limit;
    } rows[] = {
        {"from_m", true, "limits.position_min_m"},
        {"to_m", false, "limits.position_max_m"},
        {"payout_speed_max_m_s", false, "limits.payout_speed_max_m_s"},
        {"takein_speed_max_m_s", false, "limits.takein_speed_max_m_s"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char key[RIG_PATH_MAX];
        double value = 0, limit = 0;
        snprintf(key, sizeof key, "bands[%d].%s", band, rows[i].key);
        if (rig_number_of(loader, "axes", axis, key, &value) &&
            rig_number_of(loader, "axes", axis, rows[i].limit, &limit) &&
            (rows[i].above ? value < limit : value > limit))
            rig_fail(loader, "axes", axis, key, "%.10g lies outside the axis's, expected at %s %.10g = %s", value,
                     rows[i].above ? "least" : "most", limit, rows[i].limit);
    }
}

/* In order of height and apart: each height has one pair of speeds. */
static void check_bands(const struct rig_loader *loader, int axis) {
    double end = 0;
    bool begun = false;
    for (int i = 0; i < loader->raw->axes[axis].bands_count; i++) {
        char from_key[RIG_PATH_MAX], to_key[RIG_PATH_MAX];
        double from = 0, to = 0;
        check_band(loader, axis, i);
        snprintf(from_key, sizeof from_key, "bands[%d].from_m", i);
        snprintf(to_key, sizeof to_key, "bands[%d].to_m", i);
        if (!rig_number_of(loader, "axes", axis, from_key, &from) || !rig_number_of(loader, "axes", axis, to_key, &to))
            continue;
        if (from >= to)
            rig_fail(loader, "axes", axis, to_key, "%.10g is too little, expected more than %.10g = from_m", to, from);
        if (begun && from < end)
            rig_fail(loader, "axes", axis, from_key,
                     "%.10g lies before the end of the band above, expected at least its to_m %.10g", from, end);
        end = begun ? fmax(end, to) : to;
        begun = true;
    }
}

/* ---- the person ---- */

/* Is this fault answered with off in some mode and direction? */
static bool lets_go_for(const struct rig *rig, int axis, enum fault_id fault) {
    const int table = rig->axis[axis].stops;
    bool off = false;
    for (int mode = 0; table >= 0 && mode < MODE_COUNT; mode++)
        for (int direction = 0; direction < DIRECTION_COUNT; direction++)
            off = off || rig->stop_table[table].cells.cell[fault][mode][direction].reaction == STOP_OFF;
    return off;
}

/* The belay law takes in or pays out for as long as a reading that stands still is not the one that it wants. */
static void check_frozen(const struct rig_loader *loader, int axis) {
    const struct rig_monitors *const monitors = &loader->raw->axes[axis].monitors;
    if (!monitors->has_tension_frozen)
        rig_fail(loader, "axes", axis, "monitors",
                 "no tension_frozen_ms on a line that belays, expected one of at most %d: the winch follows the cell",
                 FROZEN_MS_MAX);
    else if (rig_valid_of(loader, "axes", axis, "monitors.tension_frozen_ms") &&
             monitors->tension_frozen_ms > FROZEN_MS_MAX)
        rig_fail(loader, "axes", axis, "monitors.tension_frozen_ms",
                 "%d on a line that belays, expected at most %d: the winch follows the cell for so long",
                 monitors->tension_frozen_ms, FROZEN_MS_MAX);
}

#define PULL_WINDOW_MS_MAX 100

/* The law holds the cell's reading in its band: what pulls then, at most, before the motor tells that the cell lies? */
static void check_pull(const struct rig_loader *loader, int axis) {
    const struct raw_axis *const raw = &loader->raw->axes[axis];
    const struct rig_pull *const pull = &raw->monitors.pull;
    if (!pull->present) {
        rig_fail(loader, "axes", axis, "monitors",
                 "no pull on a line that belays, expected one: the winch follows the cell, and only the motor tells "
                 "that it lies");
        return;
    }
    if (rig_valid_of(loader, "axes", axis, "monitors.pull.window_ms") && pull->window_ms > PULL_WINDOW_MS_MAX)
        rig_fail(loader, "axes", axis, "monitors.pull.window_ms",
                 "%d on a line that belays, expected at most %d: the winch follows a cell that lies for three of them",
                 pull->window_ms, PULL_WINDOW_MS_MAX);
    const double share = pull->tolerance_percent / 100;
    const double hidden_n = share < 1 ? (raw->belay.band_max_n + pull->tolerance_n) / (1 - share) : (double)INFINITY;
    if (rig_valid_of(loader, "axes", axis, "monitors.pull") && rig_valid_of(loader, "axes", axis, "belay") &&
        hidden_n > raw->belay.weight_on_line_n)
        rig_fail(loader, "axes", axis, "monitors.pull",
                 "a cell that lies could hide a pull of %.0f N, expected at most weight_on_line_n, %.0f: narrow the "
                 "tolerance",
                 hidden_n, raw->belay.weight_on_line_n);
}

static void check_person(const struct rig_loader *loader, int axis) {
    const struct raw_axis *const raw = &loader->raw->axes[axis];
    if (!rig_valid_of(loader, "axes", axis, "carries_person"))
        return;
    const struct profile *const drive = rig_profile_of(loader, loader->rig->axis[axis].drive);
    if (raw->belay.present && !raw->belay.runner.present && raw->belay.weight_on_line_n > WEIGHT_N_MAX)
        rig_fail(loader, "axes", axis, "belay.weight_on_line_n",
                 "%.4g is too much, expected at most %d where nobody runs (belay.runner)", raw->belay.weight_on_line_n,
                 WEIGHT_N_MAX);
    if (raw->belay.present && !raw->carries_person)
        rig_fail(loader, "axes", axis, "carries_person",
                 "false beside a belay section, expected true: belaying holds a person");
    if (raw->carries_person && rig_valid_of(loader, "axes", axis, "drum.encoder_absolute") &&
        !raw->drum.encoder_absolute)
        rig_fail(loader, "axes", axis, "drum.encoder_absolute",
                 "false on a line that carries a person, expected an absolute encoder on the drum");
    if (raw->carries_person && !raw->person.present)
        rig_fail(loader, "axes", axis, "person",
                 "missing, expected it on a line that carries a person: who hangs there must be felt");
    if (!raw->carries_person && raw->person.present)
        rig_fail(loader, "axes", axis, "person", "on a line that carries nobody, expected it to be left out");
    if (raw->carries_person && drive != NULL && drive->kind == DEVICE_DRIVE && !drive->holds_zero_speed_with_torque)
        rig_fail(loader, "axes", axis, "drive",
                 "profile %s does not hold a load at speed 0, expected a drive that does for a person", drive->id);
    if (raw->carries_person && raw->brake.units_count == 1 && rig_valid_of(loader, "axes", axis, "brake.units"))
        rig_fail(loader, "axes", axis, "brake.units",
                 "one brake on a line that carries a person, expected two: each must hold alone");
    if (raw->belay.present && rig_valid_of(loader, "axes", axis, "monitors")) {
        check_frozen(loader, axis);
        check_pull(loader, axis);
    }
    if (raw->carries_person && lets_go_for(loader->rig, axis, FAULT_MOVEMENT))
        rig_fail(loader, "axes", axis, "stops",
                 "its table answers movement with off, expected drive: behind a brake that slips, a person hangs on "
                 "the drive");
    if (raw->carries_person && lets_go_for(loader->rig, axis, FAULT_DRIVE_UNCLEAR))
        rig_fail(loader, "axes", axis, "stops",
                 "its table answers drive_unclear with off, expected drive: two words of noise would let go of whoever "
                 "hangs on the drive");
}

/* Outputs that the I/O block has, each for one brake. */
static void check_brakes(const struct rig_loader *loader, int axis) {
    const struct raw_brake *const brake = &loader->raw->axes[axis].brake;
    const struct profile *const io = rig_profile_of(loader, loader->rig->axis[axis].brake.io);
    for (int i = 0; i < brake->units_count; i++) {
        char key[RIG_PATH_MAX];
        snprintf(key, sizeof key, "brake.units[%d].output", i);
        if (!rig_valid_of(loader, "axes", axis, key))
            continue;
        const int output = brake->units[i].output;
        if (io != NULL && io->kind == DEVICE_SAFETY_IO && output > io->io.brake_count)
            rig_fail(loader, "axes", axis, key, "%s has no output %d for a brake, it has %d", io->id, output,
                     io->io.brake_count);
        if (i > 0 && output == brake->units[0].output)
            rig_fail(loader, "axes", axis, key, "%d is the output of %s already, expected one of its own", output,
                     brake->units[0].name);
    }
}

static void check_handover(const struct rig_loader *loader, int axis) {
    const int32_t handover_ms = loader->raw->axes[axis].brake.handover_ms;
    if (rig_valid_of(loader, "axes", axis, "brake.handover_ms") && handover_ms > HANDOVER_MS_MAX)
        rig_fail(loader, "axes", axis, "brake.handover_ms",
                 "%d is too long, expected at most %d: a brake that does not hold shows it at once, and for so long "
                 "the drive takes torque by itself when somebody turns the drum",
                 handover_ms, HANDOVER_MS_MAX);
}

static void check_landing(const struct rig_loader *loader, int axis) {
    const struct raw_axis *const raw = &loader->raw->axes[axis];
    if (!raw->landing.present)
        return;
    if (raw->belay.present)
        rig_fail(loader, "axes", axis, "landing",
                 "beside a belay section, expected it to be left out: whoever is lowered lands by belay.slack_n");
    if (!raw->load.has_slack && !raw->load.has_underload && rig_valid_of(loader, "axes", axis, "load"))
        rig_fail(loader, "axes", axis, "landing",
                 "neither load.slack_n nor load.underload_n is there, expected one of them: else rope may be laid down "
                 "anywhere");
}

/* Beside a belay section the line's own slack_n does it. */
static void check_slack(const struct rig_loader *loader, int axis) {
    const struct raw_axis *const raw = &loader->raw->axes[axis];
    if (raw->belay.present || !raw->carries_person || raw->load.has_slack)
        return;
    if (rig_valid_of(loader, "axes", axis, "load"))
        rig_fail(loader, "axes", axis, "load",
                 "no slack_n on a line that carries a person, expected one: else rope is paid out to somebody who "
                 "stands already, and he drops into it");
}

static void check_snatch(const struct rig_loader *loader, int axis) {
    const struct raw_axis *const raw = &loader->raw->axes[axis];
    if (!rig_valid_of(loader, "axes", axis, "load") || raw->load.has_slack == raw->load.has_snatch_speed)
        return;
    if (raw->load.has_slack)
        rig_fail(loader, "axes", axis, "load",
                 "no snatch_speed_m_s beside slack_n, expected one: slack rope would come taut at full speed");
    else
        rig_fail(loader, "axes", axis, "load.snatch_speed_m_s",
                 "there is no load.slack_n, expected it too: it says which rope is slack");
}

static void check_torque(const struct rig_loader *loader, int axis) {
    static const char text[] =
        "profile %s reads no torque, expected a drive that tells it (or, where no person hangs, this key left out)";
    const struct profile *const drive = rig_profile_of(loader, loader->rig->axis[axis].drive);
    const struct raw_axis *const raw = &loader->raw->axes[axis];
    if (raw->carries_person && !raw->brake.has_torque_min && rig_valid_of(loader, "axes", axis, "carries_person") &&
        rig_valid_of(loader, "axes", axis, "brake"))
        rig_fail(loader, "axes", axis, "brake",
                 "no torque_min_percent on a line that carries a person, expected one: a drive that is enabled and "
                 "makes no torque drops whoever hangs there when the brake opens");
    if (drive == NULL || drive->kind != DEVICE_DRIVE || drive->term[TERM_TORQUE].present)
        return;
    if (raw->brake.has_torque_min)
        rig_fail(loader, "axes", axis, "brake.torque_min_percent", text, drive->id);
    if (raw->monitors.duty.present)
        rig_fail(loader, "axes", axis, "monitors.duty", text, drive->id);
    if (raw->monitors.pull.present)
        rig_fail(loader, "axes", axis, "monitors.pull", text, drive->id);
}

static void check_mode_presence(const struct rig_loader *loader, int axis) {
    const struct raw_axis *const raw = &loader->raw->axes[axis];
    const struct {
        const char *key;
        bool present;
    } rows[] = {{"modes.follow", raw->modes.follow.present}, {"modes.catch", raw->modes.catch.present}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (raw->belay.present && !rows[i].present && rig_valid_of(loader, "axes", axis, "modes"))
            rig_fail(loader, "axes", axis, rows[i].key, "missing, expected its speeds: the axis has a belay section");
        if (!raw->belay.present && rows[i].present)
            rig_fail(loader, "axes", axis, rows[i].key, "an axis without a belay section has no such mode");
    }
}

void rig_check_axis(const struct rig_loader *loader, int axis) {
    check_mode_presence(loader, axis);
    check_orders(loader, axis);
    check_bands(loader, axis);
    check_person(loader, axis);
    check_brakes(loader, axis);
    check_handover(loader, axis);
    check_landing(loader, axis);
    check_slack(loader, axis);
    check_snatch(loader, axis);
    check_torque(loader, axis);
    rig_check_commissioning(loader, axis);
}

static void print_rules(FILE *out, const struct order_rule *rules, size_t count, const char *whom) {
    for (size_t i = 0; i < count; i++) {
        const struct order_rule *const rule = &rules[i];
        char factor[32] = "";
        if (rule->factor != 1)
            snprintf(factor, sizeof factor, "%.4g x ", rule->factor);
        fprintf(out, "| `%s` | %s | %s`%s` | %s%s |\n", rule->low, rule->strict ? "less than" : "at most", factor,
                rule->high, whom, rule->why);
    }
}

void rig_rules_print(FILE *out) {
    assert(out != NULL);
    fputs("| value | | | because |\n|---|---|---|---|\n", out);
    print_rules(out, order_rules, COUNT(order_rules), "");
    print_rules(out, climber_rules, COUNT(climber_rules), "climber: ");
    print_rules(out, runner_rules, COUNT(runner_rules), "runner: ");
    fputs("\n", out);
    rig_check_physics_print(out);
}
