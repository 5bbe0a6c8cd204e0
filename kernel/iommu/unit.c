/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The units: what each can do, and switching them on and off. */
#include "unit.h"

#include <arch/cpu.h>
#include <arch/irq.h>
#include <base/bits.h>
#include <core/log.h>
#include <mm/phys/frame.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>
#include <time/clock.h>

#define ANSWER_WAIT     (NS_PER_SECOND / 2)
#define DOMAIN_IDS      1024u
#define LEVELS_FIRST    3
#define LEVELS_LAST     5
#define LEVEL_BITS      9
#define ENTRY_SNOOPS    (1ull << 11)
#define PROTECTED_ON    (1u << 31)
#define PROTECTED_STATE (1u << 0)

static struct vtd_unit *units[ACPI_IOMMU_UNITS];
static unsigned unit_count;

unsigned vtd_unit_count(void)
{
	return unit_count;
}

struct vtd_unit *vtd_unit(unsigned index)
{
	return units[index];
}

uint32_t vtd_read32(const struct vtd_unit *unit, size_t offset)
{
	return *(const volatile uint32_t *)(unit->registers + offset);
}

uint64_t vtd_read64(const struct vtd_unit *unit, size_t offset)
{
	return *(const volatile uint64_t *)(unit->registers + offset);
}

void vtd_write32(struct vtd_unit *unit, size_t offset, uint32_t value)
{
	*(volatile uint32_t *)(unit->registers + offset) = value;
}

void vtd_write64(struct vtd_unit *unit, size_t offset, uint64_t value)
{
	*(volatile uint64_t *)(unit->registers + offset) = value;
}

void vtd_write_back(const struct vtd_unit *unit, const void *address, size_t length)
{
	__atomic_thread_fence(__ATOMIC_RELEASE);
	if (!unit->coherent)
		arch_cache_write_back(address, length);
}

/* --- Commands. --- */

static bool wait_for(struct vtd_unit *unit, size_t offset, uint32_t mask, uint32_t value)
{
	uint64_t deadline = clock_monotonic_ns() + ANSWER_WAIT;

	while ((vtd_read32(unit, offset) & mask) != value) {
		if (clock_monotonic_ns() > deadline)
			return false;
		arch_cpu_relax();
	}
	return true;
}

/* Bits that are on stay on, but for those that begin something, which read as 0 or are done. */
static bool command(struct vtd_unit *unit, uint32_t bit, bool on)
{
	const uint32_t lasting = VTD_TRANSLATES | VTD_QUEUED | VTD_REMAPS;
	uint32_t now = vtd_read32(unit, VTD_STATUS) & lasting;

	vtd_write32(unit, VTD_COMMAND, on ? now | bit : now & ~bit);
	if (wait_for(unit, VTD_STATUS, bit, on ? bit : 0))
		return true;
	log_error("iommu", "the unit at %#lx does not obey", (unsigned long)unit->firmware->base);
	return false;
}

/* Firmware's, which would keep devices from memory that is ours. */
static void lift_protection(struct vtd_unit *unit)
{
	if (!(unit->capability & VTD_CAP_PROTECTED) ||
	    !(vtd_read32(unit, VTD_PROTECTED) & PROTECTED_STATE))
		return;
	vtd_write32(unit, VTD_PROTECTED, vtd_read32(unit, VTD_PROTECTED) & ~PROTECTED_ON);
	if (!wait_for(unit, VTD_PROTECTED, PROTECTED_STATE, 0))
		log_warning("iommu", "firmware's protected memory stays so");
}

void vtd_unit_enable(struct vtd_unit *unit)
{
	vtd_write64(unit, VTD_ROOT, virt_to_phys(unit->root));
	command(unit, VTD_ROOT_SET, true);
	if (unit->queue) {
		vtd_queue_start(unit);
		command(unit, VTD_QUEUED, true);
	}
	unit->on = true;
	vtd_flush_all(unit);
	if (unit->remaps) {
		vtd_remap_set(unit);
		command(unit, VTD_REMAP_SET, true);
		vtd_flush_all(unit);
		command(unit, VTD_REMAPS, true);
	}
	command(unit, VTD_TRANSLATES, true);
	lift_protection(unit);
}

void vtd_unit_disable(struct vtd_unit *unit)
{
	uint32_t status = vtd_read32(unit, VTD_STATUS);

	unit->on = false;
	if (status & VTD_TRANSLATES)
		command(unit, VTD_TRANSLATES, false);
	if (status & VTD_REMAPS)
		command(unit, VTD_REMAPS, false);
	if (status & VTD_QUEUED)
		command(unit, VTD_QUEUED, false);
}

/* --- Finding out. --- */

/* The fewest levels by which all memory is reached, else the most there are. */
static bool choose_levels(struct vtd_unit *unit)
{
	unsigned supported = VTD_CAP_LEVELS(unit->capability);

	for (unsigned levels = LEVELS_FIRST; levels <= LEVELS_LAST; levels++) {
		bool enough = PAGE_SHIFT + LEVEL_BITS * unit->levels >= arch_physical_bits();

		if (!(supported >> (levels - 2) & 1))
			continue;
		unit->widest = levels - 2;
		if (!enough || !unit->levels)
			unit->levels = levels;
	}
	unit->width = unit->levels - 2;
	return unit->levels != 0;
}

static void *allocate_page(struct vtd_unit *unit)
{
	phys_t page = frame_allocate_page(FRAME_ZERO);

	if (!page)
		return NULL;
	vtd_write_back(unit, phys_to_virt(page), PAGE_SIZE);
	return phys_to_virt(page);
}

static void free_page(const volatile void *page)
{
	if (page)
		frame_put(frame_at(virt_to_phys((const void *)page)));
}

static bool allocate_memory(struct vtd_unit *unit)
{
	unit->domain_id_count = (unsigned)min_u64(VTD_CAP_DOMAINS(unit->capability), DOMAIN_IDS);
	unit->domain_ids = kcalloc((unit->domain_id_count + 63) / 64, sizeof(*unit->domain_ids));
	unit->root = allocate_page(unit);
	if (!unit->domain_ids || !unit->root)
		return false;
	unit->domain_ids[0] = 1; /* of units that cache what is absent it is another's (6.2.2.1) */
	if (!(unit->extended & VTD_EXT_QUEUE))
		return true;
	unit->queue = allocate_page(unit);
	unit->answer = allocate_page(unit);
	return unit->queue && unit->answer;
}

static bool prepare(struct vtd_unit *unit)
{
	unit->registers = kernel_map_device(unit->firmware->base, VTD_REGISTERS_SIZE, MMU_UNCACHED);
	if (!unit->registers)
		return false;
	unit->capability = vtd_read64(unit, VTD_CAPABILITY);
	unit->extended = vtd_read64(unit, VTD_EXTENDED);
	unit->coherent = unit->extended & VTD_EXT_COHERENT;
	unit->remaps = acpi_iommu()->remaps_interrupts && unit->extended & VTD_EXT_REMAPS &&
		       unit->extended & VTD_EXT_QUEUE &&
		       (!arch_irq_wide_destinations() || unit->extended & VTD_EXT_WIDE);
	if (unit->capability == UINT64_MAX || !choose_levels(unit)) {
		log_warning("iommu", "the unit at %#lx cannot be used",
			    (unsigned long)unit->firmware->base);
		return false;
	}
	/* Fault records and the registers of the TLB may lie further on. */
	if (VTD_CAP_FAULTS_AT(unit->capability) + 16 * VTD_CAP_FAULTS(unit->capability) >
		    VTD_REGISTERS_SIZE ||
	    VTD_EXT_TLB_AT(unit->extended) + 16 > VTD_REGISTERS_SIZE) {
		log_warning("iommu", "the unit at %#lx has registers too far away",
			    (unsigned long)unit->firmware->base);
		return false;
	}
	return allocate_memory(unit);
}

static void destroy(struct vtd_unit *unit)
{
	if (unit->registers)
		kernel_unmap_device((void *)unit->registers, VTD_REGISTERS_SIZE);
	free_page(unit->queue);
	free_page(unit->answer);
	free_page(unit->root);
	kfree(unit->domain_ids);
	kfree(unit);
}

static void add_unit(const struct acpi_iommu_unit *firmware)
{
	struct vtd_unit *unit = kzalloc(sizeof(*unit));

	if (!unit)
		return;
	spinlock_init(&unit->lock, RANK_LEAF, "iommu unit");
	unit->firmware = firmware;
	if (!prepare(unit)) {
		destroy(unit);
		return;
	}
	units[unit_count++] = unit;
}

void vtd_units_start(void)
{
	for (unsigned i = 0; i < acpi_iommu()->unit_count; i++) {
		if (acpi_iommu()->units[i].kind == ACPI_IOMMU_INTEL)
			add_unit(&acpi_iommu()->units[i]);
	}
}
