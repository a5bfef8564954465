/* SPDX-License-Identifier: MIT */
/* Call the functions of alltypes, through the header and the stub that `vdk build` made. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alltypes.h"

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			printf("line %d: %s\n", __LINE__, #condition);                             \
			failures++;                                                                \
		}                                                                                  \
	} while (0)

static int failures;

int main(void)
{
	static const int colours[] = {17, 23, -5, 1024, 99, 7, 42, -1};
	static struct big big, zero;
	struct plain plain;
	struct point a = {1, 2}, b = {4, -2};
	struct timespec now;
	int64_t age;
	uint64_t epoch;
	long seconds = 0;

	for (int i = 0; i < 8; i++)
		CHECK(colour_value(i) == colours[i]);
	CHECK(colour_letter(0) == 'r' && colour_letter(6) == 'k' && colour_letter(7) == '?');
	CHECK(distance(&a, &b) == 7);
	/* 'a' * 2, then * 31 + 'b' * 3 */
	CHECK(checksum(0, "ab", 2) == 97u * 2 * 31 + 98u * 3);
	memset(&big, 255, sizeof(big));
	clear_big(&big);
	CHECK(!memcmp(&big, &zero, sizeof(big)));

	/* Nobody has published: no record was ever written, and the page says nothing. */
	CHECK(read_plain(&plain) == -61);
	CHECK(read_big(&big) == -61);
	CHECK(page_age(1, &age, &epoch) == 0);

	/* libc's own functions are not captured by the stub: -1 and errno, not -EINVAL. */
#ifndef LINKED_WITH_IMAGE
	CHECK(clock_gettime(1234, &now) != 0);
#endif
	CHECK(clock_gettime(CLOCK_REALTIME, &now) == 0);
	CHECK(labs(time(&seconds) - now.tv_sec) <= 1 && labs(seconds - now.tv_sec) <= 1);
	return failures != 0;
}
