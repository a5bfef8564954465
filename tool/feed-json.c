/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON objects as changes of a page. Each leaf goes the way of a text, so that ranges, forms and
 * messages are those of vdk/field.h. Names of nested objects and array elements are put together
 * as the page's table has them: {"book": {"bid": [{"price": 1}]}} is book.bid[0].price. A list is
 * an array of objects, {"quote": [{"bid": 1}, null]}, or a name with its index: {"quote[0]": {}}.
 *
 * Strings are accepted for numbers ("nan", "0x10"): JSON itself has no such numbers.
 */
#include "feed-json.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <vdk/field.h>
#include <vdk/format.h>

/* Record, dot and field's name, with an element's index. */
#define NAME_ROOM (2 * VDK_NAME_MAX + 16)

struct walk {
	struct feed *feed;
	const char *text;
	size_t length;
	struct vdk_report *report;
};

static int walk(const struct walk *walk, const char *name, struct json_object *value, int depth);

/*
 * json-c turns integers beyond 64 bits into the nearest one that fits, without a word. Such a one
 * is believed only if the line has its digits somewhere.
 */
static bool saturated(const struct walk *walk, const char *digits)
{
	static const char *const ends[] = {"18446744073709551615", "-9223372036854775808"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (strcmp(digits, ends[i]) == 0)
			return !memmem(walk->text, walk->length, digits, strlen(digits));
	return false;
}

static int leaf(const struct walk *walk, const char *name, struct json_object *value)
{
	const bool string = json_object_is_type(value, json_type_string);
	const char *text =
		string ? json_object_get_string(value) : json_object_to_json_string(value);
	const size_t length = string ? (size_t)json_object_get_string_len(value) : strlen(text);

	if (json_object_is_type(value, json_type_int) && saturated(walk, text))
		return vdk_report_set(walk->report, -ERANGE, NULL,
		                      "%s: expected at most 64 bits, found a longer number", name);
	return feed_assign(walk->feed, name, strlen(name), text, length, walk->report);
}

static int object(const struct walk *state, const char *name, struct json_object *value, int depth)
{
	struct json_object_iterator at = json_object_iter_begin(value);
	struct json_object_iterator end = json_object_iter_end(value);

	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		const char *key = json_object_iter_peek_name(&at);
		char path[NAME_ROOM];
		int error;

		if (snprintf(path, sizeof(path), "%s%s%s", name, *name ? "." : "", key) >=
		    (int)sizeof(path))
			return vdk_report_set(state->report, -ENOENT, NULL,
			                      "%s: no record or field has a name that long", name);
		error = walk(state, path, json_object_iter_peek_value(&at), depth + 1);
		if (error)
			return error;
	}
	return 0;
}

/* Is this the name of a list, whose records are then the array's elements? */
static bool is_list(const struct walk *state, const char *name, struct vdk_field_ref *ref)
{
	return vdk_field_find(feed_layout(state->feed), name, strlen(name), ref, NULL) == 0 &&
	       !ref->field && ref->slot == VDK_FIELD_ALL;
}

/* A whole array is all of its elements, as in a line. Arrays of structs have no such field. */
static int check_count(const struct walk *state, const char *name, size_t count)
{
	struct vdk_field_ref ref;

	if (vdk_field_find(feed_layout(state->feed), name, strlen(name), &ref, NULL) < 0 ||
	    !ref.field)
		return 0;
	/* An array of one looks like a plain value in the table. */
	if (ref.index != VDK_FIELD_ALL && !(count == 1 && ref.field->count == 1))
		return vdk_report_set(state->report, -EINVAL, NULL,
		                      "%s: expected a single value, found an array", name);
	if (count == ref.field->count)
		return 0;
	return vdk_report_set(state->report, -EINVAL, NULL, "%s: expected %u elements, found %zu",
	                      name, ref.field->count, count);
}

static int elements(const struct walk *state, const char *name, struct json_object *value,
                    int depth)
{
	const size_t count = json_object_array_length(value);

	for (size_t i = 0; i < count; i++) {
		char path[NAME_ROOM];
		int error;

		if (snprintf(path, sizeof(path), "%s[%zu]", name, i) >= (int)sizeof(path))
			return vdk_report_set(state->report, -ENOENT, NULL,
			                      "%s: no field has a name that long", name);
		error = walk(state, path, json_object_array_get_idx(value, i), depth);
		if (error)
			return error;
	}
	return 0;
}

static int array(const struct walk *state, const char *name, struct json_object *value, int depth)
{
	const int wrong = check_count(state, name, json_object_array_length(value));

	return wrong ? wrong : elements(state, name, value, depth + 1);
}

/* Each element is a record, so it is as deep as one: an object, or null for one to leave alone. */
static int list(const struct walk *state, const struct vdk_field_ref *ref, const char *name,
                struct json_object *value, int depth)
{
	const size_t count = json_object_array_length(value);

	if (count == ref->record->list)
		return elements(state, name, value, depth);
	return vdk_report_set(state->report, -EINVAL, NULL,
	                      "%s: expected %u records, found %zu; one alone is \"%s[0]\": {...}",
	                      name, ref->record->list, count, name);
}

static int walk(const struct walk *state, const char *name, struct json_object *value, int depth)
{
	struct vdk_field_ref ref;

	switch (json_object_get_type(value)) {
	case json_type_object:
		return object(state, name, value, depth);
	case json_type_array:
		if (depth >= 2)
			return array(state, name, value, depth);
		if (depth == 1 && is_list(state, name, &ref))
			return list(state, &ref, name, value, depth);
		break;
	case json_type_null:
		/* `vdk get --json` has null for a record that was never written. */
		if (depth == 1)
			return 0;
		break;
	default:
		if (depth >= 2)
			return leaf(state, name, value);
	}
	return vdk_report_set(state->report, -EINVAL, NULL, "%s: expected %s, found %s",
	                      *name ? name : "the line", depth < 2 ? "an object" : "a value",
	                      json_type_to_name(json_object_get_type(value)));
}

int feed_json(struct feed *feed, const char *text, size_t length, size_t *ret_column,
              struct vdk_report *report)
{
	const struct walk state = {feed, text, length, report};
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *value;
	enum json_tokener_error problem;
	int error = 0;

	if (!tokener)
		return -ENOMEM;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	value = json_tokener_parse_ex(tokener, text, (int)length);
	problem = json_tokener_get_error(tokener);
	if (problem != json_tokener_success) {
		*ret_column = json_tokener_get_parse_end(tokener) + 1;
		error = vdk_report_set(report, -EINVAL, NULL, "expected a JSON object, found: %s",
		                       problem == json_tokener_continue
		                               ? "the end of the line"
		                               : json_tokener_error_desc(problem));
	}
	if (!error)
		error = walk(&state, "", value, 0);
	json_object_put(value);
	json_tokener_free(tokener);
	return error;
}
