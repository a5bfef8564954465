#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Images that must not be attached: missing, damaged, no image at all, or such that somebody else
# could change them. The program is not run, and the message names the file.
set -eu
. "$(dirname "$0")/../lib.sh"

image marker
good=$image

refused() { # refused WHAT IMAGE MESSAGE [COMMAND BEFORE...]
	local what=$1 file=$2 message=$3 mode

	shift 3
	for mode in "" --once; do
		capture "$@" "$VDK" run $mode --vdso "$file" -- echo 'it ran'
		is "$what ${mode:-follow}: not run" "" "$out"
		if [ "$status" = 0 ] || [ "$status" -gt 77 ]; then
			not_ok "$what ${mode:-follow}: exit status" "$status"
		fi
		like "$what ${mode:-follow}: message" "^vdk run: .*$message" "$err"
	done
}

refused "missing" "$T/none.so" "$T/none.so.*No such file"
refused "a folder" "$T/" "$T"
: > "$T/empty.so"
refused "empty" "$T/empty.so" "$T/empty.so"
printf 'not an image\n' > "$T/text.so"
refused "text" "$T/text.so" "$T/text.so"
for size in 16 64 200 1000 4095; do
	head -c "$size" "$good" > "$T/short.so"
	refused "cut to $size bytes" "$T/short.so" "$T/short.so"
done
refused "a program" /bin/true /bin/true
refused "another library" "$(ldd /bin/true | sed -n 's/.*=> \(.*libc[^ ]*\).*/\1/p')" "libc"
mkfifo "$T/fifo.so"
refused "a pipe" "$T/fifo.so" "$T/fifo.so" timeout 10
ln -s "$T/loop.so" "$T/loop.so"
refused "a loop of links" "$T/loop.so" "$T/loop.so"
cp "$good" "$T/open.so"
chmod 666 "$T/open.so"
refused "writable by everybody" "$T/open.so" "$T/open.so.*writ"
chmod 664 "$T/open.so"
refused "writable by its group" "$T/open.so" "$T/open.so.*writ"
if [ "$(id -u)" = 0 ]; then
	cp "$good" "$T/foreign.so"
	chmod 644 "$T/foreign.so"
	chown 65534 "$T/foreign.so"
	refused "another user's, for root" "$T/foreign.so" "$T/foreign.so"
	chown 65533 "$T/foreign.so"
	refused "another user's, for a user" "$T/foreign.so" "$T/foreign.so" \
		setpriv --reuid 65534 --regid 65534 --clear-groups
fi

# Without its stubs: zero is "none", and not an address to jump to.
for stub in finish fallback; do
	python3 - "$good" "$T/no-$stub.so" "$stub" << 'END'
import struct, sys
data = bytearray(open(sys.argv[1], "rb").read())
phoff, = struct.unpack_from("<Q", data, 32)
for i in range(struct.unpack_from("<H", data, 56)[0]):
    kind, _, at, _, _, size = struct.unpack_from("<IIQQQQ", data, phoff + 56 * i)
    end = at + size
    while kind == 4 and at < end:
        name, desc, _ = struct.unpack_from("<III", data, at)
        body = at + 12 + (name + 3) // 4 * 4
        if data[at + 12:at + 15] == b"vdk":
            struct.pack_into("<i", data, body + (36 if sys.argv[3] == "finish" else 40 + 4 * 5), 0)
        at = body + (desc + 3) // 4 * 4
open(sys.argv[2], "wb").write(data)
END
	chmod 644 "$T/no-$stub.so"
	refused "without $stub" "$T/no-$stub.so" "$T/no-$stub.so: lacks the routine that ends an attach, or a stub"
done

# The control: the very same file, untouched, is attached.
cp "$good" "$T/good.so"
chmod 644 "$T/good.so"
capture "$VDK" run --vdso "$T/good.so" -- date +%s
is_shifted "a good image" "$out"
finish
