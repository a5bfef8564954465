#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The examples, in five languages: built, run, and told the same as the files say.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/../languages.sh"

languages hostinfo show "${image%/*}/libhostinfo.so" "${hostinfo_include[@]}"
start
total=$(($(sed -n 's/^MemTotal: *\([0-9]*\) kB$/\1/p' /proc/meminfo) * 1024))
for language in $languages; do
	build_example "$language" || continue
	capture "$VDK" run --vdso hostinfo -- "$T/$language"
	is "$language: exit" 0 "$status"
	is "$language: total" "total $total" "$(sed -n 1p <<< "$out")"
	near "$language: available" \
		$(($(sed -n 's/^MemAvailable: *\([0-9]*\) kB$/\1/p' /proc/meminfo) * 1024)) \
		"$(sed -n 's/^available //p' <<< "$out")" $((total / 10))
	is "$language: hostname" "hostname $(cat /proc/sys/kernel/hostname)" "$(sed -n 3p <<< "$out")"
	if [ "$language" = cxx ]; then
		continue # needs it at its start
	fi
	capture "$T/$language"
	like "$language: without vdk it says so" "no hostinfo|not attached|function not implemented" "$out$err"
done

stop
sleep 0.6
for language in c go python rust; do
	[ -e "$T/$language" ] || continue
	capture "$VDK" run --vdso hostinfo -- "$T/$language"
	like "$language: a stale page has a sign" "[Ss]tale (NFS )?file handle|nobody publishes" "$out$err"
done
finish
