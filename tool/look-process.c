/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk's process page: where the standard functions lead that the image does not define. */
#include <elf.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include <vdk/format.h>

#include "look.h"

#define NAME_(name) #name,
static const char *const names[VDK_CHAIN_COUNT] = {VDK_CHAIN_LIST(NAME_)};
#undef NAME_

static bool read_page(const struct vdk_process *process, const struct vdk_map *map,
                      struct vdk_process_page *ret)
{
	return map->end - map->start >= sizeof(*ret) &&
	       !vdk_process_read(process, map->start, ret, sizeof(*ret)) &&
	       !memcmp(ret->magic, VDK_PROCESS_MAGIC, sizeof(ret->magic)) &&
	       ret->version == VDK_PROCESS_VERSION;
}

/* The mapping's kind and the offset in it: "vdso+0xc50". */
static const char *place(const struct vdk_maps *maps, uint64_t address, char text[64])
{
	const struct vdk_map *map = vdk_maps_find(maps, address);

	if (map)
		snprintf(text, 64, "%s+%#" PRIx64, vdk_map_kind_name(map->kind),
		         address - map->start);
	else
		snprintf(text, 64, "where nothing is mapped");
	return text;
}

void look_process_page_print(FILE *out, const struct vdk_process *process,
                             const struct vdk_maps *maps, const struct vdk_map *map,
                             const char *indent)
{
	struct vdk_process_page page;
	char text[64];

	if (!read_page(process, map, &page))
		return;
	for (int i = 0; i < VDK_CHAIN_COUNT; i++)
		fprintf(out, "%s%-13s -> %016" PRIx64 "  %s\n", indent, names[i], page.chain[i],
		        place(maps, page.chain[i], text));
}

struct json_object *look_process_page_json(const struct vdk_process *process,
                                           const struct vdk_maps *maps, const struct vdk_map *map)
{
	struct json_object *chains;
	struct vdk_process_page page;
	char text[64];

	if (!read_page(process, map, &page))
		return NULL;
	chains = json_object_new_object();
	for (int i = 0; i < VDK_CHAIN_COUNT; i++) {
		struct json_object *chain = json_object_new_object();

		json_object_object_add(chain, "address", look_address(page.chain[i]));
		json_object_object_add(chain, "in",
		                       json_object_new_string(place(maps, page.chain[i], text)));
		json_object_object_add(chains, names[i], chain);
	}
	return chains;
}

void look_leads(const struct vdk_process *process, const struct vdk_maps *maps,
                struct look_leads *ret_leads)
{
	struct vdk_report report = {0};
	struct vdk_process_page page;
	struct vdk_auxv auxv;

	if (!vdk_auxv_read(process, maps, &auxv, &report))
		vdk_auxv_find(auxv.own, auxv.own_count, AT_SYSINFO_EHDR, &ret_leads->entry);
	for (size_t i = 0; i < maps->count; i++)
		if (maps->maps[i].kind == VDK_MAP_VDK_PROCESS &&
		    read_page(process, &maps->maps[i], &page))
			ret_leads->chain = page.chain[0];
}
