/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_INSPECT_PROCESS_H
#define VDK_INSPECT_PROCESS_H

#include <vdk/inspect.h>

struct vdk_process {
	int dir_fd; /* /proc/PID: names this very process, not another with its number */
	int mem_fd; /* its memory; -1: mem_error says why */
	int mem_error;
	pid_t pid;
	char object[32]; /* "process 123" */
};

/*
 * vdk_process_open() for a folder that is open already: /proc/PID, or one of a prepared tree whose
 * files are as there. @dir_fd is closed by vdk_process_close(), or here on failure.
 */
int vdk_process_open_dir(int dir_fd, pid_t pid, struct vdk_process **ret_process,
                         struct vdk_report *report);

/*
 * The whole of a file of /proc/PID, at most @max bytes, NUL-terminated; release with free(3).
 * Return: 0; -ESRCH the process ended; -EFBIG; -EBADMSG no regular file; -ENOMEM; what
 * openat(2) and read(2) return.
 */
int vdk_process_file(const struct vdk_process *process, const char *name, size_t max,
                     char **ret_text, size_t *ret_size);

/* Some file systems show another device in maps than stat(2) tells: btrfs, overlayfs. */
#define VDK_MAPPED_ANY_DEVICE 1u

/*
 * The very file that is mapped, open for reading: by the kernel's own link to it, or by its path,
 * as long as that leads to it. Nothing else is opened. Return: 0; -ENOENT; what open(2) returns.
 */
int vdk_process_mapped(const struct vdk_process *process, const struct vdk_map *map,
                       unsigned int flags, int *ret_fd);

#endif
