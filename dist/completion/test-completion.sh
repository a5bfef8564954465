#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the shells offer, asked of real shells: test-completion.sh FOLDER SHELL
set -eu
. "$(dirname "$0")/../../test/lib.sh"

folder=$1
shell=$2
need "$shell"
mkdir "$T/bin"
ln -s "$VDK" "$T/bin/vdk"
PATH=$T/bin:$PATH
image notb
"$VDK" publish --no-update notb "$image" > /dev/null

offered_by_bash() { # offered_by_bash WORD...: the last one is being typed
	bash --norc -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _vdk; printf "%s\n" "${COMPREPLY[@]}"' \
		bash "$folder/vdk.bash" "$@"
}

offered_by_fish() {
	HOME=$T fish --no-config -c 'source $argv[1]; complete -C "$argv[2]" | cut -f1' "$folder/vdk.fish" "$*"
}

# The line editor itself, on a terminal: tab lists what there is.
cat > "$T/type.zsh" << 'END'
zmodload zsh/zpty
zmodload zsh/datetime
# All that comes until nothing came for a second; at most twenty seconds, at least until anything did.
read_all() {
	local got all= last=$EPOCHSECONDS begin=$EPOCHSECONDS
	while (( EPOCHSECONDS - begin < 20 )); do
		if zpty -r -t shell got; then
			all+=$got
			last=$EPOCHSECONDS
		elif [[ -n $all ]] && (( EPOCHSECONDS - last >= 2 )); then
			break
		else
			sleep 0.05
		fi
	done
	print -rn -- "$all"
}
zpty shell "zsh -f -i"
zpty -w shell "PS1=READY; fpath=($1 \$fpath); autoload -U compinit; compinit -u -D; LISTMAX=10000; COLUMNS=200; LINES=500"
read_all > /dev/null
zpty -w -n shell "$2"$'\t\t'
read_all
zpty -d shell
END
offered_by_zsh() {
	timeout 60 zsh -f "$T/type.zsh" "$folder" "$*" < /dev/null 2> /dev/null | tr -d '\r' |
		sed 's/\x1b\[[0-9;?]*[a-zA-Z]//g'
}

offered() { "offered_by_$shell" "$@"; }

list=$(offered vdk '')
for command in build run maps faketime; do
	like "$shell: vdk TAB offers $command" "(^|[^a-z])$command($|[^a-z])" "$list"
done
like "$shell: an option of a command" '(^|[^a-z])--once($|[^a-z])' "$(offered vdk run --o)"
like "$shell: a publication" '(^|[^a-z])notb($|[^a-z])' "$(offered vdk get no)"
unlike "$shell: what nobody published" 'notc' "$(offered vdk get no)"
finish
