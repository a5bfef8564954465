#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# `vdk faketime` as a command: what SPECs mean, wrong ones, live control, several trees, the end of
# a tree, one time for a whole tree
set -eu
. "$(dirname "$0")/../lib.sh"

export TZ=UTC
fake() { capture "$VDK" faketime "$@"; }

# ---- What SPECs mean ----
now() { date +%s; }
fake +1d date +%s;                        near "+1d" $(($(now) + 86400)) "$out" 2
fake -2,5y -- date +%s;                   near "-2,5y" $(($(now) - 78840000)) "$out" 2
fake '2020-12-24 20:30:00' date +%s;      near "a date" 1608841800 "$out" 2
fake '@2020-12-24 20:30:00' date +%s;     near "a date with @" 1608841800 "$out" 2
fake 2020-12-24T20:30:00+01:00 date +%s;  near "RFC 3339" 1608838200 "$out" 2
fake @1600000000.75 date +%s.%N;          like "@unix.ns" '^1600000000\.[789]' "$out"
fake 'last friday 5 pm' date '+%u %H:%M'; is "what date(1) takes" "5 17:00" "$out"
fake -f '2020-12-24 20:30:00' sh -c 'sleep 0.1; date +%T.%N'
is "-f: a plain date stands still" 20:30:00.000000000 "$out"
fake --freeze @1000 sh -c 'sleep 0.1; date +%s.%N'
is "--freeze" 1000.000000000 "$out"
touch -d @1234567890 "$T/old"
fake "%$T/old" date +%s;                  near "%FILE" 1234567890 "$out" 2
FAKETIME_FOLLOW_FILE=$T/old fake % date +%s; near "% and its variable" 1234567890 "$out" 2
fake -m --exclude-monotonic +1d date +%s; near "options of faketime(1)" $(($(now) + 86400)) "$out" 2
cat > "$T/our-date" <<- 'END'
	#!/bin/sh
	echo 5000 0
END
chmod +x "$T/our-date"
fake --date-prog "$T/our-date" whatever date +%s; near "--date-prog" 5000 "$out" 2

# The same as Debian's own, in the formats that both take.
if command -v faketime > /dev/null; then
	for spec in 'yesterday' '2 hours ago' '2021-03-04 05:06:07' '2021-03-04'; do
		theirs=$(faketime "$spec" date +%s)
		fake "$spec" date +%s
		near "as faketime '$spec'" "$theirs" "$out" 2
	done
	for spec in '+3d' '-1h' '+1.5h' '@2021-03-04 05:06:07' '2021-03-04 05:06:07' '+1y x1'; do
		theirs=$(LC_ALL=C faketime -f "$spec" date +%s)
		fake -f "$spec" date +%s
		near "as faketime -f '$spec'" "$theirs" "$out" 2
	done
fi

# ---- Wrong ones ----
refused() { # refused EXIT MESSAGE ARGUMENT...
	local code=$1 message=$2

	shift 2
	fake "$@"
	is "refused: $*: exit status" "$code" "$status"
	like "refused: $*: message" "$message" "$err"
}
refused 2 'column 3: expected a unit.*found .q.*date\(1\)' +1q true
refused 2 'column 6: expected a month' -f '2020-13-01 00:00:00' true
refused 2 'column 7: expected a blank' -f '+1y x2z' true
refused 2 'column 1: .*date\(1\) knows no such date' 'the day after never' true
refused 2 'column 1' '' true
refused 3 'No such file' "%$T/nothing" true
refused 2 'column 2' % true
refused 2 'which program' +1d
refused 2 'which time'
refused 127 'cannot run' +1d "$T/nothing"
refused 126 'cannot run' +1d "$T"
refused 3 'no such tree' --control nobody show
refused 2 'expected set' --control nobody dance
refused 2 'arguments' --control nobody set
refused 2 'name of a publication' --name '../x' +1d true
is "nothing is left behind" "" "$("$VDK" faketime --list)"
(
	unset VDK_RUNTIME_DIR XDG_RUNTIME_DIR
	[ "$(id -u)" != 0 ] || exec setpriv --reuid 65534 --regid 65534 --clear-groups "$VDK" faketime +1d true
	exec "$VDK" faketime +1d true
) 2> "$T/err" || :
like "without a runtime directory" 'set XDG_RUNTIME_DIR or VDK_RUNTIME_DIR' "$(cat "$T/err")"

# ---- One time for a whole tree, exit status ----
fake x100 sh -c 'a=$(date +%s); sleep 0.5; b=$(sh -c "date +%s"); echo $((b - a))'
near "programs that are started later share the tree's origin" 50 "$out" 15
fake +1d sh -c 'exit 42'
is "the program's own exit status" 42 "$status"
fake --once +1d sh -c 'printf "%s" "$$"; sh -c "date +%s"'
near "--once: what it starts has the true time" "$(now)" "${out#"${out%??????????}"}" 2

# ---- Live control of two trees at once ----
"$VDK" faketime --name one @1000 sleep 60 & one=$!
"$VDK" faketime --name two '@5000 x10' sleep 60 & two=$!
at_end "kill $one $two 2> /dev/null"
control() { capture "$VDK" faketime --control "$@"; }
seconds() { "$VDK" faketime --control "$1" show --json | sed -n 's/.*"seconds": \([0-9]*\).*/\1/p'; }
wait_for 5 "$VDK" faketime --control one show || not_ok "tree one is there"
wait_for 5 "$VDK" faketime --control two show || not_ok "tree two is there"
near "tree one" 1000 "$(seconds one)" 3
near "tree two" 5005 "$(seconds two)" 20
is "both are listed" "one two" "$("$VDK" faketime --list | cut -d' ' -f1 | xargs)"
is "and as JSON" "one two" "$("$VDK" faketime --list --json | python3 -c 'import json, sys; print(*[t["id"] for t in json.load(sys.stdin)])')"
refused 3 'a tree of that name' --name one +1d true

control one freeze;        is "freeze" 0 "$status"
first=$("$VDK" faketime --control one show); sleep 0.05
is "frozen" "$first" "$("$VDK" faketime --control one show)"
control one step +1h;      near "step" 4600 "$(seconds one)" 3
control one step -90s;     near "step back" 4510 "$(seconds one)" 3
control one set @7000;     near "set" 7000 "$(seconds one)" 1
like "what set does not name stays" 'x0 \(frozen\)' "$("$VDK" faketime --control one show)"
control one resume;        sleep 1.1; near "resume" 7001 "$(seconds one)" 1
control one set 'x1000';   sleep 0.1; near "set a rate" 9000 "$(seconds one)" 1980
control one set '+1d x1';  near "set both" $(($(now) + 86400)) "$(seconds one)" 3
like "the rate" 'x1  pid' "$("$VDK" faketime --control one show)"
near "the other tree is not touched" 5030 "$(seconds two)" 300

kill "$one"; wait "$one" 2> /dev/null || :
wait_for 5 test ! -e "$VDK_RUNTIME_DIR/faketime-one" && ok "an ended tree's files are gone by themselves" ||
	not_ok "an ended tree's files are gone by themselves"
wait_for 5 test ! -e "$VDK_RUNTIME_DIR/.faketime-one.lock" && ok "and so is its lock" || not_ok "and so is its lock"
refused 3 'no such tree' --control one show
like "the other one stays" '^two' "$("$VDK" faketime --list)"

# A tree lives as long as any of its programs, and --once as long as its one.
"$VDK" faketime --name three +1d sh -c 'sleep 2 > /dev/null & exit 0'
like "a tree outlives its first program" '^three' "$("$VDK" faketime --list)"
"$VDK" faketime --once --name four +1d sleep 1 & four=$!
wait_for 5 "$VDK" faketime --control four step +1d && ok "--once can be controlled" || not_ok "--once can be controlled"
like "--once is listed" '^four' "$("$VDK" faketime --list)"
wait "$four"
unlike "and then gone" '^four' "$("$VDK" faketime --list)"

# A program under a changing time sees the change.
"$VDK" faketime --name five @1000 bash -c 'while printf -v s "%(%s)T"; [ "$s" -lt 100000 ]; do sleep 0.01; done; echo "$s"' > "$T/five" &
five=$!
wait_for 5 "$VDK" faketime --control five step +100000
wait "$five"
near "a program that runs sees a step" 101000 "$(cat "$T/five")" 5

# A tree whose time is a file's follows it.
touch -d @1000 "$T/clock"
"$VDK" faketime --name six "%$T/clock" sleep 60 & six=$!
at_end "kill $six 2> /dev/null"
follows() { # follows WHAT SECONDS
	local i found

	for i in $(seq 100); do
		found=$(seconds six)
		[ "$found" -ge "$2" ] && [ "$found" -le $(($2 + 60)) ] && break
		sleep 0.05
	done
	near "$1" "$2" "$found" 60
}
wait_for 5 "$VDK" faketime --control six show || not_ok "tree six is there"
follows "a file's time" 1000
touch -d @5000 "$T/clock";                                    follows "when it is touched" 5000
touch -d @9000 "$T/other"; mv "$T/other" "$T/clock";          follows "when another takes its name" 9000
rm "$T/clock"; sleep 0.1; touch -d @12000 "$T/clock";         follows "when it is made anew" 12000
for i in $(seq 50); do touch -d @$((12000 + i * 200)) "$T/clock"; done
follows "the last of many changes" 22000
for process in /proc/[0-9]*; do
	if [ "$(cat "$process/comm" 2> /dev/null)" = vdk-follow ] &&
		ls -l "$process/fd" 2> /dev/null | grep -q "$VDK_RUNTIME_DIR/faketime-six/page"; then
		kill -KILL "${process#/proc/}" && ok "the supervisor was there"
	fi
done
touch -d @30000 "$T/clock";                                   follows "with another supervisor, too" 30000
control six step +100000;                                     near "until it is stepped away" 130000 "$(seconds six)" 60
touch -d @40000 "$T/clock";                                   follows "and touched again" 40000
kill "$six"

# What waits for the next minute by its own clock, as cron does, has it in a second of true time.
before=$(date +%s)
fake x60 bash -c 'printf -v old "%(%M)T"; until printf -v m "%(%M)T"; [ "$m" != "$old" ]; do sleep 0.02; done; echo rang'
is "a cron-like program" rang "$out"
near "rings sixty times as early" "$before" "$(date +%s)" 3
# A script that runs one tree after the other under one name.
failed=0
for ((i = 0; i < 30; i++)); do
	"$VDK" faketime --name again +1d true || failed=$((failed + 1))
done
is "thirty trees of one name, one after the other" 0 "$failed"
finish
