/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_PUBLISH_MAP_H
#define VDK_PUBLISH_MAP_H

/*
 * Pages that a BPF program of the kernel writes. Such a page is a BPF array map of one element,
 * BPF_F_MMAPABLE, whose first bytes are those of any page. A map is no file: it has a descriptor,
 * which maps like a file's but cannot be read, and a pin, a name in a bpffs that gives new
 * descriptors. In a publication `page` is then a symbolic link to that pin,
 *
 *     RUNTIME_DIR/NAME/page -> ../.bpf/NAME-XXXXXX
 *
 * and .bpf is a bpffs of the runtime directory's own: /sys/fs/bpf is closed to all but root on
 * many systems. Each publication has its own pin, as a file's page has its own hard link.
 *
 * A map's descriptor that may only read cannot be mapped at all (linux: kernel/bpf/syscall.c,
 * bpf_map_mmap(), wants VM_SHARED, which a descriptor without FMODE_WRITE never gets). So the pin
 * has to give everybody a descriptor to read and write, and what keeps users from writing is that
 * the map is frozen (BPF_MAP_FREEZE): from then on the kernel refuses every write from user space,
 * root's too, and no mapping is or becomes writable. An unfrozen map is refused as a page.
 */

#include <stddef.h>
#include <stdint.h>

#include <vdk/report.h>

/* In the runtime directory; no publication's name begins with a dot. */
#define VDK_MAP_DIR ".bpf"
#define VDK_MAP_LINK "../" VDK_MAP_DIR "/"

/* Room for a pin's name. */
#define VDK_MAP_PIN_MAX 128

/*
 * What `page` in @dir_fd links to, if it is a link of that form and the pin's name is one.
 * Return: 1 with *ret_pin filled; 0 it is none.
 */
int vdk_map_link(int dir_fd, char ret_pin[VDK_MAP_PIN_MAX]);

/*
 * Open the map whose pin is @pin in the bpffs beside the directory @dir_fd, if it can be trusted:
 * bpffs and pin are owned by uid 0 or the effective uid, and the map is frozen. @path is for
 * messages. Return: 0; -EPERM not to be trusted, or bpf(2) is forbidden here; -EBADMSG another
 * kind of object; what open(2) and bpf(2) return.
 */
int vdk_map_open(int dir_fd, const char *pin, const char *path, int *ret_fd,
                 struct vdk_report *report);

/*
 * Bytes of the map that can be a page, frozen or not.
 * Return: 0; -EBADMSG the descriptor is none of such a map; what bpf(2) returns.
 */
int vdk_map_size(int fd, uint64_t *ret_size);

/* @size bytes at @offset out of a map, by a mapping; as vdk_read_at(). */
int vdk_map_read_at(int fd, void *to, size_t size, uint64_t offset);

/* Delete the pin that `page` in @dir_fd links to, if it is such a link. */
void vdk_map_unpin(int runtime_fd, int dir_fd);

#endif
