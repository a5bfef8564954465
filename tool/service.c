/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "service.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <vdk/page.h>

#include "base/cleanup.h"
#include "feed-line.h"
#include "hook.h"
#include "lines.h"
#include "notify.h"
#include "vdk.h"

#define NS 1000000000ull

struct service {
	const struct service_options *options;
	struct vdk_page *page;
	struct hook *hook; /* NULL: none */
	struct feed *feed;
	struct lines lines;
	int timer_fd;           /* -1: no schedule */
	uint64_t watchdog;      /* ns between two signs to the service manager; 0: none */
	uint64_t watchdog_next; /* vdk_page_now() */
	int watch_fd;           /* tells of everybody who opens the page; -1: no --idle */
	uint64_t idle_next;     /* when to look whether anybody is there */
	bool idle;              /* nobody is: the timer is off */
	int last_problem;       /* of the hook, reported once in a row */
	bool bad_line;
};

/* Readable once a signal asked us to end. */
static int stop_fd = -1;

static void on_stop(int number)
{
	const int saved = errno;
	const uint64_t one = 1;

	if (write(stop_fd, &one, sizeof(one)) < 0)
		errno = 0; /* an eventfd that is not full takes it */
	errno = saved;
}

/*
 * The first signal asks; the second one kills as usual: a hook that hangs must not make the
 * publisher immortal.
 */
static int catch_signals(void)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
	struct sigaction action = {.sa_handler = on_stop, .sa_flags = (int)SA_RESETHAND};

	stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (stop_fd < 0)
		return -errno;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct sigaction old;

		/* nohup(1) and shells' background jobs ignore some of them on purpose. */
		if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
			continue;
		sigaction(numbers[i], &action, NULL);
	}
	return 0;
}

static void tick(struct service *service)
{
	const uint64_t now = vdk_page_now();
	struct vdk_report report;
	const int error = hook_call(service->hook, now, &report);

	if (!error)
		vdk_page_touch(service->page, now, service->options->limit);
	else if (error != service->last_problem)
		tool_complain("publish", &report);
	service->last_problem = error;
}

static int set_timer(const struct service *service, uint64_t every)
{
	const struct timespec period = {.tv_sec = (time_t)(every / NS),
	                                .tv_nsec = (long)(every % NS)};
	const struct itimerspec schedule = {.it_interval = period, .it_value = period};

	return timerfd_settime(service->timer_fd, 0, &schedule, NULL) ? -errno : 0;
}

static void drain(int fd)
{
	char events[4096];

	while (read(fd, events, sizeof(events)) > 0)
		;
}

/*
 * Rest when nobody has the page. Who opens it after the watch was read empty makes it readable
 * again; who did so before is found by the question.
 */
static void rest_if_alone(struct service *service)
{
	const uint64_t now = vdk_page_now();
	int somebody;

	if (service->watch_fd < 0 || now < service->idle_next)
		return;
	service->idle_next = now + service->options->idle;
	drain(service->watch_fd);
	somebody = vdk_page_attended(service->page);
	if (somebody < 0) {
		tool_error("publish", "--idle: cannot tell whether anybody has the page open, so it "
		           "goes on: %s", strerror(-somebody));
		vdk_closep(&service->watch_fd);
		service->watch_fd = -1;
		return;
	}
	if (somebody || set_timer(service, 0))
		return;
	service->idle = true;
	hook_rest(service->hook, now);
	notify("STATUS=idle: nobody has the page open");
}

static void wake(struct service *service)
{
	drain(service->watch_fd);
	service->idle_next = vdk_page_now() + service->options->idle;
	if (!service->idle)
		return;
	service->idle = false;
	tick(service);
	set_timer(service, service->options->every);
	notify("STATUS=running");
}

static void on_line(void *context, const char *text, size_t length)
{
	struct service *service = context;
	struct vdk_report report = {.text = "out of memory"};
	size_t column = 1;
	int result;

	if (text)
		result = feed_line(service->feed, text, length, &column, &report);
	else
		result = vdk_report_set(&report, -EMSGSIZE, NULL,
		                        "expected at most %u bytes in a line, found more",
		                        LINE_MAX_BYTES);
	if (result > 0 && !service->hook)
		vdk_page_touch(service->page, vdk_page_now(), service->options->limit);
	if (result >= 0)
		return;
	service->bad_line = true;
	tool_error("publish", "standard input: line %lu, column %zu: %s%s%s",
	           service->lines.number, column, report.object, *report.object ? ": " : "",
	           report.text);
}

/* Signs of life follow the loop: a hook that hangs gives none. */
static int feed_watchdog(struct service *service)
{
	const uint64_t now = vdk_page_now();

	if (service->watchdog == 0)
		return -1;
	if (now >= service->watchdog_next) {
		if (service->last_problem == 0)
			notify("WATCHDOG=1");
		service->watchdog_next = now + service->watchdog;
	}
	return (int)((service->watchdog_next - now) / 1000000 + 1);
}

/* Return: 1 go on, 0 the end, or a negative errno. */
static int wait_and_serve(struct service *service)
{
	struct pollfd polled[] = {
		{.fd = service->options->lines ? STDIN_FILENO : -1, .events = POLLIN},
		{.fd = service->timer_fd, .events = POLLIN},
		{.fd = stop_fd, .events = POLLIN},
		{.fd = service->hook && !service->idle ? hook_wake_fd(service->hook) : -1,
		 .events = POLLIN},
		{.fd = service->watch_fd, .events = POLLIN},
	};
	uint64_t ticks;
	int more = 1;

	if (poll(polled, 5, feed_watchdog(service)) < 0)
		return errno == EINTR ? 1 : -errno;
	if (polled[2].revents)
		return 0;
	/* However many periods were missed, one update is up to date. */
	if ((polled[1].revents && read(service->timer_fd, &ticks, sizeof(ticks)) > 0) ||
	    polled[3].revents) {
		tick(service);
		rest_if_alone(service);
	}
	if (polled[4].revents)
		wake(service);
	if (polled[0].revents)
		more = lines_read(&service->lines, STDIN_FILENO, on_line, service);
	return more;
}

static int serve(struct service *service)
{
	int more = 1;

	notify("READY=1");
	while (more > 0)
		more = wait_and_serve(service);
	notify("STOPPING=1");
	if (more < 0) {
		tool_error("publish", "standard input: %s", strerror(-more));
		return EXIT_SYSTEM;
	}
	return service->bad_line ? EXIT_FINDING : EXIT_FINE;
}

static int start_timer(struct service *service)
{
	int error;

	service->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (service->timer_fd < 0)
		return -errno;
	error = set_timer(service, service->options->every);
	if (!error && service->options->idle) {
		service->idle_next = vdk_page_now() + service->options->idle;
		error = vdk_page_watch(service->page, &service->watch_fd);
	}
	return error;
}

static int load(struct service *service, const struct vdk_publisher *publisher)
{
	struct vdk_report report = {.text = "out of memory"};
	const uint64_t period = service->options->once ? 0 : service->options->every;
	const int fd = vdk_publisher_update_fd(publisher);
	int error = 0;

	if (fd >= 0)
		error = hook_load(fd, service->page, period, &service->hook, &report);
	if (!error && service->hook) {
		/* Readers that start now find a value already. */
		tick(service);
		if (!service->options->once)
			error = start_timer(service);
		if (error)
			vdk_report_set(&report, error, "timer", "%s", strerror(-error));
	}
	if (!error && service->options->lines) {
		service->feed = feed_new(service->page);
		error = service->feed ? 0 : -ENOMEM;
	}
	if (error)
		tool_complain("publish", &report);
	return error;
}

int service_run(struct vdk_publisher *publisher, const struct service_options *options)
{
	struct service service = {.options = options, .timer_fd = -1, .watch_fd = -1};
	int code;

	service.page = vdk_publisher_page(publisher);
	/* Half the manager's limit, as sd_watchdog_enabled(3) advises. */
	service.watchdog = notify_watchdog() / 2;
	code = catch_signals() || load(&service, publisher) ? EXIT_SYSTEM : EXIT_FINE;
	if (!code && (service.timer_fd >= 0 || options->lines))
		code = serve(&service);
	else if (!code && service.last_problem)
		code = EXIT_SYSTEM;
	lines_clear(&service.lines);
	feed_free(service.feed);
	hook_free(service.hook);
	vdk_closep(&service.timer_fd);
	vdk_closep(&service.watch_fd);
	return code;
}
