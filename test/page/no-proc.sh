#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Without /proc, as in a bare chroot: programs that run read on, and whoever wants to write, or needs
# another of the kit's programs, is told what is missing. Nobody waits, and nobody is taken for dead.
set -eu
. "$(dirname "$0")/../lib.sh"

need unshare mount gcc
bare=(unshare --mount)
[ "$(id -u)" = 0 ] || bare=(unshare --user --map-root-user --mount)
cat > "$T/bare" << 'END'
#!/bin/sh
mount -t tmpfs none /proc && exec "$@"
END
chmod +x "$T/bare"
bare+=("$T/bare")
"${bare[@]}" true 2> "$T/said" || skip "/proc cannot be hidden here: $(cat "$T/said")"

image notb
"$VDK" publish --no-update notb "$image" > "$T/said"
"$VDK" set notb notb.vnotb=5
${VDK_CC:-gcc} -Wall -I"$VDK_SOURCE_ROOT/include" "$VDK_SOURCE_ROOT/test/page/write.c" -o "$T/write" \
	-L"$VDK_BUILD_ROOT/src" -Wl,-rpath,"$VDK_BUILD_ROOT/src" -lvdk
is "with /proc: a publisher, a writer, a reader" "0 0 0" \
	"$("$T/write" publisher notb) $("$T/write" writer notb) $("$T/write" read notb)"

# By libvdk, which opens a file that is there for writing by way of /proc only.
missing='/proc is not mounted here'
capture "${bare[@]}" "$T/write" read notb
is "a reader needs no /proc" 0 "$out"
capture "${bare[@]}" "$T/write" writer notb
like "a writer is told" "^-95 .*$missing" "$out"
capture timeout 20 "${bare[@]}" "$T/write" publisher notb
like "a publisher is told, and does not wait for it" "^-95 .*$missing" "$out"
capture "${bare[@]}" "$T/write" alive notb
is "whether there is one is unknown, and not 'no'" -95 "$out"

# The commands: each is in a program that is found by /proc/self/exe.
for command in ls 'get notb' 'set notb notb.vnotb=6' "publish notb $image" 'unpublish notb'; do
	# shellcheck disable=SC2086
	capture timeout 20 "${bare[@]}" "$VDK" $command
	is "vdk $command: exit status" 77 "$status"
	like "vdk $command: one line" "^vdk ${command%% *}: .*$missing" "$err"
done
for command in 'run --vdso notb true' 'run --once --vdso notb true' 'run true'; do
	# shellcheck disable=SC2086
	capture timeout 20 "${bare[@]}" "$VDK" $command
	is "vdk $command: exit status" 77 "$status"
	like "vdk $command: one line" '^vdk run: .*(/proc is not mounted here|is /proc mounted here)' "$err"
done
is "nothing changed" 'notb.vnotb=5' "$("$VDK" get notb)"
finish
