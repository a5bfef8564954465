/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BPF_PAGEMAP_H
#define VDK_BPF_PAGEMAP_H

/*
 * The map that is a page: made from an image's note, frozen, and pinned in the runtime directory's
 * own bpffs. Behind the page, where no reader maps, are the writers' guards.
 */

#include <stdbool.h>

#include <vdk/layout.h>
#include <vdk/note.h>
#include <vdk/report.h>

/* Bytes of the map for a page of this layout: the page and a guard for each record. */
uint32_t pagemap_size(const struct vdk_layout *layout);

/* Where the guard of the record with that index lies in the map. */
uint32_t pagemap_guard(const struct vdk_layout *layout, uint32_t record);

/* A new map with header and table, every record as never written, not frozen. */
int pagemap_create(const struct vdk_note *note, const struct vdk_layout *layout, const char *name,
                   int *ret_fd, struct vdk_report *report);

/* From now on nobody but BPF programs writes it. */
int pagemap_freeze(int fd, struct vdk_report *report);

/* Make RUNTIME_DIR/.bpf a bpffs, if it is none yet, and pin the map there. */
int pagemap_pin(int fd, int runtime_fd, const char *pin, bool only_owner,
                struct vdk_report *report);

#endif
