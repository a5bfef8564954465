/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the linker is told (addresses, versions) and what the image says of itself (the note). */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <vdk/format.h>

#include "build.h"

#define STANDARD_VERSION "LINUX_2.6"

/* [process page][page][image]: everything before the image is an address relative to it. */
static int write_map(struct build *build)
{
	const struct layout *layout = &build->layout;
	FILE *file;
	int error = work_open(&build->work, "image-map.lds", &file, build->report);

	if (error)
		return error;
	fprintf(file, "vdk_image = .;\nvdk_process = . - %u - %u;\n", layout->page_size,
	        VDK_PROCESS_SIZE);
	if (layout->record_count)
		fprintf(file, "vdk_page = . - %u;\n", layout->page_size);
	for (size_t i = 0; i < layout->record_count; i++)
		fprintf(file, "vdk_record_%s = . - %u;\n", layout->records[i].name,
		        layout->page_size - layout->records[i].offset);
	return work_close(&build->work, "image-map.lds", file, build->report);
}

static bool first_of_version(const struct exports *exports, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (!strcmp(exports->items[i].version, exports->items[index].version))
			return false;
	return true;
}

static void write_function(FILE *file, const char *name, bool *any)
{
	fprintf(file, "%s\t%s;\n\t__vdso_%s;\n", *any ? "" : "global:\n", name, name);
	*any = true;
}

/* One node: the functions of one version; the standard ones too where @standard says so. */
static void write_node(FILE *file, const struct exports *exports, const char *version,
                       bool standard)
{
	const bool first = !strcmp(version, STANDARD_VERSION);
	bool any = false;

	fprintf(file, "%s {\n", version);
	for (int i = 0; first && standard && i < VDK_CHAIN_COUNT; i++)
		if (!(exports->overrides & 1u << i))
			write_function(file, standard_names[i], &any);
	for (size_t i = 0; i < exports->count; i++)
		if (!strcmp(exports->items[i].version, version) &&
		    (standard || export_is_own(&exports->items[i])))
			write_function(file, exports->items[i].name, &any);
	fprintf(file, "%s};\n", first ? "local:\n\t*;\n" : "");
}

static int write_versions(struct build *build, const char *name, bool standard)
{
	const struct exports *exports = &build->exports;
	FILE *file;
	int error = work_open(&build->work, name, &file, build->report);

	if (error)
		return error;
	write_node(file, exports, STANDARD_VERSION, standard);
	for (size_t i = 0; i < exports->count; i++)
		if (strcmp(exports->items[i].version, STANDARD_VERSION) &&
		    first_of_version(exports, i))
			write_node(file, exports, exports->items[i].version, standard);
	return work_close(&build->work, name, file, build->report);
}

static void write_bytes(FILE *file, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		fprintf(file, "%s%u", i % 16 ? "," : "\n\t.byte\t", bytes[i]);
	fputc('\n', file);
}

/* In the order of struct vdk_image_note; the differences make it self-relative. */
static void write_note_body(FILE *file, const struct build *build)
{
	const struct layout *layout = &build->layout;
	uint8_t name[sizeof(((struct vdk_image_note *)0)->name)] = {0};

	memcpy(name, build->name, strlen(build->name));
	fprintf(file, "\t.long\t%u\t\t/* version */\n",
	        layout->lists ? VDK_IMAGE_VERSION_LISTS : VDK_IMAGE_VERSION);
	fprintf(file, "\t.long\t%zu\t\t/* note_size */\n",
	        sizeof(struct vdk_image_note) + layout->table_size);
	fprintf(file, "\t.quad\t%#llx\t/* layout_id */\n", (unsigned long long)layout->id);
	fprintf(file, "\t.long\t%u\t\t/* page_size */\n", layout->page_size);
	fprintf(file, "\t.long\t%u\t\t/* process_size */\n", VDK_PROCESS_SIZE);
	fprintf(file, "\t.long\t%#x\t\t/* overrides */\n", build->exports.overrides);
	fprintf(file, "\t.long\t%zu\t\t/* table_offset */\n",
	        layout->table_size ? sizeof(struct vdk_image_note) : 0);
	fprintf(file, "\t.long\t%u\t\t/* table_size */\n", layout->table_size);
	fputs("\t.long\tvdk_attach_finish - .\n", file);
	for (int i = 0; i < VDK_CHAIN_COUNT; i++)
		fprintf(file, "\t.long\tvdk_fallback_%s - .\n", standard_names[i]);
	fputs("\t/* name */", file);
	write_bytes(file, name, sizeof(name));
	fputs("\t/* table */", file);
	write_bytes(file, layout->table, layout->table_size);
}

static int write_note(struct build *build)
{
	FILE *file;
	int error = work_open(&build->work, "note.S", &file, build->report);

	_Static_assert(offsetof(struct vdk_image_note, layout_id) == 8 &&
	                       offsetof(struct vdk_image_note, finish) == 36 &&
	                       offsetof(struct vdk_image_note, name) == 64 &&
	                       sizeof(struct vdk_image_note) == 96,
	               "write_note_body() writes the note without gaps");
	if (error)
		return error;
	fputs("\t.section .note.vdk, \"a\", @note\n\t.balign 4\n", file);
	for (int i = 0; i < VDK_CHAIN_COUNT; i++)
		fprintf(file, "\t.hidden vdk_fallback_%s\n", standard_names[i]);
	fputs("\t.hidden vdk_attach_finish\n", file);
	fprintf(file, "\t.long\t2f - 1f, 4f - 3f, %u\n", VDK_NOTE_IMAGE);
	fputs("1:\t.asciz\t\"" VDK_NOTE_NAME "\"\n2:\t.balign 4\n3:\n", file);
	write_note_body(file, build);
	fputs("4:\t.balign 4\n\t.section .note.GNU-stack, \"\", @progbits\n", file);
	return work_close(&build->work, "note.S", file, build->report);
}

int build_scripts(struct build *build)
{
	int error = write_map(build);

	if (!error)
		error = write_versions(build, "image.map", true);
	if (!error)
		error = write_versions(build, "stub.map", false);
	return error ? error : write_note(build);
}
