/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_KIT_H
#define VDK_TOOL_KIT_H

#include <limits.h>

/* The kit's own folders that a build needs. */
struct kit {
	char include_dir[PATH_MAX];
	char sdk_dir[PATH_MAX];
};

/* Find them. Return: 0, or an exit code after a message. */
int kit_find(const char *command, struct kit *ret_kit);

/* The exit code for what vdk_build() returned: 1 a rule broken, 2 the author's to mend, else 3. */
int kit_exit_code(int error);

#endif
