/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * steps PROCESSES THREADS QUESTIONS [scribble] - many ask for the time of a tree that steps 1 s
 *
 * Processes are forked, threads are theirs, and each asks so many times, by each function in turn.
 * Prints "distinct" when nobody saw the time of anybody else, every one saw its own grow, and "from
 * FIRST to LAST". With `scribble` a process writes whatever it likes over the tree's state
 * meanwhile: then it is enough that every answer is a time.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <vdk/format.h>

static int questions;
static int64_t *seen; /* shared; each thread has a stretch */

static int64_t ask(int which, int64_t *ret_ns)
{
	struct timespec now = {-1, -1};
	struct timeval day = {-1, -1};

	*ret_ns = 0;
	switch (which % 3) {
	case 0:
		clock_gettime(CLOCK_REALTIME, &now);
		*ret_ns = now.tv_nsec;
		return now.tv_sec;
	case 1:
		gettimeofday(&day, NULL);
		*ret_ns = (int64_t)day.tv_usec * 1000;
		return day.tv_sec;
	default:
		return time(NULL);
	}
}

static void *thread(void *argument)
{
	int64_t *mine = argument, ns;

	for (int i = 0; i < questions; i++) {
		mine[i] = ask(i, &ns);
		if (ns < 0 || ns > 999999999)
			exit(1);
	}
	return NULL;
}

static _Noreturn void process(int64_t *mine, int threads)
{
	pthread_t all[64];

	for (int i = 0; i < threads; i++)
		if (pthread_create(&all[i], NULL, thread, mine + (size_t)i * (size_t)questions))
			exit(1);
	for (int i = 0; i < threads; i++)
		pthread_join(all[i], NULL);
	_exit(0);
}

/* The attached image knows where it lies: the process page is before the page before the image. */
static int64_t *state(void)
{
	const uintptr_t image = getauxval(AT_SYSINFO_EHDR);

	for (uintptr_t at = image - 4096; at > image - 64 * 4096; at -= 4096) {
		const struct vdk_process_page *page = (const struct vdk_process_page *)at;

		if (!memcmp(page->magic, VDK_PROCESS_MAGIC, 8))
			return (int64_t *)(uintptr_t)page->state;
	}
	return NULL;
}

static _Noreturn void scribble(void)
{
	static const int64_t values[] = {0, INT64_MAX, INT64_MIN, -1, INT64_MAX - 5, 1, INT64_MIN + 1};
	int64_t *const sum = state();

	if (!sum)
		_exit(1);
	for (size_t i = 0;; i++)
		__atomic_store_n(sum, values[i % 7] ^ (int64_t)(i * 0x9e3779b97f4a7c15), __ATOMIC_RELAXED);
}

static int compare(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	const int processes = argc > 3 ? atoi(argv[1]) : 0, threads = argc > 3 ? atoi(argv[2]) : 0;
	const int all = processes * threads;
	pid_t scribbler = 0;
	int status, failed = 0;
	size_t count;

	questions = argc > 3 ? atoi(argv[3]) : 0;
	if (!all || !questions || threads > 64)
		return 2;
	count = (size_t)all * (size_t)questions;
	seen = mmap(NULL, count * sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	            -1, 0);
	if (seen == MAP_FAILED)
		return 3;
	if (argc > 4 && !(scribbler = fork()))
		scribble();
	for (int i = 0; i < processes; i++)
		if (!fork())
			process(seen + (size_t)i * (size_t)threads * (size_t)questions, threads);
	for (int i = 0; i < processes; i++) {
		wait(&status);
		failed += status != 0;
	}
	if (scribbler) {
		kill(scribbler, SIGKILL);
		puts(failed ? "no time at all" : "every answer was a time");
		return failed != 0;
	}
	for (int i = 0; i < all; i++)
		for (int j = 1; j < questions; j++)
			failed += seen[i * questions + j] <= seen[i * questions + j - 1];
	qsort(seen, count, sizeof(*seen), compare);
	for (size_t i = 1; i < count; i++)
		failed += seen[i] == seen[i - 1];
	printf("%s, from %lld to %lld\n", failed ? "confused" : "distinct", (long long)seen[0],
	       (long long)seen[count - 1]);
	return failed != 0;
}
