/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_INSPECT_H
#define VDK_INSPECT_H

/**
 * vdk/inspect.h - look at the memory of a process: mappings, auxiliary vector, images
 *
 * What are [vdso], [vvar] and [vsyscall] in a process, which image does it really use, and what
 * is in that image? The functions here answer for any process that one may look at, without
 * stopping it and without running anything in it: they read /proc/PID/maps, mem, auxv and stat.
 * The same explanations are given for a saved maps file, of this kernel or of an old one.
 *
 * Three layers, each usable without the next
 * ------------------------------------------
 *   - vdk_maps_parse() turns the text of a maps file into mappings and says by names, addresses
 *     and neighbours what each is;
 *   - vdk_process_open() gives access to a process, and vdk_process_maps() reads its mappings and
 *     looks into them, so that vdk's own page, process page and image are recognised by their
 *     bytes, whatever their files are called;
 *   - vdk_auxv_read(), vdk_process_image() and vdk_symbols_parse() read what a process was told
 *     about its vDSO, copy the image out and list its symbols.
 *
 * Everything read is hostile
 * --------------------------
 * A process decides about every byte of its memory, may change it while it is read, and may lie in
 * its ELF headers; a maps file may have been written by anybody. So every size has a limit, every
 * offset is checked before it is used, every loop has an end that the other side cannot move, and
 * what has to agree is read twice. A process that ends, execs or changes its mappings meanwhile
 * gives an error (-ESRCH, -EAGAIN), never a mixture of old and new. Control characters in names
 * are replaced before anybody can print them.
 *
 * One thing is out of reach here: a process can map a file of a FUSE file system that answers no
 * read, and whoever reads that memory waits for it in the kernel, where not even SIGKILL gets
 * through. A program that must go on does its looking in a child, as the commands of vdk do.
 *
 * What cannot be seen
 * -------------------
 * /proc/PID/maps, mem and auxv need the right to trace the process: the same user with no more
 * capabilities and not marked undumpable, or CAP_SYS_PTRACE. Without, functions return -EACCES or
 * -EPERM. The kernel's variables ([vvar]) cannot be read from outside at all and differ from kernel
 * to kernel: they are named here, and nothing is guessed about their layout.
 *
 * An attached vDSO is seen at one place only: the program's own copy of the auxiliary vector on
 * its stack. /proc/PID/auxv keeps the kernel's value, which is why both are read.
 *
 * Threads: handles belong to one thread at a time; results are plain data. Signals: no function
 * here is async-signal-safe.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <vdk/report.h>

/* ---- Mappings -------------------------------------------------------------------------------- */

/** Limits of a maps file: bytes, and mappings. Linux allows 65,530 a process by default. */
#define VDK_MAPS_TEXT_MAX (64u << 20)
#define VDK_MAPS_MAX (1u << 18)

/** struct vdk_map::access: what maps prints as "rwxs". */
enum { VDK_MAP_READ = 1, VDK_MAP_WRITE = 2, VDK_MAP_EXEC = 4, VDK_MAP_SHARED = 8 };

/** What a mapping is. The names that vdk_map_kind_name() gives never change. */
enum vdk_map_kind {
	VDK_MAP_ANON,          /* private memory that nobody named */
	VDK_MAP_NAMED_ANON,    /* private memory that the program named by prctl(2) */
	VDK_MAP_SHARED_ANON,   /* memory shared with children or by System V, POSIX */
	VDK_MAP_HEAP,
	VDK_MAP_STACK,         /* of the first thread */
	VDK_MAP_THREAD_STACK,  /* of another one, by its guard or an old kernel's label */
	VDK_MAP_GUARD,         /* no access: ends what runs over its neighbour */
	VDK_MAP_RESERVED,      /* no access: addresses kept for later */
	VDK_MAP_HEADERS,       /* an ELF file's first pages: headers, symbols, relocations */
	VDK_MAP_CODE,
	VDK_MAP_CONSTANTS,
	VDK_MAP_RELRO,         /* data that the loader made read-only after start */
	VDK_MAP_DATA,
	VDK_MAP_BSS,           /* variables that start as zero, behind an ELF file's data */
	VDK_MAP_PADDING,       /* no access, from an ELF file: between its parts */
	VDK_MAP_FILE,          /* some other file */
	VDK_MAP_DEVICE,
	VDK_MAP_MEMFD,
	VDK_MAP_HUGE,          /* huge pages of hugetlbfs */
	VDK_MAP_VVAR,
	VDK_MAP_VVAR_VCLOCK,
	VDK_MAP_VDSO,
	VDK_MAP_VSYSCALL,
	VDK_MAP_UPROBES,
	VDK_MAP_SPECIAL,       /* another name in brackets */
	VDK_MAP_VDK_PROCESS,   /* the process page of an attached image */
	VDK_MAP_VDK_PAGE,
	VDK_MAP_VDK_IMAGE,
	VDK_MAP_VDK_STATE,     /* what the programs of a tree share and may write */
	VDK_MAP_KINDS
};

/** Whose part a mapping of an ELF file is. */
enum vdk_map_owner { VDK_OWNER_NONE, VDK_OWNER_PROGRAM, VDK_OWNER_LOADER, VDK_OWNER_LIBRARY };

/**
 * struct vdk_map - one line of a maps file
 */
struct vdk_map {
	uint64_t start, end; /* addresses; end is the first byte behind */
	uint64_t offset;     /* in the file, bytes */
	uint64_t inode;      /* 0: no file */
	uint32_t major, minor;
	unsigned int access; /* VDK_MAP_READ and so on */
	bool deleted;        /* the file has no name any more */
	bool by_content;     /* recognised by its bytes, not by name and neighbours */
	enum vdk_map_kind kind;
	enum vdk_map_owner owner;
	const char *path; /* "" when there is none; printable, without " (deleted)" */
};

/** struct vdk_maps - all of them, ascending; release with vdk_maps_free() */
struct vdk_maps {
	size_t count;
	size_t skipped; /* lines of the text that were no mappings */
	struct vdk_map *maps;
};

/**
 * vdk_maps_parse() - read a maps file
 * @text:     its bytes; need not end with a NUL; not retained
 * @size:     their count, at most VDK_MAPS_TEXT_MAX
 * @object:   what to call it in a report
 * @program:  the path of the program where it is known, as maps prints it; NULL: guessed, as the
 *            first executable file that is not a shared object by its name
 * @ret_maps: release it with vdk_maps_free()
 *
 * Lines that do not begin as a mapping ("START-END ") are counted and skipped, so that a smaps
 * file, or a mail with a maps file in it, will do. A line that begins as one must be one, and
 * mappings must ascend without overlap.
 *
 * Return: 0; -EBADMSG a line is wrong, or none is a mapping, and the report says which, what was
 *         expected and what was found; -EFBIG beyond the limits; -ENOMEM.
 * Time:   linear in @size.
 */
int vdk_maps_parse(const char *text, size_t size, const char *object, const char *program,
                   struct vdk_maps **ret_maps, struct vdk_report *report);

/** vdk_maps_free() - NULL is allowed. Return: NULL. */
struct vdk_maps *vdk_maps_free(struct vdk_maps *maps);

/** The mapping that holds an address, or NULL. */
struct vdk_map *vdk_maps_find(const struct vdk_maps *maps, uint64_t address);

/** A kind as one word for scripts: "vdso", "thread-stack". */
const char *vdk_map_kind_name(enum vdk_map_kind kind);

/** An owner as one word for scripts: "program", "loader", "library", ""; never NULL. */
const char *vdk_map_owner_name(enum vdk_map_owner owner);

/**
 * vdk_map_what() - what a mapping is, for people: one or two sentences without the last full stop
 * @text: filled, cut to fit; return it
 */
char *vdk_map_what(const struct vdk_map *map, char *text, size_t size);

/** vdk_map_why() - why its permissions are as they are; the same form */
char *vdk_map_why(const struct vdk_map *map, char *text, size_t size);

/* ---- A process ------------------------------------------------------------------------------- */

struct vdk_process;

/**
 * vdk_process_open() - take hold of a process
 * @pid:         0: the caller itself
 * @ret_process: close it with vdk_process_close()
 *
 * The handle stays with this very process: if its number is given to another one, functions
 * return -ESRCH. Its memory is that of the moment of opening: after an exec they do too.
 *
 * Return: 0; -ESRCH no such process; -ENOMEM; what open(2) returns. Memory that may not be read
 *         is no failure here.
 */
int vdk_process_open(pid_t pid, struct vdk_process **ret_process, struct vdk_report *report);

/** vdk_process_close() - NULL is allowed. Return: NULL. */
struct vdk_process *vdk_process_close(struct vdk_process *process);

/** 0, or the negative errno with which the process's memory could not be opened. */
int vdk_process_memory(const struct vdk_process *process);

/**
 * vdk_process_read() - copy bytes out of a process
 *
 * Return: 0 all of them; -EFAULT some are not mapped or not to be read; -ESRCH it ended or
 *         exec'd; -EACCES, -EPERM not permitted.
 */
int vdk_process_read(const struct vdk_process *process, uint64_t address, void *to, size_t size);

/**
 * vdk_process_maps() - its mappings, recognised by content where they can be read
 *
 * Return: as vdk_maps_parse(); -ESRCH; -EACCES, -EPERM not permitted; what read(2) returns.
 */
int vdk_process_maps(const struct vdk_process *process, struct vdk_maps **ret_maps,
                     struct vdk_report *report);

/**
 * vdk_process_page_fd() - a descriptor to read a mapped vdk page by
 * @map:    of kind VDK_MAP_VDK_PAGE
 * @ret_fd: for vdk_page_open(); the caller closes it
 *
 * The very file if it can be opened (/proc/PID/map_files, or its path if that still leads to it),
 * else a memfd with a copy that was taken twice and was the same both times.
 *
 * Return: 0; -EAGAIN the page changed at each of some tries; as vdk_process_read(); -EBADMSG it is
 *         larger than any page.
 */
int vdk_process_page_fd(const struct vdk_process *process, const struct vdk_map *map,
                        int *ret_fd);

/* ---- The auxiliary vector -------------------------------------------------------------------- */

#define VDK_AUXV_MAX 128u

struct vdk_auxv_entry {
	uint64_t type;  /* AT_ of <elf.h> */
	uint64_t value;
};

/** struct vdk_auxv - both vectors, without AT_NULL */
struct vdk_auxv {
	unsigned int word;         /* 8, or 4 for a 32-bit program */
	size_t saved_count;
	struct vdk_auxv_entry saved[VDK_AUXV_MAX]; /* the kernel's: /proc/PID/auxv */
	size_t own_count;          /* 0: not found, and own_error says why */
	struct vdk_auxv_entry own[VDK_AUXV_MAX];   /* the program's: on its stack */
	uint64_t own_address;
	int own_error; /* 0; -ENOENT no such vector there; the errors of vdk_process_read() */
};

/**
 * vdk_auxv_read() - read the saved vector and find the program's own
 * @maps: of the same process; tell where the stack is
 *
 * The own vector is searched from the place where the kernel put the initial stack, for at most
 * 16 MiB and to the end of the stack's mapping: the pairs with the same types as the saved ones,
 * save that any may have been changed to AT_IGNORE, and most values equal.
 *
 * Return: 0 the saved one was read; -ESRCH, -EACCES, -EPERM; -EBADMSG it has no end.
 */
int vdk_auxv_read(const struct vdk_process *process, const struct vdk_maps *maps,
                  struct vdk_auxv *ret_auxv, struct vdk_report *report);

/** The value of the first entry of a type. Return: true if there is one. */
bool vdk_auxv_find(const struct vdk_auxv_entry *entries, size_t count, uint64_t type,
                   uint64_t *ret_value);

/** "AT_SYSINFO_EHDR" and what it means; NULL and NULL for a type that is not known. */
const char *vdk_auxv_name(uint64_t type, const char **ret_meaning);

/* ---- Images ---------------------------------------------------------------------------------- */

/** struct vdk_bytes - an image that was copied; release @bytes with free(3) */
struct vdk_bytes {
	uint8_t *bytes;
	size_t size;
	uint64_t address; /* where it was; 0 for a file */
};

/**
 * vdk_process_image() - copy the image that a process uses
 * @kernel:    the kernel's own, even if another one is attached
 * @ret_image: whole pages, from AT_SYSINFO_EHDR to the end of the mapping
 *
 * Copied twice; both must agree, and the mapping must be the same afterwards.
 *
 * Return: 0; -ENOENT the process has none; -ENOEXEC no ELF image is there; -EFBIG; -EAGAIN it
 *         changed meanwhile; the errors of the functions above.
 */
int vdk_process_image(const struct vdk_process *process, bool kernel, struct vdk_bytes *ret_image,
                      struct vdk_report *report);

/**
 * vdk_file_image() - the same from a file of at most 64 MiB
 *
 * Return: 0; -ENOEXEC no regular file, or no ELF image; -EFBIG; -ENOMEM; -EAGAIN it became shorter
 *         while it was read; what open(2) and pread(2) return.
 */
int vdk_file_image(const char *path, struct vdk_bytes *ret_image, struct vdk_report *report);

/** struct vdk_symbol - one dynamic symbol; strings are printable and belong to the list */
struct vdk_symbol {
	const char *name;
	const char *version; /* "" when it has none */
	bool hidden;         /* not the default version: NAME@VERSION, not NAME@@VERSION */
	uint64_t value, size;
	uint8_t type, binding, visibility; /* STT_, STB_, STV_ of <elf.h> */
	uint16_t section;                  /* SHN_UNDEF: needed, not defined */
	size_t offset;                     /* of its bytes in the image; 0 when it has none there */
};

struct vdk_symbols {
	size_t count;
	struct vdk_symbol *symbols;
	unsigned int bits; /* 64 or 32 */
	char soname[128];
	char build_id[65]; /* hexadecimal; "" when there is none */
};

/**
 * vdk_symbols_parse() - the dynamic symbols of an ELF image
 * @bytes: the image as a file or as whole pages of memory
 *
 * Everything is found through the program headers and PT_DYNAMIC, as loaders do; section headers
 * are not needed. The number of symbols is DT_HASH's, else as many as DT_GNU_HASH reaches.
 *
 * Return: 0; -ENOEXEC not a little-endian ELF image, or its tables lie outside, and the report
 *         says which; -ENOMEM.
 */
int vdk_symbols_parse(const uint8_t *bytes, size_t size, const char *object,
                      struct vdk_symbols **ret_symbols, struct vdk_report *report);

/** vdk_symbols_free() - NULL is allowed. Return: NULL. */
struct vdk_symbols *vdk_symbols_free(struct vdk_symbols *symbols);

/* ---- The vsyscall page ----------------------------------------------------------------------- */

enum vdk_vsyscall_mode { VDK_VSYSCALL_NONE, VDK_VSYSCALL_XONLY, VDK_VSYSCALL_EMULATE };

/**
 * vdk_vsyscall_mode() - how the kernel serves the fixed page, by what it lists in maps
 *
 * Readable and executable is also how kernels before 3.1 listed the page when it held real code.
 */
enum vdk_vsyscall_mode vdk_vsyscall_mode(const struct vdk_maps *maps);

/**
 * vdk_vsyscall_scan() - the next place that leads to the fixed page
 * @bytes:       of an x86-64 program, code or data
 * @at:          where to begin; set to the place that was found
 * @ret_address: the entry that it leads to
 *
 * Addresses that a program puts together when it runs are not found.
 *
 * Return: true if there is one at or behind *@at; false: @at is unchanged.
 * Time:   linear in @size.
 */
bool vdk_vsyscall_scan(const uint8_t *bytes, size_t size, size_t *at, uint64_t *ret_address);

#endif
