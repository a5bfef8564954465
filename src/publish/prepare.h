/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_PUBLISH_PREPARE_H
#define VDK_PUBLISH_PREPARE_H

/*
 * Directories RUNTIME_DIR/.NAME.XXXXXX: a publication before it has its name, and after it lost
 * it. Only the holder of the role makes and removes them.
 */

#include <stdbool.h>

#include <vdk/publish.h>

struct vdk_prepared {
	char file[VDK_PUBLICATION_NAME_MAX + sizeof("..XXXXXX")];
};

/*
 * A page that is no file of ours but a BPF map (map.h), made by who knows how to feed it. load() is
 * called by the holder of the role before anything of the publication can be seen, with the
 * descriptor of the map that the publication has so far, if its layout is the same, or -1; what it
 * returns has a frozen map pinned as @pin in the runtime directory's bpffs. With @pin NULL nothing
 * is published anew and @map_fd is the page as it is.
 *
 * Return: 1 with @map_fd's map, 0 with one of its own, or a negative errno.
 */
struct vdk_map_source {
	int (*load)(void *context, int runtime_fd, const char *pin, const struct vdk_note *note,
	            int map_fd, bool only_owner, struct vdk_report *report);
	void *context;
};

/* What to fill a new directory with. */
struct vdk_contents {
	const struct vdk_publication *image; /* copied; its note makes the page */
	int update_fd;                       /* copied; -1: none */
	const struct vdk_publication *old;   /* its page is linked when the layouts agree; NULL */
	const struct vdk_map_source *source; /* NULL: the page is a file */
	bool only_owner;
};

/* A name that is free. */
void vdk_prepared_name(const char *name, struct vdk_prepared *ret);

/*
 * Make and fill the directory. Return: 1 with @contents->old's page in it, 0 with a page of its
 * own or none, or a negative errno, and then nothing is left. The directory is *@ret_fd then.
 */
int vdk_prepare(int runtime_fd, const struct vdk_prepared *prepared,
                const struct vdk_contents *contents, int *ret_fd, struct vdk_report *report);

/* vdk_publisher_open() of a publication whose page is @source's map; NULL: as that one. */
int vdk_publisher_open_map(const char *name, const struct vdk_publish_options *options,
                           const struct vdk_map_source *source,
                           struct vdk_publisher **ret_publisher, struct vdk_report *report);

/*
 * Open what has the name of a publication, or of a prepared directory, before its removal. -EEXIST:
 * it is a file or a link, or it holds what is no publication's.
 */
int vdk_folder_open(int runtime_fd, const char *name, int *ret_fd, struct vdk_report *report);

/* Does the name still lead to what was opened? */
bool vdk_folder_is(int runtime_fd, const char *name, int folder_fd);
/* Return: 1; 0; what open(2) returns; -ENOMEM. */
int vdk_folder_is_empty(int folder_fd);

/* Delete what a publication has in a folder that is open, its map's pin, and the folder. */
int vdk_folder_remove(int runtime_fd, const char *name, int folder_fd);

/* Delete what killed predecessors left; errors are left to the next one. */
void vdk_prepared_sweep(int runtime_fd, const char *name);

#endif
