/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * write - what a service does by libvdk: become the publisher of NAME, write beside one, look at it
 *
 *   write publisher|writer|alive|read NAME
 *
 * It prints what came of it: "0", or the error's number and its words.
 */
#include <stdio.h>
#include <string.h>

#include <vdk/page.h>
#include <vdk/publish.h>

static int open_publisher(const char *name, struct vdk_report *report)
{
	struct vdk_publisher *publisher = NULL;
	const int error = vdk_publisher_open(name, NULL, &publisher, report);

	vdk_publisher_close(publisher);
	return error;
}

static int open_writer(const char *name, struct vdk_report *report)
{
	struct vdk_page *page = NULL;
	const int error = vdk_publication_writer(name, &page, report);

	vdk_page_close(page);
	return error;
}

static int look(const char *name, bool alive, struct vdk_report *report)
{
	struct vdk_publication publication = VDK_PUBLICATION_CLOSED;
	int error = vdk_publication_open(name, &publication, report);

	if (!error && alive)
		error = vdk_publisher_alive(&publication);
	vdk_publication_close(&publication);
	return error;
}

int main(int argc, char **argv)
{
	struct vdk_report report = {0};
	int result;

	if (argc != 3)
		return 2;
	result = !strcmp(argv[1], "publisher") ? open_publisher(argv[2], &report)
	         : !strcmp(argv[1], "writer")  ? open_writer(argv[2], &report)
	                                       : look(argv[2], !strcmp(argv[1], "alive"), &report);
	printf("%d", result);
	if (*report.text)
		printf(" %s: %s", report.object, report.text);
	putchar('\n');
	return result < 0;
}
