/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tell.h"

#include <errno.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *kind(const struct change *change)
{
	return !change->before ? "new" : !change->after ? "removed" : "changed";
}

void tell_lines(const struct recipe *after, const struct changes *changes)
{
	const struct layout *layout = &after->build.layout;

	for (size_t i = 0; i < changes->count; i++)
		printf("%-8s %s\n", kind(&changes->items[i]), changes->items[i].path);
	if (!changes->count)
		printf("nothing to do: the tree is as asked for\n");
	for (size_t i = 0; i < layout->record_count; i++)
		printf("record   %s at vvar + %u, %u bytes\n", layout->records[i].name,
		       recipe_offset(after, i), layout->records[i].slot_size);
	for (size_t i = 0; i < after->build.exports.count; i++)
		printf("function %s\n", after->build.exports.items[i].name);
}

static void put(json_object *object, const char *key, json_object *value)
{
	json_object_object_add(object, key, value);
}

static void put_string(json_object *object, const char *key, const char *value)
{
	put(object, key, value ? json_object_new_string(value) : NULL);
}

static json_object *json_files(const struct changes *changes)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < changes->count; i++) {
		json_object *object = json_object_new_object();

		put_string(object, "file", changes->items[i].path);
		put_string(object, "change", kind(&changes->items[i]));
		json_object_array_add(array, object);
	}
	return array;
}

static json_object *json_records(const struct recipe *after)
{
	const struct layout *layout = &after->build.layout;
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < layout->record_count; i++) {
		json_object *object = json_object_new_object();

		put_string(object, "name", layout->records[i].name);
		put(object, "offset", json_object_new_uint64(recipe_offset(after, i)));
		put(object, "size", json_object_new_uint64(layout->records[i].slot_size));
		json_object_array_add(array, object);
	}
	return array;
}

static json_object *json_functions(const struct recipe *after)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < after->build.exports.count; i++)
		json_object_array_add(array,
		                      json_object_new_string(after->build.exports.items[i].name));
	return array;
}

/* Behind a file's name in a report, ":LINE" where there is one; a file's own name may look so, too. */
static const char *line_of(const char *object)
{
	const char *colon = strrchr(object, ':');
	const size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;

	if (!digits || digits > 9 || colon[1 + digits] || !access(object, F_OK))
		return NULL;
	return colon;
}

static json_object *json_refused(const struct vdk_report *refused)
{
	const char *const line = line_of(refused->object);
	const int length = line ? (int)(line - refused->object) : (int)strlen(refused->object);
	json_object *object = json_object_new_object();

	put(object, "file", json_object_new_string_len(refused->object, length));
	put(object, "line", line ? json_object_new_int(atoi(line + 1)) : NULL);
	put_string(object, "why", refused->text);
	return object;
}

int tell_json(const struct tree *tree, const char *patch, const struct recipe *after,
              const struct changes *changes, const struct vdk_report *refused)
{
	const struct changes none = {0};
	json_object *object = json_object_new_object();
	const char *text;
	int error;

	put_string(object, "tree", tree->path);
	put_string(object, "patch", patch);
	put(object, "files", json_files(refused ? &none : changes));
	put(object, "records", refused ? json_object_new_array() : json_records(after));
	put(object, "functions", refused ? json_object_new_array() : json_functions(after));
	put(object, "refused", refused ? json_refused(refused) : NULL);
	text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
	                                                      JSON_C_TO_STRING_NOSLASHESCAPE);
	error = !text ? -ENOMEM : puts(text) < 0 || fflush(stdout) ? -EIO : 0;
	json_object_put(object);
	return error;
}
