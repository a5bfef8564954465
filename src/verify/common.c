/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the properties share: time, CPUs, words, one comparison; and the list of them. */
#include "verify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

const struct verify_property *const verify_properties[] = {
        &verify_values,    &verify_order, &verify_resolution, &verify_namespace, &verify_arguments,
        &verify_registers, &verify_stack, &verify_signals,    &verify_unwind,    NULL,
};

/* Shared with arch/CPU/call.S. */
vdk_function *verify_target;
void *verify_stack_top, *verify_own_stack;
uint64_t verify_expected[8], verify_after[8];
uint32_t verify_mxcsr[2];
uint16_t verify_fpucw[2];

uint64_t verify_guard_start, verify_guard_end, verify_guard_size;

int64_t verify_now(void)
{
	struct timespec now = {0};

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int64_t verify_date(void)
{
	struct timespec real = {0};
	const int64_t now = verify_now();

	syscall(SYS_clock_gettime, CLOCK_REALTIME, &real);
	return real.tv_sec * INT64_C(1000000000) + real.tv_nsec - now;
}

bool verify_date_was_set(int64_t date)
{
	const int64_t change = verify_date() - date;

	/* Between its two system calls this process may have had to wait for a CPU. */
	return change > 20000000 || change < -20000000;
}

bool verify_pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) == 0;
}

void verify_say(struct verify_result *result, enum verify_verdict verdict, const char *format, ...)
{
	va_list arguments;

	result->verdict = verdict;
	va_start(arguments, format);
	vsnprintf(result->text, sizeof(result->text), format, arguments);
	va_end(arguments);
}

const char *verify_count(uint64_t count, const char *noun, char *text, size_t size)
{
	snprintf(text, size, "%" PRIu64 " %s%s", count, noun, count == 1 ? "" : "s");
	return text;
}

bool verify_any(const struct verify_function *function)
{
	return true;
}

/* ---- Comparing ------------------------------------------------------------------------------- */

/* A number of a standard function as people read it: an error by its name, a time in seconds. */
static const char *words(const struct vdk_reference *question, int64_t number, char *text,
                         size_t size)
{
	if (number == VERIFY_MALFORMED)
		snprintf(text, size, "what no answer can be (seconds or a fraction outside of their "
		                     "range, or memory that was not written)");
	else if (verify_error_name(number))
		snprintf(text, size, "-%s", verify_error_name(number));
	else
		snprintf(text, size, "%" PRId64, number);
	return text;
}

/*
 * At a tick the kernel writes the vDSO's data before its own (linux: kernel/time/timekeeping.c,
 * timekeeping_update()), so that a clock of seconds or ticks, read in between, is one step ahead of
 * the system call. Then it said what that will say next, to the nanosecond, and soon.
 */
static bool is_next(const struct vdk_reference *question, int64_t now, int64_t answer)
{
	const int64_t end = verify_now() + 20000000;
	int64_t next;

	do
		next = question->answer(question);
	while (next == now && verify_now() < end);
	return next == answer;
}

bool verify_between(const struct vdk_reference *question, int64_t before, int64_t answer,
                    int64_t after, struct verify_result *ret_result)
{
	const int64_t low = before < after ? before : after, high = before < after ? after : before;
	const __int128 tolerance = question->tolerance;
	char texts[3][128];

	if (answer != VERIFY_MALFORMED && answer >= low - tolerance && answer <= high + tolerance)
		return true;
	if (answer != VERIFY_MALFORMED && low == high && answer > high &&
	    is_next(question, high, answer))
		return true;
	for (int i = 0; i < 3; i++)
		words(question, i == 0 ? answer : i == 1 ? low : high, texts[i], sizeof(texts[i]));
	if (low == high)
		verify_say(ret_result, VERIFY_FAIL, "%.100s: expected %s, found %s",
		           question->question, texts[1], texts[0]);
	else if (answer == VERIFY_MALFORMED || answer < 0)
		verify_say(ret_result, VERIFY_FAIL, "%.100s: expected %s to %s, found %s",
		           question->question, texts[1], texts[2], texts[0]);
	else
		verify_say(ret_result, VERIFY_FAIL,
		           "%.100s: expected %s to %s, found %s: %" PRIu64 " too %s",
		           question->question, texts[1], texts[2], texts[0],
		           answer < low ? verify_distance(answer, low) : verify_distance(high, answer),
		           answer < low ? "small" : "large");
	return false;
}

bool verify_compare(const struct verify_function *function, const struct vdk_reference *question,
                    vdk_function *by, struct verify_result *ret_result)
{
	const int64_t before = question->answer(question);
	const int64_t answer = question->ask(question, by);
	const int64_t after = question->answer(question);

	return verify_between(question, before, answer, after, ret_result);
}
