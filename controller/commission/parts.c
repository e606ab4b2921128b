/* What a step depends on, as text, and its hash: the same text, the same line. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "controller/commission/commission.h"

#define PARTS_TEXT_MAX 8192

struct parts_text {
    size_t used;
    char text[PARTS_TEXT_MAX];
};

__attribute__((format(printf, 2, 3))) static void add(struct parts_text *to, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(to->text + to->used, sizeof to->text - to->used, format, arguments);
    va_end(arguments);
    assert(length >= 0 && to->used + (size_t)length < sizeof to->text);
    to->used += (size_t)length;
}

/* Which device it is, where it hangs and how it is read. */
static void add_device(struct parts_text *to, const struct rig *rig, int device) {
    const struct rig_device *from = &rig->device[device];
    const struct rig_link *link = &rig->link[from->link];
    add(to, "device %s %s:%u unit %u %s %d %d\n", from->name, link->host, (unsigned)link->port, (unsigned)from->unit,
        rig->profile[from->profile].hash, (int)from->comm_loss_ms_max, (int)from->hold_ms_min);
}

static void add_rope(struct parts_text *to, const struct rig *rig, const struct rig_axis *axis) {
    (void)rig;
    add(to, "rope %.17g %.17g %.17g\n", axis->drum.circumference_m, axis->rope.ea_n, axis->rope.lead_m);
    add(to, "reeving %.17g %.17g %.17g %.17g\n", axis->commissioning.reeving_ratio, axis->winding.rope_m,
        axis->winding.dead_turns, axis->winding.turns_per_layer);
    if (axis->winding.layers.present)
        add(to, "layers %d %.17g %.17g\n", (int)axis->winding.layers.count, axis->winding.layers.diameter_m,
            axis->winding.layers.nesting);
}

static void add_cell(struct parts_text *to, const struct rig *rig, const struct rig_axis *axis) {
    add_device(to, rig, axis->load_cell);
    add(to, "cell %.17g %.17g\n", axis->commissioning.tare_n_max, axis->commissioning.span_percent);
}

static void add_encoder(struct parts_text *to, const struct rig *rig, const struct rig_axis *axis) {
    const struct rig_drum *drum = &axis->drum;
    add_device(to, rig, axis->encoder);
    add(to, "encoder %.17g %d %d %.17g\n", drum->encoder_steps_per_turn, drum->encoder_sign,
        (int)drum->encoder_zero_steps, axis->commissioning.marks_mm);
}

static void add_drive(struct parts_text *to, const struct rig *rig, const struct rig_axis *axis) {
    add_device(to, rig, axis->drive);
    add(to, "drive %.17g %d %.17g\n", axis->drum.gear_ratio, axis->drum.motor_sign, axis->drive_stop.deceleration_m_s2);
}

static void add_brake(struct parts_text *to, const struct rig *rig, const struct rig_axis *axis) {
    const struct rig_commissioning *asked = &axis->commissioning;
    const struct rig_brake *brake = &axis->brake;
    add_device(to, rig, brake->io);
    for (int i = 0; i < brake->unit_count; i++)
        add(to, "brake %s %d\n", brake->unit[i].name, brake->unit[i].output);
    add(to, "brakes %d %d %.17g\n", (int)brake->open_ms_max, (int)brake->close_ms_max, brake->deceleration_m_s2);
    add(to, "test %.17g %.17g %d %.17g\n", axis->load.rated_mass_kg, asked->brake_test_percent,
        (int)asked->brake_hold_s, asked->brake_hold_mm);
}

static void add_estop(struct parts_text *to, const struct rig *rig, const struct rig_axis *axis) {
    int index = (int)(axis - rig->axis);
    add_device(to, rig, rig->safety.io);
    for (int i = 0; i < rig->safety.station_count; i++)
        if ((rig->safety.station[i].axes >> index & 1) != 0)
            add(to, "station %s %d\n", rig->safety.station[i].name, rig->safety.station[i].pair);
    if (rig->safety.relay.present)
        add(to, "relay %d %d\n", (int)rig->safety.relay.pulse_ms, (int)rig->safety.relay.timeout_ms);
    add(to, "chain %d %d %d\n", (int)axis->hardwired.off_delay_ms, (int)axis->hardwired.sto_response_ms,
        (int)axis->hardwired.on_delay_ms);
}

static void add_limits(struct parts_text *to, const struct rig *rig, const struct rig_axis *axis) {
    for (int i = 0; i < axis->switch_count; i++) {
        const struct rig_switch *from = &axis->limit_switch[i];
        add_device(to, rig, from->io);
        add(to, "switch %d %d %.17g %.17g\n", (int)from->kind, from->contact, from->opens_at_m, from->within_m);
    }
    add(to, "limits %.17g %.17g %.17g %.17g\n", axis->limits.position_min_m, axis->limits.position_max_m,
        axis->ultimate.position_min_m, axis->ultimate.position_max_m);
}

/* What is declared of how the drum follows. */
static void add_lag(struct parts_text *to, const struct rig *rig, const struct rig_axis *axis) {
    const struct rig_limits *limits = &axis->limits;
    add(to, "lag %d %d %d %d %.17g %.17g\n", (int)rig->cycle_ms, (int)limits->reaction_ms, (int)axis->monitors.dead_ms,
        (int)axis->monitors.lag_ms, axis->monitors.following_slack_ms, axis->rope.jerk_ms);
    add(to, "stop %.17g %.17g\n", limits->stop_payout_deceleration_m_s2, limits->stop_takein_deceleration_m_s2);
}

static void add_sensor(struct parts_text *to, const struct rig *rig, const struct rig_axis *axis) {
    const struct rig_reference *from = &axis->reference;
    if (!from->present)
        return;
    add_device(to, rig, from->device);
    add(to, "sensor %d %.17g %.17g %.17g\n", from->sign, from->low_mm, from->high_mm, from->check_mm);
}

void commission_parts_hash(const struct rig *rig, int axis, enum commission_step step, char hex[static HASH_HEX_SIZE]) {
    typedef void adder(struct parts_text * to, const struct rig *rig, const struct rig_axis *axis);
    static adder *const adders[PART_COUNT] = {
        [PART_ROPE] = add_rope,   [PART_CELL] = add_cell,   [PART_ENCODER] = add_encoder, [PART_DRIVE] = add_drive,
        [PART_BRAKE] = add_brake, [PART_ESTOP] = add_estop, [PART_LIMITS] = add_limits,   [PART_LAG] = add_lag,
        [PART_SENSOR] = add_sensor,
    };
    assert(rig && axis >= 0 && axis < rig->axis_count);
    struct parts_text text = {.used = 0};
    for (int part = 0; part < PART_COUNT; part++)
        if ((commission_step_row(step)->parts >> part & 1) != 0)
            adders[part](&text, rig, &rig->axis[axis]);
    hash_hex(text.text, text.used, hex);
}
