/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scan.h"

#include <ctype.h>
#include <string.h>

void scan_start(struct scan *scan, const char *text)
{
	*scan = (struct scan){.at = text, .next_line = 1, .fresh = true};
}

static void skip_comment(struct scan *scan)
{
	const bool block = scan->at[1] == '*';

	for (scan->at += 2; *scan->at; scan->at++) {
		if (!block && *scan->at == '\n')
			return;
		if (block && scan->at[0] == '*' && scan->at[1] == '/') {
			scan->at += 2;
			return;
		}
		scan->next_line += *scan->at == '\n';
	}
}

static void skip_literal(struct scan *scan)
{
	const char quote = *scan->at++;

	for (; *scan->at && *scan->at != quote && *scan->at != '\n'; scan->at++)
		if (*scan->at == '\\' && scan->at[1]) {
			scan->at++;
			scan->next_line += *scan->at == '\n';
		}
	if (*scan->at == quote)
		scan->at++;
}

/* Blanks, comments, strings. */
static void skip(struct scan *scan)
{
	for (;;) {
		if (*scan->at == '\n') {
			scan->next_line++;
			scan->fresh = true;
			scan->at++;
		} else if (isspace((unsigned char)*scan->at) || *scan->at == '\\') {
			scan->at++;
		} else if (scan->at[0] == '/' && (scan->at[1] == '/' || scan->at[1] == '*')) {
			skip_comment(scan);
		} else if (*scan->at == '"' || *scan->at == '\'') {
			skip_literal(scan);
			scan->fresh = false;
		} else {
			return;
		}
	}
}

/* At a # that begins a line. */
static bool read_include(struct scan *scan)
{
	const char *name = scan->at + 1 + strspn(scan->at + 1, " \t");

	if (strncmp(name, "include", 7))
		return false;
	name += 7 + strspn(name + 7, " \t");
	if (*name != '"' && *name != '<')
		return false;
	scan->token = name;
	scan->length = strcspn(name + 1, "\">\n") + 1;
	scan->at = name + scan->length;
	if (*scan->at == '"' || *scan->at == '>') {
		scan->at++;
		scan->length++;
	}
	return true;
}

enum scan_kind scan_next(struct scan *scan)
{
	bool fresh;

	skip(scan);
	fresh = scan->fresh;
	scan->fresh = false;
	scan->line = scan->next_line;
	scan->token = scan->at;
	scan->length = 1;
	if (!*scan->at)
		return SCAN_END;
	if (*scan->at == '#' && fresh && read_include(scan))
		return SCAN_INCLUDE;
	scan->at++;
	if (!isalnum((unsigned char)*scan->token) && *scan->token != '_')
		return SCAN_SIGN;
	for (; isalnum((unsigned char)*scan->at) || *scan->at == '_'; scan->at++)
		scan->length++;
	return SCAN_WORD;
}

bool scan_is(const struct scan *scan, const char *word)
{
	return strlen(word) == scan->length && !strncmp(scan->token, word, scan->length);
}
