/* Log lines; systemd's prefixes (sd-daemon(3)) only where the journal reads them. */
#include "controller/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void log_line(enum log_priority priority, const char *format, ...) {
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (getenv("JOURNAL_STREAM"))
        fprintf(stderr, "<%d>%s\n", (int)priority, line);
    else
        fprintf(stderr, "%s\n", line);
}
