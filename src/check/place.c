/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory for the model, and where things lie: addresses of the image, offsets in its segment,
 * offsets in the file. All loading and all rules compute with these.
 */
#include "internal.h"

#include <stdlib.h>

void *model_alloc(struct check *check, uint64_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);

	if (!memory)
		check->no_memory = true;
	return memory;
}

bool segment_offset(const struct check *check, uint64_t address, uint64_t size, uint64_t *ret)
{
	const uint64_t base = check->load->p_vaddr;
	const uint64_t offset = address >= base ? address - base : address;

	if (!view_has(&check->segment, offset, size))
		return false;
	*ret = offset;
	return true;
}

uint64_t file_offset(const struct check *check, uint64_t offset)
{
	return check->load->p_offset + offset;
}

const Elf64_Dyn *dyn_find(const struct check *check, int64_t tag)
{
	for (uint64_t i = 0; i < check->dyn_count; i++) {
		if (check->dyns[i].d_tag == tag)
			return &check->dyns[i];
	}
	return NULL;
}

uint64_t dyn_file_offset(const struct check *check, const Elf64_Dyn *dyn)
{
	return file_offset(check, check->dyn_offset + (uint64_t)(dyn - check->dyns) * sizeof(*dyn));
}

uint64_t mapped_size(const struct check *check)
{
	const uint64_t end = check->load->p_offset + check->segment.size;

	return (end + VDK_PAGE_UNIT - 1) / VDK_PAGE_UNIT * VDK_PAGE_UNIT;
}

uint64_t reach_before(const struct check *check)
{
	/* The kernel has its vvar pages there: six of them in Linux 6.18, and fewer before. */
	if (check->profile == VDK_CHECK_KERNEL)
		return 16 * VDK_PAGE_UNIT;
	if (!(check->parts & PART_NOTE))
		return VDK_PROCESS_SIZE;
	return (uint64_t)check->image_note.process_size + check->image_note.page_size;
}
