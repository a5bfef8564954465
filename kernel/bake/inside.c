/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an author's source may not say inside of a kernel, told by file and line before any
 * compiler is asked.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "bake.h"
#include "base/cleanup.h"
#include "names.h"
#include "scan.h"
#include "text.h"

#define NO_HEADER "a page that the kernel writes has no header to ask about its publisher"
#define NO_LIST                                                                                    \
	"the kernel's vvar page is one page, and most of it is taken; declare a VDK_RECORD() for " \
	"each of a few records"
#define NO_FLOAT "a kernel and its vDSO are compiled without floating point; count in smaller units"

static const struct {
	const char *word;
	const char *reason;
} banned[] = {
        {"vdk_chain", "in the kernel's own vDSO there is no other one to call"},
        {"vdk_process", "in the kernel's own vDSO there is no process page"},
        {"vdk_page", NO_HEADER},
        {"vdk_void", NO_HEADER},
        {"vdk_as_of", NO_HEADER},
        {"vdk_epoch", NO_HEADER},
        {"wake_fd", "a hook in the kernel has no descriptors; it is called when time is updated"},
        {"float", NO_FLOAT},
        {"double", NO_FLOAT},
};

/* One file under examination. */
struct reading {
	struct recipe *recipe;
	struct folder *folder;
	const char *path;
	bool data; /* a page header: what its records hold is nothing that a kernel computes with */
	struct scan scan;
	struct vdk_report *report;
};

static int refuse(const struct reading *reading, const char *format, const char *word,
                  const char *reason)
{
	char where[300], what[160];

	snprintf(what, sizeof(what), format, word);
	snprintf(where, sizeof(where), "%.280s:%d", reading->path, reading->scan.line);
	return vdk_report_set(reading->report, -EINVAL, where, "%s cannot be baked: %s", what,
	                      reason);
}

static int take_local(const struct reading *reading, const char *name)
{
	char path[PATH_MAX];

	if (strchr(name, '/'))
		return refuse(reading, "#include \"%s\"", name,
		              "what goes into a kernel lies in the vDSO's own folder");
	for (size_t i = 0; i < reading->folder->files.count; i++)
		if (!strcmp(reading->folder->files.items[i], name))
			return 0;
	snprintf(path, sizeof(path), "%s/%s", reading->folder->path, name);
	if (access(path, R_OK) < 0)
		return refuse(reading, "#include \"%s\"", name, "there is no such file beside it");
	return list_add(&reading->folder->files, "%s", name);
}

static int take_include(const struct reading *reading)
{
	static const char *const there[] = {"<vdk/record.h>", "<vdk/vdso.h>", "<vdk/update.h>",
	                                    "<linux/types.h>"};
	const int length = (int)reading->scan.length;
	char name[128];

	if (length >= (int)sizeof(name) || length < 3)
		return refuse(reading, "#include%s", "", "not a name");
	snprintf(name, sizeof(name), "%.*s", length, reading->scan.token);
	if (*name == '"') {
		name[length - 1] = '\0';
		return take_local(reading, name + 1);
	}
	for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++)
		if (!strcmp(name, there[i]))
			return 0;
	if (!strcmp(name, "<stdint.h>") || !strcmp(name, "<stdbool.h>") ||
	    !strcmp(name, "<stddef.h>"))
		return refuse(reading, "#include %s", name,
		              "a kernel has no libc; <vdk/record.h> has these types in both worlds");
	return refuse(reading, "#include %s", name,
	              "a kernel has no libc, and only what the kit's <vdk/record.h>, <vdk/vdso.h> "
	              "and <vdk/update.h> declare is there in both worlds (#ifndef __KERNEL__ "
	              "leaves a part to user space)");
}

/* Behind "vdk_write": note the record, the second argument. */
static int take_write(struct reading *reading)
{
	int depth = 0;
	enum scan_kind kind;

	while ((kind = scan_next(&reading->scan)) != SCAN_END) {
		const char sign = kind == SCAN_SIGN ? *reading->scan.token : '\0';

		depth += (sign == '(') - (sign == ')');
		if (depth <= 0)
			return 0;
		if (depth == 1 && sign == ',')
			break;
	}
	if (scan_next(&reading->scan) != SCAN_WORD)
		return 0;
	return list_add(&reading->recipe->written, "%.*s", (int)reading->scan.length,
	                reading->scan.token);
}

/* Behind "VDK_FUNCTION": one of the kernel's own functions? */
static int take_function(struct reading *reading)
{
	char word[64];
	enum scan_kind kind;
	int depth = 0;

	while ((kind = scan_next(&reading->scan)) != SCAN_END) {
		const char sign = kind == SCAN_SIGN ? *reading->scan.token : '\0';

		depth += (sign == '(') - (sign == ')');
		if (depth <= 0)
			return 0;
		if (kind != SCAN_WORD || depth > 1 || reading->scan.length >= sizeof(word))
			continue;
		snprintf(word, sizeof(word), "%.*s", (int)reading->scan.length,
		         reading->scan.token);
		if (standard_function(word) >= 0)
			return refuse(reading, "a function %s", word,
			              "the kernel's own vDSO has it; `vdk run` attaches one that "
			              "stands before it");
	}
	return 0;
}

static int take_word(struct reading *reading)
{
	if (scan_is(&reading->scan, "VDK_RECORDS"))
		return refuse(reading, "%s", "VDK_RECORDS", NO_LIST);
	if (scan_is(&reading->scan, "vdk_write"))
		return take_write(reading);
	if (scan_is(&reading->scan, "VDK_FUNCTION") ||
	    scan_is(&reading->scan, "VDK_FUNCTION_VERSION"))
		return take_function(reading);
	for (size_t i = 0; i < sizeof(banned) / sizeof(banned[0]) && !reading->data; i++)
		if (scan_is(&reading->scan, banned[i].word))
			return refuse(reading, "%s", banned[i].word, banned[i].reason);
	return 0;
}

static int read_file(struct recipe *recipe, struct folder *folder, const char *name,
                     struct vdk_report *report)
{
	vdk_cleanup_free char *text = NULL, *inside = NULL;
	struct reading reading = {.recipe = recipe, .folder = folder, .report = report};
	enum scan_kind kind;
	char path[PATH_MAX];
	int error;

	if (snprintf(path, sizeof(path), "%s/%s", folder->path, name) >= (int)sizeof(path))
		return vdk_report_set(report, -ENAMETOOLONG, folder->path, "the path is too long");
	error = text_read(AT_FDCWD, path, path, &text, report);
	if (error == -ENOENT)
		return vdk_report_set(report, error, path, "is gone");
	if (!error)
		error = text_for_kernel(text, path, true, &inside, report);
	if (error)
		return error;
	reading.path = path;
	reading.data = ends_with(name, ".page.h");
	scan_start(&reading.scan, inside);
	while (!error && (kind = scan_next(&reading.scan)) != SCAN_END) {
		if (kind == SCAN_INCLUDE)
			error = take_include(&reading);
		else if (kind == SCAN_WORD)
			error = take_word(&reading);
	}
	return error;
}

/* A hook that writes nothing would only take time. */
static int check_idle(const struct folder *folder, struct vdk_report *report)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < folder->files.count; i++) {
		if (!ends_with(folder->files.items[i], ".update.c"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder->path, folder->files.items[i]);
		return vdk_report_set(report, -EINVAL, path,
		                      "cannot be baked: no vdk_write(u, RECORD, ...) in it");
	}
	return 0;
}

int inside_check(struct recipe *recipe, struct vdk_report *report)
{
	int error = 0;

	for (size_t i = 0; i < recipe->count && !error; i++) {
		struct folder *folder = &recipe->folders[i];
		const size_t written = recipe->written.count;

		/* The list grows by what its files include. */
		for (size_t k = 0; k < folder->files.count && !error; k++)
			error = read_file(recipe, folder, folder->files.items[k], report);
		list_sort(&folder->files);
		if (!error && recipe->written.count == written)
			error = check_idle(folder, report);
	}
	return error;
}

int inside_check_records(const struct recipe *recipe, struct vdk_report *report)
{
	const struct layout *layout = &recipe->build.layout;

	for (size_t i = 0; i < layout->record_count; i++) {
		const struct record *record = &layout->records[i];
		bool written = false;
		char where[300];

		for (size_t k = 0; k < recipe->written.count; k++)
			written |= !strcmp(recipe->written.items[k], record->name);
		snprintf(where, sizeof(where), "%.280s:%d", record->file, record->line);
		if (!written)
			return vdk_report_set(report, -EINVAL, where,
			                      "record %s cannot be baked: no update hook has a "
			                      "vdk_write(u, %s, ...), and programs cannot write what "
			                      "a kernel publishes",
			                      record->name, record->name);
	}
	return 0;
}
