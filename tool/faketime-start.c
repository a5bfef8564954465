/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "faketime-start.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <vdk/attach.h>

#include "base/cleanup.h"
#include "faketime-strict.h"
#include "faketime/clock.h"
#include "faketime/file.h"
#include "faketime/tree.h"
#include "vdk.h"

/* Clock ids that are faked, as bits; faketime.vdso.c has them by name. */
#define WALL_CLOCKS (1u << 0 | 1u << 5 | 1u << 8 | 1u << 11)
#define STEADY_CLOCKS (1u << 1 | 1u << 4 | 1u << 6 | 1u << 7 | 1u << 9)

/* A tree that is about to start. */
struct tree {
	struct vdk_publication publication;
	int state_fd; /* -1: no steps */
	char id[VDK_PUBLICATION_NAME_MAX + 1];
	char runtime[PATH_MAX];     /* absolute */
	struct faketime_file *file; /* whose time it follows; NULL: none */
	struct strict *strict;      /* NULL: raw calls are not looked for */
};

/* The name without one is the PID; another pid namespace may have the same, so try a few. */
static int create(struct tree *tree, const char *name, const char *image,
                  const struct faketime *record, struct vdk_report *report)
{
	int error = -EBUSY;

	if (name) {
		snprintf(tree->id, sizeof(tree->id), "%s", name);
		return faketime_tree_create(name, image, record, &tree->publication,
		                            &tree->state_fd, report);
	}
	snprintf(tree->id, sizeof(tree->id), "%d", getpid());
	for (int i = 2; i < 100; i++) {
		error = faketime_tree_create(tree->id, image, record, &tree->publication,
		                             &tree->state_fd, report);
		if (error != -EBUSY)
			break;
		snprintf(tree->id, sizeof(tree->id), "%d.%d", getpid(), i);
	}
	return error;
}

/* ---- In the supervisor's processes ------------------------------------------------------- */

/* The lock of the keeper is the last one, and must not keep the tree alive any more. */
static void on_end(void *data)
{
	const struct tree *tree = data;

	flock(tree->publication.page_fd, LOCK_UN);
	/* Ours may be relative to another folder. */
	if (*tree->runtime && !setenv("VDK_RUNTIME_DIR", tree->runtime, 1))
		faketime_tree_bury(tree->id);
}

static int on_begin(void *data)
{
	const struct tree *tree = data;

	return tree->file ? faketime_file_begin(tree->file) : -1;
}

/* Asked under the writer's lock, so that of two changes the later one has the later time. */
static int set_to_file(struct faketime *record, int64_t steps, void *data,
                       struct vdk_report *report)
{
	const struct faketime_file *file = data;
	struct faketime_spec spec = {0};
	struct faketime_now now;
	const int error = faketime_file_time(file->path, &spec);

	if (error)
		return error;
	faketime_clock_now(&now);
	now.steps = steps;
	faketime_clock_set(record, &spec, &now);
	return 0;
}

/* In a child, since another writer may have to be waited for. The supervisor reaps whatever ends. */
static void on_readable(void *data)
{
	struct tree *tree = data;

	if (!faketime_file_changed(tree->file) || fork())
		return;
	if (*tree->runtime && !setenv("VDK_RUNTIME_DIR", tree->runtime, 1))
		faketime_tree_change(tree->id, set_to_file, tree->file, NULL);
	_exit(0);
}

static void on_started(void *data, int tid, bool attached)
{
	const struct tree *tree = data;

	if (tree->strict)
		strict_started(tree->strict, tid, attached);
}

static void on_raw_call(void *data, const struct vdk_raw_call *call)
{
	const struct tree *tree = data;

	strict_call(tree->strict, call);
}

/* ---- Before it --------------------------------------------------------------------------- */

static int attach(struct tree *tree, const struct faketime_start *options, char **argv,
                  struct vdk_report *report)
{
	const struct vdk_publication *publication = &tree->publication;
	const struct vdk_attach_watch watch = {
	        .data = tree,
	        .begin = on_begin,
	        .readable = on_readable,
	        .started = on_started,
	        .clocks = !tree->strict        ? 0
	                  : options->monotonic ? WALL_CLOCKS | STEADY_CLOCKS
	                                       : WALL_CLOCKS,
	        .raw_call = on_raw_call,
	        .ended = on_end,
	};
	struct vdk_attach attach = {.image_fd = publication->image_fd,
	                            .image_size = publication->image_size,
	                            .page_fd = publication->page_fd,
	                            .page_size = publication->page_size,
	                            .finish = publication->note.finish,
	                            .has_state = tree->state_fd >= 0,
	                            .state_fd = tree->state_fd,
	                            .watch = &watch};
	const char *slash = strrchr(publication->path, '/');
	char page[PATH_MAX], image[PATH_MAX], runtime[PATH_MAX];

	attach.image_path = realpath(publication->path, image);
	snprintf(page, sizeof(page), "%.*s/page", (int)(slash - publication->path),
	         publication->path);
	if (vdk_runtime_dir(runtime, sizeof(runtime)) || !realpath(runtime, tree->runtime))
		tree->runtime[0] = '\0';
	/* With --once the program must map this very open file: its lock tells that the tree lives. */
	attach.page_path = options->once ? NULL : page;
	memcpy(attach.fallback, publication->note.fallback, sizeof(attach.fallback));
	return options->once ? vdk_attach_once(&attach, argv[0], argv, report)
	                     : vdk_attach_follow(&attach, argv[0], argv, report);
}

/* What env(1), timeout(1) and the shells say of a program that could not be started. */
static int run_exit_code(int error, const struct vdk_report *report)
{
	if (!strncmp(report->text, "cannot run", 10))
		return error == -ENOENT || error == -ENOTDIR ? EXIT_NOT_FOUND : EXIT_CANNOT_EXEC;
	return tool_exit_code(error);
}

/* Become the program. Return: an exit code, on failure. */
static int become(struct tree *tree, const struct faketime_start *options, char **argv)
{
	struct vdk_report report = {0};
	const int error = attach(tree, options, argv, &report);

	vdk_publication_close(&tree->publication);
	vdk_closep(&tree->state_fd);
	faketime_tree_collect(NULL); /* our own */
	tool_complain("faketime", &report);
	return run_exit_code(error, &report);
}

/*
 * Let a child become the program, wait for the tree's end and report. The tree is alive as long as
 * its page is locked, by a descriptor that the child inherits.
 */
static int stay(struct tree *tree, const struct faketime_start *options, char **argv, FILE *report)
{
	int page_fd = openat(tree->publication.dir_fd, "page", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct strict_family family;
	const bool forked = strict_fork(&family);
	int status = 0;

	if (!forked)
		tool_error("faketime", "cannot fork: %s", strerror(errno));
	else if (family.child == 0)
		_exit(become(tree, options, argv));
	vdk_publication_close(&tree->publication);
	vdk_closep(&tree->state_fd);
	if (forked) {
		status = strict_wait(&family);
		strict_report(tree->strict, report, options->json,
		              strict_wait_for_lock(&family, page_fd));
	}
	vdk_closep(&page_fd);
	faketime_tree_collect(NULL);
	return forked ? strict_end_like(status) : EXIT_SYSTEM;
}

static int open_report(const char *path, FILE **ret_file, struct vdk_report *report)
{
	*ret_file = fopen(path, "we");
	return *ret_file ? 0
	                 : vdk_report_set(report, -EIO, path, "cannot write: %s", strerror(errno));
}

int faketime_start(const struct faketime_start *options, const struct faketime_spec *spec,
                   char **argv)
{
	struct tree tree = {.publication = VDK_PUBLICATION_CLOSED, .state_fd = -1};
	vdk_cleanup_fclose FILE *file = NULL;
	struct vdk_report report = {0};
	struct faketime record;
	struct faketime_now now;
	char image[PATH_MAX];
	int error = tool_find("vdso", "faketime.so", image, sizeof(image));

	if (error)
		vdk_report_set(&report, error, "faketime.so", "the kit's image is missing: %s",
		               tool_find_problem(error));
	if (!error && spec->file && !options->once)
		error = faketime_file_open(spec, &tree.file, &report);
	if (!error && options->strict)
		error = strict_new(&tree.strict, &report);
	if (!error && options->report)
		error = open_report(options->report, &file, &report);
	if (!error) {
		faketime_tree_collect(NULL);
		faketime_clock_now(&now);
		faketime_clock_start(&record, spec, &now, options->monotonic);
		error = create(&tree, options->name, image, &record, &report);
	}
	if (error) {
		tool_complain("faketime", &report);
		return tool_exit_code(error);
	}
	return options->strict ? stay(&tree, options, argv, file ? file : stderr)
	                       : become(&tree, options, argv);
}
