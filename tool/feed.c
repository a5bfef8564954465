/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feed.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/field.h>
#include <vdk/record.h>

/* One field or element that was set, waiting in staged memory. */
struct change {
	uint32_t record, slot;
	uint32_t offset, size; /* in the record and in its staged bytes */
	size_t next;           /* change of the same slot, plus 1; 0: none */
};

struct feed {
	struct vdk_page *page;
	const struct vdk_layout *layout;
	/* Per record, made when it is first named, with room for each slot of a list. */
	uint8_t **staged;
	size_t **pending; /* per slot: its last change that was not written yet, plus 1; 0: none */
	struct change *changes;
	size_t count, room;
};

struct feed *feed_new(struct vdk_page *page)
{
	struct feed *feed = calloc(1, sizeof(*feed));

	if (!feed)
		return NULL;
	feed->page = page;
	feed->layout = vdk_page_layout(page);
	feed->staged = calloc(feed->layout->record_count + 1, sizeof(feed->staged[0]));
	feed->pending = calloc(feed->layout->record_count + 1, sizeof(feed->pending[0]));
	return feed->staged && feed->pending ? feed : feed_free(feed);
}

struct feed *feed_free(struct feed *feed)
{
	if (!feed)
		return NULL;
	for (uint32_t i = 0; feed->staged && i < feed->layout->record_count; i++)
		free(feed->staged[i]);
	for (uint32_t i = 0; feed->pending && i < feed->layout->record_count; i++)
		free(feed->pending[i]);
	free(feed->staged);
	free(feed->pending);
	free(feed->changes);
	free(feed);
	return NULL;
}

const struct vdk_layout *feed_layout(const struct feed *feed)
{
	return feed->layout;
}

void feed_clear(struct feed *feed)
{
	for (size_t i = 0; i < feed->count; i++)
		feed->pending[feed->changes[i].record][feed->changes[i].slot] = 0;
	feed->count = 0;
}

static int add_change(struct feed *feed, const struct vdk_field_ref *ref, uint32_t record)
{
	const bool all = ref->index == VDK_FIELD_ALL;

	if (feed->count == feed->room) {
		const size_t room = feed->room ? 2 * feed->room : 16;
		void *grown = reallocarray(feed->changes, room, sizeof(feed->changes[0]));

		if (!grown)
			return -ENOMEM;
		feed->changes = grown;
		feed->room = room;
	}
	feed->changes[feed->count++] = (struct change){
		.record = record,
		.slot = ref->slot,
		.next = feed->pending[record][ref->slot],
		.offset = ref->field->offset + (all ? 0 : ref->index * ref->field->size),
		.size = ref->field->size * (all ? ref->field->count : 1),
	};
	feed->pending[record][ref->slot] = feed->count;
	return 0;
}

/* The layout holds all slots with both copies to the size of a page, so this is less. */
static int stage(struct feed *feed, uint32_t record)
{
	const struct vdk_layout_record *layout = &feed->layout->records[record];
	const uint32_t slots = vdk_layout_slots(layout);

	if (!feed->staged[record])
		feed->staged[record] = calloc(slots, layout->size);
	if (!feed->pending[record])
		feed->pending[record] = calloc(slots, sizeof(feed->pending[record][0]));
	return feed->staged[record] && feed->pending[record] ? 0 : -ENOMEM;
}

int feed_assign(struct feed *feed, const char *name, size_t name_length, const char *text,
                size_t length, struct vdk_report *report)
{
	struct vdk_field_ref ref;
	uint32_t record;
	int error = vdk_field_find(feed->layout, name, name_length, &ref, report);

	if (error)
		return error;
	if (ref.slot == VDK_FIELD_ALL)
		return vdk_report_set(report, -EINVAL, NULL,
		                      "%s is a list: expected one record of it, %s[0..%u].FIELD",
		                      ref.record->name, ref.record->name, ref.record->list - 1);
	record = (uint32_t)(ref.record - feed->layout->records);
	error = stage(feed, record);
	if (!error)
		error = vdk_field_parse(&ref, text, length,
		                        feed->staged[record] + (size_t)ref.slot * ref.record->size,
		                        report);
	return error ? error : add_change(feed, &ref, record);
}

int feed_argument(struct feed *feed, const char *argument, struct vdk_report *report)
{
	const char *equals = strchr(argument, '=');

	if (!equals)
		return vdk_report_set(report, -EINVAL, argument,
		                      "expected RECORD.FIELD=VALUE, found no =");
	return feed_assign(feed, argument, (size_t)(equals - argument), equals + 1,
	                   strlen(equals + 1), report);
}

/* All changes of one record; where two name the same field, the later one's bytes are staged. */
static int write_record(struct feed *feed, uint32_t record, uint32_t slot,
                        struct vdk_report *report)
{
	const struct vdk_layout_record *layout = &feed->layout->records[record];
	const uint8_t *staged = feed->staged[record] + (size_t)slot * layout->size;
	void *value;
	const int error = vdk_record_edit_at(feed->page, layout, slot, &value);

	if (error)
		return vdk_report_set(report, error, layout->name, "not written: %s",
		                      error == -ETIMEDOUT
		                              ? "another writer of the page is stopped inside an "
		                                "update"
		                              : strerror(-error));
	for (size_t at = feed->pending[record][slot]; at; at = feed->changes[at - 1].next) {
		const struct change *change = &feed->changes[at - 1];

		memcpy((uint8_t *)value + change->offset, staged + change->offset, change->size);
	}
	vdk_record_commit(feed->page);
	return 0;
}

int feed_commit(struct feed *feed, struct vdk_report *report)
{
	int updates = 0;

	for (size_t i = 0; i < feed->count; i++) {
		const uint32_t record = feed->changes[i].record, slot = feed->changes[i].slot;
		int error;

		if (!feed->pending[record][slot])
			continue;
		error = write_record(feed, record, slot, report);
		if (error)
			return error;
		feed->pending[record][slot] = 0;
		updates++;
	}
	feed_clear(feed);
	return updates;
}
