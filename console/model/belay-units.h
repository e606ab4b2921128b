/* Numbers as the operator reads them: fixed decimals, one place for every unit. No GTK; independent of the locale.
 *
 * All functions write at most `size` bytes with the terminator and return `text`.
 */
#ifndef BELAY_CONSOLE_MODEL_BELAY_UNITS_H
#define BELAY_CONSOLE_MODEL_BELAY_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BELAY_TEXT_MAX 32   /* room enough for every text of this file */

enum belay_quantity { QUANTITY_POSITION, QUANTITY_SPEED, QUANTITY_TENSION, QUANTITY_COUNT };
enum belay_quality { BELAY_GOOD, BELAY_STALE, BELAY_BAD, BELAY_MISSING };

/* A value, how old the controller says it was, and how long the controller has been silent since. */
struct belay_reading {
    double value;      /* m, m/s or N */
    int64_t said_ms, silent_ms;
    enum belay_quality quality;
};

/* How fresh something shown is. */
enum belay_freshness {
    FRESH,  /* show it */
    AGEING, /* show it hatched, with its age: older than 250 ms */
    GONE    /* show "--" or UNKNOWN: older than a second, missing or bad */
};

/* Freshness of everything that one telemetry frame said, when the controller has been silent for `silent_ms` since.
 * The only place that decides it, so that a silent controller shows everywhere at the same moment. */
enum belay_freshness belay_units_freshness(int64_t silent_ms);
/* The same for one reading: never fresher than its frame, and less fresh when it was old or bad in it. */
enum belay_freshness belay_units_reading_freshness(const struct belay_reading *reading);

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
