#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vdk bench --report, as a browser sees it: no complaint on its console, nothing fetched, and the
# figures in the page.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"
need chromium

# browse FILE: its DOM in $out, the console's and the network's messages in $err.
browse() {
	capture timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
		--no-first-run --disable-background-networking --user-data-dir="$T/profile" \
		--enable-logging=stderr --v=0 --virtual-time-budget=2000 --dump-dom "file://$1"
}
echo '<!DOCTYPE html><title>t</title><p id="there">there</p>' > "$T/plain.html"
browse "$T/plain.html"
grep -q 'id="there"' <<< "$out" || skip "chromium does not start here: $(tail -n 1 <<< "$err")"

work first
page=$T/page.html
capture "$VDK" bench --quick --curves --json --vdso "$image" --report "$page" work_laps time
is "exit status" 0 "$status"
cp "$T/out" "$T/result.json"
is "one file, and nothing beside it" "page.html" "$(cd "$T" && echo page.htm*)"

browse "$page"
unlike "the console is silent" 'CONSOLE' "$err"
dom=$out
like "a title" '<h1>What the vDSO costs here</h1>' "$dom"
like "bars" '<svg id="bars"' "$dom"
is "a row for each figure" "$(value "$T/result.json" 'len(d["results"])')" \
	"$(grep -c '^<tr><td><code>' <<< "$dom")"
is "two pictures for each call but the floors" \
	"$(value "$T/result.json" '2 * len({r["call"] for r in d["results"] if r["way"] != "floor"})')" \
	"$(sed -n '/figure class="call"/,/<\/figure>/p' <<< "$dom" | grep -c '<svg')"
is "the curves" 4 "$(grep -c 'figure class="curve"' <<< "$dom")"
is "lines without a number" "" "$(grep -o '"[^"]*\(nan\|inf\)[^"]*"' <<< "$dom" | grep -v '[a-z]\{5\}' || true)"
unlike "nothing to fetch" '(src|href)=|url\(|@import|http:|<script>' \
	"$(grep -v 'http-equiv' <<< "$dom" | sed 's/<script type="application\/json".*//')"
python3 - "$page" "$T/result.json" <<- 'END' && ok "the result is in the page" || not_ok "the result is in the page"
	import json, re, sys
	data = re.search(r'id="vdk-bench">(.*?)</script>', open(sys.argv[1]).read(), re.S).group(1)
	sys.exit(json.loads(data) != json.load(open(sys.argv[2])))
END

# With an earlier result: what became of it, first.
work second 400
capture "$VDK" bench --quick --vdso "$image" --compare "$T/result.json" --report "$T/compared.html" work_laps
is "compared: exit status" 1 "$status"
browse "$T/compared.html"
unlike "compared: the console is silent" 'CONSOLE' "$err"
like "compared: verdict" '<b id="verdict">slower</b>: 1 slower' "$out"
like "compared: row" '^<tr><td><code>work_laps\(\)</code>.*<td class="l bad">slower</td>' "$out"

# What complains is seen: the page's own policy refuses a script.
sed 's|</body>|<script>document.title = 1</script></body>|' "$page" > "$T/scripted.html"
browse "$T/scripted.html"
like "a console that complains is heard" 'CONSOLE' "$err"

# Texts of others stay texts, wherever they stand.
python3 - "$T/result.json" > "$T/evil.json" <<- 'END'
	import json, sys
	evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&"
	d = json.load(open(sys.argv[1]))
	for r in d["results"]:
	    if r["way"] == "attached":
	        r["call"] = r["function"] = evil
	        r["single_ns"]["shape"] = [[0, 1], [1e15, 1]]
	        r["single_ns"]["max"] = 1e15
	        break
	d["machine"]["cpu"] = d["machine"]["kernel"] = d["date"] = evil
	d["not_measured"] = [{"function": evil, "image": evil, "why": evil}]
	c = d["curves"][0]
	c["title"] = c["x"] = c["y"] = c["note"] = evil
	c["points"] = [{"x": 0, "median": 0, "low": 0, "high": 0}, {"x": 1e15, "median": 1e15, "low": 0, "high": 1e15}]
	d["extra"] = {evil: evil, "<!--": "<!--<script>"}
	print(json.dumps(d))
END
capture "$VDK" bench --compare "$T/result.json" "$T/evil.json" --report "$T/evil.html"
like "hostile texts: a page" '<h1>' "$(cat "$T/evil.html")"
browse "$T/evil.html"
unlike "hostile texts: the console is silent" 'CONSOLE' "$err"
unlike "hostile texts: no element of theirs" '<img|<script>' "$out"

# A page that cannot be written leaves nothing behind.
capture "$VDK" bench --quick --report "$T/missing/page.html" time
is "no such folder: exit status" 3 "$status"
mkdir "$T/folder.html"
capture "$VDK" bench --quick --report "$T/folder.html" time
is "a folder of that name: exit status" 3 "$status"
is "nothing is left behind" "folder.html" "$(cd "$T" && echo folder.html*)"
finish
