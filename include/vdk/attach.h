/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_H
#define VDK_ATTACH_H

/**
 * vdk/attach.h - run a program with an image attached
 *
 * At a program's exec, before its first instruction and before its dynamic loader,
 * [process page][page][image] is mapped into it in one stretch, and the AT_SYSINFO_EHDR entry of
 * its auxiliary vector is pointed at the image. From then on whatever resolves the vDSO through
 * the auxiliary vector uses the attached image. Nothing else remains: no tracer, no preload, no
 * environment variable.
 *
 * Two ways to start a program:
 *
 *   once    the program that is started, and nothing that it starts. A helper process lives until
 *           the exec is done.
 *   follow  every program that the started one and its descendants ever exec, too. A seccomp
 *           filter tells a supervisor process of each exec; between execs nobody traces anybody.
 *           The supervisor ends with the last process of the tree.
 *
 * In both, the caller's process itself becomes the program: it keeps its PID, its parent, its
 * terminal and its signals, and whoever waits for it gets the program's own exit status.
 *
 * Not attached, with a message on the program's standard error: 32-bit programs, programs that
 * gained privileges by exec (AT_SECURE), programs that another tracer holds. What a program does
 * by raw system calls passes any vDSO by.
 *
 * Threads: the calling process must be single-threaded.
 */

#include <stdbool.h>
#include <stdint.h>

#include <vdk/format.h>
#include <vdk/report.h>

/**
 * enum vdk_attach_vsyscall - what becomes of calls to the fixed vsyscall page
 *
 * AUTO:    on a kernel that does not serve the page, programs whose files contain its addresses are
 *          traced for life, and their calls answered by the image as the kernel's emulation would;
 *          other programs are not traced. On a kernel that serves the page it answers.
 * EMULATE: every program is traced, and all calls are answered by the image, on every kernel.
 * NONE:    every program is traced, calls fail with SIGSEGV on every kernel, and each place that
 *          calls is told on the program's standard error.
 *
 * A traced program cannot be traced by another, and signals and forks cost it a stop each.
 */
enum vdk_attach_vsyscall {
	VDK_ATTACH_VSYSCALL_AUTO,
	VDK_ATTACH_VSYSCALL_EMULATE,
	VDK_ATTACH_VSYSCALL_NONE
};

/**
 * struct vdk_attach - what to attach
 *
 * The descriptors are borrowed; they must stay open until the call that takes this has returned.
 * Paths make each attach cheaper: the program opens the files by itself and is given descriptors
 * only where the paths lead elsewhere (chroot, another mount namespace, an unlinked file). NULL
 * or a path that is too long means "always give descriptors".
 */
struct vdk_attach {
	int image_fd;           /* read-only; -1: hide the kernel's vDSO and attach nothing */
	const char *image_path; /* absolute, or NULL */
	uint64_t image_size;    /* of the mapping, in bytes; rounded up to 4096 by the call */
	int page_fd;            /* read-only; -1 when the image has no page */
	const char *page_path;  /* absolute, or NULL */
	uint64_t page_size;     /* in bytes; 0 when the image has no page */
	uint64_t finish;        /* offset of vdk_attach_finish in the image */
	uint64_t fallback[VDK_CHAIN_COUNT]; /* offsets of the image's system call stubs */
	enum vdk_attach_vsyscall vsyscall;
	bool no_seal; /* leave the regions movable, for programs that move or unmap their vDSO */

	/*
	 * Memory that every attached program shares and may write, VDK_STATE_SIZE bytes: the image
	 * finds it by vdk_process.state. A file open for reading and writing, with that many bytes.
	 */
	bool has_state;
	int state_fd;

	const struct vdk_attach_watch *watch; /* follow only; NULL: nobody watches */
};

/** Which system call that is. */
enum vdk_raw_kind { VDK_RAW_CLOCK_GETTIME, VDK_RAW_GETTIMEOFDAY, VDK_RAW_TIME };

/**
 * struct vdk_raw_call - a question for the time that passed every vDSO by
 */
struct vdk_raw_call {
	int tid;                   /* of the thread, which waits until the watcher returns */
	uint32_t arch;             /* AUDIT_ARCH_..., as seccomp(2) has it */
	uint32_t clock;            /* asked for; 0 where the system call has no clock */
	enum vdk_raw_kind which;
	uint64_t instruction;      /* where it asked, the address behind the system call */
};

/**
 * struct vdk_attach_watch - what the supervisor of a followed tree does beside attaching
 *
 * Functions may be NULL. They run in the supervisor's processes, which begin as copies of the
 * caller's: what they change is seen by others only in memory that was mapped shared before. They
 * have nothing of the caller's open but the descriptors of struct vdk_attach, their folder is /,
 * and while one runs no program of the tree can start: they must be brief and must not fail. Where
 * the process that runs them was killed, another one goes on.
 */
struct vdk_attach_watch {
	void *data; /* for the functions */

	/* Open a descriptor, to be polled for @readable; -1: none. Once in each process. */
	int (*begin)(void *data);
	void (*readable)(void *data);

	/* A program was started; or, not @attached, runs with the kernel's own vDSO. */
	void (*started)(void *data, int tid, bool attached);

	/*
	 * Bit i: tell of system calls for the time of clock i that were made neither by the image
	 * nor by the kernel's vDSO. Each one costs some ten microseconds, told or not. 0: none.
	 */
	uint32_t clocks;
	void (*raw_call)(void *data, const struct vdk_raw_call *call);

	/* The last process of the tree is gone; not called when the supervisor is killed. */
	void (*ended)(void *data);
};

/**
 * vdk_attach_once() - become a program with the image attached, and only that one
 * @attach: what to attach
 * @file:   the program; without a slash it is searched for in PATH
 * @argv:   its arguments, NULL-terminated
 * @report: filled on failure
 *
 * A program that cannot be attached is not run: the process ends with status 77, a message on
 * standard error.
 *
 * Return:  only on failure. -ENOENT, -EACCES, -ENOEXEC and the like: execve's own, the program
 *          was not started (@report->text begins with "cannot run"); -EPERM tracing is forbidden
 *          here; -EOPNOTSUPP this kernel or program cannot be attached to; another errno of
 *          fork(2) or pipe(2).
 */
int vdk_attach_once(const struct vdk_attach *attach, const char *file, char *const argv[],
                    struct vdk_report *report);

/**
 * vdk_attach_follow() - become a program with the image attached, and so will its descendants
 *
 * As vdk_attach_once(), and: without CAP_SYS_ADMIN the tree runs with no_new_privs, which seccomp
 * asks for, so that set-user-ID programs in it run without their privileges.
 *
 * Return: as vdk_attach_once(); -EBUSY the process already lives under a supervisor of this kind.
 */
int vdk_attach_follow(const struct vdk_attach *attach, const char *file, char *const argv[],
                      struct vdk_report *report);

#endif
