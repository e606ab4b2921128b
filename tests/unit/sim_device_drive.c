/* The virtual drive: enabling, ramps, the communication watchdog and its reactions, safe torque off, fault reset. */
#include "sim/device/sim_drive.h"

#include <criterion/criterion.h>
#include <math.h>

#define STEP_US 250

enum { CONTROLWORD = 0x0100, SETPOINT = 0x0101, SEQUENCE = 0x0102, STATUSWORD = 0x0110, FAULT_CODE = 0x0113 };
enum { MOTORING = 0x0103, GENERATING = 0x0104 };
enum { WATCHDOG = 0x0120, REACTION = 0x0121 };

/* A drive with an ideal motor: it turns as the drive says. */
struct bench {
    struct sim_drive drive;
    struct sim_drive_out out;
    double motor_rpm;
    bool voltage;
};

static struct bench bench_with(enum sim_drive_reaction reaction, int32_t watchdog_ms) {
    struct bench bench = {.voltage = true};
    struct sim_drive_config config = {.watchdog_ms = watchdog_ms, .reaction = reaction, .acceleration_rpm_s = 14400,
                                      .quick_stop_rpm_s = 12000, .setpoint_lag_ms = 20, .stop_hold_ms = 250};
    sim_drive_init(&bench.drive, &config);
    return bench;
}

static void pass(struct bench *bench, double ms) {
    for (int i = 0; i < lround(ms * 1000 / STEP_US); i++) {
        struct sim_drive_in in = {.motor_rpm = bench->motor_rpm, .voltage = bench->voltage};
        bench->out = sim_drive_step(&bench->drive, &in, STEP_US);
        if (bench->out.torque_on)
            bench->motor_rpm = bench->out.setpoint_rpm;
    }
}

static int write_word(struct bench *bench, uint16_t wire, uint16_t value) {
    const uint8_t pdu[] = {6, (uint8_t)(wire >> 8), (uint8_t)wire, (uint8_t)(value >> 8), (uint8_t)value};
    uint8_t reply[BANK_PDU_MAX];
    int length = bank_request(&sim_drive_bank, &bench->drive, &bench->drive, pdu, sizeof pdu, reply);
    return length == 2 ? reply[1] : 0;
}

static uint16_t read_word(const struct bench *bench, uint16_t wire) {
    return sim_drive_bank.read(&bench->drive, false, wire);
}

static void command(struct bench *bench, uint16_t word) {
    cr_assert_eq(write_word(bench, CONTROLWORD, word), 0);
    pass(bench, 2);
}

static void cr_state(const struct bench *bench, uint16_t mask, uint16_t value, const char *when) {
    cr_assert_eq(read_word(bench, STATUSWORD) & mask, value, "%s: statusword %04X", when, read_word(bench, STATUSWORD));
}

static void enable(struct bench *bench) {
    command(bench, 0x06);
    command(bench, 0x07);
    command(bench, 0x0F);
    cr_state(bench, 0x6F, 0x27, "enabled");
}

/* Enabled and turning at `rpm`, fed all the while. */
static void turn(struct bench *bench, int16_t rpm) {
    enable(bench);
    write_word(bench, SETPOINT, (uint16_t)rpm);
    for (int i = 0; i < 50; i++) {
        write_word(bench, CONTROLWORD, 0x0F);
        pass(bench, 10);
    }
    cr_assert_float_eq(bench->motor_rpm, rpm, 1);
}

Test(sim_device_drive, enables_step_by_step) {
    struct bench bench = bench_with(SIM_DRIVE_QUICK_STOP, 150);
    pass(&bench, 1);
    cr_state(&bench, 0x4F, 0x40, "power-on");
    cr_assert_eq(read_word(&bench, STATUSWORD) & 0x0210, 0x0210, "remote, voltage");
    command(&bench, 0x0F);
    cr_state(&bench, 0x4F, 0x40, "enable without shutdown does nothing");
    command(&bench, 0x06);
    cr_state(&bench, 0x6F, 0x21, "ready");
    cr_assert(!bench.out.torque_on);
    command(&bench, 0x07);
    cr_state(&bench, 0x6F, 0x23, "switched on");
    cr_assert(!bench.out.torque_on);
    command(&bench, 0x0F);
    cr_state(&bench, 0x6F, 0x27, "enabled");
    cr_assert(bench.out.torque_on);
    command(&bench, 0x06);
    cr_state(&bench, 0x6F, 0x21, "idle again");
    cr_assert(!bench.out.torque_on);
}

Test(sim_device_drive, setpoint_goes_through_lag_and_ramp) {
    struct bench bench = bench_with(SIM_DRIVE_QUICK_STOP, 0);
    enable(&bench);
    write_word(&bench, SETPOINT, 2400);
    double before = 0, steepest = 0;
    for (int i = 0; i < 1200; i++) {
        pass(&bench, 0.25);
        steepest = fmax(steepest, (bench.out.setpoint_rpm - before) / 0.00025);
        before = bench.out.setpoint_rpm;
    }
    cr_assert_float_eq(steepest, 14400, 1, "12 m/s2");
    cr_assert_float_eq(bench.out.setpoint_rpm, 2400, 1);
    write_word(&bench, SETPOINT, 100);
    pass(&bench, 20);
    cr_assert_gt(bench.out.setpoint_rpm, 2400 - 14400 * 0.021);
}

Test(sim_device_drive, enabling_takes_a_turning_motor_over_as_it_is) {
    struct bench bench = bench_with(SIM_DRIVE_QUICK_STOP, 0);
    bench.motor_rpm = 700;
    enable(&bench);
    cr_assert(bench.out.setpoint_rpm < 700 && bench.out.setpoint_rpm > 600, "%g", bench.out.setpoint_rpm);
}

Test(sim_device_drive, quick_stop_is_left_to_enabled_without_a_break_of_torque) {
    struct bench bench = bench_with(SIM_DRIVE_QUICK_STOP, 0);
    turn(&bench, 1200);
    command(&bench, 0x02);
    pass(&bench, 200);
    cr_assert_eq(bench.motor_rpm, 0);
    write_word(&bench, SETPOINT, 0);
    write_word(&bench, CONTROLWORD, 0x0F);
    for (int i = 0; i < 100; i++) {
        pass(&bench, 0.25);
        cr_assert(bench.out.torque_on);
        cr_assert_eq(bench.motor_rpm, 0);
    }
    cr_state(&bench, 0x6F, 0x27, "enabled");
}

Test(sim_device_drive, quick_stop_ramps_holds_and_is_left_by_enable_or_disable_only) {
    struct bench bench = bench_with(SIM_DRIVE_QUICK_STOP, 0);
    turn(&bench, 1200);
    command(&bench, 0x02);
    cr_state(&bench, 0x6F, 0x07, "quick stop");
    pass(&bench, 48);
    cr_assert_float_eq(bench.motor_rpm, 600, 15, "10 m/s2, half way");
    pass(&bench, 55);
    cr_assert_eq(bench.motor_rpm, 0);
    cr_assert(bench.out.torque_on, "holds");
    static const uint16_t others[] = {0x07, 0x06, 0x02, 0x86};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        command(&bench, others[i]);
        cr_state(&bench, 0x6F, 0x07, "stays");
    }
    command(&bench, 0x00);
    cr_state(&bench, 0x4F, 0x40, "disabled");
    cr_assert(!bench.out.torque_on);
}

/* The first words after a connect: whatever state the drive is found in, it gains no torque and loses none. */
Test(sim_device_drive, quick_stop_changes_no_torque_in_any_state) {
    static const uint16_t words[] = {0x00, 0x06, 0x07, 0x0F};
    for (size_t reached = 0; reached < sizeof words / sizeof words[0]; reached++) {
        struct bench bench = bench_with(SIM_DRIVE_QUICK_STOP, 150);
        for (size_t i = 0; i <= reached; i++)
            command(&bench, words[i]);
        bool torque_on = bench.out.torque_on;
        cr_assert_eq(torque_on, words[reached] == 0x0F);
        for (int i = 0; i < 10; i++) {
            command(&bench, 0x02);
            cr_assert_eq(bench.out.torque_on, torque_on, "after %04X", words[reached]);
        }
    }
}

Test(sim_device_drive, coast_takes_torque_at_once) {
    struct bench bench = bench_with(SIM_DRIVE_QUICK_STOP, 0);
    turn(&bench, 1200);
    write_word(&bench, CONTROLWORD, 0);
    pass(&bench, 0.25);
    cr_assert(!bench.out.torque_on);
    cr_state(&bench, 0x4F, 0x40, "coasting");
}

Test(sim_device_drive, watchdog_stops_when_writes_stop) {
    struct bench bench = bench_with(SIM_DRIVE_QUICK_STOP, 150);
    turn(&bench, 1200);
    write_word(&bench, CONTROLWORD, 0x0F);
    pass(&bench, 149);
    cr_state(&bench, 0x6F, 0x27, "just in time");
    pass(&bench, 2);
    cr_state(&bench, 0x4F, 0x0F, "fault reaction");
    cr_assert_eq(read_word(&bench, FAULT_CODE), 0x7510);
    cr_assert(bench.out.torque_on);
    pass(&bench, 100);
    cr_assert_eq(bench.motor_rpm, 0, "stands 1200 rpm / 12000 rpm/s later");
    cr_assert(bench.out.torque_on, "holds until the brake has closed");
    pass(&bench, 251);
    cr_state(&bench, 0x4F, 0x08, "fault");
    cr_assert(!bench.out.torque_on);
}

Test(sim_device_drive, only_the_controlword_feeds_the_watchdog) {
    struct bench bench = bench_with(SIM_DRIVE_QUICK_STOP, 150);
    turn(&bench, 300);
    for (int i = 0; i < 20; i++) {
        write_word(&bench, SETPOINT, 300);
        write_word(&bench, SEQUENCE, (uint16_t)i);
        uint8_t reply[BANK_PDU_MAX];
        bank_request(&sim_drive_bank, &bench.drive, &bench.drive, (const uint8_t[]){3, 1, 0x10, 0, 6}, 5, reply);
        pass(&bench, 10);
    }
    cr_state(&bench, 0x4F, 0x0F, "fault reaction");
}

Test(sim_device_drive, watchdog_sleeps_until_the_first_enable_and_when_off) {
    struct bench bench = bench_with(SIM_DRIVE_QUICK_STOP, 150);
    command(&bench, 0x06);
    pass(&bench, 1000);
    cr_state(&bench, 0x6F, 0x21, "never enabled: not armed");
    enable(&bench);
    command(&bench, 0x06);
    pass(&bench, 200);
    cr_state(&bench, 0x4F, 0x08, "armed once it has been enabled");
    struct bench off = bench_with(SIM_DRIVE_QUICK_STOP, 0);
    turn(&off, 300);
    pass(&off, 5000);
    cr_state(&off, 0x6F, 0x27, "off: runs on for ever");
    cr_assert_float_eq(off.motor_rpm, 300, 0.1);
}

Test(sim_device_drive, reactions) {
    struct bench coast = bench_with(SIM_DRIVE_COAST, 150), ramp = bench_with(SIM_DRIVE_RAMP, 150);
    struct bench ignore = bench_with(SIM_DRIVE_IGNORE, 150);
    turn(&coast, 1200);
    turn(&ramp, 1200);
    turn(&ignore, 1200);
    pass(&coast, 160);
    cr_assert(!coast.out.torque_on);
    cr_state(&coast, 0x4F, 0x08, "coast");
    pass(&ramp, 141); /* the last write was 10 ms ago */
    pass(&ramp, 42);
    cr_assert_float_eq(ramp.motor_rpm, 1200 - 14400 * 0.042, 20, "its own ramp");
    pass(&ignore, 2000);
    cr_state(&ignore, 0x6F, 0x27, "ignore");
}

Test(sim_device_drive, a_fault_needs_a_rising_edge) {
    struct bench bench = bench_with(SIM_DRIVE_COAST, 150);
    enable(&bench);
    write_word(&bench, CONTROLWORD, 0x8F); /* bit 7 is up before the fault comes */
    pass(&bench, 200);
    cr_state(&bench, 0x4F, 0x08, "fault");
    command(&bench, 0x80);
    cr_state(&bench, 0x4F, 0x08, "bit 7 was up all the time: no edge");
    command(&bench, 0x06);
    command(&bench, 0x0F);
    cr_state(&bench, 0x4F, 0x08, "no other word leaves a fault");
    command(&bench, 0x80);
    cr_state(&bench, 0x4F, 0x40, "edge");
    cr_assert_eq(read_word(&bench, FAULT_CODE), 0);
    command(&bench, 0x0F);
    cr_state(&bench, 0x4F, 0x40, "nothing resumes by itself");
}

Test(sim_device_drive, safe_torque_off_beats_every_command) {
    struct bench bench = bench_with(SIM_DRIVE_QUICK_STOP, 0);
    turn(&bench, 1200);
    bench.voltage = false;
    pass(&bench, 0.25);
    cr_assert(!bench.out.torque_on);
    cr_state(&bench, 0x4F, 0x40, "off");
    cr_assert_eq(read_word(&bench, STATUSWORD) & 0x10, 0);
    static const uint16_t words[] = {0x06, 0x07, 0x0F, 0x06, 0x0F};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        command(&bench, words[i]);
        cr_state(&bench, 0x4F, 0x40, "cannot be switched on");
    }
    bench.voltage = true;
    command(&bench, 0x0F);
    cr_state(&bench, 0x4F, 0x40, "voltage alone enables nothing");
}

Test(sim_device_drive, settings_are_checked) {
    struct bench bench = bench_with(SIM_DRIVE_QUICK_STOP, 150);
    cr_assert_eq(read_word(&bench, WATCHDOG), 15);
    cr_assert_eq(read_word(&bench, REACTION), 7);
    cr_assert_eq(read_word(&bench, 0x0122), 1440);
    cr_assert_eq(read_word(&bench, 0x0123), 1200);
    cr_assert_eq(read_word(&bench, 0x0124), 25);
    cr_assert_eq(write_word(&bench, REACTION, 5), BANK_ILLEGAL_VALUE);
    cr_assert_eq(write_word(&bench, 0x0122, 0), BANK_ILLEGAL_VALUE);
    cr_assert_eq(write_word(&bench, 0x0125, 1), BANK_ILLEGAL_ADDRESS);
    cr_assert_eq(write_word(&bench, STATUSWORD, 1), BANK_ILLEGAL_ADDRESS);
    cr_assert_eq(write_word(&bench, WATCHDOG, 3), 0);
    turn(&bench, 300);
    pass(&bench, 25); /* 35 ms after the last write */
    cr_state(&bench, 0x4F, 0x0F, "30 ms now");
}

Test(sim_device_drive, torque_limits_are_full_after_power_on_and_kept_as_written) {
    struct bench bench = bench_with(SIM_DRIVE_QUICK_STOP, 150);
    cr_expect(read_word(&bench, MOTORING) == 2500 && read_word(&bench, GENERATING) == 2500);
    cr_expect_eq(write_word(&bench, MOTORING, 400), 0);
    cr_expect_eq(write_word(&bench, GENERATING, 2500), 0);
    pass(&bench, 1);
    cr_expect_float_eq(bench.out.motoring_limit, 0.4, 1e-12);
    cr_expect_float_eq(bench.out.generating_limit, 2.5, 1e-12);
    cr_expect_eq(write_word(&bench, GENERATING, 2501), 3, "illegal value");
    cr_expect_eq(read_word(&bench, GENERATING), 2500);
    bench.drive.deaf = true;
    write_word(&bench, MOTORING, 100);
    cr_expect_eq(read_word(&bench, MOTORING), 400, "in local mode it takes none");
}
