# SPDX-License-Identifier: LGPL-2.1-or-later
# probe in Perl; see probe.c.
use strict;
use warnings;
use Time::HiRes;
use POSIX ();

$| = 1;
print "argument $_\n" for @ARGV;
print 'environment ', $ENV{VDK_PROBE} // '(unset)', "\n";
print 'input ', scalar(<STDIN>) // "(nothing)\n";
print 'time time ', time, "\n";
print 'time hires ', int(Time::HiRes::time()), "\n";
print 'time mktime ', POSIX::mktime(localtime), "\n";
chomp(my $child = `date +%s`);
print "time child $child\n";
my $pid = fork // die;
if (!$pid) { print 'time forked ', time, "\n"; exit 0; }
waitpid $pid, 0;
print STDERR "a word on standard error\n";
exit 7;
