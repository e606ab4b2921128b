/* Colours of what is drawn in code; those of text and panels are in style.css. Okabe-Ito set on neutral greys: told
 * apart by the colour-blind, and never the only sign of anything.
 */
#ifndef BELAY_CONSOLE_WIDGETS_BELAY_COLOURS_H
#define BELAY_CONSOLE_WIDGETS_BELAY_COLOURS_H

#define COLOUR_GREEN 0x009e73u
#define COLOUR_ORANGE 0xe69f00u
#define COLOUR_VERMILLION 0xd55e00u
#define COLOUR_SKY 0x56b4e9u
#define COLOUR_TRACK 0x3a3a3au  /* empty part of a bar */
#define COLOUR_BAND 0x3d5a52u   /* normal band of a bar or plot */
#define COLOUR_FILL 0xa8a8a8u   /* filled part of a bar */
#define COLOUR_MARK 0xf0f0f0u   /* the actual value */
#define COLOUR_PLOT 0x1b1b1bu   /* plot background */
#define COLOUR_GRID 0x333333u
#define COLOUR_TEXT 0xb4b4b4u

/* A colour of this list as the toolkit wants it. */
#define COLOUR_RGBA(rgb, a) \
    (&(const GdkRGBA){(float)(((rgb) >> 16) & 255u) / 255.0f, (float)(((rgb) >> 8) & 255u) / 255.0f, \
                      (float)((rgb) & 255u) / 255.0f, (a)})

#endif
