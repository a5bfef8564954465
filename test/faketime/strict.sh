#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# strict.sh RAW RAW-STATIC - --strict counts raw system calls for the time, and nothing else
set -eu
. "$(dirname "$0")/../lib.sh"

raw=$(realpath "$1")
static=$(realpath "$2")
export LC_ALL=C TZ=UTC
fake() { capture "$VDK" faketime "$@"; }
none='^vdk faketime: programs started: [0-9]+; those with the true time: none$'

# ---- C, dynamic and static ----
for program in "$raw" "$static"; do
	fake --strict +1d "$program" 0
	like "${program##*/}: none" "$none" "$err"
	near "${program##*/}: its time is faked" $(($(date +%s) + 86400)) "$out" 3
	fake --strict +1d "$program" 5
	like "${program##*/}: its calls" "^  $program: 5 clock_gettime, 5 gettimeofday, 5 time\$" "$err"
	near "${program##*/}: what it asks properly is faked" $(($(date +%s) + 86400)) "$out" 3
	fake --strict --monotonic +1d "$program" 5
	like "${program##*/}: monotonic clocks, too" "^  $program: 10 clock_gettime, 5 gett" "$err"
done
fake --strict +1d sh -c "date; '$raw' 1; '$static' 2; date; '$raw' 3; exit 7"
is "a tree: exit status" 7 "$status"
like "a tree: programs" '^vdk faketime: programs started: 6; those with the true time:$' "$err"
like "a tree: one started twice" "^  $raw: 4 clock_gettime, 4 gettimeofday, 4 time\$" "$err"
like "a tree: another" "^  $static: 2 clock_gettime, 2 gettimeofday, 2 time\$" "$err"
is "a tree: and no more" 3 "$(wc -l < "$T/err")"

# ---- Go and others ----
if command -v go > /dev/null; then
	go_raw=$VDK_BUILD_ROOT/test/programs/faketime-raw-go
	go_build() { GO111MODULE=off GOFLAGS='' GOPROXY=off CGO_ENABLED=0 go build -o "$1" "$VDK_SOURCE_ROOT/test/faketime/programs/raw.go"; }
	cached "$go_raw" "$VDK_SOURCE_ROOT/test/faketime/programs/raw.go" -- go_build
	fake --strict +1d "$go_raw" 0
	like "Go: none" "$none" "$err"
	fake --strict +1d "$go_raw" 3
	like "Go: its calls" "^  $go_raw: 3 clock_gettime\$" "$err"
fi
for command in 'date' 'python3 -c "import time; time.time(); time.ctime()"' \
	'perl -e "print time"' 'busybox date' 'bash -c "printf %(%s)T"'; do
	command -v "${command%% *}" > /dev/null || continue
	fake --strict +1d sh -c "$command"
	like "$command: none" "$none" "$err"
done

# ---- The report ----
fake --report "$T/report" --json +1d sh -c "exec '$raw' 2"
is "into a file: no message" "" "$err"
is "JSON" "2 True 1 $raw 2 2 2 0" "$(python3 -c '
import json, sys
r = json.load(open(sys.argv[1]))
p = r["programs"][0]
print(r["started"], r["complete"], len(r["programs"]), p["path"], p["clock_gettime"], p["gettimeofday"], p["time"], p["unattached"])
' "$T/report")"
ugly=$(printf '%s/\303\244 "\\\377\nx' "$T")
cp "$raw" "$ugly"
fake --strict --json +1d "$ugly" 1
is "a name that is no text" "$(printf '%s/\303\244 "\\\303\277\nx' "$T")" \
	"$(python3 -c 'import json, sys; print(json.load(sys.stdin)["programs"][0]["path"])' <<< "$err")"
fake --strict +1d "$ugly" 1
is "a name with a newline stays on its line" 2 "$(wc -l < "$T/err")"
fake --report "$T/no/where" +1d true;  is "a file that cannot be: exit status" 3 "$status"
fake --strict --once +1d true;         is "with --once: exit status" 2 "$status"
fake --strict +1d "$T/nothing"
is "no such program: exit status" 127 "$status"
is "no such program: one message" 1 "$(wc -l < "$T/err")"
is "nothing is left behind" "" "$(ls -A "$VDK_RUNTIME_DIR")"

# ---- In front of the program, as it would be itself ----
fake --strict +1d sh -c 'kill -TERM $$'
is "killed as its program was" 143 "$status"
like "and reports all the same" "$none" "$err"
"$VDK" faketime --report "$T/report" +1d sh -c 'trap "exit 5" TERM; echo > '"$T/ready"'; while :; do sleep 0.05; done' &
pid=$!
wait_for 10 test -e "$T/ready"
kill "$pid"
status=0
wait "$pid" || status=$?
is "a signal to it is passed on" 5 "$status"
"$VDK" faketime --report "$T/report" +1d sh -c '(sleep 1; exec "$0" 1) & exit 3' "$raw" || status=$?
is "it waits for the whole tree" 3 "$status"
like "and reports what came late" "^  $raw: 1 clock_gettime" "$(cat "$T/report")"
"$VDK" faketime --report "$T/report" +1d sh -c "'$raw' 1; sleep 60 & echo \$! > '$T/left'" & pid=$!
wait_for 10 test -s "$T/left"
at_end 'kill $(cat "$T/left")'
kill "$pid"
wait "$pid" || :
like "told to end, it reports what there is" 'programs started: [0-9]+ so far' "$(cat "$T/report")"
is "stopped, it is stopped like its program" "T" "$(
	"$VDK" faketime --strict +1d sh -c 'kill -STOP $$' 2> /dev/null &
	for _ in $(seq 100); do
		state=$(sed -n 's/^State:\s*\(.\).*/\1/p' /proc/$!/status)
		[ "$state" != T ] || break
		sleep 0.05
	done
	echo "$state"
	kill -KILL $(cat /proc/$!/task/$!/children)
	kill -CONT $!
	wait $! || :
)"
if [ -x /usr/bin/python3 ]; then
	capture timeout 60 /usr/bin/python3 "$VDK_SOURCE_ROOT/test/run/pty-session.py" "$VDK" faketime --report "$T/report" +0 --
	is "a terminal session" 0 "$status"
	[ "$status" = 0 ] || printf '%s\n' "$out" "$err"
fi
finish
