/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "work.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

static int make_temporary(struct work *work, struct vdk_report *report)
{
	const char *base = getenv("TMPDIR");
	vdk_cleanup_free char *path = NULL;

	if (!base || *base != '/')
		base = "/tmp";
	if (asprintf(&path, "%s/vdk-build.XXXXXX", base) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	if (!mkdtemp(path))
		return vdk_report_set(report, -errno, base,
		                      "no folder can be made here to build in: %m");
	work->path = path;
	path = NULL;
	return 0;
}

int work_init(struct work *work, const char *keep, struct vdk_report *report)
{
	*work = (struct work){.keep = keep != NULL};
	if (!keep)
		return make_temporary(work, report);
	if (mkdir(keep, 0777) < 0 && errno != EEXIST)
		return vdk_report_set(report, -errno, keep, "the folder cannot be made: %m");
	work->path = realpath(keep, NULL);
	if (!work->path)
		return vdk_report_set(report, -errno, keep, "%m");
	return 0;
}

/* Through descriptors, so that nobody can put a link in the way. */
static void empty_folder(const char *path)
{
	DIR *folder = NULL;
	const struct dirent *entry;
	const int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0)
		folder = fdopendir(fd);
	if (!folder) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(folder)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			unlinkat(fd, entry->d_name, 0);
	closedir(folder);
}

void work_deinit(struct work *work)
{
	const int saved = errno;

	if (work->path && !work->keep) {
		empty_folder(work->path);
		rmdir(work->path);
	}
	free(work->path);
	work->path = NULL;
	errno = saved;
}

int work_open(const struct work *work, const char *name, FILE **ret_file,
              struct vdk_report *report)
{
	char path[PATH_MAX];
	FILE *file;

	if (snprintf(path, sizeof(path), "%s/%s", work->path, name) >= (int)sizeof(path))
		return vdk_report_set(report, -ENAMETOOLONG, work->path, "the path is too long");
	file = fopen(path, "we");
	if (!file)
		return vdk_report_set(report, -errno, path, "cannot be written: %m");
	*ret_file = file;
	return 0;
}

int work_close(const struct work *work, const char *name, FILE *file, struct vdk_report *report)
{
	const int failed = ferror(file);

	if (fclose(file) || failed)
		return vdk_report_set(report, -EIO, work->path, "%s could not be written whole",
		                      name);
	return 0;
}
