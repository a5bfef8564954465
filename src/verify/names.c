/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of signals and errors, as verdicts tell them. glibc has functions for that, musl has none;
 * the numbers are the kernel's. Called by signal handlers.
 */
#include "verify.h"

#include <errno.h>
#include <signal.h>

#define NAME(number) [number] = #number

static const char *const signals[] = {
	NAME(SIGHUP), NAME(SIGINT), NAME(SIGQUIT), NAME(SIGILL), NAME(SIGTRAP), NAME(SIGABRT),
	NAME(SIGBUS), NAME(SIGFPE), NAME(SIGKILL), NAME(SIGUSR1), NAME(SIGSEGV), NAME(SIGUSR2),
	NAME(SIGPIPE), NAME(SIGALRM), NAME(SIGTERM), NAME(SIGCHLD), NAME(SIGCONT), NAME(SIGSTOP),
	NAME(SIGTSTP), NAME(SIGTTIN), NAME(SIGTTOU), NAME(SIGURG), NAME(SIGXCPU), NAME(SIGXFSZ),
	NAME(SIGVTALRM), NAME(SIGPROF), NAME(SIGWINCH), NAME(SIGIO), NAME(SIGPWR), NAME(SIGSYS),
};

/* Each that a system call of any age may end with, up to ERANGE, and those that newer ones do. */
static const char *const errors[] = {
	NAME(EPERM), NAME(ENOENT), NAME(ESRCH), NAME(EINTR), NAME(EIO), NAME(ENXIO), NAME(E2BIG),
	NAME(ENOEXEC), NAME(EBADF), NAME(ECHILD), NAME(EAGAIN), NAME(ENOMEM), NAME(EACCES),
	NAME(EFAULT), NAME(ENOTBLK), NAME(EBUSY), NAME(EEXIST), NAME(EXDEV), NAME(ENODEV),
	NAME(ENOTDIR), NAME(EISDIR), NAME(EINVAL), NAME(ENFILE), NAME(EMFILE), NAME(ENOTTY),
	NAME(ETXTBSY), NAME(EFBIG), NAME(ENOSPC), NAME(ESPIPE), NAME(EROFS), NAME(EMLINK),
	NAME(EPIPE), NAME(EDOM), NAME(ERANGE), NAME(EDEADLK), NAME(ENAMETOOLONG), NAME(ENOLCK),
	NAME(ENOSYS), NAME(ELOOP), NAME(ENODATA), NAME(ETIME), NAME(EPROTO), NAME(EBADMSG),
	NAME(EOVERFLOW), NAME(EILSEQ), NAME(EOPNOTSUPP), NAME(ENOBUFS), NAME(ETIMEDOUT),
	NAME(EALREADY), NAME(EINPROGRESS), NAME(ESTALE), NAME(ECANCELED),
};

const char *verify_signal_name(int signal)
{
	const size_t count = sizeof(signals) / sizeof(signals[0]);

	return signal > 0 && (size_t)signal < count && signals[signal] ? signals[signal]
	                                                                : "another signal";
}

const char *verify_error_name(int64_t answer)
{
	const int64_t count = sizeof(errors) / sizeof(errors[0]);

	return answer < 0 && answer > -count ? errors[-answer] : NULL;
}
