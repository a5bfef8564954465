/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The address space as a picture. An address space is almost empty: to one scale, everything would
 * be a hair in 128 TiB of nothing. So there are two scales. The bar on the left is the whole of
 * what a program may have, true to scale, with a hair for each neighbourhood. On the right each
 * neighbourhood (mappings with less than NEAR between them) is a column of boxes whose height
 * grows with the logarithm of their size, so that one page and a gigabyte can both be seen.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "beside.h"
#include "look.h"

#define NEAR (UINT64_C(1) << 30)
#define USER_END (UINT64_C(1) << 47) /* of x86-64 with four levels of page tables */
#define GAP_FAR 34
#define GAP_NEAR 15
#define TOP 90.0
#define BAR_X 130
#define BOX_X 330
#define BOX_WIDTH 230

static const char *color(const struct vdk_map *map)
{
	switch (map->kind) {
	case VDK_MAP_VDSO: case VDK_MAP_VSYSCALL: return "#d9534f";
	case VDK_MAP_VVAR: case VDK_MAP_VVAR_VCLOCK: return "#f0ad4e";
	case VDK_MAP_VDK_IMAGE: return "#7b3fb5";
	case VDK_MAP_VDK_PAGE: case VDK_MAP_VDK_PROCESS: case VDK_MAP_VDK_STATE: return "#b48ad8";
	case VDK_MAP_CODE: return "#4a90d9";
	case VDK_MAP_HEADERS: case VDK_MAP_CONSTANTS: case VDK_MAP_RELRO: return "#9dc3ea";
	case VDK_MAP_DATA: case VDK_MAP_BSS: return "#d4e6f8";
	case VDK_MAP_HEAP: return "#5cb85c";
	case VDK_MAP_STACK: case VDK_MAP_THREAD_STACK: return "#8fd18f";
	case VDK_MAP_GUARD: case VDK_MAP_RESERVED: case VDK_MAP_PADDING: return "#eeeeee";
	default: return "#d8d2c4";
	}
}

/* Names come from a process: nothing of them may become markup. */
static void text_out(FILE *out, const char *text)
{
	for (; *text; text++) {
		const unsigned char c = (unsigned char)*text;

		if (c == '&' || c == '<' || c == '>' || c == '"')
			fprintf(out, "&#%d;", c);
		else
			putc(c < ' ' || c >= 0x7f ? '?' : c, out);
	}
}

static double height(uint64_t size)
{
	return 14 + 3 * log2((double)size / 4096 < 1 ? 1 : (double)size / 4096);
}

/* Where an address is in the bar: low ones below, as in most drawings. */
static double bar_y(uint64_t address, double bar)
{
	const double part = (double)address / (double)USER_END;

	return TOP + 40 + (1 - (part > 1 ? 1 : part)) * (bar - 40);
}

static void draw_box(FILE *out, const struct vdk_map *map, double y, double tall)
{
	const char *name = strrchr(map->path, '/');
	char size[32], text[1024];

	name = name ? name + 1 : map->path;
	fprintf(out, "<g><title>%" PRIx64 "-%" PRIx64 " ", map->start, map->end);
	text_out(out, map->path);
	fputs("\n", out);
	text_out(out, vdk_map_what(map, text, sizeof(text)));
	fputs("\n", out);
	text_out(out, vdk_map_why(map, text, sizeof(text)));
	fprintf(out, "</title><rect x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\" fill=\"%s\" "
	             "stroke=\"#555\" stroke-width=\".5\"/>",
	        BOX_X, y, BOX_WIDTH, tall, color(map));
	fprintf(out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" class=\"a\">%" PRIx64 "</text>",
	        BOX_X - 6, y + tall - 2, map->start);
	fprintf(out, "<text x=\"%d\" y=\"%.1f\" class=\"k\">%s</text>", BOX_X + 6,
	        y + tall / 2 + 4, vdk_map_kind_name(map->kind));
	fprintf(out, "<text x=\"%d\" y=\"%.1f\" class=\"a\">%s %c%c%c ", BOX_X + BOX_WIDTH + 8,
	        y + tall / 2 + 4, look_size(map->end - map->start, size, sizeof(size)),
	        map->access & VDK_MAP_READ ? 'r' : '-', map->access & VDK_MAP_WRITE ? 'w' : '-',
	        map->access & VDK_MAP_EXEC ? 'x' : '-');
	text_out(out, name);
	fputs("</text></g>\n", out);
}

/* A gap between two mappings; return the height that it takes. */
static double draw_gap(FILE *out, uint64_t from, uint64_t to, double y)
{
	const double tall = to - from >= NEAR ? GAP_FAR : GAP_NEAR;
	const bool into_kernel = to >> 63 && !(from >> 63);
	char text[32];

	fprintf(out, "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#888\" "
	             "stroke-dasharray=\"3 4\"/>",
	        BOX_X + BOX_WIDTH / 2, y, BOX_X + BOX_WIDTH / 2, y + tall);
	fprintf(out, "<text x=\"%d\" y=\"%.1f\" class=\"g\">%s%s</text>\n",
	        BOX_X + BOX_WIDTH / 2 + 8, y + tall / 2 + 4,
	        into_kernel ? "" : look_size(to - from, text, sizeof(text)),
	        into_kernel ? "above: the kernel's half" : " of nothing");
	return tall;
}

static double total_height(const struct vdk_maps *maps)
{
	double total = 0;

	for (size_t i = 0; i < maps->count; i++) {
		const struct vdk_map *map = &maps->maps[i];

		total += height(map->end - map->start);
		if (i && map[-1].end != map->start)
			total += map->start - map[-1].end >= NEAR ? GAP_FAR : GAP_NEAR;
	}
	return total;
}

/* From high to low addresses, and a line from each neighbourhood to its place in the bar. */
static void draw_maps(FILE *out, const struct vdk_maps *maps, double bar)
{
	double y = TOP;
	bool first = true;

	for (size_t i = maps->count; i-- > 0; first = false) {
		const struct vdk_map *map = &maps->maps[i];
		const uint64_t gap = first ? NEAR : map[1].start - map->end;
		const double tall = height(map->end - map->start);

		if (!first && gap)
			y += draw_gap(out, map->end, map[1].start, y);
		if (gap >= NEAR) {
			const double at = map->start < USER_END ? bar_y(map->start, bar) : TOP + 8;

			fprintf(out, "<path d=\"M%d %.1fh60L%d %.1f\" fill=\"none\" "
			             "stroke=\"#d9534f\" stroke-width=\"1\"/>\n",
			        BAR_X - 60, at, BOX_X - 125, y + 8);
		}
		draw_box(out, map, y, tall);
		y += tall;
	}
}

static void draw(FILE *out, const struct vdk_maps *maps, const char *title)
{
	const double total = total_height(maps);
	const double bar = total < 300 ? 300 : total > 900 ? 900 : total;

	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"960\" height=\"%.0f\" "
	             "font-family=\"sans-serif\">\n<style>.a{font:11px monospace}"
	             ".k{font-size:12px}.g{font-size:11px;fill:#666}</style>\n"
	             "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
	             "<text x=\"20\" y=\"30\" font-size=\"18\">The address space of ",
	        TOP + (total > bar ? total : bar) + 30);
	text_out(out, title);
	fprintf(out, "</text>\n<text x=\"20\" y=\"52\" class=\"g\">Left: all 128 TiB that a program "
	             "may have, to scale, the kernel's half above. Right: what is mapped; a box "
	             "grows</text>\n<text x=\"20\" y=\"67\" class=\"g\">with the logarithm of its "
	             "size. High addresses are on top; point at a box for what it is.</text>\n");
	fprintf(out, "<rect x=\"%d\" y=\"%.0f\" width=\"60\" height=\"32\" fill=\"#ddd\" "
	             "stroke=\"#555\"/><text x=\"%d\" y=\"%.0f\" class=\"g\">kernel</text>\n",
	        BAR_X - 60, TOP, BAR_X - 52, TOP + 26);
	fprintf(out, "<rect x=\"%d\" y=\"%.0f\" width=\"60\" height=\"%.0f\" fill=\"#f7f7f7\" "
	             "stroke=\"#555\"/>\n", BAR_X - 60, TOP + 40, bar - 40);
	for (int i = 0; i <= 8; i++)
		fprintf(out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" class=\"g\">%d TiB"
		             "</text>\n", BAR_X - 66, bar_y(i * (USER_END / 8), bar) + 4, i * 16);
	draw_maps(out, maps, bar);
	fputs("</svg>\n", out);
}

int look_draw(const char *path, const struct vdk_maps *maps, const char *title,
              struct vdk_report *report)
{
	struct beside beside;
	const int error = beside_open(path, &beside, report);

	if (error)
		return error;
	draw(beside.out, maps, title);
	return beside_commit(&beside, 0644, report);
}
