/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: what `vdk bake` reads of kernel trees and of authors' sources as text, in
 * pieces: a source with conditions and words, which is held to what a kernel allows; edits; a file
 * that they change; a template.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

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

/* Each kind of source is the same file, under a name of its own. */
static const char *const sources[] = {"x.page.h", "x.update.c", "x.vdso.c", "x.h"};

static const char *make_sources(void)
{
	const char *folder = fuzz_folder();
	char first[128], path[128];

	snprintf(first, sizeof(first), "%s/%s", folder, sources[0]);
	close(open(first, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	for (size_t i = 1; i < FUZZ_COUNT(sources); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, sources[i]);
		if (link(first, path))
			abort();
	}
	return folder;
}

/* A folder of one source, as a kernel would have it. */
static void look_inside(const char *folder, const char *source)
{
	static char name[] = "x";
	struct folder author = {.name = name, .path = (char *)(uintptr_t)folder};
	struct recipe recipe = {.folders = &author, .count = 1};
	struct vdk_report report;

	list_add(&author.files, "%s", source);
	if (!inside_check(&recipe, &report))
		inside_check_records(&recipe, &report);
	list_free(&author.files);
	list_free(&recipe.written);
}

/* The same from a file, by the way that looks at what it is. */
static void read_file(const char *text)
{
	static const char *folder;
	struct vdk_report report;
	char path[128], *again;
	FILE *file;

	if (!folder)
		folder = make_sources();
	snprintf(path, sizeof(path), "%s/%s", folder, sources[0]);
	file = fopen(path, "we");
	if (!file || fputs(text, file) < 0 || fclose(file))
		abort();
	if (text_read(AT_FDCWD, path, "fuzz", &again, &report) || strcmp(again, text) != 0)
		abort();
	free(again);
	for (size_t i = 0; i < FUZZ_COUNT(sources) - 1; i++)
		look_inside(folder, sources[i]);
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
