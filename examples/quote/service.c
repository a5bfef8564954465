/* SPDX-License-Identifier: MIT */
/*
 * A service that publishes quotes: `service IMAGE UPDATES`. Thousands of processes can read each
 * of them in a nanosecond; this one pays some ten for an update, whoever reads.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/page.h>
#include <vdk/publish.h>

#include "quote.page.h"

int main(int argc, char **argv)
{
	struct vdk_publish_options options = {.image_path = argc > 1 ? argv[1] : "quote.so"};
	const int updates = argc > 2 ? atoi(argv[2]) : 1;
	struct vdk_publisher *publisher;
	struct vdk_report report;
	const struct vdk_layout_record *record;
	struct vdk_page *page;
	int error = vdk_publisher_open("quote", &options, &publisher, &report);

	if (error) {
		fprintf(stderr, "service: %s: %s\n", report.object, report.text);
		return 1;
	}
	page = vdk_publisher_page(publisher);
	record = vdk_layout_record(vdk_page_layout(page), "quote");
	for (int i = 1; i <= updates && !error; i++) {
		struct quote now = {.bid = 100 * i, .offer = 100 * i + 2, .symbol = "BEAST"};

		error = vdk_record_write(page, record, &now);
		if (!error)
			error = vdk_page_touch(page, vdk_page_now(), 1000000000);
	}
	vdk_publisher_close(publisher);
	if (error)
		fprintf(stderr, "service: %s\n", strerror(-error));
	return error ? 1 : 0;
}
