/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BAKE_SCAN_H
#define VDK_BAKE_SCAN_H

/*
 * The words of a C source with their lines, without comments and strings: enough to tell an
 * author in which line something stands that a kernel cannot have. What it misses, because a macro
 * hides it, the compiler finds (trial.c).
 */

#include <stdbool.h>
#include <stddef.h>

enum scan_kind { SCAN_END, SCAN_WORD, SCAN_SIGN, SCAN_INCLUDE };

struct scan {
	const char *at;
	int line;          /* of the token below */
	const char *token; /* a word, one sign, or an #include's "name" or <name> with its quotes */
	size_t length;
	int next_line;
	bool fresh; /* nothing but blanks before it in its line */
};

void scan_start(struct scan *scan, const char *text);

enum scan_kind scan_next(struct scan *scan);

bool scan_is(const struct scan *scan, const char *word);

#endif
