/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * order: a clock does not go back. Threads on all CPUs look at the highest answer that anybody
 * has published, ask, and expect no less. What was published before a thread began to ask was
 * answered before, so this holds for every pair of reads that did not overlap.
 */
#include "verify.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define THREADS_MAX 8
#define BATCH 64

struct race {
	const struct verify *verify;
	const struct verify_function *function;
	const struct vdk_reference *question;
	int64_t until;
	_Atomic int64_t highest;
	_Atomic uint64_t count;
	_Atomic int backwards;
	int64_t before, answer; /* of the thread that set `backwards` first */
};

struct runner {
	struct race *race;
	int cpu;
	pthread_t thread;
};

static void *run(void *data)
{
	const struct runner *runner = data;
	struct race *race = runner->race;
	uint64_t count = 0;

	verify_pin(runner->cpu);
	do {
		for (int i = 0; i < BATCH; i++, count++) {
			/* Acquire: the function's loads stay behind it. */
			int64_t seen = atomic_load_explicit(&race->highest, memory_order_acquire);
			const int64_t answer = race->question->ask(race->question,
			                                           race->function->address);

			if (answer < seen) {
				if (!atomic_fetch_add(&race->backwards, 1)) {
					race->before = seen;
					race->answer = answer;
				}
				break;
			}
			/* Release: published only when it has been answered. */
			while (seen < answer &&
			       !atomic_compare_exchange_weak_explicit(&race->highest, &seen, answer,
			                                              memory_order_release,
			                                              memory_order_relaxed))
				;
		}
	} while (!atomic_load_explicit(&race->backwards, memory_order_relaxed) &&
	         verify_now() < race->until);
	atomic_fetch_add(&race->count, count);
	return NULL;
}

/* Two threads at least: on one CPU they take turns. Return: false: none could be started. */
static bool run_all(struct race *race, int *ret_threads)
{
	struct runner runners[THREADS_MAX];
	const int cpus = race->verify->cpu_count;
	int wanted = cpus < 2 ? 2 : cpus, started = 0;

	wanted = wanted > THREADS_MAX ? THREADS_MAX : wanted;
	for (; started < wanted; started++) {
		runners[started] = (struct runner){race, race->verify->cpus[started % cpus], 0};
		if (pthread_create(&runners[started].thread, NULL, run, &runners[started]))
			break;
	}
	for (int i = 0; i < started; i++)
		pthread_join(runners[i].thread, NULL);
	*ret_threads = started;
	return started > 1;
}

static size_t rising(const struct verify_function *function)
{
	size_t count = 0;

	for (size_t i = 0; i < function->question_count; i++)
		count += (function->questions[i]->flags & VDK_REFERENCE_RISES) != 0;
	return count;
}

static bool look(const struct verify *verify, const struct verify_function *function,
                 const struct vdk_reference *question, int64_t ns, uint64_t *count, int *threads,
                 struct verify_result *result)
{
	struct race race = {.verify = verify, .function = function, .question = question};
	const int64_t date = verify_date();

	race.until = verify_now() + ns;
	atomic_store(&race.highest, INT64_MIN);
	if (!run_all(&race, threads)) {
		verify_say(result, VERIFY_SKIP, "no threads: %s", strerror(errno));
		return false;
	}
	*count += race.count;
	if (!race.backwards)
		return true;
	if (verify_date_was_set(date))
		verify_say(result, VERIFY_SKIP, "%.100s: the date was set meanwhile",
		           question->question);
	else
		verify_say(result, VERIFY_FAIL,
		           "%.100s: %" PRId64 " after %" PRId64 ": back by %" PRIu64,
		           question->question, race.answer, race.before,
		           verify_distance(race.answer, race.before));
	return false;
}

static void check(const struct verify *verify, const struct verify_function *function, int64_t ns,
                  struct verify_result *result)
{
	const size_t clocks = rising(function);
	char questions[64];
	uint64_t count = 0;
	int threads = 0;

	for (size_t i = 0; i < function->question_count; i++)
		if (function->questions[i]->flags & VDK_REFERENCE_RISES &&
		    !look(verify, function, function->questions[i], ns / (int64_t)clocks, &count,
		          &threads, result))
			return;
	verify_say(result, VERIFY_OK, "%s, %d threads, %" PRIu64 " reads, none backwards",
	           verify_count(clocks, "question", questions, sizeof(questions)), threads, count);
}

static bool applies(const struct verify_function *function)
{
	return rising(function) > 0;
}

const struct verify_property verify_order = {
	"order", "a clock never goes back, whichever thread asks", true, applies, check};
