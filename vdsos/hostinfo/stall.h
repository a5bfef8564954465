/* SPDX-License-Identifier: MIT */
#ifndef HOSTINFO_STALL_H
#define HOSTINFO_STALL_H

/* Pressure files, the machine's and a cgroup's: two lines of the same form. */

#include "hostinfo.page.h"
#include "source.h"

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=0", without its first word */
static inline bool take_stall(struct text *line, struct hostinfo_stall *ret_stall)
{
	uint64_t avg10, avg60, avg300, total;

	if (!text_skip(line, " avg10=") || !text_fixed(line, 2, &avg10) || avg10 > UINT32_MAX ||
	    !text_skip(line, " avg60=") || !text_fixed(line, 2, &avg60) || avg60 > UINT32_MAX ||
	    !text_skip(line, " avg300=") || !text_fixed(line, 2, &avg300) || avg300 > UINT32_MAX ||
	    !text_skip(line, " total=") || !text_number(line, &total) || !text_is_empty(line))
		return false;
	*ret_stall = (struct hostinfo_stall){(uint32_t)avg10, (uint32_t)avg60, (uint32_t)avg300, 0,
	                                     total};
	return true;
}

/* The bit of "full" follows that of "some". */
static inline void read_stalls(struct source *source, uint64_t some_bit, uint64_t *known,
                               struct hostinfo_stall *some, struct hostinfo_stall *full)
{
	struct text text = source_read(source), line;

	while (text_line(&text, &line)) {
		if (text_skip(&line, "some")) {
			if (take_stall(&line, some))
				*known |= some_bit;
		} else if (text_skip(&line, "full")) {
			if (take_stall(&line, full))
				*known |= some_bit << 1;
		}
	}
}

#endif
