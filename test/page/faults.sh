#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# One system call of `vdk publish` and `vdk unpublish` fails: the message names that error and not
# another one, and nothing half-made is left. (kill-points lets each call fail, and looks at what is
# published only.)
set -eu
. "$(dirname "$0")/../lib.sh"
need strace

strace -qq -o /dev/null -e trace=close -e inject=close:error=EIO:when=10000 true 2> /dev/null ||
	skip "strace cannot inject here (ptrace forbidden?)"
image sample
"$VDK" publish --no-update x "$image" > /dev/null
"$VDK" set x pair.count=41

# fault WHAT CALL ERROR NUMBER WORDS COMMAND...: the NUMBERth such call fails so.
fault() {
	local what=$1 call=$2 error=$3 number=$4 words=$5 before

	shift 5
	before=$(ls -A "$VDK_RUNTIME_DIR")
	capture strace -qq -o "$T/trace" -e "trace=$call" -e "inject=$call:error=$error:when=$number" "$@"
	grep -q INJECTED "$T/trace" || not_ok "$what: there is such a call" "$(cat "$T/trace")"
	# What is not permitted is 77, as with everything that is not possible here.
	is "$what: exit" "$([ "$error" = EPERM ] && echo 77 || echo 3)" "$status"
	like "$what: words" "$words" "$err"
	is "$what: nothing is left" "$before" "$(ls -A "$VDK_RUNTIME_DIR")"
	is "$what: what was published still is" 41 "$("$VDK" get x pair.count)"
}

fault "the exchange" renameat2 EROFS 2 "x: cannot give it its name: Read-only file system" \
	"$VDK" publish --no-update x "$image"
fault "the name" renameat2 ENOSPC 1 "y: cannot give it its name: No space left" \
	"$VDK" publish --no-update y "$image"
fault "the folder" mkdirat ENOSPC 1 "cannot prepare: No space left" "$VDK" publish --no-update x "$image"
fault "its last mode" fchmod EPERM 3 "cannot prepare: Operation not permitted" \
	"$VDK" publish --no-update x "$image"
fault "the page's blocks" fallocate ENOSPC 1 "cannot make a page of 4096 bytes: No space left" \
	"$VDK" publish --no-update y "$image"
# Which of the calls takes the role depends on the C library.
"$VDK" publish --no-update z "$image" > /dev/null
strace -qq -o "$T/calls" -e trace=fcntl "$VDK" unpublish z
role=$(grep -n -m 1 F_OFD_SETLK "$T/calls" | cut -d: -f1)
fault "the role" fcntl ENOLCK "$role" "cannot lock .*: No locks available" "$VDK" unpublish x
fault "taking the name away" renameat2 EROFS 1 "x: cannot take its name away: Read-only file system" \
	"$VDK" unpublish x

# The folder that was made is opened by another call than what is in it: each one that can fail.
for ((n = 1; n < 40; n++)); do
	before=$(ls -A "$VDK_RUNTIME_DIR")
	capture strace -qq -o "$T/trace" -e trace=openat -e "inject=openat:error=ENFILE:when=$n" \
		"$VDK" publish --no-update x "$image"
	grep -q INJECTED "$T/trace" || break
	[ "$status" = 0 ] || [ "$status" = 127 ] || like "openat $n: words" "Too many open files" "$err"
	after=$(ls -A "$VDK_RUNTIME_DIR")
	[ "$after" = "$before" ] || not_ok "openat $n leaves nothing" "$before" "$after" "$(cat "$T/trace")"
done
ok "each of $((n - 1)) opens"

# A name that is gone, and files that stay: that is what is said.
"$VDK" publish --no-update z "$image" > /dev/null
capture strace -qq -o /dev/null -e trace=unlinkat -e inject=unlinkat:error=EPERM:when=1 "$VDK" unpublish z
is "a file that stays: exit" 77 "$status"
like "a file that stays: words" "has lost its name, but cannot be deleted: Operation not permitted" "$err"
capture "$VDK" get z
like "a file that stays: not published any more" "not published" "$err"
"$VDK" publish --no-update z "$image" > /dev/null
is "a file that stays: the next publisher removes it" x,z "$(ls "$VDK_RUNTIME_DIR" | xargs | tr ' ' ,)"
is "... wholly" "" "$(ls -A "$VDK_RUNTIME_DIR" | grep '^\.z\.[A-Za-z0-9]*$' | grep -v lock || true)"

# The lock's text is for people, and its last writer may be anybody of that user.
"$VDK" unpublish z
mkfifo "$T/feed"
"$VDK" publish --stdin x < "$T/feed" > "$T/said" 2>&1 &
publisher=$!
at_end 'kill $publisher 2> /dev/null'
exec 7> "$T/feed"
wait_for 20 grep -q epoch "$T/said" || not_ok "a publisher" "$(cat "$T/said")"
printf 'process \033[31m1\n' > "$VDK_RUNTIME_DIR/.x.lock"
capture "$VDK" unpublish x
like "a terminal is not told what to do" 'has a publisher already: process \?\[31m1; stop it' "$err"
exec 7>&-
wait "$publisher" || true

# What else lies in the folder is named, so that it can be found.
touch "$VDK_RUNTIME_DIR/x/"$'of \033 another'
capture "$VDK" unpublish x
is "a foreign file: exit" 3 "$status"
like "a foreign file: its name" 'the folder holds of \? another, too' "$err"

# --- hooks that are none: each is told, and what is published stays ---
hook() { # hook WHAT WORDS: $T/hook.so is refused
	capture timeout 60 "$VDK" publish --once --update "$T/hook.so" hooked "$image"
	is "$1: exit" 3 "$status"
	like "$1: words" "update hook: $2" "$err"
}
echo 'no module' > "$T/hook.so"
hook "a hook that is text" 'cannot load it: .*(invalid ELF header|file too short|Exec format error)'
echo 'int nothing;' | "${CC:-cc}" -shared -fPIC -x c - -o "$T/hook.so"
hook "a hook that is another library" 'expected a symbol vdk_update_module, found none'
echo 'const unsigned int vdk_update_module[64] = {999};' | "${CC:-cc}" -shared -fPIC -x c - -o "$T/hook.so"
hook "a hook of another version" 'made for another version of the kit: build it anew'
capture "$VDK" get hooked
is "the page is there all the same" 0 "$([ -n "$out" ]; echo $?)"
finish
