/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "measure/writer.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vdk/page.h>
#include <vdk/publish.h>
#include <vdk/record.h>

#include "counter.h"
#include "measure/measure.h"

#define BATCH 256               /* reads timed together */
#define SETTLE_TICKS_SHARE 2000 /* of a second: half a millisecond for the writer to follow */
#define PATIENCE_S 20

/*
 * What parent and child share. Each word has one writer and says all by itself, and half a
 * millisecond lies between an order and the first reading: relaxed loads and stores will do. Only
 * `state` says that something else, the report, is there: release and acquire.
 */
struct measure_writer {
	_Atomic uint64_t rate;
	_Atomic unsigned record;
	_Atomic uint64_t done;
	_Atomic int state; /* 1: ready; negative: an errno, and the report says more */
	struct vdk_report report;
	pid_t pid;
};

int measure_other_cpu(const cpu_set_t *set, int cpu)
{
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, set) && i != cpu)
			return i;
	return -ENODEV;
}

static int update(struct vdk_page *page, const struct vdk_layout_record *record, uint64_t number)
{
	static uint64_t value[VDK_RECORD_MAX / 8];

	for (uint32_t i = 0; i < record->size / 8; i++)
		value[i] = number;
	return vdk_record_write_at(page, record, (uint32_t)(number % vdk_layout_slots(record)),
	                           value);
}

/* When the next update is due. A writer that was away does not make up for it by a burst. */
static bool is_due(uint64_t rate, uint64_t *next)
{
	const uint64_t now = counter_ordered();

	if (*next == 0 || now > *next + (uint64_t)(measure_frequency() / 1000))
		*next = now;
	if (now < *next)
		return false;
	*next += (uint64_t)(measure_frequency() / (double)rate);
	return true;
}

static void write_forever(struct measure_writer *writer, struct vdk_page *page,
                          const struct vdk_layout_record **records)
{
	uint64_t number = 1, next = 0;

	for (;;) {
		const uint64_t rate = atomic_load_explicit(&writer->rate, memory_order_relaxed);

		if (rate == 0) {
			counter_relax();
			next = 0;
			continue;
		}
		if (rate != MEASURE_UNTHROTTLED && !is_due(rate, &next)) {
			counter_relax();
			continue;
		}
		if (update(page, records[atomic_load_explicit(&writer->record,
		                                              memory_order_relaxed)], number++))
			_exit(3);
		atomic_store_explicit(&writer->done, number, memory_order_relaxed);
	}
}

static int prepare(struct measure_writer *writer, const char *name, const char *const *names,
                   const struct vdk_layout_record **records, struct vdk_page **ret_page)
{
	int error = vdk_publication_writer(name, ret_page, &writer->report);

	for (unsigned i = 0; !error && names[i]; i++) {
		records[i] = i < MEASURE_RECORDS_MAX
		                     ? vdk_layout_record(vdk_page_layout(*ret_page), names[i])
		                     : NULL;
		if (!records[i])
			error = vdk_report_set(&writer->report, -ENOENT, name,
			                       "has no record %s", names[i]);
	}
	return error;
}

static void be_writer(struct measure_writer *writer, const char *name, const char *const *names,
                      int cpu)
{
	const struct vdk_layout_record *records[MEASURE_RECORDS_MAX + 1];
	struct vdk_page *page;
	int error;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	measure_pin(cpu);
	error = prepare(writer, name, names, records, &page);
	atomic_store_explicit(&writer->state, error ? error : 1, memory_order_release);
	if (!error)
		write_forever(writer, page, records);
	_exit(3);
}

static int wait_ready(struct measure_writer *writer)
{
	const struct timespec pause = {0, 1000000};

	for (int i = 0; i < PATIENCE_S * 1000; i++) {
		const int state = atomic_load_explicit(&writer->state, memory_order_acquire);

		if (state)
			return state < 0 ? state : 0;
		nanosleep(&pause, NULL);
	}
	return -ETIMEDOUT;
}

int measure_writer_start(const char *name, const char *const *records, int cpu,
                         struct measure_writer **ret_writer, struct vdk_report *report)
{
	struct measure_writer *const writer = mmap(NULL, sizeof(*writer), PROT_READ | PROT_WRITE,
	                                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;
	int error;

	if (writer == MAP_FAILED)
		return vdk_report_set(report, -ENOMEM, name, "out of memory");
	measure_frequency(); /* before the fork: the writer inherits it */
	pid = fork();
	if (pid == 0)
		be_writer(writer, name, records, cpu);
	if (pid < 0) {
		error = vdk_report_set(report, -errno, name, "cannot start a writer: %s",
		                       strerror(errno));
		munmap(writer, sizeof(*writer));
		return error;
	}
	writer->pid = pid; /* by the parent alone: in the child fork() returned 0 */
	error = wait_ready(writer);
	if (!error) {
		*ret_writer = writer;
		return 0;
	}
	if (error == -ETIMEDOUT)
		vdk_report_set(report, error, name, "its writer does not get ready");
	else if (report)
		*report = writer->report;
	measure_writer_stop(writer);
	return error;
}

void measure_writer_tell(struct measure_writer *writer, uint64_t rate, unsigned record)
{
	const uint64_t settled = counter_ordered() +
	                         (uint64_t)(measure_frequency() / SETTLE_TICKS_SHARE);

	atomic_store_explicit(&writer->record, record, memory_order_relaxed);
	atomic_store_explicit(&writer->rate, rate, memory_order_relaxed);
	while (counter_ordered() < settled)
		counter_relax();
}

uint64_t measure_writer_done(const struct measure_writer *writer)
{
	return atomic_load_explicit(&writer->done, memory_order_relaxed);
}

void measure_writer_stop(struct measure_writer *writer)
{
	if (!writer)
		return;
	kill(writer->pid, SIGKILL);
	while (waitpid(writer->pid, NULL, 0) < 0 && errno == EINTR)
		;
	munmap(writer, sizeof(*writer));
}

uint64_t measure_turn(measure_read *volatile *read, void *out, double seconds,
                      struct histogram *batches)
{
	const double frequency = measure_frequency();
	const uint64_t first = counter_begin();
	uint64_t begin = first, end, reads = 0;

	do {
		for (int i = 0; i < BATCH; i++)
			(*read)(out);
		end = counter_end();
		if (batches)
			histogram_add(batches,
			              (uint64_t)((double)(end - begin) * 1e12 / frequency / BATCH));
		begin = end;
		reads += BATCH;
	} while ((double)(end - first) < seconds * frequency);
	return (uint64_t)((double)(end - first) * 1e12 / frequency / (double)reads);
}
