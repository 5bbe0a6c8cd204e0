/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processes, threads, signals, identity and namespaces. Functions return 0 or more, or a negative
 * errno.
 */
#pragma once

#include <base/string.h>
#include <cryptos/syscall.h>

/* What the program began with: arguments and environment, each list ended by NULL. */
extern char **program_arguments;
extern char **program_environment;
/* The value of "name=value" in the environment, or NULL. */
const char *environment_get(const char *name);

_Noreturn static inline void process_exit(unsigned status)
{
	for (;;)
		syscall(exit, status);
}

/* REDOX_CLONE_* but for STACK; returns the child's id, and 0 in the child. */
static inline int64_t process_clone(uint64_t flags)
{
	return syscall(clone, flags);
}

/* A thread: clone with `flags` and STACK that runs run(argument) on a stack whose end (its highest
 * address, 16-aligned) is given, and exits with its result. Returns its id, to be waited for. */
int64_t thread_clone(uint64_t flags, void *stack_end, unsigned (*run)(void *), void *argument);
#define THREAD_FLAGS                                                                 \
	(REDOX_CLONE_VM | REDOX_CLONE_FS | REDOX_CLONE_FILES | REDOX_CLONE_SIGHAND | \
	 REDOX_CLONE_THREAD)

/* Replaces the program by the one at `path`. Returns an error or not at all. The lists end with
 * NULL and hold at most PROCESS_STRINGS together (else -E2BIG). */
#define PROCESS_STRINGS 256
int64_t process_execute(const char *path, const char *const *arguments,
			const char *const *environment);

/* Starts the program at `path` as a child with the caller's descriptors; `environment` NULL stands
 * for the caller's own. Returns its id, or why it cannot be started. */
int64_t process_spawn(const char *path, const char *const *arguments,
		      const char *const *environment);

/* REDOX_W*; `status` may be NULL. Returns the process that changed, 0 if none with NOHANG. */
static inline int64_t process_wait(int64_t pid, uint64_t *status, unsigned flags)
{
	return syscall(waitpid, pid, status, flags);
}

/* What a wait status tells. */
static inline bool status_is_exit(uint64_t status)
{
	return (status & 0x7f) == 0;
}

static inline unsigned status_exit(uint64_t status)
{
	return (status >> 8) & 0xff;
}

static inline bool status_is_signal(uint64_t status)
{
	return (status & 0x7f) != 0 && (status & 0xff) != 0x7f && status != 0xffff;
}

static inline unsigned status_signal(uint64_t status)
{
	return status & 0x7f;
}

static inline int64_t process_id(void)
{
	return syscall(getpid);
}

static inline int64_t process_parent(void)
{
	return syscall(getppid);
}

/* 0 is the caller. */
static inline int64_t process_group(int64_t pid)
{
	return syscall(getpgid, pid);
}

static inline int64_t process_set_group(int64_t pid, int64_t group)
{
	return syscall(setpgid, pid, group);
}

static inline int64_t process_yield(void)
{
	return syscall(sched_yield);
}

/* Returns the old mask. */
static inline int64_t process_umask(unsigned mask)
{
	return syscall(umask, mask);
}

/* --- Identity; UINT32_MAX keeps an id --- */

static inline int64_t user_id(void)
{
	return syscall(getuid);
}

static inline int64_t user_id_effective(void)
{
	return syscall(geteuid);
}

static inline int64_t group_id(void)
{
	return syscall(getgid);
}

static inline int64_t group_id_effective(void)
{
	return syscall(getegid);
}

static inline int64_t user_id_set(uint32_t real, uint32_t effective)
{
	return syscall(setreuid, real, effective);
}

static inline int64_t group_id_set(uint32_t real, uint32_t effective)
{
	return syscall(setregid, real, effective);
}

/* --- Namespaces --- */

/* A new namespace with the kernel's own schemes and those named; returns its number. */
int64_t namespace_create(const char *const *names, size_t count);

static inline int64_t namespace_get(void)
{
	return syscall(getns);
}

static inline int64_t namespace_get_effective(void)
{
	return syscall(getens);
}

/* UINT64_MAX keeps one; 0 is the namespace without a way back. */
static inline int64_t namespace_set(uint64_t real, uint64_t effective)
{
	return syscall(setrens, real, effective);
}
