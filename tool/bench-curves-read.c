/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The cost curves of reading, in a process that has the image of bench-curves.c attached. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base/cleanup.h"
#include "bench-curves.h"
#include "measure/writer.h"
#include "vdk.h"

#define VALUES_MAX 4096u
#define PROCESSES_MAX 200u
#define TURN_SECONDS 0.0015 /* of one rate of updates */

typedef int read_at(uint64_t at);

static read_at *volatile read_record;

static int ascending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct json_object *bench_curve(const char *name, const char *title, const char *x, const char *y,
                                bool log_x, const char *note)
{
	struct json_object *curve = json_object_new_object();

	json_object_object_add(curve, "name", json_object_new_string(name));
	json_object_object_add(curve, "title", json_object_new_string(title));
	json_object_object_add(curve, "x", json_object_new_string(x));
	json_object_object_add(curve, "y", json_object_new_string(y));
	json_object_object_add(curve, "log_x", json_object_new_boolean(log_x));
	json_object_object_add(curve, "note", json_object_new_string(""));
	if (*note)
		json_object_object_add(curve, "note", bench_text_json(note));
	json_object_object_add(curve, "points", json_object_new_array());
	return curve;
}

void bench_curve_point(struct json_object *curve, double x, double *values, unsigned int count)
{
	struct json_object *point = json_object_new_object();
	const unsigned int cut = count / 20;

	if (!count)
		return;
	qsort(values, count, sizeof(*values), ascending);
	json_object_object_add(point, "x", measure_number_json(x));
	json_object_object_add(point, "median", measure_number_json(values[count / 2]));
	json_object_object_add(point, "low", measure_number_json(values[cut]));
	json_object_object_add(point, "high", measure_number_json(values[count - 1 - cut]));
	json_object_array_add(json_object_object_get(curve, "points"), point);
}

/* ---- Against records ------------------------------------------------------------------------- */

/*
 * Reads go from record to record; `argument` is how many there are, a power of two. The order is
 * that of a linear congruential generator with full period: one that no prefetcher foresees.
 */
static __attribute__((noinline)) void run_records(const struct subject *subject, uint32_t calls)
{
	const uint64_t mask = (uint64_t)subject->argument - 1;
	static uint64_t at;

	for (; calls; calls--) {
		at = (5 * at + 1) & mask;
		read_record(at);
		__asm__ volatile("" ::: "memory");
	}
}

static void progress(void *context, double share)
{
	bench_progress(context, share);
}

/* Picoseconds of rounds become ns in @values. */
static unsigned int take_rounds(const struct subject *subject, unsigned int count, double *values)
{
	for (unsigned int i = 0; i < count && i < VALUES_MAX; i++)
		values[i] = (double)subject->rounds[i] * 1e-3;
	return count < VALUES_MAX ? count : VALUES_MAX;
}

static struct json_object *against_records(const struct bench_effort *effort, double *values)
{
	static const unsigned int counts[] = {1, 4, 16, 64, 256, 512, 1024};
	enum { COUNTS = sizeof(counts) / sizeof(counts[0]) };
	struct json_object *curve = bench_curve(
	        "records", "A read, against the number of records", "records, read in a mixed order",
	        "ns per read", true,
	        "Records of 24 bytes, each in a cache line of its own: what grows is the caches' part.");
	const struct measure_plan plan = {.rounds = effort->quick ? 200 : 2000, .seconds = 5,
	                                  .keep_rounds = true, .progress = progress,
	                                  .context = (char *)"records"};
	struct subject subjects[COUNTS] = {{0}};
	int done;

	for (unsigned int i = 0; i < COUNTS; i++)
		subjects[i] = (struct subject){.group = "", .name = "", .run = run_records,
		                               .argument = counts[i]};
	done = measure_rounds(subjects, COUNTS, &plan);
	for (unsigned int i = 0; i < COUNTS && done > 0; i++)
		bench_curve_point(curve, counts[i], values,
		                  take_rounds(&subjects[i], (unsigned int)done, values));
	measure_release(subjects, COUNTS);
	return curve;
}

/* ---- Against processes ----------------------------------------------------------------------- */

/* A child has the same page and image mapped, has read them, and waits for its end. */
static pid_t start_reader(void)
{
	const pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (uint64_t i = 0; i < BENCH_CURVE_RECORDS; i++)
			read_record(i);
		for (;;)
			pause();
	}
	return pid;
}

static unsigned int set_readers(pid_t *pids, unsigned int have, unsigned int want)
{
	for (; have < want; have++) {
		pids[have] = start_reader();
		if (pids[have] < 0)
			break;
	}
	for (; have > want; have--) {
		kill(pids[have - 1], SIGKILL);
		while (waitpid(pids[have - 1], NULL, 0) < 0 && errno == EINTR)
			;
	}
	return have;
}

/* Up and down again, so that what drifts does not pass for a slope. */
static struct json_object *against_processes(const struct bench_effort *effort)
{
	static const unsigned int counts[] = {1, 10, 50, 100, PROCESSES_MAX};
	enum { COUNTS = sizeof(counts) / sizeof(counts[0]) };
	struct json_object *curve = bench_curve(
	        "processes", "A read, against the number of attached processes",
	        "processes that have the page mapped", "ns per read", true,
	        "The others have read the page and rest. Readers share nothing that is written.");
	const struct measure_plan plan = {.rounds = effort->quick ? 100 : 1000, .seconds = 1,
	                                  .keep_rounds = true};
	double all[COUNTS][2 * 1000];
	unsigned int filled[COUNTS] = {0}, have = 0;
	pid_t pids[PROCESSES_MAX];

	for (unsigned int step = 0; step < 2 * COUNTS; step++) {
		const unsigned int i = step < COUNTS ? step : 2 * COUNTS - 1 - step;
		struct subject subject = {.group = "", .name = "", .run = run_records, .argument = 1};
		int done;

		bench_progress("processes", (double)step / (2 * COUNTS));
		have = set_readers(pids, have, counts[i] - 1);
		if (have != counts[i] - 1)
			break;
		done = measure_rounds(&subject, 1, &plan);
		for (int j = 0; j < done; j++)
			all[i][filled[i]++] = (double)subject.rounds[j] * 1e-3;
		measure_release(&subject, 1);
	}
	set_readers(pids, have, 0);
	for (unsigned int i = 0; i < COUNTS; i++)
		bench_curve_point(curve, counts[i], all[i], filled[i]);
	return curve;
}

/* ---- Against updates ------------------------------------------------------------------------- */

static int read_first(void *out)
{
	(void)out;
	return read_record(0);
}

static struct json_object *against_updates(const struct bench_effort *effort,
                                           const cpu_set_t *allowed, int cpu)
{
	static const uint64_t rates[] = {1000, 10000, 100000, 1000000, 3000000, MEASURE_UNTHROTTLED};
	enum { RATES = sizeof(rates) / sizeof(rates[0]), TURNS = 200 };
	static const char *const records[] = {"r0", NULL};
	struct json_object *curve = bench_curve(
	        "updates", "A read beside a writer on another CPU", "updates of the record per second",
	        "ns per read", true, "The rate is the one that the writer reached.");
	const int other = measure_other_cpu(allowed, cpu);
	const unsigned int turns = effort->quick ? TURNS / 10 : TURNS;
	measure_read *volatile read = read_first;
	double values[RATES][TURNS], reached[RATES] = {0};
	struct vdk_report report = {0};
	struct measure_writer *writer;

	if (other < 0 || measure_writer_start(BENCH_CURVE_NAME, records, other, &writer, &report)) {
		json_object_object_add(curve, "note", bench_text_json(
		        other < 0 ? "Not measured: this needs a second CPU." : report.text));
		return curve;
	}
	for (unsigned int turn = 0; turn < turns; turn++) {
		bench_progress("updates", (double)turn / turns);
		for (unsigned int i = 0; i < RATES; i++) {
			uint64_t done;

			measure_writer_tell(writer, rates[i], 0);
			done = measure_writer_done(writer);
			values[i][turn] = (double)measure_turn(&read, NULL, TURN_SECONDS, NULL) * 1e-3;
			reached[i] += (double)(measure_writer_done(writer) - done);
		}
	}
	measure_writer_stop(writer);
	for (unsigned int i = 0; i < RATES; i++)
		if (reached[i] > 0)
			bench_curve_point(curve, reached[i] / (turns * TURN_SECONDS), values[i], turns);
	return curve;
}

/* ---- All of them ----------------------------------------------------------------------------- */

int bench_curves_read(const struct bench_effort *effort)
{
	vdk_cleanup_free double *values = malloc(VALUES_MAX * sizeof(*values));
	struct json_object *array = json_object_new_array();
	cpu_set_t allowed;
	int cpu;

	read_record = (read_at *)vdk_lookup("__vdso_curve_read", "LINUX_2.6");
	if (!values || !read_record || sched_getaffinity(0, sizeof(allowed), &allowed)) {
		tool_error("bench", "the curves' image is not attached");
		json_object_put(array);
		return EXIT_SYSTEM;
	}
	cpu = measure_pin(effort->cpu);
	if (cpu < 0 || read_record(0) < 0) {
		tool_error("bench", "cannot measure the curves: %s",
		           cpu < 0 ? strerror(-cpu) : "their page was never written");
		json_object_put(array);
		return EXIT_SYSTEM;
	}
	json_object_array_add(array, against_records(effort, values));
	json_object_array_add(array, against_processes(effort));
	json_object_array_add(array, against_updates(effort, &allowed, cpu));
	bench_progress_end();
	puts(json_object_to_json_string_ext(array, JSON_C_TO_STRING_PLAIN));
	json_object_put(array);
	return fflush(stdout) || ferror(stdout) ? EXIT_SYSTEM : EXIT_FINE;
}
