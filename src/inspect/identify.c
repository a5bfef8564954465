/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a process's mappings are by their bytes: vdk's image by its note, its page and process page
 * by their magic, the kernel's vDSO as an ELF image. Files may be called anything; and whoever
 * only has the names has lost what classify.c guessed, if the bytes contradict it.
 */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/format.h>
#include <vdk/note.h>

#include "base/cleanup.h"
#include "inspect/identify.h"

/* An image is small; a larger executable mapping is not looked into. */
#define IMAGE_MAX (UINT64_C(16) << 20)

/* All of them together: a process can have tens of thousands of mappings that look like one. */
#define IMAGES_MAX (UINT64_C(256) << 20)

static bool has_magic(const struct vdk_process *process, uint64_t address, const char *magic)
{
	char found[8];

	return vdk_process_read(process, address, found, sizeof(found)) == 0 &&
	       memcmp(found, magic, sizeof(found)) == 0;
}

static bool is_elf(const struct vdk_process *process, const struct vdk_map *map)
{
	char found[SELFMAG];

	return vdk_process_read(process, map->start, found, sizeof(found)) == 0 &&
	       memcmp(found, ELFMAG, SELFMAG) == 0;
}

/* The note of a mapped image; its headers are in the mapping, as in the file. */
static bool read_note(const struct vdk_process *process, const struct vdk_map *map,
                      uint64_t *budget, struct vdk_note *note)
{
	const uint64_t size = map->end - map->start;
	vdk_cleanup_free void *bytes = NULL;

	if (!(map->access & VDK_MAP_EXEC) || !(map->access & VDK_MAP_READ) || map->offset != 0 ||
	    size > IMAGE_MAX || size > *budget || !is_elf(process, map))
		return false;
	*budget -= size;
	bytes = malloc(size);
	return bytes && vdk_process_read(process, map->start, bytes, size) == 0 &&
	       vdk_note_read_memory(bytes, size, "", note, NULL) == 0;
}

static void identify_process_page(struct vdk_maps *maps, const struct vdk_process *process,
                                  const struct vdk_map *image, uint64_t page_size)
{
	const uint64_t before = page_size + VDK_PROCESS_SIZE;
	struct vdk_process_page page;
	struct vdk_map *map;

	if (image->start < before)
		return;
	map = vdk_maps_find(maps, image->start - before);
	/* The kernel may have merged it with read-only memory before it: then it is not alone. */
	if (!map || map->end != image->start - page_size ||
	    vdk_process_read(process, image->start - before, &page, sizeof(page)) != 0 ||
	    memcmp(page.magic, VDK_PROCESS_MAGIC, sizeof(page.magic)) != 0)
		return;
	map->kind = VDK_MAP_VDK_PROCESS;
	map->by_content = true;
	/* Whatever a hostile process says there: nothing but the name of one mapping depends on it. */
	map = page.state ? vdk_maps_find(maps, page.state) : NULL;
	if (map && map->start == page.state && map->end == page.state + VDK_STATE_SIZE) {
		map->kind = VDK_MAP_VDK_STATE;
		map->by_content = true;
	}
}

static void identify_image(struct vdk_maps *maps, const struct vdk_process *process,
                           struct vdk_map *map, uint64_t *budget)
{
	struct vdk_note note;

	if (map->kind != VDK_MAP_CODE && map->kind != VDK_MAP_VDK_IMAGE &&
	    map->kind != VDK_MAP_MEMFD && map->kind != VDK_MAP_FILE && map->kind != VDK_MAP_ANON)
		return;
	if (!read_note(process, map, budget, &note)) {
		if (map->kind == VDK_MAP_VDK_IMAGE)
			map->kind = VDK_MAP_CODE;
		return;
	}
	map->kind = VDK_MAP_VDK_IMAGE;
	map->owner = VDK_OWNER_NONE;
	map->by_content = true;
	identify_process_page(maps, process, map, note.image.page_size);
	vdk_note_clear(&note);
}

static void identify_page(const struct vdk_process *process, struct vdk_map *map)
{
	if (map->kind != VDK_MAP_FILE && map->kind != VDK_MAP_MEMFD &&
	    map->kind != VDK_MAP_VDK_PAGE && map->kind != VDK_MAP_SHARED_ANON)
		return;
	if ((map->access & VDK_MAP_READ) && map->offset == 0 &&
	    has_magic(process, map->start, VDK_PAGE_MAGIC)) {
		map->kind = VDK_MAP_VDK_PAGE;
		map->by_content = true;
	} else if (map->kind == VDK_MAP_VDK_PAGE) {
		map->kind = VDK_MAP_FILE;
	}
}

void vdk_maps_identify(struct vdk_maps *maps, const struct vdk_process *process)
{
	uint64_t budget = IMAGES_MAX;

	if (vdk_process_memory(process))
		return;
	for (size_t i = 0; i < maps->count; i++) {
		struct vdk_map *map = &maps->maps[i];

		if (map->kind == VDK_MAP_VDK_PROCESS && !map->by_content)
			map->kind = VDK_MAP_ANON;
		if (map->kind == VDK_MAP_VDSO)
			map->by_content = is_elf(process, map);
		identify_page(process, map);
	}
	/* Last, since it recognises what lies before it. */
	for (size_t i = 0; i < maps->count; i++)
		identify_image(maps, process, &maps->maps[i], &budget);
}
