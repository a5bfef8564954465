/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The broken images. Each fixture is the good image with one thing changed; the table at the end
 * says what, for which rule, and which other rules see it too and why that must be so.
 */
#include "mutants.h"

#include "base/elf-newer.h"

/* A dynamic tag that means nothing here: DT_BIND_NOW. */
#define HARMLESS DT_BIND_NOW

static void both(struct image *image, void (*change)(Elf64_Sym *symbol))
{
	change(symbol(image, "room"));
	change(symbol(image, "__vdso_room"));
}

/* ---- The ELF header ---- */

static void ident(struct image *i) { ehdr(i)->e_ident[EI_CLASS] = ELFCLASS32; }
static void no_elf(struct image *i) { memcpy(i->bytes, "#!/bin/sh", 9); }
static void empty(struct image *i) { i->size = 0; }
static void osabi(struct image *i) { ehdr(i)->e_ident[EI_OSABI] = ELFOSABI_FREEBSD; }
static void machine(struct image *i) { ehdr(i)->e_machine = EM_AARCH64; }
static void type(struct image *i) { ehdr(i)->e_type = ET_EXEC; }
static void header(struct image *i) { ehdr(i)->e_flags = 1; }
static void no_phdrs(struct image *i) { ehdr(i)->e_phnum = 0; }
static void far_phdrs(struct image *i) { ehdr(i)->e_phoff = UINT64_MAX - 8; }

/* ---- Segments ---- */

static void not_whole(struct image *i)
{
	phdr(i, PT_LOAD)->p_filesz = phdr(i, PT_LOAD)->p_memsz = i->size + 4096;
}

static void two_loads(struct image *i) { phdr(i, PT_GNU_STACK)->p_type = PT_LOAD; }
static void base(struct image *i) { phdr(i, PT_LOAD)->p_vaddr = 0x10000000; }

/* The whole image once more, one page further on, and everything leads there. */
static void shifted(struct image *i)
{
	Elf64_Phdr *phdrs = (Elf64_Phdr *)(i->bytes + ehdr(i)->e_phoff);
	Elf64_Shdr *shdrs = (Elf64_Shdr *)(i->bytes + ehdr(i)->e_shoff);

	for (int n = 0; n < ehdr(i)->e_phnum; n++)
		phdrs[n].p_offset += phdrs[n].p_type == PT_GNU_STACK ? 0 : 4096;
	for (int n = 1; n < ehdr(i)->e_shnum; n++)
		shdrs[n].sh_offset += 4096;
	memmove(i->bytes + 4096, i->bytes, i->size);
	i->size += 4096;
	memcpy(i->bytes, i->bytes + 4096, 4096);
	ehdr(i)->e_shoff += 4096;
}

static void memsz(struct image *i) { phdr(i, PT_LOAD)->p_memsz += 4096; }
static void writable(struct image *i) { phdr(i, PT_LOAD)->p_flags |= PF_W; }
static void alignment(struct image *i) { phdr(i, PT_LOAD)->p_align = 2 << 20; }
static void elsewhere(struct image *i) { phdr(i, PT_NOTE)->p_offset += 4; }
static void relro(struct image *i) { phdr(i, PT_GNU_STACK)->p_type = PT_GNU_RELRO; }
static void exec_stack(struct image *i) { phdr(i, PT_GNU_STACK)->p_flags |= PF_X; }
static void tls(struct image *i) { phdr(i, PT_GNU_STACK)->p_type = PT_TLS; }
static void interp(struct image *i) { phdr(i, PT_GNU_STACK)->p_type = PT_INTERP; }

/* ---- The dynamic section ---- */

static void no_dynamic(struct image *i) { phdr(i, PT_DYNAMIC)->p_type = PT_NULL; }

static void endless_dynamic(struct image *i)
{
	phdr(i, PT_DYNAMIC)->p_filesz =
	        (uint64_t)(dyn(i, DT_NULL) - dyns(i)) * sizeof(Elf64_Dyn);
}

static void relocated(struct image *i) { dyn(i, DT_HASH)->d_un.d_ptr += 0x7fff00000000; }
static void twice(struct image *i) { dyn_add(i, DT_SYMENT, sizeof(Elf64_Sym)); }
static void strings(struct image *i) { *(char *)table(i, DT_STRTAB) = 'x'; }

static void soname(struct image *i)
{
	dyn(i, DT_SONAME)->d_un.d_val = symbol(i, "__vdso_room")->st_name;
}

static void needed(struct image *i) { dyn_add(i, DT_NEEDED, 1); }
static void runpath(struct image *i) { dyn_add(i, DT_RUNPATH, 1); }
static void rpath(struct image *i) { dyn_add(i, DT_RPATH, 1); }
static void init(struct image *i) { dyn_add(i, DT_INIT, symbol(i, "room")->st_value); }

static void not_symbolic(struct image *i)
{
	dyn(i, DT_FLAGS)->d_un.d_val &= ~(uint64_t)DF_SYMBOLIC;
	dyn(i, DT_SYMBOLIC)->d_tag = HARMLESS;
}

static void syment(struct image *i) { dyn(i, DT_SYMENT)->d_un.d_val = 16; }

/* ---- Relocations ---- */

static void rela(struct image *i) { dyn_add(i, DT_RELA, 0x100); }
static void rel(struct image *i) { dyn_add(i, DT_REL, 0x100); }
static void relr(struct image *i) { dyn_add(i, DT_RELR, 0x100); }
static void jmprel(struct image *i) { dyn_add(i, DT_JMPREL, 0x100); }
static void pltgot(struct image *i) { dyn_add(i, DT_PLTGOT, 0x100); }
static void textrel(struct image *i) { dyn_add(i, DT_TEXTREL, 0); }
static void textrel_flag(struct image *i) { dyn(i, DT_FLAGS)->d_un.d_val |= DF_TEXTREL; }
static void reloc_section(struct image *i) { section(i, ".vdk.end")->sh_type = SHT_RELR; }

/* ---- Hash tables ---- */

static void no_sysv(struct image *i) { dyn(i, DT_HASH)->d_tag = HARMLESS; }

/* Every chain comes back to symbol 1. */
static void sysv_loop(struct image *i)
{
	uint32_t *hash = table(i, DT_HASH);

	for (uint32_t n = 0; n < hash[1]; n++)
		hash[2 + hash[0] + n] = 1;
}

static void sysv_huge(struct image *i) { ((uint32_t *)table(i, DT_HASH))[0] = 0xffffffff; }
static void sysv_short(struct image *i) { ((uint32_t *)table(i, DT_HASH))[1] -= 1; }
static void no_gnu(struct image *i) { dyn(i, DT_GNU_HASH)->d_tag = HARMLESS; }

static void gnu_endless(struct image *i)
{
	const uint32_t count = ((uint32_t *)table(i, DT_HASH))[1];
	uint32_t *hash = table(i, DT_GNU_HASH);

	hash[4 + hash[2] * 2 + hash[0] + count - hash[1] - 1] &= ~1u;
}

static void gnu_no_bloom(struct image *i) { ((uint32_t *)table(i, DT_GNU_HASH))[2] = 0; }

/* A filter that lets nothing through: the symbols are there, and no loader finds one. */
static void gnu_blind(struct image *i)
{
	uint32_t *hash = table(i, DT_GNU_HASH);

	memset(hash + 4, 0, hash[2] * 8);
}

static void gnu_no_buckets(struct image *i) { ((uint32_t *)table(i, DT_GNU_HASH))[0] = 0; }
static void sysv_no_buckets(struct image *i) { ((uint32_t *)table(i, DT_HASH))[0] = 0; }

/* Nobody is hashed: the first one that is lies behind the last symbol. */
static void gnu_nobody(struct image *i)
{
	uint32_t *hash = table(i, DT_GNU_HASH);

	hash[1] = ((uint32_t *)table(i, DT_HASH))[1];
	memset(hash + 4 + hash[2] * 2, 0, hash[0] * 4);
}

/* Neither sections nor DT_HASH tell how many symbols there are, and DT_GNU_HASH does so wrongly. */
static void uncountable(struct image *i)
{
	ehdr(i)->e_shstrndx = SHN_UNDEF;
	gnu_nobody(i);
	dyn(i, DT_HASH)->d_tag = HARMLESS;
}

static void uncountable_far(struct image *i)
{
	uint32_t *hash = table(i, DT_GNU_HASH);

	ehdr(i)->e_shstrndx = SHN_UNDEF;
	hash[4 + hash[2] * 2] = 0x7fffffff;
	dyn(i, DT_HASH)->d_tag = HARMLESS;
}

static void sysv_blind(struct image *i)
{
	uint32_t *hash = table(i, DT_HASH);

	memset(hash + 2, 0, hash[0] * 4);
}

/* ---- Versions ---- */

static Elf64_Verdef *verdef(struct image *i, int index)
{
	Elf64_Verdef *found = table(i, DT_VERDEF);

	return index ? (void *)((char *)found + found->vd_next) : found;
}

static void no_verdef(struct image *i) { dyn(i, DT_VERDEF)->d_tag = HARMLESS; }
static void verdef_number(struct image *i) { dyn(i, DT_VERDEFNUM)->d_un.d_val = 3; }
static void verdef_far(struct image *i) { verdef(i, 0)->vd_next = 0x7ffffff0; }

static void versym_far(struct image *i)
{
	dyn(i, DT_VERSYM)->d_un.d_ptr = phdr(i, PT_LOAD)->p_filesz - 4;
}

static void verdef_base(struct image *i) { verdef(i, 0)->vd_flags = 0; }
static void verdef_hash(struct image *i) { verdef(i, 1)->vd_hash ^= 1; }

static void verdef_node(struct image *i)
{
	Elf64_Verdaux *aux = (void *)((char *)verdef(i, 1) + verdef(i, 1)->vd_aux);
	char *name = (char *)table(i, DT_STRTAB) + aux->vda_name;

	must(strcmp(name, "LINUX_2.6") == 0);
	memcpy(name, "LINUX_2.7", 9);
	verdef(i, 1)->vd_hash += 1; /* the hash ends with the last letter */
}

static void verneed(struct image *i) { dyn_add(i, DT_VERNEED, 0x100); }

static void no_version(struct image *i)
{
	*versym(i, "room") = *versym(i, "__vdso_room") = VER_NDX_GLOBAL;
}

static void hidden_version(struct image *i)
{
	*versym(i, "room") |= 0x8000;
	*versym(i, "__vdso_room") |= 0x8000;
}

/* ---- Symbols ---- */

static void null_symbol(struct image *i) { ((Elf64_Sym *)table(i, DT_SYMTAB))->st_value = 1; }
static void undefine(Elf64_Sym *symbol) { symbol->st_shndx = SHN_UNDEF; }
static void undefined(struct image *i) { both(i, undefine); }
static void retype(Elf64_Sym *s) { s->st_info = s->st_info - STT_FUNC + STT_OBJECT; }
static void object(struct image *i) { both(i, retype); }
static void hide(Elf64_Sym *symbol) { symbol->st_other = STV_HIDDEN; }
static void hidden(struct image *i) { both(i, hide); }
static void shrink(Elf64_Sym *symbol) { symbol->st_size = 0; }
static void no_size(struct image *i) { both(i, shrink); }
static void move(Elf64_Sym *symbol) { symbol->st_value = 0x40; }
static void in_header(struct image *i) { both(i, move); }
static void make_absolute(Elf64_Sym *symbol) { symbol->st_shndx = SHN_ABS; }
static void absolute(struct image *i) { both(i, make_absolute); }

static void same_name(struct image *i)
{
	symbol(i, "__vdso_good_number")->st_name = symbol(i, "__vdso_room")->st_name;
	symbol(i, "good_number")->st_name = symbol(i, "room")->st_name;
}

static void two_strong(struct image *i)
{
	symbol(i, "room")->st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
}

static void other_size(struct image *i) { symbol(i, "room")->st_size -= 16; }

static void no_time(struct image *i)
{
	symbol(i, "time")->st_info = ELF64_ST_INFO(STB_LOCAL, STT_FUNC);
	symbol(i, "__vdso_time")->st_info = ELF64_ST_INFO(STB_LOCAL, STT_FUNC);
}

static void own_getrandom(struct image *i) { image_note(i)->overrides |= 1 << VDK_CHAIN_getrandom; }

/* ---- Notes ---- */

static Elf64_Nhdr *build_id(struct image *i) { return note(i, NT_GNU_BUILD_ID, "GNU"); }
static void note_cut(struct image *i) { build_id(i)->n_descsz = 0x7fffffff; }
static void no_build_id(struct image *i) { build_id(i)->n_type = 99; }
static void empty_build_id(struct image *i) { memset((char *)(build_id(i) + 1) + 4, 0, 20); }

/* A property note in place of the build-id, without a segment of its own, that claims IBT. */
static void property(struct image *i)
{
	static const uint32_t ibt[] = { 0xc0000002, 4, 1, 0, 0 };

	memcpy((char *)(build_id(i) + 1) + 4, ibt, sizeof(ibt));
	build_id(i)->n_type = NT_GNU_PROPERTY_TYPE_0;
}

static void note_version(struct image *i) { image_note(i)->version = 99; }
static void note_gone(struct image *i) { note(i, VDK_NOTE_IMAGE, "vdk")->n_type = 99; }
static void note_name(struct image *i) { memset(image_note(i)->name, 'x', 32); }
static void process_size(struct image *i) { image_note(i)->process_size += 8; }
static void overrides(struct image *i) { image_note(i)->overrides |= 1u << 31; }
static void fallback(struct image *i) { image_note(i)->fallback[2] = 0; }
static void finish(struct image *i) { image_note(i)->finish = 0x7fffffff; }
static void wrong_layout(struct image *i) { image_note(i)->layout_id ^= 1; }
static void table_cut(struct image *i) { image_note(i)->table_size -= 1; }

static void record_place(struct image *i)
{
	record(i, 1)->offset = record(i, 0)->offset;
	layout_id(i);
}

static void list_long(struct image *i)
{
	image_note(i)->version = VDK_IMAGE_VERSION_LISTS;
	record(i, 1)->list = 0xffffffff;
	layout_id(i);
}

static void list_unannounced(struct image *i)
{
	record(i, 1)->list = 1;
	layout_id(i);
}

static void record_fields(struct image *i)
{
	record(i, 0)->field_count = 0xffffffff;
	layout_id(i);
}

static void field_kind(struct image *i)
{
	((struct vdk_table_field *)record(i, 2))->kind = 77;
	layout_id(i);
}

/* ---- Sections and padding ---- */

static void no_sections(struct image *i) { ehdr(i)->e_shstrndx = SHN_UNDEF; }

static void sections_behind(struct image *i)
{
	const size_t size = ehdr(i)->e_shnum * sizeof(Elf64_Shdr);

	memcpy(i->bytes + i->size, i->bytes + ehdr(i)->e_shoff, size);
	memset(i->bytes + ehdr(i)->e_shoff, 0, size);
	ehdr(i)->e_shoff = i->size;
	i->size += 4096;
}

static void section_place(struct image *i) { section(i, ".vdk.end")->sh_addr += 16; }
static void data(struct image *i) { section(i, ".vdk.end")->sh_flags |= SHF_WRITE; }
static void bss(struct image *i) { section(i, ".vdk.end")->sh_type = SHT_NOBITS; }
static void fixups(struct image *i) { section_rename(i, ".gnu.version_d", "__ex_table"); }
static void debug(struct image *i) { section_rename(i, ".gnu.version_d", ".debug_info"); }
static void odd_size(struct image *i) { i->size += 100; }

static void tail(struct image *i)
{
	must(i->bytes[i->size - 1] == 0);
	i->bytes[i->size - 1] = 1;
}

static void leak(struct image *i)
{
	memcpy(i->bytes + section(i, ".vdk.end")->sh_offset, "/home/x", 8);
}

/* ---- Code and unwinding ---- */

static void recursion(struct image *i)
{
	uint8_t *code = room(i);
	const int32_t back =
	        (int32_t)(i->bytes + symbol(i, "__vdso_room")->st_value - (code + 5));

	code[0] = 0xe8;
	memcpy(code + 1, &back, 4);
}

static void no_eh(struct image *i) { phdr(i, PT_GNU_EH_FRAME)->p_type = PT_NULL; }

static void eh_unsorted(struct image *i)
{
	uint64_t *entries = (uint64_t *)(i->bytes + phdr(i, PT_GNU_EH_FRAME)->p_offset + 12);
	uint64_t first;

	memcpy(&first, entries, 8);
	memmove(entries, (char *)entries + 8, 8);
	memcpy((char *)entries + 8, &first, 8);
}

/* The instructions of an entry: behind pc_range and the size of the augmentation, which is 0. */
static void cfa(struct image *i, const char *program, size_t size)
{
	uint32_t *entry = fde(i, "__vdso_large_mix");

	must(entry[0] + 4 >= 17 + size);
	memset((char *)entry + 17, 0, entry[0] + 4 - 17);
	memcpy((char *)entry + 17, program, size);
}

/* An expression: rsp + 16. */
static void cfa_expression(struct image *i) { cfa(i, "\x0f\x02\x77\x10", 4); }

/* A constant, which cannot be compared; and 4 bytes further on rsp + 16. */
static void cfa_constant(struct image *i) { cfa(i, "\x0f\x01\x38\x44\x0c\x07\x10", 7); }

static void eh_short(struct image *i) { fde(i, "__vdso_room")[3] -= 8; }

#define PATCH(function) .patch = function
#define CODE(bytes) .code = bytes, .code_size = sizeof(bytes) - 1

const struct mutant mutants[] = {
	{ "elf.ident", "", PATCH(ident) },
	{ "elf.ident", "", PATCH(no_elf) },
	{ "elf.ident", "", PATCH(empty) },
	{ "elf.osabi", "", PATCH(osabi) },
	{ "elf.machine", "", PATCH(machine) },
	{ "elf.type", "", PATCH(type) },
	{ "elf.header", "", PATCH(header) },
	{ "elf.phdr", "", PATCH(no_phdrs) },
	{ "elf.phdr", "", PATCH(far_phdrs) },

	{ "load.whole", "", PATCH(not_whole) },
	/* the stack segment is used up for these four */
	{ "load.single", "phdr.stack", PATCH(two_loads) },
	{ "phdr.known", "phdr.stack", PATCH(relro) },
	{ "tls", "phdr.stack", PATCH(tls) },
	{ "interp", "phdr.stack", PATCH(interp) },
	{ "load.base", "", PATCH(base) },
	{ "load.offset", "", PATCH(shifted) },
	{ "load.memsz", "", PATCH(memsz) },
	{ "load.flags", "", PATCH(writable) },
	{ "load.align", "", PATCH(alignment) },
	{ "phdr.inside", "", PATCH(elsewhere) },
	{ "phdr.stack", "", PATCH(exec_stack) },

	{ "dyn.present", "", PATCH(no_dynamic) },
	{ "dyn.present", "", PATCH(endless_dynamic) },
	{ "dyn.pointer", "", PATCH(relocated) },
	{ "dyn.once", "", PATCH(twice) },
	{ "dyn.strings", "", PATCH(strings) },
	/* the base version carries the same name */
	{ "dyn.soname", "verdef.base", PATCH(soname) },
	{ "dyn.needed", "", PATCH(needed) },
	{ "dyn.runpath", "", PATCH(runpath) },
	{ "dyn.runpath", "", PATCH(rpath) },
	{ "dyn.init", "", PATCH(init) },
	{ "dyn.symbolic", "", PATCH(not_symbolic) },
	{ "dyn.syment", "", PATCH(syment) },

	{ "reloc.rela", "", PATCH(rela) },
	{ "reloc.rel", "", PATCH(rel) },
	{ "reloc.relr", "", PATCH(relr) },
	{ "reloc.jmprel", "", PATCH(jmprel) },
	{ "reloc.jmprel", "", PATCH(pltgot) },
	{ "reloc.textrel", "", PATCH(textrel) },
	{ "reloc.textrel", "", PATCH(textrel_flag) },
	{ "reloc.section", "", PATCH(reloc_section) },

	{ "hash.sysv", "", PATCH(no_sysv) },
	{ "hash.sysv", "", PATCH(sysv_loop) },
	{ "hash.sysv", "", PATCH(sysv_huge) },
	{ "hash.sysv", "", PATCH(sysv_short) },
	{ "hash.gnu", "", PATCH(no_gnu) },
	{ "hash.gnu", "", PATCH(gnu_endless) },
	{ "hash.gnu", "", PATCH(gnu_no_bloom) },
	{ "hash.agree", "", PATCH(gnu_blind) },
	{ "hash.agree", "", PATCH(sysv_blind) },
	{ "hash.agree", "", PATCH(gnu_nobody) },
	{ "hash.gnu", "", PATCH(gnu_no_buckets) },
	{ "hash.sysv", "", PATCH(sysv_no_buckets) },
	/* all that is said of symbols hangs on their number */
	{ "sym.table", "section.present", PATCH(uncountable) },
	{ "sym.table", "section.present", PATCH(uncountable_far) },

	{ "verdef.present", "", PATCH(no_verdef) },
	{ "verdef.chain", "", PATCH(verdef_number) },
	/* of a cut chain only the base is left, and no symbol's version is defined */
	{ "verdef.chain", "verdef.node sym.version", PATCH(verdef_far) },
	{ "verdef.chain", "", PATCH(versym_far) },
	{ "verdef.base", "", PATCH(verdef_base) },
	{ "verdef.hash", "", PATCH(verdef_hash) },
	/* all functions have this version */
	{ "verdef.node", "sym.standard", PATCH(verdef_node) },
	{ "verneed", "", PATCH(verneed) },
	{ "sym.version", "", PATCH(no_version) },
	{ "sym.version", "", PATCH(hidden_version) },

	{ "sym.table", "", PATCH(null_symbol) },
	{ "sym.undefined", "", PATCH(undefined) },
	{ "sym.type", "", PATCH(object) },
	{ "sym.visibility", "", PATCH(hidden) },
	{ "sym.size", "", PATCH(no_size) },
	{ "sym.range", "", PATCH(in_header) },
	{ "sym.range", "", PATCH(absolute) },
	/* the hash tables know the old name, and the two halves found are of two functions */
	{ "sym.duplicate", "hash.agree sym.pair", PATCH(same_name) },
	{ "sym.pair", "", PATCH(two_strong) },
	{ "sym.pair", "", PATCH(other_size) },
	{ "sym.standard", "", PATCH(no_time) },
	{ "sym.getrandom", "", PATCH(own_getrandom) },

	/* what follows the note that cannot be read is the build-id itself */
	{ "note.bounds", "note.buildid", PATCH(note_cut) },
	{ "note.buildid", "", PATCH(no_build_id) },
	{ "note.buildid", "", PATCH(empty_build_id) },
	/* it was put in the build-id's place */
	{ "note.property", "note.buildid", PATCH(property) },
	{ "note.vdk", "", PATCH(note_version) },
	{ "note.vdk", "", PATCH(note_name) },
	/* without the note nobody knows that there is a page before the image */
	{ "note.vdk", "insn.reach insn.indirect", PATCH(note_gone) },
	/* the slots that the code jumps through are somewhere else now */
	{ "note.pages", "insn.indirect", PATCH(process_size) },
	{ "note.overrides", "", PATCH(overrides) },
	{ "note.entry", "", PATCH(fallback) },
	{ "note.entry", "", PATCH(finish) },
	{ "note.layout", "", PATCH(wrong_layout) },
	{ "note.layout", "", PATCH(table_cut) },
	{ "note.record", "", PATCH(record_place) },
	{ "note.record", "", PATCH(record_fields) },
	{ "note.record", "", PATCH(list_long) },
	{ "note.record", "", PATCH(list_unannounced) },
	{ "note.record", "", PATCH(field_kind) },

	{ "section.present", "", PATCH(no_sections) },
	{ "section.mapped", "", PATCH(sections_behind) },
	{ "section.inside", "", PATCH(section_place) },
	{ "writable.data", "", PATCH(data) },
	{ "writable.data", "", PATCH(bss) },
	{ "section.kernel", "", PATCH(fixups) },
	{ "section.debug", "", PATCH(debug) },
	{ "pad.size", "", PATCH(odd_size) },
	{ "pad.zero", "", PATCH(tail) },
	{ "pad.leak", "", PATCH(leak) },

	{ "insn.decode", "", CODE("\x06") },                             /* push %es */
	{ "insn.privileged", "", CODE("\x0f\x30") },                     /* wrmsr */
	{ "insn.privileged", "", CODE("\xec") },                         /* in (%dx), %al */
	{ "insn.segment", "", CODE("\x64\x48\x8b\x04\x25\x28\0\0\0") },  /* mov %fs:40, %rax */
	{ "insn.segment", "", CODE("\x65\x48\x8b\x00") },                /* mov %gs:(%rax), %rax */
	{ "insn.segment", "", CODE("\xf3\x48\x0f\xae\xd0") },            /* wrfsbase %rax */
	{ "insn.segment", "", CODE("\x8c\xd8") },                         /* mov %ds, %eax */
	{ "insn.trap", "", CODE("\xcd\x80") },                           /* int $0x80 */
	{ "insn.state", "", CODE("\x0f\xae\x54\x24\xfc") },              /* ldmxcsr -4(%rsp) */
	{ "insn.vector", "", CODE("\xd9\xe8") },                         /* fld1 */
	{ "insn.vector", "", CODE("\x0f\x77") },                         /* emms */
	{ "insn.vector", "", CODE("\xc5\xfe\x6f\x07") },                 /* vmovdqu (%rdi), %ymm0 */
	{ "insn.vector", "", CODE("\xc5\xf9\xef\xc0") },                 /* vpxor %xmm0, ... */
	{ "insn.xmm15", "", CODE("\x44\x0f\x28\xf8") },                  /* movaps %xmm0, %xmm15 */
	{ "insn.baseline", "", CODE("\xf3\x48\x0f\xb8\xc0") },           /* popcnt %rax, %rax */
	{ "insn.write", "", CODE("\x89\x05\0\0\0\0") },                  /* mov %eax, 0(%rip) */
	{ "insn.write", "", CODE("\xf0\xff\x05\0\0\0\0") },              /* lock incl 0(%rip) */
	{ "insn.write", "", CODE("\x48\x87\x05\0\0\0\0") },              /* xchg %rax, 0(%rip) */
	{ "insn.write", "", CODE("\x0f\x29\x05\0\0\0\0") },              /* movaps %xmm0, 0(%rip) */
	{ "insn.reach", "", CODE("\x8b\x05\0\0\x10\0") },                /* mov 1M(%rip), %eax */
	{ "insn.reach", "", CODE("\x8b\x04\x25\0\x10\0\0") },            /* mov 0x1000, %eax */
	{ "insn.probe", "", CODE("\x48\x83\x0c\x24\0") },                /* orq $0, (%rsp) */
	{ "insn.branch", "", CODE("\xe9\0\0\x10\0") },                   /* jmp out of the image */
	{ "insn.branch", "", CODE("\xeb\x01\x48\xb8") },                 /* jmp into an instruction */
	{ "insn.indirect", "", CODE("\xff\xe0") },                       /* jmp *%rax */
	{ "insn.indirect", "", CODE("\xff\x24\xc7") },                   /* jmp *(%rdi,%rax,8) */
	{ "insn.indirect", "", CODE("\x48\x8b\x44\x24\x08\xff\xe0") }, /* jmp to an argument */
	{ "insn.indirect", "", CODE("\xff\x15\0\0\0\0") },               /* call *0(%rip) */
	{ "abi.saved", "", CODE("\x31\xdb") },                           /* xor %ebx, %ebx */
	{ "abi.saved", "", CODE("\x49\x89\xc4") },                       /* mov %rax, %r12 */
	{ "abi.saved", "", CODE("\xfd") },                               /* std */
	{ "abi.saved", "", CODE("\x74\x01\xfd") },                       /* je over it; std */
	{ "abi.saved", "", CODE("\x48\x89\xe5") },                       /* mov %rsp, %rbp */
	{ "abi.saved", "", CODE("\x48\x8d\x6c\x24\x08") },               /* lea 8(%rsp), %rbp */
	/* the unwind information knows nothing of what is left */
	{ "stack.known", "eh.depth", CODE("\x50") },                     /* push %rax */
	{ "stack.known", "", CODE("\x48\x29\xc4") },                     /* sub %rax, %rsp */
	/* add $0x7000000, %rsp: further than any stack */
	{ "stack.known", "", CODE("\x48\x81\xc4\0\0\0\x07") },
	{ "stack.known", "", CODE("\x48\x89\xec") },                     /* mov %rbp, %rsp */
	{ "stack.known", "", PATCH(recursion) },
	{ "stack.bound", "", CODE("\x8b\x84\x24\0\xf0\xff\xff") },       /* mov -4096(%rsp), %eax */

	{ "eh.present", "", PATCH(no_eh) },
	{ "eh.present", "", PATCH(eh_unsorted) },
	{ "eh.covers", "", PATCH(eh_short) },
	{ "eh.depth", "", CODE("\x50\x58") },                            /* push %rax; pop %rax */
	{ "eh.depth", "", PATCH(cfa_expression) },
	{ "eh.depth", "", PATCH(cfa_constant) },
	/* lea -8(%rsp), %rsp; lea 8(%rsp), %rsp */
	{ "eh.depth", "", CODE("\x48\x8d\x64\x24\xf8\x48\x8d\x64\x24\x08") },
	{ NULL },
};

struct image image_load(const char *path)
{
	struct image image = { calloc(1, IMAGE_ROOM), 0 };
	FILE *file = fopen(path, "rb");

	must(file && image.bytes);
	image.size = fread(image.bytes, 1, IMAGE_ROOM, file);
	fclose(file);
	return image;
}

struct image mutant_make(const struct image *good, const struct mutant *mutant)
{
	struct image image = { calloc(1, IMAGE_ROOM), good->size };

	must(image.bytes && good->size < IMAGE_ROOM / 2);
	memcpy(image.bytes, good->bytes, good->size);
	if (mutant->patch)
		mutant->patch(&image);
	else
		memcpy(room(&image), mutant->code, mutant->code_size);
	return image;
}
