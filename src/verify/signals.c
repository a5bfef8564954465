/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * signals: a signal may arrive at any instruction of a function. Its handler may call the same
 * function, and it may never return but jump away; both must leave later answers right.
 *
 * First at every instruction: the function runs with the trap flag set, so that SIGTRAP arrives
 * after each one, and its handler asks the same question; then as many times again, and the
 * handler jumps out after the first instruction, the second, and so on. Then by chance, as it is
 * in life: a timer's signals.
 */
#include "verify.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>

#include "arch-verify.h"

/* Steps of one question in all; a function with more instructions is left at some of them. */
#define STEPS_MAX 100000
#define ROUND 20000 /* steps of one call; a clock's reader that is stepped may begin anew for ever */
#define INSIDE_MAX 2048 /* answers that handlers got */
#define TIMER_US 150
#define JUMP_EVERY 5

static const struct verify *verify_all;
static const struct verify_function *current_function;
static const struct vdk_reference *volatile current;
static volatile bool asking; /* a reference may be inside of the vDSO, too: that does not count */
static volatile uint64_t inside, leave_at;
static volatile size_t answer_count;
static int64_t answers[INSIDE_MAX];
static sigjmp_buf back;

static void ask_inside(void)
{
	const size_t at = answer_count;

	if (at < INSIDE_MAX) {
		answers[at] = current->ask(current, current_function->address);
		answer_count = at + 1;
	}
}

static void on_signal(int signal, siginfo_t *info, void *context)
{
	const int saved = errno;

	if (!asking || !verify_inside(verify_all, verify_context_pc(context)))
		return;
	if (++inside >= ROUND)
		verify_end_steps(context);
	if (leave_at && inside % leave_at == 0)
		siglongjmp(back, 1);
	if (!leave_at || signal != SIGTRAP)
		ask_inside();
	errno = saved;
}

static bool catch_signal(int signal)
{
	struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART};

	sigemptyset(&action.sa_mask);
	return sigaction(signal, &action, NULL) == 0;
}

static int64_t ask(const struct vdk_reference *question, vdk_reference_function *function)
{
	int64_t answer;

	asking = true;
	answer = question->ask(question, function);
	asking = false;
	return answer;
}

static bool right_inside(const struct vdk_reference *question, int64_t before, int64_t after,
                         struct verify_result *result)
{
	for (size_t i = 0; i < answer_count; i++)
		if (!verify_between(question, before, answers[i], after, result))
			return false;
	return true;
}

/* ---- At every instruction -------------------------------------------------------------------- */

/* What is wrong stays as it is said, and where is said before it. */
static bool because(const char *where, struct verify_result *result)
{
	struct verify_result copy = *result;

	verify_say(result, copy.verdict, "%s: %.400s", where, copy.text);
	return false;
}

/* Handlers that ask at each instruction. Return: the number of instructions in *ret_steps. */
static bool ask_at_each(const struct vdk_reference *question, uint64_t *ret_steps,
                        struct verify_result *result)
{
	int64_t before, answer, after;

	inside = leave_at = answer_count = 0;
	before = question->answer(question);
	answer = ask(question, verify_stepping);
	after = question->answer(question);
	*ret_steps = inside;
	if (!verify_between(question, before, answer, after, result))
		return because("interrupted at each instruction", result);
	if (!right_inside(question, before, after, result))
		return because("asked from a handler inside of it", result);
	return true;
}

static bool leave_at_each(const struct verify_function *function,
                          const struct vdk_reference *question, uint64_t steps, int64_t until,
                          uint64_t *left, struct verify_result *result)
{
	const uint64_t stride = steps * steps / 2 / STEPS_MAX + 1;

	for (volatile uint64_t at = 1; at <= steps && verify_now() < until; at += stride) {
		inside = answer_count = 0;
		leave_at = at;
		if (!sigsetjmp(back, 1))
			ask(question, verify_stepping);
		else
			++*left;
		asking = false;
		leave_at = 0;
		if (!verify_compare(function, question, function->address, result))
			return because("after a jump out of it", result);
	}
	return true;
}

/* ---- By chance ------------------------------------------------------------------------------- */

static void timer(int microseconds)
{
	const struct itimerval interval = {{0, microseconds}, {0, microseconds}};

	setitimer(ITIMER_REAL, &interval, NULL);
}

static bool storm(const struct verify_function *function, int64_t until, uint64_t *hits,
                  struct verify_result *result)
{
	volatile size_t next = 0;
	volatile bool fine = true;

	inside = 0;
	leave_at = JUMP_EVERY;
	timer(TIMER_US);
	while (fine && verify_now() < until) {
		const struct vdk_reference *question =
		        function->probes[next++ % function->probe_count];
		int64_t before, answer, after;

		current = question;
		answer_count = 0;
		before = question->answer(question);
		if (sigsetjmp(back, 1)) {
			asking = false;
			continue;
		}
		answer = ask(question, function->address);
		after = question->answer(question);
		fine = (verify_between(question, before, answer, after, result) &&
		        right_inside(question, before, after, result)) ||
		       because("among a timer's signals", result);
	}
	timer(0);
	*hits = inside;
	return fine;
}

static bool look(const struct verify_function *function, int64_t ns, struct verify_result *result)
{
	const int64_t middle = verify_now() + ns * 3 / 4;
	uint64_t all = 0, left = 0, steps, hits = 0;

	for (size_t i = 0; i < function->probe_count; i++) {
		const int64_t share = (int64_t)(function->probe_count - i);
		const int64_t now = verify_now();

		current = function->probes[i];
		if (!ask_at_each(current, &steps, result) ||
		    !leave_at_each(function, current, steps, now + (middle - now) / share, &left,
		                   result))
			return false;
		all += steps;
	}
	if (!storm(function, middle + ns / 4, &hits, result))
		return false;
	verify_say(result, VERIFY_OK,
	           "at each of %llu instructions, %llu jumps out of it; %llu more by a timer",
	           (unsigned long long)all, (unsigned long long)left, (unsigned long long)hits);
	return true;
}

static void check(const struct verify *verify, const struct verify_function *function, int64_t ns,
                  struct verify_result *result)
{
	int64_t date = verify_date();

	if (!function->probe_count) {
		verify_say(result, VERIFY_SKIP, "no VDK_REFERENCE says how to call it");
		return;
	}
	verify_all = verify;
	current_function = function;
	verify_target = function->address;
	/* getcpu is asked on one CPU: what it says is then the same all the time. */
	verify_pin(verify->cpus[0]);
	if (!catch_signal(SIGTRAP) || !catch_signal(SIGALRM)) {
		verify_say(result, VERIFY_SKIP, "no signals: %s", strerror(errno));
		return;
	}
	for (int tries = 0; tries < 3; tries++, date = verify_date())
		if (look(function, ns, result) || !verify_date_was_set(date))
			return;
	verify_say(result, VERIFY_SKIP, "the date was set again and again meanwhile");
}

const struct verify_property verify_signals = {
	"signals", "signals at every instruction of it, handlers that call it or jump out", true,
	verify_any, check};
