/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vsyscall [--rounds N] COMMAND... - calls of the vsyscall page beside an ordinary ptrace stop
 *
 * COMMAND runs a program in the way to be measured, for instance `vdk run --vsyscall=emulate`; it is
 * given this program and the word `calls`. The stop beside it is the least that there is: a
 * breakpoint, of which the tracer learns by waitpid(2), and lets go on by PTRACE_CONT. Both take
 * turns, a batch each, and each batch is timed by the process that makes the calls. Prints JSON; a
 * ratio is the median of pairs, and the best ratio that of the fastest batches, which neighbours
 * on the machine spare.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BATCH 8 /* shorter than what a busy host takes a CPU away for */
#define ROUNDS_MAX 10000

/* One who does a batch when asked for it by a letter, and answers with its time in ns. */
struct worker {
	int ask, answer;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static long call(unsigned long entry, void *a)
{
	long result;

	__asm__ volatile("call *%[entry]"
	                 : "=a"(result)
	                 : [entry] "r"(entry), "D"(a), "S"(0L)
	                 : "rcx", "rdx", "r11", "memory");
	return result;
}

static void one(char kind)
{
	struct timeval tv;
	unsigned cpu;

	switch (kind) {
	case 's':
		__asm__ volatile("int3");
		break;
	case 'g':
		call(0xffffffffff600000, &tv);
		break;
	case 't':
		call(0xffffffffff600400, NULL);
		break;
	case 'c':
		call(0xffffffffff600800, &cpu);
		break;
	}
}

/* On standard input and output, which both kinds of worker have. */
static void serve(void)
{
	char kind;

	while (read(0, &kind, 1) == 1) {
		const uint64_t begin = now_ns();
		uint64_t time;

		for (int i = 0; i < BATCH; i++)
			one(kind);
		time = now_ns() - begin;
		if (write(1, &time, sizeof(time)) != sizeof(time))
			exit(1);
	}
	exit(0);
}

/* Fork, with the worker's two pipes as the child's standard input and output. */
static pid_t start(struct worker *worker)
{
	int there[2], back[2];
	pid_t child;

	if (pipe2(there, O_CLOEXEC) || pipe2(back, O_CLOEXEC))
		exit(3);
	child = fork();
	if (child < 0)
		exit(3);
	if (!child) {
		dup2(there[0], 0);
		dup2(back[1], 1);
		/* Above all the end that would keep its own reading end from ending. */
		for (int i = 0; i < 2; i++) {
			close(there[i]);
			close(back[i]);
		}
		return 0;
	}
	close(there[0]);
	close(back[1]);
	*worker = (struct worker){.ask = there[1], .answer = back[0]};
	return child;
}

/* The ordinary stop: a tracer that does nothing but let go on. */
__attribute__((noreturn)) static void be_traced(void)
{
	const pid_t child = fork();
	int status;

	if (!child) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		serve();
	}
	/* The ends of the pipes are the child's; ours would keep it from ending. */
	close(0);
	close(1);
	while (waitpid(-1, &status, __WALL) > 0)
		if (WIFSTOPPED(status))
			ptrace(PTRACE_CONT, child, 0, 0);
	exit(0);
}

/* One call's time, ns; negative when the worker is gone. */
static double ask(const struct worker *worker, char kind)
{
	uint64_t time;

	if (write(worker->ask, &kind, 1) != 1 ||
	    read(worker->answer, &time, sizeof(time)) != sizeof(time))
		return -1;
	return (double)time / BATCH;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, unsigned count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}

static double stops[ROUNDS_MAX], calls[ROUNDS_MAX], ratios[ROUNDS_MAX];

static int measure(const struct worker *stopped, const struct worker *called, char kind,
                   const char *name, unsigned rounds, const char *before)
{
	for (unsigned i = 0; i < rounds + rounds / 10; i++) {
		const unsigned at = i % rounds; /* the first ones, the warm-up, are written over */

		stops[at] = ask(stopped, 's');
		calls[at] = ask(called, kind);
		if (stops[at] < 0 || calls[at] < 0)
			return 1;
		ratios[at] = calls[at] / stops[at];
	}
	printf("%s{\"name\": \"%s\", \"ns\": %.0f, \"stop_ns\": %.0f, \"ratio\": %.3f, ", before, name,
	       median(calls, rounds), median(stops, rounds), median(ratios, rounds));
	/* Now they are sorted. */
	printf("\"best_ratio\": %.3f}", calls[0] / stops[0]);
	return 0;
}

int main(int argc, char **argv)
{
	static char self[] = "/proc/self/exe", word[] = "calls";
	struct worker stopped, called;
	unsigned rounds = 200;
	char **command;
	int at = 1, failed;

	if (argc > 1 && !strcmp(argv[argc - 1], "calls"))
		serve();
	if (argc > 3 && !strcmp(argv[1], "--rounds")) {
		rounds = (unsigned)strtoul(argv[2], NULL, 10);
		at = 3;
	}
	if (argc <= at || rounds < 10 || rounds > ROUNDS_MAX)
		return 2;
	command = calloc((size_t)argc + 2, sizeof(*command));
	if (!command)
		return 3;
	for (int i = at; i < argc; i++)
		command[i - at] = argv[i];
	command[argc - at] = realpath(self, NULL);
	command[argc - at + 1] = word;

	signal(SIGPIPE, SIG_IGN);
	if (!start(&stopped))
		be_traced();
	if (!start(&called)) {
		close(stopped.ask);
		close(stopped.answer);
		execvp(command[0], command);
		return 3;
	}
	failed = measure(&stopped, &called, 'g', "gettimeofday", rounds, "{\"calls\": [") ||
	         measure(&stopped, &called, 't', "time", rounds, ",\n") ||
	         measure(&stopped, &called, 'c', "getcpu", rounds, ",\n");
	if (failed)
		return 1;
	puts("]}");
	return 0;
}
