/* Tells a test whether this computer kept time meanwhile: for every line on standard input, one with the longest pause
 * since the last one, in us. As a plain user's program, so that a busy computer counts. Ends with its input. */
#include <stdio.h>

#include "sim/cli/witness.h"

int main(void) {
    char line[16];
    witness_start(false);
    while (fgets(line, sizeof line, stdin)) {
        printf("%lld\n", (long long)witness_take());
        fflush(stdout);
    }
    witness_end();
    return 0;
}
