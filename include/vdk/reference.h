/* SPDX-License-Identifier: MIT */
#ifndef VDK_REFERENCE_H
#define VDK_REFERENCE_H

/**
 * vdk/reference.h - say what a function of a vDSO should answer
 *
 * `vdk verify` knows what the standard functions should answer: the system call says it. What a
 * function of one's own should answer only its author knows. NAME.reference.c, a file of the
 * vDSO's folder that may be there or not, says it with this header:
 *
 *     #include <time.h>
 *     #include <vdk/reference.h>
 *
 *     VDK_REFERENCE(int64_t, desk_seconds, (void), desk_seconds(), 1)
 *     {
 *             return time(NULL);
 *     }
 *
 * The first three are the function as in VDK_FUNCTION(), word for word. Then comes a question: an
 * expression that asks the function and makes one whole number of its answer. Then the tolerance,
 * in the unit of that number. The body is the reference: the same number by ordinary means,
 * system calls and libc as one likes. It is an ordinary program's code.
 *
 * A function with arguments, or one that fills a struct, is asked by a statement expression; more
 * than one question may be put to a function:
 *
 *     VDK_REFERENCE(int, desk_limits, (struct limits *limits),
 *                   ({ struct limits l; int e = desk_limits(&l); e ? e : (int)l.daily[0]; }), 0)
 *
 * How it is asked
 * ---------------
 * The reference answers directly before and directly after the function, and the function's
 * number must not lie below the lower of the two by more than the tolerance, nor above the higher
 * by more. So a value that moves while it is looked at needs no tolerance for that; one for how
 * old a published value may be, it does. An error that is the right answer, -VDK_ENODATA of a
 * page that nobody feeds, is a number like any other, if the reference gives it too.
 *
 * Stack use, registers, signals and unwinding are verified with the same questions, a
 * million times if need be: a question is best quick and without effects. These look at the
 * function through a code of their own between question and function, which hands on arguments
 * that are passed in registers and the first eight words of those on the stack.
 *
 * `vdk build` makes a module of it, NAME.reference.so, beside the image. It refuses a reference
 * for a function that the image does not export or that is declared otherwise. Nothing of it gets
 * into the image, and publishers do not load it; `vdk verify` does, so it must be as trustworthy
 * as a program.
 *
 * What makes a good reference
 * ---------------------------
 *   - It gets its answer another way: from the file that the publisher reads, from a system call,
 *     by arithmetic of its own. One that reads the same page by vdk/page.h shows that the function
 *     copies right, and nothing about the value.
 *   - Its number is fine enough to tell wrong from right: milliseconds of a clock that should be
 *     exact to nanoseconds hide what they should find.
 *   - Its tolerance is what the author promises: how old a value may be,
 *     or how far a rounded one is off. A larger one finds less, a smaller one fails on a busy
 *     machine.
 *   - It asks for the error, too: a question with a bad argument, whose answer is the negative
 *     errno that the manual names.
 *
 * A reference that finds a flaw has the last word only if it is right itself: verify it against the
 * function by hand once, with an image that is broken on purpose.
 *
 * Threads: a question of VDK_REFERENCE_RISING() is asked by several threads at once. Signals:
 * questions are asked from signal handlers, too, references are not.
 */

#include <stdint.h>

/** What a module and `vdk verify` must agree on; one more at each incompatible change. */
#define VDK_REFERENCE_VERSION 1u

/** Some function of the vDSO, of a type that only the question knows. */
typedef void vdk_reference_function(void);

/** struct vdk_reference::flags */
enum {
	VDK_REFERENCE_RISES = 1, /* no answer is below one that anybody had before */
};

/**
 * struct vdk_reference - one question, as the macros below make it
 */
struct vdk_reference {
	const char *function; /* without __vdso_ */
	const char *question; /* in words or C, for messages */
	int64_t (*ask)(const struct vdk_reference *self, vdk_reference_function *function);
	int64_t (*answer)(const struct vdk_reference *self);
	uint64_t tolerance;
	uint64_t flags;
	int64_t data; /* of whoever makes one by hand; 0 from the macros */
};

/** The one symbol of a module, `vdk_reference_module`. */
struct vdk_reference_module {
	uint32_t version; /* VDK_REFERENCE_VERSION */
	uint32_t size;    /* sizeof(struct vdk_reference) that it was compiled with */
	const struct vdk_reference *const *first, *const *end;
};

/**
 * VDK_REFERENCE() - a question and what the answer should be
 * @ret, @name, @params: as in the VDK_FUNCTION() of the image, with the same words
 * @question:  an integer expression that calls @name
 * @tolerance: how far the answers may be apart; a constant, not negative
 */
#define VDK_REFERENCE(ret, name, params, question, tolerance)                                      \
	VDK_REFERENCE_(ret, name, params, question, tolerance, 0, __COUNTER__)

/**
 * VDK_REFERENCE_RISING() - the same for a number that never falls, whichever thread asks
 *
 * A clock, a count. Besides its value this order is verified: what a thread is told is at least
 * what any thread had been told before it asked.
 */
#define VDK_REFERENCE_RISING(ret, name, params, question, tolerance)                               \
	VDK_REFERENCE_(ret, name, params, question, tolerance, VDK_REFERENCE_RISES, __COUNTER__)

#include <vdk/bits/reference.h>

#endif
