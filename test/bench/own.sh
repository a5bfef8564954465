#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# An author's functions: how vdk bench finds out to call them, and what it does with bad ones.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"

work first
capture "$VDK" bench --quick --json --vdso "$image"
is "exit status" 0 "$status"
cp "$T/out" "$T/a.json"
is "by declaration" "work_laps() work_read(&24) work_sized(&24, 24) work_sum(&8, &8)" \
	"$(value "$T/a.json" '" ".join(sorted(r["call"] for r in d["results"] if r["function"].startswith("work")))')"
is "what it returned" 666 "$(value "$T/a.json" 'row("work_laps()", "attached")["value"]')"
is "a record that nobody wrote" -61 "$(value "$T/a.json" 'row("work_read(&24)", "attached")["value"]')"
is "held against the floor" True \
	"$(value "$T/a.json" 'row("work_laps()", "attached")["ratio"] > 1 and
		row("work_laps()", "attached")["base"] == "floor/empty function"')"
is "the kernel's and the attached one beside each other" True \
	"$(value "$T/a.json" 'bool(row("time()", "attached")) == bool(row("time()", "kernel"))')"
is "the image's name" work "$(value "$T/a.json" 'd["images"]["attached"]["name"]')"

reasons=$(value "$T/a.json" '"\n".join(m["function"] + ": " + m["why"] for m in d["not_measured"])')
like "one that crashes" '^work_crash\(\): the call ended with signal 4' "$reasons"
like "one that never returns" '^work_hang\(\): the call did not return' "$reasons"
like "a number that could be anything" "^work_times: what to pass as .int number." "$reasons"
like "a text that could be anything" "^work_unknown: what to pass as .const char" "$reasons"
like "... how to write a number" "^work_times: .* write the call, as 'work_times\(1\)'" "$reasons"
like "... and a text" "^work_unknown: .* write the call, as 'work_unknown\(\"text\"\)'" "$reasons"

capture "$VDK" bench --quick --json --vdso "$image" 'work_times(14)' 'work_unknown(&1)' 'time()'
is "as written: exit status" 0 "$status"
is "as written" 42 "$(value "$T/out" 'row("work_times(14)", "attached")["value"]')"
is "memory as written" 0 "$(value "$T/out" 'row("work_unknown(&1)", "attached")["value"]')"
capture "$VDK" bench --quick --json --vdso "$image" 'work_unknown("Hall, (b)")'
is "a text as written" 72 "$(value "$T/out" "row('work_unknown(\"Hall, (b)\")', 'attached')['value']")"

# A publication has no header beside it.
"$VDK" publish --no-update work "$image" > /dev/null
"$VDK" set work work.value=1,2,3
capture "$VDK" bench --quick --vdso work work_read
like "without a header" 'not measured: work_read \(attached\): its prototype is not known: add --header work\.h, .*or write the call, as .work_read\(&64\)' "$out"
capture "$VDK" bench --quick --json --vdso work --header "${image%.so}.h" work_read
is "with a header" 0 "$(value "$T/out" 'row("work_read(&24)", "attached")["value"]')"
capture "$VDK" run --vdso work -- "$VDK" bench --quick --json --header "${image%.so}.h" work_read
is "under vdk run" 0 "$(value "$T/out" 'row("work_read(&24)", "attached")["value"]')"

# A slow function takes its time, and no more than the run has.
work slow 3000000
capture timeout 100 "$VDK" bench --quick --json --vdso "$image" work_laps
is "a slow function: exit status" 0 "$status"
is "a slow function: some rounds at least" True \
	"$(value "$T/out" '20 <= row("work_laps()", "attached")["ns"]["count"] < 1000')"

# Usage. refused WHAT MESSAGE ARGUMENT...
refused() {
	local what=$1 message=$2

	shift 2
	capture "$VDK" bench --quick "$@"
	is "$what: exit status" 2 "$status"
	like "$what: message" "$message" "$err"
	is "$what: no output" "" "$out"
}
refused "no such function" 'no function of this process.s vDSO is called nosuch' nosuch
refused "no such call" 'no function of this process.s vDSO is called nosuch\(1\)' 'nosuch(1)'
refused "arguments that are none" 'expected up to 6 numbers' --vdso "$image" 'work_times(x)'
refused "a text without an end" 'texts in "quotes"' --vdso "$image" 'work_unknown("x)'
refused "a word behind a text" 'expected up to 6 numbers' --vdso "$image" 'work_unknown("x"y)'
refused "too many arguments" 'expected up to 6 numbers' --vdso "$image" 'work_times(1,2,3,4,5,6,7)'
refused "too much memory" 'expected up to 6 numbers' --vdso "$image" 'work_read(&999999999)'
refused "an open parenthesis" 'expected up to 6 numbers' --vdso "$image" 'work_times(1'
refused "words behind it" 'expected up to 6 numbers' --vdso "$image" 'work_times(1) 2'
refused "no CPU of that number" 'cannot run on CPU 100000 alone' --cpu 100000
refused "a CPU that is none" '--cpu: expected the number' --cpu x
refused "no rounds" '--rounds: expected 20 to' --rounds 0
refused "a ratio below 1" '--max-ratio: expected 1 to' --max-ratio 0.5
refused "a ratio that is none" '--max-ratio: expected 1 to' --max-ratio nan
capture "$VDK" bench --vdso "$image" --header /nonexistent
is "no such header: exit status" 3 "$status"
like "no such header: message" '/nonexistent: No such file' "$err"
capture "$VDK" bench --vdso ./nonexistent.so
is "no such image" 3 "$status"

# Headers by others: whatever is in them, nothing is called that is not understood.
odd() { # odd DECLARATION: with this header nothing of work_laps is measured
	printf '%s\n' "$1" > "$T/odd.h"
	capture "$VDK" bench --quick --vdso "$image" --header "$T/odd.h" work_laps
	like "odd header: ${1:0:40}" 'not measured: work_laps' "$out"
}
odd 'struct big work_laps(void);'
odd 'long double work_laps(void);'
odd 'int work_laps(void (*)(int));'
odd 'int work_laps(int, int, int, int, int, int, int);'
odd 'int work_laps('
odd 'int work_laps(struct nothing of, this is known);'
odd 'int not_work_laps(void); int work_laps2(void);'
odd "int work_laps(void *$(printf '%0400d' 7));"
odd ''
finish
