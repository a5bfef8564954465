/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_VSYSCALL_H
#define VDK_ATTACH_VSYSCALL_H

/*
 * Old programs: calls to the fixed vsyscall page, caught from outside.
 *
 * Where the kernel does not serve the page, a call to it is a page fault and then a SIGSEGV, which
 * stops a traced program before the signal is delivered. The tracer answers the call, as the kernel's
 * emulation would, and drops the signal: one stop for each call. Where the kernel serves the page
 * there is no signal, but the emulation asks seccomp first, so that a filter can make it a stop.
 *
 * The tracer is a process of its own for each program that was started, `vdk-vsyscall`, with
 * everything that the program forks: neither the supervisor's work nor its end touches it. It ends
 * with the last of its programs. Programs that it need not see are never traced.
 *
 *   plan     who is traced here: a matter of the wish, the kernel and, for VDK_VSYSCALL_SOME, of
 *            what a program's files contain
 *   wanted   is this program, at its exec stop, one of them?
 *   adopt    the start-up code asked for a tracer: start it (follow)
 *   trace    be it (once, and the process that adopt started)
 */

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <vdk/attach.h>
#include <vdk/report.h>

struct vdk_inflight;
struct vdk_inject;

enum vdk_vsyscall_who {
	VDK_VSYSCALL_NOBODY, /* the kernel answers */
	VDK_VSYSCALL_SOME,   /* programs whose files contain the addresses */
	VDK_VSYSCALL_ALL
};

struct vdk_vsyscall_plan {
	enum vdk_vsyscall_who who;
	bool fails;  /* calls are to fail, and to be named */
	bool served; /* the kernel serves the page: calls are caught by a filter, not by their fault */
};

/* What this kernel and the wish come to. */
void vdk_vsyscall_plan_make(enum vdk_attach_vsyscall wish, struct vdk_vsyscall_plan *ret);

/*
 * Where the kernel serves the page and calls must be caught all the same: a filter on this process
 * and its descendants that makes them stops of the tracer. Does nothing otherwise. Sets
 * no_new_privs when the process lacks CAP_SYS_ADMIN, as seccomp asks.
 *
 * Return: 0; a negative errno of seccomp(2).
 */
int vdk_vsyscall_filter(const struct vdk_vsyscall_plan *plan, struct vdk_report *report);
bool vdk_vsyscall_has_filter(const struct vdk_vsyscall_plan *plan);

/*
 * Verdicts on programs, kept: a program that is started a thousand times is read once. All zeroes
 * in the beginning. It owns no memory.
 */
struct vdk_vsyscall_seen {
	struct {
		uint64_t key; /* of the program and what decides about its libraries; 0 = free */
		bool contains;
	} slots[256];
};

/* Is the program that `tid` has just executed to be traced? */
bool vdk_vsyscall_wanted(const struct vdk_vsyscall_plan *plan, pid_t tid,
                         struct vdk_vsyscall_seen *seen);

/*
 * Do the program's file, its loader or its libraries contain the page's addresses? What cannot be
 * found or read does not.
 */
bool vdk_vsyscall_contained(pid_t tid, struct vdk_vsyscall_seen *seen);

/* Open a regular file for reading, by a path as the program sees it; -1 if that cannot be. */
int vdk_vsyscall_open_in_root(pid_t tid, const char *path);

/* What the filter says to the tracer, so that other filters' stops can be told from its own. */
#define VDK_VSYSCALL_STOP 0x7673u

/* Options for PTRACE_SEIZE and PTRACE_SETOPTIONS of those that will be traced. */
unsigned long vdk_vsyscall_options(const struct vdk_vsyscall_plan *plan);

/* Tracers, and the notifications that they are to answer. All zeroes in the beginning. */
struct vdk_vsyscall_tracers {
	struct vdk_vsyscall_tracer {
		pid_t pid;
		uint64_t id;
	} *tracers; /* to be freed by the owner */
	size_t count;
};

/*
 * A start-up code asked for a tracer: start one, which answers the notification itself.
 *
 * Return: 0; a negative errno, and then the notification is still to be answered.
 */
int vdk_vsyscall_adopt(struct vdk_vsyscall_tracers *tracers, const struct vdk_inject *inject,
                       int listener, struct vdk_inflight *inflight, uint64_t id, pid_t tid);

/*
 * A child of the supervisor ended. If it is a tracer that was killed before it had answered, its
 * program is let go on: it must not wait for ever.
 */
void vdk_vsyscall_ended(struct vdk_vsyscall_tracers *tracers, int listener,
                        struct vdk_inflight *inflight, pid_t pid);

/*
 * Trace until nobody is left. The calling process must hold at least one thread already, by
 * PTRACE_SEIZE with vdk_vsyscall_options(), which runs.
 *
 * @follow: programs that are executed get the image, too; otherwise they go without, and what the
 *          caller's process has open is closed
 */
void vdk_vsyscall_trace(const struct vdk_inject *inject, bool follow);

#endif
