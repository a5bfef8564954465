/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: any bytes at all are what `vdk publish --stdin` reads, lines and JSON, and then
 * one by one the arguments of `vdk set`. One page has a field of every kind in two records; in the
 * other one the second record is a list of three.
 */
#include <unistd.h>

#include <vdk/page.h>
#include <vdk/publish.h>

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

static struct vdk_page *make_page(bool list)
{
	struct sample_table table;
	struct vdk_page *page;
	struct vdk_note note;
	int fd;

	sample_table(&table);
	table.records[SAMPLE_WIDE].list = list ? 3 : 0;
	note = sample_note(&table);
	if (vdk_page_create(-1, NULL, 0, &note, &fd, NULL) ||
	    vdk_page_consume_writer(fd, -1, "fuzz", &page, NULL))
		abort();
	return page;
}

static void give(struct vdk_page *page, struct fuzz_piece input)
{
	struct feed *feed = feed_new(page);
	const int fd = fuzz_file(input);
	struct lines lines = {0};

	while (lines_read(&lines, fd, on_line, feed) > 0)
		;
	lines_clear(&lines);
	close(fd);
	feed_free(feed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct vdk_page *pages[2];

	for (size_t i = 0; i < 2; i++) {
		if (!pages[i])
			pages[i] = make_page(i);
		give(pages[i], (struct fuzz_piece){data, size});
	}
	return 0;
}
