/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an ending thread leaves behind in its memory: the word that pthread_join waits on, and
 * the robust futexes that it held. All of it is the program's and may be anything.
 */
#include "process_private.h"

#include <base/errno.h>
#include <mm/vm/user.h>
#include <sched/futex.h>

#define ROBUST_LIST_MAX  2048 /* entries that are looked at */
#define FUTEX_WAITERS    0x80000000u
#define FUTEX_OWNER_DIED 0x40000000u
#define FUTEX_OWNER_MASK 0x3fffffffu
#define FUTEX_ALL_BITS   0xffffffffu
#define ROBUST_PRIORITY  1u /* bit 0 of a link: a priority-inheriting futex */

/* The user's struct robust_list_head. */
struct robust_head {
	/* 0x00 */ uint64_t first;
	/* 0x08 */ int64_t futex_offset;
	/* 0x10 */ uint64_t pending; /* being locked or unlocked just now */
};

_Static_assert(sizeof(struct robust_head) == 24, "Linux's robust list");

static void wake_futex(struct user_thread *self, uintptr_t address)
{
	struct futex_key key;

	if (aspace_futex_key(self->process->aspace, address, false, &key) == 0)
		futex_wake(&key, FUTEX_ALL_BITS, 1);
}

/* Marks the futex at `address` as left by its owner, if that is the current thread. */
static void abandon_futex(struct user_thread *self, uintptr_t address, bool priority, bool pending)
{
	uint32_t value, found;

	if (address % sizeof(uint32_t) != 0 || read_user_u32(address, &value))
		return;
	/* It died between unlocking and waking: somebody else must wake. */
	if (pending && !priority && value == 0) {
		wake_futex(self, address);
		return;
	}
	for (;;) {
		uint32_t left = (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED;

		if ((value & FUTEX_OWNER_MASK) != self->id)
			return;
		if (exchange_user_u32(address, value, left, &found))
			return;
		if (found == value)
			break;
		value = found;
	}
	if (!priority && value & FUTEX_WAITERS)
		wake_futex(self, address);
}

static void abandon_robust_list(struct user_thread *self)
{
	uintptr_t head_address = self->robust_list;
	struct robust_head head;
	uint64_t link;

	if (copy_from_user(&head, user_in(head_address, sizeof(head))))
		return;
	link = head.first;
	for (unsigned i = 0; i < ROBUST_LIST_MAX; i++) {
		uintptr_t entry = link & ~(uint64_t)ROBUST_PRIORITY;
		uint64_t next;
		bool more;

		if (entry == head_address)
			break;
		/* Read first: the owner of the futex may free it as soon as it is marked. */
		more = read_user_u64(entry, &next) == 0;
		if (link != head.pending)
			abandon_futex(self, entry + (uint64_t)head.futex_offset,
				      link & ROBUST_PRIORITY, false);
		if (!more)
			break;
		link = next;
	}
	if (head.pending)
		abandon_futex(self,
			      (head.pending & ~(uint64_t)ROBUST_PRIORITY) +
				      (uint64_t)head.futex_offset,
			      head.pending & ROBUST_PRIORITY, true);
}

void user_thread_leave_memory(struct user_thread *self)
{
	struct process *process = self->process;
	uintptr_t clear = self->clear_child_tid;

	if (!process->aspace)
		return;
	if (self->robust_list)
		abandon_robust_list(self);
	/* Only if somebody is left to see it. */
	if (clear &&
	    (process->thread_count > 1 || refcount_read(&process->aspace->references) > 1)) {
		user_store_u32(clear, 0);
		wake_futex(self, clear);
	}
	self->robust_list = 0;
	self->clear_child_tid = 0;
}
