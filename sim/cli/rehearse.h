/* `belay rehearse`: flies a scenario in the simulator through the real programs: belay-sim, belayd, belay-console. */
#ifndef BELAY_SIM_CLI_REHEARSE_H
#define BELAY_SIM_CLI_REHEARSE_H

/* The subcommand; argv[0] is "rehearse". Blocks until everything that it started has ended. Returns the exit code:
 * 0 = every step succeeded and every judged limit held, 1 = not so, 2 = wrong usage. */
int rehearse_main(int argc, char **argv);

#endif
