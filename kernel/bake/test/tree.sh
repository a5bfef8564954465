# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# A tree of just those files of Debian's Linux 6.1 that `vdk bake` looks at, and the kernel's own
# judge of patches. Extracted once for the build folder: the archive is read to its last file.


. "$(dirname "${BASH_SOURCE[0]}")/../../../test/lib.sh"

archive=/usr/src/linux-source-6.1.tar.xz
plain=$VDK_BUILD_ROOT/test/linux-6.1

tree_files='Makefile arch/x86/entry/vdso/Makefile arch/x86/entry/vdso/vdso.lds.S
arch/x86/entry/vdso/vdso-layout.lds.S arch/x86/kernel/vmlinux.lds.S arch/x86/include/asm/vvar.h
arch/x86/include/asm/vdso/vsyscall.h kernel/time/vsyscall.c'
judge_files='scripts/checkpatch.pl scripts/spelling.txt scripts/const_structs.checkpatch'

extract() { # extract FOLDER
	local file names=()

	for file in $tree_files $judge_files; do
		names+=("linux-source-6.1/$file")
	done
	mkdir -p "$1" && tar -xf "$archive" -C "$1" --strip-components=1 "${names[@]}"
}

need_linux() {
	[ -r "$archive" ] || skip "no $archive here (scripts/install-deps test)"
	need tar xz
	cached "$plain" "$archive" "${BASH_SOURCE[0]}" -- extract
}

# tree NAME: a fresh copy of it in $T/NAME, in $tree.
tree() {
	local file

	tree=$T/$1
	for file in $tree_files; do
		mkdir -p "$tree/$(dirname "$file")"
		cp -p "$plain/$file" "$tree/$file"
	done
}

# same_tree WHAT A B: two trees have the same files with the same bytes and modes.
same_tree() {
	is "$1" "" "$(diff -r "$2" "$3" 2>&1
		diff <(cd "$2" && find . -printf '%p %y %m\n' | sort) <(cd "$3" && find . -printf '%p %y %m\n' | sort))"
}
