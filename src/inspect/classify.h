/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_INSPECT_CLASSIFY_H
#define VDK_INSPECT_CLASSIFY_H

#include <vdk/inspect.h>

/* What each mapping is, by name, address and neighbours; @program as for vdk_maps_parse(). */
void vdk_maps_classify(struct vdk_maps *maps, const char *program);

/* The fixed page of x86-64; the same on every kernel that has one. */
#define VDK_VSYSCALL_ADDRESS UINT64_C(0xffffffffff600000)

/* The last component of a path. */
const char *vdk_base_name(const char *path);

#endif
