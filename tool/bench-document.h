/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_BENCH_DOCUMENT_H
#define VDK_TOOL_BENCH_DOCUMENT_H

/*
 * A document of `vdk bench`, read and checked: whoever wrote the file, every number is finite and
 * not negative, every text is short and printable, every list is bounded. doc/BENCH.md describes
 * the JSON.
 */

#include <stdbool.h>
#include <stdint.h>

#include <vdk/report.h>

#include "bench.h"

#define BENCH_FORMAT "vdk-bench"
#define BENCH_VERSION 1
#define BENCH_BLOCKS_MAX 256u
#define BENCH_POINTS_MAX 1000u
#define BENCH_ROWS_MAX 4096u
#define BENCH_FILE_MAX ((size_t)64 << 20)

struct bench_point {
	double x, y;
};

struct bench_row {
	const char *call, *function;
	enum bench_way way;
	const char *base; /* the call and way it is held against, as "WAY/CALL"; "" for none */
	double ratio;     /* to it; 0: none */
	double min, median, p99, p999, max, cv; /* of batches, ns per call */
	double single_min, single_median, single_p99, single_p999, single_max; /* of single calls */
	double blocks[BENCH_BLOCKS_MAX];
	unsigned int block_count;
	struct bench_point *points; /* of single calls: ns and how many */
	unsigned int point_count;
	bool has_value;
	int64_t value;
};

struct bench_missing {
	const char *function, *image, *why;
};

struct bench_curve_point {
	double x, median, low, high;
};

struct bench_curve {
	const char *name, *title, *x_name, *y_name, *note;
	bool log_x;
	struct bench_curve_point points[64];
	unsigned int count;
};

struct bench_fact {
	const char *key, *text;
};

struct bench_document {
	struct json_object *json; /* owns the strings */
	const char *date, *cpu, *kernel;
	bool quick;
	double load, cpus;
	struct bench_fact *facts; /* of the machine, in words */
	unsigned int fact_count;
	struct bench_row *rows;
	unsigned int row_count;
	struct bench_missing *missing;
	unsigned int missing_count;
	struct bench_curve *curves;
	unsigned int curve_count;
};

/*
 * Check a document and take it over: @json is released with it, and at once on failure.
 * Return: 0; -EBADMSG with the reason in @report; -ENOMEM.
 */
int bench_document_take(struct json_object *json, const char *object,
                        struct bench_document **ret_document, struct vdk_report *report);

/* The same from a file. Return: as above; -EFBIG; what open(2) and read(2) return. */
int bench_document_read(const char *path, struct bench_document **ret_document,
                        struct vdk_report *report);

struct bench_document *bench_document_free(struct bench_document *document);

/* The row of a call and a way, or NULL. */
const struct bench_row *bench_document_row(const struct bench_document *document,
                                           const char *call, enum bench_way way);

/* ---- What is made of it ---------------------------------------------------------------------- */

/* bench-table.c */
void bench_table(const struct bench_document *document);

/* "1.39", "136", "12,345": three digits that matter. */
char *bench_number(double value, char *text, size_t size);

struct bench_comparison;

/* bench-report.c: a page for people. @comparison: with an earlier result; or NULL */
int bench_report(const char *path, const struct bench_document *document,
                 const struct bench_comparison *comparison, struct vdk_report *report);

#endif
