/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk verify - hold the functions of a vDSO to what their callers rely on */
#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vdk/check.h>

#include "base/cleanup.h"
#include "base/printable.h"
#include "commands.h"
#include "vdk.h"
#include "verify-start.h"
#include "verify/verify.h"

static const char help[] =
	"usage: vdk verify [OPTION...] [FUNCTION...]\n\n"
	"Call the functions of a vDSO and hold them to what callers rely on: their values, beside\n"
	"the system call's; their order between threads; bad arguments; registers, stack, signals\n"
	"and unwinding at each instruction. A line for each function and property: ok, FAIL, or\n"
	"skip and the reason. What is verified is the vDSO of this process, so the kernel's, or\n"
	"the one that was attached by `vdk run`. FUNCTION may be a pattern of the shell.\n\n"
	"  --vdso NAME|IMG    the vDSO published as NAME, or the image file IMG (with a slash)\n"
	"  --reference FILE   the author's references, a module made by `vdk build`; default:\n"
	"                     the one beside IMG, or the kit's own\n"
	"  --property LIST    only these, with commas between: values, order, resolution,\n"
	"                     namespace, arguments, registers, stack, signals, unwind\n"
	"  --seconds S        how long in all, for what can be looked at for long; default: 4\n"
	"  --stack BYTES      how much of its caller's stack a call may use; default: 1024\n"
	"  --json             one object\n\n"
	"exit status: 0 nothing failed; 1 something did; 2 usage; 3 a file or the system failed;\n"
	"77 there is no vDSO, or it cannot be attached here.\n";

#define SECONDS_DEFAULT 4.0
#define SECONDS_MAX 86400.0

struct request {
	const char *vdso, *reference, *properties;
	double seconds;
	unsigned int stack_limit;
	bool json;
	char **functions;
	int function_count;
};

enum { OPTION_VDSO = 256, OPTION_REFERENCE, OPTION_PROPERTY, OPTION_SECONDS, OPTION_STACK,
       OPTION_JSON };

static const struct option options[] = {
	{"vdso", required_argument, NULL, OPTION_VDSO},
	{"reference", required_argument, NULL, OPTION_REFERENCE},
	{"property", required_argument, NULL, OPTION_PROPERTY},
	{"seconds", required_argument, NULL, OPTION_SECONDS},
	{"stack", required_argument, NULL, OPTION_STACK},
	{"json", no_argument, NULL, OPTION_JSON},
	{"help", no_argument, NULL, 'h'},
	{0},
};

static bool parse_number(const char *text, double least, double most, double *ret)
{
	char *end;
	const double number = strtod(text, &end);

	if (end == text || *end || !(number >= least && number <= most))
		return false;
	*ret = number;
	return true;
}

/* Is @name one of the words of @list? NULL: every name is. */
static bool listed(const char *list, const char *name)
{
	const size_t length = strlen(name);

	if (!list)
		return true;
	for (const char *at = list; *at; at += strcspn(at, ","), at += *at == ',')
		if (!strncmp(at, name, length) && (at[length] == ',' || !at[length]))
			return true;
	return false;
}

static bool all_are_properties(const char *list)
{
	for (const char *at = list; *at; at += strcspn(at, ","), at += *at == ',') {
		const size_t length = strcspn(at, ",");
		bool found = false;

		for (size_t i = 0; verify_properties[i]; i++)
			found |= strlen(verify_properties[i]->name) == length &&
			         !strncmp(at, verify_properties[i]->name, length);
		if (!found) {
			tool_error("verify", "'%.*s' is not a property; `vdk verify --help` lists "
			                     "them", (int)length, at);
			return false;
		}
	}
	return *list != '\0';
}

/* Return: -1 go on; otherwise an exit code. */
static int parse(int argc, char **argv, struct request *request)
{
	double number;
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case OPTION_VDSO:
			request->vdso = optarg;
			break;
		case OPTION_REFERENCE:
			request->reference = optarg;
			break;
		case OPTION_PROPERTY:
			if (!all_are_properties(optarg))
				return EXIT_USAGE;
			request->properties = optarg;
			break;
		case OPTION_SECONDS:
			if (!parse_number(optarg, 0, SECONDS_MAX, &request->seconds)) {
				tool_error("verify", "--seconds: expected 0 to %.0f, found \"%s\"",
				           SECONDS_MAX, optarg);
				return EXIT_USAGE;
			}
			break;
		case OPTION_STACK:
			if (!parse_number(optarg, 8, 65536, &number)) {
				tool_error("verify", "--stack: expected 8 to 65536 bytes, found "
				                     "\"%s\"", optarg);
				return EXIT_USAGE;
			}
			request->stack_limit = (unsigned int)number;
			break;
		case OPTION_JSON:
			request->json = true;
			break;
		case 'h':
			fputs(help, stdout);
			return EXIT_FINE;
		default:
			return EXIT_USAGE;
		}
	}
	request->functions = argv + optind;
	request->function_count = argc - optind;
	return -1;
}

/* ---- Results --------------------------------------------------------------------------------- */

static const char *const verdicts[] = {[VERIFY_OK] = "ok", [VERIFY_FAIL] = "FAIL",
                                       [VERIFY_SKIP] = "skip"};

struct tally {
	struct json_object *results; /* NULL: lines */
	int counts[3], width;
};

static void tell(struct tally *tally, const struct verify_function *function,
                 const struct verify_property *property, const struct verify_result *result)
{
	struct json_object *object;

	tally->counts[result->verdict]++;
	if (!tally->results) {
		printf("%-*s  %-10s  %-4s  %s\n", tally->width, function->name, property->name,
		       verdicts[result->verdict], result->text);
		fflush(stdout);
		return;
	}
	object = json_object_new_object();
	json_object_object_add(object, "function", json_object_new_string(function->name));
	json_object_object_add(object, "property", json_object_new_string(property->name));
	json_object_object_add(object, "verdict",
	                       json_object_new_string(verdicts[result->verdict]));
	json_object_object_add(object, "text", json_object_new_string(result->text));
	json_object_array_add(tally->results, object);
}

/* The name of an image is anybody's bytes, of which JSON is made only if they are text. */
static struct json_object *name_as_text(const char *name)
{
	struct json_object *text;
	char *copy = strdup(name);

	if (copy)
		vdk_printable(copy, strlen(copy));
	text = json_object_new_string(copy ? copy : "");
	free(copy);
	return text;
}

static void tell_end(const struct tally *tally, const char *what)
{
	struct json_object *object;

	if (!tally->results) {
		printf("%d ok, %d failed, %d skipped\n", tally->counts[VERIFY_OK],
		       tally->counts[VERIFY_FAIL], tally->counts[VERIFY_SKIP]);
		return;
	}
	object = json_object_new_object();
	json_object_object_add(object, "vdso", name_as_text(what));
	json_object_object_add(object, "results", tally->results);
	json_object_object_add(object, "ok", json_object_new_int(tally->counts[VERIFY_OK]));
	json_object_object_add(object, "failed", json_object_new_int(tally->counts[VERIFY_FAIL]));
	json_object_object_add(object, "skipped", json_object_new_int(tally->counts[VERIFY_SKIP]));
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
	                                                    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

static bool asked_for(const struct request *request, const struct verify_function *function)
{
	for (int i = 0; i < request->function_count; i++) {
		const char *name = request->functions[i];

		if (!fnmatch(strncmp(name, "__vdso_", 7) ? name : name + 7, function->name, 0))
			return true;
	}
	return !request->function_count;
}

/* Those that were asked for, in their order; the others are forgotten. */
static int choose(struct verify *verify, const struct request *request)
{
	size_t count = 0;

	for (int i = 0; i < request->function_count; i++) {
		const struct request one = {.functions = request->functions + i, .function_count = 1};
		bool found = false;

		for (size_t j = 0; j < verify->function_count; j++)
			found |= asked_for(&one, &verify->functions[j]);
		if (!found) {
			tool_error("verify", "%s: the vDSO has no such function",
			           request->functions[i]);
			return EXIT_USAGE;
		}
	}
	for (size_t i = 0; i < verify->function_count; i++)
		if (asked_for(request, &verify->functions[i]))
			verify->functions[count++] = verify->functions[i];
	verify->function_count = count;
	return EXIT_FINE;
}

static bool wanted(const struct request *request, const struct verify_property *property,
                   const struct verify_function *function)
{
	return listed(request->properties, property->name) && property->applies(function);
}

/* The time is shared out between the timed properties. */
static int64_t share(const struct verify *verify, const struct request *request)
{
	int64_t count = 0;

	for (size_t i = 0; i < verify->function_count; i++)
		for (size_t j = 0; verify_properties[j]; j++)
			count += verify_properties[j]->timed &&
			         wanted(request, verify_properties[j], &verify->functions[i]);
	return (int64_t)(request->seconds * 1e9) / (count ? count : 1);
}

static int verify_all(struct verify *verify, const struct request *request)
{
	struct tally tally = {.results = request->json ? json_object_new_array() : NULL};
	const int64_t ns = share(verify, request);
	const char *what = verify->attached ? request->vdso ? request->vdso : "attached" : "kernel";

	for (size_t i = 0; i < verify->function_count; i++) {
		const int length = (int)strlen(verify->functions[i].name);

		tally.width = length > tally.width ? length : tally.width;
	}
	for (size_t i = 0; i < verify->function_count; i++)
		for (size_t j = 0; verify_properties[j]; j++) {
			const struct verify_function *function = &verify->functions[i];
			const struct verify_property *property = verify_properties[j];
			struct verify_result result;

			if (!wanted(request, property, function))
				continue;
			fflush(stdout);
			verify_apart(verify, function, property, ns, &result);
			tell(&tally, function, property, &result);
		}
	tell_end(&tally, what);
	return tool_finish("verify", tally.counts[VERIFY_FAIL] ? EXIT_FINDING : EXIT_FINE);
}

static int verify_here(const struct request *request, const struct verify_again *again)
{
	static struct verify verify;
	struct vdk_report report = {0};
	vdk_cleanup_close int module = -1;
	cpu_set_t cpus;
	int error, code;

	/* A fuzz target calls this again and again. */
	memset(&verify, 0, sizeof(verify));
	verify.stack_limit = request->stack_limit;
	verify.again = again->argv;
	CPU_ZERO(&cpus);
	sched_getaffinity(0, sizeof(cpus), &cpus);
	for (int i = 0; i < CPU_SETSIZE && verify.cpu_count < VERIFY_CPUS_MAX; i++)
		if (CPU_ISSET(i, &cpus))
			verify.cpus[verify.cpu_count++] = i;
	if (request->reference) {
		module = verify_open_reference(request->reference, &report);
		if (module < 0) {
			tool_complain("verify", &report);
			return EXIT_SYSTEM;
		}
	}
	error = verify_open(&verify, module, &report);
	if (!verify.attached && request->vdso)
		error = vdk_report_set(&report, -EOPNOTSUPP, request->vdso, "was not attached");
	else if (!request->vdso && verify.attached)
		verify.again = NULL;
	if (error) {
		tool_complain("verify", &report);
		return error == -ENOENT ? EXIT_IMPOSSIBLE
		                        : error == -EINVAL ? EXIT_SYSTEM : tool_exit_code(error);
	}
	code = choose(&verify, request);
	return code ? code : verify_all(&verify, request);
}

/* ---- Commands -------------------------------------------------------------------------------- */

int cmd_verify_attached(int argc, char **argv)
{
	struct request request = {.seconds = SECONDS_DEFAULT,
	                          .stack_limit = VDK_CHECK_STACK_LIMIT};
	struct verify_again again = {.count = 0};
	const int code = parse(argc, argv, &request);
	int error;

	if (code >= 0)
		return code;
	error = verify_again(request.vdso, request.reference, &again);
	if (error) {
		tool_error("verify", "cannot find the kit's own programs: %s", strerror(-error));
		return EXIT_SYSTEM;
	}
	return verify_here(&request, &again);
}

int cmd_verify(int argc, char **argv)
{
	struct request request = {.seconds = SECONDS_DEFAULT,
	                          .stack_limit = VDK_CHECK_STACK_LIMIT};
	struct verify_again again = {.count = 0};
	const char **words;
	char reference[PATH_MAX];
	size_t count;
	int code = parse(argc, argv, &request), error;

	if (code >= 0)
		return code;
	if (request.vdso && !strcmp(request.vdso, "none")) {
		tool_error("verify", "there is nothing to verify without a vDSO");
		return EXIT_USAGE;
	}
	if (request.vdso && !request.reference &&
	    verify_find_reference(request.vdso, reference, sizeof(reference)))
		request.reference = reference;
	error = verify_again(request.vdso, request.reference, &again);
	if (error) {
		tool_error("verify", "cannot find the kit's own programs: %s; is the installation "
		                     "whole?", strerror(-error));
		return EXIT_SYSTEM;
	}
	if (!request.vdso)
		return verify_here(&request, &again);
	words = calloc(again.count + (size_t)argc + 2, sizeof(*words));
	if (!words)
		return EXIT_SYSTEM;
	memcpy(words, again.argv, again.count * sizeof(*words));
	count = again.count;
	/* What was resolved stands there already; later ones of the same name would win. */
	for (int i = 1; i < argc; i++)
		words[count++] = argv[i];
	words[count] = NULL;
	execv(words[0], (char *const *)words);
	tool_error("verify", "cannot start %s: %s", words[0], strerror(errno));
	free(words);
	return EXIT_SYSTEM;
}
