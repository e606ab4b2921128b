/* What the kernel's unit tests use of Criterion, in one process and without its cost for each test: the mutation run
 * calls all of them many hundred times. The first failure, or a test that hangs, ends the program. */
#ifndef BELAY_TESTS_PROOF_PLAIN_CRITERION_H
#define BELAY_TESTS_PROOF_PLAIN_CRITERION_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Registered before main(); 256 at most. */
void plain_register(void (*test)(void), const char *suite);

#define Test(suite, name)                                                                                              \
    static void suite##_##name(void);                                                                                  \
    __attribute__((constructor)) static void register_##suite##_##name(void) {                                         \
        plain_register(suite##_##name, #suite);                                                                        \
    }                                                                                                                  \
    static void suite##_##name(void)

/* As TestSuite of Criterion, for .init alone; after it the suite's tests begin with that call. */
struct plain_suite {
    void (*init)(void);
};
void plain_begin(const char *suite, struct plain_suite how);

#define TestSuite(suite, ...)                                                                                          \
    __attribute__((constructor)) static void begin_##suite(void) {                                                     \
        plain_begin(#suite, (struct plain_suite){__VA_ARGS__});                                                        \
    }                                                                                                                  \
    struct plain_suite

static inline bool plain_near(double one, double other, double off) {
    return one - other <= off && other - one <= off;
}

#define cr_assert(is, ...) ((is) ? (void)0 : (printf("%s:%d: %s\n", __FILE__, __LINE__, #is), exit(1)))
#define cr_assert_not(is, ...) cr_assert(!(is))
#define cr_assert_eq(one, other, ...) cr_assert((one) == (other))
#define cr_assert_neq(one, other, ...) cr_assert((one) != (other))
#define cr_assert_gt(one, other, ...) cr_assert((one) > (other))
#define cr_assert_lt(one, other, ...) cr_assert((one) < (other))
#define cr_assert_str_eq(one, other, ...) cr_assert(strcmp(one, other) == 0)
#define cr_expect cr_assert
#define cr_expect_not cr_assert_not
#define cr_expect_eq cr_assert_eq
#define cr_expect_neq cr_assert_neq
#define cr_expect_gt(one, other, ...) cr_assert((one) > (other))
#define cr_expect_geq(one, other, ...) cr_assert((one) >= (other))
#define cr_expect_leq(one, other, ...) cr_assert((one) <= (other))
#define cr_expect_lt cr_assert_lt
#define cr_expect_float_eq(one, other, off, ...) cr_assert(plain_near(one, other, off))
#define cr_expect_str_eq cr_assert_str_eq

#endif
