/* A one-winch rig built in memory and an ideal machine behind it, for tests of the cycle that need no simulator: the
 * drive obeys at once, the brake follows a cycle later, the tension is what the test says. */
#ifndef BELAY_TESTS_BENCH_RIG_H
#define BELAY_TESTS_BENCH_RIG_H

#include <stdbool.h>

#include "controller/cycle.h"

#define BENCH_CONTACTS 6 /* inputs for limit switches of an I/O block */
enum { BENCH_DRIVE, BENCH_CELL, BENCH_ENCODER, BENCH_IO, BENCH_DEVICES };
/* Device of the second winch of bench_new_pair(). */
#define BENCH_SECOND(device) ((device) + BENCH_DEVICES)

struct bench_winch {
    double position_m, speed_m_s, tension_n;
    bool brake_stuck_open;      /* its switch says so */
    bool drive_stuck;           /* the drum stays where it is */
    uint16_t drive_fault_word;  /* != 0: statusword shown instead of the obeyed one */
};

struct bench {
    struct rig rig;
    struct show show;
    struct cycle *cycle;
    struct image_in image;
    struct cycle_out out;
    int64_t now_us;
    double position_m, speed_m_s, tension_n; /* of the first winch; the rest as in struct bench_winch */
    bool estop_a_closed, estop_b_closed; /* of the station "desk", which stops every axis */
    bool grid_a_closed, grid_b_closed;   /* of a second pair of inputs, to which a test may wire a station */
    bool silent[2 * BENCH_DEVICES]; /* the device gives no new values */
    bool brake_stuck_open;
    bool drive_stuck;
    uint16_t drive_fault_word;
    struct bench_winch second;
    double drift_m_s;           /* the first drum is turned from outside while its drive has no torque, */
    double load_torque;         /* or a torque limit below this, of rated */
    bool brake_reads_closed;    /* the first winch's switches never say open */
    bool first_brake_reads_closed, other_brake_reads_open; /* one of the two alone */
    bool io_hangs;              /* the I/O blocks go on answering with their last scan */
    uint16_t drive_fault_code;  /* the maker's */
    unsigned open_contacts;     /* of the first winch's I/O block: bit = contact that a test wired a limit switch to */
    uint32_t press;
    uint32_t other_press;       /* asked for in every cycle by another operator, session 2; 0 = nobody */
    int64_t late_us;            /* lateness told to the next step */
    void (*inject)(struct bench *bench); /* changes the image before the next step sees it; NULL = as it is */
};

/* Everything good, disarmed, position 10 m, tension 90 N; a show with a belay cue and a move cue. Free with
 * bench_free. */
struct bench *bench_new(void);
/* The same at another cycle time. */
struct bench *bench_new_at(int cycle_ms);
/* The same with a second winch, "second", which does not belay; cue "3" moves it to 20 m. */
struct bench *bench_new_pair(void);
/* Restarts the controller with the drums at these positions; a jump before its eyes would be a fault. The second one
 * counts only with a second winch. The operator has unlocked every line that he may. */
void bench_place(struct bench *bench, double position_m, double second_position_m);
/* The same place again, with a drive that takes torque limits: BENCH_FULL when they are full. */
#define BENCH_FULL 2000
void bench_take_limits(struct bench *bench);
/* Selects the bench rig's one rung: walk-through at 100 %. */
void bench_full_speed(struct bench *bench);
void bench_free(struct bench *bench);

/* One cycle with one command (or NULL), of session 1 unless it says another; returns the refusal, REFUSED_NOT
 * without a command. */
enum refusal bench_step(struct bench *bench, const struct command *command);
enum refusal bench_do(struct bench *bench, enum command_kind kind);

/* The same for `ms`. */
void bench_run_ms(struct bench *bench, int ms);
/* Cycles while the operator holds press bench->press (0 = nobody holds). */
void bench_run(struct bench *bench, int cycles);

/* Arms, presses, gives cue `cue` and runs until RUNNING; asserts on the way. */
void bench_go(struct bench *bench, int cue);

/* Of the one axis in the last cycle. */
const struct snapshot_axis *bench_axis(const struct bench *bench);

#endif
