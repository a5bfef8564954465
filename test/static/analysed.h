/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TEST_STATIC_ANALYSED_H
#define VDK_TEST_STATIC_ANALYSED_H

/*
 * What clang's static analyzer cannot see for itself, included before every file that
 * test/static/tidy has it look at. Nothing is built with this.
 *
 * Errors are carried as negative errnos, and what a function gives back is untouched where it
 * fails. An analyzer that thinks -errno may be 0 after a call that failed - it knows nothing of
 * the negation of an unknown number - or that does not know what vdk_report_set() returns, takes
 * each of these paths for a success with nothing given back. So here errno is one of two numbers, and an
 * error that is told in words is one of two where it is not a constant.
 */

#include <errno.h>
#include <vdk/report.h>

int vdk_analysed_choice(void);

static inline int *vdk_analysed_errno(void)
{
	int *where = __errno_location();

	*where = vdk_analysed_choice() ? EINTR : EIO;
	return where;
}

#undef errno
#define errno (*vdk_analysed_errno())

/* src/base/report.c has the function itself. */
#ifndef VDK_ANALYSED_REPORT
#define vdk_report_set(report, error, ...)                                                         \
	__extension__({                                                                            \
		const int analysed_error_ = (error);                                               \
		(vdk_report_set)(report, analysed_error_, __VA_ARGS__);                            \
		__builtin_constant_p(error)  ? analysed_error_                                     \
		: vdk_analysed_choice()      ? -EINTR                                              \
		                             : -EIO;                                               \
	})
#endif

#endif
