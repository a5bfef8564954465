// SPDX-License-Identifier: MIT
//
// A std::chrono clock in C++, linked with the stub libfastclock.so. Such a program starts only with
// fastclock attached.
//
//     c++ -I INCLUDE trace.cc -o trace -L LIB -lfastclock && vdk run --vdso fastclock -- ./trace

#include <chrono>
#include <cstdint>
#include <iostream>

#include "fastclock.h"

// The same origin as std::chrono::steady_clock, which is CLOCK_MONOTONIC, for half of its price.
struct trace_clock {
	using duration = std::chrono::nanoseconds;
	using rep = duration::rep;
	using period = duration::period;
	using time_point = std::chrono::time_point<trace_clock>;
	static constexpr bool is_steady = true;

	static time_point now() noexcept
	{
		return time_point(duration(vdk_now_monotonic_unordered()));
	}
};

int main()
{
	static const char *const known[] = {"unknown", "synchronised", "free running"};
	const auto begin = trace_clock::now();
	const auto end = trace_clock::now();
	int64_t earliest, latest;

	std::cout << "monotonic " << end.time_since_epoch().count() << '\n';
	std::cout << "apart " << (end - begin).count() << " ns\n";
	std::cout << "utc " << known[vdk_now_bounds(&earliest, &latest)] << '\n';
}
