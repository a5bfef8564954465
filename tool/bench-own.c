/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The author's own functions of an image: those called __vdso_NAME that are none of the standard
 * ones. How to call one comes from the command line, "NAME(1, &64)", or from its declaration.
 */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "bench.h"
#include "vdk.h"

#define PREFIX "__vdso_"
#define BUFFER_MAX (1 << 20)

typedef int64_t function0(void);
typedef int64_t function1(int64_t);
typedef int64_t function2(int64_t, int64_t);
typedef int64_t function6(int64_t, int64_t, int64_t, int64_t, int64_t, int64_t);

/* As few arguments as there are: each costs an instruction. */
#define LOOP(name, type, ...)                                                                      \
	static __attribute__((noinline, aligned(64))) void name(const struct subject *s,           \
	                                                        uint32_t calls)                    \
	{                                                                                          \
		type *volatile pointer = (type *)(uintptr_t)s->function;                           \
		const int64_t *const a = ((const struct bench_call *)s->data)->arguments;          \
		const int64_t a0 = a[0], a1 = a[1], a2 = a[2], a3 = a[3], a4 = a[4], a5 = a[5];    \
                                                                                                   \
		(void)a0, (void)a1, (void)a2, (void)a3, (void)a4, (void)a5;                        \
		for (; calls; calls--) {                                                           \
			pointer(__VA_ARGS__);                                                      \
			__asm__ volatile("" ::: "memory");                                         \
		}                                                                                  \
	}

LOOP(loop0, function0)
LOOP(loop1, function1, a0)
LOOP(loop2, function2, a0, a1)
LOOP(loop6, function6, a0, a1, a2, a3, a4, a5)

static bool is_standard(const char *name)
{
#define NAME_(function) #function,
	static const char *const names[] = {VDK_CHAIN_LIST(NAME_)};
#undef NAME_

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

/* ---- Arguments ------------------------------------------------------------------------------- */

static bool add_argument(struct bench_call *call, int64_t value)
{
	if (call->argument_count == BENCH_ARGUMENTS_MAX)
		return false;
	call->arguments[call->argument_count++] = value;
	return true;
}

static bool add_buffer(struct bench_call *call, size_t size)
{
	void *const memory = bench_buffer(size);

	return memory && add_argument(call, (int64_t)(uintptr_t)memory);
}

/* "text", without any escape: memory that ends with its NUL. @ret_end: behind the second quote. */
static bool add_text(struct bench_call *call, const char *text, char **ret_end)
{
	const char *end = strchr(text + 1, '"');
	const size_t length = end ? (size_t)(end - text - 1) : 0;
	char *memory = end ? bench_buffer(length + 1) : NULL;

	if (!memory)
		return false;
	memcpy(memory, text + 1, length);
	*ret_end = (char *)(uintptr_t)end + 1;
	return add_argument(call, (int64_t)(uintptr_t)memory);
}

/*
 * "(1, -2, &64, "text")": numbers, memory of so many bytes, and text. Return: false where it is
 * none.
 */
static bool parse_arguments(struct bench_call *call, const char *text)
{
	char *end;

	for (text++; *(text += strspn(text, " ")) != ')'; text = end + (*end == ',')) {
		const bool is_memory = *text == '&';
		long long value;

		if (*text == '"') {
			if (!add_text(call, text, &end))
				return false;
			end += strspn(end, " ");
			if (*end != ',' && *end != ')')
				return false;
			continue;
		}
		errno = 0;
		value = strtoll(text + is_memory, &end, 0);
		if (end == text + is_memory || errno)
			return false;
		end += strspn(end, " ");
		if (*end != ',' && *end != ')')
			return false;
		if (is_memory && (value <= 0 || value > BUFFER_MAX))
			return false;
		if (!(is_memory ? add_buffer(call, (size_t)value) : add_argument(call, value)))
			return false;
	}
	return text[1] == '\0';
}

static bool make_arguments(struct bench_call *call, const struct bench_prototype *prototype)
{
	for (unsigned int i = 0; i < prototype->count; i++) {
		const struct bench_parameter *parameter = &prototype->parameters[i];

		if (!(parameter->is_pointer ? add_buffer(call, parameter->size)
		                            : add_argument(call, parameter->size)))
			return false;
	}
	return true;
}

/* ---- Functions ------------------------------------------------------------------------------- */

/* @written: by hand, perhaps with too few arguments: the others are 0 then, not left to chance. */
static int add(const struct bench_image *image, struct bench_call *call, bool written,
               struct bench_list *list)
{
	char symbol[300], why[200];

	snprintf(symbol, sizeof(symbol), PREFIX "%s", call->function);
	call->address = (void *)(uintptr_t)vdk_lookup_symbol(&image->lookup, symbol, NULL);
	call->way = !strcmp(image->name, "kernel") ? BENCH_KERNEL : BENCH_ATTACHED;
	if (!call->address)
		return bench_list_skip(list, call->function, image->name,
		                       "the look-up does not find it");
	call->run = written                     ? loop6
	            : call->argument_count == 0 ? loop0
	            : call->argument_count == 1 ? loop1
	            : call->argument_count == 2 ? loop2
	                                        : loop6;
	snprintf(call->base, sizeof(call->base), "floor/empty function");
	if (!bench_try(call, why, sizeof(why)))
		return bench_list_skip(list, call->call, image->name, "%s", why);
	return bench_list_add(list, call);
}

/* The calls of a function that stand on the command line. */
static int add_written(const struct bench_image *image, const char *function,
                       const struct bench_choice *choice, struct bench_list *list,
                       bool *ret_any)
{
	const size_t length = strlen(function);
	int code = EXIT_FINE;

	*ret_any = false;
	for (unsigned int i = 0; i < choice->count && !code; i++) {
		const char *word = choice->words[i];
		struct bench_call call = {0};

		if (strncmp(word, function, length) || word[length] != '(')
			continue;
		*ret_any = true;
		snprintf(call.function, sizeof(call.function), "%s", function);
		snprintf(call.call, sizeof(call.call), "%s", word);
		if (!parse_arguments(&call, word + length)) {
			tool_error("bench", "%s: expected up to %d numbers, texts in \"quotes\", or "
			           "&SIZE for so many bytes of memory (at most %d)", word,
			           BENCH_ARGUMENTS_MAX, BUFFER_MAX);
			return EXIT_USAGE;
		}
		code = add(image, &call, true, list);
	}
	return code;
}

/* A call of that form, for the user to fill in: a number, memory or text for each parameter. */
static void example(const char *function, const struct bench_prototype *prototype, char *text,
                    size_t size)
{
	size_t used = (size_t)snprintf(text, size, "%.200s(", function);

	for (unsigned int i = 0; i < prototype->count && used < size; i++) {
		const struct bench_parameter *parameter = &prototype->parameters[i];
		const char *word = !parameter->is_pointer              ? "1"
		                   : strstr(parameter->text, "char") ? "\"text\""
		                                                     : "&64";

		used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", word);
	}
	if (used < size)
		snprintf(text + used, size - used, ")");
}

static int add_declared(const struct bench_image *image, const char *function,
                        const char *header, struct bench_list *list)
{
	struct bench_prototype prototype;
	struct bench_call call = {0};
	char sample[300];

	snprintf(call.function, sizeof(call.function), "%s", function);
	if (!header)
		return bench_list_skip(list, function, image->name,
		                       "its prototype is not known: add --header %s.h, which `vdk "
		                       "build` wrote beside the image, or write the call, as "
		                       "'%s(&64)'", *image->vdso ? image->vdso : "NAME", function);
	if (!bench_prototype_find(header, function, image->layout, &prototype))
		return bench_list_skip(list, function, image->name,
		                       "the header does not declare it: write the call, as "
		                       "'%s(&64)'", function);
	if (*prototype.why) {
		example(function, &prototype, sample, sizeof(sample));
		return bench_list_skip(list, function, image->name, "%s: write the call, as '%s'",
		                       prototype.why, sample);
	}
	if (!make_arguments(&call, &prototype)) {
		tool_error("bench", "out of memory");
		return EXIT_SYSTEM;
	}
	snprintf(call.call, sizeof(call.call), "%.200s(", function);
	for (unsigned int i = 0; i < prototype.count; i++) {
		const struct bench_parameter *parameter = &prototype.parameters[i];
		const size_t used = strlen(call.call);

		snprintf(call.call + used, sizeof(call.call) - used, "%s%s%u", i ? ", " : "",
		         parameter->is_pointer ? "&" : "", parameter->size);
	}
	strncat(call.call, ")", sizeof(call.call) - strlen(call.call) - 1);
	return add(image, &call, false, list);
}

int bench_own_collect(const struct bench_image *image, const struct bench_choice *choice,
                      struct bench_list *list)
{
	const bool is_kernel = !strcmp(image->name, "kernel");
	vdk_cleanup_free char *header = NULL;
	int code = EXIT_FINE;

	if (!is_kernel)
		header = bench_header_read(image, choice->header, &code);
	for (size_t i = 0; i < image->symbols->count && !code; i++) {
		const struct vdk_symbol *symbol = &image->symbols->symbols[i];
		const char *function = symbol->name + strlen(PREFIX);
		bool any;

		if (strncmp(symbol->name, PREFIX, strlen(PREFIX)) || symbol->type != STT_FUNC ||
		    symbol->section == SHN_UNDEF || strlen(function) > 200 ||
		    !bench_chosen(choice, function))
			continue;
		code = add_written(image, function, choice, list, &any);
		if (code || any || is_standard(function))
			continue;
		if (is_kernel)
			code = bench_list_skip(list, function, image->name, "%s",
			                       strstr(function, "sgx")
			                               ? "it enters an SGX enclave"
			                               : "how it is called is not known");
		else
			code = add_declared(image, function, header, list);
	}
	return code;
}
