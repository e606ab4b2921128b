/* An act that takes two presses: the first asks, the second does it. Two in one (a double click, a trembling finger)
 * count as the first. Pure; time is passed in. */
#ifndef BELAY_CONSOLE_MODEL_BELAY_CONFIRM_H
#define BELAY_CONSOLE_MODEL_BELAY_CONFIRM_H

#include <stdbool.h>
#include <stdint.h>

#define CONFIRM_EARLIEST_US 600000 /* a second press sooner does not count */
#define CONFIRM_LATEST_US 5000000  /* later it is a first one again */

/* All zero: nothing was pressed. */
struct belay_confirm {
    int64_t asked_us; /* 0 = not asked */
};

/* A press at `now_us` (> 0). True: do it. */
bool belay_confirm_press(struct belay_confirm *confirm, int64_t now_us);
/* Whether the question stands. */
bool belay_confirm_asks(const struct belay_confirm *confirm, int64_t now_us);
/* Takes the question back. */
void belay_confirm_forget(struct belay_confirm *confirm);

#endif
