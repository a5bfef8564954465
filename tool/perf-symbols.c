/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "perf-symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

static int add(struct perf_symbols *all, uint64_t offset, uint64_t size, const char *name)
{
	struct perf_symbol *grown = reallocarray(all->symbols, all->count + 1, sizeof(*grown));
	char *copy = strdup(name);

	if (grown)
		all->symbols = grown;
	if (!grown || !copy) {
		free(copy);
		return -ENOMEM;
	}
	/* A map is lines of words. */
	for (char *at = copy; *at; at++)
		if (*at <= ' ' || *at == 0x7f)
			*at = '?';
	all->symbols[all->count++] = (struct perf_symbol){offset, size, copy};
	return 0;
}

/* By address; of several names of one the kernel's kind first, then the longest. */
static int compare(const void *a, const void *b)
{
	const struct perf_symbol *left = a, *right = b;
	const size_t left_length = strlen(left->name), right_length = strlen(right->name);

	if (left->offset != right->offset)
		return left->offset < right->offset ? -1 : 1;
	if (left_length != right_length)
		return left_length > right_length ? -1 : 1;
	return strcmp(left->name, right->name);
}

static void finish(struct perf_symbols *all)
{
	size_t kept = 0;

	if (all->count)
		qsort(all->symbols, all->count, sizeof(all->symbols[0]), compare);
	for (size_t i = 0; i < all->count; i++) {
		if (kept && all->symbols[kept - 1].offset == all->symbols[i].offset)
			free(all->symbols[i].name);
		else
			all->symbols[kept++] = all->symbols[i];
	}
	all->count = kept;
}

void perf_symbols_free(struct perf_symbols *all)
{
	for (size_t i = 0; i < all->count; i++)
		free(all->symbols[i].name);
	free(all->symbols);
	*all = (struct perf_symbols){0};
}

int perf_symbols_exported(const struct vdk_bytes *image, const char *object,
                          struct perf_symbols *ret, struct vdk_report *report)
{
	struct vdk_symbols *symbols = NULL;
	int error = vdk_symbols_parse(image->bytes, image->size, object, &symbols, report);

	for (size_t i = 0; !error && i < symbols->count; i++) {
		const struct vdk_symbol *symbol = &symbols->symbols[i];

		if (symbol->section && symbol->type == STT_FUNC && symbol->value < image->size &&
		    symbol->size <= image->size - symbol->value)
			error = add(ret, symbol->value, symbol->size, symbol->name);
	}
	vdk_symbols_free(symbols);
	if (error == -ENOMEM)
		vdk_report_set(report, error, object, "out of memory");
	finish(ret);
	return error;
}

/* ---- A debug file ---------------------------------------------------------------------------- */

static bool same_build(Elf *elf, const struct vdk_bytes *image)
{
	struct vdk_symbols *symbols;
	Elf_Scn *section = NULL;
	char id[65] = "";
	bool same;

	while ((section = elf_nextscn(elf, section))) {
		size_t name, bytes, next = 0;
		GElf_Shdr header;
		GElf_Nhdr note;
		Elf_Data *data;

		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_NOTE ||
		    !(data = elf_getdata(section, NULL)))
			continue;
		while ((next = gelf_getnote(data, next, &note, &name, &bytes)))
			if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
			    !memcmp((const char *)data->d_buf + name, "GNU", 4) &&
			    note.n_descsz < sizeof(id) / 2)
				for (size_t i = 0; i < note.n_descsz; i++)
					snprintf(id + 2 * i, 3, "%02x",
					         ((const uint8_t *)data->d_buf)[bytes + i]);
	}
	if (!*id || vdk_symbols_parse(image->bytes, image->size, "", &symbols, NULL))
		return false;
	same = !strcmp(symbols->build_id, id);
	vdk_symbols_free(symbols);
	return same;
}

static int read_table(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, uint64_t limit,
                      struct perf_symbols *ret)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Sym symbol;
	int error = 0;

	for (int i = 1; data && !error && gelf_getsym(data, i, &symbol); i++) {
		const char *name = elf_strptr(elf, header->sh_link, symbol.st_name);

		if (name && *name && symbol.st_shndx != SHN_UNDEF &&
		    GELF_ST_TYPE(symbol.st_info) == STT_FUNC && symbol.st_value < limit &&
		    symbol.st_size <= limit - symbol.st_value)
			error = add(ret, symbol.st_value, symbol.st_size, name);
	}
	return error;
}

int perf_symbols_debug(const char *path, const struct vdk_bytes *image, struct perf_symbols *ret,
                       struct vdk_report *report)
{
	vdk_cleanup_close int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	Elf *elf;
	int error = 0;

	if (fd < 0)
		return vdk_report_set(report, -errno, path, "%s", strerror(errno));
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF)
		error = vdk_report_set(report, -ENOEXEC, path, "not an ELF file");
	else if (!same_build(elf, image))
		error = vdk_report_set(report, -ESTALE, path,
		                       "is of another build than the image of the process");
	while (!error && (section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB)
			error = read_table(elf, section, &header, image->size, ret);
	elf_end(elf);
	finish(ret);
	if (error == -ENOMEM)
		vdk_report_set(report, error, path, "out of memory");
	if (!error && !ret->count)
		error = vdk_report_set(report, -ENOEXEC, path, "has no symbol table");
	return error;
}
