/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* More callers, and more evidence, than there is room for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "doctor/examination.h"

static void many_callers(void **state)
{
	struct doctor_calls calls = {.method = "ptrace"};
	uint64_t sum = 0;

	doctor_calls_add(&calls, "time", DOCTOR_BY_CODE, "none", 0);
	assert_int_equal(calls.caller_count, 0);
	/* Twice, so that all but the others find their place again. */
	for (int i = 0; i < 2 * (DOCTOR_CALLERS_MAX + 5); i++) {
		char from[32];

		snprintf(from, sizeof(from), "library %d", i % (DOCTOR_CALLERS_MAX + 5));
		doctor_calls_add(&calls, "clock_gettime", DOCTOR_BY_CODE, from, 10);
	}
	assert_int_equal(calls.caller_count, DOCTOR_CALLERS_MAX);
	for (int i = 0; i < DOCTOR_CALLERS_MAX - 1; i++) {
		assert_int_equal(calls.callers[i].count, 20);
		assert_int_equal(calls.callers[i].origin, DOCTOR_BY_CODE);
	}
	assert_string_equal(calls.callers[DOCTOR_CALLERS_MAX - 1].function, "others");
	assert_int_equal(calls.callers[DOCTOR_CALLERS_MAX - 1].origin, DOCTOR_BY_UNKNOWN);
	for (size_t i = 0; i < calls.caller_count; i++)
		sum += calls.callers[i].count;
	assert_int_equal(sum, 20 * (DOCTOR_CALLERS_MAX + 5));
}

static void much_evidence(void **state)
{
	struct doctor_finding finding = {0};

	for (int i = 0; i < DOCTOR_EVIDENCE_MAX + 3; i++)
		doctor_evidence(&finding, "proc/42/maps", "line %d \033[31m\303\251", i);
	assert_int_equal(finding.evidence_count, DOCTOR_EVIDENCE_MAX);
	assert_string_equal(finding.evidence[0].where, "/proc/42/maps");
	assert_string_equal(finding.evidence[0].what, "line 0 ?[31m\303\251");
	assert_string_equal(finding.evidence[DOCTOR_EVIDENCE_MAX - 1].what, "line 7 ?[31m\303\251");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_callers),
		cmocka_unit_test(much_evidence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
