/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_DOCTOR_H
#define VDK_DOCTOR_H

/*
 * Is the vDSO used, and if not, why not? The answer is a list of findings. Each has evidence (a
 * file and what it holds, or what was measured), what it costs here, and what to do; what cannot be
 * looked at is said as such and is no finding. A note is something worth knowing that costs no
 * system call: it does not make the machine ill.
 *
 * Everything that is read lies below a root directory, "/" or a prepared tree with folders proc
 * and sys, so that each finding can be shown on a fake. What has to be measured or tried comes in
 * as struct doctor_measured: from this machine, or from the file `measured` of the tree.
 *
 * All that is read is hostile: sizes have limits, nothing but regular files is read, control
 * characters never get through, and no file of another process is opened in a way that can block.
 * One family of findings is one file; findings.c has the table of them.
 */

#include "doctor/examination.h"

/*
 * Begin with a root directory (NULL: the running system) and the name of a process in proc ("self"
 * or a number). Fills `measured` from a fake's file; the caller does it for the running system.
 *
 * Return: 0; what open(2) returns for the root; -ESRCH there is no such process; -EBADMSG the file
 * `measured` is none.
 */
int doctor_open(struct doctor *doctor, const char *root, const char *pid_name,
                struct vdk_report *report);

/* The machine, then the process. Both are complete whatever cannot be read. */
void doctor_examine(struct doctor *doctor);

void doctor_close(struct doctor *doctor);

#endif
