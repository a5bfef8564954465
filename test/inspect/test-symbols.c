/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The reader of symbols: this process's own vDSO, then every byte of its tables damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/inspect.h>

static struct vdk_bytes image;

static int load(void **state)
{
	struct vdk_process *process;
	int error = vdk_process_open(0, &process, NULL);

	if (!error)
		error = vdk_process_image(process, true, &image, NULL);
	vdk_process_close(process);
	return error;
}

static int unload(void **state)
{
	free(image.bytes);
	return 0;
}

static void test_kernel(void **state)
{
	struct vdk_symbols *symbols;
	bool found = false;

	assert_int_equal(vdk_symbols_parse(image.bytes, image.size, "vdso", &symbols, NULL), 0);
	assert_int_equal(symbols->bits, 64);
	assert_string_equal(symbols->soname, "linux-vdso.so.1");
	for (size_t i = 0; i < symbols->count; i++)
		if (!strcmp(symbols->symbols[i].name, "__vdso_clock_gettime")) {
			found = true;
			assert_string_equal(symbols->symbols[i].version, "LINUX_2.6");
			assert_int_equal(symbols->symbols[i].type, STT_FUNC);
			assert_true(symbols->symbols[i].offset + symbols->symbols[i].size <=
			            image.size);
		}
	assert_true(found);
	vdk_symbols_free(symbols);
}

/* Whatever is accepted must lie inside; address sanitizer sees what does not. */
static void try(const uint8_t *bytes, size_t size)
{
	struct vdk_symbols *symbols;

	if (vdk_symbols_parse(bytes, size, "mutant", &symbols, NULL))
		return;
	for (size_t i = 0; i < symbols->count; i++) {
		const struct vdk_symbol *symbol = &symbols->symbols[i];

		(void)strlen(symbol->name);
		(void)strlen(symbol->version);
		if (symbol->offset)
			assert_true(symbol->offset <= size && symbol->size <= size - symbol->offset);
	}
	vdk_symbols_free(symbols);
}

static void test_mutations(void **state)
{
	static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
	const size_t tables = image.size < 2048 ? image.size : 2048;
	uint8_t *copy = malloc(image.size);

	assert_non_null(copy);
	memcpy(copy, image.bytes, image.size);
	for (size_t at = 0; at < tables; at++) {
		for (size_t i = 0; i < sizeof(values); i++) {
			copy[at] = values[i];
			try(copy, image.size);
		}
		copy[at] = image.bytes[at];
	}
	free(copy);
}

static void test_truncations(void **state)
{
	for (size_t size = 0; size < image.size; size += size < 1024 ? 1 : 61) {
		uint8_t *copy = malloc(size ? size : 1);

		assert_non_null(copy);
		memcpy(copy, image.bytes, size);
		try(copy, size);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kernel),
		cmocka_unit_test(test_mutations),
		cmocka_unit_test(test_truncations),
	};

	/* A kernel booted with vdso=0 has nothing to look at. */
	if (load(NULL))
		return 77;
	return cmocka_run_group_tests(tests, NULL, unload);
}
