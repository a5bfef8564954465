/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TEST_CHECK_PATCH_H
#define VDK_TEST_CHECK_PATCH_H

/*
 * Finding things in a known good image in order to break them. Nothing is bounds-checked here: the
 * image is the tree's own, and a patch that does not find its place stops the test.
 */

#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/format.h>

/* An image in memory with room to grow. */
struct image {
	uint8_t *bytes;
	size_t size;
};

#define IMAGE_ROOM (4u << 16)

#define must(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "the good image has no %s\n", #condition);                 \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

static inline Elf64_Ehdr *ehdr(struct image *image)
{
	return (Elf64_Ehdr *)image->bytes;
}

static inline Elf64_Phdr *phdr(struct image *image, uint32_t type)
{
	Elf64_Phdr *found = NULL, *all = (Elf64_Phdr *)(image->bytes + ehdr(image)->e_phoff);

	for (int i = 0; i < ehdr(image)->e_phnum && !found; i++)
		found = all[i].p_type == type ? &all[i] : NULL;
	must(found);
	return found;
}

static inline Elf64_Dyn *dyns(struct image *image)
{
	return (Elf64_Dyn *)(image->bytes + phdr(image, PT_DYNAMIC)->p_offset);
}

static inline Elf64_Dyn *dyn(struct image *image, int64_t tag)
{
	Elf64_Dyn *found = dyns(image);

	while (found->d_tag != tag && found->d_tag != DT_NULL)
		found++;
	must(found->d_tag == tag);
	return found;
}

/* GNU ld leaves spare DT_NULL entries at the end; one of them is used. */
static inline void dyn_add(struct image *image, int64_t tag, uint64_t value)
{
	Elf64_Dyn *end = dyn(image, DT_NULL);

	must((uint8_t *)(end + 2) <= (uint8_t *)dyns(image) + phdr(image, PT_DYNAMIC)->p_filesz);
	end->d_tag = tag;
	end->d_un.d_val = value;
}

static inline void *table(struct image *image, int64_t tag)
{
	return image->bytes + dyn(image, tag)->d_un.d_ptr;
}

static inline Elf64_Sym *symbol(struct image *image, const char *name)
{
	const uint32_t count = ((uint32_t *)table(image, DT_HASH))[1];
	Elf64_Sym *found = NULL, *all = table(image, DT_SYMTAB);
	const char *strings = table(image, DT_STRTAB);

	for (uint32_t i = 1; i < count && !found; i++)
		found = strcmp(strings + all[i].st_name, name) == 0 ? &all[i] : NULL;
	must(found);
	return found;
}

static inline Elf64_Half *versym(struct image *image, const char *name)
{
	return (Elf64_Half *)table(image, DT_VERSYM) +
	       (symbol(image, name) - (Elf64_Sym *)table(image, DT_SYMTAB));
}

static inline Elf64_Shdr *section(struct image *image, const char *name)
{
	Elf64_Shdr *found = NULL, *all = (Elf64_Shdr *)(image->bytes + ehdr(image)->e_shoff);
	const char *names = (char *)image->bytes + all[ehdr(image)->e_shstrndx].sh_offset;

	for (int i = 1; i < ehdr(image)->e_shnum && !found; i++)
		found = strcmp(names + all[i].sh_name, name) == 0 ? &all[i] : NULL;
	must(found);
	return found;
}

/* Give a section another name, no longer than its own. */
static inline void section_rename(struct image *image, const char *from, const char *to)
{
	Elf64_Shdr *all = (Elf64_Shdr *)(image->bytes + ehdr(image)->e_shoff);
	char *names = (char *)image->bytes + all[ehdr(image)->e_shstrndx].sh_offset;

	must(strlen(to) <= strlen(from));
	strcpy(names + section(image, from)->sh_name, to);
}

static inline Elf64_Nhdr *note(struct image *image, uint32_t type, const char *name)
{
	const Elf64_Phdr *notes = phdr(image, PT_NOTE);
	uint8_t *at = image->bytes + notes->p_offset, *end = at + notes->p_filesz;
	Elf64_Nhdr *found = NULL;

	while (at < end && !found) {
		Elf64_Nhdr *header = (Elf64_Nhdr *)at;

		found = header->n_type == type && strcmp((char *)(header + 1), name) == 0 ? header
		                                                                          : NULL;
		at += sizeof(*header) + (header->n_namesz + 3) / 4 * 4 +
		      (header->n_descsz + 3) / 4 * 4;
	}
	must(found);
	return found;
}

static inline struct vdk_image_note *image_note(struct image *image)
{
	return (void *)(note(image, VDK_NOTE_IMAGE, VDK_NOTE_NAME) + 1) + 4;
}

static inline struct vdk_table_record *record(struct image *image, int index)
{
	uint8_t *table = (uint8_t *)image_note(image) + image_note(image)->table_offset;

	return (struct vdk_table_record *)(table + sizeof(struct vdk_table)) + index;
}

static inline void layout_id(struct image *image)
{
	struct vdk_image_note *note = image_note(image);

	note->layout_id = vdk_layout_id((uint8_t *)note + note->table_offset, note->table_size);
}

/* The function `room` of the good image: 64 bytes of nop, then it returns. */
static inline uint8_t *room(struct image *image)
{
	uint8_t *code = image->bytes + symbol(image, "__vdso_room")->st_value;

	while (*code != 0x90)
		code++;
	return code;
}

/* The entry of .eh_frame that describes a function; pc_range is its fourth word. */
static inline uint32_t *fde(struct image *image, const char *function)
{
	const uint64_t start = symbol(image, function)->st_value;
	const uint64_t base = phdr(image, PT_GNU_EH_FRAME)->p_offset;
	const int32_t *header = (int32_t *)(image->bytes + base);
	uint32_t *found = NULL;

	for (int32_t i = 0; i < header[2] && !found; i++) {
		if (base + (uint64_t)(int64_t)header[3 + 2 * i] == start)
			found = (uint32_t *)(image->bytes + base + header[4 + 2 * i]);
	}
	must(found);
	return found;
}

#endif
