/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BAKE_TEXT_H
#define VDK_BAKE_TEXT_H

/* Whole text files in memory, and texts that grow. */

#include <stdbool.h>
#include <stddef.h>

#include <vdk/report.h>

/* The largest file that is read: the kernel's are far below, and a hostile tree may have any. */
#define TEXT_MAX (4u << 20)

/*
 * Read a file, NUL-terminated. @dir: a folder's descriptor or AT_FDCWD; @what: for messages.
 * Return: 0; -ENOENT without a report; -EFBIG; -EINVAL not a file, or a NUL in it; another errno.
 */
int text_read(int dir, const char *path, const char *what, char **ret_text,
              struct vdk_report *report);

/* The next line of *text without its end, moving on; NULL at the end. */
const char *text_line(const char **text, size_t *ret_length);

/*
 * What `unifdef -D__KERNEL__` leaves of a header that two worlds share, with kernel indentation.
 * @blank: keep the place of each line, for messages, and change nothing else.
 * Return: 0; -EINVAL unbalanced; -ENOMEM.
 */
int text_for_kernel(const char *text, const char *what, bool blank, char **ret_text,
                    struct vdk_report *report);

#endif
