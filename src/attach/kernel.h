/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_KERNEL_H
#define VDK_ATTACH_KERNEL_H

/* The kernel's own vDSO: the same image in every 64-bit process of one boot, at another address. */

#include <stdint.h>

#include <vdk/format.h>
#include <vdk/report.h>

struct vdk_kernel_vdso {
	uint64_t base; /* in this process */
	uint64_t offset[VDK_CHAIN_COUNT]; /* of each standard function in it; 0 = it has none */
};

/*
 * Read it from this process. The kernel's saved auxiliary vector (/proc/self/auxv) tells where it
 * lies even if this very process has another image attached or its entry disabled.
 *
 * Return: 0; -EOPNOTSUPP the kernel maps no vDSO (boot option vdso=0); an errno of open(2).
 */
int vdk_kernel_vdso_read(struct vdk_kernel_vdso *ret, struct vdk_report *report);

#endif
