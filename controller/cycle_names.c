/* Names and sentences of the cycle's enums. */
#include <assert.h>
#include <stddef.h>

#include "controller/cycle.h"

static const struct {
    const char *name, *text;
} refusals[REFUSED_COUNT] = {
    [REFUSED_NOT] = {"accepted", "Accepted."},
    [REFUSED_FAULT_LATCHED] = {"fault_latched", "A fault is latched: mend its cause, then reset."},
    [REFUSED_ESTOP_OPEN] = {"estop_open", "The E-stop chain is open: release the station that status names; "
                                           "none pressed: a broken wire or contact."},
    [REFUSED_NOT_STANDING] = {"not_standing", "It still moves, or its brake has not had its time to close: stop it, "
                                              "wait, then try again."},
    [REFUSED_LIMIT_REMAINS] = {"limit_remains",
                               "What tripped is still there: only a jog away from it is open, until it is gone."},
    [REFUSED_CAUSE_REMAINS] = {"cause_remains",
                               "A fault's cause is still there: mend it, then reset. A failed sensor, and somebody on "
                               "the rope: belay recover."},
    [REFUSED_NOT_ARMED] = {"not_armed", "Not armed: arm first."},
    [REFUSED_ALREADY_ARMED] = {"already_armed", "Already armed."},
    [REFUSED_NO_PERMISSION] = {"no_permission", "No hold is alive for this: press and hold, then ask again."},
    [REFUSED_PRESS_USED] = {"press_used", "This hold ended at a stop: let go, then press and hold again."},
    [REFUSED_BUSY] = {"busy", "Another motion runs: stop it first."},
    [REFUSED_NO_SHOW] = {"no_show", "No show is loaded: load one first."},
    [REFUSED_NO_CUE] = {"no_cue", "That cue is not the standby cue: put it on standby first."},
    [REFUSED_LINE_LOCKED] = {"line_locked", "The line is locked: only lowering by jog, at lowering speed; unlock when "
                                            "nobody hangs there. No way down: belay recover."},
    [REFUSED_BOUNCE] = {"bounce",
                        "The weight left the line a moment ago: wait until it has stayed off, then try again."},
    [REFUSED_WEIGHT] = {"weight_on_line", "Somebody hangs on the line: only lowering by jog, at lowering speed."},
    [REFUSED_SWITCH] = {"limit_switch", "A limit switch is open in that direction, or can't be read: choose the other "
                                        "direction, or look at the switch."},
    [REFUSED_LIMIT] = {"limit", "That would go beyond a limit of the axis: choose less speed or the other direction."},
    [REFUSED_INPUTS] = {"inputs",
                        "A reading is missing, stale or bad: see the axis and its links, mend it, try again."},
    [REFUSED_STOP_PENDING] = {"stop_pending", "The drive has not confirmed the last stop yet: wait a moment. If it "
                                        "never does: secure the load, look at the drive."},
    [REFUSED_DRIVE_NOT_READY] = {"drive_not_ready", "The drive is not ready: look at its display, then try again."},
    [REFUSED_QUICK_STOP] = {"quick_stop", "The load hangs on the drive's quick stop, which this drive can only end by "
                                          "letting go: secure the load first."},
    [REFUSED_BRAKE_OPEN] = {"brake_open", "A brake that should hold reads open, or slips: secure the load and have it "
                                    "checked."},
    [REFUSED_ARMED] = {"armed", "Armed: mode, show and recovery change only while disarmed, under nobody's hand: "
                                "disarm first, then try again."},
    [REFUSED_SENSOR_GOOD] = {"sensor_good", "That sensor reads well and none of its faults is latched. One "
                                            "that fails in motion: ask while its fault is latched."},
    [REFUSED_DOWN_OPEN] = {"down_open", "Not a locked line at its end of pay-out: lower by jog. Only where there is "
                                        "no way down is somebody taken up."},
    [REFUSED_RECOVERY] = {"recovery", "In recovery an axis is jogged and nothing else, and no cue runs in its group: "
                                      "end the recovery first."},
    [REFUSED_NO_RECOVERY] = {"no_recovery", "This axis is not in recovery: somebody asks for that first."},
    [REFUSED_NO_CLEAR] = {"no_clear", "In recovery a second person must give clear, and again before it runs out."},
    [REFUSED_SAME_PERSON] = {"same_person", "Recovery takes two people: one moves, another one gives clear."},
    [REFUSED_SLACK] = {"slack", "The rope is slack, nothing hangs on it to be lowered: unlock when the person says "
                                "that they stand."},
    [REFUSED_UNFELT] = {"unfelt", "Without a live load cell nobody is taken up: only down."},
    [REFUSED_SETUP] = {"setup", "In set-up there is no GO: disarm, then select walk-through or show."},
    [REFUSED_LADDER] = {"ladder", "A move has not run clean on the rung before: disarm, select walk-through at that "
                                  "rung, and run it to its end."},
    [REFUSED_RUNG] = {"rung", "The rig's ladder has no such rung: choose one of its percents."},
    [REFUSED_SHUTTING_DOWN] = {"shutting_down", "The controller is shutting down: start it again."},
    [REFUSED_NOT_COMMISSIONED] = {"not_commissioned", "A step of commissioning is missing: do it with belay "
                                                      "commission; until then only slow jogs."},
    [REFUSED_DAILY_DUE] = {"daily_due", "The daily test is due: do it with belay commission; until then only slow "
                                        "jogs."},
    [REFUSED_PLACE] = {"place", "The point is too far from the path, or not all drums are read: jog its lines until "
                                "it is near, or stand by another cue."},
    [REFUSED_LEVEL] = {"level", "The group is out of level, or one of its drums is not read: jog its axes level, one "
                                "by one."},
    [REFUSED_POINT_LINE] = {"point_line", "A line of a point is jogged by itself in set-up only: disarm, select "
                                          "set-up, then jog it."},
    [REFUSED_START] = {"start", "The axis is not where its path begins, or was stopped on it: move or jog it there "
                                "first."},
    [REFUSED_REFERENCE] = {"reference", "The motion sensor is not heard, or repeats itself: look at it. If it was "
                                        "heard again just now: wait 5 s."},
};

const char *cycle_refusal_name(enum refusal refusal) {
    assert(refusal >= 0 && refusal < REFUSED_COUNT && refusals[refusal].name);
    return refusals[refusal].name;
}

const char *cycle_refusal_text(enum refusal refusal) {
    assert(refusal >= 0 && refusal < REFUSED_COUNT && refusals[refusal].text);
    return refusals[refusal].text;
}

const char *cycle_stop_name(enum stop_cause cause) {
    static const char *const names[STOP_CAUSE_COUNT] = {
        NULL,    "stop",   "released", "expired",   "gone", "disarm", "shutdown", "arrived",
        "slack", "weight", "clear",    "recovered", "held", "payout_end", "takein_end", "torque",
        "quick_stop", "reference", "behind", "off_path", "fault"};
    assert(cause > STOPPED_NOT && cause < STOP_CAUSE_COUNT);
    return names[cause];
}

const char *cycle_alone_name(enum alone alone) {
    static const char *const names[ALONE_COUNT] = {NULL, "reset", "arm", "hold"};
    assert(alone >= 0 && alone < ALONE_COUNT);
    return names[alone];
}

const char *cycle_bypass_name(enum bypass bypass) {
    static const char *const names[BYPASS_COUNT] = {"nothing", "load_cell", "encoder", "limit_switch", "way_down"};
    assert(bypass >= 0 && bypass < BYPASS_COUNT);
    return names[bypass];
}

const char *cycle_mode_name(enum axis_mode mode) {
    static const char *const names[MODE_COUNT] = {"none", "jog", "move", "follow", "catch", "recovery"};
    assert(mode >= 0 && mode < MODE_COUNT);
    return names[mode];
}
