/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The entries of the auxiliary vector by name: include/uapi/linux/auxvec.h and the x86 header
 * beside it. Numbers of other CPUs (cache geometry of PowerPC and others) are not in it.
 */
#include <vdk/inspect.h>

#include <elf.h>

#define ENTRY(name, meaning) {name, #name, meaning}
#define NUMBERED(number, name, meaning) {number, name, meaning}

static const struct {
	uint64_t type;
	const char *name, *meaning;
} names[] = {
        ENTRY(AT_IGNORE, "an entry to be passed over"),
        ENTRY(AT_EXECFD, "descriptor of the program"),
        ENTRY(AT_PHDR, "the program's ELF program headers"),
        ENTRY(AT_PHENT, "size of one program header"),
        ENTRY(AT_PHNUM, "number of program headers"),
        ENTRY(AT_PAGESZ, "size of a page"),
        ENTRY(AT_BASE, "where the dynamic loader lies; 0: there is none"),
        ENTRY(AT_FLAGS, "flags"),
        ENTRY(AT_ENTRY, "where the program begins"),
        ENTRY(AT_UID, "real user"),
        ENTRY(AT_EUID, "effective user"),
        ENTRY(AT_GID, "real group"),
        ENTRY(AT_EGID, "effective group"),
        ENTRY(AT_PLATFORM, "name of the CPU's kind"),
        ENTRY(AT_HWCAP, "what the CPU can do (on x86: CPUID 1, edx)"),
        ENTRY(AT_CLKTCK, "ticks a second of times(2)"),
        ENTRY(AT_SECURE, "1: set-user-ID or the like, libraries must be careful"),
        ENTRY(AT_BASE_PLATFORM, "name of the real CPU's kind"),
        ENTRY(AT_RANDOM, "16 random bytes, for stack protectors"),
        ENTRY(AT_HWCAP2, "more of what the CPU can do"),
        NUMBERED(27, "AT_RSEQ_FEATURE_SIZE", "bytes of struct rseq that the kernel knows"),
        NUMBERED(28, "AT_RSEQ_ALIGN", "its alignment"),
        NUMBERED(29, "AT_HWCAP3", "more of what the CPU can do"),
        NUMBERED(30, "AT_HWCAP4", "more of what the CPU can do"),
        ENTRY(AT_EXECFN, "the program's name as it was started"),
        ENTRY(AT_SYSINFO, "entry for system calls (32-bit)"),
        ENTRY(AT_SYSINFO_EHDR, "where the vDSO lies"),
        NUMBERED(51, "AT_MINSIGSTKSZ", "smallest stack for a signal's handler"),
};

const char *vdk_auxv_name(uint64_t type, const char **ret_meaning)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].type == type) {
			*ret_meaning = names[i].meaning;
			return names[i].name;
		}
	*ret_meaning = NULL;
	return NULL;
}
