/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attached vdk images and those who feed them. A page that the process has mapped leads by its path
 * to its publication: is it still that page, is the image the same, does anybody hold the
 * publisher's role, and does the page still hold what its publisher vouches for?
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vdk/format.h>

#include "base/cleanup.h"
#include "doctor/families.h"
#include "doctor/files.h"
#include "inspect/process.h"
#include "publish/role.h"

struct attached {
	const struct vdk_map *page;
	const struct vdk_map *image; /* behind the page; NULL: none */
	struct vdk_page_header header;
	char folder[PATH_MAX];
	char runtime[PATH_MAX];
	char name[256];
};

static int open_folder(const struct doctor *doctor, const char *path, int *ret_fd)
{
	/* Links there lead to places that the process sees, and never to ours. */
	const struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT,
	};
	vdk_cleanup_close int root_fd =
		doctor->fake ? fcntl(doctor->root_fd, F_DUPFD_CLOEXEC, 0)
	                     : openat(doctor->process->dir_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const int fd = root_fd < 0 ? -1 : (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));

	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

/*
 * A publication that was replaced or removed had its folder renamed before: .NAME.XXXXXX, which is
 * what maps shows from then on.
 */
static void take_name(struct attached *attached, const char *folder)
{
	const size_t length = strlen(folder);

	if (*folder == '.' && length > 8 && folder[length - 7] == '.')
		snprintf(attached->name, sizeof(attached->name), "%.*s", (int)(length - 8), folder + 1);
	else
		snprintf(attached->name, sizeof(attached->name), "%.255s", folder);
}

/* RUNTIME_DIR/NAME/page */
static bool take_path(struct attached *attached)
{
	char *slash;

	if (*attached->page->path != '/' ||
	    snprintf(attached->folder, sizeof(attached->folder), "%s", attached->page->path) >=
	            (int)sizeof(attached->folder))
		return false;
	slash = strrchr(attached->folder, '/');
	if (strcmp(slash, "/page") != 0)
		return false;
	*slash = '\0';
	strcpy(attached->runtime, attached->folder);
	slash = strrchr(attached->runtime, '/');
	if (!slash || slash == attached->runtime)
		return false;
	*slash = '\0';
	take_name(attached, slash + 1);
	return snprintf(attached->folder, sizeof(attached->folder), "%s/%s", attached->runtime,
	                attached->name) < (int)sizeof(attached->folder);
}

static void cost_of_stale(struct doctor_finding *finding)
{
	doctor_cost(finding, "not of time: values are old, and functions that ask for their age pass "
	                     "on to the kernel");
}

static void see_age(struct doctor *doctor, const struct attached *attached, bool alive)
{
	const struct vdk_page_header *header = &attached->header;
	const uint64_t now = doctor->measured.now;
	struct doctor_finding *finding;

	if (header->void_after == 0 || now <= header->void_after)
		return;
	finding = doctor_find(doctor, DOCTOR_VDK_STALE);
	doctor_evidence(finding, attached->page->path,
	                "void_after = %" PRIu64 ", %.1f s ago; as_of %.1f s ago, epoch %" PRIu64,
	                header->void_after, (double)(now - header->void_after) / 1e9,
	                now > header->as_of ? (double)(now - header->as_of) / 1e9 : 0.0,
	                header->epoch);
	doctor_evidence(finding, "its publisher", "%s; the last one was process %" PRIu64,
	                alive ? "holds the role, but does not write" : "nobody holds the role",
	                header->publisher_pid);
	cost_of_stale(finding);
}

static bool see_role(struct doctor *doctor, const struct attached *attached, int folder_fd)
{
	struct doctor_finding *finding;
	char path[PATH_MAX + 300];
	vdk_cleanup_close int runtime_fd = -1;
	const int error = open_folder(doctor, attached->runtime, &runtime_fd);
	const int held = error ? error : vdk_role_held(runtime_fd, attached->name);

	snprintf(path, sizeof(path), "%s/.%s.lock", attached->runtime, attached->name);
	if (held < 0) {
		doctor_unknown(doctor, path, held, "whether a publisher runs");
		return true;
	}
	if (held || faccessat(folder_fd, "update.so", F_OK, AT_SYMLINK_NOFOLLOW))
		return held;
	finding = doctor_find(doctor, DOCTOR_VDK_ORPHAN);
	doctor_evidence(finding, path, "nobody holds this lock");
	snprintf(path, sizeof(path), "%s/update.so", attached->folder);
	doctor_evidence(finding, path, "the page has an update hook");
	if (attached->header.publisher_pid)
		doctor_evidence(finding, attached->page->path, "its last publisher was process %" PRIu64,
		                attached->header.publisher_pid);
	cost_of_stale(finding);
	return false;
}

/* By the inode alone, see doctor_open_mapped(). */
static bool is_other(int folder_fd, const char *file, uint64_t inode)
{
	struct stat stat;

	return fstatat(folder_fd, file, &stat, AT_SYMLINK_NOFOLLOW) == 0 && stat.st_ino != inode;
}

static void tell_gone(struct doctor *doctor, const struct attached *attached)
{
	struct doctor_finding *finding = doctor_find(doctor, DOCTOR_VDK_GONE);

	doctor_evidence(finding, attached->page->path, "mapped; no such file any more");
	cost_of_stale(finding);
}

static void see_publication(struct doctor *doctor, const struct attached *attached)
{
	vdk_cleanup_close int fd = -1;
	struct doctor_finding *finding;
	int error = open_folder(doctor, attached->folder, &fd);

	if (error == -ENOENT || (!error && faccessat(fd, "page", F_OK, AT_SYMLINK_NOFOLLOW))) {
		tell_gone(doctor, attached);
		return;
	}
	if (error) {
		doctor_unknown(doctor, attached->folder, error, "its publication");
		return;
	}
	if (is_other(fd, "page", attached->page->inode)) {
		finding = doctor_find(doctor, DOCTOR_VDK_OLD_PAGE);
		doctor_evidence(finding, attached->page->path,
		                "mapped with inode %" PRIu64 ", which is not the one of that name now",
		                attached->page->inode);
		doctor_evidence(finding, "the page that is mapped", "layout %016" PRIx64 ", epoch %" PRIu64,
		                attached->header.layout_id, attached->header.epoch);
		cost_of_stale(finding);
		return;
	}
	see_age(doctor, attached, see_role(doctor, attached, fd));
	if (attached->image && *attached->image->path == '/' && attached->image->inode &&
	    strncmp(attached->image->path, "/memfd:", 7) != 0 &&
	    is_other(fd, "image.so", attached->image->inode)) {
		finding = doctor_find(doctor, DOCTOR_VDK_REPLACED);
		doctor_evidence(finding, attached->image->path,
		                "mapped with inode %" PRIu64 ", which is not the one of that name now",
		                attached->image->inode);
		doctor_cost(finding, "nothing");
	}
}

static void see_page(struct doctor *doctor, size_t index)
{
	const struct vdk_maps *maps = doctor->maps;
	struct attached attached = {.page = &maps->maps[index]};
	int error;

	if (index + 1 < maps->count && maps->maps[index + 1].kind == VDK_MAP_VDK_IMAGE)
		attached.image = &maps->maps[index + 1];
	error = vdk_process_read(doctor->process, attached.page->start, &attached.header,
	                         sizeof(attached.header));
	if (error || memcmp(attached.header.magic, VDK_PAGE_MAGIC, sizeof(attached.header.magic))) {
		doctor_unknown(doctor, attached.page->path, error, "its header%s",
		               error ? "" : " is no page's");
		return;
	}
	doctor_fact(doctor, "vdk page", "%s, epoch %" PRIu64 ", last taken over by process %" PRIu64,
	            attached.page->path, attached.header.epoch, attached.header.publisher_pid);
	/* A page of memory, for an image that nobody published: nobody is expected to feed it. */
	if (take_path(&attached))
		see_publication(doctor, &attached);
}

void doctor_see_attached(struct doctor *doctor)
{
	if (!doctor->maps)
		return;
	for (size_t i = 0; i < doctor->maps->count; i++)
		if (doctor->maps->maps[i].kind == VDK_MAP_VDK_PAGE)
			see_page(doctor, i);
}
