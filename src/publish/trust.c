/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rule of trust. A number is not always an owner: in a user namespace the kernel shows every
 * user that has no number there as one and the same (kernel.overflowuid, 65534), the caller
 * included. There a file of any stranger looks like one's own. So whoever is not root asks the
 * kernel, too: O_NOATIME is granted to a file's owner, and to who has rights over all files of
 * numbers that the namespace knows.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "publish/io.h"

static bool is_own(int fd)
{
	const int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || (!(flags & O_NOATIME) && fcntl(fd, F_SETFL, flags | O_NOATIME) < 0))
		return false;
	fcntl(fd, F_SETFL, flags);
	return true;
}

static int check_owner(int fd, uid_t owner, const char *object, struct vdk_report *report)
{
	const uid_t self = geteuid();

	if (owner == 0)
		return 0;
	if (owner != self)
		return vdk_report_set(report, -EPERM, object,
		                      "not to be trusted: expected owner uid %s%u, found uid %u",
		                      self ? "0 or " : "", self, owner);
	if (!is_own(fd))
		return vdk_report_set(report, -EPERM, object,
		                      "not to be trusted: its owner is shown as uid %u, as we are, but "
		                      "is a user that this user namespace does not know", owner);
	return 0;
}

int vdk_trust(int fd, mode_t type, const char *object, struct stat *ret_stat,
              struct vdk_report *report)
{
	struct stat stat;
	int error;

	if (fstat(fd, &stat) < 0) {
		error = -errno;
		return vdk_report_set(report, error, object, "%s", strerror(-error));
	}
	if ((stat.st_mode & S_IFMT) != type)
		return vdk_report_set(report, -EBADMSG, object, "expected a %s, found type %#o",
		                      type == S_IFDIR ? "directory" : "regular file",
		                      stat.st_mode & S_IFMT);
	error = check_owner(fd, stat.st_uid, object, report);
	if (error)
		return error;
	if (stat.st_mode & (S_IWGRP | S_IWOTH))
		return vdk_report_set(report, -EPERM, object,
		                      "not to be trusted: expected to be writable by its owner "
		                      "alone, found mode %04o", stat.st_mode & 07777);
	if (ret_stat)
		*ret_stat = stat;
	return 0;
}
