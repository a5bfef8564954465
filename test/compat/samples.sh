#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What earlier releases made works with this one: pages, images, update hooks, programs that use libvdk.
set -eu
. "$(dirname "$0")/../lib.sh"

folder=$VDK_SOURCE_ROOT/test/compat
need python3

cat > "$T/ask.py" << 'END'
import ctypes
vdso = ctypes.CDLL("linux-vdso.so.1")
vdso.room_highest.restype = ctypes.c_int64
print(vdso.room_people(), vdso.room_highest())
END
ask() { "$VDK" run --vdso room -- /usr/bin/python3 "$T/ask.py" 2>&1; }

"$VDK" build "$folder/room" -o "$T/room.so"

for samples in "$folder"/samples/*; do
	release=${samples##*/}
	figure releases 1
	mkdir "$T/$release"
	cp "$samples"/* "$T/$release/"
	chmod go-w "$T/$release"/*
	old=$T/$release
	values=$(cat "$old/room.values")

	is "$release: its page is read" "$values" "$("$VDK" get --page "$old/room.page" 2>&1)"
	is "$release: its image is clean" 0 "$("$VDK" check "$old/room.so" > "$T/check" 2>&1; echo $?)"

	# Its image, a page that this version makes.
	"$VDK" publish --no-update room "$old/room.so" > /dev/null
	"$VDK" set room room.people=12 limits.highest=77
	is "$release: its image reads a page of today" "12 77" "$(ask)"
	"$VDK" unpublish room

	# Its publication, as an upgrade finds it: this version's tools and image take it over.
	mkdir -m 755 "$VDK_RUNTIME_DIR/room"
	cp "$old/room.so" "$VDK_RUNTIME_DIR/room/image.so"
	cp "$old/room.page" "$VDK_RUNTIME_DIR/room/page"
	: > "$VDK_RUNTIME_DIR/room/writers"
	chmod 600 "$VDK_RUNTIME_DIR/room/writers"
	is "$release: its publication is read" "3 9223372036854775807" "$(ask)"
	"$VDK" set room room.people=4
	is "... and written" "4 9223372036854775807" "$(ask)"
	like "... and replaced by an image of today, its page kept" 'programs that run see the new values' \
		"$("$VDK" publish --no-update room "$T/room.so" 2>&1)"
	is "... with its values, read by today's image" "4 9223372036854775807" "$(ask)"
	"$VDK" unpublish room

	# Its hook.
	like "$release: its update hook runs in today's publisher" 'published' \
		"$("$VDK" publish --once --update "$old/room.update.so" room "$T/room.so" 2>&1)"
	is "... and writes" 1 "$("$VDK" get room room.updates)"
	"$VDK" unpublish room

	# Programs that were linked with its library.
	if command -v abidiff > /dev/null; then
		capture abidiff --headers-dir2 "$VDK_SOURCE_ROOT/include/vdk" --drop-private-types --no-added-syms \
			"$old/libvdk.abi" "$VDK_BUILD_ROOT/src/libvdk.so.0"
		# What it filters out itself, such as a member in what was padding, is counted all the same.
		is "$release: libvdk's interface is the same but for additions" "0 " \
			"$status $(grep -v '0 Removed, 0 Changed.*, 0 Added' <<< "$out" || true)"
	fi
done

# From the future: what only added something is read, what changed its meaning is refused by number.
cp "$old/room.page" "$T/future"
printf '\003' | dd of="$T/future" bs=1 seek=8 conv=notrunc 2> /dev/null
capture "$VDK" get --page "$T/future"
is "a page of format 3: exit status" 77 "$status"
like "a page of format 3: message" 'expected format version 1 or 2 at offset 8, found 3' "$err"
python3 - "$old/room.page" "$T/grown" << 'END'
# A later maker's page: its header has 64 bytes more, and everything behind it lies that much further.
import struct, sys
page = bytearray(open(sys.argv[1], "rb").read())
header_size, = struct.unpack_from("<I", page, 12)
table, table_size = struct.unpack_from("<II", page, 32)
records, = struct.unpack_from("<I", page, table)
assert not any(page[-64:])
page[header_size:header_size] = bytes(64)
del page[-64:]
table += 64
for at in range(table + 16, table + 16 + 32 * records, 32):
    offset, = struct.unpack_from("<I", page, at + 4)
    struct.pack_into("<I", page, at + 4, offset + 64)
hashed = 0xcbf29ce484222325
for byte in page[table:table + table_size]:
    hashed = (hashed ^ byte) * 0x100000001b3 % 2**64
struct.pack_into("<I", page, 12, header_size + 64)
struct.pack_into("<I", page, 32, table)
struct.pack_into("<Q", page, 24, hashed)
open(sys.argv[2], "wb").write(page)
END
is "a page with a longer header" "$values" "$("$VDK" get --page "$T/grown" 2>&1)"
finish
