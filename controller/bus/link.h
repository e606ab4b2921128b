/* A link as a pure state machine: what to send next, what to accept, when to reset, how long to back off.
 *
 * No I/O and no clock. worker.c asks link_next() for an order, carries it out over libmodbus and tells link_done() what
 * came of it; time and the cycle's words are passed in. Why each guard is there: docs/decisions/0004-modbus-guards.md.
 */
#ifndef BELAY_CONTROLLER_BUS_LINK_H
#define BELAY_CONTROLLER_BUS_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "controller/image/image.h"

#define LINK_CYCLE_LOST_PERIODS 2  /* words older than this are never sent */
#define LINK_FIRST_IMAGES 2        /* words the cycle must hand over after a connect before they are sent */
#define LINK_REFUSED_RETRY_MS 1000 /* after a refusal */
#define LINK_RECHECK_MS 100        /* one setting is read again this often while the link is up, each in its turn */
#define LINK_BACKOFFS 6            /* 10, 20, 50, 100, 200, 500 ms, then 500 ms again and again */

enum link_step {
    STEP_NONE,     /* in the table: the event can't come */
    STEP_DOWN,     /* not connected: backs off */
    STEP_CONNECT,  /* the TCP connect runs */
    STEP_IDENTIFY, /* reads identities and settings back, one request each */
    STEP_REFUSED,  /* not connected: a device is the wrong one or is set wrongly; tried again slowly */
    STEP_UP,       /* asks each device in turn, once a cycle */
    STEP_STOP,     /* the cycle fell silent: each device is sent its stop words once */
    STEP_SILENT,   /* not connected, sends nothing: the devices' own watchdogs act. Waits for the cycle */
    STEP_COUNT
};

enum link_event {
    LINK_EVENT_DUE,        /* a wait is over */
    LINK_EVENT_CONNECTED,  /* the TCP connection stands */
    LINK_EVENT_ANSWERED,   /* the reply belongs to the request */
    LINK_EVENT_EXCEPTION,  /* the device said no; request and reply are still in step */
    LINK_EVENT_REFUSED,    /* the reply proves a wrong device or setting; UP: reported, the cycle stops */
    LINK_EVENT_COMPLETE,   /* that was the last request of the step */
    LINK_EVENT_FAILED,     /* anything else: no connection, timeout, reset, wrong length, wrong echo, wrong identity */
    LINK_EVENT_CYCLE_LOST, /* the newest words are older than two periods */
    LINK_EVENT_CYCLE_BACK, /* new words after that */
    LINK_EVENT_COUNT
};

enum link_order_kind {
    ORDER_WAIT,    /* sleep until `until_us`, then ask again; at most one period */
    ORDER_CONNECT, /* then link_done() */
    ORDER_RESET,   /* end the connection with RST; no link_done() */
    ORDER_REQUEST, /* one Modbus request, then link_done() */
    ORDER_KIND_COUNT
};

/* What the worker has to do now. */
struct link_order {
    enum link_order_kind kind;
    int64_t until_us; /* WAIT */
    /* REQUEST: */
    uint8_t unit, function; /* 3, 4, 23 */
    uint16_t read_wire, read_count;
    uint16_t write_wire, write_count; /* function 23 */
    uint16_t word[PROFILE_WORDS_MAX]; /* to write */
};

enum link_outcome { OUTCOME_DONE, OUTCOME_EXCEPTION, OUTCOME_FAILED };

/* What came of a CONNECT or a REQUEST. */
struct link_reply {
    enum link_outcome outcome;
    enum link_loss loss; /* FAILED: why; of a CONNECT it does not matter */
    int count; /* words read */
    uint16_t word[PROFILE_WORDS_MAX];
};

/* The cycle's newest words, as bus_write() left them; only the rows of this link's devices count. */
struct link_words {
    uint64_t number; /* of the bus_write(), from 1; 0 = none yet */
    int64_t tick_us;
    uint16_t word[RIG_DEVICES_MAX][PROFILE_WORDS_MAX];
};

/* What the cycle gets to see of this link; only the rows of its devices are used. */
struct link_report {
    struct image_link link;
    struct image_frame frame[RIG_DEVICES_MAX];
};

/* All state of one link. Arrays are indexed as rig.device. */
struct link {
    const struct rig *rig;
    int index;                      /* in rig.link */
    const struct image_out *stop;   /* words after a connect and when the cycle is lost */
    int64_t period_us;
    int device_count;
    int device[RIG_DEVICES_MAX];    /* this link's, in the order in which they are asked */
    enum link_step step;
    struct link_report report;

    bool open;         /* a connection stands, or stood and was not yet reset */
    bool ending;       /* link_end() was called */
    enum link_loss failure; /* of the last LINK_EVENT_FAILED */
    int failure_device;     /* index in rig.device; -1 = the connection itself */
    int backoff;       /* failures since the last pass that brought the data of every device */
    int64_t retry_us;  /* DOWN, REFUSED */
    int at;            /* device under way: index in device[] */
    int taken;         /* devices whose data this pass brought */
    int check;         /* IDENTIFY: check under way; -1 = identity */
    bool rechecking;   /* UP: the request under way reads a setting again */
    int recheck_at, recheck; /* UP: the setting whose turn is next: index in device[], in its profile.check */
    int64_t recheck_us; /* and when, at the latest */
    int64_t sent_us;   /* when the request under way was ordered */

    int64_t started_us; /* phase of the releases until the cycle gives one */
    int64_t looked_us;  /* last call of link_next() */
    int64_t pass_us;    /* start of the pass under way, or of the last one */
    int64_t rested_us;  /* end of the last pass: the next release is later */
    bool resume_known;
    uint64_t resume;    /* number of the first words that are sent after this connect */
    uint16_t sequence[RIG_DEVICES_MAX]; /* last number sent */
    bool echo_known[RIG_DEVICES_MAX];   /* the device echoed the number before that */
};

/* Link `index` of `rig`, down, with no back-off pending. `stop` holds the words sent after a connect and when the
 * cycle is lost. Both must outlive the link. */
void link_init(struct link *link, const struct rig *rig, int index, const struct image_out *stop, int64_t now_us);

/* What to do now. Call it again after each order was carried out, and with the newest words each time: they are never
 * kept. Bounded time. */
struct link_order link_next(struct link *link, const struct link_words *words, int64_t now_us);

/* What came of the CONNECT or REQUEST that link_next() ordered last. */
void link_done(struct link *link, const struct link_reply *reply, int64_t now_us);

/* The bus stops: from now on link_next() leads, as after a lost cycle, through the stop words to the connection's
 * end. */
void link_end(struct link *link);

/* True when link_end() was called and nothing is left to do. */
bool link_ended(const struct link *link);

/* The table: the step that follows, or STEP_NONE where the event can't come. */
enum link_step link_transition(enum link_step step, enum link_event event);

/* "down", "connect", ...; "due", "connected", ... Never NULL. */
const char *link_step_name(enum link_step step);
const char *link_event_name(enum link_event event);

#endif
