/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which call it is, and who made it: the mapping that holds the instruction, and its function. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "doctor/count.h"
#include "doctor-arch.h"
#include "inspect/classify.h"
#include "inspect/process.h"

/* VDSO_HRES, VDSO_COARSE and VDSO_RAW of include/vdso/datapage.h. */
static bool is_vdso_clock(int clock)
{
	return clock == 0 || clock == 1 || (clock >= 4 && clock <= 7) || clock == 11;
}

int doctor_time_call(uint64_t number, uint64_t first_argument)
{
	for (size_t i = 0; i < DOCTOR_TIME_CALLS; i++) {
		if ((uint64_t)doctor_time_calls[i].number != number)
			continue;
		return doctor_time_calls[i].by_clock && !is_vdso_clock((int)first_argument) ? -2 : (int)i;
	}
	return -1;
}

/* The exported function of a mapped file that holds an offset; "" where there is none. */
static void name_function(const struct vdk_process *process, const struct vdk_map *map,
                          uint64_t offset, char *name, size_t size)
{
	struct vdk_symbols *symbols = NULL;
	vdk_cleanup_close int fd = -1;
	struct vdk_bytes file;
	char path[32];

	*name = '\0';
	/* Never by its path: something else may lie there by now. */
	if (vdk_process_mapped(process, map, VDK_MAPPED_ANY_DEVICE, &fd))
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (vdk_file_image(path, &file, NULL))
		return;
	if (vdk_symbols_parse(file.bytes, file.size, "", &symbols, NULL) == 0)
		for (size_t i = 0; i < symbols->count; i++) {
			const struct vdk_symbol *symbol = &symbols->symbols[i];

			if (symbol->offset && offset >= symbol->offset &&
			    offset - symbol->offset < symbol->size) {
				snprintf(name, size, "%s", symbol->name);
				break;
			}
		}
	vdk_symbols_free(symbols);
	free(file.bytes);
}

static enum doctor_origin describe(const struct vdk_process *process, const struct vdk_map *map,
                                   uint64_t address, char *from, size_t size)
{
	char function[48];

	if (map->kind == VDK_MAP_VDSO || map->kind == VDK_MAP_VDK_IMAGE ||
	    !strncmp(map->path, "/memfd:vdk-image", 16)) {
		snprintf(from, size, "%s", map->kind == VDK_MAP_VDSO ? "[vdso]" : "the attached image");
		return DOCTOR_BY_VDSO;
	}
	name_function(process, map, address - map->start + map->offset, function, sizeof(function));
	snprintf(from, size, "%.40s%s%s%s", *map->path ? vdk_base_name(map->path) : "code without a file",
	         *function ? ", " : "", function, *function ? "()" : "");
	return DOCTOR_BY_CODE;
}

enum doctor_origin doctor_origin(pid_t pid, uint64_t address, char *from, size_t size)
{
	enum doctor_origin origin = DOCTOR_BY_UNKNOWN;
	vdk_cleanup_free char *text = NULL;
	struct vdk_process *process;
	const struct vdk_map *map;
	struct vdk_maps *maps;
	size_t length;

	*from = '\0';
	if ((address & ~UINT64_C(0xfff)) == VDK_VSYSCALL_ADDRESS) {
		snprintf(from, size, "the vsyscall page");
		return DOCTOR_BY_VSYSCALL;
	}
	if (vdk_process_open(pid, &process, NULL))
		return origin;
	/* By names alone: to look into the mappings of every caller would take too long. */
	if (vdk_process_file(process, "maps", VDK_MAPS_TEXT_MAX, &text, &length) == 0 &&
	    vdk_maps_parse(text, length, "", NULL, &maps, NULL) == 0) {
		map = vdk_maps_find(maps, address);
		if (map)
			origin = describe(process, map, address, from, size);
		vdk_maps_free(maps);
	}
	vdk_process_close(process);
	return origin;
}
