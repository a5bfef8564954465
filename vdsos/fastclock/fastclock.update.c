/* SPDX-License-Identifier: MIT */
/*
 * fastclock's publisher: looks at the kernel's clocks, and publishes a line that follows them
 *
 * At each call: does the kernel still run on the counter, did the machine sleep, was the clock
 * set? Whatever of this is a "no" makes the record say "chain" in this very call. Then the next
 * line (line.h), the offsets of the other clocks, the coarse clocks, the NTP state.
 *
 * What is published is all that a publisher needs to go on: one that takes over continues the
 * line of its predecessor if that is still within its limits, and begins a new one otherwise.
 *
 * The environment variable VDK_FASTCLOCK has what the owner chose, with commas between:
 *
 *     unordered  clock_gettime() and gettimeofday() read the counter without a fence
 *     vouched    the owner answers for the counter: that the kernel's clock runs on something else
 *                is then no obstacle, and neither is a CPU that promises nothing
 *
 * vdk-fastclock(7) says what each of them costs and gains.
 */
#include <vdk/update.h>

#include <cpuid.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/prctl.h>

#include "measure.h"

#define PERIOD_MAX 400000000u /* ns; so that a line's ticks fit into 32 bits, up to 5 GHz */
#define SLEPT_NS 1000000       /* CLOCK_BOOTTIME gained that much: a suspend, not an error */
#define GROWTH_PPM 500         /* of the error of UTC: what the kernel itself allows for */

static struct fit fit;
static struct line line;
static struct offsets known; /* as last published */
static struct fastclock record;

static bool chosen(const char *wish)
{
	const char *at = getenv("VDK_FASTCLOCK");
	const size_t size = strlen(wish);

	for (; at && *at; at += strcspn(at, ","), at += *at == ',')
		if (strcspn(at, ",") == size && !strncmp(at, wish, size))
			return true;
	return false;
}

/* Whether it can be read at all, and by readers in one instruction, nobody can vouch for. */
static bool counter_is_a_clock(void)
{
	unsigned a, b, c, d;
	int allowed = 0;

	if (prctl(PR_GET_TSC, &allowed) || allowed != PR_TSC_ENABLE)
		return false;
	/* rdtscp, and a counter of constant rate in all states of the CPU. */
	if (!__get_cpuid(0x80000001, &a, &b, &c, &d) || !(d & 1u << 27))
		return false;
	return chosen("vouched") || (__get_cpuid(0x80000007, &a, &b, &c, &d) && (d & 1u << 8));
}

/* Readers are told the offset of their own time namespace from the initial one. */
static bool in_initial_time_namespace(void)
{
	FILE *file = fopen("/proc/self/timens_offsets", "re");
	long long sec, ns;
	char clock[16];
	bool initial = true;

	while (file && fscanf(file, "%15s %lld %lld", clock, &sec, &ns) == 3)
		initial = initial && sec == 0 && ns == 0;
	if (file)
		fclose(file);
	return initial;
}

/* The auxiliary vector on the stack was changed by an attach; the kernel's copy was not. */
static bool attached(void)
{
	unsigned long auxv[128] = {0}, own = getauxval(AT_SYSINFO_EHDR);
	const int fd = open("/proc/self/auxv", O_RDONLY | O_CLOEXEC);
	const ssize_t size = fd < 0 ? 0 : read(fd, auxv, sizeof(auxv));

	if (fd >= 0)
		close(fd);
	for (ssize_t i = 0; i < size / (ssize_t)sizeof(*auxv); i += 2)
		if (auxv[i] == AT_SYSINFO_EHDR)
			return auxv[i + 1] != own;
	return false;
}

/* What cannot change while we run, looked at once. */
static enum fastclock_reason obstacle(const struct vdk_update *u)
{
	static enum fastclock_reason fixed_obstacle;
	static bool looked;

	if (!looked) {
		looked = true;
		if (!counter_is_a_clock())
			fixed_obstacle = FASTCLOCK_COUNTER;
		else if (!in_initial_time_namespace())
			fixed_obstacle = FASTCLOCK_NAMESPACE;
		else if (attached())
			fixed_obstacle = FASTCLOCK_ATTACHED;
		else if (u->period == 0 || u->period > PERIOD_MAX)
			fixed_obstacle = FASTCLOCK_PERIOD;
	}
	if (fixed_obstacle)
		return fixed_obstacle;
	return kernel_trusts_counter() || chosen("vouched") ? FASTCLOCK_NONE : FASTCLOCK_SOURCE;
}

/* ---- Between record and line ------------------------------------------------------------------ */

/* The line's value at `from` as if it had been on the slope `before` then already. */
static fixed begin_of_line(void)
{
	return line.base - (fixed)(int64_t)(line.cross - line.from) * line.before;
}

static void set_base(int clock, int64_t offset)
{
	const fixed second = (fixed)NS << FASTCLOCK_SHIFT;
	const fixed begin = begin_of_line() + ((fixed)offset << FASTCLOCK_SHIFT);
	int64_t sec = (int64_t)(begin / second);

	if (begin < sec * second)
		sec--; /* before 1970, division rounds up */
	record.base[clock].sec = sec;
	record.base[clock].nsec = (uint64_t)(begin - sec * second);
}

static void describe_line(const struct offsets *offsets)
{
	const fixed begin = begin_of_line();

	record.from = line.from;
	record.span = (uint32_t)(line.end - line.from);
	record.bend = (uint32_t)(line.cross - line.from);
	record.until = line.until;
	record.before = line.before;
	record.after = line.after;
	record.coast = line.coast;
	record.correction = (int64_t)record.bend * ((int64_t)record.before - record.after);
	record.monotonic_ns = (int64_t)(begin >> FASTCLOCK_SHIFT);
	record.realtime_ns = record.monotonic_ns + offsets->realtime;
	record.fraction = (uint32_t)(begin & ((1u << FASTCLOCK_SHIFT) - 1));
	set_base(CLOCK_MONOTONIC, 0);
	set_base(CLOCK_REALTIME, offsets->realtime);
	set_base(CLOCK_BOOTTIME, offsets->boottime);
	set_base(CLOCK_TAI, offsets->tai);
	record.state = FASTCLOCK_LINE;
	record.reason = FASTCLOCK_NONE;
	record.updates++;
}

/* What the predecessor left, be it this process's last call or another process. */
static void resume(struct vdk_update *u)
{
	vdk_last(u, fastclock, &record);
	line = (struct line){
		.live = record.span != 0,
		.from = record.from,
		.cross = record.from + record.bend,
		.end = record.from + record.span,
		.until = record.until,
		.before = record.before,
		.after = record.after,
		.coast = record.coast,
		.base = ((fixed)record.monotonic_ns << FASTCLOCK_SHIFT) + record.fraction +
		        (fixed)record.bend * record.before,
	};
	known.realtime = record.realtime_ns - record.monotonic_ns;
	known.boottime = (record.base[CLOCK_BOOTTIME].sec - record.base[CLOCK_MONOTONIC].sec) * NS +
	                 ((int64_t)(record.base[CLOCK_BOOTTIME].nsec -
	                            record.base[CLOCK_MONOTONIC].nsec) >> FASTCLOCK_SHIFT);
}

static void chain(enum fastclock_reason reason)
{
	line.live = false;
	fit = (struct fit){0};
	record.span = 0;
	record.state = FASTCLOCK_CHAIN;
	record.reason = reason;
}

/* ---- Offsets, coarse clocks, UTC -------------------------------------------------------------- */

/* Return: whether the machine slept. */
static bool follow_offsets(struct offsets *offsets, const struct timex *ntp)
{
	const bool slept = offsets->boottime > known.boottime + SLEPT_NS && line.live;

	/* What was measured better before stays: it is the same offset until the next suspend. */
	if (line.live && !slept && offsets->boottime < known.boottime)
		offsets->boottime = known.boottime;
	offsets->tai = offsets->realtime + ntp->tai * NS;
	if (line.live && offsets->realtime != known.realtime)
		record.steps++;
	return slept;
}

/* An older kit knows no such thing. */
static bool rests(const struct vdk_update *u)
{
	return u->size > offsetof(struct vdk_update, idle) && u->idle;
}

/*
 * Only when we look at least as often as the kernel ticks. The first value is a tick ahead: what
 * readers had from the kernel until now is not more than that, whenever this becomes visible.
 */
static void follow_coarse(struct vdk_update *u, const struct offsets *offsets)
{
	struct fastclock_coarse coarse = {0}, last;
	struct timespec tick = {0};
	int64_t ns = offsets->coarse, before;

	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	if (!rests(u) && u->period != 0 && u->period <= (uint64_t)tick.tv_nsec) {
		vdk_last(u, fastclock_coarse, &last);
		before = last.monotonic_sec * NS + last.monotonic_nsec - 1;
		/* One that is seconds ahead was left by another boot. */
		if (last.monotonic_nsec == 0 || before > ns + NS)
			ns += tick.tv_nsec;
		else if (ns < before)
			ns = before;
		coarse.monotonic_sec = ns / NS;
		coarse.monotonic_nsec = (uint32_t)(ns % NS) + 1;
		ns += offsets->realtime;
		coarse.realtime_sec = ns / NS - (ns % NS < 0);
		coarse.realtime_nsec = (uint32_t)(ns - coarse.realtime_sec * NS) + 1;
	}
	vdk_write(u, fastclock_coarse, &coarse);
}

/* The kernel's NTP state, or what is left of it: an error that grows by GROWTH_PPM. */
static void follow_utc(const struct timex *ntp, int state, const struct reading *now, bool stepped)
{
	const int64_t elapsed = (int64_t)(now->counter - record.utc_counter);

	if (state >= 0 && state != TIME_ERROR && !(ntp->status & STA_UNSYNC)) {
		record.sync = FASTCLOCK_SYNCHRONISED;
		record.utc_error_ns = (int64_t)ntp->maxerror * 1000 + record.error_ns;
	} else if (record.sync != FASTCLOCK_UNKNOWN && !stepped && elapsed >= 0) {
		record.sync = FASTCLOCK_FREE_RUNNING;
		record.utc_error_ns +=
		        (int64_t)(((fixed)elapsed * record.utc_growth) >> FASTCLOCK_SHIFT) + 1;
	} else {
		record.sync = FASTCLOCK_UNKNOWN;
	}
	record.utc_counter = now->counter;
	record.utc_growth = (uint32_t)(fit.slope * GROWTH_PPM * 1e-6) + 1;
}

/* ---- The update ------------------------------------------------------------------------------- */

/* Ns per tick, roughly, for the first brackets. */
static double rough_tick(void)
{
	const int64_t begin = measure_ns(CLOCK_MONOTONIC);
	const uint64_t first = counter_ordered();
	int64_t end;

	do
		end = measure_ns(CLOCK_MONOTONIC);
	while (end < begin + 1000000);
	return (double)(end - begin) / (double)(counter_ordered() - first);
}

static void follow_clock(const struct vdk_update *u, struct reading *now)
{
	static double tick;
	struct aim aim;

	if (tick == 0)
		tick = rough_tick();
	measure_clock(tick, now);
	fit_add(&fit, now);
	if (fit.slope <= 0)
		return;
	tick = fit.slope / LINE_ONE;
	aim = (struct aim){
		.now = now->counter,
		.lower = (fixed)now->ns << FASTCLOCK_SHIFT,
		.upper = (fixed)((now->ns + now->width) * 8 + 1) << (FASTCLOCK_SHIFT - 3),
		.slope = fit.slope,
		.period = (double)u->period,
	};
	record.late += line.live && (int64_t)(now->counter - line.end) >= 0;
	if (line.live) {
		const fixed off = line_at(&line, now->counter) - (aim.lower + aim.upper) / 2;

		record.offset_ns = (int64_t)(off >> FASTCLOCK_SHIFT);
	}
	switch (line_next(&line, &aim)) {
	case LINE_STARTED:
		record.starts++;
		break;
	case LINE_LOST:
		chain(FASTCLOCK_JUMP);
		return;
	case LINE_KEPT:
	case LINE_RENEWED:
		break;
	}
	/* How far the line is, and how far the kernel can slew until the line follows. */
	record.error_ns = (uint32_t)(now->width + 2 * LINE_MARGIN_NS +
	                             (fit.miss < 0 ? -fit.miss : fit.miss) +
	                             (record.offset_ns < 0 ? -record.offset_ns : record.offset_ns));
}

static void watch(struct vdk_update *u)
{
	static int fd = -1;
	uint64_t count;

	if (u->size < sizeof(*u))
		return; /* an older kit: steps are then seen at the next period */
	if (fd < 0)
		fd = kernel_watch();
	/* Cancelled timers say ECANCELED once; then they can be waited for again. */
	while (fd >= 0 && read(fd, &count, sizeof(count)) >= 0)
		;
	u->wake_fd = fd;
}

VDK_UPDATE(u)
{
	enum fastclock_reason reason = obstacle(u);
	struct offsets offsets = {0};
	struct reading now = {.counter = counter_ordered()};
	struct timex ntp;
	bool stepped;
	int state;

	if (u->count == 0)
		resume(u);
	watch(u);
	state = kernel_ntp(&ntp);
	if (!measure_realtime(&offsets)) {
		vdk_update_fail(u, -EAGAIN);
		return;
	}
	measure_boottime(&offsets);
	stepped = offsets.realtime != known.realtime;
	if (follow_offsets(&offsets, &ntp) && !reason)
		reason = FASTCLOCK_SUSPEND;
	known = offsets;
	if (reason) {
		chain(reason);
	} else {
		follow_clock(u, &now);
		if (line.live)
			describe_line(&offsets);
		else if (record.reason == FASTCLOCK_NONE)
			record.reason = FASTCLOCK_STARTING;
	}
	record.flags &= ~FASTCLOCK_UNORDERED;
	if (chosen("unordered"))
		record.flags |= FASTCLOCK_UNORDERED;
	follow_coarse(u, &offsets);
	follow_utc(&ntp, state, &now, stepped);
	vdk_write(u, fastclock, &record);
}
