/* What the checks across fields share. Private to rig_check*.c. */
#ifndef BELAY_CONTROLLER_RIG_RIG_CHECK_PARTS_H
#define BELAY_CONTROLLER_RIG_RIG_CHECK_PARTS_H

#include <stdarg.h>

#include "controller/rig/rig_schema.h"

#define RIG_PATH_MAX 96

/* Writes "list[index].key". */
void rig_path_join(char path[static RIG_PATH_MAX], const char *list, int index, const char *key);

/* The number at list[index].key; false when it was not taken. */
bool rig_number_of(const struct rig_loader *loader, const char *list, int index, const char *key, double *value);

/* True when the value at list[index].key was taken. */
bool rig_valid_of(const struct rig_loader *loader, const char *list, int index, const char *key);

/* Adds an error at list[index].key. */
__attribute__((format(printf, 5, 6))) void rig_fail(const struct rig_loader *loader, const char *list, int index,
                                                    const char *key, const char *format, ...);

/* Profile of a device, or NULL when the device or its profile is not known. */
const struct profile *rig_profile_of(const struct rig_loader *loader, int device);

/* What the values of an axis must be to each other: orders, physics, bands. */
void rig_check_axis(const struct rig_loader *loader, int axis);
void rig_check_physics(const struct rig_loader *loader, int axis);

/* Commissioning: there on a person's line, turns that stay on the drum, test load within the rating. */
void rig_check_commissioning(const struct rig_loader *loader, int axis);

/* E-stop stations: inputs of their own, zones that cover every axis and that no stop table widens. */
void rig_check_stations(const struct rig_loader *loader);

/* The winding of an axis: dead turns left at the far end, no layer too many at the near one. */
void rig_check_winding(const struct rig_loader *loader, int axis);

/* Limit switches of an axis: inputs of their own, places between the working range and the ultimate one. */
void rig_check_switches(const struct rig_loader *loader, int axis);

/* The motion sensor of what moves under an axis: its figures against each other and the axis's. */
void rig_check_reference(const struct rig_loader *loader, int axis);

/* Groups: two axes at least, each axis in one at most; what those of a locked one must be to each other. */
void rig_check_groups(const struct rig_loader *loader);

/* Suspended points: axes of their own in one E-stop zone, anchors apart, pulls that no monitor takes for a fault. */
void rig_check_points(const struct rig_loader *loader);

/* Fills the rig's stop tables: each cell once, none missing, none too gentle. */
void rig_check_stops(const struct rig_loader *loader);

/* Prints the physics rules as a table in Markdown. */
void rig_check_physics_print(FILE *out);

#endif
