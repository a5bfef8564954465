/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BASE_PRINTABLE_H
#define VDK_BASE_PRINTABLE_H

#include <stddef.h>

/*
 * Names of files, programs and symbols are anybody's bytes, and reach terminals, JSON and pages.
 * Put a "?" in the place of each byte that is no UTF-8, of control characters (C0, DEL and C1), and
 * of those that turn the direction of a line or do not show. The length stays; NULs stay.
 */
void vdk_printable(char *text, size_t size);

#endif
