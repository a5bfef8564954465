/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes into a tree: all of them or none. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "changes.h"

/* Behind the names of files that are not in their places yet. */
#define SUFFIX ".vdk-bake"

static int fail(const char *path, struct vdk_report *report)
{
	return vdk_report_set(report, -errno, path, "cannot be written: %m; the tree is as before");
}

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		const ssize_t count = write(fd, text, left);

		if (count < 0 && errno != EINTR)
			return -errno;
		if (count > 0) {
			text += count;
			left -= count;
		}
	}
	return 0;
}

/* The folders above a path that are missing. */
static int make_folders(const struct tree *tree, const char *path)
{
	char folder[PATH_MAX];

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
		if (mkdirat(tree->fd, folder, 0777) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

/* Is the folder the kit's own: one of the two, or below one? */
static bool is_own(const char *folder)
{
	return !strncmp(folder, BAKE_PLACE, strlen(BAKE_PLACE)) ||
	       !strncmp(folder, BAKE_HEADERS, strlen(BAKE_HEADERS));
}

/* Folders of the kit's that became empty; others are not, so this stops at the first of them. */
static void remove_folders(const struct tree *tree, const char *path)
{
	char folder[PATH_MAX];
	char *slash;

	snprintf(folder, sizeof(folder), "%s", path);
	while ((slash = strrchr(folder, '/'))) {
		*slash = '\0';
		if (!is_own(folder) || unlinkat(tree->fd, folder, AT_REMOVEDIR) < 0)
			return;
	}
}

/* PATH.vdk-bake with the text and the permissions of the file whose place it will take. */
static int prepare(const struct tree *tree, const char *path, const char *text)
{
	vdk_cleanup_close int fd = -1;
	char beside[PATH_MAX];
	struct stat status;
	int error = make_folders(tree, path);

	if (error)
		return error;
	snprintf(beside, sizeof(beside), "%s" SUFFIX, path);
	unlinkat(tree->fd, beside, 0);
	fd = openat(tree->fd, beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (fd < 0)
		return -errno;
	if (!fstatat(tree->fd, path, &status, AT_SYMLINK_NOFOLLOW) &&
	    fchmod(fd, status.st_mode & 0777) < 0)
		return -errno;
	error = write_all(fd, text);
	if (!error && close(vdk_steal_fd(&fd)) < 0)
		error = -errno;
	return error;
}

static void discard(const struct tree *tree, const char *path)
{
	char beside[PATH_MAX];

	snprintf(beside, sizeof(beside), "%s" SUFFIX, path);
	unlinkat(tree->fd, beside, 0);
	remove_folders(tree, path);
}

/* Give a file its text, which prepare() wrote, or remove it (NULL). */
static int place(const struct tree *tree, const char *path, const char *text)
{
	char beside[PATH_MAX];

	snprintf(beside, sizeof(beside), "%s" SUFFIX, path);
	if (!text && unlinkat(tree->fd, path, 0) < 0 && errno != ENOENT)
		return -errno;
	if (text && renameat(tree->fd, beside, tree->fd, path) < 0)
		return -errno;
	if (!text)
		remove_folders(tree, path);
	return 0;
}

static void put_back(const struct tree *tree, const struct changes *changes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct change *change = &changes->items[i];

		if (!change->before || !prepare(tree, change->path, change->before))
			place(tree, change->path, change->before);
	}
}

int changes_apply(const struct tree *tree, const struct changes *changes,
                  struct vdk_report *report)
{
	size_t prepared = 0, placed = 0;
	int error = 0;

	for (; prepared < changes->count && !error; prepared++)
		if (changes->items[prepared].after)
			error = prepare(tree, changes->items[prepared].path,
			                changes->items[prepared].after);
	for (; placed < changes->count && !error; placed++)
		error = place(tree, changes->items[placed].path, changes->items[placed].after);
	if (!error)
		return 0;
	errno = -error;
	fail(changes->items[placed ? placed - 1 : prepared - 1].path, report);
	if (placed)
		put_back(tree, changes, placed - 1);
	for (size_t i = 0; i < prepared; i++)
		discard(tree, changes->items[i].path);
	return error;
}
