/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What there is to verify: the image, its functions, and the questions about them. */
#include "verify.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vdk/inspect.h>

#include "base/cleanup.h"

#define PREFIX "__vdso_"

static enum verify_standard standard_of(const char *name)
{
	static const char *const names[] = {
	        [VERIFY_CLOCK_GETTIME] = "clock_gettime", [VERIFY_GETTIMEOFDAY] = "gettimeofday",
	        [VERIFY_TIME] = "time",                   [VERIFY_GETCPU] = "getcpu",
	        [VERIFY_CLOCK_GETRES] = "clock_getres",   [VERIFY_GETRANDOM] = "getrandom"};

	for (size_t i = VERIFY_CLOCK_GETTIME; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return (enum verify_standard)i;
	return VERIFY_OWN;
}

/* ---- Images ---------------------------------------------------------------------------------- */

static void keep(struct verify_image *image, struct vdk_bytes *bytes)
{
	image->start = bytes->address;
	image->end = bytes->address + bytes->size;
	image->bytes = bytes->bytes;
}

static int open_images(struct verify *verify, struct vdk_report *report)
{
	struct vdk_bytes image, kernel;
	struct vdk_process *process;
	int error = vdk_process_open(0, &process, report);

	if (error)
		return error;
	error = vdk_process_image(process, false, &image, report);
	if (!error) {
		keep(&verify->image, &image);
		/* None: a kernel booted with vdso=0, with an image of ours attached. */
		if (!vdk_process_image(process, true, &kernel, NULL))
			keep(&verify->kernel, &kernel);
		verify->attached = verify->kernel.start != verify->image.start;
	}
	vdk_process_close(process);
	return error;
}

bool verify_inside(const struct verify *verify, uint64_t address)
{
	return (address >= verify->image.start && address < verify->image.end) ||
	       (address >= verify->kernel.start && address < verify->kernel.end);
}

const char *verify_place(const struct verify *verify, uint64_t address, char *text, size_t size)
{
	const bool own = address >= verify->image.start && address < verify->image.end;
	const uint64_t start = own ? verify->image.start : verify->kernel.start;

	if (!verify_inside(verify, address))
		snprintf(text, size, "%#llx", (unsigned long long)address);
	else
		snprintf(text, size, "%s+%#llx",
		         own && verify->attached ? "image" : "kernel vDSO",
		         (unsigned long long)(address - start));
	return text;
}

/* ---- Functions ------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	const struct verify_function *left = a, *right = b;

	/* The standard ones first, in the order of their use. */
	if (!left->standard != !right->standard)
		return left->standard ? -1 : 1;
	if (left->standard != right->standard)
		return left->standard < right->standard ? -1 : 1;
	return strcmp(left->name, right->name);
}

static int find_functions(struct verify *verify, struct vdk_report *report)
{
	struct vdk_symbols *symbols;
	int error = vdk_symbols_parse(verify->image.bytes,
	                              verify->image.end - verify->image.start, "the vDSO", &symbols,
	                              report);

	if (error)
		return error;
	for (size_t i = 0; i < symbols->count && verify->function_count < VERIFY_FUNCTIONS_MAX;
	     i++) {
		const struct vdk_symbol *symbol = &symbols->symbols[i];
		struct verify_function *function = &verify->functions[verify->function_count];
		const char *name = symbol->name + strlen(PREFIX);

		/* STT_FUNC, and within the image as a whole: whoever is called here must exist. */
		if (strncmp(symbol->name, PREFIX, strlen(PREFIX)) || symbol->type != 2 ||
		    !symbol->section || strlen(name) >= sizeof(function->name) ||
		    symbol->value >= verify->image.end - verify->image.start)
			continue;
		strcpy(function->name, name);
		function->standard = standard_of(name);
		function->address =
		        (vdk_function *)(uintptr_t)(verify->image.start + symbol->value);
		verify->function_count++;
	}
	vdk_symbols_free(symbols);
	qsort(verify->functions, verify->function_count, sizeof(verify->functions[0]), by_name);
	return 0;
}

static int add_question(const struct vdk_reference ***questions, size_t *count,
                        const struct vdk_reference *question)
{
	const struct vdk_reference **grown =
	        reallocarray(*questions, *count + 1, sizeof(const struct vdk_reference *));

	if (!grown)
		return -ENOMEM;
	grown[(*count)++] = question;
	*questions = grown;
	return 0;
}

static int add_built_in(struct verify_function *function)
{
	const struct vdk_reference *const *questions;
	const size_t count = verify_questions(function->standard, &questions);
	const bool own = function->question_count > 0;
	int error = 0;

	for (size_t i = 0; i < count && !error; i++)
		error = add_question(&function->probes, &function->probe_count, questions[i]);
	/* About its values the author may know better: then these are not asked. */
	for (size_t i = 0; i < count && !error && !own; i++)
		error = add_question(&function->questions, &function->question_count, questions[i]);
	return error;
}

/* ---- The author's references ----------------------------------------------------------------- */

static int open_module(int fd, const struct vdk_reference_module **ret, struct vdk_report *report)
{
	const struct vdk_reference_module *module;
	char path[64];
	void *handle;

	/* By descriptor: the file that was checked is the file that is loaded. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle)
		return vdk_report_set(report, -ENOEXEC, "references", "cannot load them: %s",
		                      dlerror());
	module = dlsym(handle, "vdk_reference_module");
	if (!module || module->version != VDK_REFERENCE_VERSION ||
	    module->size != sizeof(struct vdk_reference)) {
		dlclose(handle);
		return vdk_report_set(report, -ENOEXEC, "references",
		                      module ? "made for another version of the kit: build them anew"
		                             : "expected a symbol vdk_reference_module, found none");
	}
	*ret = module;
	return 0;
}

static int add_reference(struct verify *verify, const struct vdk_reference *reference,
                         struct vdk_report *report)
{
	for (size_t i = 0; i < verify->function_count; i++) {
		struct verify_function *function = &verify->functions[i];
		int error;

		if (strcmp(function->name, reference->function))
			continue;
		error = add_question(&function->questions, &function->question_count, reference);
		if (!error && !function->standard)
			error = add_question(&function->probes, &function->probe_count, reference);
		return error;
	}
	return vdk_report_set(report, -EINVAL, reference->function,
	                      "there is a reference for it, but the vDSO has no such function: they "
	                      "were not built together");
}

int verify_open(struct verify *verify, int module, struct vdk_report *report)
{
	const struct vdk_reference_module *references = NULL;
	int error = open_images(verify, report);

	if (!error)
		error = find_functions(verify, report);
	if (!error && module >= 0)
		error = open_module(module, &references, report);
	for (const struct vdk_reference *const *at = references ? references->first : NULL;
	     !error && references && at < references->end; at++)
		error = add_reference(verify, *at, report);
	for (size_t i = 0; i < verify->function_count && !error; i++)
		error = add_built_in(&verify->functions[i]);
	return error;
}
