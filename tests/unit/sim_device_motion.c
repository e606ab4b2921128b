/* The motion sensor: late, sampled, noisy, signed. */
#include "sim/device/sim_motion_sensor.h"

#include <criterion/criterion.h>
#include <math.h>

static struct sim_motion_sensor sensor_of(double latency_ms, double noise_mm) {
    struct sim_motion_sensor sensor;
    sim_motion_sensor_init(&sensor, &(struct sim_motion_sensor_config){latency_ms, 10, noise_mm, 5});
    return sensor;
}

static int32_t heave_tenth_mm(const struct sim_motion_sensor *sensor) {
    const uint32_t low = sim_motion_sensor_bank.read(sensor, true, 0x0100);
    const uint32_t high = sim_motion_sensor_bank.read(sensor, true, 0x0101);
    return (int32_t)(high << 16 | low);
}

Test(sim_device_motion, it_shows_what_was_and_renews_it_every_10_ms) {
    struct sim_motion_sensor sensor = sensor_of(20, 0);
    int32_t last = 0;
    uint16_t renewals = 0;
    for (int i = 1; i <= 4000; i++) {
        const double t_s = i * SIM_MOTION_STEP_US / 1e6;
        sim_motion_sensor_step(&sensor, -1.2 * t_s);
        if (i > 400 && heave_tenth_mm(&sensor) != last) {
            cr_expect_float_eq(heave_tenth_mm(&sensor), -1.2 * (t_s - 0.02) * 1e4, 0.51, "after %g s", t_s);
            renewals++;
        }
        last = heave_tenth_mm(&sensor);
    }
    cr_expect_eq(renewals, 90);
    cr_expect_eq(sim_motion_sensor_bank.read(&sensor, true, 0x0102), 100, "its own count");
    cr_expect_eq(sim_motion_sensor_bank.read(&sensor, true, 0x0103), 0);
    cr_expect_eq(sim_motion_sensor_bank.read(&sensor, true, 0x0110), 0xB1D5);
}

Test(sim_device_motion, noise_has_its_size) {
    struct sim_motion_sensor sensor = sensor_of(20, 10);
    double sum = 0, squares = 0;
    for (int i = 0; i < 10000; i++) {
        for (int k = 0; k < 40; k++)
            sim_motion_sensor_step(&sensor, 0.5);
        const double off_mm = heave_tenth_mm(&sensor) / 10.0 - 500;
        sum += i < 5 ? 0 : off_mm;
        squares += i < 5 ? 0 : off_mm * off_mm;
    }
    cr_expect_float_eq(sum / 10000, 0, 0.5);
    cr_expect_float_eq(sqrt(squares / 10000), 10, 0.3);
}

Test(sim_device_motion, nothing_is_written_and_only_function_4_reads) {
    struct sim_motion_sensor sensor = sensor_of(0, 0);
    uint8_t reply[BANK_PDU_MAX];
    cr_expect_eq(bank_request(&sim_motion_sensor_bank, &sensor, &sensor, (const uint8_t[]){4, 1, 0, 0, 4}, 5, reply),
                 10);
    bank_request(&sim_motion_sensor_bank, &sensor, &sensor, (const uint8_t[]){3, 1, 0, 0, 4}, 5, reply);
    cr_expect_eq(reply[1], BANK_ILLEGAL_FUNCTION);
    bank_request(&sim_motion_sensor_bank, &sensor, &sensor, (const uint8_t[]){6, 1, 0, 0, 4}, 5, reply);
    cr_expect_eq(reply[1], BANK_ILLEGAL_FUNCTION);
    bank_request(&sim_motion_sensor_bank, &sensor, &sensor, (const uint8_t[]){4, 1, 0, 0, 5}, 5, reply);
    cr_expect_eq(reply[1], BANK_ILLEGAL_ADDRESS);
}
