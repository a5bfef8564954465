/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_FAKETIME_STRICT_H
#define VDK_TOOL_FAKETIME_STRICT_H

/*
 * `vdk faketime --strict`: which programs of a tree asked the kernel for the time, past the vDSO.
 *
 * The supervisor counts, in memory that it shares with the process that the user started. That one
 * stays in front of the tree, as a shell would: it passes signals on, stops and ends as the first
 * program does, and reports when the last one has ended.
 */

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include <vdk/attach.h>
#include <vdk/report.h>

struct strict;

int strict_new(struct strict **ret, struct vdk_report *report);

/* In the supervisor: what it is told, see struct vdk_attach_watch. */
void strict_started(struct strict *strict, int tid, bool attached);
void strict_call(struct strict *strict, const struct vdk_raw_call *call);

/* Print, unless no program was started. @complete: the tree has ended. */
void strict_report(const struct strict *strict, FILE *out, bool json, bool complete);

struct strict_family {
	pid_t child;     /* 0 in the child itself */
	sigset_t waited; /* signals that the parent waits for */
	sigset_t before; /* what was blocked before */
};

bool strict_fork(struct strict_family *ret);

/* Wait for the child, passing signals on to it. Return: as waitpid(2) has it. */
int strict_wait(const struct strict_family *family);

/* Wait until nobody holds a lock on this file. False: a signal to the parent came first. */
bool strict_wait_for_lock(const struct strict_family *family, int fd);

/* End by the signal that ended the child, or return its exit status. */
int strict_end_like(int status);

#endif
