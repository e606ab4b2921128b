/* The reference stop table. A row is written once for every mode; the catch column ramps whatever may be ramped. */
#include "tests/stop_reference.h"

#define CELL(reaction_, scope_, out_, in_)                                                                             \
    {.reaction = STOP_##reaction_, .scope = STOP_##scope_, .allows_payout = (out_), .allows_takein = (in_)}

/* Standing, pay-out, take-in; in every mode. */
#define ROW(ID, standing, payout, takein)                                                                              \
    [FAULT_##ID] = {{standing, payout, takein}, {standing, payout, takein}, {standing, payout, takein},                \
                    {standing, payout, takein}, {standing, payout, takein}, {standing, payout, takein}}

#define SAME(ID, reaction, scope, out, in)                                                                             \
    ROW(ID, CELL(reaction, scope, out, in), CELL(reaction, scope, out, in), CELL(reaction, scope, out, in))

/* Away from what tripped; found at a standstill, either way. */
#define AWAY(ID, reaction)                                                                                             \
    ROW(ID, CELL(reaction, AXIS, true, true), CELL(reaction, AXIS, false, true), CELL(reaction, AXIS, true, false))

/* Taking in ramps, for a brake would let the load go slack; paying out takes the drive's own stop. */
#define SOFT_UP(ID)                                                                                                    \
    ROW(ID, CELL(RAMP, AXIS, false, false), CELL(DRIVE, AXIS, false, false), CELL(RAMP, AXIS, false, false))

const struct stop_table stop_table_reference = {{
    SAME(ESTOP, RAMP, RIG, false, false),
    SAME(ESTOP_DISCREPANCY, RAMP, RIG, false, false),
    SAME(IO_STALE, RAMP, RIG, false, false),
    SAME(DRIVE_STALE, DRIVE, RIG, false, false),
    SAME(DRIVE_UNCLEAR, DRIVE, RIG, false, false),
    SAME(TENSION_STALE, RAMP, AXIS, false, false),
    SAME(POSITION_STALE, RAMP, AXIS, false, false),
    SAME(LINK_LOST, DRIVE, RIG, false, false),
    SAME(DRIVE_FAULT, OFF, AXIS, false, false),
    SAME(DRIVE_DISOBEYS, OFF, AXIS, false, false),
    SAME(OVERSPEED, OFF, RIG, false, false),
    AWAY(POSITION_LIMIT, RAMP),
    SAME(OVERTENSION, RAMP, AXIS, true, false),
    SOFT_UP(BRAKE_OPEN),
    SAME(BRAKE_CLOSE, RAMP, AXIS, false, false),
    SAME(MOVEMENT, DRIVE, RIG, false, false),
    SAME(STOP_TIME, OFF, AXIS, false, false),
    SAME(FALL_CAUGHT, RAMP, AXIS, false, false),
    SAME(CYCLE_OVERRUN, RAMP, RIG, false, false),
    SAME(SETTING_CHANGED, RAMP, RIG, false, false),
    SOFT_UP(FOLLOWING_ERROR),
    SAME(UNINTENDED_MOTION, OFF, AXIS, false, false),
    SOFT_UP(POSITION_MISMATCH),
    SAME(POSITION_FROZEN, RAMP, AXIS, false, false),
    SAME(TENSION_FROZEN, RAMP, AXIS, false, false),
    SAME(TENSION_IMPLAUSIBLE, RAMP, AXIS, false, false),
    SAME(TENSION_MISMATCH, RAMP, AXIS, false, false),
    SAME(TENSION_RATE, RAMP, RIG, false, false),
    SAME(PEAK_TENSION, RAMP, RIG, true, false),
    SAME(OVERLOAD, RAMP, AXIS, true, false),
    SAME(OVERLOAD_BOTH, RAMP, AXIS, true, false),
    SAME(UNDERLOAD, RAMP, AXIS, false, false),
    SAME(SLACK_PAYOUT, RAMP, AXIS, false, true),
    AWAY(ULTIMATE_LIMIT, DRIVE),
    SAME(CHAIN_OFF, OFF, AXIS, false, false),
    SAME(STOP_UNCONFIRMED, OFF, AXIS, false, false),
    SAME(ESTOP_WELDED, RAMP, RIG, false, false),
    SAME(RIG_STOP, RAMP, AXIS, false, false),
    SAME(DUTY, RAMP, AXIS, true, true),
    SAME(LOAD_UNEXPECTED, RAMP, AXIS, true, true),
    SAME(END_SWITCH, RAMP, AXIS, false, false),
    SAME(ULTIMATE_SWITCH, DRIVE, AXIS, true, true),
    SAME(SWITCH_IMPLAUSIBLE, RAMP, AXIS, true, false),
    SAME(DEAD_TURNS, RAMP, AXIS, false, false),
    SAME(OVERWRAP, RAMP, AXIS, true, false),
    SAME(GROUP_DEVIATION, RAMP, AXIS, false, false),
}};
