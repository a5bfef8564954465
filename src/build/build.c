/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The order of a build; each step is a file of its own. */
#include "build.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "command.h"

/* The linker looks for the scripts in one place only. */
static int bring_script(struct build *build)
{
	vdk_cleanup_fclose FILE *from = NULL;
	char path[PATH_MAX], line[4096];
	FILE *to;
	int error;

	if (snprintf(path, sizeof(path), "%s/image.lds", build->options->sdk_dir) >= PATH_MAX)
		return vdk_report_set(build->report, -ENAMETOOLONG, build->options->sdk_dir,
		                      "the path is too long");
	from = fopen(path, "re");
	if (!from)
		return vdk_report_set(build->report, -errno, path,
		                      "the kit's linker script: %m; is the installation whole?");
	error = work_open(&build->work, "image.lds", &to, build->report);
	if (error)
		return error;
	while (fgets(line, sizeof(line), from))
		fputs(line, to);
	return work_close(&build->work, "image.lds", to, build->report);
}

/* An older program's options end sooner: what it does not know is zero. */
static int take_options(const struct vdk_build_options *options, struct vdk_build_options *ret,
                        struct vdk_report *report)
{
	if (!options || options->size < sizeof(options->size) ||
	    options->size > sizeof(*options))
		return vdk_report_set(report, -EINVAL, "", "build options of another version");
	memcpy(ret, options, options->size);
	return 0;
}

static int check_options(const struct vdk_build_options *options, struct vdk_report *report)
{
	if (!options->output == !options->script_dir)
		return vdk_report_set(report, -EINVAL, "",
		                      "expected either an image to write or a folder for scripts");
	if (!options->include_dir || !options->sdk_dir)
		return vdk_report_set(report, -EINVAL, "", "where are the kit's headers and sdk?");
	return 0;
}

static int make_parts(struct build *build)
{
	int error = build_inputs(build);

	if (!error)
		error = toolchain_init(&build->tc, build->options->cc, build->options->ld,
		                       build->report);
	if (!error)
		error = work_init(&build->work, build->options->keep_dir, build->report);
	if (!error)
		error = build_layout(build);
	if (!error)
		error = build_units(build);
	if (!error)
		error = bring_script(build);
	if (!error)
		error = build_scripts(build);
	return error ? error : build_kit_objects(build);
}

static int make_image(struct build *build)
{
	int error = build_declarations(build);

	if (!error)
		error = build_link(build);
	if (!error)
		error = build_check(build);
	return error ? error : build_place(build);
}

void build_deinit(struct build *build)
{
	work_deinit(&build->work);
	toolchain_deinit(&build->tc);
	layout_free(&build->layout);
	exports_free(&build->exports);
	list_free(&build->sources);
	list_free(&build->objects);
	list_free(&build->pages);
	list_free(&build->updates);
	list_free(&build->references);
	list_free(&build->unit_objects);
	list_free(&build->unit_sources);
	list_free(&build->layout_objects);
}

int vdk_build(const struct vdk_build_options *options, struct vdk_report *report)
{
	struct vdk_build_options own = {0};
	struct build build = {.options = &own, .report = report};
	sigset_t signals, before;
	int error = take_options(options, &own, report);

	if (!error)
		error = check_options(&own, report);
	if (error)
		return error;
	/* Ctrl-C ends the compiler at once and us when the work folder is gone. */
	command_signals(&signals);
	pthread_sigmask(SIG_BLOCK, &signals, &before);
	/* A step that runs out of memory leaves the words to us. */
	error = make_parts(&build);
	if (!error)
		error = own.script_dir ? build_place_scripts(&build) : make_image(&build);
	if (error == -ENOMEM)
		vdk_report_set(report, error, "", "out of memory");
	build_deinit(&build);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}
