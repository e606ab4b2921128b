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
};

struct block {
    int count; /* fewer than BLOCK_ROWS: the last one */
    struct row row[BLOCK_ROWS];
};

struct truth {
    FILE *file;
    pthread_t writer;
    sem_t empty, full; /* blocks */
    int filling;       /* block that truth_add() fills */
    int status;        /* of the writer; read after it has ended */
    struct block block[BLOCKS];
};

static const char header[] = "t_us,act,t_s,height_m,person_speed_m_s,person_accel_m_s2,tension_n,slack_m,rope_out_m,"
                             "rope_speed_m_s,motor_torque,drive_enabled,brake_closed,estop_pressed,on_ground,tilt_mm\n";

static int write_row(FILE *file, const struct row *row) {
    const struct sim_truth *state = &row->state;
    return fprintf(file, "%" PRId64 ",%s,%.6f,%.6f,%.6f,%.5f,%.4f,%.6f,%.6f,%.6f,%.5f,%d,%d,%d,%d,%.3f\n", row->t_us,
                   sim_act_name(state->act), state->t_s, state->height_m, state->person_speed_m_s,
                   state->person_accel_m_s2, state->tension_n, state->slack_m, state->rope_out_m,
                   state->rope_speed_m_s, state->motor_torque, state->drive_enabled, state->brake_closed,
                   state->estop_pressed, state->on_ground, state->tilt_mm);
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
            if (write_row(truth->file, &block->row[r]) < 0)
                truth->status = -errno;
        if (block->count < BLOCK_ROWS)
            return NULL;
        sem_post(&truth->empty);
    }
}

int truth_open(const char *path, struct truth **out) {
    struct truth *truth = calloc(1, sizeof *truth);
    if (!truth)
        return -ENOMEM;
    truth->file = fopen(path, "we");
    int status = truth->file ? 0 : -errno;
    if (status == 0 && (fputs(header, truth->file) < 0 || fflush(truth->file) != 0))
        status = -errno;
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

void truth_add(struct truth *truth, int64_t t_us, const struct sim_truth *state) {
    struct block *block = &truth->block[truth->filling];
    assert(block->count < BLOCK_ROWS);
    block->row[block->count++] = (struct row){.t_us = t_us, .state = *state};
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
