# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What these tests share, beside ../lib.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

# tool NAME: compile NAME.c of this folder; $tool is its path.
tool() {
	local source=$VDK_SOURCE_ROOT/test/hostile/$1.c

	tool=$VDK_BUILD_ROOT/test/hostile/$1
	cached "$tool" "$source" -- "${CC:-cc}" -O1 -D_GNU_SOURCE -pthread "$source" -o > "$T/compile" 2>&1 || {
		echo "not ok - cannot compile $1"
		cat "$T/compile"
		exit 1
	}
}

# state PATH...: all that can be seen of what lies there; two of them are the same if nothing changed.
state() {
	find "$@" -printf '%p %y %m %U:%G %s %T@ %l\n' | sort
	find "$@" -type f -size -64k -print0 | sort -z | xargs -0 -r sha256sum
}
