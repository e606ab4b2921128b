/* Runs the registered tests; `plain SUITE` begins with those of that suite. */
#include <sys/resource.h>

#include "tests/proof/plain/criterion/criterion.h"

#define TESTS_MAX 256
#define SUITES_MAX 32

static struct {
    void (*test)(void);
    const char *suite;
} registered[TESTS_MAX];
static int count;
static struct {
    const char *suite;
    struct plain_suite how;
} suites[SUITES_MAX];
static int suite_count;

void plain_begin(const char *suite, struct plain_suite how) {
    if (suite_count == SUITES_MAX)
        abort();
    suites[suite_count].suite = suite;
    suites[suite_count++].how = how;
}

static void begin(const char *suite) {
    for (int i = 0; i < suite_count; i++)
        if (strcmp(suites[i].suite, suite) == 0)
            suites[i].how.init();
}

void plain_register(void (*test)(void), const char *suite) {
    if (count == TESTS_MAX)
        abort();
    registered[count].test = test;
    registered[count++].suite = suite;
}

static int run(const char *suite, bool wanted) {
    int ran = 0;
    for (int i = 0; i < count; i++)
        if ((strcmp(registered[i].suite, suite) == 0) == wanted) {
            begin(registered[i].suite);
            registered[i].test(), ran++;
        }
    return ran;
}

int main(int argc, char **argv) {
    struct rlimit seconds = {10, 10};
    setrlimit(RLIMIT_CPU, &seconds);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    const char *first = argc > 1 ? argv[1] : "";
    int ran = run(first, true) + run(first, false);
    printf("%d tests\n", ran);
    return ran == count && ran > 0 ? 0 : 1;
}
