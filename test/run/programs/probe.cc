// SPDX-License-Identifier: LGPL-2.1-or-later
// probe in C++: chrono, threads, an exception; see probe.c.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

int main(int argc, char **argv)
{
	const char *variable = std::getenv("VDK_PROBE");
	std::string line = "(nothing)";
	long long seconds = 0;

	for (int i = 1; i < argc; i++)
		std::cout << "argument " << argv[i] << "\n";
	std::cout << "environment " << (variable ? variable : "(unset)") << "\n";
	std::getline(std::cin, line);
	std::cout << "input " << line << "\n";
	std::thread([&] {
		seconds = std::chrono::duration_cast<std::chrono::seconds>(
		                  std::chrono::system_clock::now().time_since_epoch())
		                  .count();
	}).join();
	std::cout << "time system_clock " << seconds << "\n";
	auto before = std::chrono::steady_clock::now();
	std::cout << "monotonic "
		  << (std::chrono::steady_clock::now() >= before ? "forward" : "backward") << "\n";
	try {
		throw std::runtime_error("caught");
	} catch (const std::exception &e) {
		std::cout << e.what() << "\n";
	}
	std::cerr << "a word on standard error\n";
	return 7;
}
