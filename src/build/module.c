/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Modules: the author's code for ordinary programs, beside the image. It gets ordinary flags; the
 * author's own come along, since the files share headers.
 */
#include <limits.h>

#include "build.h"
#include "command.h"

int build_module_compile(struct build *build, const char *source, const char *object,
                         const char *define)
{
	cleanup_list struct list argv = {0};
	int error = list_add_all(&argv, (const char *const *)build->tc.cc.items);

	if (!error)
		error = list_add_words(&argv, "-std=gnu11 -O2 -g -Wall");
	if (!error)
		error = list_add_all(&argv, build->options->cflags);
	if (!error)
		error = list_add(&argv, "-I%s", build->options->include_dir);
	if (!error && define)
		error = list_add(&argv, "-D%s", define);
	if (!error)
		error = build_prefix_maps(build, source, &argv);
	if (!error)
		error = list_add_words(&argv, "-fPIC -fvisibility=hidden -c");
	if (!error)
		error = list_add(&argv, "%s", source);
	if (!error)
		error = list_add(&argv, "-o%s/%s", build->work.path, object);
	return error ? error : command_run(&argv, build->report);
}

int build_module_link(struct build *build, const char *kind, size_t count)
{
	cleanup_list struct list argv = {0};
	int error = list_add_all(&argv, (const char *const *)build->tc.cc.items);

	if (!error)
		error = list_add_words(&argv, "-shared -Wl,--no-undefined -Wl,-z,now "
		                              "-Wl,--build-id=sha1");
	if (!error && *build->tc.ld)
		error = list_add(&argv, "-fuse-ld=%s", build->tc.ld);
	for (size_t i = 0; i < count && !error; i++)
		error = list_add(&argv, "%s/%s-%zu.o", build->work.path, kind, i);
	/* Behind the objects: libraries that the author's flags name. */
	if (!error)
		error = list_add_all(&argv, build->options->cflags);
	if (!error)
		error = list_add(&argv, "-o%s/%s.so", build->work.path, kind);
	return error ? error : command_run(&argv, build->report);
}
