/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "inspect/elf-view.h"

#include <errno.h>

/* Entries of a dynamic section; a real one has some thirty. */
#define DYNAMIC_MAX 4096

static bool read_phdr(const struct elf *elf, uint64_t at, Elf64_Phdr *ret)
{
	Elf32_Phdr narrow;

	if (elf->wide)
		return view_read(&elf->file, at, ret, sizeof(*ret));
	if (!view_read(&elf->file, at, &narrow, sizeof(narrow)))
		return false;
	*ret = (Elf64_Phdr){.p_type = narrow.p_type, .p_flags = narrow.p_flags,
	                    .p_offset = narrow.p_offset, .p_vaddr = narrow.p_vaddr,
	                    .p_filesz = narrow.p_filesz, .p_memsz = narrow.p_memsz};
	return true;
}

static bool read_header(struct elf *elf, uint64_t *ret_phdrs, uint16_t *ret_size)
{
	Elf64_Ehdr wide;
	Elf32_Ehdr narrow;

	if (elf->wide) {
		if (!view_read(&elf->file, 0, &wide, sizeof(wide)))
			return false;
		*ret_phdrs = wide.e_phoff;
		*ret_size = wide.e_phentsize;
		elf->phdr_count = wide.e_phnum;
		return *ret_size == sizeof(Elf64_Phdr);
	}
	if (!view_read(&elf->file, 0, &narrow, sizeof(narrow)))
		return false;
	*ret_phdrs = narrow.e_phoff;
	*ret_size = narrow.e_phentsize;
	elf->phdr_count = narrow.e_phnum;
	return *ret_size == sizeof(Elf32_Phdr);
}

bool elf_offset(const struct elf *elf, uint64_t address, uint64_t *ret_offset)
{
	for (unsigned int i = 0; i < elf->phdr_count; i++) {
		const Elf64_Phdr *phdr = &elf->phdrs[i];

		if (phdr->p_type == PT_LOAD && address >= phdr->p_vaddr &&
		    address - phdr->p_vaddr < phdr->p_filesz) {
			*ret_offset = address - phdr->p_vaddr + phdr->p_offset;
			return *ret_offset < elf->file.size;
		}
	}
	return false;
}

static void take_entry(struct elf *elf, int64_t tag, uint64_t value)
{
	const struct {
		int64_t tag;
		uint64_t *offset;
	} tables[] = {
	        {DT_STRTAB, &elf->strings},  {DT_SYMTAB, &elf->symbols},
	        {DT_HASH, &elf->hash},       {DT_GNU_HASH, &elf->gnu_hash},
	        {DT_VERSYM, &elf->versions}, {DT_VERDEF, &elf->definitions},
	        {DT_VERNEED, &elf->needs},
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (tag == tables[i].tag && !elf_offset(elf, value, tables[i].offset))
			*tables[i].offset = 0;
	if (tag == DT_STRSZ)
		elf->strings_size = value;
	else if (tag == DT_VERDEFNUM)
		elf->definition_count = value;
	else if (tag == DT_VERNEEDNUM)
		elf->need_count = value;
	else if (tag == DT_SONAME)
		elf->soname = value;
}

static bool read_dynamic(struct elf *elf)
{
	const Elf64_Phdr *dynamic = NULL;

	for (unsigned int i = 0; i < elf->phdr_count; i++)
		if (elf->phdrs[i].p_type == PT_DYNAMIC)
			dynamic = &elf->phdrs[i];
	for (uint64_t i = 0; dynamic && i < DYNAMIC_MAX; i++) {
		const uint64_t size = elf->wide ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);
		Elf32_Dyn narrow;
		Elf64_Dyn wide;

		if ((i + 1) * size > dynamic->p_filesz ||
		    dynamic->p_offset > elf->file.size)
			return true;
		if (elf->wide ? !view_read(&elf->file, dynamic->p_offset + i * size, &wide, size)
		              : !view_read(&elf->file, dynamic->p_offset + i * size, &narrow, size))
			return false;
		if (!elf->wide)
			wide = (Elf64_Dyn){narrow.d_tag, {narrow.d_un.d_val}};
		if (wide.d_tag == DT_NULL)
			return true;
		take_entry(elf, wide.d_tag, wide.d_un.d_val);
	}
	return dynamic != NULL;
}

int elf_open(const uint8_t *bytes, size_t size, const char *object, struct elf *ret,
             struct vdk_report *report)
{
	struct elf elf = {.file = {bytes, size}};
	unsigned char ident[EI_NIDENT];
	uint64_t phdrs;
	uint16_t entry;

	if (!view_read(&elf.file, 0, ident, sizeof(ident)) || memcmp(ident, ELFMAG, SELFMAG) != 0 ||
	    ident[EI_DATA] != ELFDATA2LSB ||
	    (ident[EI_CLASS] != ELFCLASS64 && ident[EI_CLASS] != ELFCLASS32))
		return vdk_report_set(report, -ENOEXEC, object,
		                      "expected a little-endian ELF image, found none");
	elf.wide = ident[EI_CLASS] == ELFCLASS64;
	if (!read_header(&elf, &phdrs, &entry) || elf.phdr_count == 0 ||
	    elf.phdr_count > ELF_PHDRS_MAX || phdrs > size)
		return vdk_report_set(report, -ENOEXEC, object,
		                      "ELF header: expected 1 to %d program headers within %zu bytes",
		                      ELF_PHDRS_MAX, size);
	for (unsigned int i = 0; i < elf.phdr_count; i++)
		if (!read_phdr(&elf, phdrs + (uint64_t)i * entry, &elf.phdrs[i]))
			return vdk_report_set(report, -ENOEXEC, object,
			                      "program header %u lies outside", i);
	if (!read_dynamic(&elf))
		return vdk_report_set(report, -ENOEXEC, object,
		                      "expected a dynamic section within the image, found none");
	if (!elf.symbols || !elf.strings || !view_has(&elf.file, elf.strings, elf.strings_size))
		return vdk_report_set(report, -ENOEXEC, object,
		                      "expected dynamic symbols and their names within the image");
	*ret = elf;
	return 0;
}

bool elf_symbol(const struct elf *elf, uint64_t index, Elf64_Sym *ret)
{
	Elf32_Sym narrow;

	if (elf->wide)
		return view_read(&elf->file, elf->symbols + index * sizeof(*ret), ret, sizeof(*ret));
	if (!view_read(&elf->file, elf->symbols + index * sizeof(narrow), &narrow, sizeof(narrow)))
		return false;
	*ret = (Elf64_Sym){.st_name = narrow.st_name, .st_info = narrow.st_info,
	                   .st_other = narrow.st_other, .st_shndx = narrow.st_shndx,
	                   .st_value = narrow.st_value, .st_size = narrow.st_size};
	return true;
}

/* The largest index that a bucket leads to, and from there along its chain to the end. */
static uint64_t gnu_count(const struct elf *elf)
{
	const uint64_t word = elf->wide ? 8 : 4;
	uint32_t header[4], last = 0, bucket, hash;
	uint64_t buckets, chains;

	if (!view_read(&elf->file, elf->gnu_hash, header, sizeof(header)))
		return 0;
	buckets = elf->gnu_hash + sizeof(header) + header[2] * word;
	chains = buckets + (uint64_t)header[0] * 4;
	if (!view_has(&elf->file, buckets, (uint64_t)header[0] * 4))
		return 0;
	for (uint32_t i = 0; i < header[0]; i++)
		if (view_read(&elf->file, buckets + (uint64_t)i * 4, &bucket, 4) && bucket > last)
			last = bucket;
	if (last < header[1])
		return header[1];
	/* Ends at the view's end, if no chain ends before. */
	while (view_read(&elf->file, chains + ((uint64_t)last - header[1]) * 4, &hash, 4)) {
		if (hash & 1)
			return (uint64_t)last + 1;
		last++;
	}
	return 0;
}

uint64_t elf_symbol_count(const struct elf *elf)
{
	uint32_t chains;

	if (elf->hash && view_read(&elf->file, elf->hash + 4, &chains, sizeof(chains)))
		return chains;
	return elf->gnu_hash ? gnu_count(elf) : 0;
}
