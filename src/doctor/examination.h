/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_DOCTOR_EXAMINATION_H
#define VDK_DOCTOR_EXAMINATION_H

/*
 * One examination: what the families of findings look at, the lists that they fill, and what they
 * read files with. doctor.h says what it is all for.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vdk/inspect.h>

/* ---- Findings -------------------------------------------------------------------------------- */

enum doctor_id {
	DOCTOR_CLOCK_SOURCE,
	DOCTOR_CLOCK_FALLBACK,
	DOCTOR_TSC_UNSTABLE,
	DOCTOR_BOOT_CLOCK,
	DOCTOR_BOOT_VDSO,
	DOCTOR_VDSO_MISSING,
	DOCTOR_VDSO_HIDDEN,
	DOCTOR_VDSO_FOREIGN,
	DOCTOR_VDSO_LOST,
	DOCTOR_VDSO_MODIFIED,
	DOCTOR_VDSO_SEALED,
	DOCTOR_SANDBOX,
	DOCTOR_TIME_NAMESPACE,
	DOCTOR_SECCOMP_FILTER,
	DOCTOR_SECCOMP_DENIES,
	DOCTOR_TSC_DENIED,
	DOCTOR_YAMA_ATTACH,
	DOCTOR_YAMA_FOLLOW,
	DOCTOR_PTRACE_DENIED,
	DOCTOR_TRACED,
	DOCTOR_PROGRAM_32BIT,
	DOCTOR_LIBC_WITHOUT,
	DOCTOR_PRELOAD,
	DOCTOR_RAW_CALLS,
	DOCTOR_VSYSCALLS,
	DOCTOR_VDK_STALE,
	DOCTOR_VDK_ORPHAN,
	DOCTOR_VDK_REPLACED,
	DOCTOR_VDK_OLD_PAGE,
	DOCTOR_VDK_GONE,
	DOCTOR_IDS
};

/* What holds for every finding of an id. The names never change. */
struct doctor_kind {
	const char *name;
	bool note;
	const char *means, *advice;
};

extern const struct doctor_kind doctor_kinds[DOCTOR_IDS];

#define DOCTOR_EVIDENCE_MAX 8

struct doctor_evidence {
	char where[160], what[240];
};

struct doctor_finding {
	enum doctor_id id;
	size_t evidence_count;
	struct doctor_evidence evidence[DOCTOR_EVIDENCE_MAX];
	char cost[200];
	double cost_ns; /* a call; negative: it is none of time, or it was not measured */
};

struct doctor_line {
	char what[160], text[300];
};

/* ---- What was measured or tried -------------------------------------------------------------- */

/* Times of one call in ns, negative when it was not measured. Errors: 0 works, or an errno. */
struct doctor_measured {
	double vdso;    /* the kernel's vDSO: clock_gettime(CLOCK_MONOTONIC) */
	double coarse;  /* the same with CLOCK_MONOTONIC_COARSE */
	double syscall; /* the system call clock_gettime(CLOCK_MONOTONIC) */
	double vsyscall;
	int raw_call;   /* the system call: 0, its errno, or minus the signal that ended it */
	int ptrace;     /* tracing a child of one's own */
	bool tsc_denied; /* prctl(PR_GET_TSC): reading the counter is fatal */
	uint64_t now;   /* CLOCK_MONOTONIC, for the age of pages */
};

#define DOCTOR_NOT_TRIED INT32_MIN

/* ---- Calls that were counted ----------------------------------------------------------------- */

#define DOCTOR_CALLERS_MAX 16

enum doctor_origin { DOCTOR_BY_UNKNOWN, DOCTOR_BY_VDSO, DOCTOR_BY_VSYSCALL, DOCTOR_BY_CODE };

struct doctor_caller {
	const char *function; /* "clock_gettime"; of the table of functions */
	enum doctor_origin origin;
	char from[96]; /* "libc.so.6, syscall()"; "" where it is not known */
	uint64_t count;
};

struct doctor_calls {
	const char *method; /* "perf", "ptrace", "seccomp"; NULL: nothing was counted */
	double seconds;
	double cpu_seconds;   /* that the program took on processors in them, tracing included */
	uint64_t processes; /* programs watched */
	uint64_t needed;    /* calls for clocks that no vDSO serves */
	size_t caller_count;
	struct doctor_caller callers[DOCTOR_CALLERS_MAX];
	bool filtered;        /* by a seccomp filter that was installed for it */
	uint64_t tsc_denials; /* prctl(PR_SET_TSC, PR_TSC_SIGSEGV) */
};

/* Add one call; beyond DOCTOR_CALLERS_MAX different ones they become one "others". */
void doctor_calls_add(struct doctor_calls *calls, const char *function, enum doctor_origin origin,
                      const char *from, uint64_t count);

/* ---- The examination ------------------------------------------------------------------------- */

struct doctor {
	int root_fd;
	bool fake;                 /* the root is no running system's */
	struct doctor_measured measured;
	struct doctor_calls calls;

	char pid_name[16];         /* folder of the process in proc: "self", "123" */
	bool own;                  /* the process is the doctor's own */
	struct vdk_process *process; /* NULL: it could not be opened */
	struct vdk_maps *maps;       /* NULL: not to be seen */
	struct vdk_auxv auxv;
	bool has_auxv;
	struct vdk_symbols *symbols; /* of the kernel's own image, as the process has it; or NULL */
	struct vdk_bytes image;

	char clock_current[64], clock_available[256]; /* "" where there is none to read */
	bool clock_capable;                           /* of the current one, by its name */

	size_t finding_count;
	struct doctor_finding findings[2 * DOCTOR_IDS];
	size_t unknown_count, fact_count;
	struct doctor_line unknowns[32], facts[32];
};

/* How many findings are no notes. */
size_t doctor_findings(const struct doctor *doctor);

/* ---- For the families ------------------------------------------------------------------------ */

/* One more finding without evidence; never NULL. */
struct doctor_finding *doctor_find(struct doctor *doctor, enum doctor_id id);

/* Was it found? */
bool doctor_found(const struct doctor *doctor, enum doctor_id id);

void doctor_evidence(struct doctor_finding *finding, const char *where, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* "ns a call more than ..." from what was measured, or that it was not. */
void doctor_cost_of_fallback(const struct doctor *doctor, struct doctor_finding *finding);
void doctor_cost(struct doctor_finding *finding, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* Something that could not be examined, and why; @error may be 0 when the text says it. */
void doctor_unknown(struct doctor *doctor, const char *what, int error, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

/* Something seen that is neither ill nor well. */
void doctor_fact(struct doctor *doctor, const char *what, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/*
 * A regular file below the root, opened without waiting; symbolic links stay inside of a fake.
 * Return: 0; -EBADMSG something else than a regular file; what openat(2) returns.
 */
int doctor_open_file(const struct doctor *doctor, const char *path, int *ret_fd);

/*
 * A small text file, NUL-terminated, without its last newline; whatever is no printable ASCII
 * character, newline or tab becomes '?'. What is NUL in the file becomes @nul.
 *
 * Return: its length; -EFBIG; -EBADMSG; what openat(2) and read(2) return.
 */
int doctor_text(const struct doctor *doctor, const char *path, char nul, char *text, size_t size);

/* The path of a file of the process: "proc/self/status". Return @path. */
const char *doctor_process_path(const struct doctor *doctor, const char *file, char path[64]);

/* The value of "Name:\tvalue" in a text like proc's status. Return: false when there is none. */
bool doctor_field(const char *text, const char *name, char *value, size_t size);

/* Is @word one of the blank-separated words of a line? */
bool doctor_word(const char *line, const char *word);

#endif
