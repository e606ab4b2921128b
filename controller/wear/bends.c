/* The places whose middles go by. */
#include "controller/wear/bends.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define MARGIN_M 0.5 /* beyond the range, for stops that run over */

void bends_begin(struct bends *bends, double least_m, double most_m, double lead_m, int sheaves) {
    assert(bends && least_m < most_m && lead_m >= 0 && sheaves >= 0);
    memset(bends, 0, sizeof *bends);
    double lead = sheaves > 0 ? lead_m : 0; /* what has passed the sheaves was paid out earlier by that */
    bends->from_m = least_m - MARGIN_M - lead;
    bends->step_m = (most_m + MARGIN_M - bends->from_m) / BENDS_PLACES;
    bends->lead_m = lead_m;
    bends->sheaves = sheaves;
}

/* The first place whose middle is at `at_m` or beyond. */
static int place_of(const struct bends *bends, double at_m) {
    double place = ceil((at_m - bends->from_m) / bends->step_m - 0.5);
    return (int)fmin(fmax(place, 0), BENDS_PLACES);
}

/* The places whose middle went by. */
static void bend(struct bends *bends, double from_m, double to_m, uint32_t halves) {
    int first = place_of(bends, fmin(from_m, to_m)), end = place_of(bends, fmax(from_m, to_m));
    for (int i = first; i < end; i++)
        bends->half[i] = bends->half[i] > UINT32_MAX - halves ? UINT32_MAX : bends->half[i] + halves;
}

void bends_see(struct bends *bends, double at_m) {
    assert(bends && isfinite(at_m));
    if (bends->placed) {
        bend(bends, bends->at_m, at_m, 1);
        if (bends->sheaves > 0)
            bend(bends, bends->at_m - bends->lead_m, at_m - bends->lead_m, 2 * (uint32_t)bends->sheaves);
    }
    bends->placed = true;
    bends->at_m = at_m;
}

void bends_lose(struct bends *bends) {
    assert(bends);
    bends->placed = false;
}

static double middle_of(const struct bends *bends, int place) {
    return bends->from_m + (place + 0.5) * bends->step_m;
}

struct bends_worst bends_worst(const struct bends *bends) {
    assert(bends);
    int worst = 0;
    for (int i = 1; i < BENDS_PLACES; i++)
        if (bends->half[i] > bends->half[worst])
            worst = i;
    return (struct bends_worst){bends->half[worst] / 2 + bends->half[worst] % 2, middle_of(bends, worst)};
}

void bends_take(struct bends *bends, const struct bends *from) {
    assert(bends && from && from->step_m > 0);
    double ratio = bends->step_m / from->step_m;
    for (int i = 0; i < BENDS_PLACES; i++) {
        double begins = (bends->from_m - from->from_m) / from->step_m + i * ratio;
        int first = (int)fmax(floor(begins + 1e-9), 0), end = (int)fmin(ceil(begins + ratio - 1e-9), BENDS_PLACES);
        for (int j = first; j < end; j++)
            if (from->half[j] > bends->half[i])
                bends->half[i] = from->half[j];
    }
}
