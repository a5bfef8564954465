/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What stands between a program and bpf(2), and what must not pass for a page:
 *
 *   forbid ERRNO COMMAND...   run it under a seccomp filter by which bpf(2) fails with that number
 *   forbid kill COMMAND...    run it under one by which bpf(2) kills
 *   forbid pin PATH SIZE      pin a map there that could be a page but for not being frozen
 *   forbid write PATH         write the map pinned there, by bpf(2) and by a mapping: 0 if neither can
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int filter(unsigned int answer)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, answer),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = sizeof(code) / sizeof(code[0]), .filter = code};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static int pin(const char *path, unsigned int size)
{
	union bpf_attr attr;
	long fd;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = size;
	attr.max_entries = 1;
	attr.map_flags = BPF_F_MMAPABLE;
	fd = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	if (fd < 0)
		return -1;
	memset(&attr, 0, sizeof(attr));
	attr.bpf_fd = (unsigned int)fd;
	attr.pathname = (unsigned long)path;
	return (int)syscall(SYS_bpf, BPF_OBJ_PIN, &attr, sizeof(attr));
}

/* 0: the kernel refuses both ways; 1: it does not. */
static int write_map(const char *path)
{
	static char value[1 << 16];
	const unsigned int key = 0;
	union bpf_attr attr;
	long fd;
	int written;

	memset(&attr, 0, sizeof(attr));
	attr.pathname = (unsigned long)path;
	fd = syscall(SYS_bpf, BPF_OBJ_GET, &attr, sizeof(attr));
	if (fd < 0)
		return -1;
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (unsigned int)fd;
	attr.key = (unsigned long)&key;
	attr.value = (unsigned long)value;
	written = syscall(SYS_bpf, BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr)) == 0 || errno != EPERM;
	return written || mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd, 0) != MAP_FAILED;
}

static unsigned int answer_of(const char *word)
{
	if (!strcmp(word, "kill"))
		return SECCOMP_RET_KILL_PROCESS;
	return SECCOMP_RET_ERRNO | ((unsigned int)atoi(word) & SECCOMP_RET_DATA);
}

int main(int argc, char **argv)
{
	if (argc > 3 && !strcmp(argv[1], "pin")) {
		if (pin(argv[2], (unsigned int)atoi(argv[3])) == 0)
			return 0;
	} else if (argc > 2 && !strcmp(argv[1], "write")) {
		const int written = write_map(argv[2]);

		if (written >= 0)
			return written;
	} else if (argc > 2 && !filter(answer_of(argv[1]))) {
		execvp(argv[2], argv + 2);
	}
	perror("forbid");
	return 125;
}
