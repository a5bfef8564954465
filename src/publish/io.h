/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_PUBLISH_IO_H
#define VDK_PUBLISH_IO_H

/*
 * Whole reads and writes at a place of a file, and the one rule of trust. All return 0 or a
 * negative errno.
 */

#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <vdk/report.h>

/* @size bytes at @offset, or -ENODATA when the file ends before. */
int vdk_read_at(int fd, void *to, size_t size, off_t offset);
int vdk_write_at(int fd, const void *from, size_t size, off_t offset);

/*
 * Open a file that may be anything: neither a FIFO nor a symbolic link of that name holds us up.
 * A publisher that asks who is there (vdk_page_attended()) is waited for.
 */
int vdk_open_at(int dir_fd, const char *file, int flags, int *ret_fd);

/*
 * The very file that is open already, for something else: who wants to write looks at it first
 * through a descriptor that cannot (O_PATH, O_RDONLY), so that no file of others is ever opened for
 * writing, whatever has its name. The kernel's only way to it is a name below /proc: -EOPNOTSUPP
 * where that is not mounted, and no name that is looked up a second time in its place.
 */
int vdk_reopen(int fd, int flags, int *ret_fd);

/* Why a file could not be opened; a symbolic link in the last place of a path is never followed. */
const char *vdk_open_problem(int error);

/* The whole of one file into another, from 0 on; positions are not moved. */
int vdk_copy_file(int from, int to);

/*
 * A file system that is mounted noexec forbids executable mappings: put a sealed memfd with the
 * same bytes in the place of *@fd then. Otherwise leave it.
 */
int vdk_executable_copy(int *fd, const char *object, struct vdk_report *report);

/*
 * The rule of trust (vdk/publish.h): -EPERM unless @fd's file is owned by uid 0 or the effective
 * uid and writable by its owner alone; -EBADMSG unless its type is @type (S_IFREG, S_IFDIR). @fd is
 * open for more than its path (no O_PATH).
 */
int vdk_trust(int fd, mode_t type, const char *object, struct stat *ret_stat,
              struct vdk_report *report);

#endif
