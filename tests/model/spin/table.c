/* Prints the state table of controller/safety, and which states want torque and an open brake, as Promela: the Spin
 * model is built on what this prints, so model and C are one table. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>

#include "controller/safety/fault.h"
#include "controller/safety/judge.h"
#include "controller/safety/state.h"

static const char *const events[EVENT_AXIS_COUNT] = {
    [EVENT_AXIS_NOTHING] = "NOTHING", [EVENT_AXIS_TRIP_0] = "TRIP_0", [EVENT_AXIS_TRIP_1] = "TRIP_1",
    [EVENT_AXIS_END] = "END",         [EVENT_AXIS_DONE] = "DONE",     [EVENT_AXIS_ARM] = "ARM",
    [EVENT_AXIS_DISARM] = "DISARM",   [EVENT_AXIS_RUN] = "RUN",       [EVENT_AXIS_RESET] = "RESET",
};

static void print_upper(const char *text) {
    for (const char *at = text; *at; at++)
        putchar(toupper((unsigned char)*at));
}

static void print_names(void) {
    for (int state = 0; state < STATE_COUNT; state++) {
        printf("#define ");
        print_upper(state_name((enum axis_state)state));
        printf(" %d\n", state);
    }
    for (int event = 0; event < EVENT_AXIS_COUNT; event++)
        printf("#define EVENT_%s %d\n", events[event], event);
    for (int id = 1; id < FAULT_COUNT; id++) {
        printf("#define CATEGORY_");
        print_upper(fault_text((enum fault_id)id)->name);
        printf(" %d\n", fault_gentlest((enum fault_id)id) == STOP_OFF ? 0 : 1);
    }
}

static void print_table(void) {
    printf("inline state_next(at, event) {\n    if\n");
    for (int from = 0; from < STATE_COUNT; from++)
        for (int event = 0; event < EVENT_AXIS_COUNT; event++) {
            enum axis_state to = state_next((enum axis_state)from, (enum axis_event)event);
            if (to == (enum axis_state)from)
                continue;
            printf("    :: at == ");
            print_upper(state_name((enum axis_state)from));
            printf(" && event == EVENT_%s -> at = ", events[event]);
            print_upper(state_name(to));
            printf("\n");
        }
    printf("    :: else\n    fi\n}\n");
}

static void print_set(const char *name, bool (*holds)(enum axis_state)) {
    printf("#define %s(state) (false", name);
    for (int state = 0; state < STATE_COUNT; state++)
        if (holds((enum axis_state)state)) {
            printf(" || state == ");
            print_upper(state_name((enum axis_state)state));
        }
    printf(")\n");
}

int main(void) {
    print_names();
    print_set("WANTS_TORQUE", judge_wants_torque);
    print_set("WANTS_BRAKE_OPEN", judge_wants_brake_open);
    print_table();
    return 0;
}
