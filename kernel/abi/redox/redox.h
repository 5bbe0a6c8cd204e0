/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside the Redox ABI: what its files share.
 *
 * A handler decodes its arguments, calls one kernel service and encodes the result: a value, or
 * a negative errno of <base/errno.h>. The handlers are declared from the table in
 * <redox/syscalls.h>. docs/abi/redox.md tells what is served.
 *
 * Order of checks: the descriptor (EBADF), then user memory (EFAULT: the whole range, before
 * anything happens), then the rest.
 */
#pragma once

#include <base/errno.h>
#include <base/types.h>
#include <mm/vm/user.h>
#include <proc/fd_table.h>
#include <proc/signal.h>
#include <redox/flags.h>
#include <redox/syscalls.h>
#include <redox/types.h>
#include <scheme/path.h>
#include <scheme/scheme.h>

struct arch_registers;
struct clone_request;
struct exec_image;
struct process;
struct user_thread;

struct redox_call {
	struct arch_registers *registers;
	uint64_t argument[6];
};

#define REDOX_DECLARE(number, name) int64_t redox_##name(const struct redox_call *call);
REDOX_SYSCALLS(REDOX_DECLARE)
#undef REDOX_DECLARE

/* --- Arguments (arguments.c) --- */

/* The descriptor in argument `index`, or -1, which is none. */
static inline int redox_fd(const struct redox_call *call, unsigned index)
{
	return call->argument[index] < FD_TABLE_MAX ? (int)call->argument[index] : -1;
}

/* 0 if the program could read, or with `write` write, every byte of the range; -EFAULT. Length 0
 * is always right. */
int must_check redox_check_user(uint64_t address, uint64_t length, bool write);
/* Whole structures. -EFAULT. */
static inline int must_check redox_get(void *to, uint64_t from, size_t size)
{
	return copy_from_user(to, user_in(from, size));
}

static inline int must_check redox_put(uint64_t to, const void *from, size_t size)
{
	return copy_to_user(user_out(to, size), from);
}

/* A copy of user text, terminated, for kfree. -EFAULT, -EINVAL (not UTF-8, a 0 in it),
 * -ENAMETOOLONG, -ENOMEM. */
int must_check redox_copy_text(uint64_t address, uint64_t length, char **text);
/* The same into memory of the caller's, of length + 1 bytes. -EFAULT, -EINVAL. */
int must_check redox_fill_text(uint64_t address, uint64_t length, char *text);
/* True for UTF-8 without a 0 in it, which no name of ours can have. */
bool redox_text_is_valid(const char *text, size_t length);
/* -EINVAL for values no clock shows; in nanoseconds, cut to what fits. */
int must_check redox_get_timespec(uint64_t from, uint64_t *ns);
int must_check redox_put_timespec(uint64_t to, uint64_t ns);
/* True for the effective user root. */
bool redox_is_root(void);

/* --- Names (path.c) --- */

#define REDOX_NAME_MAX 65536 /* bytes of a name that a provider may give */

/* A name made canonical: "scheme:/a/b", and where it leads. */
struct redox_path {
	char *name;       /* owned */
	const char *rest; /* behind the colon, in `name` */
	size_t rest_length;
	struct scheme *scheme; /* a reference */
	struct walker walker;  /* for schemes that are trees: begins at the scheme's root */
};

/* From user text, relative to the working directory. After success redox_path_end() gives
 * everything back. -ENODEV: no such scheme in the effective namespace; or as
 * redox_copy_text(). */
int must_check redox_path_begin(struct redox_path *path, uint64_t address, uint64_t length);
/* The same of kernel text, which is not taken over; for names that links lead to. */
int must_check redox_path_begin_text(struct redox_path *path, const char *text);
void redox_path_end(struct redox_path *path);
/* Calls `serve` with the file of descriptor 0 and the name in arguments 1 and 2. -EBADF, errors of
 * redox_path_begin(), or what it returns. */
int64_t redox_serve_file_and_path(const struct redox_call *call,
				  int (*serve)(struct file *file, struct redox_path *path));
/* `name` relative to `directory` (canonical), canonical; for kfree. NULL: no memory. */
char *redox_canonical_name(const char *directory, const char *name);
/* The name of the current process's working directory, for kfree. */
int must_check redox_working_directory(char **name);

/* Opens it with Redox's flags, following links across schemes, after which `path` is the last of
 * them. A reference in *file. */
int must_check redox_open_path(struct redox_path *path, uint64_t flags, struct file **file);
/* The same for a descriptor: directories are ready to be read. */
int must_check redox_open_file(struct redox_path *path, uint64_t flags, struct file **file);
/* enum redox_open_flags as enum file_flags, and back (without permissions and CLOEXEC). */
unsigned redox_file_flags(uint64_t flags);
uint64_t redox_flags_of_file(const struct file *file);
/* Replaces all but the access mode (SETFL). */
void redox_set_flags_of_file(struct file *file, uint64_t flags);

/* What follows the colon, for schemes that are trees (names.c). */
const char *redox_path_in_tree(const struct redox_path *path);
/* False if what follows the colon is only text, or if the scheme is a single file. */
bool redox_scheme_has_tree(const struct scheme *scheme);
/* unlink, or with `directory` rmdir. */
int must_check redox_remove_path(struct redox_path *path, bool directory);

/* Reads or writes as Redox programs do it: directories and links, too. `offset` NULL: at the
 * position (io.c). */
ssize_t must_check redox_transfer(struct file *file, struct io *io, const uint64_t *offset,
				  bool write);

/* --- Memory (memory_scheme.c) --- */

/* True for the files of `memory:`: mapped, they are anonymous memory. */
bool redox_is_memory(const struct file *file);

/* --- Signals (signal.c, signal_deliver.c) --- */
enum signal_default redox_default_action(int signal);
int redox_deliver_signal(struct arch_registers *registers, const struct signal_info *info,
			 const struct signal_action *action, signal_set_t old_mask);
/* Of the current thread, as the program sees it: not what a running handler holds back. */
signal_set_t redox_signal_mask(void);
void redox_set_signal_mask(signal_set_t mask);
/* personality.fork_thread, and the signals' part of personality.leave. */
int redox_fork_thread(struct user_thread *child, struct user_thread *parent,
		      const struct clone_request *request);
void redox_leave_signals(struct process *process);

/* --- The machine (x86_64/machine_state.c) --- */
/* All registers of the current thread's user mode, in redox_state_size() bytes of memory. */
size_t redox_state_size(void);
void redox_state_save(void *memory, const struct arch_registers *registers);
void redox_state_load(const void *memory, struct arch_registers *registers);
/* Redirects `registers` to a handler on the stack below `stack_top`. -EFAULT: the stack is bad,
 * and nothing has changed. */
int redox_enter_handler(struct arch_registers *registers, const struct signal_action *action,
			int signal, uintptr_t stack_top);

/* --- Programs (exec.c) --- */
int redox_build_stack(struct exec_image *image, uintptr_t *stack_pointer);
#define REDOX_STACK_SIZE ((size_t)1 << 20)
/* A file that can be run: `file` itself with a reference, or a copy of what a process provides, so
 * that it matters no more what that one does. -ENOMEM, the provider's errors. */
int must_check redox_program_file(struct file *file, struct file **program);
/* What PT_INTERP of a program names, for reading, if it may be executed. `in_full`: -EACCES where
 * the name leaves out the scheme. */
int redox_open_interpreter(const char *path, bool in_full, struct file **file);
