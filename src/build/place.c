/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finished files get their names: each is written beside its place and renamed, so that whoever
 * looks sees the old file or the new one, whole. The image comes last: where it is new, what
 * belongs to it is too.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "build.h"

struct placing {
	const char *work_name;
	char target[PATH_MAX];
	char temporary[PATH_MAX + 16];
	bool written;
};

static int copy(struct build *build, const char *from, int to, const char *target)
{
	vdk_cleanup_close int fd = open(from, O_RDONLY | O_CLOEXEC);
	char buffer[65536];
	ssize_t count;

	if (fd < 0)
		return vdk_report_set(build->report, -errno, from, "%m");
	while ((count = read(fd, buffer, sizeof(buffer))) > 0)
		for (ssize_t done = 0; done < count;) {
			const ssize_t put = write(to, buffer + done, count - done);

			if (put < 0)
				return vdk_report_set(build->report, -errno, target,
				                      "cannot be written: %m");
			done += put;
		}
	if (count < 0)
		return vdk_report_set(build->report, -errno, from, "cannot be read: %m");
	return 0;
}

/*
 * A new file beside the target. mkostemp(3) would make it private, whatever the umask says; these
 * files are as public as the umask lets them be.
 */
static int create_beside(struct placing *placing)
{
	for (int tries = 0; tries < 100; tries++) {
		uint32_t random;
		int fd;

		if (getrandom(&random, sizeof(random), 0) != sizeof(random))
			return -errno;
		snprintf(placing->temporary, sizeof(placing->temporary), "%s.%08x", placing->target,
		         random);
		/* Whatever the umask, no group writes: such an image would not be trusted. */
		fd = open(placing->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		          0644);
		if (fd >= 0 || errno != EEXIST)
			return fd < 0 ? -errno : fd;
	}
	return -EEXIST;
}

static int write_beside(struct build *build, struct placing *placing)
{
	vdk_cleanup_close int fd = -1;
	char from[PATH_MAX];
	struct stat there;
	int error = build_work_path(build, placing->work_name, from);

	if (error)
		return error;
	/* /dev/null, say: to put a file in its place would harm everybody. */
	if (!lstat(placing->target, &there) && !S_ISREG(there.st_mode) && !S_ISLNK(there.st_mode))
		return vdk_report_set(build->report, -EEXIST, placing->target,
		                      "expected a regular file or none, found something else");
	fd = create_beside(placing);
	if (fd < 0)
		return vdk_report_set(build->report, fd, placing->target, "cannot be written: %s",
		                      strerror(-fd));
	placing->written = true;
	return copy(build, from, fd, placing->target);
}

static int write_all(struct build *build, struct placing *placings, size_t count)
{
	int error = 0;

	for (size_t i = 0; i < count && !error; i++)
		error = write_beside(build, &placings[i]);
	return error;
}

static int place_all(struct build *build, struct placing *placings, size_t count)
{
	int error = 0;

	for (size_t i = 0; i < count && !error; i++) {
		if (rename(placings[i].temporary, placings[i].target) < 0)
			error = vdk_report_set(build->report, -errno, placings[i].target,
			                       "cannot be put in place: %m");
		else
			placings[i].written = false;
	}
	return error;
}

static void placings_free(struct placing *placings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (placings[i].written)
			unlink(placings[i].temporary);
	free(placings);
}

/* TARGET = the image's folder + formatted file name. */
static int set_target(struct build *build, struct placing *placing, const char *work_name,
                      const char *prefix, const char *suffix)
{
	const char *output = build->options->output, *slash = strrchr(output, '/');
	const int folder = slash ? (int)(slash + 1 - output) : 0;

	placing->work_name = work_name;
	if (snprintf(placing->target, sizeof(placing->target), "%.*s%s%s%s", folder, output, prefix,
	             build->name, suffix) >= (int)sizeof(placing->target))
		return vdk_report_set(build->report, -ENAMETOOLONG, output, "the path is too long");
	return 0;
}

static int set_path(struct build *build, struct placing *placing, const char *work_name,
                    const char *path)
{
	placing->work_name = work_name;
	if (snprintf(placing->target, sizeof(placing->target), "%s", path) >=
	    (int)sizeof(placing->target))
		return vdk_report_set(build->report, -ENAMETOOLONG, path, "the path is too long");
	return 0;
}

/* Where `vdk publish` looks for the hook, `vdk verify` for references: IMG without .so, and KIND. */
static int set_module(struct build *build, struct placing *placing, const char *kind)
{
	const char *output = build->options->output;
	const size_t length = strlen(output);
	const bool tail = length > 3 && !strcmp(output + length - 3, ".so");

	placing->work_name = kind;
	if (snprintf(placing->target, sizeof(placing->target), "%.*s.%s",
	             (int)(tail ? length - 3 : length), output, kind) >=
	    (int)sizeof(placing->target))
		return vdk_report_set(build->report, -ENAMETOOLONG, output, "the path is too long");
	return 0;
}

/* A module of an earlier build would write records, or expect functions, that are gone. */
static int remove_module(struct build *build, const char *kind)
{
	struct placing old;
	int error = set_module(build, &old, kind);

	if (!error && unlink(old.target) < 0 && errno != ENOENT)
		return vdk_report_set(build->report, -errno, old.target,
		                      "an earlier build's module cannot be removed: %m");
	return error;
}

int build_place(struct build *build)
{
	struct placing *placings = calloc(6, sizeof(*placings));
	char header[BUILD_NAME_MAX + 8];
	size_t count = 0;
	int error;

	if (!placings)
		return -ENOMEM;
	snprintf(header, sizeof(header), "%s.h", build->name);
	error = set_target(build, &placings[count++], "stub.so", "lib", ".so");
	if (!error)
		error = set_target(build, &placings[count++], header, "", ".h");
	if (!error && build->updates.count)
		error = set_module(build, &placings[count++], "update.so");
	if (!error && build->references.count)
		error = set_module(build, &placings[count++], "reference.so");
	if (!error && build->options->debug_file)
		error = set_path(build, &placings[count++], "full.so", build->options->debug_file);
	if (!error)
		error = set_path(build, &placings[count++], "image.so", build->options->output);
	if (!error)
		error = write_all(build, placings, count);
	if (!error && !build->updates.count)
		error = remove_module(build, "update.so");
	if (!error && !build->references.count)
		error = remove_module(build, "reference.so");
	if (!error)
		error = place_all(build, placings, count);
	placings_free(placings, count);
	return error;
}

int build_place_scripts(struct build *build)
{
	static const char *const files[] = {"image.lds", "image-map.lds", "image.map", "note.o",
	                                    "chain.o",   "finish.o",      "mem.o"};
	const size_t count = sizeof(files) / sizeof(files[0]);
	const char *folder = build->options->script_dir;
	struct placing *placings = calloc(count, sizeof(*placings));
	int error = 0;

	if (!placings)
		return -ENOMEM;
	if (mkdir(folder, 0777) < 0 && errno != EEXIST)
		error = vdk_report_set(build->report, -errno, folder, "cannot be made: %m");
	for (size_t i = 0; i < count && !error; i++) {
		char path[PATH_MAX];

		if (snprintf(path, sizeof(path), "%s/%s", folder, files[i]) >= PATH_MAX)
			error = vdk_report_set(build->report, -ENAMETOOLONG, folder,
			                       "the path is too long");
		else
			error = set_path(build, &placings[i], files[i], path);
	}
	if (!error)
		error = write_all(build, placings, count);
	if (!error)
		error = place_all(build, placings, count);
	placings_free(placings, count);
	return error;
}
