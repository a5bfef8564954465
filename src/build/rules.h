/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BUILD_RULES_H
#define VDK_BUILD_RULES_H

#include "exports.h"
#include "layout.h"
#include "list.h"

/*
 * Was an object compiled with flags that no image can live with: a sanitizer, a stack protector,
 * link-time optimisation? To be asked first, since such flags change everything else.
 *
 * Return: 0; -EINVAL with the function that shows it.
 */
int rules_flags(const struct object *object, struct vdk_report *report);

/*
 * Does an object keep the rules of code inside an image? Told in the author's terms, before a
 * linker would fail over the consequences.
 *
 * @defined: sorted names of all global symbols that the author's objects define
 * Return: 0; -EINVAL with the source, the function or variable, and what to do instead.
 */
int rules_check(const struct object *object, const struct exports *exports,
                const struct layout *layout, const struct list *defined,
                struct vdk_report *report);

/* Append the names of the global symbols that an object defines. */
int rules_collect(const struct object *object, struct list *defined);

#endif
