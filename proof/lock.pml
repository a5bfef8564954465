/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The writers' lock: L1-L5 of vdk/page.h, the code of src/publish/lock.c and handle.h, with what it
 * is for: a record whose updates count one up, so that a lost one shows.
 *
 * Each handle claims a slot, makes one update and dies between any two steps, or closes. Fewer
 * slots than handles, so that slots are used again. When all handles are gone a last one, which
 * cannot die, must get in: a lock that is left behind for good would keep it out. It is the
 * parent's new child, say: the parent has waited for the others and so knows what they did.
 *
 * Variants: NO_L1 NO_L4 NO_L5 NO_CLAIM NO_W1 one order is left out each; NO_KERNEL the answer of
 * F_OFD_GETLK and F_OFD_SETLK orders nothing; NO_GENERATION; INEXACT steals whatever the word is
 * by then; ROB steals from the living; NO_CLEAN leaves the word that names the claimed slot.
 */
#ifndef HANDLES
#define HANDLES 3 /* without the last one */
#endif
#ifndef SLOTS
#define SLOTS 2 /* or 3 */
#endif
#define LOOKS 2 /* then the handle gives up, as after VDK_WRITER_PATIENCE_MS */
#define THREADS (HANDLES + 1)
#define LAST HANDLES
#define MSGS 12
#define LOCS 4
#define LOCK 0
#define SEQUENCE 1
#define COPY(sequence) (2 + ((sequence) & 1))

#include "memory.pml"

#ifdef NO_L1
#define L1 RELAXED
#else
#define L1 ACQUIRE
#endif
#ifdef NO_L4
#define L4 RELAXED
#else
#define L4 ACQUIRE
#endif
#ifdef NO_L5
#define L5 RELAXED
#else
#define L5 RELEASE
#endif
#ifdef NO_CLAIM
#define CLAIM RELAXED
#else
#define CLAIM ACQUIRE
#endif
#ifdef NO_W1
#define W1 RELAXED
#else
#define W1 ACQUIRE
#endif
#ifdef NO_GENERATION
#define GENERATION 0
#else
#define GENERATION 4
#endif

/* The lock word: (generation << 2) | slot. */
#define SLOT_OF(word) ((word) & 3)
#define FREE(word) ((word) - SLOT_OF(word))
#define TAKEN(word, slot) (FREE(word) + GENERATION + (slot))

/* The kernel's table of slot locks: who owns which, and what their last owners had done. */
byte owner[SLOTS + 1];
Thread left[SLOTS + 1];

byte committed; /* updates so far */
byte inside;    /* who is inside an update and lives: 0 or number + 1 */
byte gone;

#define OR_DIES(step)                                                                              \
	if                                                                                         \
	:: step                                                                                    \
	:: me != LAST -> goto closed                                                               \
	fi

/* A system call about a slot nobody owns: all that its owners did has happened before. */
inline kernel_orders(slot_)
{
#ifndef NO_KERNEL
	JOIN(th[me].now, left[slot_].now);
#endif
	skip
}

inline enter(expected, order)
{
	atomic {
		compare_exchange(me, LOCK, expected, TAKEN(expected, slot), order, RELAXED, at, ok);
		if
		:: ok ->
			assert(inside == 0); /* one writer at a time */
			inside = me + 1
		:: else
		fi
	}
}

inline steal()
{
#ifdef INEXACT
	atomic {
		exchange(me, LOCK, TAKEN(word, slot), L4, RELAXED);
		assert(inside == 0);
		inside = me + 1;
		ok = 1
	}
#else
	enter(word, L4)
#endif
}

proctype Handle(byte me)
{
	byte slot, word, at, s, value, looks;
	bool ok, dead;

	if
	:: me == LAST ->
		atomic {
			gone == HANDLES;
			d_step {
				s = 0;
				do
				:: s < HANDLES ->
					JOIN(th[LAST].now, th[s].now);
					s++
				:: else -> break
				od;
				s = 0
			}
		}
	:: else
	fi;

	/* vdk_lock_claim(): F_OFD_SETLK on a byte that nobody owns. */
	atomic {
		if
		:: owner[1] == 0 -> slot = 1
		:: owner[2] == 0 -> slot = 2
#if SLOTS > 2
		:: owner[3] == 0 -> slot = 3
#endif
		:: else -> goto closed /* -EUSERS */
		fi;
		d_step {
			owner[slot] = me + 1;
			kernel_orders(slot)
		}
	}
#ifndef NO_CLEAN
	OR_DIES(load(me, LOCK, RELAXED, at, word));
	if
	:: SLOT_OF(word) == slot ->
		OR_DIES(compare_exchange(me, LOCK, word, FREE(word) + GENERATION, CLAIM, CLAIM, at, ok));
		ok = 0
	:: else
	fi;
#endif

	/* vdk_lock_acquire() */
	OR_DIES(load(me, LOCK, RELAXED, at, word));
	word = FREE(word);
	OR_DIES(enter(word, L1));                                          /* L1 */

	/* vdk_lock_wait() */
	do
	:: ok -> break
	:: !ok && looks == LOOKS ->
		assert(me != LAST); /* no take-over is lost */
		goto closed         /* -ETIMEDOUT */
	:: !ok && looks < LOOKS ->
		looks++;
		OR_DIES(load(me, LOCK, RELAXED, at, word));                /* L2 */
		if
		:: SLOT_OF(word) == 0 -> OR_DIES(enter(word, L1))          /* L1 */
		:: SLOT_OF(word) != 0 && SLOT_OF(word) != slot ->
			atomic {                                           /* L3: F_OFD_GETLK */
#ifdef ROB
				dead = 1;
#else
				dead = owner[SLOT_OF(word)] == 0;
#endif
				if
				:: dead -> d_step { kernel_orders(SLOT_OF(word)) }
				:: else
				fi
			};
			if
			:: dead -> OR_DIES(steal()); dead = 0              /* L4 */
			:: else
			fi
		:: SLOT_OF(word) == slot /* its own: lives */
		fi
	od;
	atomic {
		word = 0;
		looks = 0
	}

	/* vdk_record_edit(), vdk_latch_write(); the readers' half is in latch.pml. */
	OR_DIES(load(me, SEQUENCE, W1, at, s));                            /* W1 */
	OR_DIES(load(me, COPY(s), RELAXED, at, value));
	assert(value == committed); /* no update is lost or undone */
	fence_release(me);                                                 /* W2 */
	OR_DIES(store(me, COPY(s + 1), RELAXED, value + 1));               /* W3 */
	if
	:: atomic {                                                        /* W4 */
			store(me, SEQUENCE, RELEASE, s + 1);
			committed++
		}
	:: me != LAST -> goto closed
	fi;

	/* vdk_lock_release() */
	OR_DIES(load(me, LOCK, RELAXED, at, word));
	assert(SLOT_OF(word) == slot);
	if
	:: atomic {                                                        /* L5 */
			store(me, LOCK, L5, FREE(word));
			inside = 0
		}
	:: me != LAST -> goto closed
	fi;

closed:
	/* Dead or closed: its stores are done, and then the kernel drops its lock. */
	atomic {
		if
		:: slot != 0 ->
			owner[slot] = 0;
			JOIN(left[slot].now, th[me].now)
		:: else
		fi;
		if
		:: inside == me + 1 -> inside = 0
		:: else
		fi;
		slot = 0;
		word = 0;
		s = 0;
		value = 0;
		looks = 0;
		ok = 0;
		dead = 0;
		gone++
	}
}

init {
	atomic {
		byte n = 0;

		do
		:: n <= LAST -> run Handle(n); n++
		:: else -> break
		od
	}
}
