/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * steady MS CLOCK... - read clocks from two threads; complain when one runs backwards
 *
 * Each thread also looks at what the other one saw last: a value that was published before its own
 * reading began must not be larger than that. For so many ms of true time.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CLOCKS_MAX 8

static int clocks[CLOCKS_MAX], clock_count;
static int64_t highest[CLOCKS_MAX];
static int64_t end;
static int backwards;

static int64_t true_ms(void)
{
	struct timespec now;

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void *watch(void *unused)
{
	while (true_ms() < end)
		for (int i = 0; i < 100 * clock_count; i++) {
			int64_t *seen = &highest[i % clock_count];
			const int64_t before = __atomic_load_n(seen, __ATOMIC_ACQUIRE);
			struct timespec time;
			int64_t now, old = before;

			clock_gettime(clocks[i % clock_count], &time);
			now = time.tv_sec * 1000000000 + time.tv_nsec;
			if (now < before)
				__atomic_add_fetch(&backwards, 1, __ATOMIC_RELAXED);
			while (now > old &&
			       !__atomic_compare_exchange_n(seen, &old, now, 0, __ATOMIC_RELEASE,
			                                    __ATOMIC_RELAXED))
				;
		}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t other;

	end = true_ms() + (argc > 1 ? atoi(argv[1]) : 0);
	for (int i = 2; i < argc && clock_count < CLOCKS_MAX; i++)
		clocks[clock_count++] = atoi(argv[i]);
	if (!clock_count || pthread_create(&other, NULL, watch, NULL))
		return 2;
	watch(NULL);
	pthread_join(other, NULL);
	printf("backwards %d\n", backwards);
	return backwards != 0;
}
