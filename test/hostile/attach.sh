#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Programs of a followed tree that make it hard to be attached: each exec ends as it does without
# vdk, nobody else has to wait, and nothing is said that is not so. EXECS of each kind.
set -eu
. "$(dirname "$0")/lib.sh"

image marker
program glibc
tool execs
rounds=${EXECS:-40}
# Two that say by what they tell which one ran, and that it is attached; of the same length.
cat > "$T/seen.c" << 'END'
#include <stdio.h>
#include <time.h>
int main(void)
{
	/* The marker is some 30 years ahead. One write, that lines do not mix. */
	char line[32];
	int length = snprintf(line, sizeof(line), NAME " %d\n", time(NULL) > 2500000000);
	return fwrite(line, 1, length, stdout) != (size_t)length || fflush(stdout);
}
END
for name in one two; do
	"${CC:-cc}" -O1 -DNAME="\"$name\"" "$T/seen.c" -o "$T/$name"
done

counts() { sort "$T/out" | uniq -c | awk '{printf "%s%s %s", sep, $2 " " $3, $1; sep = "; "}'; }

"${CC:-cc}" -static -O1 -DNAME='"bare"' "$T/seen.c" -o "$T/bare" 2> /dev/null || cp "$T/one" "$T/bare"

execs=0
for mode in threads thread rewrite stop traced private; do
	capture timeout -s KILL 120 "$VDK" run --vdso "$image" -- "$tool" $mode "$rounds" "$T/one" "$T/two"
	# A tracer that goes between an exec and its SIGTRAP ends the program; without vdk, too.
	native=$("$tool" $mode "$rounds" "$T/one" "$T/two" | grep fine)
	is "$mode: they end as without vdk" "$native" "$(grep fine <<< "$out")"
	[ $mode = traced ] || is "$mode: all are fine" "$rounds fine, 0 failed, 0 killed" "$native"
	sed -i '/fine,/d' "$T/out"
	is "$mode: each runs once" "${native%% *}" "$(wc -l < "$T/out")"
	execs=$((execs + $(wc -l < "$T/out")))
	unattached=$(grep -c ' 0$' "$T/out" || true)
	case $mode in
	traced) unlike "$mode: what is said is so" '^vdk run: ' "$(grep -v 'another tracer' <<< "$err")" ;;
	*)
		is "$mode: all are attached" 0 "$unattached"
		is "$mode: nothing is said" "" "$err"
		;;
	esac
	echo "# $mode: $(counts)"
done
# One that has no descriptor left cannot open the image, and runs as ever.
capture timeout -s KILL 120 "$VDK" run --vdso "$image" -- "$tool" fds 3 "$T/bare"
is "fds: nothing hangs or fails" "$("$tool" fds 3 "$T/bare" | grep fine)" "$(grep fine <<< "$out")"
like "fds: it is said why" 'cannot attach the vDSO to this program: step a, error 0024' "$err"
figure execs "$execs"
capture timeout -s KILL 120 "$VDK" run --vdso "$image" -- "$tool" kill $((rounds * 5)) "$T/one"
like "kill: all are accounted for" ' 0 failed' "$out"
is "kill: nothing is said" "" "$err"
unlike "kill: none runs unattached" '^one 0' "$out"
echo "# kill: $(grep fine <<< "$out")"

# A filter of a program's own may end who makes a call that it does not know: so does sealing.
if [ "$("$tool" filter 1 "$T/one" | tail -n 1)" = "1 fine, 0 failed, 0 killed" ]; then
	capture timeout -s KILL 60 "$VDK" run --vdso "$image" -- "$tool" filter 3 "$T/one"
	like "a filter of its own: it runs" '3 fine, 0 failed, 0 killed' "$out"
	is "a filter of its own: it is attached" 3 "$(grep -c '^one 1' <<< "$out")"
else
	echo "# a program needs newer system calls here: a filter of its own is not tried"
fi

# One that is stopped in the middle of its exec holds up nobody else.
cat > "$T/others.sh" << 'END'
"$1" stop 1000 "$2" > /dev/null & stopper=$!
for i in 1 2 3 4 5 6 7 8 9 10; do "$2"; done
kill -9 $stopper
END
capture timeout -s KILL 60 "$VDK" run --vdso "$image" -- sh "$T/others.sh" "$tool" "$T/one"
is "beside one that is stopped and continued: others run" 10 "$(grep -c '^one 1' <<< "$out")"
finish
