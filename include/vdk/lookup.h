/* SPDX-License-Identifier: MIT */
#ifndef VDK_LOOKUP_H
#define VDK_LOOKUP_H

/**
 * vdk/lookup.h - find the vDSO of this process and the functions in it
 *
 * Linux tells every program where its vDSO lies by the auxiliary vector's entry AT_SYSINFO_EHDR.
 * A C library reads it for its own few functions; a program that wants another one - a function
 * of a vDSO that somebody wrote with vdk, or a standard one without the C library's wrapper -
 * looks it up with this:
 *
 *     #include <vdk/lookup.h>
 *
 *     int (*beast)(void) = (int (*)(void))vdk_lookup("__vdso_vget_number_of_the_beast",
 *                                                    "LINUX_2.6");
 *
 *     printf("%d\n", beast ? beast() : fallback());
 *
 * A failed look-up is normal: the kernel may have been booted without a vDSO, the vDSO may lack
 * the function, nothing may be attached. The answer is then NULL and the caller does the work in
 * some other way. Look up once and keep the pointer: it stays good until the process execs, and a
 * look-up costs some hundred times as much as the call.
 *
 * One pair of files
 * -----------------
 * This header and src/lookup/vdk_lookup.c are all there is. libvdk contains them; a program that
 * does not want the library copies the two files beside its own sources (the .c file finds the
 * header as <vdk/lookup.h> or as "lookup.h"). They need a C99 compiler, <elf.h> and getauxval(),
 * that is glibc, musl or bionic. They allocate nothing, make no system call, print nothing, never
 * touch errno and keep no state.
 *
 * What is believed, and what is not
 * ---------------------------------
 * Every offset, size, count and index of the image is checked against the number of bytes that
 * may be read before it is used, every walk has an end that the image cannot move, and bytes are
 * copied out before they are looked at, so that alignment does not matter. A malformed image
 * gives an error or NULL.
 *
 * How many bytes may be read? A file's reader knows; a process that got one address from its
 * auxiliary vector does not, and no system call tells without risk (a sandbox may kill for one).
 * vdk_lookup_open() therefore takes the limit from the caller, who has it from a file's size or
 * from /proc/self/maps. vdk_lookup_open_self() and vdk_lookup_open_auxv() rest on two facts about
 * whoever set the entry, kernel or attach: at least the first page (4096 bytes) at the address is
 * mapped and readable, and so is every byte of the file's part of the first PT_LOAD, since that
 * is what it was told to map. They read the ELF header and the program headers from the first
 * page only, and nothing beyond that PT_LOAD afterwards; one of more than VDK_LOOKUP_SIZE_MAX
 * bytes is refused. An image whose PT_LOAD is longer than its mapping lacks code too: no look-up
 * could make it safe to call.
 *
 * What is understood: 64-bit images in 64-bit processes and 32-bit ones in 32-bit processes, of
 * the CPU's own byte order; a first PT_LOAD that begins with the file; link base 0 and images
 * that were consistently prelinked elsewhere (p_vaddr is subtracted); DT_GNU_HASH, or DT_HASH with
 * 32-bit words where there is none. Not s390x and Alpha, whose DT_HASH words have 64 bits.
 *
 * Important caveats: this looks only into the vDSO and never into other objects, so the result of
 * an interposed symbol is not found; and whoever calls a clock or random function of a vDSO
 * directly must know its raw conventions: negative errno in the return value, -ENOSYS for "make
 * the system call".
 *
 * Threads and signals: every function here may be called from any number of threads at once and
 * from signal handlers.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The largest image that is believed when only its own headers tell the size, in bytes. Kernel
 * images have 2 to 5 pages; 16 MiB leave room and keep a damaged size from leading far away.
 */
#define VDK_LOOKUP_SIZE_MAX ((size_t)16 << 20)

/**
 * vdk_function - some function, whose type only the caller knows
 *
 * Not void *, which ISO C does not let one cast to a function. Compilers take void (*)(void) as
 * the neutral type and do not warn about casts from it.
 */
typedef void vdk_function(void);

/**
 * struct vdk_lookup_image - an image that was opened and found to be sound
 *
 * Made by the vdk_lookup_open functions on the caller's stack or wherever it likes. It owns
 * nothing and need not be closed; it is good as long as the memory at @base stays mapped and
 * unchanged. Fields are offsets from @base in bytes, 0 where the image has no such table.
 * Read them if that helps; do not write them.
 */
struct vdk_lookup_image {
	const unsigned char *base;
	size_t size;           /* bytes that may be read from @base on */
	uintptr_t link_base;   /* p_vaddr of the PT_LOAD: subtracted from each address */
	size_t strings;        /* DT_STRTAB */
	size_t strings_size;   /* DT_STRSZ, cut to what may be read */
	size_t symbols;        /* DT_SYMTAB */
	size_t gnu_hash;       /* DT_GNU_HASH */
	size_t hash;           /* DT_HASH */
	size_t versions;       /* DT_VERSYM */
	size_t definitions;    /* DT_VERDEF */
	size_t definition_max; /* DT_VERDEFNUM; without it, as many as fit */
};

/**
 * vdk_lookup() - the address of a function of this process's vDSO
 * @name:    the symbol's exact name, for instance "__vdso_clock_gettime"; NULL finds nothing
 * @version: the version that it must have, for instance "LINUX_2.6"; NULL: any
 *
 * The short form of vdk_lookup_open_self() and vdk_lookup_symbol(); both are done anew at each
 * call.
 *
 * Return:   the function's address, to be cast to its type; NULL when this process has no vDSO,
 *           or a malformed one, or one without such a function.
 * Lifetime: until the process execs.
 */
vdk_function *vdk_lookup(const char *name, const char *version);

/**
 * vdk_lookup_open_self() - open the vDSO of this process
 * @ret_image: filled on success, untouched otherwise
 *
 * Asks getauxval(AT_SYSINFO_EHDR). Under attach that entry names the attached image, not the
 * kernel's.
 *
 * Return:   0; -ENOENT the process has no vDSO; -ENOEXEC what lies there is malformed.
 */
int vdk_lookup_open_self(struct vdk_lookup_image *ret_image);

/**
 * vdk_lookup_open_auxv() - open the vDSO that a given auxiliary vector names
 * @auxv:      pairs of type and value, as the kernel lays them on the initial stack and as
 *             /proc/self/auxv shows them; need only be aligned for unsigned long
 * @pairs:     how many pairs may be read; the vector ends there or at AT_NULL, whichever comes
 *             first. SIZE_MAX trusts AT_NULL alone
 * @ret_image: filled on success, untouched otherwise
 *
 * For start-up code that runs before getauxval() works, and for those who keep the kernel's own
 * answer beside the attached one: /proc/self/auxv keeps showing the former. The vector must be
 * this process's own, since the address in it is read.
 *
 * Return:   0; -ENOENT no AT_SYSINFO_EHDR, or one that is 0; -EINVAL @auxv is NULL; -ENOEXEC what
 *           lies there is malformed.
 * Lifetime: @auxv is not retained.
 */
int vdk_lookup_open_auxv(const unsigned long *auxv, size_t pairs,
                         struct vdk_lookup_image *ret_image);

/**
 * vdk_lookup_open() - open an image that lies anywhere in memory
 * @base:      its first byte; any alignment
 * @size:      how many bytes may be read from @base on: the mapping's or the file's size. None
 *             beyond is ever touched
 * @ret_image: filled on success, untouched otherwise
 *
 * Return:   0; -EINVAL @base is NULL; -ENOEXEC the bytes are no image that this header's
 *           introduction calls understood, or are damaged.
 * Time:     linear in the number of program headers and dynamic entries, at most @size.
 * Lifetime: the image must stay mapped as long as @ret_image is used.
 */
int vdk_lookup_open(const void *base, size_t size, struct vdk_lookup_image *ret_image);

/**
 * vdk_lookup_symbol() - the address of a function in an opened image
 * @image:   from a vdk_lookup_open function
 * @name:    the symbol's exact name; NULL finds nothing
 * @version: the version it must have; NULL: any. An image without version tables satisfies every
 *           version, as in the C libraries and in the kernel's reference parser
 *
 * Only a defined function (STT_FUNC, global or weak) that lies inside the image as a whole is an
 * answer.
 *
 * Return:   the address in memory, or NULL.
 * Time:     that of one hash chain; on a hostile image at most linear in its size.
 * Lifetime: while the image stays mapped.
 */
vdk_function *vdk_lookup_symbol(const struct vdk_lookup_image *image, const char *name,
                                const char *version);

#ifdef __cplusplus
}
#endif

#endif
