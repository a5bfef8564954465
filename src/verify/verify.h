/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_VERIFY_VERIFY_H
#define VDK_VERIFY_VERIFY_H

/*
 * Does the vDSO of this process keep what callers of its functions rely on?
 *
 * A function is known by questions: each asks it and makes one number of the answer, and each has
 * a reference that gives the same number in another way (vdk/reference.h). For the standard
 * functions they stand in questions.c, and the reference is the system call; for others the
 * author wrote them. A property is something that must hold for a function, with a file of its
 * own: values, order, arguments, ... Each is looked at in a child, since what is verified may
 * crash or hang, and each is a line of the result.
 *
 * Nothing here believes the vDSO: the time by which this code goes is the system call's.
 */

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vdk/lookup.h>
#include <vdk/report.h>

#define VDK_REFERENCE_NO_MODULE
#include <vdk/reference.h>

#define VERIFY_CPUS_MAX 64
#define VERIFY_FUNCTIONS_MAX 128

enum verify_verdict { VERIFY_OK, VERIFY_FAIL, VERIFY_SKIP };

struct verify_result {
	enum verify_verdict verdict;
	char text[512]; /* what was looked at; what is wrong; why it was not looked at */
};

/* The standard functions; 0: one of the author's own. */
enum verify_standard {
	VERIFY_OWN,
	VERIFY_CLOCK_GETTIME,
	VERIFY_GETTIMEOFDAY,
	VERIFY_TIME,
	VERIFY_GETCPU,
	VERIFY_CLOCK_GETRES,
	VERIFY_GETRANDOM
};

struct verify_function {
	char name[80]; /* without __vdso_ */
	enum verify_standard standard;
	vdk_function *address;
	const struct vdk_reference **questions; /* about its values */
	size_t question_count;
	const struct vdk_reference **probes; /* for all else: the built-in ones, if there are any */
	size_t probe_count;
};

/* An image in this process, and a copy of its bytes. */
struct verify_image {
	uint64_t start, end;
	uint8_t *bytes;
};

struct verify {
	struct verify_image image, kernel; /* the one that is verified; the kernel's own, or none */
	bool attached;                     /* they are two */
	struct verify_function functions[VERIFY_FUNCTIONS_MAX];
	size_t function_count;
	int cpus[VERIFY_CPUS_MAX];
	int cpu_count;
	unsigned int stack_limit; /* bytes */
	const char *const *again; /* a command that verifies values of this vDSO in a new process */
};

/* A property of functions. */
struct verify_property {
	const char *name;
	const char *summary;
	bool timed; /* looks as long as it is given; others are done soon */
	bool (*applies)(const struct verify_function *function);
	void (*check)(const struct verify *verify, const struct verify_function *function,
	              int64_t ns, struct verify_result *ret_result);
};

extern const struct verify_property verify_values, verify_order, verify_arguments,
        verify_resolution, verify_namespace, verify_stack, verify_registers, verify_signals,
        verify_unwind;

/* All of them, NULL-terminated, in the order in which they are told. */
extern const struct verify_property *const verify_properties[];

/* ---- What they share ------------------------------------------------------------------------- */

/*
 * Find the vDSO of this process, its functions and the questions about them.
 * @module: descriptor of a module with the author's references, or -1; it is loaded and run
 * Return: 0; -ENOENT no vDSO; -ENOEXEC one that is malformed, or no such module; -EINVAL the
 *         module's references and the functions do not fit; -ENOMEM.
 */
int verify_open(struct verify *verify, int module, struct vdk_report *report);

/* The built-in questions about a standard function. Return: their count. */
size_t verify_questions(enum verify_standard standard, const struct vdk_reference *const **ret);

/* What a built-in question answers when the function said it succeeded with what cannot be. */
#define VERIFY_MALFORMED INT64_MIN

/* Look at one property of one function, in a child. @ns: how long, for timed ones. */
void verify_apart(const struct verify *verify, const struct verify_function *function,
                  const struct verify_property *property, int64_t ns,
                  struct verify_result *ret_result);

/* One comparison. Return: true: fine; false: *ret_result says what is wrong. */
bool verify_compare(const struct verify_function *function, const struct vdk_reference *question,
                    vdk_function *by, struct verify_result *ret_result);

/* An answer against what the reference said before and after. */
bool verify_between(const struct vdk_reference *question, int64_t before, int64_t answer,
                    int64_t after, struct verify_result *ret_result);

void verify_say(struct verify_result *result, enum verify_verdict verdict, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* "image+0x123", "kernel vDSO+0x123" or "0x7f..." */
const char *verify_place(const struct verify *verify, uint64_t address, char *text, size_t size);

/* Inside of the image, or of the kernel's, to which images pass calls on? */
bool verify_inside(const struct verify *verify, uint64_t address);

/* CLOCK_MONOTONIC by system call, ns. */
int64_t verify_now(void);

/* From an answer to a higher one; those of wrong functions may be as far apart as numbers can be. */
static inline uint64_t verify_distance(int64_t low, int64_t high)
{
	return (uint64_t)high - (uint64_t)low;
}

/*
 * The date beside that time, ns; and was it set since? Whoever sets it between two system calls
 * makes any right answer look wrong.
 */
int64_t verify_date(void);
bool verify_date_was_set(int64_t date);

/* Run on one CPU only. Return: false when that is not permitted. */
bool verify_pin(int cpu);

/* "SIGSEGV" */
const char *verify_signal_name(int signal);

/* "EINVAL" of a system call's answer -EINVAL; NULL: it is no error, or a rare one. */
const char *verify_error_name(int64_t answer);

/* "1 CPU", "5 clocks" */
const char *verify_count(uint64_t count, const char *noun, char *text, size_t size);

/* Does every function have the property, or only one that questions can be put to? */
bool verify_any(const struct verify_function *function);

/* Where a stack of verify_guard_size bytes ends: whoever faults there used it up. */
extern uint64_t verify_guard_start, verify_guard_end, verify_guard_size;

/* ---- arch/CPU/call.S ------------------------------------------------------------------------- */

extern vdk_function *verify_target;
extern void *verify_stack_top, *verify_own_stack;
extern uint64_t verify_expected[8], verify_after[8];
extern uint32_t verify_mxcsr[2];
extern uint16_t verify_fpucw[2];
extern const char verify_keeping_return[] __attribute__((visibility("hidden")));

void verify_on_stack(void);
void verify_keeping(void);
void verify_stepping(void);

#endif
