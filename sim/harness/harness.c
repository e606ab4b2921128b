/* Virtual time: bus exchange a tenth of a cycle after each tick, the world in between, then the controller. */
#include "sim/harness/harness.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SESSION 1
#define START_US INT64_C(1000000)
#define FIRST_IMAGES 2 /* after a connect the workers send stop words until the cycle has answered it twice */
#define WORLD_US 250 /* step of the world: an exchange happens between two */
#define WATCH_US 1000

static int put16(uint8_t *to, uint16_t value) {
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
    return 2;
}

static int request_pdu(const struct profile *profile, const uint16_t *words, uint8_t *pdu) {
    int n = 0;
    pdu[n++] = profile->function;
    n += put16(pdu + n, profile->read_wire);
    n += put16(pdu + n, profile->read_count);
    if (profile->function != 23)
        return n;
    n += put16(pdu + n, profile->write_wire);
    n += put16(pdu + n, profile->write_count);
    pdu[n++] = (uint8_t)(2 * profile->write_count);
    for (int i = 0; i < profile->write_count; i++)
        n += put16(pdu + n, words[i]);
    return n;
}

static void exchange_device(struct harness *harness, int device) {
    const struct rig_device *from = &harness->rig->device[device];
    const struct profile *profile = &harness->rig->profile[from->profile];
    struct image_frame *frame = &harness->image.frame[device];
    struct harness_reply *late = &harness->late[device];
    uint8_t pdu[256], reply[256];
    if (late->due_us > harness->now_us)
        return;
    if (late->due_us > 0) {
        memcpy(frame->word, late->word, sizeof late->word);
        frame->stamp_us = harness->now_us;
    }
    late->due_us = 0;
    bool first = harness->first_images[from->link] > 0;
    int length = request_pdu(profile, first ? harness->stop.word[device] : harness->out.image.word[device], pdu);
    int got = sim_world_request(harness->world, from->unit, pdu, length, reply);
    if (got != 2 + 2 * profile->read_count || reply[0] != profile->function)
        return; /* the frame keeps its old stamp and goes stale */
    const int64_t delay_us = sim_world_delay_us(harness->world, from->unit);
    if (delay_us > harness->rig->link[from->link].response_timeout_ms * INT64_C(1000))
        return; /* nobody waits for it any more */
    uint16_t *word = delay_us > 0 ? late->word : frame->word;
    for (int i = 0; i < profile->read_count; i++)
        word[i] = (uint16_t)(reply[2 + 2 * i] << 8 | reply[3 + 2 * i]);
    if (delay_us > 0)
        late->due_us = harness->now_us + delay_us;
    else
        frame->stamp_us = harness->now_us;
}

static void exchange(struct harness *harness) {
    for (int i = 0; i < harness->rig->link_count; i++) {
        struct image_link *link = &harness->image.link[i];
        enum link_state state = harness->link_cut[i] ? LINK_DOWN : LINK_UP;
        harness->first_images[i] -= harness->first_images[i] > 0;
        if (state == LINK_UP && link->state != LINK_UP) {
            link->generation++;
            harness->first_images[i] = FIRST_IMAGES;
        }
        link->state = state;
    }
    for (int i = 0; i < harness->rig->device_count; i++)
        if (!harness->link_cut[harness->rig->device[i].link])
            exchange_device(harness, i);
}

static void world_run(struct harness *harness, int64_t duration_us) {
    for (const int64_t end_us = harness->now_us + duration_us; harness->now_us < end_us;) {
        int64_t step_us = WATCH_US - harness->now_us % WATCH_US;
        step_us = step_us < end_us - harness->now_us ? step_us : end_us - harness->now_us;
        sim_world_step(harness->world, step_us);
        harness->now_us += step_us;
        if (harness->watch && harness->now_us % WATCH_US == 0)
            harness->watch(harness->context, harness);
    }
}

/* Bus workers release a tenth of a cycle after the tick. */
static int64_t exchange_after_us(int64_t period_us) {
    const int64_t after_us = (period_us / 10 + WORLD_US / 2) / WORLD_US * WORLD_US;
    return after_us > WORLD_US ? after_us : WORLD_US;
}

static void renew(struct harness *harness) {
    if (!harness->holding || harness->queued == HARNESS_COMMANDS_MAX)
        return;
    struct command permit = {.kind = COMMAND_PERMIT,
                             .session = SESSION,
                             .press = harness->press,
                             .expires_us = harness->now_us + (int64_t)harness->rig->permission_ms * 1000};
    memmove(harness->queue + 1, harness->queue, sizeof permit * (size_t)harness->queued);
    harness->queue[0] = permit;
    harness->queued++;
}

void harness_step(struct harness *harness) {
    int64_t period_us = (int64_t)harness->rig->cycle_ms * 1000;
    int64_t before_us = exchange_after_us(period_us);
    world_run(harness, before_us);
    if (!harness->controller_dead)
        exchange(harness);
    world_run(harness, period_us - before_us);
    if (harness->controller_dead)
        return;
    renew(harness);
    struct cycle_in in = {.image = &harness->image, .commands = harness->queue, .command_count = harness->queued};
    cycle_step(harness->cycle, &in, harness->now_us, &harness->out);
    harness->queued = 0;
}

void harness_run(struct harness *harness, double seconds) {
    int64_t end_us = harness->now_us + (int64_t)(seconds * 1e6);
    while (harness->now_us < end_us)
        harness_step(harness);
}

bool harness_until(struct harness *harness, bool (*holds)(const struct harness *), double seconds) {
    int64_t end_us = harness->now_us + (int64_t)(seconds * 1e6);
    while (!holds(harness) && harness->now_us < end_us)
        harness_step(harness);
    return holds(harness);
}

uint32_t harness_command(struct harness *harness, struct command command) {
    assert(harness->queued < HARNESS_COMMANDS_MAX);
    command.session = command.session ? command.session : SESSION;
    command.ticket = ++harness->ticket;
    command.press = harness->press;
    harness->queue[harness->queued++] = command;
    return command.ticket;
}

enum refusal harness_ask(struct harness *harness, struct command command) {
    uint32_t ticket = harness_command(harness, command);
    harness_step(harness);
    for (int i = 0; i < harness->out.reply_count; i++)
        if (harness->out.replies[i].ticket == ticket)
            return harness->out.replies[i].refusal;
    assert(false && "every command with a ticket is answered in its cycle");
    return REFUSED_COUNT;
}

void harness_hold(struct harness *harness) {
    harness->press++;
    harness->holding = true;
}

void harness_let_go(struct harness *harness) {
    harness->holding = false;
    harness_command(harness, (struct command){.kind = COMMAND_PERMIT_END});
}

int harness_open(struct harness *harness, const struct rig *rig, const struct show *show, const char *world_path,
                 char *errors, int errors_size) {
    memset(harness, 0, sizeof *harness);
    harness->rig = rig;
    harness->world = sim_world_new(world_path, errors, errors_size);
    if (!harness->world)
        return -EINVAL;
    harness->cycle = malloc(cycle_size());
    assert(harness->cycle);
    image_out_stop(rig, &harness->stop);
    harness->now_us = START_US;
    harness_start(harness, show);
    return 0;
}

void harness_kill(struct harness *harness) {
    harness->controller_dead = true;
    harness->holding = false;
    harness->queued = 0;
}

void harness_start(struct harness *harness, const struct show *show) {
    const struct rig *rig = harness->rig;
    cycle_init(harness->cycle, rig);
    memset(&harness->image, 0, sizeof harness->image);
    image_out_safe(rig, &harness->out.image);
    harness->controller_dead = false;
    harness_run(harness, 0.5);
    for (int i = 0; i < rig->axis_count; i++) /* virtual time keeps no record: every line is taken as commissioned */
        harness->queue[harness->queued++] = (struct command){.kind = COMMAND_CLEARANCE, .axis = i};
    if (show)
        harness_ask(harness, (struct command){.kind = COMMAND_SHOW, .show = show});
    harness_ask(harness, (struct command){.kind = COMMAND_MODE,
                                          .operating = OPERATING_WALK_THROUGH,
                                          .percent = rig->ladder.percent[0]});
}

void harness_close(struct harness *harness) {
    sim_world_free(harness->world);
    free(harness->cycle);
}
