/* `belay check`: reads rig and show files as belayd does and prints every error. */
#include "controller/cue/show.h"
#include "sim/cli/cli.h"

static int print_errors(const struct yaml_errors *errors) {
    for (int i = 0; i < errors->count; i++)
        fprintf(stderr, "%s\n", errors->text[i]);
    if (errors->dropped > 0)
        fprintf(stderr, "and %d more\n", errors->dropped);
    int count = errors->count + errors->dropped;
    fprintf(stderr, "%d error%s. belayd would refuse this.\n", count, count == 1 ? "" : "s");
    return CLI_REFUSED;
}

int check_run(struct cli *cli) {
    static struct rig rig;
    static struct show show;
    static struct yaml_errors errors;
    if (rig_load(cli->argument[0], cli->profiles, &rig, &errors) < 0) {
        if (cli->argument[1])
            fputs("The show was not read: it is checked against a rig without errors.\n", stderr);
        return print_errors(&errors);
    }
    if (cli->argument[1] && show_load(cli->argument[1], &rig, &show, &errors) < 0)
        return print_errors(&errors);
    printf("Rig %s: %d ax%ss, %d links, %d devices, %d ms cycle%s. No errors.\n", rig.name, rig.axis_count,
           rig.axis_count == 1 ? "i" : "e", rig.link_count, rig.device_count, rig.cycle_ms,
           rig.rehearsal ? ", all simulated" : "");
    if (cli->argument[1])
        printf("Show \"%s\": %d cues. No errors.\n", show.name, show.cue_count);
    return CLI_DONE;
}
