/* Hold-to-run as a pure state machine: what a press means, when tokens are sent, when a press is dead. No GTK, no
 * clock.
 *
 * GO and the jog direction only say what the next press will do; nothing moves without a hold. While a hold is already
 * true (Space), GO acts at once. A stop, a refusal, a lost session or a stalled main loop kills the press: the operator
 * has to let go and press again.
 */
#ifndef BELAY_CONSOLE_MODEL_BELAY_HOLD_H
#define BELAY_CONSOLE_MODEL_BELAY_HOLD_H

#include <stdbool.h>
#include <stdint.h>

#define HOLD_TOKEN_US 40000     /* a token this often while held */
#define HOLD_STALL_US 120000    /* main loop silent for longer: nobody knows what the hand did; the press is dead */
#define HOLD_LOADED_US 5000000  /* a loaded GO that is not run by then is forgotten */
#define HOLD_GO_LOCKOUT_US 500000 /* a second GO sooner is a bounce of the finger */
#define HOLD_CUE_MAX 16

enum hold_state {
    HOLD_FREE, /* nobody presses */
    HOLD_HELD, /* pressed, and the press is alive */
    HOLD_SPENT, /* still pressed, but dead: let go first */
    HOLD_STATE_COUNT
};
enum hold_event { HOLD_EVENT_PRESS, HOLD_EVENT_RELEASE, HOLD_EVENT_KILL, HOLD_EVENT_COUNT };
enum hold_source { HOLD_BY_NONE, HOLD_BY_POINTER, HOLD_BY_KEY };

/* What the next press does, or the present one is doing. */
enum hold_intent { INTENT_NOTHING, INTENT_CUE, INTENT_PAY_OUT, INTENT_TAKE_IN };

/* What the caller has to send now, in this order; bits. */
enum hold_send { SEND_NOTHING = 0, SEND_HOLD = 1, SEND_GO = 2, SEND_JOG = 4, SEND_END = 8 };

enum hold_go { GO_LOADED, GO_RUNS, GO_TOO_SOON, GO_RUNNING, GO_LET_GO_FIRST };

struct belay_hold {
    enum hold_state state;
    enum hold_source source;
    enum hold_intent intent;  /* selected for the next press */
    enum hold_intent running; /* what this press has asked for */
    uint32_t press;           /* number of the present or last press; grows for ever */
    int64_t tick_us;          /* when the main loop was last known to be alive during this press */
    int64_t token_us;         /* when the last token was due */
    int64_t loaded_until_us;  /* of INTENT_CUE */
    int64_t go_us;            /* last accepted GO; 0 = never */
    char cue[HOLD_CUE_MAX];   /* the loaded or running cue */
};

/* Nobody presses, nothing is selected, press number 0. */
void belay_hold_init(struct belay_hold *hold);

/* Next state, a total table. Pure. */
enum hold_state belay_hold_next(enum hold_state state, enum hold_event event);

/* The operator's finger went down at `now_us`. A second source while one is held changes nothing. Returns enum
 * hold_send bits. */
unsigned belay_hold_press(struct belay_hold *hold, enum hold_source source, int64_t now_us);
/* `source` let go, or nobody can tell any more that it still holds (focus, bounds, window). Other sources change
 * nothing. */
unsigned belay_hold_release(struct belay_hold *hold, enum hold_source source);
/* Stop, refusal, lost session, mode change: the press is dead and every selection forgotten. */
unsigned belay_hold_kill(struct belay_hold *hold);
/* To be called at least each HOLD_TOKEN_US while held, only from the main loop. Returns SEND_HOLD when a token is due,
 * or SEND_END after a stall. Also forgets a loaded GO when its time is over. */
unsigned belay_hold_tick(struct belay_hold *hold, int64_t now_us);

/* GO for `cue` (at most 15 bytes). *send gets the bits to send. Never moves anything without a live press. */
enum hold_go belay_hold_go(struct belay_hold *hold, const char *cue, int64_t now_us, unsigned *send);
/* Selects INTENT_PAY_OUT, INTENT_TAKE_IN or INTENT_NOTHING. Changing it during a press kills the press. */
unsigned belay_hold_select(struct belay_hold *hold, enum hold_intent intent);
/* The standby cue is `cue` now (NULL = none): a loaded GO for another one is forgotten. */
void belay_hold_standby(struct belay_hold *hold, const char *cue);
/* What this press ran has ended by itself (the cue is done); the press lives on and does nothing more. */
void belay_hold_done(struct belay_hold *hold);

/* Time left of a loaded GO, 0 when none is loaded. */
int64_t belay_hold_loaded_us(const struct belay_hold *hold, int64_t now_us);

#endif
