/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_INSPECT_CLASSIFY_H
#define VDK_INSPECT_CLASSIFY_H

#include <vdk/inspect.h>

#include "base/vsyscall-scan.h"

/* What each mapping is, by name, address and neighbours; @program as for vdk_maps_parse(). */
void vdk_maps_classify(struct vdk_maps *maps, const char *program);

/* The last component of a path. */
const char *vdk_base_name(const char *path);

#endif
