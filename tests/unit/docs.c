/* docs/states.md and docs/faults.md are printed from the tables in controller/safety, docs/link-states.md from the one
 * in controller/bus; this test keeps them equal.
 * After a change of a table: BELAY_WRITE_DOCS=1 meson test -C build unit-docs, look at the difference, commit it. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controller/bus/link.h"
#include "controller/safety/fault.h"
#include "controller/safety/state.h"
#include "controller/safety/stop.h"

#define PAGE_MAX 131072

struct page {
    char text[PAGE_MAX];
    size_t length;
};

static void add(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct page *page, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(page->text + page->length, PAGE_MAX - page->length, format, arguments);
    va_end(arguments);
    cr_assert(n >= 0 && (size_t)n < PAGE_MAX - page->length, "the page is too small");
    page->length += (size_t)n;
}

static const char *const events[EVENT_AXIS_COUNT] = {
    [EVENT_AXIS_NOTHING] = "nothing",      [EVENT_AXIS_TRIP_0] = "category 0", [EVENT_AXIS_TRIP_1] = "category 1",
    [EVENT_AXIS_END] = "end of motion",    [EVENT_AXIS_DONE] = "done",         [EVENT_AXIS_ARM] = "arm",
    [EVENT_AXIS_DISARM] = "disarm",        [EVENT_AXIS_RUN] = "GO or jog",     [EVENT_AXIS_RESET] = "reset",
};

static void print_states(struct page *page) {
    add(page,
        "# States of an axis\n\nPrinted from the table in `controller/safety/state.c`. An event that a state does "
        "not name leaves it as it is.\n\n```mermaid\nstateDiagram-v2\n    [*] --> disarmed\n");
    for (int from = 0; from < STATE_COUNT; from++)
        for (int event = 0; event < EVENT_AXIS_COUNT; event++) {
            enum axis_state to = state_next((enum axis_state)from, (enum axis_event)event);
            if (to != (enum axis_state)from)
                add(page, "    %s --> %s: %s\n", state_name((enum axis_state)from), state_name(to), events[event]);
        }
    add(page, "```\n\n| state |");
    for (int event = 1; event < EVENT_AXIS_COUNT; event++)
        add(page, " %s |", events[event]);
    add(page, "\n|---|");
    for (int event = 1; event < EVENT_AXIS_COUNT; event++)
        add(page, "---|");
    for (int from = 0; from < STATE_COUNT; from++) {
        add(page, "\n| **%s** |", state_name((enum axis_state)from));
        for (int event = 1; event < EVENT_AXIS_COUNT; event++) {
            enum axis_state to = state_next((enum axis_state)from, (enum axis_event)event);
            add(page, " %s |", to == (enum axis_state)from ? "" : state_name(to));
        }
    }
    add(page, "\n");
}

static void print_link(struct page *page) {
    add(page, "# Steps of a link\n\nPrinted from the table in `controller/bus/link.c`. An empty cell is an event that "
              "can't come in that step. Why each guard is there: [decision 0004](decisions/0004-modbus-guards.md).\n\n"
              "```mermaid\nstateDiagram-v2\n    [*] --> down\n");
    for (int from = STEP_DOWN; from < STEP_COUNT; from++)
        for (int event = 0; event < LINK_EVENT_COUNT; event++) {
            enum link_step to = link_transition((enum link_step)from, (enum link_event)event);
            if (to != STEP_NONE && to != (enum link_step)from)
                add(page, "    %s --> %s: %s\n", link_step_name((enum link_step)from), link_step_name(to),
                    link_event_name((enum link_event)event));
        }
    add(page, "```\n\n| step |");
    for (int event = 0; event < LINK_EVENT_COUNT; event++)
        add(page, " %s |", link_event_name((enum link_event)event));
    add(page, "\n|---|");
    for (int event = 0; event < LINK_EVENT_COUNT; event++)
        add(page, "---|");
    for (int from = STEP_DOWN; from < STEP_COUNT; from++) {
        add(page, "\n| **%s** |", link_step_name((enum link_step)from));
        for (int event = 0; event < LINK_EVENT_COUNT; event++) {
            enum link_step to = link_transition((enum link_step)from, (enum link_event)event);
            add(page, " %s |", to == STEP_NONE ? "" : link_step_name(to));
        }
    }
    add(page, "\n");
}

/* The next field of a hazards line, which it cuts off. Fields of that file hold neither commas nor quotes. */
static char *field(char **line) {
    char *start = *line;
    cr_assert(start != NULL && strchr(start, '"') == NULL, "docs/hazards.csv: a short line, or a quote");
    char *end = strchr(start, ',');
    if (end)
        *end = '\0';
    *line = end ? end + 1 : NULL;
    return start;
}

/* The rows of docs/hazards.csv about one fault. */
static void print_hazards(struct page *page, const char *fault) {
    FILE *in = fopen(BELAY_SOURCE_DIR "/docs/hazards.csv", "r");
    cr_assert_not_null(in);
    add(page, "\n| hazard | caused by | what Belay does | shown by | owed |\n|---|---|---|---|---|\n");
    char text[1024];
    while (fgets(text, sizeof text, in)) {
        text[strcspn(text, "\n")] = '\0';
        char *line = text;
        const char *hazard = field(&line), *cause = field(&line), *name = field(&line);
        const char *reaction = field(&line), *test = field(&line), *owed = field(&line);
        if (strcmp(name, fault) == 0)
            add(page, "| %s | %s | %s | %s | %s |\n", hazard, cause, reaction, test, owed);
    }
    fclose(in);
}

static void print_faults(struct page *page) {
    add(page, "# Faults\n\nPrinted from the table in `controller/safety/fault.def` and from `docs/hazards.csv`. "
              "A fault latches: it stays until a reset after its cause is gone. How an axis stops is said by the "
              "rig's stop table; *at least* is the gentlest reaction that the table may give: *ramp* ramps to "
              "standstill, closes the brake, then takes torque away; *drive* does the same by the drive's own quick "
              "stop; *off* takes torque away at once and closes the brake. *Owed* is what a hazard still lacks, and "
              "who has to bring it: hardware, or a part of Belay that is not there yet.\n\n"
              "| fault | at least | text |\n|---|---|---|\n");
    for (int id = 1; id < FAULT_COUNT; id++) {
        const struct fault_text *text = fault_text((enum fault_id)id);
        add(page, "| [`%s`](#%s) | %s | %s |\n", text->name, text->name,
            stop_reaction_name(fault_gentlest((enum fault_id)id)), text->text);
    }
    for (int id = 1; id < FAULT_COUNT; id++) {
        const struct fault_text *text = fault_text((enum fault_id)id);
        add(page, "\n## %s\n\n**%s.** At least: %s.\n\n- Likely cause: %s\n- What to do: %s\n", text->name,
            text->text, stop_reaction_name(fault_gentlest((enum fault_id)id)), text->cause, text->remedy);
        print_hazards(page, text->name);
    }
}

static void compare(const char *path, const struct page *page) {
    if (getenv("BELAY_WRITE_DOCS")) {
        FILE *out = fopen(path, "w");
        cr_assert(out != NULL && fwrite(page->text, 1, page->length, out) == page->length && fclose(out) == 0);
    }
    static char held[PAGE_MAX];
    FILE *in = fopen(path, "r");
    cr_assert_not_null(in, "%s is missing: see the head of this test", path);
    size_t length = fread(held, 1, sizeof held - 1, in);
    fclose(in);
    held[length] = '\0';
    cr_assert_str_eq(held, page->text, "%s is not what the table says: see the head of this test", path);
}

Test(docs, states_page_is_the_table) {
    struct page *page = calloc(1, sizeof *page);
    print_states(page);
    compare(BELAY_SOURCE_DIR "/docs/states.md", page);
    free(page);
}

Test(docs, link_page_is_the_table) {
    struct page *page = calloc(1, sizeof *page);
    print_link(page);
    compare(BELAY_SOURCE_DIR "/docs/link-states.md", page);
    free(page);
}

Test(docs, faults_page_is_the_table) {
    struct page *page = calloc(1, sizeof *page);
    print_faults(page);
    compare(BELAY_SOURCE_DIR "/docs/faults.md", page);
    free(page);
}

Test(docs, every_fault_has_all_its_texts) {
    for (int id = 1; id < FAULT_COUNT; id++) {
        const struct fault_text *text = fault_text((enum fault_id)id);
        cr_expect(*text->name && *text->text && *text->cause && *text->remedy, "fault %d", id);
        for (int other = 1; other < id; other++)
            cr_expect_str_neq(text->name, fault_text((enum fault_id)other)->name);
    }
}
