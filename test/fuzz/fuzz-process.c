/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: a folder that looks like one of /proc, with a process in it that may be
 * anything: mappings, saved auxiliary vector, stat, the program's first bytes and its memory. All that
 * `vdk maps`, `auxv`, `dump` and `symbols` read of a process is read, and pages in it are shown.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <json-c/json.h>

#include "fuzz.h"
#include "inspect/process.h"
#include "look.h"

static const char *const files[] = {"maps", "auxv", "stat", "exe", "mem"};

static int put_files(struct fuzz_piece input)
{
	static const char *folder;
	int dir;

	if (!folder)
		folder = fuzz_folder();
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < FUZZ_COUNT(files); i++) {
		const struct fuzz_piece piece = fuzz_take(&input);
		const int fd = openat(dir, files[i], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

		/* So that there is memory at the addresses that a maps file has, in whole pages. */
		const off_t at = i == 4 ? 0x1000 : 0, unit = i == 4 ? 4096 : 1;

		if (fd < 0 || pwrite(fd, piece.data, piece.size, at) < 0 ||
		    ftruncate(fd, at + ((off_t)piece.size + unit - 1) / unit * unit))
			abort();
		close(fd);
	}
	return dir;
}

/* What waits, and is told when it waits too long: no signals here. */
void look_watch(const char *command)
{
	(void)command;
}

void look_watch_end(void)
{
}

/* As text and as JSON; of a list each record, so that large ones would take long. */
static void show_page(const struct vdk_process *process, const struct vdk_map *map)
{
	static FILE *out;

	if (!out)
		out = fopen("/dev/null", "we");
	if (map->end - map->start > 65536)
		return;
	look_page_print(out, process, map, "  ");
	json_object_put(look_page_json(process, map));
}

static void look(const struct vdk_process *process, struct vdk_maps *maps)
{
	struct vdk_bytes image = {0};
	struct vdk_auxv auxv;
	uint64_t value;
	char text[128];
	int fd;

	if (!vdk_auxv_read(process, maps, &auxv, NULL)) {
		if (auxv.saved_count > VDK_AUXV_MAX || auxv.own_count > VDK_AUXV_MAX)
			abort();
		vdk_auxv_find(auxv.own, auxv.own_count, 33, &value);
	}
	for (int kernel = 0; kernel < 2; kernel++)
		if (!vdk_process_image(process, kernel, &image, NULL))
			free(image.bytes);
	for (size_t i = 0; i < maps->count; i++) {
		vdk_map_what(&maps->maps[i], text, sizeof(text));
		vdk_map_why(&maps->maps[i], text, sizeof(text));
		if (!vdk_process_page_fd(process, &maps->maps[i], &fd))
			close(fd);
		if (i < 4)
			show_page(process, &maps->maps[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vdk_process *process;
	struct vdk_maps *maps;

	if (vdk_process_open_dir(put_files((struct fuzz_piece){data, size}), 42, &process, NULL))
		return 0;
	if (!vdk_process_maps(process, &maps, NULL)) {
		look(process, maps);
		vdk_maps_free(maps);
	}
	vdk_process_close(process);
	return 0;
}
