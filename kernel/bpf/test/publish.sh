#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A page that a BPF program writes, on this kernel if it lets us: published, read, listed, watched,
# not writable, replaced while programs run, left behind by a publisher that is killed, unpublished.
# kernel/rig/guest/bpf-publisher.sh does the same, and more, on a kernel that always lets us.
set -eu
. "$(dirname "$0")/../../../test/lib.sh"

need_root
need setpriv gcc
built=$VDK_BUILD_ROOT/kernel/bpf
source=$VDK_SOURCE_ROOT/kernel/bpf/test
gcc -O2 -I"$built/test" "$source/read.c" -o "$T/read" "$built/test/torn.so"
gcc -O2 "$source/forbid.c" -o "$T/forbid"
at_end 'umount "$VDK_RUNTIME_DIR/.bpf" 2> /dev/null'

before=(env)
# start NAME ARGUMENT...: a publisher in the background, until it says that it is one.
start() {
	local name=$1
	shift
	: > "$T/said"
	"${before[@]}" "$VDK" publish "$name" "$@" > "$T/said" 2> "$T/complained" &
	publisher=$!
	at_end "kill $publisher 2> /dev/null"
	for _ in $(seq 200); do
		[ ! -s "$T/said" ] || return 0
		kill -0 "$publisher" 2> /dev/null || return 1
		sleep 0.05
	done
	return 1
}

stop() { # stop [SIGNAL]
	kill "-${1:-TERM}" "$publisher"
	status=0
	wait "$publisher" 2> /dev/null || status=$?
}

if ! start page "$built/test/torn.so" --bpf "$built/test/clock.bpf.o"; then
	wait "$publisher" && status=0 || status=$?
	[ "$status" = 77 ] && skip "BPF is refused here: $(tail -n 1 "$T/complained")"
	cat "$T/complained"
	exit 1
fi
like "it says who writes" '^page: published; the kernel writes it: on_tick \(perf_event\)$' "$(cat "$T/said")"
sleep 0.2
first=$("$VDK" get page small.count)
sleep 0.2
second=$("$VDK" get page small.count)
ok "vdk get: $first, then $second"
[ "$second" -gt "$first" ] || not_ok "the value changes by itself" "$first" "$second"
like "vdk ls" "^page +1 +$publisher +[0-9.]+[mu]?s +live .* small,large,dropped$" "$("$VDK" ls)"
is "vdk watch sees it change" 3 "$(timeout 10 "$VDK" watch page small.count | head -n 3 | uniq | wc -l)"

capture "$VDK" set page small.count=1
is "vdk set is refused" 77 "$status"
like "and says why" 'a BPF program of the kernel writes this page' "$err"
capture timeout 20 "$VDK" publish page "$built/test/torn.so" --bpf "$built/test/clock.bpf.o"
is "and a second publisher" 3 "$status"

for how in '' --once; do
	capture "$VDK" run $how --vdso page -- "$T/read" torn 0.5
	is "vdk run $how: no torn read" 0 "$status"
	like "vdk run $how: it sees updates" ' updates=[1-9][0-9]+ torn=0 failed=0 ' "$out"
done
capture setpriv --reuid 65534 --regid 65534 --clear-groups \
	env VDK_RUNTIME_DIR="$VDK_RUNTIME_DIR" "$VDK" run --vdso page -- "$T/read" once
is "another user may attach" 0 "$status"
like "and reads" '^[1-9][0-9]*$' "$out"
pin=$VDK_RUNTIME_DIR/.bpf/$(basename "$(readlink "$VDK_RUNTIME_DIR/page/page")")
is "the map's pin is root's" 0 "$(stat -c %u "$pin")"

capture "$T/forbid" 1 "$VDK" get page
is "where bpf(2) is forbidden the page is, too" 77 "$status"
like "and the reason is told" 'the kernel writes this page, in a BPF map, and bpf\(2\) is forbidden' "$err"

# A program that runs while its publisher is killed and another one takes over.
mkfifo "$T/go"
"$VDK" run --vdso page -- "$T/read" follow < "$T/go" > "$T/follow" &
reader=$!
exec 9> "$T/go"
sleep 0.3
stop KILL
sleep 0.3
still=$(tail -n 1 "$T/follow")
sleep 0.3
is "killed: the values stand still" "$still" "$(tail -n 1 "$T/follow")"
is "killed: they can be read" "$still" "$("$VDK" get page small.count)"
sleep 0.7
like "killed: they are void after the limit" '^page .* void ' "$("$VDK" ls)"
start page "$built/test/torn.so" --bpf "$built/test/clock.bpf.o" --every 5ms
like "the next publisher feeds the same page" 'replaced; programs that run see the new values' "$(cat "$T/said")"
sleep 0.5
is "its epoch" 2 "$("$VDK" ls --json | sed -n 's/.*"epoch": *\([0-9]*\).*/\1/p')"
[ "$(tail -n 1 "$T/follow")" != "$still" ] && ok "the program that runs sees its values" ||
	not_ok "the program that runs sees its values" "$(tail -n 3 "$T/follow")"
stop
is "SIGTERM ends it" 0 "$status"
capture "$VDK" publish page
is "a publisher without a program is refused" 77 "$status"
like "and told why" 'a BPF program of the kernel writes this page' "$err"
start page --bpf "$built/test/clock.bpf.o"
pin_of=$VDK_RUNTIME_DIR/.bpf/$(basename "$(readlink "$VDK_RUNTIME_DIR/page/page")")
like "without an image: taken over" 'page: taken over;' "$(cat "$T/said")"
sleep 0.3
capture "$T/forbid" write "$pin_of"
is "the kernel refuses what root writes" 0 "$status"
# Whatever else lies where the pin should be.
mv "$pin_of" "$pin_of-away"
"$T/forbid" pin "$pin_of" 8192
capture "$VDK" get page small.count
is "a map that is not frozen is refused" 77 "$status"
like "and why" 'expected a frozen BPF map, found one that programs can write' "$err"
rm "$pin_of"
capture "$VDK" get page small.count
is "no pin" 3 "$status"
like "no pin: told" 'its BPF map is not at' "$err"
mv "$pin_of-away" "$pin_of"
chown 65534 "$pin_of"
capture "$VDK" get page small.count
is "a pin of somebody else's" 77 "$status"
chown 0 "$pin_of"
capture "$VDK" get page small.count
is "the right one again" 0 "$status"
is "one pin for one publication" 1 "$(ls "$VDK_RUNTIME_DIR/.bpf" | grep -c '^page')"

capture "$VDK" unpublish page
is "unpublish: not under a publisher" 3 "$status"
stop
capture "$VDK" unpublish page
is "unpublish" 0 "$status"
is "unpublish: no pin is left" "" "$(ls "$VDK_RUNTIME_DIR/.bpf" | grep page || true)"
sleep 0.3
last=$(tail -n 1 "$T/follow")
sleep 0.3
is "unpublish: the program keeps its page" "$last" "$(tail -n 1 "$T/follow")"
exec 9>&-
wait "$reader" && ok "and ends as it likes" || not_ok "and ends as it likes"

# What a publisher leaves that is killed between its steps, and two that are the first ones.
capture "$VDK" publish page "$built/test/torn.so" --no-update
"$T/forbid" pin "$VDK_RUNTIME_DIR/.bpf/page+AbCdEf" 8192
mkdir "$VDK_RUNTIME_DIR/.page.AbCdEf"
ln -s ../.bpf/page+AbCdEf "$VDK_RUNTIME_DIR/.page.AbCdEf/page"
start page "$built/test/torn.so" --bpf "$built/test/clock.bpf.o"
like "in the place of a page's file: another page" 'replaced; the page is another one' "$(cat "$T/said")"
is "leftovers are swept" "" "$(ls -d "$VDK_RUNTIME_DIR"/.page.?????? "$VDK_RUNTIME_DIR/.bpf/page+AbCdEf" 2> /dev/null)"
stop
"$VDK" unpublish page
umount "$VDK_RUNTIME_DIR/.bpf"
first=
for name in one two three; do
	timeout 60 "$VDK" publish "$name" "$built/test/torn.so" --bpf "$built/test/clock.bpf.o" > "$T/$name" &
	first+=" $!"
done
for _ in $(seq 400); do
	[ -s "$T/one" ] && [ -s "$T/two" ] && [ -s "$T/three" ] && break
	sleep 0.05
done
# shellcheck disable=SC2086
kill $first
wait
is "three first ones at once: one bpffs" 1 "$(grep -c " $VDK_RUNTIME_DIR/.bpf bpf" /proc/mounts)"
is "three first ones at once: three pages" 3 "$("$VDK" ls | grep -c 'small,large')"
"$VDK" unpublish one two three

# Without CAP_SYS_ADMIN: all but the mount.
umount "$VDK_RUNTIME_DIR/.bpf"
less=(setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin)
capture timeout 20 "${less[@]}" "$VDK" publish page "$built/test/torn.so" --bpf "$built/test/clock.bpf.o"
is "no right to mount" 77 "$status"
like "no right to mount: told, with the cure" 'cannot mount a bpffs here.*mount -t bpf -o' "$err"
mount -t bpf -o nosuid,nodev,noexec,mode=755 bpf "$VDK_RUNTIME_DIR/.bpf"
before=("${less[@]}")
start page "$built/test/torn.so" --bpf "$built/test/clock.bpf.o"
like "CAP_BPF and CAP_PERFMON are enough then" '^page: published;' "$(cat "$T/said")"
stop
before=(env)
"$VDK" unpublish page

# One update inside of another.
start guard "$built/test/torn.so" --bpf "$built/test/guard.bpf.o"
sleep 0.3
is "an update inside of one of the same record is dropped" 16 "$("$VDK" get guard dropped.large)"
is "one of another record is not" 0 "$("$VDK" get guard dropped.small)"
like "an update that was cancelled was none" '# large: never written' "$("$VDK" get guard)"
stop
"$VDK" unpublish guard

# Mistakes, each named.
capture timeout 20 "$VDK" publish page "$built/test/torn.so" --bpf "$built/test/bad.bpf.o"
is "the verifier refuses: a verdict" 1 "$status"
like "with the verifier's log" 'invalid access to map value|BEGIN PROG LOAD LOG' "$err"
like "and a sentence" "verifier refuses the program" "$err"
capture timeout 20 "$VDK" publish page "$VDK_BUILD_ROOT/vdsos/notb/notb.so" --bpf "$built/test/clock.bpf.o"
is "an image with other records" 2 "$status"
like "is told by its first one" 'record small: the image has none of that name' "$err"
capture timeout 20 "$VDK" publish page "$VDK_BUILD_ROOT/vdsos/pass/pass.so" --bpf "$built/test/clock.bpf.o"
is "an image without records" 3 "$status"
like "is told" 'the image has no records' "$err"
capture timeout 20 "$VDK" publish page "$built/test/torn.so" --bpf "$built/test/torn.so"
is "no BPF object" 1 "$status"
capture timeout 20 "$VDK" publish page "$built/test/torn.so" --bpf "$T/none.o"
is "no object at all" 3 "$status"
cp "$built/test/clock.bpf.o" "$T/open.o"
chmod 666 "$T/open.o"
capture timeout 20 "$VDK" publish page "$built/test/torn.so" --bpf "$T/open.o"
is "an object that anybody could write" 77 "$status"
is "nothing of all this was published" "" "$(ls "$VDK_RUNTIME_DIR")"
is "nor pinned" "" "$(ls "$VDK_RUNTIME_DIR/.bpf" | grep -v debug || true)"
finish
