/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writers that are killed and stopped at random moments, readers that check every value.
 *
 * Two writers edit two records as fast as they can; each edit counts one up, and the other fields
 * follow by an equation. The parent kills one (SIGKILL) or stops it for a while (SIGSTOP), --rounds
 * times; a killed one is replaced by a new process that takes the page over. Two readers never stop
 * looking: one through the library, one through the macro that images use. They fail on a torn
 * value, on a count that goes backwards, and when they stand still.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vdk/page.h>
#include <vdk/vdso.h>

#include "sample.h"

#define READERS 2
#define WRITERS 2
/* A reader that gives no sign of life for so long hangs. */
#define PATIENCE_MS 5000

/* Where the record's object is for the macro: in this process's mapping. */
static struct vdk_slot_pair *mapped_pair;
static struct vdk_slot_wide *mapped_wide;
#define vdk_record_pair (*mapped_pair)
#define vdk_record_wide (*mapped_wide)

/* Shared by all processes of the test. */
static struct shared {
	int stop;
	uint64_t reads[READERS], again[READERS], torn, backwards;
	uint64_t writes[WRITERS], timeouts, failures;
} *shared;

static int page_fd;

static void count(uint64_t *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static uint64_t look(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static struct vdk_page *open_writer(void)
{
	struct vdk_page *page;

	if (vdk_page_consume_writer(sample_reopen(page_fd), -1, "torture", &page, NULL))
		die("writer");
	return page;
}

/* ---- Writers ---- */

static int update(struct vdk_page *page, int index, uint64_t salt)
{
	const struct vdk_layout_record *record = &vdk_page_layout(page)->records[index];
	void *edit;
	const int error = vdk_record_edit(page, record, &edit);

	if (error)
		return error;
	if (index == SAMPLE_PAIR)
		*(struct pair *)edit = pair_of(((struct pair *)edit)->count + 1);
	else
		*(struct wide *)edit = wide_of(((struct wide *)edit)->count + 1);
	/* Now and then an edit is dropped: it must leave no trace. */
	if (salt % 64 == 0)
		vdk_record_cancel(page);
	else
		vdk_record_commit(page);
	return 0;
}

static void writer(int number)
{
	struct vdk_page *page = open_writer();

	if (vdk_page_take_over(page) == -ETIMEDOUT)
		count(&shared->timeouts);
	for (uint64_t i = 1; !__atomic_load_n(&shared->stop, __ATOMIC_RELAXED); i++) {
		const int error = update(page, i % 2 ? SAMPLE_PAIR : SAMPLE_WIDE, i);

		if (error == -ETIMEDOUT)
			count(&shared->timeouts);
		else if (error)
			count(&shared->failures);
		else
			count(&shared->writes[number]);
	}
	vdk_page_close(page);
}

/* ---- Readers ---- */

static int by_library(struct vdk_page *page, struct pair *pair, struct wide *wide, int which)
{
	const struct vdk_layout_record *records = vdk_page_layout(page)->records;

	return which ? vdk_record_read(page, &records[SAMPLE_WIDE], wide, NULL)
	             : vdk_record_read(page, &records[SAMPLE_PAIR], pair, NULL);
}

static int by_macro(struct pair *pair, struct wide *wide, int which)
{
	return which ? vdk_read(wide, wide) : vdk_read(pair, pair);
}

static void reader(int number)
{
	struct vdk_page *page;
	uint64_t last[2] = {0, 0};
	struct pair pair;
	struct wide wide;
	uint8_t *map = mmap(NULL, 8192, PROT_READ, MAP_SHARED, page_fd, 0);

	if (map == MAP_FAILED || vdk_page_open(page_fd, VDK_PAGE_MAP, "torture", &page, NULL))
		die("reader");
	mapped_pair = (void *)(map + vdk_page_layout(page)->records[SAMPLE_PAIR].offset);
	mapped_wide = (void *)(map + vdk_page_layout(page)->records[SAMPLE_WIDE].offset);
	for (int which = 0; !__atomic_load_n(&shared->stop, __ATOMIC_RELAXED); which = !which) {
		const int error = number ? by_macro(&pair, &wide, which)
		                         : by_library(page, &pair, &wide, which);
		const uint64_t now = which ? wide.count : pair.count;

		count(&shared->reads[number]);
		if (error) {
			count(&shared->again[number]);
			continue;
		}
		if (which ? !wide_holds(&wide) : !pair_holds(&pair))
			count(&shared->torn);
		if (now < last[which])
			count(&shared->backwards);
		last[which] = now;
	}
	vdk_page_close(page);
}

/* ---- The parent ---- */

static pid_t spawn(void (*work)(int), int number)
{
	const pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	work(number);
	_exit(0);
}

static void nap(unsigned us)
{
	const struct timespec time = {.tv_nsec = us * 1000l};

	nanosleep(&time, NULL);
}

static uint64_t lock_word(void)
{
	uint64_t word = 0;

	if (pread(page_fd, &word, 8, offsetof(struct vdk_page_header, lock)) != 8)
		die("lock word");
	return word;
}

/* Whoever is inside an update when everybody who could be is stopped or dead. */
static int kill_one(pid_t *pid, int number)
{
	uint64_t before, after;
	int status;

	kill(*pid, SIGKILL);
	if (waitpid(*pid, &status, 0) != *pid || !WIFSIGNALED(status))
		die("a writer ended by itself");
	/* A word that stands still with a holder: the other writer cannot get in. It will steal it. */
	before = lock_word();
	after = lock_word();
	*pid = spawn(writer, number);
	return before == after && (before & 0xff) != 0;
}

static void stop_one(pid_t pid)
{
	kill(pid, SIGSTOP);
	nap((unsigned)random() % 300);
	kill(pid, SIGCONT);
}

static int readers_live(uint64_t *seen)
{
	for (int ms = 0; ms < PATIENCE_MS; ms++) {
		int moved = 0;

		for (int i = 0; i < READERS; i++)
			moved += look(&shared->reads[i]) != seen[i];
		if (moved == READERS)
			break;
		if (ms == PATIENCE_MS - 1)
			return 0;
		nap(1000);
	}
	for (int i = 0; i < READERS; i++)
		seen[i] = look(&shared->reads[i]);
	return 1;
}

static int report(int rounds, int kills, int inside)
{
	struct vdk_page_info info;
	struct vdk_page *page;
	int bad = 0;

	if (vdk_page_open(page_fd, 0, "torture", &page, NULL) || vdk_page_info(page, &info))
		die("page");
	vdk_page_close(page);
	printf("rounds %d, kills %d (%d or more inside an update), epochs %llu\n", rounds, kills,
	       inside, (unsigned long long)info.epoch);
	printf("writes %llu, reads %llu by library (%llu gave up), %llu by macro (%llu gave up)\n",
	       (unsigned long long)(shared->writes[0] + shared->writes[1]),
	       (unsigned long long)shared->reads[0], (unsigned long long)shared->again[0],
	       (unsigned long long)shared->reads[1], (unsigned long long)shared->again[1]);
	printf("torn %llu, backwards %llu, writers timed out %llu, failed %llu\n",
	       (unsigned long long)shared->torn, (unsigned long long)shared->backwards,
	       (unsigned long long)shared->timeouts, (unsigned long long)shared->failures);
	bad |= shared->torn || shared->backwards || shared->failures || shared->timeouts;
	/* A test that never hit an update, or never read, would prove nothing. */
	bad |= inside == 0 || info.epoch < (uint64_t)kills / 20;
	for (int i = 0; i < READERS; i++)
		bad |= shared->reads[i] < 1000 || shared->again[i] > shared->reads[i] / 100;
	return bad;
}

int main(int argc, char **argv)
{
	const int rounds = argc > 1 ? atoi(argv[1]) : 10000;
	const unsigned seed = argc > 2 ? (unsigned)atoi(argv[2]) : (unsigned)getpid();
	uint64_t seen[READERS] = {0};
	pid_t writers[WRITERS], readers[READERS];
	int kills = 0, inside = 0, hang = 0;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
	              0);
	if (shared == MAP_FAILED)
		die("mmap");
	page_fd = sample_page();
	srandom(seed);
	printf("seed %u\n", seed);
	fflush(stdout);
	for (int i = 0; i < WRITERS; i++)
		writers[i] = spawn(writer, i);
	while (look(&shared->writes[0]) < 100)
		nap(1000);
	for (int i = 0; i < READERS; i++)
		readers[i] = spawn(reader, i);
	for (int round = 0; round < rounds && !hang; round++) {
		const int which = (int)(random() % WRITERS);

		nap((unsigned)random() % 400);
		if (random() % 2) {
			kills++;
			inside += kill_one(&writers[which], which);
		} else {
			stop_one(writers[which]);
		}
		if (round % 100 == 99)
			hang = !readers_live(seen);
	}
	__atomic_store_n(&shared->stop, 1, __ATOMIC_RELAXED);
	for (int i = 0; i < WRITERS; i++)
		waitpid(writers[i], NULL, 0);
	for (int i = 0; i < READERS; i++) {
		if (hang)
			kill(readers[i], SIGKILL);
		waitpid(readers[i], NULL, 0);
	}
	if (hang)
		printf("a reader hangs\n");
	return report(rounds, kills, inside) || hang;
}
