/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_CHECK_H
#define VDK_CHECK_H

/**
 * vdk/check.h - is this file a vDSO that every consumer can live with?
 *
 * A vDSO is read by parsers that forgive nothing. musl follows its hash table without one bounds
 * check, Go dereferences its version table unasked, glibc asserts that it has no thread-local
 * segment, and no loader ever relocates it. An image that is wrong in one byte may work under one
 * C library and crash every program under the next. So the checker looks at each property that a
 * known consumer relies on, one rule for each, and says for every breach which rule, where in
 * the file, what was expected and what was found.
 *
 * Rules have stable ids such as `load.single` or `reloc.relr`. vdk_check_rules() lists them all,
 * with a title, the place where the demand comes from and a severity:
 *
 *   - an error is something that breaks a consumer, or makes the image do harm inside a program;
 *   - a warning works everywhere that is known, but should not be shipped;
 *   - a note is worth knowing and nothing more.
 *
 * Two profiles. An image that `vdk build` made carries a note of its own and is held to every
 * rule. The kernel's image has known oddities: a leaked run path, no stack segment, data that
 * the kernel patched before anybody looked. In the kernel profile those rules report notes, and
 * rules about the kit's own note say nothing. VDK_CHECK_AUTO takes the kernel profile for an
 * image that has the kernel's version note and not the kit's.
 *
 * What is looked at: the ELF header and segments, the dynamic section with both hash tables and
 * the version definitions, symbols, notes, sections and padding, the unwind information, and
 * every instruction. The code is decoded and followed along every path, so that stack use, the
 * callee-saved registers and the unwind information are compared instruction by instruction.
 *
 * What is not: whether the functions return what they should. Nothing in the image is run.
 *
 * Hostile input. Every byte of the image is taken for hostile: a file of any content ends in
 * findings, never in a crash or in an endless loop. A file that is not ELF at all is a finding
 * too (rule elf.ident), since it was read and it is not an image; only a file that cannot be
 * read is an error of the function. Where a part is so broken that other rules cannot look at
 * what they judge, those rules are counted by vdk_check_unlooked(); there is always at least one
 * error then.
 *
 * Threads: every function may be called from any thread; one result belongs to one thread at a
 * time. Signals: none of them is async-signal-safe. Nothing is printed, errno means nothing.
 */

#include <stddef.h>
#include <stdint.h>

#include <vdk/report.h>

/* The largest file that is looked at, in bytes. Real images have two pages. */
#define VDK_CHECK_SIZE_MAX (16u << 20)

/*
 * What an exported function may use of its caller's stack, in bytes, with everything it calls
 * inside the image. Go calls from the stack of its scheduler; the kernel's own clock_gettime
 * takes less than 100.
 */
#define VDK_CHECK_STACK_LIMIT 1024u

/* A finding that belongs to no place in the file. */
#define VDK_CHECK_NO_OFFSET UINT64_MAX

/* Stack use that could not be told: see rule stack.known. */
#define VDK_CHECK_STACK_UNKNOWN UINT32_MAX

enum vdk_check_severity {
	VDK_CHECK_OFF, /* in a rule: not applied in this profile */
	VDK_CHECK_NOTE,
	VDK_CHECK_WARNING,
	VDK_CHECK_ERROR
};

enum vdk_check_profile {
	VDK_CHECK_AUTO,
	VDK_CHECK_KIT,   /* every rule with its full severity */
	VDK_CHECK_KERNEL /* the kernel's own image: known oddities are notes */
};

/**
 * struct vdk_check_options - how to look
 *
 * Zero everything but @size for the defaults; NULL stands for that.
 */
struct vdk_check_options {
	size_t size; /* sizeof(struct vdk_check_options), so that later versions may add to it */
	enum vdk_check_profile profile;
	uint32_t stack_limit; /* bytes; 0: VDK_CHECK_STACK_LIMIT */
};

/** struct vdk_check_rule - one demand on an image; static, lives as long as the program */
struct vdk_check_rule {
	const char *id;     /* stable, never used again for something else */
	const char *title;  /* the demand, in one line */
	const char *origin; /* the consumer, trap or specification that it comes from */
	enum vdk_check_severity severity;        /* in the kit profile */
	enum vdk_check_severity kernel_severity; /* in the kernel profile */
};

/** struct vdk_check_finding - one breach of one rule; lives as long as its result */
struct vdk_check_finding {
	const struct vdk_check_rule *rule;
	enum vdk_check_severity severity;
	uint64_t offset;      /* in the file, or VDK_CHECK_NO_OFFSET */
	const char *expected; /* may be empty, never NULL */
	const char *found;    /* the same; bytes that do not print are escaped */
	const char *message;  /* one sentence without a full stop */
};

/** struct vdk_check_function - one function of the image; lives as long as its result */
struct vdk_check_function {
	const char *name;     /* of its first export or its symbol; "" where it has none */
	uint64_t offset;      /* in the image */
	uint64_t size;        /* bytes; 0 where no symbol tells */
	uint32_t stack;       /* bytes of its own frame with the return address */
	uint32_t stack_total; /* with everything that it calls inside the image */
	int exported;         /* 1: consumers can find it */
	int chains;           /* 1: it calls on into the kernel's vDSO, whose stack is not counted */
};

/** struct vdk_check_result - all that was seen; opaque */
struct vdk_check_result;

/**
 * vdk_check_file() - check an image in a file
 * @path:       a regular file of at most VDK_CHECK_SIZE_MAX bytes; symbolic links are followed
 * @options:    NULL for the defaults
 * @ret_result: free with vdk_check_free()
 * @report:     filled when the function fails; may be NULL
 *
 * Return:   0 when the file was looked at, whatever was found: ask vdk_check_count(). -ENOMEM.
 *           -EINVAL unknown option. -EFBIG too large. -EISDIR or -ENODEV not a regular file.
 *           Otherwise what open(2) or read(2) said.
 * Lifetime: the file is read once and closed; nothing of @options is kept.
 */
int vdk_check_file(const char *path, const struct vdk_check_options *options,
                   struct vdk_check_result **ret_result, struct vdk_report *report);

/**
 * vdk_check_memory() - check an image that lies in memory
 * @bytes: of the whole file; copied, so they need no alignment and may change afterwards
 * @size:  their count; at most VDK_CHECK_SIZE_MAX
 *
 * The other parameters are those of vdk_check_file().
 *
 * Return: 0; -ENOMEM; -EINVAL; -EFBIG.
 */
int vdk_check_memory(const void *bytes, size_t size, const struct vdk_check_options *options,
                     struct vdk_check_result **ret_result, struct vdk_report *report);

/**
 * vdk_check_running() - check the vDSO that this process sees
 *
 * That is the image at AT_SYSINFO_EHDR: the kernel's, or the one attached to this process. The
 * other parameters are those of vdk_check_file().
 *
 * Return: 0; -ENOENT this process has no vDSO; -ENOMEM; -EINVAL; -EIO its mapping could not be
 *         read.
 */
int vdk_check_running(const struct vdk_check_options *options,
                      struct vdk_check_result **ret_result, struct vdk_report *report);

/** vdk_check_free() - release a result. NULL is allowed. Return: NULL. */
struct vdk_check_result *vdk_check_free(struct vdk_check_result *result);

/**
 * vdk_check_rules() - every rule, in the order in which they are looked at
 * @ret_count: their number
 *
 * Return: an array that lives as long as the program.
 */
const struct vdk_check_rule *const *vdk_check_rules(size_t *ret_count);

/** vdk_check_count() - how many findings have this severity? VDK_CHECK_OFF counts all. */
size_t vdk_check_count(const struct vdk_check_result *result, enum vdk_check_severity severity);

/**
 * vdk_check_finding() - the findings, in the order of the rules and of their offsets
 *
 * A rule reports at most 16 breaches one by one and the rest as a number in a last finding.
 *
 * Return: NULL when @index is not below vdk_check_count(result, VDK_CHECK_OFF).
 */
const struct vdk_check_finding *vdk_check_finding(const struct vdk_check_result *result,
                                                  size_t index);

/**
 * vdk_check_function() - the functions of the image, by offset
 *
 * Return: NULL past the last one. There are none where the code could not be decoded.
 */
const struct vdk_check_function *vdk_check_function(const struct vdk_check_result *result,
                                                    size_t index);

/** vdk_check_unlooked() - how many rules could not judge, since what they look at is broken. */
size_t vdk_check_unlooked(const struct vdk_check_result *result);

/** vdk_check_profile() - the profile that was used; never VDK_CHECK_AUTO. */
enum vdk_check_profile vdk_check_profile(const struct vdk_check_result *result);

/** vdk_check_size() - bytes of the image that was looked at. */
uint64_t vdk_check_size(const struct vdk_check_result *result);

#endif
