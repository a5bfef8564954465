/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_FAKETIME_SPEC_H
#define VDK_FAKETIME_SPEC_H

/*
 * What time a program is to see, as people write it:
 *
 *     SPEC      [WHEN] [RATE] [STEP], with blanks between them, at least one of them
 *     WHEN      +NUMBER[UNIT]  -NUMBER[UNIT]   beside the true time; UNIT s m h d w y, default s
 *               DATE                           at a date; @DATE the same
 *               @SECONDS                       at so many seconds since 1970, UTC
 *               %[FILE]                        at the time that FILE was last changed
 *     DATE      YYYY-MM-DD hh:mm[:ss[FRACTION]][ZONE], with a blank or a T before the hour
 *     ZONE      Z  +hh:mm  -hh:mm; without one: local time, as TZ and /etc/localtime say
 *     RATE      xNUMBER      so many times as fast as the true time
 *     STEP      iNUMBER      seconds at each question for the time
 *     NUMBER    digits with a fraction after a point or a comma
 *
 * A year is 365 days, as in libfaketime(1). Everything but the local time zone is in the text:
 * nothing here asks for the time, opens a file or starts a program.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum faketime_when { FAKETIME_KEEP, FAKETIME_BESIDE, FAKETIME_AT, FAKETIME_AT_FILE };

struct faketime_spec {
	enum faketime_when when;
	int64_t seconds;     /* beside the true time, or since 1970; rounded downwards */
	int64_t nanoseconds; /* 0 to 999,999,999 */
	bool plain_date;     /* a DATE without @, which libfaketime takes for a stopped clock */
	const char *file;    /* inside the text, up to its end; may be empty; NULL without % */
	bool has_rate;
	uint64_t rate; /* with FAKETIME_RATE_BITS of fraction; 0 stops the clock */
	bool has_step;
	int64_t step; /* ns at each question for the time */
	bool frozen; /* never set by the parser: the caller knows about plain dates */
};

/* Where a text is no SPEC. */
struct faketime_fault {
	size_t column;        /* in bytes, the first is 1 */
	const char *expected; /* a constant */
};

/* No clock is moved further than so many seconds: 12,000 years. */
#define FAKETIME_FARTHEST INT64_C(378432000000)

/* The fastest clock, times the true one. */
#define FAKETIME_FASTEST 1000000

/* The longest step, s: a tenth of what all steps of a tree may come to. */
#define FAKETIME_LONGEST INT64_C(1000000000)

/*
 * Return: 0; -EINVAL it is no SPEC, @ret_fault says where; -ERANGE the number there is too large.
 *         @ret_spec is untouched on failure.
 */
int faketime_spec_parse(const char *text, struct faketime_spec *ret_spec,
                        struct faketime_fault *ret_fault);

#endif
