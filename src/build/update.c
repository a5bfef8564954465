/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The update hook as a module for `vdk publish`.
 *
 * Where several vDSOs are composed each has its hook under the same symbol. Each then gets a
 * symbol of its own, and a hook of ours calls them one after the other.
 */
#include <limits.h>
#include <string.h>

#include "build.h"

#define MODULE "vdk_update_module"

/* Compile into WORK/update-INDEX.o; @symbol: what to call the hook's module. */
static int compile_hook(struct build *build, const char *source, size_t index, const char *symbol)
{
	char object[64], define[128];

	snprintf(object, sizeof(object), "update-%zu.o", index);
	snprintf(define, sizeof(define), MODULE "=%s", symbol);
	return build_module_compile(build, source, object, define);
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
	const size_t count = build->updates.count;
	const int error = compile_hooks(build);

	return error ? error : build_module_link(build, "update", count > 1 ? count + 1 : count);
}
