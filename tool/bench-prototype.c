/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How an author's function is called, from the header that `vdk build` wrote: one declaration to a
 * line, with the types as the author wrote them, and the size of each struct in an assertion. This
 * is no C parser: what it does not recognise is not called.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "base/cleanup.h"
#include "vdk.h"

#define BUFFER_UNKNOWN 65536u /* for a struct of unknown size: more than any record */
#define HEADER_MAX ((size_t)4 << 20)

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The word @word at @at, not a part of a longer one. */
static bool word_at(const char *text, const char *at, const char *word)
{
	const size_t length = strlen(word);

	return !strncmp(at, word, length) && !is_word(at[length]) && (at == text || !is_word(at[-1]));
}

static bool has_word(const char *text, const char *word)
{
	for (const char *at = text; (at = strstr(at, word)); at++)
		if (word_at(text, at, word))
			return true;
	return false;
}

/* "sizeof(struct room) == 24" of the assertions in the header, or the record's of that name. */
static uint32_t struct_size(const char *header, const char *tag, const struct vdk_layout *layout)
{
	const struct vdk_layout_record *record = layout ? vdk_layout_record(layout, tag) : NULL;
	char assertion[200];
	const char *at;
	long size;

	if (record)
		return record->size;
	snprintf(assertion, sizeof(assertion), "sizeof(struct %s) == ", tag);
	at = strstr(header, assertion);
	size = at ? strtol(at + strlen(assertion), NULL, 10) : 0;
	return size > 0 && size <= 1 << 20 ? (uint32_t)size : 0;
}

static uint32_t plain_size(const char *text)
{
	static const struct {
		const char *word;
		uint32_t size;
	} types[] = {{"int64_t", 8}, {"uint64_t", 8}, {"size_t", 8},  {"double", 8}, {"long", 8},
	             {"int32_t", 4}, {"uint32_t", 4}, {"float", 4},   {"int", 4},    {"unsigned", 4},
	             {"int16_t", 2}, {"uint16_t", 2}, {"int8_t", 1},  {"uint8_t", 1}, {"bool", 1}};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (has_word(text, types[i].word))
			return types[i].size;
	return 0;
}

static void understand(const char *header, const struct vdk_layout *layout,
                       struct bench_parameter *parameter, char *why, size_t size)
{
	const char *text = parameter->text, *at = strstr(text, "struct "), *star = strchr(text, '*');
	char tag[100];

	parameter->is_pointer = star != NULL;
	parameter->is_size = !star && has_word(text, "size_t");
	if (star && !strchr(star + 1, '*') && !has_word(text, "const") && !strpbrk(text, "[(")) {
		if (at && sscanf(at, "struct %99[A-Za-z0-9_]", tag) == 1) {
			parameter->size = struct_size(header, tag, layout);
			if (!parameter->size)
				parameter->size = BUFFER_UNKNOWN;
		} else {
			parameter->size = plain_size(text);
		}
	}
	if (!parameter->is_size && !parameter->size)
		snprintf(why, size, "what to pass as \"%s\" is not known", text);
}

/* Cut "(a, b)" into parameters. Nested parentheses mean functions, which nobody can make up. */
static void split(const char *header, const struct vdk_layout *layout,
                  struct bench_prototype *prototype)
{
	const char *at = prototype->text + 1;
	const size_t length = strlen(at) - 1; /* without the last parenthesis */
	const char *end = at + length;

	if (memchr(at, '(', length)) {
		snprintf(prototype->why, sizeof(prototype->why), "a parameter is a function");
		return;
	}
	if (length == strspn(at, " \t\n") || (length == 4 && !strncmp(at, "void", 4)))
		return;
	while (at < end) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		const char *stop = comma ? comma : end;
		struct bench_parameter *parameter = &prototype->parameters[prototype->count];

		if (prototype->count == BENCH_ARGUMENTS_MAX) {
			snprintf(prototype->why, sizeof(prototype->why), "more than %d parameters",
			         BENCH_ARGUMENTS_MAX);
			return;
		}
		while (at < stop && isspace((unsigned char)*at))
			at++;
		snprintf(parameter->text, sizeof(parameter->text), "%.*s", (int)(stop - at), at);
		understand(header, layout, parameter, prototype->why, sizeof(prototype->why));
		if (parameter->is_size && prototype->count > 0)
			parameter->size = prototype->parameters[prototype->count - 1].size;
		if (parameter->is_size &&
		    (!parameter->size || parameter->size == BUFFER_UNKNOWN))
			snprintf(prototype->why, sizeof(prototype->why),
			         "what to pass as \"%s\" is not known", parameter->text);
		prototype->count++;
		at = stop + 1;
	}
}

/* What comes back in registers that a caller may ignore. */
static void judge_return(const char *header, const char *name, struct bench_prototype *prototype)
{
	const char *begin = name;
	char text[128];

	while (begin > header && !strchr(";}\n", begin[-1]))
		begin--;
	snprintf(text, sizeof(text), "%.*s", (int)(name - begin), begin);
	if ((has_word(text, "struct") || has_word(text, "union") || has_word(text, "_Complex") ||
	     (has_word(text, "long") && has_word(text, "double"))) && !strchr(text, '*'))
		snprintf(prototype->why, sizeof(prototype->why), "what it returns is no number");
}

bool bench_prototype_find(const char *header, const char *function,
                          const struct vdk_layout *layout, struct bench_prototype *ret_prototype)
{
	const size_t length = strlen(function);

	for (const char *at = header; (at = strstr(at, function)); at++) {
		struct bench_prototype prototype = {.count = 0};
		const char *open = at + length, *close;
		int depth = 1;

		if (!word_at(header, at, function))
			continue;
		open += strspn(open, " \t\n");
		if (*open != '(')
			continue;
		for (close = open + 1; *close && depth; close++)
			depth += (*close == '(') - (*close == ')');
		if (depth || (size_t)(close - open) >= sizeof(prototype.text))
			continue;
		snprintf(prototype.text, sizeof(prototype.text), "%.*s", (int)(close - open), open);
		split(header, layout, &prototype);
		judge_return(header, at, &prototype);
		*ret_prototype = prototype;
		return true;
	}
	return false;
}

/* ---- The header ------------------------------------------------------------------------------ */

static char *read_file(const char *path)
{
	vdk_cleanup_fclose FILE *file = fopen(path, "re");
	char *text = file ? malloc(HEADER_MAX + 1) : NULL, *smaller;
	size_t size;

	if (!text)
		return NULL;
	size = fread(text, 1, HEADER_MAX, file);
	if (ferror(file) || memchr(text, '\0', size)) {
		free(text);
		errno = EINVAL;
		return NULL;
	}
	text[size] = '\0';
	smaller = realloc(text, size + 1);
	return smaller ? smaller : text;
}

char *bench_header_read(const struct bench_image *image, const char *named, int *ret_code)
{
	const char *slash = strrchr(image->path, '/');
	char path[PATH_MAX], file[80], *text;

	*ret_code = EXIT_FINE;
	if (named) {
		text = read_file(named);
		if (!text) {
			tool_error("bench", "%s: %s", named, strerror(errno));
			*ret_code = EXIT_SYSTEM;
		}
		return text;
	}
	if (!*image->vdso || strchr(image->vdso, '/'))
		return NULL;
	snprintf(file, sizeof(file), "%s.h", image->vdso);
	snprintf(path, sizeof(path), "%.*s/%s", slash ? (int)(slash - image->path) : 0, image->path,
	         file);
	text = slash ? read_file(path) : NULL;
	if (!text && !tool_find("vdso", file, path, sizeof(path)))
		text = read_file(path);
	if (!text) {
		snprintf(file, sizeof(file), "vdk/vdsos/%s.h", image->vdso);
		text = tool_find("include", file, path, sizeof(path)) ? NULL : read_file(path);
	}
	return text;
}
