/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_SUPERVISE_H
#define VDK_ATTACH_SUPERVISE_H

/*
 * The follow supervisor's loop: it is told of every exec in the tree, attaches, and ends with the
 * last process of the tree.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "attach/answer.h"
#include "attach/inject.h"

/*
 * Serve until the tree is gone.
 *
 * @first:      the process that `vdk run` becomes: it must not run unattached; 0 when it was served
 * @may_retire: somebody can start a successor
 * Return: 0 when the tree is gone; 1 when a successor, in a process of its own, should go on: the
 *         end of this one is what lets go of the threads in hand; a negative errno when the
 *         listener failed.
 */
int vdk_supervise(const struct vdk_inject *inject, int listener, pid_t first,
                  struct vdk_inflight *inflight, bool may_retire);

#endif
