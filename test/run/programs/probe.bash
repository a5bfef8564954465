#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# probe in bash: itself a chain (env, then bash), and a chain of execs at its end; see probe.c.
for argument; do
	echo "argument $argument"
done
echo "environment ${VDK_PROBE-(unset)}"
read -r line || line='(nothing)'
echo "input $line"
printf 'time printf %(%s)T\n' -1
echo "time epochseconds $EPOCHSECONDS"
echo "time date $(date +%s)"
echo "time pipe $(echo %s | xargs -I{} date +{} | cat)"
( exec sh -c 'exec env date "+time subshell %s"' )
for i in 1 2 3; do
	/bin/true || echo "true $i failed"
done
sleep 0.01 &
wait $! && echo "background done"
echo "a word on standard error" >&2
exec sh -c 'exec env sh -c "exec bash -c \"date +time\ chain\ %s; exit 7\""'
