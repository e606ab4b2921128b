/* Starts, directs and ends a real belay-sim. */
#include "tests/pair/sim_process.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORLD BELAY_SOURCE_DIR "/sim/scenarios/free-climb/world.yaml"
#define ARGUMENTS_MAX 16

static int free_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    close(fd);
    return ntohs(address.sin_port);
}

/* Starts the program with its stream `stream` (1 or 2) in a pipe; returns the reading end. It dies with the test. */
static int spawn(const char *const *arguments, int stream, pid_t *pid) {
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    *pid = fork();
    cr_assert_geq(*pid, 0);
    if (*pid > 0) {
        close(ends[1]);
        return ends[0];
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(ends[1], stream);
    close(ends[0]);
    const char *command[ARGUMENTS_MAX] = {BELAY_SIM};
    for (int i = 0; arguments[i]; i++)
        command[i + 1] = arguments[i];
    char *changeable[ARGUMENTS_MAX];
    memcpy(changeable, command, sizeof command);
    execv(BELAY_SIM, changeable);
    _exit(127);
}

/* Starts it on two ports that were free just now. False when somebody else took one in the meantime. */
static bool try_to_start(struct sim_process *sim) {
    sim->drive_port = free_port();
    do
        sim->sensor_port = free_port();
    while (sim->sensor_port == sim->drive_port);
    char ports[32];
    snprintf(ports, sizeof ports, "%d,%d", sim->drive_port, sim->sensor_port);
    const char *const arguments[] = {"--world",  sim->world ? sim->world : WORLD,
                                     "--ports",  ports,
                                     "--stage",  sim->stage,
                                     "--truth",  sim->truth,
                                     NULL};
    int out = spawn(arguments, STDOUT_FILENO, &sim->pid);
    struct pollfd ready = {.fd = out, .events = POLLIN};
    cr_assert_eq(poll(&ready, 1, 5000), 1, "belay-sim does not get ready");
    char line[64] = "";
    ssize_t length = read(out, line, sizeof line - 1);
    close(out);
    if (length > 0)
        cr_assert_str_eq(line, "belay-sim: ready\n");
    else
        waitpid(sim->pid, NULL, 0);
    return length > 0;
}

void sim_process_start(struct sim_process *sim) {
    snprintf(sim->directory, sizeof sim->directory, "/tmp/belay-pair-XXXXXX");
    cr_assert(mkdtemp(sim->directory));
    snprintf(sim->stage, sizeof sim->stage, "%s/stage", sim->directory);
    snprintf(sim->truth, sizeof sim->truth, "%s/truth.csv", sim->directory);
    for (int attempt = 0; attempt < 5; attempt++)
        if (try_to_start(sim))
            return;
    cr_assert_fail("belay-sim does not start");
}

int sim_process_end(struct sim_process *sim) {
    cr_assert_eq(kill(sim->pid, SIGTERM), 0);
    for (int ms = 0; ms < 2000; ms += 10) {
        int status;
        if (waitpid(sim->pid, &status, WNOHANG) == sim->pid) {
            cr_assert(WIFEXITED(status), "ended by signal %d", WTERMSIG(status));
            return WEXITSTATUS(status);
        }
        usleep(10000);
    }
    kill(sim->pid, SIGKILL);
    cr_assert_fail("belay-sim ignores SIGTERM");
    return -1;
}

void sim_process_clean(const struct sim_process *sim) {
    unlink(sim->truth);
    cr_assert_eq(rmdir(sim->directory), 0, "%s: %s", sim->directory, strerror(errno));
}

int sim_process_try(const char *const *arguments, char *said, size_t said_size) {
    pid_t pid;
    int err = spawn(arguments, STDERR_FILENO, &pid), status;
    size_t length = 0;
    ssize_t got;
    while (length < said_size - 1 && (got = read(err, said + length, said_size - 1 - length)) > 0)
        length += (size_t)got;
    said[length] = '\0';
    close(err);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

modbus_t *sim_process_master(int port, int unit) {
    modbus_t *master = modbus_new_tcp("127.0.0.1", port);
    cr_assert(master);
    modbus_set_slave(master, unit);
    modbus_set_response_timeout(master, 1, 0);
    cr_assert_eq(modbus_connect(master), 0, "%s", modbus_strerror(errno));
    return master;
}

int sim_process_socket(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    struct timeval limit = {.tv_sec = 2};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return fd;
}

const char *sim_process_stage(const struct sim_process *sim, const char *packet) {
    static char reply[4097];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, sim->stage, sizeof sim->stage);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(send(fd, packet, strlen(packet), 0), (ssize_t)strlen(packet));
    ssize_t length = recv(fd, reply, sizeof reply - 1, 0);
    cr_assert_gt(length, 0);
    reply[length] = '\0';
    close(fd);
    return reply;
}
