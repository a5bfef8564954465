/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: any bytes at all are an object that `vdk build` is given: its exports, what no
 * image may hold, the records in its debug information, and the declarations of what it exports.
 * Much of the reading is done by libelf and libdw, which are as the system has them.
 */
#include <stdio.h>
#include <unistd.h>

#include "build/exports.h"
#include "build/layout.h"
#include "build/object.h"
#include "build/rules.h"
#include "build/structs.h"
#include "fuzz.h"

/* What a page's maker relies on. */
static void hold_layout(struct layout *layout)
{
	if (layout_finish(layout, NULL) || !layout->record_count)
		return;
	for (size_t i = 0; i < layout->record_count; i++)
		if ((uint64_t)layout->records[i].offset + layout->records[i].slot_size >
		    layout->page_size)
			abort();
}

static void look(const struct object *object, const struct layout *layout)
{
	struct vdk_report report;
	struct exports exports = {0};
	struct list defined = {0};

	rules_flags(object, &report);
	rules_collect(object, &defined);
	if (!exports_read(&exports, object, &report)) {
		exports_sort(&exports);
		list_sort(&defined);
		rules_check(object, &exports, layout, &defined, &report);
	}
	exports_free(&exports);
	list_free(&defined);
}

static void declare(const char *path, const struct layout *layout)
{
	struct list objects = {0}, tags = {0};
	struct vdk_report report;
	FILE *out = fopen("/dev/null", "we");

	list_add(&objects, "%s", path);
	list_add(&tags, "room");
	for (size_t i = 0; i < layout->record_count && i < 8; i++)
		list_add(&tags, "%s", layout->records[i].name);
	structs_write(out, &objects, &tags, &report);
	list_free(&objects);
	list_free(&tags);
	fclose(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const int fd = fuzz_file((struct fuzz_piece){data, size});
	struct layout layout = {0};
	struct vdk_report report;
	struct object object;

	if (!layout_read(&layout, fuzz_path(fd), &report)) {
		hold_layout(&layout);
		declare(fuzz_path(fd), &layout);
	}
	if (!object_open(&object, fuzz_path(fd), "fuzz.c", &report)) {
		look(&object, &layout);
		object_close(&object);
	}
	layout_free(&layout);
	close(fd);
	return 0;
}
