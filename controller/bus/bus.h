/* The bus: one worker thread per link moves registers over libmodbus. Nothing else in Belay touches a field bus.
 *
 * Guards (docs/decisions/0004-modbus-guards.md): no second request on a connection whose previous one failed (the
 * connection is reset with SO_LINGER 0), byte timeout 0, no libmodbus error recovery, identity and settings read back
 * after each connect, sequence echo checked, generation counted. A reconnected link never resumes motion: the cycle
 * sees the new generation and latches.
 *
 * A link watches the cycle too: when the newest words are older than two periods, each device is sent its stop words
 * once (drive: quick stop; safety I/O: outputs off, so the brake closes), the connection ends, and nothing more is
 * sent until new words come. Then the link connects anew, as after any loss. */
#ifndef BELAY_CONTROLLER_BUS_BUS_H
#define BELAY_CONTROLLER_BUS_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include "controller/image/image.h"

struct bus; /* opaque */

/* Creates the workers of all links of `rig` (which must outlive the bus) and starts them; allocates, then never
 * again. After each connect image_out_stop()'s words are sent, until the second bus_write() that follows it: the one
 * before may still stem from a step that had not seen the connect. `fifo_priority` > 0 asks for SCHED_FIFO (silently
 * kept at the normal policy when not permitted; main warns once). Workers block all signals. The caller keeps
 * RLIMIT_NOFILE at 1024 or less: libmodbus uses select() and would abort on a larger descriptor. Returns 0, -EINVAL
 * when a host is no dotted IPv4 address, or another -errno; then nothing runs. */
int bus_start(const struct rig *rig, int fifo_priority, struct bus **bus);

/* Cycle thread: copies the newest frames of all links into `*in`. Wait-free, no system call. */
void bus_read(struct bus *bus, struct image_in *in);

/* Cycle thread: hands `*out` to all workers, which send it at their next release. Wait-free, no system call.
 * `tick_us` is the time of the cycle's tick (CLOCK_MONOTONIC): workers release a tenth of a period after it, so call
 * this within that time. */
void bus_write(struct bus *bus, const struct image_out *out, int64_t tick_us);

/* Sends each device of a link that is up its stop words, resets the connections, ends the workers and frees the bus.
 * Blocks up to two timeouts (response or connect) of the slowest link, then a period. */
void bus_stop(struct bus *bus);

#endif
