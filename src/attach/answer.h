/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_ANSWER_H
#define VDK_ATTACH_ANSWER_H

/*
 * Answers to seccomp notifications, and the record of those that are still owed.
 *
 * A program whose execve was notified waits, killable but by nothing else, until it is answered.
 * So every notification is noted when it is received and struck off when it is answered, in
 * memory that outlives the worker: the successor of a worker that was killed lets go on whoever
 * still waits. The kernel itself writes the newest one there, before it counts as received, so
 * that there is no moment at which only the worker knows of it.
 */

#include <linux/seccomp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <vdk/attach.h>

/* Each slot: 0 = free, else a notification's id. */
#define VDK_INFLIGHT_MAX 4096
struct vdk_inflight {
	struct seccomp_notif received; /* the newest one, as the kernel wrote it */
	_Atomic uint64_t id[VDK_INFLIGHT_MAX];
	bool served; /* there was one before it: the first program's exec was in hand */
	unsigned told; /* by the supervisor: kinds of trouble that were told already, a bit each */
};

/*
 * Wait for the next notification, and note it: inflight->received, until the next call.
 *
 * Return: 0; -ENOENT the program was killed meanwhile; -EINTR, -EAGAIN; another negative errno
 *         when the listener failed.
 */
int vdk_answer_receive(struct vdk_inflight *inflight, int listener);

/* No answer is owed any more: the program was killed meanwhile. */
void vdk_answer_void(struct vdk_inflight *inflight, uint64_t id);

/* Let the system call go on. */
void vdk_answer_go_on(struct vdk_inflight *inflight, int listener, uint64_t id);

/* Let the system call return 0 without being made. */
void vdk_answer_done(struct vdk_inflight *inflight, int listener, uint64_t id);

/* Let it fail with that errno. */
void vdk_answer_refuse(struct vdk_inflight *inflight, int listener, uint64_t id, int error);

/*
 * The start-up code asks for the image's, the page's or the state's descriptor: put it into the program, and
 * its number is what the system call returns.
 */
void vdk_answer_descriptor(struct vdk_inflight *inflight, int listener,
                           const struct vdk_attach *attach,
                           const struct seccomp_notif *notification);

/* Let everybody go on whom a predecessor left waiting; they run unattached. */
void vdk_answer_leftovers(struct vdk_inflight *inflight, int listener);

#endif
