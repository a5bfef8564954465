/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_PUBLISH_H
#define VDK_PUBLISH_H

/**
 * vdk/publish.h - the runtime directory: publications and those who feed them
 *
 * A publication is an image with its page under a name that programs can ask for:
 *
 *     RUNTIME_DIR/NAME/image.so    the image, a copy that nobody changes
 *     RUNTIME_DIR/NAME/page        the page that it reads; absent when it has no records;
 *                                  a link into .bpf where a BPF program of the kernel writes it
 *     RUNTIME_DIR/NAME/writers     locks of the writers (vdk/page.h); empty
 *     RUNTIME_DIR/NAME/update.so   the author's update hook, if there is one
 *     RUNTIME_DIR/.NAME.lock       held by the publisher as long as it lives
 *     RUNTIME_DIR/.bpf/            a bpffs with the pins of such maps; see vdk-publish(1)
 *
 * Readers depend on files and on nobody who runs: a publisher may die, be replaced or be upgraded
 * at any moment, and a reader notices no more than values that say how old they are.
 *
 * The runtime directory
 * ---------------------
 * $VDK_RUNTIME_DIR where it is set; else /run/vdk for uid 0; else $XDG_RUNTIME_DIR/vdk. Whoever
 * looks for a name looks there and then in /run/vdk, the system's publications.
 *
 * All or nothing
 * --------------
 * A publication is prepared as RUNTIME_DIR/.NAME.XXXXXX/ and gets its name, or takes the place of
 * the old one, in one renameat2(2). Whoever opens it holds the directory's descriptor and takes
 * every file relative to it, so that image and page always belong together. A publisher that is
 * killed between any two steps leaves the old or the new publication whole, and a directory that
 * the next publisher of the name removes.
 *
 * When the new image's page has the same layout as the old one's, the new directory gets a hard
 * link of the old page: programs that run go on to see what the new publisher writes. Otherwise
 * it gets a page of its own, and programs that run keep the old one, which nobody updates any
 * more; its `void_after` tells them, if it was set.
 *
 * Trust
 * -----
 * An image is code that runs in whoever attaches it, and a page steers that code. Both, their
 * directory and the runtime directory must therefore be owned by uid 0 or by the effective uid,
 * and nobody else may write them; everything else is refused with -EPERM and a report that names
 * the file. So root refuses what a user published, and a user accepts root's. Nothing here
 * follows a symbolic link in the last component of a path.
 *
 * Why `writers` and the role lock are files that only their owner can open: a POSIX or flock(2)
 * lock can be put on any file that one may read, so a lock on a public file could be taken by
 * anybody who wishes that nothing is published.
 *
 * Threads: functions that take no handle may be called from any thread. A handle belongs to one
 * thread at a time. Signals: no function here is async-signal-safe.
 */

#include <stdbool.h>
#include <stdint.h>

#include <vdk/note.h>
#include <vdk/report.h>

struct vdk_page;

/** The longest name of a publication, in bytes without NUL. */
#define VDK_PUBLICATION_NAME_MAX 63

/** The system's runtime directory. */
#define VDK_RUNTIME_DIR_SYSTEM "/run/vdk"

/**
 * vdk_publication_name_check() - may this be the name of a publication?
 * @name: one to VDK_PUBLICATION_NAME_MAX of A-Z a-z 0-9 _ . - and neither . nor - in front
 *
 * Return: 0; -EINVAL it may not, and the report says why.
 */
int vdk_publication_name_check(const char *name, struct vdk_report *report);

/**
 * vdk_runtime_dir() - the path of the runtime directory that this process publishes in
 * @path: filled, NUL-terminated
 * @size: of @path, in bytes
 *
 * Return: 0; -ENOENT neither VDK_RUNTIME_DIR nor XDG_RUNTIME_DIR is set and this is not uid 0;
 *         -ENAMETOOLONG @size is too small.
 */
int vdk_runtime_dir(char *path, size_t size);

/**
 * vdk_runtime_dir_open() - open the runtime directory and check that it can be trusted
 * @create: make it, mode 0755, when it is missing (not its parents)
 * @ret_fd: an O_PATH-free, CLOEXEC directory descriptor; the caller closes it
 *
 * Return: 0; as vdk_runtime_dir(); -EPERM foreign or writable by others; -ENOTDIR; what open(2)
 *         and mkdir(2) return, for instance -ENOENT, -EACCES, -EROFS.
 */
int vdk_runtime_dir_open(bool create, int *ret_fd, struct vdk_report *report);

/* ---- Reading a publication: what attach needs --------------------------------------------- */

/**
 * struct vdk_publication - an open publication, or an image opened by its path
 *
 * Descriptors are CLOEXEC and -1 where there is none. They stay good when the publication is
 * replaced or removed afterwards.
 */
struct vdk_publication {
	int dir_fd;          /* the publication's directory; -1 for an image by path */
	int image_fd;        /* read-only, and good for PROT_EXEC: see below */
	int page_fd;         /* read-only; -1 when the image has no records */
	bool page_is_map;    /* the page is a BPF map, which has no path that open(2) takes */
	uint64_t image_size; /* bytes to map, a multiple of 4096 */
	uint64_t page_size;  /* bytes to map, a multiple of 4096; 0 when there is no page */
	struct vdk_note note;
	char path[512]; /* of the image, for messages and for the mapping's name */
};

/*
 * Debian mounts /run with the option noexec, and so refuses to map anything there executable. An
 * image on such a file system is therefore handed out as a sealed memfd with its bytes.
 */

/** What an unused struct vdk_publication starts as. */
#define VDK_PUBLICATION_CLOSED {.dir_fd = -1, .image_fd = -1, .page_fd = -1}

/**
 * vdk_publication_open() - open a publication by name, with all checks of trust and of match
 * @name:   looked for in the own runtime directory, then in VDK_RUNTIME_DIR_SYSTEM
 * @ret:    filled; release it with vdk_publication_close()
 *
 * The page's header is checked against the image's note: magic, version, size and layout id, and
 * the file is at least as long as the page. The table is not parsed: vdk_page_open() does.
 *
 * Return: 0; -EINVAL no possible name; -ENOENT nobody published it; -EPERM not to be trusted;
 *         -ESTALE page and image do not belong together; -EBADMSG the page is truncated or not a
 *         page; the errors of vdk_note_read() for the image; what open(2) returns.
 */
int vdk_publication_open(const char *name, struct vdk_publication *ret, struct vdk_report *report);

/**
 * vdk_image_open() - open an image by path, unpublished
 * @path: symbolic links are not followed in its last component
 *
 * The file must be trusted as a publication's (owner, mode). page_size says what page the image
 * expects; page_fd is -1: see vdk_page_create() for a page that was never written.
 *
 * Return: 0; -EPERM not to be trusted; the errors of vdk_note_read(); what open(2) returns.
 */
int vdk_image_open(const char *path, struct vdk_publication *ret, struct vdk_report *report);

/**
 * vdk_publication_close() - close what is open and release the note
 * @publication: may be closed already or VDK_PUBLICATION_CLOSED; NULL does nothing
 *
 * It is VDK_PUBLICATION_CLOSED afterwards. (All zeroes would own descriptor 0: do not pass that.)
 */
void vdk_publication_close(struct vdk_publication *publication);

/**
 * vdk_page_create() - make a page as an image's note describes it
 * @dir_fd: directory of the new file; ignored when @file is NULL
 * @file:   its name, must not exist; NULL: a memfd, for instance for a program that runs with an
 *          image that nobody published
 * @mode:   permissions of the file, for instance 0644, whatever the umask; ignored for a memfd
 * @note:   of the image; its table is checked
 * @ret_fd: open for reading and writing, CLOEXEC; the caller closes it
 *
 * The page has its header and table; every record is in the state "never written", epoch and
 * as_of are 0. The file has all its blocks, so that no later store can fail for want of space. A
 * memfd is sealed against shrinking and growing.
 *
 * Return: 0; -ENODATA the image has no records, so no page; -EBADMSG its table contradicts
 *         itself; -EEXIST; -ENOSPC; -ENOMEM; what openat(2), memfd_create(2) or fallocate(2)
 *         return. On failure no file is left behind.
 */
int vdk_page_create(int dir_fd, const char *file, unsigned int mode, const struct vdk_note *note,
                    int *ret_fd, struct vdk_report *report);

/* ---- Publishing ---------------------------------------------------------------------------- */

/**
 * struct vdk_publish_options - what to publish; zeroes are the defaults
 */
struct vdk_publish_options {
	const char *image_path;  /* the image; NULL: take over what is published already */
	const char *update_path; /* the hook's module; NULL: IMAGE.update.so beside it, if there */
	bool no_update;          /* publish without a hook even if there is one */
	bool only_owner;         /* files 0600 and directory 0700 instead of 0644 and 0755 */
};

/** What vdk_publisher_open() did. */
enum vdk_published {
	VDK_PUBLISHED_NEW = 0,        /* there was nothing of that name */
	VDK_PUBLISHED_SAME_PAGE = 1,  /* replaced; the layout is the same, so is the page */
	VDK_PUBLISHED_OTHER_PAGE = 2, /* replaced; programs that run keep the old page */
	VDK_PUBLISHED_TAKEN_OVER = 3  /* nothing replaced: image_path was NULL */
};

struct vdk_publisher;

/**
 * vdk_publisher_open() - become the publisher of a name
 * @name:          in the own runtime directory, which is made when it is missing
 * @options:       NULL: take over what is published
 * @ret_publisher: close it with vdk_publisher_close()
 *
 * Takes the role lock, publishes or replaces as "All or nothing" above describes, removes what a
 * killed predecessor left, and takes the page over: its epoch is one more. The files of
 * @options are checked like published ones (owner, mode) before they are copied.
 *
 * Return: 0; -EINVAL no possible name; -EBUSY somebody else is the publisher, and the report names
 *         the process; -ENOENT nothing to take over, or no such file; -EPERM a file or directory is
 *         not to be trusted; -ENOSPC, -EROFS, -EACCES; the errors of vdk_note_read() and
 *         vdk_page_create(); -ETIMEDOUT another writer was stopped inside an update; -EOPNOTSUPP
 *         /proc is not mounted, by which files are opened for writing after a look at them. On failure
 *         the publication is the old one, or the new one if only its page could not be taken over
 *         (-ETIMEDOUT, or no descriptors or memory left at that moment); it is whole.
 */
int vdk_publisher_open(const char *name, const struct vdk_publish_options *options,
                       struct vdk_publisher **ret_publisher, struct vdk_report *report);

/**
 * vdk_publisher_close() - give the role up; the publication and its values stay
 * @publisher: may be NULL
 *
 * Return: NULL.
 */
struct vdk_publisher *vdk_publisher_close(struct vdk_publisher *publisher);

/** The page, open for writing; NULL when the image has no records. Owned by the publisher. */
struct vdk_page *vdk_publisher_page(const struct vdk_publisher *publisher);

/** What happened at vdk_publisher_open(). */
enum vdk_published vdk_publisher_outcome(const struct vdk_publisher *publisher);

/**
 * vdk_publisher_update_fd() - the module with the author's update hook
 *
 * Return: its descriptor, owned by the publisher; -1 when the publication has none.
 */
int vdk_publisher_update_fd(const struct vdk_publisher *publisher);

/**
 * vdk_publication_writer() - open a publication's page for writing beside its publisher
 * @ret_page: close it with vdk_page_close()
 *
 * Return: 0; -ENODATA the image has no records; the errors of vdk_publication_open() and of
 *         vdk_page_consume_writer(); -EACCES it belongs to somebody else; -EOPNOTSUPP /proc is not
 *         mounted, or a BPF program writes the page.
 */
int vdk_publication_writer(const char *name, struct vdk_page **ret_page,
                           struct vdk_report *report);

/**
 * vdk_unpublish() - take a name away
 * @name:  in the own runtime directory
 * @force: even if a publisher runs; it goes on writing a page that nobody can find any more
 *
 * The directory is renamed away first, so the name is gone at once, and then deleted. Programs
 * that run keep their mappings.
 *
 * Return: 0; -EINVAL, -EPERM, -EACCES, -EROFS; -ENOENT not published; -EBUSY a publisher runs.
 */
int vdk_unpublish(const char *name, bool force, struct vdk_report *report);

/* ---- Listing ------------------------------------------------------------------------------- */

/**
 * vdk_publication_names() - the names in the own and in the system's runtime directory
 * @ret_names: NULL-terminated and sorted, each name once; one allocation, release with free(3)
 *
 * Names only: open each to know whether it is whole and to be trusted. A missing directory has no
 * names.
 *
 * Return: the number of names; -ENOMEM; what open(2) and readdir(3) return.
 */
int vdk_publication_names(char ***ret_names, struct vdk_report *report);

/**
 * vdk_publisher_alive() - does a publisher hold the role of this name?
 * @publication: open
 *
 * Return: 1 yes; 0 no; -EACCES only the owner can know; -EOPNOTSUPP /proc is not mounted; what
 *         openat(2) and fcntl(2) return.
 */
int vdk_publisher_alive(const struct vdk_publication *publication);

#endif
