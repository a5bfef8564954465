/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk run - run a program with a vDSO attached */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vdk/attach.h>
#include <vdk/publish.h>

#include "base/cleanup.h"
#include "commands.h"
#include "vdk.h"

/* The ready vDSO that overrides nothing: what `vdk run` attaches when nobody names another. */
#define DEFAULT_IMAGE "pass.so"

static const char help[] =
        "usage: vdk run [--vdso NAME|IMG] [--once] [--no-seal] [--vsyscall=MODE]\n"
        "               [--] PROGRAM [ARGUMENT...]\n\n"
        "Run PROGRAM with a vDSO attached, and every program that it starts in turn. The process\n"
        "of `vdk run` becomes PROGRAM: same PID, parent, terminal, signals and exit status.\n\n"
        "  --vdso NAME   a publication (see `vdk ls`)\n"
        "  --vdso IMG    an image file, recognised by a slash in it; its records, if it has\n"
        "                any, are as never written\n"
        "  --vdso none   no vDSO at all: programs make system calls instead\n"
        "                without --vdso: the passthrough image, which changes nothing\n"
        "  --once        attach to PROGRAM only and leave no process of vdk behind\n"
        "  --no-seal     leave what is attached movable (no mseal), for programs that move or\n"
        "                unmap their vDSO, as checkpoint and replay tools do\n\n"
        "  --vsyscall=auto     old programs, whose files contain the addresses of the vsyscall\n"
        "                      page, get answers to their calls where the kernel gives none\n"
        "  --vsyscall=emulate  all programs get them, from the vDSO, whatever the kernel does\n"
        "  --vsyscall=none     all such calls fail, and who makes them is told\n\n"
        "Raw system calls, as of `syscall(SYS_clock_gettime, ...)`, bypass any vDSO.\n\n"
        "exit status: PROGRAM's own; 2 usage, 3 a file or the system failed, 77 cannot attach\n"
        "here, 126 PROGRAM cannot be executed, 127 there is no such program.\n";

/*
 * A page that nobody publishes. Opened anew for reading only: a mapping of the writable descriptor
 * could be made writable by the program.
 */
static int make_page(struct vdk_publication *publication, struct vdk_report *report)
{
	vdk_cleanup_close int fd = -1;
	char path[32];
	int error = vdk_page_create(-1, NULL, 0, &publication->note, &fd, report);

	if (error)
		return error;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	publication->page_fd = open(path, O_RDONLY | O_CLOEXEC);
	return publication->page_fd < 0 ? vdk_report_set(report, -errno, path,
	                                                 "cannot open the page: %s",
	                                                 strerror(errno))
	                                : 0;
}

static bool is_file(const char *path)
{
	struct stat status;

	return !strchr(path, '/') && !stat(path, &status) && S_ISREG(status.st_mode);
}

/* Open what is to be attached: a file by its path, a publication by its name. */
static int open_vdso(const char *vdso, struct vdk_publication *ret, struct vdk_report *report)
{
	char path[PATH_MAX];
	int error;

	if (!vdso) {
		error = tool_find("vdso", DEFAULT_IMAGE, path, sizeof(path));
		if (error)
			return vdk_report_set(report, error, DEFAULT_IMAGE,
			                      "the kit's passthrough image is missing: %s",
			                      tool_find_problem(error));
		vdso = path;
	}
	if (strchr(vdso, '/'))
		error = vdk_image_open(vdso, ret, report);
	else
		error = vdk_publication_open(vdso, ret, report);
	/* What one tries first, fresh from `vdk build`. */
	if (error == -ENOENT && !strcmp(report->object, vdso) && is_file(vdso))
		return vdk_report_set(report, error, vdso,
		                      "is not published; for the file of that name write ./%s", vdso);
	if (!error && ret->page_size && ret->page_fd < 0)
		error = make_page(ret, report);
	return error;
}

/* The page lies beside the image in a publication; one of our own has no path, nor has a map. */
static const char *page_path(const struct vdk_publication *publication, char path[PATH_MAX])
{
	const char *slash = strrchr(publication->path, '/');

	if (publication->dir_fd < 0 || publication->page_is_map || !slash)
		return NULL;
	snprintf(path, PATH_MAX, "%.*s/page", (int)(slash - publication->path), publication->path);
	return path;
}

static bool parse_vsyscall(const char *text, enum vdk_attach_vsyscall *ret)
{
	static const char *const names[] = {
	        [VDK_ATTACH_VSYSCALL_AUTO] = "auto",
	        [VDK_ATTACH_VSYSCALL_EMULATE] = "emulate",
	        [VDK_ATTACH_VSYSCALL_NONE] = "none",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(text, names[i])) {
			*ret = (enum vdk_attach_vsyscall)i;
			return true;
		}
	tool_error("run", "--vsyscall=%s: is neither auto nor emulate nor none", text);
	return false;
}

/* @attach: what was asked for, without what is attached. */
static int run(const char *vdso, bool once, struct vdk_attach attach, char **argv,
               struct vdk_report *report)
{
	struct vdk_publication publication = VDK_PUBLICATION_CLOSED;
	char page[PATH_MAX], image[PATH_MAX];
	int error;

	if (vdso && !strcmp(vdso, "none"))
		return once ? vdk_attach_once(&attach, argv[0], argv, report)
		            : vdk_attach_follow(&attach, argv[0], argv, report);
	error = open_vdso(vdso, &publication, report);
	if (error)
		return error;
	attach.image_fd = publication.image_fd;
	attach.image_path = realpath(publication.path, image);
	attach.image_size = publication.image_size;
	attach.page_fd = publication.page_fd;
	attach.page_size = publication.page_size;
	attach.page_path = page_path(&publication, page);
	attach.finish = publication.note.finish;
	memcpy(attach.fallback, publication.note.fallback, sizeof(attach.fallback));
	error = once ? vdk_attach_once(&attach, argv[0], argv, report)
	             : vdk_attach_follow(&attach, argv[0], argv, report);
	vdk_publication_close(&publication);
	return error;
}

/* What env(1), timeout(1) and the shells say of a program that could not be started. */
static int exit_code(int error, const struct vdk_report *report)
{
	if (!strncmp(report->text, "cannot run", 10))
		return error == -ENOENT || error == -ENOTDIR ? EXIT_NOT_FOUND : EXIT_CANNOT_EXEC;
	if (error == -EBUSY)
		return EXIT_IMPOSSIBLE;
	if (error == -EINVAL)
		return EXIT_SYSTEM;
	return tool_exit_code(error);
}

int cmd_run(int argc, char **argv)
{
	static const struct option options[] = {
	        {"vdso", required_argument, NULL, 'v'},
	        {"once", no_argument, NULL, 'o'},
	        {"no-seal", no_argument, NULL, 's'},
	        {"vsyscall", required_argument, NULL, 'y'},
	        {"help", no_argument, NULL, 'h'},
	        {0},
	};
	struct vdk_report report = {0};
	const char *vdso = NULL;
	struct vdk_attach attach = {.image_fd = -1, .page_fd = -1};
	bool once = false;
	int option, error;

	/* '+': the first word that is no option is PROGRAM, and all that follows is its own. */
	while ((option = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
		switch (option) {
		case 'v':
			vdso = optarg;
			break;
		case 'o':
			once = true;
			break;
		case 's':
			attach.no_seal = true;
			break;
		case 'y':
			if (!parse_vsyscall(optarg, &attach.vsyscall))
				return EXIT_USAGE;
			break;
		case 'h':
			fputs(help, stdout);
			return EXIT_FINE;
		default:
			return EXIT_USAGE;
		}
	}
	if (optind == argc) {
		tool_error("run", "which program? `vdk run --help` tells more");
		return EXIT_USAGE;
	}
	error = run(vdso, once, attach, argv + optind, &report);
	tool_complain("run", &report);
	return exit_code(error, &report);
}
