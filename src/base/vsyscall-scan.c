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

/*
 * All forms have the address's third and fourth byte in them, side by side, which are rare
 * together: a vector's worth of places is dismissed at a time. Returns the first such place, or
 * size.
 */
static size_t find_pair(const uint8_t *bytes, size_t size, size_t from)
{
	typedef uint8_t vector __attribute__((vector_size(16)));

	for (; from + 17 <= size; from += 16) {
		vector first, second;
		uint64_t halves[2];

		memcpy(&first, bytes + from, 16);
		memcpy(&second, bytes + from + 1, 16);
		first = (vector)((first == 0x60) & (second == 0xff));
		memcpy(halves, &first, 16);
		if (halves[0] | halves[1])
			break;
	}
	for (; from + 2 <= size; from++)
		if (bytes[from] == 0x60 && bytes[from + 1] == 0xff)
			return from;
	return size;
}

bool vdk_vsyscall_scan(const uint8_t *bytes, size_t size, size_t *at, uint64_t *ret_address)
{
	/* How far before the pair each form begins. */
	static const struct {
		size_t before;
		bool (*matches)(const uint8_t *bytes, size_t left, uint64_t *ret);
	} forms[] = {{5, narrow_at}, {2, wide_at}};

	for (size_t pair = *at; (pair = find_pair(bytes, size, pair)) < size; pair++)
		for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
			if (pair >= *at + forms[i].before &&
			    forms[i].matches(bytes + pair - forms[i].before,
			                     size - pair + forms[i].before, ret_address)) {
				*at = pair - forms[i].before;
				return true;
			}
	return false;
}
