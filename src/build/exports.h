/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BUILD_EXPORTS_H
#define VDK_BUILD_EXPORTS_H

/*
 * The functions that the author exports, as VDK_FUNCTION() wrote them down in section .vdk.export
 * of the objects: "version\0name\0return type\0(parameters)\0", one after the other.
 */

#include <stdbool.h>
#include <stdint.h>

#include "object.h"

struct export {
	char *text; /* owns the four strings */
	const char *version, *name, *ret, *params;
	char *source;
};

struct exports {
	struct export *items;
	size_t count;
	uint32_t overrides; /* bit i: standard function i is among them */
};

/*
 * Add what an object exports.
 * Return: 0; -EINVAL a name that cannot be exported, one exported twice, or one without a
 *         definition; -ENOMEM.
 */
int exports_read(struct exports *exports, const struct object *object, struct vdk_report *report);

/* By name: compilers differ in the order in which they emit the descriptions. */
void exports_sort(struct exports *exports);

void exports_free(struct exports *exports);

/* Is @symbol (NAME or __vdso_NAME) one of them? */
bool exports_contain(const struct exports *exports, const char *symbol);

/* The slot of a standard function by NAME or __vdso_NAME, or -1. */
int standard_function(const char *symbol);

/* Is this one of the functions that go into the link stub and the header: not a standard one? */
bool export_is_own(const struct export *item);

/* Names of all standard functions, by slot. */
extern const char *const standard_names[];

#endif
