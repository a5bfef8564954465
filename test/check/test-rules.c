/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every rule sees its fixture, and only its own: test-rules GOOD.so
 *
 * A rule without a fixture fails the test, and so does a fixture that other rules see too without
 * the table saying so.
 */
#include <errno.h>
#include <stdbool.h>

#include <vdk/check.h>

#include "mutants.h"

static int failures;

static void fail(const char *what, const char *rule, const char *detail)
{
	printf("not ok - %s: %s: %s\n", rule, what, detail);
	failures++;
}

/* The ids of the rules with findings, in order, with a blank behind each. */
static void seen(const struct vdk_check_result *result, char *ret, size_t size)
{
	const struct vdk_check_finding *finding;
	const char *last = "";

	*ret = '\0';
	for (size_t i = 0; (finding = vdk_check_finding(result, i)); i++) {
		if (strcmp(last, finding->rule->id) == 0)
			continue;
		last = finding->rule->id;
		snprintf(ret + strlen(ret), size - strlen(ret), "%s ", last);
	}
}

static bool names(const char *list, const char *id)
{
	const size_t length = strlen(id);

	for (const char *at = list; (at = strstr(at, id)); at += length) {
		if ((at == list || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
			return true;
	}
	return false;
}

/* As many words in @list as @expected has, and all of them. */
static bool same(const char *list, const char *rule, const char *also)
{
	size_t found = 0, wanted = 1 + (*also != '\0');

	for (const char *at = list; *at; at++)
		found += *at == ' ';
	for (const char *at = also; *at; at++)
		wanted += *at == ' ';
	if (found != wanted || !names(list, rule))
		return false;
	for (const char *at = also; *at; at += strcspn(at, " "), at += *at == ' ') {
		char word[32];

		snprintf(word, sizeof(word), "%.*s", (int)strcspn(at, " "), at);
		if (!names(list, word))
			return false;
	}
	return true;
}

static struct vdk_check_result *check(const struct image *image)
{
	struct vdk_check_result *result = NULL;
	const struct vdk_check_options options = { .size = sizeof(options),
		                                   .profile = VDK_CHECK_KIT };

	if (vdk_check_memory(image->bytes, image->size, &options, &result, NULL) != 0) {
		puts("not ok - the check itself failed");
		exit(1);
	}
	return result;
}

static void try_mutant(const struct image *good, const struct mutant *mutant, size_t index)
{
	struct image image = mutant_make(good, mutant);
	struct vdk_check_result *result = check(&image);
	char list[1024], detail[1200];

	seen(result, list, sizeof(list));
	snprintf(detail, sizeof(detail), "fixture %zu: expected %s %s, found %s", index,
	         mutant->rule, mutant->also, list);
	if (!same(list, mutant->rule, mutant->also))
		fail("wrong rules fire", mutant->rule, detail);
	if (vdk_check_unlooked(result) && !vdk_check_count(result, VDK_CHECK_ERROR))
		fail("rules could not look, and nothing is wrong", mutant->rule, detail);
	vdk_check_free(result);
	free(image.bytes);
}

static void every_rule_has_one(void)
{
	size_t count;
	const struct vdk_check_rule *const *rules = vdk_check_rules(&count);

	for (size_t i = 0; i < count; i++) {
		const struct mutant *mutant = mutants;

		while (mutant->rule && strcmp(mutant->rule, rules[i]->id) != 0)
			mutant++;
		if (!mutant->rule)
			fail("no fixture", rules[i]->id, "add one to mutants.c");
		for (size_t j = 0; j < i; j++) {
			if (strcmp(rules[i]->id, rules[j]->id) == 0)
				fail("stands twice in the list", rules[i]->id, "");
		}
	}
	printf("figure rules %zu\n", count);
}

static void expect(const char *what, int expected, int found)
{
	char detail[64];

	snprintf(detail, sizeof(detail), "expected %d, found %d", expected, found);
	if (expected != found)
		fail(what, "vdk/check.h", detail);
}

/* What the header says of wrong arguments: nothing is looked at, and nothing is handed out. */
static void wrong_arguments(const struct image *good)
{
	struct vdk_check_result *result = NULL;
	struct vdk_check_options options = { .size = 1 };
	struct vdk_report report = { 0 };

	expect("options of an unknown size", -EINVAL,
	       vdk_check_memory(good->bytes, good->size, &options, &result, &report));
	options = (struct vdk_check_options){ .size = sizeof(options), .profile = 77 };
	expect("an unknown profile", -EINVAL,
	       vdk_check_memory(good->bytes, good->size, &options, &result, &report));
	expect("too many bytes", -EFBIG,
	       vdk_check_memory(good->bytes, VDK_CHECK_SIZE_MAX + 1, NULL, &result, &report));
	expect("the report's errno", -EFBIG, report.error);
	expect("no such file", -ENOENT, vdk_check_file("/nowhere/at/all", NULL, &result, NULL));
	expect("a device", -ENODEV, vdk_check_file("/dev/null", NULL, &result, NULL));
	expect("a folder", -EISDIR, vdk_check_file("/", NULL, &result, NULL));
	if (result)
		fail("a failed check hands out a result", "vdk/check.h", "");
	vdk_check_free(NULL);
}

/* A result tells the functions of the image, with what they use of the stack. */
static void functions(const struct image *good)
{
	struct vdk_check_result *result = check(good);
	const struct vdk_check_function *function;
	size_t exported = 0, chains = 0;
	uint64_t last = 0;

	for (size_t i = 0; (function = vdk_check_function(result, i)); i++) {
		exported += (size_t)function->exported;
		chains += (size_t)function->chains;
		if (function->offset < last)
			fail("functions out of order", function->name, "");
		if (function->stack < 8 || function->stack_total < function->stack)
			fail("no sensible stack", function->name, "");
		if (strcmp(function->name, "__vdso_large_mix") == 0 && function->stack_total < 520)
			fail("a frame of 512 bytes is not seen", function->name, "");
		last = function->offset;
	}
	expect("exported functions: three and the standard ones", 3 + VDK_CHAIN_COUNT,
	       (int)exported);
	expect("functions that chain: all standard ones", VDK_CHAIN_COUNT, (int)chains);
	expect("the size", (int)good->size, (int)vdk_check_size(result));
	expect("the profile", VDK_CHECK_KIT, (int)vdk_check_profile(result));
	vdk_check_free(result);
}

int main(int argc, char **argv)
{
	struct vdk_check_result *result;
	struct image good;
	size_t tried = 0;
	char list[1024];

	must(argc == 2);
	good = image_load(argv[1]);
	result = check(&good);
	seen(result, list, sizeof(list));
	if (*list)
		fail("the good image is not clean", argv[1], list);
	vdk_check_free(result);
	for (; mutants[tried].rule; tried++)
		try_mutant(&good, &mutants[tried], tried);
	every_rule_has_one();
	wrong_arguments(&good);
	functions(&good);
	printf("figure fixtures %zu\n%d failures\n", tried, failures);
	free(good.bytes);
	return failures ? 1 : 0;
}
