/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arch contract: interrupt controllers and the time base.
 *
 * Device interrupts are numbered by GSI (ACPI's global system interrupts); message-signalled
 * ones get numbers from ARCH_IRQ_MSI_BASE up.
 */
#pragma once

#include <base/types.h>

#define ARCH_IRQ_MAX      512
#define ARCH_IRQ_MSI_BASE 256

/* Connects GSI `irq` to `cpu` and leaves it masked. trap_interrupt(irq) is called for each.
 * -ENODEV: no controller has it; -ENOSPC: no vector left. */
int must_check arch_irq_route(unsigned irq, unsigned cpu, bool level, bool active_low);
/* Sends GSI `irq`, which is routed, to another CPU; none is lost. */
void arch_irq_retarget(unsigned irq, unsigned cpu);
void arch_irq_mask(unsigned irq);
void arch_irq_unmask(unsigned irq);
/* The GSI and polarity of an ISA interrupt line (0-15), after the MADT's overrides. */
void arch_irq_isa(unsigned line, unsigned *irq, bool *level, bool *active_low);
/* A message-signalled interrupt: allocates a number and tells what the device must write.
 * -ENOSPC. */
int must_check arch_irq_msi_allocate(unsigned cpu, unsigned *irq, uint64_t *address,
				     uint32_t *data);
/* What the device must write for `irq`, which is allocated, to go to another CPU. */
void arch_irq_msi_message(unsigned irq, unsigned cpu, uint64_t *address, uint32_t *data);
void arch_irq_msi_free(unsigned irq);

/*
 * Remapping: what interrupt controllers send names an entry of the IOMMU's table, and that says where it leads.
 */
struct arch_irq_remapper {
	/* Entries for the lines of the controller with that id, in a row; the first, or 0: it sends as before. */
	unsigned (*create_lines)(uint8_t controller, unsigned count);
	/* Where an entry leads, as a message without remapping would say it. Under a lock of RANK_IRQ. */
	void (*change)(unsigned entry, uint64_t address, uint32_t data);
};
/* The id of controller `index`, from 0; false: there are no more. */
bool arch_irq_controller(unsigned index, uint8_t *id);
/* From now on lines are sent by way of the remapper, but none before the second call. Once. */
void arch_irq_remap_begin(const struct arch_irq_remapper *remapper);
void arch_irq_remap_end(void);
/* Whether the CPUs' numbers in messages that were remapped have 32 bits. */
bool arch_irq_wide_destinations(void);

/* Nanoseconds since boot, monotonic across CPUs. */
uint64_t arch_clock_ns(void);
/* Seconds since 1970 from the battery-backed clock; read once at boot. */
uint64_t arch_clock_wall_seconds(void);
/* Arms this CPU's one-shot timer for the absolute time `deadline` (in the past: at once;
 * UINT64_MAX: disarm). Interrupts off. */
void arch_timer_arm(uint64_t deadline_ns);
