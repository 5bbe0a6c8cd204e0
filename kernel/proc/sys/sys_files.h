/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside scheme `sys:`, what the kernel tells about itself: one directory of generated text files,
 * described by the table in sys_root.c. docs/sys-scheme.md has the formats.
 */
#pragma once

#include <scheme/text.h>

struct scheme;
struct scheme_request;

/* The file with this number, from 0 without gaps, or NULL. */
const struct sys_text *sys_file_get(uint64_t number);
/* The file of that name, or NULL. */
const struct sys_text *sys_file_find(const char *name);
/* How it may be opened, but for its kind: by root for writing, where it takes that. */
uint32_t sys_file_permissions(const struct sys_text *file);
/* The whole text of the file of that name. 0 or a negative errno, -ENOENT: there is none. */
int sys_file_generate(const char *name, struct text *text);

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
