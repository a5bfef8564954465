#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Pages that mean harm: their tables, strings and sizes change while they are decoded, and what is
# called a page is something else. (Single damaged fields: page-page, page-layout, fuzz page.)
set -eu
. "$(dirname "$0")/lib.sh"
need python3

image sample
program glibc
printf 'input\n' > "$T/stdin"
rt=$VDK_RUNTIME_DIR
rounds=${PAGE_ROUNDS:-3}
"$VDK" publish --no-update sample "$image" > /dev/null
"$VDK" set sample pair.count=5 wide.text=abcd
cp -a "$rt/sample/page" "$T/good"

# All outputs at once: UTF-8 without control characters, and JSON as its name says.
cat > "$T/text.py" << 'END'
import json, sys, unicodedata
for name in sys.argv[1:]:
    try:
        text = open(name, "rb").read().decode("utf-8")
        bad = {c for c in text if unicodedata.category(c) == "Cc" and c not in "\n\t"}
        if bad: raise ValueError(repr(bad))
        if "json" in name and text: json.loads(text)
    except ValueError as problem:
        print("[%s: %s]" % (name.split("/")[-1], problem))
END

# --- what changes, as fast as it can ---
cat > "$T/change.py" << 'END'
import mmap, os, random, sys
how, path = sys.argv[1:]
good = open(path, "rb").read()
size = len(good)
random.seed(5)
fd = os.open(path, os.O_RDWR)
print("ready", flush=True)
if how == "size":
    while True:
        os.ftruncate(fd, random.choice((0, 1, 100, size - 1, size, size * 2, 1 << 30)))
        os.pwrite(fd, good, 0)
page = mmap.mmap(fd, size)
ranges = {"table": (128, size), "header": (0, 128), "all": (0, size), "text": (128, size)}
first, last = ranges[how]
while True:
    for _ in range(64):
        at = random.randrange(first, last)
        if how == "text" and not 32 <= page[at] < 127: continue
        page[at] = random.randrange(256)
    if random.randrange(4) == 0: page[:] = good
END

looks=("get sample" "get --json sample" "get --page $rt/sample/page" "get --json --page $rt/sample/page"
	"watch --count 2 --interval 1ms sample" "set sample pair.count=7" "ls" "ls --json"
	"run --vdso sample -- $program" "publish --no-update sample $image")
commands=0
for how in table header all text size; do
	bad=""
	rm -rf "$T/outs"
	mkdir "$T/outs"
	"$VDK" publish --no-update sample "$image" > /dev/null 2>&1 || true
	rm -rf "$rt/sample"
	"$VDK" publish --no-update sample "$image" > /dev/null
	cp "$T/good" "$rt/sample/page"
	python3 "$T/change.py" $how "$rt/sample/page" > "$T/ready" &
	changer=$!
	at_end "kill $changer 2> /dev/null"
	wait_for 60 grep -q ready "$T/ready"
	for ((i = 0; i < rounds; i++)); do
		for look in "${looks[@]}"; do
			# Who writes into a page that its owner shortens, and who maps it, may die of that: SIGBUS.
			case "$how $look" in "size set"* | "size run"* | "size publish"*) continue ;; esac
			code=0
			# shellcheck disable=SC2086
			timeout -s KILL 60 $(case $look in watch*) echo timeout 0.3 ;; esac) "$VDK" $look > "$T/out" 2> "$T/err" < "$T/stdin" || code=$?
			[ "$code" -lt 128 ] || bad="$bad [$look: exit $code]"
			commands=$((commands + 1))
			[ "$look" = "${look#run}" ] || rm "$T/out"
			[ ! -e "$T/out" ] || mv "$T/out" "$T/outs/$i ${look//\//_}"
		done
	done
	kill $changer
	wait $changer 2> /dev/null || true
	is "$how changes meanwhile: all end" "" "$bad"
	is "$how changes meanwhile: they say text, and JSON" "" "$(python3 "$T/text.py" "$T"/outs/*)"
done

figure commands "$commands"

# What SECURITY.md says of it: its owner may shorten a page, and who has it mapped and reads on ends by SIGBUS.
cat > "$T/reader.py" << 'END'
import ctypes, sys
vdso = ctypes.CDLL("linux-vdso.so.1")
print(vdso.sample_count(), flush=True)
sys.stdin.readline()
vdso.sample_count()
END
rm -rf "$rt/sample"
"$VDK" publish --no-update sample "$image" > /dev/null
mkfifo "$T/go"
"$VDK" run --once --vdso sample -- /usr/bin/python3 "$T/reader.py" < "$T/go" > "$T/read" 2> "$T/err" &
reader=$!
exec 7> "$T/go"
wait_for 20 test -s "$T/read" || not_ok "a program reads the page" "$(cat "$T/err")"
: > "$rt/sample/page"
echo go >&7
exec 7>&-
code=0
wait $reader || code=$?
is "a page that its owner shortens ends its readers by SIGBUS" 135 "$code"
if [ "$(id -u)" = 0 ] && command -v setpriv > /dev/null; then
	"$VDK" publish --no-update sample "$image" > /dev/null 2>&1
	capture setpriv --reuid=20001 --regid=20001 --clear-groups -- truncate -s 0 "$rt/sample/page"
	is "... which nobody else can do" "1 $(stat -c %s "$T/good")" "$status $(stat -c %s "$rt/sample/page")"
fi

# --- what is no page ---
mkdir "$T/folder"
mkfifo "$T/fifo"
truncate -s 1T "$T/sparse" 2> /dev/null || truncate -s 8G "$T/sparse"
cp "$T/good" "$T/grown"
truncate -s 8G "$T/grown"
python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$T/socket"
ln -s fifo "$T/link-to-fifo"
: > "$T/empty"
for kind in folder fifo sparse socket link-to-fifo empty; do
	for json in "" --json; do
		# shellcheck disable=SC2086
		capture timeout -s KILL 20 "$VDK" get $json --page "$T/$kind"
		is "get --page of a $kind $json: exit" 3 "$status"
		like "... it is named" "$T/$kind" "$err"
	done
done
capture timeout -s KILL 20 "$VDK" get --page /dev/zero
is "get --page of a device" 3 "$status"
capture timeout -s KILL 20 "$VDK" get --page "$T/grown" wide.text
is "a page in a file of 8 GiB is one" abcd "$out"
ln -f "$T/good" "$T/second"
is "so is one with a second name" abcd "$("$VDK" get --page "$T/second" wide.text)"

# --- strings are shown as text, whatever they are ---
rm -rf "$rt/sample"
"$VDK" publish --no-update sample "$image" > /dev/null
"$VDK" set sample wide.text=$'\xc3\x84\xc3\xa9'
is "UTF-8 is shown" $'\xc3\x84\xc3\xa9' "$("$VDK" get sample wide.text)"
rm -rf "$T/outs"
mkdir "$T/outs"
for bytes in '\x1b[2J' '\xff\xfe' '\xc2\x9b1m' '\xe2\x80\xae' 'a\xc3' '\x07\x08\x0b'; do
	"$VDK" set sample wide.text="$(printf "$bytes")" 2> "$T/err" || true
	"$VDK" get sample wide.text > "$T/outs/${bytes//\\/_} text"
	"$VDK" get --json sample > "$T/outs/${bytes//\\/_} json"
done
is "any bytes are shown as text" "" "$(python3 "$T/text.py" "$T"/outs/*)"
finish
