/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * holder NAME - begin to change a tree's record, and stop inside of it
 *
 * Half of what it would write is written by then. Continued, it writes the rest and publishes it.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <vdk/page.h>
#include <vdk/publish.h>

#include "faketime.page.h"

int main(int argc, char **argv)
{
	struct vdk_report report = {0};
	struct vdk_page *page = NULL;
	const struct vdk_layout_record *layout;
	struct faketime before, *record;
	void *value;

	if (argc != 2 || vdk_publication_writer(argv[1], &page, &report)) {
		fprintf(stderr, "holder: %s\n", report.text);
		return 3;
	}
	layout = vdk_layout_record(vdk_page_layout(page), "faketime");
	if (!layout || vdk_record_edit(page, layout, &value))
		return 3;
	record = value;
	before = *record;
	memset(record, 0x55, sizeof(*record) / 2);
	raise(SIGSTOP);
	*record = before;
	vdk_record_commit(page);
	vdk_page_close(page);
	return 0;
}
