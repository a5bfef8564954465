/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_RAW_CALL_H
#define VDK_ATTACH_RAW_CALL_H

/*
 * Questions for the time that pass every vDSO by, for struct vdk_attach_watch. The filter notifies
 * of the system calls; here it is told whether the kernel's vDSO or the attached image made one,
 * since both pass on what they cannot answer.
 */

#include <linux/seccomp.h>
#include <stdbool.h>

#include <vdk/attach.h>

#include "attach/inject.h"

/*
 * Is this notification one of them? The thread must still wait in it.
 *
 * Where a program's memory is not for us to see, it is not known who asked: then it is no raw call.
 */
bool vdk_raw_call_read(const struct vdk_inject *inject, const struct seccomp_notif *notification,
                       struct vdk_raw_call *ret);

/* Is it about the time at all, and not about an exec? */
bool vdk_raw_call_is(const struct seccomp_notif *notification);

#endif
