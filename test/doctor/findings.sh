#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vdk doctor on prepared trees: one for each finding, one for each thing that looks like a finding
# and is none, and hostile ones. What is found must be just what is expected.
set -eu
. "$(dirname "$0")/../lib.sh"

need python3 timeout

here=$(dirname "$0")
image pass
tree=$T/tree
seen=

# Of each file with JSON: findings, a slash, notes; then, a line each, all that was told. To FILE.told.
digest() {
	python3 -c '
import json, sys
for name in sys.argv[1:]:
    v = json.load(open(name))
    told = ["/".join(" ".join(sorted(one["id"] for one in v[key])) for key in ("findings", "notes"))]
    for one in v["findings"] + v["notes"]:
        assert one["means"] and one["do"] and one["cost"] and one["evidence"], one
        assert all(e["where"] and e["what"] for e in one["evidence"]), one
        told += [e["where"] + ": " + e["what"] for e in one["evidence"]]
        told.append("cost: %s (%s)" % (one["cost"], one["cost_ns"]))
    told += [line["what"] + ": " + line["text"] for line in v["not_examined"] + v["seen"]]
    assert v["healthy"] == (not v["findings"])
    open(name + ".told", "w").write("\n".join(told) + "\n")' "$@"
}

# examine CHANGES EXPECTED [REGEX...]: the tree with these changes has just these ids, and a line of
# what is told matches each of these. Done by examine_all.
changes=()
expected=()
regexes=()
examine() {
	changes+=("$1")
	expected+=("$2")
	regexes+=("$(printf '%s\n' "${@:3}")")
	seen="$seen ${2//\// }"
}

examine_all() {
	local i code told regex statuses=()

	printf '%s\n' "${changes[@]}" | python3 "$here/fake.py" "$T/trees" "$image" --stdin
	for i in "${!changes[@]}"; do
		capture timeout 60 "$VDK" doctor --root "$T/trees/$i" --json 42
		statuses+=("$status")
		cp "$T/out" "$T/trees/$i.json"
	done
	digest "$T"/trees/*.json
	for i in "${!changes[@]}"; do
		told=$(cat "$T/trees/$i.json.told")
		code=1
		[ "${expected[i]%%/*}" != "" ] || code=0
		is "${changes[i]:-healthy}: what is found" "${expected[i]}" "$(sed -n 1p <<< "$told")"
		is "${changes[i]:-healthy}: exit" "$code" "${statuses[i]}"
		while IFS= read -r regex; do
			[ -z "$regex" ] || like "${changes[i]:-healthy}: told" "$regex" "$told"
		done <<< "${regexes[i]}"
	done
}

clock=/sys/devices/system/clocksource/clocksource0
examine '' / "^clock source: tsc; available: tsc hpet acpi_pm"
# --- the clock ---
examine clock_source clock-source/ "^$clock/current_clocksource: acpi_pm" \
	'^cost: each look at the clock takes 1190 ns, as a system call does \(1190' '^measured now: clock_gettime by the vDSO 1250 ns, by the system call 1190 ns'
examine clock_source_unmeasured clock-source/ '^cost: not measured here'
examine clock_source_fast / '^clock source: newclock \(no vDSO mode\)'
examine clock_fallback clock-fallback/ "^$clock/current_clocksource: kvm-clock"
examine tsc_unstable 'clock-source tsc-unstable/' "^/dev/kmsg: .*Marking clocksource 'tsc' as unstable"
examine tsc_unstable_but_fast /
examine 'clock_source virtual' clock-source/ '^/sys/class/dmi/id/sys_vendor: innotek GmbH' \
	'^/proc/cpuinfo: flags: constant_tsc and nonstop_tsc are not both there'
examine virtual / '^machine: virtual: xen, innotek GmbH'

# --- boot options ---
examine boot_clocksource 'boot-clock clock-source/' '^/proc/cmdline: clocksource=acpi_pm'
examine boot_notsc 'boot-clock clock-source/' '^/proc/cmdline: notsc' '^boot options: notsc nopti'
examine boot_clock_unrelated clock-source/
examine boot_clock_harmless /
examine boot_vdso boot-vdso/ '^/proc/cmdline: vdso=0' '^cost: 130 ns a call.*\(130'
examine boot_vdso_overruled /
examine boot_vdso_without_effect /

# --- which vDSO ---
examine vdso_missing vdso-missing/ '^/proc/42/auxv: no AT_SYSINFO_EHDR among 5 entries'
examine vdso_hidden vdso-hidden/ "own vector.*: no AT_SYSINFO_EHDR"
examine vdso_foreign vdso-foreign/ '0x15000000 is memory without a name'
examine vdso_lost vdso-lost/ 'nothing is mapped there'
examine vdso_lost_overmapped vdso-lost/ 'no ELF image there, but \[vdso\]'
examine vdso_modified vdso-modified/ 'differs from offset 0x400 on' '^/proc/42/smaps: \[vdso\]: 4 KiB private'
examine vdso_modified_swapped vdso-modified/
examine vdso_private_same / "private copy with the kernel's own bytes"
examine vdso_private_unreadable / "^the vDSO's code: 4 KiB of it are a private copy, but"
examine vdso_sealed /vdso-sealed 'VmFlags: .* sl'
examine sandbox /sandbox '0xffffffffff700000'
examine time_namespace /time-namespace 'number 4026532281' 'timens_offsets: monotonic +86400 '
examine time_namespace_absent /

# --- who stands in the way ---
examine seccomp_filter /seccomp-filter 'Seccomp: 2 \(filters\), Seccomp_filters: 3'
examine seccomp_denies seccomp-denies/ 'Operation not permitted'
examine seccomp_kills seccomp-denies/ 'ended by signal 31'
examine tsc_denied tsc-denied/ PR_TSC_SIGSEGV
examine yama_attach yama-attach/ '^/proc/sys/kernel/yama/ptrace_scope: 2'
examine yama_attach_never yama-attach/ 'with CAP_SYS_PTRACE'
examine yama_follow /yama-follow '^/proc/sys/kernel/yama/ptrace_scope: 1'
examine yama_capable /
examine yama_off /
examine ptrace_denied ptrace-denied/ 'PTRACE_TRACEME'
examine traced /traced 'TracerPid: 77'

# --- the program ---
examine program_32bit /program-32bit ELFCLASS32
examine libc_without libc-without/ '^/usr/bin/prog: a system call clock_gettime at offset 0x40'
examine libc_without_but_loader /
examine libc_without_calls /
examine libc_replaced_file / 'not all of its files can be read'
examine preload preload/ '^/proc/42/environ: LD_PRELOAD: /usr/lib/libfaketime.so.1'
examine preload_system preload/ '^/etc/ld.so.preload: /usr/lib/libfaketime.so.1'
examine preload_other /
examine preload_unused /

# --- attached images ---
examine vdk_fed_by_hand / '^vDSO: attached by vdk: /run/vdk/room/image.so'
examine vdk_orphan vdk-orphan/ '^/run/vdk/.room.lock: nobody holds this lock'
examine vdk_stale vdk-stale/ 'void_after = 995000000000, 5.0 s ago; as_of 1.0 s ago, epoch 3'
examine vdk_fresh /
examine vdk_replaced /vdk-replaced '/run/vdk/room/image.so: mapped with inode'
examine vdk_old_page vdk-old-page/ 'layout 0000000000001234'
examine vdk_old_page_renamed vdk-old-page/ '/run/vdk/.room.a1B2c3/page: mapped with inode'
examine vdk_gone vdk-gone/ 'no such file any more'

# --- what cannot be looked at is told, and not taken for health ---
examine tsc_unstable_for_a_terminal 'clock-source tsc-unstable/' "as unstable \\?\\[31m"
examine clock_without_others / "^$clock/available_clocksource: the other clock sources"
examine pristine_absent / '4 KiB of it are a private copy, but'
examine vdso_smaller vdso-modified/ '^its size: expected [0-9]+ bytes, found [0-9]+'
examine vdso_headers_broken vdso-modified/ 'differs from offset'
examine vdso_without_load vdso-modified/ 'differs from offset'
examine vdso_of_32_bits vdso-modified/ 'differs from offset'
examine smaps_absent / '^/proc/42/smaps: whether the vDSO was written to or sealed: this kernel has no'
examine smaps_folder / '^/proc/42/smaps: whether the vDSO was written to or sealed: it is no regular file'
examine time_offset_in_the_first /time-namespace 'timens_offsets: monotonic 0 0;boottime 7 0'
examine time_namespace_no_link / '^/proc/42/ns/time: its time namespace: Invalid argument'
examine environ_folder / '^/proc/42/environ: LD_PRELOAD: it is no regular file'
examine preload_unmeasured preload/ '^cost: not measured: the library would have to be run'
examine auxv_absent / '^/proc/42/auxv: .*cannot read its auxiliary vector'
examine page_without_a_file / '^vdk page: \[anon_shmem:page\], epoch 3'
examine page_of_another_name / '^vdk page: /run/vdk/room/values, epoch 3'
examine page_without_a_folder /
examine lock_folder / '^/run/vdk/.room.lock: whether a publisher runs: it is no regular file'
examine publication_file / '^/run/vdk/room: its publication: Not a directory'

examine_all
is "healthy: the keys of JSON" "calls clock_gettime_ns findings healthy not_examined notes seen" \
	"$(python3 -c 'import json,sys; print(" ".join(sorted(json.load(sys.stdin))))' < "$T/trees/0.json")"
unlike "healthy: all of it was examined" 'not examined' "$("$VDK" doctor --root "$T/trees/0" 42)"
is "a finding's keys" "cost cost_ns do evidence id means" \
	"$(python3 -c 'import json,sys; print(" ".join(sorted(json.load(sys.stdin)["findings"][0])))' < "$T/trees/1.json")"

# A publisher that holds its role: by a lock as the library takes it.
python3 "$here/fake.py" "$tree" "$image" vdk_orphan
python3 -c '
import fcntl, struct, sys
lock = open(sys.argv[1], "r+")
fcntl.fcntl(lock, 37, struct.pack("hhqqi", fcntl.F_WRLCK, 0, 0, 0, 0))  # F_OFD_SETLK
print("held", flush=True)
sys.stdin.read()' "$tree/run/vdk/.room.lock" > "$T/held" < <(sleep 60) &
holder=$!
at_end 'kill $holder 2> /dev/null'
wait_for 10 grep -q held "$T/held"
"$VDK" doctor --root "$tree" --json 42 > "$T/role" && digest "$T/role"
is "a publisher holds the role: nothing is found" / "$(sed -n 1p "$T/role.told")"
kill "$holder"

# --- every finding that there is was seen; those that take a running program are in real.sh ---
for id in $("$VDK" doctor --list | sed -n 's/^\([a-z0-9-]*\) *\(finding\|note\) .*/\1/p'); do
	case $id in
	raw-calls | vsyscalls) continue ;;
	esac
	like "$id was seen" "(^| )$id( |\$)" "$seen"
done

# --- trees that lie: an answer within seconds, nothing found that is not there, no crash ---
for kind in missing fifos folders links empty binary huge; do
	python3 "$here/fake.py" "$tree" "$image" "all_$kind"
	capture timeout 20 "$VDK" doctor --root "$tree" --json 42
	digest "$T/out"
	is "$kind: nothing is found" / "$(sed -n 1p "$T/out.told")"
	is "$kind: exit: its mappings could not be seen" 77 "$status"
	like "$kind: it is told what was not examined" '/proc/42/maps' "$out"
	unlike "$kind: no control characters" $'[\x01-\x08\x0b-\x1f\x7f]' "$out"
done

python3 "$here/fake.py" "$tree" "$image" measured_huge
capture "$VDK" doctor --root "$tree" 42
is "a machine of too many measurements: exit" 3 "$status"
like "a machine of too many measurements: words" 'measured: expected a small file' "$err"
capture "$VDK" doctor --root "$T/none" 42
is "no such root: exit" 3 "$status"
capture "$VDK" doctor --root "$tree" 43
is "no such process: exit" 3 "$status"
capture "$VDK" doctor --root "$tree" x
is "no number: exit" 2 "$status"
capture "$VDK" doctor --seconds 0
is "--seconds 0: exit" 2 "$status"
capture "$VDK" doctor --count magic
is "--count magic: exit" 2 "$status"
finish
