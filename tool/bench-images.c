/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The images that this process has: the kernel's, and an attached one beside it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/note.h>

#include "bench.h"
#include "vdk.h"

/* Name and records, from the kit's note. Another kit's image has none, which is fine. */
static void read_note(struct bench_image *image)
{
	struct vdk_note note;
	struct vdk_report report;

	if (vdk_note_read_memory(image->bytes.bytes, image->bytes.size, image->name, &note, &report))
		return;
	snprintf(image->vdso, sizeof(image->vdso), "%.*s", (int)sizeof(note.image.name),
	         (const char *)note.image.name);
	if (note.image.table_size &&
	    vdk_layout_parse(note.table, note.image.table_size, 0, image->name, &image->layout,
	                     &report))
		image->layout = NULL;
	vdk_note_clear(&note);
}

static int open_image(const struct vdk_process *process, const struct vdk_maps *maps, bool kernel,
                      struct bench_image *ret_image)
{
	struct bench_image image = {.name = kernel ? "kernel" : "attached"};
	const struct vdk_map *map;
	struct vdk_report report;
	int error = vdk_process_image(process, kernel, &image.bytes, &report);

	if (!error)
		error = vdk_lookup_open((const void *)(uintptr_t)image.bytes.address,
		                        image.bytes.size, &image.lookup);
	if (!error)
		error = vdk_symbols_parse(image.bytes.bytes, image.bytes.size, image.name,
		                          &image.symbols, &report);
	if (error) {
		free(image.bytes.bytes);
		return error;
	}
	map = vdk_maps_find(maps, image.bytes.address);
	snprintf(image.path, sizeof(image.path), "%s",
	         map && *map->path == '/' && !map->deleted ? map->path : "");
	read_note(&image);
	image.present = true;
	*ret_image = image;
	return 0;
}

static void close_image(struct bench_image *image)
{
	free(image->bytes.bytes);
	image->symbols = vdk_symbols_free(image->symbols);
	image->layout = vdk_layout_free(image->layout);
	*image = (struct bench_image){0};
}

int bench_images_open(struct bench_images *ret_images)
{
	struct bench_images images = {.kernel.name = "kernel", .attached.name = "attached"};
	struct vdk_report report = {0};
	struct vdk_process *process;
	struct vdk_maps *maps;
	int error = vdk_process_open(0, &process, &report);

	if (!error) {
		error = vdk_process_maps(process, &maps, &report);
		if (error)
			vdk_process_close(process);
	}
	if (error) {
		tool_complain("bench", &report);
		return tool_exit_code(error);
	}
	/* A kernel without a vDSO leaves system calls to be measured. */
	open_image(process, maps, true, &images.kernel);
	if (!open_image(process, maps, false, &images.attached) &&
	    images.attached.lookup.base == images.kernel.lookup.base)
		close_image(&images.attached);
	vdk_maps_free(maps);
	vdk_process_close(process);
	images.attached.name = "attached";
	*ret_images = images;
	return EXIT_FINE;
}

void bench_images_close(struct bench_images *images)
{
	close_image(&images->kernel);
	close_image(&images->attached);
}
