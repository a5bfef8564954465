#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vdk bench --compare: two runs of one thing do not differ, a slowed function is found, and a file
# that anybody wrote is refused with a reason.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"

work first
steady=$image
work second 400
slowed=$image

run_once() { "$VDK" bench --quick --json --vdso "$1" work_laps time > "$2"; }
same() {
	run_once "$steady" "$T/a.json"
	run_once "$steady" "$T/b.json"
	capture "$VDK" bench --compare "$T/a.json" "$T/b.json"
	[ "$status" = 0 ] && grep -q '^verdict: no difference' "$T/out"
}
if some_time 4 same; then ok "two runs of one image"; else not_ok "two runs of one image" "$out"; fi
like "what counts is told" '^The floors differ by up to [0-9.]+ %' "$out"

run_once "$slowed" "$T/slow.json"
capture "$VDK" bench --compare "$T/a.json" "$T/slow.json"
is "a slowed function: exit status" 1 "$status"
like "a slowed function: row" '^work_laps\(\) .* slower$' "$out"
like "a slowed function: verdict" '^verdict: slower \(1 slower' "$out"
capture "$VDK" bench --compare "$T/slow.json" "$T/a.json"
is "the other way round: exit status" 0 "$status"
like "the other way round: verdict" '^verdict: faster' "$out"
capture "$VDK" bench --max-ratio 1000 --compare "$T/a.json" "$T/slow.json"
is "a limit of 1000 times" 0 "$status"

capture "$VDK" bench --json --compare "$T/a.json" "$T/slow.json"
is "as JSON: exit status" 1 "$status"
is "as JSON" "slower" "$(value "$T/out" 'd["verdict"]')"
is "as JSON: the row" "slower" \
	"$(value "$T/out" 'next(r for r in d["rows"] if r["call"] == "work_laps()")["verdict"]')"

capture "$VDK" bench --quick --vdso "$slowed" --compare "$T/a.json" work_laps
is "against a new measurement: exit status" 1 "$status"
like "against a new measurement" '^work_laps\(\) .* slower$' "$out"
like "what is missing now" '^time\(\) .* only in the old$' "$out"

# The rule itself, with made-up figures: make FILE MEDIAN LOW HIGH [FLOOR]
make() {
	python3 - "$T/a.json" "$@" <<- 'END'
		import json, sys
		source, out, median, low, high, floor = sys.argv[1:4] + sys.argv[4:6] + (sys.argv[6:] or ["1.0"])
		d = json.load(open(source))
		for r in d["results"]:
		    if r["way"] == "floor":
		        values = [2 * float(floor)] * 4
		    elif r["call"] == "work_laps()":
		        values = [float(low), float(median), float(median), float(high)]
		    else:
		        values = [100.0] * 4
		    r["ns"]["median"], r["ns"]["blocks"] = values[1], values
		json.dump(d, open(out, "w"))
	END
}
verdict() { # verdict WHAT EXPECTED OLD NEW
	"$VDK" bench --json --compare "$3" "$4" > "$T/v.json" || true
	is "$1" "$2" "$(value "$T/v.json" 'next(r for r in d["rows"] if r["call"] == "work_laps()")["verdict"]')"
}
make "$T/base.json" 10 9.9 10.1
make "$T/new.json" 10.9 10.8 11
verdict "within the limit" same "$T/base.json" "$T/new.json"
make "$T/new.json" 12 11.9 12.1
verdict "beyond the limit" slower "$T/base.json" "$T/new.json"
verdict "and back" faster "$T/new.json" "$T/base.json"
make "$T/new.json" 12 10 14
verdict "beyond the limit, but overlapping" unsure "$T/base.json" "$T/new.json"
make "$T/new.json" 12 11.9 12.1 1.2
verdict "the floors changed as much" same "$T/base.json" "$T/new.json"
make "$T/base.json" 1 1 1
make "$T/new.json" 1.4 1.4 1.4
verdict "less than half a nanosecond" same "$T/base.json" "$T/new.json"
make "$T/base.json" 0 0 0
verdict "nothing at all before" slower "$T/base.json" "$T/slow.json"

sed 's/"cpu":"[^"]*"/"cpu":"Other"/; s/"cpu": *"[^"]*"/"cpu": "Other"/' "$T/a.json" > "$T/other.json"
capture "$VDK" bench --compare "$T/other.json" "$T/a.json"
like "another machine is told" '^The machines differ: Other' "$out"

# Hostile files. bad WHAT MESSAGE: $T/bad.json is refused as OLD and as NEW.
bad() {
	local how

	for how in old new; do
		if [ "$how" = old ]; then
			capture timeout 60 "$VDK" bench --compare "$T/bad.json" "$T/a.json"
		else
			capture timeout 60 "$VDK" bench --compare "$T/a.json" "$T/bad.json"
		fi
		is "$1, $how: exit status" 3 "$status"
		like "$1, $how: message" "^vdk bench: .*bad.json: .*$2" "$err"
		is "$1, $how: no output" "" "$out"
	done
}
edit() { python3 -c "
import json, sys
d = json.load(open('$T/a.json'))
r = d['results'][0]
$1
open('$T/bad.json', 'w').write(json.dumps(d))"; }

bad "no file" 'No such file'
: > "$T/bad.json"
bad "an empty file" 'is no JSON'
printf '[%.0s' {1..100000} > "$T/bad.json"
bad "depth" 'is no JSON'
head -c 5000 "$T/a.json" > "$T/bad.json"
bad "cut off" 'is no JSON'
{ cat "$T/a.json"; echo '{}'; } > "$T/bad.json"
bad "something behind it" 'is no JSON'
head -c 100000 /dev/urandom > "$T/bad.json"
bad "noise" 'is no JSON'
echo '[]' > "$T/bad.json"
bad "a list" 'format: expected'
echo 'null' > "$T/bad.json"
bad "nothing" 'is no JSON|format: expected'
edit 'd["format"] = "other"'
bad "another format" 'format: expected'
edit 'd["version"] = 2'
bad "another version" 'version: expected 1'
edit 'd["results"] = {}'
bad "results that are no list" 'results: expected a list'
edit 'd["results"] = [r] * 5000'
bad "too many results" 'results: expected a list of at most'
edit 'd["results"] = [r, r]'
bad "a row twice" 'results\[1\].call: expected each call and way once'
edit 'r["call"] = "\x1b[2J"'
bad "a command for terminals" 'printable ASCII'
edit 'r["call"] = "a" * 10000'
bad "a long text" 'at most 600 characters'
edit 'r["call"] = "a\0b"'
bad "a text with a NUL" 'expected a text'
edit 'r["way"] = "magic"'
bad "an unknown way" 'results\[0\].way: expected'
edit 'r["ns"]["median"] = -1'
bad "less than nothing" 'median: expected a number from 0'
edit 'r["ns"]["median"] = 1e300'
bad "too large a number" 'median: expected a number from 0'
edit 'r["ns"]["median"] = float("nan")'
bad "no number" 'median|is no JSON'
edit 'r["ns"]["median"] = "1"'
bad "a text for a number" 'median: expected a number'
edit 'r["ns"]["blocks"] = []'
bad "no blocks" 'blocks: expected at least one'
edit 'r["ns"]["blocks"] = [1] * 300'
bad "too many blocks" 'blocks: expected a list of at most 256'
edit 'r["single_ns"]["shape"] = [[1, 2, 3]]'
bad "no pairs" 'shape: expected pairs'
edit 'r["single_ns"]["shape"] = [[1, 2]] * 2000'
bad "too many points" 'shape: expected a list of at most'
edit 'del r["single_ns"]'
bad "no single calls" 'results\[0\]'
edit 'd["machine"] = {"<b>": "x"}'
bad "markup for a key" 'machine: expected keys'
edit 'd["machine"] = {"mitigations": {"x": "\x1b[2J"}}'
bad "a command for terminals among the mitigations" 'machine.x: expected printable'
edit 'd["machine"] = 7'
bad "no machine" 'machine: expected an object'
edit 'd["curves"] = [{"name": "x"}]'
bad "half a curve" 'curves\[0\]'
rm -f "$T/bad.json"
mkdir "$T/bad.json"
bad "a folder" 'expected a regular file'
rmdir "$T/bad.json"
mkfifo "$T/bad.json"
bad "a pipe" 'expected a regular file'
rm "$T/bad.json"
truncate -s 100M "$T/bad.json"
bad "a huge file" 'expected at most'
finish
