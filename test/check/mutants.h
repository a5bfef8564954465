/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TEST_CHECK_MUTANTS_H
#define VDK_TEST_CHECK_MUTANTS_H

/* One image for each rule, broken in just that way. */

#include "patch.h"

struct mutant {
	const char *rule; /* NULL ends the table */
	const char *also; /* other rules that then see something too, with blanks between; or "" */
	void (*patch)(struct image *image);
	const char *code; /* instead of @patch: instructions for the function `room` */
	size_t code_size;
};

extern const struct mutant mutants[];

/* The good one, with room to grow; free its bytes. */
struct image image_load(const char *path);

/* A copy of @good with the mutant's fault; free(bytes). */
struct image mutant_make(const struct image *good, const struct mutant *mutant);

#endif
