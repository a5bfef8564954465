/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The update hook as a module for `vdk publish`. It runs in an ordinary program with a libc, so
 * it gets ordinary flags; the author's own come along, since the files share headers.
 *
 * Where several vDSOs are composed each has its hook under the same symbol. Each then gets a
 * symbol of its own, and a hook of ours calls them one after the other.
 */
#include <limits.h>
#include <string.h>

#include "build.h"
#include "command.h"

#define MODULE "vdk_update_module"

/* Compile into WORK/update-INDEX.o; @symbol: what to call the hook's module. */
static int compile_hook(struct build *build, const char *source, size_t index, const char *symbol)
{
	cleanup_list struct list argv = {0};
	int error = list_add_all(&argv, (const char *const *)build->tc.cc.items);

	if (!error)
		error = list_add_words(&argv, "-std=gnu11 -O2 -g -Wall");
	if (!error)
		error = list_add_all(&argv, build->options->cflags);
	if (!error)
		error = list_add(&argv, "-I%s", build->options->include_dir);
	if (!error)
		error = list_add(&argv, "-D" MODULE "=%s", symbol);
	if (!error)
		error = build_prefix_maps(build, source, &argv);
	if (!error)
		error = list_add_words(&argv, "-fPIC -fvisibility=hidden -c");
	if (!error)
		error = list_add(&argv, "%s", source);
	if (!error)
		error = list_add(&argv, "-o%s/update-%zu.o", build->work.path, index);
	return error ? error : command_run(&argv, build->report);
}

/* A hook that calls all others; a failure that one of them notes stays noted. */
static int write_dispatcher(struct build *build)
{
	const size_t count = build->updates.count;
	FILE *file;
	int error = work_open(&build->work, "update.c", &file, build->report);

	if (error)
		return error;
	fputs("#include <vdk/update.h>\n", file);
	for (size_t i = 0; i < count; i++)
		fprintf(file, "extern const struct vdk_update_module " MODULE "_%zu;\n", i);
	fputs("VDK_UPDATE(u)\n{\n", file);
	for (size_t i = 0; i < count; i++)
		fprintf(file, "\t" MODULE "_%zu.hook(u);\n", i);
	fputs("}\n", file);
	return work_close(&build->work, "update.c", file, build->report);
}

static int compile_hooks(struct build *build)
{
	const size_t count = build->updates.count;
	char symbol[64], path[PATH_MAX];
	int error = 0;

	if (count == 1)
		return compile_hook(build, build->updates.items[0], 0, MODULE);
	for (size_t i = 0; i < count && !error; i++) {
		snprintf(symbol, sizeof(symbol), MODULE "_%zu", i);
		error = compile_hook(build, build->updates.items[i], i, symbol);
	}
	if (!error)
		error = write_dispatcher(build);
	if (!error)
		error = build_work_path(build, "update.c", path);
	return error ? error : compile_hook(build, path, count, MODULE);
}

int build_update(struct build *build)
{
	const size_t count = build->updates.count, objects = count > 1 ? count + 1 : count;
	cleanup_list struct list argv = {0};
	int error = compile_hooks(build);

	if (!error)
		error = list_add_all(&argv, (const char *const *)build->tc.cc.items);
	if (!error)
		error = list_add_words(&argv, "-shared -Wl,--no-undefined -Wl,-z,now "
		                              "-Wl,--build-id=sha1");
	if (!error && *build->tc.ld)
		error = list_add(&argv, "-fuse-ld=%s", build->tc.ld);
	for (size_t i = 0; i < objects && !error; i++)
		error = list_add(&argv, "%s/update-%zu.o", build->work.path, i);
	/* Behind the objects: libraries that the author's flags name. */
	if (!error)
		error = list_add_all(&argv, build->options->cflags);
	if (!error)
		error = list_add(&argv, "-o%s/update.so", build->work.path);
	return error ? error : command_run(&argv, build->report);
}
