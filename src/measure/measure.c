/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "measure/measure.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "counter.h"

#define CALIBRATION_NS 50000000
#define CALLS_MAX 4096
#define PROGRESS_PER_SECOND 8

/* Ticks from counter_begin() to counter_end() around nothing; subtracted from each batch. */
static uint64_t timing_ticks;

int measure_pin(int cpu)
{
	cpu_set_t set;

	if (cpu < 0) {
		if (sched_getaffinity(0, sizeof(set), &set))
			return -errno;
		for (int i = 0; i < CPU_SETSIZE; i++)
			if (CPU_ISSET(i, &set))
				cpu = i;
	}
	if (cpu < 0 || cpu >= CPU_SETSIZE)
		return -EINVAL;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : cpu;
}

bool measure_possible(void)
{
	return counter_supported();
}

static int64_t raw_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

double measure_frequency(void)
{
	static double frequency;
	int64_t begin, end;
	uint64_t first, last;

	if (frequency > 0)
		return frequency;
	begin = raw_ns();
	first = counter_ordered();
	do
		end = raw_ns();
	while (end - begin < CALIBRATION_NS);
	last = counter_ordered();
	frequency = (double)(last - first) * 1e9 / (double)(end - begin);
	return frequency;
}

double measure_timing_ns(void)
{
	return (double)timing_ticks * 1e9 / measure_frequency();
}

static int find_timing_ticks(void)
{
	struct histogram *histogram = histogram_new();

	if (!histogram)
		return -ENOMEM;
	for (int i = 0; i < 20000; i++) {
		const uint64_t begin = counter_begin();
		const uint64_t end = counter_end();

		histogram_add(histogram, end - begin);
	}
	timing_ticks = histogram_at(histogram, 0.5);
	free(histogram);
	return 0;
}

/* Ticks of one batch. Some calls before it teach the branch predictor this subject again. */
static uint64_t batch(const struct subject *subject)
{
	uint64_t begin, end;

	subject->run(subject, 8);
	begin = counter_begin();
	subject->run(subject, subject->calls);
	end = counter_end();
	return end - begin > timing_ticks ? end - begin - timing_ticks : 0;
}

static int ascending(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* As many calls as take about BATCH_NS. */
static void choose_calls(struct subject *subject)
{
	const double wanted = BATCH_NS * measure_frequency() / 1e9;
	uint64_t tries[51];
	double ticks;

	subject->calls = 1;
	ticks = (double)batch(subject);
	subject->calls = ticks > 4 * wanted ? 1 : 64;
	for (unsigned i = 0; i < 51; i++) {
		tries[i] = batch(subject);
		if (subject->calls == 1) /* a slow one: no need to know better */
			break;
	}
	if (subject->calls == 1)
		return;
	qsort(tries, 51, sizeof(tries[0]), ascending);
	ticks = (double)tries[25] / subject->calls;
	subject->calls = ticks * CALLS_MAX < wanted ? CALLS_MAX : (uint32_t)(wanted / ticks);
	if (subject->calls == 0)
		subject->calls = 1;
}

static int prepare(struct subject *subjects, unsigned count, const struct measure_plan *plan)
{
	for (unsigned i = 0; i < count; i++) {
		struct subject *subject = &subjects[i];

		if (!subject->calls)
			choose_calls(subject);
		subject->time = histogram_new();
		if (plan->keep_rounds)
			subject->rounds = calloc(plan->rounds, sizeof(*subject->rounds));
		subject->base_index = -1;
		for (unsigned j = 0; j < count && subject->base; j++)
			if (!strcmp(subjects[j].group, subject->group) &&
			    !strcmp(subjects[j].name, subject->base))
				subject->base_index = (int)j;
		if (subject->base_index >= 0)
			subject->ratio = histogram_new();
		if (!subject->time || (plan->keep_rounds && !subject->rounds) ||
		    (subject->base_index >= 0 && !subject->ratio))
			return -ENOMEM;
	}
	return 0;
}

static void measure_round(struct subject *subjects, unsigned count, unsigned number)
{
	const double picoseconds = 1e12 / measure_frequency();

	for (unsigned i = 0; i < count; i++) {
		struct subject *subject = &subjects[number & 1 ? count - 1 - i : i];

		subject->last = (uint64_t)((double)batch(subject) * picoseconds / subject->calls);
	}
}

static void keep_round(struct subject *subjects, unsigned count, unsigned number)
{
	for (unsigned i = 0; i < count; i++) {
		struct subject *subject = &subjects[i];

		histogram_add(subject->time, subject->last);
		if (subject->rounds)
			subject->rounds[number] = subject->last;
		if (subject->ratio && subjects[subject->base_index].last)
			histogram_add(subject->ratio,
			              (uint64_t)((double)subject->last * 1e6 /
			                         (double)subjects[subject->base_index].last));
	}
}

/* What a plan's time and progress are reckoned from, in ticks. */
struct pace {
	const struct measure_plan *plan;
	uint64_t begin, told;
	unsigned all; /* rounds, with those that warm up */
};

/*
 * Tell how far we are. Return: is there time for more, of @part of the plan's? By rounds or by time,
 * whichever ends first.
 */
static bool go_on(struct pace *pace, unsigned done, double part)
{
	const struct measure_plan *plan = pace->plan;
	const double frequency = measure_frequency();
	uint64_t now;
	double share, spent;

	if (!plan->progress && plan->seconds <= 0)
		return true;
	now = counter_ordered();
	spent = (double)(now - pace->begin) / frequency;
	share = (double)done / pace->all;
	if (plan->seconds > 0 && spent / plan->seconds > share)
		share = spent / plan->seconds;
	if (plan->progress && (double)(now - pace->told) * PROGRESS_PER_SECOND > frequency) {
		plan->progress(plan->context, share < 1 ? share : 1);
		pace->told = now;
	}
	return plan->seconds <= 0 || spent < part * plan->seconds;
}

int measure_rounds(struct subject *subjects, unsigned count, const struct measure_plan *plan)
{
	const unsigned warm = plan->rounds / 10;
	struct pace pace = {.plan = plan, .all = plan->rounds + warm};
	unsigned done = 0;
	int error;

	measure_frequency();
	pace.begin = pace.told = counter_ordered();
	error = find_timing_ticks();
	if (!error)
		error = prepare(subjects, count, plan);
	if (error)
		return error;
	for (unsigned i = 0; i < warm && go_on(&pace, i, 0.1); i++)
		measure_round(subjects, count, i);
	while (done < plan->rounds &&
	       (go_on(&pace, warm + done, 1) || done < MEASURE_ROUNDS_MIN)) {
		measure_round(subjects, count, done);
		keep_round(subjects, count, done++);
	}
	return (int)done;
}

void measure_release(struct subject *subjects, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		free(subjects[i].time);
		free(subjects[i].ratio);
		free(subjects[i].rounds);
		subjects[i].time = subjects[i].ratio = NULL;
		subjects[i].rounds = NULL;
	}
}
