/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_VERIFY_START_H
#define VDK_TOOL_VERIFY_START_H

/* How `vdk verify` comes to the vDSO that it verifies, and to its author's references. */

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include <vdk/report.h>

/* The word behind its own path by which the program knows that it was started by itself. */
#define VERIFY_ATTACHED "attached"

/* What runs `vdk verify` anew with the vDSO attached; its last words are options for that. */
struct verify_again {
	char vdk[PATH_MAX], self[PATH_MAX];
	const char *argv[16];
	size_t count;
};

/*
 * @vdso: what to attach to it; NULL: nothing. @reference: a module, or NULL
 * Return: 0; what readlink(2) returns for our own path; -ENAMETOOLONG, -ENOENT: no vdk.
 */
int verify_again(const char *vdso, const char *reference, struct verify_again *ret);

/*
 * The references that belong to a vDSO: beside an image; for a publication, which has none, those
 * of the kit's vDSO that is in it. Return: true when there are some.
 */
bool verify_find_reference(const char *vdso, char *path, size_t size);

/*
 * It is run by us: its owner must be who could have us run anything. Return: a descriptor; -EPERM;
 * what open(2) returns.
 */
int verify_open_reference(const char *path, struct vdk_report *report);

#endif
