/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_LOOK_IMAGE_H
#define VDK_TOOL_LOOK_IMAGE_H

#include "look.h"

/* As readelf(1) calls them. */
const char *look_symbol_type(uint8_t type);
const char *look_symbol_binding(uint8_t binding);

/*
 * The image of a process (digits only, or NULL: this one) or of a file; messages are printed.
 * Return: an exit code; 0 with ret_image->bytes for free(3). EXIT_FINDING: it has no vDSO.
 */
int look_image(const char *command, const char *argument, bool kernel,
               struct vdk_bytes *ret_image);

/* The same with its symbols, for vdk_symbols_free(). */
int look_symbols(const char *command, const char *argument, bool kernel,
                 struct vdk_bytes *ret_image, struct vdk_symbols **ret_symbols);

#endif
