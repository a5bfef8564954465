/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libFuzzer target: any bytes at all are looked into as an image. run-fuzz.sh brings seeds. */
#include <vdk/lookup.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "__vdso_clock_gettime", "time", "" };
	static const char *const versions[] = { NULL, "LINUX_2.6", "" };
	struct vdk_lookup_image image;

	if (size == 0 || vdk_lookup_open(data, size, &image) != 0)
		return 0;
	for (int i = 0; i < 3; i++) {
		for (int j = 0; j < 3; j++) {
			const uint8_t *found =
			        (const uint8_t *)vdk_lookup_symbol(&image, names[i], versions[j]);

			if (found && (found < data || found >= data + size))
				abort();
		}
	}
	return 0;
}
