/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A vdk page as a process has it mapped: its publisher's state and its records. */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include <vdk/field.h>
#include <vdk/page.h>
#include <vdk/record.h>

#include "base/cleanup.h"
#include "duration.h"
#include "look.h"
#include "show.h"

struct opened {
	struct vdk_page *page; /* NULL: problem says why */
	struct vdk_page_info info;
	uint64_t now;
	char problem[1100];
};

static void open_page(struct opened *opened, const struct vdk_process *process,
                      const struct vdk_map *map)
{
	struct vdk_report report = {0};
	vdk_cleanup_close int fd = -1;
	int error;

	look_watch("maps");
	error = vdk_process_page_fd(process, map, &fd);
	look_watch_end();
	*opened = (struct opened){.now = vdk_page_now()};
	if (!error)
		error = vdk_page_open(fd, 0, map->path, &opened->page, &report);
	if (!error)
		error = vdk_page_info(opened->page, &opened->info);
	opened->now = vdk_page_now();
	if (!error)
		return;
	opened->page = vdk_page_close(opened->page);
	snprintf(opened->problem, sizeof(opened->problem), "%s",
	         report.error ? report.text : strerror(-error));
}

static bool is_void(const struct opened *opened)
{
	return opened->info.void_after && opened->now > opened->info.void_after;
}

static uint64_t age(const struct opened *opened)
{
	return opened->now > opened->info.as_of ? opened->now - opened->info.as_of : 0;
}

/* Of a list how much of it there is: its values would fill the screen, and `vdk get` has them. */
static void print_list(FILE *out, const struct opened *opened,
                       const struct vdk_layout_record *record, const char *indent)
{
	_Alignas(VDK_CACHE_LINE) uint8_t value[VDK_RECORD_MAX];
	uint64_t sequence, updates = 0;
	uint32_t written = 0;

	for (uint32_t i = 0; i < record->list; i++) {
		if (vdk_record_read_at(opened->page, record, i, value, &sequence) == 0) {
			updates += sequence;
			written++;
		}
	}
	fprintf(out, "%slist %s: %u records, %u written, by %" PRIu64 " updates\n", indent,
	        record->name, record->list, written, updates);
}

static void print_record(FILE *out, const struct opened *opened,
                         const struct vdk_layout_record *record, const char *indent)
{
	const struct vdk_field_ref ref = {.record = record, .index = VDK_FIELD_ALL};
	_Alignas(VDK_CACHE_LINE) uint8_t value[VDK_RECORD_MAX];
	uint64_t sequence = 0;
	const int error = vdk_record_read(opened->page, record, value, &sequence);

	fprintf(out, "%srecord %s: ", indent, record->name);
	if (error) {
		fputs(error == -ENODATA ? "never written\n" : "not readable now\n", out);
		return;
	}
	fprintf(out, "sequence %" PRIu64 ": ", sequence);
	show_text(out, &ref, value, " ", "\n");
}

void look_page_print(FILE *out, const struct vdk_process *process, const struct vdk_map *map,
                     const char *indent)
{
	const struct vdk_layout *layout;
	struct opened opened;
	char text[32] = "no sign of life yet";

	open_page(&opened, process, map);
	if (!opened.page) {
		fprintf(out, "%spage: %s\n", indent, opened.problem);
		return;
	}
	layout = vdk_page_layout(opened.page);
	if (opened.info.as_of)
		duration_format(age(&opened), text, sizeof(text));
	fprintf(out, "%spage: epoch %" PRIu64 ", %s%s%s, layout %016" PRIx64 "\n", indent,
	        opened.info.epoch, text, opened.info.as_of ? " old" : "",
	        is_void(&opened) ? ", void: older than its publisher vouches for" : "",
	        layout->layout_id);
	for (uint32_t i = 0; i < layout->record_count; i++)
		(layout->records[i].list ? print_list : print_record)(out, &opened,
		                                                      &layout->records[i], indent);
	vdk_page_close(opened.page);
}

static struct json_object *record_json(const struct opened *opened,
                                       const struct vdk_layout_record *record, uint32_t slot)
{
	const struct vdk_field_ref ref = {
		.record = record, .index = VDK_FIELD_ALL, .slot = slot};
	_Alignas(VDK_CACHE_LINE) uint8_t value[VDK_RECORD_MAX];
	struct json_object *object = json_object_new_object();
	uint64_t sequence = 0;
	const int error = vdk_record_read_at(opened->page, record, slot, value, &sequence);
	char name[SHOW_NAME];

	show_name(&ref, name);
	json_object_object_add(object, "name", json_object_new_string(name));
	json_object_object_add(object, "sequence", json_object_new_uint64(sequence));
	json_object_object_add(object, "values", error ? NULL : show_json(&ref, value));
	return object;
}

struct json_object *look_page_json(const struct vdk_process *process, const struct vdk_map *map)
{
	struct json_object *object = json_object_new_object(), *records;
	const struct vdk_layout *layout;
	struct opened opened;
	char id[17];

	open_page(&opened, process, map);
	if (!opened.page) {
		json_object_object_add(object, "problem", json_object_new_string(opened.problem));
		return object;
	}
	layout = vdk_page_layout(opened.page);
	snprintf(id, sizeof(id), "%016" PRIx64, layout->layout_id);
	json_object_object_add(object, "epoch", json_object_new_uint64(opened.info.epoch));
	json_object_object_add(object, "age_ns",
	                       opened.info.as_of ? json_object_new_uint64(age(&opened)) : NULL);
	json_object_object_add(object, "void", json_object_new_boolean(is_void(&opened)));
	json_object_object_add(object, "publisher_pid",
	                       json_object_new_uint64(opened.info.publisher_pid));
	json_object_object_add(object, "layout_id", json_object_new_string(id));
	records = json_object_new_array();
	for (uint32_t i = 0; i < layout->record_count; i++)
		for (uint32_t k = 0; k < vdk_layout_slots(&layout->records[i]); k++)
			json_object_array_add(records,
			                      record_json(&opened, &layout->records[i], k));
	json_object_object_add(object, "records", records);
	vdk_page_close(opened.page);
	return object;
}
