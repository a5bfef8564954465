#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Descriptors, pipes and what is left over: a program gets the files that it would get without
# vdk, a pipe behind it closes when it ends, and no process of vdk stays longer than it must.
set -eu
. "$(dirname "$0")/../lib.sh"

image pass

# Every open descriptor and where it leads. Descriptor numbers matter: programs count on 3.
list='for (my $n = 0; $n < 300; $n++) { my $l = readlink "/proc/self/fd/$n"; print "$n $l\n" if defined $l && $l !~ m{^/proc|pipe|/out$|/err$} }'
for mode in "" --once; do
	capture perl -e "$list" 7< /etc/passwd
	native=$out
	capture "$VDK" run $mode --vdso "$image" -- perl -e "$list" 7< /etc/passwd
	is "descriptors ${mode:-follow}" "$native" "$out"
	capture sh -c 'exec 0<&- 2>&-; exec "$@"' sh "$VDK" run $mode --vdso "$image" -- perl -e "$list"
	native_closed=$out
	capture sh -c 'exec 0<&- 2>&-; exec "$@"' sh perl -e "$list"
	is "descriptors where 0 and 2 are closed ${mode:-follow}" "$out" "$native_closed"
done
# A page that nobody publishes has no path: its descriptor, one of the closed ones, is asked for.
image notb
for mode in "" --once; do
	capture sh -c 'exec 0<&- 1>&- 2>&-; exec "$@"' sh "$VDK" run $mode --vdso "$image" -- \
		bash -c '[[ $(< /proc/self/maps) = *memfd:vdk-page* ]]; echo $? > "$1"' bash "$T/attached"
	is "all three are closed, the page attached ${mode:-follow}" "0/0" \
		"$(cat "$T/attached" 2> /dev/null || :)/$status"
	rm -f "$T/attached"
done
# Nor does a message go into a file of the publication that got the number of a closed one.
publish notb
for closed in '1>&-' '2>&-' '0<&- 1>&- 2>&-'; do
	capture sh -c "exec $closed; exec \"\$@\"" sh "$VDK" set notb no_such_field=1
	is "nothing is written into the writers' locks ($closed)" 0 \
		"$(stat -c %s "$VDK_RUNTIME_DIR/notb/writers")"
done
image pass
perl -e "$list" > "$T/native"
"$VDK" run --vdso "$image" -- sh -c 'perl -e "$1"; :' sh "$list" > "$T/followed"
is "descriptors of an exec inside a tree" "$(grep -v '^1 ' "$T/native")" "$(grep -v '^1 ' "$T/followed")"

# `| cat` ends with the program although the supervisor may live on for a daemon of the tree.
begin=$(date +%s%N)
timeout 20 "$VDK" run --vdso "$image" -- sh -c 'sleep 8 > /dev/null 2>&1 < /dev/null & echo out; echo err >&2' 2>&1 | cat > "$T/piped"
took=$((($(date +%s%N) - begin) / 1000000))
like "piped output" '^out$' "$(cat "$T/piped")"
if [ "$took" -lt 5000 ]; then
	ok "the pipe closes with the program ($took ms)"
else
	not_ok "the pipe closes with the program" "it took $took ms"
fi

# Standard input arrives whole, byte by byte, also when it is large.
head -c 3000000 /dev/urandom > "$T/bytes"
is "standard input" "$(sha256sum < "$T/bytes")" \
	"$("$VDK" run --vdso "$image" -- cat < "$T/bytes" | "$VDK" run --once --vdso "$image" -- sha256sum)"

# Everything in a process namespace of its own, so that counting processes means something.
unshare_flags=(-pf --mount-proc)
[ "$(id -u)" = 0 ] || unshare_flags=(-Urpf --mount-proc)
if ! unshare "${unshare_flags[@]}" true 2> /dev/null; then
	echo "not checked: leftovers (no process namespace can be made here)"
	finish
fi
# PID 1 is bash, which reaps; whoever is neither it, nor sleep, nor the one that counts, is ours.
count='ls -d /proc/[0-9]* | while read -r p; do n=$(cat $p/comm 2>/dev/null) || continue; case $n in bash|ls|cat|sleep|sort) ;; *) echo $n ;; esac; done'
capture unshare "${unshare_flags[@]}" bash -c "\"\$@\" & sleep 1; $count; kill %1; wait" bash \
	"$VDK" run --once --vdso "$image" -- sleep 30
is "--once leaves no process behind" "" "$out"
capture unshare "${unshare_flags[@]}" bash -c "\"\$@\"; for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.2; done; $count" bash \
	"$VDK" run --vdso "$image" -- bash -c 'date > /dev/null; true'
is "follow leaves no process behind" "" "$out"
capture unshare "${unshare_flags[@]}" bash -c "\"\$@\"; sleep 0.5; $count | sort -u; sleep 3; echo later; $count" bash \
	"$VDK" run --vdso "$image" -- bash -c 'sleep 2 & disown'
like "the supervisor stays for a daemon" '^vdk' "$out"
is "and ends after it" "later" "$(sed -n '/^later$/,$p' <<< "$out")"
capture unshare "${unshare_flags[@]}" "$VDK" run --vdso "$image" -- \
	bash -c 'pgrep -fc "a_program_so_name[d]"; true' a_program_so_named
is "the program's command line finds the program alone" 1 "$out"
finish
