#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# vdk publish --bpf on Debian's stock kernel: the ready vDSO runqueue, written at the kernel's own
# update_vsyscall(), and the test's image under a storm of events on all CPUs.
# boot: debian
# file: {build}/kernel/bpf/runqueue/runqueue.so
# file: {build}/kernel/bpf/runqueue/runqueue.bpf.o
# file: {build}/kernel/bpf/test/torn.so
# file: {build}/kernel/bpf/test/clock.bpf.o
# file: {build}/kernel/bpf/test/storm.bpf.o
# file: {build}/kernel/bpf/test/bad.bpf.o
# file: {build}/kernel/bpf/test/nowhere.bpf.o
# program: {source}/kernel/bpf/test/read.c -dynamic -I{build}/kernel/bpf/test {build}/kernel/bpf/test/torn.so -o torn-read
# program: {source}/kernel/bpf/test/compare.c -dynamic -I{build}/kernel/bpf/runqueue {build}/kernel/bpf/runqueue/runqueue.so -o compare
# program: {source}/kernel/bpf/runqueue/show.c -dynamic -I{build}/kernel/bpf/runqueue {build}/kernel/bpf/runqueue/runqueue.so -o show
# program: {source}/kernel/bpf/test/forbid.c
# timeout: 240
. /rig/lib.sh

files=/rig/files
export VDK_RUNTIME_DIR=$PWD/runtime
mkdir "$VDK_RUNTIME_DIR"

# start NAME ARGUMENT...: a publisher in the background, until it says that it is one.
start() {
	: > said
	vdk publish "$@" > said 2> complained &
	publisher=$!
	for _ in $(seq 300); do
		[ ! -s said ] || return 0
		kill -0 "$publisher" 2> /dev/null || break
		sleep 0.1
	done
	not_ok "vdk publish $*" "$(cat complained)"
	return 1
}

stop() { # stop [SIGNAL]
	kill "-${1:-TERM}" "$publisher"
	status=0
	wait "$publisher" 2> /dev/null || status=$?
}

value() { # value WORD: WORD=NUMBER out of $out
	printf '%s\n' "$out" | tr ' ' '\n' | sed -n "s/^$1=//p"
}

# ---- runqueue: the kernel writes it where it writes its own vDSO's page -----------------------

start runqueue $files/runqueue.so --bpf $files/runqueue.bpf.o || finish
like "it says who writes" 'on_update \(fentry/update_vsyscall\)$' "$(cat said)"
sleep 0.3
first=$(vdk get runqueue runqueue.switches)
sleep 0.5
second=$(vdk get runqueue runqueue.switches)
[ "$second" -gt "$first" ] && ok "the values change as the kernel runs" ||
	not_ok "the values change as the kernel runs" "$first" "$second"
is "it knows the CPUs" 2 "$(vdk get runqueue runqueue.cpus)"

capture vdk run --vdso runqueue -- compare values
is "a program reads it" 0 "$status"
echo "# $out"
[ "$(value before)" -le "$(value image)" ] && [ "$(value image)" -le "$(value after)" ] &&
	ok "switches lie between two looks at /proc/stat" ||
	not_ok "switches lie between two looks at /proc/stat" "$out"
[ "$(value before)" -le "$(value each)" ] && [ "$(value each)" -le "$(value after)" ] &&
	ok "and so does the sum of each CPU's" || not_ok "and so does the sum of each CPU's" "$out"
is "as many CPUs as are online" "$(value online)" "$(value cpus)"
is "no such CPU: EINVAL" -22 "$(value none)"
[ "$(value running)" -ge 1 ] && ok "the reader itself runs" || not_ok "the reader itself runs" "$out"

# Three busy loops more, on two CPUs.
for _ in 1 2 3; do
	(while :; do :; done) &
	busy="${busy:-} $!"
done
sleep 0.5
capture vdk run --vdso runqueue -- compare values
[ "$(value running)" -ge 4 ] && [ "$(value running)" -le 8 ] && ok "three more tasks are seen" ||
	not_ok "three more tasks are seen" "$out"
kill $busy
wait $busy 2> /dev/null
capture vdk run --vdso runqueue -- show 1
is "the example" 0 "$status"
like "the example's line" '^cpu0 +[0-9]+ switches/s, [0-9]+ running  cpu1 ' "$out"

capture vdk run --vdso runqueue -- compare cost
echo "# cost in ns, emulated: $(echo $out)"
switches=$(value switches) proc=$(value proc_stat)
[ "${proc%.*}" -gt $((20 * ${switches%.*})) ] && ok "a look costs less than a 20th of /proc/stat's" ||
	not_ok "a look costs less than a 20th of /proc/stat's" "$out"
stop
sleep 1.2
capture vdk run --vdso runqueue -- compare values
is "without its publisher: ESTALE" -116 "$(value image)"
capture vdk unpublish runqueue
is "unpublish" 0 "$status"

# ---- torn: events of all CPUs, some inside of others --------------------------------------------

start torn $files/torn.so --bpf $files/storm.bpf.o --every 1ms || finish
like "three programs feed one page" 'on_system_call .*, on_switch .*, on_tick ' "$(cat said)"
for _ in 1 2; do
	(while :; do kill -0 $$; cat /proc/uptime > /dev/null; done) &
	busy="${busy2:-} $!"
	busy2=$busy
done
for how in '' --once; do
	capture vdk run $how --vdso torn -- torn-read torn 2
	is "vdk run $how: no torn read under load" 0 "$status"
	figure bpf_reads "$(value reads)"
	figure bpf_updates_seen "$(value updates)"
	figure bpf_dropped "$(value dropped)"
	echo "# $out"
	[ "$(value updates)" -gt 50 ] && ok "vdk run $how: over many updates" ||
		not_ok "vdk run $how: over many updates" "$out"
done
kill $busy2
wait $busy2 2> /dev/null
is "vdk watch" 3 "$(timeout 20 vdk watch torn small.count | head -n 3 | wc -l)"
like "vdk ls" "^torn +1 +$publisher .* live .* small,large,dropped$" "$(vdk ls)"
capture vdk set torn small.count=1
is "vdk set is refused" 77 "$status"
like "and says why" 'a BPF program of the kernel writes this page' "$err"
capture vdk run --vdso torn -- sh -c 'vdk maps $$'
like "vdk maps knows the page" 'bpf' "$out"

# A user of the system: BPF is forbidden to them, but not the page.
is "unprivileged BPF is off" 2 "$(cat /proc/sys/kernel/unprivileged_bpf_disabled)"
chmod 755 . "$VDK_RUNTIME_DIR"
capture su nobody -s /bin/sh -c "VDK_RUNTIME_DIR=$VDK_RUNTIME_DIR vdk run --vdso torn -- torn-read once"
is "another user may attach" 0 "$status"
like "and reads" '^[1-9][0-9]*$' "$out"
capture su nobody -s /bin/sh -c "VDK_RUNTIME_DIR=$VDK_RUNTIME_DIR vdk get torn small.count"
like "and gets" '^[1-9][0-9]*$' "$out"
mkdir -m 777 own
capture su nobody -s /bin/sh -c "VDK_RUNTIME_DIR=$PWD/own/x vdk publish t $files/torn.so --bpf $files/clock.bpf.o"
is "but cannot publish" 77 "$status"
like "and is told why" 'lacks CAP_BPF and CAP_PERFMON.*unprivileged_bpf_disabled is 2: publish as root' "$err"

# ---- the publisher dies, comes back, goes --------------------------------------------------------

mkfifo go
vdk run --vdso torn -- torn-read follow < go > follow &
reader=$!
exec 9> go
sleep 0.5
stop KILL
sleep 0.5
still=$(tail -n 1 follow)
sleep 0.5
is "killed: the values stand still" "$still" "$(tail -n 1 follow)"
sleep 1
like "killed: void" '^torn .* void ' "$(vdk ls)"
start torn $files/torn.so --json --bpf $files/clock.bpf.o 9>&- || finish
is "the next publisher feeds the same page" \
	'{"name": "torn", "outcome": "same page", "epoch": null, "size": null}' "$(cat said)"
sleep 1
[ "$(tail -n 1 follow)" != "$still" ] && ok "the program that runs sees its values" ||
	not_ok "the program that runs sees its values" "$(tail -n 3 follow)"
capture vdk publish torn $files/torn.so --bpf $files/clock.bpf.o
is "two publishers are one too many" 3 "$status"

# What lies where the page should be is taken only if nobody else can write it.
pins=$VDK_RUNTIME_DIR/.bpf
pin=$pins/$(basename "$(readlink "$VDK_RUNTIME_DIR/torn/page")")
capture forbid write "$pin"
is "the kernel refuses what root writes, by bpf(2) and by a mapping" 0 "$status"
mv "$pin" "$pin-away"
forbid pin "$pin" 8192
capture vdk run --vdso torn -- torn-read once
is "a map that is not frozen is refused" 77 "$status"
like "and why" 'expected a frozen BPF map, found one that programs can write' "$err"
capture forbid write "$pin"
is "... which can be written" 1 "$status"
rm "$pin"
mv "$pin-away" "$pin"
for place in "$pin" "$pins"; do
	chown 65534 "$place"
	capture vdk run --vdso torn -- torn-read once
	is "${place##*/} of somebody else's: refused" 77 "$status"
	chown 0 "$place"
done
capture vdk run --vdso torn -- torn-read once
is "the right ones again" 0 "$status"
stop
capture vdk unpublish torn
is "unpublish" 0 "$status"
sleep 0.5
last=$(tail -n 1 follow)
[ "$last" -gt 0 ] && ok "the program keeps its page" || not_ok "the program keeps its page" "$last"
exec 9>&-
wait "$reader" && ok "and ends as it likes" || not_ok "and ends as it likes"
is "nothing is left pinned" "" "$(ls "$VDK_RUNTIME_DIR/.bpf" | grep torn)"

# ---- what the kernel says no to -------------------------------------------------------------------

capture vdk publish torn $files/torn.so --bpf $files/bad.bpf.o
is "the verifier refuses: a verdict" 1 "$status"
like "with its log" 'invalid access to map value' "$err"
like "and a sentence" 'verifier refuses the program' "$err"
capture vdk publish torn $files/torn.so --bpf $files/nowhere.bpf.o
is "no such function in this kernel" 77 "$status"
like "is told" 'this kernel lacks what the program is attached to' "$err"
is "nothing of that was published" "" "$(vdk ls | sed 1d)"
umount "$VDK_RUNTIME_DIR/.bpf" && ok "the bpffs can be unmounted then" || not_ok "the bpffs can be unmounted then"
finish
