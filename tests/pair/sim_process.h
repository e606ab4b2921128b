/* A real belay-sim on free ports, for tests. Fails the test when anything is not as it should be. */
#ifndef BELAY_TESTS_PAIR_SIM_PROCESS_H
#define BELAY_TESTS_PAIR_SIM_PROCESS_H

#include <modbus.h>
#include <stdint.h>
#include <sys/types.h>

struct sim_process {
    const char *world; /* file; NULL = that of free-climb */
    pid_t pid;
    int drive_port, sensor_port;
    char directory[64], stage[96], truth[96];
};

/* Starts belay-sim on its world with stage socket and truth file in a new directory, and waits until it is ready. */
void sim_process_start(struct sim_process *sim);

/* SIGTERM. Returns its exit code, and fails unless it ends within 2 s. The truth file stays. */
int sim_process_end(struct sim_process *sim);

/* Takes the directory away. */
void sim_process_clean(const struct sim_process *sim);

/* Runs belay-sim with `arguments` (NULL-terminated, without its name) until it ends; its stderr goes to `said`.
 * Returns its exit code. */
int sim_process_try(const char *const *arguments, char *said, size_t said_size);

/* A libmodbus master of `unit` behind `port`, reply timeout 1 s. */
modbus_t *sim_process_master(int port, int unit);

/* A plain TCP connection. */
int sim_process_socket(int port);

/* One stage direction; returns the reply (static). */
const char *sim_process_stage(const struct sim_process *sim, const char *packet);

#endif
