/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libFuzzer target: the symbols of any bytes at all. */
#include <vdk/inspect.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vdk_symbols *symbols;

	if (vdk_symbols_parse(data, size, "fuzz", &symbols, NULL))
		return 0;
	for (size_t i = 0; i < symbols->count; i++) {
		const struct vdk_symbol *symbol = &symbols->symbols[i];

		if (symbol->offset && (symbol->offset > size || symbol->size > size - symbol->offset))
			abort();
	}
	vdk_symbols_free(symbols);
	return 0;
}
