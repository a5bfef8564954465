/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "changes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "base/cleanup.h"
#include "edits.h"
#include "names.h"
#include "text.h"

/* Both sides of the comparison. */
struct planning {
	const struct tree *tree;
	const struct bake_kit *kit;
	const struct recipe *recipes[2]; /* before and after */
	char *edits[2];
	struct changes *changes;
	struct vdk_report *report;
};

int tree_open(const char *path, struct tree *ret_tree, struct vdk_report *report)
{
	const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return vdk_report_set(report, -errno, path, "cannot be opened as a kernel tree: %m");
	/* Two that change a tree at once would each undo the other's half; the second one waits. */
	flock(fd, LOCK_EX);
	*ret_tree = (struct tree){.fd = fd, .path = path};
	return 0;
}

static bool has_source(int place, const char *name)
{
	const int fd = openat(place, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	bool found = false;

	if (!folder)
		return false;
	while (!found && (entry = readdir(folder)))
		found = ends_with(entry->d_name, ".vdso.c");
	closedir(folder);
	return found;
}

int tree_recipe(const struct tree *tree, struct recipe *recipe, struct vdk_report *report)
{
	const int fd = openat(tree->fd, BAKE_PLACE, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *place = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	char path[PATH_MAX];
	int error = 0;

	if (!place && errno == ENOENT)
		return 0;
	if (!place)
		return vdk_report_set(report, -errno, BAKE_PLACE, "cannot be read: %m");
	while (!error && (entry = readdir(place)))
		if (*entry->d_name != '.' && has_source(fd, entry->d_name)) {
			snprintf(path, sizeof(path), "%s/" BAKE_PLACE "/%s", tree->path,
			         entry->d_name);
			error = recipe_add(recipe, entry->d_name, path, report);
		}
	closedir(place);
	return error;
}

void changes_free(struct changes *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		free(changes->items[i].path);
		free(changes->items[i].before);
		free(changes->items[i].after);
	}
	free(changes->items);
	*changes = (struct changes){0};
}

static struct change *find_change(const struct changes *changes, const char *path)
{
	for (size_t i = 0; i < changes->count; i++)
		if (!strcmp(changes->items[i].path, path))
			return &changes->items[i];
	return NULL;
}

/* A change of @path from what the tree has to nothing, to be filled; an earlier one is returned. */
static int add_change(struct planning *planning, const char *path, struct change **ret_change)
{
	struct changes *changes = planning->changes;
	struct change *grown, *found = find_change(changes, path);
	struct change change = {0};
	int error;

	if (found) {
		*ret_change = found;
		return 0;
	}
	error = text_read(planning->tree->fd, path, path, &change.before, planning->report);
	if (error == -ELOOP)
		return vdk_report_set(planning->report, -EILSEQ, path,
		                      "not a tree that this kit knows: expected a file, found a "
		                      "symbolic link");
	if (error && error != -ENOENT)
		return error;
	change.path = strdup(path);
	grown = reallocarray(changes->items, changes->count + 1, sizeof(*grown));
	if (grown)
		changes->items = grown;
	if (!grown || !change.path) {
		free(change.path);
		free(change.before);
		return -ENOMEM;
	}
	grown[changes->count] = change;
	*ret_change = &grown[changes->count++];
	return 0;
}

/* A file of the kernel's own, with other additions or none. */
static int plan_edit(struct planning *planning, const char *path)
{
	vdk_cleanup_free char *plain = NULL;
	struct change *change;
	int error = add_change(planning, path, &change);

	if (!error && !change->before)
		return vdk_report_set(planning->report, -EILSEQ, path,
		                      "not a tree that this kit knows: expected this file of Linux "
		                      "6.1 in it, found none");
	if (!error && !ends_with(change->before, "\n"))
		return vdk_report_set(planning->report, -EILSEQ, path,
		                      "not a tree that this kit knows: expected a last line that "
		                      "ends, found none");
	if (!error)
		error = edits_rewrite(planning->edits[0], path, change->before, true, &plain,
		                      planning->report);
	return error ? error
	             : edits_rewrite(planning->edits[1], path, plain, false, &change->after,
	                             planning->report);
}

/* A source of the kit or of an author as it will be in a kernel. Return: 0; an error. */
static int read_source(const struct planning *planning, const char *path, bool shared,
                       char **ret_text)
{
	vdk_cleanup_free char *text = NULL;
	int error = text_read(AT_FDCWD, path, path, &text, planning->report);

	if (error == -ENOENT)
		return vdk_report_set(planning->report, error, path, "is gone");
	if (error)
		return error;
	if (shared)
		return text_for_kernel(text, path, false, ret_text, planning->report);
	*ret_text = text;
	text = NULL;
	return 0;
}

/* One "new" or "shared" line of the edits: what the file's text is for one of the two recipes. */
static int make_whole(const struct planning *planning, int side, const char *line, size_t length,
                      char *ret_path, char **ret_text)
{
	vdk_cleanup_free char *template = NULL;
	char name[128] = "", source[PATH_MAX];
	int error;

	if (length < 256 && sscanf(line, "shared %255s %127s", ret_path, name) == 2 && *name) {
		snprintf(source, sizeof(source), "%s/%s", planning->kit->include_dir, name);
		return read_source(planning, source, true, ret_text);
	}
	if (length >= 256 || sscanf(line, "new %255s", ret_path) != 1)
		return vdk_report_set(planning->report, -EINVAL, "edits", "a damaged template: %.*s",
		                      (int)length, line);
	snprintf(source, sizeof(source), "%s/linux-6.1/new/%s", planning->kit->bake_dir, ret_path);
	error = read_source(planning, source, false, &template);
	return error ? error
	             : expand(planning->recipes[side], source, template, ret_text,
	                      planning->report);
}

/* A file that is to be new must not be there, unless it was baked before. */
static int add_new(struct planning *planning, const char *path, struct change **ret_change)
{
	const bool known = find_change(planning->changes, path) != NULL;
	const int error = add_change(planning, path, ret_change);

	if (!error && !known && (*ret_change)->before)
		return vdk_report_set(planning->report, -EILSEQ, path,
		                      "is there already, and not from this kit");
	return error;
}

/* The first line in which two texts differ, for a message. */
static int complain_edited(const struct planning *planning, const char *path, const char *expected,
                           const char *found)
{
	size_t lengths[2];
	const char *lines[2];
	int number = 0;

	do {
		lines[0] = text_line(&expected, &lengths[0]);
		lines[1] = text_line(&found, &lengths[1]);
		number++;
	} while (lines[0] && lines[1] && lengths[0] == lengths[1] &&
	         !memcmp(lines[0], lines[1], lengths[0]));
	return vdk_report_set(planning->report, -EILSEQ, path,
	                      "not as this kit baked it: line %d: expected '%.*s', found '%.*s'; "
	                      "take the change out, or remove it with the kit that made it",
	                      number, lines[0] ? (int)lengths[0] : 0, lines[0] ? lines[0] : "",
	                      lines[1] ? (int)lengths[1] : 0, lines[1] ? lines[1] : "");
}

/* Files that are the kit's from the first line to the last. */
static int plan_whole(struct planning *planning, int side)
{
	const char *edits = planning->edits[side], *line;
	struct change *change;
	char path[256];
	size_t length;
	int error = 0;

	while (!error && (line = text_line(&edits, &length))) {
		vdk_cleanup_free char *text = NULL;

		if (strncmp(line, "new ", 4) && strncmp(line, "shared ", 7))
			continue;
		error = make_whole(planning, side, line, length, path, &text);
		if (!error)
			error = side ? add_new(planning, path, &change)
			             : add_change(planning, path, &change);
		if (error)
			return error;
		if (!side && !change->before)
			return vdk_report_set(planning->report, -EILSEQ, path,
			                      "not as this kit baked it: the file is gone");
		if (!side && strcmp(change->before, text))
			return complain_edited(planning, path, text, change->before);
		if (side) {
			change->after = text;
			text = NULL;
		}
	}
	return error;
}

/* A patch could not tell a last line that does not end. */
static int end_last_line(char **text)
{
	const size_t length = strlen(*text);
	char *grown;

	if (!length || (*text)[length - 1] == '\n')
		return 0;
	grown = realloc(*text, length + 2);
	if (!grown)
		return -ENOMEM;
	strcpy(grown + length, "\n");
	*text = grown;
	return 0;
}

/* In a kernel the first line of a .c file is a comment of the other kind. */
static int kernel_license(char **text)
{
	static const char before[] = "/* SPDX-License-Identifier: ";
	const char *end = strstr(*text, " */\n"), *line = strchrnul(*text, '\n');
	char *changed;

	if (strncmp(*text, before, strlen(before)) || !end || end + 3 != line)
		return 0;
	if (asprintf(&changed, "// %.*s%s", (int)(end - *text - 3), *text + 3, line) < 0)
		return -ENOMEM;
	free(*text);
	*text = changed;
	return 0;
}

static int plan_author(struct planning *planning, int side, const struct folder *folder,
                       const char *file)
{
	vdk_cleanup_free char *text = NULL;
	char path[PATH_MAX], source[PATH_MAX];
	struct change *change;
	int error;

	snprintf(path, sizeof(path), BAKE_PLACE "/%s/%s", folder->name, file);
	if (snprintf(source, sizeof(source), "%s/%s", folder->path, file) >= PATH_MAX)
		return vdk_report_set(planning->report, -ENAMETOOLONG, folder->path,
		                      "the path is too long");
	error = side ? add_new(planning, path, &change) : add_change(planning, path, &change);
	if (error || !side)
		return error;
	error = read_source(planning, source, false, &text);
	if (!error)
		error = end_last_line(&text);
	if (!error && ends_with(file, ".c"))
		error = kernel_license(&text);
	if (!error) {
		change->after = text;
		text = NULL;
	}
	return error;
}

static int plan_authors(struct planning *planning, int side)
{
	const struct recipe *recipe = planning->recipes[side];
	int error = 0;

	for (size_t i = 0; i < recipe->count; i++)
		for (size_t k = 0; k < recipe->folders[i].files.count && !error; k++)
			error = plan_author(planning, side, &recipe->folders[i],
			                    recipe->folders[i].files.items[k]);
	return error;
}

static int plan(struct planning *planning, const char *template)
{
	cleanup_list struct list paths = {0};
	int error = 0;

	for (int side = 0; side < 2 && !error; side++)
		error = expand(planning->recipes[side], "edits", template, &planning->edits[side],
		               planning->report);
	if (!error)
		error = edits_files(planning->edits[1], &paths, planning->report);
	for (size_t i = 0; i < paths.count && !error; i++)
		error = plan_edit(planning, paths.items[i]);
	for (int side = 0; side < 2 && !error; side++) {
		error = plan_whole(planning, side);
		if (!error)
			error = plan_authors(planning, side);
	}
	return error;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct change *)a)->path, ((const struct change *)b)->path);
}

/* Files that stay as they are are no change. */
static void drop_equal(struct changes *changes)
{
	size_t kept = 0;

	for (size_t i = 0; i < changes->count; i++) {
		struct change *change = &changes->items[i];

		if (!change->before == !change->after &&
		    (!change->before || !strcmp(change->before, change->after))) {
			free(change->path);
			free(change->before);
			free(change->after);
		} else {
			changes->items[kept++] = *change;
		}
	}
	changes->count = kept;
	if (kept)
		qsort(changes->items, kept, sizeof(*changes->items), compare);
}

int changes_find(const struct tree *tree, const struct recipe *before, const struct recipe *after,
                 const struct bake_kit *kit, struct changes *ret_changes,
                 struct vdk_report *report)
{
	vdk_cleanup_free char *template = NULL;
	struct planning planning = {.tree = tree,
	                            .kit = kit,
	                            .recipes = {before, after},
	                            .changes = ret_changes,
	                            .report = report};
	char path[PATH_MAX];
	int error;

	snprintf(path, sizeof(path), "%s/linux-6.1/edits", kit->bake_dir);
	error = read_source(&planning, path, false, &template);
	if (!error)
		error = plan(&planning, template);
	free(planning.edits[0]);
	free(planning.edits[1]);
	if (error)
		changes_free(ret_changes);
	else
		drop_equal(ret_changes);
	return error;
}
