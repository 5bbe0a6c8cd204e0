/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an ABI supplies to run its programs. One const record per ABI, gathered at link time.
 */
#pragma once

#include <base/types.h>
#include <proc/signal.h>

struct arch_registers;
struct clone_request;
struct elf_load_plan;
struct exec_image;
struct file;
struct process;
struct user_thread;

/* What an executable may say of its ABI; later ones outweigh earlier ones. */
enum personality_mark {
	PERSONALITY_UNMARKED,
	PERSONALITY_INTERPRETER, /* its interpreter is of that ABI */
	PERSONALITY_BRAND,       /* EI_OSABI */
	PERSONALITY_NOTE,
};

struct personality {
	const char *name; /* "linux", "redox" */
	/* Serves one system call: decodes, calls, encodes the result into `registers`. */
	void (*syscall)(struct arch_registers *registers);
	/* Signals. What happens by default; NULL: as Linux has it. */
	enum signal_default (*default_action)(int signal);
	/* A handler holds back all signals that can be blocked until its sigreturn. */
	bool one_handler;
	/* Terminals' stop signals stop the members of orphaned groups too. */
	bool orphans_stop;
	/* Of an access beyond the end of a mapped file or a stack segment's fault; 0: SIGBUS. */
	int memory_fault;
	/* Builds the frame of a signal handler on the user's stack and redirects `registers` to
	 * it. -EFAULT where the stack is bad (the process gets SIGSEGV). `old_mask` is what
	 * sigreturn restores. */
	int (*deliver)(struct arch_registers *registers, const struct signal_info *info,
		       const struct signal_action *action, signal_set_t old_mask);
	/* What becomes of the current thread's interrupted call where it returned a code of the
	 * ABI's own (base/errno.h): makes it run again or return EINTR. A handler with `action` is
	 * about to run, NULL: none. NULL: the ABI has no such codes. */
	void (*restart)(struct arch_registers *registers, const struct signal_action *action);
	/* Writes arguments, environment and auxiliary vector to the new stack (proc/exec.h) and
	 * sets the initial stack pointer in *stack_pointer. */
	int (*build_stack)(struct exec_image *image, uintptr_t *stack_pointer);
	/* Whether the executable says that it is this ABI's, and how surely. */
	enum personality_mark (*recognise)(struct file *file, const void *header, size_t length);
	/* A child process is being made: may give it abi_data of its own. -ENOMEM undoes the
	 * fork. NULL: the child starts with none. */
	int (*fork)(struct process *child, struct process *parent);
	/* The same for the child's thread, which has its process, registers and mask already and is
	 * not to be seen yet. Called in the parent. -ENOMEM. NULL: nothing is done. */
	int (*fork_thread)(struct user_thread *child, struct user_thread *parent,
			   const struct clone_request *request);
	/* The program of the current process has ended, by exec or exit; it has one thread.
	 * Lets go of what process->abi_data holds besides its memory, which is kfree'd after
	 * this. May be NULL. */
	void (*leave)(struct process *process);

	/* How its processes live; Linux has none of it. */
	bool children_to_parent; /* who ends hands its children to its own parent */
	bool no_child_signals;   /* parents hear of their children by waiting alone */
	bool many_descriptors;   /* up to FD_TABLE_MAX, whatever RESOURCE_FILES says */
	bool bits_add_up;        /* how permissions are judged: credentials.h */
	/* What the first process has as descriptors 0 to 2, if there is a scheme of that name; NULL or
	 * else: the console. */
	const char *console_scheme;
	/* How its programs are loaded. */
	bool fixed_layout;    /* nothing is moved by random numbers */
	bool strict_segments; /* always readable, writable only if not executable */
	size_t stack_size;    /* mapped at once, never executable; 0: grows up to RESOURCE_STACK */
	/* Opens what PT_INTERP names, which is loaded instead of the program, with the program's
	 * name as its first argument. NULL: found in the Linux tree and loaded beside it. `in_full`: it
	 * must mean the same wherever the caller is, lest that choose what runs; else -EACCES. */
	int (*open_interpreter)(const char *path, bool in_full, struct file **file);
};

extern const struct personality *const personalities_start[], *const personalities_end[];

#define PERSONALITY(record)                                            \
	static const struct personality *const personality_of_##record \
		__attribute__((section(".personalities"), used)) = &(record)

/* The record named `name`, or NULL. */
const struct personality *personality_find(const char *name);
/* The one that the executable says it is for, whose first `length` bytes are `header`: by what is
 * in it, or else by its extended attribute user.abi; else `fallback`. */
const struct personality *personality_recognise(struct file *file, const void *header,
						size_t length, const struct personality *fallback);
