/* Numbers as the operator reads them: fixed decimals, one place for every unit. No GTK; independent of the locale.
 *
 * All functions write at most `size` bytes with the terminator and return `text`.
 */
#ifndef BELAY_CONSOLE_MODEL_BELAY_UNITS_H
#define BELAY_CONSOLE_MODEL_BELAY_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BELAY_STALE_MS 250  /* older: hatched, with its age */
#define BELAY_GONE_MS 1000  /* older: no number any more */
#define BELAY_TEXT_MAX 32   /* room enough for every text of this file */

enum belay_quantity { QUANTITY_POSITION, QUANTITY_SPEED, QUANTITY_TENSION, QUANTITY_COUNT };
enum belay_quality { BELAY_GOOD, BELAY_STALE, BELAY_BAD, BELAY_MISSING };

/* A value with its whole age: what the controller says plus the time since it said so. */
struct belay_reading {
    double value;      /* m, m/s or N */
    int64_t age_ms;
    enum belay_quality quality;
};

/* How fresh a reading is. */
enum belay_freshness {
    FRESH,  /* show it */
    AGEING, /* show it hatched, with its age */
    GONE    /* show "--": missing, bad or too old */
};

/* Freshness from quality and age; the limits are BELAY_STALE_MS and BELAY_GONE_MS. */
enum belay_freshness belay_units_freshness(const struct belay_reading *reading);

/* "m", "m/s", "N". Never NULL. */
const char *belay_units_symbol(enum belay_quantity quantity);
/* "Position", "Speed", "Tension". Never NULL. */
const char *belay_units_name(enum belay_quantity quantity);

/* The number alone, without unit: "12.345", "-0.20", "118"; never "-0"; "--" when not finite. */
char *belay_units_number(enum belay_quantity quantity, double value, char *text, size_t size);
/* The number of a reading, or "--" when it is gone. */
char *belay_units_reading(enum belay_quantity quantity, const struct belay_reading *reading, char *text, size_t size);
/* "0 ms", "312 ms", "1.4 s", "75 s", "2 h"; negative ages count as 0. */
char *belay_units_age(int64_t age_ms, char *text, size_t size);
/* Tick label of a plot or bar: as few decimals as `step` needs, at most 3. */
char *belay_units_tick(double value, double step, char *text, size_t size);

#endif
