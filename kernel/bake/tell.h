/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BAKE_TELL_H
#define VDK_BAKE_TELL_H

/* What `vdk bake` did to a tree, or what it would take to do it. */

#include "changes.h"

/* A line for each file, record and function. */
void tell_lines(const struct recipe *after, const struct changes *changes);

/*
 * One object, vdk-bake(1) describes it. @patch: where the changes were written instead of into the
 * tree, or NULL; @refused: why nothing was done, or NULL. Return: 0; -ENOMEM; -EIO standard output.
 */
int tell_json(const struct tree *tree, const char *patch, const struct recipe *after,
              const struct changes *changes, const struct vdk_report *refused);

#endif
