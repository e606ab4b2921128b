/* The machine around the proved kernel: state table, permission lease, brake sequence, loss of a link, the devices' own
 * watchdogs and reset together; winches, two operators and a world that does what it likes. One pass of `machine` is
 * one cycle: the world changes, the operators act, belayd reads, judges, takes commands and writes, then drive and
 * brake move. What belayd reads is what the world was at the end of the cycle before.
 *
 * The names in capitals and state_next() are printed from the C tables by table.c. Everything else here repeats, in a
 * few states, what controller/safety/judge.c and controller/cycle*.c do; spin.py breaks each line that matters and
 * sees a property find it. Times are in cycles of this model. Facts for the properties begin with a small g_.
 */
#include "table.pml"

#ifndef AXES
#define AXES 1
#endif
#ifndef LEASE
#define LEASE 1 /* cycles that a permission lives without being renewed */
#endif
#ifndef WATCHDOG
#define WATCHDOG 1 /* cycles of silence until drive or I/O block acts by itself */
#endif
#define FULL 2 /* speeds: 0, 1, 2; one step a cycle up or down */
#define BRAKE_CYCLES 1 /* the rig's longest closing and opening time */
#define STOP_CYCLES 3 /* the rig's longest ramp */
#define ENABLE_CYCLES 2
#define OFF_DELAY (WATCHDOG + 4) /* cycles from the opened chain to safe torque off, in hardware */
#define ALONE (WATCHDOG + FULL + 2) /* cycles of silence after which a drive stands without torque */
#define UNHELD (BRAKE_CYCLES + WATCHDOG + 1) /* longest fall into a closing brake */
#define STOP_BOUND (STOP_CYCLES + WATCHDOG + FULL + BRAKE_CYCLES + 2)
#define NOBODY 2
#define GONE 3 /* a hand that let go behind a hung console: its motion may live out the lease */
#define LAST (AXES - 1) /* the winch whose link and drive fail; winch 0 has the other faults */

/* Latched faults, by what they do. */
#define ESTOPPED 1
#define GENTLE 2 /* any other of category 1 */
#define LOST 4 /* drive and controller lost sight of each other: category 0 by the drive's own ramp */
#define HARD 8 /* any other of category 0 */
#define BIT(category, gentle) (category == 0 -> HARD : gentle)

/* Command words. */
#define IDLE 0
#define RUN 1
#define QUICK_STOP 2
#define COAST 3

/* --- the world ---------------------------------------------------------------------------------------------------- */
bool estop_open, io_silent;
byte open_cycles; /* since the chain opened */
byte io_watchdog;
typedef world_axis {
    bool silent, relinked; /* the link: lost; connected anew since the last cycle */
    bool tripped, deaf, pull; /* drive fault; follows no setpoint; a reading beyond its limit */
    bool torque, brake_wire, brake_open;
    byte speed, watchdog
};
world_axis world[AXES];
bool hold[2], hung[2]; /* an operator's hand; a console that sends nothing */

/* --- belayd ------------------------------------------------------------------------------------------------------- */
bool alive = true;
bool permitted;
byte owner = NOBODY;
byte lease;
bool used[2]; /* this press is dead */
bool outdated; /* the permission's press is not the one that its owner holds now: the end of it was never heard */
typedef axis_memory {
    byte state, cycles, latched, setpoint;
    bool finished, held; /* held: by the press that is permitted now, and by no later one */
    bool spent[2] /* this press was held elsewhere while this winch alone was reset or armed */
};
axis_memory axis[AXES];

/* --- what happens in this cycle ----------------------------------------------------------------------------------- */
#define NO_COMMAND 0
#define STOP 1
#define RESET 2
#define ARM 3
#define DISARM 4
#define GO_0 5
#define GO_1 6
#define RESET_ONE 7 /* winch 0 alone */
#define ARM_ONE 8
byte command;
bool ended[2]; /* PERMIT_END is on its way */

/* --- facts for the properties, from the world rather than from belayd where there is a choice --------------------- */
byte g_unrenewed; /* cycles since the hand that started the motion was last seen */
byte g_unheld; /* cycles in a row with the brake of winch 0 open and no torque */
byte g_moving; /* cycles in a row in which winch 0 moves without being in RUNNING */
byte g_starter = NOBODY; /* the hand whose press started the motion, until it lets go */
bool g_spent[2 * AXES]; /* winch by hand: it stopped, was reset or armed while this hand held; until that lets go */
bool g_go[AXES]; /* GO since the last arm, fault, link return and start */
bool g_armed; /* winch 0: ARM since the last fault and start */
/* True for one state, at the end of a cycle. */
bool g_cleared, g_cleared_badly, g_asked_reset, g_took_spent, g_drives, g_drives_badly, g_stranger, g_estop_read,
    g_brake_on_motion, g_opens_unheld, g_lets_go, g_asked_stop, g_arm_goes, g_resumed, g_asks, g_keeps, g_runs,
    g_reset_arms, g_reset_turning, g_reset_unanswered;
bool g_caused[AXES], g_took_arm[AXES];

hidden byte before, causes, fresh, entered, word, i;
hidden byte causes_at[AXES]; /* without the drive's own fault, which the reset itself clears */
hidden byte heard, released, was_released[AXES], was_latched[AXES], was_told[AXES];

inline kill() {
    if
    :: permitted && !outdated -> used[owner] = true
    :: else
    fi;
    permitted = false;
    outdated = false;
    owner = NOBODY;
    lease = 0;
    axis[0].held = false;
    axis[LAST].held = false
}

/* Hands that wait behind the owner of the permission saw the same stop. */
inline bury_waiting() {
    used[0] = used[0] || (hold[0] && owner != 0);
    used[1] = used[1] || (hold[1] && owner != 1)
}

inline give(i, event) {
    before = axis[i].state;
    state_next(axis[i].state, event);
    axis[i].cycles = (axis[i].state == before -> axis[i].cycles : 0)
}

#define ACTIVE(i) (WANTS_TORQUE(axis[i].state) || axis[i].state == RELEASING)
#define DISABLED(i) (axis[i].state == FAULT || axis[i].state == DISARMED || axis[i].state == ARMED)
#define IN_MOTION(state) (state == ENABLING || state == OPENING || state == RUNNING)
#define STANDING(i) (!world[i].silent && world[i].speed == 0)

/* Faults whose cause is there in this cycle. */
inline find_causes(i) {
    causes = 0;
    if
    :: io_silent -> causes = causes | BIT(CATEGORY_IO_STALE, GENTLE)
    :: !io_silent && estop_open -> causes = causes | ESTOPPED
    :: else
    fi;
    if
    :: world[i].silent -> causes = causes | LOST
    :: !world[i].silent && world[i].relinked -> causes = causes | LOST
    :: else
    fi;
    if
    :: world[i].pull -> causes = causes | BIT(CATEGORY_OVERTENSION, GENTLE)
    :: else
    fi;
    if
    :: !world[i].silent && !world[i].torque && !world[i].tripped && WANTS_TORQUE(axis[i].state) &&
       axis[i].state != ENABLING -> causes = causes | BIT(CATEGORY_DRIVE_DISOBEYS, GENTLE)
    :: else
    fi;
    if
    :: axis[i].state == RUNNING && !io_silent && !world[i].brake_open ->
       causes = causes | BIT(CATEGORY_BRAKE_OPEN, GENTLE)
    :: else
    fi;
    if
    :: (axis[i].state == ENABLING || axis[i].state == RELEASING) && axis[i].cycles > ENABLE_CYCLES ->
       causes = causes | BIT(CATEGORY_DRIVE_DISOBEYS, GENTLE)
    :: axis[i].state == OPENING && axis[i].cycles > BRAKE_CYCLES + 1 ->
       causes = causes | BIT(CATEGORY_BRAKE_OPEN, GENTLE)
    :: axis[i].state == STOPPING && axis[i].cycles > STOP_CYCLES ->
       causes = causes | BIT(CATEGORY_STOP_TIME, GENTLE)
    :: axis[i].state == CLOSING && axis[i].cycles > BRAKE_CYCLES + 1 ->
       causes = causes | BIT(CATEGORY_BRAKE_CLOSE, GENTLE)
    :: else
    fi;
    causes_at[i] = causes;
    causes = causes | (!world[i].silent && world[i].tripped -> HARD : 0)
}

#define DONE(i) ((axis[i].state == ENABLING && !world[i].silent && world[i].torque) || \
    (axis[i].state == OPENING && !io_silent && world[i].brake_open) || \
    (axis[i].state == STOPPING && axis[i].setpoint == 0 && STANDING(i)) || \
    (axis[i].state == CLOSING && !io_silent && !world[i].brake_open && axis[i].cycles >= BRAKE_CYCLES) || \
    (axis[i].state == RELEASING && !world[i].silent && !world[i].torque))

#define WORD(i) (WANTS_TORQUE(axis[i].state) -> RUN : \
    (axis[i].state != FAULT -> IDLE : \
    (axis[i].cycles <= BRAKE_CYCLES && axis[i].latched < HARD -> QUICK_STOP : COAST)))

inline judge(i) {
    was_latched[i] = axis[i].latched;
    was_released[i] = WANTS_BRAKE_OPEN(axis[i].state);
    was_told[i] = WORD(i);
    /* Counted only where a time depends on it. */
    axis[i].cycles = (axis[i].state == DISARMED || axis[i].state == ARMED || axis[i].state == RUNNING -> 0 :
                     (axis[i].state == FAULT && axis[i].cycles > BRAKE_CYCLES -> BRAKE_CYCLES + 1 :
                     (axis[i].cycles < 5 -> axis[i].cycles + 1 : 5)));
    find_causes(i);
    fresh = causes & ~axis[i].latched;
    axis[i].latched = axis[i].latched | fresh;
    entered = axis[i].state;
    if
    :: fresh >= LOST -> give(i, EVENT_TRIP_0)
    :: fresh > 0 && fresh < LOST -> give(i, EVENT_TRIP_1)
    :: fresh == 0 && (!axis[i].held || axis[i].finished) -> give(i, EVENT_END)
    :: else
    fi;
    if
    :: axis[i].state == entered && DONE(i) -> give(i, EVENT_DONE)
    :: else
    fi;
    if
    :: axis[i].state == ARMED && axis[i].latched -> give(i, EVENT_TRIP_1)
    :: else
    fi;
    if
    :: fresh -> bury_waiting(); kill()
    :: IN_MOTION(entered) && !IN_MOTION(axis[i].state) -> kill()
    :: else
    fi;
    if
    :: !ACTIVE(i) -> axis[i].finished = false
    :: else
    fi;
    /* Facts: what the world itself would say. */
    g_caused[i] = (estop_open && !io_silent) || io_silent || world[i].silent || world[i].pull;
    if
    :: fresh -> g_go[i] = false; g_armed = g_armed && i > 0; spend(i)
    :: !fresh && IN_MOTION(entered) && !IN_MOTION(axis[i].state) -> spend(i)
    :: else
    fi
}

inline spend(i) {
    g_spent[2 * (i)] = g_spent[2 * (i)] || (hold[0] && g_starter == 0);
    g_spent[2 * (i) + 1] = g_spent[2 * (i) + 1] || (hold[1] && g_starter == 1)
}

/* Held by the owner of the permission while this winch is reset or armed. */
inline spend_owner(i) {
    g_spent[2 * (i)] = g_spent[2 * (i)] || (permitted && owner == 0 && hold[0] && !outdated);
    g_spent[2 * (i) + 1] = g_spent[2 * (i) + 1] || (permitted && owner == 1 && hold[1] && !outdated)
}

/* Held while this winch may not move. */
inline spend_all(i) {
    g_spent[2 * (i)] = g_spent[2 * (i)] || (hold[0] && !hung[0] && (estop_open || axis[i].latched));
    g_spent[2 * (i) + 1] = g_spent[2 * (i) + 1] || (hold[1] && !hung[1] && (estop_open || axis[i].latched))
}

/* The drive's answer to the word of the cycle before is in: it is no word of torque, and obeyed. */
#define QUIET(i) (was_told[i] == QUICK_STOP || (was_told[i] != RUN && !world[i].torque))
#define CLEAR(i) (causes_at[i] == 0 && DISABLED(i) && STANDING(i) && QUIET(i))
#define READY(i) (axis[i].state == DISARMED && !axis[i].latched && !world[i].silent && !world[i].torque && \
    !world[i].brake_open)
#define ARMED_WELL(i) (axis[i].state != DISARMED && axis[i].state != FAULT && !axis[i].latched)
#define HELD(i) (ACTIVE(i) && axis[i].held && !axis[i].finished)
#if AXES == 1
#define ANY_LATCHED (axis[0].latched)
#define ANY_HELD HELD(0)
#define ANY_TAKES ARMED_WELL(0)
#define ALL_CLEAR CLEAR(0)
#define ALL_READY READY(0)
#else
#define ANY_LATCHED (axis[0].latched || axis[1].latched)
#define ANY_HELD (HELD(0) || HELD(1))
#define ANY_TAKES (ARMED_WELL(0) || ARMED_WELL(1))
#define ALL_CLEAR (CLEAR(0) && CLEAR(1))
#define ALL_READY ((READY(0) || ARMED_WELL(0)) && (READY(1) || ARMED_WELL(1)) && (READY(0) || READY(1)))
#endif

/* A renewal of operator `who`, as the cycle takes it. */
inline permit(who) {
    if
    :: hold[who] && !hung[who] && (!permitted || (owner == who && !outdated)) && !used[who] ->
       if
       :: (!permitted && (estop_open || ANY_LATCHED) && !ANY_TAKES) -> used[who] = true
       :: else ->
          permitted = true;
          owner = who;
          lease = LEASE
       fi
    :: else
    fi
}

inline end_motions() {
    axis[0].finished = ACTIVE(0);
#if AXES > 1
    axis[1].finished = ACTIVE(1);
#endif
}

inline permit_end(who) {
    if
    :: ended[who] && permitted && owner == who && !outdated -> kill(); end_motions()
    :: else
    fi
}

/* A press held before a reset or an arm moves none of these winches; one under which another one moves lives on for
 * that. */
inline spend_hold(i) {
    if
    :: permitted && !outdated -> axis[i].spent[owner] = true
    :: else
    fi
}

inline reset_of(i) {
    g_reset_turning = g_reset_turning || world[i].speed > 0;
    g_reset_unanswered = g_reset_unanswered || was_told[i] == RUN || (was_told[i] == COAST && world[i].torque);
    axis[i].latched = 0;
    world[i].tripped = false;
    give(i, EVENT_RESET);
    give(i, EVENT_DISARM)
}

inline reset_all() {
    if
    :: !estop_open && ALL_CLEAR ->
       bury_waiting();
       reset_of(0);
#if AXES > 1
       reset_of(1);
#endif
       kill()
    :: else
    fi
}

inline arm_of(i) {
    spend_owner(i);
    give(i, EVENT_ARM);
    g_armed = g_armed || i == 0;
    g_took_arm[i] = true;
    g_go[i] = false
}

inline arm_all() {
    if
    :: !estop_open && !io_silent && ALL_READY ->
       bury_waiting();
       if
       :: READY(0) -> arm_of(0)
       :: else
       fi;
#if AXES > 1
       if
       :: READY(1) -> arm_of(1)
       :: else
       fi;
       if
       :: ANY_HELD -> spend_hold(0); spend_hold(1)
       :: else -> kill()
       fi
#else
       kill()
#endif
    :: else
    fi
}

#if AXES > 1
inline reset_one() {
    if
    :: !estop_open && CLEAR(0) ->
       bury_waiting();
       spend_owner(0);
       reset_of(0);
       if
       :: ANY_HELD -> spend_hold(0)
       :: else -> kill()
       fi
    :: else
    fi
}

inline arm_one() {
    if
    :: !estop_open && !io_silent && READY(0) ->
       bury_waiting();
       arm_of(0);
       if
       :: ANY_HELD -> spend_hold(0)
       :: else -> kill()
       fi
    :: else
    fi
}
#endif

inline disarm_all() {
    bury_waiting();
    kill();
    end_motions();
    give(0, EVENT_DISARM);
#if AXES > 1
    give(1, EVENT_DISARM);
#endif
}

inline go(who, i) {
    if
    :: !estop_open && !axis[i].latched && axis[i].state == ARMED && permitted && owner == who && !outdated && !used[who] &&
       !axis[i].spent[who] && !world[i].silent && !io_silent ->
       axis[i].finished = false;
       axis[i].held = true;
       give(i, EVENT_RUN);
       g_took_spent = g_spent[2 * (i) + who];
       g_starter = who;
       g_unrenewed = 0;
       g_go[i] = true
    :: else
    fi
}

inline take_commands() {
    spend_all(0);
#if AXES > 1
    spend_all(1);
#endif
    permit_end(0);
    permit_end(1);
    permit(0);
    permit(1);
    g_asked_reset = command == RESET || command == RESET_ONE;
    g_asked_stop = command == STOP || command == DISARM;
    if
    :: command == STOP -> bury_waiting(); kill(); end_motions()
    :: command == RESET -> reset_all()
    :: command == ARM -> arm_all()
    :: command == DISARM -> disarm_all()
    :: command == GO_0 -> go(0, 0)
    :: command == GO_1 -> go(1, AXES - 1)
#if AXES > 1
    :: command == RESET_ONE -> reset_one()
    :: command == ARM_ONE -> arm_one()
#endif
    :: else
    fi;
    /* Renewals may also come behind the command. */
    permit(0);
    permit(1)
}

/* The clamp, with the fastest of all plans. */
inline clamp(i) {
    before = axis[i].setpoint;
    if
    :: axis[i].state == RUNNING && axis[i].held && !axis[i].finished ->
       axis[i].setpoint = (before < FULL -> before + 1 : FULL)
    :: axis[i].state == STOPPING || (axis[i].state == RUNNING && (!axis[i].held || axis[i].finished)) ->
       axis[i].setpoint = (before > 0 -> before - 1 : 0)
    :: else -> axis[i].setpoint = 0
    fi;
    entered = axis[i].setpoint > before || (axis[i].setpoint > 0 && axis[i].setpoint == before);
    g_drives = g_drives || entered;
    g_drives_badly = g_drives_badly || (entered && g_caused[i])
}

/* Drive and brake of one winch for one cycle. `heard`: belayd's words came through. */
inline move(i) {
    heard = alive && !world[i].silent;
    world[i].watchdog = (heard -> 0 : (world[i].watchdog <= ALONE -> world[i].watchdog + 1 : world[i].watchdog));
    word = (heard -> WORD(i) : (world[i].watchdog > WATCHDOG -> QUICK_STOP : RUN));
    released = alive && WANTS_BRAKE_OPEN(axis[i].state);
    /* What belayd itself asks of the brake. */
    g_brake_on_motion = g_brake_on_motion || (alive && was_released[i] && !released && world[i].speed > 0 &&
                                              axis[i].latched < LOST);
    g_lets_go = g_lets_go || (alive && axis[i].state == RELEASING && world[i].brake_open);
    g_opens_unheld = g_opens_unheld || (alive && released && !was_released[i] &&
                                        (!world[i].torque || !WANTS_TORQUE(axis[i].state) || world[i].speed > 0));
        /* Torque: kept by RUN, and by a quick stop until the brake had its time; begun by RUN alone, word by word. */
    if
    :: (open_cycles > OFF_DELAY) || world[i].tripped -> world[i].torque = false
    :: else ->
       if
       :: heard && word == RUN -> world[i].torque = true
       :: word == IDLE || word == COAST || (word == QUICK_STOP && world[i].speed == 0 && !world[i].brake_open) ->
          world[i].torque = false
       :: else
       fi
    fi;
    /* Speed. Without torque the load falls until the brake holds it. */
    if
    :: world[i].torque ->
       if
       :: word == RUN && heard && !world[i].deaf -> world[i].speed = axis[i].setpoint
       :: word == QUICK_STOP -> world[i].speed = (world[i].speed > 0 -> world[i].speed - 1 : 0)
       :: else /* the last setpoint */
       fi
    :: !world[i].torque && !world[i].brake_open -> world[i].speed = 0
    :: !world[i].torque && world[i].brake_open -> world[i].speed = FULL
    fi;
    /* The brake follows its wire a cycle later; silence of belayd or the chain takes the wire's power away. */
    world[i].brake_open = world[i].brake_wire;
    world[i].brake_wire = (open_cycles > OFF_DELAY || io_watchdog > WATCHDOG -> false :
                          (alive && !io_silent -> released : world[i].brake_wire))
}

inline world_moves() {
    open_cycles = (estop_open -> (open_cycles <= OFF_DELAY -> open_cycles + 1 : open_cycles) : 0);
    io_watchdog = (alive && !io_silent -> 0 : (io_watchdog <= WATCHDOG -> io_watchdog + 1 : io_watchdog));
    move(0);
#if AXES > 1
    move(1);
#endif
}

/* Facts that are read off the world and the words at the end of a cycle. */
inline note() {
    g_unheld = (world[0].brake_open && !world[0].torque -> (g_unheld <= UNHELD -> g_unheld + 1 : g_unheld) : 0);
    g_moving = (world[0].speed > 0 && !(alive && axis[0].state == RUNNING) ->
                (g_moving <= STOP_BOUND -> g_moving + 1 : g_moving) : 0);
    i = 0;
    do
    :: i < AXES ->
       g_asks = g_asks || (alive && WANTS_TORQUE(axis[i].state));
       entered = alive && (was_latched[i] & ~axis[i].latched);
       g_cleared = g_cleared || entered;
       g_cleared_badly = g_cleared_badly || (entered && (!g_asked_reset || g_caused[i]));
       g_reset_arms = g_reset_arms || (g_asked_reset && entered && axis[i].state != DISARMED);
       g_arm_goes = g_arm_goes || (g_took_arm[i] && WANTS_TORQUE(axis[i].state));
       g_keeps = g_keeps || (alive && WANTS_TORQUE(axis[i].state) && !(axis[i].state == CLOSING && io_silent));
       g_go[i] = g_go[i] && WANTS_TORQUE(axis[i].state);
       g_resumed = g_resumed || (alive && IN_MOTION(axis[i].state) && !g_go[i]);
       g_runs = g_runs || (alive && IN_MOTION(axis[i].state));
       i++
    :: else -> break
    od;
    g_armed = g_armed && axis[0].state != DISARMED;
    g_stranger = g_drives && (!permitted || (owner != g_starter && g_starter != GONE));
    g_estop_read = alive && !io_silent && estop_open;
    if
    :: !g_asks -> g_starter = NOBODY; g_unrenewed = 0
    :: g_asks && g_starter < NOBODY && hold[g_starter] && !hung[g_starter] -> g_unrenewed = 0
    :: else -> g_unrenewed = (g_unrenewed <= LEASE -> g_unrenewed + 1 : g_unrenewed)
    fi
}

/* --- one cycle ---------------------------------------------------------------------------------------------------- */
inline cycle() {
    if
    :: alive ->
       if
       :: permitted && lease == 0 -> kill()
       :: permitted && lease > 0 -> lease--
       :: else
       fi;
       judge(0);
#if AXES > 1
       judge(1);
#endif
       take_commands();
       clamp(0);
#if AXES > 1
       clamp(1);
#endif
    :: else
    fi;
    world_moves();
    note();
#ifdef TRACE
    printf("alive %d chain %d io silent %d", alive, open_cycles, io_silent);
    printf(" | link silent %d tripped %d deaf %d pull %d", world[0].silent, world[0].tripped, world[0].deaf, world[0].pull);
    printf(" | torque %d speed %d brake open %d", world[0].torque, world[0].speed, world[0].brake_open);
    printf(" | hold %d %d used %d %d", hold[0], hold[1], used[0], used[1]);
    printf(" | permitted %d owner %d command %d", permitted, owner, command);
    printf(" | state %d cycles %d latched %d setpoint %d\n", axis[0].state, axis[0].cycles, axis[0].latched, axis[0].setpoint);
#endif
    /* A load that pulls does so for a moment; a drive that follows no setpoint does so until it stands. */
    world[0].pull = false;
    world[LAST].relinked = false;
    world[0].deaf = world[0].deaf && world[0].speed > 0;
    command = NO_COMMAND;
    ended[0] = false;
    ended[1] = false
}

inline forget_facts() {
    g_cleared = false; g_cleared_badly = false; g_asked_reset = false; g_took_spent = false; g_drives = false;
    g_drives_badly = false; g_caused[0] = false; g_caused[LAST] = false; g_took_arm[0] = false;
    g_took_arm[LAST] = false; g_arm_goes = false; g_stranger = false; g_estop_read = false; g_brake_on_motion = false; g_opens_unheld = false;
    g_lets_go = false; g_asked_stop = false; g_resumed = false; g_asks = false; g_keeps = false;
    g_runs = false; g_reset_arms = false; g_reset_turning = false; g_reset_unanswered = false
}

/* belayd starts anew: disarmed, nobody permitted, nothing latched, whatever it was before. */
inline killed() {
    alive = false;
    permitted = false; outdated = false; owner = NOBODY; lease = 0;
    used[0] = hold[0]; used[1] = hold[1]; /* a client gives its press up with its session */
    i = 0;
    do
    :: i < AXES ->
       axis[i].state = DISARMED; axis[i].cycles = 0; axis[i].latched = 0; axis[i].setpoint = 0;
       axis[i].finished = false; axis[i].held = false; axis[i].spent[0] = false; axis[i].spent[1] = false;
       g_go[i] = false;
       spend(i);
       i++
    :: else -> break
    od;
    g_armed = false; g_starter = NOBODY; g_unrenewed = 0
}


inline world_changes() {
    if
    :: estop_open = !estop_open
    :: io_silent = !io_silent
    :: world[LAST].silent = !world[LAST].silent;
       world[LAST].relinked = !world[LAST].silent;
       g_go[LAST] = g_go[LAST] && world[LAST].silent
    :: !world[LAST].silent -> world[LAST].relinked = true; g_go[LAST] = false
    :: !world[LAST].tripped -> world[LAST].tripped = true
    :: world[0].speed > 0 && !world[0].deaf -> world[0].deaf = true
    :: world[0].pull = true
    :: axis[0].state == RUNNING -> axis[0].finished = true /* the move has arrived */
    :: alive -> killed()
    :: !alive -> alive = true
    fi
}

inline let_go(who) {
    hold[who] = false;
    ended[who] = !hung[who];
    outdated = outdated || (hung[who] && permitted && owner == who);
    used[who] = false;
    axis[0].spent[who] = false; axis[LAST].spent[who] = false;
    g_spent[who] = false; g_spent[2 * (LAST) + who] = false;
    g_starter = (g_starter == who -> (hung[who] -> GONE : NOBODY) : g_starter)
}

inline operators_act() {
    if
    :: !hold[0] && !hung[0] -> hold[0] = true
    :: !hold[1] && !hung[1] -> hold[1] = true
    :: hold[0] -> let_go(0)
    :: hold[1] -> let_go(1)
    :: hold[0] && !hung[0] -> hung[0] = true
    :: hung[0] -> hung[0] = false
    :: alive -> command = STOP
    :: alive -> command = RESET
    :: alive -> command = ARM
#if AXES > 1
    :: alive -> command = RESET_ONE
    :: alive -> command = ARM_ONE
#endif
    :: alive -> command = DISARM
    :: alive && hold[0] && !hung[0] -> command = GO_0
    :: alive && hold[1] && !hung[1] -> command = GO_1
    fi
}

active proctype machine() {
    d_step {
        i = 0;
        do
        :: i < AXES -> axis[i].state = DISARMED; i++
        :: else -> break
        od
    }
    do
    :: atomic {
           forget_facts();
           if
           :: skip
           :: world_changes()
           :: operators_act()
           :: estop_open = !estop_open; operators_act()
           :: !world[LAST].tripped -> world[LAST].tripped = true; operators_act()
#ifdef LARGE
           :: world_changes(); operators_act()
           :: world_changes(); world_changes()
#endif
           fi;
           d_step { cycle() }
       }
    od
}

/* --- what must hold ----------------------------------------------------------------------------------------------- */

/* The chain alone: no torque beyond the off-delay, whatever belayd does. */
ltl estop_torque { [] (open_cycles > OFF_DELAY -> !world[0].torque) }
/* belayd alone: it gives its torque up before the chain takes it, unless nobody can tell that the brake is closed. */
ltl estop_software { [] (open_cycles > OFF_DELAY -> !g_keeps) }
/* In the cycle in which the open chain is read no axis is on its way into motion. */
ltl estop_same_cycle { [] (g_estop_read -> !g_runs) }
/* A latched fault is left by a reset alone, with its cause gone. */
ltl latched_reset_only { [] !g_cleared_badly }
ltl estop_never_reset_open { [] (g_cleared -> !estop_open) }
ltl reset_stands { [] !g_reset_turning }
/* and when the drive has answered to the stop. */
ltl reset_answered { [] !g_reset_unanswered }
/* A setpoint that is kept or raised belongs to the hand that started the motion. */
ltl never_inherited { [] !g_stranger }
/* and to a hand that was seen a lease ago at most. */
ltl lease_bounded { [] (g_drives -> g_unrenewed <= LEASE) }
ltl new_press { [] !g_took_spent }
ltl drives_only_clear { [] !g_drives_badly }
ltl brake_needs_torque { [] !g_opens_unheld }
ltl unheld_bounded { [] (g_unheld <= UNHELD) }
/* belayd lets the drive go only when the brake reads closed. */
ltl brake_before_release { [] !g_lets_go }
ltl category_0_torque {
    [] (alive && !world[0].silent && axis[0].state == FAULT && axis[0].latched >= HARD -> !world[0].torque) }
ltl latched_never_armed { [] !(axis[0].latched && axis[0].state == ARMED) }
/* STOP and DISARM act in their own cycle. */
ltl stop_in_its_cycle { [] (g_asked_stop -> !g_drives) }
ltl brake_stands_first { [] !g_brake_on_motion }
/* belayd dead or unheard: the devices' watchdogs alone bring the drum to rest, and the torque off it. */
ltl watchdog_stops { [] (world[0].watchdog > ALONE -> world[0].speed == 0 && !world[0].torque) }
ltl dead_comes_to_rest { (<> [] !alive) -> (<> [] (world[0].speed == 0 && !world[0].torque && !world[0].brake_open)) }
/* Nothing resumes by itself: torque needs a GO since the last start, fault, link return and arm. */
ltl nothing_resumes { [] !g_resumed }
ltl reset_is_not_arm { [] (!g_reset_arms) }
ltl armed_by_arm { [] (alive && axis[0].state == ARMED -> g_armed) }
ltl arm_is_not_go { [] !g_arm_goes }
ltl stop_bounded { [] (g_moving <= STOP_BOUND) }

/* What must be possible: each of these must be found false, or the ones above hold for want of motion. */
ltl reach_running { [] !(axis[0].state == RUNNING && world[0].speed == FULL) }
ltl reach_second_take { [] !(g_cleared && axis[0].state == DISARMED) }
