/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "measure.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "counter.h"

#define CALIBRATION_NS 50000000
#define CALLS_MAX 4096
#define SHAPE_POINTS 400 /* of a histogram in JSON; neighbours are put together beyond that */

/* Ticks from counter_begin() to counter_end() around nothing; subtracted from each batch. */
static uint64_t timing_ticks;

int measure_pin(int cpu)
{
	cpu_set_t set;

	if (cpu < 0) {
		if (sched_getaffinity(0, sizeof(set), &set)) {
			perror("bench: sched_getaffinity");
			exit(3);
		}
		for (int i = 0; i < CPU_SETSIZE; i++)
			if (CPU_ISSET(i, &set))
				cpu = i;
	}
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		fprintf(stderr, "bench: cannot run on CPU %d alone: %m\n", cpu);
		exit(3);
	}
	return cpu;
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

static void find_timing_ticks(void)
{
	struct histogram *histogram = histogram_new();

	for (int i = 0; i < 20000; i++) {
		const uint64_t begin = counter_begin();
		const uint64_t end = counter_end();

		histogram_add(histogram, end - begin);
	}
	timing_ticks = histogram_at(histogram, 0.5);
	free(histogram);
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

/* As many calls as take about BATCH_NS. */
static void choose_calls(struct subject *subject)
{
	const double wanted = BATCH_NS * measure_frequency() / 1e9;
	struct histogram *histogram = histogram_new();
	double ticks;

	subject->calls = 64;
	for (int i = 0; i < 50; i++)
		histogram_add(histogram, batch(subject));
	ticks = (double)histogram_at(histogram, 0.5) / subject->calls;
	free(histogram);
	subject->calls = ticks * CALLS_MAX < wanted ? CALLS_MAX : (uint32_t)(wanted / ticks);
	if (subject->calls == 0)
		subject->calls = 1;
}

static void prepare(struct subject *subjects, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct subject *subject = &subjects[i];

		if (!subject->calls)
			choose_calls(subject);
		subject->time = histogram_new();
		subject->base_index = -1;
		for (unsigned j = 0; j < count && subject->base; j++)
			if (!strcmp(subjects[j].group, subject->group) &&
			    !strcmp(subjects[j].name, subject->base))
				subject->base_index = (int)j;
		if (subject->base_index >= 0)
			subject->ratio = histogram_new();
	}
}

static void round_of(struct subject *subjects, unsigned count, unsigned number, int keep)
{
	const double picoseconds = 1e12 / measure_frequency();

	for (unsigned i = 0; i < count; i++) {
		struct subject *subject = &subjects[number & 1 ? count - 1 - i : i];

		subject->last = (uint64_t)((double)batch(subject) * picoseconds / subject->calls);
	}
	if (!keep)
		return;
	for (unsigned i = 0; i < count; i++) {
		struct subject *subject = &subjects[i];

		histogram_add(subject->time, subject->last);
		if (subject->ratio && subjects[subject->base_index].last)
			histogram_add(subject->ratio,
			              (uint64_t)((double)subject->last * 1e6 /
			                         (double)subjects[subject->base_index].last));
	}
}

void measure_rounds(struct subject *subjects, unsigned count, unsigned rounds)
{
	measure_frequency();
	find_timing_ticks();
	prepare(subjects, count);
	for (unsigned i = 0; i < rounds / 10; i++)
		round_of(subjects, count, i, 0);
	for (unsigned i = 0; i < rounds; i++)
		round_of(subjects, count, i, 1);
}

/* ---- JSON -------------------------------------------------------------------------------- */

static void add_number(struct json_object *object, const char *key, double value)
{
	char text[40];

	snprintf(text, sizeof(text), "%.6g", value);
	json_object_object_add(object, key, json_object_new_double_s(value, text));
}

/* [[value, count], ...] up to p99.9, with at most SHAPE_POINTS points. */
static struct json_object *shape(const struct histogram *histogram, double scale)
{
	struct json_object *points = json_object_new_array();
	const uint64_t last = histogram_at(histogram, 0.999);
	unsigned used = 0, together;
	uint64_t sum = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS && histogram_bucket_low(i) <= last; i++)
		used += histogram->bucket[i] != 0;
	together = 1 + used / SHAPE_POINTS;
	used = 0;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS && histogram_bucket_low(i) <= last; i++) {
		struct json_object *point;
		char text[40];

		if (!histogram->bucket[i])
			continue;
		sum += histogram->bucket[i];
		if (++used % together)
			continue;
		point = json_object_new_array();
		snprintf(text, sizeof(text), "%.6g", (double)histogram_bucket_low(i) * scale);
		json_object_array_add(
		        point, json_object_new_double_s((double)histogram_bucket_low(i) * scale, text));
		json_object_array_add(point, json_object_new_uint64(sum));
		json_object_array_add(points, point);
		sum = 0;
	}
	return points;
}

struct json_object *measure_histogram_json(const struct histogram *histogram, double scale)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "count", json_object_new_uint64(histogram->count));
	if (!histogram->count)
		return object;
	add_number(object, "min", (double)histogram->min * scale);
	add_number(object, "median", (double)histogram_at(histogram, 0.5) * scale);
	add_number(object, "p99", (double)histogram_at(histogram, 0.99) * scale);
	add_number(object, "p999", (double)histogram_at(histogram, 0.999) * scale);
	add_number(object, "max", (double)histogram->max * scale);
	add_number(object, "mean", (double)histogram->sum * scale / (double)histogram->count);
	json_object_object_add(object, "shape", shape(histogram, scale));
	return object;
}

struct json_object *measure_json(const struct subject *subjects, unsigned count)
{
	struct json_object *array = json_object_new_array();

	for (unsigned i = 0; i < count; i++) {
		const struct subject *subject = &subjects[i];
		struct json_object *object = json_object_new_object();

		json_object_object_add(object, "group", json_object_new_string(subject->group));
		json_object_object_add(object, "name", json_object_new_string(subject->name));
		json_object_object_add(object, "calls", json_object_new_int64(subject->calls));
		json_object_object_add(object, "ns", measure_histogram_json(subject->time, 1e-3));
		if (subject->ratio) {
			json_object_object_add(object, "base",
			                       json_object_new_string(subject->base));
			add_number(object, "ratio",
			           (double)histogram_at(subject->ratio, 0.5) * 1e-6);
			add_number(object, "ratio_p25",
			           (double)histogram_at(subject->ratio, 0.25) * 1e-6);
			add_number(object, "ratio_p75",
			           (double)histogram_at(subject->ratio, 0.75) * 1e-6);
		}
		json_object_array_add(array, object);
	}
	return array;
}

void measure_print(struct json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
	                                                    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}
