/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk bake: from an author's folder into a kernel tree. */
#include "cmd-bake.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../tool/beside.h"
#include "../../tool/kit.h"
#include "../../tool/vdk.h"
#include "base/cleanup.h"
#include "build/command.h"
#include "changes.h"
#include "tell.h"

static const char help[] =
        "usage: vdk bake DIR... --tree LINUX [--patch FILE] [--json]\n"
        "       vdk bake [NAME...] --tree LINUX --revert [--patch FILE] [--json]\n"
        "\n"
        "Put vDSOs into the source of a Linux 6.1 kernel, from folders as `vdk build` takes them:\n"
        "their functions into its vDSO, their records into its vvar page, and their update hooks\n"
        "where the kernel updates the time. A vDSO is called as its folder; others that were\n"
        "baked before stay, and one of the same name is brought up to date.\n"
        "\n"
        "  -t, --tree LINUX   the kernel tree; required\n"
        "  -p, --patch FILE   write the changes as a patch and leave the tree alone; - for\n"
        "                     standard output\n"
        "      --signoff WHO  begin the patch as a mail from 'NAME <MAIL>' with a Signed-off-by,\n"
        "                     for `git am`\n"
        "  -r, --revert       take the vDSOs NAME... out again, or all: the tree is as before\n"
        "      --json         print an object instead of lines, also of what is refused\n"
        "  -h, --help\n"
        "\n"
        "exit status: 0 done, or nothing to do; 1 not a tree that this kit knows, or changed by\n"
        "hand since; 2 wrong arguments or a source that cannot be baked; 3 the system failed.\n";

struct arguments {
	const char *tree;
	const char *patch;
	const char *signoff;
	bool revert, json;
	char **names;
	int count;
};

enum { OPTION_SIGNOFF = 256, OPTION_JSON };

static const struct option options[] = {{"tree", required_argument, NULL, 't'},
                                        {"patch", required_argument, NULL, 'p'},
                                        {"signoff", required_argument, NULL, OPTION_SIGNOFF},
                                        {"revert", no_argument, NULL, 'r'},
                                        {"json", no_argument, NULL, OPTION_JSON},
                                        {"help", no_argument, NULL, 'h'},
                                        {0}};

/* Return: -1 go on; otherwise an exit code. */
static int check(const struct arguments *arguments)
{
	const char *wrong = NULL;

	if (!arguments->tree)
		wrong = "into which kernel tree? (--tree LINUX)";
	else if (!arguments->count && !arguments->revert)
		wrong = "what to bake? (a vDSO's folder)";
	else if (arguments->signoff && !arguments->patch)
		wrong = "--signoff needs a --patch to stand in";
	else if (arguments->signoff && (!strchr(arguments->signoff, '<') ||
	                                strpbrk(arguments->signoff, "\r\n")))
		wrong = "--signoff: expected 'NAME <MAIL>'";
	else if (arguments->json && arguments->patch && !strcmp(arguments->patch, "-"))
		wrong = "--json and --patch - both need standard output; name a file for the patch";
	if (!wrong)
		return -1;
	tool_error("bake", "%s", wrong);
	return EXIT_USAGE;
}

/* Return: -1 go on; otherwise an exit code. */
static int parse(int argc, char **argv, struct arguments *arguments)
{
	int option;

	while ((option = getopt_long(argc, argv, "t:p:rh", options, NULL)) >= 0) {
		switch (option) {
		case 't':
			arguments->tree = optarg;
			break;
		case 'p':
			arguments->patch = optarg;
			break;
		case OPTION_SIGNOFF:
			arguments->signoff = optarg;
			break;
		case 'r':
			arguments->revert = true;
			break;
		case OPTION_JSON:
			arguments->json = true;
			break;
		case 'h':
			fputs(help, stdout);
			return EXIT_FINE;
		default:
			fputs("`vdk bake --help` tells more\n", stderr);
			return EXIT_USAGE;
		}
	}
	arguments->names = argv + optind;
	arguments->count = argc - optind;
	return check(arguments);
}

/* The folder with templates: beside the sdk in an installation, in kernel/ of the source. */
static int find_templates(const struct kit *kit, char *ret_path)
{
	static const char *const places[] = {"kernel/bake", "bake"};
	const int length = (int)(strlen(kit->sdk_dir) - strlen("sdk"));
	char edits[PATH_MAX];

	for (size_t i = 0; i < 2; i++) {
		snprintf(ret_path, PATH_MAX, "%.*s%s", length, kit->sdk_dir, places[i]);
		if (snprintf(edits, sizeof(edits), "%s/linux-6.1/edits", ret_path) < PATH_MAX &&
		    !access(edits, R_OK))
			return 0;
	}
	tool_error("bake", "the kit's kernel templates are missing: %s; is the installation whole?",
	           edits);
	return EXIT_SYSTEM;
}

/* The name of the folder itself, whatever way leads to it. */
static int add_author(struct recipe *recipe, const char *argument, struct vdk_report *report)
{
	vdk_cleanup_free char *path = realpath(argument, NULL);
	struct stat status;

	if (!path)
		return vdk_report_set(report, -errno, argument, "%m");
	if (stat(path, &status) < 0 || !S_ISDIR(status.st_mode))
		return vdk_report_set(report, -EINVAL, argument,
		                      "expected a vDSO's folder, found something else");
	return recipe_add(recipe, strrchr(path, '/') + 1, path, report);
}

static int change_recipe(const struct arguments *arguments, struct recipe *after,
                         struct vdk_report *report)
{
	int error = 0;

	for (int i = 0; i < arguments->count && !error; i++) {
		const char *name = arguments->names[i];

		if (!arguments->revert)
			error = add_author(after, name, report);
		else if (recipe_remove(after, basename(name)))
			error = vdk_report_set(report, -EINVAL, name, "is not baked into this tree");
	}
	if (arguments->revert && !arguments->count)
		while (after->count)
			recipe_remove(after, after->folders[0].name);
	return error;
}

static int print_patch(const struct recipe *before, const struct recipe *after,
                       const struct changes *changes, const struct arguments *arguments, FILE *out)
{
	describe(before, after, arguments->signoff, out);
	return changes_print(changes, out);
}

static int write_patch(const struct recipe *before, const struct recipe *after,
                       const struct changes *changes, const struct arguments *arguments,
                       struct vdk_report *report)
{
	struct beside beside;
	int error;

	if (!strcmp(arguments->patch, "-"))
		return print_patch(before, after, changes, arguments, stdout) || fflush(stdout)
		               ? vdk_report_set(report, -EIO, "standard output", "cannot be written")
		               : 0;
	error = beside_open(arguments->patch, &beside, report);
	if (error)
		return error;
	if (print_patch(before, after, changes, arguments, beside.out)) {
		beside_drop(&beside);
		return vdk_report_set(report, -ENOMEM, arguments->patch, "out of memory");
	}
	return beside_commit(&beside, 0666, report);
}

/* What is to change, and whether it can. */
static int find(const struct arguments *arguments, const struct bake_kit *kit,
                const struct tree *tree, struct recipe *before, struct recipe *after,
                struct changes *changes, struct vdk_report *report)
{
	int error = tree_recipe(tree, before, report);

	if (!error)
		error = tree_recipe(tree, after, report);
	if (!error)
		error = change_recipe(arguments, after, report);
	if (!error)
		error = recipe_finish(before, kit, false, report);
	if (!error)
		error = recipe_finish(after, kit, true, report);
	return error ? error : changes_find(tree, before, after, kit, changes, report);
}

static int bake(const struct arguments *arguments, const struct bake_kit *kit,
                struct vdk_report *report)
{
	cleanup_recipe struct recipe before = {0}, after = {0};
	cleanup_changes struct changes changes = {0};
	struct tree tree = {.fd = -1, .path = arguments->tree};
	vdk_cleanup_close int fd = -1;
	int error = tree_open(arguments->tree, &tree, report), told = 0;

	fd = tree.fd;
	if (!error)
		error = find(arguments, kit, &tree, &before, &after, &changes, report);
	if (!error && arguments->patch)
		error = write_patch(&before, &after, &changes, arguments, report);
	else if (!error)
		error = changes_apply(&tree, &changes, report);
	if (error == -ENOMEM)
		vdk_report_set(report, error, "", "out of memory");
	if (arguments->json)
		told = tell_json(&tree, arguments->patch, &after, &changes, error ? report : NULL);
	else if (!error && !arguments->patch)
		tell_lines(&after, &changes);
	if (error || !told)
		return error;
	return vdk_report_set(report, told, "standard output", "cannot be written: %s",
	                      strerror(-told));
}

int cmd_bake(int argc, char **argv)
{
	struct arguments arguments = {0};
	struct vdk_report report = {0};
	char bake_dir[PATH_MAX];
	struct bake_kit folders;
	struct kit kit;
	sigset_t signals, before;
	int code = parse(argc, argv, &arguments), error;

	if (code >= 0)
		return code;
	code = kit_find("bake", &kit);
	if (!code)
		code = find_templates(&kit, bake_dir);
	if (code)
		return code;
	folders = (struct bake_kit){kit.include_dir, kit.sdk_dir, bake_dir};
	/* Ctrl-C finds the tree either as it was or as it is to be. */
	command_signals(&signals);
	pthread_sigmask(SIG_BLOCK, &signals, &before);
	error = bake(&arguments, &folders, &report);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		tool_complain("bake", &report);
	return error == -EILSEQ ? EXIT_FINDING : kit_exit_code(error);
}
