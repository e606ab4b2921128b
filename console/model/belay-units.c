/* Texts of numbers, units and ages. */
#include "console/model/belay-units.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

static const struct {
    const char *name, *symbol;
    int decimals;
} quantities[QUANTITY_COUNT] = {
    [QUANTITY_POSITION] = {"Position", "m", 3},
    [QUANTITY_SPEED] = {"Speed", "m/s", 2},
    [QUANTITY_TENSION] = {"Tension", "N", 0},
};

#define STALE_MS 250
#define GONE_MS 1000

enum belay_freshness belay_units_freshness(int64_t silent_ms) {
    return silent_ms > GONE_MS ? GONE : silent_ms > STALE_MS ? AGEING : FRESH;
}

enum belay_freshness belay_units_reading_freshness(const struct belay_reading *reading) {
    if (reading->quality == BELAY_MISSING || reading->quality == BELAY_BAD) {
        return GONE;
    }
    const enum belay_freshness own = belay_units_freshness(reading->said_ms);
    const enum belay_freshness frame = belay_units_freshness(reading->silent_ms);
    const enum belay_freshness older = own > frame ? own : frame;
    return older == FRESH && reading->quality == BELAY_STALE ? AGEING : older;
}

const char *belay_units_symbol(enum belay_quantity quantity) {
    assert(quantity < QUANTITY_COUNT);
    return quantities[quantity].symbol;
}

const char *belay_units_name(enum belay_quantity quantity) {
    assert(quantity < QUANTITY_COUNT);
    return quantities[quantity].name;
}

/* printf follows the locale's decimal comma; the operator's screen, the log and the rig file all say a point. */
static char *write_fixed(double value, int decimals, char *text, size_t size) {
    if (!isfinite(value)) {
        snprintf(text, size, "--");
        return text;
    }
    const double unit = pow(10.0, -decimals);
    if (fabs(value) < unit / 2) {
        value = 0; /* never "-0.00" */
    }
    snprintf(text, size, "%.*f", decimals, value);
    for (char *c = text; *c != '\0'; c++) {
        if (*c == ',') {
            *c = '.';
        }
    }
    return text;
}

char *belay_units_number(enum belay_quantity quantity, double value, char *text, size_t size) {
    assert(quantity < QUANTITY_COUNT);
    return write_fixed(value, quantities[quantity].decimals, text, size);
}

char *belay_units_reading(enum belay_quantity quantity, const struct belay_reading *reading, char *text, size_t size) {
    const double value = belay_units_reading_freshness(reading) == GONE ? (double)NAN : reading->value;
    return belay_units_number(quantity, value, text, size);
}

char *belay_units_age(int64_t age_ms, char *text, size_t size) {
    if (age_ms < 0) {
        age_ms = 0;
    }
    if (age_ms < 1000) {
        snprintf(text, size, "%d ms", (int)age_ms);
    } else if (age_ms < 10000) {
        write_fixed((double)(age_ms / 100) / 10.0, 1, text, size - 2);
        size_t end = 0;
        while (text[end] != '\0') {
            end++;
        }
        snprintf(text + end, size - end, " s");
    } else if (age_ms < 7200000) {
        snprintf(text, size, "%d s", (int)(age_ms / 1000));
    } else {
        snprintf(text, size, "%lld h", (long long)(age_ms / 3600000));
    }
    return text;
}

char *belay_units_tick(double value, double step, char *text, size_t size) {
    assert(step > 0);
    int decimals = 0;
    for (double s = step; decimals < 3 && fabs(s - round(s)) > 1e-6; s *= 10) {
        decimals++;
    }
    return write_fixed(value, decimals, text, size);
}
