/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BENCH_H
#define VDK_BENCH_H

/* The library that measures, for small programs: these end the program where they cannot go on. */

#include "measure/measure.h"

/* measure_pin(); status 3 when it is impossible. */
int bench_pin(int cpu);

/* measure_rounds() with nothing but a number of rounds. */
void bench_rounds(struct subject *subjects, unsigned count, unsigned rounds);

/* histogram_new(), never NULL. */
struct histogram *bench_histogram(void);

/* Print the object on standard output and release it. */
void bench_print(struct json_object *object);

#endif
