/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside an attached program: reader bounds | torn SECONDS
 *
 * "bounds": every kind of index that is no record's is refused, and the value stays as it was.
 * "torn": whatever is read of any record is one update, while writers do what they can.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <vdk/lookup.h>

#include "quotes/quotes.page.h"

typedef int signed_fn(int index, struct quote *out);
typedef int unsigned_fn(uint32_t index, struct quote *out);
typedef int long_fn(int64_t index, struct quote *out);
typedef int next_fn(uint32_t *index);

static void *function(const char *name)
{
	void *found = (void *)vdk_lookup(name, "LINUX_2.6");

	if (!found) {
		printf("no %s here\n", name);
		exit(2);
	}
	return found;
}

static int failures;

static void expect(int found, int expected, const char *what)
{
	if (found == expected)
		return;
	printf("%s: expected %d, found %d\n", what, expected, found);
	failures++;
}

static int bounds(void)
{
	signed_fn *by_int = (signed_fn *)function("__vdso_quote_signed");
	unsigned_fn *by_uint = (unsigned_fn *)function("__vdso_quote_unsigned");
	long_fn *by_long = (long_fn *)function("__vdso_quote_long");
	next_fn *next = (next_fn *)function("__vdso_quote_next");
	struct quote quote, untouched;
	uint32_t index = 7;

	memset(&quote, 0x5a, sizeof(quote));
	untouched = quote;
	expect(by_int(QUOTES, &quote), -ERANGE, "300");
	expect(by_int(-1, &quote), -ERANGE, "-1");
	expect(by_int(INT32_MIN, &quote), -ERANGE, "the smallest int");
	expect(by_uint(QUOTES, &quote), -ERANGE, "300u");
	expect(by_uint(UINT32_MAX, &quote), -ERANGE, "the largest uint32_t");
	expect(by_long(1ll << 32, &quote), -ERANGE, "2^32");
	expect(by_long(INT64_MIN, &quote), -ERANGE, "the smallest int64_t");
	expect(by_long(INT64_MAX, &quote), -ERANGE, "the largest int64_t");
	/* Its padding, too, is untouched. NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
	expect(memcmp(&quote, &untouched, sizeof(quote)), 0, "out of range: the value");
	expect(by_int(0, &quote), 0, "0");
	expect((int)quote.count, 10, "quote[0].count");
	expect(by_long(QUOTES - 1, &quote), 0, "299");
	expect((int)quote.count, 20, "quote[299].count");
	expect(by_uint(5, &quote), -ENODATA, "one that was never written");
	expect(next(&index), 30, "quote[7].count");
	expect((int)index, 8, "the index is evaluated once");
	return failures != 0;
}

static int torn(int seconds)
{
	unsigned_fn *read = (unsigned_fn *)function("__vdso_quote_unsigned");
	const time_t end = time(NULL) + seconds;
	uint64_t last[QUOTES] = {0}, good = 0;
	struct quote quote;

	for (uint32_t i = 0; i % 4096 || time(NULL) < end; i++) {
		const int error = read(i % QUOTES, &quote);

		if (error == -EAGAIN || error == -ENODATA)
			continue;
		if (error || quote.inverse != ~quote.count || quote.last != (uint8_t)quote.count ||
		    quote.level[1].price != (double)(quote.count & 0xffff) ||
		    quote.count < last[i % QUOTES]) {
			printf("quote[%u]: error %d, count %lu\n", i % QUOTES, error, quote.count);
			return 1;
		}
		last[i % QUOTES] = quote.count;
		good++;
	}
	printf("%s\n", good > 100000 ? "whole" : "hardly any read");
	return 0;
}

int main(int argc, char **argv)
{
	return argc > 2 ? torn(atoi(argv[2])) : bounds();
}
