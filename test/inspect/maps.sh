#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vdk maps: a saved file of an old kernel, real processes attached and not, what one may not see.
set -eu
. "$(dirname "$0")/../lib.sh"

need python3

# json FILE EXPRESSION: of the object `m` with its mappings by kind in `k`.
json() {
	python3 -c '
import json, sys
m = json.load(open(sys.argv[1]))
k = {}
for x in m["mappings"]: k.setdefault(x["kind"], []).append(x)
print(eval(sys.argv[2]))' "$1" "$2"
}

# --- the question of 2013 ---
capture "$VDK" maps --file "$(dirname "$0")/maps-2013.txt"
is "a saved file of an old kernel" 0 "$status"
like "... libraries in their parts" "the library libdbus-1.so.3.5.8: code" "$out"
like "... gaps between them" "the library libnih.so.1.0.0: the gap" "$out"
like "... the vDSO and what it is for" "the kernel's vDSO: a small shared library" "$out"
like "... why there is no vvar" "before Linux 3.16 its variables were not listed" "$out"
like "... vsyscall is no kernel memory" "It is no memory of this process" "$out"
like "... r-x: emulate or native" "mode emulate, or native in old kernels" "$out"
unlike "... and not xonly" "xonly" "$out"
like "... prose is skipped, and said so" "skipped 1 lines" "$err"
"$VDK" maps --json --file "$(dirname "$0")/maps-2013.txt" > "$T/old.json" 2> /dev/null
is "... in JSON" "3 3 3 1 1 1" "$(json "$T/old.json" '" ".join(str(len(k[x])) for x in ("code", "padding", "relro", "heap", "vdso", "vsyscall"))')"
is "... addresses are whole" 0xffffffffff601000 "$(json "$T/old.json" 'k["vsyscall"][0]["end"]')"

# --- this kernel, this program ---
capture "$VDK" maps self
like "self is the command itself, as in /proc" '^0 .*the program vdk-look: ' "$status $(tr '\n' ' ' <<< "$out")"
cat /proc/self/maps > "$T/maps"
capture "$VDK" maps --file - < /dev/null
is "an empty file: exit" 3 "$status"
capture "$VDK" maps --file "$T/none"
is "no file: exit" 3 "$status"
echo '1000-2000 rubbish' > "$T/bad"
capture "$VDK" maps --file "$T/bad"
is "a damaged file: exit" 3 "$status"
like "... says where" "line 1: expected START-END" "$err"
"$VDK" maps --json --file "$T/maps" > "$T/saved.json"
is "cat is the program" "cat program" "$(json "$T/saved.json" 'k["code"][0]["path"].split("/")[-1] + " " + k["code"][0]["owner"]')"
if grep -q '\[vsyscall\]' "$T/maps"; then
	mode=$(awk '/\[vsyscall\]/ {print $2 == "--xp" ? "mode xonly" : "mode emulate"}' "$T/maps")
	like "the vsyscall mode" "$mode" "$("$VDK" maps --file "$T/maps")"
fi

sleep 300 &
plain=$!
at_end 'kill $plain'
# Until it sleeps (clock_nanosleep, nanosleep): before, its loader still maps.
wait_for 5 grep -qE '^(230|35) ' "/proc/$plain/syscall"
"$VDK" maps --json "$plain" > "$T/plain.json"
is "every line is a mapping" "$(wc -l < "/proc/$plain/maps")" "$(json "$T/plain.json" 'len(m["mappings"])')"
is "the vDSO is recognised by content" "True" "$(json "$T/plain.json" 'k["vdso"][0]["by_content"]')"
is "the program is the one that runs" "$(readlink "/proc/$plain/exe")" "$(json "$T/plain.json" '[x["path"] for x in k["code"] if x["owner"] == "program"][0]')"
is "nothing of vdk is in it" "False" "$(json "$T/plain.json" '"vdk-image" in k')"

# --- attached: page, process page and image, with values ---
image notb
"$VDK" publish --no-update notb "$image" > /dev/null
field=$("$VDK" get --json notb | python3 -c 'import json,sys; print(list(json.load(sys.stdin))[0])')
name=$(strings -a "$image" | grep -x vnotb || true)
"$VDK" set notb "$field.${name:-vnotb}=667" 2> "$T/set" || skip "cannot set the record: $(cat "$T/set")"
"$VDK" run --once --vdso notb sleep 300 &
attached=$!
at_end 'kill $attached'
wait_for 5 grep -qE "^(230|35) " "/proc/$attached/syscall"
capture "$VDK" maps "$attached"
like "attached: the image" "a vDSO attached by vdk" "$out"
like "attached: the process page" "vdk's process page" "$out"
like "attached: where a function leads" "getcpu +-> [0-9a-f]{16}  vdso\\+0x[0-9a-f]+" "$out"
like "attached: sequence and value" "record $field: sequence [1-9].*=667" "$out"
like "attached: epoch and age" "page: epoch 1, .* old, layout [0-9a-f]{16}" "$out"
like "attached: the kernel's is still there" "the kernel's vDSO: a small shared" "$out"
"$VDK" maps --json "$attached" > "$T/attached.json"
is "attached: by content" "True True True" "$(json "$T/attached.json" '" ".join(str(k[x][0]["by_content"]) for x in ("vdk-image", "vdk-page", "vdk-process-page"))')"
"$VDK" faketime i1 sh -c '"$VDK" maps --json $$ > "$1"' - "$T/steps.json"
is "attached: what a tree may write" "True rw-s" "$(json "$T/steps.json" 'k["vdk-state"][0]["by_content"], k["vdk-state"][0]["permissions"]' | tr -d "(),'" )"
is "attached: where a function leads, in JSON" True "$(json "$T/attached.json" 'k["vdk-process-page"][0]["chains"]["time"]["in"].startswith("vdso+0x")')"
is "attached: value in JSON" 667 "$(json "$T/attached.json" 'list(k["vdk-page"][0]["page"]["records"][0]["values"].values())[0]')"
"$VDK" set notb "$field.${name:-vnotb}=668"
like "attached: it is live" "=668" "$("$VDK" maps "$attached")"

# A page that is none any more: said of it, and all else is shown.
printf '\011' | dd of="$VDK_RUNTIME_DIR/notb/page" bs=1 seek=8 conv=notrunc 2> /dev/null
capture "$VDK" maps "$attached"
is "a damaged page: exit" 0 "$status"
like "a damaged page: why" "page: header: expected .*version" "$out"
"$VDK" maps --json "$attached" > "$T/damaged.json"
is "a damaged page: in JSON" "version" "$(json "$T/damaged.json" 'k["vdk-page"][0]["page"]["problem"]' | grep -o version)"
printf '\001' | dd of="$VDK_RUNTIME_DIR/notb/page" bs=1 seek=8 conv=notrunc 2> /dev/null

# The page's file is gone from its path: what is mapped is still shown.
"$VDK" unpublish notb
like "attached: unpublished" "=668" "$("$VDK" maps "$attached")"

# An image by path, called anything: by content, not by name.
cp "$image" "$T/anything"
chmod 755 "$T/anything"
"$VDK" run --once --vdso "$T/anything" sleep 300 &
other=$!
at_end 'kill $other'
wait_for 5 grep -qE "^(230|35) " "/proc/$other/syscall"
"$VDK" maps --json "$other" > "$T/other.json"
is "an image of another name" "$T/anything True" "$(json "$T/other.json" 'k["vdk-image"][0]["path"] + " " + str(k["vdk-image"][0]["by_content"])')"
is "its page has no name" "True" "$(json "$T/other.json" 'k["vdk-page"][0]["by_content"]')"

# A library that calls itself vdk's is not believed.
mkdir "$T/fake"
cp "$(ldd /bin/true | awk '/libc.so/ {print $3}')" "$T/fake/image.so"
LD_PRELOAD=$T/fake/image.so sleep 300 &
fake=$!
at_end 'kill $fake'
wait_for 5 grep -q fake "/proc/$fake/maps"
"$VDK" maps --json "$fake" > "$T/fake.json"
is "a name alone does not convince" "False" "$(json "$T/fake.json" '"vdk-image" in k')"

# --- the picture ---
capture "$VDK" maps --svg "$T/map.svg" "$attached"
is "svg: exit" 0 "$status"
is "svg: a box for each mapping" "$(wc -l < "/proc/$attached/maps")" \
	"$(python3 -c 'import sys, xml.dom.minidom as d; print(len(d.parse(sys.argv[1]).getElementsByTagName("g")))' "$T/map.svg")"
printf '1000-2000 r-xp 0 08:01 1 /</svg><script>"&\n' > "$T/evil"
"$VDK" maps --svg "$T/evil.svg" --file "$T/evil"
unlike "svg: names are no markup" "<script" "$(cat "$T/evil.svg")"
is "svg: nothing is left beside" "" "$(find "$T" -name '*.svg.*')"
capture "$VDK" maps --svg "$T/no/map.svg"
is "svg: no such folder" 3 "$status"

# --- what cannot be ---
sleep 0 &
gone=$!
wait "$gone"
capture "$VDK" maps "$gone"
is "a process that ended: exit" 3 "$status"
capture "$VDK" maps x12
is "no number: exit" 2 "$status"
capture "$VDK" maps 1 2
is "two of them: exit" 2 "$status"
capture "$VDK" maps 2
[ "$status" != 0 ] && ok "a kernel thread has none" || { [ -s /proc/2/maps ] && ok "process 2 is a program here" || not_ok "a kernel thread has none"; }
if [ "$(id -u)" = 0 ] && command -v setpriv > /dev/null; then
	capture setpriv --reuid 65534 --regid 65534 --clear-groups "$VDK" maps "$plain"
	is "somebody else's: exit" 77 "$status"
	like "somebody else's: words" "not ours to see" "$err"
	capture setpriv --reuid 65534 --regid 65534 --clear-groups "$VDK" maps
	is "one's own, unprivileged: exit" 0 "$status"
fi
finish
