#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A runtime directory that cannot be written, or is full: programs run with what is published,
# publishing fails with a clear message, and what was published stays whole.
set -eu
. "$(dirname "$0")/../lib.sh"

flags=(-m)
[ "$(id -u)" = 0 ] || flags=(-Urm)
unshare "${flags[@]}" true 2> /dev/null || skip "no mount namespace can be made here"

image marker
publish notb
"$VDK" set notb notb.vnotb=666
image notb
program glibc
printf 'input\n' > "$T/stdin"

inside() { # inside PREPARE COMMAND...: in a mount namespace, after the shell line PREPARE
	capture unshare "${flags[@]}" sh -c "$1"' && shift && exec "$@"' sh "$@"
}

read_only='mount --bind "$VDK_RUNTIME_DIR" "$VDK_RUNTIME_DIR" && mount -o remount,bind,ro "$VDK_RUNTIME_DIR"'
inside "$read_only" "$VDK" run --vdso notb -- "$program"
is "read-only: a program runs" 7 "$status"
like "read-only: with the published image" '^beast 666$' "$out"
inside "$read_only" "$VDK" publish --no-update other "$image"
like "read-only: publish says what is wrong" "^vdk publish: .*Read-only file system" "$err"
[ "$status" != 0 ] && ok "read-only: publish fails" || not_ok "read-only: publish fails" "status 0"

full='cp -a "$VDK_RUNTIME_DIR/notb" "$T/kept" && mount -t tmpfs -o size=64k,mode=755 none "$VDK_RUNTIME_DIR" &&
	cp -a "$T/kept" "$VDK_RUNTIME_DIR/notb" && ! dd if=/dev/zero of="$VDK_RUNTIME_DIR/fill" bs=4096 2> /dev/null'
export T
inside "$full" sh -c '"$1" publish --no-update notb "$2"; echo "status $?"; "$1" run --vdso notb -- "$3"; ls -A "$VDK_RUNTIME_DIR"' \
	sh "$VDK" "$image" "$program"
unlike "full: publish fails" '^status 0$' "$out"
like "full: publish says what is wrong" "^vdk publish: .*No space left" "$err"
like "full: what was published still runs" '^beast 666$' "$out"
is "full: nothing half-made is left" "fill notb" "$(sed -n '/^fill$/,$p' <<< "$out" | xargs)"
finish
