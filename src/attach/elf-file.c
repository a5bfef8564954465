/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attach/elf-file.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Some hundred thousand symbols are a large program; beyond this it is a mistake or a trap. */
#define SYMBOLS_MAX (1u << 22)
#define SECTIONS_MAX 4096
#define DYNAMIC_MAX 4096

static bool read_at(const struct elf_file *file, uint64_t offset, void *to, size_t size)
{
	return offset <= file->size && size <= file->size - offset &&
	       pread(file->fd, to, size, (off_t)offset) == (ssize_t)size;
}

bool elf_file_open(int fd, struct elf_file *ret)
{
	struct stat status;

	memset(ret, 0, sizeof(*ret));
	ret->fd = fd;
	if (fstat(fd, &status) || !S_ISREG(status.st_mode))
		return false;
	ret->size = (uint64_t)status.st_size;
	if (!read_at(ret, 0, &ret->header, sizeof(ret->header)) ||
	    memcmp(ret->header.e_ident, ELFMAG, SELFMAG) != 0 ||
	    ret->header.e_ident[EI_CLASS] != ELFCLASS64 ||
	    ret->header.e_ident[EI_DATA] != ELFDATA2LSB ||
	    ret->header.e_phentsize != sizeof(Elf64_Phdr))
		return false;
	ret->segment_count = ret->header.e_phnum;
	if (ret->segment_count > ELF_FILE_SEGMENTS)
		ret->segment_count = ELF_FILE_SEGMENTS;
	return read_at(ret, ret->header.e_phoff, ret->segments,
	               ret->segment_count * sizeof(Elf64_Phdr));
}

static bool offset_of(const struct elf_file *file, uint64_t address, uint64_t *ret)
{
	for (unsigned i = 0; i < file->segment_count; i++) {
		const Elf64_Phdr *segment = &file->segments[i];

		if (segment->p_type == PT_LOAD && address >= segment->p_vaddr &&
		    address - segment->p_vaddr < segment->p_filesz) {
			*ret = address - segment->p_vaddr + segment->p_offset;
			return true;
		}
	}
	return false;
}

bool elf_file_address(const struct elf_file *file, uint64_t offset, uint64_t *ret_address)
{
	for (unsigned i = 0; i < file->segment_count; i++) {
		const Elf64_Phdr *segment = &file->segments[i];

		if (segment->p_type == PT_LOAD && offset >= segment->p_offset &&
		    offset - segment->p_offset < segment->p_filesz) {
			*ret_address = offset - segment->p_offset + segment->p_vaddr;
			return true;
		}
	}
	return false;
}

static const Elf64_Phdr *find_segment(const struct elf_file *file, uint32_t type)
{
	for (unsigned i = 0; i < file->segment_count; i++)
		if (file->segments[i].p_type == type)
			return &file->segments[i];
	return NULL;
}

/* A NUL-terminated string of the file, cut to what fits; false where it does not end in time. */
static bool read_string(const struct elf_file *file, uint64_t offset, char *to, size_t size)
{
	ssize_t length;

	if (offset >= file->size)
		return false;
	length = pread(file->fd, to, size, (off_t)offset);
	return length > 0 && memchr(to, '\0', (size_t)length);
}

bool elf_file_interpreter(const struct elf_file *file, char *ret, size_t size)
{
	const Elf64_Phdr *segment = find_segment(file, PT_INTERP);

	return segment && read_string(file, segment->p_offset, ret, size);
}

void elf_file_strings(const struct elf_file *file, int64_t tag, struct elf_strings *ret)
{
	const Elf64_Phdr *segment = find_segment(file, PT_DYNAMIC);
	Elf64_Dyn entries[64];
	uint64_t strings = 0;

	ret->size = 0;
	if (!segment)
		return;
	/* Twice over the section: the table of strings may be named behind its users. */
	for (int pass = 0; pass < 2; pass++)
		for (uint64_t at = 0; at < DYNAMIC_MAX; at++) {
			const Elf64_Dyn *entry = &entries[at % 64];

			if (at % 64 == 0) {
				const ssize_t got = pread(
				        file->fd, entries, sizeof(entries),
				        (off_t)(segment->p_offset + at * sizeof(*entries)));

				if (got < (ssize_t)sizeof(*entries))
					return;
				memset((char *)entries + got, 0, sizeof(entries) - (size_t)got);
			}
			if (entry->d_tag == DT_NULL)
				break;
			if (!pass && entry->d_tag == DT_STRTAB &&
			    !offset_of(file, entry->d_un.d_ptr, &strings))
				return;
			if (pass && entry->d_tag == tag &&
			    read_string(file, strings + entry->d_un.d_val, ret->text + ret->size,
			                sizeof(ret->text) - ret->size))
				ret->size += strlen(ret->text + ret->size) + 1;
		}
}

/* ---- The function at an address ------------------------------------------------------------ */

static bool find_in_table(const struct elf_file *file, const Elf64_Shdr *table,
                          const Elf64_Shdr *strings, uint64_t address, char *ret_name, size_t size,
                          uint64_t *ret_offset)
{
	uint64_t count = table->sh_size / sizeof(Elf64_Sym);
	Elf64_Sym symbols[128];

	if (count > SYMBOLS_MAX)
		count = SYMBOLS_MAX;
	for (uint64_t i = 0; i < count; i++) {
		const Elf64_Sym *symbol = &symbols[i % 128];

		if (i % 128 == 0) {
			const uint64_t left = (count - i) * sizeof(*symbol);

			if (!read_at(file, table->sh_offset + i * sizeof(*symbol), symbols,
			             left < sizeof(symbols) ? (size_t)left : sizeof(symbols)))
				return false;
		}
		if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_shndx == SHN_UNDEF ||
		    address < symbol->st_value || address - symbol->st_value >= symbol->st_size ||
		    symbol->st_name >= strings->sh_size)
			continue;
		if (!read_string(file, strings->sh_offset + symbol->st_name, ret_name, size))
			continue;
		*ret_offset = address - symbol->st_value;
		return true;
	}
	return false;
}

static bool read_section(const struct elf_file *file, uint64_t index, Elf64_Shdr *ret)
{
	return index < file->header.e_shnum && index < SECTIONS_MAX &&
	       file->header.e_shentsize == sizeof(*ret) &&
	       read_at(file, file->header.e_shoff + index * sizeof(*ret), ret, sizeof(*ret));
}

/* The first of its kind: a file with thousands of them would keep us busy. */
static bool find_section(const struct elf_file *file, uint32_t type, Elf64_Shdr *ret)
{
	for (uint64_t i = 0; read_section(file, i, ret); i++)
		if (ret->sh_type == type)
			return true;
	return false;
}

bool elf_file_function(const struct elf_file *file, uint64_t address, char *ret_name, size_t size,
                       uint64_t *ret_offset)
{
	static const uint32_t kinds[] = {SHT_SYMTAB, SHT_DYNSYM};
	Elf64_Shdr table, strings;

	for (int kind = 0; kind < 2; kind++)
		if (find_section(file, kinds[kind], &table) &&
		    read_section(file, table.sh_link, &strings) &&
		    find_in_table(file, &table, &strings, address, ret_name, size, ret_offset))
			return true;
	return false;
}
