/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_PERF_SYMBOLS_H
#define VDK_TOOL_PERF_SYMBOLS_H

/* The functions of an image by address, for those who have only addresses. */

#include <stddef.h>
#include <stdint.h>

#include <vdk/inspect.h>
#include <vdk/report.h>

struct perf_symbol {
	uint64_t offset, size; /* in the image */
	char *name;
};

struct perf_symbols {
	struct perf_symbol *symbols; /* ascending, one for each address */
	size_t count;
};

/* What the image itself exports. Return: 0; -ENOMEM; the errors of vdk_symbols_parse(). */
int perf_symbols_exported(const struct vdk_bytes *image, const char *object,
                          struct perf_symbols *ret, struct vdk_report *report);

/*
 * All functions, also those that are not exported, by the image's debug file.
 * Return: 0; -ENOEXEC no such file; -ESTALE one of another build; -ENOMEM; what open(2) returns.
 */
int perf_symbols_debug(const char *path, const struct vdk_bytes *image, struct perf_symbols *ret,
                       struct vdk_report *report);

void perf_symbols_free(struct perf_symbols *symbols);

#endif
