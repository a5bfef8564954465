/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VDK_VDSO_KERNEL_H
#define VDK_VDSO_KERNEL_H

/*
 * vdk/vdso-kernel.h - the functions of a vDSO, in the kernel's own image
 *
 * The kernel's half of <vdk/vdso.h>. The code runs in programs; records are read from the vvar
 * page, which is mapped before the image.
 */

#include <linux/kernel.h>
#include <linux/time.h>
#include <linux/types.h>

#include <asm/barrier.h>

/* With <asm/vvar.h>, which needs what is declared before it. */
#include <vdso/datapage.h>
#include <vdso/processor.h>

/* The version is for the version script in vdso.lds.S. */
#define VDK_FUNCTION_VERSION(version, ret_t, name, params)		\
	ret_t __vdso_##name params;					\
	extern typeof(__vdso_##name) name __weak __alias(__vdso_##name); \
	notrace ret_t __vdso_##name params

#define VDK_FUNCTION(ret_t, name, params)				\
	VDK_FUNCTION_VERSION("LINUX_2.6", ret_t, name, params)

/* How often vdk_read() looks again before it gives up. */
#define VDK_READ_TRIES 1000

/*
 * In a time namespace vvar_page is a page of that namespace, which has clock offsets and, where
 * our records would be, zeroes; timens_page is the real one. It is mapped in that case only, so
 * it must not be touched in any other.
 */
static __always_inline bool vdk_in_time_namespace(void)
{
	return IS_ENABLED(CONFIG_TIME_NS) &&
	       READ_ONCE(__arch_get_vdso_data()->clock_mode) == VDSO_CLOCKMODE_TIMENS;
}

/*
 * Read a record as one consistent snapshot, without waiting for a writer: there is always a whole
 * copy, and a try fails only when the kernel published during the copy itself.
 *
 * Order: the first barrier keeps the copy's loads behind the sequence, the second one keeps them
 * before the second look.
 */
#define vdk_read(tag, out)						\
({									\
	const struct vdk_slot_##tag *vdk_slot_ = &VVAR(vdk_record_##tag); \
	int vdk_status_ = -VDK_EAGAIN, vdk_try_;			\
									\
	for (vdk_try_ = 0; vdk_try_ < VDK_READ_TRIES; vdk_try_++) {	\
		const u64 vdk_seq_ = READ_ONCE(vdk_slot_->sequence);	\
									\
		if (unlikely(!vdk_seq_)) {				\
			if (vdk_slot_ == &VVAR(vdk_record_##tag) &&	\
			    vdk_in_time_namespace()) {			\
				vdk_slot_ = &TIMENS(vdk_record_##tag);	\
				continue;				\
			}						\
			vdk_status_ = -VDK_ENODATA;			\
			break;						\
		}							\
		smp_rmb(); /* pairs with vdk_write()'s release */	\
		*(out) = vdk_slot_->copy[vdk_seq_ & 1].value;		\
		smp_rmb(); /* pairs with vdk_write()'s smp_wmb() */	\
		if (likely(READ_ONCE(vdk_slot_->sequence) == vdk_seq_)) { \
			vdk_status_ = 0;				\
			break;						\
		}							\
		cpu_relax();						\
	}								\
	vdk_status_;							\
})

#endif
