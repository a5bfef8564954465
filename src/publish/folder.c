/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The folder of a publication, from the side of who takes it away. A name in the runtime directory
 * may be anything: a folder of the user's, a link, a file. Only what a publication is made of is
 * ever deleted, and whatever holds more is left as it is.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "publish/map.h"
#include "publish/prepare.h"

/* "state" is a tree's of vdk faketime. */
static const char *const parts[] = {"image.so", "page", "state", "update.so", "writers"};

static bool is_part(const char *file)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!strcmp(file, parts[i]))
			return true;
	return false;
}

static int open_folder(int runtime_fd, const char *name)
{
	const int fd = openat(runtime_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static bool is_folder(int folder_fd, const char *file)
{
	struct stat stat;

	return fstatat(folder_fd, file, &stat, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(stat.st_mode);
}

/* The first file, or the first that belongs to no publication; "" when there is none. */
static int find_file(int folder_fd, bool foreign, char file[256])
{
	int fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	*file = '\0';
	if (!dir) {
		vdk_closep(&fd);
		return -errno;
	}
	while (!*file && (entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (!foreign || !is_part(entry->d_name) || is_folder(folder_fd, entry->d_name))
			snprintf(file, 256, "%s", entry->d_name);
	}
	closedir(dir);
	return 0;
}

int vdk_folder_open(int runtime_fd, const char *name, int *ret_fd, struct vdk_report *report)
{
	vdk_cleanup_close int fd = open_folder(runtime_fd, name);
	char foreign[256];
	int error = fd < 0 ? fd : find_file(fd, true, foreign);

	if (error == -ENOTDIR || error == -ELOOP)
		return vdk_report_set(report, -EEXIST, name,
		                      "is no publication, but a file or a link of that name: it is "
		                      "left as it is");
	if (error)
		return vdk_report_set(report, error, name, "%s", strerror(-error));
	/* No terminal sees a name that is anybody's. */
	for (char *c = foreign; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	if (*foreign)
		return vdk_report_set(report, -EEXIST, name,
		                      "is no publication alone: the folder holds %s, too, and is left "
		                      "as it is", foreign);
	*ret_fd = vdk_steal_fd(&fd);
	return 0;
}

bool vdk_folder_is(int runtime_fd, const char *name, int folder_fd)
{
	struct stat named, open;

	return fstatat(runtime_fd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstat(folder_fd, &open) == 0 && named.st_dev == open.st_dev &&
	       named.st_ino == open.st_ino;
}

int vdk_folder_is_empty(int folder_fd)
{
	char file[256];
	const int error = find_file(folder_fd, false, file);

	return error ? error : !*file;
}

int vdk_folder_remove(int runtime_fd, const char *name, int folder_fd)
{
	int error = 0;

	vdk_map_unpin(runtime_fd, folder_fd);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (unlinkat(folder_fd, parts[i], 0) < 0 && errno != ENOENT)
			error = -errno;
	if (error)
		return error;
	/* By its name, whatever has that by now: only an empty folder is removed so. */
	return unlinkat(runtime_fd, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}
