/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every call of the compiler: page headers, the author's functions, the kit's own part. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vdk/format.h>

#include "base/cleanup.h"
#include "build.h"
#include "command.h"
#include "rules.h"

#define ARCH "arch/x86_64"

int build_work_path(const struct build *build, const char *name, char *ret_path)
{
	if (snprintf(ret_path, PATH_MAX, "%s/%s", build->work.path, name) >= PATH_MAX)
		return vdk_report_set(build->report, -ENAMETOOLONG, build->work.path,
		                      "the path is too long");
	return 0;
}

/* Of several prefixes that fit compilers take the last. */
int build_prefix_maps(const struct build *build, const char *source, struct list *argv)
{
	vdk_cleanup_free char *here = getcwd(NULL, 0);
	const char *slash = strrchr(source, '/');
	int error = 0;

	if (here && strcmp(here, "/"))
		error = list_add(argv, "-ffile-prefix-map=%s=.", here);
	if (!error)
		error = list_add(argv, "-ffile-prefix-map=%s=vdk/include",
		                 build->options->include_dir);
	if (!error)
		error = list_add(argv, "-ffile-prefix-map=%s=vdk/sdk", build->options->sdk_dir);
	if (!error && slash && slash != source)
		error = list_add(argv, "-ffile-prefix-map=%.*s/=%s/", (int)(slash - source), source,
		                 build->name);
	if (!error)
		error = list_add(argv, "-ffile-prefix-map=%s=vdk/build", build->work.path);
	return error;
}

int build_compile(struct build *build, const char *source, const char *object,
                  const char *const *flags)
{
	cleanup_list struct list argv = {0};
	int error = list_add_all(&argv, (const char *const *)build->tc.cc.items);

	if (!error)
		error = toolchain_cflags(&build->tc, build->options->include_dir,
		                         build->options->cflags, &argv);
	if (!error)
		error = build_prefix_maps(build, source, &argv);
	if (!error)
		error = list_add_all(&argv, flags);
	if (!error)
		error = list_add(&argv, "-c");
	if (!error)
		error = list_add(&argv, "%s", source);
	if (!error)
		error = list_add(&argv, "-o%s/%s", build->work.path, object);
	return error ? error : command_run(&argv, build->report);
}

/* The include line of a path, whatever characters are in it. */
static void write_include(FILE *file, const char *path)
{
	fputs("#include \"", file);
	for (; *path; path++)
		fputc(*path, file);
	fputs("\"\n", file);
}

static int compile_page(struct build *build, const char *page, size_t index)
{
	/* Version 5 is the first that tells of _Atomic. */
	static const char *const flags[] = {"-O0", "-gdwarf-5", "-DVDK_LAYOUT", NULL};
	char source[64], object[64], path[PATH_MAX];
	vdk_cleanup_free char *absolute = realpath(page, NULL);
	FILE *file;
	int error;

	if (!absolute)
		return vdk_report_set(build->report, -errno, page, "%m");
	if (strpbrk(absolute, "\"\\\n"))
		return vdk_report_set(build->report, -EINVAL, page,
		                      "a path with a quote, a backslash or a line end");
	snprintf(source, sizeof(source), "layout-%zu.c", index);
	snprintf(object, sizeof(object), "layout-%zu.o", index);
	error = work_open(&build->work, source, &file, build->report);
	if (error)
		return error;
	write_include(file, absolute);
	error = work_close(&build->work, source, file, build->report);
	if (!error)
		error = build_work_path(build, source, path);
	if (!error)
		error = build_compile(build, path, object, flags);
	if (!error)
		error = build_work_path(build, object, path);
	if (!error)
		error = list_add(&build->layout_objects, "%s", path);
	return error ? error : layout_read(&build->layout, path, build->report);
}

int build_layout(struct build *build)
{
	int error = 0;

	for (size_t i = 0; i < build->pages.count && !error; i++)
		error = compile_page(build, build->pages.items[i], i);
	return error ? error : layout_finish(&build->layout, build->report);
}

static int compile_sources(struct build *build)
{
	char object[64], path[PATH_MAX];
	int error = 0;

	for (size_t i = 0; i < build->sources.count && !error; i++) {
		snprintf(object, sizeof(object), "source-%zu.o", i);
		error = build_compile(build, build->sources.items[i], object, NULL);
		if (!error)
			error = build_work_path(build, object, path);
		if (!error)
			error = list_add(&build->unit_objects, "%s", path);
		if (!error)
			error = list_add(&build->unit_sources, "%s", build->sources.items[i]);
	}
	for (size_t i = 0; i < build->objects.count && !error; i++) {
		error = list_add(&build->unit_objects, "%s", build->objects.items[i]);
		if (!error)
			error = list_add(&build->unit_sources, "%s", build->objects.items[i]);
	}
	return error;
}

static int check_units(struct build *build, struct object *objects, size_t count)
{
	cleanup_list struct list defined = {0};
	int error = 0;

	for (size_t i = 0; i < count && !error; i++) {
		error = rules_flags(&objects[i], build->report);
		if (!error)
			error = exports_read(&build->exports, &objects[i], build->report);
		if (!error)
			error = rules_collect(&objects[i], &defined);
	}
	exports_sort(&build->exports);
	list_sort(&defined);
	for (size_t i = 0; i < count && !error; i++)
		error = rules_check(&objects[i], &build->exports, &build->layout, &defined,
		                    build->report);
	return error;
}

int build_units(struct build *build)
{
	struct object *objects;
	size_t opened = 0;
	int error = compile_sources(build);

	if (error)
		return error;
	objects = calloc(build->unit_objects.count, sizeof(*objects));
	if (!objects)
		return -ENOMEM;
	for (; opened < build->unit_objects.count && !error; opened++)
		error = object_open(&objects[opened], build->unit_objects.items[opened],
		                    build->unit_sources.items[opened], build->report);
	if (!error)
		error = check_units(build, objects, opened);
	while (opened)
		object_close(&objects[--opened]);
	free(objects);
	return error;
}

int build_kit_objects(struct build *build)
{
	static const char *const parts[] = {"chain", "finish", "mem"};
	cleanup_list struct list flags = {0};
	char source[PATH_MAX], object[64];
	/* clang's debug information for assembly has paths that no flag maps; it would tell little. */
	int error = list_add(&flags, "-g0");

	for (int i = 0; i < VDK_CHAIN_COUNT && !error; i++)
		if (!(build->exports.overrides & 1u << i))
			error = list_add(&flags, "-DVDK_CHAIN_%s=%d", standard_names[i], i);
	for (size_t i = 0; i < 3 && !error; i++) {
		snprintf(object, sizeof(object), "%s.o", parts[i]);
		if (snprintf(source, sizeof(source), "%s/" ARCH "/%s.S", build->options->sdk_dir,
		             parts[i]) >= PATH_MAX)
			return vdk_report_set(build->report, -ENAMETOOLONG, build->options->sdk_dir,
			                      "the path is too long");
		error = build_compile(build, source, object, (const char *const *)flags.items);
	}
	if (!error)
		error = build_work_path(build, "note.S", source);
	return error ? error
	             : build_compile(build, source, "note.o", (const char *const *)flags.items);
}
