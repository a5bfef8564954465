/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_FAKETIME_DATE_H
#define VDK_FAKETIME_DATE_H

#include <stdint.h>

/*
 * What date(1) makes of a free-form date, "last friday 5 pm": it is asked as a program, as Debian's
 * faketime does. Its messages are dropped.
 *
 * @program: without a slash it is searched for in PATH
 *
 * Return: 0 and a time since 1970; -EINVAL it knows no such date; what posix_spawn(3) returns.
 */
int faketime_date(const char *program, const char *text, int64_t *ret_seconds,
                  int64_t *ret_nanoseconds);

#endif
