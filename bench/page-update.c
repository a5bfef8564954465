/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a page costs: one update, one read, and how both get on with each other. Prints one JSON
 * object; times are ns, medians of the rounds unless the name says otherwise.
 *
 *   update_ns     vdk_record_write() of a record that shares one cache line with both its copies,
 *                 no reader; p99.9 is over batches of 1000 updates, since a clock read costs more
 *                 than an update
 *   edit_ns       vdk_record_edit(), one field, vdk_record_commit()
 *   touch_ns      a heartbeat: vdk_page_now() and vdk_page_touch()
 *   read_ns       vdk_read() of the same record, nobody writing; copy_ns is a plain copy of it
 *   paced         a reader beside a writer of so many updates a second on another CPU: the reader's
 *                 speed as a share of its speed with the same writer process writing another page
 *                 (so that what the two CPUs share, caches, power and host, is the same)
 *   curve         a writer that pauses so many ns between updates, 0 = not at all: tries per read
 *                 (1 = no retry), the most that any read needed, and reads that gave up
 *
 * Usage: page-update [SECONDS]   for each paced or curve point; 0.3
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vdk/page.h>
#include <vdk/vdso.h>

#include "../test/page/sample.h"

#define ROUNDS 31
#define BATCH 1000
#define BATCHES 2000

static struct vdk_slot_pair *mapped_pair;
#define vdk_record_pair (*mapped_pair)

static double seconds = 0.3;
static uint64_t samples[ROUNDS * BATCHES];

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void pin(int index)
{
	const int cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(index % cpus, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static int compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static struct vdk_page *open_writer(int fd)
{
	struct vdk_page *page;

	if (vdk_page_consume_writer(sample_reopen(fd), -1, "bench", &page, NULL))
		abort();
	return page;
}

static void map_pair(int fd)
{
	struct vdk_page *page;
	uint8_t *map = mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0);

	if (map == MAP_FAILED || vdk_page_open(fd, 0, "bench", &page, NULL))
		abort();
	mapped_pair = (void *)(map + vdk_page_layout(page)->records[SAMPLE_PAIR].offset);
	vdk_page_close(page);
}

/* ---- Costs of one call ---- */

static struct vdk_page *bench_page;
static const struct vdk_layout_record *bench_record;

static void update_batch(void)
{
	struct pair value = pair_of(1);

	for (int i = 0; i < BATCH; i++) {
		value.count = (uint64_t)i;
		vdk_record_write(bench_page, bench_record, &value);
	}
}

static void edit_batch(void)
{
	void *edit;

	for (int i = 0; i < BATCH; i++) {
		vdk_record_edit(bench_page, bench_record, &edit);
		((struct pair *)edit)->count++;
		vdk_record_commit(bench_page);
	}
}

static void touch_batch(void)
{
	for (int i = 0; i < BATCH; i++)
		vdk_page_touch(bench_page, vdk_page_now(), 1000000000);
}

static volatile uint64_t sink;

static void read_batch(void)
{
	struct pair value;
	uint64_t sum = 0;

	for (int i = 0; i < BATCH; i++)
		if (vdk_read(pair, &value) == 0)
			sum += value.count + value.inverse + value.triple;
	sink = sum;
}

static void copy_batch(void)
{
	uint64_t sum = 0;

	for (int i = 0; i < BATCH; i++) {
		const struct pair value = mapped_pair->copy[0].value;

		sum += value.count + value.inverse + value.triple;
		__asm__ volatile("" ::: "memory");
	}
	sink = sum;
}

static void measure(const char *name, void (*batch)(void))
{
	const size_t count = sizeof(samples) / sizeof(samples[0]);
	const size_t middle = count / 2, late = count - count / 1000;

	batch();
	for (size_t i = 0; i < count; i++) {
		const uint64_t start = now_ns();

		batch();
		samples[i] = now_ns() - start;
	}
	qsort(samples, count, sizeof(samples[0]), compare);
	printf("  \"%s\": {\"median\": %.2f, \"p99.9\": %.2f},\n", name,
	       (double)samples[middle] / BATCH, (double)samples[late] / BATCH);
}

/* ---- Readers beside a writer ---- */

/* A writer process on the other CPU; @pause 0: without. */
static pid_t start_writer(int fd, uint64_t pause)
{
	const pid_t pid = fork();

	if (pid == 0) {
		struct vdk_page *page;
		const struct vdk_layout_record *record;
		uint64_t next = now_ns();

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pin(1);
		page = open_writer(fd);
		record = &vdk_page_layout(page)->records[SAMPLE_PAIR];
		for (uint64_t i = 1;; i++) {
			const struct pair value = pair_of(i);

			vdk_record_write(page, record, &value);
			for (next += pause; pause && now_ns() < next;)
				vdk_relax();
		}
	}
	return pid;
}

struct result {
	uint64_t reads, tries, most, gave_up, torn, updates;
};

/* Read for a while, counting tries as the macro makes them. */
static struct result read_while(double duration)
{
	const uint64_t end = now_ns() + (uint64_t)(duration * 1e9);
	const uint64_t first = __atomic_load_n(&mapped_pair->sequence, __ATOMIC_RELAXED);
	struct result result = {0};

	while (now_ns() < end)
		for (int i = 0; i < 1000; i++) {
			struct pair value;
			uint64_t tries = 0, before, after;

			do {
				before = __atomic_load_n(&mapped_pair->sequence, __ATOMIC_ACQUIRE);
				value = mapped_pair->copy[before & 1].value;
				__atomic_thread_fence(__ATOMIC_ACQUIRE);
				after = __atomic_load_n(&mapped_pair->sequence, __ATOMIC_RELAXED);
				if (before != after)
					vdk_relax();
			} while (++tries < VDK_READ_TRIES && before != after);
			result.reads++;
			result.tries += tries;
			if (tries > result.most)
				result.most = tries;
			if (before != after)
				result.gave_up++;
			else if (!pair_holds(&value))
				result.torn++;
		}
	result.updates = __atomic_load_n(&mapped_pair->sequence, __ATOMIC_RELAXED) - first;
	return result;
}

static double reads_per_second(double duration)
{
	const uint64_t start = now_ns();
	uint64_t reads = 0;

	while (now_ns() - start < (uint64_t)(duration * 1e9)) {
		read_batch();
		reads += BATCH;
	}
	return (double)reads / ((double)(now_ns() - start) / 1e9);
}

static void stop_writer(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* The two cases take turns, so that what the machine does besides is in both. */
static void paced(int fd, int other_fd)
{
	enum { TURNS = 9, MIDDLE = TURNS / 2 };
	static const uint64_t rates[] = {1000, 100000, 1000000};

	printf("  \"paced\": [\n");
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		uint64_t shares[TURNS], median, updates = 0;

		for (int turn = 0; turn < TURNS; turn++) {
			double beside, apart;
			uint64_t first;
			pid_t pid = start_writer(other_fd, 1000000000 / rates[i]);

			apart = reads_per_second(seconds / 3);
			stop_writer(pid);
			pid = start_writer(fd, 1000000000 / rates[i]);
			reads_per_second(0.01);
			first = mapped_pair->sequence;
			beside = reads_per_second(seconds / 3);
			updates += (uint64_t)((double)(mapped_pair->sequence - first) / (seconds / 3));
			stop_writer(pid);
			shares[turn] = (uint64_t)(beside / apart * 10000);
		}
		qsort(shares, TURNS, sizeof(shares[0]), compare);
		median = shares[MIDDLE];
		printf("    {\"updates_per_second\": %llu, \"reached\": %llu, \"reader_speed\": %.3f}%s\n",
		       (unsigned long long)rates[i], (unsigned long long)(updates / TURNS),
		       (double)median / 10000, i + 1 < sizeof(rates) / sizeof(rates[0]) ? "," : "");
	}
	printf("  ],\n");
}

static void curve(int fd)
{
	static const uint64_t pauses[] = {10000, 3000, 1000, 300, 100, 0};

	printf("  \"curve\": [\n");
	for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
		const pid_t pid = start_writer(fd, pauses[i]);
		struct result result;

		read_while(0.01);
		result = read_while(seconds);
		stop_writer(pid);
		printf("    {\"pause_ns\": %llu, \"updates_per_second\": %.0f, \"reads\": %llu, "
		       "\"tries_per_read\": %.4f, \"most_tries\": %llu, \"gave_up\": %llu, "
		       "\"torn\": %llu}%s\n",
		       (unsigned long long)pauses[i], (double)result.updates / seconds,
		       (unsigned long long)result.reads, (double)result.tries / (double)result.reads,
		       (unsigned long long)result.most, (unsigned long long)result.gave_up,
		       (unsigned long long)result.torn,
		       i + 1 < sizeof(pauses) / sizeof(pauses[0]) ? "," : "");
	}
	printf("  ]\n");
}

int main(int argc, char **argv)
{
	const int fd = sample_page(), other_fd = sample_page();

	if (argc > 1)
		seconds = atof(argv[1]);
	pin(0);
	map_pair(fd);
	bench_page = open_writer(fd);
	bench_record = &vdk_page_layout(bench_page)->records[SAMPLE_PAIR];
	printf("{\n");
	measure("update_ns", update_batch);
	measure("edit_ns", edit_batch);
	measure("touch_ns", touch_batch);
	measure("read_ns", read_batch);
	measure("copy_ns", copy_batch);
	fflush(stdout);
	paced(fd, other_fd);
	fflush(stdout);
	curve(fd);
	printf("}\n");
	return 0;
}
