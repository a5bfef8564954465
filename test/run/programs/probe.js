// SPDX-License-Identifier: LGPL-2.1-or-later
// probe in JavaScript; see probe.c.
const fs = require('fs');

for (const argument of process.argv.slice(2))
	console.log('argument', argument);
console.log('environment', process.env.VDK_PROBE === undefined ? '(unset)' : process.env.VDK_PROBE);
const input = fs.readFileSync(0, 'utf8');
console.log('input', input === '' ? '(nothing)' : input.split('\n')[0]);
console.log('time now', Math.floor(Date.now() / 1000));
console.log('time date', Math.floor(new Date().getTime() / 1000));
const before = process.hrtime.bigint();
console.log('monotonic', process.hrtime.bigint() >= before ? 'forward' : 'backward');
console.error('a word on standard error');
process.exitCode = 7;
