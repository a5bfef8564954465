/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The checker's run: load the model, choose the profile, look at every rule in the order of the
 * table. The order matters in two places only: hash.agree relies on hash.sysv and hash.gnu before
 * it, and readers like to see the ELF header's faults first.
 */
#include "internal.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "result.h"

static const struct rule *const families[] = {
	rules_elf,     rules_segment, rules_dynamic,  rules_reloc,   rules_hash,
	rules_version, rules_symbol,  rules_note,     rules_vdk_note, rules_section,
	rules_padding, rules_insn,    rules_stack,    rules_unwind,
};

#define FAMILY_COUNT (sizeof(families) / sizeof(families[0]))
#define RULES_MAX 128

static const struct vdk_check_rule *all_rules[RULES_MAX];
static size_t all_rule_count;
static pthread_once_t all_rules_once = PTHREAD_ONCE_INIT;

static void list_rules(void)
{
	for (size_t i = 0; i < FAMILY_COUNT; i++) {
		for (const struct rule *rule = families[i]; rule->is.id; rule++) {
			if (all_rule_count < RULES_MAX)
				all_rules[all_rule_count++] = &rule->is;
		}
	}
}

const struct vdk_check_rule *const *vdk_check_rules(size_t *ret_count)
{
	pthread_once(&all_rules_once, list_rules);
	*ret_count = all_rule_count;
	return all_rules;
}

/*
 * The kernel's image has a note "Linux" of type 0 with the version code (include/linux/elfnote.h,
 * LINUX_VERSION_CODE in arch/x86/entry/vdso/note.S).
 */
static void choose_profile(struct check *check)
{
	if (check->profile != VDK_CHECK_AUTO)
		return;
	check->profile = VDK_CHECK_KIT;
	for (size_t i = 0; i < check->note_count && !(check->parts & PART_NOTE); i++) {
		const struct note *note = &check->notes[i];

		if (note->type == 0 && note->desc_size == 4 && strcmp(note->name, "Linux") == 0)
			check->profile = VDK_CHECK_KERNEL;
	}
}

static void run_rule(struct check *check, const struct rule *rule)
{
	struct vdk_check_result *result = check->result;
	const enum vdk_check_severity severity = check->profile == VDK_CHECK_KERNEL
	                                                 ? rule->is.kernel_severity
	                                                 : rule->is.severity;

	if (severity == VDK_CHECK_OFF)
		return;
	if ((check->parts & rule->needs) != rule->needs) {
		result->unlooked++;
		return;
	}
	result->rule_findings = 0;
	result->rule_more = 0;
	rule->run(check, rule);
	if (result->rule_more) {
		const size_t more = result->rule_more;

		result->rule_findings = 0;
		find(check, rule, VDK_CHECK_NO_OFFSET, "", "", "%zu more findings of this rule",
		     more);
	}
}

static void run_rules(struct check *check)
{
	for (size_t i = 0; i < FAMILY_COUNT; i++) {
		for (const struct rule *rule = families[i]; rule->is.id; rule++)
			run_rule(check, rule);
	}
}

static void unload(struct check *check)
{
	code_free(check->code);
	elf_end(check->elf);
	free(check->phdrs);
	free(check->dyns);
	free(check->symbols);
	free(check->verdefs);
	free(check->sections);
	free(check->notes);
	free(check->bytes);
	check->result = vdk_check_free(check->result);
}

static int options_read(struct check *check, const struct vdk_check_options *options)
{
	check->stack_limit = VDK_CHECK_STACK_LIMIT;
	if (!options)
		return 0;
	if (options->size < sizeof(*options) || options->profile > VDK_CHECK_KERNEL)
		return -EINVAL;
	check->profile = options->profile;
	if (options->stack_limit)
		check->stack_limit = options->stack_limit;
	return 0;
}

/* Everything between "the bytes are there" and "the result is ready". */
static int look(struct check *check)
{
	check->result = calloc(1, sizeof(*check->result));
	if (!check->result)
		return -ENOMEM;
	model_load(check);
	choose_profile(check);
	code_load(check);
	run_rules(check);
	check->result->profile = check->profile;
	check->result->size = check->file.size;
	return check->no_memory ? -ENOMEM : 0;
}

int vdk_check_memory(const void *bytes, size_t size, const struct vdk_check_options *options,
                     struct vdk_check_result **ret_result, struct vdk_report *report)
{
	struct check check = { .profile = VDK_CHECK_AUTO };
	int error = options_read(&check, options);

	if (error)
		return vdk_report_set(report, error, "", "unknown option of the check");
	if (size > VDK_CHECK_SIZE_MAX)
		return vdk_report_set(report, -EFBIG, "",
		                      "an image of %zu bytes, at most %u are read", size,
		                      VDK_CHECK_SIZE_MAX);
	if (elf_version(EV_CURRENT) == EV_NONE)
		return vdk_report_set(report, -EINVAL, "", "libelf is older than this program");
	check.bytes = malloc(size ? size : 1);
	if (!check.bytes)
		return vdk_report_set(report, -ENOMEM, "", "no memory for an image of %zu bytes",
		                      size);
	memcpy(check.bytes, bytes, size);
	check.file = (struct view){ check.bytes, size };
	error = look(&check);
	if (!error) {
		*ret_result = check.result;
		check.result = NULL;
	}
	unload(&check);
	return error ? vdk_report_set(report, error, "", "no memory to check the image") : 0;
}
