/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BASE_VSYSCALL_SCAN_H
#define VDK_BASE_VSYSCALL_SCAN_H

/* The search for vsyscall addresses in a program's bytes; see vdk/inspect.h. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The fixed page of x86-64; the same on every kernel that has one. */
#define VDK_VSYSCALL_ADDRESS UINT64_C(0xffffffffff600000)

bool vdk_vsyscall_scan(const uint8_t *bytes, size_t size, size_t *at, uint64_t *ret_address);

#endif
