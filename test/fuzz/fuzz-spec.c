/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libFuzzer target: any text is read as a SPEC of `vdk faketime`, and started as a clock. */
#include "faketime/clock.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct faketime_now now = {.wall = 1700000000 * FAKETIME_SECOND};
	struct faketime_fault fault;
	struct faketime_spec spec;
	struct faketime record;
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	if (faketime_spec_parse(text, &spec, &fault)) {
		if (fault.column < 1 || fault.column > strlen(text) + 1)
			abort();
	} else if (spec.when != FAKETIME_AT_FILE) {
		faketime_clock_start(&record, &spec, &now, true);
		faketime_clock_turn(&record, FAKETIME_RATE_ONE / 3, &now, INT64_C(10000000));
		if (record.fake_nanoseconds < 0 || record.fake_nanoseconds >= FAKETIME_SECOND)
			abort();
	}
	free(text);
	return 0;
}
