/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_DOCTOR_FILES_H
#define VDK_DOCTOR_FILES_H

#include "doctor/examination.h"

/*
 * The file behind a mapping, as the process sees its path; only if it is still the one that is
 * mapped, by its inode.
 *
 * Return: 0; -ENOENT it has none, or another one has its name by now; -EBADMSG no regular file;
 * what openat(2) returns.
 */
int doctor_open_mapped(const struct doctor *doctor, const struct vdk_map *map, int *ret_fd);

/* Is this the first mapping of its file in the list? */
bool doctor_is_first_of_file(const struct doctor *doctor, size_t index);

#endif
