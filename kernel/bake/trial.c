/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Compile the sources as a kernel would, against the kit's kernel headers and a few words of a
 * kernel (trial/include): a mistake is told here, by the compiler with file and line, and not in
 * the middle of a kernel's build. What the objects call must be there, too.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bake.h"
#include "build/command.h"
#include "names.h"
#include "text.h"

/* As in the Makefiles of Linux 6.1, with its warnings as errors and without its configuration. */
#define FLAGS                                                                                      \
	"-std=gnu11 -O2 -nostdinc -D__KERNEL__ -mgeneral-regs-only -mno-red-zone "                 \
	"-fno-strict-aliasing -fno-common -fshort-wchar -fno-asynchronous-unwind-tables "          \
	"-fno-stack-protector -fcf-protection=none -ffunction-sections -g -Wall -Wundef "          \
	"-Wstrict-prototypes -Wvla -Wdeclaration-after-statement -Wimplicit-fallthrough "          \
	"-Wno-unused-but-set-variable -Wno-pointer-sign -Wframe-larger-than=2048 -Werror -c"

static int compile(struct recipe *recipe, const struct bake_kit *kit, const struct folder *folder,
                   const char *file, const char *object, struct vdk_report *report)
{
	cleanup_list struct list argv = {0};
	char hook[128];
	int error = list_add_all(&argv, (const char *const *)recipe->build.tc.cc.items);

	hook_name(folder->name, file, hook, sizeof(hook));
	if (!error)
		error = list_add_words(&argv, FLAGS);
	if (!error)
		error = list_add(&argv, ends_with(file, ".vdso.c") ? "-fPIC" : "-fno-pic");
	if (!error)
		error = list_add(&argv, "-DVDK_UPDATE_HOOK=%s", hook);
	if (!error)
		error = list_add(&argv, "-I%s/trial/include", kit->bake_dir);
	if (!error)
		error = list_add(&argv, "-I%s/linux-6.1/new/arch/x86/include", kit->bake_dir);
	if (!error)
		error = list_add(&argv, "-I%s", kit->include_dir);
	if (!error)
		error = list_add(&argv, "%s/%s", folder->path, file);
	if (!error)
		error = list_add(&argv, "-o%s", object);
	return error ? error : command_run(&argv, report);
}

/* Is it there when the object is linked? @vdso: into the image, otherwise into the kernel. */
static bool is_there(const char *name, bool vdso, const struct list *defined)
{
	static const char *const in_kernel[] = {"memcpy", "memmove", "memset", "memcmp"};

	if (!*name || !strcmp(name, "_GLOBAL_OFFSET_TABLE_") ||
	    !strcmp(name, "__arch_get_vdso_data") || !strncmp(name, "vdk_record_", 11) ||
	    !strncmp(name, "vvar_vdk_record_", 16) || !strncmp(name, "timens_vdk_record_", 18))
		return true;
	for (size_t i = 0; i < 4 && !vdso; i++)
		if (!strcmp(name, in_kernel[i]))
			return true;
	for (size_t i = 0; i < defined->count; i++)
		if (!strcmp(defined->items[i], name))
			return true;
	return false;
}

static int complain(const struct object *object, size_t index, const char *name, bool vdso,
                    struct vdk_report *report)
{
	const char *user = object_first_user(object, index);

	if (!strncmp(name, "mem", 3))
		return vdk_report_set(report, -EINVAL, object->source,
		                      "%s%s cannot be baked: it copies so much at once that the "
		                      "compiler calls %s, and the kernel's vDSO has none; copy field "
		                      "by field",
		                      user ? "function " : "it", user ? user : "", name);
	return vdk_report_set(report, -EINVAL, object->source,
	                      "%s%s cannot be baked: it calls %s, which is not there in %s",
	                      user ? "function " : "it", user ? user : "", name,
	                      vdso ? "the kernel's vDSO" : "every kernel");
}

static int check_object(const char *path, const char *source, bool vdso,
                        const struct list *defined, struct vdk_report *report)
{
	struct object object;
	const char *name;
	GElf_Sym symbol;
	int error = object_open(&object, path, source, report);

	if (error)
		return error;
	for (size_t i = 1; !error && object_symbol(&object, i, &symbol, &name); i++)
		if (symbol.st_shndx == SHN_UNDEF && !is_there(name, vdso, defined))
			error = complain(&object, i, name, vdso, report);
	object_close(&object);
	return error;
}

static int collect_defined(const char *path, struct list *defined, struct vdk_report *report)
{
	struct object object;
	const char *name;
	GElf_Sym symbol;
	int error = object_open(&object, path, path, report);

	if (error)
		return error;
	for (size_t i = 1; !error && object_symbol(&object, i, &symbol, &name); i++)
		if (symbol.st_shndx != SHN_UNDEF && GELF_ST_BIND(symbol.st_info) != STB_LOCAL)
			error = list_add(defined, "%s", name);
	object_close(&object);
	return error;
}

/* One half of a folder: functions or hooks. */
static int try_half(struct recipe *recipe, const struct bake_kit *kit, const struct folder *folder,
                    const char *tail, struct vdk_report *report)
{
	cleanup_list struct list objects = {0}, sources = {0}, defined = {0};
	int error = 0;

	for (size_t i = 0; i < folder->files.count && !error; i++) {
		const char *file = folder->files.items[i];

		if (!ends_with(file, tail))
			continue;
		error = list_add(&sources, "%s/%s", folder->path, file);
		if (!error)
			error = list_add(&objects, "%s/trial-%zu.o", recipe->build.work.path, i);
		if (!error)
			error = compile(recipe, kit, folder, file,
			                objects.items[objects.count - 1], report);
		if (!error)
			error = collect_defined(objects.items[objects.count - 1], &defined, report);
	}
	for (size_t i = 0; i < objects.count && !error; i++)
		error = check_object(objects.items[i], sources.items[i], !strcmp(tail, ".vdso.c"),
		                     &defined, report);
	return error;
}

int trial_check(struct recipe *recipe, const struct bake_kit *kit, struct vdk_report *report)
{
	int error = 0;

	for (size_t i = 0; i < recipe->count && !error; i++) {
		error = try_half(recipe, kit, &recipe->folders[i], ".vdso.c", report);
		if (!error)
			error = try_half(recipe, kit, &recipe->folders[i], ".update.c", report);
	}
	return error;
}
