/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unwind: from each instruction of a function, debuggers, profilers and exception handlers find
 * its caller by the image's call frame information. A child calls the function, with known
 * values in all registers that it must keep, and is stepped through it; at each step libdwfl
 * (of elfutils) unwinds, and must come to the caller with the right return address, the right
 * stack pointer and those values.
 *
 * libdwfl gets copies of the two images, so that what is looked at is their information and not
 * whether some tool can open some file.
 */
#include "verify.h"

#include <elfutils/libdwfl.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch-verify.h"

#define STEPS_MAX 200000 /* before the function and in it, one question */
/*
 * Where the function has been, with which stack pointer, does not unwind another way the next
 * time. One that comes to no new place for so many steps goes round: a clock's reader begins anew
 * when its data changed meanwhile, and of one that is stepped on a slow machine it always did.
 */
#define PLACES_MAX 16384
#define ROUND 4000
#define FRAMES_MAX 32

struct tracee {
	pid_t pid;
	uint64_t registers[VERIFY_DWARF_REGISTERS];
	uint64_t stack; /* the stack pointer that the caller must be found with */
	int frames;
	uint64_t (*places)[2]; /* PLACES_MAX of program counter and stack pointer, hashed; 0: none */
	size_t place_count;
	bool found;
	const char *wrong; /* a register of the caller that was found with another value */
	uint64_t expected, value;
};

/* ---- What libdwfl asks us -------------------------------------------------------------------- */

static pid_t next_thread(Dwfl *dwfl, void *data, void **thread)
{
	if (*thread)
		return 0;
	*thread = data;
	return ((struct tracee *)data)->pid;
}

static bool read_memory(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *result, void *data)
{
	const struct tracee *tracee = data;
	uint64_t word;
	const struct iovec to = {&word, sizeof(word)};
	const struct iovec from = {(void *)(uintptr_t)address, sizeof(word)};

	if (process_vm_readv(tracee->pid, &to, 1, &from, 1, 0) != sizeof(word))
		return false;
	*result = word;
	return true;
}

static bool set_registers(Dwfl_Thread *thread, void *data)
{
	const struct tracee *tracee = data;

	return dwfl_thread_state_registers(thread, 0, VERIFY_DWARF_REGISTERS,
	                                   (const Dwarf_Word *)tracee->registers);
}

static const Dwfl_Thread_Callbacks thread_callbacks = {
	.next_thread = next_thread,
	.memory_read = read_memory,
	.set_initial_registers = set_registers,
};

static int no_debuginfo(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base,
                        const char *file, const char *link, GElf_Word crc, char **ret_file)
{
	return -1;
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = no_debuginfo,
};

/* ---- One unwinding --------------------------------------------------------------------------- */

/*
 * A register without a rule keeps its value. libdwfl knows that of those that the ABI lists, but
 * its list for x86-64 (elfutils 0.188) has rax in the place of rbx, which it calls unknown. In the
 * function's own frame the register itself then is the answer; further up there is none.
 */
static bool register_of(Dwfl_Frame *frame, const struct tracee *tracee, int i, Dwarf_Word *ret)
{
	if (dwfl_frame_reg(frame, verify_kept_dwarf[i], ret) == 0)
		return true;
	*ret = tracee->registers[verify_kept_dwarf[i]];
	return tracee->frames == 1;
}

static void compare_registers(Dwfl_Frame *frame, struct tracee *tracee)
{
	for (int i = 0; i <= VERIFY_KEPT && !tracee->wrong; i++) {
		const uint64_t expected = i < VERIFY_KEPT ? verify_expected[i] : tracee->stack;
		Dwarf_Word value;

		if (register_of(frame, tracee, i, &value) && value != expected) {
			tracee->wrong = verify_kept_names[i];
			tracee->expected = expected;
			tracee->value = value;
		}
	}
}

static int on_frame(Dwfl_Frame *frame, void *data)
{
	struct tracee *tracee = data;
	Dwarf_Addr pc = 0;

	if (!dwfl_frame_pc(frame, &pc, NULL))
		return DWARF_CB_ABORT;
	if (pc == (uint64_t)(uintptr_t)verify_keeping_return) {
		tracee->found = true;
		compare_registers(frame, tracee);
		return DWARF_CB_ABORT;
	}
	return ++tracee->frames < FRAMES_MAX ? DWARF_CB_OK : DWARF_CB_ABORT;
}

static bool unwinds(const struct verify *verify, Dwfl *dwfl, struct tracee *tracee, uint64_t pc,
                    const struct vdk_reference *question, struct verify_result *result)
{
	const char *why;
	char at[64];

	tracee->frames = 0;
	tracee->found = false;
	tracee->wrong = NULL;
	dwfl_errno();
	dwfl_getthread_frames(dwfl, tracee->pid, on_frame, tracee);
	if (tracee->found && !tracee->wrong)
		return true;
	verify_place(verify, pc, at, sizeof(at));
	if (tracee->found) {
		verify_say(result, VERIFY_FAIL, "%.100s: at %s: the caller's %s: expected %#llx, found "
		                                "%#llx", question->question, at, tracee->wrong,
		           (unsigned long long)tracee->expected, (unsigned long long)tracee->value);
		return false;
	}
	why = dwfl_errmsg(-1);
	verify_say(result, VERIFY_FAIL, "%.100s: at %s: the caller is not found after %d frames%s%s",
	           question->question, at, tracee->frames, why ? ": " : "", why ? why : "");
	return false;
}

/* ---- Stepping -------------------------------------------------------------------------------- */

/* The child: stopped by a signal just before it asks. */
static void child(const struct verify_function *function, const struct vdk_reference *question)
{
	signal(SIGTRAP, SIG_DFL);
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(errno);
	verify_target = function->address;
	raise(SIGSTOP);
	question->ask(question, verify_keeping);
	_exit(0);
}

static bool step(pid_t pid, int *ret_status)
{
	return ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) == 0 &&
	       waitpid(pid, ret_status, 0) == pid && WIFSTOPPED(*ret_status);
}

/* The stack as it is right behind the call: its top is the return address. */
static bool at_entry(struct tracee *tracee, const struct user_regs_struct *registers)
{
	Dwarf_Word top;

	if (!read_memory(NULL, registers->rsp, &top, tracee) ||
	    top != (uint64_t)(uintptr_t)verify_keeping_return)
		return false;
	tracee->stack = registers->rsp + 8;
	return true;
}

/* Return: true: it was not here before, and is remembered. */
static bool is_new(struct tracee *tracee, uint64_t pc, uint64_t stack)
{
	size_t at = (size_t)((pc * 31 + stack) * UINT64_C(0x9e3779b97f4a7c15) >> 50);

	for (; tracee->places[at][0]; at = (at + 1) % PLACES_MAX)
		if (tracee->places[at][0] == pc && tracee->places[at][1] == stack)
			return false;
	if (tracee->place_count >= PLACES_MAX / 2)
		return false;
	tracee->places[at][0] = pc;
	tracee->places[at][1] = stack;
	tracee->place_count++;
	return true;
}

/* Return: false: *result says what is wrong. */
static bool walk(const struct verify *verify, const struct verify_function *function, Dwfl *dwfl,
                 struct tracee *tracee, const struct vdk_reference *question, uint64_t *count,
                 struct verify_result *result)
{
	bool inside = false;
	int status, known = 0;
	char at[64];

	for (int i = 0; i < STEPS_MAX && known < ROUND && step(tracee->pid, &status); i++) {
		struct user_regs_struct registers;
		uint64_t pc;

		if (ptrace(PTRACE_GETREGS, tracee->pid, NULL, &registers))
			break;
		verify_dwarf_registers(&registers, tracee->registers);
		if (WSTOPSIG(status) != SIGTRAP) {
			verify_say(result, VERIFY_FAIL, "%.100s: %s at %s", question->question,
			           verify_signal_name(WSTOPSIG(status)),
			           verify_place(verify, registers.rip, at, sizeof(at)));
			return false;
		}
		pc = tracee->registers[VERIFY_DWARF_PC];
		if (!inside && pc == (uint64_t)(uintptr_t)function->address)
			inside = at_entry(tracee, &registers);
		if (pc == (uint64_t)(uintptr_t)verify_keeping_return)
			return true;
		if (!inside || !verify_inside(verify, pc))
			continue;
		if (!is_new(tracee, pc, registers.rsp)) {
			known++;
			continue;
		}
		known = 0;
		++*count;
		if (!unwinds(verify, dwfl, tracee, pc, question, result))
			return false;
	}
	if (inside)
		return true; /* it goes round */
	verify_say(result, VERIFY_FAIL, "%.100s: the function was not reached", question->question);
	return false;
}

static void report_copy(Dwfl *dwfl, const char *name, const struct verify_image *image)
{
	const size_t size = image->end - image->start;
	int fd;

	if (!image->bytes)
		return;
	fd = memfd_create(name, MFD_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, image->bytes, size) == (ssize_t)size &&
	    dwfl_report_elf(dwfl, name, name, fd, image->start, false))
		return; /* the descriptor is libdwfl's now */
	close(fd);
}

static Dwfl *open_session(const struct verify *verify, struct tracee *tracee)
{
	Dwfl *dwfl = dwfl_begin(&callbacks);

	if (!dwfl)
		return NULL;
	dwfl_report_begin(dwfl);
	report_copy(dwfl, "image", &verify->image);
	if (verify->attached)
		report_copy(dwfl, "kernel vDSO", &verify->kernel);
	if (dwfl_report_end(dwfl, NULL, NULL) ||
	    !dwfl_attach_state(dwfl, NULL, tracee->pid, &thread_callbacks, tracee)) {
		dwfl_end(dwfl);
		return NULL;
	}
	return dwfl;
}

/* Return: 1 fine; 0 *result says what is wrong; a negative errno: not possible here. */
static int look(const struct verify *verify, const struct verify_function *function,
                const struct vdk_reference *question, uint64_t *count,
                struct verify_result *result)
{
	static uint64_t places[PLACES_MAX][2];
	struct tracee tracee = {.pid = fork(), .places = places};
	Dwfl *dwfl;
	int status = 0, fine = 0;

	memset(places, 0, sizeof(places));
	if (tracee.pid == 0)
		child(function, question);
	if (tracee.pid < 0)
		return -errno;
	if (waitpid(tracee.pid, &status, 0) != tracee.pid || !WIFSTOPPED(status))
		return WIFEXITED(status) ? -WEXITSTATUS(status) : -EPERM;
	ptrace(PTRACE_SETOPTIONS, tracee.pid, NULL, PTRACE_O_EXITKILL);
	dwfl = open_session(verify, &tracee);
	if (!dwfl)
		verify_say(result, VERIFY_FAIL, "libdwfl does not take the image: %s",
		           dwfl_errmsg(-1));
	else
		fine = walk(verify, function, dwfl, &tracee, question, count, result);
	if (dwfl)
		dwfl_end(dwfl);
	kill(tracee.pid, SIGKILL);
	waitpid(tracee.pid, &status, 0);
	return fine;
}

static void check(const struct verify *verify, const struct verify_function *function, int64_t ns,
                  struct verify_result *result)
{
	const int64_t until = verify_now() + ns;
	uint64_t count = 0;
	size_t done = 0;
	char text[64];

	if (!function->probe_count) {
		verify_say(result, VERIFY_SKIP, "no VDK_REFERENCE says how to call it");
		return;
	}
	prctl(PR_SET_DUMPABLE, 1);
	for (int i = 0; i < VERIFY_KEPT; i++)
		verify_expected[i] = UINT64_C(0x5bad0c0de0000000) + (uint64_t)i;
	/* What differs from question to question is the way through the function: all of them. */
	for (; done < function->probe_count && (!done || verify_now() < until); done++) {
		const int outcome = look(verify, function, function->probes[done], &count, result);

		if (outcome < 0)
			verify_say(result, VERIFY_SKIP, "cannot trace a child: %s",
			           strerror(-outcome));
		if (outcome != 1)
			return;
	}
	verify_say(result, VERIFY_OK, "%.100s: the caller found at each of %llu places",
	           verify_count(done, "question", text, sizeof(text)),
	           (unsigned long long)count);
}

const struct verify_property verify_unwind = {
	"unwind", "from each instruction of it an unwinder finds the caller", true, verify_any,
	check};
