/* Events to plain English. */
#include "controller/serve/eventlog.h"

#include <assert.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool eventlog_ready(void) {
    struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};
    return poll(&out, 1, 0) == 1;
}

void eventlog_say(struct eventlog *log, enum log_priority priority, const char *format, ...) {
    assert(log && format);
    if (!eventlog_ready()) {
        log->lost++;
        return;
    }
    if (log->lost > 0)
        log_line(LOG_WARNING, "%u lines are missing here: nobody read the log fast enough", log->lost);
    log->lost = 0;
    char line[EVENTLOG_LINE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    log_line(priority, "%s", line);
}

static const char *axis_name(const struct rig *rig, const struct event *event) {
    return event->axis >= 0 && event->axis < rig->axis_count ? rig->axis[event->axis].name : "machine";
}

static void state_text(const struct rig *rig, const struct event *event, char *out) {
    snprintf(out, EVENTLOG_LINE_MAX, "%s: %s -> %s", axis_name(rig, event), state_name((enum axis_state)event->from),
             state_name((enum axis_state)event->to));
}

/* Where a setting was changed, of an axis: on a link of its own; else on that of the chain's I/O block, which is
 * everybody's. NULL = on none of them. */
static const struct image_link *changed_link(const struct rig *rig, const struct snapshot *snapshot, int axis) {
    const bool known = axis >= 0 && axis < rig->axis_count;
    const struct image_link *shared = &snapshot->link[rig->device[rig->safety.io].link];
    for (int i = 0; i < rig->link_count; i++)
        if (snapshot->link[i].setting_changed && (!known || rig_axis_on_link(rig, axis, i)))
            return &snapshot->link[i];
    return shared->setting_changed ? shared : NULL;
}

static void setting_detail(const struct rig *rig, const struct snapshot *snapshot, int axis, char *out) {
    const struct image_link *link = changed_link(rig, snapshot, axis);
    if (!link)
        return;
    const struct rig_device *device = &rig->device[link->refused_device];
    snprintf(out, EVENTLOG_LINE_MAX, " %s: %s", device->name,
             rig->profile[device->profile].check[link->refused_check].text);
}

/* What the fault's own text can't know: which station, which device, which code. "" when there is nothing to add. */
static void fault_detail(const struct rig *rig, const struct snapshot *snapshot, const struct event *event, char *out) {
    out[0] = '\0';
    if (event->from >= 0 && event->from < rig->safety.station_count)
        snprintf(out, EVENTLOG_LINE_MAX, " Station: %s.", rig->safety.station[event->from].name);
    if (event->to == FAULT_DRIVE_FAULT && event->axis >= 0 && snapshot->axis[event->axis].drive_fault_code >= 0)
        snprintf(out, EVENTLOG_LINE_MAX, " Code 0x%04X.", (unsigned)snapshot->axis[event->axis].drive_fault_code);
    if (event->to == FAULT_SETTING_CHANGED)
        setting_detail(rig, snapshot, event->axis, out);
}

static void fault_line(const struct rig *rig, const struct snapshot *snapshot, const struct event *event, char *out) {
    const struct fault_text *fault = fault_text((enum fault_id)event->to);
    bool first = (int)snapshot->first_out == event->to && snapshot->first_out_us == event->t_us;
    const char *word = event->kind == EVENT_AGAIN ? "again: " : first ? "FIRST FAULT: " : "fault: ";
    char detail[EVENTLOG_LINE_MAX];
    fault_detail(rig, snapshot, event, detail);
    snprintf(out, EVENTLOG_LINE_MAX, "%s: %s%s.%s %s %s", axis_name(rig, event), word, fault->text, detail,
             fault->cause, fault->remedy);
}

static void command_text(const struct rig *rig, const struct event *event, const char *actor,
                         enum log_priority *priority, char *out) {
    static const char *const words[COMMAND_KIND_COUNT] = {
        [COMMAND_STOP] = "stop",           [COMMAND_RESET] = "reset",       [COMMAND_ARM] = "arm",
        [COMMAND_DISARM] = "disarm",       [COMMAND_PERMIT] = "hold",       [COMMAND_PERMIT_END] = "let go",
        [COMMAND_GO] = "GO",               [COMMAND_JOG] = "jog",           [COMMAND_SHOW] = "take the show",
        [COMMAND_STANDBY] = "standby cue", [COMMAND_SHUTDOWN] = "shut down", [COMMAND_UNLOCK] = "unlock the line",
        [COMMAND_RECOVER] = "recovery",    [COMMAND_CLEAR] = "clear",
        [COMMAND_CLEARANCE] = "clearance", [COMMAND_MODE] = "select the mode",
        [COMMAND_CHANGED] = "take back the clean runs",
    };
    assert(event->from >= 0 && event->from < COMMAND_KIND_COUNT);
    bool refused = event->to != REFUSED_NOT;
    *priority = refused ? LOG_WARNING : LOG_NOTICE;
    bool one = event->axis >= 0;
    snprintf(out, EVENTLOG_LINE_MAX, "%s: %s%s%s%s%s", actor, words[event->from], refused ? " refused" : "",
             one || refused ? ": " : "", one ? axis_name(rig, event) : "", one && refused ? ": " : "");
    if (refused)
        strncat(out, cycle_refusal_text((enum refusal)event->to), EVENTLOG_LINE_MAX - strlen(out) - 1);
}

static bool cue_text(const struct snapshot *snapshot, const struct event *event, char *out) {
    const struct show *show = snapshot->show;
    if (!show || event->from < 0 || event->from >= show->cue_count)
        return false;
    const struct cue *cue = &show->cue[event->from];
    snprintf(out, EVENTLOG_LINE_MAX, "cue %s \"%s\" %s", cue->id, cue->name, event->to ? "runs" : "ended");
    return true;
}

void eventlog_loss(const struct rig *rig, const struct image_link *link, char *out, size_t size) {
    bool of_device = link->loss_device >= 0 && link->loss_device < rig->device_count;
    out[0] = '\0';
    if (link->loss != LOSS_NONE)
        snprintf(out, size, "%s%s%s%s", link_loss_text(link->loss), of_device ? " (" : "",
                 of_device ? rig->device[link->loss_device].name : "", of_device ? ")" : "");
}

static void link_text(const struct rig *rig, const struct snapshot *snapshot, const struct event *event,
                      enum log_priority *priority, char *out) {
    static const char *const words[] = {"down", "connecting", "refused: a device there is not as the rig asks", "up"};
    assert(event->from >= 0 && event->from < rig->link_count && event->to >= LINK_DOWN && event->to <= LINK_UP);
    *priority = event->to == LINK_UP ? LOG_NOTICE : LOG_WARNING;
    const struct rig_link *link = &rig->link[event->from];
    char loss[128] = "";
    if (event->to == LINK_DOWN)
        eventlog_loss(rig, &snapshot->link[event->from], loss, sizeof loss);
    snprintf(out, EVENTLOG_LINE_MAX, "link %s (%s:%u): %s%s%s", link->name, link->host, (unsigned)link->port,
             words[event->to], loss[0] ? ": " : "", loss);
}

bool eventlog_text(const struct rig *rig, const struct snapshot *snapshot, const struct event *event, const char *actor,
                   enum log_priority *priority, char out[EVENTLOG_LINE_MAX]) {
    assert(rig && snapshot && event && actor && priority && out);
    *priority = LOG_INFORMATION;
    switch (event->kind) {
    case EVENT_STATE:
        state_text(rig, event, out);
        return true;
    case EVENT_FAULT:
    case EVENT_AGAIN:
        *priority = LOG_ERROR;
        fault_line(rig, snapshot, event, out);
        return true;
    case EVENT_COMMAND:
        command_text(rig, event, actor, priority, out);
        return true;
    case EVENT_CUE:
        *priority = LOG_NOTICE;
        return cue_text(snapshot, event, out);
    case EVENT_LOCK:
        *priority = event->to ? LOG_WARNING : LOG_NOTICE;
        snprintf(out, EVENTLOG_LINE_MAX, "%s: %s", axis_name(rig, event),
                 event->to ? "LINE LOCKED: a person may hang on it" : "line unlocked");
        return true;
    case EVENT_LINK:
        link_text(rig, snapshot, event, priority, out);
        return true;
    case EVENT_EXPIRED:
        *priority = LOG_WARNING;
        snprintf(out, EVENTLOG_LINE_MAX, "%s: permission expired, not renewed for %d ms", actor, rig->permission_ms);
        return true;
    case EVENT_OVERRUN:
        *priority = LOG_WARNING;
        snprintf(out, EVENTLOG_LINE_MAX, "cycle %llu began %d ms late", (unsigned long long)event->cycle, event->to);
        return true;
    }
    return false;
}
