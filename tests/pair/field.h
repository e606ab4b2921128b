/* The field side of a link, misbehaving on demand: a small Modbus TCP server on its own thread. Written without
 * libmodbus, whose guards are what is tested. Keeps every write with the time at which it took effect. */
#ifndef BELAY_TESTS_PAIR_FIELD_H
#define BELAY_TESTS_PAIR_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/bus_rig.h"

#define FIELD_WRITES_MAX 16384

enum field_fault {
    FIELD_FINE,
    FIELD_LATE,         /* the reply comes `ms` late */
    FIELD_DRIBBLE,      /* one byte each `ms` */
    FIELD_STALL,        /* nothing is read for `ms`, then all that waits is served as if nothing had been */
    FIELD_MUTE,         /* no reply */
    FIELD_CUT,          /* the connection ends in the middle of the reply */
    FIELD_CLOSE,        /* the connection ends before the reply */
    FIELD_WRONG_TID,
    FIELD_WRONG_FUNCTION,
    FIELD_OTHER_UNIT,   /* the unit `ms` answers in the place of the one asked, as a gateway that mixes them up */
    FIELD_SHORT,        /* one register too few, in a frame that is sound */
    FIELD_TRAILER,      /* four more bytes behind the reply */
    FIELD_TWICE,        /* the reply comes twice */
    FIELD_EXCEPTION,    /* exception `ms` */
    FIELD_ECHO_STUCK,   /* writes take effect, but the drive's sequence echo stays */
    FIELD_ECHO_LAGS,    /* the echo is the number of the request before */
    FIELD_FAULTS
};

struct field_write {
    int64_t t_us;   /* CLOCK_MONOTONIC, when it took effect */
    int connection; /* from 1 */
    uint8_t unit;
    uint16_t wire, count;
    uint16_t word[PROFILE_WORDS_MAX];
};

struct field;

/* Serves units 1..4 of tests/bus_rig.h on a free port of 127.0.0.1. Asserts that it can. */
struct field *field_new(void);
void field_free(struct field *field);
uint16_t field_port(const struct field *field);

/* Stops listening and drops all connections; `up` listens again on the same port. */
void field_power(struct field *field, bool up);

/* The next `requests` requests meet `fault`; -1 = all of them. */
void field_fault(struct field *field, enum field_fault fault, int ms, int requests);

uint16_t field_get(struct field *field, int unit, uint16_t wire);
void field_set(struct field *field, int unit, uint16_t wire, uint16_t value);

/* Copies the writes so far, oldest first; returns how many. `out` has room for FIELD_WRITES_MAX. */
int field_writes(struct field *field, struct field_write *out);

/* Connections accepted, and reset; requests served; requests that came while an earlier one of their connection was
 * unanswered. */
int field_connections(struct field *field);
int field_resets(struct field *field); /* ended by the other side's RST, not by FIN */
int field_requests(struct field *field);
int field_overlaps(struct field *field);

#endif
