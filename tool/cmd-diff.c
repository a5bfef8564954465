/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk diff - how two images differ */
#include <elf.h>
#include <getopt.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "look-image.h"
#include "vdk.h"

static const char help[] =
	"usage: vdk diff [--kernel] [--json] A B\n\n"
	"Compare two vDSO images, each of a process (its number) or a file: symbols that only one\n"
	"has, and those whose version, type, binding, size or code differs. Images are the same when\n"
	"their bytes are; zeroes behind the end of the shorter one do not count.\n\n"
	"  --kernel   of processes, the kernel's own vDSO, even if another one is attached\n"
	"  --json     one object\n\n"
	"exit status: 0 the same, 1 they differ, or a process has no vDSO, 2 usage, 3 no such process\n"
	"or file, or no sound ELF image, 77 not permitted.\n";

struct side {
	const char *name;
	struct vdk_bytes image;
	struct vdk_symbols *symbols;
};

/* What is said about the difference: lines, or an array of objects. */
struct output {
	struct json_object *json;
	size_t differences;
};

static void tell(struct output *output, const char *what, const char *name, const char *a,
                 const char *b)
{
	struct json_object *object;

	output->differences++;
	if (!output->json) {
		printf("%s%s%s: %s | %s\n", name, *name ? ": " : "", what, a, b);
		return;
	}
	object = json_object_new_object();
	json_object_object_add(object, "what", json_object_new_string(what));
	json_object_object_add(object, "symbol", *name ? json_object_new_string(name) : NULL);
	json_object_object_add(object, "a", json_object_new_string(a));
	json_object_object_add(object, "b", json_object_new_string(b));
	json_object_array_add(output->json, object);
}

static void tell_numbers(struct output *output, const char *what, const char *name, uint64_t a,
                         uint64_t b)
{
	char left[32], right[32];

	snprintf(left, sizeof(left), "%" PRIu64, a);
	snprintf(right, sizeof(right), "%" PRIu64, b);
	tell(output, what, name, left, right);
}

static void tell_strings(struct output *output, const char *what, const char *name, const char *a,
                         const char *b)
{
	if (strcmp(a, b) != 0)
		tell(output, what, name, *a ? a : "none", *b ? b : "none");
}

static bool same_bytes(const struct vdk_bytes *a, const struct vdk_bytes *b)
{
	const struct vdk_bytes *longer = a->size > b->size ? a : b;
	const size_t size = a->size < b->size ? a->size : b->size;

	if (memcmp(a->bytes, b->bytes, size) != 0)
		return false;
	for (size_t i = size; i < longer->size; i++)
		if (longer->bytes[i])
			return false;
	return true;
}

static int compare_names(const void *a, const void *b)
{
	const struct vdk_symbol *left = a, *right = b;
	const int names = strcmp(left->name, right->name);

	return names ? names : strcmp(left->version, right->version);
}

static void compare_code(struct output *output, const struct side *a, const struct side *b,
                         const struct vdk_symbol *left, const struct vdk_symbol *right)
{
	char text[64];
	uint64_t bytes = 0;

	if (!left->offset || !right->offset || left->size != right->size)
		return;
	for (uint64_t i = 0; i < left->size; i++)
		bytes += a->image.bytes[left->offset + i] != b->image.bytes[right->offset + i];
	if (!bytes)
		return;
	snprintf(text, sizeof(text), "%" PRIu64 " of %" PRIu64 " bytes", bytes, left->size);
	tell(output, "code", left->name, text, "other bytes");
}

static void compare_symbol(struct output *output, const struct side *a, const struct side *b,
                           const struct vdk_symbol *left, const struct vdk_symbol *right)
{
	tell_strings(output, "type", left->name, look_symbol_type(left->type),
	             look_symbol_type(right->type));
	tell_strings(output, "binding", left->name, look_symbol_binding(left->binding),
	             look_symbol_binding(right->binding));
	if (left->size != right->size)
		tell_numbers(output, "size", left->name, left->size, right->size);
	compare_code(output, a, b, left, right);
}

/* Both lists are sorted: one walk finds what is in one only. */
static void compare_symbols(struct output *output, const struct side *a, const struct side *b)
{
	size_t i = 0, j = 0;

	while (i < a->symbols->count || j < b->symbols->count) {
		const struct vdk_symbol *left = &a->symbols->symbols[i];
		const struct vdk_symbol *right = &b->symbols->symbols[j];
		const int order = i == a->symbols->count   ? 1
		                  : j == b->symbols->count ? -1
		                                           : compare_names(left, right);

		if (order < 0)
			tell(output, "symbol", left->name, *left->version ? left->version : "there", "-");
		else if (order > 0)
			tell(output, "symbol", right->name, "-",
			     *right->version ? right->version : "there");
		else
			compare_symbol(output, a, b, left, right);
		i += order <= 0;
		j += order >= 0;
	}
}

static void compare(struct output *output, const struct side *a, const struct side *b)
{
	tell_strings(output, "soname", "", a->symbols->soname, b->symbols->soname);
	tell_strings(output, "build id", "", a->symbols->build_id, b->symbols->build_id);
	if (a->symbols->bits != b->symbols->bits)
		tell_numbers(output, "bits", "", a->symbols->bits, b->symbols->bits);
	if (a->image.size != b->image.size)
		tell_numbers(output, "bytes", "", a->image.size, b->image.size);
	compare_symbols(output, a, b);
	if (!output->differences)
		tell(output, "bytes outside symbols", "", "differ", "differ");
}

static int diff(const struct side *a, const struct side *b, bool json)
{
	struct output output = {.json = json ? json_object_new_array() : NULL};
	const bool same = same_bytes(&a->image, &b->image);

	if (!same)
		compare(&output, a, b);
	if (json) {
		struct json_object *object = json_object_new_object();

		json_object_object_add(object, "same", json_object_new_boolean(same));
		json_object_object_add(object, "differences", output.json);
		puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
		                                                    JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(object);
	} else if (same) {
		printf("%s and %s are the same\n", a->name, b->name);
	}
	return tool_finish("diff", same ? EXIT_FINE : EXIT_FINDING);
}

static int load(const char *name, bool kernel, struct side *side)
{
	pid_t pid;
	int code;

	side->name = name;
	code = look_symbols("diff", name, kernel && look_parse_pid(name, &pid), &side->image,
	                    &side->symbols);
	if (!code && side->symbols->count)
		qsort(side->symbols->symbols, side->symbols->count, sizeof(struct vdk_symbol),
		      compare_names);
	return code;
}

static void unload(struct side *side)
{
	vdk_symbols_free(side->symbols);
	free(side->image.bytes);
}

int cmd_diff(int argc, char **argv)
{
	static const struct option options[] = {
		{"kernel", no_argument, NULL, 'k'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	struct side a = {0}, b = {0};
	bool json = false, kernel = false;
	int option, code;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			fputs(help, stdout);
			return EXIT_FINE;
		case 'k':
			kernel = true;
			break;
		case 'j':
			json = true;
			break;
		default:
			return EXIT_USAGE;
		}
	}
	if (argc - optind != 2) {
		fputs(help, stderr);
		return EXIT_USAGE;
	}
	code = load(argv[optind], kernel, &a);
	if (!code)
		code = load(argv[optind + 1], kernel, &b);
	if (!code)
		code = diff(&a, &b, json);
	unload(&a);
	unload(&b);
	return code;
}
