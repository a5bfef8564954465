/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: any bytes at all are two results of `vdk bench --json`, as `vdk bench --compare`
 * and `--report` read them. What was accepted is compared, printed, and made into a page.
 */
#include <math.h>
#include <unistd.h>

#include "bench-compare.h"
#include "bench-document.h"
#include "fuzz.h"

static struct bench_document *read_one(struct fuzz_piece piece)
{
	struct bench_document *document = NULL;
	struct vdk_report report = {0};
	const int fd = fuzz_file(piece);

	if (bench_document_read(fuzz_path(fd), &document, &report) && !*report.text)
		abort();
	close(fd);
	return document;
}

static void show(const struct bench_document *document, const struct bench_comparison *comparison)
{
	struct vdk_report report;

	for (unsigned int i = 0; i < document->row_count; i++)
		if (!isfinite(document->rows[i].median) || document->rows[i].median < 0)
			abort();
	bench_table(document);
	bench_report("/dev/null", document, comparison, &report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_piece input = {data, size};
	struct bench_document *old, *new;
	struct bench_comparison comparison;

	fuzz_quiet();
	old = read_one(fuzz_take(&input));
	new = read_one(input);
	if (old && new && !bench_compare(old, new, 1.1, &comparison)) {
		bench_comparison_print(&comparison);
		bench_comparison_json(&comparison);
		show(new, &comparison);
		bench_comparison_clear(&comparison);
	}
	if (old)
		show(old, NULL);
	bench_document_free(old);
	bench_document_free(new);
	return 0;
}
