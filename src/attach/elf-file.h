/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_ELF_FILE_H
#define VDK_ATTACH_ELF_FILE_H

/*
 * What little the supervisor reads of other programs' ELF files: segments, needed libraries, and the
 * function at an address. The files are hostile. Read piece by piece: they may be large, may change
 * or be cut short meanwhile, and a mapping would then fault.
 */

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_FILE_SEGMENTS 64
#define ELF_FILE_STRINGS 8192

struct elf_file {
	int fd; /* borrowed */
	uint64_t size;
	unsigned segment_count;
	Elf64_Phdr segments[ELF_FILE_SEGMENTS];
	Elf64_Ehdr header;
};

/* False: not a regular file with a 64-bit little-endian program or library in it. */
bool elf_file_open(int fd, struct elf_file *ret);

/* The dynamic section's strings of one kind, one after the other, each with its NUL. */
struct elf_strings {
	char text[ELF_FILE_STRINGS];
	size_t size;
};

/* The values of all entries with this tag (DT_NEEDED, DT_RPATH, DT_RUNPATH); those that fit. */
void elf_file_strings(const struct elf_file *file, int64_t tag, struct elf_strings *ret);

/* PT_INTERP's path; false if there is none. */
bool elf_file_interpreter(const struct elf_file *file, char *ret, size_t size);

/* The address that the file's place is linked at. */
bool elf_file_address(const struct elf_file *file, uint64_t offset, uint64_t *ret_address);

/*
 * The function that contains a linked address, by the symbol table where the file was not
 * stripped, else by the dynamic one. Return: false where neither knows one.
 */
bool elf_file_function(const struct elf_file *file, uint64_t address, char *ret_name, size_t size,
                       uint64_t *ret_offset);

#endif
