/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For fat_fuzz.c: what the kernel calls of parts that are not linked, and never does there. */
#include <arch/trap.h>
#include <base/errno.h>
#include <core/log.h>
#include <irq/irq.h>

#include "fuzz.h"

int trap_page_fault(uintptr_t address, unsigned access)
{
	(void)address;
	(void)access;
	return -EFAULT;
}

void log_set_notify(void (*notify)(void))
{
	(void)notify;
}

uint64_t log_end(void)
{
	return 0;
}

size_t log_read(uint64_t *position, char *buffer, size_t size)
{
	(void)position;
	(void)buffer;
	(void)size;
	return 0;
}

int irq_request_for_process(struct irq_handler *handler, unsigned line, bool *level)
{
	(void)handler;
	(void)line;
	(void)level;
	return -ENODEV;
}

void irq_mask(const struct irq_handler *handler)
{
	(void)handler;
	__builtin_trap();
}

void irq_unmask(const struct irq_handler *handler)
{
	(void)handler;
	__builtin_trap();
}

void irq_release(struct irq_handler *handler)
{
	(void)handler;
	__builtin_trap();
}

void irq_cpu_leave(unsigned cpu)
{
	(void)cpu;
	__builtin_trap();
}

void irq_cpu_return(unsigned cpu)
{
	(void)cpu;
	__builtin_trap();
}
