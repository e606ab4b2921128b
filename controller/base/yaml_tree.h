/* The parsed file as a tree of nodes with places. Shared by the yaml*.c files only.
 *
 * yaml.c builds it from libyaml's events (libyaml's own document tree has lost anchors and tags by then), yaml_check.c
 * holds it against a schema table.
 */
#ifndef BELAY_CONTROLLER_BASE_YAML_TREE_H
#define BELAY_CONTROLLER_BASE_YAML_TREE_H

#include "controller/base/yaml.h"

#define YAML_PATH_MAX 160
#define YAML_NUMBER_REMEDY_MAX 96

enum node_kind { NODE_SCALAR, NODE_MAP, NODE_LIST };

struct node {
    enum node_kind kind;
    struct yaml_place place;
    struct yaml_place key_place; /* of the key in front of it, in a map */
    struct node *parent; /* NULL at the root */
    struct node *next; /* next entry of the parent */
    struct node *child; /* MAP, LIST: first entry, in file order */
    int index; /* in a list; -1 in a map */
    char *key; /* in a map, else NULL */
    char *text; /* SCALAR */
    bool plain; /* SCALAR: written without quotes on one line */
    bool broken; /* an error was already reported: say nothing more */
    bool valid; /* taken by the schema without an error */
    double number; /* of a valid number */
};

struct yaml_doc {
    char *name;
    struct node *root;
};

/* Adds an error for each byte that would make the file mean something else than it looks like (tabs, hidden characters,
 * what is not UTF-8, a last line cut off). Returns true when there was none. */
bool yaml_text_scan(const char *name, const char *text, size_t length, struct yaml_errors *errors);

/* True when `text` is UTF-8 on one line without hidden characters. */
bool yaml_text_printable(const char *text);

/* Writes the path of `node`, and of `key` inside it when key is not NULL, as "axes[0].limits.position_max_m". */
void yaml_path(const struct node *node, const char *key, char path[static YAML_PATH_MAX]);

/* Strict numbers: the whole text, '.' as the point, no sign but '-', no exponent, no hex, no inf, no nan.
 * Return true and the value, or false and in `remedy` what is wrong and what to write instead. */
bool yaml_number_decimal(const char *text, double *value, char remedy[static YAML_NUMBER_REMEDY_MAX]);
bool yaml_number_whole(const char *text, double *value, char remedy[static YAML_NUMBER_REMEDY_MAX]);
/* Whole numbers, or 0x and one to eight hexadecimal digits. */
bool yaml_number_register(const char *text, double *value, char remedy[static YAML_NUMBER_REMEDY_MAX]);

/* Writes what a field wants, from its doc, range and names: "drum circumference, m (0.05 to 20)". */
void yaml_describe(const struct yaml_field *field, char *text, size_t size);

/* Holds the tree against the schema, fills `out`, adds the errors. */
void yaml_check(struct yaml_doc *doc, const struct yaml_field *fields, void *out, struct yaml_errors *errors);

#endif
