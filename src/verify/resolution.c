/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * resolution: clocks move in the steps that clock_getres(2) promises. A clock of 1 ns must not
 * stand still for a thousand calls and then jump; a coarse one must not pretend to be finer than it
 * is, since then it is not the clock that its callers know.
 */
#include "verify.h"

#include <inttypes.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Steps that are looked at, and how long for one clock at most. */
#define STEPS 200
#define LONGEST INT64_C(60000000)

static int64_t promised(const struct vdk_reference *question,
                        const struct verify_function *function)
{
	struct timespec resolution;

	if (function->standard == VERIFY_GETTIMEOFDAY)
		return 1;
	if (syscall(SYS_clock_getres, (int)question->data, &resolution))
		return 0;
	return resolution.tv_sec * INT64_C(1000000000) + resolution.tv_nsec;
}

struct steps {
	int64_t count;
	uint64_t smallest;
	uint64_t calls, still; /* the most calls in a row with the same answer */
};

static struct steps watch(const struct verify_function *function,
                          const struct vdk_reference *question)
{
	struct steps steps = {.smallest = UINT64_MAX};
	const int64_t until = verify_now() + LONGEST;
	int64_t last = question->ask(question, function->address), now;
	uint64_t same = 0, step;

	while (steps.count < STEPS) {
		now = question->ask(question, function->address);
		steps.calls++;
		if (now > last) {
			step = verify_distance(last, now);
			steps.smallest = step < steps.smallest ? step : steps.smallest;
			steps.count++;
			same = 0;
		} else {
			same++;
		}
		steps.still = same > steps.still ? same : steps.still;
		last = now;
		if (steps.calls % 64 == 0 && verify_now() > until)
			break;
	}
	return steps;
}

/* A fine clock's smallest step is what a call takes; a busy machine makes calls take longer. */
#define FINE 1000
#define FINE_STILL 1000

static bool is_coarse(const struct verify_function *function, const struct vdk_reference *question)
{
	return function->standard == VERIFY_CLOCK_GETTIME &&
	       (question->data == CLOCK_REALTIME_COARSE || question->data == CLOCK_MONOTONIC_COARSE);
}

static bool look(const struct verify_function *function, const struct vdk_reference *question,
                 struct verify_result *result)
{
	const int64_t resolution = promised(question, function);
	const int64_t unit = function->standard == VERIFY_GETTIMEOFDAY ? 1000 : 1;
	struct steps steps;

	if (resolution <= 0)
		return true;
	steps = watch(function, question);
	if (resolution * unit <= FINE && steps.still > FINE_STILL) {
		verify_say(result, VERIFY_FAIL, "%.100s: the same answer %" PRIu64
		                                " times in a row, expected steps of %" PRId64 " ns",
		           question->question, steps.still, resolution * unit);
		return false;
	}
	/*
	 * A kernel without high resolution timers says a tick of the fine clocks, too: that is how
	 * its timers go off. Half: the kernel's idea of a tick and a real one differ a little.
	 */
	if (is_coarse(function, question) && steps.count && steps.smallest < (uint64_t)resolution / 2) {
		verify_say(result, VERIFY_FAIL, "%.100s: a step of %" PRIu64 " ns, expected %" PRId64,
		           question->question, steps.smallest, resolution);
		return false;
	}
	return true;
}

static void check(const struct verify *verify, const struct verify_function *function, int64_t ns,
                  struct verify_result *result)
{
	char text[64];
	size_t count = 0;

	for (size_t i = 0; i < function->probe_count; i++) {
		const struct vdk_reference *question = function->probes[i];

		if (!(question->flags & VDK_REFERENCE_RISES))
			continue;
		if (question->ask(question, function->address) < 0)
			continue; /* there is no such clock here */
		if (!look(function, question, result))
			return;
		count++;
	}
	verify_say(result, VERIFY_OK, "%.100s: steps are as small as promised, and no smaller",
	           verify_count(count, "clock", text, sizeof(text)));
}

static bool applies(const struct verify_function *function)
{
	return function->standard == VERIFY_CLOCK_GETTIME ||
	       function->standard == VERIFY_GETTIMEOFDAY;
}

const struct verify_property verify_resolution = {
	"resolution", "clocks move in the steps that clock_getres tells", false, applies, check};
