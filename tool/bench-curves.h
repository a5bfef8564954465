/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_BENCH_CURVES_H
#define VDK_TOOL_BENCH_CURVES_H

#include "bench.h"

/* Measure the cost curves and add them to a document as "curves". Return: an exit code. */
int bench_curves(const struct bench_effort *effort, struct json_object *document);

#endif
