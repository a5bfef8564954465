/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TRIAL_LINUX_TYPES_H
#define TRIAL_LINUX_TYPES_H

/*
 * Just enough of a kernel for the trial compilation of `vdk bake`: the words that the kit's kernel
 * headers and an author's sources may use, with the kernel's types. Nothing made with it is run.
 */

typedef signed char s8;
typedef unsigned char u8;
typedef short s16;
typedef unsigned short u16;
typedef int s32;
typedef unsigned int u32;
typedef long long s64;
typedef unsigned long long u64;

typedef s8 int8_t;
typedef u8 uint8_t;
typedef s16 int16_t;
typedef u16 uint16_t;
typedef s32 int32_t;
typedef u32 uint32_t;
typedef s64 int64_t;
typedef u64 uint64_t;
typedef unsigned long size_t;
typedef long ssize_t;
typedef unsigned long uintptr_t;
typedef _Bool bool;

enum { false = 0, true = 1 };

#define NULL ((void *)0)

#define __aligned(bytes) __attribute__((__aligned__(bytes)))
#define __always_inline inline __attribute__((__always_inline__))
#define __weak __attribute__((__weak__))
#define __alias(symbol) __attribute__((__alias__(#symbol)))
#define notrace
#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)
#define READ_ONCE(object) (*(const volatile __typeof__(object) *)&(object))
#define barrier() __asm__ __volatile__("" : : : "memory")
#define smp_rmb() barrier()
#define smp_wmb() barrier()
#define smp_store_release(to, value) do { barrier(); *(to) = (value); } while (0)
#define cpu_relax() __builtin_ia32_pause()
#define IS_ENABLED(option) 1
#define __same_type(a, b) __builtin_types_compatible_p(__typeof__(a), __typeof__(b))
#define static_assert(condition, text) _Static_assert(condition, text)
#define ENODATA 61

#define VVAR(name) (vvar_##name)
#define TIMENS(name) (timens_##name)
#define VDSO_CLOCKMODE_TIMENS 0x7fffffff

struct vdso_data {
	s32 clock_mode;
};

extern const struct vdso_data *__arch_get_vdso_data(void);

#endif
