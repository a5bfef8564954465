/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TEST_FUZZ_LEFT_H
#define TEST_FUZZ_LEFT_H

/*
 * What a command still held when it was left by a long jump. Between left_begin() and left_end()
 * the memory that the kit's own code takes is written down, and folders that it opens; what was not
 * given back is freed or closed then. A target can so run for hours. What libraries took is lost.
 *
 * It needs the functions wrapped that fuzz_wraps in meson.build has.
 */
void left_begin(void);
void left_end(void);

#endif
