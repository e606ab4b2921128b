/* The climber while a person sits at the console: climbs while the rope follows, holds on when it does not, falls
 * now and then, and stands up again when he has been lowered to the ground. */
#include "sim/cli/rehearse_parts.h"

#include <assert.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "controller/base/clock.h"

#define FALL_AFTER_S_MIN 40.0 /* of climbing with the rope following */
#define FALL_AFTER_S_MAX 120.0
#define TRY_AGAIN_S 5.0 /* when he is too low to fall now */
#define NEVER INT64_MAX

enum scene { SCENE_WAITS, SCENE_CLIMBS, SCENE_HANGS };

struct play {
    enum scene scene;
    int64_t fall_us; /* when he will let go */
};

static int64_t next_fall(struct director *director) {
    return clock_now_us() + (int64_t)(director_random(director, FALL_AFTER_S_MIN, FALL_AFTER_S_MAX) * 1e6);
}

static void waits(struct director *director, struct play *play) {
    if (!director_holds(director, WHEN_TAUT))
        return;
    director_say(director, "The rope follows: the climber climbs.");
    director_act(director, ACT_CLIMB, 0);
    play->fall_us = play->fall_us == NEVER ? next_fall(director) : play->fall_us;
    play->scene = SCENE_CLIMBS;
}

static void falls(struct director *director, struct play *play) {
    director_say(director, "The climber falls.");
    director_act(director, ACT_FALL, 0);
    play->fall_us = NEVER;
    play->scene = SCENE_HANGS;
}

static void climbs(struct director *director, struct play *play) {
    if (!director_holds(director, WHEN_FOLLOWING)) {
        director_say(director, "The winch does not follow: the climber holds on.");
        director_act(director, ACT_STAND, 0);
        play->scene = SCENE_WAITS;
    } else if (clock_now_us() >= play->fall_us) {
        if (director_holds(director, WHEN_CLEAR))
            falls(director, play);
        else
            play->fall_us = clock_now_us() + (int64_t)(TRY_AGAIN_S * 1e6);
    }
}

static void hangs(struct director *director, struct play *play) {
    if (!director_holds(director, WHEN_GROUND))
        return;
    director_say(director, "The climber stands on the ground.");
    director_act(director, ACT_STAND, 0);
    play->scene = SCENE_WAITS;
}

static void (*const scenes[])(struct director *director, struct play *play) = {
    [SCENE_WAITS] = waits, [SCENE_CLIMBS] = climbs, [SCENE_HANGS] = hangs};

/* A line on standard input prompts the climber: f, s. */
static void take_prompt(struct director *director, struct play *play) {
    struct pollfd wait = {.fd = STDIN_FILENO, .events = POLLIN};
    char line[80];
    if (!isatty(STDIN_FILENO) || poll(&wait, 1, 0) <= 0 || read(STDIN_FILENO, line, sizeof line) <= 0)
        return;
    if (line[0] == 'f' && play->scene == SCENE_CLIMBS) {
        falls(director, play);
    } else if (line[0] == 's') {
        director_say(director, "The climber takes hold of the wall and stands.");
        director_act(director, ACT_STAND, 0);
        play->scene = SCENE_WAITS;
    } else {
        director_say(director, "f and Enter: the climber falls, while climbing. s and Enter: he stands.");
    }
}

bool climber_play(struct director *director) {
    const char *const argv[] = {director->places.console, "--socket", director->socket, NULL};
    int error = child_start(&director->console, argv, director->socket);
    if (error != 0) {
        director_fail(director, "cannot start belay-console");
        return false;
    }
    director_say(director, "The console opens. Arm, press GO for cue 1, then hold: the climber waits for the rope.");
    director_say(director, "Close the console to end. Here, f and Enter: the climber falls; s and Enter: he stands.");
    director->console.may_end = true;
    director->doing = "rehearsing";
    struct play play = {.scene = SCENE_WAITS, .fall_us = NEVER};
    while (child_runs(&director->console)) {
        assert(play.scene >= SCENE_WAITS && play.scene <= SCENE_HANGS);
        if (!director_pump(director, clock_now_us() + 20000))
            return false;
        scenes[play.scene](director, &play);
        take_prompt(director, &play);
    }
    director->doing = NULL;
    director_say(director, "The console was closed.");
    bool closed = WIFSIGNALED(director->console.status) && WTERMSIG(director->console.status) == SIGTERM;
    if (!closed && !child_ended_well(&director->console)) {
        char how[96];
        child_end_text(&director->console, how, sizeof how);
        director_fail(director, "belay-console ended with %s", how);
    }
    return !director->failed;
}
