/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The page code under thread sanitizer, which sees races of threads on the same addresses. So
 * writers and readers are threads here, and their handles, each with a writer's slot of its own,
 * are made to use one mapping. With --race a writer also stores without the protocol, and the
 * sanitizer must object.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/page.h>

#include "publish/handle.h"
#include "publish/latch.h"
#include "sample.h"

#define UPDATES 50000

static struct vdk_page *writers[2];
static const struct vdk_layout_record *records;
static uint8_t *map;
static int stop, torn, race;
static unsigned long reads;

/* Called by the sanitizer before it tells of a race, and here the end. */
void __tsan_on_report(void *report);
void __tsan_on_report(void *report)
{
	printf("figure races_seen %d\n", report != NULL);
	fflush(stdout);
}

static void *write_many(void *argument)
{
	struct vdk_page *page = argument;

	for (int i = 0; i < UPDATES; i++) {
		void *edit;

		if (vdk_record_edit(page, &records[i % 2], &edit))
			abort();
		if (i % 2)
			*(struct wide *)edit = wide_of(((struct wide *)edit)->count + 1);
		else
			*(struct pair *)edit = pair_of(((struct pair *)edit)->count + 1);
		vdk_record_commit(page);
		vdk_page_touch(page, (uint64_t)i, 5);
		if (race)
			map[records[0].offset + records[0].copy_offset] = 1;
	}
	return NULL;
}

static void *read_many(void *argument)
{
	struct vdk_page *page = argument;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		struct vdk_page_info info;
		struct pair pair;
		struct wide wide;

		if (vdk_record_read(page, &records[0], &pair, NULL) == 0 && !pair_holds(&pair))
			__atomic_store_n(&torn, 1, __ATOMIC_RELAXED);
		if (vdk_record_read(page, &records[1], &wide, NULL) == 0 && !wide_holds(&wide))
			__atomic_store_n(&torn, 1, __ATOMIC_RELAXED);
		vdk_page_info(page, &info);
		__atomic_add_fetch(&reads, 2, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* Let @page use the memory that all others use. */
static void share(struct vdk_page *page, uint8_t **old)
{
	*old = page->map;
	page->map = map;
}

int main(int argc, char **argv)
{
	const int fd = sample_page();
	struct vdk_page *reader;
	pthread_t threads[4];
	uint8_t *own[3];
	struct pair pair;
	struct wide wide;

	race = argc > 1 && strcmp(argv[1], "--race") == 0;
	for (int i = 0; i < 2; i++)
		if (vdk_page_consume_writer(sample_reopen(fd), -1, "threads", &writers[i], NULL))
			return 1;
	if (vdk_page_open(fd, VDK_PAGE_MAP, "threads", &reader, NULL))
		return 1;
	map = writers[0]->map;
	records = vdk_page_layout(writers[0])->records;
	share(writers[1], &own[1]);
	share(reader, &own[2]);
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, write_many, writers[i]);
	for (int i = 2; i < 4; i++)
		pthread_create(&threads[i], NULL, read_many, reader);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	for (int i = 2; i < 4; i++)
		pthread_join(threads[i], NULL);
	writers[1]->map = own[1];
	reader->map = own[2];
	if (vdk_record_read(writers[0], &records[0], &pair, NULL) ||
	    vdk_record_read(writers[0], &records[1], &wide, NULL))
		return 1;
	printf("torn %d\nfigure updates %llu\nfigure reads %lu\n", torn,
	       (unsigned long long)(pair.count + wide.count), reads);
	/* Each edit counted one up: none was lost. */
	if (pair.count + wide.count != 2 * UPDATES)
		return 1;
	for (int i = 0; i < 2; i++)
		vdk_page_close(writers[i]);
	vdk_page_close(reader);
	return torn;
}
