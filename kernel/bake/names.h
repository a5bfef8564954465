/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BAKE_NAMES_H
#define VDK_BAKE_NAMES_H

/* How files of a vDSO's folder are told apart, and the names that they have in a kernel. */

#include <stdbool.h>
#include <stddef.h>

bool ends_with(const char *text, const char *tail);

/* May it be part of a name in C? */
bool is_name(const char *text);

/* Name of the function that the update hook in a folder's file becomes. */
void hook_name(const char *folder, const char *file, char *ret_name, size_t size);

/*
 * What the path of a folder's file is in the kernel's Makefiles: "notb/notb.vdso" of notb.vdso.c.
 * Return: release it with free(3); NULL: out of memory.
 */
char *object_path(const char *folder, const char *file);

#endif
