/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BUILD_OBJECT_H
#define VDK_BUILD_OBJECT_H

/*
 * One of the author's objects, open for a look before the linker sees it. Problems that a linker
 * would report in its own terms, or not at all, can here be told in the author's: by source file,
 * function and variable.
 *
 * Objects may come from outside (`vdk build X.o`). libelf keeps every access inside of the file.
 */

#include <gelf.h>
#include <stdbool.h>

#include <vdk/report.h>

struct object {
	char *path;
	char *source; /* what messages call it: the .c file it came from, or the path itself */
	int fd;
	Elf *elf;
	size_t section_names; /* index of the section that holds them */
	Elf_Scn *symbols;     /* NULL: no symbol table */
	size_t symbol_count;
	size_t symbol_names;
};

/* Return: 0; -ENOEXEC not a relocatable x86-64 object with code in it; -errno of open(2). */
int object_open(struct object *object, const char *path, const char *source,
                struct vdk_report *report);

void object_close(struct object *object);

/* The section's header and name. Return: false past the last or where the file is damaged. */
bool object_section(const struct object *object, Elf_Scn *section, GElf_Shdr *ret_header,
                    const char **ret_name);

/* Symbol @index and its name, "" for none. Return: false past the last. */
bool object_symbol(const struct object *object, size_t index, GElf_Sym *ret_symbol,
                   const char **ret_name);

/* The name of the function or variable that covers an offset of a section, or NULL. */
const char *object_covering(const struct object *object, size_t section, uint64_t offset,
                            int type);

/* The first function whose code refers to symbol @index, or NULL. */
const char *object_first_user(const struct object *object, size_t index);

#endif
