/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attach/inject.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch-registers.h"
#include "arch-syscall.h"
#include "attach/stack.h"
#include "attach/thread.h"
#include "base/cleanup.h"

#define ALIGN_UP(value, unit) (((value) + (unit)-1) / (unit) * (unit))

/* How a program ends that must not run unattached; vdk-run(1) promises it. */
#define EXIT_NOT_ATTACHED 77

/* A GiB is no image and no page any more, but a mistake in its size. */
#define REGION_MAX ((uint64_t)1 << 30)

static int identify(int fd, const char *path, uint64_t *ret_dev, uint64_t *ret_ino,
                    char start_path[VDK_START_PATH_MAX], uint32_t no_path, uint32_t *flags)
{
	struct stat status;

	if (fstat(fd, &status))
		return -errno;
	*ret_dev = status.st_dev;
	*ret_ino = status.st_ino;
	if (!path || path[0] != '/' || strlen(path) >= VDK_START_PATH_MAX)
		*flags |= no_path;
	else
		strcpy(start_path, path);
	return 0;
}

/* The inode of a process's time namespace; 0 where the kernel has none. */
static int64_t time_namespace(const char *link)
{
	char text[64];
	const ssize_t length = readlink(link, text, sizeof(text) - 1);
	int64_t ino;

	if (length < 0)
		return 0;
	text[length] = '\0';
	return sscanf(text, "time:[%" SCNd64 "]", &ino) == 1 ? ino : 0;
}

static void prepare_text(struct vdk_start *start)
{
	const int length = snprintf(start->text, sizeof(start->text),
	                            "vdk run: cannot attach the vDSO to this program: "
	                            "step ?, error 0000 (see vdk-run(1))\n");

	start->text_size = (uint32_t)length;
	start->text_step = (uint32_t)(strchr(start->text, '?') - start->text);
	start->text_error = (uint32_t)(strstr(start->text, "0000") - start->text);
}

/* Code jumps there: at the end of each attach, and where the kernel has no function to chain to. */
static bool has_stubs(const struct vdk_attach *attach)
{
	bool all = attach->finish != 0;

	for (int i = 0; i < VDK_CHAIN_COUNT; i++)
		all = all && attach->fallback[i];
	return all;
}

/* Before Linux 6.10 nobody can, and then no program needs to be asked for its filters at its exec. */
static bool can_seal(void)
{
	return syscall(SYS_mseal, 0, 0, 0) == 0; /* nothing at all is sealed */
}

static int check_image(const struct vdk_attach *attach, struct vdk_report *report)
{
	if (!attach->image_size || attach->image_size > REGION_MAX ||
	    attach->page_size > REGION_MAX || attach->page_size % 4096 ||
	    attach->finish >= attach->image_size)
		return vdk_report_set(report, -EINVAL, attach->image_path,
		                      "image of %llu bytes with a page of %llu bytes and its end "
		                      "routine at offset %llu cannot be mapped",
		                      (unsigned long long)attach->image_size,
		                      (unsigned long long)attach->page_size,
		                      (unsigned long long)attach->finish);
	if (!has_stubs(attach))
		return vdk_report_set(report, -EOPNOTSUPP, attach->image_path,
		                      "lacks the routine that ends an attach, or a stub that makes a "
		                      "system call; rebuild it with `vdk build`");
	return 0;
}

/* Which files they are, so that the start-up code opens these and no others. */
static int prepare_files(const struct vdk_attach *attach, struct vdk_start *start,
                         struct vdk_report *report)
{
	int error = identify(attach->image_fd, attach->image_path, &start->image_dev,
	                     &start->image_ino, start->image_path, VDK_START_NO_IMAGE_PATH,
	                     &start->flags);

	if (!error && attach->page_size)
		error = identify(attach->page_fd, attach->page_path, &start->page_dev,
		                 &start->page_ino, start->page_path, VDK_START_NO_PAGE_PATH,
		                 &start->flags);
	if (error)
		return vdk_report_set(report, error, attach->image_path, "cannot stat: %s",
		                      strerror(-error));
	/* The page dropped last must bring its own way out: see give_up() in start.c. */
	error = pread(attach->image_fd, start->finish_code, sizeof(start->finish_code),
	              (off_t)attach->finish) < 0 ? -errno : 0;
	return error ? vdk_report_set(report, error, attach->image_path, "cannot read: %s",
	                              strerror(-error))
	             : 0;
}

int vdk_inject_prepare(const struct vdk_attach *attach, struct vdk_inject *ret,
                       struct vdk_report *report)
{
	struct vdk_start *start = &ret->start;
	int error;

	memset(ret, 0, sizeof(*ret));
	ret->attach = attach;
	vdk_vsyscall_plan_make(attach->vsyscall, &ret->vsyscall);
	ret->code_size = ALIGN_UP((size_t)(__stop_vdk_start_text - __start_vdk_start_text), 16);
	ret->main_offset = (size_t)((const uint8_t *)(uintptr_t)vdk_start_main -
	                            __start_vdk_start_text);
	if (attach->image_fd < 0) /* no vDSO for them: nothing else to prepare */
		return 0;
	error = check_image(attach, report);
	if (error)
		return error;
	error = vdk_kernel_vdso_read(&ret->kernel, report);
	if (error)
		return error;
	ret->timens_ino = time_namespace("/proc/self/ns/time");

	start->image_size = ALIGN_UP(attach->image_size, 4096);
	start->page_size = attach->page_size;
	start->state_size = attach->has_state ? VDK_STATE_SIZE : 0;
	start->finish = attach->finish;
	start->flags = !attach->no_seal && can_seal() ? VDK_START_SEAL : 0;
	ret->filters = vdk_thread_filters(getpid()) + vdk_vsyscall_has_filter(&ret->vsyscall);
	error = prepare_files(attach, start, report);
	if (error)
		return error;
	memcpy(start->process.magic, VDK_PROCESS_MAGIC, sizeof(start->process.magic));
	start->process.version = VDK_PROCESS_VERSION;
	start->process.page_size = attach->page_size;
	start->process.image_size = start->image_size;
	start->process.image_dev = start->image_dev;
	start->process.image_ino = start->image_ino;
	prepare_text(start);
	return 0;
}

/* Linux' PROC_TIME_INIT_INO, the same on every machine; TIME_NS_INIT_INO of newer headers. */
#define INITIAL_TIME_NAMESPACE 0xeffffffa

/* The offsets of another time namespace, so that as_of and void_after mean the same there. */
static void read_time_offsets(int tid, struct vdk_process_page *process)
{
	char path[48];
	vdk_cleanup_fclose FILE *file = NULL;
	long long seconds, nanoseconds;
	char clock[32];

	snprintf(path, sizeof(path), "/proc/%d/timens_offsets", tid);
	file = fopen(path, "re");
	while (file && fscanf(file, "%31s %lld %lld", clock, &seconds, &nanoseconds) == 3) {
		const int64_t offset = (int64_t)seconds * 1000000000 + nanoseconds;

		if (!strcmp(clock, "monotonic"))
			process->monotonic_offset = offset;
		else if (!strcmp(clock, "boottime"))
			process->boottime_offset = offset;
	}
}

static int open_memory(int tid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/mem", tid);
	return open(path, O_RDWR | O_CLOEXEC);
}

/* FOLL_FORCE by another door, for kernels that restrict writes to /proc/PID/mem (Linux 6.12). */
static int poke(int tid, uint64_t address, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i += 8) {
		long word;

		memcpy(&word, bytes + i, 8);
		if (ptrace(PTRACE_POKEDATA, tid, address + i, word))
			return -errno;
	}
	return 0;
}

static int write_code(int memory, int tid, uint64_t address, const uint8_t *bytes, size_t size)
{
	if (pwrite(memory, bytes, size, (off_t)address) == (ssize_t)size)
		return 0;
	return poke(tid, address, bytes, size);
}

void vdk_inject_process_page(const struct vdk_inject *inject, int tid, uint64_t kernel_vdso,
                             struct vdk_process_page *process)
{
	char link[32];

	process->kernel_vdso = kernel_vdso;
	for (int i = 0; i < VDK_CHAIN_COUNT; i++)
		process->chain[i] = inject->kernel.offset[i] ? kernel_vdso + inject->kernel.offset[i]
		                                             : inject->attach->fallback[i];
	/* Only a page has times in it that another time namespace would read wrongly. */
	if (!inject->start.page_size || !inject->timens_ino)
		return;
	snprintf(link, sizeof(link), "/proc/%d/ns/time", tid);
	/* Ours says nothing: page times are the initial one's, and we may live in another, too. */
	if (time_namespace(link) != INITIAL_TIME_NAMESPACE)
		read_time_offsets(tid, process);
}

static void fill_start(const struct vdk_inject *inject, int tid, const struct vdk_stack *stack,
                       const struct vdk_registers *registers, uint32_t flags,
                       const int inherited[3], struct vdk_start *start)
{
	*start = inject->start;
	start->entry = vdk_registers_ip(registers);
	start->stack = vdk_registers_sp(registers);
	start->auxv_entry = stack->vdso_entry;
	start->borrowed = stack->vdso;
	start->flags |= flags;
	/* A filter of the program's own may end who makes a call that it does not know, as new as mseal. */
	if (start->flags & VDK_START_SEAL && vdk_thread_filters(tid) > inject->filters)
		start->flags &= ~(uint32_t)VDK_START_SEAL;
	start->exit_code = EXIT_NOT_ATTACHED;
	start->image_fd = inherited[0];
	start->page_fd = inherited[1];
	start->state_fd = inherited[2];
	vdk_inject_process_page(inject, tid, stack->vdso, &start->process);
}

/*
 * From here on the program has no vDSO: the entry's type becomes AT_IGNORE. A value of 0 would do
 * for most, but there are C libraries that follow it unasked.
 */
static enum vdk_verdict hide_vdso(int memory, const struct vdk_stack *stack)
{
	const uint64_t type = AT_IGNORE;

	if (stack->vdso_entry &&
	    pwrite(memory, &type, sizeof(type), (off_t)stack->vdso_entry) != sizeof(type))
		return VDK_VERDICT_FAILED;
	return VDK_VERDICT_ATTACHED;
}

/*
 * We may be killed between any two steps, and the program then starts as it is. Code over a vDSO
 * that it still finds would be read as an ELF header, and crash it: so the vDSO is hidden first,
 * for the start-up code to show again. A program that starts in between goes without.
 */
static enum vdk_verdict put_code(int memory, int tid, const struct vdk_stack *stack,
                                 const uint8_t *code, size_t size)
{
	const enum vdk_verdict hidden = hide_vdso(memory, stack);

	if (hidden != VDK_VERDICT_ATTACHED)
		return hidden;
	return write_code(memory, tid, stack->vdso, code, size) ? VDK_VERDICT_FAILED
	                                                        : VDK_VERDICT_ATTACHED;
}

static enum vdk_verdict try_inject(const struct vdk_inject *inject, int tid, uint32_t flags,
                                   const int inherited[3])
{
	_Alignas(16) uint8_t bytes[4096];
	vdk_cleanup_close int memory = -1;
	struct vdk_registers registers;
	struct vdk_stack stack;
	const size_t size = inject->code_size + sizeof(struct vdk_start);
	enum vdk_verdict verdict;
	int error = vdk_registers_read(tid, &registers);

	_Static_assert(sizeof(struct vdk_start) % 8 == 0, "written in words");
	if (error == -ENOEXEC)
		return VDK_VERDICT_COMPAT;
	if (error)
		return error == -ESRCH ? VDK_VERDICT_VANISHED : VDK_VERDICT_FAILED;
	memory = open_memory(tid);
	if (memory < 0)
		return errno == ENOENT ? VDK_VERDICT_VANISHED : VDK_VERDICT_FAILED;
	if (vdk_stack_read(memory, vdk_registers_sp(&registers), &stack) || size > sizeof(bytes))
		return VDK_VERDICT_FAILED;
	if (stack.secure)
		return VDK_VERDICT_SECURE;
	if (inject->attach->image_fd < 0 && !(flags & VDK_START_TRACER))
		return hide_vdso(memory, &stack);
	if (inject->attach->image_fd < 0)
		flags |= VDK_START_BARE;
	if (!stack.vdso_entry || !stack.vdso)
		return VDK_VERDICT_NO_ENTRY;

	memset(bytes, 0, inject->code_size);
	memcpy(bytes, __start_vdk_start_text,
	       (size_t)(__stop_vdk_start_text - __start_vdk_start_text));
	fill_start(inject, tid, &stack, &registers, flags, inherited,
	           (struct vdk_start *)(bytes + inject->code_size));
	verdict = put_code(memory, tid, &stack, bytes, size);
	if (verdict != VDK_VERDICT_ATTACHED)
		return verdict;
	/* The last step: before it the program starts without the code. */
	vdk_registers_divert(&registers, stack.vdso + inject->main_offset,
	                     stack.vdso + inject->code_size);
	return vdk_registers_write(tid, &registers) ? VDK_VERDICT_FAILED : VDK_VERDICT_ATTACHED;
}

enum vdk_verdict vdk_inject(const struct vdk_inject *inject, int tid, uint32_t flags,
                            const int inherited[3])
{
	const enum vdk_verdict verdict = try_inject(inject, tid, flags, inherited);
	struct vdk_registers registers;

	/* A SIGKILL ends the stop, too, and then nothing of the program can be read or written. */
	if (verdict == VDK_VERDICT_FAILED && vdk_registers_read(tid, &registers) == -ESRCH)
		return VDK_VERDICT_VANISHED;
	return verdict;
}

void vdk_inject_exit(int tid)
{
	vdk_cleanup_close int memory = open_memory(tid);
	uint8_t code[16];
	uint64_t ip = 0;

	if (vdk_registers_exit(tid, EXIT_NOT_ATTACHED, &ip, code) ||
	    write_code(memory, tid, ip, code, sizeof(code)))
		kill(tid, SIGKILL);
}

const char *vdk_verdict_text(enum vdk_verdict verdict)
{
	switch (verdict) {
	case VDK_VERDICT_ATTACHED:
		return "is attached";
	case VDK_VERDICT_COMPAT:
		return "is a 32-bit program; the image is a 64-bit one";
	case VDK_VERDICT_SECURE:
		return "gained privileges by its exec (set-user-ID or file capabilities)";
	case VDK_VERDICT_NO_ENTRY:
		return "has no vDSO entry in its auxiliary vector (kernel booted with vdso=0)";
	case VDK_VERDICT_VANISHED:
		return "was killed while it started";
	default:
		return "could not be read or written at its exec";
	}
}
