/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Loading, first part: what a consumer reads on its way from the image's first byte to the
 * dynamic tables. Nothing is judged here beyond "can it be read".
 *
 * Addresses: in a good image the link base is 0 and an address is an offset in the file. An image
 * that was linked elsewhere is one finding (load.base), so its addresses are taken relative to
 * the base and the rest is looked at as usual.
 */
#include "internal.h"

/* A file that is shorter than a header may still say with its first bytes that it is another. */
static bool has_magic(const struct check *check)
{
	uint8_t found[4];

	return view_read(&check->file, 0, found, sizeof(found)) &&
	       memcmp(found, ELFMAG, sizeof(found)) == 0;
}

/* System V ABI, "ELF header". */
static bool load_header(struct check *check)
{
	const uint8_t *ident = check->ehdr.e_ident;
	struct problem *problem = &check->ident;

	if (!has_magic(check))
		problem_set(problem, 0, text("7f 45 4c 46"),
		            text("something else, %llu bytes",
		                 (unsigned long long)check->file.size),
		            "this is not an ELF file");
	else if (!view_read(&check->file, 0, &check->ehdr, sizeof(check->ehdr)))
		problem_set(problem, 0, text("at least %zu bytes", sizeof(check->ehdr)),
		            num(check->file.size), "the file is shorter than an ELF header");
	else if (ident[EI_CLASS] != ELFCLASS64)
		problem_set(problem, EI_CLASS, num(ELFCLASS64), num(ident[EI_CLASS]),
		            "not of the 64-bit class");
	else if (ident[EI_DATA] != ELFDATA2LSB)
		problem_set(problem, EI_DATA, num(ELFDATA2LSB), num(ident[EI_DATA]),
		            "not little-endian");
	else if (ident[EI_VERSION] != EV_CURRENT || check->ehdr.e_version != EV_CURRENT)
		problem_set(problem, EI_VERSION, num(EV_CURRENT),
		            text("%u and %u", ident[EI_VERSION], check->ehdr.e_version),
		            "unknown version of ELF");
	return !problem->there;
}

static bool load_phdrs(struct check *check)
{
	const Elf64_Ehdr *ehdr = &check->ehdr;
	const uint64_t size = (uint64_t)ehdr->e_phnum * sizeof(Elf64_Phdr);

	if (ehdr->e_phentsize != sizeof(Elf64_Phdr)) {
		problem_set(&check->phdr_table, offsetof(Elf64_Ehdr, e_phentsize),
		            num(sizeof(Elf64_Phdr)), num(ehdr->e_phentsize),
		            "a program header has the wrong size");
		return false;
	}
	if (ehdr->e_phnum == 0 || ehdr->e_phnum == PN_XNUM) {
		problem_set(&check->phdr_table, offsetof(Elf64_Ehdr, e_phnum), text("a few"),
		            num(ehdr->e_phnum), "no usable number of program headers");
		return false;
	}
	if (!view_has(&check->file, ehdr->e_phoff, size)) {
		problem_set(&check->phdr_table, offsetof(Elf64_Ehdr, e_phoff),
		            text("%llu bytes inside the file", (unsigned long long)size),
		            hex(ehdr->e_phoff), "the program headers lie outside the file");
		return false;
	}
	check->phdrs = model_alloc(check, ehdr->e_phnum, sizeof(Elf64_Phdr));
	if (!check->phdrs)
		return false;
	check->phdr_count = ehdr->e_phnum;
	return view_read(&check->file, ehdr->e_phoff, check->phdrs, size);
}

static void load_segment(struct check *check)
{
	for (uint64_t i = 0; i < check->phdr_count && !check->load; i++) {
		if (check->phdrs[i].p_type == PT_LOAD)
			check->load = &check->phdrs[i];
	}
	if (!check->load)
		return;
	check->segment = view_part(&check->file, check->load->p_offset, check->load->p_filesz);
	if (check->segment.size)
		check->parts |= PART_LOAD;
}

/* System V ABI, "Dynamic section": entries up to DT_NULL. */
static void load_dynamic(struct check *check)
{
	const Elf64_Phdr *dynamic = NULL;
	uint64_t count;
	bool ended = false;

	for (uint64_t i = 0; i < check->phdr_count && !dynamic; i++) {
		if (check->phdrs[i].p_type == PT_DYNAMIC)
			dynamic = &check->phdrs[i];
	}
	if (!dynamic) {
		problem_set(&check->dynamic, VDK_CHECK_NO_OFFSET, text("one"), text("none"),
		            "there is no PT_DYNAMIC segment");
		return;
	}
	if (!segment_offset(check, dynamic->p_vaddr, dynamic->p_filesz, &check->dyn_offset)) {
		problem_set(&check->dynamic, check->ehdr.e_phoff, text("inside PT_LOAD"),
		            text("%#llx, %llu bytes", (unsigned long long)dynamic->p_vaddr,
		                 (unsigned long long)dynamic->p_filesz),
		            "the dynamic section lies outside the segment");
		return;
	}
	count = dynamic->p_filesz / sizeof(Elf64_Dyn);
	count = count < DYN_MAX ? count : DYN_MAX;
	check->dyns = model_alloc(check, count, sizeof(Elf64_Dyn));
	if (!check->dyns)
		return;
	view_read(&check->segment, check->dyn_offset, check->dyns, count * sizeof(Elf64_Dyn));
	while (check->dyn_count < count && !ended) {
		ended = check->dyns[check->dyn_count].d_tag == DT_NULL;
		check->dyn_count += !ended;
	}
	if (!ended)
		problem_set(&check->dynamic, file_offset(check, check->dyn_offset),
		            text("DT_NULL"),
		            text("none in %llu entries", (unsigned long long)count),
		            "the dynamic section does not end");
	else
		check->parts |= PART_DYNAMIC;
}

static void load_pointers(struct check *check)
{
	static const int64_t tags[POINTER_COUNT] = {
		[POINTER_HASH] = DT_HASH,     [POINTER_GNU_HASH] = DT_GNU_HASH,
		[POINTER_STRTAB] = DT_STRTAB, [POINTER_SYMTAB] = DT_SYMTAB,
		[POINTER_VERSYM] = DT_VERSYM, [POINTER_VERDEF] = DT_VERDEF,
	};

	for (int i = 0; i < POINTER_COUNT; i++) {
		struct pointer *pointer = &check->pointers[i];
		const Elf64_Dyn *dyn = dyn_find(check, tags[i]);

		if (!dyn)
			continue;
		pointer->there = true;
		pointer->value = dyn->d_un.d_ptr;
		pointer->tag_offset = dyn_file_offset(check, dyn);
		pointer->inside = segment_offset(check, dyn->d_un.d_ptr, 1, &pointer->offset);
	}
}

static void load_strings(struct check *check)
{
	const struct pointer *pointer = &check->pointers[POINTER_STRTAB];
	const Elf64_Dyn *size = dyn_find(check, DT_STRSZ);
	struct view *strings = &check->strings;

	if (!pointer->there || !size) {
		problem_set(&check->strings_problem, file_offset(check, check->dyn_offset),
		            text("DT_STRTAB and DT_STRSZ"),
		            text("%s", pointer->there ? "no DT_STRSZ" : "no DT_STRTAB"),
		            "there is no string table");
		return;
	}
	if (!pointer->inside)
		return; /* rule dyn.pointer */
	if (!view_has(&check->segment, pointer->offset, size->d_un.d_val)) {
		problem_set(&check->strings_problem, dyn_file_offset(check, size),
		            text("at most %llu",
		                 (unsigned long long)(check->segment.size - pointer->offset)),
		            num(size->d_un.d_val), "the string table leaves the segment");
		return;
	}
	*strings = view_part(&check->segment, pointer->offset, size->d_un.d_val);
	if (!strings->size || strings->bytes[0] || strings->bytes[strings->size - 1])
		problem_set(&check->strings_problem, file_offset(check, pointer->offset),
		            text("NUL at both ends"), text("other bytes"),
		            "the string table is not enclosed in NUL bytes");
	check->parts |= PART_STRINGS;
}

void model_load(struct check *check)
{
	if (!load_header(check) || !load_phdrs(check))
		return;
	check->parts |= PART_ELF;
	load_segment(check);
	model_load_sections(check);
	if (!(check->parts & PART_LOAD))
		return;
	model_load_notes(check);
	load_dynamic(check);
	if (!(check->parts & PART_DYNAMIC))
		return;
	load_pointers(check);
	load_strings(check);
	if (check->parts & PART_STRINGS) {
		model_load_symbols(check);
		model_load_versions(check);
	}
	return;
}
