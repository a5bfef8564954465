/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attached.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void kernel_open(struct vdk_lookup_image *ret_image)
{
	unsigned long auxv[128] = {0};
	const int fd = open("/proc/self/auxv", O_RDONLY | O_CLOEXEC);
	const ssize_t size = fd < 0 ? -1 : read(fd, auxv, sizeof(auxv));

	if (size < 0 ||
	    vdk_lookup_open_auxv(auxv, (size_t)size / (2 * sizeof(*auxv)), ret_image)) {
		fputs("bench: cannot find the kernel's vDSO\n", stderr);
		exit(3);
	}
	close(fd);
}

void attached_open(struct images *ret_images)
{
	kernel_open(&ret_images->kernel);
	if (vdk_lookup_open_self(&ret_images->attached) ||
	    ret_images->attached.base == ret_images->kernel.base ||
	    !vdk_lookup_symbol(&ret_images->attached, "__vdso_line_constant", NULL)) {
		fputs("bench: run this by `vdk run --vdso NAME`, where NAME is the published image "
		      "of bench/line\n",
		      stderr);
		exit(3);
	}
}

void *attached_symbol(const struct vdk_lookup_image *image, const char *name)
{
	vdk_function *const function = vdk_lookup_symbol(image, name, "LINUX_2.6");

	if (!function) {
		fprintf(stderr, "bench: the vDSO lacks %s\n", name);
		exit(3);
	}
	return (void *)(uintptr_t)function;
}
