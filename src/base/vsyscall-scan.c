/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which bytes of a program lead to the fixed vsyscall page of x86-64. Three forms are looked for,
 * each long enough that chance hardly makes it:
 *
 *     any 8 bytes            the whole address, in a table or in `movabs $ADDRESS, %reg`
 *     REX.W c7 /0 imm32      `mov $ADDRESS, %reg` with the sign-extended lower half
 *     ff 14 25 / ff 24 25 imm32   `call *ADDRESS` and `jmp *ADDRESS`
 *
 * Addresses that are put together at run time are not found.
 */
#include "base/vsyscall-scan.h"

#include <string.h>

/* gettimeofday, time and getcpu: the only ones that the kernel serves. */
static bool is_entry(uint64_t address)
{
	return address == VDK_VSYSCALL_ADDRESS || address == VDK_VSYSCALL_ADDRESS + 0x400 ||
	       address == VDK_VSYSCALL_ADDRESS + 0x800;
}

static bool wide_at(const uint8_t *bytes, size_t left, uint64_t *ret)
{
	if (left < 8)
		return false;
	memcpy(ret, bytes, 8);
	return is_entry(*ret);
}

static bool narrow_at(const uint8_t *bytes, size_t left, uint64_t *ret)
{
	int32_t low;

	if (left < 7)
		return false;
	if (!((bytes[0] == 0x48 || bytes[0] == 0x49) && bytes[1] == 0xc7 &&
	      (bytes[2] & 0xf8) == 0xc0) &&
	    !(bytes[0] == 0xff && (bytes[1] == 0x14 || bytes[1] == 0x24) && bytes[2] == 0x25))
		return false;
	memcpy(&low, bytes + 3, 4);
	*ret = (uint64_t)(int64_t)low;
	return is_entry(*ret);
}

bool vdk_vsyscall_scan(const uint8_t *bytes, size_t size, size_t *at, uint64_t *ret_address)
{
	for (size_t i = *at; i < size; i++) {
		/* Most bytes are neither the beginning of an instruction nor of an address. */
		if (bytes[i] != 0x00 && bytes[i] != 0x48 && bytes[i] != 0x49 && bytes[i] != 0xff)
			continue;
		if (wide_at(bytes + i, size - i, ret_address) ||
		    narrow_at(bytes + i, size - i, ret_address)) {
			*at = i;
			return true;
		}
	}
	return false;
}
