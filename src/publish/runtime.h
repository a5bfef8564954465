/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_PUBLISH_RUNTIME_H
#define VDK_PUBLISH_RUNTIME_H

#include <vdk/publish.h>

/* Room for the path of a runtime directory. */
#define VDK_PATH_MAX 384

/* Open one runtime directory and check that it can be trusted; errors as vdk_runtime_dir_open(). */
int vdk_runtime_open(const char *path, int *ret_fd, struct vdk_report *report);

/*
 * vdk_runtime_dir() for who reads, and may do without. Return: 1; 0 this user has none;
 * -ENAMETOOLONG one is set that cannot be, which is not the same.
 */
int vdk_runtime_dir_own(char *path, size_t size, struct vdk_report *report);

/*
 * How often a publication is opened anew when another one took its place meanwhile. Each time takes a
 * publisher of its own, which has more to do than we.
 */
#define VDK_REPLACED_TRIES 100

/* Has its name been taken away from it, or given to another one, since it was opened? */
bool vdk_publication_was_replaced(const struct vdk_publication *publication);

/* vdk_publication_open() in one runtime directory that is open already; @runtime is its path. */
int vdk_publication_open_at(int runtime_fd, const char *runtime, const char *name,
                            struct vdk_publication *ret, struct vdk_report *report);

#endif
