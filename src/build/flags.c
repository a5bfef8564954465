/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The builder's flags as text, for other build systems. Needs libc only. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "build.h"

/* Words with a blank cannot be told apart in a line. */
static int join(const struct list *words, char **ret_line, struct vdk_report *report)
{
	size_t size = 1;
	char *line, *end;

	for (size_t i = 0; i < words->count; i++) {
		if (strpbrk(words->items[i], " \t\n"))
			return vdk_report_set(report, -EINVAL, words->items[i],
			                      "has a blank in it, which no line of flags can hold");
		size += strlen(words->items[i]) + 1;
	}
	line = malloc(size);
	if (!line)
		return -ENOMEM;
	end = line;
	for (size_t i = 0; i < words->count; i++) {
		if (i)
			*end++ = ' ';
		end = stpcpy(end, words->items[i]);
	}
	*end = '\0';
	*ret_line = line;
	return 0;
}

int vdk_build_cflags(const struct vdk_build_options *options, char **ret_flags,
                     struct vdk_report *report)
{
	cleanup_toolchain struct toolchain tc = {0};
	cleanup_list struct list words = {0};
	int error = toolchain_init(&tc, options->cc, NULL, report);

	if (!error)
		error = toolchain_cflags(&tc, options->include_dir, options->cflags, &words);
	return error ? error : join(&words, ret_flags, report);
}

int vdk_build_ldflags(const struct vdk_build_options *options, char **ret_flags,
                      struct vdk_report *report)
{
	cleanup_toolchain struct toolchain tc = {0};
	cleanup_list struct list words = {0};
	vdk_cleanup_free char *folder = realpath(options->script_dir, NULL);
	char script[PATH_MAX];
	int error;

	if (!folder)
		return vdk_report_set(report, -errno, options->script_dir, "%m");
	if (snprintf(script, sizeof(script), "%s/image.map", folder) >= PATH_MAX)
		return vdk_report_set(report, -ENAMETOOLONG, folder, "the path is too long");
	if (access(script, R_OK) < 0)
		return vdk_report_set(report, -errno, options->script_dir,
		                      "there are no scripts in this folder; `vdk flags --script %s "
		                      "OBJECT... --page FILE` makes them",
		                      options->script_dir);
	error = toolchain_init(&tc, options->cc, options->ld, report);
	if (!error)
		error = toolchain_ldflags(&tc, &words);
	if (!error)
		error = toolchain_link_files(folder, &words);
	return error ? error : join(&words, ret_flags, report);
}
