/* What the parts of the world file's schema share: world.c (winches and chain) and world_load.c (the load). */
#ifndef BELAY_SIM_WORLD_SCHEMA_H
#define BELAY_SIM_WORLD_SCHEMA_H

#include <stddef.h>

#include "controller/base/yaml.h"
#include "sim/plant/load.h"

/* Rows of a struct yaml_field table for members of struct OWNER. */
#define AT(member) .offset = offsetof(struct OWNER, member), .present_offset = -1
#define NUMBER(name, least, most, text)                                                                                \
    { .key = #name, .kind = YAML_KIND_DOUBLE, AT(name), .min = least, .max = most, .doc = text }
#define WHOLE(name, least, most, text)                                                                                 \
    { .key = #name, .kind = YAML_KIND_INT, AT(name), .min = least, .max = most, .doc = text }
#define MAP(name, table, text)                                                                                         \
    { .key = #name, .kind = YAML_KIND_MAP, AT(name), .fields = table, .doc = text }
/* Rows that may be absent; the bool member has_NAME says whether they are there. */
#define OPTIONAL_NUMBER(name, least, most, text)                                                                       \
    { .key = #name, .kind = YAML_KIND_DOUBLE, .optional = true, .offset = offsetof(struct OWNER, name),                \
      .present_offset = offsetof(struct OWNER, has_##name), .min = least, .max = most, .doc = text }
#define OPTIONAL_MAP(name, table, text)                                                                                \
    { .key = #name, .kind = YAML_KIND_MAP, .optional = true, .offset = offsetof(struct OWNER, name),                   \
      .present_offset = offsetof(struct OWNER, has_##name), .fields = table, .doc = text }
#define END                                                                                                            \
    { .key = NULL }

/* The section `load`: one of them is there. */
struct raw_load {
    bool has_climber, has_mass, has_platform, has_point, has_runner, has_deck;
    struct load_climber_config climber;
    struct load_mass_config mass;
    struct load_platform_config platform;
    struct load_point_config point;
    struct load_runner_config runner;
    struct load_deck_config deck;
};

extern const struct yaml_field world_load_fields[];

/* Checks the section against `winches` (below 1: unknown) and the rest of the file. */
void world_load_check(const struct raw_load *raw, int winches, const struct yaml_doc *doc, struct yaml_errors *errors);

/* The kind and its settings, of a section that was checked. */
void world_load_convert(const struct raw_load *raw, struct load_config *config);

/* The value at `path` is at most that at `limit_path`, when both are there and valid. */
void world_check_below(const struct yaml_doc *doc, struct yaml_errors *errors, const char *path,
                       const char *limit_path);

#endif
