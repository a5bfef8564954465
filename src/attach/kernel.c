/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attach/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <vdk/lookup.h>

#include "base/cleanup.h"

int vdk_kernel_vdso_read(struct vdk_kernel_vdso *ret, struct vdk_report *report)
{
#define NAME_(name) "__vdso_" #name,
	static const char *const names[VDK_CHAIN_COUNT] = {VDK_CHAIN_LIST(NAME_)};
#undef NAME_
	vdk_cleanup_close int fd = open("/proc/self/auxv", O_RDONLY | O_CLOEXEC);
	struct vdk_lookup_image image;
	unsigned long auxv[128];
	ssize_t size;
	int error;

	if (fd < 0)
		return vdk_report_set(report, errno == ENOENT ? -EOPNOTSUPP : -errno,
		                      "/proc/self/auxv", "cannot open: %s%s", strerror(errno),
		                      errno == ENOENT ? "; is /proc mounted here?" : "");
	size = read(fd, auxv, sizeof(auxv));
	if (size < 0)
		return vdk_report_set(report, -errno, "/proc/self/auxv", "cannot read: %s",
		                      strerror(errno));
	error = vdk_lookup_open_auxv(auxv, (size_t)size / (2 * sizeof(*auxv)), &image);
	if (error)
		return vdk_report_set(report, -EOPNOTSUPP, "kernel",
		                      "maps no vDSO into programs (is it booted with vdso=0?), so "
		                      "there is no place to announce another one");
	ret->base = (uintptr_t)image.base;
	for (int i = 0; i < VDK_CHAIN_COUNT; i++) {
		const uintptr_t function =
		        (uintptr_t)vdk_lookup_symbol(&image, names[i], "LINUX_2.6");

		ret->offset[i] = function ? function - (uintptr_t)image.base : 0;
	}
	return 0;
}
