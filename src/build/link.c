/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every call of the linker, through the compiler's driver, and the two things that a linker does
 * not do: whole pages, and debug information in a file of its own.
 *
 * The image is linked without symbols and debug information. Where the author wants those, the
 * same objects are linked a second time with them and with the first's build-id: what is loaded
 * is the same in both, so debuggers find the one by the other.
 */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "build.h"
#include "command.h"

#define PAGE 4096u

static int link_image(struct build *build, const char *output, const char *symbols,
                      const char *build_id)
{
	cleanup_list struct list argv = {0};
	int error = list_add_all(&argv, (const char *const *)build->tc.cc.items);

	if (!error)
		error = toolchain_ldflags(&build->tc, &argv);
	if (!error && symbols)
		error = list_add(&argv, "%s", symbols);
	if (!error && build_id)
		error = list_add(&argv, "-Wl,--build-id=0x%s", build_id);
	if (!error)
		error = list_add_all(&argv, (const char *const *)build->unit_objects.items);
	if (!error)
		error = toolchain_link_files(build->work.path, &argv);
	if (!error)
		error = list_add(&argv, "-o%s/%s", build->work.path, output);
	return error ? error : command_run(&argv, build->report);
}

static int link_stub(struct build *build)
{
	static const char *const flags[] = {"-g0", "-w", NULL};
	cleanup_list struct list argv = {0};
	char path[PATH_MAX];
	int error = build_work_path(build, "stub.c", path);

	if (!error)
		error = build_compile(build, path, "stub.o", flags);
	if (error == -ECANCELED)
		return vdk_report_set(build->report, error, build->name,
		                      "a prototype uses types that callers cannot know (see above); "
		                      "use plain C types or structs of a page header");
	if (!error)
		error = list_add_all(&argv, (const char *const *)build->tc.cc.items);
	if (!error)
		error = toolchain_ldflags(&build->tc, &argv);
	if (!error)
		error = list_add(&argv, "-Wl,--version-script=%s/stub.map", build->work.path);
	if (!error)
		error = list_add(&argv, "%s/stub.o", build->work.path);
	if (!error)
		error = list_add_words(&argv, "-Wl,-s");
	if (!error)
		error = list_add(&argv, "-o%s/stub.so", build->work.path);
	return error ? error : command_run(&argv, build->report);
}

/* The build-id of a linked file as hexadecimal digits. */
static int read_build_id(struct build *build, const char *path, char *ret_hex, size_t size)
{
	vdk_cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	Elf *elf;
	int error = -ENODATA;

	elf_version(EV_CURRENT);
	elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ, NULL);
	while (elf && error && (section = elf_nextscn(elf, section))) {
		Elf_Data *data;
		GElf_Nhdr note;
		size_t name, bytes, next = 0;

		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_NOTE ||
		    !(data = elf_getdata(section, NULL)))
			continue;
		while ((next = gelf_getnote(data, next, &note, &name, &bytes)) && error) {
			const uint8_t *id = (const uint8_t *)data->d_buf + bytes;

			if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != 4 ||
			    memcmp((const char *)data->d_buf + name, "GNU", 4) ||
			    note.n_descsz * 2 >= size)
				continue;
			for (size_t i = 0; i < note.n_descsz; i++)
				snprintf(ret_hex + 2 * i, 3, "%02x", id[i]);
			error = 0;
		}
	}
	elf_end(elf);
	if (error)
		return vdk_report_set(build->report, error, path, "the linker made no build-id");
	return 0;
}

static int link_full(struct build *build)
{
	char path[PATH_MAX], build_id[129];
	int error = build_work_path(build, "image.so", path);

	if (!error)
		error = read_build_id(build, path, build_id, sizeof(build_id));
	return error ? error : link_image(build, "full.so", NULL, build_id);
}

/* The bytes that are mapped: the end of the one loadable segment. */
static int loaded_size(Elf *elf, uint64_t *ret_size)
{
	size_t count;
	GElf_Phdr header;

	if (!elf || elf_getphdrnum(elf, &count))
		return -ENOEXEC;
	for (size_t i = 0; i < count; i++)
		if (gelf_getphdr(elf, i, &header) && header.p_type == PT_LOAD) {
			*ret_size = header.p_offset + header.p_filesz;
			return 0;
		}
	return -ENOEXEC;
}

/* Whole pages, and the section headers inside of them. */
static int pad(struct build *build)
{
	vdk_cleanup_close int fd = -1;
	char path[PATH_MAX];
	struct stat status;
	uint64_t loaded = 0;
	Elf *elf;
	int error = build_work_path(build, "image.so", path);

	if (error)
		return error;
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) < 0)
		return vdk_report_set(build->report, -errno, path, "%m");
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	error = loaded_size(elf, &loaded);
	elf_end(elf);
	if (error)
		return vdk_report_set(build->report, error, path, "the linker made no segment");
	loaded = (loaded + PAGE - 1) / PAGE * PAGE;
	if ((uint64_t)status.st_size > loaded)
		return vdk_report_set(build->report, -EBADMSG, build->name,
		                      "the section headers end at %#llx, after the mapped pages that "
		                      "end at %#llx; image.lds should leave more room",
		                      (unsigned long long)status.st_size,
		                      (unsigned long long)loaded);
	if (ftruncate(fd, loaded) < 0)
		return vdk_report_set(build->report, -errno, path, "cannot be padded: %m");
	return 0;
}

int build_link(struct build *build)
{
	int error = link_image(build, "image.so", "-Wl,-s", NULL);

	if (!error)
		error = pad(build);
	if (!error && build->options->debug_file)
		error = link_full(build);
	if (!error)
		error = link_stub(build);
	if (!error && build->updates.count)
		error = build_update(build);
	if (!error && build->references.count)
		error = build_reference(build);
	return error;
}
