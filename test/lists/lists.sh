#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Lists (VDK_RECORDS) from the author's source to programs that read them, by every command.
set -eu
. "$(dirname "$0")/../lib.sh"

here=$(cd "$(dirname "$0")" && pwd)
cd "$T"

# --- build and check ---
capture "$VDK" build "$here/quotes" -o quotes.so
is "build" "0 " "$status $err"
like "check" '^quotes.so: 0 errors, 0 warnings' "$("$VDK" check quotes.so)"
capture "$VDK" publish --no-update quotes quotes.so
is "publish" "0 " "$status $err"
like "ls tells how long a list is" ' before,quote\[300\],tick\[1\],after$' "$("$VDK" ls)"
like "... and that nothing is in it" ' idle ' "$("$VDK" ls)"

# --- set and get ---
is "get of all" "# before: never written
# quote: 300 of 300 never written
# tick: 1 of 1 never written
# after: never written" "$("$VDK" get quotes)"
"$VDK" set quotes 'quote[0].count=10' 'quote[299].count=20' 'quote[7].count=30' 'quote[7].symbol=A B' \
	'quote[7].level[1].sizes[0]=4' before.value=1 after.value=2 'tick[0].count=3'
like "ls: it is live" ' live ' "$("$VDK" ls)"
is "get a field of one" 30 "$("$VDK" get quotes 'quote[7].count')"
is "get an element of one" 4 "$("$VDK" get quotes 'quote[7].level[1].sizes[0]')"
is "get one" 'quote[7].count=30
quote[7].inverse=0
quote[7].symbol="A B"
quote[7].level[0].price=0
quote[7].level[0].sizes=0,0
quote[7].level[1].price=0
quote[7].level[1].sizes=4,0
quote[7].last=0' "$("$VDK" get quotes 'quote[7]')"
is "get a field of all" 'quote[0].count=10
quote[7].count=30
quote[299].count=20
# quote: 297 of 300 never written' "$("$VDK" get quotes quote.count)"
is "get one as JSON" '{"quote[7]":{"count":30,"symbol":"A B"},"tick":[{"count":3}]}' \
	"$("$VDK" get --json quotes 'quote[7].count' 'quote[7].symbol' tick)"
is "get two fields of all as JSON" '{"count":10,"last":0} null {"count":20,"last":0}' \
	"$("$VDK" get --json quotes quote.count quote.last | python3 -c 'import json, sys
quote = json.load(sys.stdin)["quote"]
assert len(quote) == 300
print(*(json.dumps(quote[i], separators=(",", ":")) for i in (0, 1, 299)))')"
capture "$VDK" get quotes 'quote[8]'
is "get one that was never written" "1 vdk get: quote[8]: never written" "$status $err"

# --- mistakes change nothing ---
before=$("$VDK" get quotes)
while IFS='|' read -r bad words; do
	capture "$VDK" set quotes 'quote[1].count=1' "$bad"
	is "set $bad" "2 vdk set: $words" "$status $err"
done << 'END'
quote[300].count=1|quote: expected a record 0..299 of the list, found 300
quote[4294967296].count=1|no record quote[4294967296]: expected one of before, quote[0..299], tick[0..0], after
quote[-1].count=1|no record quote[-1]: expected one of before, quote[0..299], tick[0..0], after
quote.count=1|quote is a list: expected one record of it, quote[0..299].FIELD
before[0].value=1|before[0]: before is a record by itself and no list
quote[2]=1|quote[2] is a whole record: expected a field, quote[2].FIELD=VALUE
quote[2].level=1|quote.level is not one value: expected one of level[0].price, level[0].sizes, level[1].price, level[1].sizes
quote[2].levels=1|record quote has no field levels: expected one of count, inverse, symbol, level[0..1].price, level[0..1].sizes, last
END
is "nothing changed" "$before" "$("$VDK" get quotes)"

# --- lines ---
cat > "$T/stdin" << 'END'
quote[1].count=1 quote[2].count=2 quote[1].last=9
{"quote[3]": {"count": 3, "level": [{"price": 0.5}, {"sizes": [6, 7]}]}}
{"quote": [{"count": 4}]}
{"quote": {"count": 4}}
{"tick": [5]}
{"tick": [null]}
{"tick": [{"count": 6}]}
{"quote[300]": {"count": 4}}
{"before": [{"value": 1}]}
END
capture "$VDK" publish --stdin quotes
rm "$T/stdin"
is "lines: the bad ones" "3 4 5 8 9" "$(sed -n 's/.*input: line \([0-9]*\), .*/\1/p' <<< "$err" | xargs)"
like "lines: an array of another length" 'line 3, .*quote: expected 300 records, found 1; one alone is "quote\[0\]": \{\.\.\.\}' "$err"
is "lines: the good ones" "1 9 2 3 7 6" "$("$VDK" get quotes 'quote[1].count') $("$VDK" get quotes 'quote[1].last') $(
	"$VDK" get quotes 'quote[2].count') $("$VDK" get quotes 'quote[3].count') $(
	"$VDK" get quotes 'quote[3].level[1].sizes[1]') $("$VDK" get quotes 'tick[0].count')"

# --- what is printed can be fed, in both forms ---
"$VDK" get quotes > text
"$VDK" get --json quotes > json
for form in text json; do
	"$VDK" unpublish quotes
	"$VDK" publish --no-update quotes quotes.so > /dev/null
	"$VDK" publish --stdin quotes < "$form" > /dev/null
	is "fed back from $form" "$(cat text)" "$("$VDK" get quotes)"
done

# --- watch: a line for each record ---
is "watch" 'tick[0].count=6
quote[7].symbol="A B"' "$("$VDK" watch --count 2 quotes tick 'quote[7].symbol')"
is "watch as JSON" '{"quote[0]":{"count":10}}
{"quote[1]":{"count":1}}' "$("$VDK" watch --json --count 2 quotes quote.count)"

# --- from inside ---
cc -O2 "-I$VDK_SOURCE_ROOT/include" "$here/reader.c" "$VDK_SOURCE_ROOT/src/lookup/vdk_lookup.c" -o reader
is "a reader inside: bounds" "" "$("$VDK" run --vdso quotes -- ./reader bounds)"
like "maps shows the page" 'list quote: 300 records, 6 written, by [0-9]+ updates' \
	"$("$VDK" run --vdso quotes -- "$VDK" maps)"

# --- the hook ---
capture "$VDK" publish --once quotes quotes.so
is "a hook: one record" "0 11" "$status $("$VDK" get quotes 'quote[0].count')"
"$VDK" publish --every 20ms quotes quotes.so > out 2>&1 &
publisher=$!
at_end 'kill $publisher 2> /dev/null'
for ((i = 0; i < 200; i++)); do
	grep -q 'expected 0..299' out && break
	sleep 0.05
done
kill "$publisher"
wait "$publisher" || true
like "a hook: a record that is not there" 'update hook: quote\[300\]: expected 0\.\.299, which the page has' "$(cat out)"
is "... and the others are written" "12 2 3" "$("$VDK" get quotes 'quote[0].count') $(
	"$VDK" get quotes 'quote[1].count') $("$VDK" get quotes 'quote[2].count')"

# --- the same latch for each: whole under a writer without pause, which is killed again and again ---
"$VDK" unpublish quotes
"$VDK" publish --no-update quotes quotes.so > /dev/null
sanitizers=() # a library with them wants a program with them
! nm -D "$VDK_BUILD_ROOT/src/libvdk.so" | grep -q __asan || sanitizers=('-fsanitize=address,undefined')
${VDK_CC:-cc} -O2 "${sanitizers[@]}" "-I$VDK_SOURCE_ROOT/include" "$here/writer.c" "-L$VDK_BUILD_ROOT/src" -lvdk -o writer
(
	trap 'kill -9 $writer; exit' TERM
	while :; do
		LD_LIBRARY_PATH=$VDK_BUILD_ROOT/src ./writer quotes &
		writer=$!
		sleep 0.2 # with a sanitizer it takes half of that to start
		kill -9 $writer
		wait $writer 2> /dev/null || true
	done
) 2> /dev/null &
writers=$!
at_end 'kill $writers 2> /dev/null'
is "what is read is whole" whole "$("$VDK" run --vdso quotes -- ./reader torn 4)"
kill "$writers"
wait "$writers" 2> /dev/null || true

# --- another length is another page ---
mkdir longer
sed 's/QUOTES 300/QUOTES 301/' "$here/quotes/quotes.page.h" > longer/quotes.page.h
cp "$here/quotes/quotes.vdso.c" longer/
"$VDK" build longer -o longer.so
like "a longer list" 'the page.s layout is another one: .*, and the new one is empty' "$("$VDK" publish --no-update quotes longer.so)"
is "its last record can be set" 5 "$("$VDK" set quotes 'quote[300].count=5' && "$VDK" get quotes 'quote[300].count')"

# --- a kit that knows no lists refuses image and page by their numbers ---
is "the image says version 2" 2 "$(readelf -nW longer.so 2> /dev/null | sed -n 's/.*description data: 0\([0-9]\) 00 00 00 .*/\1/p')"
is "the page says version 2" 2 "$(od -An -tu4 -j8 -N4 "$VDK_RUNTIME_DIR/quotes/page" | xargs)"
finish
