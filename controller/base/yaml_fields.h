/* Short forms for schema tables. Define OWNER as the struct's tag before a table and undefine it behind; a member has
 * the name of its key. Required unless the form says OPTIONAL; then `flag` is the bool member that tells whether it was
 * there.
 *
 *     #define OWNER rig_brake
 *     static const struct yaml_field brake_fields[] = {
 *         FIELD_INT(open_ms_max, 20, 2000, "longest time from release to the feedback \"open\", ms"),
 *         FIELD_END};
 *     #undef OWNER
 */
#ifndef BELAY_CONTROLLER_BASE_YAML_FIELDS_H
#define BELAY_CONTROLLER_BASE_YAML_FIELDS_H

#include <stddef.h>

#include "controller/base/yaml.h"

#define FIELD_AT(member) .key = #member, .offset = offsetof(struct OWNER, member)
#define FIELD_SIZED(member) FIELD_AT(member), .size = sizeof((struct OWNER *)0)->member
#define FIELD_RANGE(least, most) .min = (least), .max = (most)
#define FIELD_NEEDED .present_offset = -1
#define FIELD_FLAGGED(flag) .optional = true, .present_offset = (ptrdiff_t)offsetof(struct OWNER, flag)

#define FIELD_INT(member, least, most, text) \
    { FIELD_AT(member), FIELD_NEEDED, .kind = YAML_KIND_INT, FIELD_RANGE(least, most), .doc = (text) }
#define FIELD_DOUBLE(member, least, most, text) \
    { FIELD_AT(member), FIELD_NEEDED, .kind = YAML_KIND_DOUBLE, FIELD_RANGE(least, most), .doc = (text) }
#define FIELD_REGISTER(member, least, most, text) \
    { FIELD_AT(member), FIELD_NEEDED, .kind = YAML_KIND_REGISTER, FIELD_RANGE(least, most), .doc = (text) }
#define FIELD_BOOL(member, text) \
    { FIELD_AT(member), FIELD_NEEDED, .kind = YAML_KIND_BOOL, .doc = (text) }
#define FIELD_TEXT(member, text) \
    { FIELD_SIZED(member), FIELD_NEEDED, .kind = YAML_KIND_TEXT, .doc = (text) }
#define FIELD_NAME(member, text) \
    { FIELD_SIZED(member), FIELD_NEEDED, .kind = YAML_KIND_NAME, .doc = (text) }
#define FIELD_ENUM(member, words, text) \
    { FIELD_AT(member), FIELD_NEEDED, .kind = YAML_KIND_ENUM, .names = (words), .doc = (text) }
#define FIELD_NAMES(member, text) \
    { FIELD_AT(member), FIELD_NEEDED, .kind = YAML_KIND_NAMES, .doc = (text) }
#define FIELD_RISING(member, least, most, text) \
    { FIELD_AT(member), FIELD_NEEDED, .kind = YAML_KIND_RISING, FIELD_RANGE(least, most), .doc = (text) }
/* `least` 0: an empty list says "none of them". */
#define FIELD_WORDS(member, least, words, text) \
    { FIELD_AT(member), FIELD_NEEDED, .kind = YAML_KIND_WORDS, .min = (least), .names = (words), .doc = (text) }
#define FIELD_MAP(member, table, text) \
    { FIELD_AT(member), FIELD_NEEDED, .kind = YAML_KIND_MAP, .fields = (table), .doc = (text) }
/* `member` is an array and `member_count` an int beside it. */
#define FIELD_LIST(member, least, most, table, text) \
    { \
        FIELD_AT(member), FIELD_NEEDED, .kind = YAML_KIND_LIST, .min = (least), .size = (most), .fields = (table), \
                                        .stride = sizeof(((struct OWNER *)0)->member[0]), \
                                        .count_offset = offsetof(struct OWNER, member##_count), .doc = (text) \
    }

#define OPTIONAL_INT(member, flag, least, most, text) \
    { FIELD_AT(member), FIELD_FLAGGED(flag), .kind = YAML_KIND_INT, FIELD_RANGE(least, most), .doc = (text) }
#define OPTIONAL_DOUBLE(member, flag, least, most, text) \
    { FIELD_AT(member), FIELD_FLAGGED(flag), .kind = YAML_KIND_DOUBLE, FIELD_RANGE(least, most), .doc = (text) }
#define OPTIONAL_REGISTER(member, flag, least, most, text) \
    { FIELD_AT(member), FIELD_FLAGGED(flag), .kind = YAML_KIND_REGISTER, FIELD_RANGE(least, most), .doc = (text) }
#define OPTIONAL_TEXT(member, flag, text) \
    { FIELD_SIZED(member), FIELD_FLAGGED(flag), .kind = YAML_KIND_TEXT, .doc = (text) }
#define OPTIONAL_NAME(member, flag, text) \
    { FIELD_SIZED(member), FIELD_FLAGGED(flag), .kind = YAML_KIND_NAME, .doc = (text) }
#define OPTIONAL_ENUM(member, flag, words, text) \
    { FIELD_AT(member), FIELD_FLAGGED(flag), .kind = YAML_KIND_ENUM, .names = (words), .doc = (text) }
#define OPTIONAL_MAP(member, table, text) \
    { FIELD_AT(member), FIELD_FLAGGED(member.present), .kind = YAML_KIND_MAP, .fields = (table), .doc = (text) }

#define OPTIONAL_LIST(member, flag, least, most, table, text) \
    { \
        FIELD_AT(member), FIELD_FLAGGED(flag), .kind = YAML_KIND_LIST, .min = (least), .size = (most), \
                                               .fields = (table), .stride = sizeof(((struct OWNER *)0)->member[0]), \
                                               .count_offset = offsetof(struct OWNER, member##_count), .doc = (text) \
    }

#define FIELD_END \
    { .key = NULL }

#endif
