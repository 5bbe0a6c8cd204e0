/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside scheme `sys:`, what the kernel tells about itself: one directory of generated text files,
 * described by the table in sys_root.c. docs/sys-scheme.md has the formats.
 */
#pragma once

#include <scheme/text.h>

/* Each writes the whole text of a file. 0 or a negative errno. */
int sys_generate_sched(struct text *text);
