/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Open what was published. Everything is opened relative to the publication's directory, once,
 * and checked through the descriptor that is used afterwards: a publication that is replaced
 * meanwhile is seen old or new, never mixed.
 */
#include <vdk/publish.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "publish/io.h"
#include "publish/map.h"
#include "publish/runtime.h"
#include "publish/version.h"

static const struct vdk_publication closed = VDK_PUBLICATION_CLOSED;

static int open_file(int dir_fd, const char *file, const char *path, int *ret_fd, struct stat *stat,
                     struct vdk_report *report)
{
	vdk_cleanup_close int fd = -1;
	int error = vdk_open_at(dir_fd, file, O_RDONLY, &fd);

	if (error)
		return vdk_report_set(report, error, path, "%s", vdk_open_problem(error));
	error = vdk_trust(fd, S_IFREG, path, stat, report);
	if (error)
		return error;
	*ret_fd = vdk_steal_fd(&fd);
	return 0;
}

/* The constant part of the header, which readers may look at once. */
static int check_page(const struct vdk_publication *publication, const char *path, off_t file_size,
                      struct vdk_report *report)
{
	const struct vdk_image_note *image = &publication->note.image;
	struct vdk_page_header header;
	const int error = publication->page_is_map
	                          ? vdk_map_read_at(publication->page_fd, &header, sizeof(header), 0)
	                          : vdk_read_at(publication->page_fd, &header, sizeof(header), 0);

	if (error)
		return vdk_report_set(report, error == -ENODATA ? -EBADMSG : error, path,
		                      "cannot read the page's header of %zu bytes: %s",
		                      sizeof(header), error == -ENODATA ? "the file is shorter" : strerror(-error));
	if (memcmp(header.magic, VDK_PAGE_MAGIC, sizeof(header.magic)) != 0 ||
	    !vdk_page_version_known(header.version))
		return vdk_report_set(report, -EBADMSG, path,
		                      "not a page: expected magic %s and version %u or %u at "
		                      "offset 0", VDK_PAGE_MAGIC, VDK_PAGE_VERSION,
		                      VDK_PAGE_VERSION_LISTS);
	if (header.layout_id != image->layout_id || header.size != image->page_size)
		return vdk_report_set(report, -ESTALE, path,
		                      "page and image do not match: expected layout %016" PRIx64
		                      " of %u bytes by the image, found %016" PRIx64 " of %" PRIu64,
		                      image->layout_id, image->page_size, header.layout_id,
		                      header.size);
	if (file_size < 0 || (uint64_t)file_size < header.size)
		return vdk_report_set(report, -EBADMSG, path,
		                      "the page is truncated: expected %" PRIu64
		                      " bytes, found %lld", header.size, (long long)file_size);
	return 0;
}

/* A page that a BPF program writes is no file but a link to a map. */
static int open_map(struct vdk_publication *publication, const char *pin, const char *path,
                    struct vdk_report *report)
{
	uint64_t size = 0;
	int error = vdk_map_open(publication->dir_fd, pin, path, &publication->page_fd, report);

	if (error)
		return error;
	publication->page_is_map = true;
	error = vdk_map_size(publication->page_fd, &size);
	return error ? error : check_page(publication, path, (off_t)size, report);
}

static int open_page(struct vdk_publication *publication, const char *dir_path,
                     struct vdk_report *report)
{
	char path[VDK_PATH_MAX + 128], pin[VDK_MAP_PIN_MAX];
	struct stat stat;
	int error;

	publication->page_size = publication->note.image.page_size;
	if (publication->page_size == 0)
		return 0;
	snprintf(path, sizeof(path), "%s/page", dir_path);
	if (vdk_map_link(publication->dir_fd, pin))
		return open_map(publication, pin, path, report);
	error = open_file(publication->dir_fd, "page", path, &publication->page_fd, &stat, report);
	return error ? error : check_page(publication, path, stat.st_size, report);
}

/* publication->path is set already. */
static int open_image(struct vdk_publication *publication, int dir_fd, const char *file,
                      struct vdk_report *report)
{
	int error = open_file(dir_fd, file, publication->path, &publication->image_fd, NULL,
	                      report);

	if (!error)
		error = vdk_note_read(publication->image_fd, publication->path, &publication->note,
		                      report);
	if (!error)
		error = vdk_executable_copy(&publication->image_fd, publication->path, report);
	if (error)
		return error;
	publication->image_size = publication->note.image_size;
	return 0;
}

/* The caller closes @publication on failure too. */
static int open_at(int runtime_fd, const char *runtime, const char *name,
                   struct vdk_publication *publication, struct vdk_report *report)
{
	char path[VDK_PATH_MAX + 96];
	int error;

	snprintf(path, sizeof(path), "%s/%s", runtime, name);
	publication->dir_fd =
		openat(runtime_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (publication->dir_fd < 0) {
		error = -errno;
		return vdk_report_set(report, error, path, "%s", strerror(-error));
	}
	error = vdk_trust(publication->dir_fd, S_IFDIR, path, NULL, report);
	if (error)
		return error;
	snprintf(publication->path, sizeof(publication->path), "%s/image.so", path);
	error = open_image(publication, publication->dir_fd, "image.so", report);
	return error ? error : open_page(publication, path, report);
}

bool vdk_publication_was_replaced(const struct vdk_publication *publication)
{
	const char *const slash = strrchr(publication->path, '/');
	char path[sizeof(publication->path)];
	struct stat opened, named;

	if (publication->dir_fd < 0 || !slash || fstat(publication->dir_fd, &opened))
		return false;
	snprintf(path, sizeof(path), "%.*s", (int)(slash - publication->path), publication->path);
	return lstat(path, &named) || named.st_dev != opened.st_dev || named.st_ino != opened.st_ino;
}

/*
 * Whoever replaces a publication deletes the old one's files, perhaps between our opening its
 * directory and its files. Then the new one is there, to be opened in its place.
 */
static int open_in(const char *runtime, const char *name, struct vdk_publication *publication,
                   struct vdk_report *report)
{
	vdk_cleanup_close int runtime_fd = -1;
	int error = vdk_runtime_open(runtime, &runtime_fd, report);

	if (error)
		return error;
	for (int tries = VDK_REPLACED_TRIES;; tries--) {
		error = open_at(runtime_fd, runtime, name, publication, report);
		if (error != -ENOENT || !tries || !vdk_publication_was_replaced(publication))
			return error;
		vdk_publication_close(publication);
	}
}

int vdk_publication_open_at(int runtime_fd, const char *runtime, const char *name,
                            struct vdk_publication *ret, struct vdk_report *report)
{
	struct vdk_publication publication = closed;
	const int error = open_at(runtime_fd, runtime, name, &publication, report);

	if (error) {
		vdk_publication_close(&publication);
		return error;
	}
	*ret = publication;
	return 0;
}

/* A name that is in no directory is one message, which names them all. */
static int not_found(const char *name, const char *own, struct vdk_report *report)
{
	if (own && strcmp(own, VDK_RUNTIME_DIR_SYSTEM) != 0)
		return vdk_report_set(report, -ENOENT, name, "not published in %s nor in %s", own,
		                      VDK_RUNTIME_DIR_SYSTEM);
	return vdk_report_set(report, -ENOENT, name, "not published in %s",
	                      VDK_RUNTIME_DIR_SYSTEM);
}

int vdk_publication_open(const char *name, struct vdk_publication *ret, struct vdk_report *report)
{
	struct vdk_publication publication = closed;
	char own[VDK_PATH_MAX];
	int error, have_own;

	error = vdk_publication_name_check(name, report);
	if (error)
		return error;
	have_own = vdk_runtime_dir_own(own, sizeof(own), report);
	if (have_own < 0)
		return have_own;
	error = have_own ? open_in(own, name, &publication, report) : -ENOENT;
	if (error == -ENOENT && publication.dir_fd < 0 &&
	    (!have_own || strcmp(own, VDK_RUNTIME_DIR_SYSTEM) != 0))
		error = open_in(VDK_RUNTIME_DIR_SYSTEM, name, &publication, report);
	if (error == -ENOENT && publication.dir_fd < 0)
		return not_found(name, have_own ? own : NULL, report);
	if (error) {
		vdk_publication_close(&publication);
		return error;
	}
	*ret = publication;
	return 0;
}

int vdk_image_open(const char *path, struct vdk_publication *ret, struct vdk_report *report)
{
	struct vdk_publication publication = closed;
	int error;

	if (strlen(path) >= sizeof(publication.path))
		return vdk_report_set(report, -ENAMETOOLONG, path,
		                      "expected a path of at most %zu bytes, found %zu",
		                      sizeof(publication.path) - 1, strlen(path));
	snprintf(publication.path, sizeof(publication.path), "%s", path);
	error = open_image(&publication, AT_FDCWD, path, report);
	if (error) {
		vdk_publication_close(&publication);
		return error;
	}
	publication.page_size = publication.note.image.page_size;
	*ret = publication;
	return 0;
}

void vdk_publication_close(struct vdk_publication *publication)
{
	if (!publication)
		return;
	vdk_closep(&publication->dir_fd);
	vdk_closep(&publication->image_fd);
	vdk_closep(&publication->page_fd);
	vdk_note_clear(&publication->note);
	*publication = closed;
}
