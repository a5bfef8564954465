/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_DOCTOR_TRACE_H
#define VDK_DOCTOR_TRACE_H

/* What counting a running process and counting a started program share: the stops of tracees. */

#include <dirent.h>
#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "doctor/count.h"
#include "inspect/process.h"

#define TRACE_CALLERS 512

struct trace {
	struct doctor_calls *calls;
	bool every;  /* stop at each system call; else where a filter says */
	const struct doctor_guard *guard; /* or NULL */
	pid_t first; /* the process whose end matters */
	void (*at_exit)(struct trace *trace);
	void *context;
	double start; /* as trace_now() tells */
	bool first_ended;
	int status; /* of the first one */

	/* Who calls from where, as it was found at the first time. */
	struct trace_caller {
		pid_t pid;
		uint64_t address;
		enum doctor_origin origin;
		char from[96];
	} callers[TRACE_CALLERS];
};

/*
 * Handle every stop that there is, wait for more until @until (CLOCK_MONOTONIC, seconds; 0: without
 * end). SIGCHLD must be blocked.
 *
 * Return: true when no tracee is left, or the first one has ended; false when the time is up.
 */
bool trace_until(struct trace *trace, double until);

double trace_now(void);

/* Seconds on processors of a process and of its children that ended; 0: not known. */
double trace_cpu_seconds(const struct vdk_process *process);

/* The folder of its threads. Return: 0; -ESRCH it ended; -ENOMEM; what openat(2) returns. */
int doctor_open_threads(const struct vdk_process *process, DIR **ret_folder);

/* The filter for a program that is started: time calls and prctl(PR_SET_TSC) stop it. */
int trace_install_filter(void);

#endif
