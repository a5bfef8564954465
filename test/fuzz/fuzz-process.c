/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: a folder that looks like one of /proc, with a process in it that may be
 * anything: mappings, saved auxiliary vector, stat, the program's first bytes and its memory. All that
 * `vdk maps`, `auxv`, `dump` and `symbols` read of a process is read.
 */
#include <fcntl.h>
#include <unistd.h>

#include "fuzz.h"
#include "inspect/process.h"

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

		/* So that there is memory at the addresses that a maps file has. */
		if (fd < 0 || pwrite(fd, piece.data, piece.size, i == 4 ? 0x1000 : 0) < 0)
			abort();
		close(fd);
	}
	return dir;
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
