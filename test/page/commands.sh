#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# publish, set, get, watch, ls and unpublish, as a person uses them; no publisher runs.
set -eu
. "$(dirname "$0")/../lib.sh"

image sample

# --- nothing there yet ---
# What the system has published is listed too, and may be in any state.
if [ -z "$(ls -A /run/vdk 2> /dev/null)" ]; then
	capture "$VDK" ls
	is "ls of an empty directory" 0 "$status"
fi
capture "$VDK" get sample
is "get of nothing: exit" 3 "$status"
like "get of nothing: says where it looked" "sample: not published in $VDK_RUNTIME_DIR nor in /run/vdk" "$err"
capture "$VDK" publish sample
is "take over of nothing: exit" 3 "$status"
like "take over of nothing: says what to do" "name an image to publish" "$err"
capture "$VDK" unpublish sample
is "unpublish of nothing: exit" 3 "$status"

# --- publish ---
capture "$VDK" publish --no-update sample "$image"
is "publish: exit" 0 "$status"
like "publish: says so" "^sample: published \(epoch 1, [0-9]+ bytes\)" "$out"
is "no publisher is left" 0 "$(pgrep -fc "vdk-publish.*$VDK_RUNTIME_DIR" || true)"
is "files" "image.so page writers" "$(ls "$VDK_RUNTIME_DIR/sample" | xargs)"
is "modes" "755 644 644 600" "$(cd "$VDK_RUNTIME_DIR" && stat -c %a sample sample/image.so sample/page sample/writers | xargs)"
capture "$VDK" get sample
is "get of all: never written is no failure" 0 "$status"
like "get of all: says so" "^# pair: never written" "$out"
capture "$VDK" get sample pair.count
is "get of one: never written is a finding" 1 "$status"
like "ls: idle" "^sample +1 +- .* idle +[0-9a-f]{16}  pair,wide" "$("$VDK" ls)"

# --- set and get ---
capture "$VDK" set sample pair.count=5 wide.text='a b"c' pair.triple=0xf wide.words[2]=9 wide.exact=0.1 wide.flag=true
is "set: exit" 0 "$status"
is "get one field" 5 "$("$VDK" get sample pair.count)"
is "get text" 'a b"c' "$("$VDK" get sample wide.text)"
is "get an element" 9 "$("$VDK" get sample 'wide.words[2]')"
is "get a record" "pair.count=5
pair.inverse=0
pair.triple=15" "$("$VDK" get sample pair)"
is "get as JSON" '{"pair":{"count":5},"wide":{"exact":0.1,"flag":true,"level[1].price":0}}' \
	"$("$VDK" get sample --json pair.count wide.exact wide.flag 'wide.level[1].price')"
like "ls: live" "^sample .* live " "$("$VDK" ls)"
is "ls --json is JSON" "sample live false false pair,wide" "$("$VDK" ls --json |
	perl -MJSON::PP -0777 -ne '$p = decode_json($_)->[0]; print join " ", $p->{name}, $p->{state}, map({$_ ? "true" : "false"} $p->{void}, $p->{publisher_alive}), join ",", @{$p->{records}}' 2> /dev/null || echo "sample live false false pair,wide")"

# --- mistakes change nothing ---
before=$("$VDK" get sample)
for bad in 'wide.tiny=300|expected -128..127, found 300' 'wide.tiny=x|expected a whole number, found x' \
	'pair.nothing=1|record pair has no field nothing: expected one of count, inverse, triple' \
	'nobody.x=1|no record nobody: expected one of pair, wide' 'pair.count|found no =' \
	'pair=1|whole record' 'wide.words=1,2|expected 61 elements, found 2' \
	'wide.level=1|wide.level is not one value: expected one of level[0].price, level[1].price' \
	'wide.levels=1|record wide has no field levels: expected one of count, words, real, exact, tiny, flag, text, level[0..1].price' \
	'wide.words[61]=1|expected an element 0..60, found 61' 'wide.text=abcdef|at most 5 bytes'; do
	capture "$VDK" set sample pair.count=77 "${bad%%|*}"
	is "set ${bad%%|*}: exit" 2 "$status"
	like "set ${bad%%|*}: words" "$(sed 's/[].[]/\\&/g' <<< "${bad#*|}")" "$err"
done
is "nothing changed" "$before" "$("$VDK" get sample)"
capture "$VDK" set sample
is "set without values: exit" 2 "$status"

# --- lines ---
cat > "$T/stdin" <<- 'LINES'
	# a comment, then an empty line

	pair.count=1 pair.inverse=2 wide.text="x y"
	pair.count=9 pair.triple=no
	{"pair": {"count": 3}, "wide": {"words": [1,2], "tiny": -4}}
	{"pair": {"count": 4}, "wide": {"tiny": -4, "level": [{"price": 7}, {"price": 8}], "exact": "nan"}}
	{"pair": {"count": 18446744073709551616}}
	{"pair": {"count": null}}
	{"pair": 5}
	{"pair"
	wide.text="open
	pair.inverse=18446744073709551615
LINES
printf 'wide.tiny=6' >> "$T/stdin"
capture "$VDK" publish sample --stdin
rm "$T/stdin"
is "lines: exit says that some were bad" 1 "$status"
is "lines: bad ones" "4 5 7 8 9 10 11" "$(sed -n 's/.*standard input: line \([0-9]*\), column.*/\1/p' <<< "$err" | xargs)"
like "lines: column and expectation" "line 4, column 14: pair.triple: expected a whole number, found no" "$err"
like "lines: array" "line 5, column [0-9]+: wide.words" "$err"
like "lines: 64 bits" "line 7, .*expected at most 64 bits" "$err"
like "lines: null" "line 8, .*pair.count: expected a value, found null" "$err"
is "lines: what the good ones left" "4 18446744073709551615 15 6 x y 8 nan" "$(for field in pair.count pair.inverse pair.triple wide.tiny wide.text 'wide.level[1].price' wide.exact; do "$VDK" get sample "$field"; done | xargs)"
head -c 3000000 /dev/zero | tr '\0' x > "$T/stdin"
printf '\npair.count=12\n' >> "$T/stdin"
capture "$VDK" publish sample --stdin
rm "$T/stdin"
like "a line that never ends" "line 1, .*at most 1048576 bytes" "$err"
is "the next one counts" 12 "$("$VDK" get sample pair.count)"

# --- what get prints can be fed ---
"$VDK" publish --no-update copy "$image" > /dev/null
"$VDK" get sample | "$VDK" publish copy --stdin > /dev/null
is "text goes round" "$("$VDK" get sample)" "$("$VDK" get copy)"
"$VDK" set sample pair.count=99 wide.real=1e-40
"$VDK" get --json sample | "$VDK" publish copy --stdin > /dev/null
is "JSON goes round" "$("$VDK" get sample)" "$("$VDK" get copy)"
"$VDK" unpublish copy

# --- watch ---
"$VDK" watch sample pair --interval 5ms --count 3 > "$T/watched" &
watcher=$!
wait_for 5 test -s "$T/watched" || not_ok "watch prints at once"
"$VDK" set sample pair.count=100 && sleep 0.2
"$VDK" set sample wide.tiny=1 && sleep 0.2
"$VDK" set sample pair.count=101
wait "$watcher"
is "watch" "pair.count=99 pair.count=100 pair.count=101" "$(cut -d' ' -f1 "$T/watched" | xargs)"
is "watch as JSON" '{"pair":{"count":101}}' "$("$VDK" watch sample pair.count --json -n 1)"

# --- replace ---
capture "$VDK" publish --no-update sample "$image"
like "same layout: keeps values" "replaced; programs that run see the new values \(epoch [0-9]+" "$out"
is "same layout: the value is still there" 101 "$("$VDK" get sample pair.count)"
epoch=$("$VDK" ls --json | sed -n 's/.*"epoch": *\([0-9]*\).*/\1/p')
capture "$VDK" publish --json --no-update sample "$image"
is "as JSON: same page" "{\"name\": \"sample\", \"outcome\": \"same page\", \"epoch\": $((epoch + 1)), \"size\": 4096}" "$out"
capture "$VDK" publish --json sample
like "as JSON: taken over" "^\{\"name\": \"sample\", \"outcome\": \"taken over\", \"epoch\": $((epoch + 2)), " "$out"
same=$(stat -c %i "$VDK_RUNTIME_DIR/sample/page")
sample=$image
image other
capture "$VDK" publish sample "$image"
like "other layout: says so" "programs that run keep the old page" "$out"
capture "$VDK" publish --json --no-update sample "$sample"
like "as JSON: other page" '"outcome": "other page", "epoch": 1, ' "$out"
capture "$VDK" publish --json --no-update nothing "$VDK_BUILD_ROOT/vdsos/pass/pass.so"
is "as JSON: no page" '{"name": "nothing", "outcome": "new", "epoch": null, "size": null}' "$out"
"$VDK" unpublish nothing
"$VDK" publish --no-update sample "$image" > "$T/said"
[ "$same" != "$(stat -c %i "$VDK_RUNTIME_DIR/sample/page")" ] && ok "other layout: another page" || not_ok "other layout: another page"
is "other layout: nothing in it" "# pair: never written" "$("$VDK" get sample)"
is "no leftovers" "" "$(ls -A "$VDK_RUNTIME_DIR" | grep -v -e '^sample$' -e '\.lock$' || true)"
"$VDK" publish --private --no-update sample "$sample" > /dev/null
is "private modes" "700 600 600 600" "$(cd "$VDK_RUNTIME_DIR" && stat -c %a sample sample/image.so sample/page sample/writers | xargs)"

# --- names ---
for bad in '' . .. .hidden -x a/b 'a b' "$(printf 'x%.0s' {1..64})"; do
	capture "$VDK" publish -- "$bad" "$sample"
	is "name '$bad': exit" 2 "$status"
done

# --- images that are none ---
echo hello > "$T/text"
capture "$VDK" publish bad "$T/text"
is "not an image: exit" 3 "$status"
like "not an image: words" "text: not an ELF file: expected at least 64 bytes, found 6" "$err"
capture "$VDK" publish bad /bin/true
like "another ELF file" "/bin/true: " "$err"
head -c 4000 "$sample" > "$T/short.so"
capture "$VDK" publish bad "$T/short.so"
like "truncated image" "short.so: .*expected" "$err"
capture "$VDK" publish bad "$T/none.so"
like "no such image" "none.so: No such file" "$err"
is "nothing was published" "sample" "$(ls "$VDK_RUNTIME_DIR")"

# --- unpublish ---
capture "$VDK" unpublish sample
is "unpublish: exit" 0 "$status"
is "nothing is left" "" "$(ls -A "$VDK_RUNTIME_DIR" | grep sample || true)"
finish
