/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <vdk/report.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

/* In brackets: where sources are analysed the name is a macro, too (test/rows/analysed.h). */
int (vdk_report_set)(struct vdk_report *report, int error, const char *object, const char *format,
                     ...)
{
	const int saved = errno;
	va_list args;

	if (!report)
		return error;
	report->error = error;
	snprintf(report->object, sizeof(report->object), "%s", object ? object : "");
	va_start(args, format);
	vsnprintf(report->text, sizeof(report->text), format, args);
	va_end(args);
	errno = saved;
	return error;
}
