/* The schema of rig files. The ranges are what any rig may have; what this rig's values must be to each other is
 * checked in rig_check.c. */
#include "controller/rig/rig_schema.h"

#include "controller/base/yaml_fields.h"

static const char *const sign_words[] = {[SIGN_MINUS] = "-1", [SIGN_PLUS] = "1", NULL};

#define OWNER raw_safety
static const struct yaml_field safety_fields[] = {
    FIELD_NAME(io, "name of the safety I/O device that reads the E-stop chain"),
    FIELD_INT(estop_discrepancy_ms, 20, 2000, "longest time for which the two E-stop channels may disagree, ms"),
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
    FIELD_DOUBLE(circumference_m, 0.05, 20, "rope paid out per drum turn at the rope's centre, m"),
    FIELD_DOUBLE(gear_ratio, 0.1, 1000, "motor turns per drum turn"),
    FIELD_ENUM(motor_sign, sign_words,
               "1 for a motor whose positive rpm pays out, -1 for one whose positive rpm takes in"),
    FIELD_DOUBLE(encoder_steps_per_turn, 1, 16777216, "encoder steps per drum turn"),
    FIELD_ENUM(encoder_sign, sign_words, "1 for a reading that grows with pay-out, -1 for one that falls"),
    FIELD_INT(encoder_zero_steps, INT32_MIN, INT32_MAX, "encoder reading at position 0, steps"),
    FIELD_END};
#undef OWNER

#define OWNER raw_brake
static const struct yaml_field brake_fields[] = {
    FIELD_NAME(io, "name of the safety I/O device that the brake hangs on; one brake a device"),
    FIELD_INT(open_ms_max, 20, 2000, "longest time from release to the feedback \"open\", ms"),
    FIELD_INT(close_ms_max, 20, 2000, "longest time from closing to the feedback \"closed\", ms"), FIELD_END};
#undef OWNER

#define OWNER rig_limits
static const struct yaml_field limits_fields[] = {
    FIELD_DOUBLE(position_min_m, -100, 1000, "least rope paid out, m"),
    FIELD_DOUBLE(position_max_m, -100, 1000, "most rope paid out, m"),
    FIELD_DOUBLE(payout_speed_max_m_s, 0.01, 20, "greatest pay-out speed, m/s"),
    FIELD_DOUBLE(takein_speed_max_m_s, 0.01, 20, "greatest take-in speed, m/s"),
    FIELD_DOUBLE(jog_speed_max_m_s, 0.01, 2, "greatest speed of a jog, m/s"),
    FIELD_DOUBLE(jog_acceleration_m_s2, 0.05, 20, "acceleration of a jog, m/s2"),
    FIELD_DOUBLE(acceleration_max_m_s2, 0.05, 30, "greatest acceleration of any motion, m/s2"),
    FIELD_DOUBLE(stop_deceleration_m_s2, 0.05, 30, "deceleration of a stop, m/s2"),
    FIELD_INT(stop_time_max_ms, 50, 20000, "longest time of a stop before the brake closes at once, ms"),
    FIELD_DOUBLE(overspeed_m_s, 0.01, 25, "measured speed that trips, either direction, m/s"),
    FIELD_DOUBLE(following_error_max_m_s, 0.005, 5, "difference of measured speed and setpoint that trips, m/s"),
    FIELD_INT(following_error_ms, 10, 2000, "time for which it must last to trip, ms"),
    FIELD_DOUBLE(tension_max_n, 50, 50000, "rope tension that trips, N"),
    FIELD_DOUBLE(standstill_speed_m_s, 0.001, 0.1, "speed up to which the drum counts as standing, m/s"),
    FIELD_INT(enable_ms_max, 20, 5000, "longest time in which the drive enables or disables, ms"),
    FIELD_INT(reaction_ms, 5, 500, "time from a reading until the drum follows the setpoint made of it, ms"),
    FIELD_END};
#undef OWNER

#define OWNER rig_belay
static const struct yaml_field belay_fields[] = {
    FIELD_DOUBLE(person_mass_kg, 20, 200, "registered mass of the person with harness, kg"),
    FIELD_DOUBLE(tension_n, 5, 250, "tension held while the person moves, N"),
    FIELD_DOUBLE(band_min_n, 5, 250, "lower edge of the tension band, N"),
    FIELD_DOUBLE(band_max_n, 5, 250, "upper edge of the tension band, N"),
    FIELD_DOUBLE(weight_on_line_n, 20, 300, "tension from which no rope is paid out, N"),
    FIELD_DOUBLE(slack_n, 1, 100, "tension below which the rope counts as slack, N"),
    FIELD_DOUBLE(payout_speed_max_m_s, 0.05, 5, "greatest pay-out speed while belaying, m/s"),
    FIELD_DOUBLE(takein_speed_max_m_s, 0.05, 5, "greatest take-in speed while belaying, m/s"),
    FIELD_DOUBLE(slack_takein_speed_max_m_s, 0.05, 1, "greatest take-in speed while the rope is slack, m/s"),
    FIELD_DOUBLE(acceleration_m_s2, 0.5, 20, "acceleration while belaying, m/s2"),
    FIELD_DOUBLE(catch_deceleration_m_s2, 0.5, 20, "deceleration of pay-out in a catch, m/s2"),
    FIELD_DOUBLE(fall_speed_m_s, 0.5, 5, "speed of the person away from the drum that is a fall, m/s"),
    FIELD_DOUBLE(lowering_speed_max_m_s, 0.05, 1, "greatest speed of lowering after a catch, m/s"),
    FIELD_DOUBLE(restart_speed_max_m_s, 0.05, 1, "greatest take-in speed after a start until the band is reached, m/s"),
    FIELD_DOUBLE(rope_ea_n, 1000, 100000000, "stiffness of the rope, its force at 100 % stretch, N"),
    FIELD_DOUBLE(rope_lead_m, 0, 200, "rope between drum and last sheave, m"),
    FIELD_DOUBLE(drive_lag_ms, 1, 200, "lag of the drive from setpoint to speed, ms"),
    FIELD_DOUBLE(cell_lag_ms, 1, 200, "lag of the load cell, ms"),
    FIELD_DOUBLE(anchor_height_m, 1, 1000, "height of the last sheave above the ground, m"),
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
    FIELD_MAP(brake, brake_fields, "the holding brake"),
    FIELD_MAP(limits, limits_fields, "what this axis may never exceed; all of them required"),
    OPTIONAL_MAP(belay, belay_fields,
                 "tension holding with a person on the rope; without it the axis takes no belay cue"),
    FIELD_END};
#undef OWNER

#define OWNER raw_rig
static const struct yaml_field fields[] = {
    FIELD_INT(format, 1, 1, "version of this file format"),
    FIELD_NAME(rig, "name of the rig; shows call it by this name"),
    FIELD_INT(cycle_ms, 2, 50, "control cycle, ms"),
    FIELD_INT(permission_ms, 150, 250, "life of a permission that is not renewed, ms"),
    FIELD_MAP(safety, safety_fields, "the E-stop chain as the controller sees it"),
    FIELD_LIST(links, 1, RIG_LINKS_MAX, link_fields, "Modbus TCP connections"),
    FIELD_LIST(devices, 1, RIG_DEVICES_MAX, device_fields, "devices behind the links, asked in this order"),
    FIELD_LIST(axes, 1, RIG_AXES_MAX, axis_fields, "winches"),
    FIELD_END};
#undef OWNER

const struct yaml_field *rig_fields(void) {
    return fields;
}
