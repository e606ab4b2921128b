/* Bad packets: what belayd answers to each, and that it does nothing else. */
#include <criterion/criterion.h>
#include <string.h>

#include "protocol/packet.h"

static struct packet_request request;

static const struct {
    const char *packet, *code, *field;
} rows[] = {
    /* not one JSON object */
    {"", "not_json", ""},
    {" ", "not_json", ""},
    {"{", "not_json", ""},
    {"null", "not_json", ""},
    {"[]", "not_json", ""},
    {"\"stop\"", "not_json", ""},
    {"stop", "not_json", ""},
    {"{} {}", "not_json", ""},
    {"{\"v\":1,}", "not_json", ""},
    {"{'v':1}", "not_json", ""},
    {"{\"v\":1 /* no comments */}", "not_json", ""},
    {"{\"v\":01}", "not_json", ""},
    {"{\"v\":NaN}", "not_json", ""},
    {"{\"v\":Infinity}", "not_json", ""},
    {"{\"v\":-inf}", "not_json", ""},
    {"{\"v\":0x1}", "not_json", ""},
    {"{\"v\":1,5}", "not_json", ""},
    {"{\"v\":1e999}", "range", ""},
    {"{\"v\":99999999999999999999}", "range", ""},
    {"{\"v\":\"\xff\"}", "not_json", ""},
    {"{\"v\":\"\xc0\x80\"}", "not_json", ""},
    {"{\"v\":\"\\u0000\"}", "not_json", ""},
    {"{\"v\":\"\\ud800\"}", "not_json", ""},
    {"{\"v\":\"line\nbreak\"}", "not_json", ""},
    /* duplicate keys, at each level */
    {"{\"v\":1,\"v\":1,\"id\":1,\"method\":\"Safety.Arm\",\"params\":{}}", "duplicate_key", ""},
    {"{\"v\":1,\"id\":1,\"method\":\"Axis.Jog\",\"params\":{\"press\":1,\"press\":2,\"axis\":\"a\",\"speed_m_s\":1}}",
     "duplicate_key", ""},
    /* depth */
    {"{\"v\":[[[[[[[[1]]]]]]]]}", "too_deep", ""},
    {"{\"v\":{\"v\":{\"v\":{\"v\":{\"v\":{\"v\":{\"v\":{\"v\":{}}}}}}}}}", "too_deep", ""},
    {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "too_deep", ""},
    /* envelope */
    {"{}", "missing_field", "v"},
    {"{\"v\":1}", "missing_field", "id"},
    {"{\"v\":1,\"id\":1}", "missing_field", "method"},
    {"{\"v\":1,\"id\":1,\"method\":\"Safety.Stop\"}", "missing_field", "params"},
    {"{\"v\":1,\"id\":1,\"method\":\"Safety.Stop\",\"params\":null}", "type", "params"},
    {"{\"v\":1,\"id\":1,\"method\":\"Safety.Stop\",\"params\":[]}", "type", "params"},
    {"{\"v\":1,\"id\":1,\"method\":\"Safety.Stop\",\"params\":{},\"more\":1}", "unknown_field", "more"},
    {"{\"V\":1,\"v\":1,\"id\":1,\"method\":\"Safety.Stop\",\"params\":{}}", "unknown_field", "V"},
    {"{\"v\":2,\"id\":1,\"method\":\"Safety.Stop\",\"params\":{}}", "version", "v"},
    {"{\"v\":0,\"id\":1,\"method\":\"Safety.Stop\",\"params\":{}}", "version", "v"},
    {"{\"v\":\"1\",\"id\":1,\"method\":\"Safety.Stop\",\"params\":{}}", "type", "v"},
    {"{\"v\":1.0,\"id\":1,\"method\":\"Safety.Stop\",\"params\":{}}", "type", "v"},
    {"{\"v\":true,\"id\":1,\"method\":\"Safety.Stop\",\"params\":{}}", "type", "v"},
    {"{\"v\":1,\"id\":0,\"method\":\"Safety.Stop\",\"params\":{}}", "range", "id"},
    {"{\"v\":1,\"id\":-1,\"method\":\"Safety.Stop\",\"params\":{}}", "range", "id"},
    {"{\"v\":1,\"id\":2147483648,\"method\":\"Safety.Stop\",\"params\":{}}", "range", "id"},
    {"{\"v\":1,\"id\":\"1\",\"method\":\"Safety.Stop\",\"params\":{}}", "type", "id"},
    {"{\"v\":1,\"id\":null,\"method\":\"Safety.Stop\",\"params\":{}}", "type", "id"},
    {"{\"v\":1,\"id\":1,\"method\":\"safety.stop\",\"params\":{}}", "unknown_method", "method"},
    {"{\"v\":1,\"id\":1,\"method\":\"Safety.Stop \",\"params\":{}}", "unknown_method", "method"},
    {"{\"v\":1,\"id\":1,\"method\":\"State.Telemetry\",\"params\":{}}", "unknown_method", "method"},
    {"{\"v\":1,\"id\":1,\"method\":\"\",\"params\":{}}", "too_short", "method"},
    {"{\"v\":1,\"id\":1,\"method\":7,\"params\":{}}", "type", "method"},
    {"{\"v\":1,\"id\":1,\"method\":\"a-method-with-a-name-that-is-far-too-long-to-be-that-of-any-method\"}",
     "too_long", "method"},
    /* parameters */
    {"{\"v\":1,\"id\":1,\"method\":\"Axis.Jog\",\"params\":{\"press\":1,\"axis\":\"a\"}}", "missing_field",
     "params.speed_m_s"},
    {"{\"v\":1,\"id\":1,\"method\":\"Axis.Jog\",\"params\":{\"press\":1,\"axis\":\"a\",\"speed_m_s\":null}}", "type",
     "params.speed_m_s"},
    {"{\"v\":1,\"id\":1,\"method\":\"Axis.Jog\",\"params\":{\"press\":1,\"axis\":\"a\",\"speed_m_s\":\"0.1\"}}", "type",
     "params.speed_m_s"},
    {"{\"v\":1,\"id\":1,\"method\":\"Axis.Jog\",\"params\":{\"press\":1,\"axis\":\"a\",\"speed_m_s\":50.001}}", "range",
     "params.speed_m_s"},
    {"{\"v\":1,\"id\":1,\"method\":\"Axis.Jog\",\"params\":{\"press\":0,\"axis\":\"a\",\"speed_m_s\":0.1}}", "range",
     "params.press"},
    {"{\"v\":1,\"id\":1,\"method\":\"Axis.Jog\",\"params\":{\"press\":1.0,\"axis\":\"a\",\"speed_m_s\":0.1}}", "type",
     "params.press"},
    {"{\"v\":1,\"id\":1,\"method\":\"Axis.Jog\",\"params\":{\"press\":1,\"axis\":\"\",\"speed_m_s\":0.1}}", "too_short",
     "params.axis"},
    {"{\"v\":1,\"id\":1,\"method\":\"Axis.Jog\",\"params\":{\"press\":1,\"axis\":\"a\\nb\",\"speed_m_s\":0.1}}", "text",
     "params.axis"},
    {"{\"v\":1,\"id\":1,\"method\":\"Axis.Jog\",\"params\":{\"press\":1,\"axis\":\"a\",\"mm_s\":9,\"speed_m_s\":1}}",
     "unknown_field", "params.mm_s"},
    {"{\"v\":1,\"id\":1,\"method\":\"Safety.Stop\",\"params\":{\"soft\":true}}", "unknown_field", "params.soft"},
    {"{\"v\":1,\"id\":1,\"method\":\"Permission.Hold\",\"params\":{\"press\":1,\"t_us\":-1}}", "range", "params.t_us"},
    {"{\"v\":1,\"id\":1,\"method\":\"Permission.Hold\",\"params\":{\"press\":1,\"t_us\":9007199254740992}}", "range",
     "params.t_us"},
    {"{\"v\":1,\"id\":1,\"method\":\"Permission.Hold\",\"params\":{\"press\":1,\"t_us\":1e6}}", "type", "params.t_us"},
    {"{\"v\":1,\"id\":1,\"method\":\"State.Subscribe\",\"params\":{\"period_ms\":19}}", "range", "params.period_ms"},
    {"{\"v\":1,\"id\":1,\"method\":\"Cue.Go\",\"params\":{\"press\":1,\"cue\":\"0123456789abcdef\"}}", "too_long",
     "params.cue"},
};

Test(protocol, refuses_every_bad_packet_by_name) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct codec_problem problem;
        bool taken = packet_read_request(rows[i].packet, strlen(rows[i].packet), &request, &problem);
        cr_assert_not(taken, "taken: %s", rows[i].packet);
        cr_expect_str_eq(problem.code, rows[i].code, "%s: %s, not %s", rows[i].packet, problem.code, rows[i].code);
        cr_expect_str_eq(problem.field, rows[i].field, "%s: at %s, not %s", rows[i].packet, problem.field,
                         rows[i].field);
    }
}

/* Bytes that are no text, and sizes at the limit. */
Test(protocol, refuses_bytes_and_sizes) {
    static char big[MSG_PACKET_BYTES_MAX + 1];
    struct codec_problem problem;
    memset(big, ' ', sizeof big);
    cr_assert_not(packet_read_request(big, sizeof big, &request, &problem));
    cr_assert_str_eq(problem.code, "too_long");
    cr_assert_not(packet_read_request(big, sizeof big - 1, &request, &problem));
    cr_assert_str_eq(problem.code, "not_json");
    memset(big, '[', sizeof big);
    cr_assert_not(packet_read_request(big, sizeof big - 1, &request, &problem));
    cr_assert_str_eq(problem.code, "too_deep");
    cr_assert_not(packet_read_request("{}\0", 3, &request, &problem));
    cr_assert_str_eq(problem.code, "not_json");
}

/* An error that repeats a client's text never carries half a character, which would make the reply unsendable. */
Test(protocol, errors_stay_sendable_whatever_they_repeat) {
    static char packet[512], out[4096];
    for (int shift = 0; shift < 8; shift++) {
        char name[200] = "";
        memset(name, 'a', (size_t)shift);
        for (int i = 0; i < 30; i++)
            strcat(name, "\xf0\x9f\xaa\xa2"); /* four bytes each */
        snprintf(packet, sizeof packet, "{\"v\":1,\"id\":1,\"method\":\"Safety.Stop\",\"params\":{\"%s\":1}}", name);
        struct codec_problem problem;
        cr_assert_not(packet_read_request(packet, strlen(packet), &request, &problem));
        cr_assert_str_eq(problem.code, "unknown_field");
        cr_assert_gt(packet_write_error(1, problem.code, problem.field, problem.message, out, sizeof out), 0);
        cr_assert_not_null(strstr(out, "\xf0\x9f\xaa\xa2\\\" is not a field"), "%s", out);
    }
    cr_assert_gt(packet_write_error(1, "type", "\xff", "\xff", out, sizeof out), 0);
}
