/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is to be in the tree: the authors' folders, built once to see what is in them. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bake.h"
#include "names.h"

static void folder_free(struct folder *folder)
{
	free(folder->name);
	free(folder->path);
	list_free(&folder->files);
}

int recipe_remove(struct recipe *recipe, const char *name)
{
	for (size_t i = 0; i < recipe->count; i++) {
		if (strcmp(recipe->folders[i].name, name))
			continue;
		folder_free(&recipe->folders[i]);
		memmove(&recipe->folders[i], &recipe->folders[i + 1],
		        (--recipe->count - i) * sizeof(*recipe->folders));
		return 0;
	}
	return -ENOENT;
}

int recipe_add(struct recipe *recipe, const char *name, const char *path,
               struct vdk_report *report)
{
	struct folder folder, *grown;
	size_t place = 0;

	if (strlen(name) > BUILD_NAME_MAX || !is_name(name))
		return vdk_report_set(report, -EINVAL, path,
		                      "the folder's name becomes part of names in the kernel: "
		                      "expected at most %d letters, digits and _, found '%s'",
		                      BUILD_NAME_MAX, name);
	recipe_remove(recipe, name);
	grown = reallocarray(recipe->folders, recipe->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	recipe->folders = grown;
	folder = (struct folder){.name = strdup(name), .path = strdup(path)};
	if (!folder.name || !folder.path) {
		folder_free(&folder);
		return -ENOMEM;
	}
	while (place < recipe->count && strcmp(grown[place].name, name) < 0)
		place++;
	memmove(&grown[place + 1], &grown[place], (recipe->count++ - place) * sizeof(*grown));
	grown[place] = folder;
	return 0;
}

/* The files that make a vDSO; what these include is found when they are read. */
static int list_files(struct folder *folder, struct vdk_report *report)
{
	DIR *directory = opendir(folder->path);
	const struct dirent *entry;
	int error = 0;

	if (!directory)
		return vdk_report_set(report, -errno, folder->path, "cannot be read: %m");
	while (!error && (entry = readdir(directory)))
		if (*entry->d_name != '.' &&
		    (ends_with(entry->d_name, ".vdso.c") || ends_with(entry->d_name, ".page.h") ||
		     ends_with(entry->d_name, ".update.c")))
			error = list_add(&folder->files, "%s", entry->d_name);
	closedir(directory);
	list_sort(&folder->files);
	return error;
}

static uint32_t slot_space(const struct record *record)
{
	return (record->slot_size + 63) / 64 * 64;
}

uint32_t recipe_offset(const struct recipe *recipe, size_t index)
{
	uint32_t offset = BAKE_VVAR_FIRST;

	for (size_t i = 0; i < index; i++)
		offset += slot_space(&recipe->build.layout.records[i]);
	return offset;
}

static int check_space(const struct recipe *recipe, struct vdk_report *report)
{
	const struct layout *layout = &recipe->build.layout;
	uint64_t end = BAKE_VVAR_FIRST;

	for (size_t i = 0; i < layout->record_count; i++) {
		const struct record *record = &layout->records[i];
		char where[300];

		snprintf(where, sizeof(where), "%.280s:%d", record->file, record->line);
		if (end + slot_space(record) > BAKE_VVAR_END)
			return vdk_report_set(report, -EINVAL, where,
			                      "record %s needs %u bytes of the kernel's vvar page, "
			                      "which has %llu left of the %u that are free in it",
			                      record->name, slot_space(record),
			                      (unsigned long long)(BAKE_VVAR_END - end),
			                      BAKE_VVAR_END - BAKE_VVAR_FIRST);
		end += slot_space(record);
	}
	return 0;
}

static int build_all(struct recipe *recipe, const struct bake_kit *kit, struct vdk_report *report)
{
	int error = 0;

	recipe->build.report = report;
	recipe->build.options = &recipe->options;
	for (size_t i = 0; i < recipe->count && !error; i++)
		error = list_add(&recipe->inputs, "%s", recipe->folders[i].path);
	recipe->options = (struct vdk_build_options){.size = sizeof(recipe->options),
	                                             .name = "bake",
	                                             .inputs = (void *)recipe->inputs.items,
	                                             .include_dir = kit->include_dir,
	                                             .sdk_dir = kit->sdk_dir};
	if (!error)
		error = build_inputs(&recipe->build);
	if (!error)
		error = toolchain_init(&recipe->build.tc, NULL, NULL, report);
	if (!error)
		error = work_init(&recipe->build.work, NULL, report);
	if (!error)
		error = build_layout(&recipe->build);
	return error ? error : build_units(&recipe->build);
}

int recipe_finish(struct recipe *recipe, const struct bake_kit *kit, bool strict,
                  struct vdk_report *report)
{
	int error = 0;

	if (!recipe->count)
		return 0;
	for (size_t i = 0; i < recipe->count && !error; i++)
		error = list_files(&recipe->folders[i], report);
	/* First what a kernel cannot have: a compiler's messages about it would say less. */
	if (!error)
		error = inside_check(recipe, report);
	if (!error)
		error = build_all(recipe, kit, report);
	if (!error)
		error = inside_check_records(recipe, report);
	if (!error)
		error = check_space(recipe, report);
	return error || !strict ? error : trial_check(recipe, kit, report);
}

void recipe_free(struct recipe *recipe)
{
	for (size_t i = 0; i < recipe->count; i++)
		folder_free(&recipe->folders[i]);
	free(recipe->folders);
	list_free(&recipe->inputs);
	list_free(&recipe->written);
	build_deinit(&recipe->build);
}
