/* SPDX-License-Identifier: MIT */
#ifndef HOSTINFO_TEXT_H
#define HOSTINFO_TEXT_H

/*
 * Take values out of text that may hold anything: no function looks past the end, overflows, or
 * gives a value where the form is not exactly the expected one. What was taken is gone from the
 * front of the text; after a failure nothing is said of how much that is.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
	const char *at, *end;
};

static inline size_t text_size(const struct text *text)
{
	return (size_t)(text->end - text->at);
}

static inline bool text_is_empty(const struct text *text)
{
	return text->at == text->end;
}

/* The next line, without its newline. A last one without newline was cut off: it is not given. */
static inline bool text_line(struct text *text, struct text *ret_line)
{
	const char *newline = text->at ? memchr(text->at, '\n', text_size(text)) : NULL;

	if (!newline)
		return false;
	*ret_line = (struct text){text->at, newline};
	text->at = newline + 1;
	return true;
}

/* The literal, if the text begins with it. */
static inline bool text_skip(struct text *text, const char *literal)
{
	const size_t length = strlen(literal);

	if (text_size(text) < length || memcmp(text->at, literal, length) != 0)
		return false;
	text->at += length;
	return true;
}

static inline bool text_is(const struct text *text, const char *literal)
{
	return text_size(text) == strlen(literal) && !memcmp(text->at, literal, text_size(text));
}

/* What lies before the next separator, or the rest; the separator is gone too. */
static inline struct text text_until(struct text *text, char separator)
{
	const char *found = memchr(text->at, separator, text_size(text));
	const struct text part = {text->at, found ? found : text->end};

	text->at = found ? found + 1 : text->end;
	return part;
}

static inline void text_spaces(struct text *text)
{
	while (!text_is_empty(text) && (*text->at == ' ' || *text->at == '\t'))
		text->at++;
}

static inline bool text_digit(const struct text *text)
{
	return !text_is_empty(text) && *text->at >= '0' && *text->at <= '9';
}

/* One digit more. */
static inline bool text_append(struct text *text, uint64_t *value)
{
	return !__builtin_mul_overflow(*value, 10, value) &&
	       !__builtin_add_overflow(*value, (uint64_t)(*text->at++ - '0'), value);
}

/* A decimal number of at least one digit, without sign. */
static inline bool text_number(struct text *text, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (!text_digit(text))
		return false;
	while (text_digit(text))
		if (!text_append(text, &value))
			return false;
	*ret_value = value;
	return true;
}

/* "12.34" with so many places behind the point as whole number: 2 gives 1234, 3 gives 12340. */
static inline bool text_fixed(struct text *text, unsigned places, uint64_t *ret_value)
{
	uint64_t value;

	if (!text_number(text, &value) || !text_skip(text, ".") || !text_digit(text))
		return false;
	for (; places > 0; places--) {
		if (text_digit(text) ? !text_append(text, &value)
		                     : __builtin_mul_overflow(value, 10, &value))
			return false;
	}
	while (text_digit(text))
		text->at++;
	*ret_value = value;
	return true;
}

/* A whole line that is a number, or "max" for @unlimited. */
static inline bool text_limit(struct text text, uint64_t unlimited, uint64_t *ret_value)
{
	struct text line;

	if (!text_line(&text, &line))
		return false;
	if (text_is(&line, "max")) {
		*ret_value = unlimited;
		return true;
	}
	return text_number(&line, ret_value) && text_is_empty(&line);
}

/* How many CPUs a list names: "0-3,8,10-11". An empty one names none. */
static inline bool text_cpus(struct text text, uint64_t *ret_count)
{
	uint64_t count = 0, first, last, next = 0;
	struct text line;

	if (!text_line(&text, &line))
		return false;
	while (!text_is_empty(&line)) {
		if (!text_number(&line, &first))
			return false;
		last = first;
		if (text_skip(&line, "-") && !text_number(&line, &last))
			return false;
		/* As the kernel writes them: rising, so that none is counted twice. */
		if (first < next || last < first || last >= UINT32_MAX)
			return false;
		count += last - first + 1;
		next = last + 1;
		if (!text_is_empty(&line) && (!text_skip(&line, ",") || text_is_empty(&line)))
			return false;
	}
	*ret_count = count;
	return true;
}

/* The word, if the line has it between spaces. */
static inline bool text_has_word(struct text text, const char *word)
{
	struct text line;

	if (!text_line(&text, &line))
		return false;
	while (!text_is_empty(&line)) {
		const struct text part = text_until(&line, ' ');

		if (text_is(&part, word))
			return true;
	}
	return false;
}

/* A path that begins at the root and never goes back up. */
static inline bool text_is_plain_path(struct text path)
{
	if (!text_skip(&path, "/") || memchr(path.at, '\0', text_size(&path)))
		return false;
	while (!text_is_empty(&path)) {
		const struct text part = text_until(&path, '/');

		if (text_is(&part, ".") || text_is(&part, ".."))
			return false;
	}
	return true;
}

#endif
