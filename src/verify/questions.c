/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The questions about the standard functions, and the system calls that answer them.
 *
 * A result below 0 is a negative errno and is compared as such: what the system call refuses the
 * function must refuse with the same error. Unlike the system call's wrapper in libc a vDSO's
 * function returns it.
 */
#include "verify.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <vdk/vdso.h>

#define NS INT64_C(1000000000)

static int64_t by_syscall(long result)
{
	return result < 0 ? -errno : result;
}

/* ---- clock_gettime, clock_getres ------------------------------------------------------------- */

/* Seconds that a wrong function tells may be anything. */
static bool fits(int64_t seconds, int64_t parts)
{
	return seconds < INT64_MAX / parts && seconds > INT64_MIN / parts;
}

static int64_t nanoseconds(int64_t result, const struct timespec *time)
{
	if (result)
		return result;
	if (time->tv_nsec < 0 || time->tv_nsec >= NS || !fits(time->tv_sec, NS))
		return VERIFY_MALFORMED;
	return time->tv_sec * NS + time->tv_nsec;
}

static int64_t ask_clock(const struct vdk_reference *self, vdk_reference_function *function)
{
	struct timespec time = {-1, -1};
	const int result = ((vdk_clock_gettime_fn *)function)((int32_t)self->data, &time);

	return nanoseconds(result, &time);
}

static int64_t answer_clock(const struct vdk_reference *self)
{
	struct timespec time;

	return nanoseconds(by_syscall(syscall(SYS_clock_gettime, (int)self->data, &time)), &time);
}

static int64_t ask_getres(const struct vdk_reference *self, vdk_reference_function *function)
{
	struct timespec time = {-1, -1};
	const int result = ((vdk_clock_getres_fn *)function)((int32_t)self->data, &time);

	return nanoseconds(result, &time);
}

static int64_t answer_getres(const struct vdk_reference *self)
{
	struct timespec time;

	return nanoseconds(by_syscall(syscall(SYS_clock_getres, (int)self->data, &time)), &time);
}

static int64_t ask_getres_null(const struct vdk_reference *self, vdk_reference_function *function)
{
	return ((vdk_clock_getres_fn *)function)((int32_t)self->data, NULL);
}

static int64_t answer_getres_null(const struct vdk_reference *self)
{
	return by_syscall(syscall(SYS_clock_getres, (int)self->data, NULL));
}

/* CPU time of a process: ~pid in the upper bits; 0 is the caller. */
#define CLOCK_OF_PROCESS(pid) ((int)(~(unsigned int)(pid) << 3 | 2))
#define RISES VDK_REFERENCE_RISES

#define CLOCKS(QUESTION)                                                                           \
	QUESTION(CLOCK_REALTIME, "CLOCK_REALTIME", RISES)                                          \
	QUESTION(CLOCK_MONOTONIC, "CLOCK_MONOTONIC", RISES)                                        \
	QUESTION(CLOCK_MONOTONIC_RAW, "CLOCK_MONOTONIC_RAW", RISES)                                \
	QUESTION(CLOCK_REALTIME_COARSE, "CLOCK_REALTIME_COARSE", RISES)                            \
	QUESTION(CLOCK_MONOTONIC_COARSE, "CLOCK_MONOTONIC_COARSE", RISES)                          \
	QUESTION(CLOCK_BOOTTIME, "CLOCK_BOOTTIME", RISES)                                          \
	QUESTION(CLOCK_TAI, "CLOCK_TAI", RISES)                                                    \
	QUESTION(CLOCK_PROCESS_CPUTIME_ID, "CLOCK_PROCESS_CPUTIME_ID", 0)                          \
	QUESTION(CLOCK_THREAD_CPUTIME_ID, "CLOCK_THREAD_CPUTIME_ID", 0)                            \
	QUESTION(CLOCK_REALTIME_ALARM, "CLOCK_REALTIME_ALARM", 0)                                  \
	QUESTION(CLOCK_BOOTTIME_ALARM, "CLOCK_BOOTTIME_ALARM", 0)                                  \
	QUESTION(10, "clock 10", 0)                                                                \
	QUESTION(CLOCK_OF_PROCESS(0), "CPU time of the process", 0)                                \
	QUESTION(63, "clock 63", 0)                                                                \
	QUESTION(INT_MAX, "clock INT_MAX", 0)                                                      \
	QUESTION(INT_MIN, "clock INT_MIN", 0)                                                      \
	QUESTION(-1, "clock -1", 0)

#define CLOCK(id, name, rises)                                                                     \
	&(const struct vdk_reference){.function = "clock_gettime", .question = name,               \
	                              .ask = ask_clock, .answer = answer_clock, .flags = rises,    \
	                              .data = id},
#define GETRES(id, name, rises)                                                                    \
	&(const struct vdk_reference){.function = "clock_getres", .question = name,                \
	                              .ask = ask_getres, .answer = answer_getres, .data = id},     \
	&(const struct vdk_reference){.function = "clock_getres", .question = name " into NULL",   \
	                              .ask = ask_getres_null, .answer = answer_getres_null,        \
	                              .data = id},

static const struct vdk_reference *const clocks[] = {CLOCKS(CLOCK)};
static const struct vdk_reference *const resolutions[] = {CLOCKS(GETRES)};

/* ---- gettimeofday, time ---------------------------------------------------------------------- */

static int64_t microseconds(int64_t result, const struct timeval *time)
{
	if (result)
		return result;
	if (time->tv_usec < 0 || time->tv_usec >= 1000000 || !fits(time->tv_sec, 1000000))
		return VERIFY_MALFORMED;
	return time->tv_sec * 1000000 + time->tv_usec;
}

/* The time with or without the zone beside it. */
static int64_t ask_day(const struct vdk_reference *self, vdk_reference_function *function)
{
	struct timeval time = {-1, -1};
	struct timezone zone;

	return microseconds(((vdk_gettimeofday_fn *)function)(&time, self->data ? &zone : NULL),
	                    &time);
}

static int64_t answer_day(const struct vdk_reference *self)
{
	struct timeval time;

	return microseconds(by_syscall(syscall(SYS_gettimeofday, &time, NULL)), &time);
}

static int64_t both_halves(const struct timezone *zone)
{
	return (int64_t)zone->tz_minuteswest * INT32_MAX + zone->tz_dsttime;
}

static int64_t ask_zone(const struct vdk_reference *self, vdk_reference_function *function)
{
	struct timezone zone = {77, 77};
	const int result = ((vdk_gettimeofday_fn *)function)(NULL, &zone);

	return result ? result : both_halves(&zone);
}

static int64_t answer_zone(const struct vdk_reference *self)
{
	struct timezone zone = {88, 88};
	const int64_t result = by_syscall(syscall(SYS_gettimeofday, NULL, &zone));

	return result ? result : both_halves(&zone);
}

static int64_t ask_nothing(const struct vdk_reference *self, vdk_reference_function *function)
{
	return ((vdk_gettimeofday_fn *)function)(NULL, NULL);
}

static int64_t answer_0(const struct vdk_reference *self)
{
	return 0;
}

static const struct vdk_reference *const days[] = {
	&(const struct vdk_reference){.function = "gettimeofday", .question = "time", .ask = ask_day,
	                              .answer = answer_day, .flags = RISES},
	&(const struct vdk_reference){.function = "gettimeofday", .question = "time and zone",
	                              .ask = ask_day, .answer = answer_day, .flags = RISES,
	                              .data = 1},
	&(const struct vdk_reference){.function = "gettimeofday", .question = "zone",
	                              .ask = ask_zone, .answer = answer_zone},
	&(const struct vdk_reference){.function = "gettimeofday", .question = "nothing",
	                              .ask = ask_nothing, .answer = answer_0},
};

static int64_t ask_time(const struct vdk_reference *self, vdk_reference_function *function)
{
	long seconds = -1;
	const long result = ((vdk_time_fn *)function)(self->data ? &seconds : NULL);

	return self->data && seconds != result ? VERIFY_MALFORMED : result;
}

static int64_t answer_time(const struct vdk_reference *self)
{
	return by_syscall(syscall(SYS_time, NULL));
}

static const struct vdk_reference *const times[] = {
	&(const struct vdk_reference){.function = "time", .question = "result", .ask = ask_time,
	                              .answer = answer_time, .flags = RISES},
	&(const struct vdk_reference){.function = "time", .question = "result and *seconds",
	                              .ask = ask_time, .answer = answer_time, .flags = RISES,
	                              .data = 1},
};

/* ---- getcpu ---------------------------------------------------------------------------------- */

static int64_t ask_cpu(const struct vdk_reference *self, vdk_reference_function *function)
{
	uint32_t cpu = 0, node = 0;
	const long result = ((vdk_getcpu_fn *)function)(self->data & 1 ? &cpu : NULL,
	                                                self->data & 2 ? &node : NULL, NULL);

	return result ? result : (int64_t)node << 32 | cpu;
}

static int64_t answer_cpu(const struct vdk_reference *self)
{
	uint32_t cpu = 0, node = 0;
	const int64_t result = by_syscall(syscall(SYS_getcpu, self->data & 1 ? &cpu : NULL,
	                                          self->data & 2 ? &node : NULL, NULL));

	return result ? result : (int64_t)node << 32 | cpu;
}

static const struct vdk_reference *const cpus[] = {
	&(const struct vdk_reference){.function = "getcpu", .question = "CPU and node",
	                              .ask = ask_cpu, .answer = answer_cpu, .data = 3},
	&(const struct vdk_reference){.function = "getcpu", .question = "CPU", .ask = ask_cpu,
	                              .answer = answer_cpu, .data = 1},
	&(const struct vdk_reference){.function = "getcpu", .question = "node", .ask = ask_cpu,
	                              .answer = answer_cpu, .data = 2},
	&(const struct vdk_reference){.function = "getcpu", .question = "nothing", .ask = ask_cpu,
	                              .answer = answer_cpu, .data = 0},
};

/* ---- getrandom ------------------------------------------------------------------------------- */

#define RANDOM_MAX 4096

/* That many bytes, the last 32 of which were hardly the same before by chance. */
static int64_t ask_random(const struct vdk_reference *self, vdk_reference_function *function)
{
	static uint8_t buffer[RANDOM_MAX];
	uint8_t before[32];
	const size_t size = (size_t)self->data;
	const size_t part = size < sizeof(before) ? size : sizeof(before);
	uint8_t *const end = buffer + size - part;
	long result;

	memcpy(before, end, part);
	result = ((vdk_getrandom_fn *)function)(buffer, size, 0, NULL, 0);
	return result == (long)size && part == sizeof(before) && !memcmp(before, end, part)
	               ? VERIFY_MALFORMED
	               : result;
}

static int64_t answer_random(const struct vdk_reference *self)
{
	uint8_t buffer[RANDOM_MAX];

	return by_syscall(syscall(SYS_getrandom, buffer, (size_t)self->data, 0));
}

static int64_t ask_flags(const struct vdk_reference *self, vdk_reference_function *function)
{
	uint8_t buffer[16];

	return ((vdk_getrandom_fn *)function)(buffer, sizeof(buffer), (uint32_t)self->data, NULL, 0);
}

static int64_t answer_flags(const struct vdk_reference *self)
{
	uint8_t buffer[16];

	return by_syscall(syscall(SYS_getrandom, buffer, sizeof(buffer), (uint32_t)self->data));
}

/* What C libraries ask first; linux/random.h: struct vgetrandom_opaque_params. */
struct state_params {
	uint32_t size, mmap_prot, mmap_flags, reserved[13];
};

/* Either it tells how large its state is, or it leaves everything to the system call. */
static int64_t ask_state(const struct vdk_reference *self, vdk_reference_function *function)
{
	struct state_params params = {0};
	const long result =
	        ((vdk_getrandom_fn *)function)(NULL, 0, 0, &params, ~(size_t)0);

	if (result == -ENOSYS)
		return 0;
	return result == 0 && (params.size == 0 || params.size > 4096) ? VERIFY_MALFORMED : result;
}

/* With a state, as a C library would keep one for a thread. */
static int64_t ask_with_state(const struct vdk_reference *self, vdk_reference_function *function)
{
	static struct state_params params;
	static void *state = MAP_FAILED;
	static uint8_t buffer[64];
	uint8_t before[sizeof(buffer)];
	long result;

	if (state == MAP_FAILED) {
		if (((vdk_getrandom_fn *)function)(NULL, 0, 0, &params, ~(size_t)0))
			return sizeof(buffer); /* it has none, and ask_state() looks at that */
		state = mmap(NULL, 4096, (int)params.mmap_prot, (int)params.mmap_flags, -1, 0);
		if (state == MAP_FAILED)
			return -errno;
	}
	memcpy(before, buffer, sizeof(buffer));
	result = ((vdk_getrandom_fn *)function)(buffer, sizeof(buffer), 0, state, params.size);
	return result == sizeof(buffer) && !memcmp(before, buffer, sizeof(buffer))
	               ? VERIFY_MALFORMED
	               : result;
}

#define RANDOM(size)                                                                               \
	&(const struct vdk_reference){.function = "getrandom", .question = #size " bytes",         \
	                              .ask = ask_random, .answer = answer_random, .data = size}
#define RANDOM_FLAGS(value, name)                                                                  \
	&(const struct vdk_reference){.function = "getrandom", .question = name, .ask = ask_flags, \
	                              .answer = answer_flags, .data = value}

static const struct vdk_reference *const randoms[] = {
	RANDOM(32), RANDOM(0), RANDOM(1), RANDOM(256), RANDOM(RANDOM_MAX),
	RANDOM_FLAGS(GRND_NONBLOCK, "GRND_NONBLOCK"),
	RANDOM_FLAGS(GRND_RANDOM | GRND_INSECURE, "flags that exclude each other"),
	RANDOM_FLAGS(INT64_C(0x80000000), "unknown flags"),
	&(const struct vdk_reference){.function = "getrandom", .question = "size of the state",
	                              .ask = ask_state, .answer = answer_0},
	&(const struct vdk_reference){.function = "getrandom", .question = "64 bytes with a state",
	                              .ask = ask_with_state, .answer = answer_random, .data = 64},
};

#define ALL(array) {array, sizeof(array) / sizeof(array[0])}

size_t verify_questions(enum verify_standard standard, const struct vdk_reference *const **ret)
{
	static const struct {
		const struct vdk_reference *const *questions;
		size_t count;
	} all[] = {
	        [VERIFY_CLOCK_GETTIME] = ALL(clocks), [VERIFY_GETTIMEOFDAY] = ALL(days),
	        [VERIFY_TIME] = ALL(times),           [VERIFY_GETCPU] = ALL(cpus),
	        [VERIFY_CLOCK_GETRES] = ALL(resolutions), [VERIFY_GETRANDOM] = ALL(randoms),
	};

	*ret = all[standard].questions;
	return all[standard].count;
}
