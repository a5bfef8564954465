/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BUILD_DEBUGINFO_H
#define VDK_BUILD_DEBUGINFO_H

/*
 * What the compiler says of the author's types. A page header is compiled once with VDK_LAYOUT
 * defined, so that each record's slot is a real variable, and the debug information of that
 * object is asked for types, sizes and offsets: no parser of C is needed, and nothing can differ
 * from what the author's functions are compiled to.
 */

#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>

#include <vdk/report.h>

struct debuginfo {
	Dwfl *session;
	Dwarf *dwarf; /* borrowed from the session */
};

/* Return: 0; -ENOEXEC not an object with debug information. */
int debuginfo_open(struct debuginfo *info, const char *path, struct vdk_report *report);

void debuginfo_close(struct debuginfo *info);

/* Visit the file-scope entries of one tag in the order of the file; stops at a non-zero result. */
int debuginfo_each(const struct debuginfo *info, int tag,
                   int (*visit)(Dwarf_Die *die, void *data), void *data);

/* The entry's type without typedefs, const and volatile. Return: false where it has none. */
bool debuginfo_type(Dwarf_Die *die, Dwarf_Die *ret_type);

/* An unsigned attribute. Return: false where it is missing or no constant. */
bool debuginfo_number(Dwarf_Die *die, unsigned int attribute, Dwarf_Word *ret_value);

/* Offset of a member in its struct; false for a bit-field or one without a constant offset. */
bool debuginfo_offset(Dwarf_Die *member, Dwarf_Word *ret_offset);

/* The entry's name or "". */
const char *debuginfo_name(Dwarf_Die *die);

/*
 * The lengths of an array type's dimensions, outermost first.
 * Return: their count; -EDOM one has no constant length or the length 0; -E2BIG more than @size.
 */
int debuginfo_dimensions(Dwarf_Die *array, Dwarf_Word *ret_lengths, int size);

#define cleanup_debuginfo __attribute__((cleanup(debuginfo_close)))

#endif
