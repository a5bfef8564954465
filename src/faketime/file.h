/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_FAKETIME_FILE_H
#define VDK_FAKETIME_FILE_H

/*
 * A file whose time of last change is a tree's time, SPEC %: looked at whenever the kernel tells of
 * a change (inotify), which takes a few milliseconds, and every second, for what it does not tell:
 * file systems of other machines, stores to a mapping, a symbolic link that leads elsewhere now.
 *
 * More than a hundred changes a second are not all followed, but the last one is.
 */

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <vdk/report.h>

#include "faketime/spec.h"

/* Lies in memory that the processes of the supervisor share: what one has seen its successor has. */
struct faketime_file {
	char path[PATH_MAX]; /* absolute */
	int64_t seconds, nanoseconds; /* what the tree was given last */
	/* Of one process, between faketime_file_begin() and its end: */
	int inotify, timer;
	int64_t changed_at; /* ns of CLOCK_MONOTONIC */
};

/*
 * Where @spec's file lies, and its time, which @spec has.
 *
 * Return: 0; -ENOMEM; what realpath(3) returns of the folder that it is in.
 */
int faketime_file_open(const struct faketime_spec *spec, struct faketime_file **ret,
                       struct vdk_report *report);

/* Begin to watch. Return: a descriptor that becomes readable when it is time to look; -1. */
int faketime_file_begin(struct faketime_file *file);

/* Look. True: the file has another time than the one given last. Call it when it is readable. */
bool faketime_file_changed(struct faketime_file *file);

/* The time at which it was last changed. Return: 0; what stat(2) returns. */
int faketime_file_time(const char *path, struct faketime_spec *ret_spec);

#endif
