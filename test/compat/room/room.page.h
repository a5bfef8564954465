/* SPDX-License-Identifier: MIT */
#include <vdk/record.h>

/* Every kind of field there is in version 1. */
struct room {
	double celsius;
	float humidity;
	int32_t people;
	uint64_t updates;
	bool open;
	char name[12];
	int16_t doors[3];
	struct {
		uint8_t row, seat;
	} seats[2];
};
VDK_RECORD(room);

struct limits {
	int64_t lowest, highest;
};
VDK_RECORD(limits);
