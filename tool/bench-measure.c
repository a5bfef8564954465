/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From calls to a document. Every call is measured twice: in batches, whose median is what a call
 * costs, and one at a time, for the tail that a single call may meet.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <json-c/json.h>

#include "base/cleanup.h"
#include "bench-document.h"
#include "vdk.h"

#define BLOCKS 32u
#define SINGLES 4u /* single calls for each batch */

struct part {
	const char *what;
	double from, share; /* of the whole run */
};

static void progress(void *context, double share)
{
	const struct part *part = context;

	bench_progress(part->what, part->from + part->share * share);
}

static int ascending(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The medians of some stretches of the run, in ns. Sorts within each stretch. */
static struct json_object *blocks(uint64_t *rounds, unsigned int count)
{
	struct json_object *array = json_object_new_array();
	const unsigned int number = count < 4 * BLOCKS ? count / 4 + 1 : BLOCKS;

	for (unsigned int i = 0; i < number; i++) {
		const unsigned int from = (unsigned int)((uint64_t)count * i / number);
		const unsigned int to = (unsigned int)((uint64_t)count * (i + 1) / number);
		const unsigned int middle = from + (to - from) / 2;

		qsort(rounds + from, to - from, sizeof(*rounds), ascending);
		json_object_array_add(array, measure_number_json((double)rounds[middle] * 1e-3));
	}
	return array;
}

/* Of all rounds but the slowest hundredth, which are interruptions. Sorts them. */
static double variation(uint64_t *rounds, unsigned int count)
{
	double mean = 0, square = 0;

	qsort(rounds, count, sizeof(*rounds), ascending);
	count -= count / 100;
	for (unsigned int i = 0; i < count; i++)
		mean += (double)rounds[i] / count;
	for (unsigned int i = 0; i < count; i++)
		square += ((double)rounds[i] - mean) * ((double)rounds[i] - mean) / count;
	return mean > 0 ? sqrt(square) / mean : 0;
}

static void put(struct json_object *object, const char *key, struct json_object *value)
{
	json_object_object_add(object, key, value);
}

static void put_text(struct json_object *object, const char *key, const char *text)
{
	put(object, key, bench_text_json(text));
}

static struct json_object *row(const struct bench_call *call, struct subject *batch,
                               const struct subject *single, unsigned int rounds)
{
	struct json_object *object = json_object_new_object();
	struct json_object *ns = measure_histogram_json(batch->time, 1e-3);

	put_text(object, "call", call->call);
	put_text(object, "function", call->function);
	put_text(object, "way", bench_way_names[call->way]);
	put(object, "value", call->has_value ? json_object_new_int64(call->value) : NULL);
	put_text(object, "base", batch->ratio ? call->base : NULL);
	put(object, "ratio",
	    batch->ratio ? measure_number_json((double)histogram_at(batch->ratio, 0.5) * 1e-6) : NULL);
	put(object, "calls_per_batch", json_object_new_int64(batch->calls));
	json_object_object_del(ns, "shape");
	put(ns, "blocks", blocks(batch->rounds, rounds));
	put(ns, "cv", measure_number_json(variation(batch->rounds, rounds)));
	put(object, "ns", ns);
	put(object, "single_ns", measure_histogram_json(single->time, 1e-3));
	return object;
}

static struct json_object *image_json(const struct bench_image *image)
{
	struct json_object *object;

	if (!image->present)
		return NULL;
	object = json_object_new_object();
	put_text(object, "name", image->vdso);
	put_text(object, "soname", image->symbols->soname);
	put_text(object, "build_id", image->symbols->build_id);
	put(object, "size", json_object_new_uint64(image->bytes.size));
	return object;
}

static struct json_object *missing(const struct bench_list *list)
{
	struct json_object *array = json_object_new_array();

	for (unsigned int i = 0; i < list->skip_count; i++) {
		struct json_object *object = json_object_new_object();

		put_text(object, "function", list->skips[i].function);
		put_text(object, "image", list->skips[i].image);
		put_text(object, "why", list->skips[i].why);
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *head(const struct bench_images *images, const struct bench_list *list,
                                const struct bench_effort *effort)
{
	struct json_object *object = json_object_new_object(), *both = json_object_new_object();
	const time_t now = time(NULL);
	char date[32];
	struct tm tm;

	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	put_text(object, "format", BENCH_FORMAT);
	put(object, "version", json_object_new_int(BENCH_VERSION));
	put_text(object, "date", date);
	put(object, "quick", json_object_new_boolean(effort->quick));
	put(object, "machine", bench_machine());
	put(both, "kernel", image_json(&images->kernel));
	put(both, "attached", image_json(&images->attached));
	put(object, "images", both);
	put(object, "not_measured", missing(list));
	return object;
}

static void make_subjects(const struct bench_list *list, struct subject *batches,
                          struct subject *singles)
{
	for (unsigned int i = 0; i < list->count; i++) {
		struct bench_call *call = &list->calls[i];

		batches[i] = (struct subject){.group = "", .name = call->name,
		                              .base = *call->base ? call->base : NULL,
		                              .run = call->run, .function = call->address,
		                              .argument = call->argument, .data = call};
		singles[i] = batches[i];
		singles[i].base = NULL;
		singles[i].calls = 1;
	}
}

static struct json_object *rows(const struct bench_list *list, struct subject *batches,
                                const struct subject *singles, unsigned int rounds)
{
	struct json_object *array = json_object_new_array();

	for (unsigned int i = 0; i < list->count; i++)
		json_object_array_add(array, row(&list->calls[i], &batches[i], &singles[i], rounds));
	return array;
}

int bench_measure(const struct bench_images *images, const struct bench_list *list,
                  const struct bench_effort *effort, struct json_object **ret_document)
{
	vdk_cleanup_free struct subject *batches = calloc(list->count, sizeof(*batches));
	vdk_cleanup_free struct subject *singles = calloc(list->count, sizeof(*singles));
	struct part part = {"calls", 0, 0.5};
	struct measure_plan plan = {.rounds = effort->rounds, .seconds = effort->seconds,
	                            .keep_rounds = true, .progress = progress, .context = &part};
	struct json_object *document, *timing = json_object_new_object();
	int done = -ENOMEM, done_singles = -ENOMEM;
	int cpu;

	document = head(images, list, effort); /* while this process may use all of its CPUs */
	cpu = measure_pin(effort->cpu);
	if (cpu < 0) {
		tool_error("bench", "cannot run on CPU %d alone: %s", effort->cpu, strerror(-cpu));
		json_object_put(timing);
		json_object_put(document);
		return cpu == -EINVAL ? EXIT_USAGE : tool_exit_code(cpu);
	}
	if (batches && singles) {
		make_subjects(list, batches, singles);
		done = measure_rounds(batches, list->count, &plan);
		part = (struct part){"single calls", 0.5, 0.5};
		plan.rounds *= SINGLES;
		plan.keep_rounds = false;
		if (done >= 0)
			done_singles = measure_rounds(singles, list->count, &plan);
	}
	bench_progress_end();
	put(timing, "cpu", json_object_new_int(cpu));
	put(timing, "counter_hz", measure_number_json(measure_frequency()));
	put(timing, "overhead_ns", measure_number_json(measure_timing_ns()));
	put(timing, "batches", json_object_new_int(done));
	put(timing, "singles", json_object_new_int(done_singles));
	put(document, "timing", timing);
	if (done_singles >= 0)
		put(document, "results", rows(list, batches, singles, (unsigned int)done));
	if (batches && singles) {
		measure_release(batches, list->count);
		measure_release(singles, list->count);
	}
	if (done_singles < 0) {
		json_object_put(document);
		tool_error("bench", "out of memory");
		return EXIT_SYSTEM;
	}
	*ret_document = document;
	return EXIT_FINE;
}
