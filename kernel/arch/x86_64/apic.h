/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The local APIC, in xAPIC or x2APIC mode (Intel SDM volume 3, chapter 11).
 */
#pragma once

#include <base/types.h>

/* Maps the registers (boot CPU), and enables the APIC of the calling CPU. */
void machine_apic_init(uint64_t physical_base);
void machine_apic_enable(void);
uint32_t machine_apic_id(void);
void machine_apic_end_of_interrupt(void);

/* Whether an interrupt waits for this CPU to enable them. */
bool machine_apic_interrupt_requested(void);

/* Whether messages can be addressed to that APIC alone. */
bool machine_apic_reaches(uint32_t apic_id);

/* Inter-processor interrupts to one APIC. */
void machine_apic_send(uint32_t apic_id, unsigned vector);
void machine_apic_send_init(uint32_t apic_id);
/* `page` is the trampoline's physical address / 4096. */
void machine_apic_send_startup(uint32_t apic_id, unsigned page);
void machine_apic_send_nmi(uint32_t apic_id);

/* The timer: one-shot with a count of its own ticks, or a deadline in TSC ticks. */
void machine_apic_timer_setup(bool tsc_deadline);
void machine_apic_timer_start(uint32_t count);
uint32_t machine_apic_timer_remaining(void);
