/* The connection to belayd: the only owner of the socket. Connects, greets, subscribes, keeps the newest state, sends
 * commands; reconnects by itself with a growing pause. Never blocks the main loop. Main thread.
 *
 * Signals: "greeted" (axes and rig are known anew), "telemetry" (a frame has come), "lost" (the connection is gone, all
 * that is known is old), "cues" (the cue list changed), "refused" (string: a sentence for the operator), "press-dead"
 * (uint: that press is over; the operator has to let go and press again), "show-loaded" (the show that was sent is the
 * one in force), "show-wrong" (string: the lines of the file that are wrong).
 */
#ifndef BELAY_CONSOLE_MODEL_BELAY_SESSION_H
#define BELAY_CONSOLE_MODEL_BELAY_SESSION_H

#include <glib-object.h>
#include <stdbool.h>
#include <stdint.h>

#include "console/model/belay-axis.h"

G_DECLARE_FINAL_TYPE(BelaySession, belay_session, BELAY, SESSION, GObject)
#define BELAY_TYPE_SESSION (belay_session_get_type())

#define SESSION_AXES_MAX 16
#define SESSION_TEXT_MAX 256

/* Everything that belayd has said. */
struct belay_state {
    bool greeted; /* Meta.Hello was answered: `hello` and the axes are valid */
    bool fresh;   /* telemetry has come since: `telemetry` is valid */
    char link[SESSION_TEXT_MAX]; /* what the connection does, in words */
    struct msg_meta_hello_result hello;
    struct msg_telemetry telemetry;
    struct msg_show_get_result show; /* the cue list */
    bool cues_read; /* `show` is the one in force: asked for since the greeting, the last load and the last arming */
    int axis_count;
    struct belay_axis_view axis[SESSION_AXES_MAX];
};

/* A session with the operate socket at `path` (NULL = as libbelay finds it); where only the view socket is permitted,
 * with that. Does nothing until started. */
BelaySession *belay_session_new(const char *path);
/* Begins to connect. */
void belay_session_start(BelaySession *self);

/* The newest state; the same memory for the session's whole life. */
const struct belay_state *belay_session_state(BelaySession *self);
/* Age of the newest telemetry, in ms; INT64_MAX when there is none. */
int64_t belay_session_age_ms(BelaySession *self, int64_t now_us);
/* Freshness of the newest telemetry; GONE when there is none. */
enum belay_freshness belay_session_freshness(BelaySession *self, int64_t now_us);
/* Cue `id`, or NULL when the list does not have it. */
const struct msg_cue *belay_session_cue(BelaySession *self, const char *id);
/* Name of cue `id`, or "" when the list does not have it. */
const char *belay_session_cue_name(BelaySession *self, const char *id);
/* Whether the list in force has been read, and has cue `id`. */
bool belay_session_cue_shown(BelaySession *self, const char *id);

/* Commands. Sent at once; what can't be sent or is refused comes back as "refused". STOP is tried again until it is
 * out, and an unconfirmed STOP is said aloud. */
void belay_session_stop(BelaySession *self);
/* Asks for a reset of what is mended, of this axis alone or of all (NULL). */
void belay_session_reset(BelaySession *self, const char *axis);
/* Says that nobody hangs on this axis's rope. */
void belay_session_unlock(BelaySession *self, const char *axis);
/* Asks for a recovery of this axis without `without`; for a second person's clear; for its end. */
void belay_session_recover(BelaySession *self, const char *axis, enum msg_sensor without);
void belay_session_clear(BelaySession *self, const char *axis);
void belay_session_recovery_end(BelaySession *self, const char *axis);
/* Whether this session began the recovery that the axis is in, and can't give it clear. */
bool belay_session_began_recovery(BelaySession *self, const struct belay_axis_view *axis);
/* Asks for this operating mode; `percent` of the speeds in walk-through, else 0. */
void belay_session_mode(BelaySession *self, enum msg_operating_mode mode, int percent);
/* Asks for this axis armed alone, or all (NULL). */
void belay_session_arm(BelaySession *self, const char *axis);
/* Asks for the end of being armed; stops first. */
void belay_session_disarm(BelaySession *self);
/* Asks for this cue on standby. */
void belay_session_standby(BelaySession *self, const char *cue);
/* Asks for another show; `bytes` is the file, `name` stands for it in the errors. */
void belay_session_load(BelaySession *self, const char *name, GBytes *bytes);
/* Begins or renews press `press`; `t_us` is when the hold was last known to be true. */
void belay_session_hold(BelaySession *self, uint32_t press, int64_t t_us);
/* The operator let go. */
void belay_session_end(BelaySession *self, uint32_t press);
/* A refused GO or jog kills its press: see "press-dead". */
void belay_session_go(BelaySession *self, uint32_t press, const char *cue);
/* Positive pays out. */
void belay_session_jog(BelaySession *self, uint32_t press, const char *axis, double speed_m_s);

#endif
