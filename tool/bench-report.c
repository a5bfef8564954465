/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A page for people: one file, nothing to download, no script. The document itself is in it, too,
 * as data, so that the page can be held against another result later.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "beside.h"
#include "bench-chart.h"
#include "bench-compare.h"
#include "bench-document.h"
#include "bench-figures.h"

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	"style-src 'unsafe-inline'\">\n"
	"<meta name=\"viewport\" content=\"width=device-width\">\n"
	"<title>vdk bench</title>\n<style>\n"
	":root{color-scheme:light dark;--paper:#fff;--ink:#1c1f24;--dim:#66707c;--grid:#e4e7eb;"
	"--soft:#f5f6f8;--floor:#7d8794;--kernel:#2466d1;--attached:#8e3ccf;--libc:#0d8a62;"
	"--syscall:#d1402f}\n"
	"@media (prefers-color-scheme:dark){:root{--paper:#15181d;--ink:#e6e9ee;--dim:#97a1ae;"
	"--grid:#2b3038;--soft:#1d2127;--floor:#8b95a3;--kernel:#6ea2f7;--attached:#c08bf0;"
	"--libc:#4cc79a;--syscall:#f2796b}}\n"
	"body{background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif;margin:0 auto;"
	"max-width:960px;padding:24px}\n"
	"h1{font-size:26px;margin:0}h2{font-size:19px;margin:38px 0 6px}p{margin:6px 0}"
	".dim,figcaption+p,.curve p{color:var(--dim)}\n"
	".warn{border-left:4px solid var(--syscall);background:var(--soft);padding:8px 12px;"
	"margin:12px 0}\n"
	"ul.glance{padding:0;list-style:none;display:grid;grid-template-columns:"
	"repeat(auto-fill,minmax(210px,1fr));gap:12px;margin:16px 0}"
	"ul.glance li{background:var(--soft);border-radius:8px;padding:10px 14px}"
	"ul.glance b{display:block;font-size:24px}ul.glance code{font-size:11px;overflow-wrap:anywhere}\n"
	"svg{max-width:100%;height:auto;display:block}svg text{fill:var(--ink);font:12px system-ui,"
	"sans-serif}svg text.title{fill:var(--dim)}.grid{stroke:var(--grid)}\n"
	".bar.floor{fill:var(--floor)}.bar.kernel{fill:var(--kernel)}.bar.attached{fill:var(--attached)}"
	".bar.libc{fill:var(--libc)}.bar.syscall{fill:var(--syscall)}\n"
	".floorline{stroke:var(--floor);stroke-dasharray:3 4}\n"
	".line{fill:none;stroke-width:1.8;stroke-linejoin:round}.band{opacity:.18;stroke:none}"
	".kernel{stroke:var(--kernel);fill:var(--kernel)}.attached{stroke:var(--attached);"
	"fill:var(--attached)}.libc{stroke:var(--libc);fill:var(--libc)}"
	".syscall{stroke:var(--syscall);fill:var(--syscall)}.line.kernel,.line.attached,.line.libc,"
	".line.syscall{fill:none}.bar{stroke:none}.band.attached{stroke:none}\n"
	".key span{margin-right:18px;white-space:nowrap}.key i{display:inline-block;width:12px;"
	"height:12px;border-radius:2px;margin-right:6px;vertical-align:-1px}\n"
	"figure{margin:18px 0}figure.call{display:grid;grid-template-columns:1fr 1fr;gap:8px 16px}"
	"figcaption{grid-column:1/-1;font-weight:600}figure.call figcaption{font-family:ui-monospace,"
	"monospace;font-size:13px}.curves{display:grid;grid-template-columns:1fr 1fr;gap:0 24px}\n"
	"table{border-collapse:collapse;width:100%;font-size:13px}td,th{padding:3px 8px;text-align:"
	"right;border-bottom:1px solid var(--grid)}td:first-child,th:first-child,td.l,th.l{text-align:"
	"left}td.l,td:first-child{overflow-wrap:anywhere}td code{font-size:12px}\n"
	".bad{color:var(--syscall);font-weight:600}.good{color:var(--libc);font-weight:600}\n"
	"@media (max-width:700px){figure.call,.curves{grid-template-columns:1fr}}\n"
	"</style></head><body>\n";

static void open_tag(FILE *out, const char *before, const char *text, const char *after)
{
	fputs(before, out);
	chart_text(out, text);
	fputs(after, out);
}

static void print_title(FILE *out, const struct bench_document *document)
{
	fputs("<h1>What the vDSO costs here</h1>\n<p class=\"dim\">", out);
	chart_text(out, *document->cpu ? document->cpu : "unknown CPU");
	open_tag(out, " &middot; Linux ", document->kernel, " &middot; ");
	open_tag(out, "", document->date, " &middot; made by <code>vdk bench</code></p>\n");
	if (document->load > 1)
		fprintf(out, "<p class=\"warn\">Others used this machine (load %.1f): medians stand, "
		        "tails are theirs as well.</p>\n", document->load);
	if (document->quick)
		fputs("<p class=\"warn\">A quick run: a tenth of the samples.</p>\n", out);
}

/* The best known call, and the author's own: figures to remember. */
static bool worth_a_glance(const struct bench_row *row)
{
	if (row->way == BENCH_ATTACHED && strcmp(row->base, "floor/empty function") == 0)
		return true;
	return !strcmp(row->call, "clock_gettime(CLOCK_MONOTONIC)") ||
	       (row->way == BENCH_FLOOR && !strcmp(row->call, "empty function"));
}

static void print_glance(FILE *out, const struct bench_document *document)
{
	unsigned int count = 0;

	fputs("<ul class=\"glance\">\n", out);
	for (unsigned int i = 0; i < document->row_count && count < 8; i++) {
		const struct bench_row *row = &document->rows[i];
		char number[32];

		if (!worth_a_glance(row))
			continue;
		count++;
		fprintf(out, "<li><b>%s ns</b>", bench_number(row->median, number, sizeof(number)));
		fprintf(out, "%s<br><code>", bench_way_words[row->way]);
		chart_text(out, row->call);
		fputs("</code></li>\n", out);
	}
	fputs("</ul>\n", out);
}

static void print_key(FILE *out, const struct bench_document *document, int first)
{
	fputs("<p class=\"key\">", out);
	for (int way = first; way < BENCH_WAYS; way++) {
		bool used = false;

		for (unsigned int i = 0; i < document->row_count; i++)
			used |= (int)document->rows[i].way == way;
		if (used)
			fprintf(out, "<span><i style=\"background:var(--%s)\"></i>%s</span>",
			        bench_way_names[way], bench_way_words[way]);
	}
	fputs("</p>\n", out);
}

static void print_figures(FILE *out, const struct bench_document *document)
{
	fputs("<h2>What a call costs</h2>\n<p class=\"dim\">Nanoseconds per call, median, on a "
	      "logarithmic scale. Dashed: floors that no function, and no clock made of the counter, "
	      "can go below. Point at a bar for more.</p>\n", out);
	print_key(out, document, BENCH_FLOOR);
	figure_bars(out, document);
	if (document->curve_count) {
		fputs("<h2>Cost curves</h2>\n<p class=\"dim\">The line is the median, the band the "
		      "middle nine tenths of what was measured, cut at three times the highest median.</p>\n"
		      "<div class=\"curves\">\n", out);
		for (unsigned int i = 0; i < document->curve_count; i++)
			figure_curve(out, &document->curves[i]);
		fputs("</div>\n", out);
	}
	fputs("<h2>Single calls</h2>\n<p class=\"dim\">Left how often a call took so long, right "
	      "which share of the calls took longer. One call is timed at a time here, and the "
	      "timing's own few nanoseconds are in it.</p>\n", out);
	print_key(out, document, BENCH_FLOOR + 1);
	figure_calls(out, document);
}

/* ---- Against an earlier result --------------------------------------------------------------- */

static void print_cell(FILE *out, double value);

static void print_difference(FILE *out, const struct bench_difference *difference)
{
	const struct bench_row *any = difference->any;
	const char *class = difference->verdict == BENCH_SLOWER   ? "bad"
	                    : difference->verdict == BENCH_FASTER ? "good"
	                                                          : "dim";

	open_tag(out, "<tr><td><code>", any->call, "</code></td><td class=\"l\">");
	fprintf(out, "%s</td>", bench_way_words[any->way]);
	if (difference->old)
		print_cell(out, difference->old->median);
	else
		fputs("<td></td>", out);
	if (difference->new)
		print_cell(out, difference->new->median);
	else
		fputs("<td></td>", out);
	if (difference->ratio > 0)
		fprintf(out, "<td>%.3f</td>", difference->ratio);
	else
		fputs("<td></td>", out);
	fprintf(out, "<td class=\"l %s\">%s</td></tr>\n", class,
	        any->way == BENCH_FLOOR ? "" : bench_verdict_names[difference->verdict]);
}

static void print_comparison(FILE *out, const struct bench_comparison *comparison)
{
	open_tag(out, "<h2>Against the result of ", comparison->old->date, "</h2>\n");
	if (!comparison->same_machine) {
		open_tag(out, "<p class=\"warn\">Another machine: ", comparison->old->cpu, ", ");
		open_tag(out, "Linux ", comparison->old->kernel, ".</p>\n");
	}
	fprintf(out, "<p><b id=\"verdict\">%s</b>: %u slower, %u faster, %u the same, %u unsure. The "
	        "floors differ by up to %.1f %%; a call must differ by %.1f %%, and in all blocks, to "
	        "count.</p>\n", bench_comparison_verdict(comparison),
	        comparison->verdicts[BENCH_SLOWER], comparison->verdicts[BENCH_FASTER],
	        comparison->verdicts[BENCH_SAME], comparison->verdicts[BENCH_UNSURE],
	        100 * (comparison->drift - 1), 100 * (comparison->limit - 1));
	fputs("<table id=\"comparison\"><tr><th>call</th><th class=\"l\">way</th><th>old</th>"
	      "<th>new</th><th>ratio</th><th class=\"l\">verdict</th></tr>\n", out);
	for (unsigned int i = 0; i < comparison->count; i++)
		print_difference(out, &comparison->differences[i]);
	fputs("</table>\n", out);
}

/* ---- The rest -------------------------------------------------------------------------------- */

static void print_cell(FILE *out, double value)
{
	char number[32];

	fprintf(out, "<td>%s</td>", bench_number(value, number, sizeof(number)));
}

static void print_table(FILE *out, const struct bench_document *document)
{
	fputs("<h2>All figures</h2>\n<p class=\"dim\">ns per call. Median and variation are of "
	      "batches, the rest of single calls.</p>\n<table id=\"figures\"><tr><th>call</th>"
	      "<th class=\"l\">way</th><th>median</th><th>cv %</th><th>p99</th><th>p99.9</th>"
	      "<th>max</th><th class=\"l\">returned</th></tr>\n", out);
	for (unsigned int i = 0; i < document->row_count; i++) {
		const struct bench_row *row = &document->rows[i];

		open_tag(out, "<tr><td><code>", row->call, "</code></td><td class=\"l\">");
		fprintf(out, "%s</td>", bench_way_words[row->way]);
		print_cell(out, row->median);
		fprintf(out, "<td>%.1f</td>", 100 * row->cv);
		print_cell(out, row->single_p99);
		print_cell(out, row->single_p999);
		print_cell(out, row->single_max);
		if (row->has_value)
			fprintf(out, "<td class=\"l\">%" PRId64 "</td></tr>\n", row->value);
		else
			fputs("<td></td></tr>\n", out);
	}
	fputs("</table>\n", out);
	if (document->missing_count)
		fputs("<h2>Not measured</h2>\n<ul>\n", out);
	for (unsigned int i = 0; i < document->missing_count; i++) {
		open_tag(out, "<li><code>", document->missing[i].function, "</code> (");
		open_tag(out, "", document->missing[i].image, "): ");
		open_tag(out, "", document->missing[i].why, "</li>\n");
	}
	if (document->missing_count)
		fputs("</ul>\n", out);
}

static void print_machine(FILE *out, const struct bench_document *document)
{
	fputs("<h2>The machine</h2>\n<table id=\"machine\">\n", out);
	for (unsigned int i = 0; i < document->fact_count; i++) {
		open_tag(out, "<tr><td>", document->facts[i].key, "</td><td class=\"l\">");
		open_tag(out, "", document->facts[i].text, "</td></tr>\n");
	}
	fprintf(out, "<tr><td>CPUs</td><td class=\"l\">%.0f</td></tr>\n"
	        "<tr><td>load</td><td class=\"l\">%.2f</td></tr>\n</table>\n", document->cpus,
	        document->load);
	fputs("<h2>How it was measured</h2>\n<p>On one CPU, after a warm-up. Every call takes its turn "
	      "in each round, forwards and backwards, a microsecond apart: what drifts meets all "
	      "alike. A batch is some calls that take a microsecond and a half together; the timing's "
	      "own cost is taken off. Functions are called through a pointer, as a C library does; "
	      "system calls are the bare instruction.</p>\n", out);
}

/* As data that no tag can end: "<" stands only inside of strings, where it may be written so. */
static void print_data(FILE *out, const struct bench_document *document)
{
	const char *text = json_object_to_json_string_ext(document->json, JSON_C_TO_STRING_PLAIN);

	fputs("<script type=\"application/json\" id=\"vdk-bench\">", out);
	for (; *text; text++) {
		if (*text == '<')
			fputs("\\u003c", out);
		else
			putc(*text, out);
	}
	fputs("</script>\n", out);
}

static void print_page(FILE *out, const struct bench_document *document,
                       const struct bench_comparison *comparison)
{
	fputs(head, out);
	print_title(out, document);
	print_glance(out, document);
	if (comparison)
		print_comparison(out, comparison);
	print_figures(out, document);
	print_table(out, document);
	print_machine(out, document);
	print_data(out, document);
	fputs("</body></html>\n", out);
}

int bench_report(const char *path, const struct bench_document *document,
                 const struct bench_comparison *comparison, struct vdk_report *report)
{
	struct beside beside;
	const int error = beside_open(path, &beside, report);

	if (error)
		return error;
	print_page(beside.out, document, comparison);
	return beside_commit(&beside, 0644, report);
}
