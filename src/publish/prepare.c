/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "publish/prepare.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "publish/io.h"
#include "publish/map.h"

#define RANDOM_LETTERS 6
static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

void vdk_prepared_name(const char *name, struct vdk_prepared *ret)
{
	unsigned char random[RANDOM_LETTERS] = {0};
	char tail[RANDOM_LETTERS + 1] = "";

	/* Only the role's holder makes such names, so a poor random number is good enough. */
	if (getrandom(random, sizeof(random), GRND_NONBLOCK) < 0)
		memset(random, getpid() & 0xff, sizeof(random));
	for (int i = 0; i < RANDOM_LETTERS; i++)
		tail[i] = letters[random[i] % (sizeof(letters) - 1)];
	snprintf(ret->file, sizeof(ret->file), ".%s.%s", name, tail);
}

static int copy_in(int dir_fd, const char *file, int from, mode_t mode)
{
	vdk_cleanup_close int to =
		openat(dir_fd, file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int error;

	if (to < 0)
		return -errno;
	error = vdk_copy_file(from, to);
	if (error)
		return error;
	return fchmod(to, mode) < 0 ? -errno : 0;
}

/* Without its locks a page cannot be written by more than one: it is as good as damaged. */
static bool same_page(const struct vdk_contents *contents)
{
	return contents->old && contents->old->page_fd >= 0 && !contents->old->page_is_map &&
	       faccessat(contents->old->dir_fd, "writers", F_OK, AT_SYMLINK_NOFOLLOW) == 0 &&
	       contents->old->note.image.layout_id == contents->image->note.image.layout_id &&
	       contents->old->page_size == contents->image->note.image.page_size;
}

/*
 * The old page goes on under the new name, with its locks; its mode follows the new wish. A link is
 * made of a name: what it led to must be the page that was opened and checked.
 */
static int link_page(int dir_fd, const struct vdk_contents *contents, mode_t mode)
{
	if (linkat(contents->old->dir_fd, "page", dir_fd, "page", 0) < 0 ||
	    linkat(contents->old->dir_fd, "writers", dir_fd, "writers", 0) < 0)
		return -errno;
	if (!vdk_folder_is(dir_fd, "page", contents->old->page_fd))
		return -ESTALE;
	return fchmod(contents->old->page_fd, mode) < 0 ? -errno : 0;
}

static int new_page(int dir_fd, const struct vdk_contents *contents, mode_t mode,
                    struct vdk_report *report)
{
	vdk_cleanup_close int page_fd = -1, writers_fd = -1;
	const int error =
		vdk_page_create(dir_fd, "page", mode, &contents->image->note, &page_fd, report);

	if (error)
		return error;
	writers_fd = openat(dir_fd, "writers", O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	                    0600);
	return writers_fd < 0 ? -errno : 0;
}

/* The prepared directory's name without its dots, which bpffs refuses; + is in no name. */
static void pin_name(const char *file, char *pin)
{
	strcpy(pin, file + 1);
	for (char *c = pin; (c = strchr(c, '.')); c++)
		*c = '+';
}

/* The link first: whoever removes the directory then knows of the pin. */
static int map_page(int runtime_fd, int dir_fd, const struct vdk_prepared *prepared,
                    const struct vdk_contents *contents, struct vdk_report *report)
{
	const struct vdk_publication *old = contents->old;
	const bool same = old && old->page_is_map &&
	                  old->note.image.layout_id == contents->image->note.image.layout_id &&
	                  old->page_size == contents->image->note.image.page_size;
	char pin[sizeof(prepared->file)], link[sizeof(VDK_MAP_LINK) + sizeof(pin)];

	pin_name(prepared->file, pin);
	snprintf(link, sizeof(link), VDK_MAP_LINK "%s", pin);
	if (symlinkat(link, dir_fd, "page") < 0)
		return -errno;
	return contents->source->load(contents->source->context, runtime_fd, pin,
	                              &contents->image->note, same ? old->page_fd : -1,
	                              contents->only_owner, report);
}

static int fill(int runtime_fd, int dir_fd, const struct vdk_prepared *prepared,
                const struct vdk_contents *contents, struct vdk_report *report)
{
	const mode_t mode = contents->only_owner ? 0600 : 0644;
	int error = copy_in(dir_fd, "image.so", contents->image->image_fd, mode);

	if (!error && contents->update_fd >= 0)
		error = copy_in(dir_fd, "update.so", contents->update_fd, mode);
	if (!error && contents->source && !contents->image->note.table)
		return vdk_report_set(report, -ENODATA, contents->image->path,
		                      "the image has no records, so there is nothing to write");
	if (error || !contents->image->note.table)
		return error;
	if (contents->source)
		return map_page(runtime_fd, dir_fd, prepared, contents, report);
	if (same_page(contents)) {
		error = link_page(dir_fd, contents, mode);
		return error ? error : 1;
	}
	return new_page(dir_fd, contents, mode, report);
}

/* The folder that was just made, and not another one that was put in its place. */
static int open_prepared(int runtime_fd, const char *file, int *ret_fd, struct vdk_report *report)
{
	vdk_cleanup_close int fd = -1;
	int result = vdk_folder_open(runtime_fd, file, &fd, report);

	if (result)
		return result;
	result = vdk_folder_is_empty(fd);
	if (result == 0)
		return vdk_report_set(report, -EAGAIN, file,
		                      "cannot prepare: another folder was put in its place");
	if (result < 0)
		return vdk_report_set(report, result, file, "cannot prepare: %s",
		                      strerror(-result));
	*ret_fd = vdk_steal_fd(&fd);
	return 0;
}

int vdk_prepare(int runtime_fd, const struct vdk_prepared *prepared,
                const struct vdk_contents *contents, int *ret_fd, struct vdk_report *report)
{
	vdk_cleanup_close int dir_fd = -1;
	int result;

	if (mkdirat(runtime_fd, prepared->file, 0700) < 0) {
		result = -errno;
		return vdk_report_set(report, result, prepared->file, "cannot prepare: %s",
		                      strerror(-result));
	}
	if (report)
		report->error = 0;
	result = open_prepared(runtime_fd, prepared->file, &dir_fd, report);
	if (result < 0) {
		/* By its name, whatever has that by now: only an empty folder is removed so. */
		unlinkat(runtime_fd, prepared->file, AT_REMOVEDIR);
		return result;
	}
	result = fill(runtime_fd, dir_fd, prepared, contents, report);
	if (result >= 0 && fchmod(dir_fd, contents->only_owner ? 0700 : 0755) < 0)
		result = -errno;
	if (result < 0) {
		vdk_folder_remove(runtime_fd, prepared->file, dir_fd);
		/* What a part of it has said already says more. */
		if (!report || report->error != result)
			vdk_report_set(report, result, prepared->file, "cannot prepare: %s",
			               strerror(-result));
		return result;
	}
	*ret_fd = vdk_steal_fd(&dir_fd);
	return result;
}

/* No publication's own name has that shape: names do not begin with a dot. */
static bool is_leftover(const char *file, const char *name)
{
	const size_t length = strlen(name);

	if (file[0] != '.' || strncmp(file + 1, name, length) != 0 || file[1 + length] != '.')
		return false;
	file += length + 2;
	return strlen(file) == RANDOM_LETTERS && strspn(file, letters) == RANDOM_LETTERS;
}

void vdk_prepared_sweep(int runtime_fd, const char *name)
{
	int dir_fd = openat(runtime_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = dir_fd < 0 ? NULL : fdopendir(dir_fd);
	struct dirent *entry;

	if (!dir) {
		vdk_closep(&dir_fd);
		return;
	}
	while ((entry = readdir(dir))) {
		vdk_cleanup_close int fd = -1;

		if (is_leftover(entry->d_name, name) &&
		    vdk_folder_open(runtime_fd, entry->d_name, &fd, NULL) == 0)
			vdk_folder_remove(runtime_fd, entry->d_name, fd);
	}
	closedir(dir);
}
