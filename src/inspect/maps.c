/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The text of a maps file into mappings. The form of a line is that of fs/proc/task_mmu.c:
 *
 *     START-END rwxp OFFSET MAJOR:MINOR INODE   PATH
 *
 * in lower-case hexadecimal but for the inode. The kernel writes a newline inside a path as \012,
 * so a line is a mapping whatever its file is called.
 */
#include <vdk/inspect.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "inspect/classify.h"

#define DELETED " (deleted)"

struct line {
	const char *at, *end;
};

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A number of at most 64 bits, followed by @stop. */
static bool take_number(struct line *line, int base, char stop, uint64_t *ret)
{
	uint64_t value = 0;
	int digits = 0;

	for (; line->at < line->end; line->at++, digits++) {
		const int d = digit(*line->at);

		if (d < 0 || d >= base)
			break;
		if (digits == 20 || value > (UINT64_MAX - (uint64_t)d) / (uint64_t)base)
			return false;
		value = value * (uint64_t)base + (uint64_t)d;
	}
	if (digits == 0 || (stop && (line->at == line->end || *line->at != stop)))
		return false;
	line->at += stop != 0;
	*ret = value;
	return true;
}

/* "rwxp " */
static bool take_access(struct line *line, unsigned int *ret)
{
	static const char letters[] = "rwx";
	unsigned int access = 0;

	if (line->end - line->at < 5 || line->at[4] != ' ')
		return false;
	for (int i = 0; i < 3; i++) {
		if (line->at[i] != letters[i] && line->at[i] != '-')
			return false;
		if (line->at[i] != '-')
			access |= 1u << i;
	}
	/* 'S': mandatory locks were once shown so. */
	if (line->at[3] == 's' || line->at[3] == 'S')
		access |= VDK_MAP_SHARED;
	else if (line->at[3] != 'p')
		return false;
	line->at += 5;
	*ret = access;
	return true;
}

/* Names reach terminals and pages: nothing in them may be a command to either. */
static char *take_path(struct line *line, char *strings, struct vdk_map *map)
{
	size_t length;

	while (line->at < line->end && *line->at == ' ')
		line->at++;
	length = (size_t)(line->end - line->at);
	while (length && (line->at[length - 1] == '\r' || line->at[length - 1] == ' '))
		length--;
	map->path = strings;
	memcpy(strings, line->at, length);
	vdk_printable(strings, length);
	if (length >= sizeof(DELETED) &&
	    !memcmp(strings + length - (sizeof(DELETED) - 1), DELETED, sizeof(DELETED) - 1)) {
		map->deleted = true;
		length -= sizeof(DELETED) - 1;
	}
	strings[length] = '\0';
	return strings + length + 1;
}

/* Does it begin as a mapping? What does not is skipped, what does must be one. */
static bool begins(struct line line)
{
	uint64_t number;

	return take_number(&line, 16, '-', &number) && take_number(&line, 16, ' ', &number);
}

static bool parse_line(struct line *line, struct vdk_map *map)
{
	uint64_t major, minor;

	if (!take_number(line, 16, '-', &map->start) || !take_number(line, 16, ' ', &map->end) ||
	    !take_access(line, &map->access) || !take_number(line, 16, ' ', &map->offset) ||
	    !take_number(line, 16, ':', &major) || !take_number(line, 16, ' ', &minor) ||
	    !take_number(line, 10, 0, &map->inode))
		return false;
	map->major = (uint32_t)major;
	map->minor = (uint32_t)minor;
	return (line->at == line->end || *line->at == ' ' || *line->at == '\r') &&
	       major <= UINT32_MAX && minor <= UINT32_MAX;
}

/* How much room there must be: at most one mapping a line, and its path with a NUL. */
static size_t count_lines(const char *text, size_t size)
{
	size_t lines = 1;

	for (size_t i = 0; i < size; i++)
		lines += text[i] == '\n';
	return lines;
}

struct parse {
	struct vdk_maps *maps;
	char *strings;
	const char *object;
	struct vdk_report *report;
};

static int add_line(struct parse *parse, struct line line, size_t number)
{
	struct vdk_maps *maps = parse->maps;
	struct vdk_map *map = &maps->maps[maps->count];
	const char *start = line.at;
	const int length = (int)(line.end - line.at > 80 ? 80 : line.end - line.at);
	const uint64_t before = maps->count ? map[-1].end : 0;

	if (!begins(line)) {
		maps->skipped += line.at != line.end;
		return 0;
	}
	if (maps->count == VDK_MAPS_MAX)
		return vdk_report_set(parse->report, -EFBIG, parse->object,
		                      "line %zu: expected at most %u mappings, found more", number,
		                      VDK_MAPS_MAX);
	if (!parse_line(&line, map)) {
		char found[81];

		memcpy(found, start, (size_t)length);
		found[length] = '\0';
		vdk_printable(found, (size_t)length);
		return vdk_report_set(parse->report, -EBADMSG, parse->object,
		                      "line %zu: expected START-END rwxp OFFSET MAJOR:MINOR INODE "
		                      "PATH, found \"%s\"", number, found);
	}
	if (map->start >= map->end || map->start < before)
		return vdk_report_set(parse->report, -EBADMSG, parse->object,
		                      "line %zu: expected a range from %#llx on, found "
		                      "%#llx-%#llx", number, (unsigned long long)before,
		                      (unsigned long long)map->start,
		                      (unsigned long long)map->end);
	parse->strings = take_path(&line, parse->strings, map);
	maps->count++;
	return 0;
}

static int parse_lines(struct parse *parse, const char *text, size_t size)
{
	const char *end = text + size;
	size_t number = 1;
	int error = 0;

	for (const char *at = text; at < end && !error; number++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end;

		error = add_line(parse, (struct line){at, stop}, number);
		at = stop + 1;
	}
	if (!error && parse->maps->count == 0)
		error = vdk_report_set(parse->report, -EBADMSG, parse->object,
		                       "expected lines like those of /proc/PID/maps, found none");
	return error;
}

int vdk_maps_parse(const char *text, size_t size, const char *object, const char *program,
                   struct vdk_maps **ret_maps, struct vdk_report *report)
{
	struct parse parse = {.object = object, .report = report};
	size_t lines;
	int error;

	if (size > VDK_MAPS_TEXT_MAX)
		return vdk_report_set(report, -EFBIG, object,
		                      "expected at most %u bytes, found %zu", VDK_MAPS_TEXT_MAX,
		                      size);
	lines = count_lines(text, size);
	if (lines > VDK_MAPS_MAX)
		lines = VDK_MAPS_MAX + 1;
	/* One block: the list, the mappings and their paths, none longer than its line. */
	parse.maps = calloc(1, sizeof(*parse.maps) + lines * sizeof(struct vdk_map) + size + lines);
	if (!parse.maps)
		return vdk_report_set(report, -ENOMEM, object, "out of memory");
	parse.maps->maps = (struct vdk_map *)(parse.maps + 1);
	parse.strings = (char *)(parse.maps->maps + lines);
	error = parse_lines(&parse, text, size);
	if (error) {
		free(parse.maps);
		return error;
	}
	vdk_maps_classify(parse.maps, program);
	*ret_maps = parse.maps;
	return 0;
}

struct vdk_maps *vdk_maps_free(struct vdk_maps *maps)
{
	free(maps);
	return NULL;
}

struct vdk_map *vdk_maps_find(const struct vdk_maps *maps, uint64_t address)
{
	size_t low = 0, high = maps->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		struct vdk_map *map = &maps->maps[middle];

		if (address < map->start)
			high = middle;
		else if (address >= map->end)
			low = middle + 1;
		else
			return map;
	}
	return NULL;
}
