/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_DOCTOR_COUNT_H
#define VDK_DOCTOR_COUNT_H

/*
 * Counting the time calls that reach the kernel. Three ways:
 *
 *   perf      tracepoints of a running process: costs it next to nothing, but needs tracefs and the
 *             right to use it; who made the calls is not known
 *   ptrace    each system call of a running process stops it twice while it is counted
 *   seccomp   for a program that is started here: a filter stops it at time calls only. It cannot
 *             be taken away again, so what the program leaves behind ends with the counting
 *
 * Whoever is traced may do anything at any moment, end and exec included: nothing that it does
 * makes these wait for ever or fail otherwise than by an error.
 */

#include "doctor/examination.h"

/*
 * Called around each look into a process whose calls are counted: it may have code mapped from a
 * file system that never answers, and whoever has a way to give up then can use it.
 */
struct doctor_guard {
	void (*begin)(void);
	void (*end)(void);
};

/*
 * Count for so many seconds. Nothing is kept afterwards, neither tracer nor events.
 * Return: 0; -EPERM, -EACCES; -ENOENT the kernel has no such events, or tracefs is not mounted;
 * -ESRCH; what perf_event_open(2) and ptrace(2) return.
 */
int doctor_count_perf(const struct vdk_process *process, double seconds,
                      struct doctor_calls *ret_calls);
int doctor_count_ptrace(const struct vdk_process *process, double seconds,
                        const struct doctor_guard *guard,
                        struct doctor_calls *ret_calls);

struct doctor_run {
	char **argv;
	const struct doctor_guard *guard; /* or NULL */
	double seconds; /* after so many SIGTERM, two later SIGKILL; 0: until it ends */
	/* Called once, when the first process is about to end and its memory is still there. */
	void (*at_end)(pid_t pid, const struct doctor_calls *calls, void *context);
	void *context;
	int status; /* filled: as waitpid(2) says of the first process */
};

/*
 * Start a program, its standard output led to our standard error, and count until it ends.
 * Return: 0; -ENOEXEC it cannot be executed, and the report says why; -EPERM tracing is refused.
 */
int doctor_count_run(struct doctor_run *run, struct doctor_calls *ret_calls,
                     struct vdk_report *report);

/* ---- For the three --------------------------------------------------------------------------- */

/* A call that a vDSO answers: its index in doctor_time_calls. -1 none, -2 for another clock. */
int doctor_time_call(uint64_t number, uint64_t first_argument);

/* Who called: fills @from, at most @size bytes. */
enum doctor_origin doctor_origin(pid_t pid, uint64_t address, char *from, size_t size);

#endif
