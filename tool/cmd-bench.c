/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk bench - what each function of each vDSO of a process costs */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base/cleanup.h"
#include "bench-compare.h"
#include "bench-curves.h"
#include "bench-document.h"
#include "commands.h"
#include "vdk.h"

static const char help[] =
	"usage: vdk bench [OPTION...] [WHAT...]\n"
	"       vdk bench --compare OLD.json [NEW.json] [OPTION...] [WHAT...]\n\n"
	"Measure what the functions of this process's vDSO cost, beside the C library, the system\n"
	"calls, and floors that nothing can beat. WHAT is a function (patterns of the shell work),\n"
	"or a call: 'room_now(&16)' passes 16 bytes of memory, 'pad_byte(3)' a number,\n"
	"'room_find(\"hall\")' a text. Without WHAT: all that can be called.\n\n"
	"  --vdso NAME|IMG    attach this vDSO first, as `vdk run --vdso` does\n"
	"  --header FILE      declares the author's functions (default: NAME.h beside the image)\n"
	"  --cpu N            measure on this CPU (default: the last one that may be used)\n"
	"  --rounds N         batches of each call (default: 10000), and 4 times as many single calls\n"
	"  --quick            a tenth of all\n"
	"  --curves           also: cost against processes, records, updates and image size; takes\n"
	"                     a quarter of a minute, and a compiler\n"
	"  --json             print one object\n"
	"  --report FILE      write a page with pictures (HTML, nothing to download)\n"
	"  --compare OLD      hold an earlier result against NEW, or against a new measurement\n"
	"  --max-ratio R      differences up to R times do not count (default: 1.1)\n\n"
	"exit status: 0 measured, nothing slower; 1 something is slower than OLD; 2 usage; 3 a file or\n"
	"the system failed; 77 not possible here.\n";

#define ROUNDS 10000u
#define ROUNDS_MAX 1000000u
#define SECONDS 15.0

struct bench {
	struct bench_choice choice;
	struct bench_effort effort;
	const char *vdso, *attached, *old, *new, *report;
	double max_ratio;
	bool json, curves, curves_read;
	char **words; /* WHAT, without NEW.json */
};

/* ---- Attach first ---------------------------------------------------------------------------- */

/* Start again, under `vdk run`: an image can only be attached at an exec. Returns on failure. */
static int start_attached(const struct bench *bench, int argc, char **argv)
{
	char vdk[PATH_MAX], own[PATH_MAX];
	char **again = calloc((size_t)argc + 12, sizeof(*again));
	ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);
	int count = 0, error = tool_find("bin", "vdk", vdk, sizeof(vdk));

	if (!again || length < 0 || error) {
		tool_error("bench", "cannot start again under `vdk run`: %s",
		           !again ? "out of memory" : strerror(error ? -error : errno));
		free(again);
		return EXIT_SYSTEM;
	}
	own[length] = '\0';
	again[count++] = (char *)"vdk";
	again[count++] = (char *)"run";
	again[count++] = (char *)"--once";
	again[count++] = (char *)"--vdso";
	again[count++] = (char *)bench->vdso;
	again[count++] = (char *)"--";
	again[count++] = own;
	again[count++] = (char *)"--attached";
	again[count++] = (char *)bench->vdso;
	for (int i = 1; i < argc; i++)
		again[count++] = argv[i];
	execv(vdk, again);
	tool_error("bench", "%s: %s", vdk, strerror(errno));
	free(again);
	return EXIT_SYSTEM;
}

/* An image without a name of its own in this process: the file that it was made from. */
static void name_attached(const struct bench *bench, struct bench_image *image)
{
	if (image->present && bench->attached && strchr(bench->attached, '/'))
		snprintf(image->path, sizeof(image->path), "%s", bench->attached);
}

/* ---- Measure --------------------------------------------------------------------------------- */

/* Patterns that match nothing are mistakes, not short results. */
static int check_words(const struct bench *bench, const struct bench_list *list)
{
	for (unsigned int i = 0; i < bench->choice.count; i++) {
		const struct bench_choice one = {bench->choice.words + i, 1, NULL};
		bool found = false;

		for (unsigned int j = 0; j < list->count && !found; j++)
			found = list->calls[j].way != BENCH_FLOOR &&
			        bench_chosen(&one, list->calls[j].function);
		for (unsigned int j = 0; j < list->skip_count && !found; j++)
			found = bench_chosen(&one, list->skips[j].function) ||
			        strchr(one.words[0], '(');
		if (!found) {
			tool_error("bench", "no function of this process's vDSO is called %s; `vdk "
			           "symbols` lists them", one.words[0]);
			return EXIT_USAGE;
		}
	}
	return EXIT_FINE;
}

static int measure(const struct bench *bench, struct bench_document **ret_document)
{
	struct json_object *json = NULL;
	struct bench_list list = {0};
	struct vdk_report report = {0};
	struct bench_images images;
	cpu_set_t allowed;
	int code = bench_images_open(&images);

	if (code)
		return code;
	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		memset(&allowed, 0xff, sizeof(allowed));
	name_attached(bench, &images.attached);
	code = bench_calls_collect(&images, &bench->choice, &list);
	if (!code)
		code = check_words(bench, &list);
	if (!code)
		code = bench_measure(&images, &list, &bench->effort, &json);
	if (!code && bench->curves) {
		/* What is started there is to run where it likes. */
		sched_setaffinity(0, sizeof(allowed), &allowed);
		code = bench_curves(&bench->effort, json);
	}
	bench_list_free(&list);
	bench_images_close(&images);
	if (code) {
		json_object_put(json);
		return code;
	}
	if (bench_document_take(json, "the result", ret_document, &report)) {
		tool_complain("bench", &report);
		return EXIT_SYSTEM;
	}
	return EXIT_FINE;
}

static int read_document(const char *path, struct bench_document **ret_document)
{
	struct vdk_report report = {0};
	const int error = bench_document_read(path, ret_document, &report);

	if (!error)
		return EXIT_FINE;
	tool_complain("bench", &report);
	return EXIT_SYSTEM;
}

/* ---- Show ------------------------------------------------------------------------------------ */

static int show(const struct bench *bench, const struct bench_document *old,
                const struct bench_document *document)
{
	struct bench_comparison comparison = {0};
	struct vdk_report report = {0};
	int error = 0, code;

	if (old && bench_compare(old, document, bench->max_ratio, &comparison)) {
		tool_error("bench", "out of memory");
		return EXIT_SYSTEM;
	}
	code = comparison.verdicts[BENCH_SLOWER] ? EXIT_FINDING : EXIT_FINE;
	if (old)
		(bench->json ? bench_comparison_json : bench_comparison_print)(&comparison);
	else if (bench->json)
		puts(json_object_to_json_string_ext(document->json,
		                                    JSON_C_TO_STRING_PRETTY |
		                                            JSON_C_TO_STRING_NOSLASHESCAPE));
	else
		bench_table(document);
	if (bench->report)
		error = bench_report(bench->report, document, old ? &comparison : NULL, &report);
	bench_comparison_clear(&comparison);
	if (error) {
		tool_complain("bench", &report);
		return EXIT_SYSTEM;
	}
	if (fflush(stdout) || ferror(stdout)) {
		tool_error("bench", "cannot write the output: %s", strerror(errno));
		return EXIT_SYSTEM;
	}
	return code;
}

static int run(const struct bench *bench)
{
	struct bench_document *old = NULL, *document = NULL;
	int code = bench->old ? read_document(bench->old, &old) : EXIT_FINE;

	if (!code)
		code = bench->new ? read_document(bench->new, &document)
		                  : measure(bench, &document);
	if (!code)
		code = show(bench, old, document);
	bench_document_free(old);
	bench_document_free(document);
	return code;
}

/* ---- Arguments ------------------------------------------------------------------------------- */

static bool parse_number(const char *text, unsigned long min, unsigned long max,
                         unsigned long *ret_value)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || end == text || *text == '-' || value < min || value > max)
		return false;
	*ret_value = value;
	return true;
}

/* Return: false: a message was printed. */
static bool take_option(struct bench *bench, int option, const char *argument)
{
	unsigned long value;
	char *end;

	switch (option) {
	case 'c':
		if (!parse_number(argument, 0, INT_MAX, &value)) {
			tool_error("bench", "--cpu: expected the number of a CPU, found \"%s\"",
			           argument);
			return false;
		}
		bench->effort.cpu = (int)value;
		return true;
	case 'n':
		if (!parse_number(argument, MEASURE_ROUNDS_MIN, ROUNDS_MAX, &value)) {
			tool_error("bench", "--rounds: expected %u to %u, found \"%s\"",
			           MEASURE_ROUNDS_MIN, ROUNDS_MAX, argument);
			return false;
		}
		bench->effort.rounds = (unsigned int)value;
		return true;
	case 'm':
		bench->max_ratio = strtod(argument, &end);
		if (end == argument || *end || !(bench->max_ratio >= 1 && bench->max_ratio <= 1000)) {
			tool_error("bench", "--max-ratio: expected 1 to 1000, found \"%s\"", argument);
			return false;
		}
		return true;
	}
	return false;
}

/* The operands: functions, and with --compare a second result. Return: an exit code. */
static int take_operands(struct bench *bench, int count, char **operands)
{
	bench->choice.words = operands;
	for (int i = 0; i < count; i++) {
		const size_t length = strlen(operands[i]);

		if (bench->old && !bench->new &&
		    ((length > 5 && !strcmp(operands[i] + length - 5, ".json")) ||
		     (strchr(operands[i], '/') && !strchr(operands[i], '(')))) {
			bench->new = operands[i];
			continue;
		}
		operands[bench->choice.count++] = operands[i];
	}
	if (bench->new && (bench->choice.count || bench->curves || bench->vdso)) {
		tool_error("bench", "with two results nothing is measured: no WHAT, --vdso or "
		           "--curves");
		return EXIT_USAGE;
	}
	return EXIT_FINE;
}

int cmd_bench(int argc, char **argv)
{
	static const struct option options[] = {
		{"vdso", required_argument, NULL, 'v'},   {"attached", required_argument, NULL, 'a'},
		{"header", required_argument, NULL, 'd'}, {"cpu", required_argument, NULL, 'c'},
		{"rounds", required_argument, NULL, 'n'}, {"quick", no_argument, NULL, 'q'},
		{"curves", no_argument, NULL, 'u'},       {"json", no_argument, NULL, 'j'},
		{"report", required_argument, NULL, 'r'}, {"compare", required_argument, NULL, 'o'},
		{"curves-read", no_argument, NULL, 'R'},
		{"max-ratio", required_argument, NULL, 'm'}, {"help", no_argument, NULL, 'h'},
		{0},
	};
	struct bench bench = {.effort = {.cpu = -1, .seconds = SECONDS}, .max_ratio = 1.1};
	int option, code;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case 'h': fputs(help, stdout); return EXIT_FINE;
		case 'v': bench.vdso = optarg; break;
		case 'a': bench.attached = optarg; break;
		case 'd': bench.choice.header = optarg; break;
		case 'q': bench.effort.quick = true; break;
		case 'u': bench.curves = true; break;
		case 'R': bench.curves_read = true; break;
		case 'j': bench.json = true; break;
		case 'r': bench.report = optarg; break;
		case 'o': bench.old = optarg; break;
		default:
			if (option == '?' || !take_option(&bench, option, optarg))
				return EXIT_USAGE;
		}
	}
	code = take_operands(&bench, argc - optind, argv + optind);
	if (code)
		return code;
	if (!bench.effort.rounds)
		bench.effort.rounds = bench.effort.quick ? ROUNDS / 10 : ROUNDS;
	if (bench.effort.quick)
		bench.effort.seconds /= 5;
	if (!bench.new && !measure_possible()) {
		tool_error("bench", "this processor has no rdtscp, which times what is measured");
		return EXIT_IMPOSSIBLE;
	}
	if (bench.curves_read)
		return bench_curves_read(&bench.effort);
	if (bench.vdso && !bench.attached)
		return start_attached(&bench, argc, argv);
	return run(&bench);
}
