/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_PUBLISH_ROLE_H
#define VDK_PUBLISH_ROLE_H

/*
 * The publisher's role: an open-file-description lock on RUNTIME_DIR/.NAME.lock, held for life. It
 * is asked about without being taken (F_OFD_GETLK), which flock(2) could not do, so looking never
 * gets into the way of a publisher that starts at that moment.
 */

#include <vdk/report.h>

/* Take the role, or -EBUSY with the holder named. The caller closes *ret_fd to give it up. */
int vdk_role_take(int runtime_fd, const char *name, int *ret_fd, struct vdk_report *report);

/* 1 somebody holds it, 0 nobody does, or a negative errno. */
int vdk_role_held(int runtime_fd, const char *name);

/* Remove the lock's file. The caller holds the role, or knows better. */
int vdk_role_remove(int runtime_fd, const char *name);

#endif
