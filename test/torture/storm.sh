#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Storms of forks and execs in one followed tree: posix_spawn, vfork, threads, chains of execs, deep
# trees, static and 32-bit programs, execs that fail. Each round does what it does natively, attached.
set -eu
. "$(dirname "$0")/lib.sh"

image sample
"$VDK" publish --once sample "$image" > /dev/null
storm_prepare
: > "$T/rounds"
touch "$T/different" "$T/unattached"
STORM_UNATTACHED=$T/unattached "$VDK" run --vdso sample -- bash "$T/rounds.sh" "$T" 4 "${storm[@]}" \
	2> "$T/tree.err" &
tree=$!
at_end 'touch "$T/quiet"; kill -KILL $tree 2> /dev/null'
hung=0
while until_over "$(by_length 10 600)"; do
	before=$(rounds)
	wait_for 60 rounds_grew "$before" || { hung=1; break; }
	sleep 1
done
touch "$T/quiet"
is "rounds go on all the time" 0 "$hung"
status=0
wait "$tree" || status=$?
is "the tree ends with its own status" 0 "$status"
is "each round was as natively" 0 "$(grep -c different "$T/rounds" || :)"
[ ! -s "$T/different" ] || sed 's/^/# /' "$T/different" | head -n 60
unattached=$(wc -l < "$T/unattached") started=$(($(rounds) * (storm_programs + 1)))
is "programs that were not attached, of $started" "" "$(head -n 20 "$T/unattached")"
grep -v 'is a 32-bit program' "$T/tree.err" > "$T/said" || :
is "nothing was said, but of the 32-bit programs" "" "$(head -n 5 "$T/said")"
figure rounds "$(rounds)"
figure programs_started "$started"
figure forks "$(($(rounds) * (storm_forks + storm_programs)))"
figure different "$(grep -c different "$T/rounds" || :)"
figure unattached "$unattached"
finish
