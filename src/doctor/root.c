/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files below the root. A prepared tree may hold anything: huge files, FIFOs, symbolic links to
 * anywhere. Links of a fake are resolved as if its root were "/"; those of a running system's proc
 * are the kernel's own and lead where they lead.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "doctor/examination.h"
#include "inspect/process.h"

/* What is asked of the process that was opened is asked of no other that has its number by now. */
static const char *below_process(const struct doctor *doctor, const char *path)
{
	const size_t length = strlen(doctor->pid_name);

	if (!doctor->process || strncmp(path, "proc/", 5) != 0 ||
	    strncmp(path + 5, doctor->pid_name, length) != 0 || path[5 + length] != '/')
		return NULL;
	return path + 5 + length + 1;
}

static int open_any(const struct doctor *doctor, const char *path)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT,
	};

	const char *own;

	while (*path == '/')
		path++;
	own = doctor->fake ? NULL : below_process(doctor, path);
	if (own)
		return openat(doctor->process->dir_fd, own, (int)how.flags);
	if (!doctor->fake)
		return openat(doctor->root_fd, path, (int)how.flags);
	return (int)syscall(SYS_openat2, doctor->root_fd, path, &how, sizeof(how));
}

int doctor_open_file(const struct doctor *doctor, const char *path, int *ret_fd)
{
	vdk_cleanup_close int fd = open_any(doctor, path);
	struct stat stat;

	if (fd < 0 || fstat(fd, &stat))
		return -errno;
	if (!S_ISREG(stat.st_mode))
		return -EBADMSG;
	*ret_fd = vdk_steal_fd(&fd);
	return 0;
}

int doctor_text(const struct doctor *doctor, const char *path, char nul, char *text, size_t size)
{
	vdk_cleanup_close int fd = -1;
	const int error = doctor_open_file(doctor, path, &fd);
	size_t length = 0;

	if (error)
		return error;
	for (;;) {
		const ssize_t got = read(fd, text + length, size - length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		length += (size_t)got;
		if (length == size)
			return -EFBIG;
	}
	if (length && text[length - 1] == '\n')
		length--;
	for (size_t i = 0; i < length; i++) {
		const unsigned char c = (unsigned char)text[i];

		if (c == 0)
			text[i] = nul;
		else if ((c < ' ' && c != '\n' && c != '\t') || c >= 0x7f)
			text[i] = '?';
	}
	text[length] = '\0';
	return (int)length;
}

const char *doctor_process_path(const struct doctor *doctor, const char *file, char path[64])
{
	snprintf(path, 64, "proc/%s/%s", doctor->pid_name, file);
	return path;
}

bool doctor_field(const char *text, const char *name, char *value, size_t size)
{
	const size_t length = strlen(name);

	for (const char *at = text; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (strncmp(at, name, length) || at[length] != ':')
			continue;
		at += length + 1;
		at += strspn(at, " \t");
		snprintf(value, size, "%.*s", (int)strcspn(at, "\n"), at);
		return true;
	}
	return false;
}

bool doctor_word(const char *line, const char *word)
{
	const size_t length = strlen(word);

	for (const char *at = line; (at = strstr(at, word)); at += length)
		if ((at == line || strchr(" \t\n", at[-1])) && (!at[length] || strchr(" \t\n", at[length])))
			return true;
	return false;
}
