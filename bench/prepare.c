/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * prepare NAME IMAGE - publish an image and write every record of its page once
 *
 * Each byte of each record becomes 1: whatever the fields are, that is a value, and records whose
 * words must be equal have equal words.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/page.h>
#include <vdk/publish.h>
#include <vdk/record.h>

static int fail(const struct vdk_report *report)
{
	fprintf(stderr, "bench: prepare: %s: %s\n", report->object, report->text);
	return 3;
}

int main(int argc, char **argv)
{
	struct vdk_publish_options options = {.image_path = argc == 3 ? argv[2] : NULL};
	static uint8_t value[VDK_RECORD_MAX];
	const struct vdk_layout *layout;
	struct vdk_publisher *publisher;
	struct vdk_report report = {0};
	struct vdk_page *page;

	if (argc != 3) {
		fputs("usage: prepare NAME IMAGE\n", stderr);
		return 2;
	}
	if (vdk_publisher_open(argv[1], &options, &publisher, &report))
		return fail(&report);
	memset(value, 1, sizeof(value));
	page = vdk_publisher_page(publisher);
	layout = page ? vdk_page_layout(page) : NULL;
	for (uint32_t i = 0; layout && i < layout->record_count; i++)
		if (vdk_record_write(page, &layout->records[i], value)) {
			fprintf(stderr, "bench: prepare: cannot write %s\n",
			        layout->records[i].name);
			return 3;
		}
	vdk_publisher_close(publisher);
	return 0;
}
