/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Included before every file in a build that counts lines (make coverage). Children and supervisors
 * end by _exit(), which leaves the counts behind: here they are written first.
 */
#if !defined(VDK_TEST_COVERAGE_EXIT_H) && !defined(__ASSEMBLER__)
#define VDK_TEST_COVERAGE_EXIT_H

#include <unistd.h>

void __gcov_dump(void);

__attribute__((noreturn)) static inline void vdk_coverage_exit(int status)
{
	__gcov_dump();
	_exit(status);
}

#define _exit(status) vdk_coverage_exit(status)

#endif
