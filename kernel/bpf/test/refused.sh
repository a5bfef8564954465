#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Where BPF is refused `vdk publish --bpf` ends with 77 and says what stands in the way; nothing is
# published then, and no process is left.
set -eu
. "$(dirname "$0")/../../../test/lib.sh"

built=$VDK_BUILD_ROOT/kernel/bpf
arguments=(publish page "$built/test/torn.so" --bpf "$built/test/clock.bpf.o")
gcc -O2 "$VDK_SOURCE_ROOT/kernel/bpf/test/forbid.c" -o "$T/forbid"
at_end 'umount "$VDK_RUNTIME_DIR/.bpf" 2> /dev/null'

refused() { # refused WHAT REGEX COMMAND...
	local what=$1 regex=$2
	shift 2
	capture "$@"
	is "$what: exit status" 77 "$status"
	like "$what: the reason" "$regex" "$err"
	is "$what: one line" 1 "$(grep -c '^vdk publish' <<< "$err")"
	is "$what: nothing is published" "" "$(ls "$VDK_RUNTIME_DIR")"
}

if [ "$(id -u)" = 0 ]; then
	need setpriv
	chmod 777 "$VDK_RUNTIME_DIR"
	refused "a user, in a directory of root's" 'not to be trusted|Permission denied' \
		setpriv --reuid 65534 --regid 65534 --clear-groups "$VDK" "${arguments[@]}"
	chmod 755 "$VDK_RUNTIME_DIR"
	capture "$VDK" unpublish page
	refused "root without capabilities" \
		'lacks CAP_BPF and CAP_PERFMON \(or CAP_SYS_ADMIN\).*which whoever started it took away' \
		setpriv --bounding-set=-bpf,-perfmon,-sys_admin --inh-caps=-bpf,-perfmon,-sys_admin \
		"$VDK" "${arguments[@]}"
	refused "root without CAP_PERFMON" 'lacks CAP_PERFMON \(or CAP_SYS_ADMIN\)' \
		setpriv --bounding-set=-perfmon,-sys_admin --inh-caps=-perfmon,-sys_admin \
		"$VDK" "${arguments[@]}"
	for error in 1 38; do # EPERM and ENOSYS
		refused "a seccomp filter that answers $error" \
			'the process has a seccomp filter, and containers. filters forbid bpf\(2\)' \
			"$T/forbid" $error "$VDK" "${arguments[@]}"
	done
	if unshare --user --map-root-user true 2> /dev/null; then
		mkdir "$T/inside"
		refused "root of a user namespace" 'lives in a user namespace' \
			env VDK_RUNTIME_DIR="$T/inside" unshare --user --map-root-user --mount \
			"$VDK" "${arguments[@]}"
	fi
else
	refused "an ordinary user" 'lacks CAP_BPF and CAP_PERFMON.*publish as root' "$VDK" "${arguments[@]}"
fi

# A list, which no BPF program can write: told before the kernel is asked for anything. The filter
# kills at the first bpf(2), so an answer in words says that there was none.
mkdir "$T/listed"
cat > "$T/listed/listed.page.h" << 'END'
#include <vdk/record.h>
struct many { int32_t value; };
VDK_RECORDS(many, 3);
END
cat > "$T/listed/listed.vdso.c" << 'END'
#include <vdk/vdso.h>
#include "listed.page.h"
VDK_FUNCTION(int, listed_first, (struct many *out)) { return vdk_read_at(many, 0, out); }
END
"$VDK" build "$T/listed" -o "$T/listed.so"
capture "$T/forbid" kill "$VDK" publish listed "$T/listed.so" --bpf "$built/test/clock.bpf.o"
is "a list: exit status" 2 "$status"
is "a list: one message" "vdk publish: listed: many is a list (VDK_RECORDS), and a BPF program writes \
single records only: declare a VDK_RECORD() for each" "$err"
is "a list: nothing is left" "" "$(ls -A "$VDK_RUNTIME_DIR")"
capture "$T/forbid" kill "$VDK" "${arguments[@]}"
is "without a list the kernel is asked" 159 "$status" # 128 + SIGSYS

# What this very kernel refuses, as the machines do where vdk is developed.
if [ "$(id -u)" = 0 ]; then
	capture timeout 5 "$VDK" publish page "$built/runqueue/runqueue.so" \
		--bpf "$built/runqueue/runqueue.bpf.o"
	case $status in
	124 | 0) ok "runqueue: this kernel loads and attaches it" ;;
	77) like "runqueue: refused, and the reason is told" \
		'bpf\(2\): may not|this kernel lacks what the program is attached to' "$err" ;;
	*) not_ok "runqueue: runs or is refused" "status $status" "$err" ;;
	esac
fi
finish
