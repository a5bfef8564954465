/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_PUBLISH_PREPARE_H
#define VDK_PUBLISH_PREPARE_H

/*
 * Directories RUNTIME_DIR/.NAME.XXXXXX: a publication before it has its name, and after it lost
 * it. Only the holder of the role makes and removes them.
 */

#include <vdk/publish.h>

struct vdk_prepared {
	char file[VDK_PUBLICATION_NAME_MAX + sizeof("..XXXXXX")];
};

/* What to fill a new directory with. */
struct vdk_contents {
	const struct vdk_publication *image; /* copied; its note makes the page */
	int update_fd;                       /* copied; -1: none */
	const struct vdk_publication *old;   /* its page is linked when the layouts agree; NULL */
	bool only_owner;
};

/* A name that is free. */
void vdk_prepared_name(const char *name, struct vdk_prepared *ret);

/*
 * Make and fill the directory. Return: 1 with @contents->old's page in it, 0 with a page of its
 * own or none, or a negative errno, and then nothing is left.
 */
int vdk_prepare(int runtime_fd, const struct vdk_prepared *prepared,
                const struct vdk_contents *contents, struct vdk_report *report);

/* Delete one such directory with what is in it. */
int vdk_prepared_remove(int runtime_fd, const char *file);

/* Delete what killed predecessors left; errors are left to the next one. */
void vdk_prepared_sweep(int runtime_fd, const char *name);

#endif
