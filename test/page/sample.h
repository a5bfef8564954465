/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TEST_PAGE_SAMPLE_H
#define TEST_PAGE_SAMPLE_H

/*
 * A note with the table of sample.page.h, made without `vdk build`, and pages of it. The table is
 * written by hand from the structs' offsets, so that it can be broken in single places.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <vdk/note.h>
#include <vdk/page.h>

#include "sample/sample.page.h"

enum { SAMPLE_PAIR, SAMPLE_WIDE, SAMPLE_RECORDS };
enum { SAMPLE_FIELDS = 12 };

/* The table's parts, in the order of its bytes. */
struct sample_table {
	struct vdk_table table;
	struct vdk_table_record records[SAMPLE_RECORDS];
	struct vdk_table_field fields[SAMPLE_FIELDS];
	char strings[256];
};

void sample_table(struct sample_table *table);

/* A note around @table, which must outlive it. */
struct vdk_note sample_note(const struct sample_table *table);

/* A memfd page of the sample; aborts when it cannot be made. */
int sample_page(void);

/* Another description of the same file, for one more handle. */
int sample_reopen(int fd);

static inline struct pair pair_of(uint64_t count)
{
	return (struct pair){count, ~count, 3 * count};
}

static inline bool pair_holds(const struct pair *pair)
{
	return pair->inverse == ~pair->count && pair->triple == 3 * pair->count;
}

static inline struct wide wide_of(uint64_t count)
{
	struct wide wide;

	memset(&wide, 0, sizeof(wide));
	wide.count = count;
	for (int i = 0; i < 61; i++)
		wide.words[i] = (uint32_t)(count + (uint64_t)i);
	wide.exact = (double)(count & 0xffff);
	wide.level[1].price = (int16_t)count;
	return wide;
}

static inline bool wide_holds(const struct wide *wide)
{
	for (int i = 0; i < 61; i++)
		if (wide->words[i] != (uint32_t)(wide->count + (uint64_t)i))
			return false;
	return wide->exact == (double)(wide->count & 0xffff) &&
	       wide->level[1].price == (int16_t)wide->count;
}

#endif
