/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * torture-clocks - watch clocks while they are set, and while the machine sleeps
 *
 *     watch SLOT true           clocks are the system call's: CLOCK_REALTIME, BOOTTIME, MONOTONIC
 *     watch SLOT ahead SECONDS  CLOCK_REALTIME is that far ahead of the system call's
 *     watch SLOT still SECONDS  CLOCK_REALTIME stands there
 *     steps SECONDS...          set CLOCK_REALTIME by so much, wait for all watchers after each
 *     burst COUNT               set it at random so often without waiting, then to what is right
 *     settle                    wait for all watchers
 *     report                    SLOT READS BACK OFF WORST, and count anew: reads of clocks that
 *                               nobody may set, steps back among them, rounds with a wrong time,
 *                               the worst step back in ns
 *     slept                     CLOCK_BOOTTIME less CLOCK_MONOTONIC, ms
 *     awake                     CLOCK_MONOTONIC, ms
 *
 * Watchers run with an image attached until they are killed, on both CPUs in turn, and write what
 * they see into the file `watchers`, which the other commands read. A watcher goes round: clocks
 * that nobody may set, many times, and then once beside the system call. Rounds are counted, so
 * that whoever changed something can tell a round that began afterwards.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NS 1000000000ll
#define SLOTS 3
#define NEAR_NS 2000000 /* an emulated CPU may be put aside between two looks */
#define PATIENCE_NS (10 * NS)

/* Written by the watcher; a report sets the counters back to zero, and may lose a round's. */
struct watcher {
	_Atomic uint64_t began, ended; /* rounds */
	_Atomic int64_t apart;         /* ns, in the last one that ended */
	_Atomic uint64_t reads, back, off;
	_Atomic int64_t worst; /* of the steps back, ns */
};

static struct watcher *watchers;

static int64_t now_by_call(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NS + now.tv_nsec;
}

static int64_t now_by_kernel(clockid_t clock)
{
	struct timespec now;

	syscall(SYS_clock_gettime, clock, &now);
	return now.tv_sec * NS + now.tv_nsec;
}

static void rest(long ns)
{
	const struct timespec pause = {.tv_nsec = ns};

	nanosleep(&pause, NULL);
}

static int map_watchers(void)
{
	const int fd = open("watchers", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, SLOTS * sizeof(*watchers)))
		return -1;
	watchers = mmap(NULL, SLOTS * sizeof(*watchers), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return watchers == MAP_FAILED ? -1 : 0;
}

/* ---- A watcher ------------------------------------------------------------------------------- */

/* How far outside of two system calls around it; the least of some tries. */
static int64_t apart(clockid_t clock, int64_t ahead)
{
	int64_t least = INT64_MAX;

	for (int i = 0; i < 5; i++) {
		const int64_t before = now_by_kernel(clock), now = now_by_call(clock) - ahead,
		              after = now_by_kernel(clock);
		const int64_t off = now < before ? before - now : now > after ? now - after : 0;

		least = off < least ? off : least;
	}
	return least;
}

static int64_t look(const char *what, int64_t ns)
{
	const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_BOOTTIME, CLOCK_MONOTONIC};
	int64_t worst = 0;

	if (!strcmp(what, "still"))
		return llabs(now_by_call(CLOCK_REALTIME) - ns);
	if (!strcmp(what, "ahead"))
		return apart(CLOCK_REALTIME, ns);
	for (int i = 0; i < 3; i++) {
		const int64_t off = apart(clocks[i], 0);

		worst = off > worst ? off : worst;
	}
	return worst;
}

static void read_steady(struct watcher *own)
{
	static const clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_MONOTONIC_RAW,
	                                   CLOCK_MONOTONIC_COARSE};
	static int64_t last[4];

	for (int i = 0; i < 400; i++) {
		const int64_t now = now_by_call(clocks[i % 4]), fell = last[i % 4] - now;

		own->reads++;
		if (fell > 0) {
			own->back++;
			own->worst = fell > own->worst ? fell : own->worst;
		}
		last[i % 4] = now;
	}
}

static _Noreturn void watch(struct watcher *own, const char *what, int64_t ns)
{
	for (unsigned round = 0;; round++) {
		cpu_set_t cpu;

		CPU_ZERO(&cpu);
		CPU_SET(round % 2, &cpu);
		sched_setaffinity(0, sizeof(cpu), &cpu); /* the second one is away at times */
		own->began++;
		read_steady(own);
		own->apart = look(what, ns);
		own->off += own->apart > (strcmp(what, "still") ? NEAR_NS : 0);
		own->ended = own->began;
		rest(2000000);
	}
}

/* ---- Whoever sets the clock ------------------------------------------------------------------ */

/* Until each watcher has ended a round that began after this and in which its clock was right. */
static int settle(int64_t *ret_ns)
{
	const int64_t begin = now_by_kernel(CLOCK_MONOTONIC_RAW);

	for (int i = 0; i < SLOTS; i++) {
		const uint64_t began = watchers[i].began;

		while (watchers[i].ended <= began || watchers[i].apart > NEAR_NS) {
			if (now_by_kernel(CLOCK_MONOTONIC_RAW) - begin > PATIENCE_NS) {
				printf("watcher %d: round %" PRIu64 " of %" PRIu64 ", %" PRId64
				       " ns apart\n", i, watchers[i].ended, watchers[i].began,
				       watchers[i].apart);
				return 1;
			}
			rest(500000);
		}
	}
	*ret_ns = now_by_kernel(CLOCK_MONOTONIC_RAW) - begin;
	return 0;
}

static int set(int64_t ns)
{
	const struct timespec time = {.tv_sec = ns / NS, .tv_nsec = ns % NS};

	if (syscall(SYS_clock_settime, CLOCK_REALTIME, &time) == 0)
		return 0;
	perror("clock_settime");
	return 1;
}

static int steps(char **argv)
{
	int64_t took = 0, longest = 0;

	for (; *argv; argv++) {
		if (set(now_by_kernel(CLOCK_REALTIME) + atoll(*argv) * NS) || settle(&took)) {
			printf("after a step of %s s\n", *argv);
			return 1;
		}
		longest = took > longest ? took : longest;
	}
	printf("followed within %" PRId64 " ms\n", longest / 1000000);
	return 0;
}

static int burst(long count)
{
	const int64_t right = now_by_kernel(CLOCK_REALTIME) - now_by_kernel(CLOCK_MONOTONIC_RAW);
	int64_t took = 0;

	srandom(4711);
	for (long i = 0; i < count; i++) {
		/* Up to 18 years, most of them much less. */
		const int64_t by = (random() - (1ll << 30)) * (1ll << random() % 30);

		if (set(right + now_by_kernel(CLOCK_MONOTONIC_RAW) + by))
			return 1;
		rest(random() % 3000000);
	}
	if (set(right + now_by_kernel(CLOCK_MONOTONIC_RAW)) || settle(&took))
		return 1;
	printf("right again within %" PRId64 " ms\n", took / 1000000);
	return 0;
}

static int report(void)
{
	for (int i = 0; i < SLOTS; i++) {
		struct watcher *const w = &watchers[i];

		printf("%d %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRId64 "\n", i, w->reads, w->back,
		       w->off, w->worst);
		w->reads = w->back = w->off = 0;
		w->worst = 0;
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int64_t took = 0;

	if (!strcmp(what, "slept"))
		return printf("%" PRId64 "\n", (now_by_call(CLOCK_BOOTTIME) -
		                                now_by_call(CLOCK_MONOTONIC)) / 1000000) < 0;
	if (!strcmp(what, "awake"))
		return printf("%" PRId64 "\n", now_by_call(CLOCK_MONOTONIC) / 1000000) < 0;
	if (map_watchers())
		return 3;
	if (!strcmp(what, "watch") && argc > 3 && (unsigned)atoi(argv[2]) < SLOTS)
		watch(&watchers[atoi(argv[2])], argv[3], argc > 4 ? atoll(argv[4]) * NS : 0);
	if (!strcmp(what, "steps"))
		return steps(argv + 2);
	if (!strcmp(what, "burst") && argc > 2)
		return burst(atol(argv[2]));
	if (!strcmp(what, "settle"))
		return settle(&took);
	return strcmp(what, "report") ? 2 : report();
}
