/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Loading, third part: section headers, by libelf, and notes.
 *
 * No look-up needs section headers, but debuggers, profilers and old Go read them from the mapped
 * image. Notes are read from the segments: elfutils prefers sections where there are some, and an
 * image whose two views differ is what the rules want to see.
 */
#include "internal.h"

#include <stdlib.h>

/* libelf hands out pointers into the image, aligned or not; so the header is read by copying. */
static bool section_read(struct check *check, size_t index, size_t names, struct section *ret)
{
	const char *name;

	ret->offset = check->ehdr.e_shoff + index * sizeof(Elf64_Shdr);
	if (!view_read(&check->file, ret->offset, &ret->shdr, sizeof(ret->shdr)))
		return false;
	name = elf_strptr(check->elf, names, ret->shdr.sh_name);
	ret->name = name ? name : "";
	return true;
}

void model_load_sections(struct check *check)
{
	const uint64_t table = (uint64_t)check->ehdr.e_shnum * sizeof(Elf64_Shdr);
	size_t count, names;

	if (check->ehdr.e_shnum == 0 || check->ehdr.e_shstrndx == SHN_UNDEF) {
		problem_set(&check->sections_problem, offsetof(Elf64_Ehdr, e_shoff),
		            text("section headers with names"),
		            text("%u, names in %u", check->ehdr.e_shnum, check->ehdr.e_shstrndx),
		            "the section headers were removed");
		return;
	}
	if (check->ehdr.e_shentsize != sizeof(Elf64_Shdr) ||
	    !view_has(&check->file, check->ehdr.e_shoff, table)) {
		problem_set(&check->sections_problem, offsetof(Elf64_Ehdr, e_shoff),
		            text("%llu bytes inside the file", (unsigned long long)table),
		            hex(check->ehdr.e_shoff), "the section headers lie outside the file");
		return;
	}
	check->elf = elf_memory((char *)check->bytes, check->file.size);
	if (!check->elf || elf_getshdrnum(check->elf, &count) != 0 || count == 0 ||
	    elf_getshdrstrndx(check->elf, &names) != 0 || names >= count) {
		problem_set(&check->sections_problem, offsetof(Elf64_Ehdr, e_shstrndx),
		            text("below %u", check->ehdr.e_shnum), num(check->ehdr.e_shstrndx),
		            "libelf cannot read the section headers");
		return;
	}
	check->sections = model_alloc(check, count, sizeof(*check->sections));
	for (size_t i = 0; check->sections && i < count; i++) {
		if (!section_read(check, i, names, &check->sections[i])) {
			problem_set(&check->sections_problem, check->ehdr.e_shoff,
			            text("%zu section headers", count), num(i),
			            "libelf cannot read section header %zu", i);
			return;
		}
		check->section_count++;
	}
	check->parts |= PART_SECTIONS;
}

/* ---- Notes --------------------------------------------------------------------------------- */

static uint64_t note_round(uint64_t size, uint64_t align)
{
	return (size + align - 1) / align * align;
}

/*
 * One note at @offset in @notes; *ret_size: its length with padding, 0: it does not fit. The last
 * note's padding may be missing.
 */
static struct note note_read(const struct view *notes, uint64_t offset, uint64_t align,
                             uint64_t *ret_size)
{
	struct note note = { .offset = offset, .align = align };
	Elf64_Nhdr header;
	uint64_t desc;

	*ret_size = 0;
	if (!view_read(notes, offset, &header, sizeof(header)))
		return note;
	desc = note_round(sizeof(header) + (uint64_t)header.n_namesz, align);
	if (!view_has(notes, offset, desc) || !view_has(notes, offset + desc, header.n_descsz))
		return note;
	note.type = header.n_type;
	note.name_size = header.n_namesz;
	note.desc_size = header.n_descsz;
	note.desc = offset + desc;
	view_read(notes, offset + sizeof(header), note.name,
	          header.n_namesz < sizeof(note.name) - 1 ? header.n_namesz
	                                                   : sizeof(note.name) - 1);
	*ret_size = note_round(desc + header.n_descsz, align);
	return note;
}

static void notes_append(struct check *check, const Elf64_Phdr *phdr)
{
	const uint64_t align = phdr->p_align == 8 ? 8 : 4;
	struct view notes;
	uint64_t start, size;

	if (!segment_offset(check, phdr->p_vaddr, phdr->p_filesz, &start)) {
		problem_set(&check->notes_problem, VDK_CHECK_NO_OFFSET, text("inside PT_LOAD"),
		            text("%#llx, %llu bytes", (unsigned long long)phdr->p_vaddr,
		                 (unsigned long long)phdr->p_filesz),
		            "a note segment lies outside the loaded one");
		return;
	}
	notes = view_part(&check->segment, start, phdr->p_filesz);
	for (uint64_t offset = 0; offset < notes.size; offset += size) {
		struct note note = note_read(&notes, offset, align, &size);

		if (!size || check->note_count == NOTES_MAX) {
			problem_set(&check->notes_problem, file_offset(check, start + offset),
			            text("at most %u notes, inside their segments", NOTES_MAX),
			            text("%s", size ? "more" : "it leaves it"),
			            "note %zu is cut off or one too many", check->note_count);
			return;
		}
		note.offset += file_offset(check, start);
		note.desc += file_offset(check, start);
		note.property_segment = phdr->p_type == PT_GNU_PROPERTY;
		check->notes[check->note_count++] = note;
	}
}

static void load_image_note(struct check *check)
{
	for (size_t i = 0; i < check->note_count; i++) {
		const struct note *note = &check->notes[i];

		if (note->type != VDK_NOTE_IMAGE || note->name_size != sizeof(VDK_NOTE_NAME) ||
		    strcmp(note->name, VDK_NOTE_NAME) != 0)
			continue;
		if (note->desc_size < sizeof(check->image_note))
			continue; /* rule note.vdk */
		view_read(&check->file, note->desc, &check->image_note, sizeof(check->image_note));
		check->image_note_offset = note->desc;
		check->image_note_size = note->desc_size;
		check->parts |= PART_NOTE;
		return;
	}
}

void model_load_notes(struct check *check)
{
	check->notes = model_alloc(check, NOTES_MAX, sizeof(*check->notes));
	if (!check->notes)
		return;
	for (uint64_t i = 0; i < check->phdr_count; i++) {
		if (check->phdrs[i].p_type == PT_NOTE ||
		    check->phdrs[i].p_type == PT_GNU_PROPERTY)
			notes_append(check, &check->phdrs[i]);
	}
	load_image_note(check);
}
