/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Priority futexes: locks in user memory whose owner inherits the priority of who waits.
 *
 * The word holds the thread id of the owner, 0 while it is free, and two flags. Programs take and
 * release it by themselves while nobody waits; with waiters, the kernel hands it to the best one
 * and says so in the word.
 */
#pragma once

#include <base/types.h>

struct user_thread;

#define PRIORITY_FUTEX_WAITERS    0x80000000u /* whoever releases it must tell the kernel */
#define PRIORITY_FUTEX_OWNER_DIED 0x40000000u /* while it had the lock */
#define PRIORITY_FUTEX_OWNER      0x3fffffffu /* the bits of the owner's id */

/* Takes the lock at the user address. `private`: only threads of this address space share it.
 * `try`: -EAGAIN instead of waiting. `deadline` is monotonic. 0; -EDEADLK: the owner is the
 * caller, or waits for it by way of others; -ESRCH: there is no such owner; -EINVAL: misaligned, or
 * the word was tampered with; -EFAULT, -ENOMEM, -ETIMEDOUT, -ERESTARTNOINTR. */
int must_check priority_futex_lock(uintptr_t address, bool private, bool try, uint64_t deadline);
/* Releases it to the best waiter. 0; -EPERM: the caller is not the owner; -EINVAL, -EFAULT,
 * -ERESTARTNOINTR. */
int must_check priority_futex_unlock(uintptr_t address, bool private);

/* The current thread ends or begins another program: what it owns and others wait for goes to
 * them. From then on nobody can wait for it, unless `begins_anew`. */
void priority_futex_leave(struct user_thread *self, bool begins_anew);
void priority_futex_init_thread(struct user_thread *thread);
void priority_futex_init(void);
