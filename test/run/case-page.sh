#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Publications that must not be attached: a page that is missing, cut, foreign, open to writers or
# of another layout than the image; the runtime directory itself.
set -eu
. "$(dirname "$0")/../lib.sh"

publish notb
"$VDK" set notb notb.vnotb=666
program glibc
printf 'input\n' > "$T/stdin"
dir=$VDK_RUNTIME_DIR/notb
cp -a "$dir" "$T/whole"

refused() { # refused WHAT MESSAGE
	local mode

	for mode in "" --once; do
		capture "$VDK" run $mode --vdso notb -- "$program"
		is "$1 ${mode:-follow}: not run" "" "$out"
		if [ "$status" = 0 ] || [ "$status" -gt 77 ]; then
			not_ok "$1 ${mode:-follow}: exit status" "$status"
		fi
		like "$1 ${mode:-follow}: message" "^vdk run: .*$2" "$err"
	done
	rm -rf "$dir"
	cp -a "$T/whole" "$dir"
}

patch() { printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }

capture "$VDK" run --vdso notb -- "$program"
like "the control: as published" '^beast 666$' "$out"

rm "$dir/page"
refused "no page" "page.*No such file"
rm "$dir/image.so"
refused "no image" "image.so.*No such file"
: > "$dir/page"
refused "an empty page" "page"
truncate -s 100 "$dir/page"
refused "a page cut inside its header" "page"
patch "$dir/page" 0 'X'
refused "a page with another magic" "page"
patch "$dir/page" 8 '\011'
refused "a page of another version" "page.*version"
patch "$dir/page" 16 '\0\0\0\020'
refused "a page that claims another size" "page"
patch "$dir/page" 24 'otherone'
refused "a page of another layout" "page.*layout|layout"
chmod 666 "$dir/page"
refused "a page that everybody writes" "page.*writ"
chmod 777 "$dir"
refused "a folder that everybody writes" "notb.*writ"
rm "$dir/page"
ln -s "$T/whole/page" "$dir/page"
refused "a page that is a link" "page"
rm -r "$dir"
ln -s "$T/whole" "$dir"
rm_dir=$dir
capture "$VDK" run --vdso notb -- "$program"
is "a publication that is a link: not run" "" "$out"
rm "$rm_dir"
cp -a "$T/whole" "$dir"
if [ "$(id -u)" = 0 ]; then
	chown 65534 "$dir/page"
	refused "a page of another user" "page"
	chown 65534 "$dir/image.so"
	refused "an image of another user" "image.so"
	chown 65534 "$dir"
	refused "a folder of another user" "notb"
fi
rm -r "$dir"
capture "$VDK" run --vdso notb -- "$program"
is "nothing published: not run" "" "$out"
like "nothing published: message" 'notb' "$err"
capture "$VDK" run --vdso ../notb -- "$program"
is "a name that leads elsewhere: not run" "" "$out"
cp -a "$T/whole" "$dir"
chmod 777 "$VDK_RUNTIME_DIR"
capture "$VDK" run --vdso notb -- "$program"
is "a runtime directory that everybody writes: not run" "" "$out"
like "a runtime directory that everybody writes: message" "$VDK_RUNTIME_DIR.*writ" "$err"
chmod 755 "$VDK_RUNTIME_DIR"
finish
