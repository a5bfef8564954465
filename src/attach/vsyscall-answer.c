/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The order of things, and what each failure looks like, are those of the kernel's emulation
 * (linux: arch/x86/entry/vsyscall/vsyscall_64.c, with kernel/time/time.c and kernel/sys.c for the
 * order of the writes). A pointer of 0 means "not wanted".
 */
#include "attach/vsyscall-answer.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#include "arch-vsyscall.h"

#define PAGE UINT64_C(4096)

/* ---- The program's memory ------------------------------------------------------------------ */

/*
 * Programs that made themselves unreadable (PR_SET_DUMPABLE) refuse process_vm_readv(2), but not
 * their tracer's own requests.
 */
static size_t peek_words(int tid, uint64_t address, uint8_t *bytes, size_t size)
{
	for (size_t done = 0; done < size; done += sizeof(long)) {
		const size_t left = size - done;
		long word;

		errno = 0;
		word = ptrace(PTRACE_PEEKDATA, tid, address + done, 0);
		if (errno)
			return done;
		memcpy(bytes + done, &word, left < sizeof(word) ? left : sizeof(word));
	}
	return size;
}

size_t vdk_vsyscall_peek(int tid, uint64_t address, void *bytes, size_t size)
{
	struct iovec here = {bytes, size}, there = {(void *)(uintptr_t)address, size};
	const ssize_t done = process_vm_readv(tid, &here, 1, &there, 1, 0);

	if (done < 0 && errno == EPERM)
		return peek_words(tid, address, bytes, size);
	return done < 0 ? 0 : (size_t)done;
}

static size_t poke_words(int tid, uint64_t address, const uint8_t *bytes, size_t size)
{
	for (size_t done = 0; done < size; done += sizeof(long)) {
		const size_t left = size - done;
		uint8_t word[sizeof(long)];
		long value;

		if (peek_words(tid, address + done, word, sizeof(word)) != sizeof(word))
			return done;
		memcpy(word, bytes + done, left < sizeof(word) ? left : sizeof(word));
		memcpy(&value, word, sizeof(value));
		if (ptrace(PTRACE_POKEDATA, tid, address + done, value))
			return done;
	}
	return size;
}

/* How much of it could be written: what the program itself may not write, we do not either. */
static size_t poke(int tid, uint64_t address, const void *bytes, size_t size)
{
	struct iovec here = {(void *)(uintptr_t)bytes, size};
	struct iovec there = {(void *)(uintptr_t)address, size};
	const ssize_t done = process_vm_writev(tid, &here, 1, &there, 1, 0);

	if (done < 0 && errno == EPERM)
		return poke_words(tid, address, bytes, size);
	return done < 0 ? 0 : (size_t)done;
}

/* Write all of it or nothing, as one store of the kernel's does; it may cross a page's end. */
static bool put(int tid, uint64_t address, const void *bytes, size_t size)
{
	uint64_t before = 0;
	size_t done;

	if (address % PAGE + size <= PAGE)
		return poke(tid, address, bytes, size) == size;
	if (size > sizeof(before) || vdk_vsyscall_peek(tid, address, &before, size) != size)
		return false;
	done = poke(tid, address, bytes, size);
	if (done < size)
		poke(tid, address, &before, done);
	return done == size;
}

/* ---- The calls ----------------------------------------------------------------------------- */

/*
 * Where programs' addresses end: a page below 2^47, or below 2^56 where the kernel pages in five
 * levels, which shows in that it maps something that far up on request.
 */
static uint64_t user_end(void)
{
	static uint64_t end;
	const uint64_t four_levels = UINT64_C(1) << 47;
	void *high;

	if (end)
		return end;
	end = four_levels - PAGE;
	high = mmap((void *)(uintptr_t)(four_levels + PAGE), PAGE, PROT_NONE,
	            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (high == MAP_FAILED)
		return end;
	if ((uint64_t)(uintptr_t)high >= four_levels)
		end = (UINT64_C(1) << 56) - PAGE;
	munmap(high, PAGE);
	return end;
}

static bool is_user(uint64_t address, size_t size)
{
	return address <= user_end() - size;
}

/* Two stores, of which the second may fail alone, but within one page they do so together. */
static bool put_time(int tid, uint64_t address, const struct timeval *tv)
{
	if (address % PAGE + sizeof(*tv) <= PAGE)
		return put(tid, address, tv, sizeof(*tv));
	return put(tid, address, &tv->tv_sec, 8) && put(tid, address + 8, &tv->tv_usec, 8);
}

static bool gettimeofday_into(struct vdk_vsyscall_clock *clock, int tid, uint64_t tv_address,
                              uint64_t tz_address, int64_t *ret_result)
{
	struct timeval tv = {0};
	struct timezone tz = {0};
	const int result = vdk_vsyscall_gettimeofday(clock, tv_address ? &tv : NULL,
	                                             tz_address ? &tz : NULL);

	*ret_result = result;
	if (result)
		return true;
	if (tv_address && !put_time(tid, tv_address, &tv))
		return false;
	/* The kernel copies this one byte by byte: as many as will go. */
	return !tz_address || poke(tid, tz_address, &tz, sizeof(tz)) == sizeof(tz);
}

static bool time_into(struct vdk_vsyscall_clock *clock, int tid, uint64_t address,
                      int64_t *ret_result)
{
	const long now = vdk_vsyscall_time(clock);

	*ret_result = now;
	return !address || put(tid, address, &now, 8);
}

static bool getcpu_into(int tid, uint64_t cpu_address, uint64_t node_address)
{
	uint32_t cpu = 0, node = 0;
	bool fine = true;

	if (cpu_address || node_address)
		vdk_vsyscall_getcpu(tid, &cpu, &node);
	if (cpu_address)
		fine = put(tid, cpu_address, &cpu, 4);
	if (node_address)
		fine = put(tid, node_address, &node, 4) && fine;
	return fine;
}

/* The two pointers' sizes; 0 = the call has no such argument. */
static const struct {
	size_t first, second;
} sizes[] = {
        [VSYSCALL_GETTIMEOFDAY] = {16, 8},
        [VSYSCALL_TIME] = {8, 0},
        [VSYSCALL_GETCPU] = {4, 4},
};

enum vdk_vsyscall_outcome vdk_vsyscall_answer(struct vdk_vsyscall_clock *clock, int tid,
                                              uint64_t address,
                                              const struct vdk_registers *registers,
                                              struct vdk_vsyscall_answer *ret)
{
	const enum vsyscall_number number = vsyscall_number(address);
	const uint64_t first = vsyscall_first(registers), second = vsyscall_second(registers);
	bool fine;

	*ret = (struct vdk_vsyscall_answer){0};
	if (number == VSYSCALL_MISALIGNED ||
	    vdk_vsyscall_peek(tid, vdk_registers_sp(registers), &ret->caller, 8) != 8)
		return VDK_VSYSCALL_FAULTED;
	if (!is_user(first, sizes[number].first) ||
	    (sizes[number].second && !is_user(second, sizes[number].second))) {
		ret->address = is_user(first, sizes[number].first) ? second : first;
		return VDK_VSYSCALL_BAD_ADDRESS;
	}
	ret->late = true;
	if (number == VSYSCALL_GETTIMEOFDAY)
		fine = gettimeofday_into(clock, tid, first, second, &ret->result);
	else if (number == VSYSCALL_TIME)
		fine = time_into(clock, tid, first, &ret->result);
	else
		fine = getcpu_into(tid, first, second);
	return fine ? VDK_VSYSCALL_ANSWERED : VDK_VSYSCALL_FAULTED;
}

uint64_t vdk_vsyscall_caller(int tid, const struct vdk_registers *registers)
{
	uint64_t caller = 0;

	if (vdk_vsyscall_peek(tid, vdk_registers_sp(registers), &caller, 8) != 8)
		return 0;
	return caller;
}
