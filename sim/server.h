/* The Modbus TCP server: one thread that steps the world in real time and answers everybody. */
#ifndef BELAY_SIM_SERVER_H
#define BELAY_SIM_SERVER_H

#include <stdint.h>

#include "sim/sim.h"
#include "sim/truth.h"

#define SERVER_PORTS 8 /* at most: the first answers the units of the drives, each other one those of the sensors */

struct server_options {
    const char *bind;             /* dotted IPv4 */
    int port_count;
    uint16_t port[SERVER_PORTS];
    const char *stage_path;       /* NULL = no stage socket */
    struct truth *truth;          /* NULL = no truth file */
    int signal_fd;                /* readable = end */
};

struct server; /* opaque */

/* Listens on everything in `options`, which must outlive the server. Errors are told on stderr. Returns NULL then. */
struct server *server_open(struct sim_world *world, const struct server_options *options);

/* Runs until signal_fd is readable. The world's time starts now. Blocks; nothing a peer does holds the world up.
 * Returns 0, or -errno when the thread can't wait any more. */
int server_run(struct server *server);

/* Closes all connections and takes the stage socket's file away. */
void server_close(struct server *server);

#endif
