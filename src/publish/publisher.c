/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Become the publisher of a name. The order of steps keeps one invariant: at each of them NAME is
 * either absent or a whole publication.
 *
 *   role lock -> sweep -> prepare .NAME.XXXXXX -> rename or exchange -> remove the old one
 *             -> take the page over
 */
#include <vdk/publish.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vdk/page.h>

#include "base/cleanup.h"
#include "base/system.h"
#include "publish/io.h"
#include "publish/prepare.h"
#include "publish/role.h"
#include "publish/runtime.h"

struct vdk_publisher {
	const struct vdk_map_source *source; /* borrowed while vdk_publisher_open() runs */
	int runtime_fd, role_fd, update_fd;
	char runtime[VDK_PATH_MAX];
	const char *name; /* borrowed while vdk_publisher_open() runs */
	struct vdk_page *page;
	enum vdk_published outcome;
};

static int open_own(int dir_fd, const char *file, int flags, int *ret_fd, struct vdk_report *report)
{
	vdk_cleanup_close int fd = -1;
	int error = vdk_open_at(dir_fd, file, flags, &fd);

	if (error)
		return vdk_report_set(report, error, file, "%s", vdk_open_problem(error));
	error = vdk_trust(fd, S_IFREG, file, NULL, report);
	if (error)
		return error;
	*ret_fd = vdk_steal_fd(&fd);
	return 0;
}

/* The file that carries the writers' locks. It is empty, and never written. */
static int open_writers(int dir_fd, int *ret_fd, struct vdk_report *report)
{
	vdk_cleanup_close int path_fd = -1, fd = -1;
	struct stat stat;
	int error = vdk_open_at(dir_fd, "writers", O_PATH, &path_fd);

	if (!error && fstat(path_fd, &stat))
		error = -errno;
	if (!error && (!S_ISREG(stat.st_mode) || stat.st_size))
		return vdk_report_set(report, -EBADMSG, "writers",
		                      "expected an empty regular file, found type %#o of %lld bytes",
		                      stat.st_mode & S_IFMT, (long long)stat.st_size);
	if (!error)
		error = vdk_reopen(path_fd, O_RDWR, &fd);
	if (error)
		return vdk_report_set(report, error, "writers", "%s", vdk_open_problem(error));
	error = vdk_trust(fd, S_IFREG, "writers", NULL, report);
	if (error)
		return error;
	*ret_fd = vdk_steal_fd(&fd);
	return 0;
}

static int open_writer(const struct vdk_publication *publication, const char *name,
                       struct vdk_page **ret_page, struct vdk_report *report)
{
	vdk_cleanup_close int fd = -1, lock_fd = -1;
	int error;

	if (publication->page_size == 0)
		return vdk_report_set(report, -ENODATA, name,
		                      "the image has no records, so there is nothing to write");
	if (publication->page_is_map)
		return vdk_report_set(report, -EOPNOTSUPP, name,
		                      "a BPF program of the kernel writes this page (vdk publish "
		                      "--bpf); nobody else can");
	error = open_writers(publication->dir_fd, &lock_fd, report);
	/* The page that was checked, not what has its name by now. */
	if (!error)
		error = vdk_reopen(publication->page_fd, O_RDWR, &fd);
	if (error && lock_fd >= 0)
		vdk_report_set(report, error, name, "page: %s", vdk_open_problem(error));
	if (error == -EACCES)
		return vdk_report_set(report, error, name,
		                      "belongs to somebody else, who alone may write it");
	if (!error)
		error = vdk_page_consume_writer(fd, lock_fd, name, ret_page, report);
	if (!error)
		fd = lock_fd = -1;
	return error;
}

int vdk_publication_writer(const char *name, struct vdk_page **ret_page, struct vdk_report *report)
{
	for (int tries = VDK_REPLACED_TRIES;; tries--) {
		struct vdk_publication publication = VDK_PUBLICATION_CLOSED;
		int error = vdk_publication_open(name, &publication, report);
		bool again;

		if (!error)
			error = open_writer(&publication, name, ret_page, report);
		again = error == -ENOENT && tries && vdk_publication_was_replaced(&publication);
		vdk_publication_close(&publication);
		if (!again)
			return error;
	}
}

/* IMAGE.so has its module beside it as IMAGE.update.so. No hook is no error; a bad one is. */
static int open_update(const struct vdk_publish_options *options, int *ret_fd,
                       struct vdk_report *report)
{
	size_t length = strlen(options->image_path);
	struct vdk_report found;
	char path[1024];
	int error;

	if (options->no_update)
		return 0;
	if (options->update_path)
		return open_own(AT_FDCWD, options->update_path, O_RDONLY, ret_fd, report);
	if (length > 3 && strcmp(options->image_path + length - 3, ".so") == 0)
		length -= 3;
	if (snprintf(path, sizeof(path), "%.*s.update.so", (int)length, options->image_path) >=
	    (int)sizeof(path))
		return 0;
	error = open_own(AT_FDCWD, path, O_RDONLY, ret_fd, &found);
	if (error == -ENOENT)
		return 0;
	return error ? vdk_report_set(report, error, found.object, "%s", found.text) : 0;
}

/*
 * Give the prepared directory its name. Exchanging keeps a name that is there in use without any
 * gap; the old contents then lie under the prepared name, and go: unless somebody put there just
 * now what was not looked at.
 */
static int swap_in(const struct vdk_publisher *publisher, const struct vdk_prepared *prepared,
                   int prepared_fd, int former_fd, struct vdk_report *report)
{
	const int fd = publisher->runtime_fd;
	int error;

	if (vdk_renameat2(fd, prepared->file, fd, publisher->name, RENAME_NOREPLACE) == 0)
		return 0;
	error = -errno;
	if (error == -EEXIST) {
		if (vdk_renameat2(fd, prepared->file, fd, publisher->name, RENAME_EXCHANGE) < 0) {
			error = -errno;
		} else if (former_fd >= 0 && vdk_folder_is(fd, prepared->file, former_fd)) {
			vdk_folder_remove(fd, prepared->file, former_fd);
			return 0;
		} else {
			vdk_renameat2(fd, prepared->file, fd, publisher->name, RENAME_EXCHANGE);
		}
	}
	vdk_folder_remove(fd, prepared->file, prepared_fd);
	return vdk_report_set(report, error, publisher->name, "cannot give it its name: %s",
	                      strerror(-error));
}

static bool is_named(const struct vdk_publisher *publisher)
{
	return faccessat(publisher->runtime_fd, publisher->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* What is published now, if it is whole: its page may live on. A damaged one is just replaced. */
static bool find_old(const struct vdk_publisher *publisher, struct vdk_publication *old)
{
	return vdk_publication_open_at(publisher->runtime_fd, publisher->runtime, publisher->name,
	                               old, NULL) == 0;
}

static int publish(struct vdk_publisher *publisher, const struct vdk_publish_options *options,
                   struct vdk_report *report)
{
	struct vdk_publication image = VDK_PUBLICATION_CLOSED, old = VDK_PUBLICATION_CLOSED;
	struct vdk_contents contents = {.image = &image, .update_fd = -1,
	                                .source = publisher->source,
	                                .only_owner = options->only_owner};
	vdk_cleanup_close int update_fd = -1, former_fd = -1, prepared_fd = -1;
	const bool named = is_named(publisher);
	struct vdk_prepared prepared;
	int result = vdk_image_open(options->image_path, &image, report);

	if (!result)
		result = open_update(options, &update_fd, report);
	if (!result && named)
		result = vdk_folder_open(publisher->runtime_fd, publisher->name, &former_fd, report);
	if (!result) {
		contents.update_fd = update_fd;
		contents.old = named && find_old(publisher, &old) ? &old : NULL;
		vdk_prepared_name(publisher->name, &prepared);
		result = vdk_prepare(publisher->runtime_fd, &prepared, &contents, &prepared_fd,
		                     report);
	}
	if (result >= 0) {
		publisher->outcome = !named   ? VDK_PUBLISHED_NEW
		                     : result ? VDK_PUBLISHED_SAME_PAGE
		                              : VDK_PUBLISHED_OTHER_PAGE;
		result = swap_in(publisher, &prepared, prepared_fd, former_fd, report);
	}
	vdk_publication_close(&image);
	vdk_publication_close(&old);
	return result;
}

/* Its publisher takes a map over by itself: only the kernel writes it. */
static int take_map_over(struct vdk_publisher *publisher, const struct vdk_publication *publication,
                         struct vdk_report *report)
{
	const struct vdk_map_source *source = publisher->source;
	int error = 0;

	if (!publication->page_is_map)
		return vdk_report_set(report, -EOPNOTSUPP, publisher->name,
		                      "its page is a file, which no BPF program can write: name the "
		                      "image to publish it anew");
	if (publisher->outcome == VDK_PUBLISHED_TAKEN_OVER)
		error = source->load(source->context, publisher->runtime_fd, NULL,
		                     &publication->note, publication->page_fd, false, report);
	return error < 0 ? error : 0;
}

static int take_over(struct vdk_publisher *publisher, struct vdk_report *report)
{
	struct vdk_publication publication = VDK_PUBLICATION_CLOSED;
	int error = vdk_publication_open_at(publisher->runtime_fd, publisher->runtime,
	                                    publisher->name, &publication, report);

	if (!error && publisher->source)
		error = take_map_over(publisher, &publication, report);
	else if (!error && publication.page_size)
		error = open_writer(&publication, publisher->name, &publisher->page, report);
	if (!error && publisher->page) {
		error = vdk_page_take_over(publisher->page);
		if (error)
			vdk_report_set(report, error, publisher->name,
			               error == -ETIMEDOUT
			                       ? "another writer is stopped inside an update"
			                       : "cannot take the page over");
	}
	if (!error &&
	    faccessat(publication.dir_fd, "update.so", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		error = open_own(publication.dir_fd, "update.so", O_RDONLY, &publisher->update_fd,
		                 report);
	if (!error && publisher->update_fd >= 0)
		error = vdk_executable_copy(&publisher->update_fd, "update.so", report);
	vdk_publication_close(&publication);
	return error;
}

static int become(struct vdk_publisher *publisher, const struct vdk_publish_options *options,
                  struct vdk_report *report)
{
	const bool fresh = options && options->image_path;
	int error = vdk_runtime_dir_open(fresh, &publisher->runtime_fd, report);

	if (!error)
		error = vdk_runtime_dir(publisher->runtime, sizeof(publisher->runtime));
	if (!error && !fresh && !is_named(publisher))
		error = vdk_report_set(report, -ENOENT, publisher->name,
		                       "not published in %s: name an image to publish",
		                       publisher->runtime);
	if (!error)
		error = vdk_role_take(publisher->runtime_fd, publisher->name, &publisher->role_fd,
		                      report);
	if (error)
		return error;
	vdk_prepared_sweep(publisher->runtime_fd, publisher->name);
	publisher->outcome = VDK_PUBLISHED_TAKEN_OVER;
	if (fresh)
		error = publish(publisher, options, report);
	/* A name that came to nothing leaves no lock of it behind. */
	if (error && !is_named(publisher))
		vdk_role_remove(publisher->runtime_fd, publisher->name);
	return error ? error : take_over(publisher, report);
}

int vdk_publisher_open(const char *name, const struct vdk_publish_options *options,
                       struct vdk_publisher **ret_publisher, struct vdk_report *report)
{
	return vdk_publisher_open_map(name, options, NULL, ret_publisher, report);
}

int vdk_publisher_open_map(const char *name, const struct vdk_publish_options *options,
                           const struct vdk_map_source *source,
                           struct vdk_publisher **ret_publisher, struct vdk_report *report)
{
	struct vdk_publisher *publisher;
	int error = vdk_publication_name_check(name, report);

	if (error)
		return error;
	publisher = calloc(1, sizeof(*publisher));
	if (!publisher)
		return -ENOMEM;
	publisher->runtime_fd = publisher->role_fd = publisher->update_fd = -1;
	publisher->name = name;
	publisher->source = source;
	error = become(publisher, options, report);
	if (error) {
		vdk_publisher_close(publisher);
		return error;
	}
	*ret_publisher = publisher;
	return 0;
}

/* The role goes last: the next publisher finds no writer of ours. */
struct vdk_publisher *vdk_publisher_close(struct vdk_publisher *publisher)
{
	if (!publisher)
		return NULL;
	vdk_page_close(publisher->page);
	vdk_closep(&publisher->update_fd);
	vdk_closep(&publisher->role_fd);
	vdk_closep(&publisher->runtime_fd);
	free(publisher);
	return NULL;
}

struct vdk_page *vdk_publisher_page(const struct vdk_publisher *publisher)
{
	return publisher->page;
}

enum vdk_published vdk_publisher_outcome(const struct vdk_publisher *publisher)
{
	return publisher->outcome;
}

int vdk_publisher_update_fd(const struct vdk_publisher *publisher)
{
	return publisher->update_fd;
}
