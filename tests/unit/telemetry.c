/* From snapshots to what clients see. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "controller/serve/serve_parts.h"
#include "tests/bench_rig.h"

static struct bench *bench;
static struct snapshot snapshot;
static struct msg_telemetry telemetry;
static const char *stopper;

static void setup(void) {
    bench = bench_new();
    snapshot = bench->out.snapshot;
}

static void teardown(void) {
    bench_free(bench);
}

TestSuite(telemetry, .init = setup, .fini = teardown);

static const char *state_of(void) {
    telemetry_fill(&bench->rig, &snapshot, stopper, &telemetry);
    return telemetry.state;
}

Test(telemetry, says_what_the_snapshot_says) {
    cr_assert_str_eq(state_of(), "disarmed");
    cr_expect_eq(telemetry.cycle, (int64_t)snapshot.cycle);
    cr_expect_eq(telemetry.t_us, snapshot.t_us);
    cr_expect(telemetry.estop.known && telemetry.estop.a_closed && telemetry.estop.b_closed);
    cr_assert_eq(telemetry.estop.stations_count, 1);
    cr_expect_str_eq(telemetry.estop.stations[0].name, "desk");
    cr_expect_not(telemetry.has_first_out);
    cr_expect_eq(telemetry.faults_count, 0);
    cr_expect_str_eq(telemetry.show, "bench");
    cr_expect_str_eq(telemetry.standby_cue, "1");
    cr_expect_not(telemetry.has_running_cue);
    cr_assert_eq(telemetry.axes_count, 1);
    const struct msg_telemetry_axis *axis = &telemetry.axes[0];
    cr_expect_str_eq(axis->name, "climber");
    cr_expect_str_eq(axis->state, "disarmed");
    cr_expect_str_eq(axis->mode, "none");
    cr_expect_eq(axis->position_m.quality, MSG_QUALITY_GOOD);
    cr_expect_float_eq(axis->position_m.value, 10, 1e-3);
    cr_expect_float_eq(axis->tension_n.value, 90, 1);
    cr_expect(axis->has_height_m);
    cr_expect(axis->has_stop_at_m);
    cr_expect_float_eq(axis->stop_at_m, 10, 1e-3, "at rest it stands where it is");
    cr_expect_eq(telemetry.links_count, 1);
    cr_expect_eq(telemetry.links[0].state, MSG_LINK_STATE_UP);
    cr_expect_not(telemetry.links[0].has_refusal);
}

Test(telemetry, says_why_a_link_was_lost_and_the_drive_s_own_code) {
    state_of();
    cr_expect_not(telemetry.links[0].has_loss);
    cr_expect_not(telemetry.axes[0].has_drive_fault_code);
    snapshot.link[0].loss = LOSS_TIMEOUT;
    snapshot.link[0].loss_device = BENCH_DRIVE;
    snapshot.axis[0].drive_fault_code = 0x7510;
    state_of();
    cr_expect(telemetry.links[0].has_loss);
    cr_expect_neq(strstr(telemetry.links[0].loss, bench->rig.device[BENCH_DRIVE].name), NULL, "%s",
                  telemetry.links[0].loss);
    cr_expect(telemetry.axes[0].has_drive_fault_code);
    cr_expect_eq(telemetry.axes[0].drive_fault_code, 0x7510);
}

Test(telemetry, states_of_the_machine) {
    snapshot.armed = true;
    snapshot.axis[0].state = STATE_ARMED;
    cr_expect_str_eq(state_of(), "armed");
    const enum axis_state running[] = {STATE_ENABLING, STATE_OPENING, STATE_RUNNING};
    for (int i = 0; i < 3; i++) {
        snapshot.axis[0].state = running[i];
        cr_expect_str_eq(state_of(), "running");
    }
    const enum axis_state stopping[] = {STATE_STOPPING, STATE_CLOSING, STATE_RELEASING};
    for (int i = 0; i < 3; i++) {
        snapshot.axis[0].state = stopping[i];
        cr_expect_str_eq(state_of(), "stopping");
    }
    snapshot.fault_mask = FAULT_BIT(ESTOP);
    cr_expect_str_eq(state_of(), "fault");
    snapshot.shutting_down = true;
    snapshot.stopped = false;
    cr_expect_str_eq(state_of(), "fault");
    snapshot.stopped = true;
    cr_expect_str_eq(state_of(), "stopped");
}

/* A value that can't be relied on is never shown as one that can. */
Test(telemetry, quality_goes_with_every_value) {
    struct snapshot_value *value = &snapshot.axis[0].position_m;
    value->quality = QUALITY_STALE;
    value->age_us = 345600;
    state_of();
    cr_expect_eq(telemetry.axes[0].position_m.quality, MSG_QUALITY_STALE);
    cr_expect_float_eq(telemetry.axes[0].position_m.age_ms, 345.6, 1e-9);
    cr_expect_not(telemetry.axes[0].has_height_m, "a height of an old position is no height");
    cr_expect_not(telemetry.axes[0].has_stop_at_m);
    value->quality = QUALITY_BAD;
    state_of();
    cr_expect_eq(telemetry.axes[0].position_m.quality, MSG_QUALITY_BAD);
    value->quality = QUALITY_MISSING;
    state_of();
    cr_expect_not(telemetry.axes[0].position_m.has_value);
    const double wrong[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 3; i++) {
        *value = (struct snapshot_value){.value = wrong[i], .quality = QUALITY_GOOD};
        snapshot.axis[0].setpoint_m_s = snapshot.axis[0].height_m = snapshot.axis[0].stop_at_m = wrong[i];
        state_of();
        cr_expect_not(telemetry.axes[0].position_m.has_value);
        cr_expect_eq(telemetry.axes[0].position_m.quality, MSG_QUALITY_MISSING);
        static char text[MSG_PACKET_BYTES_MAX];
        cr_expect_gt(packet_write_params(MSG_STATE_TELEMETRY, &telemetry, text, sizeof text), 0);
    }
}

Test(telemetry, faults_come_with_their_remedies) {
    snapshot.fault_mask = snapshot.axis[0].fault_mask = FAULT_BIT(FALL_CAUGHT) | FAULT_BIT(ESTOP);
    snapshot.first_out = FAULT_FALL_CAUGHT;
    snapshot.first_out_axis = 0;
    snapshot.first_out_station = -1;
    snapshot.first_out_us = 77;
    cr_expect_str_eq(state_of(), "fault");
    cr_assert(telemetry.has_first_out && telemetry.first_out.has_axis);
    cr_expect_str_eq(telemetry.first_out.fault, "fall_caught");
    cr_expect_str_eq(telemetry.first_out.axis, "climber");
    cr_expect_eq(telemetry.first_out.t_us, 77);
    cr_expect_str_eq(telemetry.first_out.remedy, fault_text(FAULT_FALL_CAUGHT)->remedy);
    cr_expect_eq(telemetry.faults_count, 2);
    cr_assert_eq(telemetry.axes[0].faults_count, 2);
    cr_expect_str_eq(telemetry.axes[0].faults[0], "estop");
    snapshot.first_out_axis = -1;
    state_of();
    cr_expect_not(telemetry.first_out.has_axis);
}

Test(telemetry, a_fault_says_whether_its_cause_is_there) {
    snapshot.fault_mask = snapshot.axis[0].fault_mask = FAULT_BIT(ESTOP) | FAULT_BIT(DRIVE_STALE);
    snapshot.axis[0].there_mask = FAULT_BIT(DRIVE_STALE);
    snapshot.first_out = FAULT_ESTOP;
    state_of();
    cr_assert_eq(telemetry.faults_count, 2);
    cr_expect(telemetry.faults[0].has_there && !telemetry.faults[0].there, "%s", telemetry.faults[0].fault);
    cr_expect(telemetry.faults[1].has_there && telemetry.faults[1].there, "%s", telemetry.faults[1].fault);
}

Test(telemetry, names_the_station_that_was_pressed) {
    bench->rig.safety.station_count = 2;
    bench->rig.safety.station[1] = (struct rig_station){.name = "grid platform", .pair = 1, .axes = 1};
    snapshot.estop_a_closed[1] = true;
    snapshot.fault_mask = FAULT_BIT(ESTOP);
    snapshot.first_out = FAULT_ESTOP;
    snapshot.first_out_axis = -1;
    snapshot.first_out_station = 1;
    state_of();
    cr_expect(telemetry.estop.a_closed && !telemetry.estop.b_closed);
    cr_assert_eq(telemetry.estop.stations_count, 2);
    cr_expect(telemetry.estop.stations[0].a_closed && telemetry.estop.stations[0].b_closed);
    cr_expect(telemetry.estop.stations[1].a_closed && !telemetry.estop.stations[1].b_closed);
    cr_assert(telemetry.first_out.has_station);
    cr_expect_str_eq(telemetry.first_out.station, "grid platform");
    cr_expect_str_eq(telemetry.first_out.text, "Emergency stop: grid platform");
}

Test(telemetry, tells_beforehand_what_a_command_would_be_answered) {
    cr_expect_str_eq(state_of(), "disarmed");
    cr_assert(telemetry.has_go_refusal && telemetry.axes[0].has_payout_refusal && telemetry.axes[0].has_takein_refusal);
    cr_expect_str_eq(telemetry.go_refusal.name, "not_armed");
    snapshot.go = (struct verdict){.refusal = REFUSED_LINE_LOCKED, .axis = 0};
    snapshot.axis[0].payout = (struct verdict){.refusal = REFUSED_NOT, .axis = -1};
    state_of();
    cr_expect_not_null(strstr(telemetry.go_refusal.text, "climber: The line is locked"));
    cr_expect_not(telemetry.axes[0].has_payout_refusal);
    for (int refusal = 1; refusal < REFUSED_COUNT; refusal++)
        cr_expect_lt(strlen(cycle_refusal_text((enum refusal)refusal)) + RIG_NAME_MAX + 2,
                     sizeof telemetry.go_refusal.text);
}

static const char *words_of(struct verdict verdict) {
    static char text[sizeof telemetry.go_refusal.text];
    telemetry_refusal(&bench->rig, &bench->show, verdict, text, sizeof text);
    return text;
}

#define LONGEST_NAME "a-name-of-thirty-one-characters"

Test(telemetry, a_refusal_has_the_figures_that_help) {
    bench->rig.ladder = (struct rig_ladder){3, {10, 50, 100}};
    snprintf(bench->rig.axis[0].name, sizeof bench->rig.axis[0].name, LONGEST_NAME);
    struct verdict verdict = {.refusal = REFUSED_LADDER, .axis = 0, .detail = {.percent = 50, .cue = 1}};
    cr_expect_str_eq(words_of(verdict), LONGEST_NAME ": Cue 2 has not run clean at 50 % yet: disarm, select "
                                        "walk-through 50 %, run it to its end.");
    verdict = (struct verdict){.refusal = REFUSED_LADDER, .axis = -1, .detail = {.percent = 10, .cue = -1}};
    cr_expect_str_eq(words_of(verdict), "No move has run clean at 10 % yet: run one there to its end first.");
    verdict = (struct verdict){.refusal = REFUSED_RUNG, .axis = -1};
    cr_expect_str_eq(words_of(verdict), "The rig's ladder has no such rung: choose 10, 50 or 100 %.");
    verdict = (struct verdict){.refusal = REFUSED_LIMIT, .axis = 0, .detail = {.limit_m_s = 0.4}};
    cr_expect_str_eq(words_of(verdict), LONGEST_NAME ": Faster than it may jog that way: at most 0.40 m/s.");
    bench->rig.axis[0].belay.lowering_speed_max_m_s = 0.35;
    verdict = (struct verdict){.refusal = REFUSED_LINE_LOCKED, .axis = 0};
    cr_expect_not_null(strstr(words_of(verdict), "by jog, at most 0.35 m/s; unlock when nobody hangs there."));
    verdict = (struct verdict){.refusal = REFUSED_WEIGHT, .axis = 0};
    cr_expect_str_eq(words_of(verdict), LONGEST_NAME ": Somebody hangs on the line: only lowering by jog, at most "
                                        "0.35 m/s.");
    verdict = (struct verdict){.refusal = REFUSED_LIMIT, .axis = 0};
    cr_expect_not_null(strstr(words_of(verdict), "At the end of its travel, "));
    cr_expect_not_null(strstr(words_of(verdict), "when nobody hangs."), "whole, with the longest name");
}

/* What is worked out from a load cell that is not believed is no better than it. */
Test(telemetry, says_what_one_axis_may_by_itself) {
    static const char *const words[ALONE_COUNT] = {NULL, "reset", "arm", "hold"};
    for (int alone = 0; alone < ALONE_COUNT; alone++) {
        snapshot.axis[0].alone = (enum alone)alone;
        (void)state_of();
        cr_assert_eq(telemetry.axes[0].has_alone, words[alone] != NULL);
        cr_expect_str_eq(telemetry.axes[0].alone, words[alone] ? words[alone] : "");
    }
}

Test(telemetry, a_doubted_load_cell_is_good_for_nothing) {
    state_of();
    cr_assert_eq(telemetry.axes[0].tension_n.quality, MSG_QUALITY_GOOD);
    cr_assert(telemetry.axes[0].has_height_m);
    snapshot.axis[0].tension_doubted = true;
    state_of();
    cr_expect_eq(telemetry.axes[0].tension_n.quality, MSG_QUALITY_BAD);
    cr_expect_not(telemetry.axes[0].has_height_m);
}

Test(telemetry, says_who_ended_the_last_motion) {
    state_of();
    cr_expect_not(telemetry.has_last_stop);
    snapshot.stop_cause = STOPPED_GONE;
    snapshot.stop_session = 7;
    stopper = "belay-console";
    state_of();
    cr_assert(telemetry.has_last_stop && telemetry.last_stop.has_client);
    cr_expect_str_eq(telemetry.last_stop.what, "gone");
    cr_expect_eq(telemetry.last_stop.session, 7);
    cr_expect_str_eq(telemetry.last_stop.client, "belay-console");
    stopper = NULL;
    for (int cause = STOPPED_NOT + 1; cause < STOP_CAUSE_COUNT; cause++) {
        snapshot.stop_cause = (enum stop_cause)cause;
        state_of();
        cr_expect_str_eq(telemetry.last_stop.what, cycle_stop_name((enum stop_cause)cause));
        cr_expect_not(telemetry.last_stop.has_client);
    }
}

Test(telemetry, a_brake_that_is_not_known_is_not_called_closed) {
    state_of();
    cr_expect(telemetry.axes[0].has_brake_open && !telemetry.axes[0].brake_open);
    bench->silent[BENCH_IO] = true;
    bench_run(bench, 20);
    snapshot = bench->out.snapshot;
    state_of();
    cr_expect_not(telemetry.axes[0].has_brake_open);
}

/* No text of the tables is cut, and the fullest telemetry fits into a packet. */
Test(telemetry, texts_fit) {
    for (int id = 1; id < FAULT_COUNT; id++) {
        const struct fault_text *text = fault_text((enum fault_id)id);
        cr_expect_lt(strlen(text->name), sizeof telemetry.first_out.fault, "%s", text->name);
        cr_expect_lt(strlen(text->text), sizeof telemetry.first_out.text, "%s", text->name);
        cr_expect_lt(strlen(text->cause), sizeof telemetry.first_out.cause, "%s", text->name);
        cr_expect_lt(strlen(text->remedy), sizeof telemetry.first_out.remedy, "%s", text->name);
    }
    cr_expect_leq(sizeof(struct msg_hello_axis), 200);
    cr_expect_eq(sizeof telemetry.axes / sizeof telemetry.axes[0], RIG_AXES_MAX);
    cr_expect_eq(sizeof telemetry.links / sizeof telemetry.links[0], RIG_LINKS_MAX);
    cr_expect_eq(sizeof telemetry.axes[0].name, RIG_NAME_MAX);
    cr_expect_eq(sizeof telemetry.show, SHOW_NAME_MAX);
    cr_expect_eq(sizeof telemetry.standby_cue, SHOW_CUE_ID_MAX);
    cr_expect_eq(sizeof((struct msg_show *)0)->cues / sizeof(struct msg_cue), SHOW_CUES_MAX);
    cr_expect_eq(sizeof((struct msg_show *)0)->hash, RIG_HASH_MAX);
    struct rig rig = bench->rig;
    rig.axis_count = RIG_AXES_MAX;
    rig.link_count = RIG_LINKS_MAX;
    for (int i = 0; i < RIG_AXES_MAX; i++) {
        rig.axis[i] = rig.axis[0];
        memset(rig.axis[i].name, 'n', sizeof rig.axis[i].name - 1);
        snapshot.axis[i] = snapshot.axis[0];
        snapshot.axis[i].fault_mask = (UINT64_C(1) << FAULT_COUNT) - 2;
        snapshot.axis[i].tolerated_mask = snapshot.axis[i].fault_mask;
        snapshot.axis[i].payout = snapshot.axis[i].takein = (struct verdict){.refusal = REFUSED_LINE_LOCKED, .axis = i};
    }
    snapshot.fault_mask = (UINT64_C(1) << FAULT_COUNT) - 2;
    snapshot.first_out = FAULT_ESTOP;
    for (int i = 0; i < RIG_LINKS_MAX; i++) {
        memset(rig.link[i].name, 'l', sizeof rig.link[i].name - 1);
        snapshot.link[i] = (struct image_link){.state = LINK_REFUSED, .refused_device = 0, .refused_check = -1};
    }
    telemetry_fill(&rig, &snapshot, stopper, &telemetry);
    static char text[MSG_PACKET_BYTES_MAX - 256];
    int length = packet_write_params(MSG_STATE_TELEMETRY, &telemetry, text, sizeof text);
    cr_expect_gt(length, 10000);
}

Test(telemetry, what_a_reset_left_is_told_with_the_way_out) {
    state_of();
    cr_expect_eq(telemetry.remaining_count, 0);
    snapshot.axis[0].tolerated_mask = FAULT_BIT(OVERTENSION) | FAULT_BIT(POSITION_LIMIT);
    snapshot.axis[0].allow_payout = FAULT_BIT(OVERTENSION);
    snapshot.axis[0].allow_takein = FAULT_BIT(POSITION_LIMIT);
    state_of();
    cr_assert_eq(telemetry.remaining_count, 2);
    cr_expect(!telemetry.has_first_out && telemetry.faults_count == 0, "it is not latched");
    const struct msg_remaining *limit = &telemetry.remaining[0], *tension = &telemetry.remaining[1];
    cr_expect_str_eq(limit->fault, "position_limit");
    cr_expect(limit->takein && !limit->payout);
    cr_expect_str_eq(tension->axis, bench->rig.axis[0].name);
    cr_expect_str_eq(tension->fault, "overtension");
    cr_expect_str_eq(tension->text, fault_text(FAULT_OVERTENSION)->text);
    cr_expect_str_eq(tension->remedy, fault_text(FAULT_OVERTENSION)->remedy);
    cr_expect(tension->payout && !tension->takein);
}

Test(telemetry, a_refused_device_is_named_with_the_reason) {
    struct profile *profile = &bench->rig.profile[BENCH_DRIVE];
    snprintf(bench->rig.device[BENCH_DRIVE].name, sizeof bench->rig.device[0].name, "winch-drive");
    snprintf(profile->check[0].text, sizeof profile->check[0].text, "set parameter 8421 to 100 ms");
    profile->check_count = 1;
    snapshot.link[0] = (struct image_link){.state = LINK_REFUSED, .refused_device = BENCH_DRIVE, .refused_check = 0};
    state_of();
    cr_assert(telemetry.links[0].has_refusal);
    cr_expect_str_eq(telemetry.links[0].refusal, "winch-drive (unit 1): set parameter 8421 to 100 ms");
    snapshot.link[0].refused_check = -1;
    state_of();
    cr_expect_not_null(strstr(telemetry.links[0].refusal, "another device answers"));
}
