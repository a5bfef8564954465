/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk vsyscall - the vDSO's predecessor: how it works here, and who still calls it */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/printable.h"
#include "commands.h"
#include "look-cost.h"
#include "look-image.h"
#include "vdk.h"
#include "vsyscall-running.h"

static const char help[] =
	"usage: vdk vsyscall [--json]\n"
	"       vdk vsyscall [--json] PID|FILE...\n"
	"       vdk vsyscall [--json] --running\n\n"
	"Tell how this kernel serves the vsyscall page, how one can see that, what the page offers,\n"
	"and what a call costs beside the vDSO and a system call. With arguments: which of these\n"
	"processes and ELF files (of at most 64 MiB) contain its fixed addresses.\n\n"
	"  --running   which of the running processes have files mapped that do\n"
	"  --json      one object\n\n"
	"exit status: 0 told, or nothing found; 1 some contain the addresses; 2 usage; 3 no such\n"
	"process or file; 77 not permitted.\n";

static const struct {
	uint64_t address;
	const char *name;
} entries[] = {
        {UINT64_C(0xffffffffff600000), "gettimeofday"},
        {UINT64_C(0xffffffffff600400), "time"},
        {UINT64_C(0xffffffffff600800), "getcpu"},
};

static const struct {
	const char *name, *words, *evidence;
} modes[] = {
        [VDK_VSYSCALL_NONE] = {"none",
		"the kernel does not serve the page: a program that calls it crashes",
		"/proc/self/maps has no line [vsyscall]"},
        [VDK_VSYSCALL_XONLY] = {"xonly",
		"a call traps, and the kernel does the work; the page cannot be read",
		"/proc/self/maps lists [vsyscall] as --xp"},
        [VDK_VSYSCALL_EMULATE] = {"emulate",
		"a call traps, and the kernel does the work; the page can be read, too",
		"/proc/self/maps lists [vsyscall] as r-xp"},
};

static const char *entry_name(uint64_t address)
{
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		if (entries[i].address == address)
			return entries[i].name;
	return "";
}

static void put(struct json_object *object, const char *key, struct json_object *value)
{
	json_object_object_add(object, key, value);
}

static int print_object(struct json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
	                                                    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
	return EXIT_FINE;
}

/* ---- The kernel ------------------------------------------------------------------------------ */

static int own_mode(enum vdk_vsyscall_mode *ret_mode)
{
	struct vdk_report report = {0};
	struct vdk_process *process;
	struct vdk_maps *maps;
	int code = look_open("vsyscall", NULL, &process), error;

	if (code)
		return code;
	error = vdk_process_maps(process, &maps, &report);
	vdk_process_close(process);
	if (error) {
		tool_complain("vsyscall", &report);
		return tool_exit_code(error);
	}
	*ret_mode = vdk_vsyscall_mode(maps);
	vdk_maps_free(maps);
	return EXIT_FINE;
}

/* What the boot line says, if it says anything: "vsyscall=xonly". */
static bool boot_option(char *text, size_t size)
{
	vdk_cleanup_fclose FILE *file = fopen("/proc/cmdline", "re");
	char line[4096], *at, *next = NULL;

	if (!file || !fgets(line, sizeof(line), file))
		return false;
	for (at = strtok_r(line, " \n", &next); at; at = strtok_r(NULL, " \n", &next))
		if (!strncmp(at, "vsyscall=", 9)) {
			snprintf(text, size, "%s", at);
			return true;
		}
	return false;
}

static void print_cost(const char *way, double cost)
{
	if (cost < 0)
		printf("  %-12s  not possible here\n", way);
	else
		printf("  %-12s %8.1f ns\n", way, cost);
}

static int kernel_json(enum vdk_vsyscall_mode mode, const struct look_cost *cost,
                       const char *option)
{
	struct json_object *object = json_object_new_object(), *offers = json_object_new_array();
	struct json_object *costs = json_object_new_object();

	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		struct json_object *entry = json_object_new_object();

		put(entry, "address", look_address(entries[i].address));
		put(entry, "function", json_object_new_string(entries[i].name));
		json_object_array_add(offers, entry);
	}
	put(costs, "vsyscall", cost->vsyscall < 0 ? NULL : json_object_new_double(cost->vsyscall));
	put(costs, "vdso", cost->vdso < 0 ? NULL : json_object_new_double(cost->vdso));
	put(costs, "syscall", cost->syscall < 0 ? NULL : json_object_new_double(cost->syscall));
	put(object, "mode", json_object_new_string(modes[mode].name));
	put(object, "evidence", json_object_new_string(modes[mode].evidence));
	put(object, "boot_option", option ? json_object_new_string(option) : NULL);
	put(object, "entries", offers);
	put(object, "gettimeofday_ns", costs);
	return print_object(object);
}

static int tell_kernel(bool json)
{
	enum vdk_vsyscall_mode mode;
	struct look_cost cost;
	char option[64];
	const bool has_option = boot_option(option, sizeof(option));
	const int code = own_mode(&mode);

	if (code)
		return code;
	/* NOLINTBEGIN(clang-analyzer-core.*): the exit code of an error is not 0, so that mode is set */
	cost = look_cost();
	if (json)
		return kernel_json(mode, &cost, has_option ? option : NULL);
	printf("mode: %s: %s\n", modes[mode].name, modes[mode].words);
	printf("seen by: %s; the boot line says %s\n\n", modes[mode].evidence,
	       has_option ? option : "nothing of vsyscall=");
	/* NOLINTEND(clang-analyzer-core.*) */
	puts("The page has the same address in every program. It offers:");
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		printf("  %016" PRIx64 "  %s\n", entries[i].address, entries[i].name);
	puts("\nOne gettimeofday, measured now (median):");
	print_cost("vDSO", cost.vdso);
	print_cost("system call", cost.syscall);
	print_cost("vsyscall", cost.vsyscall);
	return EXIT_FINE;
}

/* ---- Who uses it ----------------------------------------------------------------------------- */

/* Pieces of a process's memory, and how much of it is looked at in all. */
#define CHUNK ((size_t)1 << 20)
#define OVERLAP 16
#define MEMORY_MAX (UINT64_C(1) << 30)

struct search {
	char *name;
	struct json_object *found; /* NULL: lines */
	size_t count;
};

static void tell_place(struct search *search, const char *where, uint64_t place, uint64_t address)
{
	struct json_object *object;

	search->count++;
	if (!search->found) {
		printf("%s: %s %#" PRIx64 ": %s (%#" PRIx64 ")\n", search->name, where, place,
		       entry_name(address), address);
		return;
	}
	object = json_object_new_object();
	put(object, "of", json_object_new_string(search->name));
	put(object, "in", json_object_new_string(where));
	put(object, "place", look_address(place));
	put(object, "address", look_address(address));
	put(object, "function", json_object_new_string(entry_name(address)));
	json_object_array_add(search->found, object);
}

/* Places that begin below @limit; the rest of the bytes is there for those to end in. */
static void search_bytes(struct search *search, const char *where, const uint8_t *bytes,
                         size_t size, size_t limit, uint64_t base)
{
	uint64_t address;

	for (size_t at = 0; vdk_vsyscall_scan(bytes, size, &at, &address) && at < limit; at += 7)
		tell_place(search, where, base + at, address);
}

static int search_map(struct search *search, const struct vdk_process *process,
                      const struct vdk_map *map, uint8_t *bytes)
{
	for (uint64_t at = map->start; at < map->end; at += CHUNK) {
		const uint64_t left = map->end - at;
		const size_t size = left < CHUNK + OVERLAP ? (size_t)left : CHUNK + OVERLAP;
		const int error = vdk_process_read(process, at, bytes, size);

		if (error == -EFAULT) /* beyond the end of its file */
			return 0;
		if (error)
			return error;
		search_bytes(search, *map->path ? map->path : "memory", bytes, size, CHUNK, at);
	}
	return 0;
}

/* What came from ELF files: code and its data, not heaps full of anything. */
static int search_process(struct search *search, const struct vdk_process *process,
                          struct vdk_report *report)
{
	vdk_cleanup_free uint8_t *bytes = malloc(CHUNK + OVERLAP);
	struct vdk_maps *maps;
	uint64_t budget = MEMORY_MAX;
	int error;

	if (!bytes)
		return vdk_report_set(report, -ENOMEM, search->name, "out of memory");
	look_watch("vsyscall");
	error = vdk_process_maps(process, &maps, report);
	look_watch_end();
	if (error)
		return error;
	for (size_t i = 0; i < maps->count && !error; i++) {
		const struct vdk_map *map = &maps->maps[i];
		const uint64_t size = map->end - map->start;

		if (map->owner == VDK_OWNER_NONE || !(map->access & VDK_MAP_READ) || size > budget)
			continue;
		budget -= size;
		look_watch("vsyscall");
		error = search_map(search, process, map, bytes);
		look_watch_end();
		if (error)
			vdk_report_set(report, error, search->name, "cannot read its memory: %s",
			               strerror(-error));
	}
	vdk_maps_free(maps);
	return error;
}

static int search_one(struct search *search)
{
	struct vdk_report report = {0};
	struct vdk_process *process;
	struct vdk_bytes image;
	pid_t pid;
	int error, code;

	if (look_parse_pid(search->name, &pid)) {
		code = look_open("vsyscall", search->name, &process);
		if (code)
			return code;
		error = search_process(search, process, &report);
		vdk_process_close(process);
	} else {
		error = vdk_file_image(search->name, &image, &report);
		if (!error) {
			vdk_printable(search->name, strlen(search->name));
			search_bytes(search, "offset", image.bytes, image.size, image.size, 0);
			free(image.bytes);
		}
	}
	if (error)
		tool_complain("vsyscall", &report);
	return tool_exit_code(error);
}

static int search_all(int count, char **names, bool json)
{
	struct search search = {.found = json ? json_object_new_array() : NULL};
	int code = EXIT_FINE;

	for (int i = 0; i < count; i++) {
		const size_t before = search.count;
		int one;

		search.name = names[i];
		one = search_one(&search);
		if (one)
			code = one;
		else if (!json && search.count == before)
			printf("%s: none of the fixed addresses\n", search.name);
	}
	if (json) {
		struct json_object *object = json_object_new_object();

		put(object, "found", search.found);
		print_object(object);
	}
	return code ? code : search.count ? EXIT_FINDING : EXIT_FINE;
}

static void tell_running(void *found, pid_t pid, const char *name, const char *file,
                         const struct vdk_vsyscall_places *places)
{
	struct json_object *object;

	if (!found) {
		printf("%d (%s): %s: %zu place%s, first at offset %#" PRIx64 ": %s (%#" PRIx64 ")\n",
		       pid, name, file, places->count, places->count == 1 ? "" : "s", places->first,
		       entry_name(places->address), places->address);
		return;
	}
	object = json_object_new_object();
	put(object, "pid", json_object_new_int(pid));
	put(object, "name", json_object_new_string(name));
	put(object, "file", json_object_new_string(file));
	put(object, "places", json_object_new_uint64(places->count));
	put(object, "first", look_address(places->first));
	put(object, "address", look_address(places->address));
	put(object, "function", json_object_new_string(entry_name(places->address)));
	json_object_array_add(found, object);
}

static int search_running(bool json)
{
	struct json_object *found = json ? json_object_new_array() : NULL;
	const struct vdk_vsyscall_sink sink = {.data = found, .found = tell_running};
	struct vdk_vsyscall_totals totals;
	const int error = vdk_vsyscall_running(&sink, &totals);

	if (error) {
		tool_error("vsyscall", "cannot look through /proc: %s", strerror(-error));
		return tool_exit_code(error);
	}
	if (json) {
		struct json_object *object = json_object_new_object();

		put(object, "found", found);
		put(object, "processes", json_object_new_uint64(totals.processes));
		put(object, "forbidden", json_object_new_uint64(totals.forbidden));
		put(object, "files", json_object_new_uint64(totals.files));
		print_object(object);
	} else {
		printf("%zu processes with %zu files looked into; %zu may not be\n", totals.processes,
		       totals.files, totals.forbidden);
	}
	return totals.found ? EXIT_FINDING : EXIT_FINE;
}

int cmd_vsyscall(int argc, char **argv)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'},
		{"running", no_argument, NULL, 'r'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	bool json = false, running = false;
	int option, code;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(help, stdout);
			return EXIT_FINE;
		}
		if (option != 'j' && option != 'r')
			return EXIT_USAGE;
		json |= option == 'j';
		running |= option == 'r';
	}
	if (running && optind != argc) {
		tool_error("vsyscall", "--running takes no PID and no FILE");
		return EXIT_USAGE;
	}
	if (running)
		return tool_finish("vsyscall", search_running(json));
	code = optind == argc ? tell_kernel(json)
	                      : search_all(argc - optind, argv + optind, json);
	return tool_finish("vsyscall", code);
}
