/* SPDX-License-Identifier: MIT */
/* A helper that the image shares between files: not exported, and no macro needed. */
#include "helper.h"

double difference(double a, double b)
{
	return a < b ? b - a : a - b;
}
