#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What must hold of the figures on any machine, and the JSON as doc/BENCH.md has it.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"

capture "$VDK" bench --quick --json
is "exit status" 0 "$status"
is "nothing on stderr" "" "$err"
cp "$T/out" "$T/all.json"

is "CPUs" "$(nproc)" "$(value "$T/all.json" 'd["machine"]["cpus"]')"
is "format" "vdk-bench 1" "$(value "$T/all.json" 'd["format"] + " " + str(d["version"])')"
documented=$(sed -n 's/^| `\([a-z_]*\)` .*/\1/p; s/^| `\([a-z]*\)`, `\([a-z]*\)` .*/\1 \2/p' \
	"$VDK_SOURCE_ROOT/doc/BENCH.md" | tr ' ' '\n' | sort -u)
for member in $(value "$T/all.json" '" ".join(list(d) + list(d["results"][0]))'); do
	grep -qx "$member" <<< "$documented" || not_ok "doc/BENCH.md tells of $member"
done
is "members of the result" "date format images machine not_measured quick results timing version" \
	"$(value "$T/all.json" '" ".join(sorted(d))')"
is "members of a row" "base call calls_per_batch function ns ratio single_ns value way" \
	"$(value "$T/all.json" '" ".join(sorted(d["results"][0]))')"
is "members of ns" "blocks count cv max mean median min p99 p999" \
	"$(value "$T/all.json" '" ".join(sorted(d["results"][0]["ns"]))')"
is "members of single_ns" "count max mean median min p99 p999 shape" \
	"$(value "$T/all.json" '" ".join(sorted(d["results"][0]["single_ns"]))')"
is "a call and a way stand there once" True \
	"$(value "$T/all.json" 'len({(r["call"], r["way"]) for r in d["results"]}) == len(d["results"])')"
is "percentiles ascend" True "$(value "$T/all.json" 'all(
	n["min"] <= n["median"] <= n["p99"] <= n["p999"] <= n["max"]
	for r in d["results"] for n in (r["ns"], r["single_ns"]))')"
is "a shape holds every single call" True "$(value "$T/all.json" 'all(
	sum(c for v, c in r["single_ns"]["shape"]) == r["single_ns"]["count"] for r in d["results"])')"
# musl has no getcpu().
is "every standard function by the C library and by system call" True "$(value "$T/all.json" 'all(
	(row(c, "libc") or c == "getcpu()" and d["machine"]["libc"] == "not glibc") and row(c, "syscall") for c in ("clock_gettime(CLOCK_MONOTONIC)",
	"gettimeofday()", "time()", "getcpu()", "clock_getres(CLOCK_MONOTONIC)", "getrandom(8 bytes)"))')"
is "the machine has no name in it" "" \
	"$(value "$T/all.json" '"'"$(hostname)"'" if "'"$(hostname)"'" in str(d["machine"].values()) and len("'"$(hostname)"'") > 8 else ""')"

# Whether the vDSO's clock needs a system call itself is the clock source's matter.
fast() {
	case $(cat /sys/devices/system/clocksource/clocksource0/current_clocksource 2> /dev/null) in
	tsc | kvm-clock | hyperv*) return 0 ;;
	*) return 1 ;;
	esac
}

# The ratios that hold everywhere, of a new measurement each time.
ratios() {
	"$VDK" bench --quick --json > "$T/ratios.json"
	is_true() { [ "$(value "$T/ratios.json" "$1")" = True ] || { echo "# not this time: $1"; return 1; }; }
	is_true 'ns("empty loop", "floor") <= ns("empty function", "floor") * 1.1' &&
		is_true 'ns("empty loop", "floor") <= min(r["ns"]["median"] for r in d["results"]) * 1.1' &&
		is_true 'ns("rdtsc", "floor") <= ns("lfence; rdtsc", "floor") * 1.1' &&
		is_true 'all(r["ns"]["median"] > ns("empty function", "floor")
			for r in d["results"] if r["way"] == "syscall")' || return 1
	[ "$(value "$T/ratios.json" 'd["images"]["kernel"] is None')" = False ] || return 0
	is_true 'ns("time()", "syscall") > 2 * ns("time()", "kernel")' || return 1
	fast || return 0
	is_true 'ns("clock_gettime(CLOCK_MONOTONIC)", "syscall") >
		ns("clock_gettime(CLOCK_MONOTONIC)", "kernel")' &&
		is_true 'ns("lfence; rdtsc", "floor") < ns("clock_gettime(CLOCK_MONOTONIC)", "kernel") * 1.1' &&
		is_true 'row("clock_gettime(CLOCK_MONOTONIC)", "kernel")["ratio"] < 1'
}
if some_time 3 ratios; then ok "ratios"; else not_ok "ratios" "$("$VDK" bench --quick)"; fi

capture "$VDK" bench --quick time
like "the table has all ways" '^  C library +[0-9.]+ +[0-9.]+ +[0-9.]+ +[0-9.]+ +[0-9.]+ ' "$out"
like "the table has the ratio" 'of the system call' "$out"
unlike "nothing but what was chosen" '^getcpu' "$out"
capture "$VDK" bench --quick 'clock_get*'
like "a pattern" '^clock_getres' "$out"

# By which image it is done is in the JSON.
capture "$VDK" bench --quick --json --vdso none time
is "without a vDSO: exit status" 0 "$status"
is "without a vDSO nothing is attached" None "$(value "$T/out" 'd["images"]["attached"]')"

# No progress where nobody looks; none of the messages of a terminal in the output.
capture "$VDK" bench time
is "no progress on a file" "" "$err"
if command -v script > /dev/null; then
	script -qec "'$VDK' bench --rounds 20000 clock_gettime" "$T/typescript" > /dev/null 2>&1 ||
		true
	like "progress on a terminal" 'vdk bench: (single )?calls: [0-9]+ %' "$(tr '\r' '\n' < "$T/typescript")"
fi
finish
