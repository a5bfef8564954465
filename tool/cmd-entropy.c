/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk entropy - how random the addresses of a program's parts are */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>

#include <vdk/inspect.h>

#include "base/cleanup.h"
#include "commands.h"
#include "entropy-sample.h"
#include "inspect/entropy.h"
#include "look.h"
#include "vdk.h"

static const char help[] =
	"usage: vdk entropy [-n N] [--vdso NAME|IMG] [--seconds S] [--json]\n\n"
	"Run a program (`cat /proc/self/maps`) N times and tell where its parts land: vDSO, page and\n"
	"image of vdk, stack, loader, libraries, heap, executable. For each: how many bits of the\n"
	"address are random, by what was measured, a histogram, and whether it keeps its distance from\n"
	"another part, so that whoever knows the one knows both.\n\n"
	"  -n N          run it N times, 2 to 1000000 (1000)\n"
	"  --vdso NAME   with this vDSO attached, as `vdk run` takes it\n"
	"  --seconds S   stop after S seconds with the runs that there are (20)\n"
	"  --json        one object\n\n"
	"exit status: 0 told, 2 usage, 3 the program cannot be run, 77 nothing can be attached here.\n";

#define PAGE UINT64_C(4096)

static const struct {
	const char *name, *what;
} places[ENTROPY_PLACES] = {
	[ENTROPY_PROGRAM] = {"program", "the executable"},
	[ENTROPY_HEAP] = {"heap", "the heap (brk)"},
	[ENTROPY_MMAP] = {"loader", "the dynamic loader, which the kernel maps at the mmap base"},
	[ENTROPY_LIBC] = {"libraries", "the lowest library"},
	[ENTROPY_VVAR] = {"vvar", "the kernel's variables"},
	[ENTROPY_VDSO] = {"vdso", "the kernel's vDSO"},
	[ENTROPY_VDK_PAGE] = {"vdk-page", "the attached vDSO's page"},
	[ENTROPY_VDK_IMAGE] = {"vdk-image", "the attached vDSO"},
	[ENTROPY_STACK] = {"stack", "the stack's end; its use begins up to 8 KiB lower, at random"},
	[ENTROPY_VSYSCALL] = {"vsyscall", "the vsyscall page"},
};

struct result {
	bool there; /* in every run */
	struct vdk_entropy entropy;
	int beside; /* the place that it keeps its distance from; -1: none */
	int64_t distance;
};

struct results {
	size_t runs;
	bool cut;
	struct result places[ENTROPY_PLACES];
};

static bool in_every_run(const struct entropy_samples *samples, int place)
{
	for (size_t i = 0; i < samples->count; i++)
		if (samples->addresses[place][i] == 0)
			return false;
	return true;
}

static bool same_distance(const struct entropy_samples *samples, int a, int b)
{
	const uint64_t *left = samples->addresses[a], *right = samples->addresses[b];

	for (size_t i = 1; i < samples->count; i++)
		if (left[i] - right[i] != left[0] - right[0])
			return false;
	return true;
}

/* The loader is asked first, since it stands for the mmap base. */
static int find_neighbour(const struct entropy_samples *samples, const struct results *results,
                          int place)
{
	static const int order[] = {ENTROPY_MMAP, ENTROPY_VDSO, ENTROPY_VVAR, ENTROPY_PROGRAM};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (order[i] == place)
			return -1;
		if (results->places[order[i]].there && same_distance(samples, place, order[i]))
			return order[i];
	}
	return -1;
}

static void estimate(struct entropy_samples *samples, struct results *results)
{
	results->runs = samples->count;
	results->cut = samples->cut;
	for (int i = 0; i < ENTROPY_PLACES; i++) {
		results->places[i].there = in_every_run(samples, i);
		results->places[i].beside = -1;
	}
	for (int i = 0; i < ENTROPY_PLACES; i++) {
		struct result *result = &results->places[i];
		const uint64_t *own = samples->addresses[i];

		if (!result->there)
			continue;
		result->beside = find_neighbour(samples, results, i);
		if (result->beside >= 0)
			result->distance = (int64_t)(own[0] - samples->addresses[result->beside][0]);
	}
	/* Only now: this sorts the samples. */
	for (int i = 0; i < ENTROPY_PLACES; i++) {
		struct result *result = &results->places[i];

		if (!result->there)
			continue;
		vdk_entropy_estimate(samples->addresses[i], samples->count, PAGE, &result->entropy);
		if (result->entropy.varying == 0)
			result->beside = -1;
	}
}

/* ---- In words -------------------------------------------------------------------------------- */

static void print_bins(const struct vdk_entropy *entropy)
{
	static const char levels[] = " .:-=+*#%@";
	size_t most = 1;

	for (size_t i = 0; i < VDK_ENTROPY_BINS; i++)
		if (entropy->bins[i] > most)
			most = entropy->bins[i];
	printf("    %012" PRIx64 " |", entropy->lowest);
	for (size_t i = 0; i < VDK_ENTROPY_BINS; i++) {
		/* What is there at all is seen. */
		const size_t level = (entropy->bins[i] * 9 + most - 1) / most;

		putchar(levels[level]);
	}
	printf("| %012" PRIx64 "\n", entropy->highest);
}

static void print_place(int place, const struct result *result)
{
	const struct vdk_entropy *entropy = &result->entropy;
	char size[32];

	if (!result->there)
		return;
	printf("%-9s %5.1f bits   %s\n", places[place].name, entropy->bits, places[place].what);
	if (entropy->varying == 0) {
		printf("    %012" PRIx64 " in every run\n\n", entropy->lowest);
		return;
	}
	print_bins(entropy);
	printf("    %u bits varied; the range is %.1f bits (%s); %zu different addresses, ",
	       entropy->varying, entropy->range,
	       look_size(entropy->highest - entropy->lowest, size, sizeof(size)), entropy->distinct);
	if (entropy->equal_pairs)
		printf("%" PRIu64 " equal\n    pair%s: %.1f bits\n", entropy->equal_pairs,
		       entropy->equal_pairs == 1 ? "" : "s", entropy->collision);
	else
		printf("no two\n    equal: more than %.1f bits\n", entropy->collision);
	if (result->beside >= 0)
		printf("    always %s%#" PRIx64 " from the %s: no randomness of its own\n",
		       result->distance < 0 ? "-" : "+",
		       (uint64_t)(result->distance < 0 ? -result->distance : result->distance),
		       places[result->beside].name);
	putchar('\n');
}

static bool is_fixed(void)
{
	const int persona = personality(0xffffffff);

	return persona != -1 && (persona & ADDR_NO_RANDOMIZE);
}

/* What a system decided about it: a number, or "" where it cannot be read. */
static const char *setting(const char *path, char *text, size_t size)
{
	vdk_cleanup_fclose FILE *file = fopen(path, "re");

	*text = '\0';
	if (file && fgets(text, (int)size, file))
		text[strcspn(text, "\n")] = '\0';
	return text;
}

#define RANDOMIZE "/proc/sys/kernel/randomize_va_space"
#define MMAP_BITS "/proc/sys/vm/mmap_rnd_bits"

static void print_words(const struct results *results)
{
	char whole[32], bits[32];

	printf("%zu runs%s; kernel.randomize_va_space is %s, vm.mmap_rnd_bits %s%s\n\n", results->runs,
	       results->cut ? " in the time that there was" : "",
	       *setting(RANDOMIZE, whole, sizeof(whole)) ? whole : "not readable",
	       *setting(MMAP_BITS, bits, sizeof(bits)) ? bits : "not readable",
	       is_fixed() ? "; this process has ADDR_NO_RANDOMIZE, which programs inherit" : "");
	for (int i = 0; i < ENTROPY_PLACES; i++)
		print_place(i, &results->places[i]);
	if (results->places[ENTROPY_VSYSCALL].there)
		puts("The vsyscall page has the same address in every program of every machine: an "
		     "attacker need not\nguess. What is left there cannot be used for more than the "
		     "three calls, see vdk-vsyscall(1).\nThe vDSO took its place, and is as hard to "
		     "find as the bits above say.");
	else
		puts("This kernel serves no vsyscall page, the one thing that had the same address in "
		     "every program.");
}

/* ---- In JSON --------------------------------------------------------------------------------- */

static void put(struct json_object *object, const char *key, struct json_object *value)
{
	json_object_object_add(object, key, value);
}

static struct json_object *place_json(int place, const struct result *result)
{
	const struct vdk_entropy *entropy = &result->entropy;
	struct json_object *object = json_object_new_object(), *bins = json_object_new_array();

	for (size_t i = 0; i < VDK_ENTROPY_BINS; i++)
		json_object_array_add(bins, json_object_new_uint64(entropy->bins[i]));
	put(object, "place", json_object_new_string(places[place].name));
	put(object, "bits", json_object_new_double(entropy->bits));
	put(object, "varying_bits", json_object_new_int((int)entropy->varying));
	put(object, "varying_mask", look_address(entropy->varying_mask));
	put(object, "range_bits", json_object_new_double(entropy->range));
	put(object, "collision_bits", json_object_new_double(entropy->collision));
	put(object, "equal_pairs", json_object_new_uint64(entropy->equal_pairs));
	put(object, "distinct", json_object_new_uint64(entropy->distinct));
	put(object, "lowest", look_address(entropy->lowest));
	put(object, "highest", look_address(entropy->highest));
	put(object, "histogram", bins);
	put(object, "fixed_distance_from",
	    result->beside < 0 ? NULL : json_object_new_string(places[result->beside].name));
	return object;
}

static void print_json(const struct results *results)
{
	struct json_object *object = json_object_new_object(), *all = json_object_new_array();
	char text[32];

	for (int i = 0; i < ENTROPY_PLACES; i++)
		if (results->places[i].there)
			json_object_array_add(all, place_json(i, &results->places[i]));
	put(object, "runs", json_object_new_uint64(results->runs));
	put(object, "unit", json_object_new_uint64(PAGE));
	put(object, "randomize_va_space",
	    json_object_new_string(setting(RANDOMIZE, text, sizeof(text))));
	put(object, "mmap_rnd_bits", json_object_new_string(setting(MMAP_BITS, text, sizeof(text))));
	put(object, "addr_no_randomize", json_object_new_boolean(is_fixed()));
	put(object, "places", all);
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
	                                                    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

/* ---- Arguments ------------------------------------------------------------------------------- */

static bool take_number(const char *option, const char *text, double least, double most,
                        double *ret)
{
	char *end;
	const double value = strtod(text, &end);

	if (*text && !*end && value >= least && value <= most) {
		*ret = value;
		return true;
	}
	tool_error("entropy", "%s: expected a number from %g to %.0f, found \"%s\"", option, least, most,
	           text);
	return false;
}

int cmd_entropy(int argc, char **argv)
{
	static const struct option options[] = {
		{"vdso", required_argument, NULL, 'v'}, {"seconds", required_argument, NULL, 's'},
		{"json", no_argument, NULL, 'j'},       {"help", no_argument, NULL, 'h'},
		{0},
	};
	double wanted = 1000, seconds = 20;
	struct entropy_samples samples;
	static struct results results;
	const char *vdso = NULL;
	bool json = false;
	int option, code;

	while ((option = getopt_long(argc, argv, "hn:", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(help, stdout);
			return EXIT_FINE;
		}
		if (option == 'v')
			vdso = optarg;
		else if (option == 'j')
			json = true;
		else if (option == '?' || (option == 'n' && !take_number("-n", optarg, 2, 1e6, &wanted)) ||
		         (option == 's' && !take_number("--seconds", optarg, 0.1, 86400, &seconds)))
			return EXIT_USAGE;
	}
	if (optind != argc) {
		fputs(help, stderr);
		return EXIT_USAGE;
	}
	code = entropy_sample((size_t)wanted, seconds, vdso, &samples);
	if (code)
		return code;
	estimate(&samples, &results);
	entropy_samples_clear(&samples);
	if (json)
		print_json(&results);
	else
		print_words(&results);
	return tool_finish("entropy", EXIT_FINE);
}
