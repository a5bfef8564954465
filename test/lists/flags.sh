#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The example `flags`: its vDSO, the operator's script, and the program in each of its languages.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../languages.sh"

# Under `vdk verify` programs step and trace themselves, which sanitizers do not stand.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0:handle_segv=0:handle_sigbus=0"
example=$VDK_SOURCE_ROOT/examples/flags
mkdir "$T/bin"
ln -s "$VDK" "$T/bin/vdk"
PATH=$T/bin:$PATH
capture "$VDK" build "$example" -o "$T/flags.so"
is "build" "0 " "$status $err"
"$VDK" publish flags "$T/flags.so" > /dev/null

# --- the operator ---
"$example/turn" new-checkout 250
"$example/turn" dark-mode on
"$example/turn" old-search off
is "three flags" 'flag[0].name="new-checkout"
flag[1].name="dark-mode"
flag[2].name="old-search"' "$("$VDK" get flags flag.name | grep -v '^#')"
"$example/turn" dark-mode 999
is "a flag keeps its number" "3 true,999" "$("$VDK" get flags flag.name | grep -c '^flag') $(
	"$VDK" get flags 'flag[1].on'),$("$VDK" get flags 'flag[1].per_mille')"
"$VDK" set flags 'flag[0].name='
"$example/turn" a-name-of-thirty-two-characters1 on
is "a place that is free is taken again" 'flag[0].name="a-name-of-thirty-two-characters1"' \
	"$("$VDK" get flags flag.name | head -n 1)"
"$example/turn" new-checkout 250
capture "$example/turn" a-name-of-thirty-three-characters1 on
is "a name that is too long: exit" 2 "$status"
capture "$example/turn" new-checkout lots
is "a share that is none: exit" 2 "$status"
like "... and its message" 'flag\[?3?\]?\.per_mille: expected a whole number, found lots' "$err"

# --- the programs ---
ask() { "$VDK" run --vdso flags -- "$T/$language" "$1"; }
languages flags ask "$T/libflags.so" "-I$VDK_SOURCE_ROOT/include"
for language in c musl go python; do
	build_example "$language" || continue
	is "$language: on for all" "a-name-of-thirty-two-characters1: 10000 of 10000" "$(ask a-name-of-thirty-two-characters1)"
	is "$language: off" "old-search: 0 of 10000" "$(ask old-search)"
	is "$language: nobody's" "a-name-of-thirty-two-characters12: 0 of 10000" "$(ask a-name-of-thirty-two-characters12)"
	near "$language: for a quarter" 2500 "$(ask new-checkout | sed 's/.*: \([0-9]*\) of.*/\1/')" 150
	capture "$T/$language" new-checkout
	like "$language: without the vDSO it says so" '^1 no flags here' "$status $err"
done
is "all of them see the same users" 1 \
	"$(for language in c musl go python; do [ ! -e "$T/$language" ] || ask new-checkout; done | sort -u | wc -l)"

# --- verify and bench ---
capture "$VDK" verify --vdso flags --reference "$T/flags.reference.so" --seconds 1 'flag_*'
is "verify" 0 "$status"
unlike "... nothing is left out" 'FAIL|no VDK_REFERENCE' "$out"
capture "$VDK" bench --quick --vdso flags 'flag_on(3, 7)' 'flag_find("old-search")'
like "bench" 'flag_find\("old-search"\)' "$out"
finish
