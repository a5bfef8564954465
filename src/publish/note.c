/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The reader of an image's note. Everything is fetched through one bounded view, so that there is
 * one place where an offset can be out of range, and it is checked there.
 *
 * Rules cited below: the ELF gABI, chapters 4 (header) and 5 (program header, note section).
 */
#include <vdk/note.h>

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "publish/version.h"

#define PHDRS_MAX 64
/* A note segment holds our table at most: records, fields and their names, and a build-id. */
#define NOTES_MAX (8u << 20)

/* One hostile file: bytes in memory, or a descriptor that is read piece by piece. */
struct source {
	const uint8_t *bytes;
	int fd;
	uint64_t size;
	const char *object;
	struct vdk_report *report;
};

static int fetch(const struct source *source, uint64_t offset, void *to, size_t size,
                 const char *what)
{
	size_t done = 0;

	if (offset > source->size || size > source->size - offset)
		return vdk_report_set(source->report, -ENOEXEC, source->object,
		                      "%s lies outside the file: expected offset %" PRIu64
		                      " plus %zu bytes within %" PRIu64,
		                      what, offset, size, source->size);
	if (source->bytes) {
		memcpy(to, source->bytes + offset, size);
		return 0;
	}
	while (done < size) {
		const ssize_t got = pread(source->fd, (char *)to + done, size - done,
		                          (off_t)(offset + done));
		const int error = errno;

		if (got < 0 && error == EINTR)
			continue;
		if (got < 0)
			return vdk_report_set(source->report, -error, source->object,
			                      "cannot read %s: %s", what, strerror(error));
		if (got == 0)
			return vdk_report_set(source->report, -ENOEXEC, source->object,
			                      "the file became shorter while %s was read", what);
		done += (size_t)got;
	}
	return 0;
}

static int read_header(const struct source *source, Elf64_Ehdr *header)
{
	int error;

	if (source->size > VDK_IMAGE_SIZE_MAX)
		return vdk_report_set(source->report, -EFBIG, source->object,
		                      "too large for an image: expected at most %u bytes, found "
		                      "%" PRIu64, VDK_IMAGE_SIZE_MAX, source->size);
	if (source->size < sizeof(*header))
		return vdk_report_set(source->report, -ENOEXEC, source->object,
		                      "not an ELF file: expected at least %zu bytes, found %" PRIu64,
		                      sizeof(*header), source->size);
	error = fetch(source, 0, header, sizeof(*header), "the ELF header");
	if (error)
		return error;
	if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
		return vdk_report_set(source->report, -ENOEXEC, source->object,
		                      "not an ELF file: expected 7f 45 4c 46 at offset 0, found "
		                      "%02x %02x %02x %02x", header->e_ident[0],
		                      header->e_ident[1], header->e_ident[2], header->e_ident[3]);
	if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
	    header->e_machine != EM_X86_64 || header->e_type != ET_DYN)
		return vdk_report_set(source->report, -ENOEXEC, source->object,
		                      "expected an x86-64 ELF shared object, found class %u, data "
		                      "%u, machine %u, type %u", header->e_ident[EI_CLASS],
		                      header->e_ident[EI_DATA], header->e_machine, header->e_type);
	if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum == 0 ||
	    header->e_phnum > PHDRS_MAX)
		return vdk_report_set(source->report, -ENOEXEC, source->object,
		                      "expected 1 to %d program headers of %zu bytes, found %u of "
		                      "%u", PHDRS_MAX, sizeof(Elf64_Phdr), header->e_phnum,
		                      header->e_phentsize);
	return 0;
}

/* The one PT_LOAD decides what is mapped; see traps about images with several or moved ones. */
static int read_load(const struct source *source, const Elf64_Phdr *phdrs, unsigned count,
                     uint64_t *ret_size)
{
	const Elf64_Phdr *load = NULL;
	uint64_t size;

	for (unsigned i = 0; i < count; i++) {
		if (phdrs[i].p_type != PT_LOAD)
			continue;
		if (load)
			return vdk_report_set(source->report, -ENOEXEC, source->object,
			                      "expected one PT_LOAD segment, found a second in "
			                      "program header %u", i);
		load = &phdrs[i];
	}
	if (!load)
		return vdk_report_set(source->report, -ENOEXEC, source->object,
		                      "expected one PT_LOAD segment, found none");
	if (load->p_offset != 0 || load->p_vaddr != 0 || load->p_filesz != load->p_memsz ||
	    load->p_memsz == 0 || load->p_memsz > source->size)
		return vdk_report_set(source->report, -ENOEXEC, source->object,
		                      "PT_LOAD: expected offset 0, address 0 and equal sizes within "
		                      "%" PRIu64 " bytes, found offset %#" PRIx64 ", address %#"
		                      PRIx64 ", sizes %" PRIu64 " and %" PRIu64, source->size,
		                      (uint64_t)load->p_offset, (uint64_t)load->p_vaddr,
		                      (uint64_t)load->p_filesz, (uint64_t)load->p_memsz);
	size = (load->p_memsz + 4095) & ~(uint64_t)4095;
	if (source->size < size)
		return vdk_report_set(source->report, -ENOEXEC, source->object,
		                      "expected a file padded to %" PRIu64 " bytes, found %" PRIu64,
		                      size, source->size);
	*ret_size = size;
	return 0;
}

static bool self_relative(uint64_t field, int32_t value, uint64_t image_size, uint64_t *ret_offset)
{
	const int64_t target = (int64_t)field + value;

	if (value == 0) {
		*ret_offset = 0;
		return true;
	}
	if (target <= 0 || (uint64_t)target >= image_size)
		return false;
	*ret_offset = (uint64_t)target;
	return true;
}

/* Stub addresses are jumped to in the target: they must at least lie inside the image. */
static int resolve_stubs(const struct source *source, uint64_t at, struct vdk_note *note)
{
	const struct vdk_image_note *image = &note->image;

	if (!self_relative(at + offsetof(struct vdk_image_note, finish), image->finish,
	                   note->image_size, &note->finish))
		return vdk_report_set(source->report, -EBADMSG, source->object,
		                      "note at offset %" PRIu64 ": `finish` leads outside the image",
		                      at);
	for (unsigned i = 0; i < VDK_CHAIN_COUNT; i++)
		if (!self_relative(at + offsetof(struct vdk_image_note, fallback) +
		                           i * sizeof(image->fallback[0]),
		                   image->fallback[i], note->image_size, &note->fallback[i]))
			return vdk_report_set(source->report, -EBADMSG, source->object,
			                      "note at offset %" PRIu64 ": `fallback[%u]` leads "
			                      "outside the image", at, i);
	return 0;
}

static int copy_table(const struct source *source, uint64_t at, const uint8_t *desc, uint32_t size,
                      struct vdk_note *note)
{
	const struct vdk_image_note *image = &note->image;
	uint64_t id;

	if (image->table_offset == 0) {
		if (image->layout_id != 0 || image->table_size != 0 || image->page_size != 0)
			return vdk_report_set(source->report, -EBADMSG, source->object,
			                      "note at offset %" PRIu64 ": has a layout but no "
			                      "table", at);
		return 0;
	}
	if (image->table_offset < sizeof(*image) || image->table_offset > size ||
	    image->table_size > size - image->table_offset ||
	    image->table_size < sizeof(struct vdk_table))
		return vdk_report_set(source->report, -EBADMSG, source->object,
		                      "note at offset %" PRIu64 ": expected the table within %u "
		                      "bytes, found offset %u, size %u", at, size,
		                      image->table_offset, image->table_size);
	if (image->page_size == 0 || image->page_size % VDK_PAGE_UNIT != 0 ||
	    image->page_size > VDK_PAGE_SIZE_MAX)
		return vdk_report_set(source->report, -EBADMSG, source->object,
		                      "note at offset %" PRIu64 ": expected a page size that is a "
		                      "multiple of %u up to %u, found %u", at, VDK_PAGE_UNIT,
		                      VDK_PAGE_SIZE_MAX, image->page_size);
	id = vdk_layout_id(desc + image->table_offset, image->table_size);
	if (id != image->layout_id)
		return vdk_report_set(source->report, -EBADMSG, source->object,
		                      "note at offset %" PRIu64 ": layout id: expected %016" PRIx64
		                      " by the table, found %016" PRIx64, at, id, image->layout_id);
	note->table = malloc(image->table_size);
	if (!note->table)
		return -ENOMEM;
	memcpy(note->table, desc + image->table_offset, image->table_size);
	return 0;
}

/* @desc: the note's descriptor, which lies at offset @at of the file and the image. */
static int take_note(const struct source *source, uint64_t at, const uint8_t *desc, uint32_t size,
                     struct vdk_note *note)
{
	int error;

	if (size < sizeof(note->image))
		return vdk_report_set(source->report, -EBADMSG, source->object,
		                      "note at offset %" PRIu64 ": expected at least %zu bytes, "
		                      "found %u", at, sizeof(note->image), size);
	memcpy(&note->image, desc, sizeof(note->image));
	if (!vdk_image_version_known(note->image.version))
		return vdk_report_set(source->report, -EOPNOTSUPP, source->object,
		                      "note at offset %" PRIu64 ": expected format version %u or %u, "
		                      "found %u", at, VDK_IMAGE_VERSION, VDK_IMAGE_VERSION_LISTS,
		                      note->image.version);
	if (note->image.note_size < sizeof(note->image) || note->image.note_size > size ||
	    note->image.process_size != VDK_PROCESS_SIZE)
		return vdk_report_set(source->report, -EBADMSG, source->object,
		                      "note at offset %" PRIu64 ": expected a size of %zu to %u and "
		                      "a process page of %u, found %u and %u", at,
		                      sizeof(note->image), size, VDK_PROCESS_SIZE,
		                      note->image.note_size, note->image.process_size);
	if (!memchr(note->image.name, 0, sizeof(note->image.name)))
		return vdk_report_set(source->report, -EBADMSG, source->object,
		                      "note at offset %" PRIu64 ": the name has no end", at);
	error = resolve_stubs(source, at, note);
	return error ? error : copy_table(source, at, desc, note->image.note_size, note);
}

/* gABI: each entry is three words, a name and a descriptor, both padded to four bytes. */
static int scan_notes(const struct source *source, uint64_t offset, const uint8_t *notes,
                      uint64_t size, struct vdk_note *note)
{
	for (uint64_t at = 0; size - at >= sizeof(Elf64_Nhdr);) {
		Elf64_Nhdr header;
		uint64_t name_size, desc_at, desc_end;

		memcpy(&header, notes + at, sizeof(header));
		name_size = ((uint64_t)header.n_namesz + 3) & ~(uint64_t)3;
		desc_at = at + sizeof(header) + name_size;
		desc_end = desc_at + header.n_descsz;
		if (desc_end > size)
			return vdk_report_set(source->report, -EBADMSG, source->object,
			                      "note at offset %" PRIu64 ": expected to end within "
			                      "its segment, found %" PRIu64 " bytes too many",
			                      offset + at, desc_end - size);
		if (header.n_type == VDK_NOTE_IMAGE && header.n_namesz == sizeof(VDK_NOTE_NAME) &&
		    memcmp(notes + at + sizeof(header), VDK_NOTE_NAME, sizeof(VDK_NOTE_NAME)) == 0)
			return take_note(source, offset + desc_at, notes + desc_at, header.n_descsz,
			                 note);
		at = (desc_end + 3) & ~(uint64_t)3;
		if (at > size)
			break;
	}
	return -ENODATA;
}

static int scan_segment(const struct source *source, const Elf64_Phdr *phdr, struct vdk_note *note)
{
	vdk_cleanup_free uint8_t *notes = NULL;
	int error;

	/* What attach uses must be mapped; the offsets of the note are those of the image then. */
	if (phdr->p_offset != phdr->p_vaddr || phdr->p_filesz > NOTES_MAX ||
	    phdr->p_offset > note->image_size || phdr->p_filesz > note->image_size - phdr->p_offset)
		return vdk_report_set(source->report, -EBADMSG, source->object,
		                      "PT_NOTE: expected offset = address within %" PRIu64
		                      " bytes, found offset %#" PRIx64 ", address %#" PRIx64
		                      ", size %" PRIu64, note->image_size, (uint64_t)phdr->p_offset,
		                      (uint64_t)phdr->p_vaddr, (uint64_t)phdr->p_filesz);
	if (phdr->p_filesz == 0)
		return -ENODATA;
	notes = malloc(phdr->p_filesz);
	if (!notes)
		return -ENOMEM;
	error = fetch(source, phdr->p_offset, notes, phdr->p_filesz, "the note segment");
	return error ? error : scan_notes(source, phdr->p_offset, notes, phdr->p_filesz, note);
}

static int read_note(const struct source *source, struct vdk_note *ret_note)
{
	Elf64_Phdr phdrs[PHDRS_MAX] = {0};
	struct vdk_note note = {};
	Elf64_Ehdr header;
	int error;

	error = read_header(source, &header);
	if (error)
		return error;
	error = fetch(source, header.e_phoff, phdrs, header.e_phnum * sizeof(phdrs[0]),
	              "the program header table");
	if (error)
		return error;
	error = read_load(source, phdrs, header.e_phnum, &note.image_size);
	if (error)
		return error;
	error = -ENODATA;
	for (unsigned i = 0; i < header.e_phnum && error == -ENODATA; i++)
		if (phdrs[i].p_type == PT_NOTE)
			error = scan_segment(source, &phdrs[i], &note);
	if (error == -ENODATA)
		vdk_report_set(source->report, error, source->object,
		               "expected an image made by vdk build, found one without its note");
	if (error) {
		vdk_note_clear(&note);
		return error;
	}
	*ret_note = note;
	return 0;
}

int vdk_note_read(int fd, const char *object, struct vdk_note *ret_note, struct vdk_report *report)
{
	struct source source = {.fd = fd, .object = object, .report = report};
	struct stat stat;

	if (fstat(fd, &stat) < 0) {
		const int error = errno;

		return vdk_report_set(report, -error, object, "%s", strerror(error));
	}
	if (!S_ISREG(stat.st_mode))
		return vdk_report_set(report, -ENOEXEC, object, "expected a regular file");
	source.size = (uint64_t)stat.st_size;
	return read_note(&source, ret_note);
}

int vdk_note_read_memory(const void *bytes, size_t size, const char *object,
                         struct vdk_note *ret_note, struct vdk_report *report)
{
	const struct source source = {
		.bytes = bytes, .fd = -1, .size = size, .object = object, .report = report};

	return read_note(&source, ret_note);
}

void vdk_note_clear(struct vdk_note *note)
{
	if (!note)
		return;
	free(note->table);
	memset(note, 0, sizeof(*note));
}
