/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_VSYSCALL_SITE_H
#define VDK_ATTACH_VSYSCALL_SITE_H

/* Who calls the vsyscall page: a place in a file, told once. */

#include <stdint.h>
#include <sys/types.h>

#include "arch-registers.h"

/* Places that were told; all zeroes in the beginning. Beyond so many, nothing more is told. */
struct vdk_vsyscall_sites {
	struct {
		uint64_t device, inode, offset;
	} places[1024];
	unsigned count;
};

/*
 * Say on the program's standard error that it calls `entry` of the page, and from where: file,
 * offset, and function where the file has symbols. The thread must be stopped at the call.
 */
void vdk_vsyscall_site_tell(struct vdk_vsyscall_sites *sites, pid_t tid, uint64_t entry,
                            const struct vdk_registers *registers);

#endif
