/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_INSPECT_ELF_VIEW_H
#define VDK_INSPECT_ELF_VIEW_H

/*
 * An ELF image of 64 or 32 bits as loaders see it: program headers and dynamic entries, all of it
 * hostile. Cited below: the ELF gABI, chapters 4 and 5, and the Linux Standard Base for versions.
 */

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>

#include <vdk/report.h>

#include "base/view.h"

#define ELF_PHDRS_MAX 64

struct elf {
	struct view file;
	bool wide; /* 64 bits */
	unsigned int phdr_count;
	Elf64_Phdr phdrs[ELF_PHDRS_MAX];
	/* Offsets in the file, 0 where there is no such table. */
	uint64_t strings, strings_size, symbols, hash, gnu_hash, versions, definitions, needs;
	uint64_t definition_count, need_count;
	uint64_t soname; /* offset in the strings; 0: none */
};

/* Return: 0; -ENOEXEC. */
int elf_open(const uint8_t *bytes, size_t size, const char *object, struct elf *ret,
             struct vdk_report *report);

/* The file offset of an address. Return: false when no segment has it in the file. */
bool elf_offset(const struct elf *elf, uint64_t address, uint64_t *ret_offset);

/* One symbol, of either width, as the wide form; no index is larger than 32 bits. */
bool elf_symbol(const struct elf *elf, uint64_t index, Elf64_Sym *ret);

/* How many symbols the hash tables know. Return: 0 where there is none. */
uint64_t elf_symbol_count(const struct elf *elf);

#endif
