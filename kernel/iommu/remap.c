/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Interrupt remapping (VT-d 4.1, 5.1): what devices and I/O APICs send names an entry of a table, which says who may use it and
 * which interrupt it is. All units have one table.
 */
#include "unit.h"

#include <arch/irq.h>
#include <base/errno.h>
#include <core/log.h>
#include <mm/phys/frame.h>

#define ENTRY_COUNT 1024u
#define TABLE_ORDER 2
#define TABLE_SIZE  9 /* 2^(n + 1) entries */
#define TABLE_WIDE  (1ull << 11)

/* 9.9. */
struct remap_entry {
	uint64_t low, high;
};
_Static_assert(sizeof(struct remap_entry) * ENTRY_COUNT == (size_t)PAGE_SIZE << TABLE_ORDER,
	       "the table's size");
#define ENTRY_PRESENT      (1ull << 0)
#define ENTRY_LEVEL        (1ull << 4)
#define ENTRY_VECTOR_SHIFT 16
#define ENTRY_CPU_SHIFT    40 /* with destinations of 8 bits */
#define ENTRY_WIDE_SHIFT   32
#define SOURCE_ONE         (1ull << 18)
#define SOURCE_BUSES       (2ull << 18)

/* Messages without remapping (Intel SDM volume 3, 10.11), */
#define MESSAGE_CPU_SHIFT 12
#define MESSAGE_CPU_MASK  0xffu
#define MESSAGE_LEVEL     (1u << 15)
#define MESSAGE_VECTOR    0xffu
/* and with it (5.1.2.2). */
#define MESSAGE_BASE        0xfee00000ull
#define MESSAGE_REMAPS      (1u << 4)
#define MESSAGE_INDEX_SHIFT 5
#define MESSAGE_INDEX_MASK  0x7fffu
#define MESSAGE_TOP_SHIFT   2 /* where bit 15 of the index goes */

static struct remap_entry *table; /* NULL: interrupts are not remapped */
/* Which entries are taken, and by whom they are cached. */
static struct spinlock entries_lock = SPINLOCK_INIT(RANK_LEAF, "iommu interrupts");
static struct vtd_unit *owners[ENTRY_COUNT]; /* entries_lock; NULL: free */

bool iommu_remaps_interrupts(void)
{
	return table;
}

void vtd_remap_set(struct vtd_unit *unit)
{
	vtd_write64(unit, VTD_REMAP_TABLE,
		    virt_to_phys(table) | TABLE_SIZE |
			    (arch_irq_wide_destinations() ? TABLE_WIDE : 0));
}

/* `count` entries in a row; 0: there are none. The first is nobody's, so that 0 is none. */
static unsigned allocate(struct vtd_unit *unit, unsigned count)
{
	irq_state_t state = spin_lock_irqsave(&entries_lock);
	unsigned first = 1, length = 0;

	for (unsigned i = 1; i < ENTRY_COUNT && length < count; i++) {
		if (owners[i]) {
			first = i + 1;
			length = 0;
		} else {
			length++;
		}
	}
	for (unsigned i = 0; length == count && i < count; i++)
		owners[first + i] = unit;
	spin_unlock_irqrestore(&entries_lock, state);
	return length == count ? first : 0;
}

/* Who may use the entry stays; where it leads changes at once, since that is in one word. */
void iommu_message_change(unsigned number, uint64_t address, uint32_t data)
{
	struct remap_entry *entry = &table[number];
	uint64_t cpu = address >> MESSAGE_CPU_SHIFT & MESSAGE_CPU_MASK;

	__atomic_store_n(
		&entry->low,
		ENTRY_PRESENT | (data & MESSAGE_LEVEL ? ENTRY_LEVEL : 0) |
			(uint64_t)(data & MESSAGE_VECTOR) << ENTRY_VECTOR_SHIFT |
			cpu << (arch_irq_wide_destinations() ? ENTRY_WIDE_SHIFT : ENTRY_CPU_SHIFT),
		__ATOMIC_RELEASE);
	vtd_write_back(owners[number], entry, sizeof(*entry));
	vtd_flush_interrupt(owners[number], number);
}

static void set_source(unsigned number, uint64_t source)
{
	__atomic_store_n(&table[number].high, source, __ATOMIC_RELEASE);
}

/* Behind a bridge to conventional PCI, whatever is there may be the sender. */
static uint64_t source_of(const struct iommu_domain *domain)
{
	uint16_t name = domain->requesters[0];
	uint64_t bus = name >> 8;

	if (domain->requester_count > 1 && (name & 0xff) == 0)
		return SOURCE_BUSES | bus << 8 | bus;
	return SOURCE_ONE | name;
}

int iommu_message_create(struct iommu_domain *domain, uint64_t *address, uint32_t *data,
			 unsigned *number)
{
	*number = 0;
	if (!table || !domain || !domain->unit->remaps)
		return 0;
	*number = allocate(domain->unit, 1);
	if (!*number)
		return -ENOSPC;
	set_source(*number, source_of(domain));
	iommu_message_change(*number, *address, *data);
	*address = MESSAGE_BASE | (*number & MESSAGE_INDEX_MASK) << MESSAGE_INDEX_SHIFT |
		   MESSAGE_REMAPS | (*number >> 15) << MESSAGE_TOP_SHIFT;
	*data = 0;
	return 0;
}

void iommu_message_destroy(unsigned number)
{
	irq_state_t state;

	if (!number)
		return;
	__atomic_store_n(&table[number].low, 0, __ATOMIC_RELEASE);
	vtd_write_back(owners[number], &table[number], sizeof(table[number]));
	vtd_flush_interrupt(owners[number], number);
	state = spin_lock_irqsave(&entries_lock);
	owners[number] = NULL;
	spin_unlock_irqrestore(&entries_lock, state);
}

/* --- I/O APICs. --- */

/* The unit that an I/O APIC's interrupts pass, and as which requester. */
static struct vtd_unit *unit_of_controller(uint8_t id, uint16_t *requester)
{
	for (unsigned i = 0; i < vtd_unit_count(); i++) {
		const struct acpi_iommu_unit *unit = vtd_unit(i)->firmware;

		for (unsigned n = 0; n < unit->scope_count; n++) {
			const struct acpi_iommu_scope *scope =
				&acpi_iommu()->scopes[unit->first_scope + n];

			if (scope->kind != ACPI_SCOPE_IO_APIC || scope->id != id ||
			    scope->path_length != 1)
				continue;
			*requester = scope->first;
			return vtd_unit(i);
		}
	}
	return NULL;
}

static unsigned create_lines(uint8_t controller, unsigned count)
{
	uint16_t requester;
	struct vtd_unit *unit = unit_of_controller(controller, &requester);
	unsigned first = unit && unit->remaps ? allocate(unit, count) : 0;

	for (unsigned i = 0; first && i < count; i++)
		set_source(first + i, SOURCE_ONE | requester);
	return first;
}

static const struct arch_irq_remapper remapper = {
	.create_lines = create_lines,
	.change = iommu_message_change,
};

/* An I/O APIC that no unit is told to be for could send nothing any more. */
static bool all_controllers_known(void)
{
	uint16_t requester;
	uint8_t id;

	for (unsigned i = 0; arch_irq_controller(i, &id); i++) {
		if (!unit_of_controller(id, &requester)) {
			log_warning("iommu",
				    "firmware does not tell of I/O APIC %u: interrupts are "
				    "not remapped",
				    id);
			return false;
		}
	}
	return true;
}

void vtd_remap_start(void)
{
	struct frame *frame = NULL;
	bool any = false;

	for (unsigned i = 0; i < vtd_unit_count(); i++)
		any |= vtd_unit(i)->remaps;
	if (any && all_controllers_known())
		frame = frame_allocate(TABLE_ORDER, FRAME_ZERO);
	for (unsigned i = 0; !frame && i < vtd_unit_count(); i++)
		vtd_unit(i)->remaps = false;
	if (!frame)
		return;
	table = frame_address(frame);
	for (unsigned i = 0; i < vtd_unit_count(); i++)
		vtd_write_back(vtd_unit(i), table, (size_t)PAGE_SIZE << TABLE_ORDER);
}

void vtd_remap_controllers_begin(void)
{
	if (table)
		arch_irq_remap_begin(&remapper);
}

void vtd_remap_controllers_end(void)
{
	if (table)
		arch_irq_remap_end();
}
