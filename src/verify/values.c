/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * values: the answer is the reference's, or lies between two of them, on every CPU that the
 * process may use, and when it moves from one to another between reference and function.
 */
#include "verify.h"

/* Pairs of CPUs that are tried; all of them on a machine with 16. */
#define PAIRS_MAX 256
#define LEAST 20

/* A question that runs with the clock on every CPU: getcpu is asked by whom it is pinned to. */
static bool moves(const struct verify_function *function)
{
	return function->standard != VERIFY_GETCPU;
}

static bool right_cpu(const struct verify_function *function, const struct vdk_reference *question,
                      int cpu, struct verify_result *result)
{
	int64_t answer;

	if (function->standard != VERIFY_GETCPU || !(question->data & 1))
		return true;
	answer = question->ask(question, function->address);
	if ((answer & 0xffffffff) == cpu)
		return true;
	verify_say(result, VERIFY_FAIL, "%.100s: on CPU %d alone by its affinity, told %lld",
	           question->question, cpu, (long long)(answer & 0xffffffff));
	return false;
}

static bool on_cpu(const struct verify_function *function, int cpu, int64_t until,
                   uint64_t *count, struct verify_result *result)
{
	for (int round = 0; round < LEAST || verify_now() < until; round++)
		for (size_t i = 0; i < function->question_count; i++, ++*count) {
			const struct vdk_reference *question = function->questions[i];

			if (!right_cpu(function, question, cpu, result) ||
			    !verify_compare(function, question, function->address, result))
				return false;
		}
	return true;
}

/* From one CPU to another between the reference and the function, and back. */
static bool migrating(const struct verify_function *function, int from, int to, uint64_t *count,
                      struct verify_result *result)
{
	for (size_t i = 0; i < function->question_count; i++, ++*count) {
		const struct vdk_reference *question = function->questions[i];
		int64_t before, answer, after;

		if (!verify_pin(from))
			return true;
		before = question->answer(question);
		verify_pin(to);
		answer = question->ask(question, function->address);
		verify_pin(from);
		after = question->answer(question);
		if (moves(function) ? !verify_between(question, before, answer, after, result)
		                    : !verify_pin(to) || !right_cpu(function, question, to, result))
			return false;
	}
	return true;
}

static bool all_pairs(const struct verify *verify, const struct verify_function *function,
                      uint64_t *count, struct verify_result *result)
{
	int pairs = 0;

	for (int distance = 1; distance < verify->cpu_count; distance++)
		for (int i = 0; i < verify->cpu_count && pairs < PAIRS_MAX; i++, pairs++) {
			const int to = (i + distance) % verify->cpu_count;

			if (!migrating(function, verify->cpus[i], verify->cpus[to], count, result))
				return false;
		}
	return true;
}

static bool look(const struct verify *verify, const struct verify_function *function, int64_t ns,
                 uint64_t *count, int *ret_cpus, struct verify_result *result)
{
	int cpus = 0;

	for (int i = 0; i < verify->cpu_count; i++) {
		/* One that was switched off meanwhile. */
		if (!verify_pin(verify->cpus[i]))
			continue;
		cpus++;
		if (!on_cpu(function, verify->cpus[i], verify_now() + ns / verify->cpu_count, count,
		            result))
			return false;
	}
	*ret_cpus = cpus;
	return all_pairs(verify, function, count, result);
}

static void check(const struct verify *verify, const struct verify_function *function, int64_t ns,
                  struct verify_result *result)
{
	char questions[64], cpus[64];
	uint64_t count = 0;
	int cpu_count = 0;

	if (!function->question_count) {
		verify_say(result, VERIFY_SKIP,
		           "no VDK_REFERENCE says what it should answer");
		return;
	}
	for (int tries = 0; tries < 3; tries++) {
		const int64_t date = verify_date();

		if (look(verify, function, ns, &count, &cpu_count, result)) {
			verify_say(result, VERIFY_OK, "%s on %s, %llu comparisons with the %s",
			           verify_count(function->question_count, "question", questions,
			                        sizeof(questions)),
			           verify_count((uint64_t)cpu_count, "CPU", cpus, sizeof(cpus)),
			           (unsigned long long)count,
			           function->questions == function->probes ||
			                           (function->standard &&
			                            function->questions[0] == function->probes[0])
			                   ? "system call"
			                   : "reference");
			return;
		}
		if (!verify_date_was_set(date))
			return;
	}
	verify_say(result, VERIFY_SKIP, "the date was set again and again meanwhile");
}

const struct verify_property verify_values = {
	"values", "between two answers of the system call or the reference, on every CPU", true,
	verify_any, check};
