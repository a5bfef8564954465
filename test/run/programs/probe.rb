# SPDX-License-Identifier: LGPL-2.1-or-later
# probe in Ruby; see probe.c.
ARGV.each { |argument| puts "argument #{argument}" }
puts "environment #{ENV['VDK_PROBE'] || '(unset)'}"
puts "input #{($stdin.gets || '(nothing)').chomp}"
puts "time now #{Time.now.to_i}"
puts "time clock #{Process.clock_gettime(Process::CLOCK_REALTIME).to_i}"
puts "time child #{`date +%s`.chomp}"
before = Process.clock_gettime(Process::CLOCK_MONOTONIC)
puts "monotonic #{Process.clock_gettime(Process::CLOCK_MONOTONIC) >= before ? 'forward' : 'backward'}"
warn 'a word on standard error'
exit 7
