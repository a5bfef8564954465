/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the commands share: messages, exit codes, and where the kit's own files are. */
#include "vdk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/printable.h"

/*
 * In each of our programs, before main: a standard descriptor that the caller closed is given to
 * /dev/null. Otherwise a page or a lock file would get its number, and our messages would be
 * written into it. Closed again by exec: what we run finds its descriptors as we did.
 */
__attribute__((constructor)) static void fill_standard_descriptors(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR | O_CLOEXEC) != fd)
			return;
}

/* What this process may do because of the file that it runs, and who started it may not. */
static bool has_rights_of_its_own(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	/* Other reasons for AT_SECURE, such as a change of SELinux domains, give no rights. */
	if (!getauxval(AT_SECURE))
		return false;
	if (getuid() != geteuid() || getgid() != getegid())
		return true;
	if (geteuid() == 0 || syscall(SYS_capget, &header, data))
		return false;
	/* Ambient ones come from who started it. */
	for (int i = 0; i < 64; i++)
		if (data[i / 32].permitted >> (i % 32) & 1 &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, i, 0, 0) != 1)
			return true;
	return false;
}

/*
 * Whoever starts vdk says what is run, attached, traced and written: with more rights than one's own
 * that would be everything. So no option and no environment variable needs to be thought about.
 */
__attribute__((constructor)) static void refuse_rights(void)
{
	if (!has_rights_of_its_own())
		return;
	tool_error(NULL, "is set-user-ID, set-group-ID or has file capabilities: it would hand them "
	                 "to whoever starts it, and does nothing so");
	_exit(EXIT_IMPOSSIBLE);
}

/* Names of files and of what is in them are anybody's bytes. Some messages have more lines than one. */
static void make_printable(char *text)
{
	while (*text) {
		const size_t length = strcspn(text, "\n\t");

		vdk_printable(text, length);
		text += length + (text[length] != '\0');
	}
}

/* One write per message: lines of programs that run side by side do not mix. */
static void print_line(const char *command, const char *object, const char *text)
{
	char line[1400];
	int length = snprintf(line, sizeof(line), "vdk%s%s: %s%s%s\n", command ? " " : "",
	                      command ? command : "", object, *object ? ": " : "", text);

	if (length >= (int)sizeof(line)) {
		length = sizeof(line) - 1;
		line[length - 1] = '\n';
	}
	make_printable(line);
	if (write(STDERR_FILENO, line, length) < 0)
		return; /* nobody to tell */
}

void tool_complain(const char *command, const struct vdk_report *report)
{
	print_line(command, report->object, report->text);
}

void tool_error(const char *command, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	print_line(command, "", text);
}

void tool_name_command(char **argv)
{
	static char name[32];

	snprintf(name, sizeof(name), "vdk %s", argv[0]);
	argv[0] = name;
}

int tool_exit_code(int error)
{
	switch (-error) {
	case 0:
		return EXIT_FINE;
	case EINVAL:
		return EXIT_USAGE;
	case EPERM:
	case EACCES:
	case ENOSYS:
	case EOPNOTSUPP:
		return EXIT_IMPOSSIBLE;
	default:
		return EXIT_SYSTEM;
	}
}

int tool_finish(const char *command, int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	tool_error(command, "cannot write the output: %s", strerror(errno));
	return EXIT_SYSTEM;
}

/* The folder that holds this program: ".../bin", ".../libexec/vdk", or the build tree's "tool". */
static int own_folder(char *path, size_t size)
{
	const ssize_t length = readlink("/proc/self/exe", path, size - 1);
	char *slash;

	if (length < 0)
		return errno == ENOENT || errno == ENOTDIR ? -EOPNOTSUPP : -errno;
	path[length] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return -ENOENT;
	*slash = '\0';
	return 0;
}

/* The kernel side builds programs, too; its folders can be removed. */
static int build_tree_program(const char *file, char *path, size_t size)
{
	static const char *const folders[] = {"kernel/bake", "kernel/bpf", "tool"};
	int length = -1;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		length = snprintf(path, size, VDK_BUILD_ROOT "/%s/%s", folders[i], file);
		if (length < (int)size && access(path, F_OK) == 0)
			break;
	}
	return length;
}

/* In the build tree every kind has a place of its own; the names of ready vDSOs are folders. */
static int build_tree_path(const char *kind, const char *file, char *path, size_t size)
{
	int length;

	if (!strcmp(kind, "bin"))
		length = snprintf(path, size, VDK_BUILD_ROOT "/tool/%s", file);
	else if (!strcmp(kind, "libexec"))
		length = build_tree_program(file, path, size);
	else if (!strcmp(kind, "vdso"))
		length = snprintf(path, size, VDK_BUILD_ROOT "/vdsos/%.*s/%s",
		                  (int)strcspn(file, "."), file, file);
	else
		length = snprintf(path, size, VDK_SOURCE_ROOT "/%s/%s", kind, file);
	return length < (int)size ? 0 : -ENAMETOOLONG;
}

/* Installed: relative to this program, so that a moved installation still finds its files. */
static int installed_path(const char *prefix, const char *kind, const char *file, char *path,
                          size_t size)
{
	const char *folder = !strcmp(kind, "bin")     ? VDK_BIN
	                     : !strcmp(kind, "libexec") ? VDK_LIBEXEC
	                     : !strcmp(kind, "vdso")  ? VDK_VDSOS
	                     : !strcmp(kind, "sdk")   ? VDK_SDK
	                                              : VDK_INCLUDE;
	const int length = snprintf(path, size, "%s/%s/%s", prefix, folder, file);

	return length < (int)size ? 0 : -ENAMETOOLONG;
}

int tool_find(const char *kind, const char *file, char *path, size_t size)
{
	char own[PATH_MAX];
	int error = own_folder(own, sizeof(own));
	char *tail;

	if (error)
		return error;
	if (!strcmp(own, VDK_BUILD_ROOT "/tool") || !strcmp(own, VDK_BUILD_ROOT "/kernel/bake")) {
		error = build_tree_path(kind, file, path, size);
	} else {
		/* PREFIX/bin or PREFIX/libexec/vdk */
		tail = strstr(own, "/" VDK_LIBEXEC);
		if (!tail || tail[sizeof("/" VDK_LIBEXEC) - 1] != '\0')
			tail = strrchr(own, '/');
		if (!tail)
			return -ENOENT;
		*tail = '\0';
		error = installed_path(own, kind, file, path, size);
	}
	if (error)
		return error;
	return access(path, F_OK) ? -errno : 0;
}

const char *tool_find_problem(int error)
{
	static char text[96];

	if (error == -EOPNOTSUPP)
		return "/proc is not mounted here, and /proc/self/exe tells where vdk is";
	snprintf(text, sizeof(text), "%s; is the installation whole?", strerror(-error));
	return text;
}

int tool_exec(const char *program, const char *command, int argc, char **argv)
{
	char path[PATH_MAX];
	int error = tool_find("libexec", program, path, sizeof(path));

	if (!error) {
		argv[0] = (char *)command;
		execv(path, argv);
		error = -errno;
	}
	tool_error(command, "cannot start the kit's program %s: %s", program,
	           tool_find_problem(error));
	return error == -EOPNOTSUPP ? EXIT_IMPOSSIBLE : EXIT_SYSTEM;
}
