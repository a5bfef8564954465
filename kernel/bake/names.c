/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "names.h"

#include <stdio.h>
#include <string.h>

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"

bool ends_with(const char *text, const char *tail)
{
	const size_t length = strlen(text), tail_length = strlen(tail);

	return length > tail_length && !strcmp(text + length - tail_length, tail);
}

bool is_name(const char *text)
{
	return *text && !text[strspn(text, NAME_CHARACTERS)] && !strchr("0123456789", *text);
}

void hook_name(const char *folder, const char *file, char *ret_name, size_t size)
{
	const size_t length = strcspn(file, ".");
	int used = snprintf(ret_name, size, "vdk_update_%s", folder);

	if (strlen(folder) != length || strncmp(folder, file, length))
		used += snprintf(ret_name + used, size - used, "_%.*s", (int)length, file);
	for (char *at = ret_name; *at; at++)
		if (!strchr(NAME_CHARACTERS, *at))
			*at = '_';
}

char *object_path(const char *folder, const char *file)
{
	const int length = (int)strlen(file) - (ends_with(file, ".c") ? 2 : 0);
	char *path;

	return asprintf(&path, "%s/%.*s", folder, length, file) < 0 ? NULL : path;
}
