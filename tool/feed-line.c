/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines of `vdk publish --stdin`: what kind each is, and the assignments in it. */
#include "feed-line.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "feed-json.h"

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/*
 * One value of a line, with \" and \\ undone in quotes. Return where it ends in @line, or 0 when
 * the quotes do not end.
 */
static size_t take_value(const char *line, size_t length, size_t at, char *value,
                         size_t *ret_length)
{
	const bool quoted = at < length && line[at] == '"';
	size_t out = 0;

	for (at += quoted; at < length; at++) {
		char c = line[at];

		if (quoted ? c == '"' : blank(c))
			break;
		if (quoted && c == '\\' && at + 1 < length)
			c = line[++at];
		value[out++] = c;
	}
	*ret_length = out;
	if (!quoted)
		return at;
	return at < length && (at + 1 == length || blank(line[at + 1])) ? at + 1 : 0;
}

static int collect_line(struct feed *feed, const char *line, size_t length, size_t *ret_column,
                        struct vdk_report *report)
{
	vdk_cleanup_free char *value = malloc(length + 1);
	size_t at = 0;

	while (value && at < length) {
		const char *equals;
		size_t value_length, end;
		int error;

		for (; at < length && blank(line[at]); at++)
			;
		if (at == length)
			break;
		*ret_column = at + 1;
		equals = memchr(line + at, '=', length - at);
		if (!equals)
			return vdk_report_set(report, -EINVAL, NULL,
			                      "expected RECORD.FIELD=VALUE, found no =");
		end = take_value(line, length, (size_t)(equals - line) + 1, value, &value_length);
		if (end == 0)
			return vdk_report_set(report, -EINVAL, NULL,
			                      "expected a value in quotes to end before a blank");
		error = feed_assign(feed, line + at, (size_t)(equals - line) - at, value,
		                    value_length, report);
		if (error)
			return error;
		at = end;
	}
	return value ? 0 : -ENOMEM;
}

int feed_line(struct feed *feed, const char *line, size_t length, size_t *ret_column,
              struct vdk_report *report)
{
	size_t first = 0, column = 1;
	int result;

	while (first < length && blank(line[first]))
		first++;
	if (first == length || line[first] == '#')
		return 0;
	feed_clear(feed);
	result = line[first] == '{' ? feed_json(feed, line, length, &column, report)
	                            : collect_line(feed, line, length, &column, report);
	if (!result)
		result = feed_commit(feed, report);
	if (result < 0)
		*ret_column = column;
	return result;
}
