/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BUILD_LIST_H
#define VDK_BUILD_LIST_H

/*
 * A growing list of strings that it owns, always NULL-terminated: an argv, a list of files. A
 * zeroed list is empty.
 */

#include <stddef.h>

struct list {
	char **items;
	size_t count;
};

/* Append a formatted string. Return: 0; -ENOMEM. */
int list_add(struct list *list, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Append copies of a NULL-terminated array of strings. Return: 0; -ENOMEM. */
int list_add_all(struct list *list, const char *const *items);

/* Append the blank-separated words of @text. Return: 0; -ENOMEM. */
int list_add_words(struct list *list, const char *text);

void list_sort(struct list *list);

void list_free(struct list *list);

#define cleanup_list __attribute__((cleanup(list_free)))

#endif
