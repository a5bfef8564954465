/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk maps - the mappings of a process, explained */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "commands.h"
#include "look.h"
#include "vdk.h"

static const char help[] =
	"usage: vdk maps [--json] [--svg FILE] [PID]\n"
	"       vdk maps [--json] [--svg FILE] --file MAPS\n\n"
	"Explain every mapping of a process (of this command itself without PID): what it is, and\n"
	"why its permissions are so. Pages of vdk are shown with their values.\n\n"
	"  --file MAPS   a saved /proc/PID/maps, of any kernel; - reads standard input. Lines that\n"
	"                are no mappings are skipped\n"
	"  --json        one object with mappings and gaps\n"
	"  --svg FILE    draw the address space into FILE; nothing is printed unless --json\n\n"
	"exit status: 0 explained, 2 usage, 3 no such process, or the file is no maps file, 77 not\n"
	"permitted.\n";

/* A gap of less is not worth a line of the table; JSON has all of them. */
#define GAP_SHOWN (UINT64_C(1) << 30)

struct wishes {
	const char *file, *svg, *process;
	bool json;
};

static const char *access_text(unsigned int access, char text[5])
{
	snprintf(text, 5, "%c%c%c%c", access & VDK_MAP_READ ? 'r' : '-',
	         access & VDK_MAP_WRITE ? 'w' : '-', access & VDK_MAP_EXEC ? 'x' : '-',
	         access & VDK_MAP_SHARED ? 's' : 'p');
	return text;
}

static void print_gap(uint64_t from, uint64_t to)
{
	char size[32];

	if (to - from >= GAP_SHOWN)
		printf("%33s %9s       (%s)\n\n", "", look_size(to - from, size, sizeof(size)),
		       to >> 63 && !(from >> 63)
		               ? "nothing; above begins the kernel's half of the addresses"
		               : "nothing is mapped here");
}

static void print_map(const struct vdk_process *process, const struct vdk_maps *maps,
                      const struct vdk_map *map)
{
	char size[32], access[5], text[1024];

	printf("%016" PRIx64 "-%016" PRIx64 " %9s %s  %s%s\n", map->start, map->end,
	       look_size(map->end - map->start, size, sizeof(size)),
	       access_text(map->access, access), map->path, map->deleted ? " (deleted)" : "");
	printf("    %s.\n", vdk_map_what(map, text, sizeof(text)));
	printf("    %.3s: %s.\n", access, vdk_map_why(map, text, sizeof(text)));
	if (process && map->kind == VDK_MAP_VDK_PAGE)
		look_page_print(stdout, process, map, "    ");
	if (process && map->kind == VDK_MAP_VDK_PROCESS)
		look_process_page_print(stdout, process, maps, map, "    ");
	putchar('\n');
}

static void print_maps(const struct vdk_process *process, const struct vdk_maps *maps)
{
	for (size_t i = 0; i < maps->count; i++) {
		if (i)
			print_gap(maps->maps[i - 1].end, maps->maps[i].start);
		print_map(process, maps, &maps->maps[i]);
	}
}

static void put(struct json_object *object, const char *key, struct json_object *value)
{
	json_object_object_add(object, key, value);
}

static struct json_object *map_json(const struct vdk_process *process,
                                    const struct vdk_maps *maps, const struct vdk_map *map)
{
	struct json_object *object = json_object_new_object();
	char access[5], device[32], text[1024];

	snprintf(device, sizeof(device), "%02x:%02x", map->major, map->minor);
	put(object, "start", look_address(map->start));
	put(object, "end", look_address(map->end));
	put(object, "size", json_object_new_uint64(map->end - map->start));
	put(object, "permissions", json_object_new_string(access_text(map->access, access)));
	put(object, "offset", json_object_new_uint64(map->offset));
	put(object, "device", json_object_new_string(device));
	put(object, "inode", json_object_new_uint64(map->inode));
	put(object, "path", *map->path ? json_object_new_string(map->path) : NULL);
	put(object, "deleted", json_object_new_boolean(map->deleted));
	put(object, "kind", json_object_new_string(vdk_map_kind_name(map->kind)));
	put(object, "owner", map->owner == VDK_OWNER_NONE
	                             ? NULL
	                             : json_object_new_string(vdk_map_owner_name(map->owner)));
	put(object, "by_content", json_object_new_boolean(map->by_content));
	put(object, "what", json_object_new_string(vdk_map_what(map, text, sizeof(text))));
	put(object, "why", json_object_new_string(vdk_map_why(map, text, sizeof(text))));
	if (process && map->kind == VDK_MAP_VDK_PAGE)
		put(object, "page", look_page_json(process, map));
	if (process && map->kind == VDK_MAP_VDK_PROCESS)
		put(object, "chains", look_process_page_json(process, maps, map));
	return object;
}

static void print_json(const struct vdk_process *process, const struct vdk_maps *maps)
{
	struct json_object *object = json_object_new_object();
	struct json_object *mappings = json_object_new_array(), *gaps = json_object_new_array();

	for (size_t i = 0; i < maps->count; i++) {
		const struct vdk_map *map = &maps->maps[i];

		json_object_array_add(mappings, map_json(process, maps, map));
		if (i && map[-1].end != map->start) {
			struct json_object *gap = json_object_new_object();

			put(gap, "start", look_address(map[-1].end));
			put(gap, "end", look_address(map->start));
			put(gap, "size", json_object_new_uint64(map->start - map[-1].end));
			json_object_array_add(gaps, gap);
		}
	}
	put(object, "mappings", mappings);
	put(object, "gaps", gaps);
	put(object, "skipped_lines", json_object_new_uint64(maps->skipped));
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
	                                                    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

/* The whole of a file that may be a pipe. */
static int read_all(const char *path, char **ret_text, size_t *ret_size, struct vdk_report *report)
{
	const bool standard = !strcmp(path, "-");
	vdk_cleanup_fclose FILE *file = standard ? NULL : fopen(path, "re");
	FILE *from = standard ? stdin : file;
	vdk_cleanup_free char *text = NULL;
	size_t size = 0, room = 0;

	if (!from)
		return vdk_report_set(report, -errno, path, "%s", strerror(errno));
	while (!feof(from) && !ferror(from) && size <= VDK_MAPS_TEXT_MAX) {
		if (room - size < 4096) {
			char *larger = realloc(text, room = room ? 2 * room : 65536);

			if (!larger)
				return vdk_report_set(report, -ENOMEM, path, "out of memory");
			text = larger;
		}
		size += fread(text + size, 1, room - size, from);
	}
	if (ferror(from))
		return vdk_report_set(report, -EIO, path, "cannot read it");
	*ret_text = text;
	*ret_size = size;
	text = NULL;
	return 0;
}

static int load_file(const char *path, struct vdk_maps **ret_maps)
{
	struct vdk_report report = {0};
	vdk_cleanup_free char *text = NULL;
	size_t size = 0;
	int error = read_all(path, &text, &size, &report);

	if (!error)
		error = vdk_maps_parse(text, size, path, NULL, ret_maps, &report);
	if (error) {
		tool_complain("maps", &report);
		return EXIT_SYSTEM;
	}
	if ((*ret_maps)->skipped)
		tool_error("maps", "%s: skipped %zu lines that are no mappings", path,
		           (*ret_maps)->skipped);
	return EXIT_FINE;
}

static int load_process(const char *argument, struct vdk_process **ret_process,
                        struct vdk_maps **ret_maps)
{
	struct vdk_report report = {0};
	int code = look_open("maps", argument, ret_process), error;

	if (code)
		return code;
	look_watch("maps");
	error = vdk_process_maps(*ret_process, ret_maps, &report);
	look_watch_end();
	if (error) {
		tool_complain("maps", &report);
		return tool_exit_code(error);
	}
	if (vdk_process_memory(*ret_process))
		tool_error("maps", "its memory is not ours to read: mappings are named by their "
		                   "files, and pages are not decoded");
	return EXIT_FINE;
}

static int show(const struct wishes *wishes, const struct vdk_process *process,
                const struct vdk_maps *maps)
{
	struct vdk_report report = {0};
	struct look_leads leads = {0};
	char title[300];
	int error;

	if (wishes->svg) {
		look_watch("maps");
		if (process)
			look_leads(process, maps, &leads);
		look_watch_end();
		snprintf(title, sizeof(title), "%s%s", wishes->file ? "" : "process ",
		         wishes->file      ? wishes->file
		         : wishes->process ? wishes->process
		                           : "vdk maps itself");
		error = look_draw(wishes->svg, maps, title, &leads, &report);
		if (error) {
			tool_complain("maps", &report);
			return EXIT_SYSTEM;
		}
	}
	if (wishes->json)
		print_json(process, maps);
	else if (!wishes->svg)
		print_maps(process, maps);
	return tool_finish("maps", EXIT_FINE);
}

int cmd_maps(int argc, char **argv)
{
	static const struct option options[] = {
		{"file", required_argument, NULL, 'f'}, {"json", no_argument, NULL, 'j'},
		{"svg", required_argument, NULL, 's'},  {"help", no_argument, NULL, 'h'},
		{0},
	};
	struct wishes wishes = {0};
	struct vdk_process *process = NULL;
	struct vdk_maps *maps = NULL;
	int option, code;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			fputs(help, stdout);
			return EXIT_FINE;
		case 'f':
			wishes.file = optarg;
			break;
		case 'j':
			wishes.json = true;
			break;
		case 's':
			wishes.svg = optarg;
			break;
		default:
			return EXIT_USAGE;
		}
	}
	wishes.process = argv[optind];
	if (argc - optind > (wishes.file ? 0 : 1)) {
		fputs(help, stderr);
		return EXIT_USAGE;
	}
	code = wishes.file ? load_file(wishes.file, &maps)
	                   : load_process(wishes.process, &process, &maps);
	if (!code)
		code = show(&wishes, process, maps);
	vdk_maps_free(maps);
	vdk_process_close(process);
	return code;
}
