/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "file.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "faketime-math.h"

/* How often to look without being told to, and how often to change a clock at most. */
#define LOOK_NS FAKETIME_SECOND
#define PAUSE_NS (10 * INT64_C(1000000))

int faketime_file_time(const char *path, struct faketime_spec *ret_spec)
{
	struct stat status;

	if (stat(path, &status))
		return -errno;
	ret_spec->when = FAKETIME_AT;
	ret_spec->seconds = status.st_mtim.tv_sec;
	ret_spec->nanoseconds = status.st_mtim.tv_nsec;
	return 0;
}

/* The folder without symbolic links, but the file's own name: it may be one that changes. */
static int find(const char *text, char path[PATH_MAX])
{
	char copy[PATH_MAX], folder[PATH_MAX];

	if (snprintf(copy, sizeof(copy), "%s", text) >= (int)sizeof(copy))
		return -ENAMETOOLONG;
	if (!realpath(dirname(copy), folder))
		return -errno;
	snprintf(copy, sizeof(copy), "%s", text);
	if (snprintf(path, PATH_MAX, "%s/%s", folder, basename(copy)) >= PATH_MAX)
		return -ENAMETOOLONG;
	return 0;
}

int faketime_file_open(const struct faketime_spec *spec, struct faketime_file **ret,
                       struct vdk_report *report)
{
	struct faketime_file *file = mmap(NULL, sizeof(*file), PROT_READ | PROT_WRITE,
	                                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const int error = file == MAP_FAILED ? -ENOMEM : find(spec->file, file->path);

	if (error) {
		if (file != MAP_FAILED)
			munmap(file, sizeof(*file));
		return vdk_report_set(report, error, spec->file, "cannot be followed: %s",
		                      strerror(-error));
	}
	file->seconds = spec->seconds;
	file->nanoseconds = spec->nanoseconds;
	*ret = file;
	return 0;
}

/* The true time, since the timer goes by that. */
static int64_t now_ns(void)
{
	struct timespec now = {0};

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
	return faketime_ns(now.tv_sec, now.tv_nsec);
}

static void look_in(const struct faketime_file *file, int64_t ns)
{
	const struct itimerspec when = {
	        .it_value = {ns / FAKETIME_SECOND, ns % FAKETIME_SECOND},
	        .it_interval = {LOOK_NS / FAKETIME_SECOND, LOOK_NS % FAKETIME_SECOND},
	};

	timerfd_settime(file->timer, 0, &when, NULL);
}

/* Watches the inode, so it is to be done again when another one may have that name. */
static void watch(const struct faketime_file *file)
{
	inotify_add_watch(file->inotify, file->path,
	                  IN_ATTRIB | IN_MODIFY | IN_DELETE_SELF | IN_MOVE_SELF);
}

int faketime_file_begin(struct faketime_file *file)
{
	struct epoll_event readable = {.events = EPOLLIN};
	const int both = epoll_create1(EPOLL_CLOEXEC);

	file->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	file->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	file->changed_at = 0;
	if (both < 0)
		return -1;
	/* Without inotify, of which a user may have too many, there is still the look each second. */
	epoll_ctl(both, EPOLL_CTL_ADD, file->inotify, &readable);
	epoll_ctl(both, EPOLL_CTL_ADD, file->timer, &readable);
	watch(file);
	look_in(file, 1); /* at once: a predecessor may have missed something */
	return both;
}

bool faketime_file_changed(struct faketime_file *file)
{
	_Alignas(struct inotify_event) char events[4096];
	struct faketime_spec spec = {0};
	const int64_t now = now_ns();
	uint64_t expirations;

	while (read(file->inotify, events, sizeof(events)) > 0)
		;
	if (read(file->timer, &expirations, sizeof(expirations)) < 0)
		expirations = 0;
	watch(file); /* before the look, so that nothing falls between */
	if (faketime_file_time(file->path, &spec))
		return false; /* gone, or just being replaced: its last time goes on */
	if (spec.seconds == file->seconds && spec.nanoseconds == file->nanoseconds)
		return false;
	if (now - file->changed_at < PAUSE_NS) {
		look_in(file, PAUSE_NS);
		return false;
	}
	file->changed_at = now;
	file->seconds = spec.seconds;
	file->nanoseconds = spec.nanoseconds;
	return true;
}
