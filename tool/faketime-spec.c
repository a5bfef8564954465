/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the text of a SPEC to a time: what the parser leaves to date(1) and to stat(2). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "faketime-control.h"
#include "faketime/date.h"
#include "faketime/file.h"

/* May this be a date that only date(1) knows? It would take the x of a rate for a time zone. */
static bool is_free_form(const char *text)
{
	return *text && !strchr("xi%@", *text);
}

static int complain(const char *text, int error, const struct faketime_fault *fault, bool asked_date,
                    struct vdk_report *report)
{
	char found[32] = "the end";
	const char *at = text + fault->column - 1;

	if (*at) {
		strcpy(found, "'?'");
		if (*at >= ' ' && *at <= '~')
			found[1] = *at;
	}
	return vdk_report_set(report, -EINVAL, text, "column %zu: expected %s, found %s%s",
	                      fault->column, fault->expected, error == -ERANGE ? "more" : found,
	                      asked_date ? "; and date(1) knows no such date" : "");
}

static int read_file_time(struct faketime_spec *spec, struct vdk_report *report)
{
	int error;

	if (!*spec->file)
		spec->file = getenv("FAKETIME_FOLLOW_FILE");
	if (!spec->file)
		return vdk_report_set(report, -EINVAL, "%",
		                      "column 2: expected a file's name, or one in the environment "
		                      "variable FAKETIME_FOLLOW_FILE");
	error = faketime_file_time(spec->file, spec);
	if (error)
		return vdk_report_set(report, error == -EACCES ? -ENOENT : error, spec->file, "%s",
		                      strerror(-error));
	return 0;
}

int faketime_spec_read(const char *text, const struct faketime_reading *reading,
                       struct faketime_spec *ret_spec, struct vdk_report *report)
{
	struct faketime_fault fault;
	struct faketime_spec spec = {0};
	int error = faketime_spec_parse(text, &spec, &fault);

	if (error == -EINVAL && !reading->advanced && is_free_form(text)) {
		memset(&spec, 0, sizeof(spec));
		error = faketime_date(reading->date_program, text, &spec.seconds, &spec.nanoseconds);
		if (error == -EINVAL)
			return complain(text, error, &fault, true, report);
		if (error)
			return vdk_report_set(report, error, reading->date_program,
			                      "cannot ask it for the date '%s': %s", text,
			                      strerror(-error));
		spec.when = FAKETIME_AT;
	}
	if (error)
		return complain(text, error, &fault, false, report);
	if (spec.when == FAKETIME_AT_FILE)
		error = read_file_time(&spec, report);
	spec.frozen = reading->advanced && spec.plain_date;
	if (!error)
		*ret_spec = spec;
	return error;
}
