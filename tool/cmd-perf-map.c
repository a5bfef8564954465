/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk perf-map - names for addresses in an attached image: for profilers, and for gdb */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "beside.h"
#include "commands.h"
#include "inspect/process.h"
#include "look-image.h"
#include "perf-symbols.h"
#include "vdk.h"

static const char help[] =
	"usage: vdk perf-map [--symbols FILE] [--append | -o FILE | --gdb] PID\n\n"
	"Write the functions of the image that is attached to a process, and where they are, into\n"
	"/tmp/perf-PID.map of that process: profilers look there for names of code that they\n"
	"cannot read from a file.\n\n"
	"      --symbols FILE  the image's debug file (`vdk build --debug-file`): functions that are\n"
	"                      not exported, too\n"
	"      --append        add to the map that the process itself has written\n"
	"  -o, --output FILE   write to FILE, - is standard output\n"
	"      --gdb           print the command that tells gdb of the image instead\n\n"
	"exit status: 0 written; 1 no image of vdk is attached; 2 usage; 3 no such process, or the\n"
	"map cannot be written; 77 not permitted.\n";

struct request {
	const char *pid, *symbols, *output;
	bool append, gdb;
};

/* ---- The map --------------------------------------------------------------------------------- */

/* The process's number in its own namespace, by which its profilers and it itself call the file. */
static int own_number(const struct vdk_process *process, long *ret)
{
	vdk_cleanup_free char *text = NULL;
	const char *line;
	size_t size;
	int error = vdk_process_file(process, "status", 65536, &text, &size);

	if (error)
		return error;
	line = strstr(text, "\nNSpid:");
	*ret = process->pid;
	if (!line)
		return 0; /* a kernel without PID namespaces */
	/* From the reader's namespace inwards: the last one. */
	for (line += strlen("\nNSpid:"); *line && *line != '\n';) {
		char *end;
		const long number = strtol(line, &end, 10);

		if (end == line)
			break;
		*ret = number;
		line = end;
	}
	return 0;
}

/*
 * /tmp as the process sees it, step by step and through no symbolic link: what is there is the
 * business of others. The first step is the kernel's own link to the process's root.
 */
static int open_tmp(const struct vdk_process *process)
{
	vdk_cleanup_close int root = openat(process->dir_fd, "root",
	                                    O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd;

	if (root < 0)
		return -errno;
	fd = openat(root, "tmp", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/*
 * The folder is one that the process chose, which may have mounted it from anywhere: what the
 * process may not create there, we create for nobody. Return: 0; a negative errno.
 */
static int become_owner(const struct vdk_process *process)
{
	struct stat owner;

	if (fstat(process->dir_fd, &owner))
		return -errno;
	if (geteuid() != 0 || owner.st_uid == 0)
		return 0;
	return setgroups(0, NULL) || setegid(owner.st_gid) || seteuid(owner.st_uid) ? -errno : 0;
}

/* A file that the process wrote itself: its owner's, and under no other name. */
static int open_to_append(int folder, const char *name, const struct vdk_process *process)
{
	vdk_cleanup_close int fd = openat(folder, name, O_WRONLY | O_APPEND | O_NOFOLLOW |
	                                                        O_NONBLOCK | O_CLOEXEC);
	struct stat file, owner;

	if (fd < 0 || fstat(fd, &file) || fstat(process->dir_fd, &owner))
		return -errno;
	if (!S_ISREG(file.st_mode) || file.st_nlink != 1 || file.st_uid != owner.st_uid)
		return -EPERM;
	return vdk_steal_fd(&fd);
}

static int open_map(const struct request *request, const struct vdk_process *process, char *name,
                    size_t size)
{
	vdk_cleanup_close int folder = -1;
	long number;
	int error, fd;

	snprintf(name, size, "/tmp/perf-%d.map", (int)process->pid);
	error = own_number(process, &number);
	if (error)
		return error;
	snprintf(name, size, "/tmp/perf-%ld.map", number);
	folder = open_tmp(process);
	if (folder < 0)
		return folder;
	error = become_owner(process);
	if (error)
		return error;
	if (request->append)
		return open_to_append(folder, strrchr(name, '/') + 1, process);
	/* New, or not at all: a file or link that is there was put there by somebody else. */
	fd = openat(folder, strrchr(name, '/') + 1,
	            O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	return fd < 0 ? -errno : fd;
}

static void print_map(FILE *out, const struct vdk_bytes *image, const struct perf_symbols *symbols)
{
	for (size_t i = 0; i < symbols->count; i++)
		fprintf(out, "%" PRIx64 " %" PRIx64 " %s\n",
		        image->address + symbols->symbols[i].offset, symbols->symbols[i].size,
		        symbols->symbols[i].name);
}

/* Where the user says. */
static int write_output(const char *path, const struct vdk_bytes *image,
                        const struct perf_symbols *symbols)
{
	struct vdk_report report;
	struct beside beside;
	int error;

	if (!strcmp(path, "-")) {
		print_map(stdout, image, symbols);
		return EXIT_FINE;
	}
	error = beside_open(path, &beside, &report);
	if (!error) {
		print_map(beside.out, image, symbols);
		error = beside_commit(&beside, 0666, &report);
	}
	if (!error)
		return EXIT_FINE;
	tool_complain("perf-map", &report);
	return tool_exit_code(error);
}

/* Where profilers look. */
static int write_map(const struct request *request, const struct vdk_process *process,
                     const struct vdk_bytes *image, const struct perf_symbols *symbols)
{
	char name[40];
	int fd = open_map(request, process, name, sizeof(name));
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	int error = fd < 0 ? fd : file ? 0 : -errno;

	if (file)
		print_map(file, image, symbols);
	if (file && (ferror(file) | fclose(file)))
		error = -EIO;
	if (!error) {
		printf("%s: %zu functions\n", name, symbols->count);
		return EXIT_FINE;
	}
	tool_error("perf-map", "%s: cannot write it: %s%s", name, strerror(-error),
	           error == -EEXIST ? " (--append adds to it, -o writes elsewhere)" : "");
	return error == -EACCES || error == -EPERM ? EXIT_IMPOSSIBLE : EXIT_SYSTEM;
}

/* ---- gdb ------------------------------------------------------------------------------------- */

/* Does this path lead to the very file that the process has mapped? */
static bool is_file_of(const struct vdk_map *map)
{
	struct stat status;

	return map && *map->path == '/' && !map->deleted && stat(map->path, &status) == 0 &&
	       S_ISREG(status.st_mode) && status.st_ino == map->inode &&
	       major(status.st_dev) == map->major && minor(status.st_dev) == map->minor;
}

/* As gdb takes file names: quoted, with quotes and backslashes behind backslashes. */
static void print_file(const char *path, uint64_t address)
{
	fputs("add-symbol-file \"", stdout);
	for (; *path; path++)
		printf(*path == '"' || *path == '\\' ? "\\%c" : "%c", *path);
	printf("\" -o 0x%" PRIx64 "\n", address);
}

static int print_gdb(const struct request *request, const struct vdk_map *map,
                     const struct vdk_bytes *image)
{
	vdk_cleanup_free char *path = NULL;

	if (request->symbols) {
		path = realpath(request->symbols, NULL);
		print_file(path ? path : request->symbols, image->address);
	} else if (is_file_of(map)) {
		print_file(map->path, image->address);
	} else {
		printf("add-symbol-file-from-memory 0x%" PRIx64 "\n", image->address);
	}
	return EXIT_FINE;
}

/* ---------------------------------------------------------------------------------------------- */

/* An image that was attached: where the program's vector leads and the kernel's does not. */
static int read_image(const struct vdk_process *process, struct vdk_maps **ret_maps,
                      struct vdk_bytes *ret_image, struct vdk_report *report)
{
	struct vdk_map *map;
	int error = vdk_process_maps(process, ret_maps, report);

	if (error)
		return error;
	error = vdk_process_image(process, false, ret_image, report);
	if (error)
		return error;
	map = vdk_maps_find(*ret_maps, ret_image->address);
	if (map && map->kind != VDK_MAP_VDSO)
		return 0;
	free(ret_image->bytes);
	ret_image->bytes = NULL;
	return vdk_report_set(report, -ENOENT, process->object,
	                      "no image is attached; the kernel's own vDSO profilers and gdb read "
	                      "by themselves");
}

static int run(const struct request *request)
{
	struct perf_symbols symbols = {0};
	struct vdk_report report = {0};
	struct vdk_bytes image = {0};
	struct vdk_maps *maps = NULL;
	struct vdk_process *process;
	int code = look_open("perf-map", request->pid, &process), error;

	if (code)
		return code;
	look_watch("perf-map");
	error = read_image(process, &maps, &image, &report);
	look_watch_end();
	if (!error)
		error = request->symbols
		                ? perf_symbols_debug(request->symbols, &image, &symbols, &report)
		                : perf_symbols_exported(&image, process->object, &symbols, &report);
	if (error) {
		tool_complain("perf-map", &report);
		code = error == -ENOENT && !image.bytes ? EXIT_FINDING
		                        : error == -EINVAL ? EXIT_SYSTEM : tool_exit_code(error);
	} else if (request->gdb) {
		code = print_gdb(request, vdk_maps_find(maps, image.address), &image);
	} else if (request->output) {
		code = write_output(request->output, &image, &symbols);
	} else {
		code = write_map(request, process, &image, &symbols);
	}
	perf_symbols_free(&symbols);
	free(image.bytes);
	vdk_maps_free(maps);
	vdk_process_close(process);
	return tool_finish("perf-map", code);
}

int cmd_perf_map(int argc, char **argv)
{
	static const struct option options[] = {
		{"symbols", required_argument, NULL, 's'},
		{"append", no_argument, NULL, 'a'},
		{"output", required_argument, NULL, 'o'},
		{"gdb", no_argument, NULL, 'g'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	struct request request = {0};
	pid_t pid;
	int option;

	while ((option = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
		switch (option) {
		case 's':
			request.symbols = optarg;
			break;
		case 'a':
			request.append = true;
			break;
		case 'o':
			request.output = optarg;
			break;
		case 'g':
			request.gdb = true;
			break;
		case 'h':
			fputs(help, stdout);
			return EXIT_FINE;
		default:
			return EXIT_USAGE;
		}
	}
	if (argc - optind != 1 || !look_parse_pid(argv[optind], &pid) ||
	    request.append + request.gdb + (request.output != NULL) > 1) {
		fputs(help, stderr);
		return EXIT_USAGE;
	}
	request.pid = argv[optind];
	return run(&request);
}
