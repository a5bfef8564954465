/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The commit message of a patch. */
#include <string.h>

#include "changes.h"

static bool contains(const struct recipe *recipe, const struct folder *folder)
{
	for (size_t i = 0; i < recipe->count; i++)
		if (!strcmp(recipe->folders[i].name, folder->name))
			return true;
	return false;
}

/* The names of vDSOs that are in @there and not in @absent. Return: their count. */
static size_t print_names(const struct recipe *there, const struct recipe *absent, FILE *out)
{
	size_t count = 0;

	for (size_t i = 0; i < there->count; i++)
		if (!contains(absent, &there->folders[i]))
			fprintf(out, "%s%s", count++ ? ", " : "", there->folders[i].name);
	return count;
}

static size_t count_names(const struct recipe *there, const struct recipe *absent)
{
	size_t count = 0;

	for (size_t i = 0; i < there->count; i++)
		count += !contains(absent, &there->folders[i]);
	return count;
}

static void print_subject(const struct recipe *before, const struct recipe *after, FILE *out)
{
	fputs("Subject: [PATCH] x86/vdso: ", out);
	if (count_names(after, before)) {
		fputs("Add ", out);
		print_names(after, before, out);
	} else if (count_names(before, after)) {
		fputs("Remove ", out);
		print_names(before, after, out);
	} else {
		fputs("Update the baked vDSOs", out);
	}
	fputs("\n\n", out);
}

void describe(const struct recipe *before, const struct recipe *after, const char *signoff,
              FILE *out)
{
	if (signoff)
		fprintf(out, "From: %s\n", signoff);
	print_subject(before, after, out);
	if (after->count)
		fputs("With this the vDSO of 64-bit processes has the functions below. Their\n"
		      "variables are in the vvar page, where update hooks write them whenever\n"
		      "timekeeping updates the vDSO data. Each record is a latch: readers see\n"
		      "all of its fields of one update, without waiting, also in a time\n"
		      "namespace.\n\n",
		      out);
	else
		fputs("With this the vDSO has its own functions only, as before.\n\n", out);
	for (size_t i = 0; i < after->build.exports.count; i++)
		fprintf(out, "  %s\n", after->build.exports.items[i].name);
	if (after->build.exports.count)
		fputc('\n', out);
	if (signoff)
		fprintf(out, "Signed-off-by: %s\n", signoff);
	fputs("---\n\n", out);
}
