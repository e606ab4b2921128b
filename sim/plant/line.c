/* Winch, brakes and rope of one line. */
#include "sim/plant/line.h"

#include <assert.h>
#include <math.h>

#define RUB_M 0.001 /* way in which a sheave's friction turns round by a half: dry, and a little soft */

void line_init(struct line *line, const struct line_config *config, const struct line_start *start,
               const struct line_end *end) {
    assert(config->brake_count >= 1 && config->brake_count <= PLANT_BRAKES_MAX && start->tension_n >= 0);
    *line = (struct line){.config = *config};
    const double rope_out_m = start->tension_n > 0
                                  ? rope_out_m_at(&config->rope, end->distance_m, start->tension_n)
                                  : end->distance_m + start->slack_m;
    winch_init(&line->winch, &config->winch, rope_out_m);
    for (int i = 0; i < config->brake_count; i++)
        brake_init(&line->brake[i], &config->brake[i]);
    line_hold(line, end);
}

/* Force with which they hold together. */
static double step_brakes(struct line *line, const struct line_input *input, double dt_s) {
    double force_n = 0;
    for (int i = 0; i < line->config.brake_count; i++) {
        brake_step(&line->brake[i], &line->config.brake[i], input->brake_release[i], dt_s);
        force_n += line->brake[i].force_n;
    }
    return force_n * (1 - input->brakes_lost);
}

void line_step(struct line *line, const struct line_input *input, double dt_s) {
    struct winch_config winch = line->config.winch;
    winch.motoring_lost = input->motoring_lost;
    winch.generating_lost = input->generating_lost;
    double brakes_n = step_brakes(line, input, dt_s);
    const struct winch_config here = winch_here(&winch, &line->winch);
    double setpoint_m_s = winch_speed_m_s(&here, input->setpoint_rpm);
    winch_step(&line->winch, &winch, input->torque_on, setpoint_m_s, line->drum_n, brakes_n, dt_s);
    line->rubs = fmax(-1, fmin(line->rubs + line->winch.speed_m_s * dt_s / RUB_M, 1));
}

void line_hold(struct line *line, const struct line_end *end) {
    line->stretch_m = end->distance_m - line->winch.rope_out_m - line->creep_m;
    double stretch_speed_m_s = end->speed_m_s - line->winch.speed_m_s;
    line->tension_n =
        rope_tension_n(&line->config.rope, line->winch.rope_out_m, line->stretch_m, stretch_speed_m_s);
    line->drum_n = rope_drum_n(&line->config.rope, line->winch.rope_out_m, line->tension_n, line->rubs);
}

bool line_brakes_closed(const struct line *line) {
    for (int i = 0; i < line->config.brake_count; i++)
        if (line->brake[i].force_n == 0)
            return false;
    return true;
}

double line_slack_m(const struct line *line) {
    return fmax(0, -line->stretch_m);
}
