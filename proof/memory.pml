/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A memory as weak as C11 allows, for latch.pml and lock.pml.
 *
 * Each word keeps all values that were ever stored in it, in their order of modification. A thread
 * has a view: for each word the oldest value that it may still see. A load picks any value from
 * there on, which is what late stores of others and early loads of one's own look like; coherence
 * is the view of the word going up. A stored value carries a view: what its reader knows after an
 * acquire. A release store carries all that its thread knows, a relaxed one only what its thread
 * knew at its last release fence; relaxed loads lay aside what they read carries, and an acquire
 * fence takes it up. A read-modify-write works on the newest value and hands on what that carries
 * (release sequences).
 *
 * Not in it: a store that becomes visible before an earlier load of the same thread is done ("load
 * buffering"); README.md says why that does not matter here.
 *
 * With -DTSO each load is an acquire, each store a release and fences are nothing: that admits all
 * that x86-64 does, and a little more.
 *
 * Before the include: LOCS words, THREADS threads, MSGS values per word.
 */
#ifdef TSO
#define ORDERED(wanted) 1
#else
#define ORDERED(wanted) (wanted)
#endif
#define RELAXED 0
#define ACQUIRE 1
#define RELEASE 1

typedef Message {
	byte value;
	byte view[LOCS]
};

typedef Word {
	byte top; /* index of the newest value */
	Message at[MSGS]
};

typedef Thread {
	byte now[LOCS]; /* the oldest value that it may see */
	byte acq[LOCS]; /* what an acquire fence would add; 0 where that is nothing */
	byte rel[LOCS]  /* what relaxed stores carry: its view at the last release fence */
};

Word mem[LOCS];
Thread th[THREADS];
hidden byte i_; /* only within d_step */

#define NEWEST(loc) mem[loc].at[mem[loc].top].value

/* Raise view @into to what @from has. */
#define JOIN(into, from)                                                                           \
	i_ = 0;                                                                                    \
	do                                                                                         \
	:: i_ < LOCS ->                                                                            \
		if                                                                                 \
		:: from[i_] > into[i_] -> into[i_] = from[i_]                                      \
		:: else                                                                            \
		fi;                                                                                \
		i_++                                                                               \
	:: else -> break                                                                           \
	od

/* Equal knowledge is one state: forget what is laid aside and known already. */
#define FORGET_KNOWN(me)                                                                           \
	i_ = 0;                                                                                    \
	do                                                                                         \
	:: i_ < LOCS ->                                                                            \
		if                                                                                 \
		:: th[me].acq[i_] <= th[me].now[i_] -> th[me].acq[i_] = 0                          \
		:: else                                                                            \
		fi;                                                                                \
		i_++                                                                               \
	:: else -> break                                                                           \
	od

/* What a value just read tells thread @me. */
#define LEARN(me, message, order)                                                                  \
	if                                                                                         \
	:: ORDERED(order) -> JOIN(th[me].now, message.view)                                        \
	:: else -> JOIN(th[me].acq, message.view)                                                  \
	fi;                                                                                        \
	FORGET_KNOWN(me)

/* What a value just stored carries. */
#define CARRY(me, message, order)                                                                  \
	if                                                                                         \
	:: ORDERED(order) -> JOIN(message.view, th[me].now)                                        \
	:: else -> JOIN(message.view, th[me].rel)                                                  \
	fi

/* @at is a byte of the caller's, 0 before and after. */
inline load(me, loc, order, at, ret)
{
	atomic {
		at = th[me].now[loc];
		do
		:: at < mem[loc].top -> at++
		:: break
		od;
		skip; /* spin allows no jump into a d_step */
		d_step {
			ret = mem[loc].at[at].value;
			th[me].now[loc] = at;
			LEARN(me, mem[loc].at[at], order);
			at = 0
		}
	}
}

/*
 * New values go to the end of the order of modification. That leaves nothing out as long as the
 * storing thread knows the newest one, which is asserted; variants that break this on purpose are
 * run with -DSTORES_MAY_RACE, so that a promise has to find them.
 */
inline store(me, loc, order, new)
{
	d_step {
#ifndef STORES_MAY_RACE
		assert(th[me].now[loc] == mem[loc].top);
#endif
		assert(mem[loc].top < MSGS - 1);
		mem[loc].top++;
		th[me].now[loc] = mem[loc].top;
		mem[loc].at[mem[loc].top].value = new;
		CARRY(me, mem[loc].at[mem[loc].top], order);
		mem[loc].at[mem[loc].top].view[loc] = mem[loc].top
	}
}

/* A strong compare-exchange. What a failed one has read is not used, so it learns the least. */
inline compare_exchange(me, loc, expected, new, acquire, release, at, ok)
{
	atomic {
		d_step {
			at = th[me].now[loc];
			do
			:: at <= mem[loc].top && mem[loc].at[at].value == expected -> at++
			:: else -> break
			od
		}
		if
		:: NEWEST(loc) == expected ->
			exchange(me, loc, new, acquire, release);
			ok = 1
		:: at <= mem[loc].top ->
			th[me].now[loc] = at;
			ok = 0
		fi;
		at = 0
	}
}

inline exchange(me, loc, new, acquire, release)
{
	d_step {
		LEARN(me, mem[loc].at[mem[loc].top], acquire);
		assert(mem[loc].top < MSGS - 1);
		mem[loc].top++;
		th[me].now[loc] = mem[loc].top;
		mem[loc].at[mem[loc].top].value = new;
		JOIN(mem[loc].at[mem[loc].top].view, mem[loc].at[mem[loc].top - 1].view);
		CARRY(me, mem[loc].at[mem[loc].top], release);
		mem[loc].at[mem[loc].top].view[loc] = mem[loc].top
	}
}

inline fence_release(me)
{
	d_step {
		JOIN(th[me].rel, th[me].now)
	}
}

inline fence_acquire(me)
{
	d_step {
		JOIN(th[me].now, th[me].acq);
		FORGET_KNOWN(me)
	}
}
