/* A complete stop table for tests: each row as an automation engineer would write it for a person's line. */
#ifndef BELAY_TESTS_STOP_REFERENCE_H
#define BELAY_TESTS_STOP_REFERENCE_H

#include "controller/safety/stop.h"

extern const struct stop_table stop_table_reference;

#endif
