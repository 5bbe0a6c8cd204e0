/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of ids: a bit map of those in use, and a hash of what they name. */
#include "id_table.h"

#include <base/bits.h>
#include <base/errno.h>
#include <core/panic.h>
#include <mm/phys/slab.h>
#include <proc/process.h>

#define ID_BUCKETS  1024
#define ID_RESERVED 300 /* after the first cycle, ids below are left to the system's first */

struct id_entry {
	struct list_node node; /* in a bucket */
	uint32_t id;
	unsigned uses;
	struct user_thread *thread; /* the table holds a reference while it is set */
	struct process *process;    /* the same */
	struct list members;        /* of the group of this number: struct process.group_node */
};

/* Protects everything in this file, and the members of groups and sessions together with
 * process_tree_lock. Taken in interrupts. */
static struct spinlock table_lock = SPINLOCK_INIT(RANK_ID_TABLE, "id table");
static struct list buckets[ID_BUCKETS];
static uint64_t used[BITMAP_WORDS(ID_LIMIT)];
static uint32_t last_allocated;
static uint32_t process_total;
/* The group and session of the first process before it makes its own, which no id names. */
static struct id_entry nobody = { .uses = 1, .members = LIST_INIT(nobody.members) };

irq_state_t id_table_lock(void)
{
	return spin_lock_irqsave(&table_lock);
}

void id_table_unlock(irq_state_t state)
{
	spin_unlock_irqrestore(&table_lock, state);
}

static struct id_entry *entry_find(uint32_t id)
{
	struct list *bucket = &buckets[id % ID_BUCKETS];
	struct list_node *node;

	debug_assert(spin_is_held(&table_lock));
	if (id == 0)
		return &nobody;
	list_for_each (node, bucket) {
		struct id_entry *entry = container_of(node, struct id_entry, node);

		if (entry->id == id)
			return entry;
	}
	return NULL;
}

/* The entry of an id that the caller knows to be in use. */
static struct id_entry *entry_get(uint32_t id)
{
	struct id_entry *entry = entry_find(id);

	assert(entry != NULL);
	return entry;
}

static void entry_put(struct id_entry *entry)
{
	assert(entry->uses > 0);
	if (--entry->uses > 0)
		return;
	list_remove(&entry->node);
	bitmap_clear(used, entry->id);
	kfree(entry);
}

/* The next free id after the last one given out, 0: none. */
static uint32_t find_free(void)
{
	size_t from = last_allocated + 1;
	size_t id = bitmap_find_clear(used, ID_LIMIT, from);

	if (id >= ID_LIMIT)
		id = bitmap_find_clear(used, ID_LIMIT, ID_RESERVED);
	return id < ID_LIMIT ? (uint32_t)id : 0;
}

static void entry_insert(struct id_entry *entry, uint32_t id)
{
	entry->id = id;
	entry->uses = 1;
	list_init(&entry->members);
	list_push_front(&buckets[id % ID_BUCKETS], &entry->node);
	bitmap_set(used, id);
}

int id_allocate(uint32_t *id)
{
	struct id_entry *entry = kzalloc(sizeof(*entry));
	irq_state_t state;

	if (!entry)
		return -ENOMEM;
	state = id_table_lock();
	*id = find_free();
	if (*id) {
		entry_insert(entry, *id);
		last_allocated = *id;
	}
	id_table_unlock(state);
	if (*id)
		return 0;
	kfree(entry);
	return -EAGAIN;
}

int id_allocate_at(uint32_t id)
{
	struct id_entry *entry = kzalloc(sizeof(*entry));
	irq_state_t state;
	bool taken;

	if (!entry)
		return -ENOMEM;
	state = id_table_lock();
	taken = bitmap_test(used, id);
	if (!taken)
		entry_insert(entry, id);
	id_table_unlock(state);
	if (!taken)
		return 0;
	kfree(entry);
	return -EAGAIN;
}

void id_release_locked(uint32_t id)
{
	entry_put(entry_get(id));
}

void id_release(uint32_t id)
{
	irq_state_t state = id_table_lock();

	id_release_locked(id);
	id_table_unlock(state);
}

void id_bind_thread_locked(uint32_t id, struct user_thread *thread)
{
	entry_get(id)->thread = thread;
}

void id_unbind_thread(uint32_t id, struct user_thread *thread)
{
	irq_state_t state = id_table_lock();
	struct id_entry *entry = entry_get(id);

	if (entry->thread == thread)
		entry->thread = NULL;
	entry_put(entry);
	id_table_unlock(state);
}

void id_take_over(struct user_thread *thread, uint32_t pid)
{
	irq_state_t state = id_table_lock();
	struct id_entry *old = entry_get(thread->id);
	struct id_entry *entry = entry_get(pid);

	entry->uses++;
	entry->thread = thread;
	thread->id = pid;
	old->thread = NULL;
	entry_put(old);
	id_table_unlock(state);
}

void id_bind_process_locked(uint32_t id, struct process *process)
{
	struct id_entry *entry = entry_get(id);

	entry->uses++;
	entry->process = process;
	process_total++;
}

void id_unbind_process_locked(uint32_t id)
{
	struct id_entry *entry = entry_get(id);

	entry->process = NULL;
	process_total--;
	entry_put(entry);
}

struct process *id_process_locked(uint32_t id)
{
	struct id_entry *entry = entry_find(id);

	return entry ? entry->process : NULL;
}

struct user_thread *id_thread_locked(uint32_t id)
{
	struct id_entry *entry = entry_find(id);

	return entry ? entry->thread : NULL;
}

struct process *id_next_process_locked(uint32_t id)
{
	size_t next = id;

	for (;;) {
		struct process *process;

		next = next < ID_LIMIT ? bitmap_find_set(used, ID_LIMIT, next) : ID_LIMIT;
		if (next >= ID_LIMIT)
			return NULL;
		process = id_process_locked((uint32_t)next);
		if (process)
			return process;
		next++;
	}
}

bool id_is_used_locked(uint32_t id)
{
	return entry_find(id) != NULL;
}

const struct list *id_members_locked(uint32_t group)
{
	struct id_entry *entry = entry_find(group);

	return entry && !list_empty(&entry->members) ? &entry->members : NULL;
}

void id_join_group_locked(struct process *process, uint32_t group)
{
	struct id_entry *entry = entry_get(group);

	entry->uses++;
	if (list_node_attached(&process->group_node)) {
		list_remove(&process->group_node);
		id_release_locked(process->group);
	}
	list_push_back(&entry->members, &process->group_node);
	process->group = group;
}

void id_join_session_locked(struct process *process, uint32_t session, bool leave_old)
{
	entry_get(session)->uses++;
	if (leave_old)
		id_release_locked(process->session);
	process->session = session;
}

void id_leave_all_locked(struct process *process)
{
	list_remove(&process->group_node);
	id_release_locked(process->group);
	id_release_locked(process->session);
}

uint32_t id_last_allocated(void)
{
	irq_state_t state = id_table_lock();
	uint32_t id = last_allocated;

	id_table_unlock(state);
	return id;
}

uint32_t id_process_count(void)
{
	irq_state_t state = id_table_lock();
	uint32_t count = process_total;

	id_table_unlock(state);
	return count;
}

void id_table_init(void)
{
	for (size_t i = 0; i < ID_BUCKETS; i++)
		list_init(&buckets[i]);
	bitmap_set(used, 0);
	/* Services may come before the first process. */
	last_allocated = ID_FIRST;
}
