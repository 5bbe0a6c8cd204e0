/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Simulated threads: coroutines. */
#include "host.h"
#include "sim_priv.h"

#include <arch/thread.h>
#include <arch/trap.h>
#include <core/panic.h>
#include <sched/thread.h>

static void thread_entry(void)
{
	struct thread *thread = thread_current();

	sched_thread_entered(sim_cpu->previous);
	arch_irq_enable();
	thread->arch.entry(thread->arch.argument);
	thread_exit();
}

int arch_thread_init(struct thread *thread, void *stack, void (*entry)(void *argument),
		     void *argument, bool user)
{
	assert(!user && stack);
	thread->arch.entry = entry;
	thread->arch.argument = argument;
	thread->arch.context = host_context_create(thread_entry);
	return 0;
}

/* The host's compiler uses them everywhere, and its context switch keeps what must be kept. */
int arch_thread_use_vectors(struct thread *thread)
{
	(void)thread;
	return 0;
}

void arch_thread_fini(struct thread *thread)
{
	if (thread->arch.context)
		host_context_destroy(thread->arch.context);
	thread->arch.context = NULL;
}

struct thread *arch_switch(struct thread *from, struct thread *to)
{
	assert(!arch_irq_enabled());
	/* The flows that the CPUs began with become threads without arch_thread_init(). */
	from->arch.context = sim_cpu->running;
	sim_cpu->running = to->arch.context;
	sim_cpu->previous = from;
	sim_cpu->cpu.current = to;
	host_context_switch(from->arch.context, to->arch.context);
	return sim_cpu->previous;
}

/* The stacks are the host's: nobody follows them. */
void arch_thread_place(const struct thread *thread, struct trap_place *place)
{
	(void)thread;
	*place = (struct trap_place){ .irq_enabled = true };
}
