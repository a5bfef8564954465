/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_SERVICE_H
#define VDK_TOOL_SERVICE_H

/*
 * The publisher at work: its hook on a schedule, its lines as they come, a heartbeat for both, and
 * an end when it is asked for. One thread, one poll(2).
 */

#include <stdbool.h>
#include <stdint.h>

#include <vdk/publish.h>

struct service_options {
	uint64_t every; /* the hook's period, ns */
	uint64_t limit; /* values are void that long after the last sign of life, ns; 0: never */
	uint64_t idle;  /* the hook rests when nobody had the page for that long, ns; 0: never */
	bool lines;     /* take changes from standard input; its end is ours */
	bool once;      /* one call of the hook, no schedule */
};

/* Return: an exit code. Messages are printed. */
int service_run(struct vdk_publisher *publisher, const struct service_options *options);

#endif
