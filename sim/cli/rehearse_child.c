/* The programs that a rehearsal starts: started, watched and ended one by one, never by name. */
#include "sim/cli/rehearse_parts.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOG_TAIL_BYTES 2000
#define WAIT_STEP_US 5000

/* In the child. Only calls that are safe after fork(). */
static _Noreturn void become(const struct child *child, const char *const *argv, pid_t parent) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    setpgid(0, 0); /* Ctrl-C goes to the director, who ends them in order; and what it starts ends with it */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(127);
    int log = open(child->log, O_WRONLY | O_CREAT | O_APPEND, 0644), nothing = open("/dev/null", O_RDONLY);
    if (log < 0 || nothing < 0 || dup2(nothing, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
        _exit(127);
    char **words = NULL;
    memcpy(&words, &argv, sizeof words); /* execv() does not write to them, its type only says so */
    execv(argv[0], words);
    dprintf(2, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

int child_start(struct child *child, const char *const *argv, const char *socket_path) {
    assert(child->pid == 0 && child->log[0] == '/' && argv[0]);
    setenv("BELAY_SOCKET", socket_path, 1);
    child->may_end = false;
    pid_t parent = getpid(), pid = fork();
    if (pid < 0)
        return -errno;
    if (pid == 0)
        become(child, argv, parent);
    setpgid(pid, pid); /* here too: whoever comes first */
    child->pid = pid;
    return 0;
}

bool child_runs(struct child *child) {
    if (child->pid == 0)
        return false;
    pid_t got = waitpid(child->pid, &child->status, WNOHANG);
    if (got == 0)
        return true;
    assert(got == child->pid);
    child->pid = 0;
    return false;
}

bool child_ended_well(const struct child *child) {
    return child->pid == 0 && WIFEXITED(child->status) && WEXITSTATUS(child->status) == 0;
}

void child_end_text(const struct child *child, char *out, size_t size) {
    if (WIFSIGNALED(child->status))
        snprintf(out, size, "signal %d (%s)", WTERMSIG(child->status), strsignal(WTERMSIG(child->status)));
    else
        snprintf(out, size, "exit code %d", WEXITSTATUS(child->status));
}

bool child_end(struct child *child, int grace_ms) {
    child->may_end = true;
    if (!child_runs(child))
        return true;
    kill(-child->pid, SIGCONT); /* one that was stopped could not end */
    kill(-child->pid, SIGTERM);
    for (int waited_us = 0; waited_us < grace_ms * 1000; waited_us += WAIT_STEP_US) {
        if (!child_runs(child))
            return true;
        usleep(WAIT_STEP_US);
    }
    kill(-child->pid, SIGKILL);
    waitpid(child->pid, &child->status, 0);
    child->pid = 0;
    return false;
}

void child_signal(const struct child *child, int signal_number) {
    if (child->pid > 0)
        kill(child->pid, signal_number);
}

/* The end of its log, whole lines; "" when there is none. */
static const char *log_tail(const struct child *child) {
    static char text[LOG_TAIL_BYTES + 1];
    FILE *file = child->log[0] ? fopen(child->log, "re") : NULL;
    text[0] = '\0';
    if (!file)
        return text;
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    bool cut = size > LOG_TAIL_BYTES;
    fseek(file, cut ? size - LOG_TAIL_BYTES : 0, SEEK_SET);
    text[fread(text, 1, LOG_TAIL_BYTES, file)] = '\0';
    fclose(file);
    return cut && strchr(text, '\n') ? strchr(text, '\n') + 1 : text;
}

void child_print_log(const struct child *child) {
    const char *text = log_tail(child);
    if (*text)
        fprintf(stderr, "--- %s said last:\n%s%s---\n", child->name, text,
                text[strlen(text) - 1] == '\n' ? "" : "\n");
}

bool child_said(const struct child *child, const char *words) {
    return strstr(log_tail(child), words) != NULL;
}
