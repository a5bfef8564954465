/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stack use: followed along every path, added up over the calls inside the image. */
#include "code.h"

static void known(struct check *check, const struct rule *rule)
{
	for (uint32_t i = 0; i < check->code->fact_count; i++) {
		const struct fact *fact = &check->code->facts[i];

		if (fact->bad == BAD_STACK)
			find(check, rule, file_offset(check, fact->offset), fact->expected.s,
			     fact->found.s, "%s", fact->message.s);
	}
}

static void bound(struct check *check, const struct rule *rule)
{
	for (uint32_t i = 0; i < check->code->function_count; i++) {
		const struct function *function = &check->code->functions[i];

		if (!function->exported || function->total == VDK_CHECK_STACK_UNKNOWN ||
		    function->total <= check->stack_limit)
			continue;
		find(check, rule, file_offset(check, function->offset),
		     text("at most %u bytes", check->stack_limit).s, num(function->total).s,
		     "function %s uses too much of its caller's stack: where a copy of a large "
		     "record is what it holds, read the parts with vdk_read_field(), or make it a "
		     "list (VDK_RECORDS)",
		     quoted(function->name).s);
	}
}

const struct rule rules_stack[] = {
	{ { "stack.known", "Stack use can be told: no alloca, no recursion, balanced paths",
	    "golang #20427", ERROR, NOTE }, PART_CODE, known },
	{ { "stack.bound", "Every exported function stays within the stack limit",
	    "golang #20427: Go calls from a small stack", ERROR, ERROR },
	  PART_CODE, bound },
	{ { NULL } },
};
