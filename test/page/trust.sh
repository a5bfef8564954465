#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What somebody else owns or may write is refused, by name, and nothing is lost.
set -eu
. "$(dirname "$0")/../lib.sh"

image sample
"$VDK" publish --no-update sample "$image" > /dev/null
"$VDK" set sample pair.count=5
dir=$VDK_RUNTIME_DIR

refuses() { # refuses WHAT REGEX COMMAND...
	local what=$1 regex=$2

	shift 2
	capture "$@"
	is "$what: exit" 77 "$status"
	like "$what: names it" "$regex" "$err"
}

for file in sample/image.so sample/page sample sample/writers; do
	mode=$(stat -c %a "$dir/$file")
	chmod o+w "$dir/$file"
	words="$file: not to be trusted: expected to be writable by its owner alone, found mode 0...$"
	case $file in
	sample/writers) refuses "world-writable $file" 'writers: not to be trusted' "$VDK" set sample pair.count=6 ;;
	*)
		refuses "world-writable $file" "$words" "$VDK" get sample
		refuses "run with world-writable $file" "$words" "$VDK" run --vdso sample -- true
		capture "$VDK" ls
		is "ls with world-writable $file: a finding" 1 "$status"
		;;
	esac
	chmod "$mode" "$dir/$file"
	chmod g+w "$dir/$file"
	refuses "group-writable $file" 'not to be trusted' "$VDK" set sample pair.count=6
	chmod "$mode" "$dir/$file"
done
chmod o+w "$dir"
refuses "world-writable runtime directory" 'runtime: not to be trusted' "$VDK" get sample
refuses "publish into it" 'runtime: not to be trusted' "$VDK" publish other "$image"
chmod o-w "$dir"
cp "$image" "$T/loose.so"
chmod 666 "$T/loose.so"
refuses "publish a world-writable image" 'loose.so: not to be trusted' "$VDK" publish other "$T/loose.so"
chmod 644 "$T/loose.so"
cp "${image%.so}.update.so" "$T/loose.update.so"
chmod 666 "$T/loose.update.so"
refuses "publish a world-writable hook" 'loose.update.so: not to be trusted' "$VDK" publish other "$T/loose.so"
is "nothing of that was published" sample "$(ls "$dir")"
is "nothing was lost" 5 "$("$VDK" get sample pair.count)"

# --- links and other kinds of files ---
mv "$dir/sample/page" "$T/page"
ln -s "$T/page" "$dir/sample/page"
capture "$VDK" get sample
is "a link for the page: exit" 3 "$status"
like "a link for the page" 'sample/page: a symbolic link, which is not followed' "$err"
rm "$dir/sample/page"
mkfifo "$dir/sample/page"
capture timeout 10 "$VDK" get sample
like "a FIFO for the page" 'sample/page: expected a regular file' "$err"
rm "$dir/sample/page"
capture "$VDK" get sample
like "no page" 'sample/page: No such file' "$err"
mv "$T/page" "$dir/sample/page"
ln -s sample "$dir/alias"
capture "$VDK" get alias
like "a link for the publication" 'alias: (Not a directory|Too many levels)' "$err"
rm "$dir/alias"

# --- a page that is damaged or of another image ---
cp "$dir/sample/page" "$T/page"
for size in 0 100 4095 4096; do
	truncate -s "$size" "$dir/sample/page"
	capture "$VDK" get sample
	[ "$size" = 4096 ] || is "page of $size bytes: exit" 3 "$status"
	capture "$VDK" run --vdso sample -- true
	[ "$size" = 4096 ] || is "run with a page of $size bytes: refused" 3 "$status"
done
cp "$T/page" "$dir/sample/page"
printf 'XXXXXXXX' | dd of="$dir/sample/page" bs=1 seek=24 conv=notrunc status=none
capture "$VDK" get sample
like "another layout" 'page and image do not match: expected layout [0-9a-f]{16} of [0-9]+ bytes by the image, found 5858585858585858' "$err"
capture "$VDK" publish --no-update sample "$image"
is "publishing anew repairs it" 0 "$status"
is "with a fresh page" "# pair: never written" "$("$VDK" get sample | head -n 1)"

# --- any page file, even a foreign one, can be looked at ---
chmod 666 "$T/page"
is "get --page" 5 "$("$VDK" get --page "$T/page" pair.count)"
truncate -s 1000 "$T/page"
capture "$VDK" get --page "$T/page"
is "get --page of a truncated one: exit" 3 "$status"
capture "$VDK" get --page /dev/null
like "get --page of a device" 'expected a regular file' "$err"
capture "$VDK" get --page "$T"
is "get --page of a directory: exit" 3 "$status"

# --- other users ---
if [ "$(id -u)" != 0 ]; then
	echo "# other users: needs root"
	finish
fi
need setpriv
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"; }
if ! as_nobody test -r "$VDK" -a -r "$dir/sample/page"; then
	echo "# other users: the build tree is closed to them"
	finish
fi
"$VDK" set sample pair.count=8
is "a user reads what root published" 8 "$(as_nobody "$VDK" get sample pair.count)"
capture as_nobody "$VDK" set sample pair.count=9
is "but cannot write it" 77 "$status"
like "ls does not know about the publisher" '^sample +[0-9]+ +\? ' "$(as_nobody "$VDK" ls)"
mkdir -m 755 "$T/users"
chown 65534:65534 "$T/users"
cp "$image" "$T/users/sample.so"
chown 65534:65534 "$T/users/sample.so"
capture as_nobody env VDK_RUNTIME_DIR="$T/users" "$VDK" publish --no-update mine "$T/users/sample.so"
is "a user publishes" 0 "$status"
VDK_RUNTIME_DIR=$T/users refuses "root refuses what a user published" \
	'users: not to be trusted: expected owner uid 0, found uid 65534' "$VDK" get mine
refuses "root refuses a user's image" 'sample.so: not to be trusted: expected owner uid 0' \
	"$VDK" publish theirs "$T/users/sample.so"
# Locks that anybody can take would let anybody stop the publisher: nobody else can open ours.
capture as_nobody cat "$dir/sample/writers"
like "a user cannot open the writers' locks" 'Permission denied' "$err"
capture as_nobody cat "$dir/.sample.lock"
like "nor the role's" 'Permission denied' "$err"
exec 8< "$dir/sample/page"
perl -e 'use Fcntl; open F, "<", $ARGV[0]; my $l = pack("s s x4 q q l x4", F_RDLCK, 0, 0, 0, 0); fcntl(F, 37, $l) or die; sleep 5' "$dir/sample/page" &
locker=$!
sleep 0.2
capture "$VDK" set sample pair.count=10
is "a reader's lock on the page stops no writer" 0 "$status"
kill "$locker" 2> /dev/null || true
wait "$locker" 2> /dev/null || true
finish
