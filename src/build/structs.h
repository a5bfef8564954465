/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BUILD_STRUCTS_H
#define VDK_BUILD_STRUCTS_H

#include <stdio.h>

#include <vdk/report.h>

#include "list.h"

/*
 * Write C definitions of the structs in @tags, and of those inside of them, as the compiler laid
 * them out in the objects of the page headers; a tag that no page header defines is declared
 * only.
 *
 * Return: 0; -EINVAL a struct that C cannot say without the author's header; -ENOEXEC; -ENOMEM.
 */
int structs_write(FILE *file, const struct list *objects, const struct list *tags,
                  struct vdk_report *report);

#endif
