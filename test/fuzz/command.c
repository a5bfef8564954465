/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/system.h"
#include "left.h"

#define ARGUMENTS_MAX 24

static const char *const variables[] = {
	"VDK_RUNTIME_DIR", "XDG_RUNTIME_DIR", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
	"PATH", "CC", "LD", "TERM", "COLUMNS", "TMPDIR", "FAKETIME_FOLLOW_FILE",
};

/* ---- The way out --------------------------------------------------------------------------- */

/* For the leak sanitizer. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
	return 1;
}

static jmp_buf way_out;
static bool running; /* libFuzzer and replay.c call these functions, too */
static struct fuzz_piece file;
int (*fuzz_open)(const char *path, struct fuzz_piece file);
const char *fuzz_runtime_dir = "/nonexistent";

static long leave(void)
{
	longjmp(way_out, 1);
}

/*
 * A function that is never called by a command. Its arguments do not matter then. Weak: where the C
 * library has none of that name, nothing calls it.
 */
#define LEAVES(name)                                                                               \
	long __real_##name(long a, long b, long c, long d, long e, long f) __attribute__((weak));  \
	long __wrap_##name(long a, long b, long c, long d, long e, long f);                        \
	long __wrap_##name(long a, long b, long c, long d, long e, long f)                         \
	{                                                                                          \
		return running ? leave() : __real_##name(a, b, c, d, e, f);                        \
	}

LEAVES(fork) LEAVES(vfork) LEAVES(execv) LEAVES(execve) LEAVES(execvp) LEAVES(posix_spawn)
LEAVES(posix_spawnp) LEAVES(kill) LEAVES(ptrace) LEAVES(mkdirat) LEAVES(unlink)
LEAVES(unlinkat) LEAVES(rename) LEAVES(renameat) LEAVES(renameat2) LEAVES(symlinkat) LEAVES(linkat)
LEAVES(mkdtemp) LEAVES(mkostemp64) LEAVES(poll) LEAVES(ppoll) LEAVES(nanosleep)
LEAVES(clock_nanosleep) LEAVES(waitpid) LEAVES(waitid) LEAVES(socket) LEAVES(prctl) LEAVES(unshare)
LEAVES(setns) LEAVES(system) LEAVES(popen) LEAVES(dlopen) LEAVES(pthread_create) LEAVES(epoll_wait)
LEAVES(signal) LEAVES(sched_setaffinity) LEAVES(setpriority) LEAVES(mount)
LEAVES(personality) LEAVES(chdir) LEAVES(fchdir) LEAVES(setsid) LEAVES(timerfd_settime)
LEAVES(setrlimit64) LEAVES(fchmod) LEAVES(exit) LEAVES(_exit)

/* The runtime directory is there already. */
int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);

int __wrap_mkdir(const char *path, mode_t mode)
{
	if (!running)
		return __real_mkdir(path, mode);
	if (strcmp(path, fuzz_runtime_dir) != 0)
		leave();
	errno = EEXIST;
	return -1;
}

/* No signal is held back for the rest of the run, and none is caught. */
int __real_pthread_sigmask(int how, const sigset_t *set, sigset_t *old);
int __wrap_pthread_sigmask(int how, const sigset_t *set, sigset_t *old);
int __real_sigprocmask(int how, const sigset_t *set, sigset_t *old);
int __wrap_sigprocmask(int how, const sigset_t *set, sigset_t *old);
int __real_sigaction(int number, const struct sigaction *new, struct sigaction *old);
int __wrap_sigaction(int number, const struct sigaction *new, struct sigaction *old);

int __wrap_pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
	return __real_pthread_sigmask(how, running ? NULL : set, old);
}

int __wrap_sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	return __real_sigprocmask(how, running ? NULL : set, old);
}

int __wrap_sigaction(int number, const struct sigaction *new, struct sigaction *old)
{
	if (running && new)
		leave();
	return __real_sigaction(number, new, old);
}


/*
 * The mappings of any process that a command looks into: this one's without those of sanitizers and
 * libraries, which are hundreds, more with each input, and most of what a run would cost.
 */
static struct fuzz_piece few_mappings(void)
{
	static char text[8192];
	static size_t size;
	char line[512];
	FILE *maps = size ? NULL : fopen("/proc/self/maps", "re");

	while (maps && fgets(line, sizeof(line), maps))
		if ((strchr(line, '[') || strstr(line, "fuzz-")) && strlen(line) < sizeof(text) - size) {
			strcpy(text + size, line);
			size += strlen(line);
		}
	if (maps)
		fclose(maps);
	return (struct fuzz_piece){(const uint8_t *)text, size};
}

/* fuzz_file() uses what a command is left at. */
static int give(struct fuzz_piece piece)
{
	int fd;

	running = false;
	fd = fuzz_file(piece);
	running = true;
	return fd;
}

/* This file is wrapped as well: what it calls itself is the real one. */
int __real_openat64(int dir, const char *path, int flags, ...);
int __wrap_openat64(int dir, const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
FILE *__real_fopen64(const char *path, const char *mode);
FILE *__wrap_fopen64(const char *path, const char *mode);
static int open_more(const char *path)
{
	int fd;

	if (!running || !fuzz_open)
		return -1;
	running = false;
	fd = fuzz_open(path, file);
	running = true;
	return fd;
}

/* Reading is allowed, but no device: some act when they are opened. */
static int open_any(int dir, const char *path, int flags, mode_t mode)
{
	const int more = open_more(path);

	if (more >= 0)
		return more;
	if (running && (flags & O_ACCMODE) != O_RDONLY && strcmp(path, "/dev/null") != 0)
		leave();
	if (running && (flags & (O_CREAT | O_TRUNC)))
		leave();
	if (running && !strcmp(path, "/f"))
		return give(file);
	/* The only process that is the same everywhere. */
	if (running && !strcmp(path, "/proc/1"))
		path = "/proc/self";
	if (running && !strcmp(path, "maps"))
		return give(few_mappings());
	if (running && !strncmp(path, "/dev/", 5) && strcmp(path, "/dev/null") != 0 &&
	    strncmp(path, fuzz_runtime_dir, strlen(fuzz_runtime_dir)) != 0) {
		errno = ENOENT;
		return -1;
	}
	return __real_openat64(dir, path, flags, mode);
}

int __wrap_openat64(int dir, const char *path, int flags, ...)
{
	va_list more;
	mode_t mode;

	va_start(more, flags);
	mode = va_arg(more, mode_t);
	va_end(more);
	return open_any(dir, path, flags, mode);
}

int __wrap_open64(const char *path, int flags, ...)
{
	va_list more;
	mode_t mode;

	va_start(more, flags);
	mode = va_arg(more, mode_t);
	va_end(more);
	return open_any(AT_FDCWD, path, flags, mode);
}

FILE *__wrap_fopen64(const char *path, const char *mode)
{
	if (!running)
		return __real_fopen64(path, mode);
	if (*mode != 'r' || strchr(mode, '+'))
		leave();
	if (!strcmp(path, "/f"))
		return fdopen(give(file), "r");
	return strncmp(path, "/dev/", 5) ? __real_fopen64(path, mode) : NULL;
}

/* Messages would be libFuzzer's. */
ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);

ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
	return running && fd < 3 ? (ssize_t)size : __real_write(fd, bytes, size);
}

/* Of the kit's own system calls only openat2 is one that reads; none is needed. */
long __real_syscall(long number, long a, long b, long c, long d, long e, long f);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f);

long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	return running ? leave() : __real_syscall(number, a, b, c, d, e, f);
}

/* ---- The command line ---------------------------------------------------------------------- */

static bool set_variable(const char *line)
{
	for (size_t i = 0; i < FUZZ_COUNT(variables); i++) {
		const size_t length = strlen(variables[i]);

		if (!strncmp(line, variables[i], length) && line[length] == '=') {
			setenv(variables[i], line + length + 1, 1);
			return true;
		}
	}
	return false;
}

/* The lines of @text become arguments, behind the command's name. */
static int cut(char *text, char *argv[ARGUMENTS_MAX + 2])
{
	int argc = 1;

	while (text && argc <= ARGUMENTS_MAX) {
		char *line = strsep(&text, "\n");

		if (argc > 1 || !set_variable(line))
			argv[argc++] = line;
	}
	argv[argc] = NULL;
	return argc;
}

static void set_up(void)
{
	few_mappings();
	for (size_t i = 0; i < FUZZ_COUNT(variables); i++)
		unsetenv(variables[i]);
	setenv("VDK_RUNTIME_DIR", fuzz_runtime_dir, 1);
	/* As if it were the first time. */
	optind = 0;
}

static void run(fuzz_main *command, char *name, char *line)
{
	char *argv[ARGUMENTS_MAX + 2] = {name};
	static int argc; /* not in a register, which the jump would bring back */

	argc = cut(line, argv);
	left_begin();
	running = true;
	if (!setjmp(way_out))
		command(argc, argv);
	running = false;
	left_end();
}

void fuzz_command(fuzz_main *command, const char *name, struct fuzz_piece input)
{
	struct fuzz_piece lines = fuzz_take(&input);
	static char word[16];
	char *text, *line, *next;
	int first;

	fuzz_quiet();
	if (lines.size && lines.data[lines.size - 1] == '\n')
		lines.size--;
	file = input;
	text = fuzz_text(lines);
	/* What a command still had open when it left. */
	first = dup(STDIN_FILENO);
	close(first);
	for (line = text; line; line = next) {
		next = strstr(line, "\n;\n");
		if (next) {
			*next = '\0';
			next += 3;
		}
		set_up();
		snprintf(word, sizeof(word), "%s", name);
		run(command, word, line);
		vdk_close_range((unsigned int)first, ~0u);
	}
	free(text);
}
