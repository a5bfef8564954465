/* SPDX-License-Identifier: MIT */
#ifndef ALLTYPES_PAGE_H
#define ALLTYPES_PAGE_H

#include <vdk/record.h>

/* Every type that a record may hold, with the padding that C puts between them. */

struct plain {
	int8_t i8;
	int64_t i64;
	int16_t i16;
	int32_t i32;
	uint8_t u8;
	uint64_t u64;
	uint16_t u16;
	uint32_t u32;
	float f32;
	double f64;
	bool truth;
	char letter;
	long l;
	unsigned long long ull;
	volatile int32_t qualified;
};
VDK_RECORD(plain);

enum colour { RED, GREEN = 7 };
enum sign { MINUS = -1, PLUS = 1 };
typedef char label[12];
typedef int16_t triple[3];

struct text {
	char name[16];
	char lines[3][20];
	label labels[2];
	int8_t bytes[5];
	uint8_t more_bytes[5];
	enum colour colour;
	enum sign sign;
};
VDK_RECORD(text);

struct point {
	double x, y;
};

struct level {
	uint32_t count;
	struct point at;
	struct {
		int8_t inner;
		bool flags[4];
	} unnamed_type;
	struct {
		int64_t promoted;
	};
};

struct nested {
	struct point best;
	struct level levels[3];
	struct point grid[2][2];
	int32_t matrix[3][4];
	triple triples[5];
	float one[1];
};
VDK_RECORD(nested);

/* One byte; one cache line with both copies; one byte more than fits beside the sequence. */
struct tiny {
	bool set;
};
VDK_RECORD(tiny);

struct fits {
	int64_t values[3];
};
VDK_RECORD(fits);

struct spills {
	int64_t values[3];
	int8_t more;
};
VDK_RECORD(spills);

/* An alignment of its own moves the copies; packed fields need not be aligned. */
struct aligned16 {
	int32_t value __attribute__((aligned(16)));
};
VDK_RECORD(aligned16);

struct packed {
	int8_t one;
	int64_t unaligned;
} __attribute__((packed));
VDK_RECORD(packed);

/* The largest record. */
struct big {
	uint64_t values[VDK_RECORD_MAX / 8];
};
VDK_RECORD(big);

#endif
