/* SPDX-License-Identifier: MIT */
#ifndef FASTCLOCK_PAGE_H
#define FASTCLOCK_PAGE_H

#include <vdk/record.h>

/*
 * A clock as a line over the CPU's counter (TSC), in three pieces that join without a gap:
 *
 *     ns                                          . coast: a little slower than the kernel
 *      |                               after . -'
 *      |                          . - '      |            past `until`: the kernel's answer
 *      |         before  . -  '              |
 *      |          . - '  |                   |                 |
 *      +----------+------+-------------------+-----------------+------> counter
 *               from   cross             from + span         until
 *
 * The fast way is from `from` on for `span` ticks, which fit into 32 bits; there a reader takes
 * `before` or `after`. Whatever lies outside is worked out slowly or left to the kernel. line.h
 * says how successive lines are chosen so that no reader ever sees time go back.
 *
 * Nanoseconds are kept with 30 binary places, so that a line goes on where its predecessor ended
 * without rounding: 2^-30 ns in the base, and 2^-30 ns per tick in the slopes.
 */
#define FASTCLOCK_SHIFT 30

/* Ids of clocks that have a base: CLOCK_REALTIME 0 to CLOCK_TAI 11. */
#define FASTCLOCK_IDS 12

/** What the reader may do; `flags`. */
#define FASTCLOCK_UNORDERED 1u /* clock_gettime and gettimeofday read the counter without a fence */

/** Where clocks are answered from; `state`. For people: readers go by `span` and `until`. */
enum fastclock_state {
	FASTCLOCK_CHAIN,       /* the kernel; see `reason` */
	FASTCLOCK_LINE         /* the line, between `from` and `until` */
};

/** Why the kernel answers; `reason`. */
enum fastclock_reason {
	FASTCLOCK_NONE,
	FASTCLOCK_STARTING,    /* the slope is being measured: one period */
	FASTCLOCK_SOURCE,      /* the kernel's own clock source is not the TSC */
	FASTCLOCK_COUNTER,     /* the CPU or prctl(2) PR_SET_TSC says that the TSC is no clock */
	FASTCLOCK_NAMESPACE,   /* the publisher's clocks are not the initial time namespace's */
	FASTCLOCK_SUSPEND,     /* the machine slept since the last update */
	FASTCLOCK_JUMP,        /* the kernel's clock left the line by more than slewing explains */
	FASTCLOCK_PERIOD,      /* --once, or less often than every second */
	FASTCLOCK_ATTACHED     /* the publisher itself runs on an attached clock */
};

/** How well UTC is known; vdk_now_bounds() and `sync`. */
enum fastclock_sync {
	FASTCLOCK_UNKNOWN,      /* never synchronised, or nobody vouches any more: no bounds */
	FASTCLOCK_SYNCHRONISED, /* the kernel's NTP state says so; its maximum error bounds UTC */
	FASTCLOCK_FREE_RUNNING  /* it was, and has run freely since: bounds that grow */
};

/** A clock's value at `from`. */
struct fastclock_base {
	int64_t sec;
	uint64_t nsec; /* with 30 binary places */
};

struct fastclock {
	/* What every read needs: the first cache line. */
	uint64_t from;         /* counter from which on the line is good */
	uint32_t span;         /* for so many ticks; 0: chain */
	uint32_t bend;         /* the slope changes so many ticks after `from`: at `cross` */
	uint32_t before;       /* 2^-30 ns per tick up to there */
	uint32_t after;        /* and from there on */
	int64_t correction;    /* to add to a base behind `cross`: bend * (before - after) */
	int64_t realtime_ns;   /* CLOCK_REALTIME at `from`, whole ns */
	int64_t monotonic_ns;  /* CLOCK_MONOTONIC at `from`, whole ns */
	uint32_t fraction;     /* of both, 2^-30 ns */
	uint32_t flags;        /* FASTCLOCK_UNORDERED */
	uint32_t coast;        /* 2^-30 ns per tick from `from` + `span` to `until` */
	uint32_t sync;         /* enum fastclock_sync */

	struct fastclock_base base[FASTCLOCK_IDS]; /* by clock id */

	uint64_t until;        /* counter past which the kernel answers */

	/* Bounds of UTC. */
	uint64_t utc_counter;  /* when the two were taken */
	int64_t utc_error_ns;  /* maximum error then, of the kernel's NTP state and of the line */
	uint32_t utc_growth;   /* of that error, 2^-30 ns per tick */

	/* For people and monitors. */
	uint32_t error_ns;     /* the line is that close to the kernel's clock, as measured */
	uint32_t state;        /* enum fastclock_state */
	uint32_t reason;       /* enum fastclock_reason */
	int64_t offset_ns;     /* last seen: the line less the kernel's clock, middle of the bracket */
	uint64_t updates;      /* lines published so far */
	uint64_t starts;       /* of them, first ones after the kernel had answered */
	uint64_t steps;        /* of CLOCK_REALTIME, while there was a line */
	uint64_t late;         /* updates that came when `from` + `span` had passed */
};
VDK_RECORD(fastclock);

/*
 * The coarse clocks, where they are published at least as often as the kernel ticks: sequence and
 * both copies share one cache line. A count of ns that is 0 means "ask the kernel", so that a page
 * that was never written says so too.
 */
struct fastclock_coarse {
	int64_t monotonic_sec;
	int64_t realtime_sec;
	uint32_t monotonic_nsec; /* plus one */
	uint32_t realtime_nsec;  /* plus one */
};
VDK_RECORD(fastclock_coarse);

#endif
