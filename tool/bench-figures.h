/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_BENCH_FIGURES_H
#define VDK_TOOL_BENCH_FIGURES_H

#include <stdio.h>

#include "bench-document.h"

/* What every call costs, on one logarithmic scale, with the floors as lines. */
void figure_bars(FILE *out, const struct bench_document *document);

/* For each call how its single calls spread, and their tail. */
void figure_calls(FILE *out, const struct bench_document *document);

/* One cost curve, with the middle nine tenths of what was measured as a band. */
void figure_curve(FILE *out, const struct bench_curve *curve);

#endif
