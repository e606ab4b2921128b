/* What the rope's model costs: ns a call, of each block of calls the fastest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "controller/motion/cable.h"
#include "controller/rig/winding.h"

#define BLOCK 1000

static const struct cable rope = {
    .ea_n = 6e6, .lead_m = 5, .weight_n_m = 10.8, .friction = 0.02, .sheaves = 1, .parts = 1};
static const struct winding drum = {
    .core_m = 0.4, .rope_m = 0.016, .turns_per_layer = 20, .nesting = WINDING_ON_TOP, .layers = 4};

static double tension(double at) {
    return cable_tension_n(&rope, 1750, at, 0.3, CABLE_PAYS_OUT);
}

static double place(double at) {
    return cable_place_m(&rope, at, 17000);
}

static double paid(double at) {
    return cable_paid_m(&rope, at, 17000);
}

static double wound(double at) {
    return winding_rope_m(&drum, at);
}

static double turns(double at) {
    return winding_turns(&drum, at);
}

static const struct {
    const char *name;
    double (*call)(double at);
} rows[] = {{"cable_tension_n", tension},
            {"cable_place_m", place},
            {"cable_paid_m", paid},
            {"winding_rope_m", wound},
            {"winding_turns", turns}};

static volatile double sum; /* so that nothing is left out */

static double now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

int main(int argc, char **argv) {
    const int blocks = argc == 3 && strcmp(argv[1], "--blocks") == 0 ? atoi(argv[2]) : 2000;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        double least_ns = 1e9;
        for (int block = 0; block < blocks; block++) {
            const double from_ns = now_ns();
            for (int i = 0; i < BLOCK; i++)
                sum += rows[row].call(1 + i * 0.05);
            const double took_ns = (now_ns() - from_ns) / BLOCK;
            least_ns = took_ns < least_ns ? took_ns : least_ns;
        }
        printf("%-16s %5.1f ns\n", rows[row].name, least_ns);
    }
    return 0;
}
