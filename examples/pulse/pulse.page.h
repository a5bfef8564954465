/* SPDX-License-Identifier: MIT */
#ifndef PULSE_PAGE_H
#define PULSE_PAGE_H

#include <vdk/record.h>

/*
 * The pulse of the page's publisher: when it updates, and how regularly. All times in ns of
 * CLOCK_MONOTONIC. The fields belong together: first + sum == last at every moment.
 */
struct pulse {
	uint64_t count;    /* updates that are counted in */
	uint64_t first;    /* time of the first one */
	uint64_t last;     /* time of the last one */
	uint64_t sum;      /* of all pauses between two updates */
	uint64_t shortest; /* pause; 0 before the second update */
	uint64_t longest;
};
VDK_RECORD(pulse);

#endif
