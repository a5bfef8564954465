/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The author's references as a module for `vdk verify`. What VDK_REFERENCE() wrote down of each,
 * "name\0return type\0(parameters)\0" in section .vdk.reference, is held against what
 * VDK_FUNCTION() wrote down in the image: a reference that calls a function by another type than
 * it has would verify nothing.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "build.h"

/* The same C, however it is spaced. */
static bool same_text(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += strspn(a, " ");
		b += strspn(b, " ");
		if (*a != *b)
			return false;
		if (!*a)
			return true;
	}
}

static const struct export *exported(const struct build *build, const char *name)
{
	for (size_t i = 0; i < build->exports.count; i++)
		if (!strcmp(build->exports.items[i].name, name))
			return &build->exports.items[i];
	return NULL;
}

static int check_one(struct build *build, const char *source, const char *name, const char *ret,
                     const char *params)
{
	const struct export *function = exported(build, name);

	if (!function)
		return vdk_report_set(build->report, -EINVAL, source,
		                      "VDK_REFERENCE(%.64s): the image defines no function of that "
		                      "name", name);
	if (!same_text(function->ret, ret) || !same_text(function->params, params))
		return vdk_report_set(build->report, -EINVAL, source,
		                      "VDK_REFERENCE(%s): expected \"%.128s\" and \"%.128s\" as in "
		                      "%s, found \"%.128s\" and \"%.128s\"", function->name,
		                      function->ret, function->params, function->source, ret,
		                      params);
	return 0;
}

static int check_section(struct build *build, const struct object *object, Elf_Scn *section)
{
	const Elf_Data *data = elf_getdata(section, NULL);
	size_t used = 0;
	int error = 0;

	while (data && used < data->d_size && !error) {
		const char *strings[3];

		for (int i = 0; i < 3; i++) {
			const char *at = (const char *)data->d_buf + used;
			const char *end = memchr(at, '\0', data->d_size - used);

			if (!end)
				return vdk_report_set(build->report, -EINVAL, object->source,
				                      "section .vdk.reference, offset %zu: a "
				                      "description that does not end", used);
			strings[i] = at;
			used += (size_t)(end + 1 - at);
		}
		error = check_one(build, object->source, strings[0], strings[1], strings[2]);
	}
	if (!error && !used)
		return vdk_report_set(build->report, -EINVAL, object->source,
		                      "no VDK_REFERENCE() in it");
	return error;
}

static int check_object(struct build *build, const char *path, const char *source)
{
	Elf_Scn *section = NULL, *found = NULL;
	struct object object;
	int error = object_open(&object, path, source, build->report);

	if (error)
		return error;
	while (!found && (section = elf_nextscn(object.elf, section))) {
		const char *name;
		GElf_Shdr header;

		if (object_section(&object, section, &header, &name) &&
		    header.sh_type == SHT_PROGBITS && !strcmp(name, ".vdk.reference"))
			found = section;
	}
	error = found ? check_section(build, &object, found)
	              : vdk_report_set(build->report, -EINVAL, source,
	                               "no VDK_REFERENCE() in it");
	object_close(&object);
	return error;
}

int build_reference(struct build *build)
{
	const size_t count = build->references.count;
	char name[64], path[PATH_MAX];
	int error = 0;

	for (size_t i = 0; i < count && !error; i++) {
		const char *source = build->references.items[i];

		snprintf(name, sizeof(name), "reference-%zu.o", i);
		error = build_module_compile(build, source, name, NULL);
		if (!error)
			error = build_work_path(build, name, path);
		if (!error)
			error = check_object(build, path, source);
	}
	return error ? error : build_module_link(build, "reference", count);
}
