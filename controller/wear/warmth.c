/* A run's own share of the duty, and the rest it asks for. */
#include "controller/wear/warmth.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define SEEN 1e-9 /* a run that did not warm the motor at all is one nevertheless */

void warmth_see(struct warmth *warmth, int cue, double duty, int64_t now_us, double time_s) {
    assert(warmth && cue < SHOW_CUES_MAX && duty >= 0 && time_s > 0);
    if (cue >= 0 && (!warmth->runs || warmth->cue != cue)) {
        warmth->cue = cue;
        warmth->begun_us = now_us;
        warmth->begun = duty;
    }
    warmth->runs = cue >= 0;
    if (!warmth->runs)
        return;
    double left = warmth->begun * exp(-(double)(now_us - warmth->begun_us) / 1e6 / time_s);
    warmth->own[cue] = fmax(fmax(warmth->own[cue], duty - left), SEEN);
}

void warmth_forget(struct warmth *warmth) {
    assert(warmth);
    memset(warmth, 0, sizeof *warmth);
}

bool warmth_knows(const struct warmth *warmth, int cue) {
    assert(warmth && cue >= 0 && cue < SHOW_CUES_MAX);
    return warmth->own[cue] > 0;
}

double warmth_rest_s(const struct warmth *warmth, int cue, double duty, double time_s) {
    assert(warmth_knows(warmth, cue) && duty >= 0 && time_s > 0);
    double room = 1 - warmth->own[cue];
    if (room <= 0)
        return WARMTH_NO_REST;
    return duty <= room ? 0 : time_s * log(duty / room);
}
