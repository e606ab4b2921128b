/* CiA 402 states as a table: what each event makes of each state. */
#include "sim/device/pds.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#define OFF PDS_SWITCH_ON_DISABLED
#define NR PDS_NOT_READY
#define RD PDS_READY
#define ON PDS_SWITCHED_ON
#define EN PDS_ENABLED
#define QS PDS_QUICK_STOP
#define FR PDS_FAULT_REACTION
#define FT PDS_FAULT

/* Columns as in enum pds_event. Numbers of the standard's transitions: 0 and 1 start, 2 ready, 3 switch on, 4 enable,
 * 5 disable operation, 6, 7, 8 shutdown and disable, 9, 10, 12 disable voltage, 11 quick stop, 13 fault, 14 reaction
 * done, 15 fault reset, 16 from quick stop back to enabled. */
static const enum pds_state table[PDS_STATE_COUNT][PDS_EVENT_COUNT] = {
    /*                          volt  quick shut  on   enable reset start lost  fault once  done */
    [PDS_NOT_READY] =          {NR,   NR,   NR,   NR,  NR,    NR,   OFF,  NR,   FT,   FT,   NR},
    [PDS_SWITCH_ON_DISABLED] = {OFF,  OFF,  RD,   OFF, OFF,   OFF,  OFF,  OFF,  FT,   FT,   OFF},
    [PDS_READY] =              {OFF,  OFF,  RD,   ON,  ON,    RD,   RD,   OFF,  FT,   FT,   RD},
    [PDS_SWITCHED_ON] =        {OFF,  OFF,  RD,   ON,  EN,    ON,   ON,   OFF,  FT,   FT,   ON},
    [PDS_ENABLED] =            {OFF,  QS,   RD,   ON,  EN,    EN,   EN,   OFF,  FR,   FT,   EN},
    [PDS_QUICK_STOP] =         {OFF,  QS,   QS,   QS,  EN,    QS,   QS,   OFF,  FR,   FT,   QS},
    [PDS_FAULT_REACTION] =     {FR,   FR,   FR,   FR,  FR,    FR,   FR,   FT,   FR,   FT,   FT},
    [PDS_FAULT] =              {FT,   FT,   FT,   FT,  FT,    OFF,  FT,   FT,   FT,   FT,   FT},
};

enum pds_event pds_command(uint16_t controlword) {
    static const struct {
        uint16_t mask, value;
        enum pds_event event;
    } commands[] = {
        {0x02, 0x00, PDS_DISABLE_VOLTAGE}, {0x06, 0x02, PDS_DO_QUICK_STOP},     {0x07, 0x06, PDS_SHUTDOWN},
        {0x0F, 0x07, PDS_SWITCH_ON},       {0x0F, 0x0F, PDS_ENABLE_OPERATION},
    };
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if ((controlword & commands[i].mask) == commands[i].value)
            return commands[i].event;
    assert(false && "the masks cover every word");
    return PDS_DISABLE_VOLTAGE;
}

enum pds_state pds_next(enum pds_state state, enum pds_event event) {
    assert((unsigned)state < PDS_STATE_COUNT && (unsigned)event < PDS_EVENT_COUNT);
    return table[state][event];
}

uint16_t pds_status_bits(enum pds_state state) {
    static const uint16_t bits[PDS_STATE_COUNT] = {
        [PDS_NOT_READY] = 0x00,  [PDS_SWITCH_ON_DISABLED] = 0x40, [PDS_READY] = 0x21,
        [PDS_SWITCHED_ON] = 0x23, [PDS_ENABLED] = 0x27,           [PDS_QUICK_STOP] = 0x07,
        [PDS_FAULT_REACTION] = 0x0F, [PDS_FAULT] = 0x08,
    };
    assert((unsigned)state < PDS_STATE_COUNT);
    return bits[state];
}
