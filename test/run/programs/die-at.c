/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * die-at NUMBER ARGUMENT VALUE PROGRAM...: whoever in PROGRAM's tree makes the system call NUMBER
 * with VALUE as its argument ARGUMENT (or with any: -) is killed before that call does anything.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc < 5)
		return 2;

	const unsigned int any = !strcmp(argv[3], "-");
	const unsigned int number = (unsigned int)strtoul(argv[1], NULL, 0);
	const unsigned int value = any ? 0 : (unsigned int)strtoul(argv[3], NULL, 0);
	const unsigned int offset = offsetof(struct seccomp_data, args) + 8 * (unsigned int)atoi(argv[2]);
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ, number, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset),
		any ? (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE, 0, 0, 1)
		    : (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ, value, 0, 1),
		BPF_STMT(BPF_RET, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
		perror("die-at");
		return 77;
	}
	execvp(argv[4], argv + 4);
	perror(argv[4]);
	return 127;
}
