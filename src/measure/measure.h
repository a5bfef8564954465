/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_MEASURE_H
#define VDK_MEASURE_H

/*
 * Measure several ways to do a thing beside each other, so that they can be compared. `vdk bench`
 * and `make bench` both measure with this.
 *
 * A subject is something that can be called many times: a batch of calls takes a microsecond or
 * two and is timed as a whole. One round runs one batch of every subject, forwards in even rounds
 * and backwards in odd ones; thousands of rounds follow each other on one CPU. So whatever drifts
 * (frequency, neighbours, temperature) meets all subjects alike, and a ratio is the median of the
 * ratios of batches that lie a few microseconds apart, not a quotient of two numbers that were
 * taken at different times.
 *
 * What is kept of a batch is its time divided by its calls, less what the timing itself takes. The
 * percentiles are therefore those of batches: an interrupt shows divided by the number of calls.
 * Subjects with one call to a batch show single calls, and with them the timing itself: read them
 * beside the subject that does nothing.
 */

#include <stdbool.h>
#include <stdint.h>

#include <json-c/json.h>

#include "measure/histogram.h"

struct subject {
	const char *group, *name;
	const char *base; /* the name of the subject of this group to hold it against; or NULL */
	/* Make so many calls of `function`. Its loop is the same code for all subjects of a kind. */
	void (*run)(const struct subject *subject, uint32_t calls);
	void *function;
	int64_t argument;
	uint32_t calls; /* to a batch; 0: as many as take about BATCH_NS */
	void *data;     /* the owner's */

	struct histogram *time;  /* picoseconds per call */
	struct histogram *ratio; /* to the base's batch of the same round, millionths */
	uint64_t *rounds;        /* picoseconds per call of each round, where the plan keeps them */
	uint64_t last;           /* picoseconds per call in this round */
	int base_index;
};

#define BATCH_NS 1500

/* How to measure. Zero what keeps its default. */
struct measure_plan {
	unsigned rounds;  /* after a tenth as many to warm up */
	double seconds;   /* stop after so long, the warm-up included; 0: never */
	bool keep_rounds; /* fill subject.rounds */
	/* Told some times a second at most how much of all is done, 0 to 1; or NULL. */
	void (*progress)(void *context, double share);
	void *context;
};

/* No fewer rounds than these are made, however long they take. */
#define MEASURE_ROUNDS_MIN 20u

/*
 * Bind this process to one CPU: `cpu`, or for -1 the last one that it may use (the first one serves
 * most interrupts). Return: the CPU; a negative errno.
 */
int measure_pin(int cpu);

/* Has this processor what is needed? */
bool measure_possible(void);

/* The counter's ticks per second, measured against CLOCK_MONOTONIC_RAW once. */
double measure_frequency(void);

/* What the timing of one batch takes and is taken off, in ns; known after the first rounds. */
double measure_timing_ns(void);

/*
 * Run all subjects by a plan. Return: the number of rounds that count, which is smaller than the
 * plan's where its time was over; -ENOMEM.
 */
int measure_rounds(struct subject *subjects, unsigned count, const struct measure_plan *plan);

/* Release what measure_rounds() allocated. */
void measure_release(struct subject *subjects, unsigned count);

/* What was measured, as an array of one object per subject. */
struct json_object *measure_json(const struct subject *subjects, unsigned count);

/* "unit"-scaled summary of a histogram: count, min, median, p99, p999, max, mean; and its shape. */
struct json_object *measure_histogram_json(const struct histogram *histogram, double scale);

/* A number with six digits: more are noise. */
struct json_object *measure_number_json(double value);

#endif
