/* One fact in the banner: a small title over a word, with a shape that says how good it is. Main thread.
 *
 * For assistive technology a group called by its title, with the word as description (renewed twice a second at most,
 * at once when the tone changes). Properties: "title" (string), "lines" (int: the word may take so many).
 */
#ifndef BELAY_CONSOLE_WIDGETS_BELAY_TILE_H
#define BELAY_CONSOLE_WIDGETS_BELAY_TILE_H

#include <gtk/gtk.h>
#include <stdbool.h>

G_DECLARE_FINAL_TYPE(BelayTile, belay_tile, BELAY, TILE, GtkWidget)
#define BELAY_TYPE_TILE (belay_tile_get_type())

/* Each has a colour and a shape: none, disc, triangle, square, question mark. */
enum belay_tone { TONE_PLAIN, TONE_GOOD, TONE_WARN, TONE_BAD, TONE_UNKNOWN, TONE_COUNT };

/* Sets the title, which is the accessible name too. */
void belay_tile_set_title(BelayTile *self, const char *title);
void belay_tile_set(BelayTile *self, enum belay_tone tone, const char *text);
/* Hatches what the next words say, because they are old. */
void belay_tile_set_old(BelayTile *self, bool old);

/* Shape of a tone ("" for plain) and its CSS class. Never NULL. */
const char *belay_tone_shape(enum belay_tone tone);
const char *belay_tone_css(enum belay_tone tone);

#endif
