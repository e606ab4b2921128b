/* How many problems a property is asked. Sanitizers make a problem five to ten times as dear, and what they look for
 * lies in the code, not in the numbers: a fifth of the problems meets the same code. */
#ifndef BELAY_TESTS_PROPERTY_RUNS_H
#define BELAY_TESTS_PROPERTY_RUNS_H

#ifdef __SANITIZE_ADDRESS__
#define RUNS_OF(count) ((count) / 5)
#else
#define RUNS_OF(count) (count)
#endif

#endif
