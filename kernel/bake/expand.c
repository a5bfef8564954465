/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Templates: text with @NAME@ in it, and the directives %each KIND, %when KIND and %end, whose
 * kinds are listed at the beginning of linux-6.1/edits. Lines that begin with %# are comments.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bake.h"
#include "base/cleanup.h"
#include "names.h"
#include "text.h"

#define VALUES_MAX 3

/* One item: what @name@ stands for. */
struct item {
	const char *keys[VALUES_MAX];
	char *values[VALUES_MAX];
};

struct items {
	struct item *items;
	size_t count;
};

struct expansion {
	const struct recipe *recipe;
	const char *name;
	FILE *out;
	struct vdk_report *report;
};

static void items_free(struct items *items)
{
	for (size_t i = 0; i < items->count; i++)
		for (int k = 0; k < VALUES_MAX; k++)
			free(items->items[i].values[k]);
	free(items->items);
}

/* Takes the values over, also when it fails; a NULL value means that memory ran out. */
static int items_add(struct items *items, const struct item *item)
{
	struct item *grown = reallocarray(items->items, items->count + 1, sizeof(*grown));

	if (grown)
		items->items = grown;
	for (int k = 0; grown && k < VALUES_MAX; k++)
		if (item->keys[k] && !item->values[k])
			grown = NULL;
	if (!grown) {
		for (int k = 0; k < VALUES_MAX; k++)
			free(item->values[k]);
		return -ENOMEM;
	}
	items->items[items->count++] = *item;
	return 0;
}

static char *format_number(uint32_t number)
{
	char *text;

	return asprintf(&text, "%u", number) < 0 ? NULL : text;
}

/* Files of one kind, by the end of their names. */
static int add_files(const struct recipe *recipe, const char *tail, struct items *ret_items)
{
	int error = 0;

	for (size_t i = 0; i < recipe->count; i++)
		for (size_t k = 0; k < recipe->folders[i].files.count && !error; k++) {
			const struct folder *folder = &recipe->folders[i];
			const char *file = folder->files.items[k];
			struct item item = {.keys = {"path", "base", "name"}};
			char name[128];

			if (!ends_with(file, tail))
				continue;
			hook_name(folder->name, file, name, sizeof(name));
			item.values[0] = object_path(folder->name, file);
			item.values[1] = strndup(file, strlen(file) - 2);
			item.values[2] = strdup(name);
			error = items_add(ret_items, &item);
		}
	return error;
}

static int add_records(const struct recipe *recipe, struct items *ret_items)
{
	const struct layout *layout = &recipe->build.layout;
	int error = 0;

	for (size_t i = 0; i < layout->record_count && !error; i++) {
		struct item item = {.keys = {"name", "offset"}};

		item.values[0] = strdup(layout->records[i].name);
		item.values[1] = format_number(recipe_offset(recipe, i));
		error = items_add(ret_items, &item);
	}
	return error;
}

#define USUAL_VERSION "LINUX_2.6"

static int add_functions(const struct recipe *recipe, struct items *ret_items)
{
	const struct exports *exports = &recipe->build.exports;
	int error = 0;

	for (size_t i = 0; i < exports->count && !error; i++) {
		struct item item = {.keys = {"name"}};

		if (strcmp(exports->items[i].version, USUAL_VERSION))
			continue;
		item.values[0] = strdup(exports->items[i].name);
		error = items_add(ret_items, &item);
	}
	return error;
}

static char *members_of(const struct exports *exports, const char *version)
{
	const char *separator = "";
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; i < exports->count; i++) {
		if (strcmp(exports->items[i].version, version))
			continue;
		fprintf(out, "%s\t\t%s;\n+\t\t__vdso_%s;", separator, exports->items[i].name,
		        exports->items[i].name);
		separator = "\n+";
	}
	return fclose(out) ? NULL : text;
}

static int add_versions(const struct recipe *recipe, struct items *ret_items)
{
	const struct exports *exports = &recipe->build.exports;
	int error = 0;

	for (size_t i = 0; i < exports->count && !error; i++) {
		const char *version = exports->items[i].version;
		struct item item = {.keys = {"name", "members"}};
		bool seen = !strcmp(version, USUAL_VERSION);

		for (size_t k = 0; k < i; k++)
			seen |= !strcmp(exports->items[k].version, version);
		if (seen)
			continue;
		item.values[0] = strdup(version);
		item.values[1] = members_of(exports, version);
		error = items_add(ret_items, &item);
	}
	return error;
}

/* Return: 0; -EINVAL no such kind; -ENOMEM. */
static int collect(const struct recipe *recipe, const char *kind, struct items *ret_items)
{
	if (!strcmp(kind, "object"))
		return add_files(recipe, ".vdso.c", ret_items);
	if (!strcmp(kind, "hook"))
		return add_files(recipe, ".update.c", ret_items);
	if (!strcmp(kind, "header"))
		return add_files(recipe, ".page.h", ret_items);
	if (!strcmp(kind, "record"))
		return add_records(recipe, ret_items);
	if (!strcmp(kind, "function"))
		return add_functions(recipe, ret_items);
	if (!strcmp(kind, "version"))
		return add_versions(recipe, ret_items);
	return -EINVAL;
}

static int damaged(const struct expansion *expansion, const char *line, size_t length)
{
	return vdk_report_set(expansion->report, -EINVAL, expansion->name,
	                      "a damaged template: '%.*s'; is the installation whole?", (int)length,
	                      line);
}

/* One line with everything between @ and @ replaced. */
static int write_line(struct expansion *expansion, const struct item *item, const char *line,
                      size_t length)
{
	const char *at = line, *end = line + length, *from, *to;
	int found;

	while ((from = memchr(at, '@', end - at)) && (to = memchr(from + 1, '@', end - from - 1)) &&
	       to > from + 1) {
		fwrite(at, 1, from - at, expansion->out);
		found = -1;
		for (int k = 0; item && k < VALUES_MAX && item->keys[k]; k++)
			if (strlen(item->keys[k]) == (size_t)(to - from - 1) &&
			    !strncmp(item->keys[k], from + 1, to - from - 1))
				found = k;
		if (found < 0)
			return damaged(expansion, line, length);
		fputs(item->values[found], expansion->out);
		at = to + 1;
	}
	fwrite(at, 1, end - at, expansion->out);
	fputc('\n', expansion->out);
	return 0;
}

static int write_lines(struct expansion *expansion, const struct item *item, const char **text,
                       bool silent, bool nested);

/* The lines up to %end, for each item or once. */
static int write_block(struct expansion *expansion, const struct item *item, const char **text,
                       const char *kind, bool each, bool silent)
{
	struct items items = {0};
	const char *start = *text;
	int error = collect(expansion->recipe, kind, &items);

	if (error == -EINVAL)
		return damaged(expansion, kind, strlen(kind));
	if (!items.count || silent) {
		if (!error)
			error = write_lines(expansion, item, text, true, true);
	} else {
		for (size_t i = 0; i < (each ? items.count : 1) && !error; i++) {
			*text = start;
			error = write_lines(expansion, each ? &items.items[i] : item, text, false,
			                    true);
		}
	}
	items_free(&items);
	return error;
}

static int write_lines(struct expansion *expansion, const struct item *item, const char **text,
                       bool silent, bool nested)
{
	const char *line;
	char kind[32];
	size_t length;
	int error = 0;

	while (!error && (line = text_line(text, &length))) {
		if (length == 4 && !strncmp(line, "%end", 4))
			return nested ? 0 : damaged(expansion, line, length);
		/* scanf would skip an empty line to find the directive in the next one. */
		if (*line == '%' && sscanf(line, "%%each %31s", kind) == 1)
			error = write_block(expansion, item, text, kind, true, silent);
		else if (*line == '%' && sscanf(line, "%%when %31s", kind) == 1)
			error = write_block(expansion, item, text, kind, false, silent);
		else if (!silent && strncmp(line, "%#", 2))
			error = write_line(expansion, item, line, length);
	}
	if (!error && nested)
		return damaged(expansion, "%end", 4);
	return error;
}

int expand(const struct recipe *recipe, const char *name, const char *template, char **ret_text,
           struct vdk_report *report)
{
	vdk_cleanup_free char *result = NULL;
	struct expansion expansion = {.recipe = recipe, .name = name, .report = report};
	size_t size;
	int error;

	expansion.out = open_memstream(&result, &size);
	if (!expansion.out)
		return -ENOMEM;
	error = write_lines(&expansion, NULL, &template, false, false);
	if (fclose(expansion.out) && !error)
		error = -ENOMEM;
	if (error)
		return error;
	*ret_text = result;
	result = NULL;
	return 0;
}
