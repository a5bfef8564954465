/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BPF_REFUSAL_H
#define VDK_BPF_REFUSAL_H

#include <vdk/report.h>

/*
 * Why bpf(2) said no: what of this process, this kernel and their settings stands in the way, in
 * the order in which the kernel asks. @what is the sentence's beginning, "load a BPF program".
 * Return: -EPERM, whatever the kernel's number was: it is not possible here.
 */
int refusal_explain(const char *what, int error, struct vdk_report *report);

#endif
