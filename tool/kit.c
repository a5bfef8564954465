/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kit.h"

#include <errno.h>
#include <string.h>

#include "vdk.h"

/* The folder of a file of the kit: its path without @levels last parts. */
static int find_folder(const char *command, const char *kind, const char *file, int levels,
                       char *ret_path)
{
	const int error = tool_find(kind, file, ret_path, PATH_MAX);

	if (error) {
		tool_error(command, "the kit's %s is missing: %s", file, tool_find_problem(error));
		return EXIT_SYSTEM;
	}
	while (levels--)
		*strrchr(ret_path, '/') = '\0';
	return 0;
}

int kit_find(const char *command, struct kit *ret_kit)
{
	const int code = find_folder(command, "include", "vdk/vdso.h", 2, ret_kit->include_dir);

	return code ? code : find_folder(command, "sdk", "image.lds", 1, ret_kit->sdk_dir);
}

int kit_exit_code(int error)
{
	switch (error) {
	case 0:
		return EXIT_FINE;
	case -EBADMSG:
		return EXIT_FINDING;
	case -EINVAL:
	case -E2BIG:
	case -ENOEXEC:
	case -ECANCELED:
		return EXIT_USAGE;
	}
	return EXIT_SYSTEM;
}
