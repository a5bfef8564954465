/* SPDX-License-Identifier: MIT */
#ifndef HOSTINFO_CGROUP_H
#define HOSTINFO_CGROUP_H

/*
 * Find a cgroup of version 2 and keep its files open.
 *
 * A limit of an ancestor binds as well as one's own, so cpu.max and memory.max are kept of every
 * level from the cgroup up to the root that is mounted here. At a level that lacks such a file
 * nothing is limited - if the hierarchy has the controller at all, which its root's
 * cgroup.controllers tells: where a controller still belongs to version 1, its limits are not
 * here and must count as unknown, not as none.
 */

#include "source.h"

#define CGROUP_LEVELS 32
#define CGROUP_PATH 256 /* with its NUL, as in struct hostinfo_cgroup */

struct cgroup_level {
	struct source cpu_max, memory_max;
};

struct cgroup {
	char path[CGROUP_PATH]; /* from the root of the hierarchy; "" unknown */
	bool has_cpu, has_cpuset, has_memory;
	unsigned levels; /* level[0] is the cgroup itself; 0: there is no such cgroup */
	struct cgroup_level level[CGROUP_LEVELS];
	struct source there; /* a file that every cgroup has: unreadable once it is removed */
	struct source memory_current, memory_high, cpuset;
	struct source cpu_pressure, memory_pressure, io_pressure;
};

static inline void cgroup_close(struct cgroup *cgroup)
{
	struct source *const own[] = {&cgroup->there, &cgroup->memory_current,
	                              &cgroup->memory_high, &cgroup->cpuset,
	                              &cgroup->cpu_pressure, &cgroup->memory_pressure,
	                              &cgroup->io_pressure};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		source_close(own[i], -ENOENT);
	for (unsigned i = 0; i < CGROUP_LEVELS; i++) {
		source_close(&cgroup->level[i].cpu_max, -ENOENT);
		source_close(&cgroup->level[i].memory_max, -ENOENT);
	}
	cgroup->levels = 0;
	cgroup->has_cpu = cgroup->has_cpuset = cgroup->has_memory = false;
	cgroup->path[0] = '\0';
}

/* Once, before anything else: no descriptor is ours yet. */
static inline void cgroup_init(struct cgroup *cgroup)
{
	memset(cgroup, 0, sizeof(*cgroup));
	cgroup->there.fd = cgroup->memory_current.fd = cgroup->memory_high.fd = -1;
	cgroup->cpuset.fd = cgroup->cpu_pressure.fd = -1;
	cgroup->memory_pressure.fd = cgroup->io_pressure.fd = -1;
	for (unsigned i = 0; i < CGROUP_LEVELS; i++)
		cgroup->level[i].cpu_max.fd = cgroup->level[i].memory_max.fd = -1;
}

/* The line "0::/path" of /proc/self/cgroup. */
static inline bool cgroup_own_path(struct text text, struct text *ret_path)
{
	struct text line;

	while (text_line(&text, &line))
		if (text_skip(&line, "0::")) {
			*ret_path = line;
			return true;
		}
	return false;
}

/* \040 and its like in mountinfo. */
static inline bool cgroup_unescape(struct text text, char *out, size_t size)
{
	size_t length = 0;

	for (; !text_is_empty(&text); text.at++) {
		char c = *text.at;

		if (c == '\\') {
			unsigned value = 0;

			if (text_size(&text) < 4)
				return false;
			for (int i = 1; i <= 3; i++) {
				if (text.at[i] < '0' || text.at[i] > '7')
					return false;
				value = value * 8 + (unsigned)(text.at[i] - '0');
			}
			c = (char)value;
			text.at += 3;
		}
		if (length + 1 >= size || c == '\0')
			return false;
		out[length++] = c;
	}
	out[length] = '\0';
	return true;
}

/*
 * One line of mountinfo: where a hierarchy of version 2 is mounted, and which of its cgroups lies
 * there: another one than its root where a container has a part of it.
 *
 *     41 31 0:38 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw
 */
static inline bool cgroup_mount(struct text line, char root[4096], char point[4096])
{
	struct text field[5], part;

	for (int i = 0; i < 5; i++)
		field[i] = text_until(&line, ' ');
	do {
		if (text_is_empty(&line))
			return false;
		part = text_until(&line, ' ');
	} while (!text_is(&part, "-"));
	part = text_until(&line, ' ');
	return text_is(&part, "cgroup2") && cgroup_unescape(field[3], root, 4096) &&
	       cgroup_unescape(field[4], point, 4096);
}

/* The part of a path that lies below another one: "" or "/..."; NULL: it does not. */
static inline const char *cgroup_below(const char *path, const char *root)
{
	const size_t length = strcmp(root, "/") ? strlen(root) : 0;

	if (strncmp(path, root, length) != 0 || (path[length] != '/' && path[length] != '\0'))
		return NULL;
	return strcmp(path + length, "/") ? path + length : "";
}

/* The directory of the cgroup, and how much of it is the mount; false: it is not mounted. */
static inline bool cgroup_directory(const char *path, char directory[4096], size_t *ret_mount)
{
	static char buffer[1 << 18], root[4096], point[4096];
	struct source source = SOURCE_CLOSED;
	struct text text, line;
	bool found = false;

	source_open_system(&source, "/proc/self/mountinfo");
	/* Made line by line, so a piece may end anywhere. */
	text = source_read_into(&source, buffer, sizeof(buffer), 0);
	while (!found && text_line(&text, &line)) {
		const char *below;

		if (!cgroup_mount(line, root, point))
			continue;
		below = cgroup_below(path, root);
		if (!below)
			continue;
		*ret_mount = strlen(source_root()) + strlen(point);
		found = (size_t)snprintf(directory, 4096, "%s%s%s", source_root(), point, below) <
		        4096;
	}
	source_close(&source, -ENOENT);
	return found;
}

static inline int cgroup_open_directory(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

static inline void cgroup_controllers(struct cgroup *cgroup, int directory)
{
	struct source source = SOURCE_CLOSED;
	struct text text;

	source_open(&source, directory, "cgroup.controllers");
	text = source_read(&source);
	cgroup->has_cpu = text_has_word(text, "cpu");
	cgroup->has_cpuset = text_has_word(text, "cpuset");
	cgroup->has_memory = text_has_word(text, "memory");
	source_close(&source, -ENOENT);
}

static inline void cgroup_open_own(struct cgroup *cgroup, int directory)
{
	source_open(&cgroup->there, directory, "cgroup.controllers");
	source_open(&cgroup->memory_current, directory, "memory.current");
	source_open(&cgroup->memory_high, directory, "memory.high");
	source_open(&cgroup->cpu_pressure, directory, "cpu.pressure");
	source_open(&cgroup->memory_pressure, directory, "memory.pressure");
	source_open(&cgroup->io_pressure, directory, "io.pressure");
}

/* From the cgroup to the mount, shortening the path as it goes. */
static inline bool cgroup_open_levels(struct cgroup *cgroup, char *directory, size_t mount)
{
	for (unsigned i = 0; i < CGROUP_LEVELS; i++) {
		struct cgroup_level *const level = &cgroup->level[i];
		const int fd = cgroup_open_directory(directory);

		if (fd < 0)
			return false;
		if (i == 0)
			cgroup_open_own(cgroup, fd);
		/* Of the nearest level that has one: below it, it is inherited. */
		if (cgroup->cpuset.error == -ENOENT)
			source_open(&cgroup->cpuset, fd, "cpuset.cpus.effective");
		source_open(&level->cpu_max, fd, "cpu.max");
		source_open(&level->memory_max, fd, "memory.max");
		cgroup->levels = i + 1;
		if (strlen(directory) <= mount)
			cgroup_controllers(cgroup, fd);
		close(fd);
		if (strlen(directory) <= mount)
			return true;
		*strrchr(directory, '/') = '\0';
	}
	return false;
}

/* Find the cgroup anew; @path NULL: the one that this process is in. */
static inline void cgroup_open(struct cgroup *cgroup, const char *path)
{
	static const char nothing[] = "";
	struct source self = SOURCE_CLOSED;
	char directory[4096];
	struct text text;
	size_t mount;

	cgroup_close(cgroup);
	if (path) {
		text = (struct text){path, path + strlen(path)};
	} else {
		source_open_system(&self, "/proc/self/cgroup");
		if (!cgroup_own_path(source_read(&self), &text))
			text = (struct text){nothing, nothing};
		source_close(&self, -ENOENT);
	}
	while (text_size(&text) > 1 && text.end[-1] == '/')
		text.end--;
	if (text_is_plain_path(text) && text_size(&text) < CGROUP_PATH) {
		memcpy(cgroup->path, text.at, text_size(&text));
		cgroup->path[text_size(&text)] = '\0';
		if (!cgroup_directory(cgroup->path, directory, &mount) ||
		    !cgroup_open_levels(cgroup, directory, mount))
			cgroup->levels = 0;
	}
}

#endif
