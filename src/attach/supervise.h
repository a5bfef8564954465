/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_SUPERVISE_H
#define VDK_ATTACH_SUPERVISE_H

/*
 * The follow supervisor's loop: it is told of every exec in the tree, attaches, and ends with the
 * last process of the tree.
 */

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "attach/inject.h"

/*
 * Notifications that were received and not yet answered, in memory that outlives the worker: a
 * worker that is killed leaves programs waiting in execve, and its successor must let them go on.
 *
 * Each slot: 0 = free, else a notification's id. `last` is the newest id; ids of one filter are
 * consecutive (linux: kernel/seccomp.c), which covers the moment between receiving and noting.
 */
#define VDK_INFLIGHT_MAX 256
struct vdk_inflight {
	_Atomic uint64_t id[VDK_INFLIGHT_MAX];
	_Atomic uint64_t last;
};

/*
 * Serve until the tree is gone.
 *
 * @first: the process that `vdk run` becomes: it must not run unattached; 0 after a restart
 * Return: 0 when the tree is gone; a negative errno when the listener failed.
 */
int vdk_supervise(const struct vdk_inject *inject, int listener, pid_t first,
                  struct vdk_inflight *inflight);

#endif
