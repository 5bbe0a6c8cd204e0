/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside scheme `sys:`, what the kernel tells about itself: one directory of generated text files,
 * described by the table in sys_root.c. docs/sys-scheme.md has the formats.
 */
#pragma once

#include <scheme/text.h>

struct scheme;
struct scheme_request;

struct sys_file {
	const char *name;
	/* Writes the whole text of a file. 0 or a negative errno. */
	int (*generate)(struct text *text);
};

extern const struct sys_file sys_files[];
extern const unsigned sys_file_count;

/* Opens what a Redox program names (sys_open.c). */
int sys_open(struct scheme *scheme, const struct scheme_request *request, struct file **file);

/* sys_sched.c, sys_system.c, sys_context.c, sys_processes.c */
int sys_generate_sched(struct text *text);
int sys_generate_cpu(struct text *text);
int sys_generate_log(struct text *text);
int sys_generate_scheme(struct text *text);
int sys_generate_scheme_number(struct text *text);
int sys_generate_uname(struct text *text);
int sys_generate_context(struct text *text);
int sys_generate_exe(struct text *text);
int sys_generate_block(struct text *text);
int sys_generate_iostat(struct text *text);
int sys_generate_syscall(struct text *text);
