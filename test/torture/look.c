/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program that looks at `sample` by the attached image's function until SIGTERM, as programs do:
 * in bursts, with rests.
 *
 *   vdk run --vdso sample -- look
 *
 * Says "looks" when it begins and "looked N (N without an answer), last N" in the end. Exit: 0 each
 * value was of one update and none older than the one before; 1 not so; 2 no such image.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <vdk/lookup.h>

#include "../page/sample.h"

#define BURST 500

static volatile sig_atomic_t ended;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

int main(void)
{
	int (*const now)(struct pair *) =
	        (int (*)(struct pair *))vdk_lookup("__vdso_sample_pair", "LINUX_2.6");
	const struct timespec rest = {.tv_nsec = 5000000};
	uint64_t looked = 0, unanswered = 0, last = 0, torn = 0, backwards = 0;

	if (!now)
		return 2;
	signal(SIGTERM, end);
	puts("looks");
	fflush(stdout);
	while (!ended) {
		struct pair pair;

		for (int i = 0; i < BURST; i++, looked++) {
			const int error = now(&pair);

			/* Never written is an answer only as long as nothing was seen. */
			if (error == -EAGAIN || (error == -ENODATA && !last)) {
				unanswered++;
				continue;
			}
			torn += error || !pair_holds(&pair);
			backwards += pair.count < last;
			last = pair.count;
		}
		nanosleep(&rest, NULL);
	}
	printf("looked %llu (%llu without an answer), last %llu\n", (unsigned long long)looked,
	       (unsigned long long)unanswered, (unsigned long long)last);
	if (torn || backwards)
		printf("torn %llu, backwards %llu\n", (unsigned long long)torn,
		       (unsigned long long)backwards);
	return torn || backwards;
}
