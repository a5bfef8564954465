/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_FAKETIME_START_H
#define VDK_TOOL_FAKETIME_START_H

/* `vdk faketime SPEC PROGRAM`: publish a tree's time and become its first program. */

#include <stdbool.h>

#include "faketime/spec.h"

struct faketime_start {
	const char *name; /* of the tree; NULL: the PID */
	bool once, monotonic;
	bool strict;        /* report raw system calls: then the program is a child */
	const char *report; /* a file for that; NULL: standard error */
	bool json;          /* as JSON */
};

/*
 * Return: an exit code, messages are printed. Only on failure, or with `strict`, when the tree has
 * ended; a program that was killed then kills this process by the same signal.
 */
int faketime_start(const struct faketime_start *options, const struct faketime_spec *spec,
                   char **argv);

#endif
