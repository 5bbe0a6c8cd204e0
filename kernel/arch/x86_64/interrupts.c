/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * I/O APICs (Intel 82093AA datasheet, 3.2) and interrupt numbers.
 *
 * A number (GSI, or from ARCH_IRQ_MSI_BASE up a message-signalled one) has a vector, the same
 * on all CPUs, from when it is routed.
 */
#include "interrupts.h"

#include "apic.h"
#include "idt.h"
#include "port.h"
#include "smp.h"

#include <arch/irq.h>
#include <arch/platform.h>
#include <arch/trap.h>
#include <base/errno.h>
#include <core/log.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>
#include <sync/spinlock.h>

#define IO_APIC_ID       0x00
#define IO_APIC_SELECT   0x00
#define IO_APIC_WINDOW   0x10
#define IO_APIC_VERSION  0x01
#define IO_APIC_REDIRECT 0x10
#define REDIRECT_LOW     (1u << 13) /* active low */
#define REDIRECT_LEVEL   (1u << 15)
#define REDIRECT_MASKED  (1u << 16)
/* Of one that is remapped (VT-d 4.1, 5.1.5.1): bits 14-0 of the entry in the second word, bit 15 in the first. */
#define REMAP_TOP         (1u << 11)
#define REMAP_TOP_SHIFT   15
#define REMAP_FORMAT      (1u << 16)
#define REMAP_INDEX_SHIFT 17
#define MESSAGE_BASE      0xfee00000ull
#define MESSAGE_CPU_SHIFT 12
#define MESSAGE_LEVEL     (1u << 15)

struct io_apic {
	volatile void *registers;
	uint32_t first_gsi;
	uint32_t lines;
	uint8_t id;
	unsigned first_entry; /* of the remapper's, one for each line; 0: none */
	/* While the machine sleeps: the register of its number, and the two words of each line. */
	uint32_t saved_id;
	uint32_t *saved;
};

static struct io_apic io_apics[PLATFORM_CONTROLLER_MAX];
static unsigned io_apic_count;
static struct platform_isa_override isa_lines[16];
static const struct arch_irq_remapper *remapper; /* NULL: none */

/* The I/O APICs' index registers and the two tables. */
static struct spinlock lock = SPINLOCK_INIT(RANK_IRQ, "io apic");
static uint16_t vector_irq[256];         /* number + 1, 0: free */
static uint8_t irq_vector[ARCH_IRQ_MAX]; /* 0: none */

static uint32_t io_apic_read(const struct io_apic *apic, unsigned index)
{
	register_write32(apic->registers, IO_APIC_SELECT, index);
	return register_read32(apic->registers, IO_APIC_WINDOW);
}

static void io_apic_write(const struct io_apic *apic, unsigned index, uint32_t value)
{
	register_write32(apic->registers, IO_APIC_SELECT, index);
	register_write32(apic->registers, IO_APIC_WINDOW, value);
}

static const struct io_apic *io_apic_of(unsigned gsi, unsigned *line)
{
	for (unsigned i = 0; i < io_apic_count; i++) {
		const struct io_apic *apic = &io_apics[i];

		if (gsi >= apic->first_gsi && gsi - apic->first_gsi < apic->lines) {
			*line = gsi - apic->first_gsi;
			return apic;
		}
	}
	return NULL;
}

static void disable_pics(void)
{
	port_write8(0x21, 0xff);
	port_write8(0xa1, 0xff);
}

void machine_interrupts_init(const struct platform *platform)
{
	disable_pics();
	for (unsigned i = 0; i < 16; i++)
		isa_lines[i] = platform->isa[i];
	for (unsigned i = 0; i < platform->controller_count; i++) {
		struct io_apic *apic = &io_apics[io_apic_count];

		apic->registers =
			kernel_map_device(platform->controllers[i].base, 4096, MMU_UNCACHED);
		if (!apic->registers) {
			log_error("irq", "no room to map I/O APIC %u", i);
			continue;
		}
		apic->first_gsi = platform->controllers[i].first_gsi;
		apic->id = platform->controllers[i].id;
		apic->lines = (io_apic_read(apic, IO_APIC_VERSION) >> 16 & 0xff) + 1;
		apic->saved = kmalloc(2 * apic->lines * sizeof(*apic->saved));
		if (!apic->saved) {
			log_error("irq", "no memory for I/O APIC %u", i);
			continue;
		}
		for (unsigned line = 0; line < apic->lines; line++)
			io_apic_write(apic, IO_APIC_REDIRECT + 2 * line, REDIRECT_MASKED);
		io_apic_count++;
	}
}

void machine_interrupts_save(void)
{
	for (unsigned i = 0; i < io_apic_count; i++) {
		struct io_apic *apic = &io_apics[i];

		apic->saved_id = io_apic_read(apic, IO_APIC_ID);
		for (unsigned index = 0; index < 2 * apic->lines; index++)
			apic->saved[index] = io_apic_read(apic, IO_APIC_REDIRECT + index);
	}
}

void machine_interrupts_restore(void)
{
	disable_pics();
	for (unsigned i = 0; i < io_apic_count; i++) {
		struct io_apic *apic = &io_apics[i];

		io_apic_write(apic, IO_APIC_ID, apic->saved_id);
		/* Where to, before what lets it come. */
		for (unsigned index = 2 * apic->lines; index-- > 0;)
			io_apic_write(apic, IO_APIC_REDIRECT + index, apic->saved[index]);
	}
}

static int allocate_vector(unsigned irq)
{
	if (irq_vector[irq])
		return irq_vector[irq];
	for (unsigned vector = VECTOR_DEVICE_FIRST; vector <= VECTOR_DEVICE_LAST; vector++) {
		if (vector_irq[vector])
			continue;
		vector_irq[vector] = (uint16_t)(irq + 1);
		irq_vector[irq] = (uint8_t)vector;
		return (int)vector;
	}
	return -ENOSPC;
}

static uint64_t message_address(unsigned cpu)
{
	return MESSAGE_BASE | (uint64_t)machine_apic_id_of(cpu) << MESSAGE_CPU_SHIFT;
}

/* Sends the line to a CPU: `low` is the first word of its entry, which stays what it is otherwise. Locked. */
static uint32_t direct_line(const struct io_apic *apic, unsigned line, unsigned cpu, uint32_t low)
{
	unsigned entry = apic->first_entry + line;

	if (!apic->first_entry) {
		io_apic_write(apic, IO_APIC_REDIRECT + 2 * line + 1, machine_apic_id_of(cpu) << 24);
		return low;
	}
	remapper->change(entry, message_address(cpu),
			 (low & 0xff) | (low & REDIRECT_LEVEL ? MESSAGE_LEVEL : 0));
	io_apic_write(apic, IO_APIC_REDIRECT + 2 * line + 1,
		      (entry & 0x7fff) << REMAP_INDEX_SHIFT | REMAP_FORMAT);
	return low | (entry >> REMAP_TOP_SHIFT ? REMAP_TOP : 0);
}

int arch_irq_route(unsigned irq, unsigned cpu, bool level, bool active_low)
{
	const struct io_apic *apic;
	irq_state_t state;
	unsigned line;
	int vector;

	if (irq >= ARCH_IRQ_MSI_BASE)
		return -ENODEV;
	apic = io_apic_of(irq, &line);
	if (!apic)
		return -ENODEV;
	state = spin_lock_irqsave(&lock);
	vector = allocate_vector(irq);
	if (vector > 0) {
		uint32_t low = (uint32_t)vector | REDIRECT_MASKED | (level ? REDIRECT_LEVEL : 0) |
			       (active_low ? REDIRECT_LOW : 0);

		low = direct_line(apic, line, cpu, low);
		io_apic_write(apic, IO_APIC_REDIRECT + 2 * line, low);
	}
	spin_unlock_irqrestore(&lock, state);
	return vector < 0 ? vector : 0;
}

void arch_irq_retarget(unsigned irq, unsigned cpu)
{
	unsigned line;
	const struct io_apic *apic = io_apic_of(irq, &line);
	irq_state_t state;

	if (irq >= ARCH_IRQ_MSI_BASE || !apic)
		return;
	/* Not masked meanwhile: an edge would be lost. The destination is in one of the two halves,
	 * the vector is the same everywhere. The read waits until the write is there. */
	state = spin_lock_irqsave(&lock);
	(void)direct_line(apic, line, cpu, io_apic_read(apic, IO_APIC_REDIRECT + 2 * line));
	(void)io_apic_read(apic, IO_APIC_REDIRECT + 2 * line + 1);
	spin_unlock_irqrestore(&lock, state);
}

static void set_mask(unsigned irq, bool masked)
{
	unsigned line;
	const struct io_apic *apic = io_apic_of(irq, &line);
	irq_state_t state;
	uint32_t entry;

	if (irq >= ARCH_IRQ_MSI_BASE || !apic)
		return;
	state = spin_lock_irqsave(&lock);
	entry = io_apic_read(apic, IO_APIC_REDIRECT + 2 * line) & ~REDIRECT_MASKED;
	io_apic_write(apic, IO_APIC_REDIRECT + 2 * line, entry | (masked ? REDIRECT_MASKED : 0));
	spin_unlock_irqrestore(&lock, state);
}

void arch_irq_mask(unsigned irq)
{
	set_mask(irq, true);
}

void arch_irq_unmask(unsigned irq)
{
	set_mask(irq, false);
}

void arch_irq_isa(unsigned isa_line, unsigned *irq, bool *level, bool *active_low)
{
	const struct platform_isa_override *override = &isa_lines[isa_line & 15];

	*irq = override->present ? override->gsi : isa_line;
	*level = override->present && override->level;
	*active_low = override->present && override->active_low;
}

int arch_irq_msi_allocate(unsigned cpu, unsigned *irq, uint64_t *address, uint32_t *data)
{
	irq_state_t state = spin_lock_irqsave(&lock);
	int vector = -ENOSPC;

	for (unsigned number = ARCH_IRQ_MSI_BASE; number < ARCH_IRQ_MAX; number++) {
		if (irq_vector[number])
			continue;
		vector = allocate_vector(number);
		*irq = number;
		break;
	}
	spin_unlock_irqrestore(&lock, state);
	if (vector < 0)
		return vector;
	arch_irq_msi_message(*irq, cpu, address, data);
	return 0;
}

void arch_irq_msi_message(unsigned irq, unsigned cpu, uint64_t *address, uint32_t *data)
{
	*address = message_address(cpu);
	*data = irq_vector[irq];
}

void arch_irq_msi_free(unsigned irq)
{
	irq_state_t state = spin_lock_irqsave(&lock);

	if (irq >= ARCH_IRQ_MSI_BASE && irq < ARCH_IRQ_MAX && irq_vector[irq]) {
		vector_irq[irq_vector[irq]] = 0;
		irq_vector[irq] = 0;
	}
	spin_unlock_irqrestore(&lock, state);
}

void machine_device_interrupt(unsigned vector)
{
	uint16_t number = vector_irq[vector];

	if (number)
		trap_interrupt(number - 1u);
	machine_apic_end_of_interrupt();
}

/* --- Remapping. --- */

bool arch_irq_controller(unsigned index, uint8_t *id)
{
	if (index >= io_apic_count)
		return false;
	*id = io_apics[index].id;
	return true;
}

/* The CPU that a line goes to so far. */
static unsigned cpu_of_line(uint32_t high)
{
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		if (machine_apic_id_of(cpu) == high >> 24)
			return cpu;
	return 0;
}

static void remap_lines(struct io_apic *apic)
{
	for (unsigned line = 0; line < apic->lines; line++) {
		uint32_t low = io_apic_read(apic, IO_APIC_REDIRECT + 2 * line);
		uint32_t high = io_apic_read(apic, IO_APIC_REDIRECT + 2 * line + 1);

		apic->saved[line] = low & REDIRECT_MASKED;
		io_apic_write(apic, IO_APIC_REDIRECT + 2 * line, low | REDIRECT_MASKED);
		low = direct_line(apic, line, cpu_of_line(high), low | REDIRECT_MASKED);
		io_apic_write(apic, IO_APIC_REDIRECT + 2 * line, low);
	}
}

void arch_irq_remap_begin(const struct arch_irq_remapper *by)
{
	irq_state_t state;

	remapper = by;
	for (unsigned i = 0; i < io_apic_count; i++) {
		unsigned first = by->create_lines(io_apics[i].id, io_apics[i].lines);

		state = spin_lock_irqsave(&lock);
		io_apics[i].first_entry = first;
		if (first)
			remap_lines(&io_apics[i]);
		spin_unlock_irqrestore(&lock, state);
	}
}

void arch_irq_remap_end(void)
{
	irq_state_t state = spin_lock_irqsave(&lock);

	for (unsigned i = 0; i < io_apic_count; i++) {
		const struct io_apic *apic = &io_apics[i];

		for (unsigned line = 0; apic->first_entry && line < apic->lines; line++) {
			uint32_t low = io_apic_read(apic, IO_APIC_REDIRECT + 2 * line);

			io_apic_write(apic, IO_APIC_REDIRECT + 2 * line,
				      (low & ~REDIRECT_MASKED) | apic->saved[line]);
		}
	}
	spin_unlock_irqrestore(&lock, state);
}
