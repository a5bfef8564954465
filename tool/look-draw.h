/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_LOOK_DRAW_H
#define VDK_TOOL_LOOK_DRAW_H

/* Words and colours of `vdk maps --svg`; where they go is look-draw.c's affair. */

#include <stdio.h>

#include <vdk/inspect.h>

/* The picture's beginning: its size, its colours for light and for dark surroundings. */
void draw_head(FILE *out, int width, double height);

/* What is to be seen: the program's name where the mappings tell it, and @title. */
void draw_title(FILE *out, const struct vdk_maps *maps, const char *title);

/* Text of a process or about it: nothing of it becomes markup. */
void draw_text(FILE *out, const char *text);

/* The class of a mapping's box; with an `i` behind of text in it, `t` beside it, `l` a line. */
const char *draw_class(const struct vdk_map *map);

/* What the block that begins with a mapping is called, and a few words about it. */
void draw_name(FILE *out, const struct vdk_map *map);
const char *draw_remark(const struct vdk_map *map);

#endif
