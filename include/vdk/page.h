/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_PAGE_H
#define VDK_PAGE_H

/**
 * vdk/page.h - read and write the records of a page
 *
 * A page is a file that one publisher and a few other writers map for writing and that everybody
 * else only reads. vdk/format.h has its bytes, vdk/record.h what a record is, vdk/publish.h where
 * pages lie; here is how a value gets from a writer to a reader, and the functions for programs
 * outside an image. Code inside an image uses vdk_read() of vdk/vdso.h: the same protocol in a
 * dozen instructions.
 *
 * What a reader may rely on
 * -------------------------
 *   - A read gives every field as one single update left it: never a mixture of two updates.
 *   - A read never waits. Whatever happens to a writer, at whatever instruction, the last value
 *     that was published stays readable.
 *   - A read that meets a newer update at each of its tries gives up after a bounded number of
 *     them with -EAGAIN. That takes a writer that publishes without pause.
 *   - Two reads of two records are two snapshots. What must agree belongs in one record.
 *
 * The latch
 * ---------
 * A record's slot has a 64-bit sequence and two copies. Sequence s > 0 means that the current
 * value is copy[s % 2]; 0 means that the record was never written. To publish, the writer fills
 * the other copy, which nobody is told to read, and then stores s + 1. After 2^64 - 1 comes 2:
 * not 0, which has a meaning, and not 1, whose copy is the current one. (At a thousand million
 * updates a second that happens after 584 years; the test does it at once.)
 *
 * A writer that dies half-way has touched only the copy that is not in use. The next writer
 * overwrites it: there is nothing to repair.
 *
 * Synchronisation table
 * ---------------------
 * W is a writer that holds the writers' lock, R a reader. "Word" is an aligned 64-bit access.
 *
 *   step                               order      x86-64    aarch64   what goes wrong without
 *   W1 s = load sequence               acquire    mov       ldar      see (a)
 *   W2 fence                           release    nothing   dmb ish   see (b)
 *   W3 store words of copy[(s+1) % 2]  relaxed    mov       str       -
 *   W4 store sequence = s + 1          release    mov       stlr      see (c)
 *   R1 s = load sequence               acquire    mov       ldar      see (c)
 *   R2 load words of copy[s % 2]       relaxed    mov       ldr       -
 *   R3 fence                           acquire    nothing   dmb ishld see (d)
 *   R4 load sequence again; equal to s?  relaxed  mov       ldr       see (b), (d)
 *
 *   (a) W1 reads from the W4 of the update before, perhaps another process's: acquire makes that
 *       update's words visible, which an edit copies. (The lock gives the same by L1, or by L3
 *       when it was taken from a dead holder, who released nothing: W1 does not rely on that.)
 *   (b) Copy[(s+1) % 2] was the current one at sequence s - 1, and readers that began then may
 *       still be at R2. If such a reader sees one word of W3, it must see at R4 that the sequence
 *       is s or later, and drop its try. W2 before W3, R2 before R3: the fences synchronise
 *       (C11 7.17.4), so the store of s, which W1 has seen, happens before R4, and coherence
 *       forbids R4 to read an older value. Without W2 an aarch64 CPU may let W3 overtake the
 *       update before.
 *   (c) Whoever reads s + 1 at R1 must see all words of W3 at R2.
 *   (d) R4 must not be done before R2: then it would not witness what R2 read.
 *
 * x86-64 keeps loads in order, stores in order and loads before later stores (Intel SDM volume 3,
 * "Memory Ordering in P6 and More Recent Processor Families"), so each order above costs no
 * instruction; it binds the compiler all the same. R2 may load wider or narrower than a word and
 * in any order among itself: what is torn is dropped at R4. The library moves words with relaxed
 * atomic accesses, so that the C memory model and thread sanitizer have nothing to object; thread
 * sanitizer knows no fences, so in such a build W3 is release and R2 acquire, which gives (b) and
 * (d) by themselves (Boehm, "Can Seqlocks Get Along With Programming Language Memory Models?",
 * MSPC 2012).
 *
 * The header's as_of, void_after and epoch are single words, each stored and loaded relaxed: each
 * is whole by itself and none orders anything else. The first two are ns of CLOCK_MONOTONIC, which
 * stands still while the machine is suspended, and so does the age of values.
 *
 * One writer at a time
 * --------------------
 * Any number of processes may have a page open for writing: a publisher, and `vdk set` beside it.
 * The header's lock word is (generation << 8) | slot; slot 0 is free. Each writer handle owns a
 * slot from 1 to 255 by an open-file-description lock (fcntl(2), F_OFD_SETLK) on byte 2^40 + slot
 * of the publication's file `writers`, which the kernel drops when the last descriptor of it is
 * gone, and that is when the process dies, however it dies.
 *
 *   step                                              order     why
 *   L1 compare-exchange (g, 0) -> (g + 1, mine)       acquire   W1 and later stay inside
 *   L2 held: look again a few times                   relaxed   an update takes nanoseconds
 *   L3 ask F_OFD_GETLK about the holder's byte        acquire   nobody owns it: the holder is dead
 *                                                     (kernel)
 *   L4 dead: compare-exchange the exact word that     acquire   the generation changed if anybody
 *      was seen -> (g + 1, mine)                                was faster: the steal then fails
 *   L5 store (g, 0)                                   release   the next L1 sees all of ours
 *
 * A dead holder's stores are all done: its threads ended before its descriptors were closed, and
 * the kernel drops these locks and looks at them under one spin lock, which orders the two. A
 * holder that lives and does not let go (SIGSTOP, a debugger) is never robbed, since it would
 * store again when it goes on: other writers get -ETIMEDOUT after VDK_WRITER_PATIENCE_MS, and
 * readers notice nothing.
 *
 * The lock is advisory: it keeps writers that keep the rules apart. Who may write at all is a
 * matter of the file's permissions.
 *
 * proof/latch.pml and proof/lock.pml have the steps of both tables. proof/run searches all their
 * states, on a memory as weak as C11's, and shows what breaks when one of the orders is left out.
 *
 * Pages that one does not trust
 * -----------------------------
 * A mapped file that somebody shortens kills its readers with SIGBUS. vdk_page_open() without
 * VDK_PAGE_MAP therefore reads by pread(2), and a page that became too short is -EBADMSG; `vdk
 * get`, `watch` and `ls` do so. (A page in a BPF map is mapped in any case: it has no pread(2), and
 * nobody can shorten it.) Publishers make pages at full size with all blocks, and nothing of the
 * kit ever shortens one.
 *
 * Threads: one thread at a time per handle; handles are independent. Signals: vdk_record_read()
 * and vdk_record_write() may be called in a signal handler unless it interrupts another call on
 * the same handle; they make system calls only when they meet another writer. Fork: a child must
 * not write through a handle of its parent, since both would be one writer to the lock, and a
 * child that neither exits nor execs keeps the parent's slot alive.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <vdk/layout.h>
#include <vdk/report.h>

/** How long a writer waits for another one that holds the lock and lives, in ms. */
#define VDK_WRITER_PATIENCE_MS 1000

/** How many tries vdk_record_read() makes: enough for a writer that publishes every 100 ns. */
#define VDK_PAGE_READ_TRIES 10000

struct vdk_page;

/** vdk_page_open(): map the page instead of reading it by pread(2); see the essay. */
#define VDK_PAGE_MAP 1u

/**
 * vdk_page_open() - open a page for reading
 * @fd:       the page, open for reading; duplicated, the caller goes on owning it
 * @flags:    0 or VDK_PAGE_MAP
 * @object:   what to call the page in reports, for instance its path; copied
 * @ret_page: close it with vdk_page_close()
 *
 * Header and table are copied and checked as a whole; see vdk/layout.h.
 *
 * Return: 0; -EBADMSG not a page, or one that contradicts itself; -EOPNOTSUPP a newer format;
 *         -ENOMEM; what fstat(2), pread(2) and mmap(2) return.
 */
int vdk_page_open(int fd, unsigned int flags, const char *object, struct vdk_page **ret_page,
                  struct vdk_report *report);

/**
 * vdk_page_consume_writer() - open a page for writing
 * @fd:       the page, open for reading and writing; taken over on success
 * @lock_fd:  the file that carries the writers' locks, open for reading and writing, an open file
 *            description that no other handle uses; taken over on success. -1: the page itself,
 *            good for pages that others cannot open
 *
 * All writers of a page must use the same lock file. Most programs want vdk_publication_writer()
 * of vdk/publish.h, which finds both files and checks that they can be trusted.
 *
 * Return: 0; as vdk_page_open(); -EUSERS 255 writers have the page open; what fcntl(2) returns.
 */
int vdk_page_consume_writer(int fd, int lock_fd, const char *object, struct vdk_page **ret_page,
                            struct vdk_report *report);

/**
 * vdk_page_close() - close a handle; an edit that was not committed is dropped
 * @page: may be NULL
 *
 * Return: NULL.
 */
struct vdk_page *vdk_page_close(struct vdk_page *page);

/** The layout of the page; valid until the handle is closed. */
const struct vdk_layout *vdk_page_layout(const struct vdk_page *page);

/**
 * vdk_record_read() - read a record as one consistent snapshot
 * @record:       of this page's layout
 * @value:        filled with @record->size bytes; after a failure it may hold a torn mixture
 * @ret_sequence: the sequence of the value, to tell a later one from it; may be NULL
 *
 * Return: 0; -ENODATA the record was never written; -EAGAIN each of VDK_PAGE_READ_TRIES tries met
 *         a newer update; without VDK_PAGE_MAP also -EBADMSG the file became too short, and what
 *         pread(2) returns.
 * Time:   the copy and two looks; by pread(2), three system calls a try.
 */
int vdk_record_read(struct vdk_page *page, const struct vdk_layout_record *record, void *value,
                    uint64_t *ret_sequence);

/**
 * vdk_record_write() - publish a new value of a record
 * @page:   opened for writing, with no edit open
 * @value:  @record->size bytes; not retained
 *
 * Readers see the value before until the last step and this one from then on.
 *
 * Return:  0; -ETIMEDOUT another writer was stopped inside an update; -EPERM @page is not open for
 *          writing; -EBUSY an edit is open on it.
 * Time:    no system call unless another writer holds the lock; some 15 ns for a small record.
 * Barriers: L1, W1-W4, L5 of the tables above.
 */
int vdk_record_write(struct vdk_page *page, const struct vdk_layout_record *record,
                     const void *value);

/**
 * vdk_record_edit() - begin to change a few fields of a record
 * @ret_value: a private copy of the current value (zeroes when there is none), @record->size
 *             bytes, 64-aligned; valid until commit or cancel
 *
 * The writers' lock is held from here to vdk_record_commit() or vdk_record_cancel(): other writers
 * wait, so do nothing slow in between. Readers do not notice. One edit per handle at a time.
 *
 * Return: 0; -ETIMEDOUT, -EPERM, -EBUSY as vdk_record_write().
 */
int vdk_record_edit(struct vdk_page *page, const struct vdk_layout_record *record,
                    void **ret_value);

/* ---- One record of a list: VDK_RECORDS() ---------------------------------------------------- */

/**
 * vdk_record_read_at() - read one record of a list as one consistent snapshot
 * @record: the list, of this page's layout; its member `list` says how many it has
 * @index:  which, from 0 on
 *
 * Each record of a list has a latch of its own, so everything above holds for each by itself. A
 * record that is no list counts as a list of one, and vdk_record_read(), _write() and _edit() mean
 * record 0.
 *
 * Return: as vdk_record_read(); -ERANGE the list is shorter.
 */
int vdk_record_read_at(struct vdk_page *page, const struct vdk_layout_record *record,
                       uint32_t index, void *value, uint64_t *ret_sequence);

/**
 * vdk_record_write_at() - publish a new value of one record of a list
 *
 * The time is that of vdk_record_write(), however long the list is.
 *
 * Return:   as vdk_record_write(); -ERANGE the list is shorter.
 * Barriers: L1, W1-W4, L5 of the tables above, W on the slot of that record.
 */
int vdk_record_write_at(struct vdk_page *page, const struct vdk_layout_record *record,
                        uint32_t index, const void *value);

/**
 * vdk_record_edit_at() - begin to change a few fields of one record of a list
 *
 * Return: as vdk_record_edit(); -ERANGE the list is shorter.
 */
int vdk_record_edit_at(struct vdk_page *page, const struct vdk_layout_record *record,
                       uint32_t index, void **ret_value);

/** vdk_record_commit() - publish the edited value and let other writers go on */
void vdk_record_commit(struct vdk_page *page);

/** vdk_record_cancel() - drop the edited value and let other writers go on */
void vdk_record_cancel(struct vdk_page *page);

/**
 * struct vdk_page_info - the changing part of the header, each field whole by itself
 */
struct vdk_page_info {
	uint64_t epoch;           /* take-overs so far */
	uint64_t as_of;           /* last sign of life, ns of vdk_page_now(); 0 = none yet */
	uint64_t void_after;      /* values are stale after that, ns; 0 = never */
	uint64_t publisher_pid;   /* of the last publisher, in its own pid namespace */
	uint64_t publisher_uid;
	uint64_t publisher_start; /* when it took over, ns */
};

/**
 * vdk_page_info() - look at the header
 *
 * Return: 0; without VDK_PAGE_MAP also -EBADMSG the file became too short, what pread(2) returns.
 */
int vdk_page_info(struct vdk_page *page, struct vdk_page_info *ret_info);

/**
 * vdk_page_now() - the clock of pages
 *
 * Return: CLOCK_MONOTONIC in ns, as the initial time namespace has it: pages are shared between
 *         time namespaces, so this one's offset is taken off.
 */
uint64_t vdk_page_now(void);

/**
 * vdk_page_touch() - a sign of life
 * @page:  opened for writing
 * @now:   vdk_page_now(), ns
 * @limit: the values are void that many ns later; 0: leave void_after as it is
 *
 * Return:   0; -EPERM @page is not open for writing.
 * Barriers: none; two relaxed stores, void_after first.
 */
int vdk_page_touch(struct vdk_page *page, uint64_t now, uint64_t limit);

/**
 * vdk_page_vouch_forever() - values are never void again, until a vdk_page_touch() with a limit
 *
 * Return: 0; -EPERM @page is not open for writing.
 */
int vdk_page_vouch_forever(struct vdk_page *page);

/**
 * vdk_page_take_over() - become the page's publisher: epoch + 1, identity, start, as_of
 *
 * Meant for who holds the role lock of the publication; vdk_publisher_open() does it.
 *
 * Return: 0; -ETIMEDOUT, -EPERM, -EBUSY as vdk_record_write().
 */
int vdk_page_take_over(struct vdk_page *page);

/* ---- Is anybody there? --------------------------------------------------------------------- */

/**
 * vdk_page_attended() - does any other process have the page's file open or mapped?
 * @page: opened for writing, and the only descriptor of the file in this process
 *
 * For publishers that rest while nobody reads. Two system calls, about a microsecond, however many
 * processes there are: a write lease (fcntl(2), F_SETLEASE) is asked for and given back. While it
 * is held an open(2) of the file waits for it, and one with O_NONBLOCK fails with EWOULDBLOCK;
 * vdk's own functions try again. So ask now and then, not a thousand times a second, and not in a
 * process that is often stopped: what is stopped in that microsecond makes others wait for up to
 * /proc/sys/fs/lease-break-time seconds.
 *
 * Return:  1 somebody has; 0 nobody has; -EACCES the file belongs to another user; -EINVAL its
 *          file system has no leases; -EPERM @page is not open for writing.
 * Signals: the file's lease signal is set to SIGURG, which is ignored unless handled.
 */
int vdk_page_attended(struct vdk_page *page);

/**
 * vdk_page_watch() - a descriptor that tells of everybody who opens the page's file
 * @ret_fd: readable after each open since; inotify(7) events, nonblocking, CLOEXEC. The caller
 *          closes it.
 *
 * To rest: read it empty, ask vdk_page_attended(), and if nobody has the page, poll. Whoever opens
 * it in between is seen by one or by the other.
 *
 * Return: 0; -EMFILE, -ENOSPC, -ENOMEM as inotify has it; -EPERM @page is not open for writing;
 *         -EOPNOTSUPP /proc is not mounted.
 */
int vdk_page_watch(struct vdk_page *page, int *ret_fd);

#endif
