/* The state machine of one link. Rows of the tables below are the whole logic; the functions serve them. */
#include "controller/bus/link.h"

#include <assert.h>
#include <string.h>

/* ---- the table ---- */

/* What is not listed can't come. */
static const enum link_step transitions[STEP_COUNT][LINK_EVENT_COUNT] = {
    [STEP_DOWN] = {
        [LINK_EVENT_DUE] = STEP_CONNECT,
        [LINK_EVENT_CYCLE_LOST] = STEP_SILENT,
    },
    [STEP_CONNECT] = {
        [LINK_EVENT_CONNECTED] = STEP_IDENTIFY,
        [LINK_EVENT_FAILED] = STEP_DOWN,
    },
    [STEP_IDENTIFY] = {
        [LINK_EVENT_ANSWERED] = STEP_IDENTIFY,
        [LINK_EVENT_EXCEPTION] = STEP_REFUSED,
        [LINK_EVENT_REFUSED] = STEP_REFUSED,
        [LINK_EVENT_COMPLETE] = STEP_UP,
        [LINK_EVENT_FAILED] = STEP_DOWN,
        [LINK_EVENT_CYCLE_LOST] = STEP_SILENT,
    },
    [STEP_REFUSED] = {
        [LINK_EVENT_DUE] = STEP_CONNECT,
        [LINK_EVENT_CYCLE_LOST] = STEP_SILENT,
    },
    [STEP_UP] = {
        [LINK_EVENT_ANSWERED] = STEP_UP,
        [LINK_EVENT_EXCEPTION] = STEP_UP,
        [LINK_EVENT_REFUSED] = STEP_UP,
        [LINK_EVENT_FAILED] = STEP_DOWN,
        [LINK_EVENT_CYCLE_LOST] = STEP_STOP,
    },
    [STEP_STOP] = {
        [LINK_EVENT_ANSWERED] = STEP_STOP,
        [LINK_EVENT_EXCEPTION] = STEP_STOP,
        [LINK_EVENT_COMPLETE] = STEP_SILENT,
        [LINK_EVENT_FAILED] = STEP_SILENT,
        [LINK_EVENT_CYCLE_LOST] = STEP_STOP,
    },
    [STEP_SILENT] = {
        [LINK_EVENT_CYCLE_LOST] = STEP_SILENT,
        [LINK_EVENT_CYCLE_BACK] = STEP_DOWN,
    },
};

static const int32_t backoff_ms[LINK_BACKOFFS] = {10, 20, 50, 100, 200, 500};

enum link_step link_transition(enum link_step step, enum link_event event) {
    assert(step < STEP_COUNT && event < LINK_EVENT_COUNT);
    return transitions[step][event];
}

const char *link_event_name(enum link_event event) {
    static const char *const names[LINK_EVENT_COUNT] = {
        "due", "connected", "answered", "exception", "refused", "complete", "failed", "cycle lost", "cycle back",
    };
    assert(event < LINK_EVENT_COUNT);
    return names[event];
}

/* ---- devices and words ---- */

static const struct profile *profile_of(const struct link *link, int device) {
    return &link->rig->profile[link->rig->device[device].profile];
}

/* The device under way: index in rig.device. */
static int current(const struct link *link) {
    assert(link->at >= 0 && link->at < link->device_count);
    return link->device[link->at];
}

static uint8_t read_function(const struct profile *profile) {
    return profile->function == 4 ? 4 : 3;
}

static struct link_order read_order(struct link *link, int device, uint16_t wire, uint16_t count, int64_t now_us) {
    link->sent_us = now_us;
    return (struct link_order){
        .kind = ORDER_REQUEST,
        .unit = link->rig->device[device].unit,
        .function = read_function(profile_of(link, device)),
        .read_wire = wire,
        .read_count = count,
    };
}

/* The profile says what the device may be set to, the rig how much of that this winch bears. */
static bool setting_right(const struct link *link, int device, int index, uint16_t word) {
    const struct profile_check *check = &profile_of(link, device)->check[index];
    const struct rig_device *rig = &link->rig->device[device];
    int32_t value = word & check->mask;
    bool too_long = check->comm_loss_ms_per_count > 0 && value * check->comm_loss_ms_per_count > rig->comm_loss_ms_max;
    bool too_short = check->hold_ms_per_count > 0 && value * check->hold_ms_per_count < rig->hold_ms_min;
    return value >= check->min && value <= check->max && !too_long && !too_short;
}

static bool counts_sequence(const struct profile *profile) {
    return profile->term[TERM_SEQUENCE].present && profile->term[TERM_SEQUENCE_ECHO].present;
}

static struct link_order wait_until(const struct link *link, int64_t until_us, int64_t now_us) {
    int64_t latest_us = now_us + link->period_us;
    return (struct link_order){.kind = ORDER_WAIT, .until_us = until_us < latest_us ? until_us : latest_us};
}

/* The cyclic request of the device under way with `words` (one row per device). */
static struct link_order exchange(struct link *link, const uint16_t words[][PROFILE_WORDS_MAX], int64_t now_us) {
    int device = current(link);
    const struct profile *profile = profile_of(link, device);
    struct link_order order = {
        .kind = ORDER_REQUEST,
        .unit = link->rig->device[device].unit,
        .function = profile->function,
        .read_wire = profile->read_wire,
        .read_count = profile->read_count,
        .write_wire = profile->write_wire,
        .write_count = profile->write_count,
    };
    assert(order.read_count <= PROFILE_WORDS_MAX && order.write_count <= PROFILE_WORDS_MAX);
    memcpy(order.word, words[device], order.write_count * sizeof order.word[0]);
    link->sent_us = now_us;
    if (profile->term[TERM_SEQUENCE].present)
        order.word[profile->term[TERM_SEQUENCE].word] = ++link->sequence[device];
    return order;
}

/* ---- events ---- */

static void count_error(struct link *link) {
    link->report.link.errors++;
}

static enum link_event failed(struct link *link, int device, enum link_loss why) {
    link->failure = why;
    link->failure_device = device;
    return LINK_EVENT_FAILED;
}

/* The tries after a loss don't hide what it was. */
static void note_loss(struct link *link, enum link_event event) {
    struct image_link *report = &link->report.link;
    bool lost = event == LINK_EVENT_FAILED || event == LINK_EVENT_CYCLE_LOST;
    if (!lost || (link->step != STEP_UP && report->generation > 0))
        return;
    report->loss = event == LINK_EVENT_FAILED ? link->failure : LOSS_CYCLE;
    report->loss_device = event == LINK_EVENT_FAILED ? link->failure_device : -1;
}

static void back_off(struct link *link, enum link_event event, int64_t now_us) {
    if (event != LINK_EVENT_FAILED) {
        link->retry_us = now_us;
        return;
    }
    link->retry_us = now_us + (int64_t)backoff_ms[link->backoff] * 1000;
    if (link->backoff < LINK_BACKOFFS - 1)
        link->backoff++;
}

static void start_connect(struct link *link, enum link_event event, int64_t now_us) {
    (void)event;
    link->sent_us = now_us;
}

/* Moves on to the next check that there is, from (at, check). False when all were made. */
static bool find_check(struct link *link) {
    for (; link->at < link->device_count; link->at++, link->check = -1) {
        const struct profile *profile = profile_of(link, current(link));
        if (link->check < 0 && profile->term[TERM_IDENTITY].present)
            return true;
        link->check = link->check < 0 ? 0 : link->check;
        if (link->check < profile->check_count)
            return true;
    }
    return false;
}

static void start_identify(struct link *link, enum link_event event, int64_t now_us) {
    (void)event, (void)now_us;
    link->open = true;
    link->at = 0;
    link->check = -1;
}

static void refuse(struct link *link, enum link_event event, int64_t now_us) {
    (void)event;
    link->report.link.refused_device = current(link);
    link->report.link.refused_check = link->check;
    link->retry_us = now_us + (int64_t)LINK_REFUSED_RETRY_MS * 1000;
}

static void come_up(struct link *link, enum link_event event, int64_t now_us) {
    (void)event;
    link->report.link.generation++;
    for (int i = 0; i < link->device_count; i++) /* what was read before may be of a device that has restarted since */
        link->report.frame[link->device[i]].stamp_us = 0;
    link->report.link.setting_changed = false;
    link->at = link->recheck_at = link->recheck = 0;
    link->recheck_us = now_us + (int64_t)LINK_RECHECK_MS * 1000;
    link->resume_known = false;
    link->rested_us = link->pass_us = now_us;
    memset(link->echo_known, 0, sizeof link->echo_known);
}

static void start_stop(struct link *link, enum link_event event, int64_t now_us) {
    (void)event, (void)now_us;
    link->at = 0;
}

/* ---- orders ---- */

static void fire(struct link *link, enum link_event event, int64_t now_us);

static struct link_order next_try(struct link *link, const struct link_words *words, int64_t now_us) {
    (void)words;
    if (now_us < link->retry_us)
        return wait_until(link, link->retry_us, now_us);
    fire(link, LINK_EVENT_DUE, now_us);
    return (struct link_order){.kind = ORDER_CONNECT};
}

static struct link_order next_check(struct link *link, const struct link_words *words, int64_t now_us) {
    (void)words;
    if (!find_check(link)) {
        fire(link, LINK_EVENT_COMPLETE, now_us);
        return wait_until(link, now_us, now_us);
    }
    int device = current(link);
    const struct profile *profile = profile_of(link, device);
    if (link->check >= 0)
        return read_order(link, device, profile->check[link->check].wire, 1, now_us);
    /* The identity is read in the shape of the cyclic request: some devices refuse parts of a block. */
    return read_order(link, device, profile->read_wire, profile->read_count, now_us);
}

/* First release later than `after_us`: one tenth of a period after a tick, when the cycle has handed its words over. */
static int64_t release_after(const struct link *link, const struct link_words *words, int64_t after_us) {
    int64_t tick_us = words->number > 0 ? words->tick_us : link->started_us;
    int64_t offset_us = (after_us - tick_us - link->period_us / 10) % link->period_us;
    if (offset_us < 0)
        offset_us += link->period_us;
    return after_us - offset_us + link->period_us;
}

static bool words_too_old(const struct link *link, const struct link_words *words, int64_t now_us) {
    return words->number > 0 && now_us - words->tick_us > LINK_CYCLE_LOST_PERIODS * link->period_us;
}

/* Moves on to the next setting that there is, round and round. False when no device of this link has any. */
static bool find_setting(struct link *link) {
    for (int i = 0; i <= link->device_count; i++) {
        if (link->recheck < profile_of(link, link->device[link->recheck_at])->check_count)
            return true;
        link->recheck = 0;
        link->recheck_at = (link->recheck_at + 1) % link->device_count;
    }
    return false;
}

/* Between two passes. A setting may be changed while the winch moves, the drive's own watchdog above all. */
static struct link_order rest(struct link *link, int64_t release_us, int64_t now_us) {
    bool due = now_us + link->period_us >= link->recheck_us; /* after the next pass it is too late */
    if (!due || !find_setting(link))
        return wait_until(link, release_us, now_us);
    link->recheck_us = (link->recheck_us > now_us ? link->recheck_us : now_us) + (int64_t)LINK_RECHECK_MS * 1000;
    link->rechecking = true;
    int device = link->device[link->recheck_at];
    return read_order(link, device, profile_of(link, device)->check[link->recheck].wire, 1, now_us);
}

static struct link_order next_exchange(struct link *link, const struct link_words *words, int64_t now_us) {
    if (!link->resume_known) {
        link->resume_known = true;
        link->resume = words->number + LINK_FIRST_IMAGES;
    }
    if (link->at == 0) {
        int64_t release_us = release_after(link, words, link->rested_us);
        if (now_us < release_us)
            return rest(link, release_us, now_us);
    }
    if (words_too_old(link, words, now_us)) /* this thread was away: nobody knows yet who was late */
        return wait_until(link, release_after(link, words, now_us), now_us);
    if (link->at == 0) {
        link->pass_us = now_us;
        link->taken = 0;
    }
    bool resumed = words->number >= link->resume;
    return exchange(link, resumed ? words->word : link->stop->word, now_us);
}

static struct link_order next_stop(struct link *link, const struct link_words *words, int64_t now_us) {
    (void)words;
    while (link->at < link->device_count && profile_of(link, current(link))->write_count == 0)
        link->at++;
    if (link->at < link->device_count)
        return exchange(link, link->stop->word, now_us);
    fire(link, LINK_EVENT_COMPLETE, now_us);
    return wait_until(link, now_us, now_us);
}

static struct link_order next_silent(struct link *link, const struct link_words *words, int64_t now_us) {
    (void)words;
    return wait_until(link, INT64_MAX, now_us);
}

/* ---- replies ---- */

static enum link_event judge_check(struct link *link, const struct link_reply *reply, int64_t now_us) {
    (void)now_us;
    const struct profile *profile = profile_of(link, current(link));
    bool identity = link->check < 0;
    if (reply->count != (identity ? profile->read_count : 1))
        return failed(link, current(link), LOSS_REPLY);
    bool passed = identity ? reply->word[profile->term[TERM_IDENTITY].word] == profile->identity_value
                           : setting_right(link, current(link), link->check, reply->word[0]);
    if (!passed)
        return LINK_EVENT_REFUSED;
    link->check++;
    return LINK_EVENT_ANSWERED;
}

/* A setting that is wrong, or can't be read any more, does not end the link: the drive's watchdog may be the one that
 * is off, and the cycle stops the winch under control. The next connect refuses the device. */
static enum link_event judge_setting(struct link *link, const struct link_reply *reply) {
    struct image_link *report = &link->report.link;
    int device = link->device[link->recheck_at], check = link->recheck;
    bool answered = reply->outcome == OUTCOME_DONE;
    if (reply->outcome == OUTCOME_FAILED || (answered && reply->count != 1))
        return failed(link, device, answered ? LOSS_REPLY : reply->loss);
    link->recheck++;
    if (!answered || !setting_right(link, device, check, reply->word[0])) {
        report->setting_changed = true;
        report->refused_device = device;
        report->refused_check = check;
        return answered ? LINK_EVENT_REFUSED : LINK_EVENT_EXCEPTION;
    }
    if (report->refused_device == device && report->refused_check == check)
        report->setting_changed = false;
    return LINK_EVENT_ANSWERED;
}

enum echo { ECHO_RIGHT, ECHO_UNKNOWN, ECHO_WRONG };

/* A device echoes the number of this request, or of the one before when it answers from its last scan. What it echoes
 * on the first request of a connection, or after one that it refused, tells nothing unless it is this number. */
static enum echo judge_echo(struct link *link, int device, const struct link_reply *reply) {
    const struct profile *profile = profile_of(link, device);
    if (!counts_sequence(profile))
        return ECHO_RIGHT;
    bool known = link->echo_known[device];
    link->echo_known[device] = true;
    uint16_t echo = reply->word[profile->term[TERM_SEQUENCE_ECHO].word];
    uint16_t sent = link->sequence[device];
    if (echo == sent || (known && echo == (uint16_t)(sent - 1)))
        return ECHO_RIGHT;
    return known ? ECHO_WRONG : ECHO_UNKNOWN;
}

static enum link_event judge_data(struct link *link, const struct link_reply *reply, int64_t now_us) {
    int device = current(link);
    const struct profile *profile = profile_of(link, device);
    const struct profile_term *identity = &profile->term[TERM_IDENTITY];
    if (reply->count != profile->read_count)
        return failed(link, device, LOSS_REPLY);
    if (identity->present && reply->word[identity->word] != profile->identity_value)
        return failed(link, device, LOSS_IDENTITY);
    enum echo echo = judge_echo(link, device, reply);
    if (echo == ECHO_WRONG)
        return failed(link, device, LOSS_ECHO);
    link->at++;
    /* In step, but this thread or the whole machine stood still in between: nobody knows how old the data are. */
    bool late = now_us - link->sent_us > (int64_t)link->rig->link[link->index].response_timeout_ms * 1000;
    if (late)
        count_error(link);
    if (!late && echo == ECHO_RIGHT) {
        struct image_frame *frame = &link->report.frame[device];
        link->taken++;
        frame->stamp_us = now_us;
        memcpy(frame->word, reply->word, profile->read_count * sizeof frame->word[0]);
    }
    return LINK_EVENT_ANSWERED;
}

static enum link_event judge_stop(struct link *link, const struct link_reply *reply, int64_t now_us) {
    (void)reply, (void)now_us;
    link->at++;
    return LINK_EVENT_ANSWERED;
}

static enum link_event judge_connect(struct link *link, const struct link_reply *reply, int64_t now_us) {
    (void)link, (void)reply, (void)now_us;
    return LINK_EVENT_CONNECTED;
}

static void end_pass(struct link *link, int64_t now_us) {
    link->at = 0;
    if (link->taken == link->device_count)
        link->backoff = 0;
    link->rested_us = now_us;
    link->report.link.round_trip_us = now_us - link->pass_us;
}

/* ---- steps ---- */

static const struct step {
    const char *name;
    enum link_state state; /* as the cycle sees it; a connect in progress changes nothing in its view */
    bool open;             /* a connection belongs to it; it is reset when a step without one follows */
    void (*enter)(struct link *link, enum link_event event, int64_t now_us);
    struct link_order (*next)(struct link *link, const struct link_words *words, int64_t now_us);
    enum link_event (*judge)(struct link *link, const struct link_reply *reply, int64_t now_us);
} steps[STEP_COUNT] = {
    [STEP_NONE] = {"none", LINK_DOWN, false, NULL, NULL, NULL},
    [STEP_DOWN] = {"down", LINK_DOWN, false, back_off, next_try, NULL},
    [STEP_CONNECT] = {"connect", LINK_CONNECTING, false, start_connect, NULL, judge_connect},
    [STEP_IDENTIFY] = {"identify", LINK_CONNECTING, true, start_identify, next_check, judge_check},
    [STEP_REFUSED] = {"refused", LINK_REFUSED, false, refuse, next_try, NULL},
    [STEP_UP] = {"up", LINK_UP, true, come_up, next_exchange, judge_data},
    [STEP_STOP] = {"stop", LINK_DOWN, true, start_stop, next_stop, judge_stop},
    [STEP_SILENT] = {"silent", LINK_DOWN, false, NULL, next_silent, NULL},
};

const char *link_step_name(enum link_step step) {
    assert(step < STEP_COUNT);
    return steps[step].name;
}

static void fire(struct link *link, enum link_event event, int64_t now_us) {
    enum link_step next = link_transition(link->step, event);
    assert(next != STEP_NONE && "this event can't come in this step");
    if (event == LINK_EVENT_FAILED || event == LINK_EVENT_EXCEPTION)
        count_error(link);
    note_loss(link, event);
    if (next == link->step)
        return;
    if (steps[next].enter)
        steps[next].enter(link, event, now_us);
    link->step = next;
    bool trying_again = link->report.link.state == LINK_REFUSED && steps[next].state == LINK_CONNECTING;
    if (next != STEP_CONNECT && !trying_again)
        link->report.link.state = steps[next].state;
}

/* ---- interface ---- */

void link_init(struct link *link, const struct rig *rig, int index, const struct image_out *stop, int64_t now_us) {
    assert(index >= 0 && index < rig->link_count && rig->cycle_ms > 0);
    memset(link, 0, sizeof *link);
    link->rig = rig;
    link->index = index;
    link->stop = stop;
    link->period_us = (int64_t)rig->cycle_ms * 1000;
    link->step = STEP_DOWN;
    link->report.link = (struct image_link){
        .state = LINK_DOWN, .refused_device = -1, .refused_check = -1, .loss_device = -1};
    link->retry_us = link->started_us = link->looked_us = now_us;
    for (int i = 0; i < rig->device_count; i++)
        if (rig->device[i].link == index)
            link->device[link->device_count++] = i;
    assert(link->device_count > 0);
}

/* Whether the cycle still hands words over. Old words prove that it does not only when this thread was there to see. */
static void watch_cycle(struct link *link, const struct link_words *words, int64_t now_us) {
    assert(words->number == 0 || words->tick_us <= now_us + link->period_us);
    bool was_away = now_us - link->looked_us > link->period_us * 3 / 2;
    link->looked_us = now_us;
    bool old = words_too_old(link, words, now_us);
    if (link->ending || (old && !was_away))
        fire(link, LINK_EVENT_CYCLE_LOST, now_us);
    else if (!old && link->step == STEP_SILENT)
        fire(link, LINK_EVENT_CYCLE_BACK, now_us);
}

struct link_order link_next(struct link *link, const struct link_words *words, int64_t now_us) {
    watch_cycle(link, words, now_us);
    if (link->open && !steps[link->step].open) {
        link->open = false;
        return (struct link_order){.kind = ORDER_RESET};
    }
    assert(steps[link->step].next && "the last order was not done");
    return steps[link->step].next(link, words, now_us);
}

void link_done(struct link *link, const struct link_reply *reply, int64_t now_us) {
    assert(steps[link->step].judge && now_us >= link->sent_us);
    if (link->rechecking) {
        link->rechecking = false;
        fire(link, judge_setting(link, reply), now_us);
        return;
    }
    if (reply->outcome == OUTCOME_FAILED && link->step == STEP_CONNECT) {
        fire(link, failed(link, -1, LOSS_CONNECT), now_us);
    } else if (reply->outcome == OUTCOME_FAILED) {
        fire(link, failed(link, current(link), reply->loss), now_us);
    } else if (reply->outcome == OUTCOME_EXCEPTION) {
        link->echo_known[current(link)] = false;
        link->at += link->step != STEP_IDENTIFY;
        fire(link, LINK_EVENT_EXCEPTION, now_us);
    } else {
        fire(link, steps[link->step].judge(link, reply, now_us), now_us);
    }
    if (link->step == STEP_UP && link->at == link->device_count)
        end_pass(link, now_us);
}

void link_end(struct link *link) {
    link->ending = true;
}

bool link_ended(const struct link *link) {
    return link->ending && link->step == STEP_SILENT && !link->open;
}
