/* The hold state machine and what each press sends. */
#include "console/model/belay-hold.h"

#include <assert.h>
#include <string.h>

static const enum hold_state next_state[HOLD_STATE_COUNT][HOLD_EVENT_COUNT] = {
    /*               PRESS       RELEASE    KILL */
    [HOLD_FREE] = {HOLD_HELD, HOLD_FREE, HOLD_FREE},
    [HOLD_HELD] = {HOLD_HELD, HOLD_FREE, HOLD_SPENT},
    [HOLD_SPENT] = {HOLD_SPENT, HOLD_FREE, HOLD_SPENT},
};

void belay_hold_init(struct belay_hold *hold) {
    memset(hold, 0, sizeof *hold);
}

enum hold_state belay_hold_next(enum hold_state state, enum hold_event event) {
    assert(state < HOLD_STATE_COUNT);
    assert(event < HOLD_EVENT_COUNT);
    return next_state[state][event];
}

static bool is_jog(enum hold_intent intent) {
    return intent == INTENT_PAY_OUT || intent == INTENT_TAKE_IN;
}

unsigned belay_hold_press(struct belay_hold *hold, enum hold_source source, int64_t now_us) {
    assert(source != HOLD_BY_NONE);
    if (hold->state != HOLD_FREE) {
        return SEND_NOTHING;
    }
    if (hold->intent == INTENT_CUE && now_us >= hold->loaded_until_us) {
        hold->intent = INTENT_NOTHING;
    }
    hold->state = belay_hold_next(hold->state, HOLD_EVENT_PRESS);
    hold->source = source;
    hold->press++;
    hold->tick_us = now_us;
    hold->token_us = now_us;
    hold->running = hold->intent;
    if (hold->intent == INTENT_CUE) {
        hold->intent = INTENT_NOTHING; /* one GO, one run */
        return SEND_HOLD | SEND_GO;
    }
    return is_jog(hold->intent) ? SEND_HOLD | SEND_JOG : SEND_HOLD;
}

/* Leaves the held state by `event`; a live press is ended at the controller too. */
static unsigned leave(struct belay_hold *hold, enum hold_event event) {
    const bool was_alive = hold->state == HOLD_HELD;
    hold->state = belay_hold_next(hold->state, event);
    hold->running = INTENT_NOTHING;
    assert(hold->state != HOLD_HELD);
    return was_alive ? SEND_END : SEND_NOTHING;
}

unsigned belay_hold_release(struct belay_hold *hold, enum hold_source source) {
    if (hold->state == HOLD_FREE || source != hold->source) {
        return SEND_NOTHING;
    }
    hold->source = HOLD_BY_NONE;
    return leave(hold, HOLD_EVENT_RELEASE);
}

unsigned belay_hold_kill(struct belay_hold *hold) {
    hold->intent = INTENT_NOTHING;
    return leave(hold, HOLD_EVENT_KILL);
}

unsigned belay_hold_tick(struct belay_hold *hold, int64_t now_us) {
    if (hold->intent == INTENT_CUE && now_us >= hold->loaded_until_us) {
        hold->intent = INTENT_NOTHING;
    }
    if (hold->state != HOLD_HELD) {
        return SEND_NOTHING;
    }
    if (now_us - hold->tick_us > HOLD_STALL_US) {
        return belay_hold_kill(hold);
    }
    hold->tick_us = now_us;
    if (now_us - hold->token_us < HOLD_TOKEN_US) {
        return SEND_NOTHING;
    }
    hold->token_us = now_us;
    return SEND_HOLD;
}

enum hold_go belay_hold_go(struct belay_hold *hold, const char *cue, int64_t now_us, unsigned *send) {
    assert(strlen(cue) < sizeof hold->cue);
    *send = SEND_NOTHING;
    if (hold->state == HOLD_SPENT) {
        return GO_LET_GO_FIRST;
    }
    if (hold->state == HOLD_HELD && hold->running != INTENT_NOTHING) {
        return GO_RUNNING;
    }
    if (hold->go_us != 0 && now_us - hold->go_us < HOLD_GO_LOCKOUT_US) {
        return GO_TOO_SOON;
    }
    hold->go_us = now_us;
    strcpy(hold->cue, cue);
    if (hold->state == HOLD_HELD) {
        hold->running = INTENT_CUE;
        *send = SEND_GO;
        return GO_RUNS;
    }
    hold->intent = INTENT_CUE;
    hold->loaded_until_us = now_us + HOLD_LOADED_US;
    return GO_LOADED;
}

unsigned belay_hold_select(struct belay_hold *hold, enum hold_intent intent) {
    assert(intent != INTENT_CUE);
    if (intent == hold->intent) {
        return SEND_NOTHING;
    }
    const unsigned send = hold->state == HOLD_HELD ? belay_hold_kill(hold) : SEND_NOTHING;
    hold->intent = intent;
    return send;
}

void belay_hold_standby(struct belay_hold *hold, const char *cue) {
    if (hold->intent == INTENT_CUE && (cue == NULL || strcmp(cue, hold->cue) != 0)) {
        hold->intent = INTENT_NOTHING;
    }
}

void belay_hold_done(struct belay_hold *hold) {
    hold->running = INTENT_NOTHING;
}

int64_t belay_hold_loaded_us(const struct belay_hold *hold, int64_t now_us) {
    if (hold->intent != INTENT_CUE || now_us >= hold->loaded_until_us) {
        return 0;
    }
    return hold->loaded_until_us - now_us;
}
