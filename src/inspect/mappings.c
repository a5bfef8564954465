/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The mappings of a process: their list, what the names in it mean, and what the bytes say. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "inspect/identify.h"
#include "inspect/process.h"

/* The program's path as maps prints it; a newline in it is the kernel's business, we just miss. */
static const char *program_path(const struct vdk_process *process, char *path, size_t size)
{
	static const char deleted[] = " (deleted)";
	const ssize_t length = readlinkat(process->dir_fd, "exe", path, size - 1);
	const ssize_t tail = (ssize_t)sizeof(deleted) - 1;

	if (length <= 0)
		return NULL;
	path[length] = '\0';
	if (length > tail && !strcmp(path + length - tail, deleted))
		path[length - tail] = '\0';
	return path;
}

int vdk_process_maps(const struct vdk_process *process, struct vdk_maps **ret_maps,
                     struct vdk_report *report)
{
	vdk_cleanup_free char *text = NULL;
	char path[PATH_MAX];
	size_t size;
	int error = vdk_process_file(process, "maps", VDK_MAPS_TEXT_MAX, &text, &size);

	if (error)
		return vdk_report_set(report, error, process->object,
		                      error == -EACCES || error == -EPERM
		                              ? "its mappings are not ours to see: %s"
		                              : "cannot read its mappings: %s",
		                      strerror(-error));
	if (size == 0)
		return vdk_report_set(report, -ESRCH, process->object,
		                      "has no mappings: it is ending, a zombie, or a kernel thread");
	error = vdk_maps_parse(text, size, process->object,
	                       program_path(process, path, sizeof(path)), ret_maps, report);
	if (!error)
		vdk_maps_identify(*ret_maps, process);
	return error;
}
