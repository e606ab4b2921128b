/* CiA 402 as tables: status patterns and the next command word towards a wanted state. */
#include "controller/drive/cia402.h"

#include <assert.h>
#include <stddef.h>

static const struct {
    uint16_t mask, value;
    enum cia402_state state;
} patterns[] = {
    {0x4F, 0x00, CIA402_NOT_READY},   {0x4F, 0x40, CIA402_SWITCH_ON_DISABLED},
    {0x4F, 0x0F, CIA402_FAULT_REACTION}, {0x4F, 0x08, CIA402_FAULT},
    {0x6F, 0x21, CIA402_READY},       {0x6F, 0x23, CIA402_SWITCHED_ON},
    {0x6F, 0x27, CIA402_ENABLED},     {0x6F, 0x07, CIA402_QUICK_STOP},
};

enum cia402_state cia402_decode(uint16_t statusword) {
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
        if ((statusword & patterns[i].mask) == patterns[i].value)
            return patterns[i].state;
    return CIA402_UNKNOWN;
}

bool cia402_is_off(enum cia402_state state) {
    return state == CIA402_NOT_READY || state == CIA402_SWITCH_ON_DISABLED || state == CIA402_READY ||
           state == CIA402_SWITCHED_ON || state == CIA402_FAULT;
}

/* Out of quick stop active "disable voltage" leads (IEC 61800-7-201, transition 12), in every drive. In some,
 * DRIVE_WANT_RESUME does without that break of torque (transition 16). */
static uint16_t idle_word(const struct profile_commands *commands, enum cia402_state state) {
    return state == CIA402_QUICK_STOP ? commands->coast : commands->idle;
}

static uint16_t run_word(const struct profile_commands *commands, enum cia402_state state) {
    switch (state) {
    case CIA402_READY:
        return commands->switch_on;
    case CIA402_SWITCHED_ON:
    case CIA402_ENABLED:
        return commands->run;
    case CIA402_UNKNOWN:
    case CIA402_NOT_READY:
    case CIA402_SWITCH_ON_DISABLED:
    case CIA402_QUICK_STOP:
    case CIA402_FAULT_REACTION:
    case CIA402_FAULT:
    case CIA402_STATE_COUNT:
        break;
    }
    return idle_word(commands, state);
}

uint16_t cia402_command(const struct profile_commands *commands, enum cia402_state state, enum drive_want want,
                        int edge) {
    switch (want) {
    case DRIVE_WANT_RUN:
        return run_word(commands, state);
    case DRIVE_WANT_RESUME:
        return state == CIA402_QUICK_STOP ? commands->run : run_word(commands, state);
    case DRIVE_WANT_QUICK_STOP:
        return commands->quick_stop;
    case DRIVE_WANT_HAND_OVER:
        return state == CIA402_QUICK_STOP ? commands->quick_stop : run_word(commands, state);
    case DRIVE_WANT_STANDBY:
        return state == CIA402_ENABLED || state == CIA402_SWITCHED_ON ? commands->switch_on
                                                                      : idle_word(commands, state);
    case DRIVE_WANT_COAST:
        return commands->coast;
    case DRIVE_WANT_RESET:
        return state == CIA402_FAULT && edge ? commands->fault_reset : idle_word(commands, state);
    case DRIVE_WANT_IDLE:
        break;
    }
    return idle_word(commands, state);
}

const char *cia402_state_name(enum cia402_state state) {
    static const char *const names[CIA402_STATE_COUNT] = {
        "unknown",     "not ready to switch on", "switch on disabled", "ready to switch on", "switched on",
        "operation enabled", "quick stop active", "fault reaction active", "fault",
    };
    assert(state >= 0 && state < CIA402_STATE_COUNT);
    return names[state];
}
