/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "publish/map.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "publish/io.h"

static int bpf(enum bpf_cmd command, union bpf_attr *attr)
{
	const long result = syscall(SYS_bpf, command, attr, sizeof(*attr));

	return result < 0 ? -errno : (int)result;
}

int vdk_map_link(int dir_fd, char ret_pin[VDK_MAP_PIN_MAX])
{
	char text[sizeof(VDK_MAP_LINK) + VDK_MAP_PIN_MAX];
	const ssize_t length = readlinkat(dir_fd, "page", text, sizeof(text) - 1);
	const char *pin = text + sizeof(VDK_MAP_LINK) - 1;

	if (length < 0 || length >= (ssize_t)sizeof(text) - 2)
		return 0;
	text[length] = '\0';
	/* bpffs allows no dot in a name; the slash would lead elsewhere. */
	if (strncmp(text, VDK_MAP_LINK, sizeof(VDK_MAP_LINK) - 1) != 0 || !*pin ||
	    strpbrk(pin, "/."))
		return 0;
	strcpy(ret_pin, pin);
	return 1;
}

/* By the descriptor's own name: programs and links of BPF answer bpf(2)'s questions, too. */
static bool is_map(int fd)
{
	static const char name[] = "anon_inode:bpf-map";
	char link[32], text[sizeof(name) + 1];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, text, sizeof(text));
	return length == (ssize_t)sizeof(name) - 1 && memcmp(text, name, (size_t)length) == 0;
}

int vdk_map_size(int fd, uint64_t *ret_size)
{
	struct bpf_map_info info = {0};
	union bpf_attr attr;
	int error;

	if (!is_map(fd))
		return -EBADMSG;
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info = (uint64_t)(uintptr_t)&info;
	attr.info.info_len = sizeof(info);
	error = bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
	if (error < 0)
		return error;
	/* With one element nothing lies between the page's start and its end. */
	if (info.type != BPF_MAP_TYPE_ARRAY || info.max_entries != 1 ||
	    !(info.map_flags & BPF_F_MMAPABLE))
		return -EBADMSG;
	*ret_size = info.value_size;
	return 0;
}

int vdk_map_read_at(int fd, void *to, size_t size, uint64_t offset)
{
	uint64_t map_size;
	const int error = vdk_map_size(fd, &map_size);
	void *map;

	if (error)
		return error;
	if (size > map_size || offset > map_size - size)
		return -ENODATA;
	map = mmap(NULL, map_size, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	memcpy(to, (const uint8_t *)map + offset, size);
	munmap(map, map_size);
	return 0;
}

/* The kernel's own answer to the attempt; see map.h. */
static bool is_frozen(int fd)
{
	void *map = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (map == MAP_FAILED)
		return errno == EPERM;
	munmap(map, 1);
	return false;
}

/* @fd is the pin's, O_PATH: what is looked at here is what is opened afterwards. */
static int trust_pin(int fd, const char *path, struct vdk_report *report)
{
	const uid_t self = geteuid();
	struct stat stat;

	if (fstat(fd, &stat) < 0)
		return vdk_report_set(report, -errno, path, "%s", strerror(errno));
	if (!S_ISREG(stat.st_mode))
		return vdk_report_set(report, -EBADMSG, path, "expected a pinned BPF map");
	if (stat.st_uid != 0 && stat.st_uid != self)
		return vdk_report_set(report, -EPERM, path,
		                      "not to be trusted: expected owner uid %s%u, found uid %u",
		                      self ? "0 or " : "", self, stat.st_uid);
	return 0;
}

static int get(int pin_fd, const char *path, int *ret_fd, struct vdk_report *report)
{
	union bpf_attr attr;
	char link[32];
	int fd;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", pin_fd);
	memset(&attr, 0, sizeof(attr));
	attr.pathname = (uint64_t)(uintptr_t)link;
	fd = bpf(BPF_OBJ_GET, &attr);
	if (fd == -EPERM || fd == -ENOSYS)
		return vdk_report_set(report, fd, path,
		                      "the kernel writes this page, in a BPF map, and bpf(2) is "
		                      "forbidden here (seccomp, or Linux before 5.19 with "
		                      "kernel.unprivileged_bpf_disabled): %s", strerror(-fd));
	if (fd == -ENOENT)
		return vdk_report_set(report, -EOPNOTSUPP, path,
		                      "the kernel writes this page, in a BPF map, and it is opened by "
		                      "way of /proc, which is not mounted here");
	if (fd < 0)
		return vdk_report_set(report, fd, path, "cannot open the BPF map: %s",
		                      strerror(-fd));
	*ret_fd = fd; /* bpf(2) makes all its descriptors close-on-exec */
	return 0;
}

int vdk_map_open(int dir_fd, const char *pin, const char *path, int *ret_fd,
                 struct vdk_report *report)
{
	vdk_cleanup_close int pins_fd = -1, pin_fd = -1, fd = -1;
	uint64_t size;
	int error = 0;

	pins_fd = openat(dir_fd, "../" VDK_MAP_DIR,
	                 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (pins_fd >= 0)
		pin_fd = openat(pins_fd, pin, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (pin_fd < 0) {
		error = errno == ENOENT ? -ESTALE : -errno;
		return vdk_report_set(report, error, path,
		                      "its BPF map is not at " VDK_MAP_LINK "%s: %s", pin,
		                      error == -ESTALE
		                              ? "was another file system mounted or unmounted?"
		                              : strerror(-error));
	}
	error = vdk_trust(pins_fd, S_IFDIR, path, NULL, report);
	if (!error)
		error = trust_pin(pin_fd, path, report);
	if (!error)
		error = get(pin_fd, path, &fd, report);
	if (error)
		return error;
	error = vdk_map_size(fd, &size);
	if (error)
		return vdk_report_set(report, error, path,
		                      "expected a mappable BPF array of one element");
	if (!is_frozen(fd))
		return vdk_report_set(report, -EPERM, path,
		                      "not to be trusted: expected a frozen BPF map, found one "
		                      "that programs can write");
	*ret_fd = vdk_steal_fd(&fd);
	return 0;
}

void vdk_map_unpin(int runtime_fd, int dir_fd)
{
	char pin[VDK_MAP_PIN_MAX], path[sizeof(VDK_MAP_DIR) + 1 + VDK_MAP_PIN_MAX];

	if (!vdk_map_link(dir_fd, pin))
		return;
	snprintf(path, sizeof(path), VDK_MAP_DIR "/%s", pin);
	unlinkat(runtime_fd, path, 0);
}
