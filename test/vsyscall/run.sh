#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Programs that call the vsyscall page, on this machine's kernel.
set -eu
. "$(dirname "$0")/../lib.sh"

here=$VDK_SOURCE_ROOT/test/vsyscall
old=$VDK_BUILD_ROOT/test/programs/old
user=$VDK_BUILD_ROOT/test/vsyscall/use
expected=$(cat "$here/old.expected")

need gcc
cached "$old" "$here/old.c" -- gcc -O2 -g -static -pthread "$here/old.c" -o > "$T/compile" 2>&1 ||
	skip "cannot link statically: $(cat "$T/compile")"
image marker

served=false
if grep -q '^ffffffffff600000' /proc/self/maps; then
	served=true
fi

if $served; then
	capture "$old"
	is "the kernel's own emulation" "$expected" "$out"
	is "auto leaves it to the kernel" 0 "$("$VDK" run "$old" tracer)"
else
	capture "$VDK" run "$old"
	is "auto" "$expected" "$out"
fi

for way in "" "--once" "--vdso none" "--once --vdso none" "--vdso $image"; do
	# shellcheck disable=SC2086 # several words
	capture "$VDK" run $way --vsyscall=emulate "$old"
	if [ "$way" != "--vdso $image" ]; then
		is "emulate ${way}" "$expected" "$out"
	fi
	is "emulate ${way##*/}: no message" "" "$err"
	is "emulate ${way##*/}: exit status" 0 "$status"
done

# By the image.
run() { "$VDK" run --vdso "$image" --vsyscall=emulate "$@"; }
is_shifted "time, by the image" "$(run "$old" time)"
is_shifted "gettimeofday, by the image" "$(run "$old" gettimeofday)"
is_shifted "in what a shell starts" "$(run sh -c "'$old' time; exit 0")"
is_shifted "by --once" "$("$VDK" run --once --vdso "$image" --vsyscall=emulate "$old" time)"
is_shifted "from a library" "$(run "$user" | head -n 1)"
is "getcpu" 0 "$(run taskset -c 0 "$old" getcpu)"

# An image whose functions fault for who asks as the tracer does: the kernel's time, and no crash.
mkdir "$T/faults"
cat > "$T/faults/faults.vdso.c" << 'EOF'
#include <vdk/vdso.h>
VDK_FUNCTION(int64_t, time, (int64_t *seconds)) { return *seconds = 5; }
VDK_FUNCTION(int, gettimeofday, (struct timeval *time, struct timezone *zone)) { *(int32_t *)(void *)zone = 0; return 0; }
EOF
"$VDK" build "$T/faults" -o "$T/faults.so" > "$T/build" 2>&1 || not_ok "it builds" "$(cat "$T/build")"
capture "$VDK" run --vdso "$T/faults.so" --vsyscall=emulate "$old" time
is_real "time, by an image that faults" "$out"
capture "$VDK" run --vdso "$T/faults.so" --vsyscall=emulate "$old" gettimeofday
is_real "gettimeofday, by an image that faults" "$out"
is "an image that faults in the tracer: no message" "0 " "$status $err"

# Its tracer, which ends with it.
mkfifo "$T/hold"
"$VDK" run --vsyscall=emulate "$old" wait < "$T/hold" > "$T/tracer" &
exec 8> "$T/hold"
wait_for 20 test -s "$T/tracer" || not_ok "it says who traces it"
tracer=$(cat "$T/tracer")
is "the tracer's name" vdk-vsyscall "$(cat "/proc/$tracer/comm")"
is "the tracer holds nothing of the caller's" "" \
	"$(find "/proc/$tracer/fd" -lname "$T/*" 2> "$T/find" || cat "$T/find")"
exec 8>&-
wait
ended() { ! [ -e "/proc/$tracer" ]; }
wait_for 20 ended && ok "the tracer ends with its program" || not_ok "the tracer ends with its program"

# A crash that has nothing to do with it stays one.
capture "$VDK" run --vsyscall=emulate "$old" beyond
is "another fault" 139 "$status"
is "has no message" "" "$err"

# A filter of the program's own that wants a tracer: as where there is none, the call fails.
cat > "$T/filter.c" << 'EOF'
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | 7),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {4, code};
	long result;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return 1;
	result = syscall(SYS_getppid);
	return printf("%ld %s\n", result, errno == ENOSYS ? "ENOSYS" : "") < 0;
}
EOF
gcc "$T/filter.c" -o "$T/filter"
is "a filter that wants a tracer: natively" "-1 ENOSYS" "$("$T/filter")"
is "a filter that wants a tracer: beside ours" "-1 ENOSYS" "$("$VDK" run --vsyscall=emulate "$T/filter")"

# The calls fail, and the places are told.
capture "$VDK" run --vsyscall=none "$old" time
is "none: exit status" 139 "$status"
is "none: no output" "" "$out"
like "none: who calls what" \
	"^vdk run: old \([0-9]+\) calls time by the vsyscall page \(0xffffffffff600400\) at $old\+0x[0-9a-f]+ in [a-z_]+\+0x[0-9a-f]+\$" "$err"
offset=$(sed -n "s|.* at $old+\(0x[0-9a-f]*\) .*|\1|p" "$T/err")
like "none: there is a call instruction" '^(41)?ff(d|1|5)' \
	"$(od -An -tx1 -j "$((offset))" -N 3 "$old" | tr -d ' ')"
capture "$VDK" run --once --vsyscall=none "$old" gettimeofday
is "none, once: exit status" 139 "$status"
like "none, once: who calls what" 'calls gettimeofday by the vsyscall page \(0xffffffffff600000\)' "$err"
capture "$VDK" run --vsyscall=none "$user"
like "none: a place in a library" "at .*/libold.so\+0x[0-9a-f]+ in gettimeofday\+0x" "$err"
long=$T/$(printf 'long-name/%.0s' {1..25})
mkdir -p "$long"
cp "$old" "$long"
capture "$VDK" run --vsyscall=none "$long/old" time
like "none: of a long path the end" "at (name/|long-name/|[a-z-]*/)+old\+0x[0-9a-f]+ in [a-z_]+\+0x" "$err"
capture "$VDK" run --vsyscall=none sh -c "'$old' time; '$old' time; '$user'; exit 7"
is "none: the shell goes on" 7 "$status"
is "none: each place is told once" 2 "$(grep -c 'calls' "$T/err")"
capture "$VDK" run --vsyscall=none "$old"
is "none: every call fails, in whoever can take it" 139 "$status"

capture "$VDK" run --vsyscall=some true
is "another mode: exit status" 2 "$status"
like "another mode: message" '^vdk run: --vsyscall=some: is neither auto nor emulate nor none$' "$err"
finish
