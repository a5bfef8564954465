/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "faketime-strict.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- Counting ---------------------------------------------------------------------------- */

#define PROGRAMS_MAX 256

struct program {
	char path[1024]; /* empty: what did not fit, or has none any more */
	uint64_t calls[3]; /* by enum of struct vdk_raw_call */
	uint64_t unattached; /* how often it was started without being attached to */
};

/*
 * One process at a time writes: the worker, then its successor. It is read when they have ended,
 * or, after a signal, while they count on: numbers may then be torn from one another, none is torn
 * in itself.
 */
struct strict {
	uint64_t started;
	size_t count;
	struct program programs[PROGRAMS_MAX];
};

int strict_new(struct strict **ret, struct vdk_report *report)
{
	void *memory = mmap(NULL, sizeof(**ret), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	                    -1, 0);

	if (memory == MAP_FAILED)
		return vdk_report_set(report, -ENOMEM, "--strict", "%s", strerror(errno));
	*ret = memory;
	return 0;
}

/* The last place is for all that have no other. */
static struct program *find(struct strict *strict, int tid)
{
	char link[32], path[sizeof(strict->programs[0].path)] = "";
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/%d/exe", tid);
	length = readlink(link, path, sizeof(path) - 1);
	path[length > 0 ? length : 0] = '\0';
	for (size_t i = 0; i < strict->count; i++)
		if (!strcmp(strict->programs[i].path, path))
			return &strict->programs[i];
	if (strict->count == PROGRAMS_MAX - 1)
		path[0] = '\0';
	if (strict->count == PROGRAMS_MAX)
		return &strict->programs[PROGRAMS_MAX - 1];
	strcpy(strict->programs[strict->count].path, path);
	return &strict->programs[strict->count++];
}

void strict_started(struct strict *strict, int tid, bool attached)
{
	strict->started++;
	if (!attached)
		find(strict, tid)->unattached++;
}

void strict_call(struct strict *strict, const struct vdk_raw_call *call)
{
	find(strict, call->tid)->calls[call->which]++;
}

/* ---- Telling ----------------------------------------------------------------------------- */

static const char *const call_names[3] = {"clock_gettime", "gettimeofday", "time"};

/* How many bytes a character of UTF-8 has here; 0: none, it must be told byte by byte. */
static size_t utf8_length(const unsigned char *text)
{
	const size_t length = *text < 0x80                        ? 1
	                      : *text >= 0xc2 && *text <= 0xdf    ? 2
	                      : *text >= 0xe0 && *text <= 0xef    ? 3
	                      : *text >= 0xf0 && *text <= 0xf4    ? 4
	                                                          : 0;

	for (size_t i = 1; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* A file's name is any bytes; those that are no text are told as if they were Latin-1. */
static void print_string(FILE *out, const char *string)
{
	const unsigned char *text = (const unsigned char *)string;

	fputc('"', out);
	while (*text) {
		const size_t length = utf8_length(text);

		if (*text < ' ' || *text == '"' || *text == '\\' || *text == 0x7f || !length)
			fprintf(out, "\\u%04x", *text++);
		else
			for (size_t i = 0; i < length; i++)
				fputc(*text++, out);
	}
	fputc('"', out);
}

static void print_json(const struct strict *strict, FILE *out, bool complete)
{
	fprintf(out, "{\"started\": %" PRIu64 ", \"complete\": %s, \"programs\": [",
	        strict->started, complete ? "true" : "false");
	for (size_t i = 0; i < strict->count; i++) {
		const struct program *program = &strict->programs[i];

		fprintf(out, "%s\n {\"path\": ", i ? "," : "");
		print_string(out, program->path);
		for (int call = 0; call < 3; call++)
			fprintf(out, ", \"%s\": %" PRIu64, call_names[call], program->calls[call]);
		fprintf(out, ", \"unattached\": %" PRIu64 "}", program->unattached);
	}
	fprintf(out, "]}\n");
}

static void print_program(const struct program *program, FILE *out)
{
	const char *before = ": ";

	fputs("  ", out);
	for (const char *c = *program->path ? program->path : "others"; *c; c++)
		fputc((unsigned char)*c < ' ' ? '?' : *c, out);
	for (int i = 0; i < 3; i++) {
		if (!program->calls[i])
			continue;
		fprintf(out, "%s%" PRIu64 " %s", before, program->calls[i], call_names[i]);
		before = ", ";
	}
	if (program->unattached)
		fprintf(out, "%s%" PRIu64 " times started with the kernel's own vDSO", before,
		        program->unattached);
	fputc('\n', out);
}

void strict_report(const struct strict *strict, FILE *out, bool json, bool complete)
{
	if (!strict->started)
		return; /* the program was not found: that was told */
	if (json) {
		print_json(strict, out, complete);
	} else {
		fprintf(out, "vdk faketime: programs started: %" PRIu64 "%s; those with the true "
		             "time:%s\n",
		        strict->started, complete ? "" : " so far", strict->count ? "" : " none");
		for (size_t i = 0; i < strict->count; i++)
			print_program(&strict->programs[i], out);
	}
	fflush(out);
}

/* ---- Staying in front -------------------------------------------------------------------- */

static const int passed_on[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};

#define PASSED_ON (sizeof(passed_on) / sizeof(passed_on[0]))

bool strict_fork(struct strict_family *ret)
{
	void (*before)(int);

	sigemptyset(&ret->waited);
	sigaddset(&ret->waited, SIGCHLD);
	for (size_t i = 0; i < PASSED_ON; i++)
		sigaddset(&ret->waited, passed_on[i]);
	/* Where our caller ignores it, a child would vanish without a status. */
	before = signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &ret->waited, &ret->before);
	ret->child = fork();
	if (ret->child > 0)
		return true;
	signal(SIGCHLD, before);
	sigprocmask(SIG_SETMASK, &ret->before, NULL);
	return ret->child == 0;
}

int strict_wait(const struct strict_family *family)
{
	siginfo_t info;
	int status;

	for (;;) {
		const pid_t changed = waitpid(family->child, &status, WNOHANG | WUNTRACED);

		if (changed == family->child && !WIFSTOPPED(status))
			return status;
		if (changed == family->child) {
			raise(SIGSTOP); /* who started us waits for us, and continues maybe only us */
			kill(family->child, SIGCONT);
		} else if (sigwaitinfo(&family->waited, &info) > 0 && info.si_signo != SIGCHLD &&
		         info.si_code != SI_KERNEL) { /* a terminal's have reached it already */
			kill(family->child, info.si_signo);
		}
	}
}

bool strict_wait_for_lock(const struct strict_family *family, int fd)
{
	struct timespec pause = {.tv_nsec = 1000000};
	sigset_t to_end = family->waited;

	sigdelset(&to_end, SIGCHLD);
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK || sigtimedwait(&to_end, NULL, &pause) > 0)
			return false;
		if (pause.tv_nsec < 100000000)
			pause.tv_nsec *= 2;
	}
	return true;
}

int strict_end_like(int status)
{
	const struct rlimit no_core = {0, 0};
	sigset_t none;

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	setrlimit(RLIMIT_CORE, &no_core); /* the program's is there already */
	signal(WTERMSIG(status), SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	raise(WTERMSIG(status));
	return 128 + WTERMSIG(status);
}
