/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_PUBLISH_VERSION_H
#define VDK_PUBLISH_VERSION_H

/* Which versions of page and image this kit reads, and which one a layout needs: vdk/format.h. */

#include <stdbool.h>

#include <vdk/layout.h>

static inline bool vdk_page_version_known(uint32_t version)
{
	return version == VDK_PAGE_VERSION || version == VDK_PAGE_VERSION_LISTS;
}

static inline bool vdk_image_version_known(uint32_t version)
{
	return version == VDK_IMAGE_VERSION || version == VDK_IMAGE_VERSION_LISTS;
}

static inline uint32_t vdk_layout_page_version(const struct vdk_layout *layout)
{
	for (uint32_t i = 0; i < layout->record_count; i++)
		if (layout->records[i].list)
			return VDK_PAGE_VERSION_LISTS;
	return VDK_PAGE_VERSION;
}

#endif
