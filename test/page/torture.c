/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writers that are killed and stopped at random moments, readers that check every value.
 *
 *   torture [--readers N] [--publication NAME] [--idle-writers] [--may-time-out] [ROUNDS [SEED]]
 *
 * Two writers edit two records as fast as they can; each edit counts one up, and the other fields
 * follow by an equation. The parent kills one (SIGKILL) or stops it for a while (SIGSTOP), ROUNDS
 * times; a killed one is replaced by a new process that takes the page over. Readers never stop
 * looking, and fail on a torn value, on a count that goes backwards, and when they stand still.
 * They take turns in how they look: through the library's mapping, through the macro that images
 * use, through the library's pread(2), and, where a vDSO with these functions is attached, through
 * that. The first two never rest. More of them look as programs do, often and in bursts: the
 * writers would not get a CPU beside fifty that spin, and one that does not run is not hit inside of
 * an update.
 *
 * The page is a memfd of the test's own, or that of a publication of the image `sample`:
 *
 *   vdk run --once --vdso sample -- torture --publication sample --readers 50 100000
 *
 * With --idle-writers the writers have the policy SCHED_IDLE, and get what readers leave. Where a
 * writer may get no CPU within an update for longer than another one's patience, --may-time-out
 * says that the other one may give up.
 */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vdk/lookup.h>
#include <vdk/page.h>
#include <vdk/publish.h>
#include <vdk/vdso.h>

#include "sample.h"

#define READERS_MAX 256
#define SPINNERS 2
#define WRITERS 2
/* A reader that gives no sign of life for so long hangs. */
#define PATIENCE_MS 30000
/* Looks of a reader between two rests, and how long it rests. */
#define BURST 200
#define REST_US 2000

enum way { BY_LIBRARY, BY_MACRO, BY_PREAD, BY_IMAGE, WAYS };
static const char *const way_names[] = {"library", "macro", "pread", "image"};

/* Where the record's object is for the macro: in this process's mapping. */
static struct vdk_slot_pair *mapped_pair;
static struct vdk_slot_wide *mapped_wide;
#define vdk_record_pair (*mapped_pair)
#define vdk_record_wide (*mapped_wide)

/* The same of the image that is attached, if there is one. */
static int (*image_pair)(struct pair *pair);
static int (*image_wide)(struct wide *wide);

struct reader {
	uint64_t reads, again;
} __attribute__((aligned(64))); /* a cache line of its own: they count all the time */

/* Shared by all processes of the test. */
static struct shared {
	int stop;
	uint64_t torn, backwards, writes[WRITERS], timeouts, failures;
	struct reader readers[READERS_MAX];
} *shared;

static struct {
	int rounds, readers;
	unsigned seed;
	const char *publication;
	bool idle_writers, may_time_out;
} options = {.rounds = 10000, .readers = 2};

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

static void nap(unsigned us)
{
	const struct timespec time = {.tv_nsec = us * 1000l};

	nanosleep(&time, NULL);
}

static struct vdk_page *open_writer(void)
{
	struct vdk_page *page;

	if (options.publication ? vdk_publication_writer(options.publication, &page, NULL)
	                        : vdk_page_consume_writer(sample_reopen(page_fd), -1, "torture",
	                                                  &page, NULL))
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
	const struct sched_param none = {0};
	struct vdk_page *page = open_writer();

	if (options.idle_writers && sched_setscheduler(0, SCHED_IDLE, &none))
		die("SCHED_IDLE");
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

static int by_image(struct pair *pair, struct wide *wide, int which)
{
	return which ? image_wide(wide) : image_pair(pair);
}

static enum way way_of(int number)
{
	return (enum way)(number % (image_pair ? WAYS : BY_IMAGE));
}

static struct vdk_page *open_reader(enum way way)
{
	uint8_t *map = mmap(NULL, 8192, PROT_READ, MAP_SHARED, page_fd, 0);
	struct vdk_page *page = NULL;

	if (map == MAP_FAILED ||
	    vdk_page_open(page_fd, way == BY_PREAD ? 0 : VDK_PAGE_MAP, "torture", &page, NULL))
		die("reader");
	mapped_pair = (void *)(map + vdk_page_layout(page)->records[SAMPLE_PAIR].offset);
	mapped_wide = (void *)(map + vdk_page_layout(page)->records[SAMPLE_WIDE].offset);
	return page;
}

static void reader(int number)
{
	const enum way way = way_of(number);
	struct vdk_page *page = open_reader(way);
	uint64_t last[2] = {0, 0};
	struct pair pair;
	struct wide wide;

	for (int i = 0; !__atomic_load_n(&shared->stop, __ATOMIC_RELAXED); i++) {
		const int which = i & 1;
		const int error = way == BY_IMAGE   ? by_image(&pair, &wide, which)
		                  : way == BY_MACRO ? by_macro(&pair, &wide, which)
		                                    : by_library(page, &pair, &wide, which);
		uint64_t now;

		count(&shared->readers[number].reads);
		if (number >= SPINNERS && i % BURST == BURST - 1)
			nap(REST_US);
		if (error) {
			count(error == -EAGAIN ? &shared->readers[number].again : &shared->failures);
			continue;
		}
		now = which ? wide.count : pair.count;
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

static bool readers_live(uint64_t *seen)
{
	for (int ms = 0; ms < PATIENCE_MS; ms++) {
		int moved = 0;

		for (int i = 0; i < options.readers; i++)
			moved += look(&shared->readers[i].reads) != seen[i];
		if (moved == options.readers)
			break;
		if (ms == PATIENCE_MS - 1)
			return false;
		nap(1000);
	}
	for (int i = 0; i < options.readers; i++)
		seen[i] = look(&shared->readers[i].reads);
	return true;
}

static void figure(const char *name, uint64_t value)
{
	printf("figure %s %llu\n", name, (unsigned long long)value);
}

/* What each way of reading saw; whether some reader hardly read at all, or gave up too often. */
static bool report_readers(void)
{
	uint64_t reads[WAYS] = {0}, all = 0, again = 0;
	bool bad = false;
	char name[32];

	for (int i = 0; i < options.readers; i++) {
		reads[way_of(i)] += shared->readers[i].reads;
		all += shared->readers[i].reads;
		again += shared->readers[i].again;
		bad |= shared->readers[i].reads < 100 ||
		       shared->readers[i].again > shared->readers[i].reads / 100;
	}
	for (int way = 0; way < WAYS; way++) {
		snprintf(name, sizeof(name), "reads_by_%s", way_names[way]);
		if (reads[way])
			figure(name, reads[way]);
	}
	figure("reads", all);
	figure("gave_up", again);
	return bad;
}

static bool report(int kills, int inside)
{
	struct vdk_page_info info;
	struct vdk_page *page;
	bool bad;

	if (vdk_page_open(page_fd, 0, "torture", &page, NULL) || vdk_page_info(page, &info))
		die("page");
	vdk_page_close(page);
	figure("readers", (uint64_t)options.readers);
	figure("kills", (uint64_t)kills);
	figure("kills_inside_an_update", (uint64_t)inside); /* or more: see kill_one() */
	figure("stops", (uint64_t)(options.rounds - kills));
	figure("epochs", info.epoch);
	figure("writes", shared->writes[0] + shared->writes[1]);
	bad = report_readers();
	figure("torn", shared->torn);
	figure("backwards", shared->backwards);
	figure("writers_timed_out", shared->timeouts);
	figure("failed", shared->failures);
	bad |= shared->timeouts && !options.may_time_out;
	/* A test that never hit an update would prove nothing. */
	return bad || shared->torn || shared->backwards || shared->failures || inside == 0 ||
	       info.epoch < (uint64_t)kills / 20;
}

static void take_arguments(int argc, char **argv)
{
	static const struct option known[] = {
	        {"readers", required_argument, NULL, 'r'},
	        {"publication", required_argument, NULL, 'p'},
	        {"idle-writers", no_argument, NULL, 'i'},
	        {"may-time-out", no_argument, NULL, 't'},
	        {0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) >= 0)
		if (option == 'r')
			options.readers = atoi(optarg);
		else if (option == 'p')
			options.publication = optarg;
		else if (option == 'i')
			options.idle_writers = true;
		else if (option == 't')
			options.may_time_out = true;
		else
			exit(2);
	if (options.readers < 1 || options.readers > READERS_MAX)
		exit(2);
	options.rounds = argc > optind ? atoi(argv[optind]) : options.rounds;
	options.seed = argc > optind + 1 ? (unsigned)atoi(argv[optind + 1]) : (unsigned)getpid();
}

static void open_page(void)
{
	struct vdk_publication publication = VDK_PUBLICATION_CLOSED;
	struct vdk_report problem;

	if (!options.publication) {
		page_fd = sample_page();
	} else if (vdk_publication_open(options.publication, &publication, &problem)) {
		fprintf(stderr, "%s: %s\n", problem.object, problem.text);
		exit(1);
	} else {
		page_fd = publication.page_fd;
	}
	image_pair = (int (*)(struct pair *))vdk_lookup("__vdso_sample_pair", "LINUX_2.6");
	image_wide = (int (*)(struct wide *))vdk_lookup("__vdso_sample_wide", "LINUX_2.6");
}

int main(int argc, char **argv)
{
	pid_t writers[WRITERS], readers[READERS_MAX];
	uint64_t seen[READERS_MAX] = {0};
	int kills = 0, inside = 0;
	bool hang = false;

	take_arguments(argc, argv);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
	              0);
	if (shared == MAP_FAILED)
		die("mmap");
	open_page();
	srandom(options.seed);
	printf("seed %u\n", options.seed);
	fflush(stdout);
	for (int i = 0; i < WRITERS; i++)
		writers[i] = spawn(writer, i);
	while (look(&shared->writes[0]) < 100)
		nap(1000);
	for (int i = 0; i < options.readers; i++)
		readers[i] = spawn(reader, i);
	for (int round = 0; round < options.rounds && !hang; round++) {
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
	for (int i = 0; i < options.readers; i++) {
		if (hang)
			kill(readers[i], SIGKILL);
		waitpid(readers[i], NULL, 0);
	}
	if (hang)
		printf("a reader hangs\n");
	return report(kills, inside) || hang;
}
