/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which domain each function has: root and context tables (VT-d 4.1, 3.4, 9.1, 9.3). */
#include "unit.h"

#include <base/errno.h>
#include <mm/phys/frame.h>

#define ADDRESS_MASK 0x000ffffffffff000ull

/* Of a bus; NULL: none is there. */
static struct vtd_context_entry *table_of(const struct vtd_unit *unit, uint16_t requester)
{
	uint64_t root = unit->root[requester >> 8].low;

	return root & VTD_CONTEXT_PRESENT ? phys_to_virt(root & ADDRESS_MASK) : NULL;
}

int vtd_context_prepare(struct vtd_unit *unit, uint16_t requester)
{
	phys_t page = frame_allocate_page(FRAME_ZERO);
	irq_state_t state;

	if (!page)
		return -ENOMEM;
	vtd_write_back(unit, phys_to_virt(page), PAGE_SIZE);
	state = spin_lock_irqsave(&vtd_domains_lock);
	if (!table_of(unit, requester)) {
		struct vtd_context_entry *root = &unit->root[requester >> 8];

		__atomic_store_n(&root->low, page | VTD_CONTEXT_PRESENT, __ATOMIC_RELEASE);
		vtd_write_back(unit, root, sizeof(*root));
		page = 0;
	}
	spin_unlock_irqrestore(&vtd_domains_lock, state);
	if (page)
		frame_put(frame_at(page));
	return 0;
}

/* What the domain's mode comes to. */
static struct vtd_context_entry entry_of(const struct iommu_domain *domain)
{
	const struct vtd_unit *unit = domain->unit;
	const struct iommu_table *table = NULL;
	struct vtd_context_entry entry = {
		.low = domain->quiet ? VTD_CONTEXT_QUIET : 0,
		.high = (uint64_t)domain->id << VTD_CONTEXT_DOMAIN_SHIFT,
	};

	if (domain->mode == IOMMU_MODE_ALL) {
		entry.low |= VTD_CONTEXT_PRESENT | VTD_CONTEXT_PASS;
		entry.high |= unit->widest;
		return entry;
	}
	if (domain->mode == IOMMU_MODE_MAPPED)
		table = &domain->table;
	else if (domain->reserved_any)
		table = &domain->reserved;
	if (table) {
		entry.low |= VTD_CONTEXT_PRESENT | virt_to_phys(table->root);
		entry.high |= unit->width;
	}
	return entry;
}

/* Never half the old and half the new one: absent in between (6.5.3.3). */
static void write_entry(struct vtd_unit *unit, uint16_t requester, uint16_t domain,
			struct vtd_context_entry value)
{
	struct vtd_context_entry *entry = table_of(unit, requester);

	entry += requester & 0xff;
	if (entry->high == value.high &&
	    ((entry->low ^ value.low) & ~(uint64_t)VTD_CONTEXT_QUIET) == 0) {
		__atomic_store_n(&entry->low, value.low, __ATOMIC_RELEASE);
		vtd_write_back(unit, entry, sizeof(*entry));
		vtd_flush_context(unit, requester, domain);
		return;
	}
	if (entry->low & VTD_CONTEXT_PRESENT) {
		__atomic_store_n(&entry->low, entry->low & VTD_CONTEXT_QUIET, __ATOMIC_RELEASE);
		vtd_write_back(unit, entry, sizeof(*entry));
		vtd_flush_context(unit, requester, domain);
	}
	__atomic_store_n(&entry->high, value.high, __ATOMIC_RELEASE);
	__atomic_store_n(&entry->low, value.low, __ATOMIC_RELEASE);
	vtd_write_back(unit, entry, sizeof(*entry));
	vtd_flush_context(unit, requester, domain);
}

void vtd_context_write(struct iommu_domain *domain)
{
	struct vtd_context_entry entry = entry_of(domain);

	for (unsigned i = 0; i < domain->requester_count; i++)
		write_entry(domain->unit, domain->requesters[i], domain->id, entry);
}

void vtd_context_clear(struct iommu_domain *domain)
{
	for (unsigned i = 0; i < domain->requester_count; i++)
		write_entry(domain->unit, domain->requesters[i], domain->id,
			    (struct vtd_context_entry){ 0 });
}
