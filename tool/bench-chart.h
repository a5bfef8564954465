/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_BENCH_CHART_H
#define VDK_TOOL_BENCH_CHART_H

/*
 * Small pictures for a page, as SVG that stands in the page itself. Colours come from the page's
 * style sheet by class names, so that pictures follow a light or a dark page.
 */

#include <stdbool.h>
#include <stdio.h>

#include "bench-document.h"

struct axis {
	double low, high;
	bool log;
	const char *title;
};

struct chart {
	FILE *out;
	struct axis x, y;
	double width, height; /* of all; the drawing area is smaller by the margins */
};

#define CHART_LEFT 52.0
#define CHART_RIGHT 12.0
#define CHART_TOP 10.0
#define CHART_BOTTOM 40.0

/* Text as it may stand between tags and in attributes. */
void chart_text(FILE *out, const char *text);

/* Begin with axes, grid and their labels; @name is what a screen reader says. */
void chart_begin(const struct chart *chart, const char *name);
void chart_end(const struct chart *chart);

/* A line through points; class "kernel", "attached", ... chooses the colour. Steps: as a stair. */
void chart_line(const struct chart *chart, const char *class, const struct bench_point *points,
                unsigned int count, bool steps);

/* A band between two lines, and dots with a hint that shows when one points at them. */
void chart_band(const struct chart *chart, const char *class,
                const struct bench_curve_point *points, unsigned int count);
void chart_dot(const struct chart *chart, const char *class, double x, double y, const char *hint);

#endif
