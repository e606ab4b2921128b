/* Telemetry in words for a rigger. */
#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/cli.h"

#define SILENT_US 500000 /* older telemetry: belayd's cycle does not run */

/* Appends (printf style), cutting at the end. */
static void add(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void add(char *out, size_t size, const char *format, ...) {
    size_t used = strlen(out);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out + used, size - used, format, arguments);
    va_end(arguments);
}

static void upper(const char *word, char *out, size_t size) {
    snprintf(out, size, "%s", word);
    for (char *c = out; *c; c++)
        *c = (char)toupper((unsigned char)*c);
}

void text_value(const struct msg_value *value, const char *unit, int digits, char *out, size_t size) {
    assert(value && unit && out);
    if (!value->has_value) {
        snprintf(out, size, "no reading");
        return;
    }
    double shown = value->value == 0 ? 0 : value->value; /* no "-0.00" */
    snprintf(out, size, "%.*f %s", digits, shown, unit);
    if (value->quality != MSG_QUALITY_GOOD) {
        char word[16];
        upper(msg_quality_name(value->quality), word, sizeof word);
        add(out, size, " %s, %.0f ms old", word, value->age_ms);
    }
}

static const char *hold_text(const struct msg_permission *permission, char *out, size_t size) {
    if (permission->alive)
        snprintf(out, size, "session %lld holds", (long long)permission->session);
    else
        snprintf(out, size, "nobody holds");
    return out;
}

static const char *mode_text(const struct msg_operation *operation, char *out, size_t size) {
    if (operation->mode == MSG_OPERATING_MODE_WALK_THROUGH)
        snprintf(out, size, "walk-through %lld %%", (long long)operation->percent);
    else
        snprintf(out, size, "%s", operation->mode == MSG_OPERATING_MODE_SHOW ? "show" : "set-up");
    return out;
}

static bool says_shutdown(bool refused, const struct msg_refusal *refusal) {
    return refused && strcmp(refusal->name, "shutting_down") == 0;
}

/* Its state alone names this only when all stands. */
static bool shuts_down(const struct msg_telemetry *telemetry) {
    bool ends = strcmp(telemetry->state, "stopped") == 0 ||
                says_shutdown(telemetry->has_go_refusal, &telemetry->go_refusal);
    for (int i = 0; i < telemetry->axes_count; i++)
        ends = ends || says_shutdown(telemetry->axes[i].has_payout_refusal, &telemetry->axes[i].payout_refusal);
    return ends;
}

static void print_state(const struct msg_telemetry *telemetry, FILE *out) {
    char state[32], hold[64];
    upper(telemetry->state, state, sizeof state);
    fprintf(out, "State        %s, %s\n", state, hold_text(&telemetry->permission, hold, sizeof hold));
    if (shuts_down(telemetry))
        fputs("             belayd IS SHUTTING DOWN: it stops what moves, then ends; nothing can be begun\n", out);
}

static void print_mode(const struct msg_telemetry *telemetry, FILE *out) {
    const struct msg_operation *operation = &telemetry->operation;
    char mode[32];
    fprintf(out, "Mode         %s", mode_text(operation, mode, sizeof mode));
    if (operation->standby_percent > 0 && operation->mode != MSG_OPERATING_MODE_SETUP) /* there is no GO in set-up */
        fprintf(out, "; the standby cue runs at up to %lld %%", (long long)operation->standby_percent);
    fputs("\n", out);
    if (shuts_down(telemetry))
        return;
    if (telemetry->armed)
        fputs("             Armed: `belay disarm` before `belay mode` selects another\n", out);
    else if (operation->mode != MSG_OPERATING_MODE_SHOW)
        fprintf(out, "             To show mode: %s\n",
                operation->has_show_refusal ? operation->show_refusal.text : "`belay mode show`");
}

static void axis_flags(const struct msg_telemetry_axis *axis, char *out, size_t size) {
    *out = '\0';
    if (axis->line_locked)
        add(out, size, ", LINE LOCKED");
    if (axis->fall_caught)
        add(out, size, ", FALL CAUGHT");
    if (axis->slack)
        add(out, size, ", slack");
    if (axis->has_recovery)
        add(out, size, ", RECOVERY WITHOUT %s, %lld min %02lld s left, ", msg_sensor_name(axis->recovery.without),
            (long long)(axis->recovery.left_s / 60), (long long)(axis->recovery.left_s % 60));
    if (axis->has_recovery && axis->recovery.clear_s > 0)
        add(out, size, "clear for %lld s", (long long)axis->recovery.clear_s);
    else if (axis->has_recovery)
        add(out, size, "NO CLEAR");
}

/* What came later may be what keeps the reset from being taken, long after the first cause has gone. */
static bool there_now(const struct msg_fault *fault) {
    return fault->has_there && fault->there;
}

static bool is_first(const struct msg_telemetry *telemetry, const char *fault) {
    return telemetry->has_first_out && strcmp(telemetry->first_out.fault, fault) == 0;
}

void text_line(const struct msg_telemetry *telemetry, char out[CLI_LINE_MAX]) {
    char state[32], mode[32], hold[64];
    upper(telemetry->state, state, sizeof state);
    snprintf(out, CLI_LINE_MAX, "%-8s  %s, %s", state, mode_text(&telemetry->operation, mode, sizeof mode),
             hold_text(&telemetry->permission, hold, sizeof hold));
    if (telemetry->has_first_out)
        add(out, CLI_LINE_MAX, " | %s", telemetry->first_out.text);
    for (int i = 0; i < telemetry->faults_count; i++)
        if (there_now(&telemetry->faults[i]) && !is_first(telemetry, telemetry->faults[i].fault))
            add(out, CLI_LINE_MAX, ", now also %s", telemetry->faults[i].text);
    if (telemetry->remaining_count > 0)
        add(out, CLI_LINE_MAX, " | STILL THERE: %s", telemetry->remaining[0].text);
    for (int i = 0; i < telemetry->axes_count; i++) {
        const struct msg_telemetry_axis *axis = &telemetry->axes[i];
        char position[48], speed[48], tension[48], flags[128];
        text_value(&axis->position_m, "m", 3, position, sizeof position);
        text_value(&axis->speed_m_s, "m/s", 2, speed, sizeof speed);
        text_value(&axis->tension_n, "N", 0, tension, sizeof tension);
        axis_flags(axis, flags, sizeof flags);
        bool moves = strcmp(axis->mode, "none") != 0;
        add(out, CLI_LINE_MAX, " | %s %s%s%s  %s  %s  %s%s", axis->name, axis->state, moves ? " " : "",
            moves ? axis->mode : "", position, speed, tension, flags);
    }
}

static bool axis_has(const struct msg_telemetry_axis *axis, const char *fault) {
    for (int i = 0; i < axis->faults_count; i++)
        if (strcmp(axis->faults[i], fault) == 0)
            return true;
    return false;
}

/* Of several axes those that have this fault, but for one that was named already: "" or ", axis A, B". */
static const char *axes_with(const struct msg_telemetry *telemetry, const char *fault, const char *named, char *out,
                             size_t size) {
    *out = '\0';
    for (int i = 0; telemetry->axes_count > 1 && i < telemetry->axes_count; i++) {
        const struct msg_telemetry_axis *axis = &telemetry->axes[i];
        if (axis_has(axis, fault) && strcmp(axis->name, named) != 0)
            add(out, size, "%s%s", *out ? ", " : ", axis ", axis->name);
    }
    return out;
}

/* An axis may have the first fault too, later and by itself: it is said again with that one's name. */
static void print_other(const struct msg_telemetry *telemetry, const struct msg_fault *fault, FILE *out) {
    const struct msg_first_out *first = &telemetry->first_out;
    const bool again = is_first(telemetry, fault->fault);
    const bool follows = strcmp(first->fault, "cycle_overrun") == 0; /* its remedy would lead to sound devices */
    char axes[CLI_LINE_MAX];
    axes_with(telemetry, fault->fault, again && first->has_axis ? first->axis : "", axes, sizeof axes);
    if (again && (!first->has_axis || *axes == '\0'))
        return;
    fprintf(out, "Also         %s%s%s%s%s\n", fault->text, axes, !again && there_now(fault) ? ", there now" : "",
            follows ? ", which may follow from it" : "\n             Remedy: ", follows ? "" : fault->remedy);
}

static const char *first_now(const struct msg_telemetry *telemetry) {
    for (int i = 0; i < telemetry->faults_count; i++)
        if (is_first(telemetry, telemetry->faults[i].fault) && telemetry->faults[i].has_there)
            return telemetry->faults[i].there ? "; its cause is there now" : "; its cause has gone";
    return "";
}

static void print_fault(const struct msg_telemetry *telemetry, FILE *out) {
    if (!telemetry->has_first_out)
        return;
    const struct msg_first_out *first = &telemetry->first_out;
    fprintf(out, "First fault  %s%s%s%s\n             Likely cause: %s\n             Remedy: %s\n", first->text,
            first->has_axis ? ", axis " : "", first->has_axis ? first->axis : "", first_now(telemetry), first->cause,
            first->remedy);
    for (int i = 0; i < telemetry->faults_count; i++)
        print_other(telemetry, &telemetry->faults[i], out);
}

static const char *way_out(const struct msg_remaining *remaining) {
    return remaining->payout && remaining->takein ? "a jog either way leads out"
           : remaining->payout                    ? "only pay-out leads out"
           : remaining->takein                    ? "only take-in leads out"
                                                  : "no motion";
}

static void print_remaining(const struct msg_telemetry *telemetry, FILE *out) {
    for (int i = 0; i < telemetry->remaining_count; i++) {
        const struct msg_remaining *remaining = &telemetry->remaining[i];
        fprintf(out, "%s%s: %s; %s.\n             Remedy: %s\n", i ? "             " : "STILL THERE  ", remaining->axis,
                remaining->text, way_out(remaining), remaining->remedy);
    }
}

static void print_links(const struct msg_telemetry *telemetry, FILE *out) {
    for (int i = 0; i < telemetry->links_count; i++) {
        const struct msg_link *link = &telemetry->links[i];
        fprintf(out, "%s%s: %s", i ? "             " : "Links        ", link->name, msg_link_state_name(link->state));
        if (link->state == MSG_LINK_STATE_UP)
            fprintf(out, ", %.2f ms", (double)link->round_trip_us / 1000);
        if (link->errors)
            fprintf(out, ", %lld errors", (long long)link->errors);
        if (link->has_refusal)
            fprintf(out, "\n               %s", link->refusal);
        if (link->has_loss)
            fprintf(out, "\n               last lost: %s", link->loss);
        fputs("\n", out);
    }
}

static void print_estop(const struct msg_estop *estop, FILE *out) {
    if (!estop->known) {
        fputs("E-stop       NOT KNOWN: the safety I/O does not answer\n", out);
        return;
    }
    for (int i = 0; i < estop->stations_count; i++) {
        const struct msg_station *station = &estop->stations[i];
        bool closed = station->a_closed && station->b_closed;
        fprintf(out, "%s%s: %s (channel A %s, channel B %s)\n", i ? "             " : "E-stop       ", station->name,
                closed ? "closed" : "OPEN", station->a_closed ? "closed" : "OPEN",
                station->b_closed ? "closed" : "OPEN");
    }
}

static void print_rope(const struct msg_telemetry_axis *axis, FILE *out) {
    fprintf(out, "  rope       bent %lld of %lld times", (long long)axis->bends, (long long)axis->bends_worn);
    if (axis->bends > 0)
        fprintf(out, ", most where it leaves the drum at %.2f m", axis->bends_place_m);
    fprintf(out, "%s\n", axis->bends >= axis->bends_worn ? ": WORN, replace it" : "");
}

static void print_motor(const struct msg_telemetry_axis *axis, FILE *out) {
    if (!axis->has_duty_percent)
        return;
    fprintf(out, "  motor      %.0f %% of its duty", axis->duty_percent);
    if (axis->has_rest_s && axis->rest_s < 0)
        fputs(": the standby cue is more than it may do, however long it rests", out);
    else if (axis->has_rest_s && axis->rest_s > 0)
        fprintf(out, ": rest %lld:%02lld min before the standby cue", (long long)axis->rest_s / 60,
                (long long)axis->rest_s % 60);
    fputc('\n', out);
}

/* Brake and drive are only known while they report: a silent one is not called closed or off. */
static void print_brake(const struct msg_telemetry_axis *axis, FILE *out) {
    bool drive_known = axis->speed_m_s.quality == MSG_QUALITY_GOOD;
    const char *brake = !axis->has_brake_open ? "NOT KNOWN" : axis->brake_open ? "open" : "closed";
    fprintf(out, "  brake      %s%s%s, drive %s\n", brake, axis->has_brake_odd ? ", only " : "",
            axis->has_brake_odd ? axis->brake_odd : "",
            !drive_known ? "NOT KNOWN" : axis->drive_enabled ? "enabled" : "off");
    if (axis->has_drive_fault_code)
        fprintf(out, "  drive code %lld (0x%04llX): see the drive's manual\n", (long long)axis->drive_fault_code,
                (unsigned long long)axis->drive_fault_code);
    print_motor(axis, out);
    if (axis->has_bends)
        print_rope(axis, out);
    if (axis->has_payout_refusal || axis->has_takein_refusal || strcmp(axis->state, "armed") == 0)
        fprintf(out, "  jog        out: %s\n             in:  %s\n",
                axis->has_payout_refusal ? axis->payout_refusal.text : "may begin",
                axis->has_takein_refusal ? axis->takein_refusal.text : "may begin");
}

static const char *commissioning_words(const char *state) {
    static const struct {
        const char *state, *words;
    } rows[] = {{"due", "is due"}, {"missing", "was never done"}, {"void", "is void: a part changed"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].state, state) == 0)
            return rows[i].words;
    return state;
}

static void print_commissioning(const struct msg_telemetry_axis *axis, FILE *out) {
    const struct msg_commissioning *from = &axis->commissioning;
    if (!axis->has_commissioning)
        return;
    char step[48];
    snprintf(step, sizeof step, from->brake > 0 ? "%s %lld" : "%s", from->step, (long long)from->brake);
    if (from->has_due_s)
        fprintf(out, "  commission ok; daily test: %s is due in %.1f h\n", step, (double)from->due_s / 3600);
    else
        fprintf(out, "  commission NO PERSON: %s %s; `belay commission %s` lists the steps\n", step,
                commissioning_words(from->state), axis->name);
}

static void print_axis(const struct msg_telemetry_axis *axis, const struct msg_hello_axis *limits, FILE *out) {
    char position[48], speed[48], tension[48], flags[128], state[32];
    upper(axis->state, state, sizeof state);
    text_value(&axis->position_m, "m", 3, position, sizeof position);
    text_value(&axis->speed_m_s, "m/s", 2, speed, sizeof speed);
    text_value(&axis->tension_n, "N", 0, tension, sizeof tension);
    axis_flags(axis, flags, sizeof flags);
    bool moves = strcmp(axis->mode, "none") != 0;
    fprintf(out, "\nAxis %s: %s%s%s%s\n", axis->name, state, moves ? ", " : "", moves ? axis->mode : "", flags);
    fprintf(out, "  position   %-24s range %.2f to %.2f m of rope paid out\n", position, limits->position_min_m,
            limits->position_max_m);
    if (moves && axis->has_stop_at_m)
        fprintf(out, "  stop       at %.3f m, were it ended now\n", axis->stop_at_m);
    fprintf(out, "  speed      %-24s jog now at most %.2f m/s; the rig's limits: %.2f m/s out, %.2f m/s in\n", speed,
            axis->jog_speed_max_m_s, limits->payout_speed_max_m_s, limits->takein_speed_max_m_s);
    fprintf(out, "  tension    %-24s trips at %.0f N\n", tension, limits->tension_max_n);
    if (axis->has_height_m && axis->height_m <= 0)
        fputs("  height     at the ground, estimated\n", out);
    else if (axis->has_height_m)
        fprintf(out, "  height     %.2f m above the ground, estimated%s\n", axis->height_m,
                axis->ground_fall ? ": A FALL FROM HERE REACHES IT" : "");
    else if (axis->slack)
        fprintf(out, "  height     not known: the rope is slack%s\n",
                axis->ground_fall ? "; A FALL FROM THERE REACHES THE GROUND" : "");
    else if (limits->belay)
        fputs("  height     not known: position or tension is not read well\n", out);
    print_brake(axis, out);
    print_commissioning(axis, out);
}

static void millimetres(bool known, double m, char out[static 32]) {
    if (known)
        snprintf(out, 32, "%.1f mm", m * 1000);
    else
        snprintf(out, 32, "not known");
}

static void print_group(const struct msg_telemetry_group *group, FILE *out) {
    char drums[32], load[32];
    millimetres(group->has_level_m, group->level_m, drums);
    millimetres(group->has_load_level_m, group->load_level_m, load);
    fprintf(out, "Group %-10s %s; out of level: drums %s, load %s\n", group->name, group->kind, drums, load);
}

void text_stop(const struct msg_last_stop *stop, char out[CLI_WHY_MAX]) {
    static const struct {
        const char *what, *before, *after; /* of the session; no `after`: it is not named */
    } rows[] = {
        {"stop", "STOPPED by ", ""},
        {"released", "Ended: ", " let go"},
        {"expired", "STOPPED: the hold of ", " was not renewed in time"},
        {"gone", "STOPPED: the connection of ", " closed"},
        {"disarm", "STOPPED, disarmed by ", ""},
        {"shutdown", "STOPPED: belayd is shutting down", NULL},
        {"arrived", "Arrived", NULL},
        {"slack", "Ended: the rope went slack (the load stands, or is held)", NULL},
        {"weight", "STOPPED: weight came on the rope", NULL},
        {"clear", "STOPPED: the second person's clear ran out", NULL},
        {"recovered", "STOPPED: the recovery is over", NULL},
        {"held", "Ended: it stood still for its longest time, so the brakes took the load", NULL},
        {"payout_end", "Ended: it came to its end of pay-out (limits.position_max_m)", NULL},
        {"takein_end", "Ended: it came to its end of take-in (limits.position_min_m)", NULL},
        {"torque", "STOPPED: the drive did not show the torque that holds the load, so no brake was released; it holds "
                   "on: secure the load", NULL},
        {"quick_stop", "STOPPED: the drive stays in its quick stop, against its profile, and the load hangs on that: "
                       "secure the load first", NULL},
        {"reference", "STOPPED: the motion sensor is silent, repeats itself or jumps; the load moves with the deck "
                      "now: look at the sensor", NULL},
        {"behind", "STOPPED: the drum did not keep up with the deck; the load moves with the deck now", NULL},
        {"off_path", "STOPPED: it was not where its path has it at that time: move it to where the path begins", NULL},
        {"fault", "STOPPED by a fault", NULL},
    };
    char who[96];
    snprintf(who, sizeof who, "session %lld", (long long)stop->session);
    if (stop->has_client)
        add(who, sizeof who, " (%s)", stop->client);
    snprintf(out, CLI_WHY_MAX, "%s", stop->what);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].what, stop->what) == 0)
            snprintf(out, CLI_WHY_MAX, "%s%s%s", rows[i].before, rows[i].after ? who : "",
                     rows[i].after ? rows[i].after : "");
}

void text_cues(const struct msg_cue *cues, int count, const char *standby, FILE *out) {
    for (int i = 0; i < count; i++) {
        const struct msg_cue *cue = &cues[i];
        bool next = standby && strcmp(standby, cue->id) == 0;
        fprintf(out, "  %s %-4s %-32s %s", next ? ">" : " ", cue->id, cue->name,
                cue->has_group ? cue->group : cue->axis);
        if (cue->has_position_m && cue->has_speed_m_s)
            fprintf(out, " to %.3f m at %.2f m/s", cue->position_m, cue->speed_m_s);
        if (cue->kind == MSG_CUE_KIND_FLY)
            fprintf(out, " flies at %.2f m/s", cue->speed_m_s);
        if (cue->has_tension_n)
            fprintf(out, " belays at %.0f N", cue->tension_n);
        if (cue->kind == MSG_CUE_KIND_COMPENSATE)
            fprintf(out, " holds its height over a moving deck");
        if (cue->kind == MSG_CUE_KIND_TIMED)
            fprintf(out, " goes through places at times");
        fprintf(out, "%s\n", next ? "  (standby)" : "");
    }
}

void text_status(const struct msg_meta_hello_result *hello, const struct msg_telemetry *telemetry,
                 const struct msg_show_get_result *show, int64_t now_us, FILE *out) {
    assert(hello && telemetry && out);
    if (now_us - telemetry->t_us > SILENT_US)
        fprintf(out, "THE CONTROL CYCLE IS SILENT for %.1f s: all below is old. Use the E-stop.\n",
                (double)(now_us - telemetry->t_us) / 1e6);
    fprintf(out, "Rig          %s, %s (%s)\n", hello->rig, hello->rehearsal ? "REHEARSAL" : "LIVE", hello->server);
    print_state(telemetry, out);
    print_mode(telemetry, out);
    print_fault(telemetry, out);
    print_remaining(telemetry, out);
    print_estop(&telemetry->estop, out);
    print_links(telemetry, out);
    fprintf(out, "Cycle        every %lld ms; %lld began a whole cycle late; the latest by %.1f ms\n",
            (long long)hello->cycle_ms, (long long)telemetry->overruns, (double)telemetry->late_us_max / 1000);
    fprintf(out, "Show         %s\n", telemetry->has_show ? telemetry->show : "none: load one with `belay load FILE`");
    if (show && show->loaded)
        text_cues(show->cues, show->cues_count, telemetry->has_standby_cue ? telemetry->standby_cue : NULL, out);
    if (telemetry->has_commission && !telemetry->commission.ended)
        fprintf(out, "Commission   %s: the step %s runs (session %lld); it says: %s\n", telemetry->commission.axis,
                telemetry->commission.step, (long long)telemetry->commission.session, telemetry->commission.text);
    if (telemetry->has_running_cue)
        fprintf(out, "Running      cue %s\n", telemetry->running_cue);
    if (telemetry->has_standby_cue)
        fprintf(out, "GO           %s\n", telemetry->has_go_refusal ? telemetry->go_refusal.text : "may begin");
    if (telemetry->has_last_stop) {
        char why[CLI_WHY_MAX];
        text_stop(&telemetry->last_stop, why);
        fprintf(out, "Last motion  %s\n", why);
    }
    for (int i = 0; i < telemetry->groups_count; i++)
        print_group(&telemetry->groups[i], out);
    for (int i = 0; i < telemetry->axes_count && i < hello->axes_count; i++)
        print_axis(&telemetry->axes[i], &hello->axes[i], out);
}

/* --- the live line ------------------------------------------------------------------------------------------------ */

static int64_t live_last_us;
static bool live_open;

void text_live(const char *line, bool important, int64_t now_us) {
    bool terminal = isatty(STDOUT_FILENO) == 1;
    if (terminal) {
        printf("\r%s\033[K", line);
        live_open = true;
    } else if (important || now_us - live_last_us >= 1000000) {
        printf("%s\n", line);
        live_last_us = now_us;
    }
    fflush(stdout);
}

void text_live_end(void) {
    if (live_open)
        puts("");
    live_open = false;
}
