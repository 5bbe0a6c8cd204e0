/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * exec: replaces the program of the current process. ELF executables (static, position
 * independent, or with an interpreter) and `#!` scripts.
 */
#pragma once

#include <base/types.h>
#include <elf/elf.h>

struct aspace;
struct dentry;
struct elf64_program_header;
struct file;
struct walker;

/* Strings copied into the kernel before anything is lost. */
struct exec_strings {
	char *bytes;   /* all strings, each terminated */
	size_t length; /* used */
	size_t capacity;
	size_t count;
};

#define EXEC_STRINGS_MAX (2 * 1024 * 1024) /* arguments and environment in all */
#define EXEC_STRING_MAX  (128 * 1024)      /* one of them, with its end */

/* What the personality's build_stack works with. */
struct exec_image {
	struct aspace *aspace; /* the new one, already the current thread's */
	struct exec_strings arguments, environment;
	const char *path;          /* as given, for AT_EXECFN */
	uintptr_t entry;           /* of the program */
	uintptr_t start;           /* where to begin: the entry, or the interpreter's */
	uintptr_t base;            /* load address of the interpreter, 0: none */
	uintptr_t program_headers; /* user address of the program's headers */
	unsigned program_header_count;
	const struct elf64_program_header *headers; /* a copy of them in the kernel */
	uintptr_t stack_top;                        /* the stack ends here */
	bool secure;                                /* set-id */
};

/* Adds one string. -E2BIG, -ENOMEM. */
int must_check exec_strings_add(struct exec_strings *strings, const char *string, size_t length);
void exec_strings_free(struct exec_strings *strings);
/* Stores the addresses that the strings have where they are written to `at`, and a 0, as argv and envp
 * are: strings->count + 1 words. Returns what comes after them. */
uint64_t *exec_strings_add_addresses(const struct exec_strings *strings, uintptr_t at,
				     uint64_t *words);

/* Opens `path` for process_exec(): a regular file that may be executed; it need not be readable.
 * `walk_flags` as for path_walk(); `start` NULL: the working directory. Path errors, -EACCES. */
int must_check exec_open(const struct walker *walker, struct dentry *start, const char *path,
			 unsigned walk_flags, struct file **file);

enum exec_flags {
	EXEC_PERMITTED = 1,     /* the caller has found that it may execute the file */
	EXEC_NO_SCRIPTS = 2,    /* `#!` is -ENOEXEC */
	EXEC_RESET_IGNORED = 4, /* ignored signals get their default action as well */
	EXEC_PLAIN_SET_ID = 8,  /* set-id bits count as they stand, whatever else there is */
	EXEC_SCHEME_NAME = 16,  /* the path is its name as "SCHEME:REST" */
};

/* Runs `file` (reference kept by the caller) as the program named `path`; takes over the
 * strings, also on failure. Once the old program is gone a failure kills the process with
 * SIGSEGV. On success returns 0, with `registers` of the current thread set up to start. */
int must_check process_exec(struct file *file, const char *path, struct exec_strings *arguments,
			    struct exec_strings *environment, unsigned flags);
