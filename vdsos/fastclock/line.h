/* SPDX-License-Identifier: MIT */
#ifndef FASTCLOCK_LINE_H
#define FASTCLOCK_LINE_H

/*
 * line.h - the arithmetic of fastclock's publisher: which line to publish next
 *
 * Never backwards: the argument
 * -----------------------------
 * Record k defines a function L_k of the counter: slope before_k up to cross_k, after_k up to
 * end_k, coast_k up to until_k, and past that the kernel's clock K. The counter is the same on all
 * CPUs and never runs backwards; that is what the kernel asks of it before it makes it its own
 * clock source, and without that nothing is published here. A reader gets L_k(t) with the counter
 * t that it read while record k was the current one (it looks again afterwards).
 *
 * (1) Each L_k rises: its slopes are positive and its pieces join exactly, in 2^-30 ns.
 *
 * (2) L_k+1 = L_k up to cross_k+1, and L_k+1 >= L_k behind it. For cross_k+1 is end_k, or later
 *     when the publisher is late; before_k+1 is the slope that L_k has there; and behind end_k
 *     L_k only coasts, with a slope that no successor may fall below (line_next() sees to it).
 *     So it does not matter when the record becomes visible: early, late, after the publisher
 *     was stopped for any time between its own look at the counter and its store. There is no
 *     window in which time must not pass, and no reader waits. A line that only began where the
 *     store was planned would step back by (change of slope) * (delay of the store).
 *     This is also why a slope begins most of a period after it was published.
 *
 * (3) From the line to the kernel. A reader asks the kernel when its own counter is past until_k,
 *     so the kernel's answer is of a later counter than every answer of L_k. It is not smaller if
 *     L_k(until_k) <= K(until_k). L aims below K: K's value is bracketed by two looks at the
 *     counter, the line aims at the lower bound less a margin, and coasting loses a further
 *     COAST_PPM against K. K may slew away by up to 500 ppm (adjtimex(2)) unnoticed for one
 *     period; coasting is slower than that by far.
 *
 * (4) From the kernel to the line. A reader that asked the kernel looks at the record once more
 *     and drops the answer when there is a new line; so all kernel's answers were taken before
 *     the first record of the line appeared. That record starts *above* K, at the bracket's
 *     upper bound, and comes down to its place below K within its first segment. It stays above
 *     for some ten ms, which is the time that its publication may take.
 *     What remains: a publisher that is stopped between its look at the counter and its store for
 *     longer than from there to until_k and continued before until_k+1 has come. Then readers
 *     that had asked the kernel find a line that is up to the lag (tens of ns) below.
 *
 * Two reads in one thread lie further apart than the CPU can reorder the looks at record and
 * counter (some tens of ticks), and the slopes of neighbouring lines differ by some 10^-6: that
 * product is far below the resolution.
 *
 * Steps of CLOCK_REALTIME belong to the offsets, which are added to the line and follow the
 * kernel's at the next update; the line is CLOCK_MONOTONIC's.
 */

#include <stdbool.h>
#include <stdint.h>

#include "fastclock.page.h"

#define LINE_ONE ((double)(1 << FASTCLOCK_SHIFT))

/* Ns. What a kernel that runs on at the same rate may deviate: its multiplier is dithered. */
#define LINE_MARGIN_NS 12
/* A first line begins so far above the upper bound. */
#define LINE_AHEAD_NS 8

/* Slopes against the kernel's: the least that a segment has, and what coasting has. */
#define LINE_SLOWEST (1 - 800e-6)
#define LINE_COAST   (1 - 1000e-6)
#define LINE_FASTEST 1.1

/* A line that far above or below the kernel's clock is not led back but given up. */
#define LINE_ABOVE_NS 1000000
#define LINE_BELOW_NS 10000000

/* Times in 2^-30 ns of CLOCK_MONOTONIC. */
typedef __int128 fixed;

struct line {
	bool live; /* else nothing below means anything */
	uint64_t from, cross, end, until; /* of the counter */
	uint32_t before, after, coast;
	fixed base; /* at `cross` */
};

/* What the next line aims at. */
struct aim {
	uint64_t now;       /* counter */
	fixed lower, upper; /* CLOCK_MONOTONIC at that counter lies between */
	double slope;       /* 2^-30 ns per tick, of the kernel's clock */
	double period;      /* ns between two calls */
};

enum line_change {
	LINE_KEPT,    /* the line has far to go yet; `until` was moved on */
	LINE_RENEWED, /* it goes on in another direction */
	LINE_STARTED, /* a first one */
	LINE_LOST     /* it cannot be led back to the kernel's clock; no longer live */
};

static inline fixed line_at(const struct line *line, uint64_t counter)
{
	const int64_t past = (int64_t)(counter - line->cross);

	if (past < 0)
		return line->base + (fixed)past * line->before;
	if ((int64_t)(counter - line->end) < 0)
		return line->base + (fixed)past * line->after;
	return line->base + (fixed)(int64_t)(line->end - line->cross) * line->after +
	       (fixed)(int64_t)(counter - line->end) * line->coast;
}

static inline double line_greater(double a, double b)
{
	return a > b ? a : b;
}

/* Ticks: how long before its end a line is renewed on schedule; so late may a publisher be. */
static inline double line_slack(const struct aim *aim)
{
	return line_greater(aim->period * 0.8, 20e6) * LINE_ONE / aim->slope;
}

/* Fill in everything behind `cross`, where line->base is set. */
static inline void line_lead(struct line *line, const struct aim *aim, double least)
{
	const double tick = aim->slope / LINE_ONE; /* ns */
	const double slack = line_slack(aim);
	const double reach = 1.25 * slack; /* a period, where that is not very short */
	double slope;

	line->end = aim->now + (uint64_t)(reach + slack);
	line->until = line->end + (uint64_t)(line_greater(2 * aim->period, 50e6) / tick);
	line->from = aim->now - (uint64_t)(1e6 / tick);
	slope = ((double)(aim->lower - line->base) - LINE_MARGIN_NS * LINE_ONE +
	         aim->slope * (double)(int64_t)(line->end - aim->now)) /
	        (double)(int64_t)(line->end - line->cross);
	slope = line_greater(slope, line_greater(aim->slope * LINE_SLOWEST, least));
	if (slope > aim->slope * LINE_FASTEST)
		slope = aim->slope * LINE_FASTEST;
	line->after = (uint32_t)slope;
	line->coast = (uint32_t)(aim->slope * LINE_COAST);
	line->live = true;
}

static inline enum line_change line_start(struct line *line, const struct aim *aim)
{
	line->cross = aim->now;
	line->base = aim->upper + ((fixed)LINE_AHEAD_NS << FASTCLOCK_SHIFT);
	line->before = (uint32_t)aim->slope;
	line_lead(line, aim, 0);
	return LINE_STARTED;
}

/* Change @line into its successor. */
static inline enum line_change line_next(struct line *line, const struct aim *aim)
{
	const fixed ns = (fixed)1 << FASTCLOCK_SHIFT;
	const bool late = (int64_t)(aim->now - line->end) >= 0;
	const double left = (double)(int64_t)(line->end - aim->now);
	uint32_t coast = line->coast;
	fixed above;

	if (!line->live || aim->now - line->from >= line->until - line->from)
		return line_start(line, aim);
	above = line_at(line, aim->now) - aim->upper;
	if (above > LINE_ABOVE_NS * ns || above < -(LINE_BELOW_NS * ns)) {
		line->live = false;
		return LINE_LOST;
	}
	if ((int64_t)(aim->now - line->cross) < 0 || left > 1.25 * line_slack(aim)) {
		const uint64_t until = aim->now + (uint64_t)(line_greater(2 * aim->period, 50e6) *
		                                             LINE_ONE / aim->slope);

		/* Longer to coast: nothing that was promised changes. */
		if ((int64_t)(until - line->until) > 0)
			line->until = until;
		return LINE_KEPT;
	}
	const uint64_t cross = late ? aim->now : line->end;
	const fixed base = line_at(line, cross);

	line->before = late ? line->coast : line->after;
	line->cross = cross;
	line->base = base;
	/* The successor's own coasting may be slower; what matters is what readers now coast on. */
	line_lead(line, aim, (double)coast + 1);
	return LINE_RENEWED;
}

#endif
