/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lists that an examination fills: findings with their evidence, facts, and what is unknown. */
#include "doctor/examination.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/printable.h"

struct doctor_finding *doctor_find(struct doctor *doctor, enum doctor_id id)
{
	const size_t room = sizeof(doctor->findings) / sizeof(doctor->findings[0]);
	/* A process with a great many attached pages: the last finding stands for the rest. */
	const size_t at = doctor->finding_count < room ? doctor->finding_count++ : room - 1;
	struct doctor_finding *finding = &doctor->findings[at];

	*finding = (struct doctor_finding){.id = id, .cost_ns = -1};
	return finding;
}

bool doctor_found(const struct doctor *doctor, enum doctor_id id)
{
	for (size_t i = 0; i < doctor->finding_count; i++)
		if (doctor->findings[i].id == id)
			return true;
	return false;
}

size_t doctor_findings(const struct doctor *doctor)
{
	size_t count = 0;

	for (size_t i = 0; i < doctor->finding_count; i++)
		count += !doctor_kinds[doctor->findings[i].id].note;
	return count;
}

/* Files are opened by paths below the root and told by absolute ones. */
static bool is_below(const char *where)
{
	return !strncmp(where, "proc/", 5);
}

void doctor_evidence(struct doctor_finding *finding, const char *where, const char *format, ...)
{
	struct doctor_evidence *evidence;
	va_list args;

	if (finding->evidence_count == DOCTOR_EVIDENCE_MAX)
		return;
	evidence = &finding->evidence[finding->evidence_count++];
	snprintf(evidence->where, sizeof(evidence->where), "%s%s", is_below(where) ? "/" : "", where);
	va_start(args, format);
	vsnprintf(evidence->what, sizeof(evidence->what), format, args);
	va_end(args);
	vdk_printable(evidence->where, strlen(evidence->where));
	vdk_printable(evidence->what, strlen(evidence->what));
}

void doctor_cost(struct doctor_finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(finding->cost, sizeof(finding->cost), format, args);
	va_end(args);
}

void doctor_cost_of_fallback(const struct doctor *doctor, struct doctor_finding *finding)
{
	const struct doctor_measured *measured = &doctor->measured;

	if (measured->syscall < 0) {
		doctor_cost(finding, "not measured here");
		return;
	}
	finding->cost_ns = measured->syscall;
	if (measured->vdso < 0 || measured->vdso > 0.7 * measured->syscall) {
		doctor_cost(finding, "each look at the clock takes %.0f ns, as a system call does",
		            measured->syscall);
		return;
	}
	finding->cost_ns -= measured->vdso;
	doctor_cost(finding, "%.0f ns a call: the system call takes %.0f ns here, the vDSO's "
	                     "function %.0f ns", finding->cost_ns, measured->syscall,
	            measured->vdso);
}

static struct doctor_line *add_line(struct doctor_line *lines, size_t *count, size_t room,
                                    const char *what)
{
	struct doctor_line *line = &lines[*count < room ? (*count)++ : room - 1];

	snprintf(line->what, sizeof(line->what), "%s%s", is_below(what) ? "/" : "", what);
	vdk_printable(line->what, strlen(line->what));
	return line;
}

void doctor_unknown(struct doctor *doctor, const char *what, int error, const char *format, ...)
{
	struct doctor_line *line =
		add_line(doctor->unknowns, &doctor->unknown_count,
	                 sizeof(doctor->unknowns) / sizeof(doctor->unknowns[0]), what);
	const char *reason = error == -EBADMSG ? "it is no regular file"
	                     : error == -EFBIG ? "it is larger than such a file can be"
	                                       : strerror(-error);
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(line->text, sizeof(line->text), format, args);
	va_end(args);
	if (error && length >= 0 && length < (int)sizeof(line->text))
		snprintf(line->text + length, sizeof(line->text) - (size_t)length, "%s%s",
		         length ? ": " : "", reason);
	vdk_printable(line->text, strlen(line->text));
}

void doctor_fact(struct doctor *doctor, const char *what, const char *format, ...)
{
	struct doctor_line *line = add_line(doctor->facts, &doctor->fact_count,
	                                    sizeof(doctor->facts) / sizeof(doctor->facts[0]), what);
	va_list args;

	va_start(args, format);
	vsnprintf(line->text, sizeof(line->text), format, args);
	va_end(args);
	vdk_printable(line->text, strlen(line->text));
}

void doctor_calls_add(struct doctor_calls *calls, const char *function, enum doctor_origin origin,
                      const char *from, uint64_t count)
{
	struct doctor_caller *caller = NULL;

	if (count == 0)
		return;
	for (size_t i = 0; i < calls->caller_count; i++) {
		struct doctor_caller *one = &calls->callers[i];

		if (!strcmp(one->function, function) && one->origin == origin &&
		    !strcmp(one->from, from)) {
			one->count += count;
			return;
		}
	}
	if (calls->caller_count < DOCTOR_CALLERS_MAX - 1) {
		caller = &calls->callers[calls->caller_count++];
	} else {
		caller = &calls->callers[DOCTOR_CALLERS_MAX - 1];
		if (calls->caller_count == DOCTOR_CALLERS_MAX) {
			caller->count += count;
			return;
		}
		calls->caller_count = DOCTOR_CALLERS_MAX;
		function = "others";
		from = "";
		origin = DOCTOR_BY_UNKNOWN;
	}
	*caller = (struct doctor_caller){.function = function, .origin = origin, .count = count};
	snprintf(caller->from, sizeof(caller->from), "%s", from);
}
