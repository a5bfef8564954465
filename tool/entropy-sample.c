/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Samples of where things land: a program that tells its own mappings, run again and again. It is
 * cat(1), which is small and everywhere, and built as distributions build programs; nothing has to
 * be traced for it.
 */
#include "entropy-sample.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vdk/inspect.h>

#include "base/cleanup.h"
#include "look.h"
#include "vdk.h"

#define TEXT_MAX 65536

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* What place_of() needs to know an image by that was given as a file. */
static const char *image_file;

/* What it writes, and how it ended. Return: its length; -1 it could not be started. */
static ssize_t run(char **argv, char *text, size_t size, int *ret_status)
{
	size_t length = 0;
	int pipes[2];
	pid_t child;

	if (pipe2(pipes, O_CLOEXEC))
		return -1;
	child = fork();
	if (child == 0) {
		dup2(pipes[1], STDOUT_FILENO);
		execvp(argv[0], argv);
		_exit(EXIT_NOT_FOUND);
	}
	close(pipes[1]);
	while (child > 0) {
		const ssize_t got = read(pipes[0], text + length, size - length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		length += (size_t)got;
	}
	close(pipes[0]);
	*ret_status = -1;
	while (child > 0 && waitpid(child, ret_status, 0) < 0 && errno == EINTR)
		;
	return child > 0 ? (ssize_t)length : -1;
}

static enum entropy_place place_of(const struct vdk_map *map)
{
	switch (map->kind) {
	case VDK_MAP_HEAP:
		return strcmp(map->path, "[heap]") ? ENTROPY_PLACES : ENTROPY_HEAP;
	case VDK_MAP_VVAR:
		return ENTROPY_VVAR;
	case VDK_MAP_VDSO:
		return ENTROPY_VDSO;
	case VDK_MAP_STACK:
		return ENTROPY_STACK;
	case VDK_MAP_VSYSCALL:
		return ENTROPY_VSYSCALL;
	case VDK_MAP_VDK_PAGE:
		return ENTROPY_VDK_PAGE;
	case VDK_MAP_VDK_IMAGE:
		return ENTROPY_VDK_IMAGE;
	default:
		break;
	}
	/* Where the runtime directory is mounted noexec; the page then is the mapping before. */
	if (!strncmp(map->path, "/memfd:vdk-image", 16) ||
	    (image_file && (map->access & VDK_MAP_EXEC) && !strcmp(map->path, image_file)))
		return ENTROPY_VDK_IMAGE;
	return map->owner == VDK_OWNER_PROGRAM   ? ENTROPY_PROGRAM
	       : map->owner == VDK_OWNER_LOADER  ? ENTROPY_MMAP
	       : map->owner == VDK_OWNER_LIBRARY ? ENTROPY_LIBC
	                                         : ENTROPY_PLACES;
}

/* The first mapping of each; of the stack its end, which does not depend on how much is in use. */
static void take(struct entropy_samples *samples, const struct vdk_maps *maps)
{
	for (size_t i = 0; i < maps->count; i++) {
		const struct vdk_map *map = &maps->maps[i];
		const enum entropy_place place = place_of(map);
		uint64_t *address;

		if (place == ENTROPY_PLACES)
			continue;
		address = &samples->addresses[place][samples->count];
		if (*address == 0)
			*address = place == ENTROPY_STACK ? map->end : map->start;
		if (place == ENTROPY_VDK_IMAGE && i && map[-1].end == map->start &&
		    (map[-1].access & VDK_MAP_SHARED))
			samples->addresses[ENTROPY_VDK_PAGE][samples->count] = map[-1].start;
	}
	samples->count++;
}

static int one(struct entropy_samples *samples, char **argv, char *text)
{
	struct vdk_report report = {0};
	struct vdk_maps *maps;
	int status;
	const ssize_t length = run(argv, text, TEXT_MAX, &status);

	if (length < 0) {
		tool_error("entropy", "cannot start %s: %s", argv[0], strerror(errno));
		return EXIT_SYSTEM;
	}
	/* `vdk run` has said why; its exit code is ours. */
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		if (!WIFEXITED(status) || WEXITSTATUS(status) == EXIT_NOT_FOUND)
			tool_error("entropy", "cannot run %s", argv[0]);
		return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_IMPOSSIBLE ? EXIT_IMPOSSIBLE
		                                                                   : EXIT_SYSTEM;
	}
	if (vdk_maps_parse(text, (size_t)length, "cat /proc/self/maps", NULL, &maps, &report)) {
		tool_complain("entropy", &report);
		return EXIT_SYSTEM;
	}
	take(samples, maps);
	vdk_maps_free(maps);
	return EXIT_FINE;
}

static int sample_all(struct entropy_samples *samples, char **argv, double seconds)
{
	vdk_cleanup_free char *text = malloc(TEXT_MAX);
	const double end = now_s() + seconds;
	int code = text ? EXIT_FINE : EXIT_SYSTEM;

	while (!code && samples->count < samples->wanted) {
		/* Two are the least that can differ. */
		if (samples->count >= 2 && now_s() > end) {
			samples->cut = true;
			break;
		}
		code = one(samples, argv, text);
	}
	return code;
}

int entropy_sample(size_t wanted, double seconds, const char *vdso,
                   struct entropy_samples *ret_samples)
{
	struct entropy_samples samples = {.wanted = wanted};
	char vdk[PATH_MAX], cat[] = "cat", maps[] = "/proc/self/maps", run_word[] = "run";
	char once[] = "--once", option[] = "--vdso", end[] = "--";
	char *plain[] = {cat, maps, NULL};
	char *attached[] = {vdk, run_word, once, option, (char *)vdso, end, cat, maps, NULL};
	vdk_cleanup_free char *file = vdso && strchr(vdso, '/') ? realpath(vdso, NULL) : NULL;
	int error = vdso ? tool_find("bin", "vdk", vdk, sizeof(vdk)) : 0, code = EXIT_FINE;

	image_file = file;
	for (size_t i = 0; i < ENTROPY_PLACES && !error; i++) {
		samples.addresses[i] = calloc(wanted, sizeof(uint64_t));
		if (!samples.addresses[i])
			error = -ENOMEM;
	}
	if (error)
		tool_error("entropy", "%s", strerror(-error));
	code = error ? EXIT_SYSTEM : sample_all(&samples, vdso ? attached : plain, seconds);
	if (code)
		entropy_samples_clear(&samples);
	else
		*ret_samples = samples;
	return code;
}

void entropy_samples_clear(struct entropy_samples *samples)
{
	for (size_t i = 0; i < ENTROPY_PLACES; i++) {
		free(samples->addresses[i]);
		samples->addresses[i] = NULL;
	}
}
