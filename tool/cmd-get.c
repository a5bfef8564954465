/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk get - print the values of a page */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vdk/field.h>
#include <vdk/page.h>
#include <vdk/record.h>

#include "base/cleanup.h"
#include "commands.h"
#include "reader.h"
#include "show.h"
#include "vdk.h"

static const char help[] =
	"usage: vdk get [--json] NAME [RECORD[[N]][.FIELD[[I]]]]...\n"
	"       vdk get [--json] --page FILE [RECORD[[N]][.FIELD[[I]]]]...\n\n"
	"Print the values of a published page, or of any page file, by the page's own description.\n"
	"Each record is one consistent snapshot. One field alone is printed as its bare value;\n"
	"otherwise lines are RECORD.FIELD=VALUE, as `vdk publish --stdin` takes them. Of a list,\n"
	"RECORD[3] is one record, and RECORD is all that were written.\n\n"
	"  --page FILE   a page file; it need not be trusted, nothing of it is mapped\n"
	"  --json        one object {\"RECORD\": {\"FIELD\": VALUE}}; null was never written;\n"
	"                a list is an array of these\n\n"
	"exit status: 0 printed, 1 a record that was asked for was never written, 2 usage or no such\n"
	"record or field, 3 a file or page failed, 77 not permitted or not to be trusted.\n";

struct output {
	struct json_object *json; /* NULL: text */
	bool asked;               /* for certain records, not for all of them */
	bool bare;                /* one field only */
	bool missing;
};

/* Return: 0; 1 never written; an exit code otherwise, which has been told. */
static int read_record(struct vdk_page *page, const struct vdk_field_ref *ref, void *value)
{
	const int error = vdk_record_read_at(page, ref->record, ref->slot, value, NULL);
	char name[SHOW_NAME];

	if (!error || error == -ENODATA)
		return error ? EXIT_FINDING : EXIT_FINE;
	show_name(ref, name);
	tool_error("get", "%s: %s", name,
	           error == -EAGAIN ? "a writer publishes without pause; try again"
	                            : strerror(-error));
	return tool_exit_code(error);
}

/* Two fields of one record that were asked for share one object. */
static struct json_object *merge(struct json_object *object, struct json_object *fields)
{
	if (!object || !fields)
		return fields;
	json_object_object_foreach(fields, key, field)
		json_object_object_add(object, key, json_object_get(field));
	json_object_put(fields);
	return json_object_get(object);
}

static int get_one(struct vdk_page *page, const struct vdk_field_ref *ref, struct output *output)
{
	_Alignas(VDK_CACHE_LINE) uint8_t value[VDK_RECORD_MAX];
	const int code = read_record(page, ref, value);
	struct json_object *before = NULL;
	char name[SHOW_NAME];

	if (code && code != EXIT_FINDING)
		return code;
	show_name(ref, name);
	if (code)
		output->missing |= output->asked;
	if (output->json) {
		json_object_object_get_ex(output->json, name, &before);
		json_object_object_add(output->json, name,
		                       merge(before, code ? NULL : show_json(ref, value)));
	} else if (code) {
		if (output->asked)
			tool_error("get", "%s: never written", name);
		else
			printf("# %s: never written\n", name);
	} else if (output->bare) {
		show_value(stdout, ref, value);
	} else {
		show_text(stdout, ref, value, "\n", "\n");
	}
	return EXIT_FINE;
}

/* All of a list: as text what was written, in JSON an array with null for what was not. */
static int get_list(struct vdk_page *page, const struct vdk_field_ref *list, struct output *output)
{
	_Alignas(VDK_CACHE_LINE) uint8_t value[VDK_RECORD_MAX];
	struct json_object *array = NULL;
	uint32_t missing = 0;

	if (output->json && (!json_object_object_get_ex(output->json, list->record->name, &array) ||
	                     !array)) {
		array = json_object_new_array();
		json_object_object_add(output->json, list->record->name, array);
	}
	for (uint32_t i = 0; i < list->record->list; i++) {
		struct vdk_field_ref ref = *list;
		int code;

		ref.slot = i;
		code = read_record(page, &ref, value);
		if (code && code != EXIT_FINDING)
			return code;
		missing += code != 0;
		if (array)
			json_object_array_put_idx(array, i,
			                          merge(json_object_array_get_idx(array, i),
			                                code ? NULL : show_json(&ref, value)));
		else if (!code)
			show_text(stdout, &ref, value, "\n", "\n");
	}
	output->missing |= output->asked && missing == list->record->list;
	if (missing && !output->json)
		printf("# %s: %u of %u never written\n", list->record->name, missing,
		       list->record->list);
	return EXIT_FINE;
}

static int get_ref(struct vdk_page *page, const struct vdk_field_ref *ref, struct output *output)
{
	return ref->slot == VDK_FIELD_ALL ? get_list(page, ref, output)
	                                  : get_one(page, ref, output);
}

static int get_all(struct vdk_page *page, struct output *output)
{
	const struct vdk_layout *layout = vdk_page_layout(page);
	int code = EXIT_FINE;

	for (uint32_t i = 0; i < layout->record_count && !code; i++) {
		const struct vdk_field_ref ref = {
			.record = &layout->records[i],
			.index = VDK_FIELD_ALL,
			.slot = layout->records[i].list ? VDK_FIELD_ALL : 0,
		};

		code = get_ref(page, &ref, output);
	}
	return code;
}

static int get_named(struct vdk_page *page, int count, char **names, struct output *output)
{
	int code = EXIT_FINE;

	output->asked = true;
	for (int i = 0; i < count && !code; i++) {
		struct vdk_field_ref ref;
		struct vdk_report report;

		if (vdk_field_find(vdk_page_layout(page), names[i], strlen(names[i]), &ref,
		                   &report) < 0) {
			tool_complain("get", &report);
			return EXIT_USAGE;
		}
		output->bare = count == 1 && ref.field && ref.slot != VDK_FIELD_ALL;
		code = get_ref(page, &ref, output);
	}
	return code;
}

static int get(struct vdk_page *page, int count, char **names, bool json)
{
	struct output output = {.json = json ? json_object_new_object() : NULL};
	int code = count ? get_named(page, count, names, &output) : get_all(page, &output);

	if (output.json && !code)
		show_print_json(stdout, output.json, false);
	json_object_put(output.json);
	return code ? code : tool_finish("get", output.missing ? EXIT_FINDING : EXIT_FINE);
}

int cmd_get(int argc, char **argv)
{
	static const struct option options[] = {
		{"page", required_argument, NULL, 'p'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	struct vdk_page *page = NULL;
	struct vdk_report report = {.text = "out of memory"};
	const char *file = NULL;
	bool json = false;
	int option, error, code;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(help, stdout);
			return EXIT_FINE;
		}
		if (option == 'p')
			file = optarg;
		else if (option == 'j')
			json = true;
		else
			return EXIT_USAGE;
	}
	if (!file && optind == argc) {
		fputs(help, stderr);
		return EXIT_USAGE;
	}
	error = file ? reader_open_file(file, &page, &report)
	             : reader_open(argv[optind++], &page, &report);
	if (error) {
		tool_complain("get", &report);
		return tool_exit_code(error);
	}
	code = get(page, argc - optind, argv + optind, json);
	vdk_page_close(page);
	return code;
}
