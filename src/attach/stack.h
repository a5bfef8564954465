/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_STACK_H
#define VDK_ATTACH_STACK_H

/* The auxiliary vector on the initial stack of another program. */

#include <stdbool.h>
#include <stdint.h>

struct vdk_stack {
	uint64_t vdso_entry; /* address of the AT_SYSINFO_EHDR pair; 0 = there is none */
	uint64_t vdso;       /* its value */
	uint64_t page;       /* AT_PAGESZ's value, 0 when missing */
	bool secure;         /* AT_SECURE is set */
};

/*
 * Find it above the stack pointer that the kernel set at exec: argc, argv, NULL, environment,
 * NULL, pairs until AT_NULL. Read in bulk from the open /proc/PID/mem.
 *
 * Return: 0; -EBADMSG no auxiliary vector within the bounds that exec keeps; an errno of
 *         pread(2), -EIO above all when the program is gone.
 */
int vdk_stack_read(int memory, uint64_t sp, struct vdk_stack *ret);

#endif
