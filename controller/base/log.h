/* Lines for the operator's log: stderr, with the journal's priority prefix when the journal reads it. */
#ifndef BELAY_CONTROLLER_BASE_LOG_H
#define BELAY_CONTROLLER_BASE_LOG_H

enum log_priority { LOG_CRITICAL = 2, LOG_ERROR = 3, LOG_WARNING = 4, LOG_NOTICE = 5, LOG_INFORMATION = 6 };

/* Writes one line (printf style, no newline at the end needed). Not for the cycle thread: it does I/O. Any other
 * thread. */
void log_line(enum log_priority priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
