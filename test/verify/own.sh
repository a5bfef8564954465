#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Functions of one's own, with references of their author: right and wrong ones are told from each
# other, wrong uses of VDK_REFERENCE are refused by `vdk build`, and the ready vDSOs hold.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"

mkdir "$T/desk"
cat > "$T/desk/desk.vdso.c" << 'C'
#include <vdk/vdso.h>

struct timespec {
	int64_t tv_sec, tv_nsec;
};

VDK_FUNCTION(int64_t, desk_ns, (void))
{
	struct timespec now;

	if (vdk_chain(clock_gettime)(0, &now))
		return 0;
	return now.tv_sec * 1000000000 + now.tv_nsec + LATE;
}

/* Arguments in registers and on the stack. */
VDK_FUNCTION(int, desk_sum, (int a, int b, int c, int d, int e, int f, int g, int *sum))
{
	*sum = a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g;
	return 0;
}

VDK_FUNCTION(int, desk_alone, (void))
{
	return 1;
}
C
cat > "$T/desk/desk.reference.c" << 'C'
#include <time.h>
#include <vdk/reference.h>

VDK_REFERENCE_RISING(int64_t, desk_ns, (void), desk_ns(), 100)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000000 + now.tv_nsec;
}

VDK_REFERENCE(int, desk_sum, (int a, int b, int c, int d, int e, int f, int g, int *sum),
	      ({ int sum; desk_sum(1, 2, 3, 4, 5, 6, 7, &sum) ?: sum; }), 0)
{
	int sum = 0;

	for (int i = 1; i <= 7; i++)
		sum += i * i;
	return sum;
}
C

desk() { # desk LATE [OPTION...]: built, and verified
	local late=$1

	shift
	"$VDK" build "$T/desk" --cflag "-DLATE=$late" "$@" -o "$T/desk.so" || {
		not_ok "vdk build $*"
		finish
	}
	capture "$VDK" verify --vdso "$T/desk.so" --seconds 1 desk_ns desk_sum desk_alone
}

for tools in gcc/bfd clang/lld; do
	command -v "${tools%/*}" > /dev/null || continue
	desk 0 --cc "${tools%/*}" --ld "${tools#*/}"
	is "$tools: exit status" 0 "$status"
	for property in values order registers stack signals unwind; do
		like "$tools: a clock of one's own: $property" "^desk_ns +$property +ok" "$out"
	done
	like "$tools: arguments on the stack" '^desk_sum +signals +ok +at each of [0-9]{2,} instr' "$out"
	figure instructions "$(instructions)"
	like "$tools: no reference" '^desk_alone +values +skip +no VDK_REFERENCE says' "$out"
done

desk 99
is "within the tolerance" 0 "$status"
desk 100000
is "out of the tolerance: exit status" 1 "$status"
like "out of the tolerance" '^desk_ns +values +FAIL +desk_ns\(\): expected .*: [0-9]+ too large' "$out"
like "out of the tolerance: the other function" '^desk_sum +values +ok' "$out"

# --- the module and its image ---
desk 0
mv "$T/desk.reference.so" "$T/moved.so"
capture "$VDK" verify --vdso "$T/desk.so" --property values desk_sum
like "without the module" '^desk_sum +values +skip' "$out"
capture "$VDK" verify --vdso "$T/desk.so" --reference "$T/moved.so" --property values desk_sum
like "--reference" '^desk_sum +values +ok' "$out"
image pass
capture "$VDK" verify --vdso "$image" --reference "$T/moved.so"
is "references for another image: exit status" 3 "$status"
like "references for another image" 'desk_[a-z]+: there is a reference for it, but the vDSO has no' "$err"
capture "$VDK" verify --vdso "$image" --reference "$image"
is "a module that is none: exit status" 3 "$status"
mv "$T/desk/desk.reference.c" "$T/kept.c"
mv "$T/moved.so" "$T/desk.reference.so"
"$VDK" build "$T/desk" --cflag -DLATE=0 -o "$T/desk.so"
[ ! -e "$T/desk.reference.so" ] && ok "an earlier build's module is removed" ||
	not_ok "an earlier build's module is removed"

# --- wrong uses ---
refuse() { # refuse WHAT MESSAGE: the body of desk.reference.c is on standard input
	{ printf '#include <vdk/reference.h>\n'; cat; } > "$T/desk/desk.reference.c"
	rm -f "$T/refused.so"
	status=0
	"$VDK" build "$T/desk" --cflag -DLATE=0 -o "$T/refused.so" > "$T/log" 2>&1 || status=$?
	is "$1: exit status" 2 "$status"
	like "$1: message" "$2" "$(cat "$T/log")"
	[ ! -e "$T/refused.so" ] || not_ok "$1: no image"
}

refuse "a function that is not there" \
	'desk.reference.c: VDK_REFERENCE\(desk_now\): the image defines no function of that name' << 'C'
VDK_REFERENCE(int, desk_now, (void), desk_now(), 0) { return 1; }
C
refuse "a standard function that the image leaves to the kernel" \
	'VDK_REFERENCE\(time\): the image defines no' << 'C'
VDK_REFERENCE(long, time, (long *seconds), time(0), 0) { return 1; }
C
refuse "another result" \
	'VDK_REFERENCE\(desk_ns\): expected "int64_t" and "\(void\)" as in .*found "int" and' << 'C'
VDK_REFERENCE(int, desk_ns, (void), desk_ns(), 0) { return 1; }
C
refuse "other parameters" 'VDK_REFERENCE\(desk_alone\): expected "int" and "\(void\)"' << 'C'
VDK_REFERENCE(int, desk_alone, (int much), desk_alone(1), 0) { return 1; }
C
refuse "a question with a fraction" 'the question must give a whole number' << 'C'
VDK_REFERENCE(int, desk_alone, (void), desk_alone() * 0.5, 0) { return 1; }
C
refuse "a question without an answer" 'error' << 'C'
VDK_REFERENCE(int, desk_alone, (void), (void)desk_alone(), 0) { return 1; }
C
refuse "a wrong call" 'too many arguments' << 'C'
VDK_REFERENCE(int, desk_alone, (void), desk_alone(7), 0) { return 1; }
C
refuse "a negative tolerance" 'the tolerance must not be negative' << 'C'
VDK_REFERENCE(int, desk_alone, (void), desk_alone(), -1) { return 1; }
C
refuse "no reference at all" 'no VDK_REFERENCE\(\) in it' << 'C'
int unused;
C

# --- the ready ones, fed ---
feed() { # feed NAME PERIOD
	"$VDK" publish --every "$2" "$1" "$VDK_BUILD_ROOT/vdsos/$1/$1.so" > "$T/$1.log" 2>&1 &
	at_end "kill $! 2> /dev/null || true"
}
feed hostinfo 50ms
wait_for 10 "$VDK" get hostinfo hostinfo_identity.realtime_ns > /dev/null ||
	not_ok "hostinfo is fed" "$(cat "$T/hostinfo.log")"
sleep 0.3
capture "$VDK" verify --vdso hostinfo --seconds 2
is "hostinfo: exit status" 0 "$status"
unlike "hostinfo: nothing fails" FAIL "$out"
like "hostinfo: references of the kit are found" \
	'^vdk_hostinfo_all +values +ok +1 question on .* comparisons with the reference' "$out"
like "hostinfo: whole structs" '^vdk_hostinfo_load +values +ok +3 questions' "$out"

# Without a publisher its functions are the kernel's; what it promises of a line is its own tests' matter.
capture "$VDK" verify --vdso "$VDK_BUILD_ROOT/vdsos/fastclock/fastclock.so" --seconds 2
is "fastclock, not fed: exit status" 0 "$status"
unlike "fastclock, not fed: nothing fails" FAIL "$out"
like "fastclock: references for standard functions take the system call's place" \
	'^clock_gettime +values +ok +7 questions on .* with the reference' "$out"

"$VDK" build "$VDK_SOURCE_ROOT/examples/quote" -o "$T/quote.so"
capture "$VDK" verify --vdso "$T/quote.so" --seconds 1 quote_read quote_middle
is "the example" 0 "$status"
finish
