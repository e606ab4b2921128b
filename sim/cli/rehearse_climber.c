/* The climber while a person sits at the console: climbs while the rope follows, holds on when it does not, falls
 * now and then, and stands up again when he has been lowered to the ground. */
#include "sim/cli/rehearse_parts.h"

#include <assert.h>

#include "controller/base/clock.h"

#define FALL_AFTER_S_MIN 40.0 /* of climbing with the rope following */
#define FALL_AFTER_S_MAX 120.0
#define TRY_AGAIN_S 5.0 /* when he is too low to fall now */
#define NEVER INT64_MAX

void climber_begin(struct climber *climber) {
    *climber = (struct climber){.scene = SCENE_WAITS, .fall_us = NEVER};
}

static int64_t in_s(double duration_s) {
    return clock_now_us() + (int64_t)(duration_s * 1e6);
}

static void leaves_the_wall(struct director *director, struct climber *climber, enum sim_act act, const char *text) {
    director_say(director, text);
    director_act(director, act, 0);
    climber->fall_us = NEVER;
    climber->scene = SCENE_HANGS;
}

static bool on_the_wall(const struct director *director, const struct climber *climber) {
    return climber->scene != SCENE_HANGS && director->stage.known && !director->stage.truth.on_ground;
}

void climber_falls(struct director *director, struct climber *climber) {
    if (on_the_wall(director, climber))
        leaves_the_wall(director, climber, ACT_FALL, "The climber falls.");
    else
        director_say(director, "The climber is not on the wall: nothing to fall from.");
}

void climber_sits(struct director *director, struct climber *climber) {
    if (on_the_wall(director, climber))
        leaves_the_wall(director, climber, ACT_SLUMP, "The climber lets go of the wall and sits into the rope.");
    else
        director_say(director, "The climber is not on the wall: nothing to let go of.");
}

void climber_stands(struct director *director, struct climber *climber) {
    director_say(director, "The climber takes hold of the wall and stands.");
    director_act(director, ACT_STAND, 0);
    climber->scene = SCENE_WAITS;
}

static void waits(struct director *director, struct climber *climber) {
    if (!director_holds(director, WHEN_TAUT))
        return;
    director_say(director, "The rope follows: the climber climbs.");
    director_act(director, ACT_CLIMB, 0);
    if (climber->fall_us == NEVER)
        climber->fall_us = in_s(director_random(director, FALL_AFTER_S_MIN, FALL_AFTER_S_MAX));
    climber->scene = SCENE_CLIMBS;
}

static void climbs(struct director *director, struct climber *climber) {
    if (!director_holds(director, WHEN_FOLLOWING)) {
        director_say(director, "The winch does not follow: the climber holds on.");
        director_act(director, ACT_STAND, 0);
        climber->scene = SCENE_WAITS;
    } else if (clock_now_us() >= climber->fall_us) {
        if (director_holds(director, WHEN_CLEAR))
            climber_falls(director, climber);
        else
            climber->fall_us = in_s(TRY_AGAIN_S);
    }
}

static void hangs(struct director *director, struct climber *climber) {
    if (!director_holds(director, WHEN_GROUND))
        return;
    director_say(director, "The climber stands on the ground.");
    director_act(director, ACT_STAND, 0);
    climber->scene = SCENE_WAITS;
}

void climber_pass(struct director *director, struct climber *climber) {
    static void (*const scenes[])(struct director *director, struct climber *climber) = {
        [SCENE_WAITS] = waits, [SCENE_CLIMBS] = climbs, [SCENE_HANGS] = hangs};
    assert(climber->scene >= SCENE_WAITS && climber->scene <= SCENE_HANGS);
    scenes[climber->scene](director, climber);
}
