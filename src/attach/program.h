/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_PROGRAM_H
#define VDK_ATTACH_PROGRAM_H

#include <limits.h>

#include <vdk/report.h>

/*
 * Find the program that will be executed and refuse what could not be attached, before it runs.
 *
 * @file: with a slash a path, else searched for in PATH as execvp(3) does
 *
 * Return: 0 and the path; -ENOENT, -EACCES, -ENOEXEC: as execve(2) would say, text "cannot run";
 *         -EOPNOTSUPP a 32-bit program or, unless the caller may trace anything, one that is
 *         set-user-ID or set-group-ID.
 */
int vdk_program_find(const char *file, char ret_path[PATH_MAX], struct vdk_report *report);

/* Would executing this open file change who the process is? */
int vdk_program_is_privileged(int fd);

#endif
