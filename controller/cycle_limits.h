/* The rig's values as the kernel's integers: the one place where they are converted.
 *
 * The rig must have passed rig_load(), or be one that would. Whatever does not come out even is rounded to the side
 * that stops earlier.
 */
#ifndef BELAY_CONTROLLER_CYCLE_LIMITS_H
#define BELAY_CONTROLLER_CYCLE_LIMITS_H

#include "controller/rig/rig.h"
#include "controller/safety/clamp.h"
#include "controller/safety/duty.h"
#include "controller/safety/pull.h"
#include "controller/safety/group.h"
#include "controller/safety/guard.h"
#include "controller/safety/load.h"
#include "controller/safety/judge.h"

/* Fills `*limits` for `axis`, which is one of the rig's. Asserts clamp_limits_good(). */
void cycle_clamp_limits(struct clamp_limits *limits, const struct rig *rig, const struct rig_axis *axis);

/* Fills `*limits`, those of the monitors too. */
void cycle_judge_limits(struct judge_limits *limits, const struct rig *rig, const struct rig_axis *axis);

/* Fills `*limits`: where each limit switch that is fitted must be closed, and where open. */
void cycle_guard_limits(struct guard_limits *limits, const struct rig_axis *axis);

/* Fills `*limits`: how well load cell and motor must agree; of no use where the rig has no monitors.pull. */
void cycle_pull_limits(struct pull_limits *limits, const struct rig *rig, const struct rig_axis *axis);
void cycle_duty_limits(struct duty_limits *limits, const struct rig *rig, const struct rig_axis *axis);
void cycle_load_limits(struct load_limits *limits, const struct rig *rig, const struct rig_axis *axis);

/* Fills `*limits`. */
void cycle_group_limits(struct group_limits *limits, const struct rig_group *group);

/* A window in which light rope is no fault, and what is light outside of it. */
struct landing {
    bool declared;
    int64_t from_um, to_um;
    int32_t speed_um_s;
    int32_t slack_mn, underload_mn;
};
/* Fills `*landing`; `limits` are the axis's. */
void cycle_landing_limits(struct landing *landing, const struct monitor_limits *limits, const struct rig_axis *axis);

/* The speed of set-up, um/s. */
int32_t cycle_setup_um_s(const struct rig_axis *axis);

/* The speed up to which the drum counts as standing, or the slowest band's speed, um/s. */
int32_t cycle_creep_um_s(const struct rig_axis *axis);

/* The speed at which slack rope is taken in, um/s; 0 where the rig says nothing of slack rope. */
int32_t cycle_snatch_um_s(const struct rig_axis *axis);

/* Whole cycles that last at least `ms`, at least one. */
int32_t cycle_count(const struct rig *rig, int32_t ms);

#endif
