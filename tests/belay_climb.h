/* Random climbing on the belaying law, without bus and cycle: the real belay_step() against the simulator's winch,
 * rope, load cell and climber (free-climb's), with the dead time that the bus would have. Much quicker than the whole
 * system, for maps over many ropes and lags. SI.
 */
#ifndef BELAY_TESTS_BELAY_CLIMB_H
#define BELAY_TESTS_BELAY_CLIMB_H

#include <stdint.h>

#include "tests/belay_loop.h"

/* What was seen at the harness, summed over flights. */
struct belay_climb {
    long steps, in_band_steps; /* of BELAY_CLIMB_STEP_S, all and those in the band, 30 to 150 N */
    double tension_min_n, tension_max_n;
    double slack_max_m;
    int catches; /* by mistake, for nobody falls: the flight ends there, as it would with a rig */
};

#define BELAY_CLIMB_STEP_S 0.0005
#define BELAY_CLIMB_NOTHING ((struct belay_climb){.tension_min_n = 1e9})

/* Climbs for `duration_s` and adds what was seen to `sum`. The rope has loop->stiffness_n_m in the middle of the climb,
 * within 2 %, and the 8 ms of damping of free-climb; loop->tension_n and damping_s play no part. */
void belay_climb_fly(const struct belay_loop *loop, uint64_t seed, double duration_s, struct belay_climb *sum);

/* Share of the time in the band, percent. */
double belay_climb_band_percent(const struct belay_climb *sum);

/* `duration_s` with seed 1 and the loop's margins, as the report's row has it: share, least and most tension, slack in
 * mm, catches, gain margin, phase margin. */
void belay_climb_row(const struct belay_loop *loop, double duration_s, char *row, size_t size);

#endif
