/* The schema of rig files. The ranges are what any rig may have; what this rig's values must be to each other is
 * checked in rig_check.c. */
#include "controller/rig/rig_schema.h"

#include "controller/base/yaml_fields.h"

const char *const rig_mode_words[RIG_MODES] = {"jog", "move", "recovery", "follow", "catch"};

static const char *const sign_words[] = {[SIGN_MINUS] = "-1", [SIGN_PLUS] = "1", NULL};

#define OWNER raw_rig_station
static const struct yaml_field station_fields[] = {
    FIELD_TEXT(name, "what the operator calls the station, like grid platform"),
    FIELD_INT(pair, 1, RIG_STATIONS_MAX, "the pair of inputs it is wired to, counted in the profile of the I/O device"),
    FIELD_NAMES(axes, "its zone: the axes that it stops"),
    FIELD_END};
#undef OWNER

#define OWNER rig_relay
static const struct yaml_field relay_fields[] = {
    FIELD_INT(pulse_ms, 8, 1000, "time from one edge of the pulse to the next, ms; 4 cycles at least"),
    FIELD_INT(timeout_ms, 20, 2000, "time without an edge after which the relay opens the chain, ms"),
    FIELD_END};
#undef OWNER

#define OWNER rig_recovery
static const struct yaml_field recovery_fields[] = {
    FIELD_INT(expires_s, 60, 3600, "time after which a recovery ends by itself, s"),
    FIELD_INT(clear_s, 5, 120, "time for which the clear of the second person lasts, s"),
    FIELD_END};
#undef OWNER

#define OWNER raw_safety
static const struct yaml_field safety_fields[] = {
    FIELD_NAME(io, "name of the safety I/O device that reads the E-stop chain"),
    FIELD_INT(estop_discrepancy_ms, 20, 2000, "longest time for which the two E-stop channels may disagree, ms"),
    FIELD_LIST(stations, 1, RIG_STATIONS_MAX, station_fields,
               "E-stop stations; each axis is in the zone of one at least"),
    OPTIONAL_MAP(relay, relay_fields,
                 "the safety relay that opens the chain when the pulse of the I/O device ends; without it nothing "
                 "opens the chain when belayd hangs"),
    FIELD_MAP(recovery, recovery_fields, "moving a person out without one failed sensor, by two people"),
    FIELD_END};
#undef OWNER

#define OWNER raw_link
static const struct yaml_field link_fields[] = {
    FIELD_NAME(name, "name of the link"),
    FIELD_TEXT(host, "numeric IPv4 address, like 192.168.1.10"),
    FIELD_INT(port, 1, 65535, "TCP port"),
    FIELD_INT(connect_timeout_ms, 10, 5000, "longest wait for a connection, ms"),
    FIELD_INT(response_timeout_ms, 2, 250, "longest wait for a reply, ms; then the connection is reset"),
    FIELD_END};
#undef OWNER

#define OWNER raw_device
static const struct yaml_field device_fields[] = {
    FIELD_NAME(name, "name of the device"),
    FIELD_NAME(link, "name of its link"),
    FIELD_INT(unit, 0, 255, "Modbus unit id behind the link"),
    FIELD_NAME(profile, "name of its profile file, without .yaml"),
    FIELD_INT(stale_after_ms, 4, 250, "age from which its values trip the axes that need them, ms"),
    OPTIONAL_INT(comm_loss_ms_max, has_comm_loss, 10, 1000,
                 "longest time to which its own communication watchdog may be set, ms; required for a drive and a "
                 "safety I/O block, for nothing else"),
    OPTIONAL_INT(hold_ms_min, has_hold, 20, 5000,
                 "shortest time for which it holds torque at standstill after its watchdog stopped it, ms; required "
                 "for a drive, for nothing else"),
    FIELD_END};
#undef OWNER

#define OWNER raw_drum
static const struct yaml_field drum_fields[] = {
    FIELD_DOUBLE(circumference_m, 0.05, 20, "rope paid out per drum turn at the rope's centre, in the first layer, m"),
    FIELD_DOUBLE(gear_ratio, 0.1, 1000, "motor turns per drum turn"),
    FIELD_ENUM(motor_sign, sign_words,
               "1 for a motor whose positive rpm pays out, -1 for one whose positive rpm takes in"),
    FIELD_DOUBLE(encoder_steps_per_turn, 1, 16777216, "encoder steps per drum turn"),
    FIELD_ENUM(encoder_sign, sign_words, "1 for a reading that grows with pay-out, -1 for one that falls"),
    FIELD_INT(encoder_zero_steps, INT32_MIN, INT32_MAX, "encoder reading at position 0, steps"),
    FIELD_BOOL(encoder_absolute, "whether the encoder sits on the drum and keeps its count without power"),
    FIELD_END};
#undef OWNER

#define OWNER raw_brake_unit
static const struct yaml_field brake_unit_fields[] = {
    FIELD_NAME(name, "name of the brake, for the operator"),
    FIELD_INT(output, 1, RIG_BRAKES_MAX, "which of the I/O block's outputs for brakes releases it, counted from 1"),
    FIELD_END};
#undef OWNER

#define OWNER raw_brake
static const struct yaml_field brake_fields[] = {
    FIELD_NAME(io, "name of the safety I/O device that the brakes hang on; it serves no other axis's"),
    FIELD_LIST(units, 1, RIG_BRAKES_MAX, brake_unit_fields,
               "brakes that hold this drum, opened and closed together; two where a person hangs on the rope"),
    FIELD_INT(open_ms_max, 20, 2000, "longest time from release to the feedback \"open\" of all, ms"),
    FIELD_INT(close_ms_max, 20, 2000, "longest time from closing to the feedback \"closed\" of all, ms"),
    FIELD_DOUBLE(deceleration_m_s2, 0.1, 100,
                 "deceleration at the rope that the torque of the weakest one, alone, gives the lowered rated load, "
                 "m/s2"),
    FIELD_INT(hold_ms_max, 1000, 600000,
              "longest time for which the drive holds the drum at speed 0 in a motion, until the brakes take it, ms; "
              "belaying, which never stands by itself, is left out"),
    FIELD_INT(handover_ms, 100, 10000,
              "time in which the torque of a drive that takes torque limits goes down a ramp, and for which any drive "
              "then waits one step from torque, while the drum is watched, ms; at most 2000"),
    FIELD_DOUBLE(handover_mm, 0.5, 100, "rope that may move in that time before the drive takes the load up again, mm"),
    OPTIONAL_DOUBLE(torque_min_percent, has_torque_min, 5, 300,
                    "share of the drive's rated torque that it must make against the closed brake, in the direction "
                    "that holds the load, before that is released, %; required where a person hangs on the rope"),
    FIELD_END};
#undef OWNER

#define OWNER rig_hardwired
static const struct yaml_field hardwired_fields[] = {
    FIELD_INT(off_delay_ms, 0, 20000,
              "time from the open E-stop chain until the hardware takes the torque off, ms; 0 on a chain that takes it "
              "off at once"),
    FIELD_INT(sto_response_ms, 1, 500, "time from torque off being asked for until the motor has none, ms"),
    FIELD_INT(on_delay_ms, 10, 10000, "longest time from the closed chain until the drive lets itself be enabled, ms"),
    FIELD_END};
#undef OWNER

#define OWNER rig_drive_stop
static const struct yaml_field drive_stop_fields[] = {
    FIELD_DOUBLE(deceleration_m_s2, 0.05, 50,
                 "deceleration of the drive's own quick stop and of its stop after lost communication, m/s2"),
    FIELD_END};
#undef OWNER

#define OWNER rig_ultimate
static const struct yaml_field ultimate_fields[] = {
    FIELD_DOUBLE(position_min_m, -150, 1100, "rope paid out below which nothing may ever come, m"),
    FIELD_DOUBLE(position_max_m, -150, 1100, "rope paid out beyond which nothing may ever come, m"), FIELD_END};
#undef OWNER

#define OWNER rig_load
static const struct yaml_field load_fields[] = {
    FIELD_DOUBLE(rated_mass_kg, 1, 20000, "heaviest load of this line, kg"),
    FIELD_DOUBLE(rated_dynamic_tension_n, 50, 500000,
                 "peak tension that rope, sheaves, anchors and harness are rated for, N"),
    FIELD_DOUBLE(overload_percent_up, 100, 200, "share of the rated load that stops taking in, %"),
    FIELD_DOUBLE(overload_percent_both, 100, 300, "share of the rated load that stops both ways, %"),
    OPTIONAL_DOUBLE(underload_n, has_underload, 1, 100000,
                    "tension below which a moving load is missing, N; without it an empty rope may be moved"),
    OPTIONAL_DOUBLE(slack_n, has_slack, 1, 100000,
                    "tension below which rope that is paid out is slack, N; without it rope may be laid down"),
    OPTIONAL_DOUBLE(snatch_speed_m_s, has_snatch_speed, 0.01, 2,
                    "greatest take-in speed of a jog or a move while the rope is slack, until its tension returns, "
                    "m/s; required beside slack_n"),
    FIELD_END};
#undef OWNER

#define OWNER rig_landing
static const struct yaml_field landing_fields[] = {
    FIELD_DOUBLE(from_m, -150, 1100, "rope paid out from which the load may stand, m"),
    FIELD_DOUBLE(to_m, -150, 1100, "rope paid out up to which it may, m"),
    FIELD_DOUBLE(speed_m_s, 0.01, 2,
                 "speed up to which rope may be light there: paid out while the load is set down, taken in until it "
                 "hangs again, m/s"),
    FIELD_END};
#undef OWNER

#define OWNER rig_spring
static const struct yaml_field spring_fields[] = {
    FIELD_DOUBLE(stiffness_n_m, 10, 100000, "stiffness of the spring, N/m"),
    FIELD_DOUBLE(stroke_m, 0.01, 10, "by so much it gives, then it is at its stop, m"), FIELD_END};
#undef OWNER

#define OWNER rig_bends
static const struct yaml_field bends_fields[] = {
    FIELD_INT(sheaves, 0, 20,
              "sheaves that the rope runs over, all lead_m from the drum; one that bends it the other way than the "
              "drum counts for two"),
    FIELD_INT(worn, 1, 100000000,
              "bends of one place after which the rope is to be replaced; its maker's figure for this tension and "
              "these diameters"),
    FIELD_END};
#undef OWNER

#define OWNER rig_rope
static const struct yaml_field rope_fields[] = {
    FIELD_DOUBLE(ea_n, 1000, 100000000, "stiffness of the rope, its force at 100 % stretch, N"),
    FIELD_DOUBLE(lead_m, 0, 200, "rope between drum and last sheave, m"),
    FIELD_DOUBLE(jerk_ms, 0, 5000,
                 "time in which an acceleration or deceleration builds up at the drum, in a planned stop too, ms"),
    OPTIONAL_DOUBLE(weight_kg_m, has_weight, 0.001, 50,
                    "weight of the rope, kg/m: what hangs of it is expected beside the load of a cue; without it "
                    "monitors.load must tolerate it"),
    OPTIONAL_DOUBLE(sheave_friction_percent, has_friction, 0, 30,
                    "share of the tension that the sheaves between load and load cell add taking in, and take paying "
                    "out, %; without it monitors.load must tolerate it"),
    OPTIONAL_MAP(spring, spring_fields, "a line spring between rope and load"),
    OPTIONAL_MAP(bends, bends_fields, "how often the rope may be bent; without it nobody counts"),
    FIELD_END};
#undef OWNER

#define OWNER rig_motion
static const struct yaml_field motion_fields[] = {
    FIELD_DOUBLE(payout_speed_max_m_s, 0.01, 20, "greatest pay-out speed in this mode, m/s"),
    FIELD_DOUBLE(takein_speed_max_m_s, 0.01, 20, "greatest take-in speed in this mode, m/s"),
    FIELD_DOUBLE(acceleration_m_s2, 0.05, 30, "greatest acceleration in this mode, m/s2"), FIELD_END};
#undef OWNER

#define OWNER rig_modes
static const struct yaml_field modes_fields[] = {
    FIELD_MAP(jog, motion_fields, "hold-to-run by hand"),
    FIELD_MAP(move, motion_fields, "a cue's move"),
    FIELD_MAP(recovery, motion_fields, "bringing a load down after a failure"),
    OPTIONAL_MAP(follow, motion_fields, "belaying; with a belay section only, and required there"),
    OPTIONAL_MAP(catch, motion_fields, "stopping a fall; with a belay section only, and required there"),
    FIELD_END};
#undef OWNER

#define OWNER rig_band
static const struct yaml_field band_fields[] = {
    FIELD_DOUBLE(from_m, -100, 1000, "rope paid out at which the band begins, m"),
    FIELD_DOUBLE(to_m, -100, 1000, "rope paid out at which it ends, m"),
    FIELD_DOUBLE(payout_speed_max_m_s, 0.01, 20, "greatest pay-out speed inside the band, m/s"),
    FIELD_DOUBLE(takein_speed_max_m_s, 0.01, 20, "greatest take-in speed inside the band, m/s"),
    FIELD_TEXT(why, "what is there: grid, water, a catwalk"),
    FIELD_END};
#undef OWNER

#define OWNER rig_limits
static const struct yaml_field limits_fields[] = {
    FIELD_DOUBLE(position_min_m, -100, 1000, "least rope paid out, m"),
    FIELD_DOUBLE(position_max_m, -100, 1000, "most rope paid out, m"),
    FIELD_DOUBLE(payout_speed_max_m_s, 0.01, 20, "greatest pay-out speed of any mode, m/s"),
    FIELD_DOUBLE(takein_speed_max_m_s, 0.01, 20, "greatest take-in speed of any mode, m/s"),
    FIELD_DOUBLE(stop_payout_deceleration_m_s2, 0.05, 30, "deceleration of a stop of pay-out, m/s2"),
    FIELD_DOUBLE(stop_takein_deceleration_m_s2, 0.05, 30, "deceleration of a stop of take-in, m/s2"),
    FIELD_INT(stop_time_max_ms, 50, 20000, "longest stop, of a catch too; then the brake closes at once, ms"),
    FIELD_DOUBLE(overspeed_m_s, 0.01, 25, "measured speed that trips, either direction, m/s"),
    FIELD_DOUBLE(following_error_max_m_s, 0.005, 5, "difference of measured speed and setpoint that trips, m/s"),
    FIELD_INT(following_error_ms, 10, 2000, "time for which it must last to trip, ms"),
    FIELD_DOUBLE(tension_max_n, 50, 50000, "rope tension that trips, N"),
    FIELD_DOUBLE(setup_speed_m_s, 0.005, 20, "greatest speed in set-up, either direction, m/s"),
    FIELD_DOUBLE(standstill_speed_m_s, 0.001, 0.1, "speed up to which the drum counts as standing, m/s"),
    FIELD_INT(enable_ms_max, 20, 5000, "longest time in which the drive enables or disables, ms"),
    FIELD_INT(reaction_ms, 5, 500, "time from a reading until the drum follows the setpoint made of it, ms"),
    FIELD_DOUBLE(jerk_max_m_s3, 0.2, 500, "greatest jerk of a move, a jog and a recovery, m/s3; stops may be harder"),
    FIELD_END};
#undef OWNER

#define OWNER rig_runner
static const struct yaml_field runner_fields[] = {
    FIELD_DOUBLE(speed_max_m_s, 0.5, 12, "fastest that the person runs, m/s"),
    FIELD_DOUBLE(acceleration_max_m_s2, 0.5, 15, "hardest that the person starts and stops, m/s2"), FIELD_END};
#undef OWNER

#define OWNER rig_belay
static const struct yaml_field belay_fields[] = {
    FIELD_DOUBLE(person_mass_kg, 20, 200, "registered mass of the person with harness, kg"),
    FIELD_DOUBLE(tension_n, 5, 1000, "tension held while the person moves, N"),
    FIELD_DOUBLE(band_min_n, 5, 1000, "lower edge of the tension band, N"),
    FIELD_DOUBLE(band_max_n, 5, 1000, "upper edge of the tension band, N"),
    FIELD_DOUBLE(weight_on_line_n, 20, 1500, "tension from which no rope is paid out, N; 300 at most but for a runner"),
    FIELD_DOUBLE(slack_n, 1, 100, "tension below which the rope counts as slack, N"),
    FIELD_DOUBLE(slack_max_m, 0, 2, "slack with which a fall may begin, m"),
    FIELD_DOUBLE(slack_takein_speed_max_m_s, 0.05, 1, "greatest take-in speed while the rope is slack, m/s"),
    FIELD_DOUBLE(catch_deceleration_m_s2, 0.5, 20, "deceleration of pay-out in a catch, m/s2"),
    FIELD_DOUBLE(fall_speed_m_s, 0.5, 20, "speed of the person away from the drum that is a fall, m/s"),
    FIELD_DOUBLE(lowering_speed_max_m_s, 0.05, 1, "greatest speed of lowering after a catch, m/s"),
    FIELD_DOUBLE(restart_speed_max_m_s, 0.05, 1, "greatest take-in speed after a start until the band is reached, m/s"),
    FIELD_DOUBLE(drive_lag_ms, 1, 200, "lag of the drive from setpoint to speed, ms"),
    FIELD_DOUBLE(cell_lag_ms, 1, 200, "lag of the load cell, ms"),
    FIELD_DOUBLE(anchor_height_m, 1, 1000, "height of the last sheave above the ground, m"),
    OPTIONAL_MAP(runner, runner_fields,
                 "this line unweights a person who runs on the ground, and belays no climber: who starts to run gains "
                 "speed like one who falls"),
    FIELD_END};
#undef OWNER

#define OWNER rig_load_tolerance
static const struct yaml_field tolerance_fields[] = {
    FIELD_DOUBLE(tolerance_n, 1, 100000,
                 "tension that may differ from what the load of a cue explains, N, and beside it"),
    FIELD_DOUBLE(tolerance_percent, 0, 100, "share of the expected tension that may differ, %"),
    OPTIONAL_INT(readings, has_readings, 2, 20,
                 "readings in a row beyond it that trip; a cue whose own swing would go beyond it is refused then; "
                 "without it they must last for load_ms"),
    FIELD_END};
#undef OWNER

#define OWNER rig_duty
static const struct yaml_field duty_fields[] = {
    FIELD_DOUBLE(continuous_percent, 10, 200, "torque that the motor may give without end, of its rated torque, %"),
    FIELD_DOUBLE(time_s, 5, 7200, "time constant in which the motor warms up, s"), FIELD_END};
#undef OWNER

#define OWNER rig_pull
static const struct yaml_field pull_fields[] = {
    FIELD_DOUBLE(rated_n, 10, 1000000, "force at the rope in the first layer, at the motor's rated torque, N"),
    FIELD_DOUBLE(mass_kg, 0, 100000, "inertia of motor, gear and drum, as a mass that moves with the rope, kg"),
    FIELD_DOUBLE(tolerance_n, 1, 1000000,
                 "by so much the cell may differ from the motor, N, and beside it: friction of gear and bearings first "
                 "of all"),
    FIELD_DOUBLE(tolerance_percent, 0, 100, "share of the greater of both by which they may differ, %"),
    FIELD_INT(window_ms, 20, 1000, "time over which the means of both are compared, ms; two windows in a row trip"),
    FIELD_END};
#undef OWNER

#define OWNER rig_monitors
static const struct yaml_field monitors_fields[] = {
    FIELD_INT(window_ms, 10, 3000, "time over which travels are compared, ms; at most 64 cycles"),
    FIELD_INT(dead_ms, 0, 1000, "time from a setpoint being sent until the drum begins to follow, ms"),
    FIELD_INT(lag_ms, 0, 2000, "lag with which it then follows, ms"),
    FIELD_DOUBLE(following_base_mm, 1, 1000, "rope's travel that may differ from the setpoints', mm, and beside it"),
    FIELD_DOUBLE(following_slack_ms, 0, 1000, "time for which it may differ by the window's greatest speed, ms"),
    FIELD_DOUBLE(mismatch_base_mm, 1, 1000, "motor's travel that may differ from the encoder's, mm, and beside it"),
    FIELD_DOUBLE(mismatch_slack_ms, 0, 1000,
                 "time for which it may differ by the window's greatest speed, ms; over 5 s by twice both"),
    FIELD_DOUBLE(frozen_mm, 1, 1000, "motor's travel with an encoder that stands still that trips, mm"),
    FIELD_DOUBLE(unintended_mm, 1, 1000, "travel without a setpoint, against it or beyond a slow one, that trips, mm"),
    FIELD_DOUBLE(moved_mm, 1, 1000, "travel with the brake closed that trips, mm"),
    FIELD_INT(moved_ms, 10, 2000, "time for which the drum may turn with the brake closed, ms"),
    FIELD_DOUBLE(tension_low_n, -50000, 0, "least plausible reading of the load cell, N"),
    FIELD_DOUBLE(tension_high_n, 50, 500000, "greatest plausible reading of the load cell, N"),
    FIELD_DOUBLE(tension_rate_n_s, 10, 10000000, "change of tension that trips, N/s"),
    {.key = "tension_frozen_ms",
     .kind = YAML_KIND_INT,
     .offset = offsetof(struct OWNER, tension_frozen_ms),
     FIELD_FLAGGED(has_tension_frozen),
     FIELD_RANGE(20, 60000),
     .doc =
         "time for which the load cell may repeat itself to the last bit while the rope moves, ms; without it a cell "
         "that does so normally is trusted"},
    FIELD_INT(load_ms, 10, 5000,
              "time for which overload, underload, slack or an unexpected load must last to trip, ms"),
    OPTIONAL_MAP(load, tolerance_fields,
                 "how exactly the load of a cue is known; without it cues of this axis name none"),
    OPTIONAL_MAP(duty, duty_fields,
                 "how much the motor may do, by the torque that its drive tells; without it the drive's own motor "
                 "protection is alone"),
    OPTIONAL_MAP(pull, pull_fields,
                 "how well the load cell and the motor's torque must agree; required on a line that belays a person"),
    FIELD_END};
#undef OWNER

#define OWNER rig_commissioning
static const struct yaml_field commissioning_fields[] = {
    FIELD_INT(daily_h, 1, 168, "time after which the daily steps are asked for again, h"),
    FIELD_DOUBLE(speed_max_m_s, 0.01, 1,
                 "greatest speed of a jog while the line is not commissioned or its daily test is due, m/s"),
    FIELD_DOUBLE(reeving_ratio, 1, 12, "parts of rope that carry the load"),
    FIELD_DOUBLE(marks_mm, 1, 200, "difference of a taped mark from the reading that is let pass, mm"),
    FIELD_DOUBLE(bump_mm, 20, 200, "way of the direction bump, each way, mm; 50 as a rule"),
    FIELD_DOUBLE(bump_speed_m_s, 0.005, 0.1, "its speed, m/s; 0.02 as a rule"),
    FIELD_DOUBLE(bump_tension_n, 1, 5000, "least change of tension that it makes on the fixed rope, N"),
    FIELD_DOUBLE(tare_n_max, 1, 500, "greatest reading of the load cell without load, either sign, N"),
    FIELD_DOUBLE(span_percent, 0.1, 10, "difference of a reading from the known load that is let pass, %"),
    FIELD_DOUBLE(brake_test_percent, 100, 200, "load that each brake must hold alone, share of the rated load, %"),
    FIELD_INT(brake_hold_s, 2, 600, "time for which it must hold, s"),
    FIELD_DOUBLE(brake_hold_mm, 0.5, 50, "rope that it may let go meanwhile, mm"),
    FIELD_END};
#undef OWNER

#define OWNER rig_layers
static const struct yaml_field layers_fields[] = {
    FIELD_INT(count, 2, WINDING_LAYERS_MAX, "layers that the drum takes"),
    FIELD_DOUBLE(diameter_m, 0.001, 0.2, "diameter of the rope, m"),
    FIELD_DOUBLE(nesting, 0.866, 1,
                 "by how many diameters a layer lies higher than the one below: 1 where rope lies on rope, 0.866 in "
                 "the furrows; measured on the full drum"),
    FIELD_END};
#undef OWNER

#define OWNER rig_winding
static const struct yaml_field winding_fields[] = {
    FIELD_DOUBLE(rope_m, 0.1, 2000, "rope on the drum at position 0, up to its end there, m"),
    FIELD_DOUBLE(dead_turns, 1, 50, "turns that must stay on the drum, so that the rope's end holds; often 3"),
    FIELD_DOUBLE(turns_per_layer, 1, 10000, "turns that lie beside each other on the drum"),
    OPTIONAL_MAP(layers, layers_fields,
                 "rope that lies on rope; without it the drum has one layer. With it circumference_m is the first "
                 "layer's; forces and decelerations at the rope are those of the worst layer: brakes, torque and load "
                 "of the outermost, the drive's own stop of the innermost"),
    FIELD_END};
#undef OWNER

const char *const rig_switch_words[] = {
    [GUARD_END_PAYOUT] = "end_payout",
    [GUARD_END_TAKEIN] = "end_takein",
    [GUARD_ULTIMATE_PAYOUT] = "ultimate_payout",
    [GUARD_ULTIMATE_TAKEIN] = "ultimate_takein",
    [GUARD_DEAD_TURNS] = "dead_turns",
    [GUARD_OVERWRAP] = "overwrap",
    [GUARD_SWITCH_COUNT] = NULL,
};

#define OWNER raw_switch
static const struct yaml_field switch_fields[] = {
    FIELD_ENUM(kind, rig_switch_words, "what it tells"),
    FIELD_NAME(io, "name of the safety I/O device that reads it"),
    FIELD_INT(contact, 1, PROFILE_CONTACTS_MAX, "the input it is wired to, counted in the profile of the I/O device"),
    OPTIONAL_DOUBLE(opens_at_m, has_opens_at, -150, 1100,
                    "rope paid out at which it opens, to stay open beyond, m; required but for overwrap, which has no "
                    "such place"),
    OPTIONAL_DOUBLE(within_m, has_within, 0.01, 20,
                    "how far from there it may still be closed or open already, m; required beside opens_at_m"),
    FIELD_END};
#undef OWNER

#define OWNER rig_person
static const struct yaml_field person_fields[] = {
    FIELD_DOUBLE(lightest_kg, 5, 200, "lightest person who may hang on this line, with harness, kg"),
    FIELD_DOUBLE(hangs_n, 10, 2000,
                 "tension from which, at rest, somebody hangs on the rope: the line is not unlocked, N; a jog or a "
                 "move that began on an empty rope waits at speed 0 from then on, and ends when it lasts for "
                 "monitors.load_ms"),
    FIELD_END};
#undef OWNER

#define OWNER raw_reference
static const struct yaml_field reference_fields[] = {
    FIELD_NAME(device, "name of the motion sensor among the devices"),
    FIELD_ENUM(sign, sign_words,
               "1 for a reading that grows as rope has to be paid out, as the height of a deck does; -1 for one that "
               "falls"),
    FIELD_DOUBLE(latency_ms, 0, 200,
                 "from the motion until the sensor's register shows it, ms; measured, and rather too little"),
    FIELD_DOUBLE(smoothing_ms, 10, 1000,
                 "of its readings, ms: less follows faster, more lets less noise through; 100 for a swell"),
    FIELD_DOUBLE(low_mm, -100000, 100000, "least plausible reading, mm"),
    FIELD_DOUBLE(high_mm, -100000, 100000, "greatest plausible reading, mm"),
    FIELD_DOUBLE(jump_mm, 1, 5000, "a reading farther from what was expected is not believed, mm"),
    FIELD_DOUBLE(silent_ms, 10, 1000,
                 "without a new reading that is believed for so long the sensor is lost and the motion ends, ms: one "
                 "that works never shows the same number for long, its last digits are noise"),
    FIELD_DOUBLE(error_max_mm, 10, 5000, "farther from its place the drum does not keep up, and the motion ends, mm"),
    FIELD_DOUBLE(check_mm, 50, 5000,
                 "by so much deck or sensor is raised in commissioning, mm: it must then ask for as much pay-out"),
    FIELD_END};
#undef OWNER

#define OWNER raw_axis
static const struct yaml_field axis_fields[] = {
    FIELD_NAME(name, "name of the axis"),
    FIELD_BOOL(carries_person, "whether a person hangs on this rope"),
    FIELD_NAME(drive, "name of its drive among the devices"),
    FIELD_NAME(load_cell, "name of its load cell among the devices"),
    FIELD_NAME(encoder, "name of its encoder among the devices"),
    FIELD_MAP(drum, drum_fields, "rope, drum, gear and encoder"),
    FIELD_MAP(brake, brake_fields, "the holding brakes"),
    FIELD_MAP(hardwired, hardwired_fields, "what the hardwired E-stop chain does to this axis by itself"),
    FIELD_MAP(drive_stop, drive_stop_fields, "what the drive does by itself"),
    FIELD_NAME(stops, "name of its stop table"),
    FIELD_MAP(limits, limits_fields, "what this axis may never exceed; all of them required"),
    FIELD_MAP(ultimate, ultimate_fields, "what no stop of any kind may reach"),
    FIELD_MAP(modes, modes_fields, "speeds and accelerations of each way of moving"),
    FIELD_LIST(bands, 0, RIG_BANDS_MAX, band_fields, "heights in which other speeds hold; [] when there are none"),
    FIELD_MAP(load, load_fields, "what hangs on the rope"),
    OPTIONAL_MAP(landing, landing_fields,
                 "window in which the load is set down; without it load.slack_n and load.underload_n trip everywhere"),
    FIELD_MAP(rope, rope_fields, "what it hangs on"),
    FIELD_MAP(monitors, monitors_fields, "what is watched, and from where it trips"),
    FIELD_MAP(winding, winding_fields, "how the rope lies on the drum"),
    FIELD_LIST(switches, 0, GUARD_SWITCH_COUNT, switch_fields,
               "limit switches, normally closed, one of each kind at most; [] when none is fitted"),
    OPTIONAL_MAP(reference, reference_fields,
                 "what moves by itself under the winch, a deck for one; without it the axis takes no compensate cue"),
    OPTIONAL_MAP(belay, belay_fields,
                 "tension holding with a person on the rope; without it the axis takes no belay cue"),
    OPTIONAL_MAP(commissioning, commissioning_fields,
                 "what commissioning and the daily test ask for; required on a line that carries a person"),
    OPTIONAL_MAP(person, person_fields, "who may hang on the rope; required on a line that carries a person"),
    FIELD_END};
#undef OWNER

#define OWNER raw_stop_row
static const struct yaml_field stop_row_fields[] = {
    FIELD_WORDS(faults, 1, rig_fault_words, "faults that this row decides"),
    FIELD_WORDS(modes, 1, rig_stop_mode_words, "in which modes; none: nothing moves the axis"),
    FIELD_WORDS(directions, 1, rig_direction_words, "and in which directions of motion"),
    FIELD_ENUM(
        reaction, rig_reaction_words,
        "ramp: down by setpoints, then brake, then torque off; drive: the same by the drive's own quick stop; off: "
        "torque off and brake at once"),
    FIELD_ENUM(scope, rig_scope_words, "whether this axis stops, all of its group, or all of the rig"),
    FIELD_WORDS(allows, 0, rig_allows_words, "directions in which a jog is let after a reset while the cause remains"),
    FIELD_END};
#undef OWNER

#define OWNER raw_stop_table
static const struct yaml_field stop_table_fields[] = {
    FIELD_NAME(name, "name of the table"),
    FIELD_LIST(rows, 1, RIG_STOP_ROWS_MAX, stop_row_fields, "every fault, mode and direction once, in any order"),
    FIELD_END};
#undef OWNER

static const char *const group_kinds[] = {
    [GROUP_FREE] = "free", [GROUP_SAFE] = "safe", [GROUP_LOCKED] = "locked", NULL};

const char *rig_group_kind_name(enum rig_group_kind kind) {
    return group_kinds[kind];
}

#define OWNER raw_group
static const struct yaml_field group_fields[] = {
    FIELD_NAME(name, "name of the group, unlike that of any axis"),
    FIELD_ENUM(kind, group_kinds,
               "free: one cue may move them all, and each stops alone; safe: whatever stops one stops all; locked: "
               "they carry one thing between them, move in level and stop in level"),
    FIELD_NAMES(axes, "its axes, two at least; of a locked one none with a belay section"),
    OPTIONAL_DOUBLE(deviation_m, has_deviation_m, 0.001, 5,
                    "of a locked group, and there needed: how far one of them may get ahead of another, from where "
                    "they stood when a motion began, m; one that is jogged alone goes no further at a time, unless it "
                    "has no other way down"),
    OPTIONAL_DOUBLE(share_trim_m, has_share_trim_m, 0.001, 1,
                    "of a locked group whose lines end at one point: how far each drum may leave the common place in a "
                    "cue with a load, so that each line carries its share, m; without it they stay level"),
    OPTIONAL_DOUBLE(drop_m, has_drop_m, 0.001, 20,
                    "of a locked group, and there needed: how far one of them may get ahead of another when one is "
                    "stopped by its brake alone in a move at full speed, m; what they carry must bear being so far out "
                    "of level"),
    OPTIONAL_DOUBLE(mass_kg, has_mass_kg, 5, 100000,
                    "of a locked group that carries people, and there needed: what hangs on all its lines together, "
                    "kg; each of them alone carries it, the jolt of another one's going slack included"),
    FIELD_END};
#undef OWNER

#define OWNER raw_point_line
static const struct yaml_field point_line_fields[] = {
    FIELD_NAME(axis, "its axis, a line of no other point; without a belay section, and with load.underload_n"),
    FIELD_DOUBLE(x_m, -1000, 1000, "place of its last sheave, m"),
    FIELD_DOUBLE(y_m, -1000, 1000, "the same across, m"),
    FIELD_DOUBLE(z_m, -1000, 1000, "the same, up, m"),
    FIELD_DOUBLE(tension_min_n, 1, 100000,
                 "least pull that a flight may leave it, N; more than load.underload_n and load.slack_n of its axis"),
    FIELD_DOUBLE(tension_max_n, 1, 100000,
                 "most pull that a flight may give it, N; less than limits.tension_max_n of its axis"),
    FIELD_END};
#undef OWNER

#define OWNER raw_point
static const struct yaml_field point_fields[] = {
    FIELD_NAME(name, "name of the point"),
    FIELD_LIST(lines, 2, RIG_POINT_LINES_MAX, point_line_fields,
               "its lines; on two it keeps to the vertical plane of both sheaves"),
    FIELD_DOUBLE(tension_n, 1, 100000,
                 "pull that four lines are kept near, N; between least and most of each; of fewer lines each pull "
                 "follows from the load"),
    FIELD_DOUBLE(mass_min_kg, 1, 10000, "lightest load that flies, hook and gear included, kg"),
    FIELD_DOUBLE(mass_max_kg, 1, 10000, "heaviest, kg"),
    FIELD_DOUBLE(x_min_m, -1000, 1000, "volume that no flight leaves, m"),
    FIELD_DOUBLE(x_max_m, -1000, 1000, "its other side, m"),
    FIELD_DOUBLE(y_min_m, -1000, 1000, "the same across, m"),
    FIELD_DOUBLE(y_max_m, -1000, 1000, "its other side, m"),
    FIELD_DOUBLE(z_min_m, -1000, 1000, "the same, up, m"),
    FIELD_DOUBLE(z_max_m, -1000, 1000, "its other side, m"),
    FIELD_DOUBLE(stop_m_s2, 0.05, 30,
                 "how hard the point stops on its path, m/s2; no harder than the gentlest stop of its lines"),
    FIELD_DOUBLE(start_within_m, 0.001, 1, "a flight begins no farther from its path than this, m"), FIELD_END};
#undef OWNER

#define OWNER raw_rig
static const struct yaml_field fields[] = {
    FIELD_INT(format, 1, 1, "version of this file format"),
    FIELD_NAME(rig, "name of the rig; shows call it by this name"),
    FIELD_INT(cycle_ms, 2, 50, "control cycle, ms"),
    FIELD_INT(permission_ms, 150, 250, "life of a permission that is not renewed, ms"),
    FIELD_RISING(ladder_percent, 1, 100,
                 "rungs of walk-through, % of an axis's speed limits: the next one is offered after a clean run on the "
                 "one before; the last one is 100"),
    FIELD_MAP(safety, safety_fields, "the E-stop chain as the controller sees it"),
    FIELD_LIST(links, 1, RIG_LINKS_MAX, link_fields, "Modbus TCP connections"),
    FIELD_LIST(devices, 1, RIG_DEVICES_MAX, device_fields, "devices behind the links, asked in this order"),
    FIELD_LIST(stop_tables, 1, RIG_STOP_TABLES_MAX, stop_table_fields, "what each fault does"),
    FIELD_LIST(axes, 1, RIG_AXES_MAX, axis_fields, "winches"),
    OPTIONAL_LIST(points, has_points, 1, RIG_POINTS_MAX, point_fields,
                  "points that hang on two to four lines, for flights in space"),
    OPTIONAL_LIST(groups, has_groups, 1, RIG_GROUPS_MAX, group_fields,
                  "axes that a cue moves together, or that carry one thing between them"),
    FIELD_END};
#undef OWNER

const struct yaml_field *rig_fields(void) {
    return fields;
}
