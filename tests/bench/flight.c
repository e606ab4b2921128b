/* What a point on four lines costs, and a reference that moves.
 *   flight              ns and instructions (by callgrind) of each part
 *   flight --table      the flight itself: way, place, pulls; for the picture
 *   flight PART TIMES   calls one part so often and says nothing: for callgrind */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "controller/motion/flight.h"
#include "controller/motion/track.h"

#define WAYPOINTS 12
#define SAMPLES 1000

static volatile double sink; /* keeps what is measured from being left out */

static struct point_flight flight = {
    .point = {4, 250,
              {{{0, 0, 22}, 20, 1500, 300e3, 25},
               {{30, 0, 20}, 20, 1500, 300e3, 25},
               {{30, 30, 21}, 20, 1500, 300e3, 25},
               {{0, 30, 24}, 20, 1500, 300e3, 25}}},
    .line = {{3, 3, 1, 5, 45}, {3, 3, 1, 5, 45}, {3, 3, 1, 5, 45}, {3, 3, 1, 5, 45}},
    .mass_min_kg = 60, .mass_max_kg = 66,
    .volume_min_m = {5, 5, 2}, .volume_max_m = {25, 25, 12},
    .speed_m_s = 0.8, .acceleration_m_s2 = 0.8, .stop_m_s2 = 0.8};
static struct path path;

static void lay(void) {
    struct path_waypoint at[WAYPOINTS];
    int waypoint;
    for (int i = 0; i < WAYPOINTS; i++)
        at[i] = (struct path_waypoint){{8 + 1.2 * i, 8 + i + 0.3 * (i % 3), 6 + 0.1 * (i % 2)}};
    if (path_lay(&path, at, WAYPOINTS, &waypoint) != PATH_LAID)
        abort();
}

static double way_m(long sample) {
    return path.length_m * (double)(sample * 7 % SAMPLES) / SAMPLES;
}

static void ask_path(long sample) {
    sink = path_at(&path, way_m(sample)).place_m[2];
}

static void ask_drums(long sample) {
    double drum_m[POINT_LINES_MAX], tension_n[POINT_LINES_MAX];
    if (!flight_drums(&flight, &path, way_m(sample), drum_m, tension_n))
        abort();
    sink = drum_m[3];
}

static void ask_place(long sample) {
    const struct point_motion m = flight_motion(&path, way_m(sample), 0, 0);
    struct point_lengths lengths;
    double place_m[3], off_m;
    if (point_lines(&flight.point, &m, &lengths) != POINT_HELD ||
        point_place(&flight.point, lengths.length_m, place_m, &off_m) != POINT_HELD)
        abort();
    sink = place_m[2];
}

static void ask_check(long sample) {
    struct flight_refusal refusal;
    (void)sample;
    if (flight_check(&flight, &path, &refusal) != FLIGHT_GOOD)
        abort();
}

/* A swell of 1 m in 6.3 s, at a cycle of 10 ms. */
static void ask_track(long sample) {
    static const struct track_limits limits = {0.02, 0.1, 0.2, 0.06, 0.02, 0.04, 2, 4, 20, 0.01};
    static struct track track;
    static struct track_drum drum;
    static double position_m, speed_m_s;
    const double deck_m = sin(0.01 * (double)sample);
    const struct track_reading reading = {true, (uint32_t)lround(1e6 * (deck_m + 2)), deck_m, 0.01};
    track_listen(&track, &limits, &reading);
    speed_m_s = track_step(&drum, &track, &limits, position_m, 0.01, speed_m_s);
    position_m += 0.01 * speed_m_s;
    sink = speed_m_s;
}

static const struct {
    const char *name, *what;
    void (*ask)(long sample);
    long times;
} parts[] = {
    {"path", "a place of the path", ask_path, 20000},
    {"drums", "four drums at a way along it", ask_drums, 20000},
    {"place", "the point's place from four lengths", ask_place, 20000},
    {"track", "a cycle of a reference that moves", ask_track, 20000},
    {"check", "the whole path looked at", ask_check, 4},
};

static double collected(const char *program, const char *part, long times) {
    char command[4096], line[256];
    double count = -1;
    snprintf(command, sizeof command, "valgrind --tool=callgrind --callgrind-out-file=/dev/null '%s' %s %ld 2>&1",
             program, part, times);
    FILE *const pipe = popen(command, "r");
    while (pipe && fgets(line, sizeof line, pipe)) {
        const char *const at = strstr(line, "Collected : ");
        count = at ? strtod(at + strlen("Collected : "), NULL) : count;
    }
    return pipe && pclose(pipe) == 0 ? count : -1;
}

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void print_table(void) {
    double drum_m[POINT_LINES_MAX], tension_n[POINT_LINES_MAX];
    puts("way_m,x_m,y_m,z_m,tension_0_n,tension_1_n,tension_2_n,tension_3_n");
    for (int i = 0; i <= 200; i++) {
        const double at_m = path.length_m * i / 200;
        const struct path_place at = path_at(&path, at_m);
        if (!flight_drums(&flight, &path, at_m, drum_m, tension_n))
            abort();
        printf("%.6g,%.6g,%.6g,%.6g,%.6g,%.6g,%.6g,%.6g\n", at_m, at.place_m[0], at.place_m[1], at.place_m[2],
               tension_n[0], tension_n[1], tension_n[2], tension_n[3]);
    }
}

int main(int argc, char **argv) {
    lay();
    if (argc == 2 && strcmp(argv[1], "--table") == 0) {
        print_table();
        return 0;
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (argc == 3 && strcmp(argv[1], parts[i].name) == 0)
            for (long k = 0, times = strtol(argv[2], NULL, 10); k < times; k++)
                parts[i].ask(k);
        if (argc > 1)
            continue;
        const double begin_ns = now_ns();
        for (long k = 0; k < parts[i].times; k++)
            parts[i].ask(k);
        const double ns = (now_ns() - begin_ns) / (double)parts[i].times;
        const double one = collected(argv[0], parts[i].name, parts[i].times);
        const double three = collected(argv[0], parts[i].name, 3 * parts[i].times);
        printf("%s: %.0f ns", parts[i].what, ns);
        if (one > 0 && three > 0)
            printf(", %.0f instructions", (three - one) / 2 / (double)parts[i].times);
        puts("");
    }
    return 0;
}
