/* Truth file: full blocks of rows pass to the writer thread and come back empty. */
#include "sim/truth.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

#define BLOCK_ROWS 64
#define BLOCKS 256

struct row {
    int64_t t_us;
    struct sim_truth state;
    struct sim_winch further[SIM_WINCHES_MAX - 1];
};

struct block {
    int count; /* fewer than BLOCK_ROWS: the last one */
    struct row row[BLOCK_ROWS];
};

struct truth {
    FILE *file;
    pthread_t writer;
    sem_t empty, full; /* blocks */
    int further;       /* winches behind the first one */
    int filling;       /* block that truth_add() fills */
    int status;        /* of the writer; read after it has ended */
    struct block block[BLOCKS];
};

static const char header[] = "t_us,act,t_s,height_m,person_speed_m_s,person_accel_m_s2,tension_n,slack_m,rope_out_m,"
                             "rope_speed_m_s,motor_torque,drive_enabled,brake_closed,estop_pressed,on_ground,tilt_mm";
static const char *const winch_columns[] = {"tension_n",    "slack_m",       "rope_out_m",  "rope_speed_m_s",
                                            "motor_torque", "drive_enabled", "brake_closed"};

static int write_header(FILE *file, int further) {
    int written = fputs(header, file);
    for (int i = 0; i < further && written >= 0; i++)
        for (size_t k = 0; k < sizeof winch_columns / sizeof winch_columns[0] && written >= 0; k++)
            written = fprintf(file, ",%s_%d", winch_columns[k], i + 2);
    return written < 0 || fputs("\n", file) < 0 || fflush(file) != 0 ? -errno : 0;
}

static int write_row(FILE *file, const struct row *row, int further) {
    const struct sim_truth *state = &row->state;
    int written = fprintf(file, "%" PRId64 ",%s,%.6f,%.6f,%.6f,%.5f,%.4f,%.6f,%.6f,%.6f,%.5f,%d,%d,%d,%d,%.3f",
                          row->t_us, sim_act_name(state->act), state->t_s, state->height_m, state->person_speed_m_s,
                          state->person_accel_m_s2, state->tension_n, state->slack_m, state->rope_out_m,
                          state->rope_speed_m_s, state->motor_torque, state->drive_enabled, state->brake_closed,
                          state->estop_pressed, state->on_ground, state->tilt_mm);
    for (int i = 0; i < further && written >= 0; i++) {
        const struct sim_winch *winch = &row->further[i];
        written = fprintf(file, ",%.4f,%.6f,%.6f,%.6f,%.5f,%d,%d", winch->tension_n, winch->slack_m, winch->rope_out_m,
                          winch->rope_speed_m_s, winch->motor_torque, winch->drive_enabled, winch->brake_closed);
    }
    return written < 0 ? written : fputs("\n", file);
}

static void take(sem_t *semaphore) {
    while (sem_wait(semaphore) != 0)
        assert(errno == EINTR);
}

static void *write_blocks(void *context) {
    struct truth *truth = context;
    for (int i = 0;; i = (i + 1) % BLOCKS) {
        take(&truth->full);
        const struct block *block = &truth->block[i];
        for (int r = 0; r < block->count && truth->status == 0; r++)
            if (write_row(truth->file, &block->row[r], truth->further) < 0)
                truth->status = -errno;
        if (block->count < BLOCK_ROWS)
            return NULL;
        sem_post(&truth->empty);
    }
}

int truth_open(const char *path, const struct sim_world *world, struct truth **out) {
    struct truth *truth = calloc(1, sizeof *truth);
    if (!truth)
        return -ENOMEM;
    truth->file = fopen(path, "we");
    truth->further = sim_world_winches(world) - 1;
    int status = truth->file ? write_header(truth->file, truth->further) : -errno;
    if (status == 0) {
        sem_init(&truth->empty, 0, BLOCKS - 1); /* one of them is being filled */
        sem_init(&truth->full, 0, 0);
        status = -pthread_create(&truth->writer, NULL, write_blocks, truth);
    }
    if (status != 0) {
        if (truth->file)
            fclose(truth->file);
        free(truth);
        return status;
    }
    *out = truth;
    return 0;
}

void truth_add(struct truth *truth, int64_t t_us, const struct sim_world *world) {
    struct block *block = &truth->block[truth->filling];
    assert(block->count < BLOCK_ROWS);
    struct row *row = &block->row[block->count++];
    *row = (struct row){.t_us = t_us, .state = sim_world_truth(world)};
    for (int i = 0; i < truth->further; i++)
        row->further[i] = sim_world_winch(world, i + 1);
    if (block->count < BLOCK_ROWS)
        return;
    sem_post(&truth->full);
    take(&truth->empty);
    truth->filling = (truth->filling + 1) % BLOCKS;
    truth->block[truth->filling].count = 0;
}

int truth_close(struct truth *truth) {
    sem_post(&truth->full); /* the block being filled is never full: it ends the writer */
    pthread_join(truth->writer, NULL);
    int status = truth->status;
    if (fclose(truth->file) != 0 && status == 0)
        status = -errno;
    sem_destroy(&truth->empty);
    sem_destroy(&truth->full);
    free(truth);
    return status;
}
