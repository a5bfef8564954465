/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_MEASURE_WRITER_H
#define VDK_MEASURE_WRITER_H

/*
 * A child that updates records of a publication through the C API, on a CPU of its own and at a
 * rate that its parent chooses from moment to moment, and the parent's readings meanwhile.
 */

#include <sched.h>
#include <stdint.h>

#include "measure/histogram.h"
#include "vdk/report.h"

#define MEASURE_UNTHROTTLED UINT64_MAX
#define MEASURE_RECORDS_MAX 16u

struct measure_writer;

/* Any CPU of the set but this one. Return: it; -ENODEV: there is none. */
int measure_other_cpu(const cpu_set_t *set, int cpu);

/*
 * Start a writer that rests.
 * @name:    the publication; it must be this user's own
 * @records: names, ended by NULL; at most MEASURE_RECORDS_MAX
 *
 * Return: 0; -ENOENT the page has no such record; what vdk_publication_writer() returns, with the
 *         child's report; -ETIMEDOUT; -ENOMEM; what fork(2) returns.
 */
int measure_writer_start(const char *name, const char *const *records, int cpu,
                         struct measure_writer **ret_writer, struct vdk_report *report);

/*
 * From now on update record number @record so often a second (0: never). Returns half a
 * millisecond later, when the writer has followed. Every word of the record is the update's number.
 */
void measure_writer_tell(struct measure_writer *writer, uint64_t rate, unsigned record);

/* Updates so far. */
uint64_t measure_writer_done(const struct measure_writer *writer);

/* End it. NULL is allowed. */
void measure_writer_stop(struct measure_writer *writer);

/*
 * Call a function that copies a record to @out for so long. An update slows down only the reads
 * that it meets, so a median of short batches would hide it: the result is that of the whole turn.
 * @batches: gets the time per call of each batch of calls, in picoseconds; or NULL
 *
 * Return: picoseconds per call.
 */
typedef int measure_read(void *out);
uint64_t measure_turn(measure_read *volatile *read, void *out, double seconds,
                      struct histogram *batches);

#endif
