/* The bends of a rig's ropes in a file, so that they outlive the controller. Main thread only; blocking.
 *
 * A text: a head, for each axis a line that says how its places lie and then their half bends, and a seal, a SHA-256
 * over all before it. It shows damage; the counts keep nobody from forging them.
 */
#ifndef BELAY_CONTROLLER_WEAR_BENDS_FILE_H
#define BELAY_CONTROLLER_WEAR_BENDS_FILE_H

#include "controller/rig/rig.h"
#include "controller/wear/bends.h"

/* `bends` is one for each axis of the rig, already begun; only axes with `rope.bends` are read and written. What the
 * file says of an axis is taken over, also when the rig lays the places otherwise now. Returns 0; -ENOENT without a
 * file; -EINVAL when it is damaged, not of this kind or another rig's: then nothing was taken over. Else -errno. */
int bends_load(const char *path, const struct rig *rig, struct bends bends[RIG_AXES_MAX]);

/* Replaces the file whole or not at all. Returns 0 or -errno. */
int bends_save(const char *path, const struct rig *rig, const struct bends bends[RIG_AXES_MAX]);

#endif
