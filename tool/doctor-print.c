/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The doctor's result in words and in JSON. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "doctor-try.h"

#define WIDTH 96

/* A paragraph, broken between words, all lines but the first indented by so many blanks. */
static void print_wrapped(const char *text, int indent)
{
	int column = indent;

	for (const char *at = text; *at;) {
		const int length = (int)strcspn(at, " ");

		if (column > indent && column + 1 + length > WIDTH) {
			printf("\n%*s", indent, "");
			column = indent;
		} else if (column > indent) {
			putchar(' ');
			column++;
		}
		printf("%.*s", length, at);
		column += length;
		at += length;
		at += strspn(at, " ");
	}
	putchar('\n');
}

static void print_finding(const struct doctor_finding *finding)
{
	const struct doctor_kind *kind = &doctor_kinds[finding->id];
	char text[1024];

	snprintf(text, sizeof(text), "%s%s: %s", kind->note ? "note: " : "", kind->name, kind->means);
	print_wrapped(text, 4);
	for (size_t i = 0; i < finding->evidence_count; i++) {
		snprintf(text, sizeof(text), "%s: %s", finding->evidence[i].where,
		         finding->evidence[i].what);
		printf("    %-7s", i ? "" : "seen:");
		print_wrapped(text, 13);
	}
	printf("    %-7s", "costs:");
	print_wrapped(finding->cost, 13);
	printf("    %-7s", "do:");
	print_wrapped(kind->advice, 13);
	putchar('\n');
}

static void print_findings(const struct doctor *doctor, bool notes)
{
	for (size_t i = 0; i < doctor->finding_count; i++)
		if (doctor_kinds[doctor->findings[i].id].note == notes)
			print_finding(&doctor->findings[i]);
}

static void print_lines(const char *title, const struct doctor_line *lines, size_t count)
{
	char text[512];

	if (count == 0)
		return;
	puts(title);
	for (size_t i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "%s: %s", lines[i].what, lines[i].text);
		printf("    ");
		print_wrapped(text, 8);
	}
	putchar('\n');
}

void doctor_print(const struct doctor *doctor)
{
	const size_t findings = doctor_findings(doctor), notes = doctor->finding_count - findings;

	print_findings(doctor, false);
	print_findings(doctor, true);
	print_lines("seen:", doctor->facts, doctor->fact_count);
	print_lines("not examined:", doctor->unknowns, doctor->unknown_count);
	if (findings)
		printf("%zu finding%s", findings, findings == 1 ? "" : "s");
	else
		printf("healthy%s", doctor->unknown_count ? ", as far as it could be examined" : "");
	if (notes)
		printf(", %zu note%s", notes, notes == 1 ? "" : "s");
	putchar('\n');
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void put(struct json_object *object, const char *key, struct json_object *value)
{
	json_object_object_add(object, key, value);
}

static void put_text(struct json_object *object, const char *key, const char *text)
{
	put(object, key, json_object_new_string(text));
}

static void put_time(struct json_object *object, const char *key, double ns)
{
	put(object, key, ns < 0 ? NULL : json_object_new_double(ns));
}

static struct json_object *finding_json(const struct doctor_finding *finding)
{
	const struct doctor_kind *kind = &doctor_kinds[finding->id];
	struct json_object *object = json_object_new_object(), *all = json_object_new_array();

	for (size_t i = 0; i < finding->evidence_count; i++) {
		struct json_object *evidence = json_object_new_object();

		put_text(evidence, "where", finding->evidence[i].where);
		put_text(evidence, "what", finding->evidence[i].what);
		json_object_array_add(all, evidence);
	}
	put_text(object, "id", kind->name);
	put_text(object, "means", kind->means);
	put(object, "evidence", all);
	put_text(object, "cost", finding->cost);
	put_time(object, "cost_ns", finding->cost_ns);
	put_text(object, "do", kind->advice);
	return object;
}

static struct json_object *findings_json(const struct doctor *doctor, bool notes)
{
	struct json_object *all = json_object_new_array();

	for (size_t i = 0; i < doctor->finding_count; i++)
		if (doctor_kinds[doctor->findings[i].id].note == notes)
			json_object_array_add(all, finding_json(&doctor->findings[i]));
	return all;
}

static struct json_object *lines_json(const struct doctor_line *lines, size_t count)
{
	struct json_object *all = json_object_new_array();

	for (size_t i = 0; i < count; i++) {
		struct json_object *line = json_object_new_object();

		put_text(line, "what", lines[i].what);
		put_text(line, "text", lines[i].text);
		json_object_array_add(all, line);
	}
	return all;
}

static struct json_object *calls_json(const struct doctor_calls *calls)
{
	struct json_object *object = json_object_new_object(), *callers = json_object_new_array();

	for (size_t i = 0; i < calls->caller_count; i++) {
		static const char *const origins[] = {"unknown", "vdso", "vsyscall", "code"};
		struct json_object *caller = json_object_new_object();

		put_text(caller, "function", calls->callers[i].function);
		put_text(caller, "origin", origins[calls->callers[i].origin]);
		put_text(caller, "from", calls->callers[i].from);
		put(caller, "count", json_object_new_uint64(calls->callers[i].count));
		json_object_array_add(callers, caller);
	}
	put_text(object, "method", calls->method);
	put(object, "seconds", json_object_new_double(calls->seconds));
	put(object, "kernel_only", json_object_new_uint64(calls->needed));
	put(object, "callers", callers);
	return object;
}

void doctor_print_json(const struct doctor *doctor)
{
	const struct doctor_measured *measured = &doctor->measured;
	struct json_object *object = json_object_new_object(), *times = json_object_new_object();

	put_time(times, "vdso", measured->vdso);
	put_time(times, "vdso_coarse", measured->coarse);
	put_time(times, "syscall", measured->syscall);
	put_time(times, "vsyscall", measured->vsyscall);
	put(object, "healthy", json_object_new_boolean(doctor_findings(doctor) == 0));
	put(object, "findings", findings_json(doctor, false));
	put(object, "notes", findings_json(doctor, true));
	put(object, "not_examined", lines_json(doctor->unknowns, doctor->unknown_count));
	put(object, "seen", lines_json(doctor->facts, doctor->fact_count));
	put(object, "clock_gettime_ns", times);
	put(object, "calls", doctor->calls.method ? calls_json(&doctor->calls) : NULL);
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
	                                                    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

void doctor_print_list(void)
{
	for (size_t i = 0; i < DOCTOR_IDS; i++) {
		printf("%-16s %s ", doctor_kinds[i].name, doctor_kinds[i].note ? "note   " : "finding");
		print_wrapped(doctor_kinds[i].means, 25);
	}
}
