/* The two presses. */
#include "console/model/belay-confirm.h"

#include <assert.h>

bool belay_confirm_asks(const struct belay_confirm *confirm, int64_t now_us) {
    return confirm->asked_us != 0 && now_us - confirm->asked_us <= CONFIRM_LATEST_US;
}

bool belay_confirm_press(struct belay_confirm *confirm, int64_t now_us) {
    assert(now_us > 0);
    if (!belay_confirm_asks(confirm, now_us)) {
        confirm->asked_us = now_us;
        return false;
    }
    if (now_us - confirm->asked_us < CONFIRM_EARLIEST_US) {
        return false;
    }
    confirm->asked_us = 0;
    return true;
}

void belay_confirm_forget(struct belay_confirm *confirm) {
    confirm->asked_us = 0;
}
