/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The latch: W1-W4 and R1-R4 of vdk/page.h, the code of src/publish/latch.h and of vdk_read().
 *
 * Writers edit a record of two words that are always equal, and equal to the sequence under which
 * they are published: each edit counts one up. A writer dies between any two steps, or ends; then
 * the next one takes over. A writer that is stopped for ever is one that the search lets take no
 * further step. That one writer at a time is at it is assumed here and checked in lock.pml.
 *
 * One reader stands for any number: readers store nothing, so none sees another.
 *
 * Variants: NO_W1 NO_W2 NO_W4 NO_R1 NO_R3 one order is left out each; ONE_COPY has no second copy;
 * SEQLOCK is that with a mark that makes readers wait while a writer is at it.
 */
#ifndef UPDATES
#define UPDATES 4 /* by all writers together */
#endif
#ifndef WRITERS
#define WRITERS 2
#endif
#define READS 2
#define THREADS (WRITERS + 1)
#define READER WRITERS
/* The initial value, every update, and a half-done one of each writer. */
#if defined(ONE_COPY) || defined(SEQLOCK)
#define MSGS (2 * UPDATES + WRITERS + 1)
#else
#define MSGS (UPDATES + WRITERS + 1)
#endif
#define LOCS 5
#define SEQUENCE 0
#if defined(ONE_COPY) || defined(SEQLOCK)
#define COPY(sequence, word) (1 + (word))
#else
#define COPY(sequence, word) (1 + 2 * ((sequence) & 1) + (word))
#endif

#include "memory.pml"

#ifdef NO_W1
#define W1 RELAXED
#else
#define W1 ACQUIRE
#endif
#ifdef NO_W4
#define W4 RELAXED
#else
#define W4 RELEASE
#endif
#ifdef NO_R1
#define R1 RELAXED
#else
#define R1 ACQUIRE
#endif
#define BUSY 128

bool gone[WRITERS]; /* dead or ended: the kernel dropped its slot's lock */

#define OR_DIES(step) if :: step :: goto dead fi

proctype Writer(byte me)
{
	byte s, a, b, at;
	bool odd;

	if
	:: me > 0 ->
		/* L3: the kernel says that the holder is gone, and by its own lock orders that. */
		atomic {
			gone[me - 1];
			d_step {
				JOIN(th[me].now, th[me - 1].now)
			}
		}
	:: else
	fi;
	do
	:: NEWEST(SEQUENCE) % BUSY < UPDATES ->
		OR_DIES(load(me, SEQUENCE, W1, at, s));                    /* W1 */
#ifdef SEQLOCK
		s = s % BUSY;
#endif
		/* An edit begins with the current value. */
		if
		:: s > 0 ->
			OR_DIES(load(me, COPY(s, 0), RELAXED, at, a));
			OR_DIES(load(me, COPY(s, 1), RELAXED, at, b))
		:: else
		fi;
		assert(a == b && a == s); /* nothing that was committed is undone */
#ifdef SEQLOCK
		OR_DIES(store(me, SEQUENCE, RELAXED, s + BUSY));
#endif
#ifndef NO_W2
		fence_release(me);                                         /* W2 */
#endif
		if                                                         /* W3 */
		:: odd = 0
		:: odd = 1
		fi;
		OR_DIES(store(me, COPY(s + 1, odd), RELAXED, s + 1));
		OR_DIES(store(me, COPY(s + 1, !odd), RELAXED, s + 1));
		OR_DIES(store(me, SEQUENCE, W4, s + 1));                   /* W4 */
		atomic {
			s = 0;
			a = 0;
			b = 0;
			odd = 0
		}
	:: break
	od;
dead:
	atomic {
		s = 0;
		a = 0;
		b = 0;
		odd = 0;
		gone[me] = 1
	}
}

proctype Reader()
{
	byte s, again, a, b, at, last, tries, reads, began;

	do
	:: reads < READS ->
		tries = 0;
		do
		:: 1 ->
			/* Each try but one met an update of its own: it waits for nobody. */
			assert(tries <= UPDATES);
			atomic {
				load(READER, SEQUENCE, R1, at, s);         /* R1 */
				began = th[READER].now[SEQUENCE]
			}
#ifdef SEQLOCK
			if
			:: s >= BUSY -> tries++; goto next
			:: else
			fi;
#endif
			if
			:: s == 0 ->
				assert(last == 0); /* once written, never unwritten */
				break
			:: else
			fi;
			if                                                 /* R2 */
			:: load(READER, COPY(s, 0), RELAXED, at, a);
				load(READER, COPY(s, 1), RELAXED, at, b)
			:: load(READER, COPY(s, 1), RELAXED, at, b);
				load(READER, COPY(s, 0), RELAXED, at, a)
			fi;
#ifndef NO_R3
			fence_acquire(READER);                             /* R3 */
#endif
			load(READER, SEQUENCE, RELAXED, at, again);        /* R4 */
			if
			:: again == s ->
				assert(a == b);    /* not torn */
				assert(a == s);    /* what was published under this sequence */
				assert(s >= last); /* never back */
				last = s;
				break
			:: else ->
				/* Only a newer update makes a try fail. */
				assert(th[READER].now[SEQUENCE] > began);
				tries++
			fi;
next:
			atomic {
				s = 0;
				again = 0;
				a = 0;
				b = 0;
				began = 0
			}
		od;
		atomic {
			s = 0;
			again = 0;
			a = 0;
			b = 0;
			began = 0;
			reads++
		}
	:: else -> break
	od
}

init {
	atomic {
		byte n = 0;

		do
		:: n < WRITERS -> run Writer(n); n++
		:: else -> break
		od;
		run Reader()
	}
}
