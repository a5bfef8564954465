/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attach/raw-call.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "arch-registers.h"
#include "base/cleanup.h"

/* Which question a system call is; -1: none. */
static int which_call(const struct seccomp_data *data)
{
	static const int native[] = {VDK_TIME_CALLS_NATIVE}, compat[] = {VDK_TIME_CALLS_COMPAT};
	const bool is_native = data->arch == VDK_AUDIT_NATIVE;
	const int *calls = is_native ? native : compat;
	const size_t count = is_native ? sizeof(native) / sizeof(native[0])
	                               : sizeof(compat) / sizeof(compat[0]);

	for (size_t i = 0; i < count; i += 2)
		if (calls[i] == data->nr)
			return calls[i + 1];
	return -1;
}

bool vdk_raw_call_is(const struct seccomp_notif *notification)
{
	return which_call(&notification->data) >= 0;
}

/* The mapping in a line of a maps file: is it a vDSO, the kernel's or the attached one? */
static bool is_vdso(const struct vdk_inject *inject, unsigned int major, unsigned int minor,
                    uint64_t inode, const char *path)
{
	const struct vdk_start *start = &inject->start;

	if (!strcmp(path, "[vdso]"))
		return true;
	/* The path, too: on some file systems a mapping has another device than its file. */
	return (inode == start->image_ino && makedev(major, minor) == start->image_dev) ||
	       (inject->attach->image_path && !strcmp(path, inject->attach->image_path));
}

/* Does this code belong to a vDSO of the thread's process? Also if nobody can know. */
static bool in_vdso(const struct vdk_inject *inject, int tid, uint64_t instruction)
{
	vdk_cleanup_fclose FILE *file = NULL;
	char name[32], line[4352];

	snprintf(name, sizeof(name), "/proc/%d/maps", tid);
	file = fopen(name, "re");
	if (!file)
		return true;
	while (fgets(line, sizeof(line), file)) {
		uint64_t begin, end, inode;
		unsigned int major, minor;
		int path = 0;

		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %*x %x:%x %" SCNu64 " %n", &begin,
		           &end, &major, &minor, &inode, &path) < 5 ||
		    instruction < begin || instruction > end)
			continue;
		/* The address behind the call may be the mapping's end: it made it, too. */
		line[strcspn(line, "\n")] = '\0';
		return is_vdso(inject, major, minor, inode, line + path);
	}
	return ferror(file);
}

bool vdk_raw_call_read(const struct vdk_inject *inject, const struct seccomp_notif *notification,
                       struct vdk_raw_call *ret)
{
	const struct seccomp_data *data = &notification->data;
	const int which = which_call(data);

	if (which < 0 || !notification->pid ||
	    in_vdso(inject, (int)notification->pid, data->instruction_pointer))
		return false;
	*ret = (struct vdk_raw_call){
	        .tid = (int)notification->pid,
	        .arch = data->arch,
	        .clock = which == VDK_RAW_CLOCK_GETTIME ? (uint32_t)data->args[0] : 0,
	        .which = which,
	        .instruction = data->instruction_pointer,
	};
	return true;
}
