/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: any bytes at all are what `vdk publish --stdin` reads, lines and JSON, and then
 * one by one the arguments of `vdk set`. The page has a field of every kind.
 */
#include <unistd.h>

#include <vdk/page.h>

#include "feed-line.h"
#include "fuzz.h"
#include "lines.h"
#include "sample.h"

static void on_line(void *context, const char *text, size_t length)
{
	struct feed *feed = context;
	struct vdk_report report = {0};
	size_t column = 0;
	char *argument;

	/* Behind its end lies nothing that may be read. */
	if (!text)
		return;
	argument = fuzz_text((struct fuzz_piece){(const uint8_t *)text, length});
	if (feed_line(feed, argument, length, &column, &report) < 0 &&
	    (column < 1 || column > length + 1 || !*report.text))
		abort();
	feed_clear(feed);
	feed_argument(feed, argument, &report);
	free(argument);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct vdk_page *page;
	struct lines lines = {0};
	struct feed *feed;
	int fd;

	if (!page && vdk_page_consume_writer(sample_page(), -1, "fuzz", &page, NULL))
		abort();
	feed = feed_new(page);
	fd = fuzz_file((struct fuzz_piece){data, size});
	while (lines_read(&lines, fd, on_line, feed) > 0)
		;
	lines_clear(&lines);
	close(fd);
	feed_free(feed);
	return 0;
}
