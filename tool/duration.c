/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "duration.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vdk.h"

static const struct unit {
	const char *name;
	uint64_t ns;
} units[] = {
	{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}, {"min", 60000000000},
	{"h", 3600000000000},
};

#define DAY_NS (24 * 3600000000000.0)

int duration_parse(const char *text, uint64_t *ret_ns)
{
	double number, ns;
	char *unit;

	/* strtod(3) would also take signs, blanks, "nan" and hexadecimals. */
	if (!isdigit((unsigned char)text[0]) || text[1] == 'x' || text[1] == 'X')
		return -EINVAL;
	number = strtod(text, &unit);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(unit, units[i].name) != 0)
			continue;
		ns = number * (double)units[i].ns;
		if (!(ns >= 1000) || ns > DAY_NS)
			return -EINVAL;
		*ret_ns = (uint64_t)ns;
		return 0;
	}
	return -EINVAL;
}

bool duration_option(const char *command, const char *option, const char *text, uint64_t *ret_ns)
{
	if (duration_parse(text, ret_ns) == 0)
		return true;
	tool_error(command, "--%s: expected " DURATION_FORM ", found %s", option, text);
	return false;
}

char *duration_format(uint64_t ns, char *text, int size)
{
	size_t i = 0;

	while (i + 1 < sizeof(units) / sizeof(units[0]) && ns >= units[i + 1].ns)
		i++;
	snprintf(text, (size_t)size, "%.*f%s", ns % units[i].ns && ns < 10 * units[i].ns ? 1 : 0,
	         (double)ns / (double)units[i].ns, units[i].name);
	return text;
}
