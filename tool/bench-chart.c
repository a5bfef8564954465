/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench-chart.h"

#include <math.h>
#include <string.h>

#define TICKS 5

void chart_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		const unsigned char c = (unsigned char)*text;

		if (strchr("&<>\"'", c))
			fprintf(out, "&#%d;", c);
		else
			putc(c < ' ' || c > '~' ? '?' : c, out);
	}
}

static double place(const struct axis *axis, double value, double from, double to)
{
	double share;

	if (axis->log) {
		if (value < axis->low)
			value = axis->low;
		share = log(value / axis->low) / log(axis->high / axis->low);
	} else {
		share = (value - axis->low) / (axis->high - axis->low);
	}
	share = share < 0 ? 0 : share > 1 ? 1 : share;
	return from + share * (to - from);
}

/* Where a value lies in the picture. */
static double chart_x(const struct chart *chart, double x)
{
	return place(&chart->x, x, CHART_LEFT, chart->width - CHART_RIGHT);
}

static double chart_y(const struct chart *chart, double y)
{
	return place(&chart->y, y, chart->height - CHART_BOTTOM, CHART_TOP);
}

/* "10 k", "0.1 %", as short as it goes. */
static void tick_label(const struct axis *axis, double value, char *text, size_t size)
{
	const bool percent = strchr(axis->title, '%') != NULL;

	if (value >= 1e6 && !percent)
		snprintf(text, size, "%g M", value / 1e6);
	else if (value >= 1e3 && !percent)
		snprintf(text, size, "%g k", value / 1e3);
	else
		snprintf(text, size, "%g", value);
}

static void tick(const struct chart *chart, bool vertical, double value)
{
	const struct axis *axis = vertical ? &chart->y : &chart->x;
	char label[32];

	tick_label(axis, value, label, sizeof(label));
	if (vertical)
		fprintf(chart->out,
		        "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
		        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
		        CHART_LEFT, chart->width - CHART_RIGHT, chart_y(chart, value),
		        chart_y(chart, value), CHART_LEFT - 6, chart_y(chart, value) + 4, label);
	else
		fprintf(chart->out,
		        "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
		        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n",
		        chart_x(chart, value), chart_x(chart, value), CHART_TOP,
		        chart->height - CHART_BOTTOM, chart_x(chart, value),
		        chart->height - CHART_BOTTOM + 15, label);
}

/* Tens; with 2 and 5 between them where there are few. */
static void log_ticks(const struct chart *chart, bool vertical)
{
	const struct axis *axis = vertical ? &chart->y : &chart->x;
	const double decades = log10(axis->high / axis->low);
	const int step = decades > 8 ? 2 : 1;

	for (int power = (int)floor(log10(axis->low)); power <= (int)ceil(log10(axis->high));
	     power += step)
		for (int i = 1; i < 10; i++) {
			const double value = i * pow(10, power);

			if (value < axis->low * 0.999 || value > axis->high * 1.001)
				continue;
			if (i == 1 || decades < 0.8 || (decades < 1.6 && (i == 2 || i == 5)))
				tick(chart, vertical, value);
		}
}

static void plain_ticks(const struct chart *chart, bool vertical)
{
	const struct axis *axis = vertical ? &chart->y : &chart->x;
	const double raw = (axis->high - axis->low) / TICKS, power = pow(10, floor(log10(raw)));
	const double step = (raw / power < 2 ? 2 : raw / power < 5 ? 5 : 10) * power;

	for (int i = 0; i <= 2 * TICKS; i++)
		if (axis->low + i * step <= axis->high * 1.0001)
			tick(chart, vertical, axis->low + i * step);
}

void chart_begin(const struct chart *chart, const char *name)
{
	const double middle = (CHART_TOP + chart->height - CHART_BOTTOM) / 2;

	fprintf(chart->out, "<svg viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" role=\"img\" aria-label=\"",
	        chart->width, chart->height, chart->width);
	chart_text(chart->out, name);
	fputs("\">\n", chart->out);
	(chart->x.log ? log_ticks : plain_ticks)(chart, false);
	(chart->y.log ? log_ticks : plain_ticks)(chart, true);
	fprintf(chart->out, "<text class=\"title\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">",
	        (CHART_LEFT + chart->width - CHART_RIGHT) / 2, chart->height - 6);
	chart_text(chart->out, chart->x.title);
	fprintf(chart->out, "</text><text class=\"title\" transform=\"translate(11 %.1f) rotate(-90)\" "
	        "text-anchor=\"middle\">", middle);
	chart_text(chart->out, chart->y.title);
	fputs("</text>\n", chart->out);
}

void chart_end(const struct chart *chart)
{
	fputs("</svg>\n", chart->out);
}

void chart_line(const struct chart *chart, const char *class, const struct bench_point *points,
                unsigned int count, bool steps)
{
	if (!count)
		return;
	fprintf(chart->out, "<path class=\"line %s\" d=\"", class);
	for (unsigned int i = 0; i < count; i++) {
		const double x = chart_x(chart, points[i].x), y = chart_y(chart, points[i].y);

		if (steps && i)
			fprintf(chart->out, "H%.1fV%.1f", x, y);
		else
			fprintf(chart->out, "%c%.1f %.1f", i ? 'L' : 'M', x, y);
	}
	fputs("\"/>\n", chart->out);
}

void chart_band(const struct chart *chart, const char *class,
                const struct bench_curve_point *points, unsigned int count)
{
	fprintf(chart->out, "<path class=\"band %s\" d=\"", class);
	for (unsigned int i = 0; i < count; i++)
		fprintf(chart->out, "%c%.1f %.1f", i ? 'L' : 'M', chart_x(chart, points[i].x),
		        chart_y(chart, points[i].high));
	for (unsigned int i = count; i-- > 0;)
		fprintf(chart->out, "L%.1f %.1f", chart_x(chart, points[i].x),
		        chart_y(chart, points[i].low));
	fputs("Z\"/>\n", chart->out);
}

void chart_dot(const struct chart *chart, const char *class, double x, double y, const char *hint)
{
	fprintf(chart->out, "<circle class=\"dot %s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"><title>", class,
	        chart_x(chart, x), chart_y(chart, y));
	chart_text(chart->out, hint);
	fputs("</title></circle>\n", chart->out);
}
