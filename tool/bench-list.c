/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The list of what is measured, and what the user chose of it. */
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "vdk.h"

const char *const bench_way_names[BENCH_WAYS] = {"floor", "kernel", "attached", "libc", "syscall"};
const char *const bench_way_words[BENCH_WAYS] = {"floor", "vDSO, kernel's", "vDSO, attached",
                                                 "C library", "system call"};

int bench_list_add(struct bench_list *list, const struct bench_call *call)
{
	struct bench_call *grown = reallocarray(list->calls, list->count + 1, sizeof(*grown)), *at;

	if (!grown) {
		tool_error("bench", "out of memory");
		return EXIT_SYSTEM;
	}
	list->calls = grown;
	at = &grown[list->count];
	*at = *call;
	snprintf(at->name, sizeof(at->name), "%s/%s", bench_way_names[at->way], at->call);
	for (unsigned int i = 0; i < list->count; i++)
		if (!strcmp(grown[i].name, at->name)) /* asked for twice */
			return EXIT_FINE;
	list->count++;
	return EXIT_FINE;
}

int bench_list_skip(struct bench_list *list, const char *function, const char *image,
                    const char *format, ...)
{
	struct bench_skip *grown = reallocarray(list->skips, list->skip_count + 1, sizeof(*grown));
	va_list arguments;

	if (!grown) {
		tool_error("bench", "out of memory");
		return EXIT_SYSTEM;
	}
	list->skips = grown;
	grown += list->skip_count++;
	*grown = (struct bench_skip){.image = image};
	snprintf(grown->function, sizeof(grown->function), "%s", function);
	va_start(arguments, format);
	vsnprintf(grown->why, sizeof(grown->why), format, arguments);
	va_end(arguments);
	return EXIT_FINE;
}

void bench_list_free(struct bench_list *list)
{
	free(list->calls);
	free(list->skips);
	*list = (struct bench_list){0};
}

bool bench_chosen(const struct bench_choice *choice, const char *function)
{
	for (unsigned int i = 0; i < choice->count; i++) {
		const char *word = choice->words[i], *open = strchr(word, '(');

		if (open ? strlen(function) == (size_t)(open - word) &&
		                   !strncmp(word, function, strlen(function))
		         : fnmatch(word, function, 0) == 0)
			return true;
	}
	return choice->count == 0;
}
