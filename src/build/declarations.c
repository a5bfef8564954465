/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * NAME.h: what a program includes that calls the author's functions. It stands alone: neither the
 * kit's headers nor the author's are needed, so it can be installed beside the link stub. The
 * stub's source includes it, so the compiler proves that the prototypes are complete.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "build.h"
#include "structs.h"

static void write_guard(FILE *file, const char *name)
{
	for (; *name; name++)
		fputc(isalnum((unsigned char)*name) ? toupper((unsigned char)*name) : '_', file);
	fputs("_VDSO_H", file);
}

/* The tag after each "struct" in a prototype goes to @tags. */
static int find_tags(const char *text, struct list *tags)
{
	int error = 0;

	while (!error && (text = strstr(text, "struct "))) {
		size_t length;

		text += strlen("struct ");
		text += strspn(text, " ");
		length = strcspn(text, " *(),[]");
		for (size_t i = 0; i < tags->count && length; i++)
			if (strlen(tags->items[i]) == length &&
			    !strncmp(tags->items[i], text, length))
				length = 0;
		if (length)
			error = list_add(tags, "%.*s", (int)length, text);
	}
	return error;
}

static int collect_tags(const struct exports *exports, struct list *tags)
{
	int error = 0;

	for (size_t i = 0; i < exports->count && !error; i++) {
		if (!export_is_own(&exports->items[i]))
			continue;
		error = find_tags(exports->items[i].ret, tags);
		if (!error)
			error = find_tags(exports->items[i].params, tags);
	}
	return error;
}

static void write_prototypes(FILE *file, const struct exports *exports)
{
	for (size_t i = 0; i < exports->count; i++) {
		const struct export *item = &exports->items[i];
		const char *gap = item->ret[strlen(item->ret) - 1] == '*' ? "" : " ";

		if (export_is_own(item))
			fprintf(file, "%s%s%s%s;\n", item->ret, gap, item->name, item->params);
	}
}

static int write_header(struct build *build)
{
	cleanup_list struct list tags = {0};
	char name[BUILD_NAME_MAX + 8];
	FILE *file;
	int error = collect_tags(&build->exports, &tags);

	snprintf(name, sizeof(name), "%s.h", build->name);
	if (!error)
		error = work_open(&build->work, name, &file, build->report);
	if (error)
		return error;
	fprintf(file, "/* Functions of the vDSO \"%s\". Made by `vdk build`; link with -l%s. */\n",
	        build->name, build->name);
	fputs("#ifndef ", file);
	write_guard(file, build->name);
	fputs("\n#define ", file);
	write_guard(file, build->name);
	fputs("\n\n#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n\n"
	      "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n", file);
	error = structs_write(file, &build->layout_objects, &tags, build->report);
	write_prototypes(file, &build->exports);
	fputs("\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n", file);
	if (error) {
		fclose(file);
		return error;
	}
	return work_close(&build->work, name, file, build->report);
}

/* Never run: the loader finds the image under the stub's SONAME and does not load the stub. */
static int write_stub(struct build *build)
{
	FILE *file;
	int error = work_open(&build->work, "stub.c", &file, build->report);

	if (error)
		return error;
	fprintf(file, "#include \"%s.h\"\n#define EXPORT __attribute__((visibility(\"default\")))\n",
	        build->name);
	for (size_t i = 0; i < build->exports.count; i++) {
		const struct export *item = &build->exports.items[i];

		if (!export_is_own(item))
			continue;
		fprintf(file,
		        "EXPORT %s __vdso_%s%s;\n"
		        "EXPORT %s __vdso_%s%s { __builtin_trap(); }\n"
		        "extern __typeof__(__vdso_%s) %s __attribute__((weak, "
		        "alias(\"__vdso_%s\"), visibility(\"default\")));\n",
		        item->ret, item->name, item->params, item->ret, item->name, item->params,
		        item->name, item->name, item->name);
	}
	return work_close(&build->work, "stub.c", file, build->report);
}

int build_declarations(struct build *build)
{
	const int error = write_header(build);

	return error ? error : write_stub(build);
}
