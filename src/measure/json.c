/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was measured, as JSON. */
#include <stdio.h>

#include "measure/measure.h"

/* Of a histogram up to p99.9, and beyond; neighbours are put together where there are more. */
#define SHAPE_POINTS 400u
#define TAIL_POINTS 60u

struct json_object *measure_number_json(double value)
{
	char text[40];

	snprintf(text, sizeof(text), "%.6g", value);
	return json_object_new_double_s(value, text);
}

static void add_number(struct json_object *object, const char *key, double value)
{
	json_object_object_add(object, key, measure_number_json(value));
}

static void add_point(struct json_object *points, double value, uint64_t count)
{
	struct json_object *point = json_object_new_array();

	json_object_array_add(point, measure_number_json(value));
	json_object_array_add(point, json_object_new_uint64(count));
	json_object_array_add(points, point);
}

/* The buckets from @from on to the one that holds @last, put together to at most @most points. */
static unsigned add_points(struct json_object *points, const struct histogram *histogram,
                           unsigned from, uint64_t last, unsigned most, double scale)
{
	unsigned used = 0, together, i;
	uint64_t sum = 0;

	for (i = from; i < HISTOGRAM_BUCKETS && histogram_bucket_low(i) <= last; i++)
		used += histogram->bucket[i] != 0;
	together = (used + most - 1) / most;
	for (i = from; used && i < HISTOGRAM_BUCKETS && histogram_bucket_low(i) <= last; i++) {
		if (!histogram->bucket[i])
			continue;
		sum += histogram->bucket[i];
		if (--used % together)
			continue;
		add_point(points, (double)histogram_bucket_low(i) * scale, sum);
		sum = 0;
	}
	return i;
}

/* [[value, count], ...]: most points for the body, some for the thousandth that is the tail. */
static struct json_object *shape(const struct histogram *histogram, double scale)
{
	struct json_object *points = json_object_new_array();
	const uint64_t body = histogram_at(histogram, 0.999);
	const unsigned tail = add_points(points, histogram, 0, body, SHAPE_POINTS, scale);

	add_points(points, histogram, tail, histogram->max, TAIL_POINTS, scale);
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
