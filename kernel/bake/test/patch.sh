#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What `vdk bake` makes of a tree, as a patch and in place: both are the same, git and patch take
# it, checkpatch has nothing to say, and taking it out again leaves no trace.
set -eu
. "$(dirname "$0")/tree.sh"
need_linux
need git patch perl
tree plain-tree
plain_tree=$tree

notb=$VDK_SOURCE_ROOT/vdsos/notb
pulse=$VDK_SOURCE_ROOT/examples/pulse

# What is in the patch: each of the article's steps.
tree plain
capture "$VDK" bake "$notb" "$pulse" --tree "$tree" --patch "$T/both.patch" --signoff 'A Cook <cook@example.org>'
is "two vDSOs as a patch" "0 " "$status $err"
patch=$(cat "$T/both.patch")
for line in 'vobjs-y += vdk/notb/notb.vdso.o' 'vobjs-y += vdk/pulse/pulse.vdso.o' \
	'		number_of_the_beast;' '		__vdso_vget_number_of_the_beast;' '		pulse_read;' \
	'EMIT_VVAR(vdk_record_notb, 640)' 'EMIT_VVAR(vdk_record_pulse, 704)' \
	'struct vdk_slot_pulse vdk_record_pulse __section(".vvar_vdk_record_pulse") __visible;' \
	'#define __arch_update_vsyscall __x86_update_vsyscall' '	vdk_update_notb(&update);' \
	'	vdk_update_pulse(&update);' '// SPDX-License-Identifier: MIT'; do
	is "it adds: $line" "+$line" "$(grep -m 1 -Fx -e "+$line" <<< "$patch")"
done
is "it removes nothing" "" "$(grep '^-' <<< "$patch" | grep -v -e '^---$' -e '^--- ')"
unlike "no half of user space is in it" '^\+.*(__KERNEL__|stdint\.h|__bpf__|vdk_chain)' "$patch"
same_tree "with --patch the tree is as before" "$plain_tree" "$tree"

# The kernel's own judge, from the folder above it, where no other configuration of it lies.
capture perl "$plain/scripts/checkpatch.pl" --no-tree "$T/both.patch"
is "checkpatch: exit status" 0 "$status"
like "checkpatch: no error, no warning" '^total: 0 errors, 0 warnings, [0-9]{3,} lines checked' "$out"
{ cat "$T/both.patch"; printf -- '--- /dev/null\n+++ b/bad.c\n@@ -0,0 +1 @@\n+int  a;;  \n'; } > "$T/bad.patch"
capture perl "$plain/scripts/checkpatch.pl" --no-tree "$T/bad.patch"
is "checkpatch can find something" 1 "$status"

# The same as JSON: told, and not done.
capture "$VDK" bake "$notb" "$pulse" --tree "$tree" --patch "$T/told.patch" --json
is "as JSON" "0 " "$status $err"
told=$out
same_tree "as JSON: with --patch the tree is as before" "$plain_tree" "$tree"
capture "$VDK" bake "$notb" --tree "$tree" --patch - --json
like "as JSON: not on the same standard output" '^2 .*both need standard output' "$status $err"
capture "$VDK" bake "$T/none" --tree "$T/none" --json
is "as JSON: no tree" "3 $T/none" "$status $(python3 -c 'import json, sys; print(json.load(sys.stdin)["refused"]["file"])' <<< "$out")"

touch "$T/none:6"
capture "$VDK" bake "$T/none:6" --tree "$tree" --json
is "as JSON: a name that ends like a line's" "2 $T/none:6 None" "$status $(python3 -c '
import json, sys
it = json.load(sys.stdin)["refused"]
print(it["file"], it["line"])' <<< "$out")"

# as_lines: what the lines say, of the object on standard input.
as_lines() {
	python3 -c '
import json, sys
it = json.load(sys.stdin)
assert it["refused"] is None
for file in it["files"]:
    print("%-8s %s" % (file["change"], file["file"]))
for record in it["records"]:
    print("record   %(name)s at vvar + %(offset)d, %(size)d bytes" % record)
for function in it["functions"]:
    print("function", function)'
}

# Applied by three, it is the same tree.
tree baked
capture "$VDK" bake "$notb" "$pulse" --tree "$tree"
is "in place" "0 " "$status $err"
like "says what is new" '^new +arch/x86/entry/vdso/vdk/notb/notb\.vdso\.c$' "$out"
like "says what changed" '^changed +arch/x86/include/asm/vvar\.h$' "$out"
like "says where a record is" '^record +pulse at vvar \+ 704, 192 bytes$' "$out"
is "JSON says the same as lines" "$out" "$(as_lines <<< "$told")"
tree patched
capture patch -s -d "$tree" -p1 -i "$T/both.patch"
is "patch -p1" "0 " "$status $out$err"
same_tree "patch -p1 gives what bake gives" "$T/baked" "$tree"
capture patch -s -R -d "$tree" -p1 -i "$T/both.patch"
same_tree "patch -R takes it out" "$plain_tree" "$tree"
tree applied
git init -q "$tree"
capture git -C "$tree" apply --whitespace=error "$T/both.patch"
is "git apply" "0 " "$status $err"
git -C "$tree" add . && git -C "$tree" -c user.name=t -c user.email=t@example.org commit -q -m t
rm -r "$tree/.git"
same_tree "git apply gives what bake gives" "$T/baked" "$tree"
tree mailed
git init -q "$tree"
git -C "$tree" add .
git -C "$tree" -c user.name=t -c user.email=t@example.org commit -q -m t
capture git -C "$tree" -c user.name=t -c user.email=t@example.org am -q "$T/both.patch"
is "git am" "0 " "$status $err"
is "git am: subject and author" "x86/vdso: Add notb, pulse|A Cook <cook@example.org>" \
	"$(git -C "$tree" log -1 --format='%s|%an <%ae>')"

# The author's headers are the same bytes in both worlds.
for file in notb/notb.page.h pulse/pulse.page.h; do
	name=${file#*/}
	is "$name: the same in the kernel" "" \
		"$(diff "$VDK_SOURCE_ROOT"/*/"${name%%.*}/$name" "$T/baked/arch/x86/entry/vdso/vdk/$file" 2>&1)"
done
is "notb.vdso.c: but for the first comment the same in the kernel" "" \
	"$(diff <(tail -n +2 "$notb/notb.vdso.c") <(tail -n +2 "$T/baked/arch/x86/entry/vdso/vdk/notb/notb.vdso.c"))"

# Taken out again.
tree=$T/baked
cp -a "$tree" "$T/copy"
capture "$VDK" bake "$notb" "$pulse" --tree "$tree"
is "baked again: nothing to do" "0 nothing to do: the tree is as asked for" "$status $(head -n 1 <<< "$out")"
same_tree "baked again: nothing was done" "$T/copy" "$tree"
capture "$VDK" bake --tree "$tree" --revert --patch "$T/revert.patch"
capture "$VDK" bake --tree "$tree" --revert --json
is "reverted" "0 " "$status $err"
is "JSON of it: files go, others change, nothing is left" "changed removed" \
	"$(as_lines <<< "$out" | awk '{print $1}' | sort -u | xargs)"
same_tree "the tree is as it was" "$plain_tree" "$tree"
capture patch -s -d "$T/copy" -p1 -i "$T/revert.patch"
find "$T/copy" -type d -empty -delete
same_tree "the patch of --revert does the same" "$plain_tree" "$T/copy"
capture "$VDK" bake --tree "$tree" --revert
is "nothing to revert" "0 nothing to do: the tree is as asked for" "$status $out"

# One after the other, in any order, and one out of two.
tree ab
"$VDK" bake "$notb" --tree "$tree" > "$T/log" && "$VDK" bake "$pulse" --tree "$tree" > "$T/log"
tree ba
"$VDK" bake "$pulse" --tree "$tree" > "$T/log"
cp -a "$tree" "$T/only-pulse"
"$VDK" bake "$notb" --tree "$tree" > "$T/log"
same_tree "the order does not matter" "$T/ab" "$T/ba"
capture "$VDK" bake notb --tree "$T/ab" --revert
is "one out of two" "0 " "$status $err"
same_tree "as if it had never been there" "$T/only-pulse" "$T/ab"
capture "$VDK" bake notb --tree "$T/ab" --revert
is "out of a tree that has it not" \
	"2 vdk bake: notb: is not baked into this tree" "$status $err"

# A changed source is brought up to date.
mkdir "$T/notb" && cp "$notb"/*.[ch] "$T/notb"
sed -i 's/0xDEAD - 56339/42/' "$T/notb/notb.vdso.c"
printf '\nVDK_FUNCTION_VERSION("ACME_1.0", int, acme_beast, (void))\n{\n\treturn 7;\n}\n' >> "$T/notb/notb.vdso.c"
capture "$VDK" bake "$T/notb" --tree "$T/ba"
is "updated" "0 " "$status $err"
like "updated: the source" 'return 42;' "$(cat "$T/ba/arch/x86/entry/vdso/vdk/notb/notb.vdso.c")"
like "updated: a version node of its own" '^	ACME_1.0 \{$' "$(cat "$T/ba/arch/x86/entry/vdso/vdso.lds.S")"
like "updated: and what is under it" '^		acme_beast;$' "$(cat "$T/ba/arch/x86/entry/vdso/vdso.lds.S")"
"$VDK" bake --tree "$T/ba" --revert > "$T/log"
same_tree "and out" "$plain_tree" "$T/ba"

# Two at once: the second one waits for the first.
tree at-once
"$VDK" bake "$notb" --tree "$tree" > "$T/log" & "$VDK" bake "$pulse" --tree "$tree" > "$T/log2" & wait
cp -a "$T/only-pulse" "$T/sequence"
"$VDK" bake "$notb" --tree "$T/sequence" > "$T/log"
same_tree "two at once" "$T/sequence" "$tree"

# A source without a last line's end gets one, since a patch has none.
mkdir "$T/cut" "$T/cut/notb"
cp "$notb"/*.[ch] "$T/cut/notb"
truncate -s -1 "$T/cut/notb/notb.page.h"
tree cut-tree
"$VDK" bake "$T/cut/notb" --tree "$tree" > "$T/log"
is "a last line that does not end" "" \
	"$(diff "$notb/notb.page.h" "$tree/arch/x86/entry/vdso/vdk/notb/notb.page.h")"

# Functions only: nothing of the kernel's half is needed.
mkdir "$T/pure"
printf '// SPDX-License-Identifier: MIT\n#include <vdk/vdso.h>\n\nVDK_FUNCTION(int, pure, (void))\n{\n\treturn 1;\n}\n' > "$T/pure/pure.vdso.c"
tree pure-tree
capture "$VDK" bake "$T/pure" --tree "$tree"
is "no record, no half of the kernel" "0 5" "$status $(grep -c '^new' <<< "$out")"
"$VDK" bake --tree "$tree" --revert > "$T/log"
same_tree "and out again" "$plain_tree" "$tree"

finish
