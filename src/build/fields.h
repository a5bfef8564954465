/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BUILD_FIELDS_H
#define VDK_BUILD_FIELDS_H

#include "debuginfo.h"
#include "layout.h"

/*
 * Flatten a record's struct into its leaves, appended to record->fields.
 * Return: 0; -EINVAL a type that another process or language could not decode, named in the
 *         report; -E2BIG too many fields; -ENOMEM.
 */
int fields_read(struct record *record, Dwarf_Die *type, struct vdk_report *report);

#endif
