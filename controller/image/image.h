/* Process image: what the field said and what it is told, as registers with stamps.
 *
 * Bus workers move whole frames; drive/ decodes and encodes them on the cycle thread. One frame per device and
 * direction.
 */
#ifndef BELAY_CONTROLLER_IMAGE_IMAGE_H
#define BELAY_CONTROLLER_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "controller/rig/rig.h"

enum link_state {
    LINK_DOWN,       /* never connected, or backing off after an error */
    LINK_CONNECTING, /* connecting, identifying, reading settings back */
    LINK_REFUSED,    /* a device answered but its identity or a setting is not accepted; see refusal */
    LINK_UP          /* cyclic requests run */
};

/* Why a link was lost. */
enum link_loss {
    LOSS_NONE,     /* it was not, yet */
    LOSS_CONNECT,  /* no connection: nothing listens there, or no way leads there */
    LOSS_TIMEOUT,  /* no reply in time */
    LOSS_PEER,     /* the other side ended the connection */
    LOSS_REPLY,    /* a reply of the wrong form or length, or to another request */
    LOSS_IDENTITY, /* the reply of another device */
    LOSS_ECHO,     /* a wrong sequence echo: the device repeats old data, or writes don't reach it */
    LOSS_CYCLE,    /* the cycle fell silent, so the link stopped its devices */
    LOSS_COUNT
};

/* Last accepted reply of one device. */
struct image_frame {
    int64_t stamp_us; /* when the reply arrived; 0 = not since the link's last connect */
    uint16_t word[PROFILE_WORDS_MAX];
};

struct image_link {
    enum link_state state;
    uint32_t generation; /* counts completed connects: a change means the link was lost in between */
    uint32_t errors;     /* requests that failed since start */
    bool setting_changed; /* since the connect: a setting was changed, or can't be read any more */
    int refused_device;  /* LINK_REFUSED or setting_changed: index in rig.device, and */
    int refused_check;   /* index in its profile.check; -1 = identity */
    enum link_loss loss;   /* why it was last lost; before the first connect: why the last try failed */
    int loss_device;       /* whose request that was: index in rig.device; -1 = the connection itself */
    int64_t round_trip_us; /* of the last full pass over the link's devices */
};

/* Everything that came in, one per cycle. Written by the bus side, read by the cycle. */
struct image_in {
    struct image_frame frame[RIG_DEVICES_MAX];
    struct image_link link[RIG_LINKS_MAX];
};

/* Everything that goes out, one per cycle. A device's words are sent only while its link is up. */
struct image_out {
    uint64_t cycle;
    uint16_t word[RIG_DEVICES_MAX][PROFILE_WORDS_MAX];
};

/* Why a link was lost, for the operator: "no reply in time". "" for LOSS_NONE. Never NULL. */
const char *link_loss_text(enum link_loss loss);

/* Fills the out image with each device's safe words (idle command, full torque limits, brake closed). Used before the
 * first cycle. */
void image_out_safe(const struct rig *rig, struct image_out *out);

/* Fills the out image with words for devices that the cycle does not speak to, just after a connect or when it is lost:
 * outputs off, so the brake closes, and the drive's quick stop with full torque limits. A drive that makes torque ramps
 * down and keeps it, so that a load hangs on it while the brake's pads travel; one that is disabled stays so. */
void image_out_stop(const struct rig *rig, struct image_out *out);

enum quality {
    QUALITY_MISSING, /* never received */
    QUALITY_STALE,   /* too old, or the link is not up */
    QUALITY_BAD,     /* the device itself says the value is wrong */
    QUALITY_GOOD
};

/* A decoded value of one term: read it only through image_read(). */
struct image_value {
    double value; /* unit of the term (profile.h) */
    uint32_t raw; /* the bits as they came, for status words */
    int64_t age_us;
    enum quality quality;
};

/* Decodes a read term of device `device` at time `now_us`. Quality is the worst that applies; value is 0 when missing.
 * Pure; bounded; asserts that the profile has the term. */
struct image_value image_read(const struct rig *rig, const struct image_in *in, int device, enum profile_term_id term,
                              int64_t now_us);

/* Encodes a write term into the out frame; values outside the register's range are clamped to it. Pure. */
void image_write(const struct rig *rig, struct image_out *out, int device, enum profile_term_id term, double value);

/* Encodes both torque limits of a drive, as shares of the full ones, 0..1. A drive that has no such terms is left as it
 * is. Pure. */
void image_write_limits(const struct rig *rig, struct image_out *out, int device, double motoring, double generating);

/* What the register says to the device when image_write() gives it this value: rounded to its steps, clamped to its
 * range. In the unit of `value`. Pure. */
double image_written(const struct rig *rig, int device, enum profile_term_id term, double value);

#endif
