/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pagemap.h"

#include <bpf/bpf.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <vdk/publish.h>
#include <vdk/update-bpf.h>

#include "base/cleanup.h"
#include "publish/io.h"
#include "publish/map.h"
#include "refusal.h"

#define ROUND_UP(value, unit) (((value) + (unit)-1) / (unit) * (unit))

uint32_t pagemap_size(const struct vdk_layout *layout)
{
	return layout->page_size +
	       ROUND_UP(layout->record_count * VDK_BPF_GUARD_STRIDE, VDK_PAGE_UNIT);
}

uint32_t pagemap_guard(const struct vdk_layout *layout, uint32_t record)
{
	return layout->page_size + record * VDK_BPF_GUARD_STRIDE;
}

/* What a page file of this image would begin with, followed by guards that are free. */
static int contents(const struct vdk_note *note, uint32_t size, void **ret_bytes,
                    struct vdk_report *report)
{
	vdk_cleanup_free void *bytes = calloc(1, size);
	vdk_cleanup_close int fd = -1;
	int error;

	if (!bytes)
		return -ENOMEM;
	error = vdk_page_create(-1, NULL, 0, note, &fd, report);
	if (!error)
		error = vdk_read_at(fd, bytes, note->image.page_size, 0);
	if (error)
		return error;
	*ret_bytes = bytes;
	bytes = NULL;
	return 0;
}

/* For people with bpftool(8): the kernel takes letters, digits, _ and . of 15 bytes. */
static void map_name(const char *name, char text[BPF_OBJ_NAME_LEN])
{
	snprintf(text, BPF_OBJ_NAME_LEN, "vdk_%s", name);
	for (char *c = text; *c; c++)
		if (!isalnum((unsigned char)*c))
			*c = '_';
}

int pagemap_create(const struct vdk_note *note, const struct vdk_layout *layout, const char *name,
                   int *ret_fd, struct vdk_report *report)
{
	const uint32_t size = pagemap_size(layout), first = 0;
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	vdk_cleanup_free void *bytes = NULL;
	vdk_cleanup_close int fd = -1;
	char text[BPF_OBJ_NAME_LEN];
	int error;

	map_name(name, text);
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, text, sizeof(first), size, 1, &options);
	if (fd < 0 && (errno == EPERM || errno == EACCES || errno == ENOSYS))
		return refusal_explain("make a BPF map", -errno, report);
	if (fd < 0)
		return vdk_report_set(report, -errno, name,
		                      "cannot make a BPF map of %u bytes: %s%s", size,
		                      strerror(errno),
		                      errno == E2BIG ? " (Linux allows some 4 MiB)" : "");
	error = contents(note, size, &bytes, report);
	if (error)
		return error;
	if (bpf_map_update_elem(fd, &first, bytes, BPF_ANY) < 0)
		return vdk_report_set(report, -errno, name, "cannot fill the BPF map: %s",
		                      strerror(errno));
	*ret_fd = vdk_steal_fd(&fd);
	return 0;
}

int pagemap_freeze(int fd, struct vdk_report *report)
{
	if (bpf_map_freeze(fd) == 0)
		return 0;
	return refusal_explain("freeze a BPF map", -errno, report);
}

static bool is_bpffs(int fd)
{
	struct statfs status;

	return fstatfs(fd, &status) == 0 && status.f_type == BPF_FS_MAGIC;
}

static int open_pins(int runtime_fd)
{
	return openat(runtime_fd, VDK_MAP_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int mount_problem(int fd, struct vdk_report *report)
{
	const int error = -errno;
	char link[32], path[PATH_MAX];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	path[length < 0 ? 0 : length] = '\0';
	return vdk_report_set(report, error, path,
	                      "cannot mount a bpffs here: %s; as root once: mount -t bpf -o "
	                      "nosuid,nodev,noexec,mode=755 bpf %s", strerror(-error), path);
}

/*
 * One bpffs for all publications of the runtime directory; it stays mounted when the last one is
 * gone. Two that were mounted at the same time would lie one above the other, and hide the first
 * one's pins: so the folder below is locked. It is closed to others, as all that carries a lock.
 */
static int mount_pins(int runtime_fd, struct vdk_report *report)
{
	vdk_cleanup_close int below = -1, above = -1;
	char link[32];

	if (mkdirat(runtime_fd, VDK_MAP_DIR, 0700) < 0 && errno != EEXIST)
		return vdk_report_set(report, -errno, VDK_MAP_DIR, "%s", strerror(errno));
	below = open_pins(runtime_fd);
	if (below < 0)
		return vdk_report_set(report, -errno, VDK_MAP_DIR, "%s", strerror(errno));
	if (is_bpffs(below))
		return 0;
	if (flock(below, LOCK_EX) < 0)
		return vdk_report_set(report, -errno, VDK_MAP_DIR, "%s", strerror(errno));
	above = open_pins(runtime_fd);
	if (above >= 0 && is_bpffs(above))
		return 0; /* somebody else's, who had the lock before */
	snprintf(link, sizeof(link), "/proc/self/fd/%d", below);
	if (mount("bpf", link, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755") == 0)
		return 0;
	return mount_problem(below, report);
}

int pagemap_pin(int fd, int runtime_fd, const char *pin, bool only_owner, struct vdk_report *report)
{
	/* Frozen, so that writing is nobody's right; see publish/map.h. */
	const mode_t mode = only_owner ? 0600 : 0666;
	vdk_cleanup_close int pins_fd = -1;
	char path[64 + VDK_MAP_PIN_MAX];
	int error = mount_pins(runtime_fd, report);

	if (error)
		return error;
	pins_fd = open_pins(runtime_fd);
	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", pins_fd, pin);
	if (pins_fd < 0 || bpf_obj_pin(fd, path) < 0 || fchmodat(pins_fd, pin, mode, 0) < 0) {
		error = -errno;
		vdk_report_set(report, error, pin, "cannot pin the BPF map: %s", strerror(-error));
		unlinkat(pins_fd, pin, 0);
	}
	return error;
}
