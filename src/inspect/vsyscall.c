/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <vdk/inspect.h>

#include "base/vsyscall-scan.h"

enum vdk_vsyscall_mode vdk_vsyscall_mode(const struct vdk_maps *maps)
{
	const struct vdk_map *map = vdk_maps_find(maps, VDK_VSYSCALL_ADDRESS);

	if (!map)
		return VDK_VSYSCALL_NONE;
	return map->access & VDK_MAP_READ ? VDK_VSYSCALL_EMULATE : VDK_VSYSCALL_XONLY;
}
