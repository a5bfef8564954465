/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The start-up code: runs inside the new program, before its first instruction.
 *
 * Everything here is compiled into one section without relocations, calls or data of its own, and
 * copied into the program by inject.c; see start.h for why and where. Compiled without sanitizers
 * and stack protection: there is no libc around it, and %fs is still 0.
 *
 * The program's registers and stack are as the kernel left them at exec; only the memory below
 * the stack pointer is used. Nothing stays open, nothing stays mapped but the three regions
 * and, where the tree has one, its state.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "arch-syscall.h"
#include "start.h"

#define START_CODE                                                                                 \
	__attribute__((section("vdk_start_text"), always_inline)) static inline

#define is_error(value) ((uint64_t)(value) >= (uint64_t)-4095)

START_CODE long sys_close(long fd)
{
	return raw_syscall(SYS_close, fd, 0, 0, 0, 0, 0);
}

START_CODE long sys_mmap(uint64_t address, uint64_t size, long protection, long flags, long fd)
{
	return raw_syscall(SYS_mmap, address, size, protection, flags, fd, 0);
}

/*
 * Open a file by path, and only if it is the very file that the supervisor has checked: in a
 * chroot or another mount namespace the same path may lead to anything.
 */
START_CODE long open_same(const char *path, uint64_t dev, uint64_t ino)
{
	struct stat status;
	const long fd = raw_syscall(SYS_openat, AT_FDCWD, (uint64_t)path,
	                            O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0, 0,
	                            0);

	if (is_error(fd))
		return fd;
	/* The kernel fills it. NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult) */
	if (!raw_syscall(SYS_fstat, fd, (uint64_t)&status, 0, 0, 0, 0) && status.st_dev == dev &&
	    status.st_ino == ino)
		return fd;
	sys_close(fd);
	return -1;
}

/*
 * A descriptor for the image or the page: inherited, opened by path, or brought by the follow
 * supervisor. The last is asked for by an execve whose path is a number that no pointer can be;
 * the supervisor, which is notified of every execve, answers it with a new descriptor. Without a
 * supervisor it is an ordinary execve that fails.
 */
START_CODE long descriptor(long inherited, const char *path, uint64_t dev, uint64_t ino, long which)
{
	long opened = -1, brought;

	if (inherited >= 0)
		return inherited;
	if (path)
		opened = open_same(path, dev, ino);
	if (!is_error(opened))
		return opened;
	brought = raw_syscall(SYS_execve, VDK_START_ASK, which, 0, 0, 0, 0);
	/* Where the file is out of reach both fail; what open said is the reason to be told. */
	return is_error(brought) && opened != -1 ? opened : brought;
}

/*
 * Say on the program's standard error which step failed. The supervisor prepared the sentence; the
 * step and the error number are filled in here, where there is no libc to say it with.
 */
START_CODE void complain(const struct vdk_start *p, char step, long error)
{
	volatile char text[VDK_START_TEXT_MAX];
	unsigned number = (unsigned)-error;

	for (size_t i = 0; i < VDK_START_TEXT_MAX; i++)
		text[i] = p->text[i];
	text[p->text_step] = step;
	for (size_t i = 0; i < 4; i++, number /= 10)
		text[p->text_error + 3 - i] = (char)('0' + number % 10);
	raw_syscall(SYS_write, 2, (uint64_t)text, p->text_size, 0, 0, 0);
}

/*
 * It did not work. End the program where it must not run unattached; otherwise start it without
 * an image: from a page of our own where we get one, and then the kernel's vDSO can be shown again;
 * else without any, because the page that the entry points to is still ours.
 */
START_CODE __attribute__((noreturn)) void give_up(const struct vdk_start *p, char step, long error)
{
	long page;

	complain(p, step, error);
	if (p->flags & VDK_START_FATAL)
		for (;;)
			raw_syscall(SYS_exit_group, p->exit_code, 0, 0, 0, 0, 0);
	page = sys_mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	if (!is_error(page)) {
		for (size_t i = 0; i < sizeof(p->finish_code); i++)
			((volatile uint8_t *)page)[i] = p->finish_code[i];
		if (!raw_syscall(SYS_mprotect, page, 4096, PROT_READ | PROT_EXEC, 0, 0, 0)) {
			*(volatile uint64_t *)p->auxv_entry = AT_SYSINFO_EHDR;
			raw_finish(page, p->borrowed, p->stack, p->entry);
		}
	}
	raw_enter(p->stack, p->entry);
}

/* Fill the process page: the template, with the image's address added where it is wanted. */
START_CODE void fill_process_page(const struct vdk_start *p, uint64_t where, uint64_t image)
{
	const uint64_t *from = (const uint64_t *)&p->process;
	volatile uint64_t *to = (volatile uint64_t *)where;
	volatile struct vdk_process_page *page = (volatile struct vdk_process_page *)where;

	for (size_t i = 0; i < sizeof(p->process) / sizeof(*from); i++)
		to[i] = from[i];
	for (size_t i = 0; i < VDK_CHAIN_COUNT; i++)
		if (page->chain[i] < p->image_size)
			page->chain[i] += image;
	page->image = image;
}

/* The memory that the tree shares; no path leads to it, so that only the tree has it. */
START_CODE long map_state(const struct vdk_start *p, uint64_t process)
{
	const long fd = descriptor(p->state_fd, NULL, 0, 0, VDK_START_ASK_STATE);
	long state;

	if (is_error(fd))
		return fd;
	state = raw_syscall(SYS_mmap, 0, p->state_size, PROT_READ | PROT_WRITE, MAP_SHARED,
	                    (uint64_t)fd, 0);
	sys_close(fd);
	if (is_error(state))
		return state;
	if (p->flags & VDK_START_SEAL)
		raw_syscall(SYS_mseal, (uint64_t)state, p->state_size, 0, 0, 0, 0);
	((volatile struct vdk_process_page *)process)->state = (uint64_t)state;
	return 0;
}

/*
 * One stretch for process page, page and image, so that they come to lie side by side whatever else
 * is mapped; then page and image over their parts of it. @step tells who failed; vdk-run(1) has
 * the list. Return: where the stretch begins, or a negative errno.
 */
START_CODE long map_parts(const struct vdk_start *p, volatile char *step)
{
	const uint64_t total = VDK_PROCESS_SIZE + p->page_size + p->image_size;
	long image_fd, page_fd = -1, base, mapped;

	*step = 'a';
	image_fd = descriptor(p->image_fd,
	                      p->flags & VDK_START_NO_IMAGE_PATH ? NULL : p->image_path,
	                      p->image_dev, p->image_ino, VDK_START_ASK_IMAGE);
	if (is_error(image_fd))
		return image_fd;
	*step = 'b';
	if (p->page_size)
		page_fd = descriptor(p->page_fd,
		                     p->flags & VDK_START_NO_PAGE_PATH ? NULL : p->page_path,
		                     p->page_dev, p->page_ino, VDK_START_ASK_PAGE);
	if (p->page_size && is_error(page_fd))
		return page_fd;
	*step = 'c';
	base = sys_mmap(0, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	if (is_error(base))
		return base;
	*step = 'd';
	if (p->page_size) {
		mapped = sys_mmap(base + VDK_PROCESS_SIZE, p->page_size, PROT_READ,
		                  MAP_SHARED | MAP_FIXED, page_fd);
		if (is_error(mapped))
			return mapped;
		sys_close(page_fd);
	}
	*step = 'e';
	mapped = sys_mmap(base + VDK_PROCESS_SIZE + p->page_size, p->image_size,
	                  PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, image_fd);
	if (is_error(mapped))
		return mapped;
	sys_close(image_fd);
	return base;
}

/* Nothing of it changes any more. Return: 0, or a negative errno. */
START_CODE long finish_parts(const struct vdk_start *p, uint64_t base, volatile char *step)
{
	const uint64_t total = VDK_PROCESS_SIZE + p->page_size + p->image_size;
	long result = 0;

	fill_process_page(p, base, base + VDK_PROCESS_SIZE + p->page_size);
	*step = 'g';
	if (p->state_size)
		result = map_state(p, base);
	if (is_error(result))
		return result;
	*step = 'f';
	result = raw_syscall(SYS_mprotect, base, VDK_PROCESS_SIZE, PROT_READ, 0, 0, 0);
	/* Linux 6.10 has mseal; where it is missing the regions stay as mutable as any library's. */
	if (!is_error(result) && p->flags & VDK_START_SEAL)
		raw_syscall(SYS_mseal, base, total, 0, 0, 0, 0);
	return result;
}

/* Entered from the exec stop with the parameters' address as the first argument. */
__attribute__((section("vdk_start_text"), used, noreturn)) void
vdk_start_main(const struct vdk_start *p)
{
	volatile uint64_t *entry = (volatile uint64_t *)p->auxv_entry;
	volatile char step = 0;
	long base, result;
	uint64_t image;

	/* Refused where the supervisor could not start one: it has told, and we go on without. */
	if (p->flags & VDK_START_TRACER)
		raw_syscall(SYS_execve, VDK_START_ASK, VDK_START_ASK_TRACER, 0, 0, 0, 0);
	if (p->flags & VDK_START_BARE)
		raw_enter(p->stack, p->entry);
	result = base = map_parts(p, &step);
	if (!is_error(base))
		result = finish_parts(p, (uint64_t)base, &step);
	if (is_error(result))
		give_up(p, step, result);

	image = (uint64_t)base + VDK_PROCESS_SIZE + p->page_size;
	entry[0] = AT_SYSINFO_EHDR;
	entry[1] = image;
	raw_finish(image + p->finish, p->borrowed, p->stack, p->entry);
}
