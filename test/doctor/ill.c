/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ill WHAT [COUNT] - a program that is ill in one way; without COUNT it stays and waits */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void by_libc(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
}

static void by_syscall(void)
{
	struct timespec now;

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
}

static void by_instruction(void)
{
	struct timespec now;
	long result;

	__asm__ volatile("syscall"
	                 : "=a"(result)
	                 : "a"((long)SYS_clock_gettime), "D"((long)CLOCK_REALTIME), "S"(&now)
	                 : "rcx", "r11", "memory");
}

/* Next to nothing of the time goes into the call. */
static void rarely(void)
{
	volatile int work;

	by_syscall();
	for (int i = 0; i < 3000000; i++)
		work = i;
	(void)work;
}

static void by_cpu_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
}

static void by_vsyscall(void)
{
	((time_t (*)(time_t *))(uintptr_t)0xffffffffff600400)(NULL);
}

static void deny_counter(void)
{
	prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0);
	/* Whoever ends us may read the clock. */
	prctl(PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0);
}

/* In the middle of its first page. Linux allows to change the whole image or nothing of it. */
static void overwrite(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long start, end;
	char line[300];

	while (maps && fgets(line, sizeof(line), maps)) {
		if (!strstr(line, "[vdso]") || sscanf(line, "%lx-%lx", &start, &end) != 2)
			continue;
		if (mprotect((void *)start, end - start, PROT_READ | PROT_WRITE | PROT_EXEC))
			exit(77);
		((unsigned char *)start)[0xc00] ^= 0xff;
		return;
	}
	exit(77);
}

static void *thread(void *unused)
{
	for (;;) {
		by_syscall();
		usleep(100);
	}
	return unused;
}

static void start_threads(void)
{
	pthread_t id;

	for (int i = 0; i < 4; i++)
		pthread_create(&id, NULL, thread, NULL);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*function)(void);
	} ways[] = {{"libc", by_libc}, {"syscall", by_syscall}, {"instruction", by_instruction},
	            {"cpu-clock", by_cpu_clock}, {"rarely", rarely},
	            {"vsyscall", by_vsyscall}, {"tsc", deny_counter},
	            {"overwrite", overwrite}, {"threads", start_threads}};
	const long count = argc > 2 ? atol(argv[2]) : 1;

	for (size_t i = 0; argc > 1 && i < sizeof(ways) / sizeof(ways[0]); i++)
		for (long j = 0; j < count && !strcmp(argv[1], ways[i].name); j++)
			ways[i].function();
	puts("done");
	fflush(stdout);
	/* Until it is killed. NOLINTNEXTLINE(bugprone-infinite-loop) */
	while (argc == 2)
		pause();
	return 0;
}
