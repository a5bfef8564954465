/* SPDX-License-Identifier: MIT */
/*
 * Values of every type that values.sh published, read by functions of alltypes through structs of
 * the generated header.
 */
#include <stdio.h>
#include <string.h>

#include "alltypes.h"

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			printf("line %d: %s\n", __LINE__, #condition);                             \
			failures++;                                                                \
		}                                                                                  \
	} while (0)

static int failures;

static void check_plain(void)
{
	struct plain p;

	CHECK(read_plain(&p) == 0);
	CHECK(p.i8 == INT8_MIN && p.i16 == INT16_MIN && p.i32 == INT32_MIN && p.i64 == INT64_MIN);
	CHECK(p.u8 == UINT8_MAX && p.u16 == UINT16_MAX && p.u32 == UINT32_MAX);
	CHECK(p.u64 == UINT64_MAX && p.ull == UINT64_MAX - 1 && p.l == INT64_MAX);
	CHECK(p.f32 == 1.5f && p.f64 == -0.1 && p.truth == true && p.letter == 65);
	CHECK(p.qualified == -7);
}

static void check_text(void)
{
	struct text t;

	CHECK(read_text(&t) == 0);
	CHECK(!strcmp(t.name, "fifteen letters"));
	CHECK(!strcmp(t.lines[0], "first line") && !strcmp(t.lines[2], "third"));
	CHECK(!memcmp(t.labels[1], "twelve chars", 12));
	CHECK(t.bytes[0] == -1 && t.bytes[4] == -5 && t.more_bytes[4] == 255);
	CHECK(t.colour == 7 && t.sign == -1);
}

static void check_nested(void)
{
	struct nested n;

	CHECK(read_nested(&n) == 0);
	CHECK(n.best.x == 1.25 && n.best.y == -2.5);
	CHECK(n.levels[2].count == 22 && n.levels[1].at.y == 11.5 && n.levels[0].promoted == -9);
	CHECK(n.levels[2].unnamed_type.inner == 3 && n.levels[2].unnamed_type.flags[3]);
	CHECK(!n.levels[2].unnamed_type.flags[2]);
	CHECK(n.grid[1][0].y == 10 && n.matrix[2][3] == 12 && n.matrix[0][1] == 2);
	CHECK(n.triples[4][2] == 15 && n.one[0] == 0.5f);
}

int main(void)
{
	struct big big;
	int64_t age;
	uint64_t epoch = 0;

	check_plain();
	check_text();
	check_nested();
	CHECK(read_big(&big) == 0);
	CHECK(big.values[0] == 1 && big.values[2047] == 0x123456789abcdef0);
	page_age(0, &age, &epoch);
	CHECK(epoch >= 1);
	return failures != 0;
}
