/* Stage directions: what the director of a rehearsal asks of the simulator, as JSON. Does no I/O. */
#ifndef BELAY_SIM_STAGE_H
#define BELAY_SIM_STAGE_H

#include <stddef.h>
#include <stdint.h>

#include "sim/sim.h"

#define STAGE_PACKET_MAX 4096

/* Carries out one packet and writes the reply, {"ok":true,...} or {"error":"..."}, to `reply` (STAGE_PACKET_MAX bytes).
 * `t_us` is the CLOCK_MONOTONIC time of the world's state. Returns the reply's length. Allocates.
 *
 *   {"do":"act","act":"ascend","speed_m_s":0.8}    with the value that sim_act_value() names, and no other
 *   {"do":"estop","station":"cliff top","pressed":true}
 *   {"do":"switch","name":"end payout","wire":"broken"}     of a limit switch: good, broken (reads open), shorted
 *   {"do":"truth"}                                 replies t_us, every field of struct sim_truth by its name,
 *                                                  stations: name and pressed of each, and winches: every field of
 *                                                  struct sim_winch of each
 *   {"do":"defect","what":"brakes slip","there":true}   what: the names of sim_defect_name()
 *   {"do":"fault","unit":2,"kind":"late","ms":60}  kinds: silent, late, frozen, garbled, none; ms may be absent but
 *                                                  for "late"
 *   {"do":"draw","seed":7}                         the next take's plant, within the world file's variation
 *
 * "switch" and "defect" may say "winch": the name of one; without it they are of the first.
 */
int stage_answer(struct sim_world *world, int64_t t_us, const char *packet, size_t length, char *reply);

#endif
