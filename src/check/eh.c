/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eh.h"

#include <dwarf.h>
#include <stdlib.h>

/* Every linker writes these encodings for a shared object. */
#define PCREL4 (DW_EH_PE_pcrel | DW_EH_PE_sdata4)
#define DATAREL4 (DW_EH_PE_datarel | DW_EH_PE_sdata4)
#define FDES_MAX 4096

static int32_t word(const struct check *check, uint64_t offset)
{
	int32_t value = 0;

	view_read(&check->segment, offset, &value, 4);
	return value;
}

/* The encoding of addresses in the entries of a CIE: augmentation "zR" and what follows. */
static bool cie_is_pcrel(const struct check *check, uint64_t cie)
{
	/* length, 0, version 1, "zR\0", then three LEB128 numbers of a byte and the data's size */
	uint8_t head[17];

	if (!view_read(&check->segment, cie, head, sizeof(head)))
		return false;
	return memcmp(head + 4, "\0\0\0\0\1zR", 8) == 0 && head[16] == PCREL4;
}

static bool fde_read(const struct check *check, uint64_t offset, struct fde *ret)
{
	uint32_t length, cie;
	uint64_t end;

	if (!view_read(&check->segment, offset, &length, 4) || length < 16 ||
	    length >= 0xfffffff0 ||
	    !view_has(&check->segment, offset, (uint64_t)length + 4) ||
	    !view_read(&check->segment, offset + 4, &cie, 4) || cie == 0 || cie > offset + 4 ||
	    !cie_is_pcrel(check, offset + 4 - cie))
		return false;
	end = offset + 8;
	ret->start = end + (uint64_t)(int64_t)word(check, end);
	ret->size = (uint32_t)word(check, end + 4);
	ret->offset = offset;
	ret->cost = (uint64_t)length + (uint32_t)word(check, offset + 4 - cie);
	return view_has(&check->segment, ret->start, ret->size);
}

/* The header's fixed part; false: a problem was set. */
static bool header(struct check *check, const Elf64_Phdr *phdr, struct eh *eh, uint64_t *ret_table,
                   uint64_t *ret_count)
{
	static const uint8_t expected[4] = { 1, PCREL4, DW_EH_PE_udata4, DATAREL4 };
	uint8_t found[4];
	uint64_t at;

	if (!segment_offset(check, phdr->p_vaddr, 12, &at)) {
		problem_set(&eh->problem, VDK_CHECK_NO_OFFSET, text("inside PT_LOAD"),
		            hex(phdr->p_vaddr), "the unwind header lies outside the image");
		return false;
	}
	view_read(&check->segment, at, found, sizeof(found));
	if (memcmp(found, expected, sizeof(found)) != 0) {
		problem_set(&eh->problem, file_offset(check, at), text("01 1b 03 3b"),
		            text("%02x %02x %02x %02x", found[0], found[1], found[2], found[3]),
		            "the unwind header has no search table of the usual form");
		return false;
	}
	eh->frame_offset = at + 4 + (uint64_t)(int64_t)word(check, at + 4);
	*ret_count = (uint32_t)word(check, at + 8);
	*ret_table = at;
	if (!view_has(&check->segment, at + 12, *ret_count * 8) || *ret_count > FDES_MAX ||
	    !view_has(&check->segment, eh->frame_offset, 4)) {
		problem_set(&eh->problem, file_offset(check, at + 8),
		            text("a table inside the image"),
		            text("%llu entries", (unsigned long long)*ret_count),
		            "the unwind search table is cut off");
		return false;
	}
	return true;
}

void eh_read(struct check *check, struct eh *ret)
{
	const Elf64_Phdr *phdr = NULL;
	uint64_t table, count, last = 0;

	*ret = (struct eh){ 0 };
	for (uint64_t i = 0; i < check->phdr_count && !phdr; i++) {
		if (check->phdrs[i].p_type == PT_GNU_EH_FRAME)
			phdr = &check->phdrs[i];
	}
	if (!phdr) {
		problem_set(&ret->problem, VDK_CHECK_NO_OFFSET, text("PT_GNU_EH_FRAME"),
		            text("none"), "nobody can unwind through the image");
		return;
	}
	if (!header(check, phdr, ret, &table, &count))
		return;
	ret->fdes = model_alloc(check, count, sizeof(*ret->fdes));
	for (uint64_t i = 0; ret->fdes && i < count; i++) {
		const uint64_t entry = table + 12 + i * 8;
		const uint64_t start = table + (uint64_t)(int64_t)word(check, entry);
		struct fde *fde = &ret->fdes[i];

		if (!fde_read(check, table + (uint64_t)(int64_t)word(check, entry + 4), fde) ||
		    fde->start != start || start < last) {
			problem_set(&ret->problem, file_offset(check, entry),
			            text("an entry of .eh_frame, in order of addresses"),
			            hex(start), "entry %llu of the unwind search table is broken",
			            (unsigned long long)i);
			return;
		}
		last = start;
		ret->count++;
	}
}

void eh_free(struct eh *eh)
{
	free(eh->fdes);
}
