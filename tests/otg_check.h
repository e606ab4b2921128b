/* Is a plan a legal one? Integrated anew, in extended precision; nothing of the planner is used. */
#ifndef BELAY_TESTS_OTG_CHECK_H
#define BELAY_TESTS_OTG_CHECK_H

#include "controller/motion/otg.h"

/* NULL, or what is wrong with it. It ends at the goal within 1e-9 (of the longest way on it, when that is more than a
 * metre; and what a rounded acceleration makes of it in days). It asks for no more jerk, acceleration and speed than
 * the limits, but for what the start can't help: too much acceleration falls at once, too much speed is never exceeded,
 * and what could have come inside for good stays there. */
const char *otg_illegal(const struct otg_state *start, const struct otg_goal *goal,
                        const struct otg_limits *limits, const struct otg_plan *plan);

#endif
