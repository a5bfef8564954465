/* SPDX-License-Identifier: MIT */
#ifndef VDK_BITS_REFERENCE_H
#define VDK_BITS_REFERENCE_H

/* How the macros of vdk/reference.h work, which is what to include and to read. */

#define VDK_REFERENCE_(ret, name, params, question, tolerance, flags, n)                           \
	VDK_REFERENCE_NUMBERED_(ret, name, params, question, tolerance, flags, n)

/* Under the name of the function the question finds a pointer of the declared type. */
#define VDK_REFERENCE_NUMBERED_(ret_, name_, params_, question_, tolerance_, flags_, n)            \
	_Static_assert((tolerance_) >= 0,                                                          \
	               "VDK_REFERENCE(" #name_ "): the tolerance must not be negative");           \
	__attribute__((used, section(".vdk.reference"), aligned(1))) static const char             \
	        vdk_reference_text_##n[] = #name_ "\0" #ret_ "\0" #params_;                        \
	static int64_t vdk_reference_ask_##n(                                                      \
	        const struct vdk_reference *vdk_self_ __attribute__((unused)),                     \
	        vdk_reference_function *vdk_function_)                                             \
	{                                                                                          \
		ret_(*const name_) params_ = (ret_(*) params_)vdk_function_;                       \
		__typeof__(question_) vdk_answer_ = (question_);                                   \
		_Static_assert(__builtin_classify_type(vdk_answer_) == 1,                          \
		               "VDK_REFERENCE(" #name_ "): the question must give a whole "        \
		               "number; scale one with a fraction, compare what is no number");    \
		return (int64_t)vdk_answer_;                                                       \
	}                                                                                          \
	static int64_t vdk_reference_answer_##n(const struct vdk_reference *);                     \
	static const struct vdk_reference vdk_reference_##n = {                                    \
	        .function = #name_,                                                                \
	        .question = #question_,                                                            \
	        .ask = vdk_reference_ask_##n,                                                      \
	        .answer = vdk_reference_answer_##n,                                                \
	        .tolerance = (tolerance_),                                                         \
	        .flags = (flags_),                                                                 \
	};                                                                                         \
	__attribute__((used, section("vdk_references"))) static const struct vdk_reference *const  \
	        vdk_reference_entry_##n = &vdk_reference_##n;                                      \
	static int64_t vdk_reference_answer_##n(                                                   \
	        const struct vdk_reference *vdk_self_ __attribute__((unused)))

/* The linker marks the ends of a section whose name is one in C. */
#define VDK_REFERENCE_END_ extern __attribute__((visibility("hidden")))
VDK_REFERENCE_END_ const struct vdk_reference *const __start_vdk_references[];
VDK_REFERENCE_END_ const struct vdk_reference *const __stop_vdk_references[];

/* Weak: of several files of references in one module, one has it. */
#ifndef VDK_REFERENCE_NO_MODULE
extern const struct vdk_reference_module vdk_reference_module;
__attribute__((weak, used, visibility("default")))
const struct vdk_reference_module vdk_reference_module = {
	VDK_REFERENCE_VERSION, sizeof(struct vdk_reference), __start_vdk_references,
	__stop_vdk_references};
#endif

#endif
