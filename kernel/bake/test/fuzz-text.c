/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: what `vdk bake` reads of kernel trees and of authors' sources as text, in
 * pieces: a source with conditions and words; edits; a file that they change; a template.
 */
#include <fcntl.h>
#include <stdio.h>

#include "../bake.h"
#include "../changes.h"
#include "../edits.h"
#include "../scan.h"
#include "../text.h"
#include "fuzz.h"

static char *next(struct fuzz_piece *input)
{
	return fuzz_text(fuzz_take(input));
}

static void read_source(const char *text)
{
	struct vdk_report report;
	char *inside = NULL;
	struct scan scan;
	int last = 0;

	for (int blank = 0; blank < 2; blank++)
		if (!text_for_kernel(text, "fuzz", blank, &inside, &report)) {
			scan_start(&scan, inside);
			for (last = 0; scan_next(&scan) != SCAN_END; last = scan.line)
				if (scan.line < last || scan.length < 1 || scan_is(&scan, ""))
					abort();
			free(inside);
		}
}

/* What was put in comes out again. */
static void edit(const char *edits, const char *text)
{
	char *with = NULL, *without = NULL;
	struct vdk_report report;
	struct list paths = {0};

	edits_files(edits, &paths, &report);
	for (size_t i = 0; i < paths.count && i < 4; i++) {
		if (edits_rewrite(edits, paths.items[i], text, false, &with, &report))
			continue;
		if (!edits_rewrite(edits, paths.items[i], with, true, &without, &report))
			free(without);
		free(with);
	}
	list_free(&paths);
}

static void compare(char *before, char *after)
{
	static char path[] = "file";
	struct change change = {path, *before ? before : NULL, *after ? after : NULL};
	const struct changes changes = {&change, 1};
	FILE *out = fopen("/dev/null", "we");

	if (change.before || change.after)
		changes_print(&changes, out);
	fclose(out);
}

/* The same from a file, by the way that looks at what it is. */
static void read_file(const char *text)
{
	static const char *folder;
	struct vdk_report report;
	char path[128], *again;
	FILE *file;

	if (!folder)
		folder = fuzz_folder();
	snprintf(path, sizeof(path), "%s/text", folder);
	file = fopen(path, "we");
	if (!file || fputs(text, file) < 0 || fclose(file))
		abort();
	if (text_read(AT_FDCWD, path, "fuzz", &again, &report) || strcmp(again, text) != 0)
		abort();
	free(again);
}

/* One vDSO with a bit of everything that templates can have. */
static void fill_template(const char *template)
{
	static char notb[] = "notb", vdso[] = "notb.vdso.c", update[] = "x-y.update.c",
		    page[] = "notb.page.h", *files[] = {vdso, update, page, NULL};
	static struct folder folder = {.name = notb, .path = notb, .files = {files, 3}};
	static struct record records[] = {{.name = notb, .slot_size = 64}, {.name = page}};
	static struct export functions[] = {{.version = "LINUX_2.6", .name = "f"},
	                                    {.version = "ACME_1.0", .name = "g"},
	                                    {.version = "ACME_1.0", .name = "h"}};
	const struct recipe recipe = {.folders = &folder, .count = 1,
	                              .build.layout = {.records = records, .record_count = 2},
	                              .build.exports = {.items = functions, .count = 3}};
	struct vdk_report report;
	char *expanded;

	if (!expand(&recipe, "fuzz", template, &expanded, &report))
		free(expanded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_piece input = {data, size};
	char *source = next(&input), *edits = next(&input), *text = next(&input),
	     *template = next(&input);

	read_source(source);
	read_file(source);
	edit(edits, text);
	compare(text, template);
	fill_template(template);
	free(source);
	free(edits);
	free(text);
	free(template);
	return 0;
}
