/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk check: hold an image to every rule that its readers rely on. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/check.h>

#include "base/printable.h"
#include "commands.h"
#include "vdk.h"

static const char help[] =
        "usage: vdk check [OPTION...] IMG\n"
        "       vdk check --list-rules [--json]\n"
        "\n"
        "Hold the image IMG to every rule that C libraries, Go, debuggers and the kernel rely on.\n"
        "IMG is a file, or the word `vdso` for the one that this process sees (write ./vdso for a\n"
        "file of that name). One line for each finding:\n"
        "\n"
        "    IMG: RULE: SEVERITY: what is wrong (offset .., expected .., found ..)\n"
        "\n"
        "      --kernel           known oddities of the kernel's own image are notes; the default\n"
        "                         for an image with the kernel's version note\n"
        "      --kit              every rule with its full severity\n"
        "      --stack-limit N    what a function may use of its caller's stack, in bytes;\n"
        "                         default 1024\n"
        "      --json             one JSON object instead of lines\n"
        "  -v, --verbose          a table of the functions too, with their size and stack\n"
        "  -q, --quiet            only the exit status\n"
        "      --list-rules       what is looked at, and where each demand comes from\n"
        "  -h, --help\n"
        "\n"
        "exit status: 0 no errors (warnings and notes are allowed); 1 errors, also when the file\n"
        "is no ELF file at all; 2 wrong arguments; 3 the file could not be read.\n";

enum { OPTION_KERNEL = 256, OPTION_KIT, OPTION_LIMIT, OPTION_JSON, OPTION_LIST };

static const struct option options[] = {{"kernel", no_argument, NULL, OPTION_KERNEL},
                                        {"kit", no_argument, NULL, OPTION_KIT},
                                        {"stack-limit", required_argument, NULL, OPTION_LIMIT},
                                        {"json", no_argument, NULL, OPTION_JSON},
                                        {"verbose", no_argument, NULL, 'v'},
                                        {"quiet", no_argument, NULL, 'q'},
                                        {"list-rules", no_argument, NULL, OPTION_LIST},
                                        {"help", no_argument, NULL, 'h'},
                                        {0}};

struct wishes {
	struct vdk_check_options check;
	bool json, verbose, quiet, list;
};

static const char *const severities[] = {"off", "note", "warning", "error"};

static const char *profile_name(const struct vdk_check_result *result)
{
	return vdk_check_profile(result) == VDK_CHECK_KERNEL ? "kernel" : "kit";
}

/* ---- Lines ----------------------------------------------------------------------------------- */

static void print_finding(const char *image, const struct vdk_check_finding *finding)
{
	const char *separator = " (";

	printf("%s: %s: %s: %s", image, finding->rule->id, severities[finding->severity],
	       finding->message);
	if (finding->offset != VDK_CHECK_NO_OFFSET) {
		printf("%soffset %#" PRIx64, separator, finding->offset);
		separator = ", ";
	}
	if (*finding->expected) {
		printf("%sexpected %s", separator, finding->expected);
		separator = ", ";
	}
	if (*finding->found) {
		printf("%sfound %s", separator, finding->found);
		separator = ", ";
	}
	puts(*separator == ',' ? ")" : "");
}

static void print_stack(uint32_t stack)
{
	if (stack == VDK_CHECK_STACK_UNKNOWN)
		printf(" %7s", "?");
	else
		printf(" %7" PRIu32, stack);
}

static void print_functions(const struct vdk_check_result *result)
{
	const struct vdk_check_function *function;

	printf("  %8s %7s %7s %7s  %s\n", "offset", "size", "stack", "total", "function");
	for (size_t i = 0; (function = vdk_check_function(result, i)); i++) {
		printf("  %#8" PRIx64 " %7" PRIu64, function->offset, function->size);
		print_stack(function->stack);
		print_stack(function->stack_total);
		printf("  %s%s%s\n", *function->name ? function->name : "(no name)",
		       function->exported ? "" : ", internal",
		       function->chains ? ", goes on into the kernel's vDSO" : "");
	}
}

static void print_lines(const char *image, const struct vdk_check_result *result, bool verbose)
{
	const struct vdk_check_finding *finding;
	size_t rules;

	vdk_check_rules(&rules);
	for (size_t i = 0; (finding = vdk_check_finding(result, i)); i++)
		print_finding(image, finding);
	if (verbose)
		print_functions(result);
	printf("%s: %zu errors, %zu warnings, %zu notes; %zu rules (%s)", image,
	       vdk_check_count(result, VDK_CHECK_ERROR), vdk_check_count(result, VDK_CHECK_WARNING),
	       vdk_check_count(result, VDK_CHECK_NOTE), rules, profile_name(result));
	if (vdk_check_unlooked(result))
		printf(", %zu of them could not look at a broken part", vdk_check_unlooked(result));
	putchar('\n');
}

static void list_lines(void)
{
	size_t count;
	const struct vdk_check_rule *const *rules = vdk_check_rules(&count);

	for (size_t i = 0; i < count; i++)
		printf("%-16s %-8s %-8s %s [%s]\n", rules[i]->id, severities[rules[i]->severity],
		       severities[rules[i]->kernel_severity], rules[i]->title, rules[i]->origin);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void put(json_object *object, const char *key, json_object *value)
{
	json_object_object_add(object, key, value);
}

static json_object *json_findings(const struct vdk_check_result *result)
{
	json_object *array = json_object_new_array();
	const struct vdk_check_finding *finding;

	for (size_t i = 0; (finding = vdk_check_finding(result, i)); i++) {
		json_object *object = json_object_new_object();

		put(object, "rule", json_object_new_string(finding->rule->id));
		put(object, "severity", json_object_new_string(severities[finding->severity]));
		put(object, "offset",
		    finding->offset == VDK_CHECK_NO_OFFSET ? NULL
		                                           : json_object_new_uint64(finding->offset));
		put(object, "expected", json_object_new_string(finding->expected));
		put(object, "found", json_object_new_string(finding->found));
		put(object, "message", json_object_new_string(finding->message));
		json_object_array_add(array, object);
	}
	return array;
}

static json_object *json_stack(uint32_t stack)
{
	return stack == VDK_CHECK_STACK_UNKNOWN ? NULL : json_object_new_uint64(stack);
}

static json_object *json_functions(const struct vdk_check_result *result)
{
	json_object *array = json_object_new_array();
	const struct vdk_check_function *function;

	for (size_t i = 0; (function = vdk_check_function(result, i)); i++) {
		json_object *object = json_object_new_object();

		put(object, "name", json_object_new_string(function->name));
		put(object, "offset", json_object_new_uint64(function->offset));
		put(object, "size", json_object_new_uint64(function->size));
		put(object, "stack", json_stack(function->stack));
		put(object, "stack_total", json_stack(function->stack_total));
		put(object, "exported", json_object_new_boolean(function->exported));
		put(object, "chains", json_object_new_boolean(function->chains));
		json_object_array_add(array, object);
	}
	return array;
}

static void print_object(json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
	                                                    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

static void print_json(const char *image, const struct vdk_check_result *result)
{
	json_object *object = json_object_new_object();

	put(object, "image", json_object_new_string(image));
	put(object, "profile", json_object_new_string(profile_name(result)));
	put(object, "size", json_object_new_uint64(vdk_check_size(result)));
	put(object, "errors", json_object_new_uint64(vdk_check_count(result, VDK_CHECK_ERROR)));
	put(object, "warnings", json_object_new_uint64(vdk_check_count(result, VDK_CHECK_WARNING)));
	put(object, "notes", json_object_new_uint64(vdk_check_count(result, VDK_CHECK_NOTE)));
	put(object, "unlooked", json_object_new_uint64(vdk_check_unlooked(result)));
	put(object, "findings", json_findings(result));
	put(object, "functions", json_functions(result));
	print_object(object);
}

static void list_json(void)
{
	json_object *object = json_object_new_object(), *array = json_object_new_array();
	size_t count;
	const struct vdk_check_rule *const *rules = vdk_check_rules(&count);

	for (size_t i = 0; i < count; i++) {
		json_object *rule = json_object_new_object();

		put(rule, "id", json_object_new_string(rules[i]->id));
		put(rule, "title", json_object_new_string(rules[i]->title));
		put(rule, "origin", json_object_new_string(rules[i]->origin));
		put(rule, "severity", json_object_new_string(severities[rules[i]->severity]));
		put(rule, "kernel_severity",
		    json_object_new_string(severities[rules[i]->kernel_severity]));
		json_object_array_add(array, rule);
	}
	put(object, "rules", array);
	print_object(object);
}

/* ---- The command ----------------------------------------------------------------------------- */

static bool parse_limit(const char *text, uint32_t *ret_limit)
{
	char *end;
	unsigned long limit;

	errno = 0;
	limit = strtoul(text, &end, 0);
	if (errno || end == text || *end || *text == '-' || limit == 0 || limit > 1u << 20) {
		tool_error("check", "--stack-limit: expected 1 to %u bytes, found \"%s\"", 1u << 20,
		           text);
		return false;
	}
	*ret_limit = (uint32_t)limit;
	return true;
}

/* Return: -1 go on; otherwise an exit code. */
static int parse(int argc, char **argv, struct wishes *wishes)
{
	int option;

	while ((option = getopt_long(argc, argv, "vqh", options, NULL)) >= 0) {
		switch (option) {
		case OPTION_KERNEL:
			wishes->check.profile = VDK_CHECK_KERNEL;
			break;
		case OPTION_KIT:
			wishes->check.profile = VDK_CHECK_KIT;
			break;
		case OPTION_LIMIT:
			if (!parse_limit(optarg, &wishes->check.stack_limit))
				return EXIT_USAGE;
			break;
		case OPTION_JSON:
			wishes->json = true;
			break;
		case 'v':
			wishes->verbose = true;
			break;
		case 'q':
			wishes->quiet = true;
			break;
		case OPTION_LIST:
			wishes->list = true;
			break;
		case 'h':
			fputs(help, stdout);
			return EXIT_FINE;
		default:
			fputs("`vdk check --help` tells more\n", stderr);
			return EXIT_USAGE;
		}
	}
	if (argc - optind == (wishes->list ? 0 : 1))
		return -1;
	tool_error("check", wishes->list ? "--list-rules takes no image" : "expected one image, found %d",
	           argc - optind);
	return EXIT_USAGE;
}

int cmd_check(int argc, char **argv)
{
	struct wishes wishes = {.check.size = sizeof(wishes.check)};
	struct vdk_check_result *result = NULL;
	struct vdk_report report = {0};
	int code = parse(argc, argv, &wishes), error;
	const char *image;

	if (code >= 0)
		return code;
	if (wishes.list) {
		if (wishes.json)
			list_json();
		else
			list_lines();
		return tool_finish("check", EXIT_FINE);
	}
	image = argv[optind];
	error = strcmp(image, "vdso") == 0
	                ? vdk_check_running(&wishes.check, &result, &report)
	                : vdk_check_file(image, &wishes.check, &result, &report);
	if (error) {
		tool_complain("check", &report);
		return EXIT_SYSTEM;
	}
	vdk_printable(argv[optind], strlen(image)); /* its name is anybody's bytes */
	code = vdk_check_count(result, VDK_CHECK_ERROR) ? EXIT_FINDING : EXIT_FINE;
	if (wishes.json)
		print_json(image, result);
	else if (!wishes.quiet)
		print_lines(image, result, wishes.verbose);
	vdk_check_free(result);
	return tool_finish("check", code);
}
