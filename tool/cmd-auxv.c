/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk auxv - what the kernel told a program, and what the program was left to believe */
#include <elf.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "base/printable.h"
#include "commands.h"
#include "look.h"
#include "vdk.h"

static const char help[] =
	"usage: vdk auxv [--json] [PID]\n\n"
	"Print the auxiliary vector of a process (of this command itself without PID) in words: the\n"
	"kernel's saved one, beside it what the program's own on its stack says differently, and\n"
	"whether an attached vDSO explains that.\n\n"
	"  --json   one object\n\n"
	"exit status: 0 they agree, or an attached or hidden vDSO explains the difference; 1 some\n"
	"other difference; 2 usage; 3 no such process; 77 not permitted.\n";

struct look {
	struct vdk_process *process;
	struct vdk_maps *maps;
	struct vdk_auxv auxv;
};

/* What the two vectors come to. */
enum verdict { SAME, ATTACHED, HIDDEN, UNEXPLAINED, UNKNOWN };

static bool differs(const struct look *look, size_t i)
{
	return i < look->auxv.own_count &&
	       (look->auxv.own[i].type != look->auxv.saved[i].type ||
	        look->auxv.own[i].value != look->auxv.saved[i].value);
}

static enum verdict entry_verdict(const struct look *look, size_t i)
{
	const struct vdk_auxv_entry *own = &look->auxv.own[i];
	const struct vdk_map *map;

	if (!differs(look, i))
		return SAME;
	if (look->auxv.saved[i].type != AT_SYSINFO_EHDR)
		return UNEXPLAINED;
	if (own->type == AT_IGNORE)
		return HIDDEN;
	map = vdk_maps_find(look->maps, own->value);
	return map && map->kind == VDK_MAP_VDK_IMAGE && map->start == own->value ? ATTACHED
	                                                                         : UNEXPLAINED;
}

/* The gravest of all entries'. */
static enum verdict verdict(const struct look *look)
{
	enum verdict worst = SAME;

	if (look->auxv.own_error)
		return UNKNOWN;
	for (size_t i = 0; i < look->auxv.own_count; i++) {
		const enum verdict found = entry_verdict(look, i);

		worst = found > worst ? found : worst;
	}
	return worst;
}

static const char *const verdict_names[] = {"same", "attached", "hidden", "unexplained", "unknown"};

static const char *verdict_words(const struct look *look, enum verdict found)
{
	switch (found) {
	case SAME:
		return "The program's own vector is the kernel's: it uses the kernel's vDSO, if any.";
	case ATTACHED:
		return "vdk attached a vDSO: that explains the difference. Tools that read "
		       "/proc/PID/auxv (debuggers, core files) see the kernel's value.";
	case HIDDEN:
		return "The vDSO is hidden (AT_IGNORE), as by `vdk run --vdso none`: the program makes "
		       "system calls.";
	case UNEXPLAINED:
		return "The program's own vector was changed, and no vDSO attached by vdk explains it.";
	default:
		return look->auxv.own_error == -ENOENT
		               ? "The program's own vector was not found on its stack: it has "
		                 "overwritten or moved it."
		               : "The program's own vector could not be read: its memory is not ours.";
	}
}

/* A short string in the process; control characters replaced. Return: false if unreadable. */
static bool read_string(const struct look *look, uint64_t address, char *text, size_t size)
{
	bool readable = true;
	size_t i;

	look_watch("auxv");
	for (i = 0; i + 1 < size && readable; i++) {
		readable = !vdk_process_read(look->process, address + i, &text[i], 1);
		if (!readable || !text[i])
			break;
	}
	look_watch_end();
	text[i] = '\0';
	vdk_printable(text, i);
	return readable;
}

static bool is_address(uint64_t type)
{
	return type == AT_PHDR || type == AT_BASE || type == AT_ENTRY || type == AT_RANDOM ||
	       type == AT_SYSINFO || type == AT_SYSINFO_EHDR || type == AT_PLATFORM ||
	       type == AT_BASE_PLATFORM || type == AT_EXECFN;
}

static bool is_mask(uint64_t type)
{
	return type == AT_HWCAP || type == AT_HWCAP2 || type == 29 || type == 30 ||
	       type == AT_FLAGS;
}

static const char *value_text(const struct look *look, const struct vdk_auxv_entry *entry,
                              char *text, size_t size)
{
	const bool hexadecimal = is_address(entry->type) || is_mask(entry->type);
	const struct vdk_map *map = is_address(entry->type) && entry->value
	                                    ? vdk_maps_find(look->maps, entry->value)
	                                    : NULL;
	char string[200];
	int length = snprintf(text, size, hexadecimal ? "%#" PRIx64 : "%" PRIu64, entry->value);

	if ((entry->type == AT_PLATFORM || entry->type == AT_BASE_PLATFORM ||
	     entry->type == AT_EXECFN) &&
	    read_string(look, entry->value, string, sizeof(string)))
		snprintf(text + length, size - (size_t)length, " \"%s\"", string);
	else if (map)
		snprintf(text + length, size - (size_t)length, " in %.200s",
		         *map->path ? map->path : vdk_map_kind_name(map->kind));
	return text;
}

static void print_entry(const struct look *look, size_t i)
{
	const struct vdk_auxv_entry *saved = &look->auxv.saved[i], *own = &look->auxv.own[i];
	const char *meaning, *name = vdk_auxv_name(saved->type, &meaning);
	char number[40], text[512];

	snprintf(number, sizeof(number), "type %" PRIu64, saved->type);
	printf("%-21s %s%s%s\n", name ? name : number, value_text(look, saved, text, sizeof(text)),
	       meaning ? "  - " : "", meaning ? meaning : "");
	if (!differs(look, i))
		return;
	if (own->type != saved->type)
		printf("  the program's own:  %s\n",
		       own->type == AT_IGNORE ? "AT_IGNORE: to be passed over" : "another entry");
	else
		printf("  the program's own:  %s\n", value_text(look, own, text, sizeof(text)));
}

static void put(struct json_object *object, const char *key, struct json_object *value)
{
	json_object_object_add(object, key, value);
}

static struct json_object *entry_json(const struct look *look, const struct vdk_auxv_entry *entry)
{
	struct json_object *object = json_object_new_object();
	const char *meaning, *name = vdk_auxv_name(entry->type, &meaning);
	char text[512];

	put(object, "type", json_object_new_uint64(entry->type));
	put(object, "name", name ? json_object_new_string(name) : NULL);
	put(object, "value", look_address(entry->value));
	put(object, "text", json_object_new_string(value_text(look, entry, text, sizeof(text))));
	return object;
}

static void print_json(const struct look *look, enum verdict found)
{
	struct json_object *object = json_object_new_object();
	struct json_object *saved = json_object_new_array(), *own = NULL;

	for (size_t i = 0; i < look->auxv.saved_count; i++)
		json_object_array_add(saved, entry_json(look, &look->auxv.saved[i]));
	if (look->auxv.own_count)
		own = json_object_new_array();
	for (size_t i = 0; i < look->auxv.own_count; i++)
		json_object_array_add(own, entry_json(look, &look->auxv.own[i]));
	put(object, "word_bits", json_object_new_int((int)look->auxv.word * 8));
	put(object, "saved", saved);
	put(object, "own", own);
	put(object, "own_address", own ? look_address(look->auxv.own_address) : NULL);
	put(object, "verdict", json_object_new_string(verdict_names[found]));
	put(object, "words", json_object_new_string(verdict_words(look, found)));
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
	                                                    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

static int show(const struct look *look, bool json)
{
	const enum verdict found = verdict(look);

	if (json) {
		print_json(look, found);
	} else {
		for (size_t i = 0; i < look->auxv.saved_count; i++)
			print_entry(look, i);
		printf("\n%s\n", verdict_words(look, found));
	}
	return tool_finish("auxv", found == UNEXPLAINED ? EXIT_FINDING : EXIT_FINE);
}

static int load(const char *argument, struct look *look)
{
	struct vdk_report report = {0};
	int code = look_open("auxv", argument, &look->process), error;

	if (code)
		return code;
	look_watch("auxv");
	error = vdk_process_maps(look->process, &look->maps, &report);
	if (!error)
		error = vdk_auxv_read(look->process, look->maps, &look->auxv, &report);
	look_watch_end();
	if (error)
		tool_complain("auxv", &report);
	return tool_exit_code(error);
}

int cmd_auxv(int argc, char **argv)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	struct look look = {0};
	bool json = false;
	int option, code;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(help, stdout);
			return EXIT_FINE;
		}
		if (option != 'j')
			return EXIT_USAGE;
		json = true;
	}
	if (argc - optind > 1) {
		fputs(help, stderr);
		return EXIT_USAGE;
	}
	code = load(argv[optind], &look);
	if (!code)
		code = show(&look, json);
	vdk_maps_free(look.maps);
	vdk_process_close(look.process);
	return code;
}
