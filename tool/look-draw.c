/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The address space as a picture. An address space is almost empty: to one scale, everything would
 * be a hair in 128 TiB of nothing. So there are two scales. The bar on the left is the whole of
 * what a program may have, true to scale; a wedge leads from the hair that a neighbourhood
 * (mappings with less than NEAR between them) is there to its place on the right. There the parts
 * of one file are a block of stripes whose height grows with the logarithm of their size, so that
 * one page and a gigabyte can both be seen, and each block has one name.
 *
 * Two lines tell what no list of mappings can: where the auxiliary vector leads the program's C
 * library, and where an attached image passes calls on to.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "beside.h"
#include "look-draw.h"
#include "look.h"

#define NEAR (UINT64_C(1) << 30)
#define USER_END (UINT64_C(1) << 47) /* of x86-64 with four levels of page tables */
#define GAP_FAR 34
#define GAP_NEAR 16
#define TOP 84.0
#define WIDTH 960
#define BAR_X 70
#define BAR_WIDTH 40
#define BOX_X 290
#define BOX_WIDTH 190
#define NAME_X (BOX_X + BOX_WIDTH + 16)
#define AUXV_X 920 /* the auxiliary vector's line, far right */
#define CHAIN_X (BOX_X - 12)

struct block {
	const struct vdk_map *first;
	size_t count;
	double y, tall; /* of the upper edge */
};

struct picture {
	FILE *out;
	const struct vdk_maps *maps;
	struct block *blocks; /* from high to low addresses */
	size_t count;
	double bar; /* height of the bar */
	double end; /* y behind the last block */
};

static uint64_t block_end(const struct block *block)
{
	return block->first[block->count - 1].end;
}

static bool is_part_of_file(const struct vdk_map *map)
{
	return map->kind >= VDK_MAP_HEADERS && map->kind <= VDK_MAP_PADDING;
}

/* Parts of one ELF file that touch, and the zeroed variables behind them, are one block. */
static bool continues(const struct vdk_map *before, const struct vdk_map *map)
{
	return before->end == map->start && is_part_of_file(before) && is_part_of_file(map) &&
	       (map->kind == VDK_MAP_BSS || !strcmp(before->path, map->path));
}

static double stripe(const struct vdk_map *map)
{
	const double pages = (double)(map->end - map->start) / 4096;

	return 5 + 1.6 * log2(pages < 1 ? 1 : pages);
}

/* A block has room for its name; what it has too much goes to its stripes in equal parts. */
static double block_height(const struct block *block)
{
	double tall = 0;

	for (size_t i = 0; i < block->count; i++)
		tall += stripe(&block->first[i]);
	return tall < 22 ? 22 : tall;
}

static double gap_height(uint64_t gap)
{
	return !gap ? 0 : gap >= NEAR ? GAP_FAR : GAP_NEAR;
}

/* Blocks from high to low addresses, each with its place. */
static void lay_out(struct picture *picture)
{
	const struct vdk_maps *maps = picture->maps;
	double y = TOP;

	for (size_t i = maps->count; i > 0;) {
		struct block *block = &picture->blocks[picture->count];

		block->first = &maps->maps[--i];
		block->count = 1;
		for (; i && continues(block->first - 1, block->first); i--, block->count++)
			block->first--;
		if (picture->count)
			y += gap_height(block[-1].first->start - block_end(block));
		block->y = y;
		block->tall = block_height(block);
		y += block->tall;
		picture->count++;
	}
	picture->end = y;
	picture->bar = y - TOP < 300 ? 300 : y - TOP > 900 ? 900 : y - TOP;
}

/* Where an address is in the bar: low ones below, as in most drawings. */
static double bar_y(const struct picture *picture, uint64_t address)
{
	const double part = (double)address / (double)USER_END;

	return TOP + 40 + (1 - (part > 1 ? 1 : part)) * (picture->bar - 40);
}

static void draw_bar(const struct picture *picture)
{
	FILE *out = picture->out;

	fprintf(out, "<rect x=\"%d\" y=\"%.0f\" width=\"%d\" height=\"30\" rx=\"3\" class=\"k0\"/>"
	             "<text x=\"%d\" y=\"%.0f\" text-anchor=\"middle\" class=\"s\">kernel</text>\n",
	        BAR_X, TOP, BAR_WIDTH, BAR_X + BAR_WIDTH / 2, TOP + 19);
	fprintf(out, "<rect x=\"%d\" y=\"%.0f\" width=\"%d\" height=\"%.0f\" rx=\"3\" "
	             "class=\"k0\"/>\n", BAR_X, TOP + 40, BAR_WIDTH, picture->bar - 40);
	for (int i = 0; i <= 4; i++)
		fprintf(out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" class=\"s\">%d TiB"
		             "</text>\n",
		        BAR_X - 7, bar_y(picture, i * (USER_END / 4)) + 4, i * 32);
}

/* From a neighbourhood's hair in the bar to its blocks. */
static void draw_wedge(const struct picture *picture, const struct block *highest,
                       const struct block *lowest)
{
	const bool user = lowest->first->start < USER_END;
	const double top = user ? bar_y(picture, block_end(highest)) : TOP + 3;
	const double bottom = user ? bar_y(picture, lowest->first->start) : TOP + 3;

	fprintf(picture->out, "<path d=\"M%d %.1fh%dL%d %.1fV%.1fL%d %.1fh%dz\" class=\"w\"/>\n",
	        BAR_X, top - 0.7, BAR_WIDTH, BOX_X - 132, highest->y, lowest->y + lowest->tall,
	        BAR_X + BAR_WIDTH, bottom + 0.7, -BAR_WIDTH);
}

static void draw_gap(const struct picture *picture, const struct block *below,
                     const struct block *above)
{
	const uint64_t from = block_end(below), to = above->first->start;
	const bool into_kernel = to >> 63 && !(from >> 63);
	const double y = above->y + above->tall;
	char text[32];

	fprintf(picture->out, "<path d=\"M%d %.1fV%.1f\" class=\"d\"/><text x=\"%d\" y=\"%.1f\" "
	                      "class=\"s\">%s%s</text>\n",
	        BOX_X + BOX_WIDTH / 2, y + 2, below->y - 2, BOX_X + BOX_WIDTH / 2 + 8,
	        (y + below->y) / 2 + 4,
	        into_kernel ? "" : look_size(to - from, text, sizeof(text)),
	        into_kernel ? "above: the kernel's half" : " of nothing");
}

/* One mapping. All that is known of it can be pointed at. */
static void draw_stripe(FILE *out, const struct vdk_map *map, double y, double tall)
{
	char size[32], text[1024];

	fprintf(out, "<g><title>%" PRIx64 "-%" PRIx64 " ", map->start, map->end);
	draw_text(out, map->path);
	putc('\n', out);
	draw_text(out, vdk_map_what(map, text, sizeof(text)));
	putc('\n', out);
	draw_text(out, vdk_map_why(map, text, sizeof(text)));
	fprintf(out, "</title><rect x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\" class=\"%s\"/>",
	        BOX_X, y, BOX_WIDTH, tall, draw_class(map));
	if (tall >= 9.5) {
		const double font = tall < 11.5 ? tall - 1.5 : 10;

		fprintf(out, "<text x=\"%d\" y=\"%.1f\" class=\"%si\" font-size=\"%.1f\">%s"
		             "</text>",
		        BOX_X + 8, y + tall / 2 + 0.36 * font, draw_class(map), font,
		        vdk_map_kind_name(map->kind));
		fprintf(out, "<text x=\"%d\" y=\"%.1f\" class=\"m %si\" text-anchor=\"end\" "
		             "font-size=\"%.1f\">%s %c%c%c</text>",
		        BOX_X + BOX_WIDTH - 8, y + tall / 2 + 0.36 * font, draw_class(map), font,
		        look_size(map->end - map->start, size, sizeof(size)),
		        map->access & VDK_MAP_READ ? 'r' : '-',
		        map->access & VDK_MAP_WRITE ? 'w' : '-',
		        map->access & VDK_MAP_EXEC ? 'x' : '-');
	}
	fputs("</g>\n", out);
}

static void draw_block(FILE *out, const struct block *block)
{
	const struct vdk_map *first = block->first;
	const double middle = block->y + block->tall / 2 + 4;
	double y = block->y, spare = block->tall;

	for (size_t i = 0; i < block->count; i++)
		spare -= stripe(&first[i]);
	for (size_t i = block->count; i-- > 0;) {
		const double tall = stripe(&first[i]) + spare / (double)block->count;

		draw_stripe(out, &first[i], y, tall);
		y += tall;
	}
	fprintf(out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" class=\"m s\">%" PRIx64
	             "</text><text x=\"%d\" y=\"%.1f\" class=\"n\"><tspan class=\"%st h\">",
	        CHAIN_X - 8, block->y + block->tall - 3, first->start, NAME_X, middle,
	        draw_class(first));
	draw_name(out, first);
	fputs("</tspan><tspan dx=\"8\" class=\"s\">", out);
	draw_text(out, draw_remark(first));
	fputs("</tspan></text>\n", out);
}

static const struct block *block_of(const struct picture *picture, uint64_t address)
{
	for (size_t i = 0; i < picture->count; i++) {
		const struct block *block = &picture->blocks[i];

		if (address >= block->first->start && address < block_end(block))
			return block;
	}
	return NULL;
}

static const struct block *block_of_kind(const struct picture *picture, enum vdk_map_kind kind)
{
	for (size_t i = 0; i < picture->count; i++)
		if (picture->blocks[i].first->kind == kind)
			return &picture->blocks[i];
	return NULL;
}

/* Where arrows begin and end. */
static double middle(const struct block *block)
{
	return block->y + block->tall / 2;
}

/* The entry of the auxiliary vector, from the stack to the vDSO that the program finds. */
static void draw_entry(const struct picture *picture, const struct look_leads *leads)
{
	const struct block *to = block_of(picture, leads->entry);
	const struct block *from = block_of_kind(picture, VDK_MAP_STACK);
	double at, target;

	if (!from || !to)
		return;
	at = middle(from);
	target = middle(to);
	fprintf(picture->out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" class=\"m %st\" "
	                      "font-size=\"11\">AT_SYSINFO_EHDR</text>"
	                      "<path d=\"M%d %.1fH%dQ%d %.1f %d %.1fV%.1fQ%d %.1f %d %.1fH%d\" "
	                      "class=\"l %sl\"/>",
	        AUXV_X - 20, at + 4, draw_class(to->first), AUXV_X - 16, at, AUXV_X - 8, AUXV_X, at,
	        AUXV_X, at + 8, target - 8, AUXV_X, target, AUXV_X - 8, target, AUXV_X - 62,
	        draw_class(to->first));
	fprintf(picture->out, "<path d=\"M%d %.1fl9 -5v10z\" class=\"%s\"/>\n", AUXV_X - 68, target,
	        draw_class(to->first));
}

/* From the process page to the functions of the kernel's vDSO. */
static void draw_chain(const struct picture *picture, const struct look_leads *leads)
{
	const struct block *from = block_of_kind(picture, VDK_MAP_VDK_PROCESS);
	const struct block *to = block_of(picture, leads->chain);
	double at, target;

	if (!from || !to)
		return;
	at = middle(from);
	target = middle(to);
	fprintf(picture->out, "<path d=\"M%d %.1fH%dQ%d %.1f %d %.1fV%.1fQ%d %.1f %d %.1fh2\" "
	                      "class=\"l vl\"/><path d=\"M%d %.1fl-8 -4.5v9z\" class=\"v\"/>\n",
	        BOX_X, at, CHAIN_X + 6, CHAIN_X, at, CHAIN_X, at - 6, target + 6, CHAIN_X, target,
	        CHAIN_X + 6, target, BOX_X, target);
}

static void draw(struct picture *picture, const char *title, const struct look_leads *leads)
{
	const struct block *highest = picture->blocks;

	lay_out(picture);
	draw_head(picture->out, WIDTH,
	          (picture->end - TOP > picture->bar ? picture->end : TOP + picture->bar) + 24);
	draw_title(picture->out, picture->maps, title);
	draw_bar(picture);
	for (size_t i = 0; i < picture->count; i++) {
		const struct block *block = &picture->blocks[i];
		const bool last = i + 1 == picture->count;
		const uint64_t gap = last ? NEAR : block->first->start - block_end(block + 1);

		if (gap >= NEAR) {
			draw_wedge(picture, highest, block);
			highest = block + 1;
		}
		if (gap && !last)
			draw_gap(picture, block + 1, block);
	}
	for (size_t i = 0; i < picture->count; i++)
		draw_block(picture->out, &picture->blocks[i]);
	draw_entry(picture, leads);
	draw_chain(picture, leads);
	fputs("</svg>\n", picture->out);
}

int look_draw(const char *path, const struct vdk_maps *maps, const char *title,
              const struct look_leads *leads, struct vdk_report *report)
{
	vdk_cleanup_free struct block *blocks = calloc(maps->count + 1, sizeof(*blocks));
	struct picture picture = {.maps = maps, .blocks = blocks};
	struct beside beside;
	int error;

	if (!blocks)
		return vdk_report_set(report, -ENOMEM, path, "out of memory");
	error = beside_open(path, &beside, report);
	if (error)
		return error;
	picture.out = beside.out;
	draw(&picture, title, leads);
	return beside_commit(&beside, 0644, report);
}
