/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Findings: how rules report them, and how the caller reads them. A hostile image may break one
 * rule in a million places; what is kept of each rule is bounded.
 */
#include "result.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"

#define FINDINGS_PER_RULE 16

struct text text(const char *format, ...)
{
	struct text text;
	va_list args;

	va_start(args, format);
	vsnprintf(text.s, sizeof(text.s), format, args);
	va_end(args);
	return text;
}

struct text hex(uint64_t number)
{
	return text("%#llx", (unsigned long long)number);
}

struct text num(uint64_t number)
{
	return text("%llu", (unsigned long long)number);
}

struct text quoted(const char *string)
{
	struct text text;
	size_t used = 0;

	if (!string)
		string = "(none)";
	for (; *string && used + 5 < sizeof(text.s); string++) {
		const unsigned char c = (unsigned char)*string;

		if (c >= 0x20 && c < 0x7f && c != '\\')
			text.s[used++] = (char)c;
		else
			used += (size_t)snprintf(text.s + used, 5, "\\x%02x", c);
	}
	text.s[used] = '\0';
	return text;
}

void problem_set(struct problem *problem, uint64_t offset, struct text expected, struct text found,
                 const char *format, ...)
{
	va_list args;

	if (problem->there)
		return;
	problem->there = true;
	problem->offset = offset;
	problem->expected = expected;
	problem->found = found;
	va_start(args, format);
	vsnprintf(problem->message.s, sizeof(problem->message.s), format, args);
	va_end(args);
}

void problem_report(struct check *check, const struct rule *rule, const struct problem *problem)
{
	if (problem->there)
		find(check, rule, problem->offset, problem->expected.s, problem->found.s, "%s",
		     problem->message.s);
}

static bool grow(struct vdk_check_result *result)
{
	const size_t room = result->finding_room ? result->finding_room * 2 : 16;
	struct vdk_check_finding *findings;

	if (result->finding_count < result->finding_room)
		return true;
	findings = reallocarray(result->findings, room, sizeof(*findings));
	if (!findings)
		return false;
	result->findings = findings;
	result->finding_room = room;
	return true;
}

static enum vdk_check_severity severity(const struct check *check, const struct rule *rule)
{
	return check->profile == VDK_CHECK_KERNEL ? rule->is.kernel_severity : rule->is.severity;
}

void find(struct check *check, const struct rule *rule, uint64_t offset, const char *expected,
          const char *found, const char *format, ...)
{
	struct vdk_check_result *result = check->result;
	struct vdk_check_finding finding = { &rule->is, severity(check, rule), offset };
	char *message = NULL;
	va_list args;

	if (result->rule_findings >= FINDINGS_PER_RULE) {
		result->rule_more++;
		return;
	}
	va_start(args, format);
	if (vasprintf(&message, format, args) < 0)
		message = NULL;
	va_end(args);
	/* What a damaged header names as a place is none: nobody may look there. */
	if (offset > check->file.size)
		finding.offset = VDK_CHECK_NO_OFFSET;
	finding.expected = strdup(expected);
	finding.found = strdup(found);
	finding.message = message;
	if (!message || !finding.expected || !finding.found || !grow(result)) {
		free(message);
		free((char *)finding.expected);
		free((char *)finding.found);
		check->no_memory = true;
		return;
	}
	result->findings[result->finding_count++] = finding;
	result->by_severity[finding.severity]++;
	result->rule_findings++;
}

int result_add_function(struct vdk_check_result *result, const struct vdk_check_function *function)
{
	struct vdk_check_function *functions =
	        reallocarray(result->functions, result->function_count + 1, sizeof(*functions));
	struct vdk_check_function copy = *function;

	if (!functions)
		return -ENOMEM;
	result->functions = functions;
	copy.name = strdup(function->name);
	if (!copy.name)
		return -ENOMEM;
	functions[result->function_count++] = copy;
	return 0;
}

struct vdk_check_result *vdk_check_free(struct vdk_check_result *result)
{
	if (!result)
		return NULL;
	for (size_t i = 0; i < result->finding_count; i++) {
		free((char *)result->findings[i].expected);
		free((char *)result->findings[i].found);
		free((char *)result->findings[i].message);
	}
	for (size_t i = 0; i < result->function_count; i++)
		free((char *)result->functions[i].name);
	free(result->findings);
	free(result->functions);
	free(result);
	return NULL;
}

size_t vdk_check_count(const struct vdk_check_result *result, enum vdk_check_severity severity)
{
	return severity == VDK_CHECK_OFF ? result->finding_count : result->by_severity[severity];
}

const struct vdk_check_finding *vdk_check_finding(const struct vdk_check_result *result,
                                                  size_t index)
{
	return index < result->finding_count ? &result->findings[index] : NULL;
}

const struct vdk_check_function *vdk_check_function(const struct vdk_check_result *result,
                                                    size_t index)
{
	return index < result->function_count ? &result->functions[index] : NULL;
}

size_t vdk_check_unlooked(const struct vdk_check_result *result)
{
	return result->unlooked;
}

enum vdk_check_profile vdk_check_profile(const struct vdk_check_result *result)
{
	return result->profile;
}

uint64_t vdk_check_size(const struct vdk_check_result *result)
{
	return result->size;
}
