/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of exec share. Private to proc. */
#pragma once

#include <proc/exec.h>
#include <proc/personality.h>
#include <scheme/path.h>

struct credentials;
struct fd_table;
struct signal_handlers;

/* The start of a file, which tells what it is: all of a `#!` line that counts. */
#define EXEC_HEAD_SIZE 256

/* An ELF file to be mapped. */
struct exec_program {
	struct file *file;                 /* a reference, or NULL */
	struct node_attributes attributes; /* as of when it was read */
	struct elf64_header header;
	struct elf64_program_header *headers; /* owned, or NULL */
	struct elf_load_plan plan;
	uintptr_t bias; /* what is added to the addresses of the plan */
};

/* All of one exec. */
struct exec {
	char head[EXEC_HEAD_SIZE + 1]; /* of the file looked at; zeros after its end */
	struct exec_program program, interpreter;
	struct exec_image image;
	const struct personality *personality;
	const char *path;
	unsigned flags; /* enum exec_flags */
	/* Made before the old program is given up; NULL: the old ones stay. */
	struct credentials *credentials;
	struct fd_table *fd_table;
	struct signal_handlers *handlers;
	struct file_context *files;
	char *program_name; /* owned; or NULL, which counts */
};

/* exec_script.c: if `exec->head` is that of a script, replaces program.file by its interpreter,
 * and the arguments, and returns 1; 0: it is none; or an error. */
int must_check exec_follow_script(struct exec *exec, const char *path);

/* Makes `name` the first argument, instead of the one that there is, if any. */
int must_check exec_replace_first_argument(struct exec *exec, const char *name);

/* exec_read.c */
/* Reads the head of the program's file. */
int must_check exec_read_head(struct exec *exec);
/* Reads and checks the ELF headers of both program and interpreter, which it opens. */
int must_check exec_read_programs(struct exec *exec);
/* Another description of what an open file is of, for reading, if it may be executed. */
int must_check exec_reopen(struct file *file, struct file **reopened);
/* True if the interpreter is all that is loaded. */
static inline bool exec_interpreter_alone(const struct exec *exec)
{
	return exec->interpreter.file && exec->personality->open_interpreter;
}

/* exec_layout.c */
/* Chooses where things go in the empty image->aspace: stack, mappings, bias of both. */
int must_check exec_lay_out(struct exec *exec);

/* exec_map.c */
int must_check exec_map_program(const struct exec *exec, const struct exec_program *program);
int must_check exec_map_stack(struct exec *exec);

/* exec_commit.c */
/* Makes all that exec needs besides memory. -ENOMEM. */
int must_check exec_prepare(struct exec *exec);
/* The point of no return: ends the other threads (-EINTR where this one is to end as well),
 * and puts everything new in place. */
int must_check exec_commit(struct exec *exec);
