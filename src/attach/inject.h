/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_INJECT_H
#define VDK_ATTACH_INJECT_H

/*
 * At the exec stop of a traced program: put the start-up code in, so that the program attaches
 * the image to itself as its first deed. Common to once and follow.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vdk/attach.h>
#include <vdk/report.h>

#include "attach/kernel.h"
#include "attach/start.h"
#include "attach/vsyscall.h"

/* Everything that is the same for each program, prepared once. */
struct vdk_inject {
	const struct vdk_attach *attach;
	struct vdk_kernel_vdso kernel;
	struct vdk_vsyscall_plan vsyscall;
	struct vdk_start start; /* template */
	size_t code_size;       /* of the start-up code, rounded up to 16 */
	size_t main_offset;     /* of vdk_start_main in it */
	int filters;            /* seccomp filters that a program has by us and our caller */
	int64_t timens_ino;     /* of this process's time namespace; 0 = the kernel has none */
};

/* What became of a program at its exec stop. All but ATTACHED leave it exactly as it was. */
enum vdk_verdict {
	VDK_VERDICT_ATTACHED,
	VDK_VERDICT_COMPAT,     /* a 32-bit program */
	VDK_VERDICT_SECURE,     /* gained privileges by this exec */
	VDK_VERDICT_NO_ENTRY,   /* no AT_SYSINFO_EHDR in its auxiliary vector */
	VDK_VERDICT_VANISHED,   /* killed meanwhile */
	VDK_VERDICT_FAILED      /* memory or registers could not be read or written */
};

/*
 * Prepare. `attach` is borrowed and must outlive `ret`.
 *
 * Return: 0; -EINVAL sizes out of range; errors of vdk_kernel_vdso_read(); an errno of fstat(2).
 */
int vdk_inject_prepare(const struct vdk_attach *attach, struct vdk_inject *ret,
                       struct vdk_report *report);

/*
 * Divert `tid`, which must be in its PTRACE_EVENT_EXEC stop, to the start-up code. The caller
 * detaches afterwards, whatever the verdict; nothing more is needed.
 *
 * @flags:     VDK_START_FATAL, VDK_START_TRACER
 * @inherited: descriptors that the program has already open, or -1: {image, page, state}
 */
enum vdk_verdict vdk_inject(const struct vdk_inject *inject, int tid, uint32_t flags,
                            const int inherited[3]);

/*
 * Fill in what differs from process to process: where the kernel vDSO's functions lie, and the
 * offsets of its time namespace. Functions that the kernel has not are offsets in the image.
 */
void vdk_inject_process_page(const struct vdk_inject *inject, int tid, uint64_t kernel_vdso,
                             struct vdk_process_page *process);

/*
 * End `tid`, which must be in its exec stop, before its first instruction: with exit status 77, or
 * by SIGKILL where its memory cannot be written. It must not run unattached. The caller detaches.
 */
void vdk_inject_exit(int tid);

/* The verdict in words, for a message: "is a 32-bit program". */
const char *vdk_verdict_text(enum vdk_verdict verdict);

#endif
