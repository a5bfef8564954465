/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hostinfo's own reader under writers without any pause, which are killed at any instruction:
 *
 *   vdk run --vdso hostinfo -- torn SECONDS
 *
 * Every word of a record that is written is the same number, so a struct of two samples would
 * show. A read that gave up must have left zeroes. Prints what happened; exit 0: nothing torn.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vdk/lookup.h>
#include <vdk/page.h>
#include <vdk/publish.h>

#include "../../vdsos/hostinfo/hostinfo.page.h"

#define WORDS (sizeof(struct hostinfo_pressure) / 8)

typedef int give_fn(void *out, size_t size);
typedef int all_fn(void *out, const size_t *sizes, uint32_t count);

static uint64_t reads, gave_up, torn;

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu % (int)sysconf(_SC_NPROCESSORS_ONLN), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void write_for_ever(void)
{
	struct vdk_publish_options options = {0};
	uint64_t words[sizeof(struct hostinfo_cgroup) / 8];
	struct vdk_publisher *publisher;
	struct vdk_report report;
	struct vdk_page *page;

	if (vdk_publisher_open("hostinfo", &options, &publisher, &report)) {
		printf("%s: %s\n", report.object, report.text);
		_exit(1);
	}
	page = vdk_publisher_page(publisher);
	for (uint64_t n = 1;; n++) {
		const struct vdk_layout *layout = vdk_page_layout(page);

		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			words[i] = n;
		for (uint32_t i = 0; i < layout->record_count; i++)
			vdk_record_write(page, &layout->records[i], words);
		/* The page stays fresh while there is a writer. */
		vdk_page_touch(page, vdk_page_now(), UINT64_C(3600000000000));
	}
}

static pid_t start_writer(void)
{
	const pid_t child = fork();

	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pin(1);
		write_for_ever();
	}
	return child;
}

static bool is_one_sample(const uint64_t *words, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (words[i] != words[0])
			return false;
	return true;
}

static void judge(int result, const uint64_t *words, size_t count)
{
	reads++;
	if (result == -EAGAIN)
		gave_up++;
	else if (result != 0 && result != -ESTALE && result != -ENODATA) {
		printf("result %d\n", result);
		torn++;
	}
	if (!is_one_sample(words, count) || (result == -EAGAIN && words[0] != 0))
		torn++;
}

static void read_for(double seconds, give_fn *give, all_fn *all)
{
	const size_t sizes[] = {0, 0, 0, 8 * WORDS, 8 * WORDS - 24, 0};
	const uint64_t end = vdk_page_now() + (uint64_t)(seconds * 1e9);
	uint64_t words[2 * WORDS];

	while (vdk_page_now() < end) {
		judge(give(words, 8 * WORDS), words, WORDS);
		/* The two structs may be of two samples, each is of one. */
		if (all(words, sizes, 6) != -EAGAIN) {
			judge(0, words, WORDS);
			judge(0, words + WORDS, WORDS - 3);
		}
	}
}

int main(int argc, char **argv)
{
	give_fn *const give = (give_fn *)vdk_lookup("__vdso_vdk_hostinfo_pressure", "LINUX_2.6");
	all_fn *const all = (all_fn *)vdk_lookup("__vdso_vdk_hostinfo_all", "LINUX_2.6");
	const double seconds = argc > 1 ? atof(argv[1]) : 3;
	int kills = 0;

	if (!give || !all)
		return 2;
	pin(0);
	srand(1);
	for (const uint64_t end = vdk_page_now() + (uint64_t)(seconds * 1e9); vdk_page_now() < end;
	     kills++) {
		const pid_t writer = start_writer();

		read_for(0.02 + (double)(rand() % 1000) / 50000, give, all);
		kill(writer, SIGKILL);
		waitpid(writer, NULL, 0);
		read_for(0.001, give, all);
	}
	printf("%llu reads, %llu gave up, %d writers killed, %llu torn\n",
	       (unsigned long long)reads, (unsigned long long)gave_up, kills,
	       (unsigned long long)torn);
	return torn != 0 || reads < 1000;
}
