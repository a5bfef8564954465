/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* threads - 16 threads that all read the clocks while others begin and end; each tells the date. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define THREADS 16

static void *short_one(void *unused)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return NULL;
}

static void *reader(void *ret_seconds)
{
	struct timespec now, last = { 0, 0 };
	pthread_t other;

	for (int i = 0; i < 20000; i++) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec < last.tv_sec ||
		    (now.tv_sec == last.tv_sec && now.tv_nsec < last.tv_nsec))
			return "backward";
		last = now;
		if (i % 1000 == 0 && pthread_create(&other, NULL, short_one, NULL) == 0)
			pthread_join(other, NULL);
	}
	clock_gettime(CLOCK_REALTIME, &now);
	*(int64_t *)ret_seconds = now.tv_sec;
	return NULL;
}

int main(void)
{
	pthread_t threads[THREADS];
	int64_t seconds[THREADS];
	void *problem;

	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, reader, &seconds[i]);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &problem);
		if (problem)
			printf("thread %d: %s\n", i, (const char *)problem);
		else
			printf("time thread%d %lld\n", i, (long long)seconds[i]);
	}
	return 0;
}
