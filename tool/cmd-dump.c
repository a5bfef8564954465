/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk dump - the vDSO of a process as a file */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "beside.h"
#include "commands.h"
#include "look-image.h"
#include "vdk.h"

static const char help[] =
	"usage: vdk dump [--kernel] -o FILE [PID]\n\n"
	"Write the vDSO that a process uses (this command itself without PID) into FILE, whole\n"
	"pages. FILE appears at once and whole, or not at all.\n\n"
	"  -o, --output FILE   where to; - is standard output\n"
	"      --kernel        the kernel's own, even if another one is attached\n\n"
	"exit status: 0 written, 1 the process has no vDSO, 2 usage, 3 no such process, or FILE cannot\n"
	"be written, 77 not permitted.\n";

static int write_all(int fd, const struct vdk_bytes *image)
{
	for (size_t done = 0; done < image->size;) {
		const ssize_t put = write(fd, image->bytes + done, image->size - done);

		if (put < 0 && errno != EINTR)
			return -errno;
		done += put > 0 ? (size_t)put : 0;
	}
	return 0;
}

static int write_file(const char *path, const struct vdk_bytes *image, struct vdk_report *report)
{
	struct beside beside;
	const int error = beside_open(path, &beside, report);

	if (error)
		return error;
	fwrite(image->bytes, 1, image->size, beside.out); /* the commit asks whether it could */
	return beside_commit(&beside, 0755, report);
}

static int write_out(const struct vdk_bytes *image, struct vdk_report *report)
{
	const int error = write_all(STDOUT_FILENO, image);

	return error ? vdk_report_set(report, error, "standard output", "cannot write it: %s",
	                              strerror(-error))
	             : 0;
}

static int dump(const char *argument, bool kernel, const char *path)
{
	struct vdk_report report;
	struct vdk_bytes image;
	int code = look_image("dump", argument, kernel, &image), error;

	if (code)
		return code;
	error = strcmp(path, "-") ? write_file(path, &image, &report) : write_out(&image, &report);
	free(image.bytes);
	if (!error)
		return EXIT_FINE;
	tool_complain("dump", &report);
	return EXIT_SYSTEM;
}

int cmd_dump(int argc, char **argv)
{
	static const struct option options[] = {
		{"output", required_argument, NULL, 'o'},
		{"kernel", no_argument, NULL, 'k'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	const char *path = NULL;
	bool kernel = false;
	pid_t pid;
	int option;

	while ((option = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			fputs(help, stdout);
			return EXIT_FINE;
		case 'o':
			path = optarg;
			break;
		case 'k':
			kernel = true;
			break;
		default:
			return EXIT_USAGE;
		}
	}
	if (!path || argc - optind > 1 || (argv[optind] && !look_parse_pid(argv[optind], &pid))) {
		fputs(help, stderr);
		return EXIT_USAGE;
	}
	return dump(argv[optind], kernel, path);
}
