/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TEST_ROWS_ANALYSED_H
#define VDK_TEST_ROWS_ANALYSED_H

/*
 * What gcc's static analyzer cannot see for itself, included before every file that the row
 * `analyzer` compiles. Nothing that runs is built with this; test/static/analysed.h is for clang's.
 *
 * Errors are carried as negative errnos, and what a function gives back is untouched where it
 * fails. The analyzer thinks that -errno may be 0 after a call that failed, since it knows nothing
 * of the negation of an unknown number, and takes each such path for a success with nothing given
 * back. It forgets, too, what two numbers have in common where their paths meet. So here errno is
 * one number, and what depends on another one is left to clang's analyzer, which has two.
 */

#ifndef __ASSEMBLER__

#include <errno.h>

static int vdk_analysed_errno __attribute__((unused));

#undef errno
#define errno                                                                                      \
	(*__extension__({                                                                          \
		vdk_analysed_errno = EIO;                                                          \
		&vdk_analysed_errno;                                                               \
	}))

/* It hands its error on. Some programs do without our headers. */
#if __has_include(<vdk/report.h>)
#include <vdk/report.h>
#define vdk_report_set(report, error, ...)                                                         \
	__extension__({                                                                            \
		const int analysed_error_ = (error);                                               \
		(vdk_report_set)(report, analysed_error_, __VA_ARGS__);                            \
		analysed_error_;                                                                   \
	})
#endif

#endif
#endif
