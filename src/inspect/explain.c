/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mappings in words. Whoever reads these for the first time should not need a second text: each
 * sentence says what the memory is for, and why it may or may not be read, written and run.
 */
#include <vdk/inspect.h>

#include <stdio.h>
#include <string.h>

#include "inspect/classify.h"

#define READ VDK_MAP_READ
#define WRITE VDK_MAP_WRITE
#define EXEC VDK_MAP_EXEC

/* "%s" is the file's base name, or the name in brackets. */
static const struct {
	const char *name, *what, *why;
} kinds[VDK_MAP_KINDS] = {
	[VDK_MAP_ANON] = {"anonymous",
		"memory that the program asked for: large malloc blocks, a language's heap, the "
		"loader's own", NULL},
	[VDK_MAP_NAMED_ANON] = {"named-anonymous",
		"memory that the program asked for and named %s", NULL},
	[VDK_MAP_SHARED_ANON] = {"shared-memory",
		"memory shared between processes (%s)", NULL},
	[VDK_MAP_HEAP] = {"heap",
		"the heap: where malloc takes small blocks from", NULL},
	[VDK_MAP_STACK] = {"stack",
		"the first thread's stack; at its top lie the arguments, the environment and the "
		"auxiliary vector; it grows downwards, and the kernel keeps the 1 MiB below it free",
		NULL},
	[VDK_MAP_THREAD_STACK] = {"thread-stack",
		"a thread's stack", NULL},
	[VDK_MAP_GUARD] = {"guard",
		"a guard: whoever runs off the end of the stack above it crashes here",
		"it exists to be hit, so nothing is allowed"},
	[VDK_MAP_RESERVED] = {"reserved",
		"addresses kept for later use; no memory is behind them",
		"the program allows more when it needs the addresses"},
	[VDK_MAP_HEADERS] = {"headers",
		"%s: ELF headers, symbol names and relocations, for the loader",
		"tables are only read"},
	[VDK_MAP_CODE] = {"code", "%s: code (text)",
		"code is run and may be read, but not changed, so that an attacker cannot replace it "
		"and all processes share one copy"},
	[VDK_MAP_CONSTANTS] = {"constants", "%s: constants, such as strings and tables",
		"constants are only read"},
	[VDK_MAP_RELRO] = {"relro",
		"%s: pointers that the loader filled in at the start (RELRO)",
		"made read-only after that, so that nobody can bend the pointers"},
	[VDK_MAP_DATA] = {"data", "%s: variables with a start value (data)", NULL},
	[VDK_MAP_BSS] = {"bss", "variables that start as zero (bss), behind the data before them",
		NULL},
	[VDK_MAP_PADDING] = {"padding",
		"%s: the gap between its code and its data, kept so that nothing else is put there",
		"nothing is in it, so nothing is allowed"},
	[VDK_MAP_FILE] = {"file", "the file %s", NULL},
	[VDK_MAP_DEVICE] = {"device", "a device or another kernel object (%s)", NULL},
	[VDK_MAP_MEMFD] = {"memfd", "a file without a name, in memory only (%s)", NULL},
	[VDK_MAP_HUGE] = {"huge-pages", "huge pages: memory in pieces of 2 MiB or 1 GiB (%s)", NULL},
	[VDK_MAP_VVAR] = {"vvar",
		"the kernel's variables that the vDSO's functions read, such as the time; the kernel "
		"updates them, and their layout is its own affair, so vdk does not read them",
		"every program reads them and only the kernel writes"},
	[VDK_MAP_VVAR_VCLOCK] = {"vvar-vclock",
		"the clock of a virtual machine's host (KVM or Hyper-V), for the vDSO's functions; a "
		"part of [vvar] before Linux 6.13",
		"programs read it and only the host writes"},
	[VDK_MAP_VDSO] = {"vdso",
		"the kernel's vDSO: a small shared library that the kernel maps into every program, "
		"at another address each time; calls such as clock_gettime and getcpu end here "
		"instead of in a slow system call, and C libraries, Go and others find it by "
		"AT_SYSINFO_EHDR of the auxiliary vector", NULL},
	[VDK_MAP_VSYSCALL] = {"vsyscall",
		"the vsyscall page, the vDSO's predecessor: gettimeofday, time and getcpu at the same "
		"address in every program; programs of today use the vDSO instead. It is no memory "
		"of this process: the kernel lists the page here for completeness", NULL},
	[VDK_MAP_UPROBES] = {"uprobes",
		"copies of probed instructions: a tracer (perf, bpftrace) watches this process",
		"the copies are run and nothing else"},
	[VDK_MAP_SPECIAL] = {"special", "the kernel's %s", NULL},
	[VDK_MAP_VDK_PROCESS] = {"vdk-process-page",
		"vdk's process page: where the kernel's vDSO functions lie in this process, for the "
		"attached image to pass calls on to",
		"filled before the program began and then locked, since code jumps through it"},
	[VDK_MAP_VDK_PAGE] = {"vdk-page",
		"a vdk page: live data that the attached image's functions read (%s)",
		"shared with its publisher, who alone writes; here it is only read"},
	[VDK_MAP_VDK_IMAGE] = {"vdk-image",
		"a vDSO attached by vdk (%s): takes the place of the kernel's, which stays mapped",
		"code is run and read, but not changed"},
	[VDK_MAP_VDK_STATE] = {"vdk-state",
		"memory that the attached image shares with all programs of its tree",
		"the one thing that an image writes; under vdk faketime the sum of all steps"},
};

const char *vdk_map_kind_name(enum vdk_map_kind kind)
{
	return kind < VDK_MAP_KINDS ? kinds[kind].name : "unknown";
}

const char *vdk_map_owner_name(enum vdk_map_owner owner)
{
	static const char *const names[] = {"", "program", "loader", "library"};

	return owner <= VDK_OWNER_LIBRARY ? names[owner] : "";
}

static const char *owner_words(enum vdk_map_owner owner)
{
	switch (owner) {
	case VDK_OWNER_PROGRAM:
		return "the program ";
	case VDK_OWNER_LOADER:
		return "the dynamic loader ";
	case VDK_OWNER_LIBRARY:
		return "the library ";
	default:
		return "";
	}
}

static const char *suffix(const struct vdk_map *map)
{
	if (map->kind == VDK_MAP_ANON && map->access & EXEC)
		return "; it may be run: code that the program made itself (a just-in-time "
		       "compiler)";
	if (map->kind == VDK_MAP_HEAP && strcmp(map->path, "[heap]") != 0)
		return " in another thread than the first";
	if (map->kind == VDK_MAP_VSYSCALL && map->end - map->start > 4096)
		return "; this size is an old kernel's, before 2.6.35 or so";
	if (map->kind == VDK_MAP_VDSO && map->end - map->start == 4096)
		return "; it has one page, as in older kernels; before Linux 3.16 its variables "
		       "were not listed as [vvar]";
	return map->deleted && map->owner != VDK_OWNER_NONE
	               ? "; the file was deleted or replaced since, as by an upgrade"
	               : "";
}

char *vdk_map_what(const struct vdk_map *map, char *text, size_t size)
{
	const enum vdk_map_kind kind = map->kind < VDK_MAP_KINDS ? map->kind : VDK_MAP_ANON;
	const char *name = *map->path == '[' ? map->path : vdk_base_name(map->path);
	const char *percent = strstr(kinds[kind].what, "%s");
	const char *head = kinds[kind].what;

	if (percent)
		snprintf(text, size, "%.*s%s%s%s%s", (int)(percent - head), head,
		         owner_words(map->owner), name, percent + 2, suffix(map));
	else
		snprintf(text, size, "%s%s", head, suffix(map));
	return text;
}

/* What the same permissions mean in every other kind of memory. */
static const char *plain_why(unsigned int access)
{
	const bool shared = access & VDK_MAP_SHARED;

	switch (access & (READ | WRITE | EXEC)) {
	case 0:
		return "nothing is allowed: any access crashes";
	case READ:
		return shared ? "others may change it, this process only reads"
		              : "only read, so that a stray write is noticed at once";
	case READ | WRITE:
		return shared ? "read and written together with other processes"
		              : "data is read and written, but never run: injected bytes do not "
		                "become code";
	case READ | EXEC:
		return "code is run and may be read, but not changed";
	case EXEC:
		return "may be run but not read";
	case READ | WRITE | EXEC:
		return "written and run: a just-in-time compiler does so, otherwise it invites "
		       "attackers";
	default:
		return "an unusual mix, chosen by the program";
	}
}

static const char *vsyscall_why(unsigned int access)
{
	switch (access & (READ | WRITE | EXEC)) {
	case EXEC:
		return "mode xonly: a call here traps and the kernel does it, slower than a system "
		       "call; reading the page is forbidden, as its fixed address helps attackers";
	case READ | EXEC:
		return "mode emulate, or native in old kernels: the page can be called and read. "
		       "Emulated, a call traps and the kernel does it, slower than a system call";
	case 0:
		return "an old kernel that lists the page without telling its permissions; it can "
		       "be called";
	default:
		return "no kernel is known to list it with these permissions";
	}
}

static const char *vdso_why(unsigned int access)
{
	if ((access & (READ | WRITE | EXEC)) == (READ | EXEC))
		return "code is run and read, but not changed; a debugger's breakpoint gets a private "
		       "copy";
	return "not the kernel's own choice, which is r-x: somebody changed it";
}

char *vdk_map_why(const struct vdk_map *map, char *text, size_t size)
{
	const enum vdk_map_kind kind = map->kind < VDK_MAP_KINDS ? map->kind : VDK_MAP_ANON;
	const unsigned int access = map->access;
	const char *why = kinds[kind].why;

	if (kind == VDK_MAP_VSYSCALL)
		why = vsyscall_why(access);
	else if (kind == VDK_MAP_VDSO)
		why = vdso_why(access);
	else if (!why || (access & (WRITE | EXEC)) == (WRITE | EXEC))
		why = plain_why(access);
	snprintf(text, size, "%s", why);
	return text;
}
