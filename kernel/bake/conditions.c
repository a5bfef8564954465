/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's half of a header that both worlds include, as `make headers_install` makes the
 * other half: conditions whose value is known inside of a kernel are decided, all else stays.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "text.h"

#define DEPTH_MAX 32

static const struct {
	const char *name;
	int value;
} known[] = {
        {"__KERNEL__", 1},    {"__cplusplus", 0}, {"__bpf__", 0},
        {"__VMLINUX_H__", 0}, {"VDK_LAYOUT", 0},
};

struct level {
	bool live;    /* the lines of this branch stay */
	bool done;    /* a branch that is known to be taken has been seen */
	bool emitted; /* a directive of this condition stays, so the others must */
	bool outer;   /* the condition itself is in a branch that stays */
};

struct reader {
	struct level levels[DEPTH_MAX];
	int depth;
	FILE *out;
	bool blank;
};

/* 0 or 1, or -1 where only the compiler can tell. */
static int value_of(const char *condition, bool negate)
{
	const char *rest;
	size_t length;

	condition += strspn(condition, " \t");
	if (*condition == '!') {
		negate = !negate;
		condition++;
	}
	condition += strspn(condition, " \t");
	if (!strncmp(condition, "defined", 7))
		condition += 7 + strspn(condition + 7, " \t(");
	for (length = 0; isalnum((unsigned char)condition[length]) || condition[length] == '_';)
		length++;
	/* Anything behind the name but a comment makes it more than a name. */
	rest = condition + length + strspn(condition + length, " \t)");
	if (*rest && !strchr("\n/", *rest))
		return -1;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i].name) == length && !strncmp(known[i].name, condition, length))
			return known[i].value ^ (int)negate;
	return -1;
}

static void emit(struct reader *reader, const char *line, size_t length)
{
	fprintf(reader->out, "%.*s\n", (int)length, line);
}

static bool open_condition(struct reader *reader, int value, const char *line, size_t length)
{
	const bool outer = !reader->depth || reader->levels[reader->depth - 1].live;
	struct level *level;

	if (reader->depth == DEPTH_MAX)
		return false;
	level = &reader->levels[reader->depth++];
	*level = (struct level){.live = outer && value != 0,
	                        .done = value == 1,
	                        .emitted = outer && value < 0,
	                        .outer = outer};
	if (level->emitted)
		emit(reader, line, length);
	return true;
}

/* #elif and #else (value 1); @rest: what follows the word. */
static bool next_branch(struct reader *reader, int value, const char *rest, size_t length)
{
	struct level *level;

	if (!reader->depth)
		return false;
	level = &reader->levels[reader->depth - 1];
	level->live = level->outer && !level->done && value != 0;
	if (level->live && value < 0)
		fprintf(reader->out, level->emitted ? "#elif%.*s\n" : "#if%.*s\n", (int)length, rest);
	else if (level->live && level->emitted)
		fputs("#else\n", reader->out);
	level->emitted |= level->live && value < 0;
	level->done |= value == 1;
	return true;
}

/* Return: 1 it was a directive of a condition; 0 it was not; -1 it has no beginning. */
static int directive(struct reader *reader, const char *line, size_t length)
{
	const char *word = line + strspn(line, " \t");

	if (*word != '#')
		return 0;
	word += 1 + strspn(word + 1, " \t");
	if (!strncmp(word, "ifdef", 5) || !strncmp(word, "ifndef", 6))
		return open_condition(reader, value_of(word + (word[2] == 'd' ? 5 : 6), word[2] == 'n'),
		                      line, length)
		               ? 1
		               : -1;
	if (!strncmp(word, "if", 2))
		return open_condition(reader, value_of(word + 2, false), line, length) ? 1 : -1;
	if (!strncmp(word, "elif", 4))
		return next_branch(reader, value_of(word + 4, false), word + 4,
		                   length - (word + 4 - line))
		               ? 1
		               : -1;
	if (!strncmp(word, "else", 4))
		return next_branch(reader, 1, word + 4, 0) ? 1 : -1;
	if (strncmp(word, "endif", 5))
		return 0;
	if (!reader->depth)
		return -1;
	if (reader->levels[--reader->depth].emitted)
		emit(reader, line, length);
	return 1;
}

/* Eight blanks at a line's beginning are a tab in a kernel. */
static void emit_indented(struct reader *reader, const char *line, size_t length)
{
	size_t column = 0, used = 0;

	for (; used < length && (line[used] == ' ' || line[used] == '\t'); used++)
		column = line[used] == ' ' ? column + 1 : column / 8 * 8 + 8;
	if (used == length)
		column = 0;
	fprintf(reader->out, "%.*s%*s%.*s\n", (int)(column / 8),
	        "\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t", (int)(column % 8), "", (int)(length - used),
	        line + used);
}

static int read_lines(struct reader *reader, const char *text, const char *what,
                      struct vdk_report *report)
{
	const char *line;
	size_t length;
	int number = 0, found;

	while ((line = text_line(&text, &length))) {
		const bool live = !reader->depth || reader->levels[reader->depth - 1].live;
		const long before = ftell(reader->out);

		number++;
		found = directive(reader, line, length);
		if (found < 0)
			return vdk_report_set(report, -EINVAL, what,
			                      "line %d: an #else or #endif without #if, or more than "
			                      "%d conditions within each other",
			                      number, DEPTH_MAX);
		if (!found && live && reader->blank)
			emit(reader, line, length);
		else if (!found && live)
			emit_indented(reader, line, length);
		if (reader->blank && ftell(reader->out) == before)
			fputc('\n', reader->out);
	}
	if (reader->depth)
		return vdk_report_set(report, -EINVAL, what, "an #if without #endif");
	return 0;
}

int text_for_kernel(const char *text, const char *what, bool blank, char **ret_text,
                    struct vdk_report *report)
{
	vdk_cleanup_free char *result = NULL;
	struct reader reader = {.blank = blank};
	size_t size;
	int error;

	reader.out = open_memstream(&result, &size);
	if (!reader.out)
		return -ENOMEM;
	error = read_lines(&reader, text, what, report);
	if (fclose(reader.out) && !error)
		error = -ENOMEM;
	if (error)
		return error;
	*ret_text = result;
	result = NULL;
	return 0;
}
