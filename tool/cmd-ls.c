/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk ls - list what is published */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/page.h>
#include <vdk/publish.h>
#include <vdk/record.h>

#include "base/cleanup.h"
#include "commands.h"
#include "duration.h"
#include "show.h"
#include "vdk.h"

static const char help[] =
	"usage: vdk ls [--json]\n\n"
	"List the publications in the own runtime directory and in " VDK_RUNTIME_DIR_SYSTEM ".\n\n"
	"  EPOCH      how many publishers there have been\n"
	"  PUBLISHER  its process while it runs; - none; ? only its owner can know\n"
	"  AGE        since the last sign of life\n"
	"  STATE      void: older than its publisher vouches for; idle: never written;\n"
	"             static: an image without records\n"
	"  LAYOUT     the same number: the same layout\n\n"
	"  --json     an array of objects\n\n"
	"exit status: 0 listed, 1 one of them is damaged or not to be trusted, 2 usage, 3 the system\n"
	"failed.\n";

/* What is known of one publication. */
struct row {
	const char *name;
	struct vdk_report problem; /* error 0: none */
	struct vdk_publication publication;
	struct vdk_page *page; /* NULL: no records, or a problem */
	struct vdk_page_info info;
	int alive; /* 1, 0, or a negative errno: unknown */
	uint64_t now;
};

static void row_open(struct row *row, const char *name)
{
	int error;

	*row = (struct row){.name = name, .publication = VDK_PUBLICATION_CLOSED};
	error = vdk_publication_open(name, &row->publication, &row->problem);
	if (!error && row->publication.page_fd >= 0)
		error = vdk_page_open(row->publication.page_fd, 0, name, &row->page, &row->problem);
	if (!error && row->page) {
		error = vdk_page_info(row->page, &row->info);
		if (error)
			vdk_report_set(&row->problem, error, name, "%s", strerror(-error));
	}
	if (error && !row->problem.error)
		vdk_report_set(&row->problem, error, name, "%s", strerror(-error));
	if (!error)
		row->alive = vdk_publisher_alive(&row->publication);
	row->now = vdk_page_now();
}

static void row_close(struct row *row)
{
	vdk_page_close(row->page);
	vdk_publication_close(&row->publication);
}

static uint64_t age(const struct row *row)
{
	return row->now > row->info.as_of ? row->now - row->info.as_of : 0;
}

static bool is_void(const struct row *row)
{
	return row->info.void_after != 0 && row->now > row->info.void_after;
}

static bool is_idle(const struct row *row)
{
	const struct vdk_layout *layout = vdk_page_layout(row->page);
	_Alignas(VDK_CACHE_LINE) uint8_t value[VDK_RECORD_MAX];

	for (uint32_t i = 0; i < layout->record_count; i++)
		for (uint32_t k = 0; k < vdk_layout_slots(&layout->records[i]); k++)
			if (vdk_record_read_at(row->page, &layout->records[i], k, value, NULL) !=
			    -ENODATA)
				return false;
	return true;
}

static const char *state(const struct row *row)
{
	if (!row->page)
		return "static";
	return is_void(row) ? "void" : is_idle(row) ? "idle" : "live";
}

static struct json_object *as_json(const struct row *row)
{
	struct json_object *object = json_object_new_object(), *records = NULL;
	const struct vdk_layout *layout;
	char id[17];

	json_object_object_add(object, "name", json_object_new_string(row->name));
	if (row->problem.error) {
		json_object_object_add(object, "problem",
		                       json_object_new_string(row->problem.text));
		return object;
	}
	json_object_object_add(object, "image", json_object_new_string(row->publication.path));
	json_object_object_add(object, "state", json_object_new_string(state(row)));
	json_object_object_add(object, "publisher_alive",
	                       row->alive < 0 ? NULL : json_object_new_boolean(row->alive));
	if (!row->page)
		return object;
	json_object_object_add(object, "publisher_pid",
	                       json_object_new_uint64(row->info.publisher_pid));
	json_object_object_add(object, "epoch", json_object_new_uint64(row->info.epoch));
	json_object_object_add(object, "age_ns",
	                       row->info.as_of ? json_object_new_uint64(age(row)) : NULL);
	json_object_object_add(object, "void", json_object_new_boolean(is_void(row)));
	layout = vdk_page_layout(row->page);
	snprintf(id, sizeof(id), "%016" PRIx64, layout->layout_id);
	json_object_object_add(object, "layout_id", json_object_new_string(id));
	records = json_object_new_array();
	for (uint32_t i = 0; i < layout->record_count; i++)
		json_object_array_add(records, json_object_new_string(layout->records[i].name));
	json_object_object_add(object, "records", records);
	return object;
}

static void print_row(const struct row *row)
{
	char publisher[32] = "-", old[32] = "-";

	if (row->problem.error) {
		printf("%-16s  damaged: %s: %s\n", row->name, row->problem.object,
		       row->problem.text);
		return;
	}
	if (row->alive < 0)
		strcpy(publisher, "?");
	else if (row->alive && row->page)
		snprintf(publisher, sizeof(publisher), "%" PRIu64, row->info.publisher_pid);
	else if (row->alive)
		strcpy(publisher, "yes");
	if (!row->page) {
		printf("%-16s  %5s  %-10s %6s  %-6s  %-16s\n", row->name, "-", publisher, "-",
		       state(row), "-");
		return;
	}
	if (row->info.as_of)
		duration_format(age(row), old, sizeof(old));
	printf("%-16s  %5" PRIu64 "  %-10s %6s  %-6s  %016" PRIx64 "  ", row->name, row->info.epoch,
	       publisher, old, state(row), vdk_page_layout(row->page)->layout_id);
	for (uint32_t i = 0; i < vdk_page_layout(row->page)->record_count; i++) {
		const struct vdk_layout_record *record = &vdk_page_layout(row->page)->records[i];

		printf("%s%s", i ? "," : "", record->name);
		if (record->list)
			printf("[%u]", record->list);
	}
	putchar('\n');
}

static int list(char **names, bool json)
{
	struct json_object *array = json ? json_object_new_array() : NULL;
	int code = EXIT_FINE;

	if (!json)
		printf("%-16s  %5s  %-10s %6s  %-6s  %-16s  %s\n", "NAME", "EPOCH", "PUBLISHER",
		       "AGE", "STATE", "LAYOUT", "RECORDS");
	for (; *names; names++) {
		struct row row;

		row_open(&row, *names);
		/* Unpublished since the directory was read. */
		if (row.problem.error == -ENOENT)
			continue;
		if (row.problem.error)
			code = EXIT_FINDING;
		if (json)
			json_object_array_add(array, as_json(&row));
		else
			print_row(&row);
		row_close(&row);
	}
	if (json)
		show_print_json(stdout, array, true);
	json_object_put(array);
	return tool_finish("ls", code);
}

int cmd_ls(int argc, char **argv)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	struct vdk_report report = {.text = "out of memory"};
	vdk_cleanup_free char **names = NULL;
	bool json = false;
	int option, result;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(help, stdout);
			return EXIT_FINE;
		}
		if (option != 'j')
			return EXIT_USAGE;
		json = true;
	}
	if (optind != argc) {
		fputs(help, stderr);
		return EXIT_USAGE;
	}
	result = vdk_publication_names(&names, &report);
	if (result < 0) {
		tool_complain("ls", &report);
		return tool_exit_code(result);
	}
	return list(names, json);
}
