/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BUILD_TOOLCHAIN_H
#define VDK_BUILD_TOOLCHAIN_H

/*
 * The author's compiler and linker, and the flags that make them keep a vDSO's rules. Needs libc
 * only: `vdk flags` prints from here without starting the rest of the builder.
 */

#include <stdbool.h>

#include <vdk/report.h>

#include "list.h"

struct toolchain {
	struct list cc; /* the compiler's words, for instance "ccache", "gcc" */
	bool clang;
	char ld[8]; /* "bfd", "lld" or empty: the compiler's own choice */
};

/*
 * Find out what the compiler is. @cc: NULL for $CC, or else "cc"; @ld: NULL for the compiler's own
 * choice.
 * Return: 0; -EINVAL unknown linker or a compiler for another CPU; -ENOENT and the like when the
 *         compiler cannot be started.
 */
int toolchain_init(struct toolchain *tc, const char *cc, const char *ld,
                   struct vdk_report *report);

void toolchain_deinit(struct toolchain *tc);

/*
 * Append the compiler's flags for code inside an image: defaults, then the author's @extra (NULL
 * for none), then what nobody may change.
 */
int toolchain_cflags(const struct toolchain *tc, const char *include_dir,
                     const char *const *extra, struct list *argv);

/* Append the flags of the image's link line, without scripts and objects. */
int toolchain_ldflags(const struct toolchain *tc, struct list *argv);

/* Append the linker scripts and the kit's objects that lie in a folder to a link line. */
int toolchain_link_files(const char *folder, struct list *argv);

#define cleanup_toolchain __attribute__((cleanup(toolchain_deinit)))

#endif
