/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "list.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Takes @item, also on failure. */
static int list_consume(struct list *list, char *item)
{
	char **grown;

	if (!item)
		return -ENOMEM;
	grown = reallocarray(list->items, list->count + 2, sizeof(*grown));
	if (!grown) {
		free(item);
		return -ENOMEM;
	}
	list->items = grown;
	list->items[list->count++] = item;
	list->items[list->count] = NULL;
	return 0;
}

int list_add(struct list *list, const char *format, ...)
{
	va_list args;
	char *item = NULL;
	int length;

	va_start(args, format);
	length = vasprintf(&item, format, args);
	va_end(args);
	return list_consume(list, length < 0 ? NULL : item);
}

int list_add_all(struct list *list, const char *const *items)
{
	int error = 0;

	for (; items && *items && !error; items++)
		error = list_consume(list, strdup(*items));
	return error;
}

int list_add_words(struct list *list, const char *text)
{
	int error = 0;

	for (text += strspn(text, " \t"); *text && !error; text += strspn(text, " \t")) {
		const size_t length = strcspn(text, " \t");

		error = list_consume(list, strndup(text, length));
		text += length;
	}
	return error;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void list_sort(struct list *list)
{
	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), compare);
}

void list_free(struct list *list)
{
	const int saved = errno;

	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct list){0};
	errno = saved;
}
