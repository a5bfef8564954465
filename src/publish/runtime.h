/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_PUBLISH_RUNTIME_H
#define VDK_PUBLISH_RUNTIME_H

#include <vdk/publish.h>

/* Room for the path of a runtime directory. */
#define VDK_PATH_MAX 384

/* Open one runtime directory and check that it can be trusted; errors as vdk_runtime_dir_open(). */
int vdk_runtime_open(const char *path, int *ret_fd, struct vdk_report *report);

#endif
