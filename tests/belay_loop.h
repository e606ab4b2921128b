/* The loop of the belaying law around a person on the wall, broken and measured: margins as a control engineer reads
 * them. The law is the real belay_step(), whose answers to small pulses are taken; drum, rope and cell are the
 * textbook's. SI; angles in degrees.
 */
#ifndef BELAY_TESTS_BELAY_LOOP_H
#define BELAY_TESTS_BELAY_LOOP_H

#include <stdbool.h>
#include <stdio.h>

#include "controller/rig/rig.h"

#define BELAY_LOOP_PLACE_M 15.0 /* rope paid out where the loop is measured; it has no lead */

struct belay_loop {
    double cycle_s, drive_lag_s, cell_lag_s; /* the drive's in two halves: before its speed loop, and that */
    int dead_cycles;        /* from a reading until the drive is told what was made of it; half a cycle more is held */
    double stiffness_n_m;   /* of the rope, */
    double told;            /* and what the rig says it is, times that */
    double damping_s;       /* of the rope: damping over stiffness */
    double tension_n;       /* where the margins are read; reference 90, band 30 to 150 */
    bool runner;            /* with the gains of a runner's line */
};

/* Gain: the least factor above 1 by which the loop may be louder until it swings for ever. `quieter`: the greatest one
 * below 1; 0 = any. */
struct belay_margin {
    double gain, phase_deg, quieter;
};

struct belay_margins {
    struct belay_margin setpoint; /* the whole loop, broken where the drive is told its speed */
    struct belay_margin tension;  /* broken behind the load cell, the encoder's loop closed: error of stiffness alone */
};

/* 2.5 cycles, drive and cell, as in the law. */
double belay_loop_lag_sum_s(const struct belay_loop *loop);

/* What the law is told of this loop: free-climb's rig, with a rope of the stiffness told at BELAY_LOOP_PLACE_M. */
struct rig_belay belay_loop_limits(const struct belay_loop *loop);

/* `nyquist`, when not NULL, gets both loops: rad/s, then real and imaginary part of each. */
void belay_loop_measure(const struct belay_loop *loop, struct belay_margins *margins, FILE *nyquist);

/* The same loop in time, with the drive `louder` times as fast as it is told to be: does a small push die away? */
bool belay_loop_settles(const struct belay_loop *loop, double louder);

#endif
