/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Take a name away: first the name, then the files. */
#include <vdk/publish.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/system.h"
#include "publish/prepare.h"
#include "publish/role.h"

int vdk_unpublish(const char *name, bool force, struct vdk_report *report)
{
	vdk_cleanup_close int runtime_fd = -1, role_fd = -1, folder_fd = -1;
	struct vdk_prepared away;
	int error = vdk_publication_name_check(name, report);

	if (!error)
		error = vdk_runtime_dir_open(false, &runtime_fd, report);
	if (error)
		return error;
	error = vdk_folder_open(runtime_fd, name, &folder_fd, report);
	if (error)
		return error == -ENOENT ? vdk_report_set(report, error, name, "not published") : error;
	error = vdk_role_take(runtime_fd, name, &role_fd, report);
	if (error && !(error == -EBUSY && force))
		return error;
	/* Once more, now that no publisher replaces it. */
	vdk_closep(&folder_fd);
	folder_fd = -1;
	error = vdk_folder_open(runtime_fd, name, &folder_fd, report);
	if (error)
		return error;
	vdk_prepared_name(name, &away);
	if (vdk_renameat2(runtime_fd, name, runtime_fd, away.file, RENAME_NOREPLACE) < 0) {
		error = -errno;
		return vdk_report_set(report, error, name, "cannot take its name away: %s",
		                      strerror(-error));
	}
	if (!vdk_folder_is(runtime_fd, away.file, folder_fd)) {
		vdk_renameat2(runtime_fd, away.file, runtime_fd, name, RENAME_NOREPLACE);
		return vdk_report_set(report, -EAGAIN, name, "was replaced just now: try again");
	}
	error = vdk_folder_remove(runtime_fd, away.file, folder_fd);
	if (error)
		return vdk_report_set(report, error, away.file,
		                      "has lost its name, but cannot be deleted: %s",
		                      strerror(-error));
	/* With force the lock still is somebody's; its holder's file stays until the next one. */
	return role_fd < 0 ? 0 : vdk_role_remove(runtime_fd, name);
}
