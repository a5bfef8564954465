/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk symbols - what an image offers */
#include <capstone/capstone.h>
#include <elf.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "look-image.h"
#include "vdk.h"

static const char help[] =
	"usage: vdk symbols [--kernel] [--disassemble] [--json] [PID|FILE]\n\n"
	"List the dynamic symbols of the vDSO of a process (of this command itself without PID), or\n"
	"of an ELF file: value, size, type, binding, name and version. Digits alone are a process;\n"
	"write ./123 for a file of that name.\n\n"
	"  --kernel        the kernel's own vDSO, even if another one is attached\n"
	"  --disassemble   the code of each function too\n"
	"  --json          one object\n\n"
	"exit status: 0 listed, 1 the process has no vDSO, 2 usage, 3 no such process or file, or no\n"
	"sound ELF image, 77 not permitted.\n";

struct look {
	struct vdk_bytes image;
	struct vdk_symbols *symbols;
	bool disassemble;
};

static bool has_code(const struct vdk_symbol *symbol)
{
	return symbol->type == STT_FUNC && symbol->offset && symbol->size;
}

/* Calls @line for each instruction; a byte that is none is skipped as ".byte". */
static void disassemble(const struct look *look, const struct vdk_symbol *symbol,
                        void (*line)(void *to, uint64_t address, const char *text), void *to)
{
	const uint8_t *bytes = look->image.bytes + symbol->offset;
	size_t left = symbol->size;
	uint64_t address = symbol->value;
	cs_insn *insn;
	csh handle;

	if (cs_open(CS_ARCH_X86, look->symbols->bits == 64 ? CS_MODE_64 : CS_MODE_32, &handle))
		return;
	cs_option(handle, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
	insn = cs_malloc(handle);
	while (insn && left) {
		char text[256];
		const uint64_t at = address;

		if (cs_disasm_iter(handle, &bytes, &left, &address, insn)) {
			snprintf(text, sizeof(text), *insn->op_str ? "%s %s" : "%s", insn->mnemonic,
			         insn->op_str);
		} else {
			snprintf(text, sizeof(text), ".byte 0x%02x", *bytes);
			bytes++, left--, address++;
		}
		line(to, at, text);
	}
	if (insn)
		cs_free(insn, 1);
	cs_close(&handle);
}

static void print_instruction(void *to, uint64_t address, const char *text)
{
	fprintf(to, "  %8" PRIx64 "  %s\n", address, text);
}

static void add_instruction(void *to, uint64_t address, const char *text)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "address", look_address(address));
	json_object_object_add(object, "text", json_object_new_string(text));
	json_object_array_add(to, object);
}

/* A version's own symbol is called like it, and is told once, as readelf(1) does. */
static const char *version_text(const struct vdk_symbol *symbol, char *text, size_t size)
{
	*text = '\0';
	if (*symbol->version && strcmp(symbol->version, symbol->name) != 0)
		snprintf(text, size, "%s%s", symbol->hidden ? "@" : "@@", symbol->version);
	return text;
}

static void print_text(const struct look *look)
{
	const int width = look->symbols->bits / 4;

	printf("%-*s %6s  %-7s %-7s %s\n", width, "VALUE", "SIZE", "TYPE", "BINDING",
	       "NAME@@VERSION");
	for (size_t i = 0; i < look->symbols->count; i++) {
		const struct vdk_symbol *symbol = &look->symbols->symbols[i];
		char version[256];

		printf("%0*" PRIx64 " %6" PRIu64 "  %-7s %-7s %s%s%s\n", width, symbol->value,
		       symbol->size, look_symbol_type(symbol->type),
		       look_symbol_binding(symbol->binding), symbol->name,
		       version_text(symbol, version, sizeof(version)),
		       symbol->section == SHN_UNDEF ? "  (needed, not defined)" : "");
		if (look->disassemble && has_code(symbol))
			disassemble(look, symbol, print_instruction, stdout);
	}
}

static void put(struct json_object *object, const char *key, struct json_object *value)
{
	json_object_object_add(object, key, value);
}

static struct json_object *symbol_json(const struct look *look, const struct vdk_symbol *symbol)
{
	struct json_object *object = json_object_new_object();

	put(object, "name", json_object_new_string(symbol->name));
	put(object, "version", *symbol->version ? json_object_new_string(symbol->version) : NULL);
	put(object, "default_version", json_object_new_boolean(!symbol->hidden));
	put(object, "value", look_address(symbol->value));
	put(object, "size", json_object_new_uint64(symbol->size));
	put(object, "type", json_object_new_string(look_symbol_type(symbol->type)));
	put(object, "binding", json_object_new_string(look_symbol_binding(symbol->binding)));
	put(object, "defined", json_object_new_boolean(symbol->section != SHN_UNDEF));
	if (look->disassemble && has_code(symbol)) {
		struct json_object *code = json_object_new_array();

		disassemble(look, symbol, add_instruction, code);
		put(object, "code", code);
	}
	return object;
}

static void print_json(const struct look *look)
{
	struct json_object *object = json_object_new_object(), *array = json_object_new_array();

	for (size_t i = 0; i < look->symbols->count; i++)
		json_object_array_add(array, symbol_json(look, &look->symbols->symbols[i]));
	put(object, "soname", *look->symbols->soname ? json_object_new_string(look->symbols->soname)
	                                             : NULL);
	put(object, "build_id", *look->symbols->build_id
	                                ? json_object_new_string(look->symbols->build_id)
	                                : NULL);
	put(object, "bits", json_object_new_int((int)look->symbols->bits));
	put(object, "size", json_object_new_uint64(look->image.size));
	put(object, "address", look->image.address ? look_address(look->image.address) : NULL);
	put(object, "symbols", array);
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
	                                                    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

int cmd_symbols(int argc, char **argv)
{
	static const struct option options[] = {
		{"kernel", no_argument, NULL, 'k'}, {"disassemble", no_argument, NULL, 'd'},
		{"json", no_argument, NULL, 'j'},   {"help", no_argument, NULL, 'h'},
		{0},
	};
	struct look look = {0};
	bool json = false, kernel = false;
	int option, code;

	while ((option = getopt_long(argc, argv, "dh", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			fputs(help, stdout);
			return EXIT_FINE;
		case 'k':
			kernel = true;
			break;
		case 'd':
			look.disassemble = true;
			break;
		case 'j':
			json = true;
			break;
		default:
			return EXIT_USAGE;
		}
	}
	if (argc - optind > 1) {
		fputs(help, stderr);
		return EXIT_USAGE;
	}
	code = look_symbols("symbols", argv[optind], kernel, &look.image, &look.symbols);
	if (code)
		return code;
	if (json)
		print_json(&look);
	else
		print_text(&look);
	vdk_symbols_free(look.symbols);
	free(look.image.bytes);
	return tool_finish("symbols", EXIT_FINE);
}
