/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "toolchain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

/* Before the author's flags, which may change them. */
static const char *const defaults[] = {"-std=gnu11", "-O2", "-g", "-Wall", NULL};

/* After the author's flags: an image that lacks one of these is broken in some program. */
static const char *const rules[] = {
        /* No libc, no assumption of one. Calls that compilers insert anyway are in sdk/. */
        "-ffreestanding",
        /* No relocation: everything is reached relative to the code, nothing is preemptible. */
        "-fPIC", "-fvisibility=hidden", "-mcmodel=small", "-fno-jump-tables", "-fno-common",
        /* No thread-local canary (Go's threads have none), no probes, no instrumentation. */
        "-fno-stack-protector", "-fno-stack-clash-protection", "-fno-sanitize=all",
        "-fno-profile-arcs", "-fno-test-coverage", "-fno-split-stack", "-U_FORTIFY_SOURCE",
        "-D_FORTIFY_SOURCE=0",
        /* Little stack, no wide registers: Go calls from a small stack, and the caller's upper
         * vector halves are not worth a transition. */
        "-mno-avx", "-fno-tree-vectorize", "-fno-tree-slp-vectorize",
        /* As the kernel's own: no landing pads, unwindable at every instruction. */
        "-fcf-protection=none", "-fno-exceptions", "-fasynchronous-unwind-tables",
        /* Objects that the builder can look into, and drop unused functions from. */
        "-fno-lto", "-ffunction-sections", "-fdata-sections", NULL};

static const char *const rules_gcc[] = {
        /* A switch over strings would become a table of addresses. */
        "-fno-tree-switch-conversion",
        /* A loop in the author's code stays a loop. */
        "-fno-tree-loop-distribute-patterns", "-fno-instrument-functions", NULL};

/* clang says that it ignores a warning flag or a macro's second definition: not news to anybody. */
static const char *const rules_clang[] = {"-Qunused-arguments", NULL};

static const char *const link_flags[] = {
        "-shared", "-nostdlib", "-nostartfiles",
        "-Wl,-Bsymbolic",
        /* musl reads the one, the kernel's own tests and Go prefer the other. */
        "-Wl,--hash-style=both",
        /* A program that was linked with the image finds it already loaded under this name. */
        "-Wl,-soname,linux-vdso.so.1",
        "-Wl,--build-id=sha1", "-Wl,--eh-frame-hdr", "-Wl,--no-undefined", "-Wl,--gc-sections",
        /* File offset = address, one segment, whatever the linker's own taste. */
        "-Wl,-z,max-page-size=4096", "-Wl,-z,noexecstack", "-Wl,-z,norelro",
        "-Wl,--fatal-warnings", NULL};

static int probe(struct toolchain *tc, struct vdk_report *report)
{
	cleanup_list struct list argv = {0};
	char macros[32768];
	int error;

	error = list_add_all(&argv, (const char *const *)tc->cc.items);
	if (!error)
		error = list_add_words(&argv, "-E -dM -x c /dev/null");
	if (!error)
		error = command_read(&argv, macros, sizeof(macros), report);
	if (error)
		return error;
	if (!strstr(macros, "#define __x86_64__ 1") || !strstr(macros, "#define __LP64__ 1") ||
	    !strstr(macros, "#define __linux__ 1"))
		return vdk_report_set(report, -EINVAL, tc->cc.items[0],
		                      "this compiler makes code for another system; images are "
		                      "64-bit x86-64 Linux code (is there a -m32 in CC?)");
	tc->clang = strstr(macros, "#define __clang__ 1") != NULL;
	return 0;
}

int toolchain_init(struct toolchain *tc, const char *cc, const char *ld,
                   struct vdk_report *report)
{
	int error;

	*tc = (struct toolchain){0};
	if (ld && strcmp(ld, "bfd") && strcmp(ld, "lld"))
		return vdk_report_set(report, -EINVAL, ld, "not a linker that images are made "
		                                           "with; expected bfd or lld");
	if (ld)
		snprintf(tc->ld, sizeof(tc->ld), "%s", ld);
	if (!cc || !*cc)
		cc = getenv("CC");
	if (!cc || !cc[strspn(cc, " \t")])
		cc = "cc";
	error = list_add_words(&tc->cc, cc);
	return error ? error : probe(tc, report);
}

void toolchain_deinit(struct toolchain *tc)
{
	list_free(&tc->cc);
}

int toolchain_cflags(const struct toolchain *tc, const char *include_dir,
                     const char *const *extra, struct list *argv)
{
	int error = list_add_all(argv, defaults);

	if (!error)
		error = list_add_all(argv, extra);
	if (!error)
		error = list_add_all(argv, rules);
	if (!error)
		error = list_add_all(argv, tc->clang ? rules_clang : rules_gcc);
	if (!error)
		error = list_add(argv, "-I%s", include_dir);
	return error;
}

int toolchain_ldflags(const struct toolchain *tc, struct list *argv)
{
	int error = list_add_all(argv, link_flags);

	if (!error && *tc->ld)
		error = list_add(argv, "-fuse-ld=%s", tc->ld);
	/* No DT_DEBUG and no write flag: nobody writes into a vDSO's dynamic section. */
	if (!error && !strcmp(tc->ld, "lld"))
		error = list_add(argv, "-Wl,-z,rodynamic");
	return error;
}

int toolchain_link_files(const char *folder, struct list *argv)
{
	static const char *const objects[] = {"note.o", "chain.o", "finish.o", "mem.o"};
	/* ld.bfd looks for the script's INCLUDE as soon as it meets -T: the folder comes first. */
	int error = list_add(argv, "-L%s", folder);

	if (!error)
		error = list_add(argv, "-Wl,-T,%s/image.lds", folder);
	if (!error)
		error = list_add(argv, "-Wl,--version-script=%s/image.map", folder);
	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]) && !error; i++)
		error = list_add(argv, "%s/%s", folder, objects[i]);
	return error;
}
