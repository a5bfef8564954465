/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sample.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <vdk/publish.h>

#define PAGE_SIZE 8192u
#define SLOTS 4096u

static uint32_t add_string(struct sample_table *table, const char *text)
{
	const uint32_t at = table->table.string_size;

	strcpy(table->strings + at, text);
	table->table.string_size += (uint32_t)strlen(text) + 1;
	return at;
}

static void add_field(struct sample_table *table, const char *name, size_t offset, uint32_t size,
                      uint32_t count, enum vdk_kind kind)
{
	table->fields[table->table.field_count++] = (struct vdk_table_field){
		.name = add_string(table, name),
		.offset = (uint32_t)offset,
		.size = size,
		.count = count,
		.kind = (uint8_t)kind,
	};
}

#define RECORD(index, tag, at)                                                                     \
	do {                                                                                       \
		table->records[index] = (struct vdk_table_record){                                 \
			.name = add_string(table, #tag),                                           \
			.offset = (at),                                                            \
			.copy_offset = offsetof(struct vdk_slot_##tag, copy),                      \
			.copy_stride = sizeof(((struct vdk_slot_##tag *)0)->copy[0]),              \
			.size = sizeof(struct tag),                                                \
			.first_field = table->table.field_count,                                   \
		};                                                                                 \
	} while (0)

#define FIELD(tag, name, member, count, kind)                                                      \
	add_field(table, name, offsetof(struct tag, member),                                       \
	          sizeof(((struct tag *)0)->member) / (count), count, kind)

void sample_table(struct sample_table *table)
{
	memset(table, 0, sizeof(*table));
	table->table.record_count = SAMPLE_RECORDS;
	table->table.page_size = PAGE_SIZE;
	RECORD(SAMPLE_PAIR, pair, SLOTS);
	FIELD(pair, "count", count, 1, VDK_KIND_UINT);
	FIELD(pair, "inverse", inverse, 1, VDK_KIND_UINT);
	FIELD(pair, "triple", triple, 1, VDK_KIND_UINT);
	table->records[SAMPLE_PAIR].field_count = 3;
	RECORD(SAMPLE_WIDE, wide, SLOTS + sizeof(struct vdk_slot_pair));
	FIELD(wide, "count", count, 1, VDK_KIND_UINT);
	FIELD(wide, "words", words, 61, VDK_KIND_UINT);
	FIELD(wide, "real", real, 1, VDK_KIND_FLOAT);
	FIELD(wide, "exact", exact, 1, VDK_KIND_FLOAT);
	FIELD(wide, "tiny", tiny, 1, VDK_KIND_INT);
	FIELD(wide, "flag", flag, 1, VDK_KIND_BOOL);
	FIELD(wide, "text", text, 1, VDK_KIND_STRING);
	FIELD(wide, "level[0].price", level[0].price, 1, VDK_KIND_INT);
	FIELD(wide, "level[1].price", level[1].price, 1, VDK_KIND_INT);
	table->records[SAMPLE_WIDE].field_count = 9;
}

struct vdk_note sample_note(const struct sample_table *table)
{
	struct vdk_note note = {.table = (void *)(uintptr_t)table, .image_size = 4096};

	note.image.version = VDK_IMAGE_VERSION;
	note.image.table_size = (uint32_t)offsetof(struct sample_table, strings) +
	                        table->table.string_size;
	note.image.page_size = table->table.page_size;
	note.image.layout_id = vdk_layout_id(table, note.image.table_size);
	memcpy(note.image.name, "sample", 7);
	return note;
}

int sample_page(void)
{
	struct sample_table table;
	struct vdk_report report;
	struct vdk_note note;
	int fd;

	sample_table(&table);
	note = sample_note(&table);
	if (vdk_page_create(-1, NULL, 0, &note, &fd, &report) == 0)
		return fd;
	fprintf(stderr, "sample page: %s: %s\n", report.object, report.text);
	abort();
}

int sample_reopen(int fd)
{
	char path[64];
	int again;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDWR | O_CLOEXEC);
	if (again < 0)
		abort();
	return again;
}
