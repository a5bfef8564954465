/* SPDX-License-Identifier: MIT */
/*
 * line - what `make bench` measures: functions that read one record each, of every size, and one
 * that reads nothing, to hold them against. The standard functions are chain stubs.
 */
#include <vdk/vdso.h>

#include "line.page.h"

VDK_FUNCTION(int, line_constant, (void))
{
	return 666;
}

/* One value out of a record, as most functions of real vDSOs want: notb's shape. */
VDK_FUNCTION(int, line_packed, (void))
{
	struct packed now;
	const int error = vdk_read(packed, &now);

	return error ? error : (int)now.value;
}

/* The same with the value in a cache line of its own, beside the sequence's. */
VDK_FUNCTION(int, line_one, (void))
{
	struct line now;
	const int error = vdk_read(line, &now);

	return error ? error : (int)now.value[0];
}

/* All 64 bytes are needed for the answer, but none is handed out. */
VDK_FUNCTION(int, line_sum, (void))
{
	struct line now;
	const int error = vdk_read(line, &now);
	uint64_t sum = 0;

	if (error)
		return error;
	for (int i = 0; i < 8; i++)
		sum += now.value[i];
	return (int)sum;
}

/* Whole records, copied to the caller. */
#define COPY(name, tag)                                                                            \
	VDK_FUNCTION(int, name, (void *out))                                                       \
	{                                                                                          \
		return vdk_read(tag, (struct tag *)out);                                           \
	}
COPY(line_copy8, packed)
COPY(line_copy24, packed24)
COPY(line_copy64, line)
COPY(line_copy256, size256)
COPY(line_copy1024, size1024)
COPY(line_copy4096, size4096)
COPY(line_copy16384, size16384)

/*
 * The same reads, counting: vdk_read() calls vdk_relax() once for each try that failed, so the
 * count comes from the very macro that everybody uses. Return: tries, or a negative errno.
 */
#define vdk_relax() (failed++, (vdk_relax)())
#define TRIES(name, tag)                                                                           \
	VDK_FUNCTION(int, name, (void *out))                                                       \
	{                                                                                          \
		int failed = 0;                                                                    \
		const int error = vdk_read(tag, (struct tag *)out);                                \
                                                                                                   \
		return error ? error : failed + 1;                                                 \
	}
TRIES(line_tries8, packed)
TRIES(line_tries24, packed24)
TRIES(line_tries64, line)
TRIES(line_tries256, size256)
TRIES(line_tries1024, size1024)
TRIES(line_tries4096, size4096)
TRIES(line_tries16384, size16384)
