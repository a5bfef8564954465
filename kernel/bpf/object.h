/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BPF_OBJECT_H
#define VDK_BPF_OBJECT_H

/*
 * A BPF object that includes vdk/update-bpf.h: checked against a page's layout, completed with the
 * places of its records, loaded, attached. All errors come back as reports; what libbpf and the
 * kernel's verifier had to say is printed on standard error when loading fails.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <vdk/layout.h>
#include <vdk/report.h>

struct object;

/*
 * Open an object file that can be trusted as a publication's files. Needs no privilege.
 * Return: 0; -EPERM not to be trusted; -ENOEXEC no BPF object, or none that has a page; what
 * open(2) returns.
 */
int object_open(const char *path, struct object **ret_object, struct vdk_report *report);

/* Detaches and unloads. @object may be NULL. Return NULL. */
struct object *object_close(struct object *object);

/*
 * Complete it for a page of @layout in the map @map_fd and load it.
 * @limit: of vdk_bpf_touch(), ns; 0: for ever
 *
 * Return: 0; -EINVAL a record is not the image's, or the program writes none; -ENOEXEC the kernel's
 * verifier refuses the program, and has told why; -EPERM BPF is refused here; -EOPNOTSUPP the
 * kernel lacks what the program needs.
 */
int object_load(struct object *object, const struct vdk_layout *layout, int map_fd, uint64_t limit,
                struct vdk_report *report);

/* Enter this process as publisher in the page's header. */
int object_take_over(struct object *object, struct vdk_report *report);

/*
 * Attach every program of it, those of the kind "perf_event" to a clock that ticks each @period
 * ns on one CPU.
 * Return: 0; -EOPNOTSUPP the kernel has nothing of that name to attach to, or knows no such way;
 * -EINVAL there is no program to attach; -EPERM.
 */
int object_attach(struct object *object, uint64_t period, struct vdk_report *report);

/* "on_update (fentry/update_vsyscall), ..." */
void object_print_programs(const struct object *object, FILE *out);

#endif
