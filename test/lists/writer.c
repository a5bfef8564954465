/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * writer NAME: update records of the list `quote` here and there, without pause, until killed. Each
 * is an edit, half of them of one field only, which the others follow by an equation.
 */
#include <stdio.h>
#include <stdlib.h>

#include <vdk/page.h>
#include <vdk/publish.h>

#include "quotes/quotes.page.h"

int main(int argc, char **argv)
{
	const struct vdk_layout_record *list;
	struct vdk_report report;
	struct vdk_page *page;
	uint32_t state = 1;

	if (vdk_publication_writer(argv[argc - 1], &page, &report)) {
		fprintf(stderr, "writer: %s: %s\n", report.object, report.text);
		return 1;
	}
	list = vdk_layout_record(vdk_page_layout(page), "quote");
	for (;;) {
		struct quote *quote;
		void *value;

		state = state * 1664525 + 1013904223;
		if (vdk_record_edit_at(page, list, (state >> 8) % list->list, &value))
			return 1;
		quote = value;
		quote->count++;
		quote->inverse = ~quote->count;
		quote->level[1].price = (double)(quote->count & 0xffff);
		quote->last = (uint8_t)quote->count;
		vdk_record_commit(page);
	}
}
