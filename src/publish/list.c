/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which names there are, and who feeds them. */
#include <vdk/publish.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "publish/role.h"
#include "publish/runtime.h"

struct names {
	char (*name)[VDK_PUBLICATION_NAME_MAX + 1];
	size_t count, room;
};

static int add(struct names *names, const char *name)
{
	if (names->count == names->room) {
		const size_t room = names->room ? 2 * names->room : 16;
		void *grown = reallocarray(names->name, room, sizeof(names->name[0]));

		if (!grown)
			return -ENOMEM;
		names->name = grown;
		names->room = room;
	}
	strcpy(names->name[names->count++], name);
	return 0;
}

static int collect(const char *path, struct names *names, struct vdk_report *report)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int error = 0;

	if (!dir && errno == ENOENT)
		return 0;
	if (!dir) {
		error = -errno;
		return vdk_report_set(report, error, path, "%s", strerror(-error));
	}
	while (!error && (entry = readdir(dir)))
		if (vdk_publication_name_check(entry->d_name, NULL) == 0)
			error = add(names, entry->d_name);
	closedir(dir);
	return error;
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* One block: the pointers, then the texts. */
static int hand_out(struct names *names, char ***ret_names)
{
	const size_t pointers = (names->count + 1) * sizeof(char *);
	char **out = malloc(pointers + names->count * sizeof(names->name[0]));
	size_t count = 0;
	char *text;

	if (!out)
		return -ENOMEM;
	text = (char *)out + pointers;
	if (names->count)
		qsort(names->name, names->count, sizeof(names->name[0]), compare);
	for (size_t i = 0; i < names->count; i++) {
		if (i > 0 && strcmp(names->name[i], names->name[i - 1]) == 0)
			continue;
		out[count++] = strcpy(text, names->name[i]);
		text += strlen(text) + 1;
	}
	out[count] = NULL;
	*ret_names = out;
	return (int)count;
}

int vdk_publication_names(char ***ret_names, struct vdk_report *report)
{
	struct names names = {0};
	char own[VDK_PATH_MAX];
	const int have_own = vdk_runtime_dir_own(own, sizeof(own), report);
	int result = have_own > 0 ? collect(own, &names, report) : have_own;

	if (!result && (!have_own || strcmp(own, VDK_RUNTIME_DIR_SYSTEM) != 0))
		result = collect(VDK_RUNTIME_DIR_SYSTEM, &names, report);
	if (!result)
		result = hand_out(&names, ret_names);
	free(names.name);
	return result;
}

int vdk_publisher_alive(const struct vdk_publication *publication)
{
	char path[sizeof(publication->path)];
	vdk_cleanup_close int runtime_fd = -1;
	char *slash;

	/* .../RUNTIME/NAME/image.so: the name stands between the last two slashes. */
	strcpy(path, publication->path);
	slash = strrchr(path, '/');
	if (!slash || publication->dir_fd < 0)
		return -EINVAL;
	*slash = 0;
	slash = strrchr(path, '/');
	if (!slash)
		return -EINVAL;
	runtime_fd = openat(publication->dir_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return runtime_fd < 0 ? -errno : vdk_role_held(runtime_fd, slash + 1);
}
