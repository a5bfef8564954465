/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: any bytes at all are read as an image that is to be published or attached: its
 * note, and out of the note's table the layout of a page. What was accepted keeps its promises.
 */
#include <errno.h>
#include <unistd.h>

#include <vdk/layout.h>
#include <vdk/note.h>

#include "fuzz.h"

static void hold_layout(const struct vdk_note *note)
{
	struct vdk_layout *layout;

	if (vdk_layout_parse(note->table, note->image.table_size, 0, "fuzz", &layout, NULL))
		return;
	for (uint32_t i = 0; i < layout->record_count; i++) {
		const struct vdk_layout_record *record = &layout->records[i];

		if ((uint64_t)record->offset + record->copy_offset + record->copy_stride +
		            record->size > layout->page_size)
			abort();
	}
	vdk_layout_free(layout);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const int fd = fuzz_file((struct fuzz_piece){data, size});
	struct vdk_note note, again;
	const int error = vdk_note_read_memory(data, size, "fuzz", &note, NULL);

	/* From a file and from memory: one answer. */
	if (vdk_note_read(fd, "fuzz", &again, NULL) != error)
		abort();
	close(fd);
	if (error)
		return 0;
	if (!memchr(note.image.name, '\0', sizeof(note.image.name)) || note.image_size % 4096 ||
	    note.finish >= note.image_size)
		abort();
	for (int i = 0; i < VDK_CHAIN_COUNT; i++)
		if (note.fallback[i] >= note.image_size)
			abort();
	if (note.table)
		hold_layout(&note);
	vdk_note_clear(&note);
	vdk_note_clear(&again);
	return 0;
}
