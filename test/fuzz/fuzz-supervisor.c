/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: all that the supervisor of a tree reads of the programs in it, which may be
 * anything: files of /proc/PID, the program's own file, its libraries, the loader's cache. Pieces in
 * this order, divided by lines that begin with '%'; the first line of the first one is an address.
 *
 * The functions that open such files are wrapped (meson.build), so that each path gives a piece.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch-registers.h"
#include "attach/inject.h"
#include "attach/raw-call.h"
#include "attach/tell.h"
#include "attach/thread.h"
#include "attach/vsyscall-answer.h"
#include "attach/vsyscall-site.h"
#include "attach/vsyscall.h"
#include "fuzz.h"

enum { ADDRESS, MAPS, STATUS, CALL, ENVIRON, STAT, CACHE, LIBRARY, EXE, PIECES };

static const char *const endings[PIECES] = {
	[MAPS] = "/maps", [STATUS] = "/status", [CALL] = "/syscall", [ENVIRON] = "/environ",
	[STAT] = "/stat", [CACHE] = "/ld.so.cache", [EXE] = "/exe",
};

static struct fuzz_piece pieces[PIECES];
static bool running; /* replay.c opens files, too */

/* A program's path that is no other file's is a library's. */
static int open_piece(const char *path, int otherwise)
{
	for (int i = 0; i < PIECES; i++) {
		const size_t length = endings[i] ? strlen(endings[i]) : 0;

		if (endings[i] && strlen(path) >= length && !strcmp(path + strlen(path) - length, endings[i]))
			return fuzz_file(pieces[i]);
	}
	if (otherwise < 0) {
		errno = ENOENT;
		return -1;
	}
	return fuzz_file(pieces[otherwise]);
}

int __wrap_fstat64(int fd, struct stat *ret);
int __real_fstat64(int fd, struct stat *ret);
int __real_open64(const char *path, int flags, ...);
FILE *__real_fopen64(const char *path, const char *mode);
int __wrap_open64(const char *path, int flags, ...);
FILE *__wrap_fopen64(const char *path, const char *mode);
ssize_t __wrap_readlink(const char *path, char *to, size_t size);
long __wrap_syscall(long number, ...);
void __wrap_vdk_tell(pid_t tid, const char *text);
size_t __wrap_vdk_vsyscall_peek(int tid, uint64_t address, void *bytes, size_t size);

int __wrap_open64(const char *path, int flags, ...)
{
	if (!running)
		return __real_open64(path, flags, 0);
	if (strstr(path, "/root"))
		return __real_open64("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return open_piece(path, -1);
}

/* The file that a mapping names is the one that is there. */
int __wrap_fstat64(int fd, struct stat *ret)
{
	const int result = __real_fstat64(fd, ret);

	if (running && !result)
		ret->st_ino = 77;
	return result;
}

FILE *__wrap_fopen64(const char *path, const char *mode)
{
	const int fd = running ? open_piece(path, -1) : -1;

	if (!running)
		return __real_fopen64(path, mode);
	return fd < 0 ? NULL : fdopen(fd, mode);
}

/* Where the program lies: for $ORIGIN. */
ssize_t __wrap_readlink(const char *path, char *to, size_t size)
{
	static const char origin[] = "/opt/program/bin/program";

	memcpy(to, origin, size < sizeof(origin) - 1 ? size : sizeof(origin) - 1);
	return sizeof(origin) - 1;
}

/* openat2 alone: a path that the program has in its own root. */
long __wrap_syscall(long number, ...)
{
	const char *path;
	va_list more;

	va_start(more, number);
	va_arg(more, long);
	path = va_arg(more, const char *);
	va_end(more);
	if (number != SYS_openat2) {
		errno = ENOSYS;
		return -1;
	}
	return open_piece(path, LIBRARY);
}

/* What people would read. It fits the line that it becomes a part of. */
void __wrap_vdk_tell(pid_t tid, const char *text)
{
	if (strlen(text) > 460)
		abort();
}

size_t __wrap_vdk_vsyscall_peek(int tid, uint64_t address, void *bytes, size_t size)
{
	const uint64_t from = address % 64;

	memset(bytes, 0, size);
	if (from + size > pieces[ADDRESS].size)
		return 0;
	memcpy(bytes, pieces[ADDRESS].data + from, size);
	return size;
}

static void ask(uint64_t address)
{
	static struct vdk_attach attach;
	static struct vdk_inject inject = {.attach = &attach};
	static struct vdk_vsyscall_sites sites;
	static struct vdk_vsyscall_seen seen;
	const struct vdk_registers registers = {.user.rsp = address};
	struct seccomp_notif notification = {
	        .pid = 42, .data = {.arch = AUDIT_ARCH_X86_64, .nr = 228, .instruction_pointer = address}};
	struct vdk_raw_call call;
	uint32_t cpu, node;

	vdk_thread_process(42);
	vdk_thread_is_zombie(42);
	vdk_thread_place(42);
	vdk_thread_tracer_is_vdk(42);
	vdk_raw_call_read(&inject, &notification, &call);
	vdk_vsyscall_getcpu(42, &cpu, &node);
	/* Nothing is known from the input before. */
	sites.count = 0;
	vdk_vsyscall_site_tell(&sites, 42, 0xffffffffff600400, &registers);
	memset(&seen, 0, sizeof(seen));
	vdk_vsyscall_contained(42, &seen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_piece input = {data, size};
	uint64_t address = 0;

	for (int i = 0; i < PIECES - 1; i++)
		pieces[i] = fuzz_take(&input);
	pieces[EXE] = input;
	if (pieces[ADDRESS].size >= sizeof(address))
		memcpy(&address, pieces[ADDRESS].data, sizeof(address));
	running = true;
	ask(address);
	running = false;
	return 0;
}
