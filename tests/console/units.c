/* Numbers, ages and freshness as the operator reads them. */
#include "console/model/belay-units.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>

#define NOWHERE ((double)NAN)

Test(units, fixed_decimals) {
    static const struct {
        enum belay_quantity quantity;
        double value;
        const char *text;
    } cases[] = {
        {QUANTITY_POSITION, 12.3454, "12.345"}, {QUANTITY_POSITION, -0.5, "-0.500"},
        {QUANTITY_SPEED, -0.204, "-0.20"},      {QUANTITY_SPEED, -0.004, "0.00"},
        {QUANTITY_TENSION, 117.6, "118"},       {QUANTITY_TENSION, -0.3, "0"},
        {QUANTITY_TENSION, 6000, "6000"},       {QUANTITY_SPEED, (double)INFINITY, "--"},
        {QUANTITY_SPEED, NOWHERE, "--"},
    };
    char text[BELAY_TEXT_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_expect_str_eq(belay_units_number(cases[i].quantity, cases[i].value, text, sizeof text), cases[i].text);
    }
}

Test(units, point_whatever_the_locale) {
    char text[BELAY_TEXT_MAX];
    static const char *const locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8"};
    for (size_t i = 0; i < sizeof locales / sizeof locales[0]; i++) {
        setlocale(LC_ALL, locales[i]); /* where the locale is not installed the test still holds, it only proves less */
        cr_expect_str_eq(belay_units_number(QUANTITY_SPEED, 1.5, text, sizeof text), "1.50");
        cr_expect_str_eq(belay_units_age(1450, text, sizeof text), "1.4 s");
    }
}

Test(units, ages) {
    static const struct {
        int64_t age_ms;
        const char *text;
    } cases[] = {
        {-5, "0 ms"},     {0, "0 ms"},       {312, "312 ms"},       {999, "999 ms"},       {1000, "1.0 s"},
        {9999, "9.9 s"},  {10000, "10 s"},   {75999, "75 s"},       {7199999, "7199 s"},   {7200000, "2 h"},
    };
    char text[BELAY_TEXT_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_expect_str_eq(belay_units_age(cases[i].age_ms, text, sizeof text), cases[i].text);
    }
}

Test(units, freshness) {
    static const struct {
        enum belay_quality quality;
        int64_t said_ms, silent_ms;
        enum belay_freshness freshness;
    } cases[] = {
        {BELAY_GOOD, 0, 0, FRESH},        {BELAY_GOOD, 0, 250, FRESH},  {BELAY_GOOD, 0, 251, AGEING},
        {BELAY_GOOD, 0, 1000, AGEING},    {BELAY_GOOD, 0, 1001, GONE},  {BELAY_GOOD, 80, 250, FRESH},
        {BELAY_GOOD, 251, 0, AGEING},     {BELAY_GOOD, 1001, 0, GONE},  {BELAY_STALE, 0, 0, AGEING},
        {BELAY_STALE, 0, 1001, GONE},     {BELAY_STALE, 1001, 0, GONE}, {BELAY_BAD, 0, 0, GONE},
        {BELAY_MISSING, 0, 0, GONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct belay_reading reading = {.value = 1, .said_ms = cases[i].said_ms,
                                              .silent_ms = cases[i].silent_ms, .quality = cases[i].quality};
        cr_expect_eq(belay_units_reading_freshness(&reading), cases[i].freshness, "case %zu", i);
    }
}

Test(units, a_reading_that_is_gone_has_no_number) {
    char text[BELAY_TEXT_MAX];
    struct belay_reading reading = {.value = 5.25, .said_ms = 20, .silent_ms = 900, .quality = BELAY_GOOD};
    cr_expect_str_eq(belay_units_reading(QUANTITY_POSITION, &reading, text, sizeof text), "5.250");
    reading.silent_ms = 1001;
    cr_expect_str_eq(belay_units_reading(QUANTITY_POSITION, &reading, text, sizeof text), "--");
    reading = (struct belay_reading){.value = 5.25, .quality = BELAY_BAD};
    cr_expect_str_eq(belay_units_reading(QUANTITY_POSITION, &reading, text, sizeof text), "--");
}

Test(units, ticks_have_as_many_decimals_as_their_step) {
    char text[BELAY_TEXT_MAX];
    cr_expect_str_eq(belay_units_tick(150, 50, text, sizeof text), "150");
    cr_expect_str_eq(belay_units_tick(0.5, 0.5, text, sizeof text), "0.5");
    cr_expect_str_eq(belay_units_tick(-0.25, 0.05, text, sizeof text), "-0.25");
    cr_expect_str_eq(belay_units_tick(-1e-12, 0.5, text, sizeof text), "0.0");
}
