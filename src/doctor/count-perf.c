/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Counting by the tracepoints syscalls:sys_enter_NAME, one event for each thread and call. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "doctor/trace.h"
#include "doctor-arch.h"

/* Descriptors are limited to 1024 by default: a program with more threads is not counted so. */
#define EVENTS_MAX 900

struct event {
	int fd;
	int call;
};

struct events {
	size_t count;
	struct event events[EVENTS_MAX];
};

static int tracepoint(const char *name, uint64_t *ret_id)
{
	static const char *const folders[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};
	char path[128];
	int error = -ENOENT;

	for (size_t i = 0; i < 2; i++) {
		vdk_cleanup_fclose FILE *file = NULL;
		unsigned long long id;

		snprintf(path, sizeof(path), "%s/events/syscalls/sys_enter_%s/id", folders[i], name);
		file = fopen(path, "re");
		if (file && fscanf(file, "%llu", &id) == 1) {
			*ret_id = id;
			return 0;
		}
		if (!file && errno != ENOENT)
			error = -errno;
	}
	return error;
}

static int open_event(struct events *events, uint64_t id, pid_t thread, int call)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attributes), .config = id, .inherit = 1,
	};
	int fd;

	if (events->count == EVENTS_MAX)
		return -EMFILE;
	fd = (int)syscall(SYS_perf_event_open, &attributes, thread, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return -errno;
	events->events[events->count++] = (struct event){fd, call};
	/* Clocks that no vDSO answers for are no fault of anybody. Clock numbers as in origin.c. */
	if (doctor_time_calls[call].by_clock &&
	    ioctl(fd, PERF_EVENT_IOC_SET_FILTER,
	          "which_clock == 0 || which_clock == 1 || which_clock == 4 || which_clock == 5 || "
	          "which_clock == 6 || which_clock == 7 || which_clock == 11"))
		return -errno;
	return 0;
}

static int open_threads(struct events *events, const struct vdk_process *process, uint64_t id,
                        int call)
{
	struct dirent *entry;
	DIR *folder;
	int error = doctor_open_threads(process, &folder);

	if (error)
		return error;
	while (!error && (entry = readdir(folder))) {
		const int thread = atoi(entry->d_name);

		error = thread > 0 ? open_event(events, id, thread, call) : 0;
		/* An event keeps to the thread that it was opened for: was it one of these? */
		if (!error && thread > 0 && faccessat(dirfd(folder), entry->d_name, F_OK, 0))
			close(events->events[--events->count].fd);
		if (error == -ESRCH) /* it ended meanwhile */
			error = 0;
	}
	closedir(folder);
	return error;
}

static void wait_seconds(double seconds)
{
	struct timespec left = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

int doctor_count_perf(const struct vdk_process *process, double seconds,
                      struct doctor_calls *ret_calls)
{
	struct doctor_calls calls = {.method = "perf", .seconds = seconds, .processes = 1};
	const double cpu = trace_cpu_seconds(process);
	struct events events = {0};
	int error = 0;

	for (size_t i = 0; i < DOCTOR_TIME_CALLS && !error; i++) {
		uint64_t id = 0;

		error = tracepoint(doctor_time_calls[i].name, &id);
		if (!error)
			error = open_threads(&events, process, id, (int)i);
	}
	if (!error)
		wait_seconds(seconds);
	calls.cpu_seconds = trace_cpu_seconds(process) - cpu;
	for (size_t i = 0; i < events.count; i++) {
		uint64_t count;

		if (!error && read(events.events[i].fd, &count, sizeof(count)) == sizeof(count))
			doctor_calls_add(&calls, doctor_time_calls[events.events[i].call].name,
			                 DOCTOR_BY_UNKNOWN, "", count);
		close(events.events[i].fd);
	}
	if (!error)
		*ret_calls = calls;
	return error;
}
