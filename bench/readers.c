/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * readers - what a busy writer costs those who read
 *
 *   vdk run --once --vdso NAME bench/readers [--rounds N] [--cpu N] NAME
 *
 * NAME is a publication of bench/line. A child of this process writes one of its records through
 * the C API, on another CPU, while this process reads the record through the image:
 *
 *   rate24, rate64  the record of 24 bytes, whose sequence and copies share one cache line, and
 *                the one of 64 bytes, which has them in lines of their own, at rates from 1,000 a second to as fast as it goes. Each turn
 *                of a rate directly follows one where the writer writes another record at the same
 *                rate, and is held against that: so what the two CPUs share besides the record
 *                (caches, power, perhaps one core) is in both. "alone" is the writer's pause.
 *   unthrottled  each size of record under a writer that never pauses: how many tries a read
 *                takes, how long, and how many give up (vdk_read() says -EAGAIN then). Every word
 *                of a record is the same number, so each read is also checked for being whole.
 *
 * On one CPU alone reader and writer would only take turns: then nothing is measured.
 */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/record.h>

#include "attached.h"
#include "counter.h"
#include "bench.h"
#include "measure/writer.h"

#define TURN_SECONDS 0.0015 /* of one rate */
#define CURVE_SECONDS 0.3   /* for one size under an unthrottled writer */

static const struct {
	int size;
	const char *record;
} sizes[] = {{8, "packed"},     {24, "packed24"},   {64, "line"},        {256, "size256"},
             {1024, "size1024"}, {4096, "size4096"}, {16384, "size16384"}};
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))
#define ELSEWHERE 0 /* of `sizes`: a record that the rates' readers do not touch */

static struct measure_writer *writer;
static uint64_t buffer[VDK_RECORD_MAX / 8] __attribute__((aligned(64)));

static void start_writer(const char *name, int cpu)
{
	const char *records[SIZES + 1] = {NULL};
	struct vdk_report report = {0};

	for (unsigned i = 0; i < SIZES; i++)
		records[i] = sizes[i].record;
	if (measure_writer_start(name, records, cpu, &writer, &report)) {
		fprintf(stderr, "bench: readers: %s: %s\n", report.object, report.text);
		exit(3);
	}
}

/* Any CPU but the reader's, from those that this process had at its start. */
static int other_cpu(const cpu_set_t *set, int cpu)
{
	const int other = measure_other_cpu(set, cpu);

	if (other < 0) {
		fputs("bench: readers: needs a second CPU for the writer\n", stderr);
		exit(77);
	}
	return other;
}

static const struct rate {
	uint64_t rate;
	const char *name;
} rates[] = {{0, "alone"},      {1000, "1 k"},      {10000, "10 k"},
             {100000, "100 k"}, {1000000, "1 M"},   {2000000, "2 M"},
             {5000000, "5 M"},  {10000000, "10 M"}, {MEASURE_UNTHROTTLED, "unthrottled"}};
#define RATES (sizeof(rates) / sizeof(rates[0]))

struct rate_result {
	struct histogram *batches; /* picoseconds per read in a batch */
	struct histogram *time;    /* picoseconds per read in a turn */
	struct histogram *ratio;   /* of a turn to the one with the writer elsewhere, millionths */
	double updates, seconds;
};

/* One turn of a rate, and before it one with the writer elsewhere. */
static void rate_turn(measure_read *volatile *read, unsigned size, uint64_t rate,
                      struct rate_result *result, struct histogram *apart)
{
	uint64_t quiet, busy, done, begin;

	measure_writer_tell(writer, rate, ELSEWHERE);
	quiet = measure_turn(read, buffer, TURN_SECONDS, apart);
	measure_writer_tell(writer, rate, size);
	done = measure_writer_done(writer);
	begin = counter_ordered();
	busy = measure_turn(read, buffer, TURN_SECONDS, result->batches);
	result->seconds += (double)(counter_ordered() - begin) / measure_frequency();
	done = measure_writer_done(writer) - done;
	result->updates += (double)done;
	histogram_add(result->time, busy);
	if (quiet)
		histogram_add(result->ratio, (uint64_t)((double)busy * 1e6 / (double)quiet));
}

static struct json_object *measure_rates(const struct images *images, unsigned size, const char *symbol,
                                         unsigned rounds)
{
	measure_read *volatile read =
	        (measure_read *)attached_symbol(&images->attached, symbol);
	struct json_object *array = json_object_new_array();
	struct histogram *apart = bench_histogram();
	struct rate_result results[RATES] = {0};

	for (unsigned i = 0; i < RATES; i++) {
		results[i].batches = bench_histogram();
		results[i].time = bench_histogram();
		results[i].ratio = bench_histogram();
	}
	for (unsigned round = 0; round < rounds; round++)
		for (unsigned i = 0; i < RATES; i++)
			rate_turn(&read, size, rates[i].rate, &results[i], apart);
	measure_writer_tell(writer, 0, size);
	for (unsigned i = 0; i < RATES; i++) {
		const struct rate_result *result = &results[i];
		struct json_object *object = json_object_new_object();

		json_object_object_add(object, "name", json_object_new_string(rates[i].name));
		json_object_object_add(
		        object, "updates_per_s",
		        json_object_new_int64((int64_t)(result->updates / result->seconds)));
		json_object_object_add(object, "ns", measure_histogram_json(result->time, 1e-3));
		json_object_object_add(object, "batch_ns",
		                       measure_histogram_json(result->batches, 1e-3));
		json_object_object_add(object, "ratio",
		                       measure_histogram_json(result->ratio, 1e-6));
		json_object_array_add(array, object);
	}
	return array;
}

/* One size under a writer that never pauses. */
static struct json_object *measure_curve(const struct images *images, unsigned size)
{
	struct histogram *tries = bench_histogram(), *time = bench_histogram();
	struct json_object *object = json_object_new_object();
	const double frequency = measure_frequency();
	uint64_t gave_up = 0, torn = 0, done, start, now;
	measure_read *volatile read;
	char symbol[32];

	snprintf(symbol, sizeof(symbol), "__vdso_line_tries%d", sizes[size].size);
	read = (measure_read *)attached_symbol(&images->attached, symbol);
	measure_writer_tell(writer, MEASURE_UNTHROTTLED, size);
	done = measure_writer_done(writer);
	start = now = counter_ordered();
	while (now < start + (uint64_t)(CURVE_SECONDS * frequency)) {
		const uint64_t begin = counter_begin();
		const int result = read(buffer);

		now = counter_end();
		histogram_add(time, (uint64_t)((double)(now - begin) * 1e9 / frequency));
		if (result < 0) {
			gave_up++;
			continue;
		}
		histogram_add(tries, (uint64_t)result);
		for (int i = 1; i < sizes[size].size / 8; i++)
			torn += buffer[i] != buffer[0];
	}
	done = measure_writer_done(writer) - done;
	measure_writer_tell(writer, 0, size);
	json_object_object_add(object, "size", json_object_new_int(sizes[size].size));
	json_object_object_add(object, "updates_per_s",
	                       json_object_new_int64((int64_t)((double)done / CURVE_SECONDS)));
	json_object_object_add(object, "reads", json_object_new_uint64(time->count));
	json_object_object_add(object, "gave_up", json_object_new_uint64(gave_up));
	json_object_object_add(object, "torn", json_object_new_uint64(torn));
	json_object_object_add(object, "tries", measure_histogram_json(tries, 1));
	json_object_object_add(object, "ns", measure_histogram_json(time, 1));
	free(tries);
	free(time);
	return object;
}

static void measure(const char *name, unsigned rounds, int cpu)
{
	struct json_object *results = json_object_new_object();
	struct json_object *curve = json_object_new_array();
	struct images images;
	cpu_set_t allowed;

	attached_open(&images);
	if (sched_getaffinity(0, sizeof(allowed), &allowed)) {
		perror("bench: readers: sched_getaffinity");
		exit(3);
	}
	cpu = bench_pin(cpu);
	start_writer(name, other_cpu(&allowed, cpu));
	json_object_object_add(results, "cpu", json_object_new_int(cpu));
	json_object_object_add(results, "rate24",
	                       measure_rates(&images, 1, "__vdso_line_copy24", rounds));
	json_object_object_add(results, "rate64",
	                       measure_rates(&images, 2, "__vdso_line_copy64", rounds));
	for (unsigned i = 0; i < SIZES; i++)
		json_object_array_add(curve, measure_curve(&images, i));
	json_object_object_add(results, "unthrottled", curve);
	measure_writer_stop(writer);
	bench_print(results);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	        {"rounds", required_argument, NULL, 'r'},
	        {"cpu", required_argument, NULL, 'c'},
	        {0},
	};
	unsigned rounds = 100;
	int option, cpu = -1;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'r')
			rounds = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'c')
			cpu = atoi(optarg);
		else
			return 2;
	}
	if (optind + 1 != argc) {
		fputs("usage: readers [--rounds N] [--cpu N] NAME\n", stderr);
		return 2;
	}
	measure(argv[optind], rounds, cpu);
	return 0;
}
