/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The life of threads: their storage, the list of all of them, and their burial.
 *
 * A thread cannot free the stack that it runs on. The next thread on its CPU hands it to the
 * reaper, a kernel thread, which frees the stack and drops the scheduler's reference. Last
 * references are also dropped in places that must not sleep, so the reaper calls `release` too.
 */
#include "sched_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <core/panic.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>
#include <sync/snapshot.h>
#include <trace/trace.h>

/* All threads but the idle ones. */
static struct list all_threads = LIST_INIT(all_threads);
static struct spinlock all_threads_lock = SPINLOCK_INIT(RANK_THREADS, "all threads");

static struct {
	struct spinlock lock; /* the lists */
	struct list dead;     /* left their CPU for good; by run_node */
	struct list released; /* lost their last reference; by run_node */
	struct thread thread;
} reaper = {
	.lock = SPINLOCK_INIT(RANK_LEAF, "reaper"),
	.dead = LIST_INIT(reaper.dead),
	.released = LIST_INIT(reaper.released),
};

/* A kernel thread works for everybody, whoever's call it was that made it. */
static bool inherits(const struct thread *thread, const struct thread *parent)
{
	return thread->user && parent->user;
}

static void set_defaults(struct thread *thread, const char *name, unsigned cpu)
{
	memset(thread, 0, sizeof(*thread));
	string_copy(thread->name, name, sizeof(thread->name));
	list_node_init(&thread->run_node);
	list_node_init(&thread->all_node);
	thread->cpu = cpu;
	thread->affinity = UINT64_MAX;
	priority_init(thread, &(struct thread_scheduling){ .policy = THREAD_POLICY_NORMAL });
	inherit_init(thread);
	thread->account_weight = 1;
	refcount_init(&thread->references, 1);
}

static void list_thread(struct thread *thread)
{
	spin_lock(&all_threads_lock);
	list_push_back(&all_threads, &thread->all_node);
	spin_unlock(&all_threads_lock);
}

static void unlist_thread(struct thread *thread)
{
	spin_lock(&all_threads_lock);
	list_remove(&thread->all_node);
	spin_unlock(&all_threads_lock);
}

int thread_init(struct thread *thread, const char *name, void (*entry)(void *), void *argument,
		bool user)
{
	const struct thread *parent = thread_current();
	int error;

	set_defaults(thread, name, parent->cpu);
	thread->entry = entry;
	thread->argument = argument;
	thread->user = user;
	if (inherits(thread, parent)) {
		struct thread_scheduling scheduling = priority_for_child(parent);

		priority_init(thread, &scheduling);
		thread->affinity = parent->affinity;
	}
	thread->stack = kernel_stack_allocate();
	if (!thread->stack)
		return -ENOMEM;
	error = arch_thread_init(thread, thread->stack, entry, argument, user);
	if (error) {
		kernel_stack_free(thread->stack);
		return error;
	}
	list_thread(thread);
	return 0;
}

void thread_adopt(struct thread *thread, const char *name, unsigned cpu)
{
	set_defaults(thread, name, cpu);
	thread->state = THREAD_RUNNABLE;
}

/* What thread_init() made. Threads that were adopted have no stack of ours. */
static void free_machine_state(struct thread *thread)
{
	unlist_thread(thread);
	if (!thread->stack)
		return;
	arch_thread_fini(thread);
	kernel_stack_free(thread->stack);
	thread->stack = NULL;
}

void thread_fini(struct thread *thread)
{
	debug_assert(thread->state == THREAD_NEW);
	free_machine_state(thread);
}

void thread_start(struct thread *thread)
{
	thread_get(thread);
	trace_name(thread, thread->name);
	wake_new(thread);
}

int thread_use_vectors(void)
{
	struct thread *self = thread_current();

	debug_assert(!self->user);
	return arch_thread_use_vectors(self);
}

int thread_spawn(const char *name, void (*entry)(void *), void *argument)
{
	struct thread *thread = kmalloc(sizeof(*thread));
	int error;

	if (!thread)
		return -ENOMEM;
	error = thread_init(thread, name, entry, argument, false);
	if (error) {
		kfree(thread);
		return error;
	}
	thread_start(thread);
	thread_put(thread);
	return 0;
}

void thread_get(struct thread *thread)
{
	refcount_get(&thread->references);
}

static void give_to_reaper(struct list *list, struct thread *thread)
{
	irq_state_t state = spin_lock_irqsave(&reaper.lock);

	list_push_back(list, &thread->run_node);
	spin_unlock_irqrestore(&reaper.lock, state);
	thread_wake(&reaper.thread);
}

void thread_put(struct thread *thread)
{
	if (refcount_put(&thread->references))
		give_to_reaper(&reaper.released, thread);
}

void thread_bury(struct thread *thread)
{
	give_to_reaper(&reaper.dead, thread);
}

static struct thread *take(struct list *list)
{
	irq_state_t state = spin_lock_irqsave(&reaper.lock);
	struct list_node *node = list_pop_front(list);

	spin_unlock_irqrestore(&reaper.lock, state);
	return node ? container_of(node, struct thread, run_node) : NULL;
}

static void release(struct thread *thread)
{
	if (thread->release)
		thread->release(thread);
	else
		kfree(thread);
}

static void reap(void *argument)
{
	struct thread *thread;

	(void)argument;
	for (;;) {
		thread_set_state(THREAD_SLEEPING);
		if ((thread = take(&reaper.dead))) {
			thread_set_state(THREAD_RUNNABLE);
			free_machine_state(thread);
			if (refcount_put(&thread->references))
				release(thread);
		} else if ((thread = take(&reaper.released))) {
			thread_set_state(THREAD_RUNNABLE);
			release(thread);
		} else {
			thread_block(DEADLINE_NEVER);
		}
	}
}

void thread_start_reaper(void)
{
	int error = thread_init(&reaper.thread, "reaper", reap, NULL, false);

	assert(error == 0); /* out of memory at boot */
	thread_set_scheduling(&reaper.thread,
			      &(struct thread_scheduling){ .policy = THREAD_POLICY_HIGH });
	thread_start(&reaper.thread);
}

/* Under the list's lock. */
static void visit_all(void (*visit)(struct thread *thread, void *argument), void *argument)
{
	struct list_node *node;

	list_for_each (node, &all_threads)
		visit(container_of(node, struct thread, all_node), argument);
}

void thread_visit(void (*visit)(struct thread *thread, void *argument), void *argument)
{
	spin_lock(&all_threads_lock);
	visit_all(visit, argument);
	spin_unlock(&all_threads_lock);
}

bool thread_try_visit(void (*visit)(struct thread *thread, void *argument), void *argument)
{
	if (!spin_trylock(&all_threads_lock))
		return false;
	visit_all(visit, argument);
	spin_unlock(&all_threads_lock);
	return true;
}

void thread_copy_name(const struct thread *thread, char *name, size_t size)
{
	size_t length = strnlen(thread->name, min_size(size, sizeof(thread->name)) - 1);

	memcpy(name, thread->name, length);
	name[length] = '\0';
}
