/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "spec.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "faketime-math.h"

/* The text, a place in it, and what was wrong there. */
struct reader {
	const char *text, *at;
	struct faketime_fault *fault;
};

static int fail(struct reader *reader, const char *at, int error, const char *expected)
{
	reader->fault->column = (size_t)(at - reader->text) + 1;
	reader->fault->expected = expected;
	return error;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void skip_blanks(struct reader *reader)
{
	while (*reader->at == ' ' || *reader->at == '\t')
		reader->at++;
}

/* ---- Numbers ----------------------------------------------------------------------------- */

/* Digits behind a point or comma as ns; those after the ninth change nothing. */
static int read_fraction(struct reader *reader, int64_t *ret_ns)
{
	int64_t ns = 0, worth = FAKETIME_SECOND / 10;

	if (*reader->at != '.' && *reader->at != ',') {
		*ret_ns = 0;
		return 0;
	}
	reader->at++;
	if (!is_digit(*reader->at))
		return fail(reader, reader->at, -EINVAL, "a digit of the fraction");
	for (; is_digit(*reader->at); reader->at++, worth /= 10)
		ns += (*reader->at - '0') * worth;
	*ret_ns = ns;
	return 0;
}

/* Digits and a fraction, at most @most. */
static int read_number(struct reader *reader, int64_t most, const char *too_large, int64_t *ret_whole,
                       int64_t *ret_fraction)
{
	const char *start = reader->at;
	int64_t whole = 0;

	if (!is_digit(*reader->at) &&
	    !((*reader->at == '.' || *reader->at == ',') && is_digit(reader->at[1])))
		return fail(reader, reader->at, -EINVAL, "a number");
	for (; is_digit(*reader->at); reader->at++) {
		whole = whole * 10 + (*reader->at - '0');
		if (whole > most)
			return fail(reader, start, -ERANGE, too_large);
	}
	*ret_whole = whole;
	return read_fraction(reader, ret_fraction);
}

static void set_point(struct faketime_spec *spec, bool negative, __int128 ns)
{
	if (negative)
		ns = -ns;
	spec->seconds = (int64_t)(ns / FAKETIME_SECOND);
	spec->nanoseconds = (int64_t)(ns % FAKETIME_SECOND);
	if (spec->nanoseconds < 0) {
		spec->nanoseconds += FAKETIME_SECOND;
		spec->seconds--;
	}
}

/* ---- Beside the true time ---------------------------------------------------------------- */

static int64_t unit_seconds(char unit)
{
	switch (unit) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	case 'w':
		return 7 * 86400;
	case 'y':
		return 365 * 86400;
	default:
		return 0;
	}
}

static const char too_far[] = "a time within 12,000 years";

static int read_beside(struct reader *reader, struct faketime_spec *spec)
{
	const bool negative = *reader->at == '-';
	const char *start = ++reader->at;
	int64_t whole, fraction, unit = 1;
	__int128 ns;
	int error = read_number(reader, FAKETIME_FARTHEST, too_far, &whole, &fraction);

	if (error)
		return error;
	if (*reader->at && *reader->at != ' ' && *reader->at != '\t') {
		unit = unit_seconds(*reader->at);
		if (!unit)
			return fail(reader, reader->at, -EINVAL,
			            "a unit (s, m, h, d, w or y), a blank or the end");
		reader->at++;
	}
	ns = ((__int128)whole * FAKETIME_SECOND + fraction) * unit;
	if (ns > (__int128)FAKETIME_FARTHEST * FAKETIME_SECOND)
		return fail(reader, start, -ERANGE, too_far);
	set_point(spec, negative, ns);
	spec->when = FAKETIME_BESIDE;
	return 0;
}

/* ---- Dates ------------------------------------------------------------------------------- */

/* One or two digits between limits. */
static int read_part(struct reader *reader, int least, int most, const char *expected, int *ret)
{
	const char *start = reader->at;
	int value = 0, digits = 0;

	for (; is_digit(*reader->at) && digits < 2; digits++)
		value = value * 10 + (*reader->at++ - '0');
	if (!digits || value < least || value > most)
		return fail(reader, start, -EINVAL, expected);
	*ret = value;
	return 0;
}

static int read_sign(struct reader *reader, char sign, const char *expected)
{
	if (*reader->at != sign)
		return fail(reader, reader->at, -EINVAL, expected);
	reader->at++;
	return 0;
}

static int read_year(struct reader *reader, int *ret)
{
	int year = 0;

	for (int i = 0; i < 4; i++) {
		if (!is_digit(*reader->at))
			return fail(reader, reader->at, -EINVAL, "a digit of the year's four");
		year = year * 10 + (*reader->at++ - '0');
	}
	*ret = year - 1900;
	return 0;
}

static int days_of(int month, int year)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month] + (month == 1 && leap);
}

static int read_day(struct reader *reader, struct tm *date)
{
	const char *start;
	int error = read_year(reader, &date->tm_year);

	if (!error)
		error = read_sign(reader, '-', "a - after the year");
	if (!error)
		error = read_part(reader, 1, 12, "a month from 01 to 12", &date->tm_mon);
	date->tm_mon--;
	if (!error)
		error = read_sign(reader, '-', "a - after the month");
	start = reader->at;
	if (!error)
		error = read_part(reader, 1, 31, "a day from 01 to 31", &date->tm_mday);
	if (!error && date->tm_mday > days_of(date->tm_mon, date->tm_year + 1900))
		error = fail(reader, start, -EINVAL, "a day that this month has");
	return error;
}

static int read_hour(struct reader *reader, struct tm *date, int64_t *ret_ns)
{
	int error = read_part(reader, 0, 23, "an hour from 00 to 23", &date->tm_hour);

	*ret_ns = 0;
	if (!error)
		error = read_sign(reader, ':', "a : after the hour");
	if (!error)
		error = read_part(reader, 0, 59, "a minute from 00 to 59", &date->tm_min);
	if (error || *reader->at != ':')
		return error;
	reader->at++;
	error = read_part(reader, 0, 60, "a second from 00 to 60", &date->tm_sec);
	return error ? error : read_fraction(reader, ret_ns);
}

/* East of Greenwich in seconds; @ret_local: there was no zone. */
static int read_zone(struct reader *reader, int *ret_seconds, bool *ret_local)
{
	const char sign = *reader->at;
	int hour, minute, error;

	*ret_seconds = 0;
	*ret_local = false;
	if (sign == 'Z' || sign == 'z') {
		reader->at++;
		return 0;
	}
	if (sign != '+' && sign != '-') {
		*ret_local = true;
		return 0;
	}
	reader->at++;
	error = read_part(reader, 0, 23, "the hours of the time zone", &hour);
	if (!error)
		error = read_sign(reader, ':', "a : inside the time zone");
	if (!error)
		error = read_part(reader, 0, 59, "the minutes of the time zone", &minute);
	if (!error)
		*ret_seconds = (hour * 3600 + minute * 60) * (sign == '-' ? -1 : 1);
	return error;
}

static int read_date(struct reader *reader, struct faketime_spec *spec)
{
	struct tm date = {.tm_isdst = -1};
	int zone = 0, error;
	int64_t ns = 0;
	bool local = true;

	error = read_day(reader, &date);
	if (error)
		return error;
	if (*reader->at == ' ' || *reader->at == '\t')
		skip_blanks(reader);
	else if (*reader->at == 'T' || *reader->at == 't')
		reader->at++;
	else
		return fail(reader, reader->at, -EINVAL, "a blank or a T, and the hour");
	error = read_hour(reader, &date, &ns);
	if (!error)
		error = read_zone(reader, &zone, &local);
	if (error)
		return error;
	spec->when = FAKETIME_AT;
	spec->seconds = local ? mktime(&date) : timegm(&date) - zone;
	spec->nanoseconds = ns;
	return 0;
}

/* A date's first five characters: four digits and a -; anything else is a count of seconds. */
static bool looks_like_date(const char *text)
{
	for (int i = 0; i < 4; i++)
		if (!is_digit(text[i]))
			return false;
	return text[4] == '-';
}

static int read_at(struct reader *reader, struct faketime_spec *spec)
{
	int64_t whole, fraction;
	bool negative;
	int error;

	reader->at++;
	if (looks_like_date(reader->at))
		return read_date(reader, spec);
	negative = *reader->at == '-';
	reader->at += negative;
	if (!is_digit(*reader->at))
		return fail(reader, reader->at, -EINVAL,
		            "a date (YYYY-MM-DD hh:mm:ss) or seconds since 1970");
	error = read_number(reader, FAKETIME_FARTHEST, too_far, &whole, &fraction);
	if (error)
		return error;
	set_point(spec, negative, (__int128)whole * FAKETIME_SECOND + fraction);
	spec->when = FAKETIME_AT;
	return 0;
}

/* ---- All together ------------------------------------------------------------------------ */

static int read_when(struct reader *reader, struct faketime_spec *spec)
{
	switch (*reader->at) {
	case '+':
	case '-':
		return read_beside(reader, spec);
	case '@':
		return read_at(reader, spec);
	case '%':
		spec->when = FAKETIME_AT_FILE;
		spec->file = reader->at + 1;
		reader->at += strlen(reader->at);
		return 0;
	default:
		if (!is_digit(*reader->at))
			return fail(reader, reader->at, -EINVAL,
			            "+ or - and a number, a date, @, %, x or i");
		spec->plain_date = true;
		return read_date(reader, spec);
	}
}

static int read_rate(struct reader *reader, struct faketime_spec *spec)
{
	const char *start = ++reader->at;
	int64_t whole, fraction;
	int error = read_number(reader, FAKETIME_FASTEST, "a rate of at most 1000000", &whole,
	                        &fraction);

	if (error)
		return error;
	if (whole == FAKETIME_FASTEST && fraction)
		return fail(reader, start, -ERANGE, "a rate of at most 1000000");
	spec->has_rate = true;
	/* Rounded to the nearest, so that 1 is exactly 1. */
	spec->rate = ((uint64_t)whole << FAKETIME_RATE_BITS) +
	             (uint64_t)((((unsigned __int128)fraction << FAKETIME_RATE_BITS) +
	                         FAKETIME_SECOND / 2) /
	                        FAKETIME_SECOND);
	return 0;
}

static int read_step(struct reader *reader, struct faketime_spec *spec)
{
	int64_t whole, fraction;
	int error;

	reader->at++;
	error = read_number(reader, FAKETIME_LONGEST, "a step of at most 1000000000", &whole,
	                    &fraction);
	if (error)
		return error;
	spec->has_step = true;
	spec->step = whole * FAKETIME_SECOND + fraction;
	return 0;
}

static int read_modifier(struct reader *reader, struct faketime_spec *spec)
{
	if (*reader->at == 'x' && !spec->has_rate)
		return read_rate(reader, spec);
	if (*reader->at == 'i' && !spec->has_step)
		return read_step(reader, spec);
	return fail(reader, reader->at, -EINVAL, "x and a rate, i and a step, or the end");
}

int faketime_spec_parse(const char *text, struct faketime_spec *ret_spec,
                        struct faketime_fault *ret_fault)
{
	struct reader reader = {.text = text, .at = text, .fault = ret_fault};
	struct faketime_spec spec = {.when = FAKETIME_KEEP};
	int error = 0;

	skip_blanks(&reader);
	if (*reader.at != 'x' && *reader.at != 'i')
		error = read_when(&reader, &spec);
	while (!error) {
		const char *before = reader.at;

		skip_blanks(&reader);
		if (!*reader.at) {
			*ret_spec = spec;
			return 0;
		}
		if (reader.at == before && before != text)
			return fail(&reader, before, -EINVAL, "a blank or the end");
		error = read_modifier(&reader, &spec);
	}
	return error;
}
