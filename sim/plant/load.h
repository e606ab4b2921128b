/* What hangs on the lines. Each kind of load is one file, load_KIND.c, with its row of functions; everybody else works
 * with struct load. A kind gets the pull of its lines, and says where it holds them.
 *
 * To add a kind: its file with a struct of what the world file says and one of what moves, a member of each in the two
 * unions below, and a row in sim/world_load.c for the keys in the world file.
 */
#ifndef BELAY_SIM_PLANT_LOAD_H
#define BELAY_SIM_PLANT_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/plant/line.h"
#include "sim/plant/load_climber.h"
#include "sim/plant/load_deck.h"
#include "sim/plant/load_mass.h"
#include "sim/plant/load_platform.h"
#include "sim/plant/load_point.h"
#include "sim/plant/load_runner.h"
#include "sim/sim.h"

#define PLANT_GRAVITY_M_S2 9.81
#define PLANT_LINES_MAX SIM_WINCHES_MAX

struct load;

struct load_kind {
    const char *name;
    int lines_min, lines_max;
    uint32_t acts;          /* bits 1 << enum sim_act of those it understands */
    enum sim_act first_act; /* what it does at the start */
    /* As the config says; `start` gets how each line begins. */
    void (*init)(struct load *load, struct line_start *start);
    /* Where it holds each line now. The anchors are the config's, unless the kind moves them. */
    void (*ends)(const struct load *load, struct line_end *end);
    /* Begins an act of its own, before load->act says so. NULL: nothing to do. */
    void (*act)(struct load *load, enum sim_act act, double value, const double *tension_n);
    /* Advances by `dt_s` to load->t_s, speeds first and then places, and sets load->height_m to load->on_ground. */
    void (*step)(struct load *load, const double *tension_n, double dt_s);
    /* Its config is that of the world file again, from which this take differs by so much: its mass, and, for a kind
     * that stands by itself and does so now, its place. NULL: no world of this kind has a variation. */
    void (*vary)(struct load *load, double more_kg, double off_m);
};

struct load_config {
    const struct load_kind *kind;
    uint64_t seed;
    union {
        struct load_climber_config climber;
        struct load_mass_config mass;
        struct load_platform_config platform;
        struct load_point_config point;
        struct load_runner_config runner;
        struct load_deck_config deck;
    } of;
};

struct load {
    struct load_config config;
    int line_count;
    double anchor_height_m[PLANT_LINES_MAX]; /* last sheave of each line above the ground */
    enum sim_act act;
    double act_value; /* what sim_act_value() names */
    double t_s;       /* since the start */
    double height_m, speed_m_s, accel_m_s2; /* of what hangs there, upward positive */
    double x_m, y_m; /* of a point in space, from above; else 0 */
    bool on_ground;
    double deck_m, deck_m_s; /* a deck's place above that in a calm, and its speed, upward positive; else 0 */
    double tilt_mm[PLATFORMS_MAX]; /* of each platform: end of its second line above that of the first; else 0 */
    union {
        struct load_climber climber;
        struct load_mass mass;
        struct load_runner runner;
        struct load_platforms platforms;
        struct load_point point;
        struct load_deck deck;
    } of;
};

#endif
