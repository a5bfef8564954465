/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "outcome.h"

#include <inttypes.h>
#include <stdio.h>

/* Nothing of it needs to be quoted: a publication's name has letters, digits and _.- only. */
void outcome_print_json(const char *name, enum vdk_published outcome, struct vdk_page *page)
{
	static const char *const outcomes[] = {
		[VDK_PUBLISHED_NEW] = "new",
		[VDK_PUBLISHED_SAME_PAGE] = "same page",
		[VDK_PUBLISHED_OTHER_PAGE] = "other page",
		[VDK_PUBLISHED_TAKEN_OVER] = "taken over",
	};
	struct vdk_page_info info;

	printf("{\"name\": \"%s\", \"outcome\": \"%s\", ", name, outcomes[outcome]);
	if (page && vdk_page_info(page, &info) == 0)
		printf("\"epoch\": %" PRIu64 ", \"size\": %" PRIu32 "}\n", info.epoch,
		       vdk_page_layout(page)->page_size);
	else
		puts("\"epoch\": null, \"size\": null}");
	fflush(stdout);
}
