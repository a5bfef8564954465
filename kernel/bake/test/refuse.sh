#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What cannot be in a kernel is refused, by file and line, and the tree stays as it is: sources,
# trees of another kernel, trees that somebody changed.
set -eu
. "$(dirname "$0")/tree.sh"
need_linux
tree plain-tree
plain_tree=$tree
tree work

# vdso WHAT: a folder that bakes, to be made worse.
vdso() {
	what=$1
	dir=$T/sources/$1/bad
	mkdir -p "$dir"
	cat > "$dir/bad.page.h" <<- 'END'
		/* SPDX-License-Identifier: MIT */
		#include <vdk/record.h>
		struct bad {
			int32_t value;
		};
		VDK_RECORD(bad);
	END
	cat > "$dir/bad.vdso.c" <<- 'END'
		// SPDX-License-Identifier: MIT
		#include <vdk/vdso.h>
		#include "bad.page.h"
		VDK_FUNCTION(int, bad_value, (void))
		{
			struct bad now;

			return vdk_read(bad, &now) ?: now.value;
		}
	END
	cat > "$dir/bad.update.c" <<- 'END'
		// SPDX-License-Identifier: MIT
		#include <vdk/update.h>
		#include "bad.page.h"
		VDK_UPDATE(u)
		{
			struct bad now = {1};

			vdk_write(u, bad, &now);
		}
	END
}

# refused MESSAGE: with exit status 2 and a last line like that, which begins with the folder.
refused() {
	figure sources_refused 1
	capture "$VDK" bake "$dir" --tree "$tree"
	is "$what: exit status" 2 "$status"
	like "$what: message" "^vdk bake: $1" "$(tail -n 1 <<< "${err//"$dir/"/}")"
}

vdso 'the sample itself'
capture "$VDK" bake "$dir" --tree "$tree"
is "$what is baked" "0 " "$status $err"
"$VDK" bake --tree "$tree" --revert > "$T/log"

vdso 'a libc header in a hook'
sed -i '3i #include <stdio.h>' "$dir/bad.update.c"
refused 'bad\.update\.c:3: #include <stdio\.h> cannot be baked: a kernel has no libc'
vdso 'a libc header in a header of its own'
sed -i '3i #include "more.h"' "$dir/bad.vdso.c"
printf '/* */\n#include <string.h>\n' > "$dir/more.h"
refused 'more\.h:2: #include <string\.h> cannot be baked'
vdso 'stdint.h'
sed -i '2i #include <stdint.h>' "$dir/bad.page.h"
refused 'bad\.page\.h:2: #include <stdint\.h> cannot be baked: .*<vdk/record\.h> has these types'
vdso 'a header from elsewhere'
sed -i '3i #include "../other.h"' "$dir/bad.vdso.c"
touch "$dir/../other.h"
refused 'bad\.vdso\.c:3: #include "\.\./other\.h" cannot be baked'
vdso 'a header for user space'
sed -i '3i #include <vdk/page.h>' "$dir/bad.update.c"
refused 'bad\.update\.c:3: #include <vdk/page\.h> cannot be baked'
vdso 'floating point in a hook'
sed -i '6i \	double half = 0.5;' "$dir/bad.update.c"
refused 'bad\.update\.c:6: double cannot be baked: .*without floating point'
vdso 'floating point in a function'
sed -i '4i static float x(void) { return 1.5f; }' "$dir/bad.vdso.c"
refused 'bad\.vdso\.c:4: float cannot be baked'
vdso 'floating point without its name'
sed -i 's/{1}/{u->now * 1.5}/' "$dir/bad.update.c"
capture "$VDK" bake "$dir" --tree "$tree"
is "$what: exit status" 2 "$status"
vdso 'a chain'
sed -i 's/now.value;/(int)vdk_chain(time)(NULL);/' "$dir/bad.vdso.c"
refused 'bad\.vdso\.c:8: vdk_chain cannot be baked'
vdso 'the age of the page'
sed -i 's/now.value;/vdk_void(0);/' "$dir/bad.vdso.c"
refused 'bad\.vdso\.c:8: vdk_void cannot be baked'
vdso 'a standard function'
printf 'struct timespec;\nVDK_FUNCTION(int, clock_gettime, (int32_t c, struct timespec *t))\n{\n\treturn 0;\n}\n' >> "$dir/bad.vdso.c"
refused 'bad\.vdso\.c:11: a function clock_gettime cannot be baked: the kernel'
vdso 'a descriptor'
sed -i '6i \	u->wake_fd = 3;' "$dir/bad.update.c"
refused 'bad\.update\.c:6: wake_fd cannot be baked'
vdso 'a record that no hook writes'
rm "$dir/bad.update.c"
refused 'bad\.page\.h:6: record bad cannot be baked: no update hook has a vdk_write\(u, bad'
vdso 'a record that is named in a comment and a string only'
sed -i 's|vdk_write(u, bad, &now);|/* vdk_write(u, bad, \&now) */ (void)"vdk_write(u, bad, 1)"; (void)now;|' "$dir/bad.update.c"
refused 'bad\.update\.c: cannot be baked: no vdk_write'
vdso 'a hook that writes nothing'
rm "$dir/bad.page.h"
printf '#include <vdk/vdso.h>\nVDK_FUNCTION(int, bad_value, (void))\n{\n\treturn 1;\n}\n' > "$dir/bad.vdso.c"
printf '#include <vdk/update.h>\nVDK_UPDATE(u)\n{\n}\n' > "$dir/bad.update.c"
refused 'bad\.update\.c: cannot be baked: no vdk_write'
vdso 'more than the page holds'
sed -i 's/int32_t value;/int32_t value; char rest[1700];/' "$dir/bad.page.h"
refused 'bad\.page\.h:6: record bad needs [0-9]+ bytes of the kernel.s vvar page, which has 3456 left'
vdso 'a list'
sed -i 's/VDK_RECORD(bad)/VDK_RECORDS(bad, 3)/' "$dir/bad.page.h"
refused 'bad\.page\.h:6: VDK_RECORDS cannot be baked: the kernel.s vvar page is one page'
capture "$VDK" bake "$dir" --tree "$tree" --json
is "$what, as JSON: exit status" 2 "$status"
is "$what, as JSON: file and line" "$dir/bad.page.h 6 null [] [] []" "$(python3 -c '
import json, sys
it = json.load(sys.stdin)
assert it["refused"]["why"].startswith("VDK_RECORDS cannot be baked: the kernel"), it
print(it["refused"]["file"], it["refused"]["line"],
      *(json.dumps(it[key]) for key in ("patch", "files", "records", "functions")))' <<< "$out")"
vdso 'a libc function'
sed -i '4i int getpid(void);' "$dir/bad.update.c"
sed -i 's/{1}/{getpid()}/' "$dir/bad.update.c"
refused 'bad\.update\.c: function bad_?.*calls getpid|bad\.update\.c: .*calls getpid, which is not there in every kernel'
vdso 'a mixed declaration'
sed -i '8i \	(void)now.value; int late = 1; (void)late;' "$dir/bad.vdso.c"
capture "$VDK" bake "$dir" --tree "$tree"
is "$what: exit status" 2 "$status"
like "$what: the compiler's message" 'bad\.vdso\.c:8:.*declaration-after-statement' "$err"
vdso 'writable data in the image'
sed -i '4i static int calls;' "$dir/bad.vdso.c"
sed -i 's/return vdk_read/return calls++ + vdk_read/' "$dir/bad.vdso.c"
refused 'bad\.vdso\.c: defines writable data: calls'
vdso 'a name for the kernel'
mv "$dir" "$dir-2"
dir=$dir-2
refused "$dir: .* found 'bad-2'"
vdso 'no vDSO'
rm "$dir"/*
refused "$dir: no \\*\\.vdso\\.c in this folder"
vdso 'user space only, between #ifndef __KERNEL__ and #endif'
sed -i '3i #ifndef __KERNEL__\n#include <stdio.h>\n#endif' "$dir/bad.update.c"
capture "$VDK" bake "$dir" --tree "$tree"
is "$what, is baked" "0 " "$status $err"
"$VDK" bake --tree "$tree" --revert > "$T/log"

# The ready vDSOs that live in user space say so.
for name in hostinfo faketime fastclock; do
	capture "$VDK" bake "$VDK_SOURCE_ROOT/vdsos/$name" --tree "$tree"
	is "$name: exit status" 2 "$status"
	like "$name: file and line" "^vdk bake: .*/$name/[a-z.]+:[0-9]+: .*cannot be baked" "$err"
done
capture "$VDK" bake "$VDK_SOURCE_ROOT/examples/quote" --tree "$tree"
like "quote, which programs write" 'quote\.page\.h:[0-9]+: record quote cannot be baked: no update hook' "$err"
mkdir -p "$T/two/notb"
cp "$VDK_SOURCE_ROOT"/vdsos/notb/*.[ch] "$T/two/notb"
mv "$T/two/notb" "$T/two/other"
capture "$VDK" bake "$VDK_SOURCE_ROOT/vdsos/notb" "$T/two/other" --tree "$tree"
is "two of one record: exit status" 2 "$status"
like "two of one record" 'there is a record named notb already|exports that function already' "$err"
same_tree "after all that the tree is as before" "$plain_tree" "$tree"

# unknown WHAT MESSAGE: a tree that is refused with exit status 1.
unknown() {
	figure trees_refused 1
	rm -rf "$T/before" && cp -a "$tree" "$T/before"
	capture "$VDK" bake "$VDK_SOURCE_ROOT/vdsos/notb" --tree "$tree"
	is "$1: exit status" 1 "$status"
	like "$1: message" "^vdk bake: $2" "$err"
	same_tree "$1: untouched" "$T/before" "$tree"
}

tree other-version && sed -i 's/^PATCHLEVEL = 1/PATCHLEVEL = 12/' "$tree/Makefile"
unknown 'Linux 6.12' "Makefile: not a tree that this kit knows: line 3: expected 'PATCHLEVEL = 1', found 'PATCHLEVEL = 12'"
tree old-version && sed -i 's/^VERSION = 6/VERSION = 5/' "$tree/Makefile"
unknown 'Linux 5' "Makefile: .* line 2: expected 'VERSION = 6', found 'VERSION = 5'"
tree no-file && rm "$tree/arch/x86/include/asm/vvar.h"
unknown 'a file is missing' 'arch/x86/include/asm/vvar.h: .*expected this file of Linux 6.1 in it, found none'
tree taken && sed -i '/^DECLARE_VVAR(128/a DECLARE_VVAR(640, struct other, other)' "$tree/arch/x86/include/asm/vvar.h"
unknown 'the place in the page is taken' "arch/x86/include/asm/vvar.h: .*expected '', found 'DECLARE_VVAR\(640, struct other, other\)'"
tree no-timens && sed -i 's/vvar_start + 3 \* PAGE_SIZE/vvar_start + 5 * PAGE_SIZE/' "$tree/arch/x86/entry/vdso/vdso-layout.lds.S"
unknown 'other pages' "arch/x86/entry/vdso/vdso-layout.lds.S: .*expected '	timens_page  = vvar_start \+ 3 \* PAGE_SIZE;', found '	timens_page  = vvar_start \+ 5"
tree hooked && sed -i '/__arch_update_vsyscall(vdata, tk);/d' "$tree/kernel/time/vsyscall.c"
unknown 'nobody calls the hook' "kernel/time/vsyscall.c: .*__arch_update_vsyscall"
tree twice && cat "$plain/kernel/time/vsyscall.c" >> "$tree/kernel/time/vsyscall.c"
unknown 'a place twice' 'kernel/time/vsyscall.c: .* once, found it 2 times'
tree hollow && rm -r "${tree:?}"/*
unknown 'no kernel at all' 'Makefile: .*found none'
tree foreign && mkdir -p "$tree/arch/x86/include/vdk" && echo mine > "$tree/arch/x86/include/vdk/record.h"
unknown 'a file of that name is there' 'arch/x86/include/vdk/record.h: is there already'
tree cut && truncate -s -1 "$tree/kernel/time/vsyscall.c"
unknown 'a last line that does not end' 'kernel/time/vsyscall.c: .*expected a last line that ends'
tree linked && mv "$tree/arch/x86/include/asm/vvar.h" "$T/elsewhere.h" && ln -s "$T/elsewhere.h" "$tree/arch/x86/include/asm/vvar.h"
unknown 'a symbolic link' 'arch/x86/include/asm/vvar.h: .*expected a file, found a symbolic link'
capture "$VDK" bake "$VDK_SOURCE_ROOT/vdsos/notb" --tree "$T/nothing"
is "no such tree: exit status" 3 "$status"

# Baked, and changed by hand since.
tree edited
"$VDK" bake "$VDK_SOURCE_ROOT/vdsos/notb" --tree "$tree" > "$T/log"
sed -i 's/_notb, 640/_notb, 1024/' "$tree/arch/x86/include/asm/vvar.h"
capture "$VDK" bake --tree "$tree" --revert
is "an edited line: exit status" 1 "$status"
like "an edited line: message" "vvar.h: .*expected 'EMIT_VVAR\(vdk_record_notb, 640\)', found 'EMIT_VVAR\(vdk_record_notb, 1024\)'" "$err"
sed -i 's/_notb, 1024/_notb, 640/' "$tree/arch/x86/include/asm/vvar.h"
sed -i 's/^	static u64 count;/	static u64 count = 5;/' "$tree/arch/x86/entry/vdso/vdk/update.c"
capture "$VDK" bake --tree "$tree" --revert
is "an edited file: exit status" 1 "$status"
like "an edited file: message" "vdk/update.c: not as this kit baked it: line [0-9]+: expected '	static u64 count;', found '	static u64 count = 5;'" "$err"

# All or nothing: a place that cannot be written, though everything could be read.
tree half
mkdir -p "$tree/arch/x86/include/vdk/vdso.h.vdk-bake/full"
cp -a "$tree" "$T/half-before"
capture "$VDK" bake "$VDK_SOURCE_ROOT/vdsos/notb" --tree "$tree"
is "a file that cannot be written: exit status" 3 "$status"
like "a file that cannot be written: message" 'arch/x86/include/vdk/vdso.h: cannot be written: .*; the tree is as before' "$err"
same_tree "a file that cannot be written: nothing was" "$T/half-before" "$tree"

# Arguments.
capture "$VDK" bake --tree "$tree"
is "nothing to bake" "2 vdk bake: what to bake? (a vDSO's folder)" "$status $err"
capture "$VDK" bake "$VDK_SOURCE_ROOT/vdsos/notb"
is "no tree" "2 vdk bake: into which kernel tree? (--tree LINUX)" "$status $err"
capture "$VDK" bake "$VDK_SOURCE_ROOT/vdsos/notb" --tree "$tree" --signoff 'A <a@b>'
is "--signoff without a patch" 2 "$status"
capture "$VDK" bake "$VDK_SOURCE_ROOT/vdsos/notb/notb.vdso.c" --tree "$tree"
is "a file in place of a folder" 2 "$status"

finish
