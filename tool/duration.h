/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_DURATION_H
#define VDK_TOOL_DURATION_H

#include <stdbool.h>
#include <stdint.h>

/* "10ms", "1.5s", "2min" to ns, from 1 us to a day. Return 0, or -EINVAL. */
int duration_parse(const char *text, uint64_t *ret_ns);

/* The same for an option of a command, with a message when it is wrong. */
bool duration_option(const char *command, const char *option, const char *text, uint64_t *ret_ns);

/* What the messages about a wrong one say. */
#define DURATION_FORM "a time from 1us to 24h, such as 500us, 10ms, 1.5s, 2min"

/* The other way, short and for people: "312ms", "4.2s". Return @text. */
char *duration_format(uint64_t ns, char *text, int size);

#endif
