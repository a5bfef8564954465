/* SPDX-License-Identifier: MIT */
/* A program linked with the link stub libquote.so: it calls the vDSO like any function. */
#include <stdio.h>
#include <string.h>

#include "quote.h"

int main(void)
{
	struct quote now;
	const int error = quote_read(&now);

	if (error) {
		fprintf(stderr, "reader: no quote: %s\n", strerror(-error));
		return 1;
	}
	printf("%.8s %lld %lld, middle %lld\n", now.symbol, (long long)now.bid,
	       (long long)now.offer, (long long)quote_middle() / 2);
	return 0;
}
