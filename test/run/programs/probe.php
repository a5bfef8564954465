<?php
// SPDX-License-Identifier: LGPL-2.1-or-later
// probe in PHP; see probe.c.
foreach (array_slice($argv, 1) as $argument)
	echo "argument $argument\n";
$variable = getenv('VDK_PROBE');
echo 'environment ', $variable === false ? '(unset)' : $variable, "\n";
$line = fgets(STDIN);
echo 'input ', $line === false ? "(nothing)\n" : $line;
echo 'time time ', time(), "\n";
echo 'time microtime ', (int) microtime(true), "\n";
echo 'time date ', date('U'), "\n";
$before = hrtime(true);
echo 'monotonic ', hrtime(true) >= $before ? 'forward' : 'backward', "\n";
fwrite(STDERR, "a word on standard error\n");
exit(7);
