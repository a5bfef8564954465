/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "edits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "text.h"

/* More lines than any place has. */
#define PLACE_LINES_MAX 1024

struct line {
	const char *text;
	size_t length;
};

struct lines {
	struct line *items;
	size_t count;
};

/* One place of a file: the lines before the edit and after it, in the edit's own order. */
struct place {
	struct line from[PLACE_LINES_MAX], to[PLACE_LINES_MAX];
	size_t from_count, to_count;
	struct line purpose;
};

struct rewriting {
	const char *path;
	struct vdk_report *report;
	struct place place;
};

static int split(const char *text, struct lines *ret_lines)
{
	size_t count = 0;
	struct line line;

	for (const char *at = text; *at; at++)
		count += *at == '\n';
	ret_lines->items = calloc(count + 2, sizeof(*ret_lines->items));
	if (!ret_lines->items)
		return -ENOMEM;
	while ((line.text = text_line(&text, &line.length)))
		ret_lines->items[ret_lines->count++] = line;
	return 0;
}

static bool same(const struct line *a, const struct line *b)
{
	return a->length == b->length && !memcmp(a->text, b->text, a->length);
}

/* How many lines of the place stand at @at. */
static size_t matching(const struct place *place, const struct lines *lines, size_t at)
{
	size_t count = 0;

	while (count < place->from_count && at + count < lines->count &&
	       same(&place->from[count], &lines->items[at + count]))
		count++;
	return count;
}

static size_t common_prefix(const struct line *a, const struct line *b)
{
	size_t count = 0;

	while (count < a->length && count < b->length && a->text[count] == b->text[count])
		count++;
	return count;
}

/* Tell the first line that differs where most of the place stands; else what resembles it most. */
static int complain(const struct rewriting *rewriting, const struct lines *lines)
{
	const struct place *place = &rewriting->place;
	size_t best = 0, best_count = 0, prefix = 0;

	for (size_t i = 0; i < lines->count; i++) {
		const size_t count = matching(place, lines, i);
		const size_t common = common_prefix(&place->from[0], &lines->items[i]);

		if (count > best_count || (!best_count && common > prefix)) {
			best = i;
			best_count = count;
			prefix = common;
		}
	}
	best += best_count;
	if (!best_count && prefix < 4)
		return vdk_report_set(rewriting->report, -EILSEQ, rewriting->path,
		                      "not a tree that this kit knows: expected a line '%.*s', "
		                      "found none like it (%.*s)",
		                      (int)place->from[0].length, place->from[0].text,
		                      (int)place->purpose.length, place->purpose.text);
	return vdk_report_set(rewriting->report, -EILSEQ, rewriting->path,
	                      "not a tree that this kit knows: line %zu: expected '%.*s', found "
	                      "'%.*s' (%.*s)",
	                      best + 1, (int)place->from[best_count].length,
	                      place->from[best_count].text,
	                      best < lines->count ? (int)lines->items[best].length : 0,
	                      best < lines->count ? lines->items[best].text : "",
	                      (int)place->purpose.length, place->purpose.text);
}

static void put(FILE *out, const struct line *lines, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%.*s\n", (int)lines[i].length, lines[i].text);
}

/* Replace *text by itself with one place rewritten. */
static int rewrite_place(const struct rewriting *rewriting, char **text)
{
	const struct place *place = &rewriting->place;
	vdk_cleanup_free struct line *items = NULL;
	struct lines lines = {0};
	size_t found = 0, at = 0, size;
	char *result = NULL;
	FILE *out;
	int error = split(*text, &lines);

	items = lines.items;
	if (error)
		return error;
	for (size_t i = 0; i < lines.count; i++)
		if (matching(place, &lines, i) == place->from_count) {
			at = i;
			found++;
		}
	if (!found)
		return complain(rewriting, &lines);
	if (found > 1)
		return vdk_report_set(rewriting->report, -EILSEQ, rewriting->path,
		                      "not a tree that this kit knows: expected '%.*s' once, found "
		                      "it %zu times (%.*s)",
		                      (int)place->from[0].length, place->from[0].text, found,
		                      (int)place->purpose.length, place->purpose.text);
	out = open_memstream(&result, &size);
	if (!out)
		return -ENOMEM;
	put(out, lines.items, at);
	put(out, place->to, place->to_count);
	put(out, lines.items + at + place->from_count, lines.count - at - place->from_count);
	if (fclose(out)) {
		free(result);
		return -ENOMEM;
	}
	free(*text);
	*text = result;
	return 0;
}

/* The next place of the file's part of the edits. Return: 1; 0 no more; -EINVAL damaged. */
static int next_place(struct rewriting *rewriting, const char **edits, bool remove)
{
	struct place *place = &rewriting->place;
	struct line line;

	place->from_count = place->to_count = 0;
	while (strncmp(*edits, "@@ ", 3))
		if (!**edits || !strncmp(*edits, "file ", 5) || !text_line(edits, &line.length))
			return 0;
	place->purpose.text = text_line(edits, &place->purpose.length) + 3;
	place->purpose.length -= 3;
	while (**edits == ' ' || **edits == '+') {
		const bool added = **edits == '+';

		line.text = text_line(edits, &line.length) + 1;
		line.length--;
		if (place->to_count == PLACE_LINES_MAX)
			return vdk_report_set(rewriting->report, -E2BIG, rewriting->path,
			                      "more than %d lines for one place of this file",
			                      PLACE_LINES_MAX);
		if (!added || remove)
			place->from[place->from_count++] = line;
		if (!added || !remove)
			place->to[place->to_count++] = line;
	}
	return place->from_count > 0;
}

/* The part of the edits that is about one file, behind its "file" line. */
static const char *find_file(const char *edits, const char *path)
{
	const char *line;
	size_t length;

	while ((line = text_line(&edits, &length)))
		if (!strncmp(line, "file ", 5) && length == 5 + strlen(path) &&
		    !strncmp(line + 5, path, length - 5))
			return edits;
	return "";
}

int edits_rewrite(const char *edits, const char *path, const char *text, bool remove,
                  char **ret_text, struct vdk_report *report)
{
	vdk_cleanup_free struct rewriting *rewriting = calloc(1, sizeof(*rewriting));
	vdk_cleanup_free char *result = strdup(text);
	int error;

	if (!rewriting || !result)
		return -ENOMEM;
	rewriting->path = path;
	rewriting->report = report;
	edits = find_file(edits, path);
	while ((error = next_place(rewriting, &edits, remove)) > 0) {
		error = rewrite_place(rewriting, &result);
		if (error)
			return error;
	}
	if (error)
		return error;
	*ret_text = result;
	result = NULL;
	return 0;
}

int edits_files(const char *edits, struct list *ret_paths, struct vdk_report *report)
{
	const char *line;
	size_t length;
	int error = 0;

	while (!error && (line = text_line(&edits, &length)))
		if (!strncmp(line, "file ", 5))
			error = list_add(ret_paths, "%.*s", (int)length - 5, line + 5);
	if (!error && !ret_paths->count)
		return vdk_report_set(report, -EINVAL, "edits", "names no file");
	return error;
}
