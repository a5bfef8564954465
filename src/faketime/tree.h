/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_FAKETIME_TREE_H
#define VDK_FAKETIME_TREE_H

/*
 * A tree of programs that share a faked time is a publication named faketime-ID. It lives as long
 * as anybody holds a lock, flock(2), by the one open file that `vdk faketime` hands on to the tree:
 * the supervisor keeps it open, and with --once the program's own mapping does. Nobody has to
 * clean up in time: whoever comes next removes what nobody holds.
 *
 * Its files are their owner's alone, since whoever may read a file may lock it. Programs of the tree
 * that change their user are given descriptors by the supervisor.
 */

#include <vdk/page.h>
#include <vdk/publish.h>

#include "faketime-math.h"

#define FAKETIME_PREFIX "faketime-"

/* The publication's name of a tree. Return: 0; -EINVAL it is no possible name. */
int faketime_tree_name(const char *id, char name[VDK_PUBLICATION_NAME_MAX + 1],
                       struct vdk_report *report);

/*
 * Publish the image with this record for a new tree. @ret is open, and its page_fd carries the
 * lock: it must be inherited by the tree. @ret_state_fd: open for reading and writing; untouched
 * when the record has no steps.
 *
 * Return: 0; -EBUSY there is such a tree; as vdk_publisher_open() and vdk_publication_open().
 */
int faketime_tree_create(const char *id, const char *image, const struct faketime *record,
                         struct vdk_publication *ret, int *ret_state_fd,
                         struct vdk_report *report);

/* Remove what this tree left, if it is gone. */
void faketime_tree_bury(const char *id);

/* Remove what all trees left that are gone. Return: 0, or a negative errno of the runtime directory. */
int faketime_tree_collect(struct vdk_report *report);

/*
 * Is there a publication of this name (with the prefix) in the own runtime directory? That of the
 * system has other people's trees in it.
 */
bool faketime_tree_exists(const char *name);

/* The file of a tree's publication that has its steps, where there are any; see faketime.page.h. */
#define FAKETIME_STATE "state"

/*
 * The record of a tree and the sum of its steps.
 *
 * Return: 0; -ENOENT no such tree; -EBADMSG made by another vdk.
 */
int faketime_tree_read(const char *id, struct faketime *ret_record, int64_t *ret_steps,
                       uint64_t *ret_pid, struct vdk_report *report);

/*
 * What a change does to the record, while nobody else changes it. @steps: their sum so far.
 * Return: 0 or a negative errno.
 */
typedef int faketime_change(struct faketime *record, int64_t steps, void *data,
                            struct vdk_report *report);

/*
 * Change a tree's record. Returns when every clock of the tree goes by the new one.
 *
 * Return: 0; as faketime_tree_read(); -EACCES it is somebody else's; -ETIMEDOUT another writer is
 *         stopped, or the machine too busy; what @change returns.
 */
int faketime_tree_change(const char *id, faketime_change *change, void *data,
                         struct vdk_report *report);

/* How long before its pivot a record is made, ns: time enough to publish it. */
#define FAKETIME_LEAD (10 * INT64_C(1000000))

#endif
