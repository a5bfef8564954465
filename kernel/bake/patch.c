/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes as a unified diff, by the longest common subsequence of lines. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "changes.h"
#include "text.h"

#define CONTEXT 3

struct line {
	const char *text;
	size_t length;
	char sign; /* ' ', '-' or '+' */
};

struct lines {
	struct line *items;
	size_t count;
};

static int split(const char *text, struct lines *ret_lines)
{
	struct line line = {0};
	size_t count = 1;

	for (const char *at = text ? text : ""; *at; at++)
		count += *at == '\n';
	ret_lines->items = calloc(count, sizeof(*ret_lines->items));
	if (!ret_lines->items)
		return -ENOMEM;
	while (text && (line.text = text_line(&text, &line.length)))
		ret_lines->items[ret_lines->count++] = line;
	return 0;
}

static bool same(const struct line *a, const struct line *b)
{
	return a->length == b->length && !memcmp(a->text, b->text, a->length);
}

/* lengths[i * (m + 1) + k]: how many lines the rests from i and from k have in common. */
static int measure(const struct lines *old, const struct lines *new, uint32_t **ret_lengths)
{
	const size_t width = new->count + 1;
	uint32_t *lengths = calloc((old->count + 1) * width, sizeof(*lengths));

	if (!lengths)
		return -ENOMEM;
	for (size_t i = old->count; i-- > 0;)
		for (size_t k = new->count; k-- > 0;) {
			uint32_t *length = &lengths[i * width + k];

			if (same(&old->items[i], &new->items[k]))
				*length = length[width + 1] + 1;
			else
				*length = length[width] > length[1] ? length[width] : length[1];
		}
	*ret_lengths = lengths;
	return 0;
}

/* Every line of both texts in the order of a diff. */
static int merge(const struct lines *old, const struct lines *new, struct lines *ret_lines)
{
	vdk_cleanup_free uint32_t *lengths = NULL;
	const size_t width = new->count + 1;
	size_t i = 0, k = 0;
	int error = measure(old, new, &lengths);

	if (error)
		return error;
	ret_lines->items = calloc(old->count + new->count + 1, sizeof(*ret_lines->items));
	if (!ret_lines->items)
		return -ENOMEM;
	while (i < old->count || k < new->count) {
		struct line *line = &ret_lines->items[ret_lines->count++];

		if (i < old->count && k < new->count && same(&old->items[i], &new->items[k])) {
			*line = old->items[i++];
			line->sign = ' ';
			k++;
		} else if (k == new->count ||
		           (i < old->count &&
		            lengths[(i + 1) * width + k] >= lengths[i * width + k + 1])) {
			*line = old->items[i++];
			line->sign = '-';
		} else {
			*line = new->items[k++];
			line->sign = '+';
		}
	}
	return 0;
}

static void print_range(FILE *out, char sign, size_t before, size_t count)
{
	/* A range without lines is named by the line before it. */
	fprintf(out, " %c%zu", sign, count ? before + 1 : before);
	if (count != 1)
		fprintf(out, ",%zu", count);
}

/* Lines [from, to) as a hunk; old and new: lines of each text before it. */
static void print_hunk(FILE *out, const struct lines *lines, size_t from, size_t to, size_t old,
                       size_t new)
{
	size_t removed = 0, added = 0;

	for (size_t i = from; i < to; i++) {
		removed += lines->items[i].sign != '+';
		added += lines->items[i].sign != '-';
	}
	fputs("@@", out);
	print_range(out, '-', old, removed);
	print_range(out, '+', new, added);
	fputs(" @@\n", out);
	for (size_t i = from; i < to; i++)
		fprintf(out, "%c%.*s\n", lines->items[i].sign, (int)lines->items[i].length,
		        lines->items[i].text);
}

/* The end of a hunk that begins with the change at @at: 2 * CONTEXT unchanged lines end it. */
static size_t hunk_end(const struct lines *lines, size_t at)
{
	size_t quiet = 0, i = at;

	for (; i < lines->count && quiet <= 2 * CONTEXT; i++)
		quiet = lines->items[i].sign == ' ' ? quiet + 1 : 0;
	return quiet > CONTEXT ? i - (quiet - CONTEXT) : i;
}

static void print_hunks(FILE *out, const struct lines *lines)
{
	size_t old = 0, new = 0, printed = 0;

	for (size_t i = 0; i < lines->count; i++) {
		size_t from, to;

		if (lines->items[i].sign == ' ')
			continue;
		from = i - printed > CONTEXT ? i - CONTEXT : printed;
		to = hunk_end(lines, i);
		for (; printed < from; printed++) {
			old++;
			new++;
		}
		print_hunk(out, lines, from, to, old, new);
		for (; printed < to; printed++) {
			old += lines->items[printed].sign != '+';
			new += lines->items[printed].sign != '-';
		}
		i = to - 1;
	}
}

int changes_print(const struct changes *changes, FILE *out)
{
	int error = 0;

	for (size_t i = 0; i < changes->count && !error; i++) {
		const struct change *change = &changes->items[i];
		struct lines old = {0}, new = {0}, merged = {0};

		error = split(change->before, &old);
		if (!error)
			error = split(change->after, &new);
		if (!error)
			error = merge(&old, &new, &merged);
		if (!error) {
			fprintf(out, "--- %s%s\n", change->before ? "a/" : "/dev/null",
			        change->before ? change->path : "");
			fprintf(out, "+++ %s%s\n", change->after ? "b/" : "/dev/null",
			        change->after ? change->path : "");
			print_hunks(out, &merged);
		}
		free(old.items);
		free(new.items);
		free(merged.items);
	}
	return error;
}
