#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# vdk verify on what must be right: the running kernel's vDSO and the passthrough image; what its
# output looks like, what it takes and what it refuses.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"

need python3

# --- the kernel's own ---
capture "$VDK" verify
if [ "$status" = 77 ]; then
	skip "this kernel has no vDSO: $err"
fi
is "the kernel's: exit status" 0 "$status"
unlike "the kernel's: nothing fails" FAIL "$out"
for function in clock_gettime gettimeofday time getcpu clock_getres; do
	for property in values arguments registers stack signals unwind; do
		like "the kernel's: $function $property" "^$function +$property +(ok|skip) " "$out"
	done
done
figure instructions "$(instructions)"
like "the kernel's: order" '^clock_gettime +order +ok +7 questions, [0-9]+ threads, [0-9]+ reads' "$out"
like "the kernel's: a count at the end" '^[0-9]+ ok, 0 failed, [0-9]+ skipped$' "$out"
skips=$(grep -c '  skip  ' <<< "$out" || true)
is "each skip has a reason" "$skips" "$(grep -c '  skip  .\{10,\}' <<< "$out" || true)"

# --- an image attached: jumps to the kernel's ---
image pass
capture "$VDK" verify --vdso "$image" --seconds 1
is "the passthrough image: exit status" 0 "$status"
unlike "the passthrough image: nothing fails" FAIL "$out"
like "the passthrough image: chained functions unwind" '^clock_gettime +unwind +(ok|skip)' "$out"

# --- under vdk run, without an option: what the process has ---
capture "$VDK" run --vdso "$image" -- "$VDK" verify --property registers --json time
is "under vdk run" attached "$(python3 -c 'import json,sys; print(json.load(sys.stdin)["vdso"])' < "$T/out")"

# --- JSON ---
capture "$VDK" verify --json --property stack,values --seconds 0.2 __vdso_time getcpu
is "JSON: exit status" 0 "$status"
is "JSON" "kernel 4 getcpu,time stack,values ok 4 0 0" "$(python3 -c '
import json, sys
v = json.load(sys.stdin)
r = v["results"]
print(v["vdso"], len(r), ",".join(sorted({x["function"] for x in r})),
      ",".join(sorted({x["property"] for x in r})), ",".join({x["verdict"] for x in r}),
      v["ok"], v["failed"], v["skipped"])' < "$T/out")"

# --- one CPU ---
if command -v taskset > /dev/null; then
	capture taskset -c "$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/')" \
		"$VDK" verify --property values,order --seconds 0.4 time getcpu
	is "on one CPU: exit status" 0 "$status"
	like "on one CPU: says so" '^time +values +ok +2 questions on 1 CPU,' "$out"
fi

# --- wrong uses ---
capture "$VDK" verify no_such_function
is "an unknown function: exit status" 2 "$status"
like "an unknown function: message" 'verify: no_such_function: the vDSO has no such function' "$err"
like "a pattern" '^2 ok, 0 failed' "$("$VDK" verify --seconds 1 --property registers 'clock_*' | tail -n 1)"
capture "$VDK" verify --property values,colour
is "an unknown property: exit status" 2 "$status"
like "an unknown property: message" "'colour' is not a property" "$err"
capture "$VDK" verify --seconds soon
is "no number: exit status" 2 "$status"
capture "$VDK" verify --vdso none
is "no vDSO: exit status" 2 "$status"
capture "$VDK" run --vdso none -- "$VDK" verify
is "a process without a vDSO: exit status" 77 "$status"
capture "$VDK" verify --vdso "$T/none.so"
is "no such image: exit status" 3 "$status"
capture "$VDK" verify --reference "$T/none.so"
is "no such module: exit status" 3 "$status"
cp "$image" "$T/open.so"
chmod 666 "$T/open.so"
capture "$VDK" verify --reference "$T/open.so"
is "a module that others may write: exit status" 3 "$status"
like "a module that others may write: message" 'not to be trusted' "$err"
finish
