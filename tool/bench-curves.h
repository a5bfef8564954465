/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_BENCH_CURVES_H
#define VDK_TOOL_BENCH_CURVES_H

/*
 * Cost curves: what a read costs against the number of attached processes, of records, and of
 * updates a second, and what an attach costs against the image's size.
 *
 * They need images that do not exist anywhere: bench-curves.c writes their sources into a folder
 * that is removed afterwards, has `vdk build` make them, publishes one there, and starts this
 * program again with it attached, which measures (bench-curves-read.c) and prints its curves as
 * JSON.
 */

#include "bench.h"

#define BENCH_CURVE_RECORDS 1024
#define BENCH_CURVE_NAME "curve" /* of the publication */

/* Measure all curves and add them to a document as "curves". Return: an exit code. */
int bench_curves(const struct bench_effort *effort, struct json_object *document);

/* The part that runs attached: print an array of curves. Return: an exit code. */
int bench_curves_read(const struct bench_effort *effort);

/* One curve; its points are added by bench_curve_point(), which sorts the values. */
struct json_object *bench_curve(const char *name, const char *title, const char *x, const char *y,
                                bool log_x, const char *note);
void bench_curve_point(struct json_object *curve, double x, double *values, unsigned int count);

#endif
