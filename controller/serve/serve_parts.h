/* What the files of serve/ share. Private to controller/serve/; tests of the pair suite drive serve_turn() themselves.
 */
#ifndef BELAY_CONTROLLER_SERVE_SERVE_PARTS_H
#define BELAY_CONTROLLER_SERVE_SERVE_PARTS_H

#include <sys/types.h>

#include "controller/commission/run.h"
#include "controller/serve/eventlog.h"
#include "controller/serve/listen.h"
#include "controller/serve/serve.h"
#include "controller/wear/bends.h"
#include "controller/wear/warmth.h"
#include "protocol/packet.h"

#define OPERATE_SESSIONS_MAX 16 /* viewers can't take an operator's place */
#define WAITING_MAX 8           /* unanswered commands of one session: 16 x 8 fit the reply ring of 256 */
#define REQUESTS_PER_TURN 16    /* of one session, so that nobody starves the others */
#define TURN_MS 5               /* longest wait: the cycle rings no bell */
#define ANSWER_MAX_US 1000000   /* the cycle answers within a few cycles, or it hangs */
#define BLOCKED_MAX_US 2000000  /* a client that takes no telemetry for so long is dropped */
#define CLOCK_AHEAD_MAX_US 5000
#define SILENT_CYCLE_US 500000

/* A command given to the cycle whose answer goes back to the client. */
struct waiting {
    uint32_t ticket; /* 0 = free */
    int64_t id;
    enum msg_method method;
    uint32_t press;
    int64_t since_us;
};

/* One client. A closed one keeps its place until the cycle has taken what it still owes it. */
struct session {
    uint32_t number; /* 0 = free place */
    int fd;          /* -1 = closed */
    enum msg_role role;
    uid_t uid;
    pid_t pid;
    char client[64]; /* as it named itself */
    bool greeted;
    int64_t period_us; /* 0 = not subscribed */
    int64_t due_us, seq, blocked_since_us; /* the last: 0 = not blocked */
    uint32_t press;  /* newest; 0 = none yet */
    bool press_begun; /* the cycle has accepted it */
    bool press_over;  /* the newest is dead */
    int64_t expires_us; /* of the newest, as last asked for */
    uint32_t jogged;    /* press whose jog is in the log */
    uint32_t end_owed; /* press whose end the ring has not taken; 0 = none */
    bool stop_owed;
    uint32_t stop_ticket;
    struct waiting waiting[WAITING_MAX];
};

/* Names of sessions that ended, kept for those who want to know whose the last stop was. */
#define ENDED_MAX 64
struct ended {
    uint32_t number;
    char client[64];
};

/* Two places: the cycle reads `current` while `coming` is offered to it. */
struct show_swap {
    struct show place[2];
    int current, coming; /* -1 = none */
    uint32_t ticket, session;
    int64_t id;
};

/* Commissioning: the record, and the one step that runs. */
struct commissioning {
    struct commission_record record;
    struct commission_run run;
    bool begun;       /* a step, since the start */
    uint32_t placed;  /* axes whose drum was held against the record since the start; bits */
    int64_t noted_us; /* when it was last looked where the drums stand */
    bool save_owed;   /* the record in memory is newer than its file */
    bool saved_badly; /* and the last try failed */
    uint32_t session; /* who runs the step; 0 = nobody */
    char operator[RECORD_OPERATOR_MAX];
    struct commission_standing standing[RIG_AXES_MAX]; /* as last worked out, */
    int64_t looked_us;                                 /* then; 0 = not since the record changed */
    uint32_t given;                                    /* axes whose clearance the cycle has; bits */
    enum refusal clearance[RIG_AXES_MAX];
};

/* What work does to ropes and motors. */
struct wear {
    struct bends bends[RIG_AXES_MAX];
    struct bends_worst worst[RIG_AXES_MAX]; /* as last looked for */
    uint32_t said_worn;                     /* axes whose worn rope is in the log; bits */
    struct warmth warmth[RIG_AXES_MAX];
    const struct show *show; /* of which the warmth is */
    int64_t looked_us;
    bool save_owed, saved_badly;
};

struct serve {
    struct serve_config config;
    struct listening listening;
    int epoll, signals;
    struct session session[SESSIONS_MAX];
    uint32_t sessions, tickets; /* last numbers given */
    const struct snapshot *snapshot; /* newest; cycle 0 = none yet */
    bool fresh;
    struct show_swap swap;
    bool ending, shutdown_owed; /* a signal came; the ring has not taken it yet */
    bool holding, given_up;     /* it was said that a drive still holds at the end; a signal came after that */
    bool silent;                /* the cycle's silence was logged */
    struct ended ended[ENDED_MAX];
    int ended_next;
    uint32_t held_session, held_press; /* alive in the snapshot before; session 0 = none */
    struct commissioning commissioning;
    struct wear wear;
    struct eventlog log;
    /* Too big for the stack. */
    struct packet_request request;
    union msg_result result;
    struct msg_telemetry telemetry;
    struct yaml_errors errors;
    char params[MSG_PACKET_BYTES_MAX + 1];
    char packet[MSG_PACKET_BYTES_MAX + 1];
};

/* --- serve.c --------------------------------------------------------------------------------------------------- */

/* One turn of the loop, which waits at most `wait_ms`. */
void serve_turn(struct serve *serve, int wait_ms);

/* --- command.c: to the cycle and back --------------------------------------------------------------------------- */

/* Gives what is owed first: stops, ends of presses, the shutdown. True when nothing is owed any more. */
bool command_give_owed(struct serve *serve);
/* Offers one command. False when the ring is full. */
bool command_give(struct serve *serve, const struct command *command);
/* Gives `command` for the request being handled; the cycle's answer is the client's reply. Answers by itself when it
 * can't. */
void command_ask(struct serve *serve, struct session *session, struct command command);
/* A stop is owed until the ring takes it. */
void command_stop(struct serve *serve, struct session *session);
/* The newest press of the session is over; its end is owed. */
void command_end_press(struct serve *serve, struct session *session);
/* The session is closed: the end of its newest press is owed once more, for the cycle to forget it. */
void command_end_session(struct serve *serve, struct session *session);
/* Takes the cycle's answers; answers for a cycle that gives none. */
void command_take_answers(struct serve *serve, int64_t now_us);

/* --- session.c -------------------------------------------------------------------------------------------------- */

/* Takes the next client of a listening socket. */
void session_accept(struct serve *serve, enum msg_role role);
/* Closes; a press that may be alive is ended. */
void session_close(struct serve *serve, struct session *session, const char *why);
/* Frees the places of closed sessions that owe nothing. */
void session_sweep(struct serve *serve);
/* NULL when there is none, or it is closed. */
struct session *session_find(struct serve *serve, uint32_t number);
/* Reads and handles what the client sent. */
void session_read(struct serve *serve, struct session *session);
/* Replies. A client that can't take one is dropped. */
void session_result(struct serve *serve, struct session *session, int64_t id, enum msg_method method,
                    const void *result);
void session_error(struct serve *serve, struct session *session, int64_t id, const char *code, const char *field,
                   const char *message);
void session_refuse(struct serve *serve, struct session *session, int64_t id, struct verdict verdict);
/* Fills `out` from the newest snapshot. */
void session_fill(struct serve *serve, struct msg_telemetry *out);
/* A line of the log about what the session does (printf style). */
void session_say(struct serve *serve, const struct session *session, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Sends the newest snapshot to every session that is due. */
void session_telemetry(struct serve *serve, int64_t now_us);

/* --- request.c -------------------------------------------------------------------------------------------------- */

/* Handles serve->request of `session`. */
void request_handle(struct serve *serve, struct session *session);
/* Reads show text into the free place and offers it to the cycle. Returns 0, -EINVAL with serve->errors filled, -EBUSY
 * while another show is being taken, -EAGAIN when the command ring is full. */
int request_offer_show(struct serve *serve, uint32_t session, int64_t id, const char *name, const char *text,
                       size_t length);
/* Answers that the rig has no such axis, and which it has. */
void request_no_axis(struct serve *serve, struct session *session);
/* The cycle's answer to the show that was offered. */
void request_show_answered(struct serve *serve, struct verdict verdict);

/* --- commission.c ----------------------------------------------------------------------------------------------- */

/* Reads the record; a damaged one is set aside, and counts as none. Before the first turn. Blocking. */
void commission_open(struct serve *serve);
/* Each turn: the step that runs sees the newest snapshot, the cycle learns what stands against whom. */
void commission_turn(struct serve *serve, int64_t now_us);
/* Writes the record if that is owed. Waits for the disk. */
void commission_save(struct serve *serve);
/* At the end, with the machine stopped: what is still to be written. */
void commission_close(struct serve *serve);

/* --- places.c --------------------------------------------------------------------------------------------------- */

/* Notes in the record where the drums stand, once a second; holds it against the record at the start. */
void places_turn(struct serve *serve, int64_t now_us);
/* Before an arm reaches the cycle: its drums may be moved from then on, so the file names no place any more. Waits for
 * the disk; nothing moves yet that a hold would have to keep moving. */
void places_leave(struct serve *serve);
/* The record is of a version that noted no places: says so, and voids the marks. */
void places_missed(struct serve *serve);
/* Commission.Get, Begin, Answer, End, Changed. */
void commission_request(struct serve *serve, struct session *session);
/* What clients see of it, and the step's name in refusals. */
void commission_fill(const struct serve *serve, struct msg_telemetry *out);
/* A change of now, said by `operator`. */
struct commission_change commission_change_now(const char *what, const char *operator);
/* The sentence that names the step into `out`, when `verdict` is about commissioning; else leaves it. */
void commission_explain(const struct serve *serve, struct verdict verdict, char *out, size_t size);

/* --- wear.c ----------------------------------------------------------------------------------------------------- */

/* Reads the bends of the ropes; damaged ones are said so and count from 0. Before the first turn. Blocking. */
void wear_open(struct serve *serve);
/* Each turn, with the newest snapshot. Writes the bends now and then, never while a hold is to be renewed. */
void wear_turn(struct serve *serve, int64_t now_us);
/* A new rope is on the axis: its bends are counted from 0. Waits for the disk. */
void wear_rope_changed(struct serve *serve, int axis);
/* At the end, with the machine stopped: what is still to be written. */
void wear_close(struct serve *serve);
/* What clients see of it. */
void wear_fill(const struct serve *serve, struct msg_telemetry *out);

/* --- telemetry.c ------------------------------------------------------------------------------------------------ */

/* What clients see of `snapshot`; `stopper` is the name of its stop_session, NULL when that has none. Pure. */
void telemetry_fill(const struct rig *rig, const struct snapshot *snapshot, const char *stopper,
                    struct msg_telemetry *telemetry);
/* The sentence for a refused client, with the axis that it is about and the figures that help. `show` is the one that
 * the cycle has, NULL = none. Pure. */
void telemetry_refusal(const struct rig *rig, const struct show *show, struct verdict verdict, char *out, size_t size);

#endif
