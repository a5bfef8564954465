/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "exports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/format.h>

#define PREFIX "__vdso_"

#define NAME_(name) #name,
const char *const standard_names[] = {VDK_CHAIN_LIST(NAME_)};
#undef NAME_

static const char *without_prefix(const char *symbol)
{
	return strncmp(symbol, PREFIX, strlen(PREFIX)) ? symbol : symbol + strlen(PREFIX);
}

int standard_function(const char *symbol)
{
	symbol = without_prefix(symbol);
	for (int i = 0; i < VDK_CHAIN_COUNT; i++)
		if (!strcmp(symbol, standard_names[i]))
			return i;
	return -1;
}

bool export_is_own(const struct export *item)
{
	return standard_function(item->name) < 0;
}

static const struct export *find(const struct exports *exports, const char *name)
{
	for (size_t i = 0; i < exports->count; i++)
		if (!strcmp(exports->items[i].name, name))
			return &exports->items[i];
	return NULL;
}

bool exports_contain(const struct exports *exports, const char *symbol)
{
	return find(exports, without_prefix(symbol)) != NULL;
}

static void export_free(struct export *item)
{
	free(item->text);
	free(item->source);
}

void exports_free(struct exports *exports)
{
	for (size_t i = 0; i < exports->count; i++)
		export_free(&exports->items[i]);
	free(exports->items);
	*exports = (struct exports){0};
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct export *)a)->name, ((const struct export *)b)->name);
}

void exports_sort(struct exports *exports)
{
	if (exports->count)
		qsort(exports->items, exports->count, sizeof(*exports->items), compare);
}

/* At least one and only characters of @allowed, not starting with a digit. */
static bool made_of(const char *text, const char *allowed)
{
	return *text && text[strspn(text, allowed)] == '\0' && !strchr("0123456789", *text);
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
#define DIGITS "0123456789"

static bool is_defined(const struct object *object, const char *name)
{
	const char *found;
	GElf_Sym symbol;

	for (size_t i = 1; object_symbol(object, i, &symbol, &found); i++)
		if (symbol.st_shndx != SHN_UNDEF && GELF_ST_TYPE(symbol.st_info) == STT_FUNC &&
		    GELF_ST_BIND(symbol.st_info) == STB_GLOBAL &&
		    !strncmp(found, PREFIX, strlen(PREFIX)) &&
		    !strcmp(found + strlen(PREFIX), name))
			return true;
	return false;
}

/* These strings go into a linker script and into C source: nothing but C types may be in them. */
static int validate(const struct exports *exports, const struct export *item,
                    const struct object *object, struct vdk_report *report)
{
	const struct export *twin = find(exports, item->name);

	if (!made_of(item->name, LETTERS DIGITS) || strlen(item->name) > VDK_NAME_MAX)
		return vdk_report_set(report, -EINVAL, object->source,
		                      "VDK_FUNCTION: '%.64s' is not a name in C", item->name);
	if (item->name != without_prefix(item->name))
		return vdk_report_set(report, -EINVAL, object->source,
		                      "VDK_FUNCTION(%s): name it %s; the macro adds " PREFIX,
		                      item->name, without_prefix(item->name));
	if (!made_of(item->version, LETTERS DIGITS ".") || strlen(item->version) > VDK_NAME_MAX)
		return vdk_report_set(report, -EINVAL, object->source,
		                      "VDK_FUNCTION_VERSION(%s): '%.64s' is not a version node; "
		                      "expected letters, digits, _ and ., for instance ACME_1.0",
		                      item->name, item->version);
	if (!made_of(item->ret, LETTERS DIGITS " *()[],.:") ||
	    item->params[0] != '(' || !made_of(item->params, LETTERS DIGITS " *()[],.:"))
		return vdk_report_set(report, -EINVAL, object->source,
		                      "VDK_FUNCTION(%s): the return type or a parameter is more "
		                      "than a C type with a name; use a typedef",
		                      item->name);
	if (twin)
		return vdk_report_set(report, -EINVAL, object->source,
		                      "VDK_FUNCTION(%s): %s exports that function already",
		                      item->name, twin->source);
	if (!is_defined(object, item->name))
		return vdk_report_set(report, -EINVAL, object->source,
		                      "VDK_FUNCTION(%s): no definition of it in this object",
		                      item->name);
	return 0;
}

/* @strings: four NUL-terminated strings of @size bytes in all. */
static int add(struct exports *exports, const char *strings, size_t size,
               const struct object *object, struct vdk_report *report)
{
	struct export item = {.text = malloc(size), .source = strdup(object->source)};
	struct export *grown;
	int error = -ENOMEM, slot;

	if (item.text && item.source) {
		memcpy(item.text, strings, size);
		item.version = item.text;
		item.name = item.version + strlen(item.version) + 1;
		item.ret = item.name + strlen(item.name) + 1;
		item.params = item.ret + strlen(item.ret) + 1;
		error = validate(exports, &item, object, report);
	}
	grown = error ? NULL
	              : reallocarray(exports->items, exports->count + 1, sizeof(*exports->items));
	if (!grown) {
		export_free(&item);
		return error ? error : -ENOMEM;
	}
	exports->items = grown;
	exports->items[exports->count++] = item;
	slot = standard_function(item.name);
	if (slot >= 0)
		exports->overrides |= 1u << slot;
	return 0;
}

/* The size of four strings, or 0 where fewer end before @size. */
static size_t entry_size(const char *data, size_t size)
{
	size_t used = 0;

	for (int i = 0; i < 4; i++) {
		const char *end = memchr(data + used, '\0', size - used);

		if (!end)
			return 0;
		used = end + 1 - data;
	}
	return used;
}

static int read_section(struct exports *exports, const struct object *object, Elf_Scn *section,
                        struct vdk_report *report)
{
	const Elf_Data *data = elf_getdata(section, NULL);
	size_t used = 0;
	int error = 0;

	while (data && used < data->d_size && !error) {
		const char *entry = (const char *)data->d_buf + used;
		const size_t size = entry_size(entry, data->d_size - used);

		if (!size)
			return vdk_report_set(report, -EINVAL, object->source,
			                      "section .vdk.export, offset %zu: a description that "
			                      "does not end", used);
		error = add(exports, entry, size, object, report);
		used += size;
	}
	return error;
}

int exports_read(struct exports *exports, const struct object *object, struct vdk_report *report)
{
	Elf_Scn *section = NULL;
	int error = 0;

	while (!error && (section = elf_nextscn(object->elf, section))) {
		const char *name;
		GElf_Shdr header;

		if (object_section(object, section, &header, &name) &&
		    header.sh_type == SHT_PROGBITS && !strcmp(name, ".vdk.export"))
			error = read_section(exports, object, section, report);
	}
	return error;
}
