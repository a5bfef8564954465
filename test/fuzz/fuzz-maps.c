/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libFuzzer target: any bytes at all are read as a maps file and explained. */
#include <vdk/inspect.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vdk_maps *maps;
	char text[128];

	if (vdk_maps_parse((const char *)data, size, "fuzz", NULL, &maps, NULL))
		return 0;
	for (size_t i = 0; i < maps->count; i++) {
		const struct vdk_map *map = &maps->maps[i];

		if (map->start >= map->end || (i && map->start < map[-1].end) ||
		    vdk_maps_find(maps, map->start) != map)
			abort();
		vdk_map_what(map, text, sizeof(text));
		vdk_map_why(map, text, sizeof(text));
	}
	vdk_maps_free(maps);
	return 0;
}
