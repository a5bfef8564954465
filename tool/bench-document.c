/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Read a document that anybody may have written. */
#include "bench-document.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/cleanup.h"

#define TEXT_MAX 600
#define FACTS_MAX 100u
#define NUMBER_MAX 1e15 /* ns: eleven days */

struct reader {
	const char *object;
	struct vdk_report *report;
	char where[128]; /* "results[3]" */
	int error;       /* the first one */
};

static void fail(struct reader *reader, const char *key, const char *expected)
{
	if (!reader->error)
		reader->error = vdk_report_set(reader->report, -EBADMSG, reader->object,
		                               "%s%s%s: expected %s", reader->where,
		                               *reader->where && *key ? "." : "", key, expected);
}

static struct json_object *get(const struct json_object *object, const char *key)
{
	struct json_object *value;

	return json_object_is_type(object, json_type_object) &&
	                       json_object_object_get_ex(object, key, &value)
	               ? value
	               : NULL;
}

/* Text goes to terminals and pages: nothing in it may be a command. */
static const char *text(struct reader *reader, const struct json_object *object, const char *key,
                        bool required)
{
	struct json_object *value = get(object, key);
	const char *string;

	if (!value && !required)
		return "";
	if (!json_object_is_type(value, json_type_string)) {
		fail(reader, key, "a text");
		return "";
	}
	string = json_object_get_string(value);
	if (json_object_get_string_len(value) > TEXT_MAX ||
	    strlen(string) != (size_t)json_object_get_string_len(value)) {
		fail(reader, key, "a text of at most 600 characters");
		return "";
	}
	for (const char *at = string; *at; at++)
		if (*at < ' ' || *at > '~') {
			fail(reader, key, "printable ASCII characters only");
			return "";
		}
	return string;
}

static double number(struct reader *reader, const struct json_object *value, const char *key)
{
	double result;

	if (!json_object_is_type(value, json_type_double) &&
	    !json_object_is_type(value, json_type_int)) {
		fail(reader, key, "a number");
		return 0;
	}
	result = json_object_get_double(value);
	if (!isfinite(result) || result < 0 || result > NUMBER_MAX) {
		fail(reader, key, "a number from 0 to 1e15");
		return 0;
	}
	return result;
}

static double member(struct reader *reader, const struct json_object *object, const char *key)
{
	return number(reader, get(object, key), key);
}

/* A list that must be there, with at most @max members. Return: its length. */
static size_t list(struct reader *reader, const struct json_object *object, const char *key,
                   size_t max, struct json_object **ret_list)
{
	struct json_object *array = get(object, key);

	if (!json_object_is_type(array, json_type_array) || json_object_array_length(array) > max) {
		char expected[64];

		snprintf(expected, sizeof(expected), "a list of at most %zu", max);
		fail(reader, key, expected);
		return 0;
	}
	*ret_list = array;
	return json_object_array_length(array);
}

/* ---- Rows ------------------------------------------------------------------------------------ */

static void read_points(struct reader *reader, const struct json_object *object,
                        struct bench_row *row)
{
	struct json_object *shape;
	const size_t count = list(reader, object, "shape", BENCH_POINTS_MAX, &shape);

	row->points = calloc(count + 1, sizeof(*row->points));
	if (!row->points) {
		reader->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		struct json_object *pair = json_object_array_get_idx(shape, i);

		if (!json_object_is_type(pair, json_type_array) ||
		    json_object_array_length(pair) != 2) {
			fail(reader, "shape", "pairs of numbers");
			return;
		}
		row->points[i].x = number(reader, json_object_array_get_idx(pair, 0), "shape");
		row->points[i].y = number(reader, json_object_array_get_idx(pair, 1), "shape");
	}
	row->point_count = (unsigned int)count;
}

static void read_batches(struct reader *reader, const struct json_object *object,
                         struct bench_row *row)
{
	struct json_object *blocks;
	const size_t count = list(reader, object, "blocks", BENCH_BLOCKS_MAX, &blocks);

	row->min = member(reader, object, "min");
	row->median = member(reader, object, "median");
	row->p99 = member(reader, object, "p99");
	row->p999 = member(reader, object, "p999");
	row->max = member(reader, object, "max");
	row->cv = member(reader, object, "cv");
	for (size_t i = 0; i < count; i++)
		row->blocks[i] = number(reader, json_object_array_get_idx(blocks, i), "blocks");
	row->block_count = (unsigned int)count;
	if (count == 0)
		fail(reader, "blocks", "at least one");
}

static void read_singles(struct reader *reader, const struct json_object *object,
                         struct bench_row *row)
{
	row->single_min = member(reader, object, "min");
	row->single_median = member(reader, object, "median");
	row->single_p99 = member(reader, object, "p99");
	row->single_p999 = member(reader, object, "p999");
	row->single_max = member(reader, object, "max");
	read_points(reader, object, row);
}

static void read_row(struct reader *reader, const struct json_object *object,
                     struct bench_row *row)
{
	const char *way = text(reader, object, "way", true);
	struct json_object *value = get(object, "value");

	row->call = text(reader, object, "call", true);
	row->function = text(reader, object, "function", true);
	row->base = text(reader, object, "base", false);
	row->ratio = get(object, "ratio") ? member(reader, object, "ratio") : 0;
	row->has_value = json_object_is_type(value, json_type_int);
	row->value = json_object_get_int64(value);
	for (row->way = 0; row->way < BENCH_WAYS; row->way++)
		if (!strcmp(way, bench_way_names[row->way]))
			break;
	if (row->way == BENCH_WAYS)
		fail(reader, "way", "floor, kernel, attached, libc or syscall");
	read_batches(reader, get(object, "ns"), row);
	read_singles(reader, get(object, "single_ns"), row);
}

static void read_rows(struct reader *reader, struct bench_document *document)
{
	struct json_object *results = NULL;
	const size_t count = list(reader, document->json, "results", BENCH_ROWS_MAX, &results);

	document->rows = calloc(count + 1, sizeof(*document->rows));
	if (!document->rows) {
		reader->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < count && !reader->error; i++) {
		snprintf(reader->where, sizeof(reader->where), "results[%zu]", i);
		document->row_count++;
		read_row(reader, json_object_array_get_idx(results, i), &document->rows[i]);
		if (!reader->error && bench_document_row(document, document->rows[i].call,
		                                         document->rows[i].way) != &document->rows[i])
			fail(reader, "call", "each call and way once");
	}
	*reader->where = '\0';
}

/* ---- The rest -------------------------------------------------------------------------------- */

static void read_missing(struct reader *reader, struct bench_document *document)
{
	struct json_object *array = NULL;
	const size_t count = list(reader, document->json, "not_measured", BENCH_ROWS_MAX, &array);

	document->missing = calloc(count + 1, sizeof(*document->missing));
	if (!document->missing) {
		reader->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const struct json_object *object = json_object_array_get_idx(array, i);

		snprintf(reader->where, sizeof(reader->where), "not_measured[%zu]", i);
		document->missing[i] = (struct bench_missing){
		        text(reader, object, "function", true), text(reader, object, "image", false),
		        text(reader, object, "why", true)};
	}
	document->missing_count = (unsigned int)count;
	*reader->where = '\0';
}

static void read_curve(struct reader *reader, const struct json_object *object,
                       struct bench_curve *curve)
{
	struct json_object *points = NULL;
	const size_t count = list(reader, object, "points",
	                          sizeof(curve->points) / sizeof(curve->points[0]), &points);

	curve->name = text(reader, object, "name", true);
	curve->title = text(reader, object, "title", true);
	curve->x_name = text(reader, object, "x", true);
	curve->y_name = text(reader, object, "y", true);
	curve->note = text(reader, object, "note", false);
	curve->log_x = json_object_get_boolean(get(object, "log_x"));
	for (size_t i = 0; i < count; i++) {
		const struct json_object *point = json_object_array_get_idx(points, i);

		curve->points[i] = (struct bench_curve_point){
		        member(reader, point, "x"), member(reader, point, "median"),
		        member(reader, point, "low"), member(reader, point, "high")};
	}
	curve->count = (unsigned int)count;
}

static void read_curves(struct reader *reader, struct bench_document *document)
{
	struct json_object *array = NULL;
	size_t count = 0;

	if (get(document->json, "curves"))
		count = list(reader, document->json, "curves", 64, &array);
	document->curves = calloc(count + 1, sizeof(*document->curves));
	if (!document->curves) {
		reader->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		snprintf(reader->where, sizeof(reader->where), "curves[%zu]", i);
		read_curve(reader, json_object_array_get_idx(array, i), &document->curves[i]);
	}
	document->curve_count = (unsigned int)count;
	*reader->where = '\0';
}

/* A name of the machine's description: it stands on the page. */
static bool is_key(const char *key)
{
	return strlen(key) <= 40 &&
	       strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(key);
}

/* Texts of an object; numbers and lists of texts are shown in other ways or not at all. */
static void read_facts(struct reader *reader, struct json_object *object,
                       struct bench_document *document)
{
	json_object_object_foreach(object, key, value) {
		struct bench_fact *fact = &document->facts[document->fact_count];

		if (!is_key(key))
			fail(reader, "", "keys of small letters");
		if (reader->error || document->fact_count == FACTS_MAX)
			return;
		if (!json_object_is_type(value, json_type_string))
			continue;
		fact->key = key;
		fact->text = text(reader, object, key, true);
		document->fact_count++;
	}
}


static void read_machine(struct reader *reader, struct bench_document *document)
{
	struct json_object *machine = get(document->json, "machine");
	struct json_object *mitigations = get(machine, "mitigations");

	snprintf(reader->where, sizeof(reader->where), "machine");
	if (!json_object_is_type(machine, json_type_object)) {
		fail(reader, "", "an object");
		return;
	}
	document->facts = calloc(FACTS_MAX + 1, sizeof(*document->facts));
	if (!document->facts) {
		reader->error = -ENOMEM;
		return;
	}
	read_facts(reader, machine, document);
	if (json_object_is_type(mitigations, json_type_object))
		read_facts(reader, mitigations, document);
	document->cpu = text(reader, machine, "cpu", false);
	document->kernel = text(reader, machine, "kernel", false);
	document->load = get(machine, "load") ? member(reader, machine, "load") : 0;
	document->cpus = get(machine, "cpus") ? member(reader, machine, "cpus") : 0;
	*reader->where = '\0';
}

static void read_head(struct reader *reader, struct bench_document *document)
{
	struct json_object *version = get(document->json, "version");

	if (strcmp(text(reader, document->json, "format", true), BENCH_FORMAT) != 0)
		fail(reader, "format", "\"" BENCH_FORMAT "\": this is no result of `vdk bench --json`");
	if (!json_object_is_type(version, json_type_int) ||
	    json_object_get_int64(version) != BENCH_VERSION)
		fail(reader, "version", "1: the file is of another version of vdk");
	document->date = text(reader, document->json, "date", true);
	document->quick = json_object_get_boolean(get(document->json, "quick"));
}

int bench_document_take(struct json_object *json, const char *object,
                        struct bench_document **ret_document, struct vdk_report *report)
{
	struct bench_document *document = calloc(1, sizeof(*document));
	struct reader reader = {.object = object, .report = report};

	if (!document) {
		json_object_put(json);
		return vdk_report_set(report, -ENOMEM, object, "out of memory");
	}
	document->json = json;
	read_head(&reader, document);
	if (!reader.error)
		read_machine(&reader, document);
	if (!reader.error)
		read_rows(&reader, document);
	if (!reader.error)
		read_missing(&reader, document);
	if (!reader.error)
		read_curves(&reader, document);
	if (reader.error) {
		if (reader.error == -ENOMEM)
			vdk_report_set(report, -ENOMEM, object, "out of memory");
		bench_document_free(document);
		return reader.error;
	}
	*ret_document = document;
	return 0;
}

struct bench_document *bench_document_free(struct bench_document *document)
{
	if (!document)
		return NULL;
	for (unsigned int i = 0; i < document->row_count; i++)
		free(document->rows[i].points);
	free(document->rows);
	free(document->missing);
	free(document->curves);
	free(document->facts);
	json_object_put(document->json);
	free(document);
	return NULL;
}

const struct bench_row *bench_document_row(const struct bench_document *document,
                                           const char *call, enum bench_way way)
{
	for (unsigned int i = 0; i < document->row_count; i++)
		if (document->rows[i].way == way && !strcmp(document->rows[i].call, call))
			return &document->rows[i];
	return NULL;
}
