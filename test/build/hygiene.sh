#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a build leaves behind: whole files or none, the same bytes anywhere, and nothing else.
set -eu
. "$(dirname "$0")/../lib.sh"

need cmp readelf
export TMPDIR=$T/tmp
mkdir "$TMPDIR" "$T/a" "$T/b"
notb=$VDK_SOURCE_ROOT/vdsos/notb

# Reproducible: another folder, another way to name it, another working directory.
mkdir -p "$T/a/src" "$T/b/very/deep"
cp -r "$notb" "$T/a/src/notb"
cp -r "$notb" "$T/b/very/deep/notb"
(cd "$T/a/src" && "$VDK" build notb -o ../notb.so --debug-file ../notb.debug)
(cd "$T/b/very/deep/notb" && "$VDK" build . -o "$T/b/notb.so" --debug-file "$T/b/notb.debug")
for file in notb.so libnotb.so notb.h notb.debug notb.update.so; do
	cmp "$T/a/$file" "$T/b/$file" && ok "$file: the same bytes from another folder" ||
		not_ok "$file: the same bytes from another folder"
done
is "nothing in the author's folder" "$(cd "$notb" && ls)" "$(ls "$T/a/src/notb")"
is "nothing in the temporary folder" "" "$(ls -A "$TMPDIR")"
is "readable by all that the umask lets" 644 "$(umask 022 && "$VDK" build "$notb" -o "$T/a/notb.so" &&
	stat -c %a "$T/a/notb.so")"

like "the update hook's module" 'OBJECT +GLOBAL .* vdk_update_module' \
	"$(readelf --dyn-syms -W "$T/a/notb.update.so")"

# Without a hook there is no module, and an old one would be a lie.
capture "$VDK" build "$VDK_SOURCE_ROOT/vdsos/pass" -o "$T/a/pass.so"
[ ! -e "$T/a/pass.update.so" ] && ok "no hook, no module" || not_ok "no hook, no module"
cp -r "$notb" "$T/hookless"
"$VDK" build "$T/hookless" -o "$T/h.so"
[ -e "$T/h.update.so" ] && ok "a hook, a module" || not_ok "a hook, a module"
rm "$T/hookless/notb.update.c"
"$VDK" build "$T/hookless" -o "$T/h.so"
[ ! -e "$T/h.update.so" ] && ok "the hook gone, the module gone" || not_ok "the hook gone, the module gone"

# --keep
capture "$VDK" build "$notb" -o "$T/a/notb.so" --keep "$T/kept"
is "--keep: built" "0:" "$status:$err"
for file in image.lds image-map.lds image.map note.S source-0.o image.so; do
	[ -s "$T/kept/$file" ] && ok "--keep: $file is there" || not_ok "--keep: $file is there"
done

# A failed build keeps what was there.
cp "$T/a/notb.so" "$T/before.so"
mkdir "$T/bad"
cp "$notb"/*.page.h "$T/bad"
broken() { # broken WHAT EXIT REGEX, with the source on standard input
	cat > "$T/bad/notb.vdso.c"
	capture "$VDK" build "$T/bad" -o "$T/a/notb.so"
	is "$1: exit status" "$2" "$status"
	like "$1: message" "$3" "$err"
	cmp "$T/before.so" "$T/a/notb.so" && ok "$1: the old image stays" ||
		not_ok "$1: the old image stays"
	is "$1: nothing else" "$(printf '%s\n' libnotb.so libpass.so notb.debug notb.h notb.so \
		notb.update.so pass.h pass.so src)" "$(LC_ALL=C ls "$T/a")"
	is "$1: nothing left" "" "$(ls -A "$TMPDIR")"
}
broken 'syntax error' 2 'failed with exit status' << 'END'
#include <vdk/vdso.h>
int broken(
END
broken 'image that breaks a rule: privileged instruction' 1 \
	'notb: the image breaks [0-9]+ rules? and is not written; the first: insn\.' << 'END'
#include <vdk/vdso.h>
VDK_FUNCTION(int, stop, (void)) { __asm__ volatile("hlt"); return 1; }
END
broken 'image that breaks a rule: thread-local access' 1 'is not written; the first: insn\.' << 'END'
#include <vdk/vdso.h>
VDK_FUNCTION(long, canary, (void)) { long v; __asm__ volatile("movq %%fs:0x28, %0" : "=r"(v)); return v; }
END
broken 'image that breaks a rule: stack' 1 'is not written; the first: stack\.' << 'END'
#include <vdk/vdso.h>
VDK_FUNCTION(int, deep, (int i)) { volatile char room[4096]; room[i & 4095] = i; return room[7]; }
END

# Places that cannot be written.
capture "$VDK" build "$notb" -o "$T/missing/notb.so"
is "missing folder: exit status" 3 "$status"
like "missing folder: message" 'missing/.*cannot be written: No such file' "$err"
capture "$VDK" build "$notb" -o "$T/a/src"
is "a folder in the image's place: exit status" 3 "$status"
is "a folder in the image's place: nothing half-written" "" "$(find "$T/a" -name '*.????????' -newer "$T/before.so" -type f)"
capture env TMPDIR="$T/nowhere" "$VDK" build "$notb" -o "$T/a/notb.so"
is "no place to work: exit status" 3 "$status"
like "no place to work: message" 'nowhere: no folder can be made here' "$err"
capture "$VDK" build "$T/nothing-there" -o "$T/a/x.so"
is "missing source: exit status" 3 "$status"
capture "$VDK" build "$notb" -o "$T/a/x.so" --page "$T/nothing.page.h"
is "missing page header: exit status" 3 "$status"
mkfifo "$T/a/pipe.so"
capture "$VDK" build "$notb" -o "$T/a/pipe.so"
is "an output that is no regular file: exit status" 3 "$status"
like "an output that is no regular file: message" 'pipe.so: expected a regular file or none' "$err"
is "... it stays what it is" yes "$([ -p "$T/a/pipe.so" ] && echo yes)"
rm "$T/a/pipe.so"
capture "$VDK" build "$notb"
is "no -o: exit status" 2 "$status"
capture "$VDK" build -o "$T/a/x.so"
is "no source: exit status" 2 "$status"
capture "$VDK" build "$notb" -o "$T/a/x.so" --cc /bin/false
is "a compiler that fails: exit status" 2 "$status"
capture "$VDK" build --help
is "--help" 0 "$status"
is "nothing left" "" "$(ls -A "$TMPDIR")"

# Interrupted in the middle: the old image stays whole.
printf '#!/bin/sh\nsleep 0.3\nexec cc "$@"\n' > "$T/slow"
chmod +x "$T/slow"
"$VDK" build "$notb" -o "$T/a/notb.so" --cc "$T/slow" & pid=$!
sleep 0.5
kill -TERM "$pid"
status=0
wait "$pid" 2> /dev/null || status=$?
is "ended by a signal: exit status" 143 "$status"
is "ended by a signal: nothing left" "" "$(ls -A "$TMPDIR")"
cmp "$T/before.so" "$T/a/notb.so" && ok "ended by a signal: the old image stays" ||
	not_ok "ended by a signal: the old image stays"
finish
