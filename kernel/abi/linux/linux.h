/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside the Linux ABI: what its files share.
 *
 * A handler decodes its arguments, calls one kernel service and encodes the result: a value, or
 * a negative errno. The handlers are declared from the table in <linux/syscalls.h>.
 */
#pragma once

#include <base/errno.h>
#include <base/types.h>
#include <linux/syscalls.h>
#include <linux/types.h>
#include <mm/vm/user.h>
#include <proc/signal.h>
#include <scheme/path.h>

struct arch_registers;
struct signal_action;
struct signal_info;

struct linux_call {
	struct arch_registers *registers;
	uint64_t argument[6];
};

#define LINUX_DECLARE(number, name) int64_t linux_##name(const struct linux_call *call);
LINUX_SYSCALLS(LINUX_DECLARE)
#undef LINUX_DECLARE

/* Internal: a sleep that restart_syscall continues with its deadline (restart.c). */
#define LINUX_RESTART_BLOCK 516

#define LINUX_SIGNAL_MAX 64

static inline int linux_int(const struct linux_call *call, unsigned index)
{
	return (int)call->argument[index];
}

static inline unsigned linux_unsigned(const struct linux_call *call, unsigned index)
{
	return (unsigned)call->argument[index];
}

/* Whole structures from and to user memory. */
static inline int must_check linux_get(void *to, uint64_t from, size_t size)
{
	return copy_from_user(to, user_in(from, size));
}

static inline int must_check linux_put(uint64_t to, const void *from, size_t size)
{
	return copy_to_user(user_out(to, size), from);
}

/* --- Paths (at.c) --- */

#define LINUX_AT_CWD              (-100)
#define LINUX_AT_SYMLINK_NOFOLLOW 0x100
#define LINUX_AT_REMOVEDIR        0x200
#define LINUX_AT_EACCESS          0x200
#define LINUX_AT_SYMLINK_FOLLOW   0x400
#define LINUX_AT_NO_AUTOMOUNT     0x800
#define LINUX_AT_EMPTY_PATH       0x1000

/* A path argument with the walker and the directory that it starts from. */
struct linux_at {
	struct walker walker;
	struct dentry *start; /* NULL: the working directory */
	char *path;
};

/* Copies the path at user address `path`, relative to descriptor `fd`. After success,
 * linux_at_end() gives everything back. */
int must_check linux_at_begin(struct linux_at *at, int fd, uint64_t path);
void linux_at_end(struct linux_at *at);
/* The dentry that an (fd, path, AT_ flags) triple names; with AT_EMPTY_PATH and an empty path,
 * that of the descriptor. `follow`: whether links are followed by default. */
int must_check linux_at_walk(int fd, uint64_t path, unsigned flags, bool follow,
			     struct dentry **found);

/* --- Attributes (stat.c) --- */
int64_t linux_put_stat(const struct node *node, uint64_t to);
/* mount.c: Linux's flags of mount and statfs for those of a scheme. */
unsigned linux_mount_flags(unsigned scheme_flags);

/* --- Time (time.c) --- */
int must_check linux_get_timespec(uint64_t from, uint64_t *ns);
int must_check linux_put_timespec(uint64_t to, uint64_t ns);
struct linux_timeval linux_timeval_of(uint64_t ns);
int must_check linux_put_timeval(uint64_t to, uint64_t ns);
/* struct itimerspec. */
int must_check linux_get_itimerspec(uint64_t from, uint64_t *value, uint64_t *interval);
int must_check linux_put_itimerspec(uint64_t to, uint64_t value, uint64_t interval);
/* A relative timeout at a user address (0: for ever) as a monotonic deadline. */
int must_check linux_get_timeout(uint64_t from, uint64_t *deadline);

/* --- Scheduling (priority.c) --- */
struct user_thread;
/* May the current thread change how `thread` is scheduled? */
bool linux_may_schedule(struct user_thread *thread);
/* May it give the thread a better nice value (RLIMIT_NICE, privilege)? */
bool linux_may_be_nice(struct user_thread *thread, int nice);

/* --- Signals --- */
void linux_encode_siginfo(const struct signal_info *info, struct linux_siginfo *to);
int must_check linux_get_mask(uint64_t from, uint64_t size, uint64_t *mask);
/* x86_64/signal_frame.c */
int linux_deliver_signal(struct arch_registers *registers, const struct signal_info *info,
			 const struct signal_action *action, signal_set_t old_mask);
/* restart.c */
void linux_restart(struct arch_registers *registers, const struct signal_action *action);
/* Arms restart_syscall for an interrupted relative sleep: -LINUX_RESTART_BLOCK. */
int64_t linux_restart_sleep(uint64_t deadline, uint64_t remaining_at);
/* time.c: sleeps until a monotonic deadline; when interrupted, stores what is left. */
int64_t linux_sleep_until(uint64_t deadline, uint64_t remaining_at);

/* stack.c */
struct exec_image;
int linux_build_stack(struct exec_image *image, uintptr_t *stack_pointer);

/* io.c: -EFBIG, with SIGXFSZ, where the file may not become so large. */
struct file;
int must_check linux_check_file_size(const struct file *file, uint64_t size);
/* I/O vectors (io.c). */
struct io_segment;
int must_check linux_get_vector(uint64_t address, uint64_t count, struct io_segment **segments);
