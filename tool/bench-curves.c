/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench-curves.h"
int bench_curves(const struct bench_effort *effort, struct json_object *document)
{
	return 0;
}
