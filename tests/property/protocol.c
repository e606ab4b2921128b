/* The decoders against mutated packets: seeded, so that a failure repeats. Whatever comes, they answer true or a named
 * error. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/packet.h"
#include "tests/property/runs.h"

#define MUTANTS RUNS_OF(100000)
#define BASES 32

static uint64_t state = 20260214;

static uint32_t draw(uint32_t below) {
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(state >> 33) % below;
}

static char base[BASES][2048];
static size_t base_length[BASES];
static int bases;

static void add_base(int length, const char *packet) {
    cr_assert(length > 0 && (size_t)length < sizeof base[0] && bases < BASES);
    memcpy(base[bases], packet, (size_t)length);
    base_length[bases++] = (size_t)length;
}

static void make_bases(void) {
    char packet[2048];
    const union msg_params params[] = {
        {.axis_jog = {.press = 3, .axis = "climber", .speed_m_s = -0.25}},
        {.cue_go = {.press = 3, .cue = "1"}},
        {.permission_hold = {.press = 3, .t_us = 81234567}},
        {.show_load = {.name = "show.yaml", .text = "format: 1\nshow: \"x\"\n"}},
        {.meta_hello = {.major = 1, .minor = 0, .client = "fuzz \xc3\xa9"}},
        {.state_subscribe = {.period_ms = 50}},
    };
    const enum msg_method methods[] = {MSG_AXIS_JOG,  MSG_CUE_GO,     MSG_PERMISSION_HOLD,
                                       MSG_SHOW_LOAD, MSG_META_HELLO, MSG_STATE_SUBSCRIBE};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        add_base(packet_write_request(5, methods[i], &params[i], packet, sizeof packet), packet);
    add_base(packet_write_request(5, MSG_SAFETY_STOP, NULL, packet, sizeof packet), packet);
    static struct msg_telemetry telemetry = {.state = "running", .has_show = true, .show = "x", .axes_count = 1,
                                             .faults_count = 1, .links_count = 1,
                                             .operation = {.mode = MSG_OPERATING_MODE_SETUP}};
    telemetry.axes[0] = (struct msg_telemetry_axis){.name = "climber", .state = "running", .mode = "follow",
                                                    .position_m = {true, 1.5, 3, MSG_QUALITY_GOOD},
                                                    .speed_m_s = {true, 0.5, 3, MSG_QUALITY_STALE},
                                                    .tension_n = {false, 0, 0, MSG_QUALITY_MISSING}};
    telemetry.links[0] = (struct msg_link){.name = "drive", .state = MSG_LINK_STATE_UP};
    add_base(packet_write_params(MSG_STATE_TELEMETRY, &telemetry, packet, sizeof packet), packet);
}

static size_t mutate(char *out, size_t size) {
    static const char *const tokens[] = {"\"", "{", "}", "[", "]", ",", ":", "null", "true", "1e308", "-1", "0", "1.5",
                                         "\\u0000", "\\ud83d", "\xff", "\xf0\x9f", "params", "\"v\":1,", "NaN",
                                         "99999999999999999999", "\n", "\\"};
    int from = (int)draw((uint32_t)bases);
    size_t length = base_length[from];
    memcpy(out, base[from], length);
    for (uint32_t changes = 1 + draw(4); changes > 0; changes--) {
        size_t at = length ? draw((uint32_t)length) : 0;
        const char *token = tokens[draw(sizeof tokens / sizeof tokens[0])];
        size_t width = strlen(token), tail = length - at;
        switch (draw(4)) {
        case 0:
            if (length)
                out[at] = (char)draw(256);
            break;
        case 1: /* cut a piece out */
            width = tail ? draw((uint32_t)(tail < 20 ? tail : 20)) : 0;
            memmove(out + at, out + at + width, tail - width);
            length -= width;
            break;
        case 2: /* put a token in */
            if (length + width < size) {
                memmove(out + at + width, out + at, tail);
                memcpy(out + at, token, width);
                length += width;
            }
            break;
        default: /* end here */
            length = draw(20) ? length : at;
        }
    }
    return length;
}

static bool code_known(const char *code) {
    for (int i = 0; msg_error_codes[i]; i++)
        if (strcmp(msg_error_codes[i], code) == 0)
            return true;
    return false;
}

static void check_problem(const struct codec_problem *problem) {
    static char reply[4096];
    cr_assert(code_known(problem->code), "%s", problem->code);
    cr_assert_gt(packet_write_error(1, problem->code, problem->field, problem->message, reply, sizeof reply), 0);
    json_t *json = json_loads(reply, 0, NULL);
    cr_assert_not_null(json, "%s", reply);
    cr_assert_gt(strlen(json_string_value(json_object_get(json_object_get(json, "error"), "message"))), 5);
    json_decref(json);
}

/* What was taken, written again and read again, is the same. */
static void check_taken(const struct packet_request *request) {
    static char again[MSG_PACKET_BYTES_MAX];
    static struct packet_request second;
    struct codec_problem problem;
    memset(&second, 0, sizeof second);
    int length = packet_write_request(request->id, request->method, &request->params, again, sizeof again);
    cr_assert_gt(length, 0);
    cr_assert(packet_read_request(again, (size_t)length, &second, &problem), "%s: %s", again, problem.message);
    cr_assert_eq(second.method, request->method);
    if (request->method == MSG_CUE_GO)
        cr_assert_str_eq(second.params.cue_go.cue, request->params.cue_go.cue);
}

Test(protocol, decoders_survive_a_hundred_thousand_mutants) {
    static struct packet_request request;
    static struct msg_telemetry telemetry;
    static char packet[4096];
    int taken = 0, tolerated = 0;
    make_bases();
    for (int i = 0; i < MUTANTS; i++) {
        size_t length = mutate(packet, sizeof packet);
        char *exact = malloc(length + 1); /* its own size, so that ASan sees one byte too far */
        memcpy(exact, packet, length);
        struct codec_problem problem = {.code = ""};
        if (packet_read_request(exact, length, &request, &problem)) {
            taken++;
            check_taken(&request);
        } else {
            check_problem(&problem);
        }
        json_t *json = codec_parse(exact, length, &problem);
        if (json && codec_decode(msg_events[MSG_STATE_TELEMETRY].params, json, false, "params", &telemetry, &problem))
            tolerated++;
        json_decref(json);
        free(exact);
    }
    cr_expect(taken > MUTANTS / 100 && taken < MUTANTS, "%d taken", taken); /* the mutants are near enough to matter */
    cr_expect_gt(tolerated, MUTANTS / 1000);
}
