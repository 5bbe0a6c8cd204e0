/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Device interrupts. Handlers run with interrupts off, do the least and defer the rest to
 * work (sched/work.h). Lines may be shared: all handlers of a line run, each time.
 *
 * A line goes to one CPU for as long as that is online; its handlers never run twice at a time. One that comes very often with no
 * handler owning up to it is masked for good, with a message in the log.
 */
#pragma once

#include <base/types.h>

struct irq_handler {
	/* Returns true if the device had raised the interrupt. */
	bool (*handle)(struct irq_handler *handler);
	/* Of messages, or NULL: they stay on their CPU, though it be offline. The device is to write
	 * `data` to `address` from now on, and on return nothing is under way to where it wrote before.
	 * May be called as soon as the message is requested. Under a lock of RANK_IRQ_LINE. */
	void (*retarget)(struct irq_handler *handler, uint64_t address, uint32_t data);
	const char *name;         /* the caller's, until irq_release() */
	struct irq_handler *next; /* irq's */
	unsigned irq;             /* irq's */
};

/* Connects `handler` (storage is the caller's until irq_release) to GSI `irq` and unmasks it.
 * Thread context, as all below up to irq_release(). -EINVAL (no such number), -ENODEV, -ENOSPC,
 * -EBUSY (trigger mode differs from that of a sharer). */
int must_check irq_request(struct irq_handler *handler, unsigned irq, bool level, bool active_low);
/* The same for an ISA line. */
int must_check irq_request_isa(struct irq_handler *handler, unsigned line);
/* The same for a line that a process handles: an ISA line, or above them a GSI as PCI uses it. One
 * that is level-triggered (*level) the handler masks until the process is done, so it shares that
 * with nobody: -EBUSY, also for others that request it meanwhile. */
int must_check irq_request_for_process(struct irq_handler *handler, unsigned line, bool *level);
/* Masks such a level-triggered line, from the handler; lets it come again. Any context. */
void irq_mask(const struct irq_handler *handler);
void irq_unmask(const struct irq_handler *handler);
/* Allocates and connects a message-signalled interrupt, on one CPU after the other. -ENOSPC. */
int must_check irq_request_msi(struct irq_handler *handler, uint64_t *address, uint32_t *data);
/* From now on the line of the connected handler belongs on CPU `cpu` % cpu_count(), and goes there
 * while that is online; of a shared line only the first handler decides. Thread context. */
void irq_direct(struct irq_handler *handler, unsigned cpu);
/* Disconnects; on return the handler does not run on any CPU. */
void irq_release(struct irq_handler *handler);

/* CPU `cpu` goes offline, or is back: what is for it goes to others, or returns. It takes those
 * that are on their way to it yet. Thread context. */
void irq_cpu_leave(unsigned cpu);
void irq_cpu_return(unsigned cpu);

/* How often interrupt `irq` has come since it got its first handler (for /proc/interrupts). */
uint64_t irq_count(unsigned irq);
/* The CPU that interrupt `irq` goes to. */
unsigned irq_cpu(unsigned irq);
/* Copies the name of the first handler of `irq`, cut to `size` bytes; false: it has none. Thread
 * context. */
bool irq_name(unsigned irq, char *name, size_t size);
/* True while this CPU is in an interrupt handler. */
bool irq_in_handler(void);
