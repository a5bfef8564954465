/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attach/vsyscall-clock.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vdk/lookup.h>

#include "attach/inject.h"
#include "base/cleanup.h"

/* ---- The kernel's -------------------------------------------------------------------------- */

static int kernel_gettimeofday(struct timeval *tv, struct timezone *tz)
{
	return (int)syscall(SYS_gettimeofday, tv, tz);
}

static long kernel_time(long *t)
{
	return syscall(SYS_time, t);
}

/* ---- The image's --------------------------------------------------------------------------- */

/* What the tree's programs share, and so we with them; 0 where there is none. */
static uint64_t map_state(const struct vdk_attach *attach)
{
	void *state;

	if (!attach->has_state)
		return 0;
	state = mmap(NULL, VDK_STATE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, attach->state_fd, 0);
	return state == MAP_FAILED ? 0 : (uint64_t)(uintptr_t)state;
}

/* Process page, page and image in one stretch; the image's address, or NULL. */
static uint8_t *map_image(const struct vdk_inject *inject)
{
	const struct vdk_attach *attach = inject->attach;
	const uint64_t before = VDK_PROCESS_SIZE + inject->start.page_size;
	const size_t size = before + inject->start.image_size;
	struct vdk_process_page process = inject->start.process;
	uint8_t *base, *image;

	base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (base == MAP_FAILED)
		return NULL;
	image = base + before;
	vdk_inject_process_page(inject, getpid(), inject->kernel.base, &process);
	for (int i = 0; i < VDK_CHAIN_COUNT; i++)
		if (process.chain[i] < inject->start.image_size)
			process.chain[i] += (uint64_t)(uintptr_t)image;
	process.image = (uint64_t)(uintptr_t)image;
	process.state = map_state(attach);
	memcpy(base, &process, sizeof(process));
	if ((attach->page_size &&
	     mmap(base + VDK_PROCESS_SIZE, attach->page_size, PROT_READ, MAP_SHARED | MAP_FIXED,
	          attach->page_fd, 0) == MAP_FAILED) ||
	    mmap(image, inject->start.image_size, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED,
	         attach->image_fd, 0) == MAP_FAILED) {
		munmap(base, size);
		return NULL;
	}
	mprotect(base, VDK_PROCESS_SIZE, PROT_READ);
	return image;
}

static sigjmp_buf escape;
static volatile sig_atomic_t asking;

/* The image faulted: back to whoever asked it. Any other fault is ours, and ends us. */
static void on_fault(int signal_number)
{
	if (asking)
		siglongjmp(escape, 1);
	signal(signal_number, SIG_DFL);
}

static void catch_faults(void)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
	struct sigaction action = {.sa_handler = on_fault, .sa_flags = SA_NODEFER};

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigaction(faults[i], &action, NULL);
}

void vdk_vsyscall_clock_open(const struct vdk_inject *inject, struct vdk_vsyscall_clock *ret)
{
	struct vdk_lookup_image image;
	uint8_t *base;

	*ret = (struct vdk_vsyscall_clock){kernel_gettimeofday, kernel_time};
	if (inject->attach->image_fd < 0)
		return;
	base = map_image(inject);
	if (!base || vdk_lookup_open(base, inject->start.image_size, &image))
		return;
	catch_faults();
	ret->gettimeofday = (int (*)(struct timeval *, struct timezone *))vdk_lookup_symbol(
	        &image, "__vdso_gettimeofday", "LINUX_2.6");
	ret->time = (long (*)(long *))vdk_lookup_symbol(&image, "__vdso_time", "LINUX_2.6");
	if (!ret->gettimeofday)
		ret->gettimeofday = kernel_gettimeofday;
	if (!ret->time)
		ret->time = kernel_time;
}

int vdk_vsyscall_gettimeofday(struct vdk_vsyscall_clock *clock, struct timeval *tv,
                              struct timezone *tz)
{
	int result;

	if (sigsetjmp(escape, 0)) {
		asking = 0;
		clock->gettimeofday = kernel_gettimeofday;
		return kernel_gettimeofday(tv, tz);
	}
	asking = 1;
	result = clock->gettimeofday(tv, tz);
	asking = 0;
	return result;
}

long vdk_vsyscall_time(struct vdk_vsyscall_clock *clock)
{
	long result;

	if (sigsetjmp(escape, 0)) {
		asking = 0;
		clock->time = kernel_time;
		return kernel_time(NULL);
	}
	asking = 1;
	result = clock->time(NULL);
	asking = 0;
	return result;
}

/* ---- The thread's own ---------------------------------------------------------------------- */

/*
 * /proc/TID/task/TID/stat, which stays open for the next time, since half of the cost is to open
 * it. One that was opened for a dead thread of the same number fails with ESRCH.
 */
static ssize_t read_stat(int tid, char *text, size_t size)
{
	static struct {
		int tid, fd;
	} kept[64];
	char path[48];
	ssize_t length = -1;
	const int slot = tid % 64;

	if (kept[slot].tid == tid)
		length = pread(kept[slot].fd, text, size, 0);
	if (length > 0)
		return length;
	if (kept[slot].tid)
		close(kept[slot].fd);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", tid, tid);
	kept[slot].fd = open(path, O_RDONLY | O_CLOEXEC);
	kept[slot].tid = kept[slot].fd < 0 ? 0 : tid;
	return kept[slot].fd < 0 ? -1 : pread(kept[slot].fd, text, size, 0);
}

/* The CPU is the 39th field of proc_pid_stat(5); the name, the second, may contain anything. */
static uint32_t last_cpu(int tid)
{
	char text[1024];
	const char *at;
	const ssize_t size = read_stat(tid, text, sizeof(text) - 1);

	if (size <= 0)
		return 0;
	text[size] = '\0';
	at = strrchr(text, ')');
	for (int field = 2; at && field < 39; field++)
		at = strchr(at + 1, ' ');
	return at ? (uint32_t)strtoul(at + 1, NULL, 10) : 0;
}

/* /sys/devices/system/cpu/cpuN has a link nodeM. */
static uint32_t node_of(uint32_t cpu)
{
	char path[64];
	DIR *folder;
	struct dirent *entry;
	unsigned node = 0;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u", cpu);
	folder = opendir(path);
	while (folder && (entry = readdir(folder)))
		if (sscanf(entry->d_name, "node%u", &node) == 1)
			break;
	if (folder)
		closedir(folder);
	return node;
}

void vdk_vsyscall_getcpu(int tid, uint32_t *ret_cpu, uint32_t *ret_node)
{
	/* A CPU's node does not change; one word for each, and 0 for those not asked about yet. */
	static uint32_t nodes_plus_one[1024];
	const uint32_t cpu = last_cpu(tid);
	uint32_t node;

	if (cpu < sizeof(nodes_plus_one) / sizeof(nodes_plus_one[0])) {
		if (!nodes_plus_one[cpu])
			nodes_plus_one[cpu] = node_of(cpu) + 1;
		node = nodes_plus_one[cpu] - 1;
	} else {
		node = node_of(cpu);
	}
	*ret_cpu = cpu;
	*ret_node = node;
}
