/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "faketime/clock.h"
#include "publish/io.h"

/* Coarse clocks lag by a tick: 10 ms where the kernel ticks slowest. */
#define SETTLE (20 * INT64_C(1000000))

/* How often a change that came too late, or met another one, is tried again. */
#define TRIES 50

int faketime_tree_name(const char *id, char name[VDK_PUBLICATION_NAME_MAX + 1],
                       struct vdk_report *report)
{
	if (snprintf(name, VDK_PUBLICATION_NAME_MAX + 1, FAKETIME_PREFIX "%s", id) >
	    VDK_PUBLICATION_NAME_MAX)
		return vdk_report_set(report, -EINVAL, id, "expected an ID of at most %zu bytes",
		                      VDK_PUBLICATION_NAME_MAX + 1 - sizeof(FAKETIME_PREFIX));
	return *id ? vdk_publication_name_check(name, report)
	           : vdk_report_set(report, -EINVAL, "", "expected an ID, found nothing");
}

static const struct vdk_layout_record *find_record(const struct vdk_page *page, const char *name,
                                                   struct vdk_report *report)
{
	const struct vdk_layout_record *record =
	        vdk_layout_record(vdk_page_layout(page), "faketime");

	if (record && record->size == sizeof(struct faketime))
		return record;
	vdk_report_set(report, -EBADMSG, name,
	               "expected a record 'faketime' of %zu bytes: made by another version of vdk",
	               sizeof(struct faketime));
	return NULL;
}

/* ---- Life and death ---------------------------------------------------------------------- */

/* Is the page's lock free? @ret_fd then holds it, so that nobody may take it for alive. */
static bool is_dead(int runtime_fd, const char *name, int *ret_fd)
{
	vdk_cleanup_close int folder_fd = openat(runtime_fd, name, O_RDONLY | O_DIRECTORY |
	                                                                   O_NOFOLLOW | O_CLOEXEC);
	vdk_cleanup_close int fd = -1;

	/* Not by a path of two parts: the first would be followed, if it is a link. */
	if (folder_fd < 0 || vdk_open_at(folder_fd, "page", O_RDONLY, &fd) ||
	    flock(fd, LOCK_EX | LOCK_NB))
		return false;
	*ret_fd = vdk_steal_fd(&fd);
	return true;
}

/* Who is just making it has the publisher's role: vdk_unpublish() lets that be. */
static void collect_one(int runtime_fd, const char *name)
{
	vdk_cleanup_close int fd = -1;

	if (is_dead(runtime_fd, name, &fd))
		vdk_unpublish(name, false, NULL);
}

void faketime_tree_bury(const char *id)
{
	vdk_cleanup_close int runtime_fd = -1;
	char name[VDK_PUBLICATION_NAME_MAX + 1];

	if (!faketime_tree_name(id, name, NULL) &&
	    !vdk_runtime_dir_open(false, &runtime_fd, NULL))
		collect_one(runtime_fd, name);
}

int faketime_tree_collect(struct vdk_report *report)
{
	vdk_cleanup_close int runtime_fd = -1;
	vdk_cleanup_free char **names = NULL;
	int error = vdk_runtime_dir_open(false, &runtime_fd, report);

	if (error)
		return error;
	error = vdk_publication_names(&names, report);
	if (error < 0)
		return error;
	for (char **name = names; *name; name++)
		if (!strncmp(*name, FAKETIME_PREFIX, sizeof(FAKETIME_PREFIX) - 1))
			collect_one(runtime_fd, *name);
	return 0;
}

bool faketime_tree_exists(const char *name)
{
	vdk_cleanup_close int runtime_fd = -1;

	return !vdk_runtime_dir_open(false, &runtime_fd, NULL) &&
	       !faccessat(runtime_fd, name, F_OK, AT_SYMLINK_NOFOLLOW);
}

/* The file with the tree's steps: zeroes, which are written, so that no later store can fail. */
static int create_state(int dir_fd, const char *name, int *ret_fd, struct vdk_report *report)
{
	vdk_cleanup_close int fd = openat(dir_fd, FAKETIME_STATE,
	                                  O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	static const uint8_t zeroes[VDK_STATE_SIZE];
	int error = fd < 0 || fchmod(fd, 0600) ? -errno : 0;

	if (!error)
		error = vdk_write_at(fd, zeroes, sizeof(zeroes), 0);
	if (error)
		return vdk_report_set(report, error, name, "cannot make a file for its steps: %s",
		                      strerror(-error));
	*ret_fd = vdk_steal_fd(&fd);
	return 0;
}

/* With the publisher's role: write, then let the lock be there before the role is given up. */
static int begin(struct vdk_publisher *publisher, const char *name, const struct faketime *record,
                 struct vdk_publication *ret, int *ret_state_fd, struct vdk_report *report)
{
	struct vdk_page *page = vdk_publisher_page(publisher);
	const struct vdk_layout_record *layout = page ? find_record(page, name, report) : NULL;
	int error;

	if (!layout)
		return page ? -EBADMSG
		            : vdk_report_set(report, -EBADMSG, name, "the image has no records");
	error = vdk_record_write(page, layout, record);
	if (error)
		return vdk_report_set(report, error, name, "cannot write: %s", strerror(-error));
	error = vdk_publication_open(name, ret, report);
	if (error)
		return error;
	if (record->flags & FAKETIME_STEPS)
		error = create_state(ret->dir_fd, name, ret_state_fd, report);
	if (!error && flock(ret->page_fd, LOCK_SH)) {
		error = -errno;
		vdk_report_set(report, error, name, "cannot lock its page: %s", strerror(-error));
	}
	if (error)
		vdk_publication_close(ret);
	return error;
}

/*
 * A tree's publication outlives its first program by the moment that its supervisor takes to see
 * the end and clean up. Who starts the next one of the same name in the next line of a script
 * comes before that.
 */
static bool wait_for_end(const char *id, const char *name)
{
	const struct timespec nap = {.tv_nsec = 5000000};

	for (int i = 0; i < 100 && faketime_tree_exists(name); i++) {
		nanosleep(&nap, NULL);
		faketime_tree_bury(id);
	}
	return !faketime_tree_exists(name);
}

int faketime_tree_create(const char *id, const char *image, const struct faketime *record,
                         struct vdk_publication *ret, int *ret_state_fd,
                         struct vdk_report *report)
{
	const struct vdk_publish_options options = {
	        .image_path = image,
	        .no_update = true,
	        .only_owner = true,
	};
	char name[VDK_PUBLICATION_NAME_MAX + 1];
	struct vdk_publisher *publisher = NULL;
	int error = faketime_tree_name(id, name, report);

	if (error)
		return error;
	if (!wait_for_end(id, name))
		return vdk_report_set(report, -EBUSY, id, "there is a tree of that name already");
	error = vdk_publisher_open(name, &options, &publisher, report);
	if (!error && vdk_publisher_outcome(publisher) != VDK_PUBLISHED_NEW)
		error = vdk_report_set(report, -EBUSY, id, "another tree took that name just now");
	if (!error)
		error = begin(publisher, name, record, ret, ret_state_fd, report);
	vdk_publisher_close(publisher);
	return error;
}

/* ---- Looking and changing ---------------------------------------------------------------- */

static int not_found(const char *id, struct vdk_report *report)
{
	return vdk_report_set(report, -ENOENT, id,
	                      "no such tree, or it has ended; `vdk faketime --list` tells");
}

/* The sum of a tree's steps so far; 0 where there is no such file, or not enough of it. */
static int64_t read_steps(int dir_fd)
{
	vdk_cleanup_close int fd = openat(dir_fd, FAKETIME_STATE,
	                                  O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct faketime_steps steps = {0};

	return fd >= 0 && pread(fd, &steps, sizeof(steps), 0) == sizeof(steps) ? steps.sum : 0;
}

int faketime_tree_read(const char *id, struct faketime *ret_record, int64_t *ret_steps,
                       uint64_t *ret_pid, struct vdk_report *report)
{
	struct vdk_publication publication = VDK_PUBLICATION_CLOSED;
	const struct vdk_layout_record *layout;
	char name[VDK_PUBLICATION_NAME_MAX + 1];
	struct vdk_page_info info = {0};
	struct vdk_page *page = NULL;
	int error = faketime_tree_name(id, name, report);

	if (error)
		return error;
	error = vdk_publication_open(name, &publication, report);
	if (error == -ENOENT)
		return not_found(id, report);
	if (!error)
		error = vdk_page_open(publication.page_fd, 0, name, &page, report);
	if (!error) {
		layout = find_record(page, name, report);
		error = layout ? vdk_record_read(page, layout, ret_record, NULL) : -EBADMSG;
		if (error && layout)
			vdk_report_set(report, error, name, "cannot read: %s", strerror(-error));
		vdk_page_info(page, &info);
	}
	if (!error && ret_pid)
		*ret_pid = info.publisher_pid;
	if (!error)
		*ret_steps = read_steps(publication.dir_fd);
	vdk_page_close(page);
	vdk_publication_close(&publication);
	return error;
}

static void sleep_ns(int64_t ns)
{
	struct timespec left = {ns / FAKETIME_SECOND, ns % FAKETIME_SECOND};

	while (ns > 0 && nanosleep(&left, &left) && errno == EINTR)
		;
}

/* How long the record's pivot still lies ahead, ns; not positive when it is past. */
static int64_t ahead(const struct faketime *record)
{
	struct faketime_now now;

	faketime_clock_now(&now);
	return record->true_monotonic - now.monotonic;
}

/* An open tree, and what is to be done to it. */
struct changing {
	struct vdk_page *page;
	const struct vdk_layout_record *layout;
	int dir_fd;
	faketime_change *change;
	void *data;
};

/*
 * One try. Return: 0; 1 to try again after *@ret_wait ns: somebody else's pivot lies ahead still,
 * or we were stopped for so long that ours came too near.
 */
static int try_change(const struct changing *tree, int64_t *ret_wait, struct vdk_report *report)
{
	struct faketime *record;
	void *value;
	int error = vdk_record_edit(tree->page, tree->layout, &value);

	if (error)
		return vdk_report_set(report, error, "", "cannot change: %s",
		                      error == -ETIMEDOUT
		                              ? "another writer is stopped inside an update"
		                              : strerror(-error));
	record = value;
	*ret_wait = ahead(record);
	if (*ret_wait > 0) {
		vdk_record_cancel(tree->page);
		return 1;
	}
	error = tree->change(record, read_steps(tree->dir_fd), tree->data, report);
	*ret_wait = ahead(record);
	if (error || (*ret_wait > 0 && *ret_wait < FAKETIME_LEAD / 2)) {
		vdk_record_cancel(tree->page);
		return error ? error : 1;
	}
	vdk_record_commit(tree->page);
	return 0;
}

/* What settles needs no waiting, and whoever is quicker with another change has settled it. */
static int settle(struct faketime *record, int64_t steps, void *data, struct vdk_report *report)
{
	faketime_clock_settle(record);
	return 0;
}

static int change_tree(struct changing *tree, struct vdk_report *report)
{
	int64_t wait = 0;
	int result = 1;

	for (int i = 0; i < TRIES && result > 0; i++) {
		result = try_change(tree, &wait, report);
		if (result > 0)
			sleep_ns(wait + FAKETIME_LEAD / 10);
	}
	if (result > 0)
		return vdk_report_set(report, -ETIMEDOUT, "", "the machine is too busy to change "
		                                              "the rate of a clock without a jump");
	if (!result && wait > 0) {
		tree->change = settle;
		sleep_ns(wait + SETTLE);
		try_change(tree, &wait, NULL);
	}
	return result;
}

int faketime_tree_change(const char *id, faketime_change *change, void *data,
                         struct vdk_report *report)
{
	struct vdk_publication publication = VDK_PUBLICATION_CLOSED;
	struct changing tree = {.change = change, .data = data};
	char name[VDK_PUBLICATION_NAME_MAX + 1];
	int error = faketime_tree_name(id, name, report);

	if (error)
		return error;
	error = vdk_publication_open(name, &publication, report);
	if (!error)
		error = vdk_publication_writer(name, &tree.page, report);
	if (!error) {
		tree.dir_fd = publication.dir_fd;
		tree.layout = find_record(tree.page, name, report);
		error = tree.layout ? change_tree(&tree, report) : -EBADMSG;
	}
	vdk_page_close(tree.page);
	vdk_publication_close(&publication);
	return error == -ENOENT ? not_found(id, report) : error;
}
