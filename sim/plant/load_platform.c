/* The platform, for tilts that are small beside 1 rad: its lines stay vertical and its ends stay the spacing apart.
 *
 * About the centre of gravity, c off the middle of the spacing s:
 *   m z" = T1 + T2 - m g        J a" = (s / 2 - c) T2 - (s / 2 + c) T1 - m g d
 * d is the way by which people took the weight towards the second line; their own inertia stays where it was.
 */
#include "sim/plant/load_platform.h"

#include <assert.h>
#include <math.h>

#include "sim/plant/ground.h"
#include "sim/plant/load.h"

#define LINES 2 /* of each */
#define GROUND_N_M_KG 1000.0 /* as under any other mass */

/* Lever of each line about the middle. */
static double lever_m(const struct load *load, int line) {
    return load->config.of.platform.spacing_m / 2 * (line % LINES == 0 ? -1 : 1);
}

static const struct load_platform *platform_of(const struct load *load, int line) {
    return &load->of.platforms.each[line / LINES];
}

static double end_height_m(const struct load *load, int line) {
    return platform_of(load, line)->height_m + lever_m(load, line) * platform_of(load, line)->tilt_rad;
}

static double end_speed_m_s(const struct load *load, int line) {
    return platform_of(load, line)->speed_m_s + lever_m(load, line) * platform_of(load, line)->tilt_rad_s;
}

static void init(struct load *load, struct line_start *start) {
    const struct load_platform_config *config = &load->config.of.platform;
    assert(config->mass_kg > 0 && config->inertia_kg_m2 > 0 && config->spacing_m > 0 && config->shift_s > 0);
    assert(fabs(config->offset_m) < config->spacing_m / 2 && load->line_count % LINES == 0);
    const double second = 0.5 + config->offset_m / config->spacing_m;
    load->height_m = config->height_m;
    for (int i = 0; i < load->line_count; i++) {
        load->of.platforms.each[i / LINES].height_m = config->height_m;
        start[i].tension_n = config->mass_kg * PLANT_GRAVITY_M_S2 * (i % LINES == 0 ? 1 - second : second);
    }
}

static void ends(const struct load *load, struct line_end *end) {
    for (int i = 0; i < load->line_count; i++)
        end[i] = (struct line_end){.distance_m = load->anchor_height_m[i] - end_height_m(load, i),
                                   .speed_m_s = -end_speed_m_s(load, i)};
}

static void begin(struct load *load, enum sim_act act, double value, const double *tension_n) {
    (void)tension_n;
    struct load_platforms *platforms = &load->of.platforms;
    platforms->shift_goal = act == ACT_SHIFT ? value / 100 : 0;
    platforms->shift_rate_s = fabs(platforms->shift_goal - platforms->shifted) / load->config.of.platform.shift_s;
}

static void walk(struct load_platforms *platforms, double dt_s) {
    const double left = platforms->shift_goal - platforms->shifted;
    platforms->shifted += copysign(fmin(fabs(left), platforms->shift_rate_s * dt_s), left);
}

static void step_one(struct load *load, int first, const double *tension_n, double dt_s) {
    const struct load_platform_config *config = &load->config.of.platform;
    struct load_platform *platform = &load->of.platforms.each[first / LINES];
    const double weight_n = config->mass_kg * PLANT_GRAVITY_M_S2;
    double up_n = -weight_n, torque_nm = -weight_n * load->of.platforms.shifted * config->spacing_m;
    for (int i = first; i < first + LINES; i++) {
        platform->ground_n[i - first] = ground_push_n(GROUND_N_M_KG * config->mass_kg / LINES, config->mass_kg / LINES,
                                                      end_height_m(load, i), end_speed_m_s(load, i));
        const double end_n = tension_n[i] + platform->ground_n[i - first];
        up_n += end_n;
        torque_nm += (lever_m(load, i) - config->offset_m) * end_n;
    }
    const double tilt_rad_s2 = torque_nm / config->inertia_kg_m2;
    platform->accel_m_s2 = up_n / config->mass_kg - config->offset_m * tilt_rad_s2;
    platform->tilt_rad_s += tilt_rad_s2 * dt_s;
    platform->speed_m_s += platform->accel_m_s2 * dt_s;
    platform->tilt_rad += platform->tilt_rad_s * dt_s;
    platform->height_m += platform->speed_m_s * dt_s;
}

/* The load's own place is that of the first one. */
static void step(struct load *load, const double *tension_n, double dt_s) {
    const struct load_platform *first = &load->of.platforms.each[0];
    walk(&load->of.platforms, dt_s);
    load->on_ground = false;
    for (int i = 0; i < load->line_count; i += LINES) {
        step_one(load, i, tension_n, dt_s);
        const struct load_platform *one = platform_of(load, i);
        load->on_ground = load->on_ground || one->ground_n[0] > 0 || one->ground_n[1] > 0;
        load->tilt_mm[i / LINES] = 1000 * load->config.of.platform.spacing_m * one->tilt_rad;
    }
    load->accel_m_s2 = first->accel_m_s2;
    load->speed_m_s = first->speed_m_s;
    load->height_m = first->height_m;
}

static void vary(struct load *load, double more_kg, double off_m) {
    (void)off_m;
    load->config.of.platform.mass_kg += more_kg;
}

const struct load_kind load_platform_kind = {
    .name = "platform",
    .lines_min = LINES,
    .lines_max = LINES * PLATFORMS_MAX,
    .acts = 1u << ACT_HANG | 1u << ACT_SHIFT,
    .first_act = ACT_HANG,
    .init = init,
    .ends = ends,
    .act = begin,
    .step = step,
    .vary = vary,
};
