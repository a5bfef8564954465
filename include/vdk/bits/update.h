/* SPDX-License-Identifier: MIT */
#ifndef VDK_BITS_UPDATE_H
#define VDK_BITS_UPDATE_H

/* How the macros of vdk/update.h work, which is what to include and to read. */

#define VDK_UPDATE_MODULE_(u)                                                                      \
	static void vdk_update_hook(struct vdk_update *u);                                         \
	extern const struct vdk_update_module vdk_update_module;                                   \
	__attribute__((visibility("default"), used))                                               \
	const struct vdk_update_module vdk_update_module = {                                       \
		VDK_UPDATE_VERSION, sizeof(struct vdk_update), vdk_update_hook};                   \
	static void vdk_update_hook(struct vdk_update *u)

/* sizeof does not refer to the object: a wrong tag is a compile error, not an undefined symbol. */
#define VDK_UPDATE_SITE_(tag_)                                                                     \
	static struct vdk_update_site vdk_site_ = {                                                \
		.tag = #tag_, .size = sizeof(vdk_record_##tag_.copy[0].value)}

#define VDK_UPDATE_SITE_AT_(tag_)                                                                  \
	static struct vdk_update_site vdk_site_ = {                                                \
		.tag = #tag_, .size = sizeof(vdk_record_##tag_[0].copy[0].value)}

#define VDK_UPDATE_ONE_(macro, tag)                                                                \
	_Static_assert(__builtin_types_compatible_p(__typeof__(vdk_record_##tag),                  \
	                                            struct vdk_slot_##tag),                        \
	               macro "(" #tag "): " #tag " is a list; say which record of it, with " macro \
	                     "_at(u, " #tag ", index, ...)")

#define VDK_UPDATE_TYPE_(macro, tag, value)                                                        \
	_Static_assert(__builtin_types_compatible_p(__typeof__(*(value)), struct tag),             \
	               macro "(" #tag "): the value must point to a struct " #tag)

#define vdk_write_(u, tag, value)                                                                  \
	__extension__({                                                                            \
		VDK_UPDATE_ONE_("vdk_write", tag);                                                 \
		VDK_UPDATE_SITE_(tag);                                                             \
		VDK_UPDATE_TYPE_("vdk_write", tag, value);                                         \
		(u)->write((u), &vdk_site_, (value));                                              \
	})

#define vdk_last_(u, tag, value)                                                                   \
	__extension__({                                                                            \
		VDK_UPDATE_ONE_("vdk_last", tag);                                                  \
		VDK_UPDATE_SITE_(tag);                                                             \
		VDK_UPDATE_TYPE_("vdk_last", tag, value);                                          \
		(u)->read((u), &vdk_site_, (value));                                               \
	})

#define vdk_write_at_(u, tag, index, value)                                                        \
	__extension__({                                                                            \
		VDK_UPDATE_SITE_AT_(tag);                                                          \
		VDK_UPDATE_TYPE_("vdk_write_at", tag, value);                                      \
		(u)->write_at((u), &vdk_site_, (uint64_t)(index), (value));                        \
	})

#define vdk_last_at_(u, tag, index, value)                                                         \
	__extension__({                                                                            \
		VDK_UPDATE_SITE_AT_(tag);                                                          \
		VDK_UPDATE_TYPE_("vdk_last_at", tag, value);                                       \
		(u)->read_at((u), &vdk_site_, (uint64_t)(index), (value));                         \
	})

#endif
