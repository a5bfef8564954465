/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Loading, second part: symbols and versions.
 *
 * ELF does not say how many dynamic symbols there are. Consumers without section headers take
 * DT_HASH's chain count (musl), or walk the chains of DT_GNU_HASH (Go). The section header of
 * .dynsym is the third source, and the one that no look-up depends on; so it is believed first
 * and rules hash.sysv and hash.gnu compare the other two with it.
 */
#include "internal.h"

#include <stdlib.h>

uint32_t hash_sysv(const char *name)
{
	uint32_t hash = 0;

	for (; *name; name++) {
		hash = (hash << 4) + (uint8_t)*name;
		hash ^= (hash >> 24) & 0xf0;
	}
	return hash & 0x0fffffff;
}

uint32_t hash_gnu(const char *name)
{
	uint32_t hash = 5381;

	for (; *name; name++)
		hash = hash * 33 + (uint8_t)*name;
	return hash;
}

static bool count_by_section(const struct check *check, uint64_t *ret)
{
	for (size_t i = 0; i < check->section_count; i++) {
		const Elf64_Shdr *shdr = &check->sections[i].shdr;

		if (shdr->sh_type != SHT_DYNSYM ||
		    shdr->sh_offset != file_offset(check, check->pointers[POINTER_SYMTAB].offset))
			continue;
		*ret = shdr->sh_size / sizeof(Elf64_Sym);
		return true;
	}
	return false;
}

static bool count_by_sysv_hash(const struct check *check, uint64_t *ret)
{
	const struct pointer *hash = &check->pointers[POINTER_HASH];
	uint32_t nchain;

	if (!hash->inside || !view_read(&check->segment, hash->offset + 4, &nchain, 4))
		return false;
	*ret = nchain;
	return true;
}

/* The highest bucket's chain, to its end; every step is bounded by the segment's size. */
static bool count_by_gnu_hash(const struct check *check, uint64_t *ret)
{
	const struct pointer *hash = &check->pointers[POINTER_GNU_HASH];
	uint32_t header[4], bucket, last = 0, word;
	uint64_t buckets;

	if (!hash->inside || !view_read(&check->segment, hash->offset, header, sizeof(header)))
		return false;
	buckets = hash->offset + sizeof(header) + (uint64_t)header[2] * 8;
	for (uint32_t i = 0; i < header[0]; i++) {
		if (!view_read(&check->segment, buckets + (uint64_t)i * 4, &bucket, 4))
			return false;
		last = bucket > last ? bucket : last;
	}
	if (last < header[1])
		return false;
	for (;; last++) {
		if (!view_read(&check->segment,
		               buckets + ((uint64_t)header[0] + last - header[1]) * 4, &word, 4))
			return false;
		if (word & 1)
			break;
	}
	*ret = (uint64_t)last + 1;
	return true;
}

static void read_symbol(struct check *check, uint32_t index, uint64_t offset)
{
	struct symbol *symbol = &check->symbols[index];
	const char *name;

	view_read(&check->segment, offset, &symbol->sym, sizeof(symbol->sym));
	name = view_string(&check->strings, symbol->sym.st_name);
	symbol->name = name ? name : "";
	symbol->name_inside = name != NULL;
	symbol->offset = file_offset(check, offset);
}

void model_load_symbols(struct check *check)
{
	const struct pointer *table = &check->pointers[POINTER_SYMTAB];
	struct problem *problem = &check->symbols_problem;
	uint64_t count, room;

	if (!table->there) {
		problem_set(problem, file_offset(check, check->dyn_offset), text("DT_SYMTAB"),
		            text("none"), "there is no symbol table");
		return;
	}
	if (!table->inside)
		return; /* rule dyn.pointer */
	if (!count_by_section(check, &count) && !count_by_sysv_hash(check, &count) &&
	    !count_by_gnu_hash(check, &count)) {
		problem_set(problem, table->tag_offset, text("a count of symbols"), text("none"),
		            "neither a hash table nor a section tells the number of symbols");
		return;
	}
	room = (check->segment.size - table->offset) / sizeof(Elf64_Sym);
	room = room < SYMBOLS_MAX ? room : SYMBOLS_MAX;
	if (count == 0 || count > room) {
		problem_set(problem, file_offset(check, table->offset),
		            text("1 to %llu", (unsigned long long)room), num(count),
		            "the number of symbols does not fit into the segment");
		return;
	}
	check->symbols = model_alloc(check, count, sizeof(*check->symbols));
	if (!check->symbols)
		return;
	check->symbol_count = (uint32_t)count;
	for (uint32_t i = 0; i < count; i++)
		read_symbol(check, i, table->offset + i * sizeof(Elf64_Sym));
	check->parts |= PART_SYMBOLS;
}

/* One definition and its first name; false: it lies outside. */
static bool read_verdef(struct check *check, uint64_t offset, struct verdef *ret)
{
	Elf64_Verdaux aux;
	const char *name;

	if (!view_read(&check->segment, offset, &ret->def, sizeof(ret->def)) ||
	    !view_read(&check->segment, offset + ret->def.vd_aux, &aux, sizeof(aux)))
		return false;
	name = view_string(&check->strings, aux.vda_name);
	if (!name)
		return false;
	ret->name = name;
	ret->offset = file_offset(check, offset);
	return true;
}

/*
 * The chain: vd_next counts bytes and is unsigned, so each step goes forward and the walk ends at
 * the latest with the segment; DT_VERDEFNUM ends it before.
 */
static void load_verdefs(struct check *check, uint64_t count)
{
	struct problem *problem = &check->verdefs_problem;
	uint64_t offset = check->pointers[POINTER_VERDEF].offset;

	for (uint64_t i = 0; i < count; i++) {
		struct verdef *verdef = &check->verdefs[i];

		if (!read_verdef(check, offset, verdef)) {
			problem_set(problem, file_offset(check, offset),
			            text("a definition inside the segment"), hex(offset),
			            "version definition %llu or its name lies outside",
			            (unsigned long long)i);
			return;
		}
		check->verdef_count++;
		if (verdef->def.vd_version != VER_DEF_CURRENT || verdef->def.vd_cnt == 0)
			problem_set(problem, verdef->offset, text("version 1, a name"),
			            text("version %u, %u names", verdef->def.vd_version,
			                 verdef->def.vd_cnt),
			            "version definition %llu is of an unknown form",
			            (unsigned long long)i);
		if ((verdef->def.vd_next == 0) != (i + 1 == count)) {
			problem_set(problem, verdef->offset,
			            text("%llu definitions", (unsigned long long)count),
			            text("%llu%s", (unsigned long long)i + 1,
			                 verdef->def.vd_next ? " and more" : ""),
			            "the chain of version definitions and DT_VERDEFNUM disagree");
			return;
		}
		offset += verdef->def.vd_next;
	}
}

void model_load_versions(struct check *check)
{
	const struct pointer *verdef = &check->pointers[POINTER_VERDEF];
	const struct pointer *versym = &check->pointers[POINTER_VERSYM];
	const Elf64_Dyn *number = dyn_find(check, DT_VERDEFNUM);
	uint64_t room;

	if (!verdef->inside || !versym->inside || !number)
		return; /* rules verdef.present and dyn.pointer */
	room = (check->segment.size - verdef->offset) / sizeof(Elf64_Verdef);
	room = room < VERDEFS_MAX ? room : VERDEFS_MAX;
	if (number->d_un.d_val == 0 || number->d_un.d_val > room) {
		problem_set(&check->verdefs_problem, dyn_file_offset(check, number),
		            text("1 to %llu", (unsigned long long)room), num(number->d_un.d_val),
		            "the number of version definitions does not fit into the segment");
		return;
	}
	if (!view_has(&check->segment, versym->offset, (uint64_t)check->symbol_count * 2)) {
		problem_set(&check->verdefs_problem, versym->tag_offset,
		            text("%u bytes inside the segment", check->symbol_count * 2),
		            hex(versym->value), "the table of symbol versions leaves the segment");
		return;
	}
	check->verdefs = model_alloc(check, number->d_un.d_val, sizeof(*check->verdefs));
	if (!check->verdefs)
		return;
	load_verdefs(check, number->d_un.d_val);
	for (uint32_t i = 0; i < check->symbol_count; i++) {
		uint16_t version = 0;

		view_read(&check->segment, versym->offset + (uint64_t)i * 2, &version, 2);
		check->symbols[i].version = version & 0x7fff;
		check->symbols[i].version_hidden = version & 0x8000;
	}
	if (check->verdef_count)
		check->parts |= PART_VERSIONS;
}

const struct verdef *verdef_find(const struct check *check, uint16_t index)
{
	for (uint32_t i = 0; i < check->verdef_count; i++) {
		if (check->verdefs[i].def.vd_ndx == index)
			return &check->verdefs[i];
	}
	return NULL;
}

/*
 * GNU ld defines an absolute symbol named like each version node. It has no address and nobody
 * calls it. Where the versions cannot be read, its form alone must do.
 */
static bool is_version_name(const struct check *check, const struct symbol *symbol)
{
	if (symbol->sym.st_shndx != SHN_ABS || symbol->sym.st_value != 0)
		return false;
	if (ELF64_ST_TYPE(symbol->sym.st_info) == STT_OBJECT && check->verdef_count < 2)
		return true;
	for (uint32_t i = 0; i < check->verdef_count; i++) {
		if (strcmp(check->verdefs[i].name, symbol->name) == 0)
			return true;
	}
	return false;
}

bool symbol_exported(const struct check *check, const struct symbol *symbol)
{
	const unsigned bind = ELF64_ST_BIND(symbol->sym.st_info);

	return symbol->sym.st_shndx != SHN_UNDEF && (bind == STB_GLOBAL || bind == STB_WEAK) &&
	       !is_version_name(check, symbol);
}
