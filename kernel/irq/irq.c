/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Device interrupts: which handlers a line has, and their dispatch.
 *
 * Dispatch takes no lock, since handlers take those of their devices, which come first in the
 * lock order. A line goes to one CPU, but when it is moved to another, both may be interrupted at
 * the same time: who comes second leaves it to the first to run the handlers once more. So one
 * sequence number per line, odd while handlers run, tells irq_release() when nobody can still see
 * the handler that it took out.
 */
#include <arch/irq.h>
#include <arch/trap.h>
#include <base/errno.h>
#include <base/string.h>
#include <core/log.h>
#include <core/panic.h>
#include <irq/irq.h>
#include <sync/spinlock.h>
#include <trace/trace.h>

#include <stdatomic.h>

/* A line that comes this often in a row without a handler owning up to it is masked. */
#define UNCLAIMED_MAX 100000
#define ISA_LINES     16

struct irq_line {
	/* Under lines_lock; `handlers` and their `next` are also walked without by dispatch. */
	struct irq_handler *handlers;
	unsigned cpu;  /* where it goes */
	unsigned home; /* where it goes when that one is online */
	bool level, active_low, message;
	bool exclusive; /* the handler is a process's, and takes no other beside it */

	_Atomic uint32_t arrived; /* interrupts that no handler has run for yet */
	/* Written by the CPU that runs the handlers. */
	_Atomic uint32_t sequence; /* odd while handlers run */
	uint32_t unclaimed;        /* times in a row that no handler owned up */
	_Atomic uint64_t count;
};

static struct irq_line lines[ARCH_IRQ_MAX];
static struct spinlock lines_lock = SPINLOCK_INIT(RANK_IRQ_LINE, "interrupt lines");
static unsigned next_message_cpu; /* lines_lock */
static uint64_t offline;          /* lines_lock: CPUs that take no interrupts, a bit each */

/* The lists are read without the lock, so their links change by single stores. */
static struct irq_handler *link_load(struct irq_handler *const *link)
{
	return __atomic_load_n(link, __ATOMIC_ACQUIRE);
}

static void link_store(struct irq_handler **link, struct irq_handler *handler)
{
	__atomic_store_n(link, handler, __ATOMIC_RELEASE);
}

static void give_up(unsigned irq, struct irq_line *line)
{
	const struct irq_handler *first = link_load(&line->handlers);

	arch_irq_mask(irq);
	log_error("irq", "interrupt %u (%s): nobody handles it; masked", irq,
		  first ? first->name : "no handler");
}

static void run_handlers(unsigned irq, struct irq_line *line)
{
	bool claimed = false;

	trace_irq_enter(irq);
	atomic_fetch_add(&line->sequence, 1);
	for (struct irq_handler *handler = link_load(&line->handlers); handler;
	     handler = link_load(&handler->next))
		claimed |= handler->handle(handler);
	atomic_fetch_add(&line->sequence, 1);
	atomic_fetch_add_explicit(&line->count, 1, memory_order_relaxed);
	if (claimed)
		line->unclaimed = 0;
	else if (++line->unclaimed == UNCLAIMED_MAX)
		give_up(irq, line);
	trace_irq_leave(irq);
}

void trap_interrupt(unsigned irq)
{
	struct irq_line *line;
	uint32_t arrived;

	if (irq >= ARCH_IRQ_MAX) {
		log_error("irq", "interrupt %u does not exist", irq);
		return;
	}
	line = &lines[irq];
	if (atomic_fetch_add(&line->arrived, 1) != 0)
		return;
	do {
		arrived = atomic_load(&line->arrived);
		run_handlers(irq, line);
	} while (atomic_fetch_sub(&line->arrived, arrived) != arrived);
}

/* The CPU for a line whose home is `home`: that one, or the next that is online. Under
 * lines_lock. */
static unsigned cpu_for(unsigned home)
{
	unsigned cpu = home;

	while (offline >> cpu & 1)
		cpu = (cpu + 1) % cpu_count();
	return cpu;
}

/* Under lines_lock. */
static void move_line(unsigned irq, struct irq_line *line, unsigned cpu)
{
	uint64_t address;
	uint32_t data;

	line->cpu = cpu;
	if (!line->message) {
		arch_irq_retarget(irq, cpu);
	} else if (line->handlers->retarget) {
		arch_irq_msi_message(irq, cpu, &address, &data);
		line->handlers->retarget(line->handlers, address, data);
	}
}

/* Sends each line where it belongs now. Under lines_lock. */
static void move_lines(void)
{
	for (unsigned irq = 0; irq < ARCH_IRQ_MAX; irq++) {
		struct irq_line *line = &lines[irq];

		if (line->handlers && line->cpu != cpu_for(line->home))
			move_line(irq, line, cpu_for(line->home));
	}
}

void irq_cpu_leave(unsigned cpu)
{
	spin_lock(&lines_lock);
	offline |= (uint64_t)1 << cpu;
	move_lines();
	spin_unlock(&lines_lock);
}

void irq_cpu_return(unsigned cpu)
{
	spin_lock(&lines_lock);
	offline &= ~((uint64_t)1 << cpu);
	move_lines();
	spin_unlock(&lines_lock);
}

void irq_direct(struct irq_handler *handler, unsigned cpu)
{
	struct irq_line *line = &lines[handler->irq];

	spin_lock(&lines_lock);
	/* A shared line stays where the first of those who share it wanted it. */
	if (line->handlers == handler && (!line->message || handler->retarget)) {
		line->home = cpu % cpu_count();
		if (line->cpu != cpu_for(line->home))
			move_line(handler->irq, line, cpu_for(line->home));
	}
	spin_unlock(&lines_lock);
}

static void add_handler(struct irq_line *line, struct irq_handler *handler, unsigned irq)
{
	struct irq_handler **link = &line->handlers;

	handler->irq = irq;
	handler->next = NULL;
	while (*link)
		link = &(*link)->next;
	link_store(link, handler);
}

/* A line without handlers begins afresh. Under lines_lock, before it is unmasked. */
static void set_up_line(struct irq_line *line, bool level, bool active_low, unsigned home)
{
	line->level = level;
	line->active_low = active_low;
	line->message = false;
	line->exclusive = false;
	line->home = home;
	line->cpu = cpu_for(home);
	line->unclaimed = 0;
	line->count = 0;
}

static int connect(struct irq_handler *handler, unsigned irq, bool level, bool active_low,
		   bool exclusive)
{
	struct irq_line *line;
	int error = 0;

	if (irq >= ARCH_IRQ_MSI_BASE)
		return -EINVAL;
	line = &lines[irq];
	spin_lock(&lines_lock);
	if (!line->handlers) {
		error = arch_irq_route(irq, cpu_for(0), level, active_low);
		if (error)
			goto unlock;
		set_up_line(line, level, active_low, 0);
		line->exclusive = exclusive;
		add_handler(line, handler, irq);
		arch_irq_unmask(irq);
	} else if (line->level == level && line->active_low == active_low && !exclusive &&
		   !line->exclusive) {
		add_handler(line, handler, irq);
	} else {
		error = -EBUSY;
	}
unlock:
	spin_unlock(&lines_lock);
	return error;
}

int irq_request(struct irq_handler *handler, unsigned irq, bool level, bool active_low)
{
	return connect(handler, irq, level, active_low, false);
}

int irq_request_for_process(struct irq_handler *handler, unsigned line, bool *level)
{
	bool active_low = true;
	unsigned irq = line;

	*level = true;
	if (line < ISA_LINES)
		arch_irq_isa(line, &irq, level, &active_low);
	return connect(handler, irq, *level, active_low, *level);
}

void irq_mask(const struct irq_handler *handler)
{
	arch_irq_mask(handler->irq);
}

void irq_unmask(const struct irq_handler *handler)
{
	arch_irq_unmask(handler->irq);
}

int irq_request_isa(struct irq_handler *handler, unsigned line)
{
	bool level, active_low;
	unsigned irq;

	if (line >= ISA_LINES)
		return -EINVAL;
	arch_irq_isa(line, &irq, &level, &active_low);
	return irq_request(handler, irq, level, active_low);
}

int irq_request_msi(struct irq_handler *handler, uint64_t *address, uint32_t *data)
{
	unsigned irq, home;
	int error;

	spin_lock(&lines_lock);
	home = next_message_cpu++ % cpu_count();
	error = arch_irq_msi_allocate(cpu_for(home), &irq, address, data);
	if (!error) {
		set_up_line(&lines[irq], false, false, home);
		lines[irq].message = true;
		add_handler(&lines[irq], handler, irq);
		arch_irq_unmask(irq);
	}
	spin_unlock(&lines_lock);
	return error;
}

/* Takes `handler` out of its line. True if it was the last one. */
static bool remove_handler(struct irq_line *line, struct irq_handler *handler)
{
	struct irq_handler **link = &line->handlers;
	bool last;

	spin_lock(&lines_lock);
	while (*link != handler) {
		assert(*link != NULL); /* else it was never requested, or released twice */
		link = &(*link)->next;
	}
	link_store(link, handler->next);
	last = !line->handlers;
	if (last)
		arch_irq_mask(handler->irq);
	spin_unlock(&lines_lock);
	return last;
}

void irq_release(struct irq_handler *handler)
{
	struct irq_line *line = &lines[handler->irq];
	bool last = remove_handler(line, handler);
	uint32_t sequence;

	debug_assert(!irq_in_handler());
	/* Orders taking it out before the look at the sequence; dispatch has the same the other
	 * way round in its atomic_fetch_add(). */
	atomic_thread_fence(memory_order_seq_cst);
	sequence = atomic_load(&line->sequence);
	while ((sequence & 1) && atomic_load(&line->sequence) == sequence)
		arch_cpu_relax();
	if (last && line->message)
		arch_irq_msi_free(handler->irq);
}

uint64_t irq_count(unsigned irq)
{
	return irq < ARCH_IRQ_MAX ? atomic_load_explicit(&lines[irq].count, memory_order_relaxed)
				  : 0;
}

unsigned irq_cpu(unsigned irq)
{
	return irq < ARCH_IRQ_MAX ? lines[irq].cpu : 0;
}

bool irq_name(unsigned irq, char *name, size_t size)
{
	const struct irq_handler *first;

	if (irq >= ARCH_IRQ_MAX)
		return false;
	spin_lock(&lines_lock);
	first = lines[irq].handlers;
	if (first)
		string_copy(name, first->name, size);
	spin_unlock(&lines_lock);
	return first;
}

bool irq_in_handler(void)
{
	/* Without interrupts the thread cannot move to another CPU between the two loads. */
	unsigned long state = arch_irq_save();
	bool inside = arch_this_cpu()->irq_depth != 0;

	arch_irq_restore(state);
	return inside;
}
