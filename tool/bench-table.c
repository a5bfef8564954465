/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Figures as a table for a terminal. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench-document.h"

char *bench_number(double value, char *text, size_t size)
{
	if (value >= 1e8)
		snprintf(text, size, "%.3g", value);
	else if (value >= 99.95)
		snprintf(text, size, "%.0f", value);
	else if (value >= 9.995)
		snprintf(text, size, "%.1f", value);
	else
		snprintf(text, size, "%.2f", value);
	return text;
}

/* "1/7.5 of the system call", "1.25 times an empty function" */
static void print_beside(const struct bench_row *row)
{
	const bool call = !strncmp(row->base, "syscall/", 8);
	const char *to = call ? "the system call" : "an empty function";

	if (row->ratio <= 0)
		return;
	if (row->ratio < 0.95)
		printf("  1/%.*f of %s", row->ratio < 0.1 ? 0 : 1, 1 / row->ratio, to);
	else
		printf("  %.*f times %s", row->ratio < 10 ? 2 : 0, row->ratio, to);
}

static void print_row(const char *label, const struct bench_row *row)
{
	char a[32], b[32], c[32], d[32];

	printf("  %-24s %8s %8s %8s %8s %6.1f", label, bench_number(row->median, a, sizeof(a)),
	       bench_number(row->single_p99, b, sizeof(b)),
	       bench_number(row->single_p999, c, sizeof(c)),
	       bench_number(row->single_max, d, sizeof(d)), 100 * row->cv);
	print_beside(row);
	/* A function that only fails is fast, too. */
	if (row->has_value && row->value < 0 && row->value >= -4095)
		printf("  (returned %" PRId64 ": %s)", row->value, strerror((int)-row->value));
	putchar('\n');
}

static const char *fact(const struct bench_document *document, const char *key)
{
	for (unsigned int i = 0; i < document->fact_count; i++)
		if (!strcmp(document->facts[i].key, key))
			return document->facts[i].text;
	return NULL;
}

static void print_machine(const struct bench_document *document)
{
	const char *const virtual = fact(document, "virtual");
	const char *const clocksource = fact(document, "clocksource");

	printf("%s, Linux %s, clock source %s", *document->cpu ? document->cpu : "unknown CPU",
	       document->kernel, clocksource ? clocksource : "unknown");
	if (virtual && strcmp(virtual, "no") != 0)
		printf(", virtual (%s)", virtual);
	printf(", load %.2f\n", document->load);
	if (document->load > 1)
		puts("Others are using this machine: tails and variation are theirs as well.");
}

static void print_curve(const struct bench_curve *curve)
{
	char a[32], b[32], c[32];

	printf("\n%s\n", curve->title);
	if (curve->count)
		printf("  %36s %12s  %s\n", curve->x_name, curve->y_name, "middle nine tenths");
	for (unsigned int i = 0; i < curve->count; i++) {
		const struct bench_curve_point *point = &curve->points[i];

		printf("  %36.0f %12s  %s to %s\n", point->x,
		       bench_number(point->median, a, sizeof(a)),
		       bench_number(point->low, b, sizeof(b)),
		       bench_number(point->high, c, sizeof(c)));
	}
	if (*curve->note)
		printf("  %s\n", curve->note);
}

void bench_table(const struct bench_document *document)
{
	const char *last = "";

	print_machine(document);
	printf("\n  %-24s %8s %8s %8s %8s %6s\n", "ns per call", "median", "p99", "p99.9", "max",
	       "cv %");
	for (unsigned int i = 0; i < document->row_count; i++) {
		const struct bench_row *row = &document->rows[i];

		if (row->way == BENCH_FLOOR) {
			if (i == 0)
				puts("floors");
			print_row(row->call, row);
			continue;
		}
		if (strcmp(last, row->call) != 0)
			puts(row->call);
		print_row(bench_way_words[row->way], row);
		last = row->call;
	}
	for (unsigned int i = 0; i < document->curve_count; i++)
		print_curve(&document->curves[i]);
	for (unsigned int i = 0; i < document->missing_count; i++)
		printf("%snot measured: %s (%s): %s\n", i ? "" : "\n", document->missing[i].function,
		       document->missing[i].image, document->missing[i].why);
}
