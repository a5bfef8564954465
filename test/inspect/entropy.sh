#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vdk entropy: the kernel's own randomisation, none at all, and an attached vDSO.
set -eu
. "$(dirname "$0")/../lib.sh"

need python3 setarch cat

# of PLACE KEY: of the JSON in $out; "absent" when there is no such place.
of() {
	python3 -c '
import json, sys
found = [p for p in json.load(sys.stdin)["places"] if p["place"] == sys.argv[1]]
print(found[0][sys.argv[2]] if found else "absent")' "$1" "$2" <<< "$out"
}

# more WHAT PLACE BITS: at least so many.
more() {
	if python3 -c 'import sys; sys.exit(float(sys.argv[1]) < float(sys.argv[2]))' "$(of "$2" bits)" "$3"; then
		ok "$1"
	else
		not_ok "$1" "expected at least $3 bits, found $(of "$2" bits)"
	fi
}

capture "$VDK" entropy -n 200 --json
is "exit" 0 "$status"
is "nothing on standard error" "" "$err"
if [ "$(cat /proc/sys/kernel/randomize_va_space)" = 2 ] && ! setarch --show 2> /dev/null | grep -q NO_RANDOMIZE; then
	is "runs" 200 "$(python3 -c 'import json,sys; print(json.load(sys.stdin)["runs"])' <<< "$out")"
	for place in program heap loader libraries; do
		more "$place" "$place" 20
	done
	more "stack" stack 18
	if grep -q '\[vdso\]' /proc/self/maps; then
		more "vdso: more than the old kernels' few bits" vdso 8
	fi
	is "the histogram has every run" 200 "$(python3 -c 'import json,sys; print(sum(json.load(sys.stdin)["places"][0]["histogram"]))' <<< "$out")"
	is "libraries keep their distance from the loader" loader "$(of libraries fixed_distance_from)"
else
	echo "# addresses are not randomised here"
fi
if grep -q '\[vsyscall\]' /proc/self/maps; then
	is "vsyscall: none" 0.0 "$(of vsyscall bits)"
	is "vsyscall: where" 0xffffffffff600000 "$(of vsyscall lowest)"
fi

capture setarch -R "$VDK" entropy -n 20 --json
if [ "$status" = 0 ]; then
	for place in program heap loader libraries vdso stack; do
		like "without randomisation: $place" '^(0\.0|absent)$' "$(of "$place" bits)"
	done
	is "without randomisation: beside nothing" None "$(of libraries fixed_distance_from)"
	is "without randomisation: told" True "$(python3 -c 'import json,sys; print(json.load(sys.stdin)["addr_no_randomize"])' <<< "$out")"
	like "without randomisation: in words" 'in every run' "$(setarch -R "$VDK" entropy -n 3)"
else
	echo "# setarch -R is not permitted here: $err"
fi

capture "$VDK" entropy -n 40
is "in words: exit" 0 "$status"
like "in words: a histogram" '^    [0-9a-f]{12} \|.{40}\| [0-9a-f]{12}$' "$out"
like "in words: the runs" '^40 runs; kernel.randomize_va_space is [012]' "$out"
like "in words: the vsyscall page" 'vsyscall page' "$out"

image pass
capture "$VDK" entropy -n 20 --vdso "$image" --json
if [ "$status" = 77 ]; then
	echo "# nothing can be attached here: $err"
else
	is "attached: exit" 0 "$status"
	unlike "attached: the image is seen" absent "$(of vdk-image bits)"
fi
publish hostinfo
capture "$VDK" entropy -n 20 --vdso hostinfo --json
if [ "$status" != 77 ]; then
	is "attached, with a page: exit" 0 "$status"
	unlike "attached, with a page: the image is seen" absent "$(of vdk-image bits)"
	unlike "attached, with a page: the page is seen" absent "$(of vdk-page bits)"
fi
capture "$VDK" entropy -n 20 --vdso nobody-has-it
is "no such vDSO: exit" 3 "$status"
like "no such vDSO: told" nobody-has-it "$err"

capture "$VDK" entropy -n 1000000 --seconds 0.3
is "an end in time: exit" 0 "$status"
like "an end in time: told" 'runs in the time that there was' "$out"
for wrong in '-n 1' '-n x' '-n 1e9' '--seconds 0' 'word'; do
	# shellcheck disable=SC2086
	capture "$VDK" entropy $wrong
	is "$wrong: exit" 2 "$status"
done
capture env PATH=/nonexistent "$VDK" entropy -n 2
is "no cat: exit" 3 "$status"
like "no cat: told" 'cannot run cat' "$err"
finish
