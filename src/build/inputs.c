/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the author gave us: folders and files, sorted by their names. */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "build.h"

static bool ends_with(const char *text, const char *tail)
{
	const size_t length = strlen(text), tail_length = strlen(tail);

	return length > tail_length && !strcmp(text + length - tail_length, tail);
}

/* The list that a file goes to by its name, or NULL. */
static struct list *kind_of(struct build *build, const char *path)
{
	if (ends_with(path, ".update.c"))
		return &build->updates;
	if (ends_with(path, ".reference.c"))
		return &build->references;
	if (ends_with(path, ".c"))
		return &build->sources;
	if (ends_with(path, ".page.h"))
		return &build->pages;
	if (ends_with(path, ".o"))
		return &build->objects;
	return NULL;
}

/* In a folder only what is named as part of a vDSO: a test program may lie beside it. */
static bool belongs(const char *name)
{
	return *name != '.' && (ends_with(name, ".vdso.c") || ends_with(name, ".page.h") ||
	                        ends_with(name, ".update.c") || ends_with(name, ".reference.c"));
}

static int add_folder(struct build *build, const char *path)
{
	cleanup_list struct list names = {0};
	DIR *folder = opendir(path);
	const struct dirent *entry;
	size_t sources = build->sources.count;
	int error = 0;

	if (!folder)
		return vdk_report_set(build->report, -errno, path, "cannot be read: %m");
	while (!error && (entry = readdir(folder)))
		if (belongs(entry->d_name))
			error = list_add(&names, "%s%s%s", path, ends_with(path, "/") ? "" : "/",
			                 entry->d_name);
	closedir(folder);
	list_sort(&names);
	for (size_t i = 0; i < names.count && !error; i++)
		error = list_add(kind_of(build, names.items[i]), "%s", names.items[i]);
	if (!error && build->sources.count == sources)
		return vdk_report_set(build->report, -EINVAL, path,
		                      "no *.vdso.c in this folder; a vDSO is NAME.vdso.c, "
		                      "NAME.page.h if it has records, NAME.update.c if it has an "
		                      "update hook, and NAME.reference.c if it has references");
	return error;
}

static int add_input(struct build *build, const char *path)
{
	struct stat status;
	struct list *list;

	if (stat(path, &status) < 0)
		return vdk_report_set(build->report, -errno, path, "%m");
	if (S_ISDIR(status.st_mode))
		return add_folder(build, path);
	list = kind_of(build, path);
	if (!list)
		return vdk_report_set(build->report, -EINVAL, path,
		                      "not an input of a build; expected a folder, a .c, .page.h or "
		                      ".o file");
	/* A name without a folder gets one, so that debug information can be told where it is. */
	return list_add(list, "%s%s", strchr(path, '/') ? "" : "./", path);
}

static int set_name(struct build *build)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                              "0123456789_-+.";
	const char *name = build->options->name, *slash;
	size_t length;

	if (!name) {
		name = build->options->output ? build->options->output : "image";
		slash = strrchr(name, '/');
		name = slash ? slash + 1 : name;
		length = strlen(name) - (ends_with(name, ".so") ? 3 : 0);
	} else {
		length = strlen(name);
	}
	if (!length || length > BUILD_NAME_MAX || *name == '.' || strspn(name, allowed) < length)
		return vdk_report_set(build->report, -EINVAL, name,
		                      "not a name for a vDSO; expected 1 to %d letters, digits, _, "
		                      "-, + or ., the first no dot (--name sets it)",
		                      BUILD_NAME_MAX);
	memcpy(build->name, name, length);
	build->name[length] = '\0';
	return 0;
}

int build_inputs(struct build *build)
{
	const char *const *input = build->options->inputs, *const *page = build->options->pages;
	int error = set_name(build);

	for (; !error && input && *input; input++)
		error = add_input(build, *input);
	for (; !error && page && *page; page++)
		error = list_add(&build->pages, "%s%s", strchr(*page, '/') ? "" : "./", *page);
	if (!error && !build->sources.count && !build->objects.count)
		return vdk_report_set(build->report, -EINVAL, "", "no source to build from");
	return error;
}
