/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_CHECK_ARCH_H
#define VDK_CHECK_ARCH_H

/* What a folder arch/CPU gives: its instructions, and where they lead. */

#include "code.h"

/* Decode @size bytes at @offset and append what they are. Return: 0; -ENOMEM. */
int decode_range(struct check *check, uint64_t offset, uint64_t size);

/* The text of one instruction, for messages. */
struct text decode_text(const struct check *check, uint64_t offset);

/* Follow every function along all paths, also those found on the way. Return: 0; -ENOMEM. */
int follow_all(struct check *check);

#endif
