/* `belay`: the command line at parity with the console, and the offline tools. */
#include <stdio.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/rehearse.h"

#define CLIENT (OPTION_SOCKET | OPTION_JSON)

static const struct cli_command commands[] = {
    {.name = "status", .arguments = "", .options = CLIENT, .run = status_run,
     .summary = "print the state of rig, show and axes once",
     .description = "Only looks. Values that are stale or missing are marked: do not rely on them.\n"
                    "With --json: the parameters of State.Telemetry as one JSON object."},
    {.name = "watch", .arguments = "", .options = CLIENT | OPTION_PERIOD, .run = watch_run,
     .summary = "follow the state until Ctrl-C",
     .description = "With --json: one JSON object a line."},
    {.name = "arm", .arguments = "[AXIS]", .arguments_max = 1, .options = CLIENT, .run = arm_run,
     .summary = "make every axis, or one, ready to move",
     .description = "Nothing moves yet: motion needs go or jog, which hold.\n"
                    "Refused while a fault is latched, the E-stop chain is open or a reading is missing."},
    {.name = "disarm", .arguments = "", .options = CLIENT, .run = simple_run,
     .summary = "make every axis unready; stops first when something moves", .description = ""},
    {.name = "go", .arguments = "[CUE]", .arguments_max = 1, .options = CLIENT | OPTION_FOR, .run = go_run,
     .summary = "run a cue for as long as this command runs",
     .description = "Runs CUE, which is put on standby first, or the cue that is on standby.\n"
                    "When CUE can't run, the cue that was on standby is so again.\n"
                    "The command is the hand on the hold-to-run control: Ctrl-C, the end of --for, a closed terminal\n"
                    "or a suspended process lets go, and the axis stops within the rig's permission time and ramp.\n"
                    "It ends by itself when the move has arrived, or when somebody else stops the machine.\n"
                    "Exit code 0: arrived, or let go here. 1: refused, or stopped by something else."},
    {.name = "jog", .arguments = "AXIS --speed M_S", .arguments_min = 1, .arguments_max = 1,
     .options = CLIENT | OPTION_FOR | OPTION_SPEED, .run = jog_run,
     .summary = "move one axis for as long as this command runs",
     .description = "A positive speed pays out (lowers), a negative one takes in.\n"
                    "Holds as `belay go` does: Ctrl-C or the end of --for lets go.\n"
                    "On a belay line that is locked or carries weight, a lowering ends by itself when the rope\n"
                    "goes slack: the load stands, or is held. Any other rope goes on until you let go.\n"
                    "Exit code 0: let go here, or slack.\n"
                    "1: refused, or stopped by something else."},
    {.name = "stop", .arguments = "", .never_wrong = true, .options = CLIENT, .run = stop_run,
     .summary = "stop every axis in a controlled ramp",
     .description = "Needs no hold and is never refused on the operate socket.\n"
                    "It takes no axis: whatever else the line says, every axis stops.\n"
                    "It is no E-stop: when in doubt, press one."},
    {.name = "reset", .arguments = "[AXIS]", .arguments_max = 1, .options = CLIENT, .run = reset_run,
     .summary = "clear latched faults whose cause is gone, of every axis or of one",
     .description = "Look first, then reset: see the first fault and its remedy in `belay status`.\n"
                    "What it resets is disarmed, armed as it was or not: arm again when the stage is clear.\n"
                    "With AXIS, what another axis or another zone's E-stop has keeps nobody waiting.\n"
                    "A locked line stays locked: lower, or `belay unlock`."},
    {.name = "unlock", .arguments = "AXIS", .arguments_min = 1, .arguments_max = 1, .options = CLIENT,
     .run = unlock_run, .summary = "clear the line lock of one axis: nobody hangs on its rope",
     .description = "Only when the person says that they stand. Refused with weight on the line, while the axis moves\n"
                    "and while a fault is latched: reset first."},
    {.name = "recover", .arguments = "AXIS SENSOR|off", .arguments_min = 2, .arguments_max = 2, .options = CLIENT,
     .run = recover_run, .summary = "move a person out without one failed sensor, or with no way down; `off` ends that",
     .description = "SENSOR: load_cell (then down only), encoder (then nothing knows where the load is) or\n"
                    "limit_switch (all of the axis). With all of them alive: way_down, of a locked line at its end of\n"
                    "pay-out, whose load is taken up. Two people: this one resets, arms and jogs, another one looks\n"
                    "at the load and gives `belay clear AXIS`, again before it runs out. Slow, with the line locked,\n"
                    "and over after the time that the rig says. Refused while AXIS is armed: disarm first."},
    {.name = "clear", .arguments = "AXIS", .arguments_min = 1, .arguments_max = 1, .options = CLIENT,
     .run = clear_run, .summary = "second person in a recovery: I see the load, it may move",
     .description = "For the seconds that the rig says; look again, then give it again before it runs out. When it\n"
                    "must stop now: `belay stop`, or an E-stop.\n"
                    "belayd tells people apart by their connections, not by their faces: whoever moves the axis never\n"
                    "gives the clear, at no other terminal either."},
    {.name = "mode", .arguments = "[set-up | walk-through PERCENT | show]", .arguments_max = 2, .options = CLIENT,
     .run = mode_run, .summary = "select the operating mode: what may move, and how fast",
     .description = "set-up: jogs alone, at the rig's set-up speed; belayd starts in it.\n"
                    "walk-through PERCENT: cues too, at a rung of the rig's ladder; the next rung is offered when a\n"
                    "move of the show ran to its end on this one, with no stop and no fault.\n"
                    "show: full speed, when every move of the show did so on all of the ladder.\n"
                    "Without an argument: `belay status`. Refused while armed: disarm first."},
    {.name = "load", .arguments = "FILE", .arguments_min = 1, .arguments_max = 1, .options = CLIENT, .run = load_run,
     .summary = "load a show file",
     .description = "Replaces the show whole or not at all; every wrong line is printed.\n"
                    "Refused while an axis is armed: disarm first."},
    {.name = "standby", .arguments = "CUE", .arguments_min = 1, .arguments_max = 1, .options = CLIENT,
     .run = standby_run, .summary = "put a cue on standby: the next `belay go` runs it",
     .description = "`belay status` lists the cues."},
    {.name = "commission", .arguments = "AXIS [STEP [BRAKE]]", .arguments_min = 1, .arguments_max = 3,
     .options = CLIENT | OPTION_OPERATOR | OPTION_CHANGED, .run = commission_run,
     .summary = "guide through the commissioning and the daily test of a line",
     .description = "AXIS alone lists its steps and how each stands. With STEP: does it, asks what a person must see,\n"
                    "and holds the slow jogs that it needs, for as long as this command runs; Ctrl-C lets go,\n"
                    "and once more gives the step up. belayd judges from its own readings and signs the result into\n"
                    "the record.\n"
                    "--changed says that a part was replaced: its steps must be done again.\n"
                    "Exit code 0: passed. 1: failed, given up or refused."},
    {.name = "check", .arguments = "RIG [SHOW]", .arguments_min = 1, .arguments_max = 2, .options = OPTION_PROFILES,
     .run = check_run, .summary = "read a rig file and a show file and print every error",
     .description = "Needs no belayd. Exit code 0: no errors; 1: errors, each as file:line:column."},
    {.name = "rehearse", .run_raw = rehearse_main,
     .summary = "fly a scenario in the simulator, at the console or scripted"},
};

static int usage(FILE *out) {
    fputs("usage: belay COMMAND [ARGUMENTS]; `belay COMMAND --help` explains one\n\n", out);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fputs("\nExit codes: 0 done, 1 refused or stopped, 2 wrong usage, 3 no connection to belayd.\n"
          "belay is the operational layer, not the safety function: keep a hand at the E-stop.\n", out);
    return CLI_USAGE;
}

int main(int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        usage(stdout);
        return CLI_DONE;
    }
    if (strcmp(name, "--version") == 0) {
        puts("belay " BELAY_VERSION);
        return CLI_DONE;
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(commands[i].name, name) == 0)
            return cli_run(&commands[i], argc - 1, argv + 1);
    if (*name)
        fprintf(stderr, "belay: there is no command '%s'.\n\n", name);
    return usage(stderr);
}
