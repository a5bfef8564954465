/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pictures of a page: bars, spread and tail of each call, cost curves. */
#include "bench-figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench-chart.h"

/* ---- Bars ------------------------------------------------------------------------------------ */

#define BARS_LABEL 280.0
#define BARS_WIDTH 900.0
#define BARS_ROOM (BARS_WIDTH - BARS_LABEL - 70)
#define BAR 15.0

struct bars {
	FILE *out;
	double low, high, y;
	const char *call;
};

static double bar_length(const struct bars *bars, double value)
{
	const double share = log(value / bars->low) / log(bars->high / bars->low);

	return share < 0.004 ? 2 : share * BARS_ROOM;
}

static void bar(struct bars *bars, const struct bench_row *row)
{
	const bool first = !bars->call || strcmp(bars->call, row->call) != 0;
	char number[32];

	if (first && bars->call && row->way != BENCH_FLOOR)
		bars->y += 8;
	fprintf(bars->out, "<g><title>");
	chart_text(bars->out, row->call);
	fprintf(bars->out, ", %s: median %.4g ns; one call at a time p99 %.4g, p99.9 %.4g, max %.4g ns"
	        "</title>", bench_way_words[row->way], row->median, row->single_p99,
	        row->single_p999, row->single_max);
	if (first) {
		fprintf(bars->out, "<text x=\"%.0f\" y=\"%.1f\" text-anchor=\"end\">",
		        BARS_LABEL - 8, bars->y + BAR - 3);
		chart_text(bars->out, row->call);
		fputs("</text>", bars->out);
	}
	fprintf(bars->out, "<rect class=\"bar %s\" x=\"%.0f\" y=\"%.1f\" width=\"%.1f\" height=\"%.0f\" "
	        "rx=\"2\"/><text x=\"%.1f\" y=\"%.1f\">%s</text></g>\n", bench_way_names[row->way],
	        BARS_LABEL, bars->y, bar_length(bars, row->median), BAR - 2,
	        BARS_LABEL + bar_length(bars, row->median) + 5, bars->y + BAR - 3,
	        bench_number(row->median, number, sizeof(number)));
	bars->y += BAR;
	bars->call = row->call;
}

/* Lines at what nobody can beat, through all bars. */
static void floor_line(const struct bars *bars, const struct bench_document *document,
                       const char *call, const char *label, double top, double bottom)
{
	const struct bench_row *row = bench_document_row(document, call, BENCH_FLOOR);
	double x;

	if (!row || row->median <= bars->low)
		return;
	x = BARS_LABEL + bar_length(bars, row->median);
	fprintf(bars->out, "<line class=\"floorline\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
	        "<text class=\"title\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n", x, x,
	        top, bottom, x, top - 4, label);
}

void figure_bars(FILE *out, const struct bench_document *document)
{
	struct bars bars = {.out = out, .low = 0.1, .high = 1, .y = 34};
	double height = bars.y + 10;

	for (unsigned int i = 0; i < document->row_count; i++) {
		const struct bench_row *row = &document->rows[i];

		if (row->median > bars.high)
			bars.high = row->median;
		height += BAR;
		if (i && row->way != BENCH_FLOOR && strcmp(row->call, row[-1].call) != 0)
			height += 8;
	}
	fprintf(out, "<svg id=\"bars\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" role=\"img\" "
	        "aria-label=\"What a call costs: bars, logarithmic\">\n", BARS_WIDTH, height,
	        BARS_WIDTH);
	floor_line(&bars, document, "empty function", "empty function", 22, height - 4);
	floor_line(&bars, document, "rdtscp", "rdtscp", 22, height - 4);
	for (unsigned int i = 0; i < document->row_count; i++)
		bar(&bars, &document->rows[i]);
	fputs("</svg>\n", out);
}

/* ---- One call: spread and tail --------------------------------------------------------------- */

#define BINS 56u

static double points_total(const struct bench_row *row)
{
	double total = 0;

	for (unsigned int i = 0; i < row->point_count; i++)
		total += row->points[i].y;
	return total;
}

/* How often: shares of the calls in bins of equal width on a logarithmic axis. */
static void spread_line(const struct chart *chart, const struct bench_row *row)
{
	struct bench_point bins[BINS + 1] = {{0, 0}};
	const double width = log(chart->x.high / chart->x.low) / BINS, total = points_total(row);

	for (unsigned int i = 0; i <= BINS; i++)
		bins[i].x = chart->x.low * exp(width * i);
	for (unsigned int i = 0; i < row->point_count; i++) {
		const double at = log(row->points[i].x / chart->x.low) / width;

		if (row->points[i].x > 0 && at >= 0 && at < BINS)
			bins[(unsigned int)at].y += 100 * row->points[i].y / total;
	}
	/* A stair's step goes from its point to the next. */
	for (unsigned int i = BINS; i > 0; i--)
		bins[i].y = bins[i - 1].y;
	bins[0].y = 0;
	chart_line(chart, bench_way_names[row->way], bins, BINS + 1, false);
}

/* The tail: which share of the calls took longer. */
static void tail_line(const struct chart *chart, const struct bench_row *row)
{
	struct bench_point points[BENCH_POINTS_MAX];
	const double total = points_total(row);
	unsigned int count = 0;
	double left = total;

	for (unsigned int i = 0; i < row->point_count; i++) {
		left -= row->points[i].y;
		points[count].x = row->points[i].x;
		points[count++].y = 100 * (left > 0 ? left : 0.1) / total;
	}
	chart_line(chart, bench_way_names[row->way], points, count, true);
}

/* The rows of one call lie together. */
static unsigned int rows_of_call(const struct bench_document *document, unsigned int first)
{
	unsigned int count = 1;

	while (first + count < document->row_count &&
	       !strcmp(document->rows[first].call, document->rows[first + count].call))
		count++;
	return count;
}

static void find_range(const struct bench_row *rows, unsigned int count, struct axis *axis,
                       bool to_max)
{
	axis->low = HUGE_VAL;
	axis->high = 1;
	for (unsigned int i = 0; i < count; i++) {
		const double high = to_max ? rows[i].single_max : rows[i].single_p999;

		if (rows[i].single_min < axis->low)
			axis->low = rows[i].single_min;
		if (high > axis->high)
			axis->high = high;
	}
	axis->low = axis->low < 1 ? 0.7 : axis->low * 0.8;
	axis->high *= 1.3;
	if (axis->high < axis->low * 3)
		axis->high = axis->low * 3;
}

static double highest_bin(const struct bench_row *row, const struct axis *axis)
{
	const double width = log(axis->high / axis->low) / BINS, total = points_total(row);
	double bins[BINS] = {0}, highest = 0;

	for (unsigned int i = 0; i < row->point_count; i++) {
		const double at = log(row->points[i].x / axis->low) / width;

		if (row->points[i].x > 0 && at >= 0 && at < BINS)
			bins[(unsigned int)at] += 100 * row->points[i].y / total;
	}
	for (unsigned int i = 0; i < BINS; i++)
		if (bins[i] > highest)
			highest = bins[i];
	return highest;
}

static void call_figure(FILE *out, const struct bench_row *rows, unsigned int count)
{
	struct chart spread = {.out = out, .width = 430, .height = 220};
	struct chart tail = {.out = out, .width = 430, .height = 220};
	double highest = 1;

	spread.x = tail.x = (struct axis){.log = true, .title = "ns of one call"};
	find_range(rows, count, &spread.x, false);
	find_range(rows, count, &tail.x, true);
	for (unsigned int i = 0; i < count; i++) {
		const double bin = highest_bin(&rows[i], &spread.x);

		highest = bin > highest ? bin : highest;
	}
	spread.y = (struct axis){0, highest * 1.08, false, "% of the calls"};
	tail.y = (struct axis){points_total(rows) > 20000 ? 0.001 : 0.01, 100, true,
	                       "% that took longer"};
	fputs("<figure class=\"call\"><figcaption>", out);
	chart_text(out, rows->call);
	fputs("</figcaption>\n", out);
	chart_begin(&spread, "How often a call took so long");
	for (unsigned int i = 0; i < count; i++)
		spread_line(&spread, &rows[i]);
	chart_end(&spread);
	chart_begin(&tail, "Which share of the calls took longer");
	for (unsigned int i = 0; i < count; i++)
		tail_line(&tail, &rows[i]);
	chart_end(&tail);
	fputs("</figure>\n", out);
}

void figure_calls(FILE *out, const struct bench_document *document)
{
	unsigned int count;

	for (unsigned int i = 0; i < document->row_count; i += count) {
		count = rows_of_call(document, i);
		if (document->rows[i].way != BENCH_FLOOR && document->rows[i].point_count)
			call_figure(out, &document->rows[i], count);
	}
}

/* ---- Curves ---------------------------------------------------------------------------------- */

static void curve_range(const struct bench_curve *curve, struct chart *chart)
{
	double highest = 0;

	chart->x = (struct axis){HUGE_VAL, 0, curve->log_x, curve->x_name};
	chart->y = (struct axis){0, 0, false, curve->y_name};
	for (unsigned int i = 0; i < curve->count; i++) {
		const struct bench_curve_point *point = &curve->points[i];

		if (point->x < chart->x.low)
			chart->x.low = point->x;
		if (point->x > chart->x.high)
			chart->x.high = point->x;
		if (point->high > chart->y.high)
			chart->y.high = point->high;
		if (point->median > highest)
			highest = point->median;
	}
	/* Interruptions would press everything else onto the axis. */
	if (chart->y.high > 3 * highest)
		chart->y.high = 3 * highest;
	chart->y.high = chart->y.high > 0 ? chart->y.high * 1.1 : 1;
	if (chart->x.log && chart->x.low < 1e-9)
		chart->x.low = 1;
	if (chart->x.high <= chart->x.low)
		chart->x.high = chart->x.low + 1;
}

void figure_curve(FILE *out, const struct bench_curve *curve)
{
	struct chart chart = {.out = out, .width = 430, .height = 260};
	struct bench_point line[sizeof(curve->points) / sizeof(curve->points[0])];
	char hint[200], x[32], y[32];

	fputs("<figure class=\"curve\"><figcaption>", out);
	chart_text(out, curve->title);
	fputs("</figcaption>\n", out);
	if (curve->count) {
		curve_range(curve, &chart);
		chart_begin(&chart, curve->title);
		chart_band(&chart, "attached", curve->points, curve->count);
		for (unsigned int i = 0; i < curve->count; i++)
			line[i] = (struct bench_point){curve->points[i].x, curve->points[i].median};
		chart_line(&chart, "attached", line, curve->count, false);
		for (unsigned int i = 0; i < curve->count; i++) {
			snprintf(hint, sizeof(hint), "%s: %s",
			         bench_number(line[i].x, x, sizeof(x)),
			         bench_number(line[i].y, y, sizeof(y)));
			chart_dot(&chart, "attached", line[i].x, line[i].y, hint);
		}
		chart_end(&chart);
	}
	fputs("<p>", out);
	chart_text(out, curve->note);
	fputs("</p></figure>\n", out);
}
