/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "publish/role.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vdk/publish.h>

#include "base/cleanup.h"
#include "publish/io.h"

struct lock_name {
	char text[VDK_PUBLICATION_NAME_MAX + sizeof(".") + sizeof(".lock")];
};

static struct lock_name lock_name(const char *name)
{
	struct lock_name lock;

	snprintf(lock.text, sizeof(lock.text), ".%s.lock", name);
	return lock;
}

static struct flock whole(void)
{
	return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

/* The text is for people: it is as good as its last writer, who held the role. */
static int busy(int fd, const char *name, struct vdk_report *report)
{
	char text[64] = "";
	ssize_t got = pread(fd, text, sizeof(text) - 1, 0);

	text[got > 0 ? got : 0] = 0;
	text[strcspn(text, "\n")] = 0;
	for (char *c = text; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return vdk_report_set(report, -EBUSY, name,
	                      "has a publisher already: %s; stop it first, or use another name",
	                      *text ? text : "a process that just began");
}

/* Whoever unpublishes removes the file: a lock on a file that has no name any more is worthless. */
static int still_named(int runtime_fd, const char *lock, int fd)
{
	struct stat locked, named;

	if (fstat(fd, &locked) < 0)
		return -errno;
	if (fstatat(runtime_fd, lock, &named, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	return locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
}

static void sign(int fd)
{
	char text[64];
	const int length = snprintf(text, sizeof(text), "process %d of uid %u\n", getpid(),
	                            geteuid());

	/* A full disk leaves the message without its number, and nothing else. */
	if (ftruncate(fd, 0) == 0)
		vdk_write_at(fd, text, (size_t)length, 0);
}

/* One that has been there: looked at before it is opened for writing, since we write into it. */
static int open_present(int runtime_fd, const char *file, int *ret_fd, struct vdk_report *report)
{
	vdk_cleanup_close int path_fd = -1;
	struct stat stat;
	int error = vdk_open_at(runtime_fd, file, O_PATH, &path_fd);

	if (!error && fstat(path_fd, &stat))
		error = -errno;
	/* Under a second name it would be another file, too. 0: it was unpublished just now. */
	if (!error && (!S_ISREG(stat.st_mode) || stat.st_nlink > 1))
		return vdk_report_set(report, -EPERM, file,
		                      "not to be trusted: expected a regular file of one name, found "
		                      "type %#o of %lu names", stat.st_mode & S_IFMT,
		                      (unsigned long)stat.st_nlink);
	if (!error)
		error = vdk_reopen(path_fd, O_RDWR, ret_fd);
	return error ? vdk_report_set(report, error, file, "cannot open this lock: %s",
	                              vdk_open_problem(error))
	             : 0;
}

/* The lock, made where there is none. -ENOENT: it went just now. */
static int open_lock(int runtime_fd, const char *file, int *ret_fd, struct vdk_report *report)
{
	const int fd =
		openat(runtime_fd, file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	const int error = -errno;

	if (fd < 0 && error == -EEXIST)
		return open_present(runtime_fd, file, ret_fd, report);
	if (fd < 0)
		return vdk_report_set(report, error == -ENOENT ? -ESTALE : error, file,
		                      "cannot make this lock: %s", strerror(-error));
	*ret_fd = fd;
	return 0;
}

static int try_take(int runtime_fd, const char *name, int *ret_fd, struct vdk_report *report)
{
	const struct lock_name lock = lock_name(name);
	struct flock all = whole();
	vdk_cleanup_close int fd = -1;
	int error = open_lock(runtime_fd, lock.text, &fd, report);

	if (error)
		return error == -ENOENT ? 0 : error;
	error = vdk_trust(fd, S_IFREG, lock.text, NULL, report);
	if (error)
		return error;
	if (fcntl(fd, F_OFD_SETLK, &all) < 0) {
		error = errno;
		if (error == EAGAIN || error == EACCES)
			return busy(fd, name, report);
		return vdk_report_set(report, -error, name, "cannot lock %s: %s", lock.text,
		                      strerror(error));
	}
	error = still_named(runtime_fd, lock.text, fd);
	if (error < 0)
		return vdk_report_set(report, error, name, "%s: %s", lock.text, strerror(-error));
	if (error == 0)
		return 0;
	sign(fd);
	*ret_fd = vdk_steal_fd(&fd);
	return 1;
}

int vdk_role_take(int runtime_fd, const char *name, int *ret_fd, struct vdk_report *report)
{
	int result;

	/* Each round that fails means that somebody unpublished just then. */
	do
		result = try_take(runtime_fd, name, ret_fd, report);
	while (result == 0);
	return result < 0 ? result : 0;
}

int vdk_role_held(int runtime_fd, const char *name)
{
	const struct lock_name lock = lock_name(name);
	struct flock all = whole();
	vdk_cleanup_close int path_fd = -1, fd = -1;
	struct stat stat;
	/* The doctor asks in folders of others: no device is opened for its name. */
	int error = vdk_open_at(runtime_fd, lock.text, O_PATH, &path_fd);

	if (!error && (fstat(path_fd, &stat) || !S_ISREG(stat.st_mode)))
		error = -EBADMSG;
	if (!error)
		error = vdk_reopen(path_fd, O_RDONLY, &fd);
	if (error)
		return error == -ENOENT ? 0 : error;
	if (fcntl(fd, F_OFD_GETLK, &all) < 0)
		return -errno;
	return all.l_type != F_UNLCK;
}

int vdk_role_remove(int runtime_fd, const char *name)
{
	const struct lock_name lock = lock_name(name);

	return unlinkat(runtime_fd, lock.text, 0) < 0 && errno != ENOENT ? -errno : 0;
}
