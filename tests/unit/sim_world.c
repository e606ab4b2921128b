/* The whole world without a network: world files, determinism, watchdogs and E-stop down to the rope, device faults. */
#include "tests/sim_bus.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct sim_truth pass(struct sim_world *world, int ms) {
    sim_world_step(world, (int64_t)ms * 1000);
    return sim_world_truth(world);
}

/* One cycle of a minimal controller: setpoint, controlword, heartbeat the outputs for brakes and relay, then 10 ms. */
static struct sim_truth cycle(struct sim_world *world, uint16_t controlword, int rpm, bool brake) {
    static uint16_t beat;
    sim_bus_write(world, 1, 0x0101, (uint16_t)(int16_t)rpm);
    sim_bus_write(world, 1, 0x0100, controlword);
    sim_bus_write(world, 4, 0x0800, (uint16_t)((brake ? 3 : 0) | (beat / 5 % 2 ? 4 : 0)));
    sim_bus_write(world, 4, 0x0801, ++beat);
    return pass(world, 10);
}

/* Enabled with the brake open, motor at `rpm` for `cycles` cycles. */
static struct sim_truth drive(struct sim_world *world, int rpm, int cycles) {
    static const uint16_t words[] = {0x06, 0x07, 0x0F};
    for (int i = 0; i < 10; i++) /* until the relay has had an edge */
        cycle(world, 0x06, 0, false);
    for (size_t i = 0; i < 3; i++)
        cycle(world, words[i], 0, false);
    for (int i = 0; i < 10; i++)
        cycle(world, 0x0F, 0, true);
    struct sim_truth truth = sim_world_truth(world);
    cr_assert(truth.drive_enabled && !truth.brake_closed);
    for (int i = 0; i < cycles; i++)
        truth = cycle(world, 0x0F, rpm, true);
    return truth;
}

Test(sim_world, starts_as_the_file_says) {
    struct sim_world *world = sim_bus_world(FREE_CLIMB_WORLD);
    struct sim_truth truth = sim_world_truth(world);
    cr_assert_float_eq(truth.height_m, 2, 1e-9);
    cr_assert_float_eq(truth.rope_out_m, 24.05, 1e-9);
    cr_assert_float_eq(truth.slack_m, 0.05, 1e-9);
    cr_assert(truth.brake_closed && !truth.drive_enabled && !truth.estop_pressed && !truth.on_ground);
    cr_assert_eq(truth.act, ACT_STAND);
    pass(world, 10);
    cr_assert_eq(sim_bus_read(world, 4, 3, 0), 0x7E33,
                 "both E-stop stations and every limit switch closed, brakes not open, no torque before a pulse");
    sim_world_free(world);
}

Test(sim_world, rpm_registers_and_rope_agree) {
    struct sim_world *world = sim_bus_world(FREE_CLIMB_WORLD);
    struct sim_truth before = drive(world, 1200, 50), after = drive(world, 1200, 100);
    cr_assert_float_eq(after.rope_speed_m_s, 1, 1e-3, "1200 rpm / 20 x 1 m");
    cr_assert_gt(after.rope_out_m, before.rope_out_m, "positive pays out");
    cr_assert_float_eq((int16_t)sim_bus_read(world, 1, 3, 0x0111), 1200, 2);
    uint32_t steps = (uint32_t)sim_bus_read(world, 3, 4, 0) << 16 | sim_bus_read(world, 3, 4, 1);
    cr_assert_float_eq(steps, 1000000 + after.rope_out_m * 8192, 4, "as of one 250 us step ago");
    sim_world_free(world);
}

Test(sim_world, the_drive_stops_by_itself_when_writes_stop) {
    struct sim_world *world = sim_bus_world(FREE_CLIMB_WORLD);
    struct sim_truth truth = drive(world, 1200, 100);
    double before_m = truth.rope_out_m;
    for (int ms = 10; ms < 145; ms++)
        truth = pass(world, 1);
    cr_assert_float_eq(truth.rope_speed_m_s, 1, 1e-3, "runs on until the watchdog expires");
    for (int ms = 145; ms < 300; ms++)
        truth = pass(world, 1);
    cr_assert_float_eq(truth.rope_speed_m_s, 0, 0.02, "stands 100 ms and the loop's lag later");
    double path_m = truth.rope_out_m - before_m;
    cr_assert_float_eq(path_m, 0.140 + 0.5 / 10 + 0.02, 0.015, "%g m", path_m);
    truth = pass(world, 600);
    cr_assert(truth.brake_closed && !truth.drive_enabled);
    cr_assert_eq(sim_bus_read(world, 1, 3, 0x0113), 0x7510);
    sim_world_free(world);
}

Test(sim_world, a_hanging_person_is_not_dropped_when_writes_stop) {
    struct sim_world *world = sim_bus_world(FREE_CLIMB_WORLD);
    drive(world, 0, 1);
    sim_world_act(world, ACT_SLUMP, 0);
    struct sim_truth truth = drive(world, 0, 8000);
    cr_assert_float_eq(truth.tension_n, 80 * 9.81, 100, "%g N", truth.tension_n);
    double before_m = truth.rope_out_m, farthest_m = 0;
    int let_go_ms = 0;
    for (int ms = 0; ms < 2000; ms++) {
        truth = pass(world, 1);
        farthest_m = fmax(farthest_m, fabs(truth.rope_out_m - before_m));
        let_go_ms += truth.drive_enabled;
    }
    cr_assert(truth.brake_closed && !truth.drive_enabled);
    cr_assert_lt(farthest_m, 0.002, "the rope went %g m between drive and brake", farthest_m);
    cr_assert_geq(let_go_ms, 300 + 100 + 50, "the I/O block's watchdog, the brake's travel, the rise of its force");
    sim_world_free(world);
}

Test(sim_world, estop_takes_torque_and_brake_after_its_delay_whatever_is_written) {
    struct sim_world *world = sim_bus_world(FREE_CLIMB_WORLD);
    drive(world, -600, 20);
    sim_world_estop(world, 0, true);
    struct sim_truth truth = cycle(world, 0x0F, -600, true);
    cr_assert(truth.estop_pressed);
    cr_assert_eq(sim_bus_read(world, 4, 3, 0) & 3, 0, "both channels open at once");
    for (int ms = 10; ms < 840; ms += 10)
        truth = cycle(world, 0x0F, -600, true);
    cr_assert(truth.drive_enabled && !truth.brake_closed, "the delay is the controller's time to stop in");
    truth = cycle(world, 0x0F, -600, true);
    truth = cycle(world, 0x0F, -600, true);
    cr_assert(!truth.drive_enabled);
    cr_assert_eq(sim_bus_read(world, 4, 3, 0) & 8, 0);
    cr_assert_eq(sim_bus_read(world, 1, 3, 0x0110) & 0x5F, 0x40, "voltage off, switch on disabled");
    for (int ms = 0; ms < 100; ms += 10)
        truth = cycle(world, 0x0F, -600, true);
    cr_assert(truth.brake_closed);
    truth = pass(world, 100);
    cr_assert_eq(truth.rope_speed_m_s, 0);
    sim_world_estop(world, 0, false);
    for (int i = 0; i < 50; i++)
        truth = cycle(world, 0x0F, -600, false);
    cr_assert(!truth.drive_enabled && truth.brake_closed, "nothing resumes by itself");
    sim_world_free(world);
}

static uint64_t run_hash(int64_t chunk_us) {
    struct sim_world *world = sim_bus_world(FREE_CLIMB_WORLD);
    sim_world_act(world, ACT_CLIMB, 0);
    uint64_t hash = 14695981039346656037u;
    for (int64_t t_us = 0; t_us < 20000000; t_us += 60000) {
        sim_bus_write(world, 1, 0x0101, (uint16_t)(t_us / 60000));
        for (int64_t done_us = 0; done_us < 60000; done_us += chunk_us)
            sim_world_step(world, chunk_us);
        if (t_us == 9960000)
            sim_world_act(world, ACT_FALL, 0);
        struct sim_truth truth = sim_world_truth(world);
        const double values[] = {truth.height_m, truth.tension_n, truth.rope_out_m, truth.t_s,
                                 sim_bus_read(world, 2, 3, 8)};
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
            uint64_t bits;
            memcpy(&bits, &values[i], sizeof bits);
            hash = (hash ^ bits) * 1099511628211u;
        }
    }
    sim_world_free(world);
    return hash;
}

Test(sim_world, same_calls_same_world_however_time_is_cut) {
    uint64_t first = run_hash(1000);
    cr_assert_eq(first, run_hash(1000));
    cr_assert_eq(first, run_hash(60000));
    cr_assert_eq(first, run_hash(100), "time that fills no step is kept");
}

Test(sim_world, acts_have_names) {
    for (int act = 0; act < ACT_COUNT; act++)
        cr_assert_eq(sim_act_find(sim_act_name((enum sim_act)act)), act);
    cr_assert_eq(sim_act_find("jump"), -1);
    cr_assert_eq(sim_act_find(""), -1);
}

/* ---- faults ---- */

Test(sim_world, a_silent_unit_does_and_answers_nothing) {
    struct sim_world *world = sim_bus_world(FREE_CLIMB_WORLD);
    cr_assert_eq(sim_world_fault(world, 1, SIM_FAULT_SILENT, 50), 0);
    const uint8_t pdu[] = {6, 1, 0, 0, 6};
    uint8_t reply[253];
    cr_assert_eq(sim_world_request(world, 1, pdu, sizeof pdu, reply), 0);
    cr_assert_eq(sim_world_request(world, 5, pdu, sizeof pdu, reply), 0, "no such unit");
    cr_assert_eq(sim_bus_read(world, 2, 3, 0), 0xB1D2, "the others go on");
    pass(world, 51);
    cr_assert_eq(sim_bus_read(world, 1, 3, 0x0100), 0, "nothing was carried out, and it is over");
    sim_world_free(world);
}

Test(sim_world, a_frozen_unit_repeats_itself_while_its_firmware_works) {
    struct sim_world *world = sim_bus_world(FREE_CLIMB_WORLD);
    struct sim_truth before = drive(world, 600, 20);
    uint16_t step = sim_bus_read(world, 3, 4, 1);
    sim_world_fault(world, 3, SIM_FAULT_FROZEN, SIM_FAULT_STAYS);
    sim_world_fault(world, 1, SIM_FAULT_FROZEN, SIM_FAULT_STAYS);
    struct sim_truth after = drive(world, 600, 200);
    cr_assert_gt(after.rope_out_m, before.rope_out_m + 0.9, "the drive still obeys");
    cr_assert_eq(sim_bus_read(world, 3, 4, 1), step);
    sim_world_fault(world, 3, SIM_FAULT_NONE, SIM_FAULT_STAYS);
    cr_assert_neq(sim_bus_read(world, 3, 4, 1), step);
    sim_world_free(world);
}

Test(sim_world, a_garbled_unit_says_nothing_that_makes_sense_and_obeys) {
    struct sim_world *world = sim_bus_world(FREE_CLIMB_WORLD);
    struct sim_truth before = drive(world, 600, 20);
    sim_world_fault(world, 1, SIM_FAULT_GARBLED, SIM_FAULT_STAYS);
    struct sim_truth after = drive(world, 600, 200);
    cr_assert_gt(after.rope_out_m, before.rope_out_m + 0.9, "the drive still obeys");
    cr_assert_eq(sim_bus_read(world, 1, 3, 0x0100), 0xFFFF);
    sim_world_fault(world, 1, SIM_FAULT_NONE, SIM_FAULT_STAYS);
    cr_assert_neq(sim_bus_read(world, 1, 3, 0x0100), 0xFFFF);
    sim_world_free(world);
}

Test(sim_world, a_late_unit_has_a_delay) {
    struct sim_world *world = sim_bus_world(FREE_CLIMB_WORLD);
    cr_assert_eq(sim_world_delay_us(world, 2), 0);
    cr_assert_eq(sim_world_fault(world, 2, SIM_FAULT_LATE, 60), 0);
    cr_assert_eq(sim_world_delay_us(world, 2), 60000);
    cr_assert_eq(sim_world_delay_us(world, 3), 0);
    pass(world, 5000);
    cr_assert_eq(sim_world_delay_us(world, 2), 60000, "60 ms is its delay, not its length");
    cr_assert_eq(sim_world_fault(world, 2, SIM_FAULT_LATE, SIM_FAULT_STAYS), -EINVAL);
    cr_assert_eq(sim_world_fault(world, 2, SIM_FAULT_LATE, 0), -EINVAL);
    cr_assert_eq(sim_world_fault(world, 2, SIM_FAULT_SILENT, 60001), -EINVAL);
    cr_assert_eq(sim_world_fault(world, 0, SIM_FAULT_SILENT, 10), -ENODEV);
    cr_assert_eq(sim_world_fault(world, 5, SIM_FAULT_SILENT, 10), -ENODEV);
    cr_assert_eq(sim_world_delay_us(world, 2), 60000, "what was refused has changed nothing");
    sim_world_free(world);
}

/* ---- several winches ---- */

Test(sim_world, every_winch_has_its_units_and_its_truth) {
    struct sim_world *world = sim_bus_world(TWO_WINCHES_WORLD);
    static const uint16_t identity[] = {0xB1D1, 0xB1D2, 0xB1D3, 0xB1D4};
    static const uint16_t wire[] = {0, 0, 0x20, 3};
    for (uint8_t unit = 1; unit <= 8; unit++)
        cr_expect_eq(sim_bus_read(world, unit, (unit - 1) % 4 == 2 ? 4 : 3, wire[(unit - 1) % 4]),
                     identity[(unit - 1) % 4], "unit %d", unit);
    const uint8_t pdu[] = {3, 0, 0, 0, 1};
    uint8_t reply[253];
    cr_expect_eq(sim_world_request(world, 9, pdu, sizeof pdu, reply), 0, "there are two");
    cr_expect_eq(sim_world_fault(world, 9, SIM_FAULT_SILENT, 10), -ENODEV);
    cr_assert_eq(sim_world_winches(world), 2);
    cr_expect_str_eq(sim_world_winch(world, 1).name, "right");
    cr_expect_eq(sim_world_winch_find(world, "right"), 1);
    cr_expect_eq(sim_world_winch_find(world, "middle"), -1);
    cr_expect_str_eq(sim_world_load(world), "mass");
    pass(world, 1000);
    for (int i = 0; i < 2; i++) {
        const struct sim_winch winch = sim_world_winch(world, i);
        cr_expect_float_eq(winch.tension_n, 100 * 9.81, 1e-6);
        cr_expect(winch.brake_closed && !winch.drive_enabled && winch.slack_m == 0);
        cr_expect_float_eq(sim_bus_read(world, (uint8_t)(4 * i + 2), 3, 8), 100 * 9.81, 30);
    }
    cr_expect_neq(sim_bus_read(world, 2, 3, 8), sim_bus_read(world, 6, 3, 8), "each cell has noise of its own");
    cr_expect_eq(sim_world_truth(world).act, ACT_HANG);
    sim_world_free(world);
}

Test(sim_world, a_load_understands_the_acts_of_its_kind) {
    struct sim_world *world = sim_bus_world(TWO_WINCHES_WORLD);
    cr_expect_eq(sim_world_act(world, ACT_CLIMB, 0), -EINVAL);
    cr_expect_eq(sim_world_truth(world).act, ACT_HANG);
    cr_expect_eq(sim_world_act(world, ACT_HANG, 0), 0);
    sim_world_free(world);
    world = sim_bus_world(FREE_CLIMB_WORLD);
    cr_expect_eq(sim_world_act(world, ACT_HANG, 0), -EINVAL);
    cr_expect_eq(sim_world_act(world, ACT_SLUMP, 0), 0);
    sim_world_free(world);
}

/* The stations and the chain are the machine's: every block shows them, every drive has its torque from them. */
Test(sim_world, the_chain_is_that_of_all_winches_and_a_defect_that_of_one) {
    struct sim_world *world = sim_bus_world(TWO_WINCHES_WORLD);
    sim_bus_write(world, 4, 0x0800, 4); /* the first block's pulse */
    sim_bus_write(world, 4, 0x0801, 1);
    sim_bus_write(world, 4, 0x0800, 0);
    sim_bus_write(world, 4, 0x0801, 2);
    sim_bus_write(world, 4, 0x0800, 4);
    pass(world, 10);
    cr_expect_eq(sim_bus_read(world, 4, 3, 0), 0x7E3B);
    cr_expect_eq(sim_bus_read(world, 8, 3, 0), 0x7E3B);
    sim_world_defect(world, 1, SIM_DEFECT_STO_WIRE, true);
    sim_world_wire(world, 1, 0, SIM_WIRE_BROKEN);
    pass(world, 10);
    cr_expect_eq(sim_bus_read(world, 4, 3, 0), 0x7E3B);
    cr_expect_eq(sim_bus_read(world, 8, 3, 0), 0x7C33);
    sim_world_defect(world, 1, SIM_DEFECT_STO_WIRE, false);
    sim_world_wire(world, 1, 0, SIM_WIRE_GOOD);
    sim_world_estop(world, 1, true);
    pass(world, 10);
    for (uint8_t unit = 4; unit <= 8; unit = (uint8_t)(unit + 4))
        cr_expect_eq(sim_bus_read(world, unit, 3, 0) & 0x30, 0, "unit %d shows the pressed station", unit);
    for (int ms = 0; ms < 900; ms += 10) {
        sim_bus_write(world, 4, 0x0800, (uint16_t)(ms / 50 % 2 ? 4 : 0));
        sim_bus_write(world, 4, 0x0801, (uint16_t)(ms + 3));
        pass(world, 10);
    }
    for (uint8_t unit = 4; unit <= 8; unit = (uint8_t)(unit + 4))
        cr_expect_eq(sim_bus_read(world, unit, 3, 0) & 8, 0, "unit %d: no torque", unit);
    sim_world_free(world);
}

Test(sim_world, a_fault_of_one_winchs_unit_leaves_the_others) {
    struct sim_world *world = sim_bus_world(TWO_WINCHES_WORLD);
    cr_assert_eq(sim_world_fault(world, 6, SIM_FAULT_GARBLED, SIM_FAULT_STAYS), 0);
    cr_assert_eq(sim_world_fault(world, 7, SIM_FAULT_LATE, 60), 0);
    cr_expect_eq(sim_bus_read(world, 6, 3, 0), 0xFFFF);
    cr_expect_eq(sim_bus_read(world, 2, 3, 0), 0xB1D2);
    cr_expect_eq(sim_world_delay_us(world, 7), 60000);
    cr_expect_eq(sim_world_delay_us(world, 3), 0);
    sim_bus_write(world, 8, 0x0801, 5);
    cr_assert_eq(sim_world_fault(world, 8, SIM_FAULT_FROZEN, SIM_FAULT_STAYS), 0);
    sim_bus_write(world, 4, 0x0801, 77);
    sim_bus_write(world, 8, 0x0801, 77);
    cr_expect_eq(sim_bus_read(world, 4, 3, 1), 77);
    cr_expect_eq(sim_bus_read(world, 8, 3, 1), 5, "frozen as it was");
    sim_world_free(world);
}

/* ---- world files ---- */

static char *whole_file(const char *path) {
    FILE *file = fopen(path, "r");
    cr_assert(file);
    char *text = calloc(1, 16384);
    cr_assert_gt(fread(text, 1, 16383, file), 0);
    fclose(file);
    return text;
}

static char errors[4096];

/* Loads `file` with the line of the first key `key` replaced by `line`; NULL leaves its errors. */
static struct sim_world *changed(const char *file_name, const char *key, const char *line) {
    char path[] = "/tmp/belay-world-XXXXXX";
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    FILE *file = fdopen(fd, "w");
    char *text = whole_file(file_name), *at = strstr(text, key);
    cr_assert(at, "the world file holds no \"%s\"", key);
    while (at > text && at[-1] != '\n')
        at--;
    fprintf(file, "%.*s%s%s", (int)(at - text), text, line, strchr(at, '\n'));
    fclose(file);
    struct sim_world *world = sim_world_new(path, errors, sizeof errors);
    cr_assert_eq(world == NULL, errors[0] != '\0', "%s: a world or errors, not both", line);
    free(text);
    unlink(path);
    return world;
}

static struct sim_world *world_with(const char *key, const char *line) {
    return changed(FREE_CLIMB_WORLD, key, line);
}

static const char *errors_with(const char *key, const char *line) {
    sim_world_free(world_with(key, line));
    return errors;
}

/* 24.05 m of rope are paid out at the start. */
Test(sim_world, a_limit_switch_opens_at_its_place_or_when_its_wire_breaks) {
    static const char *const names[] = {"end payout",      "end takein", "ultimate payout",
                                        "ultimate takein", "dead turns", "overwrap"};
    struct sim_world *world = sim_bus_world(FREE_CLIMB_WORLD);
    for (int i = 0; i < 6; i++) {
        enum sim_wire wire = SIM_WIRE_COUNT;
        cr_assert_str_eq(sim_world_switch(world, 0, i, &wire), names[i]);
        cr_assert_eq(wire, SIM_WIRE_GOOD);
        sim_world_wire(world, 0, i, SIM_WIRE_BROKEN);
        pass(world, 10);
        cr_expect_eq(sim_bus_read(world, 4, 3, 0), 0x7E33 & ~(0x200 << i), "%s", names[i]);
        sim_world_wire(world, 0, i, SIM_WIRE_GOOD);
    }
    cr_assert_null(sim_world_switch(world, 0, 6, NULL));
    sim_world_free(world);
}

Test(sim_world, a_shorted_limit_switch_reads_closed_beyond_its_place) {
    struct sim_world *world =
        world_with("end payout", "      - {name: end payout, opens_below_m: -1, opens_above_m: 24.0}");
    pass(world, 10);
    cr_expect_eq(sim_bus_read(world, 4, 3, 0), 0x7C33, "open");
    sim_world_wire(world, 0, 0, SIM_WIRE_SHORTED);
    pass(world, 10);
    cr_expect_eq(sim_bus_read(world, 4, 3, 0), 0x7E33);
    sim_world_free(world);
}

Test(sim_world, files_with_mistakes_are_refused_by_name) {
    static const struct {
        const char *key, *line, *said;
    } rows[] = {
        {"mass_kg:", "    mass_kg: 80 kg", "load.climber.mass_kg"},
        {"mass_kg:", "    mass_kg: 1,5", "load.climber.mass_kg"},
        {"mass_kg:", "    mass_kg: nan", "load.climber.mass_kg"},
        {"mass_kg:", "    mass_kg: -80", "load.climber.mass_kg"},
        {"mass_kg:", "", "mass_kg"},
        {"slump_s:", "    slump_s: 1.0\n    hair: red", "hair"},
        {"slump_s:", "    slump_s: 1.0\n    slump_s: 1.0", "slump_s"},
        {"low_m:", "      low_m: 25.5", "load.climber.climbing.low_m"},
        {"high_m:", "      high_m: 27.0", "load.climber.climbing.high_m"},
        {"height_m:", "    height_m: 27.0", "load.climber.height_m"},
        {"pause_s_min:", "      pause_s_min: 59", "load.climber.climbing.pause_s_min"},
        {"rated_n:", "      rated_n: 5000", "winches[0].winch.rated_n"},
        {"watchdog_ms:", "      watchdog_ms: 155", "winches[0].drive.watchdog_ms"},
        {"stop_hold_ms:", "      stop_hold_ms: 255", "winches[0].drive.stop_hold_ms"},
        {"gear_ratio:", "      gear_ratio: 999", "winches[0].drive.acceleration_m_s2"},
        {"reaction:", "      reaction: stop", "winches[0].drive.reaction"},
        {"cliff top", "    - name: belay desk", "estop_chain.stations[1].name"},
        {"cliff top", "    - {}", "estop_chain.stations[1].name"},
        {"end takein", "      - {name: end payout, opens_below_m: 0, opens_above_m: 9}",
         "winches[0].limit_switches[1].name"},
        {"end takein", "      - {name: end, opens_below_m: 9, opens_above_m: 8}",
         "winches[0].limit_switches[1].opens_below_m"},
        {"end takein", "      - {name: end, opens_below_m: 9}", "winches[0].limit_switches[1].opens_above_m"},
        {"format:", "format: 2", "format"},
        {"load:", "load:\n  mass: {mass_kg: 5, height_m: 1}", "load: holds 2 kinds of load"},
        {"climber:", "  goat:", "load.goat"},
        {"climber:", "  mass:", "load.mass.slump_s"},
        {"- name: climber", "  - rope_name: x", "winches[0].name"},
        {"anchor_height_m:", "      anchor_height_m: 26\n      spring: {stiffness_n_m: 300}",
         "winches[0].rope.spring.stroke_m"},
        {"anchor_height_m:", "      anchor_height_m: 26\n      spring: {stiffness_n_m: 0, stroke_m: 0.8}",
         "winches[0].rope.spring.stiffness_n_m"},
        {"estop_chain:", "estop:", "estop_chain"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *found = errors_with(rows[i].key, rows[i].line);
        bool placed = strstr(found, "/tmp/belay-world-") != NULL;
        cr_expect(placed && strstr(found, rows[i].said), "%s: \"%s\"", rows[i].line, found);
    }
    cr_expect_str_eq(errors_with("mass_kg:", "    mass_kg: 60"), "", "nothing wrong with that one");
}

Test(sim_world, files_with_several_winches_are_refused_by_name) {
    static const struct {
        const char *key, *line, *said;
    } rows[] = {
        {"name: right", "  - name: left", "winches[1].name: left is the name of another winch"},
        {"height_m:", "    height_m: 27", "load.mass.height_m: 27 is above winches[1].rope.anchor_height_m"},
        {"mass_kg:", "    mass_kg: 0", "load.mass.mass_kg"},
        {"mass:", "  climber:", "load.climber: hangs on 1 to 1 lines, and there are 2 winches"},
        {"name: right", "  - name: right\n    colour: red", "winches[1].colour"},
        {"load:", "load: {}\nnothing:", "load: holds 0 kinds of load; expected one of: climber, mass"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sim_world_free(changed(TWO_WINCHES_WORLD, rows[i].key, rows[i].line));
        cr_expect(strstr(errors, rows[i].said), "%s: \"%s\"", rows[i].line, errors);
    }
}

#define PLATFORM "  platform:\n    inertia_kg_m2: 180\n    spacing_m: 3\n    shift_s: 1\n    offset_m: "

Test(sim_world, a_platform_tilts_when_people_move) {
    struct sim_world *world = changed(TWO_WINCHES_WORLD, "mass:", PLATFORM "0.3");
    cr_assert(world, "%s", errors);
    pass(world, 1000);
    cr_expect_float_eq(sim_world_winch(world, 1).tension_n, 200 * 9.81 * 0.6, 1e-3);
    cr_expect_float_eq(sim_world_truth(world).tilt_mm, 0, 1e-3);
    cr_assert_eq(sim_world_act(world, ACT_SHIFT, 10), 0);
    struct sim_truth truth = pass(world, 60000);
    cr_expect_float_eq(sim_world_winch(world, 1).tension_n, 200 * 9.81 * 0.7, 1);
    cr_expect_lt(truth.tilt_mm, -50);
    cr_expect_eq(truth.act, ACT_SHIFT);
    sim_world_free(world);
    cr_assert_null(changed(TWO_WINCHES_WORLD, "mass:", PLATFORM "-1.5"));
    cr_expect(strstr(errors, "load.platform.offset_m: -1.5 is not between the lines"), "%s", errors);
}

Test(sim_world, takes_are_drawn_anew_where_the_file_says_how) {
    struct sim_world *world = sim_bus_world(FREE_CLIMB_WORLD);
    cr_expect_eq(sim_world_draw(world, 1), -ENOENT);
    sim_world_free(world);
    world = sim_bus_world(TWO_WINCHES_WORLD);
    double sum_n[3];
    for (uint32_t seed = 0; seed < 3; seed++) {
        const double out_m = sim_world_winch(world, 0).rope_out_m;
        cr_assert_eq(sim_world_draw(world, seed % 2), 0);
        pass(world, 120000);
        sum_n[seed] = sim_world_winch(world, 0).tension_n + sim_world_winch(world, 1).tension_n;
        cr_expect_float_eq(sum_n[seed], 200 * 9.81, 5 * 9.81 + 0.01);
        cr_expect_eq(sim_world_winch(world, 0).rope_out_m, out_m, "no drum turns");
    }
    cr_expect_gt(fabs(sum_n[0] - sum_n[1]), 0.1);
    cr_expect_float_eq(sum_n[0], sum_n[2], 0.1, "the same seed again");
    sim_world_free(world);
    cr_assert_null(changed(TWO_WINCHES_WORLD, "start_mm:", ""));
    cr_expect(strstr(errors, "variation.start_mm"), "%s", errors);
    cr_assert_null(changed(TWO_WINCHES_WORLD, "load_kg:", "  load_kg: 101"));
    cr_expect(strstr(errors, "variation.load_kg: 101 is more than half of load.mass.mass_kg (200)"), "%s", errors);
}

Test(sim_world, a_file_that_is_not_there) {
    char found[200];
    cr_assert_null(sim_world_new("/nonexistent/world.yaml", found, sizeof found));
    cr_assert(strstr(found, "/nonexistent/world.yaml"), "%s", found);
    char tiny[8];
    cr_assert_null(sim_world_new("/nonexistent/world.yaml", tiny, sizeof tiny));
    cr_assert_lt(strlen(tiny), sizeof tiny, "cut, but terminated");
}
